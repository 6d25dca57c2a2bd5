//! Every source in every place at once: bounded, streaming, one failure never hides the rest.
//!
//! Places can be added while others are listed. A place that is reached through several profiles is listed
//! once; the next profile is asked only where the one before it failed, whenever it is found. A source that
//! falls silent is ended and reported, and holds nobody up meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
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

/// How many listings are under way at a time, those left out that nothing comes of.
const AT_ONCE: usize = 16;
/// How long somebody who waits for a silent server keeps others from their turn.
const PATIENCE: Duration = Duration::from_secs(2);
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

/// Bounds how much is under way at a time. Whoever waits for a silent server gives the turn back: there is
/// nothing to be bounded then, and others are not held up by a place that is dead. So does whoever asks slowly
/// by itself.
#[derive(Clone, Debug)]
pub struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Turns {
    /// Waits for a turn, and does the work in it.
    pub async fn take<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        let turn = self.0.acquire().await;
        if let Ok(done) = tokio::time::timeout(PATIENCE, &mut work).await {
            return done;
        }
        drop(turn);
        work.await
    }
}

/// Lists every source in every place. The channel closes after the last `Finished` or `Failed`;
/// dropping the receiver ends the scan. Must be called within a tokio runtime.
#[must_use]
pub fn scan(sources: &[&'static dyn Source], places: Vec<Clients>) -> mpsc::Receiver<Message> {
    let (out, messages) = mpsc::channel(1);
    let mut scan = Scan::new(sources);
    for clients in places {
        scan.add(clients);
    }
    tokio::spawn(async move {
        while scan.is_under_way() {
            let message = tokio::select! {
                message = scan.next() => message,
                () = out.closed() => return,
            };
            if out.send(message).await.is_err() {
                return;
            }
        }
    });
    messages
}

/// What the listing of a place has come to by adding a way there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is a new place: so many listings begin.
    Anew(usize),
    /// It was known: listings of these kinds that had failed begin again, each as often as it stands there.
    Again(Vec<PointKind>),
}

/// A scan that grows: places are added to it, and what failed is asked again.
pub struct Scan {
    sources: Vec<&'static dyn Source>,
    turns: Turns,
    out: mpsc::Sender<Told>,
    told: mpsc::Receiver<Told>,
    tasks: JoinSet<()>,
    reached: BTreeMap<(AccountId, Region), Reached>,
    under_way: usize,
}

/// A place, with the clients of every profile that leads there.
struct Reached {
    doors: Vec<Clients>,
    /// How far the listing of each source is.
    listings: Vec<State>,
}

/// How far a listing is.
enum State {
    /// It goes on. What it failed with at first, through another profile.
    UnderWay(Option<(Place, Failure)>),
    Done,
    Failed(Place, Failure),
}

/// What a listing tells.
enum Told {
    Page(Batch),
    Ended(Ended),
}

/// One source, through one door of a place.
struct Ended {
    place: (AccountId, Region),
    source: usize,
    door: usize,
    outcome: Result<(), Failure>,
}

impl Scan {
    /// Lists nothing yet.
    #[must_use]
    pub fn new(sources: &[&'static dyn Source]) -> Self {
        let (out, told) = mpsc::channel(QUEUE);
        Self {
            sources: sources.to_vec(),
            turns: Turns::default(),
            out,
            told,
            tasks: JoinSet::new(),
            reached: BTreeMap::new(),
            under_way: 0,
        }
    }

    /// Tells whether anything is still listed.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.under_way > 0
    }

    /// Adds a way to a place. Must be called within a tokio runtime.
    pub fn add(&mut self, clients: Clients) -> Begun {
        let key = (clients.place.account.clone(), clients.place.region.clone());
        let count = self.sources.len();
        let Some(reached) = self.reached.get_mut(&key) else {
            let listings = (0..count).map(|_| State::UnderWay(None)).collect();
            let doors = vec![clients];
            self.reached
                .insert(key.clone(), Reached { doors, listings });
            for source in 0..count {
                self.begin(&key, source, 0);
            }
            return Begun::Anew(count);
        };
        let same = |door: &Clients| door.place.profile == clients.place.profile;
        let door = reached.doors.iter().position(same);
        let door = door.unwrap_or(reached.doors.len());
        match reached.doors.get_mut(door) {
            Some(renewed) => *renewed = clients,
            None => reached.doors.push(clients),
        }
        let failed = reached.failed(|_failure| true);
        let profile = reached.doors[door].place.profile.clone();
        for source in &failed {
            reached.listings[*source].resumes(profile.as_deref());
        }
        for source in &failed {
            self.begin(&key, *source, door);
        }
        Begun::Again(self.kinds(&failed))
    }

