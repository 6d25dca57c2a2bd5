//! Every action of the table, by what it changes and what it asks for: an action that is added without a
//! line here does not compile. And every message, where it is not told by the screens' own tests.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::*;
use crate::catalog::store::GONE;
use crate::domain::recovery_point::PointKind;
use crate::domain::run::CommandKind;
use crate::report::{FAILED, Report};
use crate::tui::fixtures::{
    denied, estate, home, key, model, now, press, scan_begins, scanned, snapshot, type_text, volume,
};
use crate::tui::msg::Scanned;
use crate::tui::overlays;
use crate::tui::screens::run::specimens;
use crate::tui::screenshots::looked_at;

/// The estate with the incident set and the cursor on the damaged volume.
fn browser() -> Model {
    let mut model = estate(80, 24);
    model.known.incident = Some("2026-03-14T02:17:00Z".parse().unwrap());
    press(&mut model, KeyCode::Down);
    model
}

fn timeline() -> Model {
    let mut model = browser();
    act(&mut model, Action::Open);
    settle(&mut model);
    assert!(matches!(model.screens.last(), Some(Screen::Resource(_))));
    model
}

/// A run in its outage, on the screen.
fn run() -> Model {
    run_of(&specimens::in_outage())
}

fn run_of(story: &specimens::Story) -> Model {
    let mut model = browser();
    let known = std::mem::replace(&mut model.known, model_of_nothing());
    model.known = story.add_to(known);
    let run = RunId::from(specimens::RUN);
    model.screens.push(Screen::Run(RunScreen::new(run)));
    settle(&mut model);
    model
}

fn model_of_nothing() -> crate::tui::known::Known {
    model(80, 24).known
}

fn text() -> Model {
    let mut model = run();
    let run = RunId::from(specimens::RUN);
    let text = "a line\n".repeat(100);
    update(&mut model, Msg::ReportWritten { run, text });
    assert!(matches!(model.screens.last(), Some(Screen::Text(_))));
    model
}

fn after(mut model: Model, action: Action) -> (Model, Vec<Effect>) {
    let effects = act(&mut model, action);
    settle(&mut model);
    (model, effects)
}

fn quiet(model: Model, action: Action) -> Model {
    let (model, effects) = after(model, action);
    assert_eq!(effects, [], "{}", action.name());
    model
}

fn at(model: &Model) -> usize {
    model.resources.at
}

fn resource(model: &Model) -> &crate::tui::screens::resource::Resource {
    match model.screens.last() {
        Some(Screen::Resource(screen)) => screen,
        other => panic!("{other:?}"),
    }
}

fn said(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |notice| &notice.text)
}

fn sends(effects: &[Effect], wanted: &CommandKind) -> bool {
    matches!(effects, [Effect::Send { run, kind, .. }] if run.as_str() == specimens::RUN && kind == wanted)
}

fn asks(model: &Model) -> bool {
    matches!(model.overlay, Some(Overlay::Confirm(_)))
}

#[test]
fn every_action_does_what_its_sentence_says() {
    for action in Action::ALL {
        does(*action);
    }
}

