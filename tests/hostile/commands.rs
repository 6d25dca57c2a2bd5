//! What the commands print, with each text in every place that somebody else can write in.
//!
//! Commands run in this process over the simulated AWS, and read a journal that holds the text too.

use std::io::Write;
use std::sync::{Arc, Mutex};

use clap::Parser as _;
use defib::aws::connect::Connector;
use defib::aws::guard::Mode;
use defib::aws::logins::Logins;
use defib::cli::flags::hoisted;
use defib::cli::output::Output;
use defib::cli::{Cli, Session, with_settings};
use defib::clock::Clock;
use defib::config::{Config, Paths};
use defib::domain::ids::RunId;
use defib::domain::run::RunEvent;
use defib::journal::Journal as _;
use defib::journal::sqlite::SqliteJournal;
use defib::restore::export::json;
use defib::sim::{SimulatedAws, Story};
use defib::tui::width::{Grapheme, graphemes};
use serde_json::Value;

use crate::estate;
use crate::recorded;
use crate::screen::is_filler;
use crate::screens::{is_comparable, shapes};
use crate::strings::{assert_harmless, strings};
use crate::walk::alive;

/// What one command wrote.
struct Written {
    command: String,
    out: String,
    err: String,
}

impl Written {
    fn by(command: &str, out: &Kept, err: &Kept) -> Self {
        Self {
            command: command.to_owned(),
            out: out.text(),
            err: err.text(),
        }
    }
}

/// A writer whose text is read afterwards.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        let bytes = self.0.lock().expect("no thread panics with it").clone();
        String::from_utf8(bytes).expect("UTF-8")
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .expect("no thread panics with it")
            .write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Commands that list and plan.
const OF_AWS: &[&str] = &[
    "points",
    "points --json",
    "points --match TEXT",
    "points --resource TEXT",
    "resources",
    "resources --json",
    "plan volume-swap --snapshot SNAPSHOT",
    "plan --format json volume-swap --snapshot SNAPSHOT",
    "plan --format markdown volume-swap --snapshot SNAPSHOT",
    "plan --format shell volume-swap --snapshot SNAPSHOT",
    "plan volume-swap --snapshot TEXT",
    "plan volume-swap --snapshot SNAPSHOT --instance TEXT",
    "plan volume-swap --snapshot SNAPSHOT --device TEXT",
    "plan volume-swap --snapshot SNAPSHOT --keep-until TEXT",
    "points --before TEXT",
    "run --plan TEXT",
];

/// Commands that read the journal.
const OF_RUNS: &[&str] = &[
    "runs",
    "runs --json",
    "show RUN",
    "show RUN --json",
    "report RUN",
    "attach RUN",
    "attach RUN --json",
    "resume RUN --yes",
    "show TEXT",
];

struct Desk {
    aws: SimulatedAws,
    clock: Clock,
    state: tempfile::TempDir,
    text: String,
    run: String,
}

impl Desk {
    fn new(text: &str, run: &RunId) -> Self {
        let scenario = estate::scenario(text);
        let story = Story::of(&scenario).expect("a scenario");
        let clock = Clock::simulated(story.opens_at, 1.0);
        let aws = SimulatedAws::from_scenario(&scenario, clock.clone()).expect("a scenario");
        estate::refuse(&aws, text);
        Self {
            aws,
            clock,
            state: tempfile::tempdir().expect("a temporary folder"),
            text: text.to_owned(),
            run: run.to_string(),
        }
    }

    fn paths(&self) -> Paths {
        let below = |name: &str| self.state.path().join(name);
        Paths {
            config: below("config"),
            state: below("state"),
            cache: below("cache"),
        }
    }

    async fn remembers(&self, events: &[RunEvent]) {
        let journal = SqliteJournal::open(&self.paths().state).expect("a journal");
        for event in events {
            journal.append(event).await.expect("the journal takes it");
        }
    }

    /// Carries out a command as the program does, its report included.
    async fn carries_out(&self, command: &str) -> Written {
        let word = |word: &str| match word {
            "TEXT" => self.text.clone(),
            "SNAPSHOT" => estate::SNAPSHOT.to_owned(),
            "RUN" => self.run.clone(),
            other => other.to_owned(),
        };
        let mut words = vec!["defib".to_owned()];
        words.extend(command.split(' ').map(word));
        // A value that begins with a dash would be a flag.
        let glued = words
            .windows(2)
            .position(|two| two[0].starts_with("--") && two[1] == self.text);
        if let Some(at) = glued {
            let value = words.remove(at + 1);
            words[at] = format!("{}={value}", words[at]);
        }
        let (out, err) = (Kept::default(), Kept::default());
        let mut output = Output::to(out.clone(), err.clone());
        let Ok(cli) = Cli::try_parse_from(hoisted(words.into_iter().map(Into::into))) else {
            return Written::by(command, &out, &err);
        };
        let mut flags = cli.flags;
        let several = command.starts_with("points") || command.starts_with("resources");
        flags.region = vec!["eu-west-1".to_owned()];
        flags.profile = vec!["acme-prod".to_owned()];
        if several {
            flags
                .profile
                .extend([self.text.clone(), "acme-lost".to_owned()]);
        }
        let ended = {
            let mut session = Session {
                flags,
                config: Config::default(),
                paths: self.paths(),
                clock: self.clock.clone(),
                viewer: Connector {
                    mode: Mode::Viewer { dry_run: true },
                    endpoint_honours_dry_run: false,
                    simulated: Some(self.aws.clone()),
                    logins: Logins::default(),
                },
                output: &mut output,
            };
            with_settings(cli.command.expect("a command"), &mut session).await
        };
        if let Err(report) = ended {
            output.report(&report);
        }
        Written::by(command, &out, &err)
    }
}