    fn kinds(&self, sources: &[usize]) -> Vec<PointKind> {
        let kinds = sources.iter().map(|source| self.sources[*source].kind());
        kinds.collect()
    }

    /// Lists again whatever has failed, and tells of which kinds that is in which place. Where another login is
    /// what it takes nothing is begun before [`Scan::add`] brings one.
    pub fn retry(&mut self) -> Vec<(Place, Vec<PointKind>)> {
        let mut found = Vec::new();
        let mut begin = Vec::new();
        for (key, reached) in &mut self.reached {
            let failed = reached.failed(|failure| !failure.class.wants_login());
            for source in &failed {
                reached.listings[*source] = State::UnderWay(None);
                begin.push((key.clone(), *source));
            }
            if let Some(first) = reached.doors.first().filter(|_| !failed.is_empty()) {
                found.push((first.place.clone(), failed));
            }
        }
        let again = found.into_iter();
        let again = again.map(|(place, failed)| (place, self.kinds(&failed)));
        let again = again.collect();
        for (key, source) in begin {
            self.begin(&key, source, 0);
        }
        again
    }

    /// Returns the places, with the profiles that lead there, where listings have failed and wait for another
    /// login.
    #[must_use]
    pub fn wants_login(&self) -> BTreeSet<Place> {
        let waiting = self.reached.values().filter(|reached| {
            let failed = reached.failed(|failure| failure.class.wants_login());
            !failed.is_empty()
        });
        let doors = waiting.flat_map(|reached| &reached.doors);
        doors.map(|door| door.place.clone()).collect()
    }

    /// Waits for what is told next; for ever, where nothing is under way. Nothing is lost where the wait is
    /// given up.
    pub async fn next(&mut self) -> Message {
        loop {
            while self.tasks.try_join_next().is_some() {}
            let told = self.told.recv().await;
            let message = match told.expect("the scan has a sender itself") {
                Told::Page(batch) => Some(Message::Found(batch)),
                Told::Ended(ended) => self.ended(ended),
            };
            if let Some(message) = message {
                return message;
            }
        }
    }

    /// Takes in the end of a listing; where it failed, the next profile is asked.
    fn ended(&mut self, ended: Ended) -> Option<Message> {
        self.under_way -= 1;
        let (key, source) = (ended.place, ended.source);
        let kind = self.sources[source].kind();
        let reached = self.reached.get_mut(&key)?;
        let place = reached.doors[ended.door].place.clone();
        let state = &mut reached.listings[source];
        let Err(failure) = ended.outcome else {
            *state = State::Done;
            return Some(Message::Finished { place, kind });
        };
        let first = match std::mem::replace(state, State::Done) {
            // What brought every point counts for more than what came first.
            State::UnderWay(Some(first))
                if first.1.leaves_points_whole() || !failure.leaves_points_whole() =>
            {
                first
            }
            State::UnderWay(_) | State::Done | State::Failed(..) => (place, failure),
        };
        let next = ended.door + 1;
        if next < reached.doors.len() {
            *state = State::UnderWay(Some(first));
            self.begin(&key, source, next);
            return None;
        }
        let (place, failure) = first;
        *state = State::Failed(place.clone(), failure.clone());
        Some(Message::Failed {
            place,
            kind,
            failure,
        })
    }

    fn begin(&mut self, place: &(AccountId, Region), source: usize, door: usize) {
        let Some(reached) = self.reached.get(place) else {
            return;
        };
        self.under_way += 1;
        let listing = Listing {
            source: self.sources[source],
            clients: reached.doors[door].clone(),
            out: self.out.clone(),
        };
        let (turns, out, place) = (self.turns.clone(), self.out.clone(), place.clone());
        self.tasks.spawn(async move {
            let outcome = listing.run(&turns).await;
            let ended = Ended {
                place,
                source,
                door,
                outcome,
            };
            out.send(Told::Ended(ended)).await.ok();
        });
    }
}

impl Reached {
    /// Returns the sources whose listing has failed in such a way.
    fn failed(&self, such: impl Fn(&Failure) -> bool) -> Vec<usize> {
        let listings = self.listings.iter().enumerate();
        let failed = listings.filter(|(_, state)| match state {
            State::Failed(_, failure) => such(failure),
            State::UnderWay(_) | State::Done => false,
        });
        failed.map(|(source, _)| source).collect()
    }
}

