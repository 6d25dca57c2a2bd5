//! Two tables of the simulated AWS, compared key by key: what differs is found exactly, whatever interrupts it.
//!
//! The tables tell their items in different orders and in different segments.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use defib::domain::run::RunStatus;
use defib::domain::text::Untrusted;
use defib::restore::flow::find;
use defib::restore::reconcile::pace::Pace;
use defib::restore::reconcile::progress::{Progress, Reached};
use defib::restore::reconcile::{Asked, Failed, Found, What, reconcile};
use defib::sim::{Fault, On};
use jiff::SignedDuration;
use serde_json::Value;

use crate::stage::Stage;

/// The table that was there.
pub const OLD: &str = "orders";
/// The one that was restored.
pub const NEW: &str = "orders-back";
const SEGMENTS: u32 = 3;
/// Read units a second that both tables have.
const UNITS: f64 = 4_000.0;

/// Bytes of an item: a page has about 750 of them.
const BYTES: u64 = 1_400;

/// What happened to the old table since: so many changed, added, removed.
pub type Since = (u64, u64, u64);

/// Two tables with so many items, of which the new one is of before what happened.
pub fn text(items: u64, (changed, added, removed): Since) -> String {
    let size = items * BYTES;
    let table = |name: &str, more: &str| {
        format!(
            r#"
[[place.table]]
name = "{name}"
items = {items}
size = {size}
keys = ["order_id S", "line N"]
capacity = {{ read = 4000, write = 100 }}
change = {{ before = "0s", changed = {changed}, added = {added}, removed = {removed} }}
{more}
"#
        )
    };
    format!(
        r#"
[story]
title = "t"
incident_at = "2026-03-10T14:05:00Z"
opens_at = "2026-03-10T14:19:00Z"
account = "111122223333"
region = "eu-west-1"
[[account]]
id = "111122223333"
name = "acme-prod"
[[place]]
account = "111122223333"
region = "eu-west-1"
{}{}
[[place.table]]
name = "other"
keys = ["order_id S"]
"#,
        table(OLD, ""),
        table(NEW, r#"as_of = "1m""#)
    )
}

/// Compares as nobody asks for otherwise.
pub fn usual() -> Asked {
    Asked {
        old: OLD.to_owned(),
        new: NEW.to_owned(),
        segments: SEGMENTS,
        pace: Pace::default(),
        sample: 5,
        export: None,
        anew: false,
    }
}

/// A stage with a directory for what is kept.
pub struct Pair {
    /// The stage.
    pub stage: Stage,
    /// Where what is kept is.
    pub home: tempfile::TempDir,
}

/// How a life ended, if it did, how far it had come, and how long it took.
pub struct Ended {
    outcome: Option<Result<Found, Failed>>,
    reached: Reached,
    seconds: f64,
}

impl Pair {
    pub fn new(items: u64, since: Since) -> Self {
        Self::of(Stage::open_text(&text(items, since)))
    }

    pub fn of(stage: Stage) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { stage, home }
    }

    pub fn export(&self) -> PathBuf {
        self.home.path().join("differences.jsonl")
    }

    /// Compares for so long, then the process is gone.
    fn life(&mut self, asked: &Asked, longest: Duration) -> Ended {
        let connecting = self.stage.connecting();
        let cache = self.home.path().join("cache");
        self.stage.live(|| async move {
            let clients = connecting.await;
            let progress = Progress::default();
            let began = clients.clock.now();
            let work = reconcile(&clients, &cache, asked, &progress);
            let outcome = tokio::time::timeout(longest, work).await.ok();
            Ended {
                outcome,
                reached: progress.reached(),
                seconds: clients.clock.now().duration_since(began).as_secs_f64(),
            }
        })
    }

    pub fn whole(&mut self, asked: &Asked) -> Result<Found, Failed> {
        let ended = self.life(asked, Duration::from_hours(24));
        ended.outcome.expect("a day is enough")
    }

    fn scans(&self) -> usize {
        let calls = self.stage.aws.calls();
        calls
            .iter()
            .filter(|call| call.action() == "dynamodb:Scan")
            .count()
    }
}

/// What must be the same, however it came about.
pub fn counts(found: &Found) -> ([u64; 2], [u64; 4]) {
    let Found {
        looked_at,
        equal,
        differ,
        only_old,
        only_new,
        ..
    } = found;
    (*looked_at, [*equal, *differ, *only_old, *only_new])
}

pub fn wanted(items: u64, (changed, added, removed): Since) -> ([u64; 2], [u64; 4]) {
    let kept = items - added;
    (
        [items, kept + removed],
        [kept - changed, changed, added, removed],
    )
}

