//! A stage: a simulated estate, a journal, and the lives that work on them one after the other.
//!
//! A life is a whole runtime. Dropping it is the crash: tasks of the SDK outlive the engine's future, so
//! nothing less would do.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use defib::aws::connect::{Clients, Connector};
use defib::aws::guard::Mode;
use defib::aws::logins::Logins;
use defib::catalog::scan::{Message, scan};
use defib::catalog::source::{REGISTRY, Read, Source};
use defib::catalog::store::Store;
use defib::clock::Clock;
use defib::domain::failure::Failure;
use defib::domain::form::Choices;
use defib::domain::ids::{RunId, StepId};
use defib::domain::plan::{Gate, Plan};
use defib::domain::recovery_point::{PointKind, RecoveryPoint};
use defib::domain::run::{Approval, CommandKind, RunEvent, RunState, RunStatus};
use defib::journal::sqlite::SqliteJournal;
use defib::journal::{Journal, JournalError};
use defib::restore::engine::Engine;
use defib::restore::flow::{AnyFlow, FlowError, find};
use defib::restore::operation::Decoder;
use defib::restore::pacing::Pacing;
use defib::restore::planning;
use defib::runner::{self, PlanDoor};
use defib::sim::{SimulatedAws, Story, scenarios};
use jiff::Timestamp;
use serde_json::Value;

use crate::through::{Between, Through};

/// What the operator says: field and value.
pub type Said = Vec<(String, String)>;

/// A simulated estate with a journal.
pub struct Stage {
    /// The simulated AWS.
    pub aws: SimulatedAws,
    /// Its time.
    pub clock: Clock,
    /// The record.
    pub journal: Arc<NotedJournal>,
    /// How often is looked.
    pub pacing: Pacing,
    /// Steps that are answered with no wherever the rest is agreed to.
    pub declined: Vec<StepId>,
    connector: Connector,
    now: Timestamp,
}

impl Stage {
    /// Opens a scenario by its name.
    pub fn open(scenario: &str) -> Self {
        let text = scenarios().iter().find(|known| known.name == scenario);
        Self::open_text(text.expect("the scenario is embedded").text)
    }

    /// Opens a scenario by its text.
    pub fn open_text(text: &str) -> Self {
        let opens_at = Story::of(text).unwrap().opens_at;
        let (clock, aws) = alive(|| async {
            let clock = Clock::simulated(opens_at, 1.0);
            let aws = SimulatedAws::from_scenario(text, clock.clone()).unwrap();
            (clock, aws)
        });
        Self {
            connector: Connector {
                mode: Mode::Viewer { dry_run: true },
                endpoint_honours_dry_run: false,
                simulated: Some(aws.clone()),
                logins: Logins::default(),
            },
            journal: Arc::new(Through {
                journal: SqliteJournal::in_memory().unwrap(),
                between: Noted {
                    aws: aws.clone(),
                    calls_before: Arc::default(),
                },
            }),
            aws,
            clock,
            pacing: Pacing::default(),
            now: opens_at,
            declined: Vec::new(),
        }
    }

    /// Keeps the journal in a directory from now on; what stood in the one before stays there.
    pub fn journal_in(&mut self, directory: &Path) -> Result<(), JournalError> {
        self.journal = Arc::new(Through {
            journal: SqliteJournal::open(directory)?,
            between: self.journal.between.clone(),
        });
        Ok(())
    }

    /// The same, for a stage that has just been opened.
    pub fn with_journal_in(mut self, directory: &Path) -> Result<Self, JournalError> {
        self.journal_in(directory).map(|()| self)
    }

    /// Lives for as long as the future takes, then drops everything that still goes on. The clock
    /// goes on where the life before ended.
    pub fn live<T, F: Future<Output = T>>(&mut self, life: impl FnOnce() -> F) -> T {
        let clock = self.clock.clone();
        let began = self.now;
        let (out, now) = alive(|| async {
            clock.jump(began.duration_since(clock.now()));
            let out = life().await;
            (out, clock.now())
        });
        self.now = now;
        out
    }

