//! One run of a variant from its start to its end, through whatever a case does to it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use defib::domain::ids::RunId;
use defib::domain::run::{CommandKind, RunEvent, RunState, RunStatus};
use defib::journal::boundary::{Hook, Watched};
use defib::journal::{Journal, JournalError};
use defib::runner;
use jiff::SignedDuration;
use serde_json::Value;
use tokio::sync::Notify;

use super::intents::{self, Lost};
use super::oracles::{self, Due, Scene, Violation};
use super::variants::Variant;
use super::world;
use crate::stage::Stage;

/// Where a run is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It goes on at once.
    On,
    /// It goes on a day and an hour later.
    OnLater,
    /// It is taken back.
    Back,
}

impl Then {
    /// Every end.
    pub const ALL: [Self; 3] = [Self::On, Self::OnLater, Self::Back];
    /// Without the patience.
    pub const AT_ONCE: [Self; 2] = [Self::On, Self::Back];

    fn command(self) -> CommandKind {
        match self {
            Self::On | Self::OnLater => CommandKind::Resume,
            Self::Back => CommandKind::RollBack,
        }
    }

    /// Returns the status at the end.
    pub fn status(self) -> RunStatus {
        match self {
            Self::On | Self::OnLater => RunStatus::Done,
            Self::Back => RunStatus::RolledBack,
        }
    }
}

/// How often a person tries before a case counts as one that does not end.
const TRIES: usize = 5;

/// A run under way.
pub struct Course {
    /// Its world and journal.
    pub stage: Stage,
    /// Its id.
    pub run: RunId,
    /// The world before it.
    pub before: Value,
    /// What it makes when nothing goes wrong.
    pub makes: BTreeMap<(String, String), usize>,
    /// What was once on record, where the case has damaged the journal.
    pub lost: Option<Lost>,
    case: String,
}

impl Course {
    /// Plans and records a variant's run.
    pub fn open(variant: &Variant, case: impl Display) -> Self {
        Self::on(Stage::open_text(variant.estate), variant, case)
    }

    /// The same on a stage of the caller's making.
    pub fn on(mut stage: Stage, variant: &Variant, case: impl Display) -> Self {
        // Nobody sends commands in mid-run here, so they are looked for less often.
        stage.pacing.commands = Duration::from_secs(2);
        // What takes minutes is looked at less often too: there are thousands of runs.
        stage.pacing.least_poll = Duration::from_secs(8);
        let (plan, before) = if let Some((plan, before)) = &variant.clean.planned {
            (plan.clone(), before.clone())
        } else {
            let before = stage.picture();
            let plan = stage.plan_by(variant.flow, &variant.said);
            let plan = plan.unwrap_or_else(|error| panic!("{}: {error}", variant.name));
            (plan, before)
        };
        stage.declined.clone_from(&variant.declined);
        let run = stage.record(plan);
        Self {
            stage,
            run,
            before,
            makes: variant.clean.makes.clone(),
            lost: None,
            case: case.to_string(),
        }
    }

    /// Drives to rest and counts the boundaries of the journal on the way.
    pub fn count(&mut self) -> u64 {
        let nothing: Hook = Box::new(|_boundary| Box::pin(std::future::ready(())));
        let journal = Arc::new(Watched::new(self.stage.journal.clone(), nothing));
        let run = self.run.clone();
        self.stage.drive_over(journal.clone(), &run);
        journal.reached()
    }

    /// Drives until the `k`-th boundary and ends everything there. Tells whether it got that far.
    pub fn die_at(&mut self, k: u64) -> bool {
        let (connector, clock) = self.stage.hands();
        let pacing = self.stage.pacing.clone();
        let (journal, run) = (self.stage.journal.clone(), self.run.clone());
        self.stage.live(|| async move {
            let reached = Arc::new(Notify::new());
            let signal = reached.clone();
            let journal = Watched::new(journal, move |boundary| {
                let signal = signal.clone();
                let dies = boundary.number == k;
                Box::pin(async move {
                    if dies {
                        signal.notify_one();
                        std::future::pending::<()>().await;
                    }
                })
            });
            let life = runner::drive(Arc::new(journal), connector, clock, pacing, &run);
            tokio::select! {
                () = reached.notified() => true,
                _end = life => false,
            }
        })
    }

    /// Drives until a condition of the world holds and ends everything there. Tells whether it did.
    pub fn die_when(&mut self, mut holds: impl FnMut() -> bool) -> bool {
        let (connector, clock) = self.stage.hands();
        let pacing = self.stage.pacing.clone();
        let (journal, run) = (self.stage.journal.clone(), self.run.clone());
        let time = clock.clone();
        self.stage.live(|| async move {
            let watch = async {
                while !holds() {
                    time.sleep(Duration::from_millis(20)).await;
                }
            };
            let life = runner::drive(journal, connector, clock, pacing, &run);
            tokio::select! {
                () = watch => true,
                _end = life => false,
            }
        })
    }

