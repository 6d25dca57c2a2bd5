//! Plan files and journals that are not what they should be, and a disk that is full.

use std::fs;
use std::path::PathBuf;
use std::thread;

use rusqlite::Connection;
use serde_json::json;

use crate::estate::Make;
use crate::full_disk::FullDisk;
use crate::home::Home;
use crate::process::{self, eventually};
use crate::refusal::{FAILED, assert_clear, assert_no_run, assert_refused};
use crate::stage::{REGION, Stage, run_of, text};

const GP3: Make = Make::gp3(10, 4000, 200);

/// Writes the plan of a swap to a file and returns it with its text.
fn plan_file(stage: &Stage) -> (PathBuf, String) {
    let arguments = stage.arguments("plan", &["--mode", "stop", "--format", "json"]);
    let plan = stage.home.defib(&arguments).expect(&[0]).stdout;
    (stage.home.write("plan.json", &plan), plan)
}

#[test]
fn a_plan_file_runs_as_it_was_shown() {
    let stage = Stage::with_data_volume(GP3);
    let (file, _) = plan_file(&stage);
    let file = file.display().to_string();
    let arguments = [
        "--profile",
        "red",
        "--region",
        REGION,
        "run",
        "--plan",
        &file,
        "--yes",
        "--json",
    ];
    let output = stage.home.defib(&arguments).expect(&[0]);
    stage.swap(&run_of(&output)).assert_done(&stage.picture());
}

#[test]
fn a_plan_file_that_was_edited_is_refused() {
    let stage = Stage::with_data_volume(GP3);
    let (file, plan) = plan_file(&stage);
    let other = stage
        .before
        .volumes
        .keys()
        .find(|id| Some(id.as_str()) != stage.old.as_deref());
    let edited = plan.replace(
        stage.old.as_deref().unwrap(),
        other.expect("another volume"),
    );
    assert_ne!(edited, plan);
    let doctored = [
        edited,
        plan.replace("4000", "16000"),
        plan[..plan.len() / 2].to_owned(),
    ];
    let file = file.display().to_string();
    let arguments = [
        "--profile",
        "red",
        "--region",
        REGION,
        "run",
        "--plan",
        &file,
        "--yes",
    ];
    for text in doctored {
        fs::write(&file, text).unwrap();
        assert_refused(&stage, stage.home.defib(&arguments), FAILED, &["plan"]);
    }
    assert_no_run(&stage);
}