#[test]
fn of_a_hundred_thousand_items_every_difference_is_found_and_no_other() {
    let since = (4_118, 312, 97);
    let mut pair = Pair::new(100_000, since);
    let asked = usual();
    let ended = pair.life(&asked, Duration::from_hours(1));
    let found = ended.outcome.unwrap().unwrap();
    assert_eq!(counts(&found), wanted(100_000, since));
    assert_eq!((found.sample.len(), found.settled), (5, 0));
    for one in &found.sample {
        let names: Vec<&str> = one.attributes.iter().map(Untrusted::raw).collect();
        match one.what {
            What::Differs => assert_eq!(names, ["total"]),
            What::OnlyOld | What::OnlyNew => assert!(names.is_empty()),
        }
    }
    // A quarter of what the tables have, but for what the first page and the last ones take.
    for units in found.units {
        let most = (ended.seconds + 2.0) * UNITS / 4.0;
        assert!(
            units > 34_000.0 && units <= most,
            "{units} units in {} s",
            ended.seconds
        );
    }
    assert!(
        ended.seconds < 45.0,
        "and no more slowly than it has to: {} s",
        ended.seconds
    );
}

#[test]
fn tables_that_are_alike_have_no_difference() {
    let mut pair = Pair::new(5_000, (0, 0, 0));
    let asked = usual();
    let found = pair.whole(&asked).unwrap();
    assert_eq!(counts(&found), wanted(5_000, (0, 0, 0)));
    assert_eq!(found.differences(), 0);
}

#[test]
fn what_was_interrupted_goes_on_with_the_same_answer_and_reads_nothing_twice() {
    let since = (411, 31, 9);
    let mut clean = Pair::new(12_000, since);
    let asked = usual();
    clean.whole(&asked).unwrap();
    let once = clean.scans();
    for tenths in [1_u64, 4, 9, 15, 22, 30] {
        let mut pair = Pair::new(12_000, since);
        let mut lives = 0;
        let found = loop {
            let ended = pair.life(&asked, Duration::from_millis(tenths * 100));
            if let Some(outcome) = ended.outcome {
                break outcome.unwrap();
            }
            lives += 1;
            assert!(
                lives < 200,
                "it gets nowhere in {tenths} tenths of a second"
            );
        };
        assert!(lives > 0, "{tenths}: it was interrupted");
        assert_eq!(counts(&found), wanted(12_000, since), "{tenths}");
        let lanes = usize::try_from(SEGMENTS * 2).unwrap();
        let scans = pair.scans();
        assert!(
            scans >= once && scans <= once + lives * lanes,
            "{tenths}: {scans} pages, {once} are all"
        );
    }
}

#[test]
fn how_far_an_earlier_command_came_is_told() {
    let mut pair = Pair::new(20_000, (1, 1, 1));
    let asked = usual();
    let first = pair.life(&asked, Duration::from_secs(2)).reached;
    assert!(first.resumed == 0 && first.percent > 10, "{first:?}");
    let second = pair.life(&asked, Duration::from_millis(50)).reached;
    assert!(second.begun && second.resumed >= first.items.iter().sum::<u64>() - 6 * 750);
    assert!(
        second.began_at >= first.percent - 10 && second.began_at < 100,
        "{second:?}"
    );
    let anew = Asked {
        anew: true,
        ..asked
    };
    let third = pair.life(&anew, Duration::from_millis(50)).reached;
    assert!(third.afresh && third.resumed == 0, "{third:?}");
}

/// Every file that is kept, with its length.
fn kept(pair: &Pair) -> BTreeMap<PathBuf, u64> {
    let directories = std::fs::read_dir(pair.home.path().join("cache/reconcile")).unwrap();
    let files = directories.flat_map(|one| std::fs::read_dir(one.unwrap().path()).unwrap());
    files
        .map(|file| file.unwrap())
        .map(|file| (file.path(), file.metadata().unwrap().len()))
        .collect()
}

