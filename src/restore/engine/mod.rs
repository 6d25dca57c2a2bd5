//! Runs a plan against a journal; knows neither flows nor screens.
//!
//! Steps whose needs are met run side by side. The engine takes commands from the journal, asks at gates,
//! and stops sending as soon as a step fails; what was sent is always observed to its end. Where a step that
//! may wait has failed without any effect, what does not rely on it is done first, and then the run fails.

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::failure::Failure;
use crate::domain::ids::{RunId, StepId};
use crate::domain::plan::{Plan, Step};
use crate::domain::run::{Command, CreatedBy, EventBody, Halt, PauseReason, RunState, RunStatus};
use crate::journal::{Journal, JournalError};

use super::operation::Decoder;
use super::pacing::Pacing;

mod commands;
mod connection;
mod gate;
mod inputs;
mod ledger;
mod lost;
mod roll_back;
mod step;
mod verdict;

use ledger::Ledger;
use lost::Search;
use step::{Hands, Rest, carry_out};
use verdict::{all_settled, stopped_before};

/// Why a plan's place cannot be worked with at the moment.
#[derive(Clone, Debug, PartialEq)]
pub enum NoClients {
    /// Credentials must be renewed; one line says how.
    Credentials(String),
    /// A person has to log in anew, where this process cannot ask; one line says why.
    Login(String),
    /// The caller is not the one that the plan pins; one line says who it is.
    OtherIdentity(String),
    /// Anything else, which may pass.
    Passing(String),
}

/// The engine's door to AWS: builds the whole SDK configuration anew each time, since credentials
/// once loaded are otherwise kept, and checks that the caller is the one that the plan pins.
#[async_trait]
pub trait Door: Send + Sync {
    /// Connects to the plan's place.
    ///
    /// # Errors
    /// [`NoClients`]
    async fn open(&self, plan: &Plan) -> Result<Clients, NoClients>;

    /// Finds everything that carries the run's tag.
    ///
    /// # Errors
    /// The failure of a read.
    async fn sweep(
        &self,
        clients: &Clients,
        plan: &Plan,
        run: &RunId,
    ) -> Result<Vec<CreatedBy>, Failure>;
}

/// Everything an engine works with.
#[derive(Clone)]
pub struct Engine {
    /// The record.
    pub journal: Arc<dyn Journal>,
    /// Time.
    pub clock: Clock,
    /// The way to AWS.
    pub door: Arc<dyn Door>,
    /// Pauses and deadlines.
    pub pacing: Pacing,
    /// What a plan's calls mean: [`super::operation::decode`], but for tests that put something of their own
    /// between the engine and an operation.
    pub operations: Decoder,
    /// The run's lease: each step keeps it, so that it is given back only when the last of them has ended,
    /// also where the drive is dropped.
    pub lease: Arc<dyn Send + Sync>,
    /// Process id and host of the runner, for the record.
    pub runner: (u32, String),
}

impl Engine {
    /// Drives a run until it is over or a person is needed, and returns where it stands.
    ///
    /// The caller holds the run's lease.
    ///
    /// # Errors
    /// Those of the journal: then nothing more is sent.
    pub async fn drive(&self, run: &RunId) -> Result<RunStatus, JournalError> {
        let ledger = Ledger::open(self.journal.clone(), self.clock.clone(), run).await?;
        let ledger = Arc::new(ledger);
        let (pid, host) = self.runner.clone();
        ledger
            .record(None, EventBody::RunnerStarted { pid, host })
            .await?;
        let mut drive = Drive {
            engine: self,
            ledger,
            clients: None,
            swept: false,
            search: Search::default(),
            passing: Search::default(),
            under_way: JoinSet::new(),
            busy: BTreeSet::new(),
            winding_down: Arc::new(AtomicBool::new(false)),
            going_back: None,
            next_try: None,
            locked_out: false,
            settled: BTreeSet::new(),
            looks_back: 0,
            obstacles: 0,
            renewals: 0,
            waited: Duration::ZERO,
        };
        let rest = drive.until_rest().await;
        // A step that is in the middle of something ends before the lease is given back.
        drive.under_way.shutdown().await;
        rest
    }
}

/// Steps are tasks of their own: one that waits for the journal while it holds the fold must get on
/// although the loop waits for the fold. They end with the drive.
type UnderWay = JoinSet<(StepId, Result<Rest, JournalError>)>;

struct Drive<'a> {
    engine: &'a Engine,
    ledger: Arc<Ledger>,
    clients: Option<Clients>,
    swept: bool,
    search: Search,
    /// How far the sweeps have come that nothing depends on.
    passing: Search,
    under_way: UnderWay,
    busy: BTreeSet<StepId>,
    winding_down: Arc<AtomicBool>,
    going_back: Option<(u64, Command)>,
    next_try: Option<Timestamp>,
    /// Whether only the next runner can bring credentials.
    locked_out: bool,
    settled: BTreeSet<StepId>,
    looks_back: u32,
    /// Looks in a row that saw something in the way of a roll back.
    obstacles: u32,
    renewals: u32,
    waited: Duration,
}