/// Lets every command work on a text.
fn all_written(text: &str, spoilt: bool) -> Vec<Written> {
    let recorded = recorded::run();
    let events = if spoilt {
        recorded::spoilt(recorded, text)
    } else {
        recorded::with(recorded, text)
    };
    alive(async {
        let desk = Desk::new(text, &recorded[0].run);
        let mut written = Vec::new();
        for command in OF_AWS.iter().filter(|_| !spoilt) {
            written.push(Box::pin(desk.carries_out(command)).await);
        }
        desk.remembers(&events).await;
        for command in OF_RUNS {
            written.push(Box::pin(desk.carries_out(command)).await);
        }
        written
    })
}

fn assert_all_harmless(text: &str, written: &[Written]) {
    for one in written {
        let what = format!("{text:?} in {}", one.command);
        assert_harmless(&one.err, &what);
        assert_harmless(&one.out, &what);
    }
}

fn of<'a>(written: &'a [Written], command: &str) -> &'a Written {
    let mut all = written.iter();
    all.find(|one| one.command == command)
        .expect("it was carried out")
}

/// Returns every text in a JSON value.
fn texts(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Object(fields) => {
            for (name, field) in fields {
                out.push(name.clone());
                texts(field, out);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Asserts that JSON lines hold the text as it is.
fn assert_kept(text: &str, lines: &str, what: &str) {
    let mut found = Vec::new();
    for line in lines.lines() {
        texts(
            &serde_json::from_str(line).expect("a line of JSON"),
            &mut found,
        );
    }
    assert!(found.iter().any(|one| one == text), "{what} lost {text:?}");
}

#[test]
fn no_command_writes_anything_but_visible_characters() {
    for text in strings() {
        let written = all_written(&text, false);
        assert_all_harmless(&text, &written);
        for command in ["points --json", "resources --json"] {
            assert_kept(&text, &of(&written, command).out, command);
        }
        let plan = of(&written, OF_AWS[7]);
        let plan = json::parse(&plan.out).unwrap_or_else(|error| panic!("{error}: {}", plan.err));
        let name = plan.subject.name.as_ref().map(|name| name.raw().to_owned());
        assert_eq!(
            name.unwrap_or_default(),
            text.trim_matches(|_| text.trim().is_empty())
        );
    }
}

#[test]
fn no_command_trusts_a_journal_that_somebody_else_wrote() {
    for text in strings().iter().step_by(3) {
        assert_all_harmless(text, &all_written(text, true));
    }
}

/// Returns the cells of a line: what is wider than one takes as many.
fn cells(line: &str) -> Vec<String> {
    let wide = |one: Grapheme| {
        let covered = vec![String::new(); one.cells.saturating_sub(1)];
        std::iter::once(one.text).chain(covered)
    };
    graphemes(line).into_iter().flat_map(wide).collect()
}

/// Asserts that a listing has its columns where that of an innocent text has them.
fn assert_aligned(hostile: &Written, innocent: &Written, text: &str) {
    let what = format!(
        "{text:?} in {}\n{}\n{}",
        hostile.command, hostile.out, innocent.out
    );
    assert_eq!(
        hostile.out.lines().count(),
        innocent.out.lines().count(),
        "{what}"
    );
    for (ours, theirs) in hostile.out.lines().zip(innocent.out.lines()) {
        let (ours, theirs) = (cells(ours), cells(theirs));
        assert_eq!(ours.len(), theirs.len(), "{what}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            let filler = theirs.is_empty() || is_filler(theirs);
            assert!(
                filler || ours == theirs,
                "{ours:?} and {theirs:?} of {what}"
            );
        }
    }
}

fn listed(text: &str) -> Vec<Written> {
    alive(async {
        let desk = Desk::new(text, &RunId::from("none"));
        let mut written = Vec::new();
        for command in ["points", "resources"] {
            written.push(Box::pin(desk.carries_out(command)).await);
        }
        written
    })
}

#[test]
fn no_text_moves_the_columns_of_a_listing() {
    let mut compared = 0;
    for (innocent, texts) in &shapes() {
        let Some(text) = texts.iter().find(|text| is_comparable(text, innocent)) else {
            continue;
        };
        for (hostile, innocent) in listed(text).iter().zip(&listed(innocent)) {
            assert_aligned(hostile, innocent, text);
            compared += 1;
        }
    }
    assert!(compared > 200, "{compared}");
}
