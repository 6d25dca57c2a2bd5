//! What was last seen of a table: when it is kept, over what, and what a plan for a table that is gone says of it and
//! takes from it. Files lie in a directory of the test.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::last_seen::{chosen, observing, of, offered};
use super::super::saved::SavedTable;
use super::fixtures::*;
use crate::domain::check::Verdict;
use crate::domain::facts::Fact;
use crate::domain::form::{Choices, ValueFrom};
use crate::domain::last_seen;
use crate::domain::place::Home;
use crate::restore::flow::{Flow as _, FlowError};

const FLOW: &str = "dynamodb-restore";

fn home() -> Home {
    facts().place.home()
}

fn seen() -> SavedTable {
    of(FLOW, &serde_json::to_value(facts()).unwrap()).unwrap()
}

fn without_tags() -> SavedTable {
    let mut there = facts();
    there.tags = denied();
    of(FLOW, &serde_json::to_value(there).unwrap()).unwrap()
}

fn bytes(saved: &SavedTable) -> Vec<u8> {
    saved.content().unwrap().into_bytes()
}

/// A directory with one file in it, of the table.
struct Kept {
    directory: TempDir,
}

impl Kept {
    fn with(content: &[u8]) -> Self {
        let kept = Self {
            directory: TempDir::new().unwrap(),
        };
        fs::write(kept.file(), content).unwrap();
        fs::set_permissions(kept.file(), Permissions::from_mode(0o600)).unwrap();
        kept
    }

    fn front(&self) -> PathBuf {
        self.directory.path().join("111122223333.ab")
    }

    fn file(&self) -> PathBuf {
        last_seen::path(&self.front(), &home().region, "orders")
    }

    fn choices(&self) -> Choices {
        observing(&Choices::default(), Some(&self.front()))
    }

    async fn offered(&self) -> Option<Fact<Timestamp>> {
        offered(&self.choices(), "orders", &home()).await
    }

    /// Why it is not taken, where it is chosen; it is offered with the same words.
    async fn refused(&self) -> String {
        let Some(Fact::Unknown(why)) = self.offered().await else {
            panic!("it is offered");
        };
        match chosen(&self.choices(), "orders", &home()).await {
            Err(FlowError::Choice { field, why: said }) => {
                assert_eq!((field.as_str(), &said), ("settings", &why));
            }
            other => panic!("{other:?}"),
        }
        let file = self.file();
        assert!(why.contains(file.to_str().unwrap()), "it is named: {why}");
        why
    }
}

/// A table that was deleted, whose settings were seen while it was there.
fn gone(chosen: bool) -> super::super::facts::TableFacts {
    let mut gone = deleted();
    if chosen {
        let mut saved = seen();
        saved.last_seen = true;
        saved.give_to(&mut gone);
    } else {
        let at = at("2026-03-07T20:00:00Z");
        gone.last_seen = Some(Fact::Cached { value: at, at });
    }
    gone
}

#[test]
fn a_table_that_is_there_is_kept_as_a_file_of_its_settings_is() {
    let there = facts();
    let table = there.source.clone().unwrap();
    assert_eq!(seen(), SavedTable::of(there, table));
    let facts = |facts| serde_json::to_value(facts).unwrap();
    assert_eq!(of("dynamodb-fill", &facts(super::fixtures::facts())), None);
    assert_eq!(of(FLOW, &facts(deleted())), None);
    assert_eq!(of(FLOW, &Value::Null), None);
    for status in ["CREATING", "DELETING", "ARCHIVED"] {
        let mut half = super::fixtures::facts();
        source(&mut half).status = status.into();
        assert_eq!(of(FLOW, &facts(half)), None, "{status} is not as it was");
    }
}

#[test]
fn a_setting_that_is_known_is_not_given_up_for_one_that_could_not_be_read() {
    let (whole, less) = (seen(), without_tags());
    assert!(whole.replaces(&bytes(&whole)));
    assert!(whole.replaces(&bytes(&less)));
    assert!(!less.replaces(&bytes(&whole)), "the tags would be lost");
    assert!(less.replaces(&bytes(&less)), "no more is known of before");
    for nothing in [&b"{"[..], b"", &bytes(&whole)[..200]] {
        assert!(less.replaces(nothing));
    }
    let mut other = serde_json::to_value(&whole).unwrap();
    other["home"]["account"] = json!("999988887777");
    assert!(less.replaces(other.to_string().as_bytes()));
}

