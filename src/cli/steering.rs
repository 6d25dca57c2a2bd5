//! Commands for a run that exists: attach, approve, pause, abort, resume, roll back.
//!
//! They reach the run through the journal alone, and start a runner where none is there to obey.

use std::path::PathBuf;
use std::process::Child;

use crate::aws::connect::Connector;
use crate::domain::ids::RunId;
use crate::domain::run::{Approval, CommandKind, RunEvent, RunState, RunStatus, StepStatus};
use crate::domain::text::shown;
use crate::journal::damage::Damage;
use crate::journal::sqlite::SqliteJournal;
use crate::journal::{Journal, JournalError, find_run};
use crate::report::{FAILED, ROLLED_BACK, Report, USAGE, WAITS};
use crate::runner;

use super::answers::{Answers, Question, answered_by_yes};
use super::follow::{Follow, Summary, next_steps};
use super::{Session, damaged, endpoint, last_words, way_back};

/// Exit code of a viewer that was left by ctrl-c, as shells have it.
const LEFT: u8 = 130;

/// A run, and whether to print it as JSON.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// The run, or any unique ending of its id
    pub run: String,
    /// Print JSON lines
    #[arg(long)]
    pub json: bool,
}

/// A run with answers for the gates that can come.
#[derive(Debug, clap::Args)]
pub struct AnsweredArgs {
    /// The run, or any unique ending of its id
    pub run: String,
    /// Print JSON lines
    #[arg(long)]
    pub json: bool,
    /// Answers given ahead
    #[command(flatten)]
    pub answers: Answers,
}

/// What a followed run's end means for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The run was followed: ending rolled back is not what it was started for.
    Followed,
    /// A roll back was asked for: ending rolled back is success.
    AskedBack,
}

/// A run as far as its record is valid.
pub struct LookedBack {
    /// Its state.
    pub state: RunState,
    /// Its events.
    pub events: Vec<RunEvent>,
    /// What is damaged of its record.
    pub damage: Option<Damage>,
}

/// The journal, and the runner that this process started, if it did.
pub struct Desk {
    journal: SqliteJournal,
    logs: PathBuf,
    child: Option<Child>,
    json: bool,
}

impl Desk {
    /// Opens the journal of this user.
    ///
    /// # Errors
    /// A report where it cannot be opened or trusted.
    pub fn open(session: &Session<'_>, json: bool) -> Result<Self, Report> {
        Ok(Self {
            journal: SqliteJournal::open(&session.paths.state)?,
            logs: session.paths.state.join("logs"),
            child: None,
            json,
        })
    }

    /// Returns the journal.
    #[must_use]
    pub fn journal(&self) -> &SqliteJournal {
        &self.journal
    }

    /// Finds a run by the ending of its id.
    ///
    /// # Errors
    /// A report where none or several fit.
    pub async fn find(&self, text: &str) -> Result<RunId, Report> {
        Ok(find_run(&self.journal.runs().await?, text)?)
    }

    /// Reads a run.
    ///
    /// # Errors
    /// A report where it cannot be read.
    pub async fn state(&self, run: &RunId) -> Result<RunState, Report> {
        let events = self.journal.read(run, 0).await?;
        RunState::fold(&events).ok_or_else(|| no_plan(run))
    }

    /// Reads what is valid of a run, and what is damaged of it.
    ///
    /// # Errors
    /// A report where not even its plan can be read.
    pub async fn look_back(&self, run: &RunId) -> Result<LookedBack, Report> {
        let damage = self.journal.damage(run).await?;
        let events = match &damage {
            Some(_) => Journal::read_intact(&self.journal, run).await?,
            None => self.journal.read(run, 0).await?,
        };
        match (RunState::fold(&events), damage) {
            (Some(state), damage) => Ok(LookedBack {
                state,
                events,
                damage,
            }),
            (None, Some(damage)) => Err(JournalError::Broken(damage).into()),
            (None, None) => Err(no_plan(run)),
        }
    }

