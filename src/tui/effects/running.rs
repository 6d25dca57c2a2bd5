//! Starts runs and sends them commands. The work itself is a runner's: a process that outlives this one,
//! or in the demo a task.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::aws::logins::Session;
use crate::clock::Clock;
use crate::domain::check::{Check, Verdict, stops};
use crate::domain::ids::RunId;
use crate::domain::plan::Plan;
use crate::domain::run::{Approval, CommandKind, RunState};
use crate::journal::Journal;
use crate::report::{FAILED, Report};
use crate::restore::flow::FlowError;
use crate::restore::pacing::Pacing;
use crate::restore::planning::{self, PlanError};
use crate::runner::{self, RunnerError};
use crate::tui::effect::Draft;
use crate::tui::msg::Msg;

use super::underway::Command;
use super::{Effects, Runners, locked};

/// How often a runner is started for a command that nobody takes.
const RUNNERS_TRIED: u32 = 3;
/// How often the journal is looked at for the answer to a command, and how long apart.
const LOOKS: u32 = 30;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

impl Effects {
    pub(super) async fn start(
        &self,
        draft: Draft,
        plan: Plan,
        approval: Approval,
        command: Command,
    ) {
        let msg = match self.started(plan, approval).await {
            Ok(run) => Msg::Started { draft, run },
            Err(report) => Msg::NotStarted { draft, report },
        };
        // What became of it is told before it counts as settled: whoever leaves waits for that.
        self.tell(msg).await;
        drop(command);
    }

    async fn started(&self, plan: Plan, approval: Approval) -> Result<RunId, Report> {
        self.allowed()?;
        let journal = self.journal().await?;
        let clients = self.clients(&plan.place).await;
        let clients = clients.map_err(|report| report.before_it_runs(&plan))?;
        let seen = self.seen(&clients);
        let fits =
            planning::still_fits_knowing(seen.as_deref(), &plan, &clients, self.clock()).await;
        let plan = fits.map_err(|error| {
            let unread = matches!(error, PlanError::Flow(FlowError::Read(_)));
            let report = Report::from(error);
            if unread {
                report.before_it_runs(&plan)
            } else {
                report
            }
        })?;
        // What the steps do not show may have changed as well.
        if stops(&plan.checks) {
            return Err(stopped(&plan.checks));
        }
        let run = runner::record_run(&*journal, plan, approval, self.clock()).await?;
        let events = journal.read(&run, 0).await?;
        // The screen of the run finds it there.
        self.tell(Msg::RunEvents {
            run: run.clone(),
            events,
        })
        .await;
        // The run exists from here on: a runner that does not start is told on its screen.
        let profile = clients.place.profile.as_deref();
        if let Err(report) = self.start_runner(journal, &run, profile).await {
            let run = run.clone();
            self.tell(Msg::RunnerFailed { run, report }).await;
        }
        Ok(run)
    }

    pub(super) async fn send(
        &self,
        run: RunId,
        kind: CommandKind,
        approval: Approval,
        command: Command,
    ) {
        if let Err(report) = self.sent(&run, kind, approval, command).await {
            self.tell(Msg::Failed(report)).await;
        }
    }

    async fn sent(
        &self,
        run: &RunId,
        kind: CommandKind,
        approval: Approval,
        command: Command,
    ) -> Result<(), Report> {
        // To stop is never forbidden.
        if !matches!(kind, CommandKind::Pause | CommandKind::Abort) {
            self.allowed()?;
        }
        let journal = self.journal().await?;
        let events = journal.read_intact(run).await?;
        let plan = RunState::fold(&events).map(|state| state.plan);
        if let Some(plan) = &plan
            && !matches!(kind, CommandKind::Pause | CommandKind::Abort)
        {
            runner::refuse_other_endpoint(&events).await?;
            runner::refuse_other_identity(&self.world.connector, plan).await?;
            runner::refuse_second(&*journal, plan, Some(run)).await?;
        }
        self.salvage(&*journal, run, &kind).await?;
        let profile = plan.and_then(|plan| plan.place.profile);
        let number = runner::send(&*journal, run, kind, approval, self.clock()).await?;
        self.see_it_taken(journal, run, profile.as_deref(), (number, command))
            .await
    }

    /// Has a damaged run continue from what is valid of it, when it is to go on or back. It goes on only with
    /// a command that brings its id, which the runner holds it to.
    async fn salvage(
        &self,
        journal: &dyn Journal,
        run: &RunId,
        kind: &CommandKind,
    ) -> Result<(), Report> {
        if !matches!(kind, CommandKind::Resume | CommandKind::RollBack) {
            return Ok(());
        }
        if runner::salvage(journal, run, self.clock()).await? {
            let (run, events) = (run.clone(), journal.read(run, 0).await?);
            self.tell(Msg::RunEvents { run, events }).await;
        }
        Ok(())
    }

