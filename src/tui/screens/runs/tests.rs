//! The list of runs: its order, its cursor, what is asked of a run from it, and how it looks.
//! Runs are folded from events; nothing is sent.

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::config::Theme;
use crate::domain::run::{Approval, CommandKind};
use crate::report::{FAILED, Report};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::looks::{looks, text_of};
use crate::tui::model::Go;
use crate::tui::overlays::Overlay;
use crate::tui::screens::Screen;
use crate::tui::screens::run::specimens::{self, Story};
use crate::tui::theme::Signs;

/// Several runs, the first begun first.
fn known(size: (u16, u16), signs: &Signs) -> Known {
    let mut known = specimens::known(size, Theme::Sixteen, signs);
    let stories = [
        specimens::rolled_back(),
        specimens::paused(),
        specimens::done(),
        specimens::damaged(),
        specimens::failed(),
        specimens::gate_open(),
    ];
    for (n, story) in stories.iter().enumerate() {
        add(&mut known, n, story);
    }
    known.now = "2026-03-01T03:30:00Z".parse().unwrap();
    known
}

fn add(known: &mut Known, n: usize, story: &Story) {
    let lone = specimens::with(story);
    let mut card = lone.runs.cards.into_values().next().unwrap();
    let run = RunId::from(format!("01JD4Q5W8Z3N6T9XKE2A7B1C{n:02}").as_str());
    card.state.run = run.clone();
    known.runs.cards.insert(run, card);
    known.runs.read = true;
}

fn seen(list: &mut RunList, known: &Known) -> String {
    list.settle(known);
    let height = u16::try_from(crate::tui::view::middle(known)).unwrap();
    let mut terminal = Terminal::new(TestBackend::new(known.size.0, height)).unwrap();
    terminal
        .draw(|frame| view::draw(list, frame, frame.area(), known))
        .unwrap();
    let mut buffer = terminal.backend().buffer().clone();
    known.settings.look.settle(&mut buffer);
    looks(&buffer)
}

#[test]
fn what_is_not_over_stands_on_top_and_the_youngest_first() {
    insta::assert_snapshot!(
        "runs_80",
        seen(&mut RunList::default(), &known((80, 24), &Signs::unicode()))
    );
    insta::assert_snapshot!(
        "runs_120",
        seen(
            &mut RunList::default(),
            &known((120, 40), &Signs::unicode())
        )
    );
}

#[test]
fn ascii_shows_nothing_else() {
    let text = seen(&mut RunList::default(), &known((80, 24), &Signs::ascii()));
    assert!(text.is_ascii(), "{text}");
}

#[test]
fn without_runs_it_says_how_to_begin_one() {
    let mut known = specimens::known((80, 24), Theme::Mono, &Signs::unicode());
    let text = seen(&mut RunList::default(), &known);
    assert!(text.contains("reading the journal …"), "{text}");
    known.runs.read = true;
    insta::assert_snapshot!("no_runs", seen(&mut RunList::default(), &known));
}

#[test]
fn a_journal_that_cannot_be_read_hides_no_run_that_was() {
    let report = Report::new(FAILED, "the journal is locked by another process")
        .safe("A run that is under way goes on; what the journal holds stays as it is.")
        .todo("try again; defib doctor tells more");
    let mut empty = specimens::known((80, 24), Theme::Sixteen, &Signs::unicode());
    empty.runs.unreadable = Some(report.clone());
    insta::assert_snapshot!("unreadable", seen(&mut RunList::default(), &empty));
    let mut known = known((80, 24), &Signs::unicode());
    known.runs.unreadable = Some(report);
    let text = seen(&mut RunList::default(), &known);
    assert!(
        text.contains("is locked") && text.contains("asks you"),
        "{text}"
    );
}

#[test]
fn the_cursor_stays_on_its_run_when_another_begins() {
    let mut known = known((80, 24), &Signs::unicode());
    let mut list = RunList::default();
    list.settle(&known);
    list.act(Action::MoveDown, &known);
    let run = list.card(&known).unwrap().state.run.clone();
    add(&mut known, 50, &specimens::in_outage());
    list.settle(&known);
    assert_eq!(list.card(&known).unwrap().state.run, run);
    assert_eq!(list.at, 2);
    list.act(Action::Last, &known);
    assert_eq!(list.at, 6);
    list.act(Action::First, &known);
    list.act(Action::PageDown, &known);
    list.act(Action::PageUp, &known);
    list.act(Action::MoveUp, &known);
    assert_eq!(list.at, 0);
}

