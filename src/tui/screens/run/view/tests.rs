//! How a run looks in every state it can be in, at both sizes, in every theme that matters.
//! Text and styles are compared; what no picture shows is asserted beside it.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;

use super::*;
use crate::config::Theme;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::ids::RunId;
use crate::domain::plan::Gate;
use crate::domain::run::EventBody;
use crate::tui::keymap::Action;
use crate::tui::looks::{looks, text_of};
use crate::tui::screens::run::specimens::{self, RUN, Story};
use crate::tui::theme::Signs;

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);

fn buffer(screen: &mut RunScreen, known: &Known) -> ratatui::buffer::Buffer {
    let (width, _) = known.size;
    let height = u16::try_from(crate::tui::view::middle(known)).unwrap();
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    screen.settle(known);
    let area = Rect::new(0, 0, width, height);
    terminal
        .draw(|frame| draw(screen, frame, area, known))
        .unwrap();
    let mut buffer = terminal.backend().buffer().clone();
    known.settings.look.settle(&mut buffer);
    buffer
}

fn seen(story: &Story, size: (u16, u16)) -> String {
    let known = specimens::known(size, Theme::Sixteen, &Signs::unicode());
    let known = story.add_to(known);
    looks(&buffer(&mut RunScreen::new(RunId::from(RUN)), &known))
}

macro_rules! pictures {
    ($($name:ident $story:expr;)+) => {$(
        mod $name {
            use super::*;

            #[test]
            fn is_obvious_at_80_by_24() {
                insta::assert_snapshot!(seen(&$story, SMALL));
            }

            #[test]
            fn is_obvious_at_120_by_40() {
                insta::assert_snapshot!(seen(&$story, LARGE));
            }
        }
    )+};
}

pictures! {
    starting specimens::planned();
    in_outage specimens::in_outage();
    gate_open specimens::gate_open();
    long_gate long_gate();
    asked_again asked_again();
    paused specimens::paused();
    failed_in_outage specimens::failed();
    conflict specimens::conflict();
    missing specimens::missing();
    rolling_back specimens::rolling_back();
    done specimens::done();
    rolled_back specimens::rolled_back();
    runner_gone specimens::unheld();
    damaged specimens::damaged();
    hostile hostile();
    wide_characters Story::of(specimens::plan("注文データベースの本番ボリューム")).until(3);
}

/// A gate with more to read than there are rows.
fn long_gate() -> Story {
    let mut plan = specimens::plan("orders-db data");
    let device = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0b7e1111222233341";
    plan.steps[2].call = None;
    plan.steps[2].title = "you: unmount orders-db data (vol-0b7e1111222233341)".to_owned();
    plan.steps[2].gate = Gate::Person {
        instructions: vec![
            "On web-1: stop what uses orders-db data, then unmount it.".to_owned(),
            "  lsblk -o NAME,SERIAL,SIZE,FSTYPE,UUID,MOUNTPOINTS".to_owned(),
            "  sync".to_owned(),
            format!("  findmnt -n -o TARGET -S \"$(readlink -f {device})\""),
            "  sudo fuser -vm MOUNTPOINT      # who still uses it".to_owned(),
            "  sudo umount MOUNTPOINT         # every mount point that findmnt shows".to_owned(),
            "  sudo vgchange -an GROUP        # only where it belongs to an LVM volume group"
                .to_owned(),
            format!("  sudo blockdev --flushbufs {device}"),
            "A volume made from a snapshot has the same file system UUID and label as the one the \
             snapshot was taken from."
                .to_owned(),
            "Answer when lsblk shows no mount point for it.".to_owned(),
        ],
        check: None,
    };
    Story::of(plan)
        .tells(5, Some("stop-instance"), EventBody::GateOpened)
        .until(40)
}

/// A gate that was answered although it was not so.
fn asked_again() -> Story {
    let detail = "not so: vol-0b7e1111222233341 is still mounted. Answer again once that is mended";
    let answered = EventBody::GateAnswered {
        by: specimens::operator(),
        command: Some(1),
    };
    specimens::gate_open()
        .tells(280, Some("healthy"), answered)
        .progress(281, "healthy", detail)
        .tells(281, Some("healthy"), EventBody::GateOpened)
        .until(290)
}

fn hostile() -> Story {
    let name = format!("a\u{1b}[31m\u{202e}b\u{200b}\n{}", "x".repeat(255));
    Story::of(specimens::plan(&name))
        .progress(3, "create-volume", "creat\u{1b}]0;x\u{7}ing\u{202e}\r\n")
        .until(4)
}

#[test]
fn mono_tells_everything_without_colour() {
    let known = specimens::known(SMALL, Theme::Mono, &Signs::unicode());
    let known = specimens::failed().add_to(known);
    let seen = looks(&buffer(&mut RunScreen::new(RunId::from(RUN)), &known));
    insta::assert_snapshot!(seen);
}

#[test]
fn ascii_shows_nothing_else() {
    for story in [
        specimens::failed(),
        specimens::gate_open(),
        specimens::rolling_back(),
    ] {
        let known = specimens::known(SMALL, Theme::Mono, &Signs::ascii());
        let known = story.add_to(known);
        let buffer = buffer(&mut RunScreen::new(RunId::from(RUN)), &known);
        let lines: Vec<String> = (0..buffer.area.height)
            .map(|row| text_of(&buffer, row))
            .collect();
        assert!(lines.iter().all(|line| line.is_ascii()), "{lines:#?}");
    }
    let known = specimens::known(SMALL, Theme::Mono, &Signs::ascii());
    let known = specimens::gate_open().add_to(known);
    insta::assert_snapshot!(looks(&buffer(
        &mut RunScreen::new(RunId::from(RUN)),
        &known
    )));
}