    /// The present, between two lives.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets simulated time pass between two lives.
    pub fn pass(&mut self, time: jiff::SignedDuration) {
        self.now = self.now.checked_add(time).unwrap();
    }

    /// Observes and plans a swap in the account of the story.
    pub fn plan(&mut self, choices: &[(&str, &str)]) -> Result<Plan, FlowError> {
        let profile = self.profile();
        self.plan_as(profile.as_deref(), choices)
    }

    /// Lists every recovery point in the place of the story.
    pub fn points(&mut self) -> Vec<RecoveryPoint> {
        let connecting = self.connecting();
        self.live(|| async move {
            let mut messages = scan(REGISTRY, vec![connecting.await]);
            let mut points = Vec::new();
            while let Some(message) = messages.recv().await {
                if let Message::Found(found) = message {
                    points.extend(found.points);
                }
            }
            points
        })
    }

    /// Lists what some sources find in every Region of the story's account: what the store makes of it,
    /// and each failure.
    pub fn listed(
        &mut self,
        sources: &[&'static dyn Source],
    ) -> (Store, Vec<(PointKind, Failure)>) {
        let (profile, connector) = (self.profile(), self.connector.clone());
        let regions = self.aws.scenario_story().accounts[0].regions.clone();
        self.live(|| async move {
            let mut places = Vec::new();
            for region in regions {
                let place = connector.connect(profile.as_deref(), Some(&region));
                places.push(place.await.unwrap());
            }
            let all = places.iter().map(|one| &one.place);
            let all = all.map(|place| (place.account.clone(), place.region.clone()));
            let mut complete: BTreeSet<_> = all.collect();
            let mut messages = scan(sources, places);
            let (mut store, mut failed) = (Store::default(), Vec::new());
            store.begin_scan();
            while let Some(message) = messages.recv().await {
                match message {
                    Message::Found(found) => store.insert(found),
                    Message::Finished { .. } => {}
                    Message::Failed {
                        place,
                        kind,
                        failure,
                    } => {
                        complete.remove(&(place.account, place.region));
                        failed.push((kind, failure));
                    }
                }
            }
            store.end_scan(&complete);
            (store, failed)
        })
    }

    /// Tries each read that some sources need, in the place of the story.
    pub fn tried(&mut self, sources: &[&'static dyn Source]) -> Vec<Read> {
        let connecting = self.connecting();
        self.live(|| async move {
            let clients = connecting.await;
            let mut reads = Vec::new();
            for source in sources {
                reads.extend(source.try_reads(&clients).await);
            }
            reads
        })
    }

    /// Observes and plans by any flow in the account of the story.
    pub fn plan_by(
        &mut self,
        flow: &'static dyn AnyFlow,
        said: &[(String, String)],
    ) -> Result<Plan, FlowError> {
        let (clock, chosen, connecting) = (self.clock.clone(), chosen(said), self.connecting());
        self.live(|| async move { planning::make(flow, &chosen, &connecting.await, &clock).await })
    }

    /// Observes for each of several choices; those that nothing can be observed for are left out.
    pub fn facts_of(&mut self, flow: &'static dyn AnyFlow, all: Vec<Said>) -> Vec<(Said, Value)> {
        let (clock, connecting) = (self.clock.clone(), self.connecting());
        self.live(|| async move {
            let clients = connecting.await;
            let mut found = Vec::new();
            for said in all {
                if let Ok(facts) = flow.observe(&clients, &chosen(&said), &clock).await {
                    found.push((said, facts));
                }
            }
            found
        })
    }

    /// Connects to the place of the story as a viewer.
    pub fn connecting(&self) -> impl Future<Output = Clients> + use<> {
        let (profile, connector) = (self.profile(), self.connector.clone());
        async move { connector.connect(profile.as_deref(), None).await.unwrap() }
    }

    /// The profile of the account in the story.
    fn profile(&self) -> Option<String> {
        let story = self.aws.scenario_story();
        let mut accounts = story.accounts.iter();
        let account = accounts.find(|account| story.account.as_ref() == Some(&account.id));
        account.map(|account| account.name.clone())
    }

    /// Observes and plans a swap with a profile.
    pub fn plan_as(
        &mut self,
        profile: Option<&str>,
        choices: &[(&str, &str)],
    ) -> Result<Plan, FlowError> {
        let mut chosen = Choices::default();
        for (name, value) in choices {
            chosen.set(name, *value);
        }
        let (connector, clock) = (self.connector.clone(), self.clock.clone());
        self.live(|| async move {
            let clients = connector.connect(profile, None).await.unwrap();
            let flow = find("volume-swap").unwrap();
            planning::make(flow, &chosen, &clients, &clock).await
        })
    }

    /// Agrees to everything that a plan can ask, but for what is declined here.
    fn agreed(&self, plan: &Plan) -> Approval {
        all_agreed(plan, &self.declined)
    }

    /// Journals an approved plan. Every gate of it is answered ahead.
    pub fn record(&mut self, plan: Plan) -> RunId {
        let approval = self.agreed(&plan);
        self.record_with(plan, approval)
    }

    /// Journals an approved plan with what was agreed to ahead.
    pub fn record_with(&mut self, plan: Plan, approval: Approval) -> RunId {
        let (journal, clock) = (self.journal.clone(), self.clock.clone());
        self.live(|| async move {
            runner::record_run(&*journal, plan, approval, &clock)
                .await
                .unwrap()
        })
    }

    /// Drives a run until it rests, over a journal of the caller's making.
    pub fn drive_over(&mut self, journal: Arc<dyn Journal>, run: &RunId) -> RunStatus {
        let (connector, clock) = self.hands();
        let pacing = self.pacing.clone();
        self.live(|| async move {
            runner::drive(journal, connector, clock, pacing, run)
                .await
                .unwrap()
        })
    }

    /// Drives a run until it rests.
    pub fn drive(&mut self, run: &RunId) -> RunStatus {
        self.drive_over(self.journal.clone(), run)
    }

    /// What [`runner::drive`] makes of it, for tests that put something of their own into it.
    pub fn engine(&self, operations: Decoder) -> Engine {
        let (connector, clock) = self.hands();
        Engine {
            journal: self.journal.clone(),
            clock,
            door: Arc::new(PlanDoor { connector }),
            pacing: self.pacing.clone(),
            operations,
            lease: Arc::new(()),
            runner: (1, "stage".to_owned()),
        }
    }

    /// Drives a run until it rests, by an engine of the caller's making.
    pub fn drive_by(&mut self, engine: &Engine, run: &RunId) -> RunStatus {
        self.live(|| async { engine.drive(run).await.unwrap() })
    }

    /// What [`runner::drive`] works with, for lives that end early.
    pub fn hands(&self) -> (Connector, Clock) {
        (self.connector.clone(), self.clock.clone())
    }

    /// Appends a command whose gates are answered ahead.
    pub fn send(&mut self, run: &RunId, kind: CommandKind) {
        let plan = self.state(run).plan;
        let approval = self.agreed(&plan);
        self.send_with(run, kind, approval);
    }

    /// The same for a journal that may be damaged.
    pub fn try_send(&mut self, run: &RunId, kind: CommandKind) -> Result<(), JournalError> {
        let plan = RunState::fold(&self.try_events(run)?).map(|state| state.plan);
        let approval = plan
            .as_ref()
            .map(|plan| self.agreed(plan))
            .unwrap_or_default();
        let (journal, clock, run) = (self.journal.clone(), self.clock.clone(), run.clone());
        self.live(|| async move {
            let sent = runner::send(&*journal, &run, kind, approval, &clock);
            sent.await.map(drop)
        })
    }

    /// Has a damaged run go on from what is valid of it, as a person asks it to who types its id.
    pub fn salvage(&mut self, run: &RunId, kind: CommandKind) -> Result<(), JournalError> {
        self.set_aside(run)?;
        let plan = self.state(run).plan;
        let mut approval = self.agreed(&plan);
        approval.confirm.push(run.to_string());
        self.send_with(run, kind, approval);
        Ok(())
    }

    /// Keeps what is valid of a damaged run in a file of its own; it is let go on by nobody yet.
    pub fn set_aside(&mut self, run: &RunId) -> Result<(), JournalError> {
        let (journal, clock, own) = (self.journal.clone(), self.clock.clone(), run.clone());
        self.live(|| async move {
            let salvaged = runner::salvage(&*journal, &own, &clock).await;
            salvaged.map(drop).map_err(|error| {
                let runner::RunnerError::Journal(error) = error else {
                    panic!("{error}");
                };
                error
            })
        })
    }

    /// Appends a command with what is agreed to along with it.
    pub fn send_with(&mut self, run: &RunId, kind: CommandKind, approval: Approval) {
        let (journal, clock, run) = (self.journal.clone(), self.clock.clone(), run.clone());
        self.live(|| async move {
            runner::send(&*journal, &run, kind, approval, &clock)
                .await
                .unwrap()
        });
    }

    /// Reads a run's events.
    pub fn events(&mut self, run: &RunId) -> Vec<RunEvent> {
        self.try_events(run).unwrap()
    }

    /// Reads a run's events from a journal that may be damaged.
    pub fn try_events(&mut self, run: &RunId) -> Result<Vec<RunEvent>, JournalError> {
        let (journal, run) = (self.journal.clone(), run.clone());
        self.live(|| async move { journal.read(&run, 0).await })
    }

    /// Reads what can be trusted of a run's events; nothing where nothing can be read.
    pub fn intact(&mut self, run: &RunId) -> Vec<RunEvent> {
        let (journal, run) = (self.journal.clone(), run.clone());
        self.live(|| async move { journal.read_intact(&run).await.unwrap_or_default() })
    }

    /// Folds a run.
    pub fn state(&mut self, run: &RunId) -> RunState {
        RunState::fold(&self.events(run)).unwrap()
    }

    /// The world as it is now.
    pub fn picture(&mut self) -> Value {
        let aws = self.aws.clone();
        self.live(|| async move { aws.picture() })
    }
}

/// A journal that knows, for each entry, how many calls had reached the world when it became durable.
pub type NotedJournal = Through<SqliteJournal, Noted>;

/// Notes the order of entries and calls: clocks may be set back, this order cannot be.
#[derive(Clone)]
pub struct Noted {
    aws: SimulatedAws,
    calls_before: Arc<Mutex<BTreeMap<(RunId, u64), usize>>>,
}

impl Noted {
    /// How many calls had reached the world before an entry was durable.
    pub fn calls_before(&self, event: &RunEvent) -> usize {
        let noted = self.calls_before.lock().unwrap();
        noted[&(event.run.clone(), event.seq)]
    }
}

#[async_trait]
impl Between for Noted {
    async fn append(&self, journal: &dyn Journal, event: &RunEvent) -> Result<(), JournalError> {
        journal.append(event).await?;
        let entry = (event.run.clone(), event.seq);
        let calls = self.aws.call_count();
        self.calls_before.lock().unwrap().insert(entry, calls);
        Ok(())
    }
}

/// Makes choices of what the operator says.
pub fn chosen(said: &[(String, String)]) -> Choices {
    let mut chosen = Choices::default();
    for (name, value) in said {
        chosen.set(name, value.as_str());
    }
    chosen
}

/// Agrees to everything that a plan can ask, typed names too.
fn all_agreed(plan: &Plan, declined: &[StepId]) -> Approval {
    let gates = plan.steps.iter().map(|step| &step.gate);
    let undo = plan.steps.iter().flat_map(|step| &step.undo);
    let gates = gates.chain(undo.map(|undo| &undo.gate));
    let names = gates.filter_map(|gate| match gate {
        Gate::TypeName { name, .. } => Some(name.raw().to_owned()),
        Gate::None | Gate::Confirm(_) | Gate::Person { .. } => None,
    });
    Approval {
        yes: true,
        confirm: names.collect(),
        decline: declined.to_vec(),
    }
}

fn alive<T, F: Future<Output = T>>(life: impl FnOnce() -> F) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async { life().await })
}
