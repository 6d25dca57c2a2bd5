//! Every key of a question, what it sends, and how it looks.
//! A question is never answered by the key that opened it.

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::config::{self, Theme};
use crate::domain::ids::RunId;
use crate::domain::run::{Approval, CommandKind};
use crate::tui::keymap::Keymap;
use crate::tui::looks::{looks, text_of};
use crate::tui::screens::run::specimens;
use crate::tui::theme::Signs;

fn press(confirm: &mut Confirm, code: KeyCode) -> Reaction {
    let known = specimens::known((60, 15), Theme::Mono, &Signs::unicode());
    confirm.type_key(KeyEvent::new(code, KeyModifiers::NONE), &known)
}

fn type_in(confirm: &mut Confirm, text: &str) {
    for c in text.chars() {
        press(confirm, KeyCode::Char(c));
    }
}

fn effect(confirm: &[&str]) -> Effect {
    Effect::Send {
        run: RunId::from("01JD4Q0000000000000000007K"),
        kind: CommandKind::RollBack,
        approval: Approval {
            yes: false,
            confirm: confirm.iter().map(ToString::to_string).collect(),
            decline: Vec::new(),
        },
    }
}

fn question(asks: Asks) -> Confirm {
    let lines = vec![
        "3 steps, about 3 min:".to_owned(),
        "  1. detach the restored volume from /dev/sdf".to_owned(),
        "  2. attach orders-db data (vol-0b7e1111222233341) again at /dev/sdf".to_owned(),
        "  3. start web-1 (i-04d1aaaabbbbcccc9), both status checks".to_owned(),
        String::new(),
        "The service is down now and is up again at the end of it.".to_owned(),
        "Kept: vol-0c9d…3310. Nothing is deleted.".to_owned(),
    ];
    Confirm::new("roll this run back?", lines, asks)
        .effect(effect(&[]))
        .says("asked to roll back")
}

fn protected() -> Asks {
    Asks::Typed {
        shown: "orders-db data@3333".to_owned(),
        accepts: vec!["orders-db data@3333".to_owned(), "vol-1@3333".to_owned()],
        told: Some("orders-db data@3333".to_owned()),
    }
}

#[test]
fn y_carries_it_out_and_closes() {
    let mut confirm = question(Asks::Yes);
    let reaction = press(&mut confirm, KeyCode::Char('y'));
    assert_eq!(reaction.effects, [effect(&[])]);
    assert!(matches!(reaction.go, Some(Go::Close)));
    assert_eq!(reaction.notice.unwrap().text, "asked to roll back");
}

#[test]
fn no_and_escape_leave_everything_as_it_is() {
    for code in [KeyCode::Char('n'), KeyCode::Char('q'), KeyCode::Esc] {
        let reaction = press(&mut question(Asks::Yes), code);
        assert!(reaction.effects.is_empty());
        assert!(matches!(reaction.go, Some(Go::Close)));
        assert_eq!(
            reaction.notice.unwrap().text,
            "left as it is; nothing was sent"
        );
    }
    let mut typed = question(protected());
    type_in(&mut typed, "orders-db data@3333");
    let reaction = press(&mut typed, KeyCode::Esc);
    assert!(reaction.effects.is_empty() && matches!(reaction.go, Some(Go::Close)));
}

#[test]
fn keys_that_open_such_a_question_never_answer_it() {
    for code in [
        KeyCode::Enter,
        KeyCode::Char('a'),
        KeyCode::Char('u'),
        KeyCode::Char(' '),
    ] {
        let reaction = press(&mut question(Asks::Yes), code);
        assert!(reaction.effects.is_empty() && reaction.go.is_none());
    }
    let mut known = specimens::known((80, 24), Theme::Mono, &Signs::unicode());
    let with_control = KeyEvent::new(KeyCode::Char('y'), KeyModifiers::CONTROL);
    let reaction = question(Asks::Yes).type_key(with_control, &known);
    assert!(reaction.effects.is_empty() && reaction.go.is_none());
    assert_eq!(Asks::yes_after(Action::Answer, &known), Asks::Yes);
    let keymap = Keymap::builtin(config::Keymap::Default);
    let text = "[global]\ncopy = []\n[run]\nanswer = [\"y\"]\n";
    known.settings.keymap = keymap.overlaid("keymap.toml", text).unwrap();
    assert_eq!(Asks::yes_after(Action::Answer, &known), Asks::word("yes"));
}

