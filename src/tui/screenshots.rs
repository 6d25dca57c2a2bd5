//! The pictures in `screenshots/`, made from the real views, and the keys in the README, made from the table
//! of actions. One that no longer shows what is there fails its test;
//! `DEFIB_SCREENSHOTS=write cargo test --lib screenshots` makes all of them anew.

mod orders;
mod relaunch;

use std::fmt::Write as _;
use std::path::Path;

use anstyle_svg::{Term, WIN10_CONSOLE};
use crossterm::event::KeyCode;
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

use super::effects::report_text;
use super::fixtures::{estate, now, press, story, type_text};
use super::keymap::{Keymap, table};
use super::model::Model;
use super::msg::Msg;
use super::screens::Screen;
use super::screens::run::RunScreen;
use super::screens::run::specimens::{RUN, Story as Told, done_of, gate_open_of, in_outage_of};
use super::screens::wizard::specimen::{one_flow, stop};
use super::update::{settle, update};
use super::view;
use super::view_pictures::vault_at;
use crate::config;
use crate::domain::ids::RunId;
use crate::domain::plan::Plan;

/// Draws a model into a buffer of its own size.
pub(crate) fn drawn(model: &mut Model) -> Buffer {
    settle(model);
    let (columns, rows) = model.known.size;
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a buffer");
    terminal
        .draw(|frame| view::draw(model, frame))
        .expect("it is drawn");
    terminal.backend().buffer().clone()
}

/// Returns a buffer as the text and escape sequences that would draw it.
fn ansi(buffer: &Buffer) -> String {
    let mut out = String::new();
    for row in buffer.area.top()..buffer.area.bottom() {
        let mut column = buffer.area.left();
        while column < buffer.area.right() {
            let cell = &buffer[(column, row)];
            let _ = write!(out, "\u{1b}[0{}m{}", style(cell), cell.symbol());
            column += u16::try_from(cell.symbol().width().max(1)).unwrap_or(1);
        }
        out.push_str("\u{1b}[0m\n");
    }
    out
}

fn style(cell: &Cell) -> String {
    let mut codes = String::new();
    let modifiers = [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::UNDERLINED, 4),
        (Modifier::REVERSED, 7),
    ];
    for (modifier, code) in modifiers {
        if cell.modifier.contains(modifier) {
            let _ = write!(codes, ";{code}");
        }
    }
    let mut colour = |colour: Color, base: u8| {
        let index = match colour {
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            _plain => return,
        };
        let _ = write!(codes, ";{}", base + index);
    };
    colour(cell.fg, 30);
    colour(cell.bg, 40);
    codes
}

/// Holds a picture against its file, or writes it.
fn picture(name: &str, model: &mut Model) -> Option<String> {
    let svg = Term::new()
        .palette(WIN10_CONSOLE)
        .render_svg(&ansi(&drawn(model)))
        // Viewers do not apply `opacity` to a part of a line.
        .replace("opacity: 0.4", "fill-opacity: 0.65");
    let fresh = held(&format!("screenshots/{name}.svg"), &svg);
    (!fresh).then(|| name.to_owned())
}

/// Tells whether a file holds this text; writes it where that was asked for.
fn held(file: &str, text: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("DEFIB_SCREENSHOTS").is_some_and(|word| word == "write") {
        std::fs::write(&path, text).expect("the file is written");
        return true;
    }
    std::fs::read_to_string(&path).unwrap_or_default() == text
}

fn resources() -> Model {
    let mut model = estate(100, 30);
    model.known.settings.story = Some(story());
    model.known.settings.flows = one_flow();
    model
}

fn clock() -> Model {
    let mut model = resources();
    press(&mut model, KeyCode::Char('t'));
    type_text(&mut model, "02:17");
    model
}

pub(crate) fn with_incident() -> Model {
    let mut model = clock();
    press(&mut model, KeyCode::Enter);
    press(&mut model, KeyCode::Down);
    model
}

pub(crate) fn timeline() -> Model {
    let mut model = with_incident();
    press(&mut model, KeyCode::Enter);
    model
}

/// The wizard after so many pages, the plan being there from the start.
pub(crate) fn wizard(pages: usize) -> Model {
    let mut model = timeline();
    press(&mut model, KeyCode::Char('r'));
    let msg = Msg::Prepared {
        draft: model.drafts,
        revision: 1,
        outcome: Box::new(Ok(stop())),
    };
    update(&mut model, msg);
    for _page in 0..pages {
        press(&mut model, KeyCode::Enter);
    }
    model
}