#[tokio::test]
async fn what_was_kept_is_offered_and_given_only_where_it_is_chosen() {
    let kept = Kept::with(&bytes(&seen()));
    let at = seen().at;
    assert_eq!(kept.offered().await, Some(Fact::Cached { value: at, at }));
    let given = chosen(&kept.choices(), "orders", &home()).await.unwrap();
    let mut facts = deleted();
    given.give_to(&mut facts);
    let before = facts.before.clone().unwrap();
    assert!(before.last_seen && before.at == at);
    assert_eq!(ids(&plan(&facts, &[])), ids(&plan(&gone(true), &[])));
    assert_eq!(
        ids(&plan(&facts, &[])),
        ids(&plan(&deleted_and_saved(), &[]))
    );
    // Of another table nothing was kept, nor of one of that name in another Region.
    let elsewhere = Home {
        region: "us-east-1".into(),
        ..home()
    };
    assert_eq!(offered(&kept.choices(), "orders", &elsewhere).await, None);
    assert_eq!(offered(&kept.choices(), "carts", &home()).await, None);
    let none = chosen(&kept.choices(), "carts", &home()).await.unwrap_err();
    assert!(
        none.to_string().contains("nothing was kept of carts"),
        "{none}"
    );
    // Whoever has no cache offers nothing.
    let nowhere = observing(&Choices::default(), None);
    assert_eq!(nowhere, Choices::default());
    assert_eq!(offered(&nowhere, "orders", &home()).await, None);
    assert!(chosen(&nowhere, "orders", &home()).await.is_err());
}

#[tokio::test]
async fn what_is_damaged_or_of_somebody_else_is_refused_by_its_name_and_left_where_it_is() {
    let torn = bytes(&seen())[..500].to_vec();
    let kept = Kept::with(&torn);
    let why = kept.refused().await;
    assert!(why.contains("holds no settings of a table"), "{why}");
    assert_eq!(fs::read(kept.file()).unwrap(), torn);

    for (field, other) in [("account", "999988887777"), ("region", "us-east-1")] {
        let mut value = serde_json::to_value(seen()).unwrap();
        value["home"][field] = json!(other);
        let why = Kept::with(value.to_string().as_bytes()).refused().await;
        assert!(why.contains(other), "{why}");
    }
    let mut value = serde_json::to_value(seen()).unwrap();
    value["table"]["name"] = json!("carts");
    let why = Kept::with(value.to_string().as_bytes()).refused().await;
    assert!(why.contains("the settings of carts"), "{why}");

    let kept = Kept::with(&bytes(&seen()));
    fs::set_permissions(kept.file(), Permissions::from_mode(0o622)).unwrap();
    let why = kept.refused().await;
    assert!(why.contains("somebody else"), "{why}");
    let aside = kept.directory.path().join("aside");
    fs::rename(kept.file(), &aside).unwrap();
    symlink(&aside, kept.file()).unwrap();
    assert!(kept.refused().await.contains("is no regular file"));
    fs::remove_file(kept.file()).unwrap();
    fs::create_dir(kept.file()).unwrap();
    assert!(kept.refused().await.contains("is no regular file"));
}

#[test]
fn of_a_table_that_is_gone_it_is_said_when_it_was_last_seen_and_nothing_is_taken() {
    let (verdict, said) = told(&gone(false), &[], "last-seen");
    assert_eq!(verdict, Verdict::Know);
    for words in [
        "were last seen on 2026-03-07 20:00:00Z, 1 d 4 h before the backup was taken",
        "not given back unless you say so",
        "--settings last-seen",
    ] {
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(
        ids(&plan(&gone(false), &[])),
        ids(&plan(&deleted(), &[])),
        "not in silence"
    );
    let (_, same) = told(&deleted(), &[], "table");
    assert_eq!(told(&gone(false), &[], "table").1, same);
    assert!(
        checks(&deleted(), &[])
            .iter()
            .all(|one| one.name != "last-seen")
    );
    let mut torn = deleted();
    torn.last_seen = Some(Fact::Unknown("/cache/x is torn".into()));
    let (verdict, said) = told(&torn, &[], "last-seen");
    assert_eq!(verdict, Verdict::Unanswered);
    assert!(said.contains("/cache/x is torn"), "{said}");
}

#[test]
fn what_was_chosen_says_that_it_was_seen_and_is_all_that_the_plan_needs() {
    let facts = gone(true);
    let (verdict, said) = told(&facts, &[("settings", "last-seen")], "table");
    assert_eq!(verdict, Verdict::Know);
    assert!(
        said.contains("that it was last seen with, on 2026-03-10 14:19:00Z"),
        "{said}"
    );
    assert!(said.contains("after the backup was taken"), "{said}");
    let plan = plan(&facts, &[("settings", "last-seen")]);
    assert_eq!(plan.facts["before"]["last_seen"], true);
    assert!(plan.facts.get("last_seen").is_none(), "{}", plan.facts);
    assert_eq!(plan.choices.one("settings"), Some("last-seen"));
    crate::restore::planning::verify(&plan).unwrap();
}

#[test]
fn the_form_shows_what_could_be_had_and_what_was_chosen() {
    let line = |facts: &super::super::facts::TableFacts| {
        let form = super::super::DynamodbRestore.form(facts, &choices(facts, &[]));
        let mut named = form.into_iter().filter(|line| line.name == "settings");
        let line = named.next().unwrap();
        (line.value.unwrap(), line.from)
    };
    let offered = line(&gone(false));
    assert_eq!(
        offered,
        (
            "none; last-seen has those of 2026-03-07 20:00:00Z".to_owned(),
            ValueFrom::Proposed
        )
    );
    let taken = line(&gone(true));
    assert_eq!(
        taken,
        (
            "last seen: those of 2026-03-10 14:19:00Z".to_owned(),
            ValueFrom::Yours
        )
    );
    assert_eq!(line(&deleted()), ("none".to_owned(), ValueFrom::Proposed));
}
