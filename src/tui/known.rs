//! What the console knows, apart from where its operator is: settings, catalog, runs, the incident.
//!
//! Screens read it and never change it; messages do, in `update`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::catalog::store::Store;
use crate::domain::coverage::Coverage;
use crate::domain::failure::Failure;
use crate::domain::form::FieldSpec;
use crate::domain::ids::{AccountId, Region, RunId};
use crate::domain::place::Place;
use crate::domain::plan::Step;
use crate::domain::profile::Profile;
use crate::domain::recovery_point::PointKind;
use crate::domain::run::{Halt, RunEvent, RunState, Usual};
use crate::domain::text::shown;
use crate::report::{Report, Unlisted};

use super::answers::Answers;
use super::before::Before;
use super::effect::Choice;
use super::hurry::Hurry;
use super::keymap::{Action, Context, Keymap};
use super::policies::Policies;
use super::theme::Look;

/// How many runs are looked at for how long a step usually takes.
const MOST_COMPARED: usize = 100;
/// How many lines of the log are kept.
const LOG_LINES: usize = 1000;

/// What settings and flags say, and which flows there are. Does not change while the console runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Zone of bare times, and of the local time beside UTC.
    pub zone: TimeZone,
    /// Colours and signs.
    pub look: Look,
    /// Keys.
    pub keymap: Keymap,
    /// Whether runs are forbidden.
    pub read_only: bool,
    /// Accounts in which an interrupting plan is confirmed by typing.
    pub protected: BTreeSet<AccountId>,
    /// Ways of restoring.
    pub flows: Vec<FlowCard>,
    /// Saved filters: names, and the text that `@NAME` stands for.
    pub filters: BTreeMap<String, String>,
    /// What the demo tells, where this is the demo.
    pub story: Option<Story>,
}

/// A flow, as far as the console needs to know it before it is chosen.
#[derive(Clone, Debug)]
pub struct FlowCard {
    /// Its name.
    pub name: &'static str,
    /// One sentence.
    pub sentence: &'static str,
    /// The questions it asks.
    pub fields: &'static [FieldSpec],
    /// The kinds of points it restores from.
    pub kinds: Vec<PointKind>,
}

/// What the pager said, in the demo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// One line.
    pub title: String,
    /// What the pager said.
    pub pager: Vec<String>,
}

/// Everything the console knows.
#[derive(Debug)]
pub struct Known {
    /// What does not change.
    pub settings: Settings,
    /// The present.
    pub now: Timestamp,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The protected account that the operator is in: the screen has a frame then.
    pub framed: Option<AccountId>,
    /// When it went wrong.
    pub incident: Option<Timestamp>,
    /// What was found.
    pub catalog: Catalog,
    /// Which profiles there are, once that was read.
    pub profiles: Option<Result<Vec<Profile>, Report>>,
    /// Which of them are listed, once that was told.
    pub chosen: Vec<Choice>,
    /// Access policies of the vaults that somebody looked at.
    pub policies: Policies,
    /// When the credentials of a place expire; places whose keys do not are missing.
    pub expirations: BTreeMap<Place, Timestamp>,
    /// The runs of the journal.
    pub runs: Runs,
    /// Whether keys come faster than anybody reads.
    pub hurry: Hurry,
    /// How often time alone had the screen drawn: what a spinner turns by.
    pub ticks: usize,
    /// What happened, oldest first.
    pub log: VecDeque<(Timestamp, String)>,
}

impl Known {
    /// Knows nothing yet.
    #[must_use]
    pub fn new(settings: Settings, now: Timestamp, size: (u16, u16)) -> Self {
        Self {
            settings,
            now,
            size,
            framed: None,
            incident: None,
            catalog: Catalog::default(),
            profiles: None,
            chosen: Vec::new(),
            policies: Policies::default(),
            expirations: BTreeMap::new(),
            runs: Runs::default(),
            hurry: Hurry::default(),
            ticks: 0,
            log: VecDeque::new(),
        }
    }

    /// Writes down what happened.
    pub fn note(&mut self, line: String) {
        if self.log.len() == LOG_LINES {
            self.log.pop_front();
        }
        self.log.push_back((self.now, line));
    }

    /// Returns the key of an action in a place, or the way by its name where no key has it.
    #[must_use]
    pub fn key(&self, action: Action, here: &[Context]) -> String {
        let hint = self.settings.keymap.hint(action, here);
        hint.unwrap_or_else(|| format!(":{}", action.name()))
    }

    /// Returns which turn a spinner is at.
    #[must_use]
    pub fn turn(&self) -> usize {
        self.ticks
    }

    /// Returns columns and rows of the terminal that lie within the frame, if there is one.
    #[must_use]
    pub fn room(&self) -> (u16, u16) {
        let (columns, rows) = self.size;
        match self.framed {
            Some(_) => (columns.saturating_sub(2), rows.saturating_sub(2)),
            None => (columns, rows),
        }
    }