#[test]
fn what_was_typed_goes_along_with_the_command() {
    for name in ["orders-db data@3333", "vol-1@3333"] {
        let mut confirm = question(protected());
        type_in(&mut confirm, name);
        let reaction = press(&mut confirm, KeyCode::Enter);
        assert_eq!(reaction.effects, [effect(&["orders-db data@3333"])]);
    }
}

#[test]
fn a_word_is_not_told_to_the_run() {
    let mut confirm = question(Asks::word("yes"));
    confirm.paste(" yes ");
    let reaction = press(&mut confirm, KeyCode::Enter);
    assert_eq!(reaction.effects, [effect(&[])]);
}

#[test]
fn what_is_wrong_is_said_and_stays_to_be_mended() {
    let mut confirm = question(protected());
    type_in(&mut confirm, "orders-db data");
    let reaction = press(&mut confirm, KeyCode::Enter);
    assert!(reaction.effects.is_empty() && reaction.go.is_none());
    let seen = seen(&confirm, (80, 24));
    assert!(
        seen.contains("That is not it, so nothing was sent. Type orders-db data@3333"),
        "{seen}"
    );
    type_in(&mut confirm, "@3333");
    assert_eq!(press(&mut confirm, KeyCode::Enter).effects.len(), 1);
}

fn seen(confirm: &Confirm, size: (u16, u16)) -> String {
    let known = specimens::known(size, Theme::Sixteen, &Signs::unicode());
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal
        .draw(|frame| confirm.draw(frame, frame.area(), &known))
        .unwrap();
    looks(terminal.backend().buffer())
}

#[test]
fn a_question_is_one_quiet_panel() {
    insta::assert_snapshot!("yes_80", seen(&question(Asks::Yes), (80, 24)));
    insta::assert_snapshot!(
        "typed_120",
        seen(&question(protected()).loud(true), (120, 40))
    );
}

#[test]
fn a_long_question_scrolls_to_its_end_and_keeps_asking() {
    let text = |confirm: &Confirm| {
        let seen = seen(confirm, (60, 15));
        seen.split("-- styles").next().unwrap().to_owned()
    };
    let lines = (0..60)
        .map(|n| format!("{n:02} {}", "表word ".repeat(20)))
        .collect();
    let mut confirm = Confirm::new("x".repeat(300), lines, Asks::word("yes"));
    let first = text(&confirm);
    assert!(first.contains("00 ") && !first.contains("59 "), "{first}");
    assert!(first.contains("Type yes"), "{first}");
    for _page in 0..60 {
        press(&mut confirm, KeyCode::PageDown);
    }
    let last = text(&confirm);
    assert!(last.contains("59 ") && last.contains("Type yes"), "{last}");
    press(&mut confirm, KeyCode::Up);
    assert_ne!(text(&confirm), last, "one line up is seen at once");
}

#[test]
fn ascii_shows_nothing_else_and_no_size_breaks_it() {
    let confirm = question(protected()).loud(true);
    for size in [(1, 1), (5, 3), (20, 5), (60, 15), (80, 24)] {
        let known = specimens::known(size, Theme::Mono, &Signs::ascii());
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        terminal
            .draw(|frame| {
                confirm.draw(frame, frame.area(), &known);
                known.settings.look.settle(frame.buffer_mut());
            })
            .unwrap();
        let buffer = terminal.backend().buffer();
        for row in 0..size.1 {
            let text = text_of(buffer, row);
            assert!(text.is_ascii(), "{text}");
        }
    }
}

