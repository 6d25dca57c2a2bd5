//! `defib demo`: the console on a simulated estate with an incident under way. No account, no network, and
//! no file of the user's is touched.
//!
//! It is the same planning, runner and engine over the simulated AWS; the journal lies in memory.

use std::sync::Arc;

use crate::aws::connect::Connector;
use crate::aws::guard::Mode;
use crate::aws::logins::Logins;
use crate::clock::Clock;
use crate::config::{Config, Paths};
use crate::domain::text::shown;
use crate::journal::Journal;
use crate::journal::sqlite::SqliteJournal;
use crate::report::{FAILED, Report, USAGE};
use crate::sim::{ScenarioError, SimulatedAws, Story, scenarios};
use crate::tui::effects::{Runners, Wanted, World};
use crate::tui::known;

use super::console;
use super::flags::Flags;
use super::output::Output;

/// Flags of `demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which estate and incident
    #[arg(long, value_name = "S", default_value = "bad-deploy", help = help_of_scenario())]
    pub scenario: String,
    /// How many times faster than real time
    #[arg(long, value_name = "N", default_value_t = 20.0, value_parser = speed)]
    pub speed: f64,
}

fn help_of_scenario() -> String {
    let known: Vec<&str> = scenarios().iter().map(|known| known.name).collect();
    format!("Which estate and incident: {}", known.join(", "))
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && (0.1..=10_000.0).contains(&speed) => Ok(speed),
        Ok(_) | Err(_) => Err("a speed is a number from 0.1 to 10000".to_owned()),
    }
}

/// Opens the console on a scenario.
///
/// # Errors
/// A report for a scenario that does not exist, or where there is no terminal.
pub async fn run(args: Args, flags: &Flags, output: &mut Output) -> Result<u8, Report> {
    let text = scenario(&args.scenario)?;
    console::require_terminal()?;
    let broken = |error: ScenarioError| Report::new(FAILED, error.to_string());
    let story = Story::of(text).map_err(broken)?;
    let clock = Clock::simulated(story.opens_at, args.speed);
    let aws = SimulatedAws::from_scenario(text, clock.clone()).map_err(broken)?;
    let paths = Paths::from_environment().ok();
    let config = paths.as_ref().map_or_else(
        || Ok(Config::default()),
        |paths| Config::read(&paths.config_file()),
    )?;
    let told = known::Story {
        title: story.title.clone(),
        pager: story.pager_text.trim().lines().map(str::to_owned).collect(),
    };
    let settings = console::settings(flags, &config, paths.as_ref(), Some(told))?;
    let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::in_memory()?);
    let world = World {
        connector: Connector {
            mode: Mode::Viewer { dry_run: true },
            endpoint_honours_dry_run: true,
            simulated: Some(aws),
            logins: Logins::default(),
        },
        clock,
        wanted: wanted(&story),
        journal: Arc::new(move || Ok(Arc::clone(&journal))),
        runners: Runners::Tasks,
        exports: console::here(),
        read_only: settings.read_only,
    };
    let ended = console::open(settings, world, None).await?;
    if ended.model.known.runs.unfinished().next().is_some() {
        output.note("The run that was under way has ended with the demo.");
    }
    output.note("This was a simulation: no account was used and nothing of yours was touched.");
    Ok(0)
}

fn scenario(name: &str) -> Result<&'static str, Report> {
    if let Some(known) = scenarios().iter().find(|known| known.name == name) {
        return Ok(known.text);
    }
    let known: Vec<&str> = scenarios().iter().map(|known| known.name).collect();
    Err(
        Report::new(USAGE, format!("there is no scenario “{}”", shown(name)))
            .todo(format!("choose one of: {}", known.join(", "))),
    )
}

/// The place of the incident first, then every other one that the scenario tells of.
fn wanted(story: &Story) -> Vec<Wanted> {
    let accounts = story.accounts.iter();
    let mut wanted: Vec<Wanted> = accounts
        .flat_map(|account| {
            account.regions.iter().map(|region| Wanted {
                profile: Some(account.name.clone()),
                region: Some(region.clone()),
                all_regions: false,
                name: format!("{} {region}", account.name),
            })
        })
        .collect();
    wanted.sort_by_key(|place| place.region != story.region);
    wanted
}
