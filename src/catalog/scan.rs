//! Every source in every place at once: bounded, streaming, one failure never hides the rest.
//!
//! A place that is reached through several profiles is listed once; the next profile is asked only
//! where the one before it failed. A source that falls silent is ended and reported.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinError, JoinSet};

use crate::aws::connect::Clients;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::ids::{AccountId, Region};
use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;

use super::source::{Batch, Sink, Source};

/// How many listings are under way at a time.
const AT_ONCE: usize = 16;
/// How long a listing may bring nothing before it counts as failed.
const IDLE: Duration = Duration::from_secs(30);
/// How many messages wait for the reader.
const QUEUE: usize = 64;

/// What a scan tells while it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A page has arrived.
    Found(Batch),
    /// A kind is completely listed in a place.
    Finished {
        /// The place.
        place: Place,
        /// The kind.
        kind: PointKind,
    },
    /// A kind could not be listed completely in a place; what was found before stays.
    Failed {
        /// The place.
        place: Place,
        /// The kind.
        kind: PointKind,
        /// Why.
        failure: Failure,
    },
}

/// Lists every source in every place. The channel closes after the last `Finished` or `Failed`;
/// dropping the receiver ends the scan. Must be called within a tokio runtime.
#[must_use]
pub fn scan(sources: &[&'static dyn Source], places: Vec<Clients>) -> mpsc::Receiver<Message> {
    let (out, messages) = mpsc::channel(QUEUE);
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    for doors in by_place(places) {
        for source in sources {
            let listing = Listing {
                source: *source,
                doors: doors.clone(),
                out: out.clone(),
            };
            let permits = Arc::clone(&permits);
            tokio::spawn(async move {
                let _permit = permits.acquire().await;
                listing.run().await;
            });
        }
    }
    messages
}

/// Groups clients by account and Region, in the order they were given.
fn by_place(places: Vec<Clients>) -> Vec<Vec<Clients>> {
    let mut seen: BTreeMap<(AccountId, Region), usize> = BTreeMap::new();
    let mut groups: Vec<Vec<Clients>> = Vec::new();
    for clients in places {
        let key = (clients.place.account.clone(), clients.place.region.clone());
        let at = *seen.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(clients),
            None => groups.push(vec![clients]),
        }
    }
    groups
}

/// One source in one place, with the clients of every profile that leads there.
struct Listing {
    source: &'static dyn Source,
    doors: Vec<Clients>,
    out: mpsc::Sender<Message>,
}

impl Listing {
    async fn run(self) {
        let kind = self.source.kind();
        let mut first_failed = None;
        for clients in &self.doors {
            match self.list(clients).await {
                Ok(()) => {
                    let place = clients.place.clone();
                    self.tell(Message::Finished { place, kind }).await;
                    return;
                }
                Err(failure) => {
                    let place = clients.place.clone();
                    let failed = Message::Failed {
                        place,
                        kind,
                        failure,
                    };
                    first_failed.get_or_insert(failed);
                }
            }
            if self.out.is_closed() {
                return;
            }
        }
        if let Some(failed) = first_failed {
            self.tell(failed).await;
        }
    }

    /// Lists through one profile. The source runs in a task of its own, so that a panic in it is a
    /// failure of this place alone.
    async fn list(&self, clients: &Clients) -> Result<(), Failure> {
        let (pages, mut found) = mpsc::channel(1);
        let (source, clients) = (self.source, clients.clone());
        let mut task = JoinSet::new();
        task.spawn(async move { source.list(&clients, &Sink::new(pages)).await });
        loop {
            match tokio::time::timeout(IDLE, found.recv()).await {
                Ok(Some(batch)) => {
                    if !self.tell(Message::Found(batch)).await {
                        return Ok(());
                    }
                }
                // The source dropped its end: it is done, and its task ends at once.
                Ok(None) => break,
                Err(_elapsed) => return Err(self.silent()),
            }
        }
        match task.join_next().await {
            Some(Ok(outcome)) => outcome,
            Some(Err(error)) => Err(self.broke_down(&error)),
            None => Ok(()),
        }
    }

    /// Returns whether anybody is still listening.
    async fn tell(&self, message: Message) -> bool {
        self.out.send(message).await.is_ok()
    }

    fn silent(&self) -> Failure {
        self.unanswered(&format!("nothing has come for {} seconds", IDLE.as_secs()))
    }

    fn broke_down(&self, error: &JoinError) -> Failure {
        self.unanswered(&format!("it broke down: {error}"))
    }

