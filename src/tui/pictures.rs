//! Every screen of the browser and every overlay as a whole frame, text and styles: empty, growing, full,
//! failed, with hostile names, in both sizes, without colour and without anything but ASCII.

mod known;

use crossterm::event::KeyCode;

use super::effect::Effect;
use super::fixtures::{
    code_wanted, denied, estate, home, key, listed, model, now, press, scan_begins, scanned,
    snapshot, story, type_text, volume,
};
use super::keymap::{Action, Context, Keymap};
use super::looks::{looks, text_of};
use super::model::{Model, View};
use super::msg::{Msg, Scanned};
use super::screens::Screen;
use super::screenshots::{drawn, report};
use super::signs::Signs;
use super::theme::Look;
use super::update::{act, update};
use crate::config;
use crate::domain::code::CodeWanted;
use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;
use crate::report::{FAILED, Report};

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// Holds a frame of the model against its snapshot, in both sizes.
fn hold(name: &str, make: impl Fn(u16, u16) -> Model) {
    for (columns, rows) in SIZES {
        let mut model = make(columns, rows);
        let buffer = drawn(&mut model);
        insta::assert_snapshot!(format!("{name}_{columns}"), looks(&buffer));
        assert_eq!(buffer.area.width, columns);
    }
}

fn with_incident(mut model: Model) -> Model {
    press(&mut model, KeyCode::Char('t'));
    type_text(&mut model, "02:17");
    press(&mut model, KeyCode::Enter);
    model
}

fn incident_estate(columns: u16, rows: u16) -> Model {
    with_incident(estate(columns, rows))
}

fn looking(mut model: Model, theme: config::Theme, ascii: bool) -> Model {
    let signs = if ascii {
        Signs::of(true, false, None)
    } else {
        Signs::unicode()
    };
    model.known.settings.look = Look::new(theme, signs);
    model
}

fn failing(mut model: Model) -> Model {
    let report = |what: &str, todo: &str| Report::new(FAILED, what).todo(todo);
    let expired = report(
        "the session of profile acme-dr has expired",
        "aws sso login --profile acme-dr",
    );
    scanned(
        &mut model,
        Scanned::NotConnected {
            nth: 1,
            profile: Some("acme-dr".into()),
            name: "acme-dr eu-central-1".into(),
            report: expired,
        },
    );
    scanned(
        &mut model,
        Scanned::NotListed {
            place: Place {
                region: "us-east-1".into(),
                ..home()
            },
            kind: PointKind::EbsSnapshot,
            failure: Box::new(denied("ec2:DescribeSnapshots")),
        },
    );
    model
}

fn hostile(columns: u16, rows: u16) -> Model {
    let mut model = model(columns, rows);
    let long = "x".repeat(255);
    let names = [
        "a\u{1b}[31mred\u{1b}[0m\u{202e}txt.exe",
        "表計算データベース・本番環境・東京リージョンのバックアップ",
        "👩‍👩‍👧‍👦 family 🏳️‍🌈 e\u{301}\u{301}\u{301}",
        "tab\tnew\nline",
        &long,
    ];
    let id = |n: usize| format!("vol-{n:017}");
    let resources = names
        .iter()
        .enumerate()
        .map(|(n, name)| volume(&id(n), name));
    let points = (0..names.len()).map(|n| snapshot(&format!("snap-{n:017}"), &id(n), 30));
    let (resources, points) = (resources.collect(), points.collect());
    scanned(&mut model, Scanned::Found { points, resources });
    with_incident(model)
}

#[test]
fn resources_before_anything_is_known() {
    hold("growing", |columns, rows| {
        let mut model = model(columns, rows);
        model.known.catalog.places.clear();
        scan_begins(&mut model);
        model
    });
    hold("empty", model);
}