/// Holds one action against its sentence, where it applies.
#[expect(
    clippy::too_many_lines,
    reason = "one arm for each action of the table"
)]
fn does(action: Action) {
    match action {
        Action::Incident => {
            let model = quiet(browser(), action);
            assert!(matches!(model.overlay, Some(Overlay::Incident(_))));
        }
        Action::ViewResources => assert_eq!(quiet(timeline(), action).view, View::Resources),
        Action::ViewSnapshots => {
            let model = quiet(timeline(), action);
            assert!(model.view == View::Snapshots && model.screens.is_empty());
        }
        Action::ViewAmis => assert_eq!(quiet(timeline(), action).view, View::Amis),
        Action::ViewWindows => assert_eq!(quiet(timeline(), action).view, View::Windows),
        Action::ViewVaults => assert_eq!(quiet(timeline(), action).view, View::Vaults),
        Action::Details => {
            for model in [browser(), timeline()] {
                let model = quiet(model, action);
                let Some(Screen::Point(screen)) = model.screens.last() else {
                    panic!("{:?}", model.screens);
                };
                let text = &screen.text;
                assert!(
                    text.title.starts_with("ebs-snapshot snap-"),
                    "{}",
                    text.title
                );
            }
        }
        Action::ViewRuns => assert_eq!(quiet(browser(), action).view, View::Runs),
        Action::Help => assert!(matches!(
            quiet(browser(), action).overlay,
            Some(Overlay::Help(_))
        )),
        Action::Palette => {
            assert!(matches!(
                quiet(browser(), action).overlay,
                Some(Overlay::Palette(_))
            ));
        }
        Action::Log => assert!(matches!(
            quiet(run(), action).overlay,
            Some(Overlay::Log(_))
        )),
        Action::Back => {
            assert!(quiet(timeline(), action).screens.is_empty());
            let mut filtered = browser();
            act(&mut filtered, Action::Filter);
            type_text(&mut filtered, "orders");
            press(&mut filtered, KeyCode::Enter);
            assert_eq!(quiet(filtered, action).resources.filter.text(), "");
        }
        Action::Leave => {
            let (model, effects) = after(run(), action);
            assert!(model.screens.is_empty() && !model.over && effects.is_empty());
            assert!(said(&model).contains("goes on"), "{}", said(&model));
            let (model, effects) = after(browser(), action);
            assert!(model.over && effects == [Effect::Quit]);
        }
        Action::Quit => {
            let (model, effects) = after(run(), action);
            assert!(model.over && effects == [Effect::Quit]);
        }
        Action::Suspend => assert_eq!(after(run(), action).1, [Effect::Suspend]),
        Action::Redraw => assert_eq!(after(run(), action).1, [Effect::Redraw]),
        Action::Copy => {
            let (model, effects) = after(timeline(), action);
            let id = "snap-0b7e41c8d92f3a650".to_owned();
            assert_eq!(effects, [Effect::Copy(id.clone())]);
            assert!(
                said(&model).contains(&id),
                "what was copied is shown as well"
            );
        }
        Action::MoveUp | Action::First | Action::PageUp => {
            assert_eq!(at(&quiet(browser(), action)), 0);
        }
        Action::MoveDown | Action::PageDown | Action::Last => {
            assert_eq!(at(&quiet(browser(), action)), 2);
        }
        Action::Open => assert_eq!(
            resource(&quiet(browser(), action)).found.id,
            "vol-0a5d3c9e71b2f4608"
        ),
        Action::Filter => assert!(quiet(browser(), action).resources.filtering),
        Action::Sort => {
            let model = quiet(browser(), action);
            assert!(said(&model).contains("data lost"), "{}", said(&model));
        }
        Action::SortReverse => assert!(quiet(browser(), action).resources.reversed),
        Action::Restore => {
            let (model, effects) = after(timeline(), action);
            assert!(matches!(model.screens.last(), Some(Screen::Wizard(_))));
            assert!(
                matches!(
                    effects[..],
                    [Effect::Prepare {
                        flow: "volume-swap",
                        ..
                    }]
                ),
                "{effects:?}"
            );
        }
        Action::Retry => assert_eq!(after(browser(), action).1, [Effect::Scan]),
        Action::Profiles => {
            let (model, effects) = after(browser(), action);
            assert!(matches!(model.overlay, Some(Overlay::Profiles(_))));
            assert_eq!(effects, [Effect::ReadProfiles]);
        }
        Action::ZoomIn | Action::ZoomOut => {
            let before = resource(&timeline()).stretch(&timeline().known);
            let model = quiet(timeline(), action);
            let now = resource(&model).stretch(&model.known);
            let length = |(from, to): (jiff::Timestamp, jiff::Timestamp)| to.duration_since(from);
            assert_eq!(length(now) < length(before), action == Action::ZoomIn);
        }
        Action::ScrollLeft | Action::ScrollRight => {
            let before = resource(&timeline()).stretch(&timeline().known);
            let model = quiet(timeline(), action);
            let now = resource(&model).stretch(&model.known);
            assert_eq!(now.0 < before.0, action == Action::ScrollLeft);
        }
        // The wizard's own tests hold these key by key; here, that they reach it.
        Action::NextField | Action::PreviousField | Action::NextValue | Action::PreviousValue => {
            reaches_the_wizard(action);
        }
        Action::ClearField | Action::Submit => reaches_the_wizard(action),
        Action::Calls => assert!(matches!(after(run(), action).1[..], [Effect::Calls { .. }])),
        Action::Export => {
            let effects = after(text(), action).1;
            assert!(
                matches!(&effects[..], [Effect::ExportText { name, .. }] if name.starts_with("defib-report-"))
            );
        }
        Action::Instance => {
            let (model, effects) = after(looked_at(), action);
            assert!(matches!(model.overlay, Some(Overlay::Instance(_))));
            assert!(matches!(effects[..], [Effect::Look { .. }]), "{effects:?}");
        }
        Action::Answer => {
            assert!(asks(&quiet(run_of(&specimens::gate_open()), action)));
            let effects = after(run_of(&specimens::done()), action).1;
            assert!(
                matches!(effects[..], [Effect::Report { .. }]),
                "{effects:?}"
            );
        }
        Action::Decline => {
            let (model, effects) = after(run_of(&specimens::gate_open()), action);
            assert!(
                effects.is_empty() && model.notice.is_some(),
                "it may not be"
            );
        }
        Action::Pause => assert!(sends(&after(run(), action).1, &CommandKind::Pause)),
        Action::Resume => {
            assert!(sends(
                &after(run_of(&specimens::paused()), action).1,
                &CommandKind::Resume
            ));
        }
        Action::Abort | Action::Undo => {
            let model = quiet(run(), action);
            assert!(asks(&model), "nothing is sent before a yes");
        }
        Action::Report => assert!(matches!(
            after(run(), action).1[..],
            [Effect::Report { .. }]
        )),
        Action::KillRunner => {
            let (model, effects) = after(run(), action);
            assert!(
                effects.is_empty() && model.notice.is_some(),
                "only the demo kills its runners"
            );
            let mut demo = run();
            demo.known.settings.story = Some(crate::tui::fixtures::story());
            let effects = after(demo, action).1;
            assert!(
                matches!(&effects[..], [Effect::KillRunner(run)] if run.as_str() == specimens::RUN)
            );
        }
    }
}