    /// Starts a runner. One for a profile that asked for a code is handed the session that came of it.
    ///
    /// # Errors
    /// A report where the operating system refuses.
    pub async fn start(
        &mut self,
        run: &RunId,
        profile: Option<&str>,
        viewer: &Connector,
    ) -> Result<(), Report> {
        let session = viewer.session(profile).await;
        let log = self.log_of(run);
        self.child = Some(runner::spawn(run, &self.logs, &log, session.as_ref())?);
        Ok(())
    }

    /// Follows a run to its rest, says what is next, and returns the exit code.
    ///
    /// # Errors
    /// A report where it cannot be read or shown.
    pub async fn follow(
        &mut self,
        run: &RunId,
        session: &mut Session<'_>,
        ended: Ended,
    ) -> Result<u8, Report> {
        self.follow_from(run, 0, session, ended).await
    }

    async fn follow_from(
        &mut self,
        run: &RunId,
        after: u64,
        session: &mut Session<'_>,
        ended: Ended,
    ) -> Result<u8, Report> {
        let clock = session.clock.clone();
        let mut follow = Follow {
            journal: &self.journal,
            clock: &clock,
            run,
            json: self.json,
            child: self.child.take(),
        };
        let rest = tokio::select! {
            rest = follow.to_rest(after, session.output) => Some(rest?),
            _pressed = tokio::signal::ctrl_c() => None,
        };
        let Some((state, alive)) = rest else {
            let run = run.tail();
            session.output.note(&if follow.alive().await? {
                format!("it goes on; defib attach {run} brings it back")
            } else {
                format!("no runner holds it, so it does not go on: defib resume {run}")
            });
            return Ok(LEFT);
        };
        let log = self.log_of(run);
        let now = clock.now();
        if self.json {
            session.output.json(&Summary::of(&state, alive, now))?;
        }
        for line in next_steps(&state, alive, &log, now) {
            session.output.tell(&line);
        }
        Ok(exit_code(state.status(), ended))
    }

    /// Appends a command, sees to it that a runner obeys, and returns where the run stood before.
    async fn command(
        &mut self,
        run: &RunId,
        kind: CommandKind,
        answers: &Answers,
        session: &Session<'_>,
    ) -> Result<u64, Report> {
        let state = self.state(run).await?;
        let before = state.last_seq;
        let approval = answers.approval(&state.plan);
        let number = runner::send(&self.journal, run, kind, approval, &session.clock).await?;
        // A runner that is just letting go may have missed the command: the next one takes it.
        for _attempt in 0..3 {
            if !self.journal.is_held(run).await? {
                let profile = state.plan.place.profile.as_deref();
                self.start(run, profile, &session.viewer).await?;
            }
            let mut follow = Follow {
                journal: &self.journal,
                clock: &session.clock,
                run,
                json: self.json,
                child: self.child.take(),
            };
            let taken = follow.until_taken(number, before).await?;
            self.child = follow.child.take();
            if taken {
                return Ok(before);
            }
        }
        let report = Report::new(
            FAILED,
            format!("no runner has taken the command for run {run}"),
        )
        .safe("The command stands in the journal and is obeyed by the next runner.")
        .todo(format!("defib resume {}", run.tail()));
        let words = last_words::lines(&self.log_of(run));
        Err(words.into_iter().fold(report, Report::todo))
    }

    /// Asks that a salvaged run goes on, before anything else is asked of it.
    async fn let_go_on(&self, run: &RunId, session: &Session<'_>) -> Result<(), Report> {
        let approval = Approval {
            confirm: vec![run.to_string()],
            ..Approval::default()
        };
        let clock = &session.clock;
        runner::send(&self.journal, run, CommandKind::Resume, approval, clock).await?;
        Ok(())
    }

    /// Returns the log of a run's runners.
    #[must_use]
    pub fn log_of(&self, run: &RunId) -> PathBuf {
        self.logs.join(format!("{}.log", run.as_str()))
    }
}

fn no_plan(run: &RunId) -> Report {
    Report::new(FAILED, format!("run {run} has no plan in the journal")).todo("defib doctor")
}

