//! Every screen as a whole frame in a protected account: the red frame on all four sides, and in the smallest
//! terminal that is not refused still what matters.

use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::style::Color;

use super::fixtures::{code_wanted, home, press, type_text};
use super::looks::text_of;
use super::model::Model;
use super::screens::run::specimens::{done_of, gate_open_of, in_outage_of};
use super::screenshots::{drawn, report, run, runs, timeline, with_incident, wizard};
use super::signs::Signs;
use super::theme::Look;
use super::view_pictures::full;
use crate::config;

/// Every screen, by its name, and the overlays on one of them.
fn screens() -> Vec<(&'static str, Model)> {
    let after = |mut model: Model, keys: &[KeyCode], typed: &str| {
        for key in keys {
            press(&mut model, *key);
        }
        type_text(&mut model, typed);
        model
    };
    let key = KeyCode::Char;
    vec![
        ("resources", with_incident()),
        ("snapshots", after(with_incident(), &[key('2')], "")),
        ("amis", after(full(60, 15), &[key('3')], "")),
        ("windows", after(full(60, 15), &[key('4')], "")),
        ("vaults", after(full(60, 15), &[key('5')], "")),
        (
            "vault",
            after(full(60, 15), &[key('5'), KeyCode::Enter], ""),
        ),
        ("filter", after(with_incident(), &[key('/')], "orders")),
        ("picker", after(with_incident(), &[key('p')], "")),
        ("timeline", timeline()),
        ("detail", after(timeline(), &[KeyCode::Enter], "")),
        ("wizard-what", wizard(0)),
        ("wizard-where", wizard(1)),
        ("wizard-checks", wizard(2)),
        ("wizard-plan", wizard(3)),
        ("wizard-yes", wizard(4)),
        ("run-outage", run(in_outage_of)),
        ("run-gate", run(gate_open_of)),
        ("run-done", run(done_of)),
        ("runs", runs()),
        ("report", report()),
        ("help", after(with_incident(), &[key('?')], "")),
        ("palette", after(with_incident(), &[key(':')], "")),
        ("clock", after(with_incident(), &[key('t')], "")),
        ("log", after(run(in_outage_of), &[key('L')], "")),
        ("abort", after(run(in_outage_of), &[key('a')], "")),
        ("undo", after(run(in_outage_of), &[key('u')], "")),
        ("answer", after(run(gate_open_of), &[KeyCode::Enter], "")),
        ("code", after(asked_for_a_code(false), &[], "123")),
        ("code-refused", asked_for_a_code(true)),
    ]
}

fn asked_for_a_code(refused: bool) -> Model {
    let mut model = with_incident();
    code_wanted(&mut model, 1, refused);
    model
}

fn protected((columns, rows): (u16, u16), mut model: Model) -> Model {
    model.known.settings.protected.insert(home().account);
    model.known.size = (columns, rows);
    model
}

fn text(buffer: &Buffer) -> String {
    let rows = buffer.area.top()..buffer.area.bottom();
    rows.map(|row| text_of(buffer, row) + "\n").collect()
}

#[test]
fn a_protected_account_has_a_red_frame_on_all_four_sides_of_every_screen() {
    for size in [(60, 15), (80, 24), (120, 40)] {
        for (name, model) in screens() {
            let buffer = drawn(&mut protected(size, model));
            let (right, bottom) = (size.0 - 1, size.1 - 1);
            let sides = (0..size.0).flat_map(|x| [(x, 0), (x, bottom)]);
            let sides = sides.chain((0..size.1).flat_map(|y| [(0, y), (right, y)]));
            for at in sides {
                assert_eq!(buffer[at].fg, Color::Red, "{name} {size:?} {at:?}");
            }
            let text = text(&buffer);
            let top = text.lines().next().unwrap_or_default();
            assert!(top.contains("PROTECTED 111122223333"), "{name}: {text}");
            for line in text.lines().skip(1).take(usize::from(size.1) - 2) {
                let sides = line.starts_with('│') && line.ends_with('│');
                assert!(sides, "{name} {size:?}: {text}");
            }
        }
    }
}

#[test]
fn in_the_smallest_terminal_every_screen_shows_what_matters() {
    for (name, model) in screens() {
        let buffer = drawn(&mut protected((60, 15), model));
        insta::assert_snapshot!(format!("{name}_60"), text(&buffer));
    }
}

#[test]
fn the_frame_is_drawn_without_colour_and_in_ascii() {
    let mut model = protected((60, 15), wizard(4));
    model.known.settings.look = Look::new(config::Theme::Mono, Signs::ascii());
    let text = text(&drawn(&mut model));
    assert!(text.is_ascii(), "{text}");
    assert!(text.starts_with("+ PROTECTED 111122223333 ---"), "{text}");
    assert!(
        text.trim_end().ends_with(&format!("+{}+", "-".repeat(58))),
        "{text}"
    );
}

#[test]
fn the_account_of_a_screen_that_is_not_listed_is_protected_too() {
    let mut model = protected((80, 24), run(in_outage_of));
    model.known.catalog.places.clear();
    assert!(text(&drawn(&mut model)).contains("PROTECTED"));
    press(&mut model, KeyCode::Char('q'));
    assert!(!text(&drawn(&mut model)).contains("PROTECTED"));
}