    /// Tells whether the account of a place is protected.
    #[must_use]
    pub fn is_protected(&self, account: &AccountId) -> bool {
        self.settings.protected.contains(account)
    }
}

/// What failed in one place, or for one profile, for one reason: one line, with its remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFailure {
    /// What failed, for a person.
    pub name: String,
    /// Why, and what to do.
    pub report: Report,
    /// Since when is known what is shown of it all the same.
    pub since: Option<Timestamp>,
    /// What failed.
    pub of: FailureOf,
}

/// What failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureOf {
    /// So many of the places that were to be reached by a profile, or by the environment.
    Profile(Option<String>, usize),
    /// Listings of a place.
    Listings(Box<Unlisted>),
}

/// A place that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceCard {
    /// The place.
    pub place: Place,
    /// ARN of the caller without its session name.
    pub role: String,
    /// Endpoints, other than AWS's own, that calls could go to.
    pub endpoints: BTreeSet<String>,
    /// Where it stands among those that the operator named.
    pub nth: usize,
}

/// Recovery points and resources, and how far their listing is.
#[derive(Debug, Default)]
pub struct Catalog {
    /// What was found.
    pub store: Store,
    /// Raised whenever something was found; what depends on it is made again.
    pub version: u64,
    /// Number of the last scan.
    pub scan: u64,
    /// Where it has listed something, and where how many listings have failed.
    listed: BTreeSet<(AccountId, Region)>,
    not_listed: BTreeMap<(AccountId, Region), usize>,
    /// What was listed where, as far as the last scan has come.
    pub coverage: Coverage,
    /// Places that answered.
    pub places: Vec<PlaceCard>,
    /// What failed in the last scan.
    pub failures: Vec<SourceFailure>,
    /// Whether connections are still being made.
    pub connecting: bool,
    /// Listings that are under way.
    pub under_way: usize,
    /// When a scan that has listed anything first came to its end.
    pub listed_at: Option<Timestamp>,
    /// Number of that scan.
    listed_in: Option<u64>,
    /// KMS keys that were asked about since the last scan began.
    pub keys_asked: BTreeSet<String>,
    /// What was asked about single points.
    pub answers: Answers,
    /// What is known from before.
    pub before: Before,
}

impl Catalog {
    /// Takes in that a scan begins. What was found stays, what failed is asked again.
    pub fn begin(&mut self, number: u64) {
        self.scan = number;
        self.failures.clear();
        self.listed.clear();
        self.not_listed.clear();
        self.coverage = Coverage::default();
        self.keys_asked.clear();
        self.answers.begin();
        self.connecting = true;
        self.under_way = 0;
        self.before.begin();
        self.store.begin_scan();
    }

    /// Takes in that so many listings are under way, and whether more places may answer.
    pub fn lists(&mut self, sources: usize, more: bool) {
        self.connecting = more;
        self.forget_strangers();
        self.under_way += sources;
        self.ended();
    }

    /// Takes in that a listing came to its end, whether it was complete.
    pub fn listed(&mut self, place: &Place, completely: bool) {
        let place = (place.account.clone(), place.region.clone());
        if completely {
            self.listed.insert(place);
        } else {
            *self.not_listed.entry(place).or_default() += 1;
        }
        self.under_way = self.under_way.saturating_sub(1);
        self.ended();
    }

    /// Takes in that so many listings of a place that had failed are under way again: its failures are no more,
    /// and it may still turn out to be completely listed.
    pub fn relists(&mut self, place: &Place, sources: usize) {
        let key = (place.account.clone(), place.region.clone());
        if let Some(failed) = self.not_listed.get_mut(&key) {
            *failed = failed.saturating_sub(sources);
        }
        self.under_way += sources;
        self.failures.retain(|failure| match &failure.of {
            FailureOf::Listings(unlisted) => !unlisted.is_of(place),
            FailureOf::Profile(..) => true,
        });
    }

    /// Takes in that a profile, or a Region of it, could not be connected to. What it suffers in every Region is
    /// one failure.
    pub fn not_connected(
        &mut self,
        profile: Option<String>,
        name: String,
        report: Report,
        since: Option<Timestamp>,
    ) {
        for failure in &mut self.failures {
            if let FailureOf::Profile(of, places) = &mut failure.of
                && *of == profile
                && failure.report.what == report.what
            {
                *places += 1;
                let who = profile.as_deref().unwrap_or("environment");
                failure.name = format!("{} ({places} Regions)", shown(who));
                failure.since = oldest(failure.since, since);
                return;
            }
        }
        self.failures.push(SourceFailure {
            name,
            report,
            since,
            of: FailureOf::Profile(profile, 1),
        });
    }

