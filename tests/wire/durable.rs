//! What the journal says is on the disk before anything is sent on the strength of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::estate::Make;
use crate::full_disk::preload;
use crate::process;
use crate::stage::{Stage, run_of};

/// The calls of a swap that change something.
const CHANGES: [&str; 6] = [
    "CreateSnapshot",
    "CreateVolume",
    "StopInstances",
    "DetachVolume",
    "AttachVolume",
    "StartInstances",
];

#[test]
fn no_request_that_changes_something_leaves_before_the_journal_is_synced() {
    let stage = Stage::with_data_volume(Make::gp3(10, 4000, 200));
    let log = stage.home.path().join("order.log");
    let workshop = tempfile::tempdir().expect("a temporary folder");
    let library = preload(workshop.path(), "order");
    let arguments = stage.arguments("run", &["--mode", "stop", "--yes", "--json"]);
    let mut command = stage.home.command(&arguments);
    command.env("LD_PRELOAD", library).env("ORDER_LOG", &log);
    let output = process::run(command, "").expect(&[0]);
    stage.swap(&run_of(&output)).assert_done(&stage.picture());

    let mut syncs: BTreeMap<&str, usize> = BTreeMap::new();
    let mut sent = BTreeSet::new();
    let log = fs::read_to_string(&log).expect("the order");
    for line in log.lines() {
        let mut words = line.split(' ');
        let (pid, what) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        match what {
            "synced" => *syncs.entry(pid).or_default() += 1,
            "written" | "rehearsed" => {}
            _sent => {
                let action = words.next().unwrap_or("");
                if !CHANGES.contains(&action) {
                    continue;
                }
                // Steps side by side write between each other's sync and send, so the syncs are counted:
                // one for the runner's first entry, one for each intent so far.
                let wanted = sent.len() + 2;
                let found = syncs.get(pid).copied().unwrap_or(0);
                assert!(found >= wanted, "{found} syncs before {action}:\n{log}");
                sent.insert(action);
            }
        }
    }
    assert_eq!(sent, BTreeSet::from(CHANGES), "{log}");
}