    /// Waits until a command was dealt with. A runner that lives takes it in its own time; where none does,
    /// some are started, because one that is just letting go may have missed it.
    async fn see_it_taken(
        &self,
        journal: Arc<dyn Journal>,
        run: &RunId,
        profile: Option<&str>,
        (number, command): (u64, Command),
    ) -> Result<(), Report> {
        let mut on_its_way = Some(command);
        let (mut started, mut looks) = (0, LOOKS);
        while !taken(&*journal, run, number).await? {
            if journal.is_held(run).await? {
                looks = 0;
            } else if self.world.read_only {
                // Nothing sends, so it stands still; the next runner finds the command.
                return Ok(());
            } else if looks < LOOKS {
                looks += 1;
            } else if started < RUNNERS_TRIED {
                self.start_runner(journal.clone(), run, profile).await?;
                (started, looks) = (started + 1, 0);
            } else {
                return Err(Report::new(
                    FAILED,
                    format!("no runner has taken the command for run {run}"),
                )
                .safe("The command stands in the journal and is obeyed by the next runner.")
                .todo("resume the run"));
            }
            // It stands in the journal, and somebody is there to take it.
            on_its_way.take();
            Clock::real().sleep(BETWEEN_LOOKS).await;
        }
        Ok(())
    }

    fn allowed(&self) -> Result<(), Report> {
        if !self.world.read_only {
            return Ok(());
        }
        Err(Report::new(FAILED, "READ-ONLY: runs are forbidden here")
            .todo("leave out --read-only, or read_only in config.toml, to allow them"))
    }

    /// Starts a runner, unless one that was started here is still there. One for a profile that asked for a
    /// code is handed the session that came of it.
    async fn start_runner(
        &self,
        journal: Arc<dyn Journal>,
        run: &RunId,
        profile: Option<&str>,
    ) -> Result<(), Report> {
        let session = self.world.connector.session(profile).await;
        if !locked(&self.driven).insert(run.clone()) {
            return Ok(());
        }
        let started = match &self.world.runners {
            Runners::Processes { logs } => self.start_process(logs, run, session.as_ref()),
            Runners::Tasks => {
                self.start_task(journal, run);
                Ok(())
            }
        };
        if started.is_err() {
            locked(&self.driven).remove(run);
        }
        started
    }

    fn start_process(
        &self,
        logs: &Path,
        run: &RunId,
        session: Option<&Session>,
    ) -> Result<(), Report> {
        let log = logs.join(format!("{}.log", run.as_str()));
        let mut child = runner::spawn(run, logs, &log, session)?;
        let (driven, run) = (Arc::clone(&self.driven), run.clone());
        // A child that is never waited for stays as a zombie.
        tokio::task::spawn_blocking(move || {
            child.wait().ok();
            locked(&driven).remove(&run);
        });
        Ok(())
    }

    fn start_task(&self, journal: Arc<dyn Journal>, run: &RunId) {
        let (this, name) = (self.clone(), run.clone());
        let connector = self.world.connector.clone();
        let clock = self.clock().clone();
        let task = tokio::spawn(async move {
            let driven = runner::drive(journal, connector, clock, Pacing::default(), &name).await;
            locked(&this.driven).remove(&name);
            match driven {
                // Somebody else is at it, which is just as well.
                Ok(_) | Err(RunnerError::Held(_)) => {}
                Err(error) => {
                    let report = Report::from(error);
                    this.tell(Msg::RunnerFailed { run: name, report }).await;
                }
            }
        });
        locked(&self.tasks).insert(run.clone(), task.abort_handle());
    }

    pub(super) async fn kill_runner(&self, run: RunId) {
        let task = locked(&self.tasks).remove(&run);
        if let Some(task) = task {
            task.abort();
            locked(&self.driven).remove(&run);
            return;
        }
        let report = Report::new(FAILED, "no runner of this console drives the run")
            .safe("Nothing was changed.")
            .todo("only the demo kills its runners");
        self.tell(Msg::Failed(report)).await;
    }
}

/// Tells whether an event deals with a command.
async fn taken(journal: &dyn Journal, run: &RunId, number: u64) -> Result<bool, Report> {
    // Folded, as the commands of a salvaged run count from 1 anew.
    let state = RunState::fold(&journal.read(run, 0).await?);
    Ok(state.is_some_and(|state| state.last_command >= number))
}

/// Says what stops a plan.
fn stopped(checks: &[Check]) -> Report {
    let stopping = checks.iter().filter(|check| check.verdict == Verdict::Stop);
    stopping.fold(
        Report::new(FAILED, "a check stops this plan now"),
        |report, check| report.todo(check.found.clone()),
    )
}