fn reaches_the_wizard(action: Action) {
    let mut model = timeline();
    act(&mut model, Action::Restore);
    let wizard = model.screens.len();
    act(&mut model, action);
    assert_eq!(
        model.screens.len(),
        wizard,
        "{} stays in the wizard",
        action.name()
    );
}

#[test]
fn every_action_is_bound_told_in_the_help_and_reachable_from_the_palette() {
    for action in Action::ALL {
        let model = browser();
        let keymap = &model.known.settings.keymap;
        let bound = |context: &Context| !keymap.chords(*action, *context).is_empty();
        assert!(
            action.contexts().iter().all(bound),
            "{} has a key",
            action.name()
        );
        let help = overlays::help::lines(&[Context::Global], &model.known);
        let told = help.iter().any(|line| {
            let line: String = line
                .spans
                .iter()
                .map(|span| span.content.as_ref())
                .collect();
            let first = action
                .sentence()
                .split(' ')
                .take(4)
                .collect::<Vec<_>>()
                .join(" ");
            line.contains(&first)
        });
        assert!(told, "{} is in the help", action.name());
        let mut palette = overlays::palette::Palette::new(&[Context::Global], Vec::new());
        palette.paste(action.name());
        assert_eq!(
            palette.actions().first(),
            Some(action),
            "{} is found by its name",
            action.name()
        );
    }
}

#[test]
fn every_action_may_come_anywhere_and_nothing_panics() {
    let wizard = || {
        let mut model = timeline();
        act(&mut model, Action::Restore);
        model
    };
    let places: [&dyn Fn() -> Model; 7] = [
        &browser,
        &timeline,
        &run,
        &text,
        &wizard,
        &|| model(20, 5),
        &|| {
            let mut model = browser();
            act(&mut model, Action::ViewRuns);
            model
        },
    ];
    for place in places {
        for first in Action::ALL {
            let mut model = place();
            act(&mut model, *first);
            for next in Action::ALL {
                act(&mut model, *next);
                settle(&mut model);
            }
        }
    }
}

#[test]
fn a_chord_waits_for_its_second_key_and_a_stranger_ends_it() {
    let mut model = browser();
    press(&mut model, KeyCode::Char('g'));
    assert_eq!((at(&model), model.pressed.len()), (1, 1));
    press(&mut model, KeyCode::Char('g'));
    assert_eq!((at(&model), model.pressed.len()), (0, 0));
    press(&mut model, KeyCode::Char('g'));
    press(&mut model, KeyCode::Char('x'));
    assert!(model.pressed.is_empty());
}

