//! What a disk does to a journal: it is cut short, or a bit of it turns. Whatever is then read was written
//! once, in its order; where that cannot be made sure of, nothing is sent.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use defib::domain::run::RunEvent;
use defib::journal::JournalError;
use tempfile::TempDir;

use super::course::{Course, Then};
use super::family::{Family, some};
use super::oracles::Due;
use super::variants::Variant;
use crate::harm;
use crate::stage::Stage;

/// Where the bits are turned depends on it; it is the same each time.
const SEED: u64 = 0x005e_ed0f_defb;

/// What is done to one of the files.
#[derive(Clone, Copy, Debug)]
enum Damage {
    /// It is cut to so many hundredths of its length.
    Cut(u64),
    /// One bit turns; where, by lot.
    Turned(u64),
}

const FILES: [&str; 2] = ["journal.db", "journal.db-wal"];

fn damages() -> impl Iterator<Item = (&'static str, Damage)> {
    let cuts = [0, 10, 50, 80, 99].map(Damage::Cut);
    let turns = (0..20).map(Damage::Turned);
    let all: Vec<Damage> = cuts.into_iter().chain(turns).collect();
    FILES
        .into_iter()
        .flat_map(move |file| all.clone().into_iter().map(move |damage| (file, damage)))
}

impl Damage {
    fn strike(self, path: &Path, lot: u64) {
        let mut bytes = fs::read(path).unwrap();
        match self {
            Self::Cut(hundredths) => {
                let length = bytes.len() as u64 * hundredths / 100;
                let file = OpenOptions::new().write(true).open(path).unwrap();
                file.set_len(length).unwrap();
            }
            Self::Turned(nth) => {
                let bit = drawn(SEED ^ (lot << 20) ^ nth) % (bytes.len() as u64 * 8);
                bytes[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
                fs::write(path, bytes).unwrap();
            }
        }
    }
}

/// A number by lot: the finalizer of `SplitMix64`.
pub fn drawn(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Runs to a boundary on a disk, and leaves what a machine leaves that lost its power there: the log is
/// not yet moved into the database. Returns what was written.
fn dies_on_disk(variant: &Variant, name: &str, k: u64) -> (Course, TempDir, Vec<RunEvent>) {
    let (home, copy) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let stage = Stage::open_text(variant.estate).with_journal_in(home.path());
    let mut course = Course::on(stage.unwrap(), variant, name);
    assert!(course.die_at(k), "{name}: it did not come to pass");
    // What is lost from here on was whole until now.
    course.assert_rest(Due::Crash);
    let written = course.stage.events(&course.run.clone());
    for file in FILES {
        fs::copy(home.path().join(file), copy.path().join(file)).unwrap();
    }
    // How far each run was written stands beside it, as it does where a disk loses the end of a log.
    fs::create_dir(copy.path().join("marks")).unwrap();
    fs::set_permissions(copy.path().join("marks"), fs::Permissions::from_mode(0o700)).unwrap();
    for mark in fs::read_dir(home.path().join("marks")).unwrap().flatten() {
        let name = copy.path().join("marks").join(mark.file_name());
        fs::copy(mark.path(), name).unwrap();
    }
    (course, copy, written)
}

/// What came of damage, counted over all cases.
#[derive(Default)]
struct Counts {
    lost: AtomicUsize,
    noticed: AtomicUsize,
    planless: AtomicUsize,
    salvaged: AtomicUsize,
    whole: AtomicUsize,
}

fn count(one: &AtomicUsize) {
    one.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn a_damaged_journal_is_noticed_and_its_run_salvaged_or_it_gives_what_was_written() {
    let mut family = Family::new("journal: damaged");
    for variant in some(1) {
        for k in (3..=variant.clean.boundaries).step_by(17) {
            for (file, damage) in damages() {
                // Half of the bits for each end: there are many.
                let ends = match damage {
                    Damage::Cut(_) => &Then::AT_ONCE[..],
                    Damage::Turned(nth) if nth % 2 == 0 => &[Then::On],
                    Damage::Turned(_) => &[Then::Back],
                };
                for &then in ends {
                    let told =
                        format!("boundary {k}, {file} {damage:?}, then {then:?}, seed {SEED:x}");
                    family.add(variant, told, (k, file, damage, then));
                }
            }
        }
    }
    let counts = Counts::default();
    family.run(|case| {
        let (k, file, damage, then) = case.what;
        let (mut course, home, written) = dies_on_disk(case.variant, &case.name, k);
        damage.strike(&home.path().join(file), k);
        let run = course.run.clone();
        if course.stage.journal_in(home.path()).is_err() {
            return count(&counts.lost);
        }
        match course.stage.try_events(&run) {
            Ok(read) => {
                assert!(read == written, "{}: other events, or fewer", case.name);
                count(&counts.whole);
                if course.try_send(then).is_err() {
                    // The file takes nothing more, however whole the run in it looks.
                    return salvaged(&mut course, then, &written, case.variant, &counts);
                }
                course.end(then, &case.variant.clean.world);
            }
            // The entry with the plan is gone, too: there is nothing to go on with, and nobody does.
            Err(JournalError::NoSuchRun(_)) => {
                count(&counts.planless);
                nothing_is_sent(&mut course);
            }
            Err(_noticed) => {
                count(&counts.noticed);
                nothing_is_sent(&mut course);
                salvaged(&mut course, then, &written, case.variant, &counts);
            }
        }
    });
    counts.tell();
}

impl Counts {
    fn tell(self) {
        let Counts {
            lost,
            noticed,
            planless,
            salvaged,
            whole,
        } = self;
        let [lost, noticed, planless, salvaged, whole] =
            [lost, noticed, planless, salvaged, whole].map(AtomicUsize::into_inner);
        println!(
            "journal: damaged: {lost} lost, {noticed} noticed, {planless} without a plan, {whole} whole; \
         {salvaged} salvaged to their end"
        );
        // Where one of them becomes rare, the damage is none or the salvage has lost sight of something.
        let part = ["DEFIB_CASE", "DEFIB_EVERY"].map(std::env::var_os);
        let is_part = part.iter().any(Option::is_some);
        let all = lost + noticed + planless + whole;
        assert!(is_part || noticed.min(whole).min(salvaged) * 6 >= all);
        // Of the whole: a twentieth of the files cannot be opened, and a fifth have lost the plan.
        assert!(
            is_part || (lost * 20 <= all && planless * 5 <= all),
            "more is beyond rescue than was"
        );
    }
}

/// What a record has lost.
#[derive(Clone, Copy, Debug)]
enum Missing {
    /// Everything after so many events.
    After(u64),
    /// The last event.
    Last,
}

#[test]
fn whatever_a_record_has_lost_is_found_in_the_world() {
    let mut family = Family::new("journal: events lost");
    for variant in some(1) {
        let last = variant.clean.boundaries;
        // The plan itself is the first event, and the runner's start the second.
        let known = (2..variant.clean.events - 2).map(|kept| (last, Missing::After(kept)));
        let ends = (5..last).map(|k| (k, Missing::Last));
        for (k, missing) in known.chain(ends) {
            for then in Then::AT_ONCE {
                let told = format!("boundary {k}, missing {missing:?}, then {then:?}");
                family.add(variant, told, (k, missing, then));
            }
        }
    }
    family.run(|case| {
        let (k, missing, then) = case.what;
        let (mut course, home, written) = dies_on_disk(case.variant, &case.name, k);
        let kept = match missing {
            Missing::After(kept) => kept,
            Missing::Last => written.len() as u64 - 1,
        };
        harm::event(home.path(), kept + 1);
        course.stage.journal_in(home.path()).unwrap();
        assert_eq!(course.stage.intact(&course.run.clone()).len() as u64, kept);
        nothing_is_sent(&mut course);
        salvaged(
            &mut course,
            then,
            &written,
            case.variant,
            &Counts::default(),
        );
    });
}

/// Nobody goes on with a run whose record is damaged.
fn nothing_is_sent(course: &mut Course) {
    let calls = course.stage.aws.call_count();
    let journal = course.stage.journal.clone();
    let ended = course.drive_over(journal);
    assert!(ended.is_err(), "{ended:?} over a damaged record");
    let after = course.stage.aws.call_count();
    assert_eq!(after, calls, "something was sent over a damaged record");
}

/// Salvages a run and brings it to its end; what is valid of its record is what was written.
fn salvaged(
    course: &mut Course,
    then: Then,
    written: &[RunEvent],
    variant: &Variant,
    counts: &Counts,
) {
    let run = course.run.clone();
    let intact = course.stage.intact(&run);
    assert!(written.starts_with(&intact), "other events");
    course.lose(written, intact.len());
    let calls = course.stage.aws.call_count();
    match course.salvage(then) {
        Ok(()) => {}
        Err(JournalError::NoSuchRun(_)) if intact.is_empty() => return count(&counts.planless),
        Err(error) => panic!("it cannot be salvaged: {error}"),
    }
    let after = course.stage.aws.call_count();
    assert_eq!(after, calls, "salvaging sends something");
    let events = course.stage.events(&run);
    assert!(events.starts_with(&intact) && events.len() == intact.len() + 1);
    course.end(then, &variant.clean.world);
    count(&counts.salvaged);
}