#[test]
fn what_has_to_be_typed_is_shown_whole_in_the_smallest_terminal() {
    let id = "01JD4Q0000000000000000007K";
    let mut confirm = Confirm::new("go on?", vec!["now".to_owned()], Asks::word(id));
    assert!(seen(&confirm, (60, 15)).contains(id));
    type_in(&mut confirm, "no");
    press(&mut confirm, KeyCode::Enter);
    assert!(seen(&confirm, (60, 15)).contains(id));
    confirm.input.clear();
    confirm.said = Said::Moved;
    assert!(seen(&confirm, (60, 15)).contains(id));
}

#[test]
fn a_question_whose_run_has_moved_on_takes_no_yes_that_was_meant_for_what_stood_before() {
    let lines = |text: &str| vec![text.to_owned()];
    let mut typed = Confirm::new(
        "roll back?",
        lines("nothing was changed"),
        Asks::word("yes"),
    );
    type_in(&mut typed, "yes");
    let stays = || {
        Confirm::new(
            "roll back?",
            lines("nothing was changed"),
            Asks::word("yes"),
        )
    };
    typed.renew(stays());
    assert_eq!(
        typed.input.text(),
        "yes",
        "what says the same is left alone"
    );
    typed.renew(Confirm::new(
        "roll back?",
        lines("THE SERVICE GOES DOWN"),
        Asks::word("yes"),
    ));
    assert!(seen(&typed, (80, 24)).contains("has moved on: read this"));
    let reaction = press(&mut typed, KeyCode::Enter);
    assert!(reaction.go.is_none(), "meant for what stood before");
    assert!(seen(&typed, (80, 24)).contains("enter once more sends it"));
    let reaction = press(&mut typed, KeyCode::Enter);
    assert!(reaction.go.is_some(), "what was typed is still there");

    let mut other = Confirm::new("go on?", lines("as it is"), Asks::word("yes"));
    type_in(&mut other, "yes");
    other.renew(Confirm::new(
        "go on?",
        lines("as it is"),
        Asks::word("orders-db"),
    ));
    assert!(other.input.is_empty(), "something else has to be typed");

    let mut one_key = Confirm::new("abort?", lines("nothing is down"), Asks::Yes);
    one_key.renew(Confirm::new(
        "abort?",
        lines("the service is down"),
        Asks::Yes,
    ));
    assert!(
        press(&mut one_key, KeyCode::Char('y')).go.is_none(),
        "meant for what stood before"
    );
    assert!(
        press(&mut one_key, KeyCode::Char('y')).go.is_some(),
        "meant for what stands there"
    );
}

#[test]
fn what_was_begun_for_what_stood_there_before_is_no_answer_to_what_stands_there_now() {
    let lines = |text: &str| vec![text.to_owned()];
    let mut half = Confirm::new("go on?", lines("nothing is down"), Asks::word("yes"));
    type_in(&mut half, "ye");
    half.renew(Confirm::new(
        "go on?",
        lines("THE SERVICE GOES DOWN"),
        Asks::word("yes"),
    ));
    type_in(&mut half, "s");
    assert!(
        press(&mut half, KeyCode::Enter).go.is_none(),
        "begun for what stood before"
    );
    assert!(press(&mut half, KeyCode::Enter).go.is_some());
}

#[test]
fn a_yes_counts_once_the_end_was_in_sight() {
    let mut asked = question(Asks::Yes);
    asked.lines.extend((0..20).map(|n| format!("line {n}")));
    asked.lines.push("A yes stops the old one.".to_owned());
    let early = press(&mut asked, KeyCode::Char('y'));
    assert!(early.effects.is_empty() && early.go.is_none());
    assert_eq!(asked.said, Said::ReadOn);
    for _page in 0..5 {
        press(&mut asked, KeyCode::PageDown);
    }
    let yes = press(&mut asked, KeyCode::Char('y'));
    assert_eq!(yes.effects.len(), 1);
}