/// Returns the journal's database file: the one in its format.
fn journal_file(stage: &Stage) -> PathBuf {
    let files = fs::read_dir(stage.home.state())
        .expect("the state directory")
        .flatten();
    let databases = files
        .map(|entry| entry.path())
        .filter(|path| fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0")));
    let databases: Vec<_> = databases.collect();
    assert_eq!(databases.len(), 1, "one journal: {databases:?}");
    databases[0].clone()
}

#[test]
fn a_journal_of_a_newer_version_is_read_and_not_written() {
    let mut stage = Stage::with_data_volume(GP3);
    stage.run(&["--mode", "stop"]).expect(&[0]);
    stage.before = stage.picture();
    let journal = Connection::open(journal_file(&stage)).expect("the journal opens");
    journal
        .pragma_update(None, "user_version", 9999)
        .expect("the version is raised");
    drop(journal);
    let output = stage.run(&["--mode", "stop"]);
    assert_refused(&stage, output, FAILED, &["newer", "journal"]);
    assert_eq!(
        stage.home.only_run()["state"],
        "done",
        "it can still be read"
    );
}

/// The last to close a journal folds its log into it.
fn wait_for_the_runner_to_leave(stage: &Stage) {
    eventually("the runner to leave", || {
        stage.home.processes().is_empty().then_some(())
    });
}

/// Changes a byte of the first intent to stop the instance, behind the journal's back: what was made until
/// then stays known.
fn harm_the_journal(stage: &Stage) -> (PathBuf, i64) {
    let file = journal_file(stage);
    let journal = Connection::open(&file).expect("the journal opens");
    let triggers: Vec<(String, String)> = journal
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .and_then(|mut select| {
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
        .expect("the triggers");
    for (name, _sql) in &triggers {
        let drop = format!("DROP TRIGGER {name}");
        journal.execute_batch(&drop).expect("a trigger goes");
    }
    let stops = "event LIKE '%\"step\":\"stop-instance\"%' AND event LIKE '%\"type\":\"intent\"%'";
    let seq = format!("SELECT min(seq) FROM events WHERE {stops}");
    let seq: i64 = journal
        .query_row(&seq, [], |row| row.get(0))
        .expect("it was about to stop the instance");
    let harmed = journal
        .execute(
            "UPDATE events SET event = replace(event, 'intent', 'intend') WHERE seq = ?1",
            [seq],
        )
        .expect("the byte turns");
    assert_eq!(harmed, 1);
    for (_name, sql) in &triggers {
        journal.execute_batch(sql).expect("a trigger is back");
    }
    (file, seq)
}

#[test]
fn a_damaged_run_is_refused_until_its_id_is_typed_and_then_goes_on() {
    let stage = Stage::with_data_volume(GP3);
    let arguments = stage.arguments("run", &["--mode", "stop", "--yes", "--json"]);
    let mut command = stage.home.command(&arguments);
    // In the middle of the outage, with some steps behind it that the record is about to lose.
    command.env("DEFIB_CRASH_AT", "30");
    process::run(command, "").expect(FAILED);
    wait_for_the_runner_to_leave(&stage);
    let run = text(&stage.home.only_run()["run"]);
    let (file, seq) = harm_the_journal(&stage);
    every_command_tells_and_none_goes_on(&stage, &run, seq);
    let resumed = stage
        .home
        .defib(&["resume", &run, "--yes", "--confirm", &run]);
    let resumed = resumed.expect(&[0]);
    assert_clear(
        &resumed,
        &["resumed by", "what was sent for it is not in the record"],
    );
    let shown = stage.home.defib(&["show", &run]).expect(&[0]);
    assert_clear(
        &shown,
        &["the journal of this run was damaged", "it goes on from its"],
    );
    stage.swap(&run).assert_done(&stage.picture());
    stage.assert_nothing_was_deleted();
    let summary = stage.home.only_run();
    assert_eq!(summary["state"], "done", "{summary}");
    assert!(file.exists(), "the damaged file is kept");
}

/// Holds every command against a run that is damaged at an event: it is told, and nothing is sent.
fn every_command_tells_and_none_goes_on(stage: &Stage, run: &str, seq: i64) {
    let damaged = format!("is damaged at event {seq} of ");
    let valid = format!("{} events before it are valid", seq - 1);
    let before = stage.picture();

    let shown = stage.home.defib(&["show", run]).expect(&[0]);
    let words = [
        damaged.as_str(),
        &valid,
        "the damaged files are copied to ",
        "the valid events know: ",
        "AWS has nothing beyond that",
        "defib rollback",
        "defib resume",
    ];
    assert_clear(&shown, &words);
    let listed = stage.home.defib(&["runs"]).expect(FAILED);
    assert_clear(&listed, &["damaged", &damaged, "defib show"]);
    let doctor = stage
        .home
        .defib(&["--profile", "red", "--region", REGION, "doctor"]);
    assert_clear(
        &doctor,
        &[&damaged, "are lost", "are copied to", "defib resume"],
    );
    let report = stage.home.defib(&["report", run]).expect(&[0]);
    assert!(
        report
            .stdout
            .starts_with("> **The record of this run is damaged**"),
        "{report}"
    );
    // A yes alone does not answer, and a wrong id does not either.
    let waits = &[3];
    for refused in [
        stage.home.defib(&["resume", run, "--yes"]),
        stage
            .home
            .defib(&["resume", run, "--yes", "--confirm", &run[1..]]),
    ] {
        let refused = refused.expect(waits);
        assert_clear(&refused, &["asks for its id", &format!("--confirm {run}")]);
    }
    let refused = stage.home.defib(&["attach", run]).expect(FAILED);
    assert_clear(&refused, &[&damaged]);
    assert_eq!(before.differences(&stage.picture()), "", "nothing was sent");
    let copies = fs::read_dir(stage.home.state().join("damaged")).expect("the copies");
    assert_eq!(copies.count(), 1, "one copy for one damage");
}

#[test]
fn a_journal_of_no_bytes_does_not_read_as_no_runs() {
    let mut stage = Stage::with_data_volume(GP3);
    stage.run(&["--mode", "stop"]).expect(&[0]);
    wait_for_the_runner_to_leave(&stage);
    stage.before = stage.picture();
    let file = journal_file(&stage);
    fs::write(&file, "").unwrap();
    for command in [&["runs"][..], &["show", "X"], &["doctor"]] {
        let output = stage.home.defib(command);
        assert_refused(&stage, output, FAILED, &["journal.db", "is empty", "mv "]);
    }
    let output = stage.run(&["--mode", "stop"]);
    assert_refused(&stage, output, FAILED, &["is empty"]);
    assert_eq!(fs::metadata(&file).unwrap().len(), 0, "it is left alone");
}

#[test]
fn the_doctor_reads_the_journal_and_leaves_every_file_as_it_is() {
    let stage = Stage::with_data_volume(GP3);
    let place = ["--profile", "red", "--region", REGION];
    let doctor = || stage.home.defib(&[&place[..], &["doctor"]].concat());
    assert_clear(&doctor().expect(&[0]), &["no journal yet"]);
    assert!(!stage.home.state().exists(), "the doctor makes nothing");
    stage.run(&["--mode", "stop"]).expect(&[0]);
    wait_for_the_runner_to_leave(&stage);
    let before = fs::read(journal_file(&stage)).unwrap();
    assert_clear(&doctor().expect(&[0]), &["one run, and its chain is whole"]);
    assert!(fs::read(journal_file(&stage)).unwrap() == before);
}

#[test]
fn programs_that_open_the_first_journal_at_the_same_moment_all_can() {
    for _ in 0..10 {
        let home = Home::new();
        let commands = (0..8).map(|_| home.command(&["runs", "--json"]));
        let running: Vec<_> = commands
            .map(|command| thread::spawn(move || process::run(command, "")))
            .collect();
        for one in running {
            one.join().expect("it ends").expect(&[0]);
        }
    }
}

#[test]
fn a_second_run_on_the_same_volume_is_refused_while_the_first_is_under_way() {
    let stage = Stage::with_data_volume(GP3);
    stage.account.slow_down(250);
    let arguments = stage.arguments("run", &["--mode", "stop", "--yes", "--json"]);
    let first = stage.home.command(&arguments);
    let first = thread::spawn(move || process::run(first, ""));
    eventually("the first run, or its end", || {
        (first.is_finished() || !stage.home.runs().is_empty()).then_some(())
    });
    assert!(
        !stage.home.runs().is_empty(),
        "the first ended before it ran:\n{}",
        first.join().expect("it ends")
    );
    let second = stage.run(&["--mode", "stop"]).expect(FAILED);
    stage.account.fault(&json!([]));
    let first = first.join().expect("the first ends").expect(&[0]);
    let run = run_of(&first);
    assert_clear(&second, &[&run]);
    stage.swap(&run).assert_done(&stage.picture());
}

#[test]
fn on_a_full_disk_nothing_is_sent() {
    let stage = Stage::with_data_volume(GP3);
    let disk = FullDisk::at(&stage.home.state());
    disk.fill();
    let arguments = stage.arguments("run", &["--mode", "stop", "--yes"]);
    let output = process::run(disk.under(stage.home.command(&arguments)), "");
    assert_refused(&stage, output, FAILED, &["disk"]);
}

#[test]
fn a_disk_that_fills_up_in_mid_run_loses_nothing() {
    let stage = Stage::with_data_volume(GP3);
    stage.account.slow_down(100);
    let disk = FullDisk::at(&stage.home.state());
    let arguments = stage.arguments("run", &["--mode", "stop", "--yes", "--json"]);
    let viewer = disk.under(stage.home.command(&arguments));
    let following = thread::spawn(move || process::run(viewer, ""));
    stage.wait_for_call("CreateVolume");
    disk.fill();
    let output = following.join().expect("the viewer ends").expect(&[1]);
    assert_clear(&output, &["full", "defib resume"]);
    disk.empty();
    stage.account.fault(&json!([]));
    let run = text(&stage.home.only_run()["run"]);
    let resumed = stage.home.defib(&["resume", &run, "--yes"]);
    assert_eq!(resumed.status, Some(0), "first\n{output}\nthen\n{resumed}");
    stage.swap(&run).assert_done(&stage.picture());
}
