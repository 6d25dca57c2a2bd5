//! The command line: one file per command, its flags and its output (text, JSON lines).
//!
//! Commands decide nothing that the console could not; they end with an exit code or a report.

pub mod answers;
pub mod cached;
pub mod code;
pub mod completions;
pub mod console;
pub mod damaged;
pub mod demo;
pub mod doctor;
pub mod driving;
pub mod endpoint;
pub mod flags;
pub mod flow_args;
pub mod follow;
pub mod json;
pub mod last_words;
pub mod listing;
pub mod man;
pub mod output;
pub mod past;
pub mod places;
pub mod planned;
pub mod points;
pub mod reconcile;
pub mod resources;
pub mod snapshot_settings;
pub mod started;
pub mod steering;
pub mod table;
pub mod unfinished;
pub mod way_back;

use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::aws::connect::Connector;
use crate::aws::guard::Mode;
use crate::aws::logins::Logins;
use crate::clock::Clock;
use crate::config::{Config, Paths};
use crate::report::{Report, USAGE};

use self::flags::Flags;
use self::output::Output;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "defib",
    version,
    about = "A terminal restore console for AWS: find the best recovery point and be walked through the restore"
)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub flags: Flags,
    /// What to do; without a command, the console.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List recovery points
    Points(points::Args),
    /// List resources with their best recovery point
    Resources(resources::Args),
    /// Keep the settings of a DynamoDB table in a file, for when the table is deleted
    SnapshotSettings(snapshot_settings::Args),
    /// Observe, check and show a whole restore; changes nothing
    Plan(planned::Args),
    /// Start a restore and follow it; ctrl-c leaves it running
    Run(started::Args),
    /// List runs
    Runs(past::RunsArgs),
    /// Show a run with its steps
    Show(steering::RunArgs),
    /// Follow a run
    Attach(steering::RunArgs),
    /// Print the Markdown report of a run
    Report(past::ReportArgs),
    /// Answer the open gates of a run
    Approve(steering::AnsweredArgs),
    /// Let a run send nothing more for now
    Pause(steering::RunArgs),
    /// Finish what is under way and go no further
    Abort(steering::RunArgs),
    /// Let a run go on
    Resume(steering::AnsweredArgs),
    /// Take a run back; what it made is kept
    Rollback(steering::AnsweredArgs),
    /// Tell what differs between two DynamoDB tables, key by key; changes nothing
    Reconcile(reconcile::Args),
    /// Open the console on a simulated estate with an incident; needs no account
    Demo(demo::Args),
    /// Drive a run
    #[command(hide = true)]
    Runner(driving::Args),
    /// Tell what works, what does not, and what to do
    Doctor,
    /// Print the completions of a shell
    Completions(completions::Args),
    /// Print the manual page
    Man,
}

/// What every command works with.
pub struct Session<'a> {
    /// Flags of every command.
    pub flags: Flags,
    /// The settings.
    pub config: Config,
    /// Where defib keeps its files.
    pub paths: Paths,
    /// The time.
    pub clock: Clock,
    /// Makes connections that only read.
    pub viewer: Connector,
    /// Where to write.
    pub output: &'a mut Output,
}

impl<'a> Session<'a> {
    /// Reads the settings.
    ///
    /// # Errors
    /// A report about settings that cannot be understood.
    pub fn open(flags: Flags, clock: Clock, output: &'a mut Output) -> Result<Self, Report> {
        let paths = Paths::from_environment()?;
        let config = Config::read(&paths.config_file())?;
        Ok(Self {
            flags,
            viewer: viewer(&config),
            config,
            paths,
            clock,
            output,
        })
    }

    /// Tells whether runs are forbidden, by flag or by setting.
    #[must_use]
    pub fn read_only(&self) -> bool {
        self.flags.read_only || self.config.read_only
    }
}

/// Makes connections that only read. The guard itself finds out whether `DryRun` may be asked.
fn viewer(config: &Config) -> Connector {
    Connector {
        mode: Mode::Viewer { dry_run: true },
        endpoint_honours_dry_run: config.endpoint_honours_dry_run,
        simulated: None,
        logins: Logins::asking(Arc::new(code::AtTerminal)),
    }
}

