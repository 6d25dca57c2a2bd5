//! `defib run`: plans or takes a plan, asks for a yes, starts a runner and follows it.
//!
//! No yes, no run: nothing is journaled before the plan was approved. The work is the runner's, so this
//! command may end, or lose its terminal, without harm to the run.

use std::path::PathBuf;

use crate::domain::check::{Check, Verdict, stops};
use crate::domain::place::Place;
use crate::domain::plan::Plan;
use crate::domain::text::shown;
use crate::report::{FAILED, Report, USAGE};
use crate::restore::export;
use crate::restore::flow::FlowError;
use crate::restore::planning::{self, PlanError};
use crate::runner;

use super::answers::{Answers, Question, answered_by_yes};
use super::flow_args::FlowChoice;
use super::{Session, cached, endpoint, unfinished};

use super::planned;
use super::steering::{Desk, Ended};

/// Flags of `run`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = false, arg_required_else_help = true)]
pub struct Args {
    /// Run a plan made by `defib plan … --format json`
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Answers given ahead
    #[command(flatten)]
    pub answers: Answers,
    /// When it went wrong
    #[command(flatten)]
    pub incident: planned::Incident,
    /// Print events as JSON lines
    #[arg(long, global = true)]
    pub json: bool,
    /// The flow and its choices
    #[command(flatten)]
    pub flow: FlowChoice,
}

/// Starts and follows a run.
///
/// # Errors
/// A report where nothing was started, or the run cannot be followed.
pub async fn run(args: Args, session: &mut Session<'_>) -> Result<u8, Report> {
    if session.read_only() {
        return Err(Report::new(FAILED, "READ-ONLY: runs are forbidden here")
            .todo("leave out --read-only, or read_only in config.toml, to allow them"));
    }
    let incident = args.incident.read(session)?;
    // A journal that cannot be written is told before anybody reads a plan.
    let mut desk = Desk::open(session, args.json)?;
    desk.journal().writable()?;
    let plan = match (&args.plan, args.flow.chosen) {
        (Some(file), None) => from_file(file, session).await?,
        (None, Some((flow, choices))) => {
            unfinished::refuse_choices(desk.journal(), flow, &choices).await?;
            planned::make(flow, &choices, session).await?
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(
                Report::new(USAGE, "run takes a flow, or --plan FILE").todo("defib run --help")
            );
        }
    };
    args.answers.refuse_unknown(&plan.steps)?;
    unfinished::refuse_plan(desk.journal(), &plan).await?;
    planned::warn_of_damage(&plan, incident, session);
    show(&plan, args.json, session);
    if stops(&plan.checks) {
        return Err(stopped(&plan.checks));
    }
    for line in answered_by_yes(&plan.steps, &args.answers) {
        session.output.tell(&line);
    }
    let question = Question {
        plan: &plan,
        what: "the plan",
        does: "run this plan",
        yes: true,
    };
    question.ask(&args.answers, session)?;
    let approval = args.answers.approval(&plan);
    let profile = plan.place.profile.clone();
    let run = runner::record_run(desk.journal(), plan, approval, &session.clock).await?;
    let started = desk.start(&run, profile.as_deref(), &session.viewer).await;
    started.map_err(|report| {
        report
            .safe("The run is in the journal, and nothing of it was sent.")
            .todo(format!("defib resume {}", run.tail()))
    })?;
    if !args.json {
        session.output.line(run.as_str())?;
    }
    desk.follow(&run, session, Ended::Followed).await
}

/// Shows the plan beside the result, so that what follows can be judged.
fn show(plan: &Plan, json: bool, session: &mut Session<'_>) {
    if json {
        return;
    }
    let width = session.output.width().unwrap_or(80);
    let text = export::text::page(plan, width);
    session.output.note(text.trim_end());
}

async fn from_file(file: &std::path::Path, session: &mut Session<'_>) -> Result<Plan, Report> {
    let name = crate::domain::text::shown(&file.to_string_lossy());
    let text = std::fs::read_to_string(file).map_err(|error| {
        Report::new(USAGE, format!("{name} cannot be read: {error}"))
            .todo("make one: defib plan FLOW … --format json > FILE")
    })?;
    let plan = export::json::parse(&text)?;
    planning::verify(&plan)?;
    let place = &plan.place;
    contradicts(place, session)?;
    endpoint::tell([place.profile.clone()], session.output).await;
    let region = Some(place.region.as_str());
    let connected = session
        .viewer
        .connect(place.profile.as_deref(), region)
        .await;
    let clients = connected.map_err(|error| Report::from(error).before_it_runs(&plan))?;
    let seen = cached::seen(&clients, session);
    let fits = planning::still_fits_knowing(Some(&seen), &plan, &clients, &session.clock).await;
    fits.map_err(|error| {
        let unread = matches!(error, PlanError::Flow(FlowError::Read(_)));
        let report = Report::from(error);
        if unread {
            report.before_it_runs(&plan)
        } else {
            report
        }
    })
}

/// A plan is for the place in it; flags that name another one are a mistake worth stopping at.
fn contradicts(place: &Place, session: &Session<'_>) -> Result<(), Report> {
    let profile = session.flags.profile.iter();
    let other_profile = profile.filter(|named| Some(*named) != place.profile.as_ref());
    let region = session.flags.region.iter();
    let other_region = region.filter(|named| *named != place.region.as_str());
    let Some(named) = other_profile.chain(other_region).next() else {
        return Ok(());
    };
    let of = place.profile.as_deref().unwrap_or("the environment");
    Err(Report::new(
        USAGE,
        format!(
            "the plan is for {} in {}, and you named {}",
            shown(of),
            place.region,
            shown(named)
        ),
    )
    .todo("leave --profile and --region out: the plan names its own"))
}

fn stopped(checks: &[Check]) -> Report {
    let report = Report::new(FAILED, "a check stops this plan");
    let stopping = checks.iter().filter(|check| check.verdict == Verdict::Stop);
    stopping.fold(report, |report, check| {
        let report = report.todo(format!("✘ {}", check.found));
        check
            .advice
            .iter()
            .fold(report, |report, advice| report.todo(advice.clone()))
    })
}
