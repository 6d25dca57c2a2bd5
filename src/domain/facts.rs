//! What was observed of the world before planning, and what could not be.
//!
//! A fact never pretends: a value that was not read says why, and checks built on it cannot pass.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A value with its standing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact<T> {
    /// Read from AWS at the given instant.
    Observed {
        /// What was read.
        value: T,
        /// When it was read.
        at: Timestamp,
    },
    /// Known from an earlier session.
    Cached {
        /// What was known.
        value: T,
        /// When it was read.
        at: Timestamp,
    },
    /// Not known, with the reason.
    Unknown(String),
}

impl<T> Fact<T> {
    /// Returns the value if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Observed { value, .. } | Self::Cached { value, .. } => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// Returns why the value is not known, if it is not.
    pub fn why_unknown(&self) -> Option<&str> {
        match self {
            Self::Observed { .. } | Self::Cached { .. } => None,
            Self::Unknown(why) => Some(why),
        }
    }
}
