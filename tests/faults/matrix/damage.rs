//! What a disk does to a journal: it is cut short, or a bit of it turns. Whatever is then read was written
//! once, in its order; where that cannot be made sure of, nothing is sent.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use defib::domain::run::RunEvent;
use defib::journal::JournalError;
use tempfile::TempDir;

use super::course::{Course, Then};
use super::family::{Family, some};
use super::variants::Variant;
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
fn drawn(seed: u64) -> u64 {
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
    let run = course.run.clone();
    let written = course.stage.events(&run);
    for file in FILES {
        fs::copy(home.path().join(file), copy.path().join(file)).unwrap();
    }
    (course, copy, written)
}

#[test]
fn a_damaged_journal_is_noticed_or_gives_what_was_written() {
    let mut family = Family::new("journal: damaged");
    for variant in some(1) {
        for k in (3..=variant.clean.boundaries).step_by(17) {
            for (file, damage) in damages() {
                let told = format!("boundary {k}, {file} {damage:?}, seed {SEED:x}");
                family.add(variant, told, (k, file, damage));
            }
        }
    }
    let [noticed, shorter, whole] = [const { AtomicUsize::new(0) }; 3];
    family.run(|case| {
        let (k, file, damage) = case.what;
        let (mut course, home, written) = dies_on_disk(case.variant, &case.name, k);
        damage.strike(&home.path().join(file), k);
        let calls = course.stage.aws.call_count();
        let run = course.run.clone();
        match course.stage.journal_in(home.path()) {
            Ok(()) => {}
            Err(_refused) => {
                noticed.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
        match course.stage.try_events(&run) {
            Ok(read) => {
                assert!(written.starts_with(&read), "{}: other events", case.name);
                let kind = if read == written { &whole } else { &shorter };
                kind.fetch_add(1, Ordering::Relaxed);
                if course.try_send(Then::On).is_err() {
                    let after = course.stage.aws.call_count();
                    assert_eq!(after, calls, "{}: something was sent", case.name);
                    return;
                }
                // A log that ends early cannot be told from one that ended there: its last intents are
                // forgotten. What they made is found by its tags all the same.
                if read.len() < written.len() {
                    course.forgiven = &[4, 6];
                }
                course.end(Then::On, &case.variant.clean.world);
            }
            // The entry with the plan is gone, too: there is nothing to go on with, and nobody does.
            Err(JournalError::NoSuchRun(_)) => {
                let journal = course.stage.journal.clone();
                assert!(course.drive_over(journal).is_err(), "{}", case.name);
                let after = course.stage.aws.call_count();
                assert_eq!(after, calls, "{}: something was sent", case.name);
            }
            Err(error) => {
                noticed.fetch_add(1, Ordering::Relaxed);
                let intact = course.stage.intact(&run);
                assert!(written.starts_with(&intact), "{}: other events", case.name);
                let journal = course.stage.journal.clone();
                let ended = course.drive_over(journal);
                assert!(ended.is_err(), "{}: {ended:?} after {error}", case.name);
                let after = course.stage.aws.call_count();
                assert_eq!(after, calls, "{}: something was sent", case.name);
            }
        }
    });
    // Each of the three comes up, or the damage is none.
    let [noticed, shorter, whole] = [noticed, shorter, whole].map(AtomicUsize::into_inner);
    println!("journal: damaged: {noticed} noticed, {shorter} shorter, {whole} whole");
    let replayed = std::env::var_os("DEFIB_CASE").is_some();
    assert!(replayed || noticed.min(shorter).min(whole) > 0);
}