#[test]
fn keys_that_come_faster_than_frames_find_what_the_ones_before_left() {
    let mut model = estate(80, 24);
    for c in "/orders".chars() {
        update(&mut model, Msg::Key(key(KeyCode::Char(c))));
    }
    update(&mut model, Msg::Key(key(KeyCode::Enter)));
    update(&mut model, Msg::Key(key(KeyCode::Enter)));
    assert_eq!(
        resource(&model).found.name.as_ref().unwrap().raw(),
        "orders-db-data"
    );
}

#[test]
fn releases_are_no_keys_and_ctrl_c_ends_it_from_anywhere() {
    let mut model = browser();
    let mut release = key(KeyCode::Down);
    release.kind = KeyEventKind::Release;
    model.dirty = false;
    assert_eq!(update(&mut model, Msg::Key(release)), []);
    assert!(!model.dirty);
    let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    for open in [
        Action::Filter,
        Action::Incident,
        Action::Palette,
        Action::Help,
        Action::Restore,
    ] {
        let mut model = browser();
        act(&mut model, open);
        assert_eq!(
            update(&mut model, Msg::Key(ctrl_c)),
            [Effect::Quit],
            "{}",
            open.name()
        );
    }
}

#[test]
fn the_cursor_follows_its_row_while_rows_stream_in_and_the_filter_is_kept() {
    let mut model = browser();
    let before = model.resources.row();
    let more = (0..50).map(|n| volume(&format!("vol-{n:017}"), &format!("a-{n}")));
    scanned(
        &mut model,
        Scanned::Found {
            points: vec![],
            resources: more.collect(),
        },
    );
    settle(&mut model);
    assert_eq!(model.resources.row(), before);
    act(&mut model, Action::Filter);
    type_text(&mut model, "orders");
    assert_eq!(model.resources.shown().len(), 1);
    let late = volume("vol-0999", "orders-archive");
    scanned(
        &mut model,
        Scanned::Found {
            points: vec![],
            resources: vec![late],
        },
    );
    settle(&mut model);
    assert_eq!(
        model.resources.shown().len(),
        2,
        "what arrives is filtered too"
    );
}

/// Tells that a listing failed in a Region.
fn not_listed(region: &str) -> Scanned {
    Scanned::NotListed {
        place: Place {
            region: region.into(),
            ..home()
        },
        kind: PointKind::EbsSnapshot,
        failure: Box::new(denied("ec2:DescribeSnapshots")),
    }
}

fn not_connected(region: &str) -> Scanned {
    Scanned::NotConnected {
        nth: 1,
        profile: Some("acme-dr".into()),
        name: format!("acme-dr {region}"),
        report: Report::new(FAILED, "expired").todo("aws sso login"),
    }
}

fn names_of_failures(model: &Model) -> Vec<&str> {
    let failures = model.known.catalog.failures.iter();
    failures.map(|failure| failure.name.as_str()).collect()
}

#[test]
fn what_fails_alike_in_a_place_or_for_a_profile_is_one_line() {
    let mut model = browser();
    scan_begins(&mut model);
    for told in [
        not_listed("us-east-1"),
        not_listed("us-east-1"),
        not_listed("eu-west-1"),
        not_connected("eu-west-1"),
        not_connected("us-east-1"),
    ] {
        scanned(&mut model, told);
    }
    let wanted = [
        "us-east-1 111122223333 (2 listings)",
        "eu-west-1 111122223333 ebs-snapshot",
        "acme-dr (2 Regions)",
    ];
    assert_eq!(names_of_failures(&model), wanted);
    assert_eq!(model.known.log.len(), 5, "the log has each of them");
}

#[test]
fn to_ask_again_means_what_failed_while_the_rest_is_listed_and_everything_after_that() {
    let mut model = browser();
    let asks = |model: &mut Model| {
        let effects = press(model, KeyCode::Char('R'));
        (effects, said(model).to_owned())
    };
    scan_begins(&mut model);
    let (effects, said) = asks(&mut model);
    assert_eq!(effects, []);
    assert!(said.contains("still listing"), "{said}");
    let more = false;
    scanned(&mut model, Scanned::Listing { sources: 2, more });
    scanned(&mut model, not_listed("us-east-1"));
    let (effects, said) = asks(&mut model);
    assert_eq!(effects, [Effect::Retry]);
    assert!(said.contains("what has failed"), "{said}");
    scanned(
        &mut model,
        Scanned::Listed {
            place: home(),
            kind: PointKind::EbsSnapshot,
        },
    );
    let (effects, said) = asks(&mut model);
    assert_eq!(effects, [Effect::Scan]);
    assert!(said.contains("everything"), "{said}");
}

