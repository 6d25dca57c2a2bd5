//! How a look at an instance goes and what it shows: while it is asked for, in full, of a silent console, with reads that
//! were refused, and with a console that tries to take the terminal over.

use crossterm::event::KeyCode;
use jiff::SignedDuration;

use super::*;
use crate::domain::ec2::{Attachment, Tags};
use crate::domain::ids::InstanceId;
use crate::report::FAILED;
use crate::tui::effect::Effect;
use crate::tui::fixtures::{code_wanted, denied, press};
use crate::tui::looks::{looks, text_of};
use crate::tui::model::Model;
use crate::tui::msg::Msg;
use crate::tui::overlays::Overlay;
use crate::tui::screenshots::{drawn, looked_at};
use crate::tui::update::update;

const LAUNCHED: &str = "i-0fbab69242c8fcf0c";
const ROOT: &str = "vol-0c9d1111222233310";
const MEDIA: &str = "vol-0c9d1111222233311";

/// The run of a relaunch, whose gate is open, and a look at what it launched.
fn opened((columns, rows): (u16, u16)) -> (Model, u64) {
    let mut model = looked_at();
    model.known.size = (columns, rows);
    let number = asked(&press(&mut model, KeyCode::Char('i')));
    (model, number)
}

/// The number of the only thing that is asked for: a look.
fn asked(effects: &[Effect]) -> u64 {
    match effects {
        [Effect::Look { number, target }] => {
            assert_eq!(target.instance.as_str(), LAUNCHED);
            assert!(target.launched);
            *number
        }
        other => panic!("{other:?}"),
    }
}

fn tell(model: &mut Model, number: u64, looked: Looked) {
    update(model, Msg::Looked { number, looked });
}

fn looking(model: &Model) -> &Looking {
    match &model.overlay {
        Some(Overlay::Instance(looking)) => looking,
        other => panic!("{other:?}"),
    }
}

fn checks(state: &str, system: &str, instance: &str) -> Looked {
    Looked::Checks(Ok(Some(Checks {
        state: state.into(),
        system: system.into(),
        instance: instance.into(),
    })))
}

fn volume(id: &str, device: &str, size: i32) -> Volume {
    let attachment = Attachment {
        instance: InstanceId::from(LAUNCHED),
        device: device.into(),
        state: "attached".into(),
        delete_on_termination: true,
        card: None,
    };
    Volume {
        id: id.into(),
        volume_type: "gp3".into(),
        size,
        iops: None,
        throughput: None,
        encrypted: true,
        kms_key: None,
        multi_attach: false,
        state: "in-use".into(),
        zone: "eu-west-1a".into(),
        operator: None,
        attachments: vec![attachment],
        tags: Tags::new(),
    }
}

fn volumes() -> Looked {
    let all = vec![volume(MEDIA, "/dev/sdf", 200), volume(ROOT, "/dev/xvda", 8)];
    Looked::Volumes(Ok(all))
}

fn initialization() -> Looked {
    let slow = Initialization {
        kind: "default".into(),
        progress: Some(42),
        left: None,
    };
    let fast = Initialization {
        kind: "provisioned-rate".into(),
        progress: Some(61),
        left: Some(SignedDuration::from_secs(734)),
    };
    let told = [(ROOT, slow), (MEDIA, fast)];
    let told = told.map(|(id, one)| (id.into(), one));
    Looked::Initialization(Ok(told.into()))
}

fn console(model: &Model, text: &str, latest: bool) -> Looked {
    let at = model.known.now - SignedDuration::from_secs(7);
    Looked::Console(Ok(ConsoleOutput::new(&text.into(), Some(at), latest)))
}