fn exit_code(status: RunStatus, ended: Ended) -> u8 {
    match (status, ended) {
        (RunStatus::Done, _) | (RunStatus::RolledBack, Ended::AskedBack) => 0,
        (RunStatus::RolledBack, Ended::Followed) => ROLLED_BACK,
        // One that is under way and yet at rest has lost its runner: no person is asked for anything.
        (RunStatus::Failed | RunStatus::Running | RunStatus::RollingBack, _) => FAILED,
        (RunStatus::Waiting | RunStatus::Paused, _) => WAITS,
    }
}

/// `defib attach`: follows a run.
///
/// # Errors
/// A report.
pub async fn attach(args: RunArgs, session: &mut Session<'_>) -> Result<u8, Report> {
    let mut desk = Desk::open(session, args.json)?;
    let run = desk.find(&args.run).await?;
    desk.follow(&run, session, Ended::Followed).await
}

/// `defib approve`: answers the open gates and follows the run.
///
/// # Errors
/// A report.
pub async fn approve(args: AnsweredArgs, session: &mut Session<'_>) -> Result<u8, Report> {
    go_on(args, CommandKind::Approve { step: None }, session).await
}

/// `defib resume`: lets a run go on and follows it.
///
/// # Errors
/// A report.
pub async fn resume(args: AnsweredArgs, session: &mut Session<'_>) -> Result<u8, Report> {
    go_on(args, CommandKind::Resume, session).await
}

/// `defib rollback`: takes a run back and follows it.
///
/// # Errors
/// A report.
pub async fn rollback(args: AnsweredArgs, session: &mut Session<'_>) -> Result<u8, Report> {
    go_on(args, CommandKind::RollBack, session).await
}

/// Refuses to leave out what was asked of AWS already: whether it came about is for the run to find.
fn refuse_sent(answers: &Answers, state: &RunState) -> Result<(), Report> {
    let sent = |id: &&String| state.record(&id.as_str().into()).generation > 0;
    let Some(step) = answers.decline.iter().find(sent) else {
        return Ok(());
    };
    let what = format!(
        "--decline {}: it was agreed to, and asked of AWS already",
        shown(step)
    );
    Err(Report::new(USAGE, what)
        .safe("Nothing was sent now.")
        .todo(format!(
            "look at what came of it: defib show {}",
            state.run.tail()
        )))
}

async fn go_on(
    args: AnsweredArgs,
    kind: CommandKind,
    session: &mut Session<'_>,
) -> Result<u8, Report> {
    allowed(session)?;
    let mut desk = Desk::open(session, args.json)?;
    let run = desk.find(&args.run).await?;
    let ended = if kind == CommandKind::RollBack {
        Ended::AskedBack
    } else {
        Ended::Followed
    };
    let LookedBack {
        state,
        events,
        damage,
    } = desk.look_back(&run).await?;
    if let Some(code) = already_over(&desk, &state, &kind, session)? {
        return Ok(code);
    }
    if matches!(kind, CommandKind::Approve { .. }) && !asks(&state) {
        return Err(Report::new(FAILED, format!("no gate of run {run} is open"))
            .todo(format!("defib show {}", run.tail()))
            .todo(format!("if nothing moves: defib resume {}", run.tail())));
    }
    let way = if kind == CommandKind::RollBack {
        &[]
    } else {
        state.current_steps()
    };
    args.answers.refuse_unknown(way)?;
    refuse_sent(&args.answers, &state)?;
    runner::refuse_other_endpoint(&events).await?;
    endpoint::tell([state.plan.place.profile.clone()], session.output).await;
    runner::refuse_other_identity(&session.viewer, &state.plan).await?;
    runner::refuse_second(desk.journal(), &state.plan, Some(&run)).await?;
    let mut answers = damaged::without_id(&run, &args.answers);
    let asked = damage.is_some() || state.asks_for_its_id();
    let typed = asked && state.undo.is_none() && kind != CommandKind::RollBack;
    if asked {
        let difference = damaged::difference(&state, session).await;
        let lines = damaged::lines(&state, damage.as_ref());
        for line in lines.into_iter().chain(difference) {
            session.output.tell(&line);
        }
    }
    if typed {
        damaged::ask_for_id(&run, &args.answers, session)?;
    }
    agreed(&state, &kind, (&answers, asked), session)?;
    runner::salvage(desk.journal(), &run, &session.clock).await?;
    if typed {
        answers.confirm.push(run.to_string());
        if kind != CommandKind::Resume {
            desk.let_go_on(&run, session).await?;
        }
    }
    let before = desk.command(&run, kind, &answers, session).await?;
    desk.follow_from(&run, before, session, ended).await
}