#[test]
fn what_is_asked_again_is_no_failure_any_more_and_is_under_way() {
    let mut model = browser();
    scan_begins(&mut model);
    let more = false;
    scanned(&mut model, Scanned::Listing { sources: 3, more });
    scanned(&mut model, not_listed("eu-west-1"));
    scanned(&mut model, not_connected("us-east-1"));
    scanned(&mut model, Scanned::Again);
    assert_eq!(names_of_failures(&model), [""; 0]);
    let place = home();
    let kinds = vec![PointKind::EbsSnapshot];
    scanned(&mut model, Scanned::Relisting { place, kinds });
    let more = true;
    scanned(&mut model, Scanned::Listing { sources: 0, more });
    let catalog = &model.known.catalog;
    assert_eq!((catalog.under_way, catalog.connecting), (3, true));
}

#[test]
fn a_listing_that_failed_and_then_succeeds_leaves_its_place_complete() {
    let mut model = browser();
    scan_begins(&mut model);
    let more = false;
    scanned(&mut model, Scanned::Listing { sources: 2, more });
    scanned(&mut model, not_listed("eu-west-1"));
    scanned(&mut model, not_listed("us-east-1"));
    let gone = |model: &Model| model.known.catalog.store.gone_points();
    assert_eq!(gone(&model), 0, "nothing was listed completely");
    let place = home();
    let kinds = vec![PointKind::EbsSnapshot];
    scanned(&mut model, Scanned::Relisting { place, kinds });
    assert_eq!(
        names_of_failures(&model),
        ["us-east-1 111122223333 ebs-snapshot"],
        "another place still has its failure"
    );
    scanned(
        &mut model,
        Scanned::Listed {
            place: home(),
            kind: PointKind::EbsSnapshot,
        },
    );
    assert!(!model.known.catalog.is_growing());
    assert!(gone(&model) > 0, "what was not found is gone");
}

#[test]
fn what_failed_is_a_line_and_a_new_scan_forgets_it_and_keeps_the_rows() {
    let mut model = browser();
    let rows = model.resources.shown().len();
    let report = Report::new(FAILED, "expired").todo("aws sso login");
    scanned(
        &mut model,
        Scanned::Listing {
            sources: 2,
            more: false,
        },
    );
    scanned(&mut model, not_listed("us-east-1"));
    scanned(
        &mut model,
        Scanned::NotConnected {
            nth: 1,
            profile: Some("acme-dr".into()),
            name: "acme-dr".into(),
            report,
        },
    );
    assert_eq!(model.known.catalog.failures.len(), 2);
    assert_eq!(model.known.catalog.under_way, 1);
    assert!(!model.known.catalog.is_whole());
    scan_begins(&mut model);
    settle(&mut model);
    assert!(model.known.catalog.failures.is_empty());
    assert_eq!(model.resources.shown().len(), rows);
}

#[test]
fn a_start_of_another_draft_is_told_and_opens_nothing() {
    let mut model = browser();
    let run = RunId::from(specimens::RUN);
    update(&mut model, Msg::Started { draft: 99, run });
    assert!(model.screens.is_empty());
    assert!(said(&model).contains(specimens::RUN));
}

#[test]
fn an_incident_is_set_by_typing_and_cleared_by_nothing() {
    let mut model = estate(80, 24);
    press(&mut model, KeyCode::Char('t'));
    type_text(&mut model, "02:17");
    press(&mut model, KeyCode::Enter);
    assert_eq!(
        model.known.incident,
        Some("2026-03-14T02:17:00Z".parse().unwrap())
    );
    press(&mut model, KeyCode::Char('t'));
    update(
        &mut model,
        Msg::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)),
    );
    type_text(&mut model, "23:59:59Z tomorrow");
    press(&mut model, KeyCode::Enter);
    assert!(
        model.overlay.is_some(),
        "what cannot be read is asked again, and nothing typed is lost"
    );
    assert!(model.known.incident.is_some());
}

#[test]
fn leaving_while_a_run_is_not_over_takes_a_second_yes() {
    let mut model = run();
    model.screens.clear();
    assert_eq!(act(&mut model, Action::Leave), []);
    assert!(
        !model.over && said(&model).contains("THE SERVICE IS DOWN"),
        "{}",
        said(&model)
    );
    act(&mut model, Action::MoveDown);
    assert_eq!(
        act(&mut model, Action::Leave),
        [],
        "another key takes it back"
    );
    assert_eq!(act(&mut model, Action::Leave), [Effect::Quit]);
}