#[test]
fn what_was_read_more_than_an_hour_ago_is_refused_and_kept() {
    let since = (411, 31, 9);
    for cut in [Some(On::operation("DescribeTable").nth(3)), None] {
        let mut pair = Pair::new(12_000, since);
        let asked = usual();
        let everything = cut.is_some();
        if let Some(on) = cut {
            // Everything is read, and the comparison itself comes too late.
            pair.stage.aws.faults().inject(on, Fault::Unauthorized);
            pair.whole(&asked).unwrap_err();
        } else {
            let ended = pair.life(&asked, Duration::from_millis(1_500));
            assert!(ended.outcome.is_none());
        }
        let (scans, files, left) = (pair.scans(), kept(&pair), pair.stage.now());
        assert!(files.values().any(|length| *length > 1_000), "{files:?}");
        pair.stage.pass(SignedDuration::from_mins(61));
        for _again in 0..2 {
            let failed = pair.whole(&asked).unwrap_err();
            let Failed::TooOld { until, ago } = failed else {
                panic!("{failed}");
            };
            assert!(until <= left && ago > SignedDuration::from_mins(60));
        }
        assert_eq!((pair.scans(), kept(&pair)), (scans, files), "{everything}");
        let anew = Asked {
            anew: true,
            ..asked
        };
        let found = pair.whole(&anew).unwrap();
        assert_eq!(counts(&found), wanted(12_000, since));
        let read = found.read.unwrap();
        assert!(read.from > left && read.until > read.from, "{read:?}");
    }
}

#[test]
fn what_was_read_within_the_hour_is_gone_on_with_and_both_ends_are_told() {
    let since = (411, 31, 9);
    let mut pair = Pair::new(12_000, since);
    let asked = usual();
    let began = pair.stage.now();
    let ended = pair.life(&asked, Duration::from_millis(1_500));
    assert!(ended.outcome.is_none());
    let left = pair.stage.now();
    pair.stage.pass(SignedDuration::from_mins(59));
    let found = pair.whole(&asked).unwrap();
    assert_eq!(counts(&found), wanted(12_000, since));
    let read = found.read.unwrap();
    assert!(began <= read.from && read.from < left, "{read:?}");
    let pause = read.until.duration_since(left);
    assert!(pause > SignedDuration::from_mins(59), "{read:?}");
    assert!(read.until <= pair.stage.now(), "{read:?}");
}

#[test]
fn a_table_that_says_it_is_too_much_is_waited_for() {
    let since = (50, 5, 2);
    let mut pair = Pair::new(20_000, since);
    let faults = pair.stage.aws.faults();
    let id = faults.inject(On::operation("Scan").nth(2).times(30), Fault::Throttled);
    let asked = usual();
    let ended = pair.life(&asked, Duration::from_hours(24));
    assert_eq!(pair.stage.aws.faults().fired(id), 30);
    assert!(
        ended.reached.throttled > 0,
        "the SDK alone does not wait it out"
    );
    assert_eq!(
        counts(&ended.outcome.unwrap().unwrap()),
        wanted(20_000, since)
    );
}

#[test]
fn a_table_that_vanishes_or_is_made_anew_ends_it() {
    let mut pair = Pair::new(20_000, (1, 1, 1));
    let gone = Fault::edit(|hands| hands.delete_table(NEW));
    pair.stage
        .aws
        .faults()
        .inject(On::operation("Scan").nth(5), gone);
    let asked = usual();
    let failed = pair.whole(&asked).unwrap_err();
    assert!(
        matches!(&failed, Failed::Vanished(table) if table == NEW),
        "{failed}"
    );

    let mut pair = Pair::new(2_000, (1, 1, 1));
    let another = Fault::edit(|hands| {
        hands.delete_table(NEW);
        hands.make_table(NEW);
    });
    // Both are described before they are read, and again once they are.
    pair.stage
        .aws
        .faults()
        .inject(On::operation("DescribeTable").nth(3), another);
    let failed = pair.whole(&asked).unwrap_err();
    assert!(
        matches!(&failed, Failed::Replaced(table) if table == NEW),
        "{failed}"
    );
}

#[test]
fn what_cannot_be_compared_is_refused_before_anything_is_read() {
    let mut pair = Pair::new(1_000, (1, 1, 1));
    let with = |new: &str| Asked {
        new: new.to_owned(),
        ..usual()
    };
    let asked = with("other");
    let failed = pair.whole(&asked).unwrap_err();
    assert!(matches!(failed, Failed::OtherKeys { .. }), "{failed}");
    let asked = with("nobody");
    let failed = pair.whole(&asked).unwrap_err();
    assert!(matches!(failed, Failed::Missing(_)), "{failed}");
    let asked = with(OLD);
    let failed = pair.whole(&asked).unwrap_err();
    assert!(matches!(failed, Failed::Same(_)), "{failed}");
    let asked = Asked {
        export: Some(pair.export()),
        ..usual()
    };
    std::fs::write(pair.export(), "theirs").unwrap();
    let failed = pair.whole(&asked).unwrap_err();
    assert!(matches!(failed, Failed::ExportIsThere(_)), "{failed}");
    assert_eq!(std::fs::read_to_string(pair.export()).unwrap(), "theirs");
    assert_eq!(pair.scans(), 0);
}

