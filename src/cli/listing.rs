//! What `points` and `resources` share: connect, scan everything, tell what failed.
//!
//! A place that fails is one line with its remedy; the rest is kept.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::aws::connect::Clients;
use crate::catalog::keys;
use crate::catalog::scan::{Message, scan};
use crate::catalog::source::Source;
use crate::catalog::store::Store;
use crate::domain::arn::is_key_of;
use crate::domain::coverage::Coverage;
use crate::domain::ids::{AccountId, Region};
use crate::domain::incident::parse_time;
use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;
use crate::domain::words;
use crate::report::{FAILED, INCOMPLETE, Report, Unlisted};

use super::output::Output;
use super::{Session, cached, places};

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Listing {
    /// What was found.
    pub store: Store,
    /// Whether a place failed.
    pub incomplete: bool,
    /// What was listed where.
    pub coverage: Coverage,
    /// The places that answered.
    pub(super) clients: Vec<Clients>,
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

impl Listing {
    /// Asks whether the KMS keys of the best points can be used; where one cannot, another point is the best, and its
    /// key is asked about in turn. What may not be asked is told once, and the point stays.
    pub async fn ask_keys_of_best(&mut self, before: Option<Timestamp>, output: &mut Output) {
        let mut asked = BTreeSet::new();
        let mut told = BTreeSet::new();
        loop {
            let wanted = self.keys_of_best(before, &mut asked);
            if wanted.is_empty() {
                return;
            }
            for (nth, keys) in wanted {
                for (key, state) in keys::states(&self.clients[nth], keys).await {
                    match state {
                        Ok(state) => self.store.key_is(&key, &state),
                        Err(failure) => {
                            let line = failure.line();
                            if told.insert(line.clone()) {
                                output.tell(&format!(
                                    "! whether keys can be used is not known: {line}"
                                ));
                            }
                        }
                    }
                }
            }
        }
    }

    /// Returns the keys of the best points that were not asked about, by the number of the clients to ask with.
    fn keys_of_best(
        &self,
        before: Option<Timestamp>,
        asked: &mut BTreeSet<String>,
    ) -> BTreeMap<usize, Vec<String>> {
        let mut wanted: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for row in 0..self.store.resources().len() {
            let best = self.store.best_at(row, before);
            let Some(key) = best.and_then(|best| best.point.kms_key()) else {
                continue;
            };
            let nth = self
                .clients
                .iter()
                .position(|one| is_key_of(key, &one.place));
            if let Some(nth) = nth.filter(|_| !asked.contains(key)) {
                asked.insert(key.to_owned());
                wanted.entry(nth).or_default().push(key.to_owned());
            }
        }
        wanted
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
    gathering.listing.incomplete = incomplete;
    let coverage = &mut gathering.listing.coverage;
    for (wanted, _) in &places.failed {
        coverage.not_reached(&wanted.name());
    }
    for clients in &places.clients {
        coverage.begin_kinds(&clients.place, listings(sources));
    }
    gathering.listing.clients.clone_from(&places.clients);
    let messages = scan(sources, places.clients);
    gathering.gather(messages, session.output).await
}

/// Counts the listings of each kind.
fn listings(sources: &[&'static dyn Source]) -> BTreeMap<PointKind, usize> {
    let mut listings = BTreeMap::new();
    for source in sources {
        *listings.entry(source.kind()).or_default() += 1;
    }
    listings
}

/// A listing while it grows.
#[derive(Debug, Default)]
struct Gathering {
    listing: Listing,
    finished: usize,
    /// What failed, by place and reason, in the order in which that came up.
    failed: Vec<Unlisted>,
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
            self.take(message);
        }
        if let Some(keeping) = self.keeping.take()
            && let Some(line) = keeping.end().await
        {
            output.tell(&line);
        }
        for unlisted in &self.failed {
            output.tell(&format!("! {}", unlisted.line()));
        }
        match self.failed.first() {
            Some(first) if self.finished == 0 && self.listing.store.count() == 0 => Err(Report {
                exit: FAILED,
                ..first.report()
            }),
            Some(_) | None => Ok(self.listing),
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Found(batch) => self.listing.store.insert(batch),
            Message::Finished { place, kind } => {
                self.finished += 1;
                self.listing.coverage.ended(&place, kind, true);
            }
            Message::Failed {
                place,
                kind,
                failure,
            } => {
                self.finished += usize::from(failure.leaves_points_whole());
                self.listing.coverage.failed(&place, kind, &failure);
                self.listing.incomplete = true;
                let mut known = self.failed.iter_mut();
                match known.find(|unlisted| unlisted.is_alike(&place, &failure)) {
                    Some(unlisted) => unlisted.take(failure),
                    None => self.failed.push(Unlisted::new(place, kind, failure)),
                }
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
    async fn what_fails_alike_in_a_place_is_one_line() {
        let finished = Message::Finished {
            place: place("acme", "eu-west-1"),
            kind: PointKind::EbsSnapshot,
        };
        let (listing, notes) = gathered(vec![failed(), failed(), finished, failed()]).await;
        assert_eq!(listing.unwrap().exit(), INCOMPLETE);
        assert_eq!(notes.lines().count(), 1, "{notes}");
        assert!(
            notes.starts_with("! eu-central-1 111122223333 (3 listings): "),
            "{notes}"
        );
    }

    #[tokio::test]
    async fn where_only_what_keeps_points_is_not_known_every_point_counts() {
        let Message::Failed {
            place,
            kind,
            failure,
        } = failed()
        else {
            panic!("it failed");
        };
        let of_locks = Message::Failed {
            place: place.clone(),
            kind,
            failure: Failure {
                class: FailureClass::Denied,
                call: "ec2:DescribeLockedSnapshots".into(),
                code: Some("UnauthorizedOperation".into()),
                ..failure
            },
        };
        let (listing, notes) = gathered(vec![of_locks]).await;
        let listing = listing.unwrap();
        assert_eq!(listing.exit(), INCOMPLETE);
        assert!(listing.coverage.is_whole(&place));
        assert!(!listing.coverage.knows_protection(&place, kind));
        let said = "! eu-central-1 111122223333 ebs-snapshot protection not known: ";
        assert!(notes.starts_with(said), "{notes}");
        assert!(
            notes.contains("allow ec2:DescribeLockedSnapshots"),
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
