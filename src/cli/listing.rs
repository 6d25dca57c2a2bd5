//! What `points` and `resources` share: connect, scan everything, tell what failed.
//!
//! A place that fails is one line with its remedy; the rest is kept.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::catalog::scan::{Message, scan};
use crate::catalog::source::Source;
use crate::catalog::store::Store;
use crate::domain::ids::{AccountId, Region};
use crate::domain::incident::parse_time;
use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;
use crate::domain::text::shown;
use crate::domain::words;
use crate::report::{FAILED, INCOMPLETE, Report};

use super::output::Output;
use super::{Session, cached, places};

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Listing {
    /// What was found.
    pub store: Store,
    /// Whether a place failed.
    pub incomplete: bool,
    /// When each kind was listed in each place, where nobody was asked this time.
    pub cached: BTreeMap<(AccountId, Region, PointKind), Timestamp>,
}

impl Listing {
    /// Returns the exit code of a listing that was printed.
    #[must_use]
    pub fn exit(&self) -> u8 {
        if self.incomplete { INCOMPLETE } else { 0 }
    }

    /// Returns when a kind was listed in a place, where nobody was asked this time.
    #[must_use]
    pub fn known_at(&self, place: &Place, kind: PointKind) -> Option<Timestamp> {
        let key = (place.account.clone(), place.region.clone(), kind);
        self.cached.get(&key).copied()
    }
}

/// Lists everything in every place that flags and settings ask for.
///
/// # Errors
/// A report if no place answered.
pub async fn list(
    session: &mut Session<'_>,
    sources: &[&'static dyn Source],
) -> Result<Listing, Report> {
    let wanted = places::wanted(&session.flags, &session.config);
    let places = places::connect(&session.viewer, wanted).await;
    if let Some(report) = places.none_answered() {
        return Err(report);
    }
    for line in places.failure_lines() {
        session.output.tell(&line);
    }
    let incomplete = !places.failed.is_empty();
    let mut gathering = Gathering {
        keeping: Some(cached::Keeping::new(session, &places.clients, sources)),
        ..Gathering::default()
    };
    let messages = scan(sources, places.clients);
    gathering.listing.incomplete = incomplete;
    gathering.gather(messages, session.output).await
}

/// A listing while it grows.
#[derive(Debug, Default)]
struct Gathering {
    listing: Listing,
    finished: usize,
    first_failure: Option<Report>,
    /// Keeps what is found for when nobody can be asked.
    keeping: Option<cached::Keeping>,
}

impl Gathering {
    async fn gather(
        mut self,
        mut messages: tokio::sync::mpsc::Receiver<Message>,
        output: &mut Output,
    ) -> Result<Listing, Report> {
        while let Some(message) = messages.recv().await {
            if let Some(keeping) = &mut self.keeping {
                keeping.take(&message);
            }
            self.take(message, output);
        }
        if let Some(keeping) = self.keeping.take() {
            keeping.end().await;
        }
        match self.first_failure {
            Some(report) if self.finished == 0 && self.listing.store.count() == 0 => Err(Report {
                exit: FAILED,
                ..report
            }),
            Some(_) | None => Ok(self.listing),
        }
    }

    fn take(&mut self, message: Message, output: &mut Output) {
        match message {
            Message::Found(batch) => self.listing.store.insert(batch),
            Message::Finished { .. } => self.finished += 1,
            Message::Failed {
                place,
                kind,
                failure,
            } => {
                let report = Report::of_failure(&failure, place.profile.as_deref());
                let account = shown(place.account.as_str());
                let kind = kind.as_str();
                output.tell(&format!(
                    "! {} {account} {kind}: {}",
                    place.region,
                    report.line()
                ));
                self.listing.incomplete = true;
                self.first_failure.get_or_insert(report);
            }
        }
    }
}

/// Reads the time of an incident and says how it was understood.
///
/// # Errors
/// A report if it is no time.
pub fn incident(
    text: Option<&str>,
    session: &mut Session<'_>,
    echo: bool,
) -> Result<Option<Timestamp>, Report> {
    let Some(text) = text else {
        return Ok(None);
    };
    let now = session.clock.now();
    let at = parse_time(text, now)?;
    if echo {
        let understood = words::understood(at, now, &session.config.timezone);
        session.output.note(&format!("before {understood}"));
    }
    Ok(Some(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::fixtures::{place, point};
    use crate::catalog::source::Batch;
    use crate::cli::output::tests::Shared;
    use crate::domain::failure::{Effect, Failure, FailureClass};

    async fn gathered(messages: Vec<Message>) -> (Result<Listing, Report>, String) {
        let (sender, receiver) = tokio::sync::mpsc::channel(messages.len().max(1));
        for message in messages {
            sender.try_send(message).unwrap();
        }
        drop(sender);
        let err = Shared::default();
        let mut output = Output::to(Shared::default(), err.clone());
        let outcome = Gathering::default().gather(receiver, &mut output).await;
        (outcome, err.text())
    }

    fn failed() -> Message {
        Message::Failed {
            place: place("acme-dr", "eu-central-1"),
            kind: PointKind::EbsSnapshot,
            failure: Failure {
                class: FailureClass::CredentialsExpired,
                effect: Effect::None,
                call: "ec2:DescribeSnapshots".into(),
                code: Some("ExpiredToken".into()),
                message: "late".into(),
                request_id: None,
            },
        }
    }

    #[tokio::test]
    async fn a_place_that_fails_is_one_line_with_its_remedy() {
        let here = place("acme", "eu-west-1");
        let points = vec![point("snap-1", &here, "2026-03-01T02:00:00Z")];
        let found = Message::Found(Batch {
            points,
            resources: vec![],
            ..Batch::default()
        });
        let finished = Message::Finished {
            place: here,
            kind: PointKind::EbsSnapshot,
        };
        let (listing, notes) = gathered(vec![found, failed(), finished]).await;
        let listing = listing.unwrap();
        assert_eq!(listing.exit(), INCOMPLETE);
        assert_eq!(listing.store.count(), 1);
        assert_eq!(notes.lines().count(), 1);
        assert!(
            notes.starts_with("! eu-central-1 111122223333 ebs-snapshot: "),
            "{notes}"
        );
        assert!(
            notes.ends_with("aws sso login --profile acme-dr\n"),
            "{notes}"
        );
    }

    #[tokio::test]
    async fn when_every_place_fails_the_command_fails() {
        let (listing, _) = gathered(vec![failed()]).await;
        assert_eq!(listing.unwrap_err().exit, FAILED);
    }

    #[tokio::test]
    async fn an_empty_account_is_no_failure() {
        let finished = Message::Finished {
            place: place("acme", "eu-west-1"),
            kind: PointKind::EbsSnapshot,
        };
        let (listing, _) = gathered(vec![finished]).await;
        assert_eq!(listing.unwrap().exit(), 0);
    }
}
