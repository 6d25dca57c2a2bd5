//! Every page as it looks, text and style, at both sizes and in every kind of trouble.
//! What keys change is tested elsewhere.

use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;

use super::specimen::*;
use crate::config::Theme;
use crate::domain::text::{cells, is_hostile};
use crate::report::{FAILED, Report};
use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::looks::looks;

const HOSTILE: &str = "it's \u{1b}[31mred\u{202e}\u{200b} 注文データベース🦀 with a very long name that never seems to end";

/// Draws the room between header and footer.
fn drawn(hand: &Hand) -> String {
    let (columns, _) = hand.known.size;
    let rows = u16::try_from(crate::tui::view::middle(&hand.known)).unwrap();
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    let draw = |frame: &mut ratatui::Frame| {
        super::view::draw(
            &hand.wizard,
            frame,
            Rect::new(0, 0, columns, rows),
            &hand.known,
        );
        hand.known.settings.look.settle(frame.buffer_mut());
    };
    terminal.draw(draw).unwrap();
    looks(terminal.backend().buffer())
}

fn at_size(mut known: Known, columns: u16, rows: u16) -> Known {
    known.size = (columns, rows);
    known
}

fn walk(known: Known, prepared: crate::tui::effect::Prepared, keys: &str) -> Hand {
    let mut hand = Hand::new(known);
    hand.told(prepared).press(keys);
    hand
}

macro_rules! at_both_sizes {
    ($name:literal, $hand:expr) => {
        for (columns, rows) in [(80, 24), (120, 40)] {
            let make: &dyn Fn(Known) -> Hand = &$hand;
            let hand = make(at_size(known(), columns, rows));
            assert_snapshot!(format!("{}_{columns}", $name), drawn(&hand));
        }
    };
}

#[test]
fn what_is_restored_from_and_how() {
    at_both_sizes!("what_waiting", Hand::new);
    at_both_sizes!("what", |known| walk(known, stop(), ""));
    at_both_sizes!("what_asks", |known| walk(
        known,
        asks(
            Some("instance"),
            "name the instance, and the device with --device: vol-0a5d3c9e71b2f4608, from which snap-0b7e41c8d92f3a650 was taken, does not exist any more"
        ),
        ""
    ));
}

#[test]
fn what_cannot_be_read() {
    let mut hand = Hand::new(known());
    hand.wizard.prepared(1, Err(expired()));
    assert_snapshot!("what_failed", drawn(&hand));
    hand.press("enter");
    assert_snapshot!("where_failed", drawn(&hand));
}

fn expired() -> Report {
    Report::new(FAILED, "the credentials of profile acme-prod have expired: ec2:DescribeSnapshots ExpiredToken: The security token included in the request is expired")
        .safe("Nothing was changed: defib was only reading.")
        .todo("aws sso login --profile acme-prod")
}

#[test]
fn the_form_is_the_fidelity_table() {
    at_both_sizes!("where_waiting", |known| {
        let mut hand = Hand::new(known);
        hand.press("enter enter");
        hand
    });
    at_both_sizes!("where", |known| walk(known, stop(), "enter"));
    at_both_sizes!("where_choice", |known| walk(
        known,
        stop(),
        "enter tab tab right"
    ));
    at_both_sizes!("where_long_value", |known| walk(
        known,
        stop(),
        "enter up up up up"
    ));
    at_both_sizes!("where_obstacle", |known| {
        let mut hand = walk(known, stop(), "enter tab");
        hand.types("/dev/nope").press("enter").told(asks(Some("device"), "/dev/nope is not a device name of EC2, such as /dev/sdf (what lsblk shows inside the instance is another name). The instance has /dev/sdf orders-db-data (vol-0a5d3c9e71b2f4608), /dev/xvda orders-db-root (vol-0d2b7f60c93e1a485)"));
        hand
    });
}

/// The second that is proposed lies in a window; one outside it is in no place of the line, and is said all the same.
#[test]
fn a_window_is_drawn_as_a_line() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut hand = of_a_table(Some("2026-03-01T12:00:00Z"));
        hand.known.size = (columns, rows);
        hand.told(asks(None, "")).press("enter");
        assert_snapshot!(format!("window_{columns}"), drawn(&hand));
        hand.act(Action::ClearField).types("2025-12-01 12:00");
        hand.act(Action::NextField).act(Action::PreviousField);
        assert_snapshot!(format!("window_outside_{columns}"), drawn(&hand));
        hand.act(Action::ClearField).types("soon");
        hand.act(Action::NextField).act(Action::PreviousField);
        hand.told(asks(
            Some("at"),
            "“soon” is not a time: give one such as 02:14Z",
        ));
        assert_snapshot!(format!("window_unreadable_{columns}"), drawn(&hand));
    }
}

#[test]
fn what_was_checked() {
    at_both_sizes!("checks", |known| walk(known, stop(), "enter enter"));
    at_both_sizes!("checks_stop", |known| walk(
        known,
        with_trouble(true),
        "enter enter"
    ));
    at_both_sizes!("checks_policy", |known| walk(
        known,
        with_trouble(false),
        "enter enter end"
    ));
}

#[test]
fn what_will_be_done() {
    at_both_sizes!("plan", |known| walk(known, stop(), "enter enter enter"));
    at_both_sizes!("plan_end", |known| walk(
        known,
        stop(),
        "enter enter enter end"
    ));
    at_both_sizes!("plan_calls", |known| walk(
        known,
        unmount(),
        "enter enter enter v pagedown"
    ));
    at_both_sizes!("plan_export", |known| walk(
        known,
        stop(),
        "enter enter enter e"
    ));
}