/// The run of that plan, told up to somewhere and begun two minutes after the plan was made.
pub(crate) fn run(tell: fn(Plan) -> Told) -> Model {
    let plan = stop().plan.expect("the recorded plan");
    let begun = now() + SignedDuration::from_mins(2);
    shown(with_incident(), tell(*plan), begun)
}

/// The screen of a run that was told, as if it had begun then.
fn shown(mut model: Model, mut told: Told, begun: Timestamp) -> Model {
    let later = begun.duration_since(told.events[0].at);
    for event in &mut told.events {
        event.at += later;
    }
    model.known.now = told.events[0].at + SignedDuration::from_secs(told.now);
    let run = RunId::from(RUN);
    let (events, held) = (told.events, told.held);
    let of_run = run.clone();
    update(&mut model, Msg::RunEvents { run, events });
    let run = of_run.clone();
    update(&mut model, Msg::RunHeld { run, held });
    update(&mut model, Msg::JournalRead);
    model.screens = vec![Screen::Run(RunScreen::new(of_run))];
    model
}

/// The run of a relaunch, waiting for a person to look at what was launched.
pub(crate) fn looked_at() -> Model {
    relaunch::look()
}

pub(crate) fn runs() -> Model {
    let mut model = run(gate_open_of);
    press(&mut model, KeyCode::Char('6'));
    model
}

pub(crate) fn report() -> Model {
    let mut model = run(done_of);
    let (run, card) = model.known.runs.cards.pop_first().expect("the run");
    let (incident, now) = (model.known.incident, model.known.now);
    let text = report_text(&card.state, &card.events, incident, now);
    model.known.runs.cards.insert(run.clone(), card);
    update(&mut model, Msg::ReportWritten { run, text });
    model
}

#[test]
fn the_pictures_show_what_the_views_draw() {
    let pictures: [(&str, &dyn Fn() -> Model); 20] = [
        ("page", &resources),
        ("clock", &clock),
        ("resources", &with_incident),
        ("timeline", &timeline),
        ("vault", &|| vault_at(100, 30)),
        ("wizard-what", &|| wizard(0)),
        ("wizard-where", &|| wizard(1)),
        ("wizard-checks", &|| wizard(2)),
        ("wizard-plan", &|| wizard(3)),
        ("wizard-yes", &|| wizard(4)),
        ("run-outage", &|| run(in_outage_of)),
        ("run-gate", &|| run(gate_open_of)),
        ("run-done", &|| run(done_of)),
        ("runs", &runs),
        ("report", &report),
        ("relaunch-where", &relaunch::form),
        ("relaunch-look", &relaunch::look),
        ("table-line", &orders::line),
        ("table-where", &orders::form),
        ("table-expired", &orders::expired),
    ];
    let stale: Vec<String> = pictures
        .into_iter()
        .filter_map(|(name, make)| picture(name, &mut make()))
        .collect();
    assert!(
        stale.is_empty(),
        "{} in screenshots/ no longer show what is drawn: DEFIB_SCREENSHOTS=write cargo test --lib screenshots",
        stale.join(", ")
    );
}

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    std::fs::read_to_string(path).expect("the README")
}

#[test]
fn the_readme_tells_the_keys_of_the_default_keymap() {
    let readme = readme();
    let (before, rest) = readme.split_once("<!-- keys:").expect("where they begin");
    let (note, rest) = rest.split_once('\n').expect("a line of its own");
    let (_, after) = rest
        .split_once("<!-- end of keys -->")
        .expect("where they end");
    let keys = table(&Keymap::builtin(config::Keymap::Default));
    let wanted = format!("{before}<!-- keys:{note}\n\n{keys}\n<!-- end of keys -->{after}");
    assert!(
        held("README.md", &wanted),
        "the keys in README.md are stale: DEFIB_SCREENSHOTS=write cargo test --lib screenshots"
    );
}

#[test]
fn the_readme_shows_pictures_that_are_there_and_a_keymap_that_can_be_read() {
    let readme = readme();
    let pictures = readme.split("](screenshots/").skip(1);
    let names: Vec<&str> = pictures.filter_map(|rest| rest.split(')').next()).collect();
    assert!(!names.is_empty());
    for name in names {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
        assert!(path.join(name).is_file(), "{name}");
    }
    let (_, example) = readme
        .split_once("```toml\n# ~/.config/defib/keymap.toml\n")
        .expect("the example");
    let (example, _) = example.split_once("```").expect("its end");
    let default = Keymap::builtin(config::Keymap::Default);
    let own = default.clone().overlaid("keymap.toml", example);
    assert_ne!(own.expect("it can be read"), default);
}
