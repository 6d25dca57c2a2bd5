//! `defib runs`, `show` and `report`: what the journal tells.
//!
//! It reads and folds; it sends no command, and asks AWS only what a damaged run has made. A run whose
//! runner is gone is still told.

use crate::domain::run::{RunState, RunStatus, StepStatus};
use crate::domain::text::shown;
use crate::domain::words;
use crate::journal::Journal as _;
use crate::journal::damage::Damage;
use crate::report::{FAILED, Report};
use crate::restore::export;

use super::follow::{Summary, minutes, next_steps};
use super::steering::{Desk, LookedBack, RunArgs};
use super::table::{Column, Fit, lines};
use super::{Session, damaged};

/// Flags of `runs`.
#[derive(Debug, clap::Args)]
pub struct RunsArgs {
    /// Print JSON lines
    #[arg(long)]
    pub json: bool,
}

/// Flags of `report`.
#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// The run, or any unique ending of its id
    pub run: String,
}

/// `defib runs`: every run, oldest first.
///
/// # Errors
/// A report.
pub async fn runs(args: RunsArgs, session: &mut Session<'_>) -> Result<u8, Report> {
    let desk = Desk::open(session, args.json)?;
    let now = session.clock.now();
    let runs = desk.journal().runs().await?;
    let (mut code, mut rows) = (0, Vec::new());
    if let Err(error) = desk.journal().all_listed() {
        let report = Report::from(error);
        session
            .output
            .note(&format!("! there may be more runs: {}", report.line()));
        code = FAILED;
    }
    for run in &runs {
        let (state, damage) = match desk.look_back(run).await {
            Ok(LookedBack { state, damage, .. }) => (state, damage),
            Err(report) => {
                session.output.note(&format!("! {run}: {}", report.line()));
                code = FAILED;
                continue;
            }
        };
        let alive = desk.journal().is_held(run).await?;
        if let Some(damage) = &damage {
            code = FAILED;
            session.output.tell(&told(damage));
        }
        if args.json {
            let summary = Summary::of(&state, alive, now);
            session.output.json(&Summary { damage, ..summary })?;
        } else {
            rows.push(row(&state, alive, damage.is_some()));
        }
    }
    if !rows.is_empty() {
        for line in lines(COLUMNS, &rows, session.output.width()) {
            session.output.line(&line)?;
        }
    }
    if runs.is_empty() {
        session
            .output
            .note("no runs yet; defib run FLOW … starts one");
    }
    Ok(code)
}

/// A run is called by its id, so that is never cut; what it works on comes before who and when.
const COLUMNS: &[Column] = &[
    column("RUN", Fit::Whole, 0),
    column("STATE", Fit::Whole, 0),
    column("STARTED", Fit::Whole, 2),
    column("BY", Fit::End, 3),
    column("WHAT", Fit::AtLeast(36), 0),
];

const fn column(title: &'static str, fit: Fit, drop: u8) -> Column {
    Column { title, fit, drop }
}

/// Says on one line what is damaged and what to do.
fn told(damage: &Damage) -> String {
    let evidence = damage.evidence.told();
    let evidence = evidence.map_or_else(String::new, |told| format!(" ({told})"));
    format!(
        "! {}{evidence} · defib show {}",
        damage.told(),
        damage.run.tail()
    )
}

fn row(state: &RunState, alive: bool, damaged: bool) -> Vec<String> {
    let status = state.status();
    let dead = matches!(status, RunStatus::Running | RunStatus::RollingBack) && !alive;
    let status = match (damaged, dead) {
        (true, _) => "damaged",
        (false, true) => "no runner",
        (false, false) => status.as_str(),
    };
    vec![
        state.run.to_string(),
        status.to_owned(),
        words::instant(state.started_at),
        format!("{}@{}", shown(&state.by.user), shown(&state.by.host)),
        state.plan.title.clone(),
    ]
}

/// `defib show`: one run with its steps.
///
/// # Errors
/// A report.
pub async fn show(args: RunArgs, session: &mut Session<'_>) -> Result<u8, Report> {
    let desk = Desk::open(session, args.json)?;
    let run = desk.find(&args.run).await?;
    let LookedBack { state, damage, .. } = desk.look_back(&run).await?;
    warn(&state, damage.as_ref(), session).await;
    let alive = desk.journal().is_held(&run).await?;
    if args.json {
        session.output.json(&state)?;
        return Ok(0);
    }
    let now = session.clock.now();
    // What a damaged run needs was told already.
    let next = match damage {
        None => next_steps(&state, alive, &desk.log_of(&run), now),
        Some(_) => Vec::new(),
    };
    for line in picture(&state).into_iter().chain(next) {
        session.output.sentence(&line)?;
    }
    Ok(0)
}

/// Says what is damaged of a run's record, and what AWS has beyond what is valid of it.
async fn warn(state: &RunState, damage: Option<&Damage>, session: &mut Session<'_>) {
    let difference = match damage {
        Some(_) => damaged::difference(state, session).await,
        None => Vec::new(),
    };
    for line in damaged::lines(state, damage).into_iter().chain(difference) {
        session.output.note(&line);
    }
}

fn picture(state: &RunState) -> Vec<String> {
    let place = &state.plan.place;
    let mut lines = vec![
        state.plan.title.clone(),
        format!(
            "run {} · {} · {} {} · by {}@{}",
            state.run,
            state.status().as_str(),
            place.account,
            place.region,
            shown(&state.by.user),
            shown(&state.by.host)
        ),
    ];
    for step in state.plan.steps.iter().chain(state.undo.iter().flatten()) {
        let record = state.record(&step.id);
        let sign = match record.status {
            StepStatus::Planned => ' ',
            StepStatus::Waiting => '▒',
            StepStatus::Intent | StepStatus::Accepted => '⋯',
            StepStatus::Verified => '✔',
            StepStatus::Failed | StepStatus::Conflict => '✘',
            StepStatus::Declined => '–',
        };
        let took = record.started_at.zip(record.ended_at);
        let took = took.map_or_else(String::new, |(began, ended)| {
            format!(" · {}", minutes(ended.duration_since(began)))
        });
        lines.push(format!(" {sign} {}{took}", step.title));
        if !record.detail.is_empty() {
            lines.push(format!("   {}", record.detail));
        }
    }
    lines
}

/// `defib report`: the Markdown report of a run.
///
/// # Errors
/// A report.
pub async fn report(args: ReportArgs, session: &mut Session<'_>) -> Result<u8, Report> {
    let desk = Desk::open(session, false)?;
    let run = desk.find(&args.run).await?;
    let LookedBack {
        state,
        events,
        damage,
    } = desk.look_back(&run).await?;
    warn(&state, damage.as_ref(), session).await;
    let asked = export::report::Asked {
        incident: None,
        now: session.clock.now(),
    };
    let text = export::report::report(&state, &events, asked);
    let damaged = damage.as_ref().map(export::report::damaged);
    let text = damaged.unwrap_or_default() + &text;
    session.output.bytes(text.as_bytes())?;
    Ok(0)
}