/// Carries out a command and returns its exit code.
///
/// # Errors
/// The report to show; it holds the exit code.
pub async fn run(cli: Cli, clock: Clock, output: &mut Output) -> Result<u8, Report> {
    let flags = cli.flags;
    let command = match cli.command {
        Some(Command::Demo(args)) => return demo::run(args, &flags, output).await,
        // Broken settings are something the doctor has to tell, not to fail on.
        Some(Command::Doctor) => return doctor::run(&flags, output).await,
        Some(Command::Completions(args)) => return completions::run(&args, output),
        Some(Command::Man) => return man::run(output),
        Some(command) => command,
        None => return console::run(&mut Session::open(flags, clock, output)?).await,
    };
    with_settings(command, &mut Session::open(flags, clock, output)?).await
}

/// Carries out a command that reads the settings.
///
/// # Errors
/// The report to show; it holds the exit code.
pub async fn with_settings(command: Command, session: &mut Session<'_>) -> Result<u8, Report> {
    if asks_aws(&command) && session.viewer.simulated.is_none() {
        let wanted = places::wanted(&session.flags, &session.config);
        let profiles = wanted.into_iter().map(|place| place.profile);
        endpoint::tell(profiles, session.output).await;
    }
    match command {
        Command::Points(args) => points::run(&args, session).await,
        Command::Resources(args) => resources::run(&args, session).await,
        Command::SnapshotSettings(args) => snapshot_settings::run(&args, session).await,
        Command::Plan(args) => planned::run(args, session).await,
        Command::Run(args) => started::run(args, session).await,
        Command::Runs(args) => past::runs(args, session).await,
        Command::Show(args) => past::show(args, session).await,
        Command::Attach(args) => steering::attach(args, session).await,
        Command::Report(args) => past::report(args, session).await,
        Command::Approve(args) => steering::approve(args, session).await,
        Command::Pause(args) => steering::pause(args, session).await,
        Command::Abort(args) => steering::abort(args, session).await,
        Command::Resume(args) => steering::resume(args, session).await,
        Command::Rollback(args) => steering::rollback(args, session).await,
        Command::Reconcile(args) => reconcile::run(&args, session).await,
        Command::Runner(args) => driving::run(args, session).await,
        Command::Demo(_) | Command::Doctor | Command::Completions(_) | Command::Man => {
            Err(Report::new(USAGE, "this command reads no settings"))
        }
    }
}

/// Tells whether a command asks AWS in the places that flags and settings name.
fn asks_aws(command: &Command) -> bool {
    match command {
        Command::Points(_)
        | Command::Resources(_)
        | Command::SnapshotSettings(_)
        | Command::Plan(_)
        | Command::Reconcile(_) => true,
        Command::Run(args) => args.plan.is_none(),
        Command::Runs(_)
        | Command::Show(_)
        | Command::Attach(_)
        | Command::Report(_)
        | Command::Approve(_)
        | Command::Pause(_)
        | Command::Abort(_)
        | Command::Resume(_)
        | Command::Rollback(_)
        | Command::Demo(_)
        | Command::Runner(_)
        | Command::Doctor
        | Command::Completions(_)
        | Command::Man => false,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::CommandFactory as _;

    use super::*;
    use crate::config::{Keymap, Theme};

    pub fn parse(args: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(flags::hoisted(args.iter().map(OsString::from)))
    }

    #[test]
    fn the_declarations_hold_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_of_every_command_stand_on_either_side_of_its_name() {
        let args = [
            "defib",
            "--profile",
            "a",
            "points",
            "--profile",
            "b",
            "--region=all",
            "--read-only",
        ];
        let cli = parse(&args).unwrap();
        assert_eq!(cli.flags.profile, ["a", "b"]);
        assert_eq!(cli.flags.region, ["all"]);
        assert!(cli.flags.read_only);
    }

    #[test]
    fn looks_and_keys_are_accepted_for_the_console() {
        let cli = parse(&["defib", "--theme", "16", "--keymap", "vim", "--ascii"]).unwrap();
        assert_eq!(cli.flags.theme, Some(Theme::Sixteen));
        assert_eq!(cli.flags.keymap, Some(Keymap::Vim));
        assert!(cli.flags.ascii && cli.command.is_none());
    }

    #[test]
    fn a_command_line_that_makes_no_sense_is_a_usage_error() {
        for args in [
            &["defib", "pionts"][..],
            &["defib", "points", "--kind", "tape"],
            &["defib", "--theme", "pink"],
            &["defib", "--endpoint-url", "localhost", "points"],
            &["defib", "completions"],
        ] {
            assert_eq!(parse(args).unwrap_err().exit_code(), 2, "{args:?}");
        }
        assert_eq!(parse(&["defib", "--help"]).unwrap_err().exit_code(), 0);
    }
}
