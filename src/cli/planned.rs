//! `defib plan`: observes, checks and shows a whole restore without changing anything.
//!
//! `--format json` is what `run --plan` takes back. A plan that a check stops is printed too, so that the
//! reason can be read where it stands.

use clap::ValueEnum;
use jiff::Timestamp;

use crate::domain::check::stops;
use crate::domain::form::Choices;
use crate::domain::incident::parse_time;
use crate::domain::plan::Plan;
use crate::domain::words::not_before;
use crate::journal::sqlite::SqliteJournal;
use crate::report::{FAILED, Report, USAGE};
use crate::restore::export;
use crate::restore::flow::{AnyFlow, FlowError};
use crate::restore::planning;

use super::Session;
use super::flow_args::FlowChoice;
use super::places::{Wanted, wanted};
use super::{cached, unfinished};

/// How a plan is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person at a terminal.
    #[default]
    Text,
    /// To be kept, compared, and run with `--plan`.
    Json,
    /// A runbook to print or paste.
    Markdown,
    /// A script of `aws` commands.
    Shell,
}

/// Flags of `plan`.
#[derive(Debug, clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Args {
    /// How to print it
    #[arg(long, global = true, value_enum, default_value_t)]
    pub format: Format,
    /// Ask nobody: plan with what was known when the place was listed last
    #[arg(long, global = true)]
    pub cached: bool,
    /// When it went wrong
    #[command(flatten)]
    pub incident: Incident,
    /// The flow and its choices
    #[command(flatten)]
    pub flow: FlowChoice,
}

/// When it went wrong, for a warning.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Incident {
    /// When it went wrong: it is said where what is restored is not from before that
    #[arg(long, global = true, value_name = "TIME")]
    pub incident: Option<String>,
}

impl Incident {
    /// Reads it.
    ///
    /// # Errors
    /// A report where it is no time, or still to come.
    pub fn read(&self, session: &Session<'_>) -> Result<Option<Timestamp>, Report> {
        let typed = self.incident.as_deref();
        let at = typed.map(|text| parse_time(text, session.clock.now()));
        Ok(at.transpose()?)
    }
}

/// Says so where what a plan restores may have the damage in it.
pub fn warn_of_damage(plan: &Plan, incident: Option<Timestamp>, session: &mut Session<'_>) {
    let told = incident.and_then(|incident| not_before(plan.point.at, incident));
    if let Some(told) = told {
        session.output.tell(&format!("! {told}"));
    }
}

/// Prints a plan. A plan that a check stops is printed as well, with exit code 1.
///
/// # Errors
/// A report where no plan can be made.
pub async fn run(args: Args, session: &mut Session<'_>) -> Result<u8, Report> {
    let Some((flow, choices)) = args.flow.chosen else {
        return Err(Report::new(USAGE, "a flow is needed").todo("defib plan --help"));
    };
    let incident = args.incident.read(session)?;
    // A plan needs no journal: one that cannot be read is told, and stops only what is run.
    let journal = match SqliteJournal::look(&session.paths.state).await {
        Ok(journal) => journal,
        Err(error) => {
            warn(Some(&error.into()), session);
            None
        }
    };
    let mut known = None;
    if let Some(journal) = &journal {
        known = unfinished::refuse_choices(journal, flow, &choices)
            .await
            .err();
        warn(known.as_ref(), session);
    }
    let plan = if args.cached {
        flow.wrong(&choices, session.clock.now())?;
        cached::plan(flow, &choices, session)?
    } else {
        make(flow, &choices, session).await?
    };
    if let Some(journal) = journal.filter(|_| known.is_none()) {
        warn(
            unfinished::refuse_plan(&journal, &plan)
                .await
                .err()
                .as_ref(),
            session,
        );
    }
    warn_of_damage(&plan, incident, session);
    print(&plan, args.format, session)?;
    if stops(&plan.checks) {
        session
            .output
            .note("a check stops this plan; nothing was changed");
        return Ok(FAILED);
    }
    Ok(0)
}

/// Tells of a run that has to be over before this plan can run.
fn warn(in_the_way: Option<&Report>, session: &mut Session<'_>) {
    let Some(report) = in_the_way else { return };
    session.output.tell(&format!("! {}", report.what));
    for todo in &report.todo {
        session.output.note(&format!("  {todo}"));
    }
}

/// Observes and plans in the one place that flags and settings name.
///
/// # Errors
/// A report where there is not exactly one place, or no plan can be made.
pub async fn make(
    flow: &dyn AnyFlow,
    choices: &Choices,
    session: &Session<'_>,
) -> Result<Plan, Report> {
    flow.wrong(choices, session.clock.now())?;
    let place = one_place(session)?;
    let profile = place.profile.as_deref();
    let connected = session
        .viewer
        .connect(profile, place.region.as_deref())
        .await;
    let clients = connected.map_err(|error| cached::or_plan(error.into(), session))?;
    let seen = cached::seen(&clients, session);
    let made = planning::make_knowing(Some(&seen), flow, choices, &clients, &session.clock).await;
    let plan = made.map_err(|error| match &error {
        FlowError::Read(_) => cached::or_plan(error.into(), session),
        FlowError::Choice { .. } | FlowError::Missing { .. } | FlowError::Facts(_) => error.into(),
    })?;
    cached::keep(&clients, &plan, session).await;
    Ok(plan)
}

/// Returns the one place that flags and settings name.
///
/// # Errors
/// A report where there is not exactly one.
pub fn one_place(session: &Session<'_>) -> Result<Wanted, Report> {
    let mut places = wanted(&session.flags, &session.config);
    match (places.pop(), places.is_empty()) {
        (Some(place), true) if place.region.as_deref() != Some(super::flags::ALL_REGIONS) => {
            Ok(place)
        }
        _several => Err(
            Report::new(USAGE, "a plan is for one profile and one Region")
                .todo("name one of each: --profile P --region R"),
        ),
    }
}

/// Prints a plan in one of its renderings.
///
/// # Errors
/// A report where a rendering is not possible or the output cannot be written.
pub fn print(plan: &Plan, format: Format, session: &mut Session<'_>) -> Result<(), Report> {
    let text = match format {
        Format::Text => export::text::page(plan, session.output.width().unwrap_or(80)),
        Format::Json => export::json::render(plan),
        Format::Markdown => export::markdown::runbook(plan)?,
        Format::Shell => export::shell::script(plan)?,
    };
    match format {
        Format::Text => session.output.line(text.trim_end()),
        Format::Json | Format::Markdown | Format::Shell => session.output.bytes(text.as_bytes()),
    }
}