#[test]
fn the_last_word() {
    at_both_sizes!("yes", |known| walk(
        known,
        stop(),
        "enter enter enter enter"
    ));
    at_both_sizes!("yes_wrong", |known| {
        let mut hand = walk(known, stop(), "enter enter enter enter");
        hand.types("yse").press("enter");
        hand
    });
    at_both_sizes!("yes_starting", |known| {
        let mut hand = walk(known, stop(), "enter enter enter enter");
        hand.types("yes").press("enter");
        hand
    });
    at_both_sizes!("yes_refused", |known| {
        let mut hand = walk(known, stop(), "enter enter enter enter");
        hand.types("yes").press("enter");
        hand.wizard.refused(expired());
        hand
    });
    at_both_sizes!("yes_protected", |known| {
        let mut known = known;
        known.settings.protected = protected().settings.protected;
        let mut hand = walk(known, stop(), "enter enter enter enter");
        hand.types("orders");
        hand
    });
    let mut read_only = known();
    read_only.settings.read_only = true;
    assert_snapshot!(
        "yes_read_only",
        drawn(&walk(read_only, stop(), "enter enter enter enter"))
    );
}

fn hostile() -> crate::tui::effect::Prepared {
    with(stop(), |plan| {
        let shown = crate::domain::text::shown(HOSTILE);
        plan.subject.name = Some(HOSTILE.into());
        plan.place.profile = Some(HOSTILE.to_owned());
        plan.title = format!("swap {shown} ({VOLUME})");
        for step in &mut plan.steps {
            step.title = format!("{} {shown}", step.title);
        }
        for field in &mut plan.form {
            field.value = Some(HOSTILE.to_owned());
            field.aws_default = Some(HOSTILE.to_owned());
        }
        for check in &mut plan.checks {
            check.found.clone_from(&shown);
        }
    })
}

fn hostile_hand(known: Known, keys: &str) -> Hand {
    let mut known = known;
    known.settings.protected = protected().settings.protected;
    known
        .catalog
        .store
        .take(Vec::new(), vec![resource(VOLUME, HOSTILE)]);
    let mut point = point();
    point.name = Some(HOSTILE.into());
    let mut hand = Hand::on(&point, known);
    hand.told(hostile()).press(keys);
    hand
}

#[test]
fn names_that_others_chose_break_no_page() {
    for (n, keys) in [
        "",
        "enter",
        "enter enter",
        "enter enter enter",
        "enter enter enter enter",
    ]
    .iter()
    .enumerate()
    {
        let hand = hostile_hand(known(), keys);
        let page = drawn(&hand);
        assert!(!page.chars().any(|c| is_hostile(c) && c != '\n'), "{page}");
        assert_snapshot!(format!("hostile_{n}"), page);
    }
}

#[test]
fn a_terminal_without_colours_or_without_utf8_tells_as_much() {
    for (n, keys) in [
        "",
        "enter tab tab",
        "enter enter",
        "enter enter enter",
        "enter enter enter enter",
    ]
    .iter()
    .enumerate()
    {
        let mut known = known();
        known.settings.look = look(Theme::Mono, true);
        let hand = walk(known, with_trouble(n < 3), keys);
        let page = drawn(&hand);
        let text = page.split("-- styles").next().unwrap();
        assert!(text.is_ascii(), "{text}");
        assert_snapshot!(format!("mono_ascii_{n}"), page);
    }
}

#[test]
fn no_line_is_wider_than_any_terminal_and_no_size_is_too_small_to_draw() {
    for (columns, rows) in [(20, 5), (60, 15), (70, 20), (200, 60)] {
        for keys in [
            "",
            "enter",
            "enter enter",
            "enter enter enter v",
            "enter enter enter enter",
        ] {
            let hand = hostile_hand(at_size(known(), columns, rows), keys);
            let page = drawn(&hand);
            let text = page.split("-- styles").next().unwrap();
            for line in text.lines() {
                assert!(cells(line) <= usize::from(columns), "{line}");
            }
        }
    }
}

#[test]
fn the_cursor_stands_where_text_is_typed_and_nowhere_else() {
    assert_eq!(cursor(&walk(known(), stop(), "")), None);
    let mut hand = walk(known(), stop(), "enter tab");
    assert_eq!(cursor(&hand), Some((25, 5)));
    hand.types("/dev/sdg");
    assert_eq!(cursor(&hand), Some((25 + 8, 5)));
    hand.press("tab");
    assert_eq!(cursor(&hand), None, "a choice takes no characters");
    let mut hand = walk(known(), stop(), "enter enter enter enter");
    hand.types("ye");
    assert_eq!(cursor(&hand), Some((3 + 2, 18)));
    hand.types("s").press("enter");
    assert_eq!(cursor(&hand), None);
}

fn cursor(hand: &Hand) -> Option<(u16, u16)> {
    let mut terminal = Terminal::new(TestBackend::new(80, 19)).unwrap();
    let far = ratatui::layout::Position::new(79, 0);
    terminal.set_cursor_position(far).unwrap();
    let draw = |frame: &mut ratatui::Frame| {
        super::view::draw(&hand.wizard, frame, Rect::new(0, 0, 80, 19), &hand.known);
    };
    terminal.draw(draw).unwrap();
    let at = terminal.get_cursor_position().unwrap();
    (at != far).then_some((at.x, at.y))
}

#[test]
fn at_the_smallest_size_the_last_word_can_still_be_typed() {
    let mut hand = walk(at_size(known(), 60, 15), stop(), "enter enter enter enter");
    hand.types("ye");
    let page = drawn(&hand);
    assert!(
        page.contains("Type yes, then enter.") && page.contains("▌ ye"),
        "{page}"
    );
}