/// So many lines of a boot.
fn boot(lines: usize) -> String {
    let told = |n: usize| match n % 3 {
        0 => format!("[{n:>5}.208733] systemd[1]: Starting unit {n}...\r\n"),
        1 => format!("[\u{1b}[0;32m  OK  \u{1b}[0m] Started unit-{n}.service - Unit {n}.\r\n"),
        _ => format!(
            "[{n:>5}.214980] cloud-init[1402]: Cloud-init v. 22.2.2 running 'modules:config' at Tue, \
             21 Apr 2026 09:35:12 +0000. Up {n} seconds.\r\n"
        ),
    };
    (0..lines).map(told).collect()
}

fn told(model: &mut Model, number: u64, lines: usize) {
    tell(model, number, checks("running", "ok", "initializing"));
    tell(model, number, volumes());
    tell(model, number, initialization());
    let console = console(model, &boot(lines), true);
    tell(model, number, console);
}

fn hold(name: &str, make: impl Fn((u16, u16)) -> Model) {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut model = make((columns, rows));
        insta::assert_snapshot!(format!("{name}_{columns}"), looks(&drawn(&mut model)));
    }
}

fn text(model: &mut Model) -> String {
    let buffer = drawn(model);
    let rows = buffer.area.top()..buffer.area.bottom();
    rows.map(|row| text_of(&buffer, row) + "\n").collect()
}

#[test]
fn what_is_asked_for_is_said_while_it_is() {
    hold("loading", |size| opened(size).0);
}

#[test]
fn state_volumes_and_the_end_of_the_console_are_in_sight_at_once() {
    hold("full", |size| {
        let (mut model, number) = opened(size);
        told(&mut model, number, 60);
        model
    });
}

#[test]
fn a_silent_console_is_told_in_words() {
    hold("empty", |size| {
        let (mut model, number) = opened(size);
        tell(
            &mut model,
            number,
            checks("pending", "initializing", "initializing"),
        );
        tell(&mut model, number, Looked::Volumes(Ok(Vec::new())));
        tell(
            &mut model,
            number,
            Looked::Initialization(Ok(BTreeMap::new())),
        );
        let console = console(&model, "", true);
        tell(&mut model, number, console);
        model
    });
}

#[test]
fn what_is_refused_is_one_line_with_its_remedy_and_hides_nothing_else() {
    hold("partly", |size| {
        let (mut model, number) = opened(size);
        let no = |call: &str| Report::of_question(&denied(call), Some("acme-prod"));
        let refused = Looked::Initialization(Err(no("ec2:DescribeVolumeStatus")));
        tell(&mut model, number, checks("running", "impaired", "ok"));
        tell(&mut model, number, volumes());
        tell(&mut model, number, refused);
        let refused = Looked::Console(Err(no("ec2:GetConsoleOutput")));
        tell(&mut model, number, refused);
        model
    });
}

#[test]
fn a_console_that_steers_a_terminal_is_shown_as_lines() {
    hold("hostile", |size| {
        let (mut model, number) = opened(size);
        let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31mred\u{202e}gnp";
        tell(&mut model, number, checks(evil, evil, evil));
        let mut all = vec![volume(evil, evil, 8)];
        all[0].attachments[0].state = evil.into();
        let far = Initialization {
            kind: evil.into(),
            progress: Some(-3),
            left: Some(SignedDuration::from_secs(-9)),
        };
        tell(&mut model, number, Looked::Volumes(Ok(all)));
        let told = [(evil.into(), far)].into();
        tell(&mut model, number, Looked::Initialization(Ok(told)));
        let text = format!(
            "{evil}\nGRUB\u{1b}[4;1Hmenu\r\n表表表 \u{9d}52;c;QQ==\u{9c}\u{7}wide\n│ y  yes\n"
        );
        let console = console(&model, &text, false);
        tell(&mut model, number, console);
        model
    });
}