impl State {
    /// Goes on through a profile. What it failed with at first is what is told in the end, unless that was
    /// through this very profile: it is asked with other credentials now, and what comes of that counts.
    fn resumes(&mut self, profile: Option<&str>) {
        *self = match std::mem::replace(self, Self::Done) {
            Self::Failed(place, _) if place.profile.as_deref() == profile => Self::UnderWay(None),
            Self::Failed(place, failure) => Self::UnderWay(Some((place, failure))),
            other @ (Self::UnderWay(_) | Self::Done) => other,
        };
    }
}

/// One source in one place, through one profile.
struct Listing {
    source: &'static dyn Source,
    clients: Clients,
    out: mpsc::Sender<Told>,
}

impl Listing {
    /// Lists. The source runs in a task of its own, so that a panic in it is a failure of this place alone.
    async fn run(&self, turns: &Turns) -> Result<(), Failure> {
        let turn = turns.0.acquire().await;
        let mut turn = Some(turn);
        let (pages, mut found) = mpsc::channel(1);
        let (source, clients) = (self.source, self.clients.clone());
        let mut task = JoinSet::new();
        task.spawn(async move { source.list(&clients, &Sink::new(pages)).await });
        loop {
            let mut page = tokio::time::timeout(PATIENCE, found.recv()).await;
            if page.is_err() {
                turn.take();
                page = tokio::time::timeout(IDLE.saturating_sub(PATIENCE), found.recv()).await;
            }
            match page {
                Ok(Some(batch)) => {
                    if batch.paced {
                        turn.take();
                    }
                    if self.out.send(Told::Page(batch)).await.is_err() {
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

    fn expired() -> Failure {
        Failure {
            class: FailureClass::CredentialsExpired,
            message: "expired".into(),
            ..denied()
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
                (silent, _) if silent.starts_with("silent") => std::future::pending().await,
                (paced, _) if paced.starts_with("paced") => {
                    sink.paced().await;
                    for _page in 0..100 {
                        crate::clock::Clock::real().sleep(PATIENCE / 2).await;
                        sink.points(vec![]).await;
                    }
                }
                ("expired", _) if clients.role.ends_with("/weak") => return Err(denied()),
                ("expired", _) => return Err(expired()),
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

    /// Has no credentials any more, wherever it is.
    struct Tokenless;

    #[async_trait]
    impl Source for Tokenless {
        fn kind(&self) -> PointKind {
            PointKind::RdsSnapshot
        }

        async fn list(&self, _clients: &Clients, _sink: &Sink) -> Result<(), Failure> {
            Err(expired())
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

    async fn rest_of(scan: &mut Scan) -> Vec<Message> {
        let mut messages = Vec::new();
        while scan.is_under_way() {
            messages.push(scan.next().await);
        }
        messages
    }

    #[tokio::test(start_paused = true)]
    async fn a_profile_that_is_found_later_is_asked_where_the_one_before_has_failed_and_nowhere_else()
     {
        let mut scan = Scan::new(&[&Fake, &Fake]);
        for (profile, region) in [("weak", "eu-west-1"), ("a", "us-east-1")] {
            assert_eq!(scan.add(clients(profile, region)), Begun::Anew(2));
        }
        let messages = rest_of(&mut scan).await;
        assert_eq!((failed(&messages).len(), finished(&messages)), (2, 2));
        assert_eq!(scan.add(clients("b", "us-east-1")), Begun::Again(vec![]));
        let both = vec![PointKind::EbsSnapshot; 2];
        assert_eq!(scan.add(clients("b", "eu-west-1")), Begun::Again(both));
        let messages = rest_of(&mut scan).await;
        assert_eq!((failed(&messages).len(), finished(&messages)), (0, 2));
        assert!(found(&messages).iter().all(|id| id.contains("eu-west-1")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_profile_that_is_found_while_the_one_before_is_asked_waits_for_its_failure() {
        let mut scan = Scan::new(&[&Fake]);
        assert_eq!(scan.add(clients("weak", "eu-west-1")), Begun::Anew(1));
        let again = scan.add(clients("b", "eu-west-1"));
        assert_eq!(again, Begun::Again(vec![]));
        let messages = rest_of(&mut scan).await;
        assert_eq!((failed(&messages).len(), finished(&messages)), (0, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_failed_is_listed_again_and_the_rest_is_not() {
        let mut scan = Scan::new(&[&Fake]);
        for region in ["denied", "eu-west-1", "silent"] {
            scan.add(clients("a", region));
        }
        // The silent one is still waited for.
        let mut told = Vec::new();
        while failed(&told).is_empty() || finished(&told) == 0 {
            told.push(scan.next().await);
        }
        let again = scan.retry();
        let denied = clients("a", "denied").place;
        assert_eq!(again, [(denied, vec![PointKind::EbsSnapshot])]);
        assert_eq!(scan.retry(), [], "it is under way");
        let rest = rest_of(&mut scan).await;
        let regions: Vec<_> = failed(&rest)
            .into_iter()
            .map(|(region, _)| region)
            .collect();
        assert_eq!(regions, ["denied".into(), Region::new("silent")]);
        assert_eq!(finished(&rest), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn where_another_login_is_what_it_takes_nothing_is_listed_before_it() {
        let mut scan = Scan::new(&[&Fake]);
        scan.add(clients("a", "expired"));
        let messages = rest_of(&mut scan).await;
        assert_eq!(failed(&messages).len(), 1);
        assert_eq!(scan.retry(), []);
        let waits = clients("a", "expired").place;
        assert_eq!(scan.wants_login(), [waits].into());
        let again = scan.add(clients("a", "expired"));
        assert_eq!(again, Begun::Again(vec![PointKind::EbsSnapshot]));
        assert!(scan.is_under_way());
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_listing_fails_with_after_a_login_is_told_and_no_longer_what_it_failed_with_before()
     {
        let mut scan = Scan::new(&[&Fake]);
        scan.add(clients("a", "expired"));
        rest_of(&mut scan).await;
        let weak = Clients {
            role: "arn:aws:iam::111122223333:role/weak".into(),
            ..clients("a", "expired")
        };
        scan.add(weak);
        let messages = rest_of(&mut scan).await;
        assert_eq!(failed(&messages), [("expired".into(), "denied".into())]);
        assert_eq!(scan.wants_login(), [].into(), "another login is no help");
        assert_eq!(scan.retry().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_for_a_login_is_not_among_the_kinds_that_begin_again() {
        let mut scan = Scan::new(&[&Fake, &Tokenless]);
        scan.add(clients("a", "denied"));
        rest_of(&mut scan).await;
        let place = clients("a", "denied").place;
        assert_eq!(scan.wants_login(), [place.clone()].into());
        assert_eq!(scan.retry(), [(place, vec![PointKind::EbsSnapshot])]);
    }

    #[tokio::test(start_paused = true)]
    async fn places_that_are_silent_hold_nobody_up() {
        let names: Vec<String> = (0..40).map(|n| format!("silent-{n}")).collect();
        let mut places: Vec<Clients> = names.iter().map(|name| clients("a", name)).collect();
        places.push(clients("a", "eu-west-1"));
        let mut messages = scan(&[&Fake], places);
        let mut all = Vec::new();
        while let Some(message) = messages.recv().await {
            all.push(message);
        }
        let is_finished = |message: &Message| matches!(message, Message::Finished { .. });
        let finished = all.iter().position(is_finished).unwrap();
        let before = &all[..finished];
        assert_eq!(failed(before), [], "it did not wait for their end");
        assert_eq!(failed(&all).len(), 40);
    }

    #[tokio::test(start_paused = true)]
    async fn places_that_are_asked_slowly_hold_nobody_up() {
        let names: Vec<String> = (0..40).map(|n| format!("paced-{n}")).collect();
        let mut places: Vec<(&str, &str)> = names.iter().map(|name| ("a", name.as_str())).collect();
        places.push(("a", "eu-west-1"));
        let messages = all(&places).await;
        let first = messages.iter().find_map(|message| match message {
            Message::Finished { place, .. } => Some(place.region.as_str()),
            Message::Found(_) | Message::Failed { .. } => None,
        });
        assert_eq!((first, finished(&messages)), (Some("eu-west-1"), 41));
    }

    #[tokio::test(start_paused = true)]
    async fn more_places_than_fit_at_once_are_all_listed() {
        let names: Vec<String> = (0..40).map(|n| format!("r{n}")).collect();
        let places: Vec<(&str, &str)> = names.iter().map(|name| ("a", name.as_str())).collect();
        assert_eq!(finished(&all(&places).await), 40);
    }
}