/// A run goes on, or back, only after a person has agreed to what that means.
fn agreed(
    state: &RunState,
    kind: &CommandKind,
    (answers, lost): (&Answers, bool),
    session: &mut Session<'_>,
) -> Result<(), Report> {
    let (what, does) = match kind {
        CommandKind::RollBack => ("the roll back", "roll this run back"),
        CommandKind::Approve { .. } => ("the gate", "answer its gates"),
        CommandKind::Resume | CommandKind::Pause | CommandKind::Abort => {
            ("going on", "let this run go on")
        }
    };
    let back = *kind == CommandKind::RollBack;
    if back {
        let told = answered_by_yes(&state.way_back(lost), answers);
        for line in way_back::lines(state, lost).into_iter().chain(told) {
            session.output.tell(&line);
        }
    }
    let question = Question {
        plan: &state.plan,
        what,
        does,
        yes: back,
    };
    question.ask(answers, session)
}

/// Tells whether a gate of the run's present direction is open.
fn asks(state: &RunState) -> bool {
    let mut steps = state.current_steps().iter();
    steps.any(|step| state.record(&step.id).status == StepStatus::Waiting)
}

/// A run that is over needs no command, but one that is done can still be taken back.
fn already_over(
    desk: &Desk,
    state: &RunState,
    kind: &CommandKind,
    session: &mut Session<'_>,
) -> Result<Option<u8>, Report> {
    let status = state.status();
    let back = *kind == CommandKind::RollBack;
    if !status.is_over() || (back && status == RunStatus::Done) {
        return Ok(None);
    }
    let now = session.clock.now();
    if desk.json {
        session.output.json(&Summary::of(state, false, now))?;
    }
    session
        .output
        .note("the run is over; there was nothing to do");
    for line in next_steps(state, false, &desk.log_of(&state.run), now) {
        session.output.tell(&line);
    }
    let ended = if back {
        Ended::AskedBack
    } else {
        Ended::Followed
    };
    Ok(Some(exit_code(status, ended)))
}

/// `defib pause`: sends nothing more for now.
///
/// # Errors
/// A report.
pub async fn pause(args: RunArgs, session: &mut Session<'_>) -> Result<u8, Report> {
    halt(args, CommandKind::Pause, session).await
}

/// `defib abort`: finishes what is under way and goes no further.
///
/// # Errors
/// A report.
pub async fn abort(args: RunArgs, session: &mut Session<'_>) -> Result<u8, Report> {
    halt(args, CommandKind::Abort, session).await
}

async fn halt(args: RunArgs, kind: CommandKind, session: &mut Session<'_>) -> Result<u8, Report> {
    let mut desk = Desk::open(session, args.json)?;
    let run = desk.find(&args.run).await?;
    let state = desk.state(&run).await?;
    if let Some(code) = already_over(&desk, &state, &kind, session)? {
        return Ok(code);
    }
    if !desk.journal.is_held(&run).await? {
        // The runner that is started for it would look elsewhere.
        runner::refuse_other_endpoint(&desk.journal.read(&run, 0).await?).await?;
    }
    desk.command(&run, kind, &Answers::default(), session)
        .await?;
    let state = desk.state(&run).await?;
    let alive = desk.journal.is_held(&run).await?;
    let now = session.clock.now();
    if args.json {
        session.output.json(&Summary::of(&state, alive, now))?;
    }
    for line in next_steps(&state, alive, &desk.log_of(&run), now) {
        session.output.tell(&line);
    }
    Ok(0)
}

fn allowed(session: &Session<'_>) -> Result<(), Report> {
    if session.read_only() {
        return Err(Report::new(FAILED, "READ-ONLY: runs are forbidden here")
            .todo("leave out --read-only, or read_only in config.toml, to allow them"));
    }
    Ok(())
}