#[test]
fn where_nothing_can_be_asked_that_is_the_only_line() {
    let (mut model, number) = opened((80, 24));
    let report = Report::new(FAILED, "the credentials of profile acme-prod have expired")
        .todo("aws sso login --profile acme-prod");
    tell(&mut model, number, Looked::Unreached(report));
    let shown = text(&mut model);
    assert!(
        shown.contains("! the credentials of profile acme-prod"),
        "{shown}"
    );
    assert!(
        shown.contains("aws sso login --profile acme-prod"),
        "{shown}"
    );
    for silent in ["asking", "state", "volumes", "console"] {
        assert!(!shown.contains(silent), "{silent}: {shown}");
    }
    assert!(shown.contains("R asks again"), "{shown}");
}

#[test]
fn answers_to_an_older_asking_or_to_nobody_are_dropped() {
    let (mut model, first) = opened((80, 24));
    told(&mut model, first, 3);
    let second = asked(&press(&mut model, KeyCode::Char('R')));
    assert_ne!(first, second);
    tell(&mut model, first, checks("stopped", "no", "no"));
    let shown = text(&mut model);
    assert!(
        !shown.contains("stopped") && shown.contains("asking"),
        "{shown}"
    );
    assert!(
        shown.contains("running, system check ok"),
        "what was told stays: {shown}"
    );
    assert_eq!(
        press(&mut model, KeyCode::Char('R')),
        [],
        "it is being asked"
    );
    press(&mut model, KeyCode::Esc);
    assert!(model.overlay.is_none());
    tell(&mut model, second, checks("stopped", "no", "no"));
    assert!(model.overlay.is_none());
    let third = asked(&press(&mut model, KeyCode::Char('i')));
    tell(&mut model, second, checks("stopped", "no", "no"));
    assert!(looking(&model).checks.told.is_none(), "{third}");
}

#[test]
fn the_newest_line_is_followed_until_somebody_scrolls_and_again_at_the_end() {
    let (mut model, number) = opened((80, 24));
    told(&mut model, number, 60);
    assert!(text(&mut model).contains("Starting unit 57..."));
    press(&mut model, KeyCode::Char('g'));
    press(&mut model, KeyCode::Char('g'));
    let top = text(&mut model);
    assert!(top.contains("state") && top.contains("unit 0..."), "{top}");
    assert!(!top.contains("unit 57"), "{top}");
    let again = asked(&press(&mut model, KeyCode::Char('R')));
    told(&mut model, again, 80);
    assert!(
        text(&mut model).contains("unit 0..."),
        "what is read stays in sight"
    );
    press(&mut model, KeyCode::Char('G'));
    assert!(text(&mut model).contains("unit 78..."));
    assert_eq!(looking(&model).top, None);
    press(&mut model, KeyCode::Char('k'));
    assert!(looking(&model).top.is_some());
    press(&mut model, KeyCode::Char('j'));
    assert_eq!(looking(&model).top, None);
    let again = asked(&press(&mut model, KeyCode::Char('R')));
    told(&mut model, again, 100);
    assert!(text(&mut model).contains("unit 99"), "it is followed");
}

#[test]
fn every_line_can_be_scrolled_to_in_the_smallest_terminal_and_with_many_volumes() {
    let (mut model, number) = opened((60, 15));
    let all = (0..30).map(|n| volume(&format!("vol-0{n:016x}"), &format!("/dev/sd{n:02}"), n));
    tell(&mut model, number, checks("running", "ok", "ok"));
    tell(&mut model, number, Looked::Volumes(Ok(all.collect())));
    let console = console(&model, &boot(30), true);
    tell(&mut model, number, console);
    let followed = text(&mut model);
    assert!(
        followed.contains("more lines: g g shows them"),
        "{followed}"
    );
    assert!(followed.contains("Up 29"), "{followed}");
    press(&mut model, KeyCode::Home);
    let mut seen = text(&mut model);
    while looking(&model).top.is_some() {
        press(&mut model, KeyCode::Char('j'));
        seen += &text(&mut model);
    }
    for n in 0..30 {
        assert!(seen.contains(&format!("/dev/sd{n:02}")), "{n}");
    }
    for n in (0..30).step_by(3) {
        assert!(seen.contains(&format!("Starting unit {n}...")), "{n}");
    }
}