    /// Takes in why a listing failed. What several of a place have failed of is one failure.
    pub fn not_listed(
        &mut self,
        place: Place,
        kind: PointKind,
        failure: Failure,
        since: Option<Timestamp>,
    ) {
        for known in &mut self.failures {
            if let FailureOf::Listings(unlisted) = &mut known.of
                && unlisted.is_alike(&place, &failure)
            {
                unlisted.take(failure);
                (known.name, known.report) = (unlisted.name(), unlisted.report());
                known.since = oldest(known.since, since);
                return;
            }
        }
        let unlisted = Unlisted::new(place, kind, failure);
        self.failures.push(SourceFailure {
            name: unlisted.name(),
            report: unlisted.report(),
            since,
            of: FailureOf::Listings(Box::new(unlisted)),
        });
    }

    /// Takes in that the scan came to its end at `now`. What it asks again later makes the rest no younger.
    pub fn came_to_its_end(&mut self, now: Timestamp) {
        if self.listed.is_empty() || self.listed_in == Some(self.scan) {
            return;
        }
        self.listed_in = Some(self.scan);
        self.listed_at = Some(now);
    }

    /// Once nothing is listed any more it is known what is gone.
    fn ended(&mut self) {
        if !self.is_growing() {
            let failed = |place: &&(AccountId, Region)| {
                let count = self.not_listed.get(*place);
                count.is_some_and(|count| *count > 0)
            };
            let whole = self.listed.iter().filter(|place| !failed(place));
            let whole = whole.cloned().collect();
            self.store.end_scan(&whole);
            self.version += 1;
        }
    }

    /// Tells whether more may come.
    #[must_use]
    pub fn is_growing(&self) -> bool {
        self.connecting || self.under_way > 0
    }

    /// Tells whether any call could go to an endpoint other than AWS's own.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        self.places.iter().any(|card| !card.endpoints.is_empty())
    }

    /// Tells whether everything was seen: a resource that was not found may then be called gone.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.is_growing() && self.failures.is_empty()
    }
}

/// Returns the earlier of two instants, as far as they are known.
fn oldest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

/// A run, folded from what was read of it so far.
#[derive(Clone, Debug)]
pub struct RunCard {
    /// Its state.
    pub state: RunState,
    /// Its events, oldest first.
    pub events: Vec<RunEvent>,
    /// Whether a runner holds it.
    pub held: bool,
    /// What is wrong with its record.
    pub broken: Option<Report>,
    /// Why its last runner ended, where that is known.
    pub runner_failed: Option<Report>,
}

impl RunCard {
    /// Tells whether events of it are lost, so that more may have happened than is known.
    #[must_use]
    pub fn has_lost_events(&self) -> bool {
        let open = self.state.halt != Halt::Over;
        open && (self.broken.is_some() || self.state.asks_for_its_id())
    }

    /// Tells whether events are those of a run from its beginning, and the run goes on from another point than
    /// the one that is known.
    fn was_salvaged(&self, events: &[RunEvent]) -> bool {
        let known = self.events.iter().zip(events);
        events.first().is_some_and(|first| first.seq == 1)
            && (known.clone().any(|(one, other)| one != other) || events.len() < self.events.len())
    }
}

/// The runs of the journal.
#[derive(Debug, Default)]
pub struct Runs {
    /// Every run that was read.
    pub cards: BTreeMap<RunId, RunCard>,
    /// Whether the journal was read to its end once.
    pub read: bool,
    /// Why the journal cannot be read.
    pub unreadable: Option<Report>,
}

impl Runs {
    /// Takes in events of a run, in order; those that are known already are passed over.
    pub fn take(&mut self, run: &RunId, events: Vec<RunEvent>) {
        if let Some(card) = self.cards.get_mut(run) {
            if card.was_salvaged(&events) {
                if let Some(state) = RunState::fold(&events) {
                    (card.state, card.events) = (state, events);
                }
                return;
            }
            for event in events {
                if event.seq > card.state.last_seq {
                    card.state.apply(&event);
                    card.events.push(event);
                }
            }
            return;
        }
        if let Some(state) = RunState::fold(&events) {
            let card = RunCard {
                state,
                events,
                held: false,
                broken: None,
                runner_failed: None,
            };
            self.cards.insert(run.clone(), card);
        }
    }

    /// Returns how long a step of a run took in the ones before it, where any tells.
    #[must_use]
    pub fn usual(&self, step: &Step, state: &RunState) -> Option<Usual> {
        let before = self.cards.range::<RunId, _>(..&state.run).rev();
        let before = before.map(|(_, card)| &card.state).take(MOST_COMPARED);
        Usual::of(step, &state.plan, before)
    }

    /// Returns the runs that are not over, the youngest first.
    pub fn unfinished(&self) -> impl Iterator<Item = &RunCard> {
        let cards = self.cards.values().rev();
        cards.filter(|card| !card.state.status().is_over())
    }

    /// Returns the run in which the service is down, if there is one: the longest first.
    #[must_use]
    pub fn down(&self) -> Option<(&RunCard, Timestamp)> {
        let down = self
            .cards
            .values()
            .filter_map(|card| Some((card, card.state.down_since()?)));
        down.min_by_key(|(_, since)| *since)
    }
}
