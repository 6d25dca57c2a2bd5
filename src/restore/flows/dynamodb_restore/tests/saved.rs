//! The file of settings: what it keeps comes back to a table that is gone, and what is no such file is refused in
//! words.

use serde_json::{Value, json};

use super::super::saved::{SavedTable, parsed};
use super::fixtures::*;
use crate::domain::check::Verdict;
use crate::domain::facts::Fact;
use crate::domain::place::Home;

fn home() -> Home {
    facts().place.home()
}

fn saved() -> SavedTable {
    let mut there = facts();
    let table = source(&mut there).clone();
    SavedTable::of(there, table)
}

fn bytes(saved: &SavedTable) -> Vec<u8> {
    serde_json::to_vec_pretty(saved).unwrap()
}

#[test]
fn what_is_written_is_read_again() {
    let saved = saved();
    assert_eq!(parsed(&bytes(&saved), "orders", &home()), Ok(saved.clone()));
    assert!(saved.unread().is_empty());
    let text = String::from_utf8(bytes(&saved)).unwrap();
    assert!(!text.contains("\"earliest\""), "a window ends with the day");
}

#[test]
fn what_could_not_be_read_is_named() {
    let mut there = facts();
    there.tags = denied();
    let table = source(&mut there).clone();
    let saved = SavedTable::of(there, table);
    let unread = saved.unread();
    assert_eq!(unread.len(), 1);
    assert_eq!(unread[0].0, "tags");
    let mut gone = deleted();
    saved.give_to(&mut gone);
    let why = gone.tags.why_unknown().unwrap();
    assert!(
        why.starts_with("it was not read when it was saved"),
        "{why}"
    );
}

#[test]
fn a_file_of_something_else_is_refused_with_what_it_is() {
    let changed = |change: fn(&mut Value)| {
        let mut value = serde_json::to_value(saved()).unwrap();
        change(&mut value);
        parsed(value.to_string().as_bytes(), "orders", &home()).unwrap_err()
    };
    let newer = changed(|value| value["version"] = json!(2));
    assert!(newer.contains("written by a newer one"), "{newer}");
    let other = changed(|value| value["format"] = json!("terraform\u{1b}[2J"));
    assert!(other.contains("holds “terraform"), "{other}");
    assert!(!other.contains('\u{1b}'), "{other}");
    let elsewhere = changed(|value| value["home"]["region"] = json!("us-east-1"));
    assert!(elsewhere.contains("us-east-1"), "{elsewhere}");
    let named = changed(|value| value["table"]["name"] = json!("carts"));
    assert!(named.contains("the settings of carts"), "{named}");
    let torn = bytes(&saved());
    for end in [0, 1, torn.len() / 2, torn.len() - 1] {
        let why = parsed(&torn[..end], "orders", &home()).unwrap_err();
        assert!(why.contains("holds no settings"), "{why}");
    }
}

#[test]
fn a_deleted_table_gets_from_the_file_what_one_that_is_there_gets() {
    let from_file = plan(&deleted_and_saved(), &[]);
    let from_itself = plan(&from_backup(), &[]);
    let given = |all: Vec<&str>| -> Vec<String> {
        let only_there = ["mark", "switch", "disable-old-trigger-2", "unmark"];
        let kept = all.into_iter().filter(|id| !only_there.contains(id));
        kept.map(str::to_owned).collect()
    };
    assert_eq!(given(ids(&from_file)), given(ids(&from_itself)));
    assert_eq!(input(&from_file, "restore")["target"], "orders");
    assert_eq!(input(&from_file, "recovery")["days"], 35);
    let wanted = |plan| input(plan, "alike")["wanted"].clone();
    let (file, itself) = (wanted(&from_file), wanted(&from_itself));
    for setting in [
        "class",
        "capacity",
        "deletion_protection",
        "indexes",
        "stream",
    ] {
        assert_eq!(file[setting], itself[setting], "{setting}");
    }
    let text = file["policy"].to_string();
    assert!(text.contains("table/orders"), "{text}");
}

#[test]
fn a_file_of_before_mappings_were_kept_is_read_and_says_so() {
    let mut older = serde_json::to_value(saved()).unwrap();
    older.as_object_mut().unwrap().remove("triggers").unwrap();
    let read = parsed(older.to_string().as_bytes(), "orders", &home()).unwrap();
    assert_eq!(read.unread()[0].0, "triggers");
    let mut gone = deleted();
    read.give_to(&mut gone);
    assert!(
        ids(&plan(&gone, &[]))
            .iter()
            .all(|id| !id.contains("trigger"))
    );
    let (verdict, said) = told(&gone, &[], "triggers");
    assert_eq!(verdict, Verdict::Unanswered);
    assert!(said.contains("did not keep them yet"), "{said}");
}

#[test]
fn of_a_table_that_is_gone_it_is_said_when_its_settings_were_saved() {
    let gone = deleted_and_saved();
    let checks = checks(&gone, &[]);
    let table = checks.iter().find(|check| check.name == "table").unwrap();
    assert_eq!(table.verdict, Verdict::Know);
    assert!(
        table.found.contains("2026-03-10 14:19:00Z"),
        "{}",
        table.found
    );
    assert!(checks.iter().all(|check| check.verdict != Verdict::Stop));
    assert!(matches!(gone.tags, Fact::Cached { .. }));
}
