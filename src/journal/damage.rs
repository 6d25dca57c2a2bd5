//! What is known of damage to a run's record: how far it can be trusted, and where the evidence is.
//!
//! Pure: it is told by whoever reads the storage, and read by whoever tells people.

use serde::Serialize;

use crate::domain::ids::RunId;
use crate::domain::run::RunStatus;
use crate::domain::text::shown;

/// What became of the damaged files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Nobody has copied them yet: they were only looked at.
    #[default]
    InPlace,
    /// They are copied to this directory.
    Copied(String),
    /// They could not be copied, for this reason.
    Uncopied(String),
}

impl Evidence {
    /// Returns where the copy is, or why there is none, as one clause; nothing where nobody has tried.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        match self {
            Self::InPlace => None,
            Self::Copied(copy) => Some(format!("the damaged files are copied to {}", shown(copy))),
            Self::Uncopied(why) => Some(format!(
                "the damaged files could not be copied aside: {}",
                shown(why)
            )),
        }
    }
}

/// Damage to the record of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// The run.
    pub run: RunId,
    /// How many events from the first on are valid: their chain holds.
    pub intact: u64,
    /// How many there were, where the storage still tells.
    pub written: Option<u64>,
    /// Whether the file itself is damaged, so that nothing more is written to any run in it.
    pub file: bool,
    /// What became of the damaged files.
    pub evidence: Evidence,
}

impl Damage {
    /// Returns the position of the first event that is lost. A run of which every event is valid has
    /// lost none: then it is the next one.
    #[must_use]
    pub fn event(&self) -> u64 {
        self.intact + 1
    }

    /// Tells whether a run is over for all that its valid events say, and none of them is lost.
    #[must_use]
    pub fn spares(&self, status: RunStatus) -> bool {
        self.written == Some(self.intact) && status.is_over()
    }

    /// Returns what is damaged, as one clause.
    #[must_use]
    pub fn told(&self) -> String {
        let Self { run, intact, .. } = self;
        let valid = match intact {
            1 => "1 event before it is valid".to_owned(),
            many => format!("{many} events before it are valid"),
        };
        let event = self.event();
        let whole = self.written == Some(*intact);
        if whole && !self.file {
            return format!(
                "what was asked of run {run} is damaged; all {intact} events of the run are valid"
            );
        }
        match self.written {
            Some(_) if whole => format!(
                "the file with the journal of run {run} is damaged; all {intact} events of the run are valid"
            ),
            Some(written) if written >= event => {
                format!(
                    "the journal of run {run} is damaged at event {event} of {written}; {valid}"
                )
            }
            Some(_) | None => {
                format!("the journal of run {run} is damaged at event {event}; {valid}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn damage(intact: u64, written: Option<u64>, file: bool) -> Damage {
        Damage {
            run: RunId::from("01JD4QAAAA7K"),
            intact,
            written,
            file,
            evidence: Evidence::InPlace,
        }
    }

    #[test]
    fn the_first_lost_event_and_what_is_valid_are_told() {
        let told = |intact, written, file| damage(intact, written, file).told();
        let start = "the journal of run 01JD4QAAAA7K is damaged at event";
        assert_eq!(
            told(5, Some(9), false),
            format!("{start} 6 of 9; 5 events before it are valid")
        );
        assert_eq!(
            told(1, None, true),
            format!("{start} 2; 1 event before it is valid")
        );
        assert!(told(5, Some(5), true).ends_with("all 5 events of the run are valid"));
    }
}