#[test]
fn resources_and_snapshots_in_full() {
    hold("resources", estate);
    hold("resources_incident", incident_estate);
    hold("snapshots_incident", |columns, rows| {
        let mut model = incident_estate(columns, rows);
        press(&mut model, KeyCode::Char('2'));
        model
    });
    hold("filtered", |columns, rows| {
        let mut model = incident_estate(columns, rows);
        press(&mut model, KeyCode::Char('/'));
        type_text(&mut model, "ordata");
        model
    });
    let filtered = |filter: &'static str| {
        move |columns, rows| {
            let mut model = incident_estate(columns, rows);
            press(&mut model, KeyCode::Char('/'));
            type_text(&mut model, filter);
            press(&mut model, KeyCode::Enter);
            model
        }
    };
    hold("filtered_by_id", filtered("00ce9"));
    hold("filtered_by_instance", filtered("billing i-0c4e"));
    hold("page", |columns, rows| {
        let mut model = estate(columns, rows);
        model.known.settings.story = Some(story());
        model
    });
}

#[test]
fn a_code_is_asked_for_over_whatever_is_there() {
    let asked = |refused: bool| {
        move |columns, rows| {
            let mut model = failing(incident_estate(columns, rows));
            code_wanted(&mut model, 1, refused);
            model
        }
    };
    hold("code", asked(false));
    hold("code_refused", asked(true));
    hold("code_missed", move |columns, rows| {
        let mut model = asked(false)(columns, rows);
        type_text(&mut model, "123");
        press(&mut model, KeyCode::Enter);
        model
    });
    hold("code_hostile", |columns, rows| {
        let mut model = hostile(columns, rows);
        let wanted = CodeWanted {
            profile: "a\u{1b}[31mred\u{202e}".into(),
            serial: format!("arn:aws:iam::1:mfa/\u{1b}]0;x\u{7}{}", "表".repeat(99)),
            refused: true,
        };
        update(&mut model, Msg::CodeWanted { ask: 1, wanted });
        model
    });
    hold("code_ascii", move |columns, rows| {
        looking(asked(true)(columns, rows), config::Theme::Mono, true)
    });
}

#[test]
fn what_failed_stands_below_and_hides_nothing() {
    hold("failed_beside", |columns, rows| {
        failing(incident_estate(columns, rows))
    });
    hold("failed_all", |columns, rows| {
        let mut model = model(columns, rows);
        model.known.catalog.places.clear();
        failing(model)
    });
}

#[test]
fn a_screen_with_nothing_in_it_names_the_next_step_and_its_key() {
    let nothing_fits = |columns, rows| {
        let mut model = incident_estate(columns, rows);
        press(&mut model, KeyCode::Char('/'));
        type_text(&mut model, "zzzz");
        model
    };
    hold("filtered_nothing", nothing_fits);
    let listed = |mut model: Model| {
        model.known.runs.read = true;
        model
    };
    let opened = |mut model: Model| {
        press(&mut model, KeyCode::End);
        press(&mut model, KeyCode::Enter);
        model
    };
    let runs = |mut model: Model| {
        act(&mut model, Action::ViewRuns);
        model
    };
    for which in [
        config::Keymap::Default,
        config::Keymap::Vim,
        config::Keymap::Emacs,
    ] {
        let keymap = Keymap::builtin(which);
        let key = |action| {
            keymap
                .hint(action, &[Context::List, Context::Global])
                .unwrap()
        };
        let screens = [
            (model(80, 24), key(Action::Retry), "asks again"),
            (opened(estate(80, 24)), key(Action::Back), "goes back"),
            (
                runs(listed(model(80, 24))),
                key(Action::ViewResources),
                "shows the resources",
            ),
        ];
        for (mut model, key, does) in screens {
            model.known.settings.keymap = keymap.clone();
            let text = looks(&drawn(&mut model));
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                words.contains(&format!("{key} {does}")),
                "{which:?}: {text}"
            );
        }
    }
}

#[test]
fn what_is_gone_is_dim_and_says_so() {
    let rescanned = |columns, rows| {
        let mut model = incident_estate(columns, rows);
        press(&mut model, KeyCode::Down);
        scan_begins(&mut model);
        scanned(
            &mut model,
            Scanned::Listing {
                sources: 1,
                more: false,
            },
        );
        let orders = "vol-0a5d3c9e71b2f4608";
        let points = vec![snapshot("snap-0f83d2a9c14e7b065", orders, 8)];
        let resources = vec![volume("vol-0f6a0000000000ce9", "sessions")];
        scanned(&mut model, Scanned::Found { points, resources });
        scanned(
            &mut model,
            Scanned::Listed {
                place: home(),
                kind: PointKind::EbsSnapshot,
            },
        );
        model.known.catalog.coverage = listed(&home());
        model
    };
    hold("gone", rescanned);
    hold("gone_snapshots", |columns, rows| {
        let mut model = rescanned(columns, rows);
        press(&mut model, KeyCode::Char('2'));
        model
    });
    hold("gone_timeline", |columns, rows| {
        let mut model = rescanned(columns, rows);
        press(&mut model, KeyCode::Enter);
        model
    });
    let text = looks(&drawn(&mut rescanned(60, 15)));
    assert!(text.contains("(gone) orders-db-data"), "{text}");
}

