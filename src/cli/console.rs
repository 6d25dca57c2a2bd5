//! `defib` without a command: the console on the profiles and Regions of flags and settings.
//!
//! It gathers what the console is given (settings, keys, look, the world that effects reach) and hands the
//! terminal over. Whatever the console leaves running is told afterwards.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::config::{self, Config, Paths};
use crate::domain::text::shown;
use crate::journal::Journal;
use crate::journal::sqlite::SqliteJournal;
use crate::report::{FAILED, Report, USAGE};
use crate::tui::before::Recalled;
use crate::tui::effects::{self, Effects, Memory, Runners, Wanted, World};
use crate::tui::keymap::Keymap;
use crate::tui::known::{Settings, Story};
use crate::tui::model::Model;
use crate::tui::msg::Msg;
use crate::tui::runtime::{Console, Screen as _, listen};
use crate::tui::terminal::Taken;
use crate::tui::theme::{self, Look, Signs};
use crate::tui::update::update;

use super::Session;
use super::flags::{ALL_REGIONS, Flags};

use super::{cached, places};

/// How many messages of effects wait for the event loop.
const TOLD: usize = 256;
/// How long the first frame waits for what is known from before.
const FIRST_ROWS: Duration = Duration::from_millis(25);

/// Opens the console on the real world.
///
/// # Errors
/// A report where there is no terminal, or the settings cannot be understood.
pub async fn run(session: &mut Session<'_>) -> Result<u8, Report> {
    require_terminal()?;
    let settings = settings(&session.flags, &session.config, Some(&session.paths), None)?;
    let state = session.paths.state.clone();
    let world = World {
        connector: session.viewer.clone(),
        clock: session.clock.clone(),
        wanted: wanted(&session.flags, &session.config),
        journal: Arc::new(move || {
            let journal = SqliteJournal::open(&state)?;
            Ok(Arc::new(journal) as Arc<dyn Journal>)
        }),
        runners: Runners::Processes {
            logs: session.paths.state.join("logs"),
        },
        exports: here(),
        read_only: session.read_only(),
    };
    let Ended {
        model,
        outran,
        refused,
    } = open(settings, world, Some(cached::memory(&session.paths))).await?;
    for report in &refused {
        session.output.note(&report.line());
    }
    if outran {
        let text = "What you agreed to last may not have reached the journal: defib runs tells what is there";
        session.output.note(text);
    }
    for card in model.known.runs.unfinished() {
        let run = card.state.run.tail();
        let down = if card.state.down_since().is_some() {
            "THE SERVICE IS DOWN: "
        } else {
            ""
        };
        let line = if card.broken.is_some() {
            format!("{down}the record of run {run} is damaged: defib show {run} tells what to do")
        } else {
            let status = card.state.status().as_str();
            format!("{down}run {run} is {status}: defib attach {run} brings it back")
        };
        session.output.note(&line);
    }
    Ok(if refused.is_empty() { 0 } else { FAILED })
}

/// Refuses what is no terminal: a console that is piped somewhere helps nobody.
///
/// # Errors
/// A report that names the commands that print.
pub fn require_terminal() -> Result<(), Report> {
    if std::io::stdout().is_terminal() && std::io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Report::new(USAGE, "the console needs a terminal")
        .todo("without one: defib resources, defib points, defib plan; see defib --help"))
}

/// Returns the directory that files are written to.
#[must_use]
pub fn here() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))
}

/// What is left when the console has ended.
#[derive(Debug)]
pub struct Ended {
    /// Its last state.
    pub model: Model,
    /// Whether a command had not reached the journal.
    pub outran: bool,
    /// Why what was agreed to last was refused.
    pub refused: Vec<Report>,
}

/// Hands the terminal to the console and returns what is left of it.
///
/// # Errors
/// A report where the terminal cannot be taken or is lost.
pub async fn open(
    settings: Settings,
    world: World,
    memory: Option<Memory>,
) -> Result<Ended, Report> {
    let (out, mut told) = mpsc::channel(TOLD);
    let clock = world.clock.clone();
    let remembers = memory.is_some();
    let effects = Effects::new(world, out).remembering(memory);
    let keys = listen().map_err(|error| no_terminal(&error))?;
    let screen = Taken::take().map_err(|error| no_terminal(&error))?;
    let size = screen.size().map_err(|error| no_terminal(&error))?;
    breaks_down_if_asked();
    let mut model = Model::new(settings, clock.now(), size);
    // The first frame comes before the scan has told anything: that is not to say that there is nothing.
    model.known.catalog.connecting = true;
    if remembers {
        effects.recall();
        first_rows(&mut model, &mut told).await;
    }
    effects.begin();
    let mut console = Console {
        model,
        screen,
        effects,
        clock,
        keys,
        told,
        outran: false,
        refused: Vec::new(),
    };
    let ended = console.run().await;
    let Console {
        model,
        screen,
        outran,
        refused,
        ..
    } = console;
    drop(screen);
    // A terminal that is gone ends the console; what runs, runs on.
    ended.map_err(|error| no_terminal(&error))?;
    match &model.crashed {
        Some(what) => Err(
            Report::new(FAILED, format!("the console broke down: {what}"))
                .safe("A run that is under way goes on; what the journal holds stays as it is.")
                .todo("start it again, and report what it said: this is a defect"),
        ),
        None => Ok(Ended {
            model,
            outran,
            refused,
        }),
    }
}