#[test]
fn a_text_that_comes_late_covers_nothing_else() {
    let report = || Msg::ReportWritten {
        run: RunId::from(specimens::RUN),
        text: "# Report".into(),
    };
    let mut wizard = timeline();
    act(&mut wizard, Action::Restore);
    update(&mut wizard, report());
    assert!(matches!(wizard.screens.last(), Some(Screen::Wizard(_))));
    let mut asked = run();
    act(&mut asked, Action::Abort);
    update(&mut asked, report());
    assert!(asks(&asked) && matches!(asked.screens.last(), Some(Screen::Run(_))));
    let mut there = run();
    update(&mut there, report());
    update(&mut there, report());
    assert_eq!(
        there.screens.len(),
        2,
        "one report, however often it was asked for"
    );
}

#[test]
fn going_on_in_a_protected_account_is_typed() {
    for (story, action) in [
        (specimens::paused(), Action::Resume),
        (specimens::gate_open(), Action::Answer),
        (specimens::in_outage(), Action::Undo),
    ] {
        let mut model = run_of(&story);
        let account = model
            .known
            .runs
            .cards
            .values()
            .next()
            .unwrap()
            .state
            .plan
            .place
            .account
            .clone();
        model.known.settings.protected.insert(account);
        let (mut model, effects) = after(model, action);
        assert!(effects.is_empty() && asks(&model), "{}", action.name());
        assert_eq!(press(&mut model, KeyCode::Char('y')), []);
        assert_eq!(
            press(&mut model, KeyCode::Enter),
            [],
            "{} takes the name alone",
            action.name()
        );
    }
}

#[test]
fn a_task_that_breaks_down_ends_the_console_and_a_runner_that_lives_is_no_failure() {
    let mut model = browser();
    assert_eq!(
        update(&mut model, Msg::Panicked("index out of bounds".into())),
        [Effect::Quit]
    );
    assert_eq!(model.crashed.as_deref(), Some("index out of bounds"));
    let mut model = run();
    let run = RunId::from(specimens::RUN);
    let report = Report::new(FAILED, "the disk is full");
    update(
        &mut model,
        Msg::RunnerFailed {
            run: run.clone(),
            report,
        },
    );
    assert!(model.known.runs.cards[&run].runner_failed.is_some());
    update(
        &mut model,
        Msg::RunHeld {
            run: run.clone(),
            held: true,
        },
    );
    assert!(
        model.known.runs.cards[&run].runner_failed.is_none(),
        "the next one is at it"
    );
}

#[test]
fn pasted_text_goes_where_typed_text_would() {
    let mut model = browser();
    update(&mut model, Msg::Paste("orders\n".into()));
    assert_eq!(model.resources.filter.text(), "", "nothing is typed here");
    act(&mut model, Action::Filter);
    update(&mut model, Msg::Paste("orders\u{1b}[31m".into()));
    settle(&mut model);
    assert!(model.resources.filter.text().starts_with("orders"));
    assert_eq!(model.known.catalog.places[0].place, home());
}

#[test]
fn a_session_that_ends_later_is_drawn_only_where_another_minute_is_shown() {
    let mut model = browser();
    let mut expires = |seconds: i64| {
        model.dirty = false;
        let at = Some(now() + jiff::SignedDuration::from_secs(seconds));
        let place = home();
        assert_eq!(update(&mut model, Msg::Expires { place, at }), []);
        model.dirty
    };
    assert!(expires(2600));
    assert!(!expires(2610), "the same minute");
    assert!(expires(2640));
    let mut model = browser();
    model.dirty = false;
    let (place, at) = (home(), None);
    update(&mut model, Msg::Expires { place, at });
    assert!(!model.dirty, "keys that do not expire show nothing");
}

#[test]
fn what_a_scan_that_was_given_up_still_tells_is_ignored() {
    let mut model = browser();
    scan_begins(&mut model);
    let old = model.known.catalog.scan;
    scan_begins(&mut model);
    let rows = model.known.catalog.store.count();
    let late = [
        Scanned::Listing {
            sources: 7,
            more: false,
        },
        Scanned::Found {
            points: vec![snapshot("snap-0late", "vol-1", 3)],
            resources: vec![],
        },
        Scanned::Listed {
            place: home(),
            kind: PointKind::EbsSnapshot,
        },
        Scanned::Began,
    ];
    for told in late {
        let number = old;
        update(&mut model, Msg::Scan { number, told });
    }
    let catalog = &model.known.catalog;
    assert_eq!(catalog.store.count(), rows);
    assert_eq!((catalog.scan, catalog.under_way), (old + 1, 0));
    assert!(catalog.connecting);
}