#[test]
fn names_that_bite_break_no_line() {
    hold("hostile", hostile);
    hold("hostile_timeline", |columns, rows| {
        let mut model = hostile(columns, rows);
        press(&mut model, KeyCode::Enter);
        model
    });
}

#[test]
fn without_colour_and_without_anything_but_ascii() {
    hold("mono", |columns, rows| {
        looking(
            failing(incident_estate(columns, rows)),
            config::Theme::Mono,
            false,
        )
    });
    hold("ascii", |columns, rows| {
        looking(
            failing(incident_estate(columns, rows)),
            config::Theme::Sixteen,
            true,
        )
    });
    let mut model = looking(failing(hostile(80, 24)), config::Theme::Mono, true);
    let text = looks(&drawn(&mut model));
    assert!(text.is_ascii(), "{text}");
}

#[test]
fn the_timeline_and_the_detail_of_a_point() {
    hold("timeline", |columns, rows| {
        let mut model = incident_estate(columns, rows);
        press(&mut model, KeyCode::Down);
        press(&mut model, KeyCode::Enter);
        model
    });
    hold("timeline_empty", |columns, rows| {
        let mut model = incident_estate(columns, rows);
        press(&mut model, KeyCode::Char('G'));
        press(&mut model, KeyCode::Enter);
        model
    });
    hold("detail", |columns, rows| {
        let mut model = incident_estate(columns, rows);
        press(&mut model, KeyCode::Down);
        press(&mut model, KeyCode::Enter);
        press(&mut model, KeyCode::Enter);
        model
    });
}

#[test]
fn a_report_is_read_in_tables_and_copied_as_markdown() {
    let at = |pages: usize| {
        move |columns, rows| {
            let mut model = report();
            model.known.size = (columns, rows);
            for _page in 0..pages {
                press(&mut model, KeyCode::PageDown);
            }
            model
        }
    };
    hold("report", at(0));
    hold("report_timeline", at(1));
    let mut model = report();
    let Some(Screen::Text(screen)) = model.screens.last() else {
        panic!("the report is shown");
    };
    let raw = screen.lines.join("\n");
    assert!(
        raw.contains("| --- | --- |") && raw.starts_with("# Report"),
        "{raw}"
    );
    let copied = press(&mut model, KeyCode::Char('y'));
    assert_eq!(copied, [Effect::Copy(raw.clone())]);
    let written = press(&mut model, KeyCode::Char('e'));
    let text = raw + "\n";
    assert!(matches!(&written[..], [Effect::ExportText { text: file, .. }] if *file == text));
}

#[test]
fn overlays() {
    let after = |keys: &'static [KeyCode], text: &'static str| {
        move |columns, rows| {
            let mut model = incident_estate(columns, rows);
            for code in keys {
                press(&mut model, *code);
            }
            type_text(&mut model, text);
            model
        }
    };
    hold("help", after(&[KeyCode::Char('?')], ""));
    hold("palette", after(&[KeyCode::Char(':')], "so"));
    hold("palette_nothing", after(&[KeyCode::Char(':')], "zzzz"));
    hold("log_empty", after(&[KeyCode::Char('L')], ""));
    hold("clock", after(&[KeyCode::Char('t')], ""));
    hold("clock_unreadable", |columns, rows| {
        let mut model = estate(columns, rows);
        press(&mut model, KeyCode::Char('t'));
        type_text(&mut model, "yesterdayish");
        press(&mut model, KeyCode::Enter);
        model
    });
    hold("log", |columns, rows| {
        let mut model = failing(incident_estate(columns, rows));
        press(&mut model, KeyCode::Char('L'));
        model
    });
}