    /// Drives over a journal of the caller's making; a journal that fails ends the life.
    pub fn drive_over(&mut self, journal: Arc<dyn Journal>) -> Result<RunStatus, String> {
        let (connector, clock) = self.stage.hands();
        let pacing = self.stage.pacing.clone();
        let run = self.run.clone();
        self.stage.live(|| async move {
            let life = runner::drive(journal, connector, clock, pacing, &run);
            life.await.map_err(|error| error.to_string())
        })
    }

    /// Asks for an end.
    pub fn send(&mut self, then: Then) {
        if then == Then::OnLater {
            self.stage.pass(SignedDuration::from_hours(25));
        }
        self.stage.send(&self.run, then.command());
    }

    /// Asks for an end of a journal that may be damaged.
    pub fn try_send(&mut self, then: Then) -> Result<(), JournalError> {
        self.stage.try_send(&self.run, then.command())
    }

    /// Remembers what of a record is lost with all but its first entries.
    pub fn lose(&mut self, written: &[RunEvent], kept: usize) {
        let noted = &self.stage.journal.between;
        let intents = written[kept..].iter().filter(|one| intents::is_intent(one));
        let intents = intents.map(|one| (one.clone(), noted.calls_before(one)));
        let (intents, calls) = (intents.collect(), self.stage.aws.call_count());
        self.lost = Some(Lost {
            intents,
            calls,
            changed: world::changed(&self.before, &self.stage.picture()),
        });
    }

    /// Has a damaged run go on, or back, from what is valid of it.
    pub fn salvage(&mut self, then: Then) -> Result<(), JournalError> {
        self.stage.salvage(&self.run, then.command())
    }

    /// Goes on, or back, as often as a patient person would, and holds every rest and the end against
    /// what must hold.
    pub fn end(&mut self, then: Then, wanted: &Value) {
        for _try in 0..TRIES {
            let status = self.stage.drive(&self.run);
            self.assert_rest(Due::Rest);
            if status == then.status() {
                break;
            }
            self.send(if then == Then::OnLater {
                Then::On
            } else {
                then
            });
        }
        self.settle();
        self.assert_end(then, wanted);
    }

    /// Lets everything come to its end that passes by itself, however long the case has taken.
    pub fn settle(&mut self) {
        self.stage.pass(SignedDuration::from_hours(48));
    }

    /// Holds the scene against what must always hold.
    pub fn assert_rest(&mut self, due: Due) {
        let found = self.violations(due);
        self.assert_none(&found);
    }

    /// Holds the end against its promise.
    pub fn assert_end(&mut self, then: Then, wanted: &Value) {
        let found = self.violations_of_end(then, wanted);
        self.assert_none(&found);
    }

    /// What is wrong with the scene as it is.
    pub fn violations(&mut self, due: Due) -> Vec<Violation> {
        self.look(|scene, _run| oracles::always(scene, due))
    }

    /// What is wrong with the end.
    pub fn violations_of_end(&mut self, then: Then, wanted: &Value) -> Vec<Violation> {
        let now = self.stage.now();
        let (state, mut found) = self.look(|scene, run| {
            let mut found = match then {
                Then::On | Then::OnLater => oracles::done(scene, wanted, run),
                Then::Back => oracles::back(scene, run),
            };
            found.extend(oracles::exported(scene.events, now));
            (RunState::fold(scene.events).unwrap(), found)
        });
        let mut wrong = |text: String| {
            found.push(Violation {
                oracle: 9,
                found: text,
            });
        };
        if state.status() != then.status() {
            wrong(format!("it ended {:?}: {:?}", state.status(), state.reason));
        }
        if state.down_since().is_some() {
            wrong("the service counts as down at the end".to_owned());
        }
        found
    }

    fn look<T>(&mut self, judge: impl FnOnce(&Scene<'_>, &str) -> T) -> T {
        let (now, events) = (self.stage.picture(), self.stage.events(&self.run));
        let calls = self.stage.aws.calls();
        let scene = Scene {
            before: &self.before,
            now: &now,
            events: &events,
            calls: &calls,
            noted: &self.stage.journal.between,
            makes: &self.makes,
            lost: self.lost.as_ref(),
        };
        judge(&scene, self.run.as_str())
    }

    /// Folds the run.
    pub fn state(&mut self) -> RunState {
        self.stage.state(&self.run)
    }

    fn assert_none(&mut self, found: &[Violation]) {
        if found.is_empty() {
            return;
        }
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        let (status, reason) = {
            let state = self.state();
            (state.status(), state.reason)
        };
        panic!(
            "{}\n  stands {status:?}: {reason:?}\n  {}",
            self.case,
            found.join("\n  ")
        );
    }
}