/// A rescan that finds nothing but one volume, and fails where it is told so.
fn rescanned(fails: bool) -> Model {
    let mut model = browser();
    scan_begins(&mut model);
    scanned(
        &mut model,
        Scanned::Listing {
            sources: 1,
            more: false,
        },
    );
    let resources = vec![volume("vol-0a5d3c9e71b2f4608", "orders-db-data")];
    let points = vec![snapshot(
        "snap-015aa0c7e1f94663c",
        "vol-0a5d3c9e71b2f4608",
        88,
    )];
    scanned(&mut model, Scanned::Found { points, resources });
    let end = if fails {
        not_listed("eu-west-1")
    } else {
        Scanned::Listed {
            place: home(),
            kind: PointKind::EbsSnapshot,
        }
    };
    scanned(&mut model, end);
    settle(&mut model);
    model
}

#[test]
fn what_a_complete_rescan_does_not_find_is_gone_and_is_no_longer_restored_from() {
    let mut model = rescanned(false);
    press(&mut model, KeyCode::Char('2'));
    press(&mut model, KeyCode::Char('r'));
    assert!(said(&model).contains("is gone"), "{}", said(&model));
    assert!(model.screens.is_empty());
    let mut model = rescanned(false);
    let volume = &model.known.catalog.store.resources()[0];
    let store = &model.known.catalog.store;
    let best = store.best_before(volume, model.known.incident);
    assert_eq!(best.unwrap().point.id(), "snap-015aa0c7e1f94663c");
    press(&mut model, KeyCode::Char('2'));
    assert_eq!(model.snapshots.shown().len(), 5, "no row is dropped");
}

#[test]
fn where_a_rescan_fails_nothing_counts_as_gone() {
    let model = rescanned(true);
    let store = &model.known.catalog.store;
    assert!(store.points().all(|point| point.state() != GONE));
    assert!(!store.resources().iter().any(|one| store.is_gone(one)));
}

#[test]
fn the_filter_puts_what_fits_best_first_until_a_sort_is_asked_for() {
    let mut model = estate(80, 24);
    let more = ["data-of-the-billing-lab", "lab"];
    let resources = more
        .iter()
        .enumerate()
        .map(|(n, name)| volume(&format!("vol-{n:017}"), name));
    let resources = resources.collect();
    scanned(
        &mut model,
        Scanned::Found {
            points: vec![],
            resources,
        },
    );
    act(&mut model, Action::Filter);
    type_text(&mut model, "lab");
    let names = |model: &Model| -> Vec<String> {
        let store = &model.known.catalog.store;
        let rows = model.resources.shown().iter();
        rows.map(|row| {
            store.resources()[*row as usize]
                .name
                .as_ref()
                .unwrap()
                .shown()
        })
        .collect()
    };
    assert_eq!(names(&model), ["lab", "data-of-the-billing-lab"]);
    assert_eq!(at(&model), 0, "the cursor is on the best");
    press(&mut model, KeyCode::Enter);
    act(&mut model, Action::SortReverse);
    act(&mut model, Action::SortReverse);
    settle(&mut model);
    assert_eq!(names(&model), ["data-of-the-billing-lab", "lab"]);
    act(&mut model, Action::Back);
    settle(&mut model);
    assert_eq!(model.resources.shown().len(), 5);
    let row = model.resources.row().unwrap();
    let found = &model.known.catalog.store.resources()[row];
    assert_eq!(
        found.name.as_ref().unwrap().raw(),
        "lab",
        "what was found stays under the cursor"
    );
}

/// The actions of the palette as it is opened, those that do something there and the others.
fn in_palette(model: &mut Model) -> (Vec<Action>, Vec<Action>) {
    let useful = useful::useful(model);
    act(model, Action::Palette);
    let Some(Overlay::Palette(palette)) = &model.overlay else {
        panic!("the palette is open");
    };
    let all = palette.actions().into_iter();
    all.partition(|action| useful.contains(action))
}