    fn unanswered(&self, what: &str) -> Failure {
        Failure {
            class: FailureClass::Unanswered,
            effect: Effect::None,
            call: format!("Listing of {}", self.source.kind().as_str()),
            code: None,
            message: what.into(),
            request_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::catalog::fixtures::{clients, point};
    use crate::catalog::source::Read;
    use crate::domain::ids::Region;

    /// Answers by the Region's name: `silent`, `denied`, `panics`, anything else lists two pages.
    struct Fake;

    fn denied() -> Failure {
        Failure {
            class: FailureClass::Denied,
            effect: Effect::None,
            call: "ec2:DescribeSnapshots".into(),
            code: None,
            message: "denied".into(),
            request_id: None,
        }
    }

    #[async_trait]
    impl Source for Fake {
        fn kind(&self) -> PointKind {
            PointKind::EbsSnapshot
        }

        async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure> {
            let id = |n: u8| format!("snap-{}-{n}", clients.place.region);
            let one = |n| point(&id(n), &clients.place, "2026-03-01T02:00:00Z");
            sink.points(vec![one(1)]).await;
            match (
                clients.place.region.as_str(),
                clients.place.profile.as_deref(),
            ) {
                ("silent", _) => std::future::pending().await,
                ("panics", _) => panic!("seen in the wild"),
                ("denied", _) | (_, Some("weak")) => return Err(denied()),
                _answers => sink.points(vec![one(2)]).await,
            }
            Ok(())
        }

        async fn try_reads(&self, _clients: &Clients) -> Vec<Read> {
            Vec::new()
        }
    }

    async fn all(places: &[(&str, &str)]) -> Vec<Message> {
        let places = places.iter().map(|(p, r)| clients(p, r)).collect();
        let mut messages = scan(&[&Fake], places);
        let mut all = Vec::new();
        while let Some(message) = messages.recv().await {
            all.push(message);
        }
        all
    }

    fn found(messages: &[Message]) -> Vec<String> {
        let mut ids: Vec<String> = messages
            .iter()
            .filter_map(|message| match message {
                Message::Found(batch) => Some(&batch.points),
                Message::Finished { .. } | Message::Failed { .. } => None,
            })
            .flatten()
            .map(|point| point.id.clone())
            .collect();
        ids.sort();
        ids
    }

    fn failed(messages: &[Message]) -> Vec<(Region, String)> {
        let failed = messages.iter().filter_map(|message| match message {
            Message::Failed { place, failure, .. } => {
                Some((place.region.clone(), failure.message.shown()))
            }
            Message::Found(_) | Message::Finished { .. } => None,
        });
        failed.collect()
    }

    fn finished(messages: &[Message]) -> usize {
        let is = |message: &&Message| matches!(message, Message::Finished { .. });
        messages.iter().filter(is).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_failing_place_is_one_message_and_hides_nothing() {
        let messages = all(&[("a", "eu-west-1"), ("a", "denied"), ("a", "us-east-1")]).await;
        assert_eq!(failed(&messages), [("denied".into(), "denied".into())]);
        assert_eq!(finished(&messages), 2);
        let wanted = [
            "snap-denied-1",
            "snap-eu-west-1-1",
            "snap-eu-west-1-2",
            "snap-us-east-1-1",
            "snap-us-east-1-2",
        ];
        assert_eq!(found(&messages), wanted);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_place_is_ended_and_what_it_brought_stays() {
        let messages = all(&[("a", "silent"), ("a", "eu-west-1")]).await;
        let why = "nothing has come for 30 seconds".to_owned();
        assert_eq!(failed(&messages), [("silent".into(), why)]);
        assert!(found(&messages).contains(&"snap-silent-1".to_owned()));
        // The other place is complete long before.
        assert!(matches!(messages.last(), Some(Message::Failed { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_panics_fails_its_place_alone() {
        let messages = all(&[("a", "panics"), ("a", "eu-west-1")]).await;
        assert_eq!(failed(&messages).len(), 1);
        assert_eq!(finished(&messages), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_seen_through_two_profiles_is_listed_once() {
        let messages = all(&[("a", "eu-west-1"), ("b", "eu-west-1")]).await;
        assert_eq!(found(&messages), ["snap-eu-west-1-1", "snap-eu-west-1-2"]);
        assert_eq!(finished(&messages), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_second_profile_is_asked_where_the_first_fails() {
        let messages = all(&[("weak", "eu-west-1"), ("b", "eu-west-1")]).await;
        assert_eq!(failed(&messages), []);
        assert!(found(&messages).contains(&"snap-eu-west-1-2".to_owned()));
        let messages = all(&[("weak", "eu-west-1"), ("b", "denied")]).await;
        assert_eq!(failed(&messages).len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn more_places_than_fit_at_once_are_all_listed() {
        let names: Vec<String> = (0..40).map(|n| format!("r{n}")).collect();
        let places: Vec<(&str, &str)> = names.iter().map(|name| ("a", name.as_str())).collect();
        assert_eq!(finished(&all(&places).await), 40);
    }
}
