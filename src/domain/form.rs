//! The questions a flow asks and the answers it was given.
//!
//! The wizard's fields and the command line's flags are the same [`FieldSpec`]s. A [`Form`] is the
//! fidelity table: for each field what will be done, where that comes from, and what AWS would do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::recovery_point::PointKind;
use super::resource::ResourceKind;

/// The word of a field that takes words by which what was there before is kept.
pub const AS_BEFORE: &str = "as-before";

/// How a field is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Free text; the word names the value in help (`ID`).
    Text(&'static str),
    /// A whole number; the word names the value in help (`GIB`).
    Number(&'static str),
    /// A date or an instant.
    Date,
    /// An instant, to the second.
    Instant,
    /// A resource of this kind, by its id.
    Resource(ResourceKind),
    /// A recovery point of one of these kinds, by its id.
    Point(&'static [PointKind]),
    /// One of the words.
    OneOf(&'static [&'static str]),
    /// Present or absent.
    Flag,
}

/// A field of a flow: a flag of the command line, a line of the wizard.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// Name without dashes, `volume-type`.
    pub name: &'static str,
    /// One sentence of help.
    pub sentence: &'static str,
    /// How it is typed.
    pub kind: FieldKind,
    /// Whether the plan cannot be made without it.
    pub required: bool,
    /// Whether it names the recovery point or resource the flow is about.
    pub subject: bool,
}

impl FieldSpec {
    /// Tells whether a flow that begins at a recovery point of a kind takes its id here.
    #[must_use]
    pub fn takes(&self, kind: PointKind) -> bool {
        let fits = match self.kind {
            FieldKind::Point(kinds) => kinds.contains(&kind),
            FieldKind::Text(_)
            | FieldKind::Number(_)
            | FieldKind::Date
            | FieldKind::Instant
            | FieldKind::Resource(_)
            | FieldKind::OneOf(_)
            | FieldKind::Flag => true,
        };
        self.subject && fits
    }
}

/// Where a field's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueFrom {
    /// Carried over from what was there before.
    AsBefore,
    /// What AWS does when nobody says anything.
    AwsDefault,
    /// Proposed by defib; named in the note.
    Proposed,
    /// Given by the operator.
    Yours,
    /// Nobody has said yet.
    Missing,
}

/// One line of the fidelity table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Name of its [`FieldSpec`].
    pub name: String,
    /// What will be done.
    pub value: Option<String>,
    /// Where that comes from.
    pub from: ValueFrom,
    /// What AWS would do if nobody said anything.
    pub aws_default: Option<String>,
}

/// The fields in the order of the wizard.
pub type Form = Vec<Field>;

/// What the operator chose: field name to its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Choices(BTreeMap<String, Vec<String>>);

impl Choices {
    /// Returns the single value of a field.
    #[must_use]
    pub fn one(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.first().map(String::as_str)
    }

    /// Returns every value of a field, each of which may hold several with commas between them.
    #[must_use]
    pub fn many(&self, name: &str) -> Vec<&str> {
        let values = self.0.get(name).into_iter().flatten();
        let each = values.flat_map(|value| value.split(','));
        each.map(str::trim)
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// Tells whether a flag was given.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Sets a field to one value.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), vec![value.into()]);
    }

    /// Sets a field to several values.
    pub fn set_many(&mut self, name: &str, values: Vec<String>) {
        self.0.insert(name.to_owned(), values);
    }
}