#[test]
fn nothing_that_a_console_told_is_logged_or_kept() {
    let (mut model, number) = opened((80, 24));
    told(&mut model, number, 3);
    let secret = console(&model, "password=hunter2\n", true);
    tell(&mut model, number, secret.clone());
    assert!(text(&mut model).contains("hunter2"));
    assert!(!format!("{model:?}{secret:?}").contains("hunter2"));
    assert!(
        model
            .known
            .log
            .iter()
            .all(|(_, line)| !line.contains("hunter2"))
    );
    let copied = press(&mut model, KeyCode::Char('y'));
    assert_eq!(copied, [Effect::Copy(LAUNCHED.to_owned())]);
    assert_eq!(
        press(&mut model, KeyCode::Char('e')),
        [],
        "it is written nowhere"
    );
    press(&mut model, KeyCode::Esc);
    assert!(!text(&mut model).contains("hunter2"));
}

#[test]
fn a_refusal_is_told_in_the_log_as_well() {
    let (mut model, number) = opened((80, 24));
    let report = Report::of_question(&denied("ec2:GetConsoleOutput"), None);
    tell(&mut model, number, Looked::Console(Err(report)));
    let logged = model.known.log.back().unwrap();
    assert!(logged.1.contains("ec2:GetConsoleOutput"), "{logged:?}");
}

#[test]
fn a_code_that_is_needed_first_is_said_and_asked_for_once_it_is_closed() {
    let (mut model, _) = opened((80, 24));
    code_wanted(&mut model, 7, false);
    let shown = text(&mut model);
    assert!(
        shown.contains("a code (MFA) is needed first: esc closes"),
        "{shown}"
    );
    press(&mut model, KeyCode::Esc);
    assert!(matches!(model.overlay, Some(Overlay::Code(_))));
    let (mut model, _) = opened((80, 24));
    code_wanted(&mut model, 7, false);
    update(&mut model, Msg::CodeMoot(7));
    assert!(!looking(&model).code_wanted);
}

#[test]
fn kept_output_says_of_when_it_is_and_why_it_is_no_newer() {
    let (mut model, number) = opened((80, 24));
    let kept = console(&model, "booted\n", false);
    tell(&mut model, number, kept);
    let shown = text(&mut model);
    assert!(
        shown.contains("kept after the last boot, at 09:3"),
        "{shown}"
    );
    assert!(shown.contains("only Nitro tells newer"), "{shown}");
    let silent = console(&model, "", false);
    tell(&mut model, number, silent);
    let shown = text(&mut model);
    assert!(
        shown.contains("EC2 keeps only what a boot wrote"),
        "{shown}"
    );
}

#[test]
fn the_state_is_told_in_words_of_aws() {
    let (mut model, number) = opened((80, 24));
    for (looked, wanted) in [
        (
            checks("running", "ok", "ok"),
            "running, both status checks ok, at ",
        ),
        (
            checks("running", "ok", "impaired"),
            "running, system check ok, instance check impaired, at ",
        ),
        (
            checks("stopped", "not-applicable", "not-applicable"),
            "stopped, at ",
        ),
        (Looked::Checks(Ok(None)), "AWS knows no such instance, at "),
    ] {
        tell(&mut model, number, looked);
        let shown = text(&mut model);
        assert!(shown.contains(wanted), "{wanted}: {shown}");
    }
}

#[test]
fn an_initialized_volume_and_one_of_which_nothing_is_told_are_told_apart() {
    let done = Initialization {
        kind: "default".into(),
        progress: Some(100),
        left: None,
    };
    let copied = Initialization {
        kind: "volume-copy".into(),
        progress: None,
        left: None,
    };
    assert_eq!(words::initialized(Some(&done)), "initialized");
    let wanted = "being initialized, volume copy";
    assert_eq!(words::initialized(Some(&copied)), wanted);
    assert_eq!(words::initialized(None), "no initialization told");
}