#[test]
fn a_protected_account_and_read_only_are_told_without_colour_too() {
    hold("protected", |columns, rows| {
        let mut model = looking(incident_estate(columns, rows), config::Theme::Mono, false);
        model.known.settings.protected.insert(home().account);
        model.known.settings.read_only = true;
        model
    });
}

/// A session that ends in so many minutes, told in the first line alone.
fn first_line(columns: u16, minutes: i64, also: impl Fn(&mut Model)) -> String {
    let mut model = incident_estate(columns, 24);
    let at = now() + jiff::SignedDuration::from_mins(minutes);
    model.known.expirations.insert(home(), at);
    also(&mut model);
    text_of(&drawn(&mut model), 0)
}

#[test]
fn a_session_is_told_as_there_is_room_and_its_end_before_anything_that_is_good_to_know() {
    let nothing = |_: &mut Model| {};
    let lines = [
        first_line(120, 43, nothing),
        first_line(80, 43, nothing),
        first_line(60, 43, nothing),
        first_line(60, 14, nothing),
        first_line(60, -1, nothing),
        first_line(60, 4, |model| model.known.settings.read_only = true),
    ];
    insta::assert_snapshot!(lines.join("\n"));
    hold("token", |columns, rows| {
        let mut model = incident_estate(columns, rows);
        let at = now() + jiff::SignedDuration::from_mins(if columns > 100 { 14 } else { 4 });
        model.known.expirations.insert(home(), at);
        model
    });
}

#[test]
fn an_endpoint_that_is_not_awss_own_is_told_in_the_header_and_in_the_log() {
    for (columns, rows) in SIZES {
        let mut model = incident_estate(columns, rows);
        let first_row = |model: &mut Model| text_of(&drawn(model), 0);
        assert!(!first_row(&mut model).contains("ENDPOINT"));
        let connected = Scanned::Connected {
            place: home(),
            role: "arn:aws:iam::111122223333:user/ops".into(),
            endpoints: ["http://127.0.0.1:5000\u{202e}".to_owned()].into(),
            nth: 1,
        };
        scanned(&mut model, connected);
        let header = first_row(&mut model);
        for whole in ["CUSTOM ENDPOINT", "111122223333", "T 02:17Z"] {
            assert!(header.contains(whole), "{header}");
        }
        press(&mut model, KeyCode::Char('L'));
        let log = looks(&drawn(&mut model));
        let told = "CUSTOM ENDPOINT http://127.0.0.1:5000‹U+202E› for 111122223333";
        assert!(log.contains(told), "{log}");
    }
}

#[test]
fn a_terminal_that_is_too_small_is_told_so() {
    for size in [(20, 5), (59, 24), (80, 14), (1, 1), (60, 15)] {
        let mut model = incident_estate(size.0, size.1);
        let text = looks(&drawn(&mut model));
        assert_eq!(
            text.contains("defib needs"),
            size != (60, 15) && size != (1, 1),
            "{text}"
        );
    }
}

#[test]
fn the_detail_stands_beside_the_list_where_the_terminal_is_wide_and_else_below() {
    for (columns, beside) in [(119, false), (120, true), (200, true)] {
        let mut model = incident_estate(columns, 30);
        let buffer = drawn(&mut model);
        let named = (3..28).find(|row| {
            let text = text_of(&buffer, *row);
            text.ends_with("on i-0c4e8f1a2b3d5e607 /dev/sdf") || text.contains("200 GiB")
        });
        let row = named.expect("what is under the cursor is told");
        assert_eq!(row < 10, beside, "{columns}: row {row}");
    }
}

#[test]
fn a_wide_list_is_drawn_at_any_cursor_and_any_size() {
    let mut model = hostile(80, 24);
    for (columns, rows) in [(80, 24), (60, 15), (200, 60), (61, 16), (133, 17)] {
        update(&mut model, Msg::Resized(columns, rows));
        for code in [
            KeyCode::End,
            KeyCode::Up,
            KeyCode::PageUp,
            KeyCode::PageDown,
            KeyCode::Home,
        ] {
            update(&mut model, Msg::Key(key(code)));
            drawn(&mut model);
        }
    }
    assert_eq!(model.view, View::Resources);
}