impl Drive<'_> {
    async fn until_rest(&mut self) -> Result<RunStatus, JournalError> {
        loop {
            self.take_commands().await?;
            let (status, halt) = self
                .ledger
                .look(|state| (state.status(), state.halt.clone()))
                .await;
            if self.going_back.is_some() {
                if self.go_back().await? {
                    continue;
                }
            } else {
                match halt {
                    Halt::None => self.go_on().await?,
                    Halt::Paused(PauseReason::Credentials) if self.renews().await => {
                        self.renew_credentials().await?;
                    }
                    Halt::Paused(_) | Halt::Failed | Halt::Over => {
                        if self.under_way.is_empty() {
                            return Ok(status);
                        }
                    }
                }
            }
            if self.lets_go(status).await? {
                return Ok(status);
            }
            self.wait().await?;
        }
    }

    /// Waits until a step comes to rest or it is time to look for commands.
    async fn wait(&mut self) -> Result<(), JournalError> {
        let pause = self.engine.clock.sleep(self.engine.pacing.commands);
        if self.under_way.is_empty() {
            pause.await;
            return Ok(());
        }
        tokio::select! {
            biased;
            Some(ended) = self.under_way.join_next() => {
                let (step, rest) = ended.unwrap_or_else(|error| resume_unwind(error.into_panic()));
                self.rested(&step, rest?).await
            }
            () = pause => Ok(()),
        }
    }

    /// A runner does not wait at a gate for ever; approving starts the next one.
    async fn lets_go(&mut self, status: RunStatus) -> Result<bool, JournalError> {
        if status != RunStatus::Waiting || !self.under_way.is_empty() {
            self.waited = Duration::ZERO;
            return Ok(false);
        }
        self.waited += self.engine.pacing.commands;
        if self.waited < self.engine.pacing.patience {
            return Ok(false);
        }
        let why = "waits for a person; approving starts the next runner".to_owned();
        self.ledger
            .record(None, EventBody::RunnerStopped { why })
            .await?;
        Ok(true)
    }

    /// Starts what is ready, asks at gates, and ends the run when all is verified.
    async fn go_on(&mut self) -> Result<(), JournalError> {
        let Some(clients) = self.connected().await? else {
            return Ok(());
        };
        self.sweep_in_passing(&clients).await?;
        if !self.is_known(&clients).await? {
            return Ok(());
        }
        let busy = self.busy.clone();
        let stopped = self.ledger.look(|state| stopped_before(state, &busy));
        if let Some(body) = stopped.await {
            return self.ledger.record(None, body).await;
        }
        let ready = self.ready().await;
        let stuck = ready.is_empty();
        for step in ready {
            if !self.is_answered(&step).await? {
                continue;
            }
            self.start(step, clients.clone());
        }
        let over = self.ledger.look(all_settled).await;
        if over && self.under_way.is_empty() {
            let back = self.ledger.look(|state| state.undo.is_some()).await;
            // What came about late is listed before it is said that everything was taken back.
            if back && !self.is_listed_at_the_end(&clients).await? {
                return Ok(());
            }
            let body = if back {
                EventBody::RolledBack
            } else {
                EventBody::Done
            };
            self.ledger.record(None, body).await?;
        } else if stuck && self.under_way.is_empty() {
            // All that is left relies on what has failed and was gone on without.
            let missing = self.ledger.look(RunState::missing_told).await;
            if let Some(why) = missing {
                self.ledger.record(None, EventBody::Failed { why }).await?;
            }
        }
        Ok(())
    }

    fn start(&mut self, step: Step, clients: Clients) {
        let id = step.id.clone();
        self.busy.insert(id.clone());
        let hands = Hands {
            ledger: self.ledger.clone(),
            clients,
            clock: self.engine.clock.clone(),
            pacing: self.engine.pacing.clone(),
            operations: self.engine.operations,
            winding_down: self.winding_down.clone(),
        };
        let lease = self.engine.lease.clone();
        self.under_way.spawn(async move {
            let rest = carry_out(hands, step).await;
            drop(lease);
            (id, rest)
        });
    }

    /// Returns the steps of the current direction that could run now.
    async fn ready(&mut self) -> Vec<Step> {
        let busy = &self.busy;
        self.ledger
            .look(|state| {
                let ready = state.ready().into_iter();
                let idle = ready.filter(|step| !busy.contains(&step.id));
                idle.cloned().collect()
            })
            .await
    }

    async fn rested(&mut self, step: &StepId, rest: Rest) -> Result<(), JournalError> {
        self.busy.remove(step);
        let without = self.ledger.look(|state| state.goes_on_without(step)).await;
        let body = match rest {
            Rest::Verified => {
                self.renewals = 0;
                return Ok(());
            }
            Rest::Left => return Ok(()),
            // It is told at the end, with all else that is missing.
            Rest::Failed(_) if without => return Ok(()),
            Rest::Failed(why) => EventBody::Failed {
                why: format!("{step}: {why}"),
            },
            Rest::Conflict(why) => EventBody::Paused {
                reason: PauseReason::Conflict,
                line: format!(
                    "{step}: {why}. Nothing more is sent. Resume once it is settled, or roll back."
                ),
                command: None,
            },
            Rest::Credentials(failure) => self.refused_line(&failure.line()).await,
        };
        let halt = self.ledger.look(|state| state.halt.clone()).await;
        // Credentials come back by themselves; a failure beside them needs a person all the same.
        let weaker = halt == Halt::Paused(PauseReason::Credentials)
            && !matches!(
                &body,
                EventBody::Paused {
                    reason: PauseReason::Credentials,
                    ..
                }
            );
        if (halt == Halt::None || weaker) && self.going_back.is_none() {
            self.ledger.record(None, body).await?;
        }
        Ok(())
    }
}
