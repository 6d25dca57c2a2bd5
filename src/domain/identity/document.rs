//! The JSON of a policy of users, groups and roles: what it lacks for the table that takes another's place, and how it
//! reads with that.
//!
//! The new ARN stands before the old one, so that no line but new ones changes in a list.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::naming::{Naming, Tables, covers, fits, naming};

/// What is otherwise for the new table than for the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lack {
    /// `Allow` on the old one: access to the new one is not given.
    Access,
    /// `Deny` on the old one: the new one is not denied.
    Denial,
    /// `Deny` on all but the old one: access to the new one is denied.
    Exemption,
    /// `Allow` on all but the old one: the new one is allowed.
    Exclusion,
}

impl Lack {
    /// Says it in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Access => "what it allows on the old table it does not allow on the new one",
            Self::Denial => "what it denies on the old table it does not deny on the new one",
            Self::Exemption => "it denies everything but the old table, and so the new one",
            Self::Exclusion => "it allows everything but the old table, and so the new one",
        }
    }
}

/// What a policy says of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The policy as it is.
    pub before: Value,
    /// The policy as it says the same of both tables; equal where it does already.
    pub after: Value,
    /// What it lacks, sorted, each once.
    pub lacks: Vec<Lack>,
    /// Whether it names both tables somewhere.
    pub covers: bool,
    /// Whether it has a variable that may name the table.
    pub depends: bool,
}

/// Reads a policy; `None` where the text is none. Statements about other services are left out.
#[must_use]
pub fn read(document: &str, tables: Tables<'_>) -> Option<Reading> {
    let before: Value = serde_json::from_str(document).ok()?;
    let mut reading = Reading {
        after: before.as_object()?.clone().into(),
        lacks: Vec::new(),
        covers: false,
        depends: false,
        before,
    };
    let variables = reading.before["Version"] == "2012-10-17";
    let mut after = reading.after.take();
    match after.get_mut("Statement") {
        Some(Value::Array(all)) => {
            for one in all {
                reading.statement(one, variables, tables);
            }
        }
        Some(one) => reading.statement(one, variables, tables),
        None => {}
    }
    reading.after = after;
    reading.lacks.sort_unstable();
    reading.lacks.dedup();
    Some(reading)
}

impl Reading {
    fn statement(&mut self, one: &mut Value, variables: bool, tables: Tables<'_>) {
        if !is_about_tables(one) {
            return;
        }
        let denies = one["Effect"] == "Deny";
        for (field, lack) in [
            ("Resource", if denies { Lack::Denial } else { Lack::Access }),
            (
                "NotResource",
                if denies {
                    Lack::Exemption
                } else {
                    Lack::Exclusion
                },
            ),
        ] {
            let Some(said) = one.get_mut(field) else {
                continue;
            };
            let told = texts(said);
            let with = self.completed(&told, variables, tables);
            if with.len() > told.len() {
                self.lacks.push(lack);
                *said = Value::from(with);
            }
        }
    }

    /// Returns the texts with those that are missing.
    fn completed(&mut self, told: &[String], variables: bool, tables: Tables<'_>) -> Vec<String> {
        let mut with: Vec<String> = Vec::new();
        for text in told {
            match naming(text, variables, tables) {
                Naming::Nothing => {}
                Naming::Both => self.covers = true,
                Naming::Depends => self.depends = true,
                Naming::OldAlone(wanted) => {
                    let known = |one: &String| {
                        let mut all = told.iter().chain(&with);
                        all.any(|text| covers(text, variables, one))
                    };
                    let missing: Vec<String> =
                        wanted.into_iter().filter(|one| !known(one)).collect();
                    self.covers |= missing.is_empty();
                    with.extend(missing);
                }
            }
            with.push(text.clone());
        }
        with
    }
}

/// A text stands for a list of one.
fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match value {
        Value::Array(all) => all.iter().filter_map(text).collect(),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            text(value).into_iter().collect()
        }
    }
}

/// Tells whether a statement has an action of the service; one that lists what it is not about may have any.
fn is_about_tables(statement: &Value) -> bool {
    let Some(actions) = statement.get("Action") else {
        return statement.get("NotAction").is_some();
    };
    texts(actions).iter().any(|action| {
        let service = action.split(':').next().unwrap_or_default();
        fits(&service.to_ascii_lowercase(), "dynamodb")
    })
}