/// Puts the cursor on the n-th run and acts.
fn act(at: usize, action: Action) -> crate::tui::model::Reaction {
    let known = known((80, 24), &Signs::unicode());
    let mut list = RunList::default();
    list.settle(&known);
    for _row in 0..at {
        list.act(Action::MoveDown, &known);
    }
    list.act(action, &known)
}

#[test]
fn a_run_is_opened_resumed_rolled_back_reported_and_copied_from_here() {
    let gate = "01JD4Q5W8Z3N6T9XKE2A7B1C05";
    match act(0, Action::Open).go {
        Some(Go::To(screen)) => {
            let Screen::Run(screen) = *screen else {
                panic!("{screen:?}");
            };
            assert_eq!(screen.run.as_str(), gate);
        }
        other => panic!("{other:?}"),
    }
    let failed = RunId::from("01JD4Q5W8Z3N6T9XKE2A7B1C04");
    let resume = Effect::Send {
        run: failed.clone(),
        kind: CommandKind::Resume,
        approval: Approval::default(),
    };
    assert_eq!(act(1, Action::Resume).effects, [resume]);
    match act(1, Action::Undo).go {
        Some(Go::Over(overlay)) => assert!(matches!(*overlay, Overlay::Confirm(_))),
        other => panic!("{other:?}"),
    }
    let report = Effect::Report {
        run: failed.clone(),
        incident: None,
    };
    assert_eq!(act(1, Action::Report).effects, [report]);
    assert_eq!(
        act(1, Action::Copy).effects,
        [Effect::Copy(failed.as_str().to_owned())]
    );
    assert!(matches!(act(0, Action::Leave).go, Some(Go::Leave)));
    assert!(
        act(0, Action::Restore)
            .notice
            .unwrap()
            .text
            .contains("does nothing here")
    );
}

#[test]
fn where_there_is_no_run_nothing_is_asked_of_one() {
    let known = specimens::known((80, 24), Theme::Mono, &Signs::unicode());
    let mut list = RunList::default();
    list.settle(&known);
    for action in [
        Action::Open,
        Action::Undo,
        Action::Resume,
        Action::Report,
        Action::Copy,
    ] {
        let reaction = list.act(action, &known);
        assert!(reaction.effects.is_empty() && reaction.go.is_none());
        assert_eq!(reaction.notice.unwrap().text, "there is no run here");
    }
}

#[test]
fn what_is_kept_is_all_told_or_counted() {
    for size in [(80, 24), (120, 40)] {
        let mut known = specimens::known(size, Theme::Sixteen, &Signs::unicode());
        add(&mut known, 1, &specimens::done());
        let card = known.runs.cards.values_mut().next().unwrap();
        let kept = card.state.kept();
        let twice = [kept.clone(), kept].concat();
        let leftovers = twice.iter().map(|kept| crate::domain::plan::Leftover {
            kind: kept.kind,
            id: kept.id.clone(),
            why: kept.why.clone(),
            keep_until: kept.until.clone(),
        });
        card.state.plan.leftovers = leftovers.collect();
        let count = card.state.kept().len();
        assert!(count > 2, "{count}");
        let text = seen(&mut RunList::default(), &known);
        let lines = text.lines().filter(|line| line.contains("kept: ")).count();
        if size.1 > 30 {
            assert_eq!(lines, count, "{text}");
        } else {
            assert_eq!(lines, 1, "{text}");
            assert!(text.contains(&format!(" +{}\n", count - 1)), "{text}");
        }
    }
}

#[test]
fn no_size_and_no_name_breaks_a_line() {
    let name = format!("a\u{1b}[31m\u{202e}表{}", "x".repeat(255));
    for size in [(1, 6), (20, 9), (60, 15), (80, 24), (160, 50)] {
        let mut known = known(size, &Signs::unicode());
        add(&mut known, 60, &Story::of(specimens::plan(&name)).until(3));
        known.runs.unreadable = Some(Report::new(FAILED, name.clone()));
        let mut list = RunList::default();
        list.settle(&known);
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        terminal
            .draw(|frame| view::draw(&list, frame, frame.area(), &known))
            .unwrap();
        let buffer = terminal.backend().buffer();
        for row in 0..size.1 {
            let text = text_of(buffer, row);
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        }
    }
}