#[test]
fn the_account_and_the_outage_are_whole_at_every_width() {
    for width in 60..160 {
        let known = specimens::known((width, 24), Theme::Mono, &Signs::unicode());
        let known = specimens::in_outage().add_to(known);
        let buffer = buffer(&mut RunScreen::new(RunId::from(RUN)), &known);
        let (first, second) = (text_of(&buffer, 0), text_of(&buffer, 1));
        assert!(first.contains("111122223333"), "{width}: {first}");
        assert!(
            second.contains("SERVICE INTERRUPTED 00:48 of about 03:50"),
            "{width}: {second}"
        );
        assert!(second.contains("7B1C7K"), "{width}: {second}");
    }
}

#[test]
fn scrolling_reaches_every_line_and_comes_back() {
    let known = specimens::known(SMALL, Theme::Mono, &Signs::unicode());
    let known = long_gate().add_to(known);
    let mut screen = RunScreen::new(RunId::from(RUN));
    let at_first = looks(&buffer(&mut screen, &known));
    assert!(
        !at_first.contains("plan approved by ada@bastion"),
        "{at_first}"
    );
    let mut all = String::new();
    for _line in 0..60 {
        screen.act(Action::MoveDown, &known);
        all += &looks(&buffer(&mut screen, &known));
    }
    assert!(all.contains("plan approved by ada@bastion"), "{all}");
    assert!(all.contains("Answer when lsblk shows"), "{all}");
    assert!(all.contains("9 you: is the application healthy?"), "{all}");
    screen.act(Action::First, &known);
    assert_eq!(looks(&buffer(&mut screen, &known)), at_first);
}

#[test]
fn a_gate_that_opens_is_seen_wherever_the_operator_had_scrolled() {
    let known = specimens::known((80, 15), Theme::Mono, &Signs::unicode());
    let before = specimens::in_outage().add_to(known);
    let mut screen = RunScreen::new(RunId::from(RUN));
    buffer(&mut screen, &before);
    screen.act(Action::Last, &before);
    let known = specimens::known((80, 15), Theme::Mono, &Signs::unicode());
    let after = specimens::gate_open().add_to(known);
    let seen = looks(&buffer(&mut screen, &after));
    assert!(seen.contains("enter answers"), "{seen}");
}

/// Returns the line of a step.
fn line_of(step: usize, story: &Story) -> String {
    let seen = seen(story, LARGE);
    let number = format!(" {step} ");
    let mut lines = seen.lines().skip(3);
    let line = lines.find(|line| {
        line.chars()
            .skip(2)
            .collect::<String>()
            .starts_with(&number)
    });
    line.expect("the step is there").to_owned()
}

#[test]
fn a_step_tells_in_aws_words_how_far_it_is() {
    let failure = Failure {
        class: FailureClass::Unanswered,
        effect: Effect::Unknown,
        call: "ec2:DetachVolume".to_owned(),
        code: None,
        message: "connection reset".into(),
        request_id: None,
    };
    let step = Some("detach-volume");
    let sent = specimens::in_outage().tells(66, step, specimens::intent());
    assert!(
        line_of(4, &sent).contains(" sending 00:"),
        "{}",
        line_of(4, &sent)
    );
    let ambiguous = EventBody::Ambiguous {
        failure: failure.clone(),
    };
    let unknown = sent.clone().tells(67, step, ambiguous);
    assert!(line_of(4, &unknown).contains("outcome unknown, looking 00:"));
    let refused = sent.clone().tells(67, step, EventBody::Refused { failure });
    assert!(line_of(4, &refused).contains("refused, trying again 00:"));
    let progress = EventBody::Progress {
        detail: "detaching".to_owned(),
        percent: Some(40),
    };
    let under_way = sent.tells(67, step, progress);
    assert!(line_of(4, &under_way).contains("detaching 40 % 00:"));
}

#[test]
fn the_outage_is_told_before_while_and_after() {
    let line = |story: &Story| {
        let seen = seen(story, LARGE);
        seen.lines().nth(1).unwrap().to_owned()
    };
    let starting = specimens::planned();
    assert!(line(&starting).ends_with("no outage yet, about 3 min 50 s to come"));
    let late = specimens::in_outage().until(300);
    assert!(line(&late).ends_with("SERVICE INTERRUPTED 04:43, about 03:50 was planned"));
    let done = specimens::done();
    assert!(line(&done).ends_with("outage 3 min 14 s (planned about 3 min 50 s)"));
    let mut plan = specimens::plan("orders-db data");
    plan.steps.truncate(2);
    let none = Story::of(plan).tells(30, None, EventBody::Done);
    assert!(line(&none).ends_with("no outage"));
}

#[test]
fn no_size_breaks_it() {
    let stories = [
        hostile(),
        long_gate(),
        specimens::rolling_back(),
        specimens::failed(),
    ];
    for story in stories {
        for size in [
            (1, 1),
            (3, 6),
            (20, 5),
            (20, 9),
            (59, 14),
            (60, 15),
            (200, 60),
        ] {
            let known = specimens::known(size, Theme::Sixteen, &Signs::unicode());
            let known = story.add_to(known);
            let mut screen = RunScreen::new(RunId::from(RUN));
            for action in [Action::PageDown, Action::Last, Action::MoveUp] {
                screen.act(action, &known);
                let height = u16::try_from(crate::tui::view::middle(&known))
                    .unwrap()
                    .max(1);
                let mut terminal = Terminal::new(TestBackend::new(size.0, height)).unwrap();
                let area = Rect::new(0, 0, size.0, height);
                terminal
                    .draw(|frame| draw(&screen, frame, area, &known))
                    .unwrap();
            }
        }
    }
}