/// Takes in what is known from before, so that the first frame shows it. Nobody waits long for that: what
/// comes later is shown later.
async fn first_rows(model: &mut Model, told: &mut mpsc::Receiver<Msg>) {
    let clock = Clock::real();
    let patience = clock.sleep(FIRST_ROWS);
    tokio::pin!(patience);
    loop {
        tokio::select! {
            biased;
            () = &mut patience => return,
            msg = told.recv() => {
                let Some(msg) = msg else { return };
                let over = matches!(msg, Msg::Recalled(Recalled::End));
                update(model, msg);
                if over {
                    return;
                }
            }
        }
    }
}

/// In debug builds with `DEFIB_BREAKS_DOWN` set, SIGUSR1 has a task beside the event loop break down, so that
/// a test can see what becomes of the terminal.
#[cfg(debug_assertions)]
fn breaks_down_if_asked() {
    use tokio::signal::unix::{SignalKind, signal};
    if std::env::var_os("DEFIB_BREAKS_DOWN").is_none() {
        return;
    }
    let asked = signal(SignalKind::user_defined1());
    tokio::spawn(async move {
        if let Ok(mut asked) = asked {
            asked.recv().await;
            panic!("a task was asked to break down");
        }
    });
}

#[cfg(not(debug_assertions))]
fn breaks_down_if_asked() {}

fn no_terminal(error: &std::io::Error) -> Report {
    Report::new(
        FAILED,
        format!("the terminal cannot be used: {}", shown(&error.to_string())),
    )
    .safe("A run that is under way goes on.")
    .todo("defib runs")
}

/// Gathers what the console is given.
///
/// # Errors
/// A report about a keymap that cannot be understood.
pub fn settings(
    flags: &Flags,
    config: &Config,
    paths: Option<&Paths>,
    story: Option<Story>,
) -> Result<Settings, Report> {
    let own = paths.map(|paths| paths.config.join("keymap.toml"));
    let keymap = keymap(flags, config, own.as_deref())?;
    Ok(Settings {
        zone: config.timezone.clone(),
        look: look(flags, config),
        keymap,
        read_only: flags.read_only || config.read_only,
        protected: config.protected_accounts.clone(),
        flows: effects::flows(),
        filters: config.filters.clone(),
        story,
    })
}

/// Reads the keymap, with the user's own keys over it.
///
/// # Errors
/// A report about one that cannot be understood.
pub fn keymap(flags: &Flags, config: &Config, own: Option<&Path>) -> Result<Keymap, Report> {
    let keymap = Keymap::builtin(flags.keymap.unwrap_or(config.keymap));
    match own {
        Some(file) => with_own(keymap, file),
        None => Ok(keymap),
    }
}

/// Lays the user's own keys over a keymap; without such a file it stays as it is.
fn with_own(keymap: Keymap, file: &Path) -> Result<Keymap, Report> {
    let name = shown(&file.to_string_lossy());
    match std::fs::read_to_string(file) {
        Ok(text) => keymap.overlaid(&name, &text).map_err(|error| {
            Report::new(USAGE, error.to_string())
                .todo("mend that line, or move the file away: every key has a default")
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(keymap),
        Err(error) => Err(
            Report::new(USAGE, format!("{name} cannot be read: {error}"))
                .todo("mend its permissions, or move it away"),
        ),
    }
}

fn look(flags: &Flags, config: &Config) -> Look {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let setting: Option<config::Theme> = flags.theme.or(config.theme);
    let term = variable("TERM");
    let colorterm = variable("COLORTERM");
    let ssh = variable("SSH_CONNECTION").is_some() || variable("SSH_TTY").is_some();
    let theme = theme::choose(
        setting,
        variable("NO_COLOR").is_some(),
        colorterm.as_deref(),
        term.as_deref(),
        ssh,
    );
    let (all, kind, lang) = (variable("LC_ALL"), variable("LC_CTYPE"), variable("LANG"));
    let utf8 = theme::utf8_locale(all.as_deref(), kind.as_deref(), lang.as_deref());
    Look::new(theme, Signs::of(flags.ascii, utf8, term.as_deref()))
}

fn wanted(flags: &Flags, config: &Config) -> Vec<Wanted> {
    let places = places::wanted(flags, config).into_iter();
    let one = |place: places::Wanted| Wanted {
        name: place.name(),
        all_regions: place.region.as_deref() == Some(ALL_REGIONS),
        profile: place.profile,
        region: place.region,
    };
    places.map(one).collect()
}