#[test]
fn the_palette_lists_first_what_does_something_here() {
    let mut done = run_of(&specimens::done());
    let (here, elsewhere) = in_palette(&mut done);
    assert_eq!(here[0], Action::Calls, "{here:?}");
    for action in [Action::Undo, Action::Report, Action::Answer, Action::Back] {
        assert!(here.contains(&action), "{}", action.name());
    }
    for action in [
        Action::Pause,
        Action::Resume,
        Action::KillRunner,
        Action::Filter,
    ] {
        assert!(elsewhere.contains(&action), "{}", action.name());
    }
    let mut read_only = run();
    read_only.known.settings.read_only = true;
    let (here, elsewhere) = in_palette(&mut read_only);
    assert!(here.contains(&Action::Pause), "to stop is never forbidden");
    assert!(elsewhere.contains(&Action::Undo));
    let (here, elsewhere) = in_palette(&mut timeline());
    assert_eq!(here[0], Action::ZoomIn, "{here:?}");
    assert!(elsewhere.contains(&Action::Filter), "{elsewhere:?}");
    let (here, _) = in_palette(&mut browser());
    assert!(here.contains(&Action::Filter) && !here.contains(&Action::ViewResources));
}

#[test]
fn the_palette_lists_what_is_useful_before_anything_that_is_not() {
    let models: [fn() -> Model; 4] = [browser, timeline, run, text];
    for model in models {
        let mut model = model();
        let (here, elsewhere) = in_palette(&mut model);
        let Some(Overlay::Palette(palette)) = &model.overlay else {
            panic!("the palette is open");
        };
        let listed = palette.actions();
        assert_eq!(listed, [here, elsewhere].concat());
        assert_eq!(listed.len(), Action::ALL.len());
    }
}

#[test]
fn to_ask_what_is_useful_changes_nothing() {
    let mut model = timeline();
    act(&mut model, Action::Restore);
    let before = format!("{model:?}");
    let useful = useful::useful(&model);
    assert_eq!(format!("{model:?}"), before);
    assert!(useful.contains(&Action::Submit) && !useful.contains(&Action::ClearField));
}

#[test]
fn while_a_place_still_waits_for_a_code_nothing_counts_as_gone() {
    let mut model = browser();
    scan_begins(&mut model);
    let listing = |sources, more| Scanned::Listing { sources, more };
    scanned(&mut model, listing(1, true));
    scanned(
        &mut model,
        Scanned::Listed {
            place: home(),
            kind: PointKind::EbsSnapshot,
        },
    );
    let gone = |model: &Model| model.known.catalog.store.gone_points() > 0;
    assert!(model.known.catalog.is_growing() && !gone(&model));
    scanned(&mut model, listing(0, false));
    assert!(!model.known.catalog.is_growing() && gone(&model));
}

#[test]
fn a_point_without_a_flow_is_named_and_nothing_is_begun() {
    let mut model = estate(80, 24);
    let mut table = snapshot("orders", "vol-0a5d3c9e71b2f4608", 9);
    table.kind = crate::domain::recovery_point::PointKind::DynamodbBackup;
    let points = vec![table];
    let resources = vec![];
    scanned(&mut model, Scanned::Found { points, resources });
    press(&mut model, KeyCode::Char('2'));
    press(&mut model, KeyCode::Down);
    press(&mut model, KeyCode::Char('r'));
    assert!(model.screens.is_empty());
    let text = "no flow for dynamodb-backup yet: use the AWS console or CLI, y copies orders";
    assert_eq!(said(&model), text);
    let copied = press(&mut model, KeyCode::Char('y'));
    assert_eq!(copied, [Effect::Copy("orders".into())]);
}

#[test]
fn the_end_of_a_scan_is_told_in_a_corner_of_every_list() {
    let mut model = estate(80, 24);
    scan_begins(&mut model);
    let listing = Scanned::Listing {
        sources: 1,
        more: false,
    };
    scanned(&mut model, listing);
    let corner =
        |model: &mut Model| crate::tui::looks::text_of(&crate::tui::screenshots::drawn(model), 3);
    assert!(!corner(&mut model).contains("listed"));
    scanned(
        &mut model,
        Scanned::Listed {
            place: home(),
            kind: PointKind::EbsSnapshot,
        },
    );
    for view in ['1', '2', '3', '4', '5'] {
        press(&mut model, KeyCode::Char(view));
        let corner = corner(&mut model);
        assert!(corner.contains("listed 02:31Z"), "{view}: {corner}");
    }
}