/// The lines of an export by what they are.
fn exported(path: &Path) -> BTreeMap<String, Vec<Value>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let what = line["what"].as_str().unwrap().to_owned();
        lines.entry(what).or_default().push(line);
    }
    lines
}

#[test]
fn every_difference_is_exported_with_both_items_even_after_a_failure() {
    let mut pair = Pair::new(3_000, (150, 40, 20));
    let asked = Asked {
        export: Some(pair.export()),
        ..usual()
    };
    let fault = pair
        .stage
        .aws
        .faults()
        .inject(On::operation("BatchGetItem").nth(3), Fault::Unauthorized);
    let failed = pair.whole(&asked).unwrap_err();
    assert!(matches!(failed, Failed::Read(_)), "{failed}");
    assert_eq!(pair.stage.aws.faults().fired(fault), 1);
    assert!(!pair.export().exists());
    let scans = pair.scans();
    let found = pair.whole(&asked).unwrap();
    assert_eq!(pair.scans(), scans, "what was read is not read again");
    assert_eq!(found.exported, Some(210));
    let lines = exported(&pair.export());
    let count = |what: &str| lines[what].len();
    assert_eq!(
        [count("differs"), count("only-old"), count("only-new")],
        [150, 40, 20]
    );
    let mut keys = std::collections::BTreeSet::new();
    for (what, lines) in &lines {
        for line in lines {
            assert!(keys.insert(line["key"].to_string()), "{line}");
            let has = |side: &str| !line[side].is_null();
            assert_eq!(has("old"), what != "only-new", "{line}");
            assert_eq!(has("new"), what != "only-old", "{line}");
            if what == "differs" {
                assert_eq!(line["old"]["total"]["N"], "0.00", "{line}");
                assert_ne!(line["new"]["total"]["N"], "0.00", "{line}");
                assert_eq!(line["old"]["order_id"], line["key"]["order_id"], "{line}");
            }
        }
    }
    let kept = std::fs::read_dir(pair.home.path().join("cache/reconcile")).unwrap();
    for directory in kept {
        let left: Vec<_> = std::fs::read_dir(directory.unwrap().path())
            .unwrap()
            .collect();
        assert_eq!(left.len(), 1, "nothing but the lock: {left:?}");
    }
}

const ITEMS: &str = "DEFIB_TEST_ITEMS";

/// The most memory that this process has had, in KiB (`proc_pid_status(5)`).
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.unwrap().trim().trim_end_matches(" kB");
    number.parse().unwrap()
}

#[test]
#[ignore = "`memory_does_not_grow_with_the_tables` runs it, in a process of its own"]
fn compared_in_a_process_of_its_own() {
    let items: u64 = std::env::var(ITEMS).unwrap().parse().unwrap();
    let since = (items / 25, items / 300, items / 1000);
    let mut pair = Pair::new(items, since);
    let asked = usual();
    let found = pair.whole(&asked).unwrap();
    assert_eq!(counts(&found), wanted(items, since));
    println!("peak {}", peak());
}

#[test]
fn memory_does_not_grow_with_the_tables() {
    let peak = |items: u64| {
        let test = "reconcile::compared_in_a_process_of_its_own";
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--ignored", "--nocapture"])
            .env(ITEMS, items.to_string())
            .output()
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let peak = told.lines().find_map(|line| line.split_once("peak "));
        let peak = peak.unwrap_or_else(|| panic!("{told}")).1;
        peak.parse::<u64>().unwrap()
    };
    let (some, many) = (peak(10_000), peak(100_000));
    println!("{some} KiB with 10,000 items in each table, {many} KiB with 100,000");
    // All items at once would take some hundred thousand KiB, all keys and digests twenty thousand.
    assert!(many < some + 16_384, "{some} KiB, then {many} KiB");
}

#[test]
fn the_restored_table_of_the_story_lacks_what_came_since_and_has_the_right_prices() {
    let mut stage = Stage::open("table");
    let said = [
        ("table", OLD),
        ("at", "2026-03-10T14:04:59Z"),
        ("target", NEW),
        ("parameter", "/acme/shop/orders-table"),
    ];
    let said = said.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let plan = stage
        .plan_by(find("dynamodb-restore").unwrap(), &said)
        .unwrap();
    let run = stage.record(plan);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let mut pair = Pair::of(stage);
    let asked = usual();
    let found = pair.whole(&asked).unwrap();
    assert_eq!(counts(&found), wanted(61_340, (4_118, 127, 0)));
}
