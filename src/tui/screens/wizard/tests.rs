//! The walk, key by key: what changes, what is asked for, and that nothing typed is lost.
//! Nothing is drawn here.

use crossterm::event::KeyCode;

use super::specimen::*;
use super::{Page, Start};
use crate::domain::form::Choices;
use crate::domain::recovery_point::{PointKind, RecoveryPoint};
use crate::domain::run::Approval;
use crate::report::{FAILED, Report};
use crate::tui::effect::{Effect, Format};
use crate::tui::fixtures;
use crate::tui::keymap::{Action, Context};
use crate::tui::known::Known;
use crate::tui::model::Go;
use crate::tui::msg::Msg;
use crate::tui::screens::Screen;
use crate::tui::update::update;

fn on(page: Page, known: Known) -> Hand {
    let mut hand = Hand::new(known);
    hand.told(stop());
    for _page in 0..Page::ALL.iter().position(|(one, _)| *one == page).unwrap() {
        hand.press("enter");
    }
    assert_eq!(hand.wizard.page, page);
    hand.effects.clear();
    hand
}

fn choices_of(effect: &Effect) -> &Choices {
    let Effect::Prepare { choices, .. } = effect else {
        panic!("{effect:?} is no preparation");
    };
    choices
}

fn gone() -> Report {
    Report::new(
        FAILED,
        "there is no instance i-0c4e8f1a2b3d5e607 in eu-west-1",
    )
}

#[test]
fn every_flow_that_applies_is_asked_at_once_with_the_point_as_its_subject() {
    let hand = Hand::new(known());
    let [
        Effect::Prepare {
            draft,
            revision,
            flow,
            place: asked,
            choices,
        },
    ] = &hand.effects[..]
    else {
        panic!("{:?}", hand.effects);
    };
    assert_eq!((*draft, *revision, *flow), (7, 1, "volume-swap"));
    assert_eq!(*asked, place());
    assert_eq!(choices.one("snapshot"), Some(SNAPSHOT));
    assert!(hand.wizard.moves());
}

#[test]
fn each_flow_gets_the_point_in_the_field_that_takes_its_kind() {
    let subject = |kind| {
        let mut known = known();
        known.settings.flows = crate::tui::effects::flows();
        let point = RecoveryPoint { kind, ..point() };
        let hand = Hand::on(&point, known);
        let asked = hand.effects.iter().map(|effect| {
            let Effect::Prepare { flow, choices, .. } = effect else {
                panic!("{effect:?} is no preparation");
            };
            let named = ["snapshot", "image"];
            let mut named = named.into_iter().filter(|name| choices.flag(name));
            (*flow, named.next().unwrap(), named.next())
        });
        asked.collect::<Vec<_>>()
    };
    let snapshot = subject(PointKind::EbsSnapshot);
    assert!(snapshot.contains(&("replace-root", "snapshot", None)));
    let image = subject(PointKind::Ami);
    assert!(image.contains(&("replace-root", "image", None)));
    assert!(image.contains(&("ami-relaunch", "image", None)));
}

#[test]
fn five_keys_and_a_yes_lead_from_the_first_page_to_a_run() {
    let mut hand = Hand::new(known());
    hand.told(stop())
        .press("enter enter enter enter")
        .types("yes")
        .press("enter");
    let [
        _,
        Effect::Start {
            draft,
            plan,
            approval,
        },
    ] = &hand.effects[..]
    else {
        panic!("{:?}", hand.effects);
    };
    assert_eq!((*draft, plan.flow.as_str()), (7, "volume-swap"));
    assert_eq!(*approval, Approval::default());
    assert!(hand.wizard.moves());
}

#[test]
fn the_console_walks_the_same_way_and_ends_on_the_screen_of_the_run() {
    let mut model = fixtures::model(80, 24);
    model.known = known();
    let (wizard, _) = super::Wizard::begin(7, &point(), &model.known);
    model.screens.push(Screen::Wizard(Box::new(wizard)));
    let outcome = Box::new(Ok(stop()));
    update(
        &mut model,
        Msg::Prepared {
            draft: 7,
            revision: 1,
            outcome,
        },
    );
    for _page in 0..4 {
        assert!(fixtures::press(&mut model, KeyCode::Enter).is_empty());
    }
    fixtures::type_text(&mut model, "yes");
    let effects = fixtures::press(&mut model, KeyCode::Enter);
    assert!(
        matches!(effects[..], [Effect::Start { draft: 7, .. }]),
        "{effects:?}"
    );
    let run = "01JD4QABCDEFGHJKMNPQRSTV7K".into();
    update(&mut model, Msg::Started { draft: 7, run });
    assert!(matches!(model.screens[..], [Screen::Run(_)]));
}

#[test]
fn enter_on_the_form_goes_on_as_soon_as_the_answer_is_there() {
    let mut hand = Hand::new(known());
    hand.press("enter enter");
    assert_eq!(hand.wizard.page, Page::Where);
    hand.told(stop());
    assert_eq!(hand.wizard.page, Page::Checks);
    assert!(!hand.wizard.moves());
}

#[test]
fn another_key_takes_back_that_the_answer_leads_on() {
    for keys in ["x", "tab", "esc enter"] {
        let mut hand = Hand::new(known());
        hand.press("enter enter").press(keys);
        hand.told(stop());
        assert_eq!(hand.wizard.page, Page::Where, "{keys}");
    }
}

#[test]
fn an_answer_that_is_not_awaited_any_more_is_dropped() {
    let mut hand = on(Page::Where, known());
    hand.press("tab")
        .types("/dev/sdg")
        .press("tab")
        .types("x")
        .press("ctrl-u right right");
    let asked = hand.wizard.revision;
    assert!(asked > 2, "{asked}");
    hand.wizard.prepared(asked - 1, Ok(unmount()));
    assert!(hand.wizard.moves());
    assert_eq!(hand.wizard.way().unwrap().checks(), stop().checks);
    hand.told(unmount());
    assert!(!hand.wizard.moves());
    hand.wizard.prepared(99, Err(gone()));
    assert_eq!(hand.wizard.way().unwrap().checks(), unmount().checks);
}

#[test]
fn a_field_is_committed_when_it_is_left_and_asks_again_only_if_it_changed() {
    let mut hand = on(Page::Where, known());
    hand.press("tab tab tab tab").types("io2");
    assert!(
        hand.effects.is_empty(),
        "nothing is asked while a field is being typed"
    );
    hand.press("tab");
    assert_eq!(hand.effects.len(), 1);
    assert_eq!(choices_of(&hand.effects[0]).one("volume-type"), Some("io2"));
    hand.press("up down down");
    assert_eq!(
        hand.effects.len(),
        1,
        "what has not changed asks for nothing"
    );
    hand.press("up up ctrl-u");
    assert_eq!(choices_of(&hand.effects[1]).one("volume-type"), None);
}

#[test]
fn a_choice_takes_its_next_word_and_the_one_before() {
    let mut hand = on(Page::Where, known());
    let chosen = |hand: &Hand| {
        choices_of(hand.effects.last().unwrap())
            .one("mode")
            .map(str::to_owned)
    };
    hand.press("tab tab right");
    assert_eq!(chosen(&hand).as_deref(), Some("unmount"));
    hand.press("space");
    assert_eq!(chosen(&hand).as_deref(), Some("beside"));
    hand.press("left left left");
    assert_eq!(chosen(&hand).as_deref(), Some("beside"));
    hand.act(Action::ClearField);
    assert_eq!(chosen(&hand), None);
}

#[test]
fn a_flag_is_given_and_taken_back() {
    let mut hand = on(Page::Where, known());
    hand.press("tab tab tab right");
    assert!(choices_of(&hand.effects[0]).flag("no-safety-snapshot"));
    assert_eq!(choices_of(&hand.effects[0]).one("no-safety-snapshot"), None);
    hand.press("left");
    assert!(!choices_of(&hand.effects[1]).flag("no-safety-snapshot"));
}

#[test]
fn an_obstacle_takes_the_operator_to_its_field_and_keeps_the_form() {
    let mut hand = on(Page::Where, known());
    hand.types("i-1").press("enter");
    hand.told(asks(Some("device"), "name the device"));
    assert_eq!(hand.wizard.page, Page::Where);
    let way = hand.wizard.way().unwrap();
    assert_eq!(way.entry().unwrap().spec.name, "device");
    assert_eq!(way.form, stop().form, "the table of before stays in sight");
    hand.press("enter");
    assert_eq!(
        (hand.wizard.page, hand.notice()),
        (Page::Where, "first: device")
    );
    hand.types("/dev/sdg").press("enter").told(stop());
    assert_eq!(hand.wizard.page, Page::Checks);
    let choices = choices_of(hand.effects.last().unwrap());
    assert_eq!(
        (choices.one("instance"), choices.one("device")),
        (Some("i-1"), Some("/dev/sdg"))
    );
}

#[test]
fn what_could_not_be_read_is_asked_again_by_enter() {
    let mut hand = Hand::new(known());
    hand.wizard.prepared(1, Err(gone()));
    hand.press("enter enter");
    assert_eq!((hand.effects.len(), hand.wizard.page), (2, Page::Where));
    hand.told(stop());
    assert_eq!(hand.wizard.page, Page::Checks);
    let mut hand = Hand::new(known());
    hand.told(asks(None, "try again in a minute"))
        .press("enter enter");
    assert_eq!(hand.effects.len(), 2);
}

#[test]
fn esc_goes_a_page_back_and_loses_nothing() {
    let mut hand = on(Page::Where, known());
    hand.types("i-1").press("esc");
    assert_eq!(hand.wizard.page, Page::What);
    assert_eq!(choices_of(&hand.effects[0]).one("instance"), Some("i-1"));
    hand.press("enter");
    assert_eq!(
        hand.wizard
            .way()
            .unwrap()
            .entry()
            .unwrap()
            .typed_text()
            .as_deref(),
        Some("i-1")
    );
    let mut hand = on(Page::Yes, known());
    hand.types("ye").press("esc esc esc esc");
    assert_eq!(hand.wizard.page, Page::What);
    hand.press("enter enter enter enter");
    assert_eq!(hand.wizard.typed.text(), "ye");
}

#[test]
fn leaving_asks_twice_only_where_something_would_be_lost() {
    let mut hand = Hand::new(known());
    hand.press("esc");
    assert!(matches!(hand.last.go, Some(Go::Back)));
    hand.press("q");
    assert!(matches!(hand.last.go, Some(Go::Leave)));
    hand.press("enter").types("i-1").press("esc esc");
    assert!(hand.last.go.is_none());
    assert_eq!(hand.notice(), "esc again leaves; what you typed is lost");
    hand.press("tab esc");
    assert!(hand.last.go.is_none(), "another key takes the warning back");
    hand.press("esc");
    assert!(matches!(hand.last.go, Some(Go::Back)));
    hand.press("q");
    assert_eq!(hand.notice(), "q again leaves; what you typed is lost");
    hand.press("q");
    assert!(matches!(hand.last.go, Some(Go::Leave)));
}

#[test]
fn a_check_that_stops_stops_here_and_is_asked_again_by_enter() {
    let mut hand = Hand::new(known());
    hand.told(with_trouble(true)).press("enter enter enter");
    assert_eq!((hand.wizard.page, hand.effects.len()), (Page::Checks, 2));
    hand.press("enter");
    assert_eq!((hand.notice(), hand.effects.len()), ("still looking", 2));
    hand.told(with_trouble(false));
    assert_eq!(
        hand.wizard.page,
        Page::Checks,
        "what was found now is read first"
    );
    hand.press("enter");
    assert_eq!(hand.wizard.page, Page::Plan);
}

#[test]
fn the_policy_is_copied_from_the_checks_and_the_calls_from_the_plan() {
    let mut hand = Hand::new(known());
    hand.told(with_trouble(false)).press("enter enter y");
    let Some(Effect::Copy(policy)) = hand.effects.last() else {
        panic!("{:?}", hand.effects);
    };
    let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
    assert_eq!(policy["Statement"][0]["Action"][0], "kms:DescribeKey");
    hand.press("enter y");
    assert_eq!(
        hand.effects.last(),
        Some(&Effect::Copy(SNAPSHOT.to_owned()))
    );
    hand.press("v y");
    let Some(Effect::Copy(calls)) = hand.effects.last() else {
        panic!("{:?}", hand.effects);
    };
    assert_eq!(calls.lines().count(), stop().calls.len());
    hand.press("v esc esc").act(Action::Copy);
    let instance = Effect::Copy("orders-db (i-0c4e8f1a2b3d5e607)".to_owned());
    assert_eq!(
        hand.effects.last(),
        Some(&instance),
        "the value of the field"
    );
}

#[test]
fn the_plan_is_written_to_a_file_of_the_kind_that_is_chosen() {
    for (key, kind) in [
        ("m", Format::Markdown),
        ("s", Format::Shell),
        ("j", Format::Json),
    ] {
        let mut hand = on(Page::Plan, known());
        hand.press("e").press(key);
        let [Effect::ExportPlan { format, .. }] = &hand.effects[..] else {
            panic!("{:?}", hand.effects);
        };
        assert_eq!(*format, kind);
    }
    let mut hand = on(Page::Plan, known());
    hand.press("e esc");
    assert_eq!((hand.wizard.page, hand.effects.len()), (Page::Plan, 0));
    let mut hand = on(Page::What, known());
    hand.act(Action::Export);
    assert!(hand.wizard.asked == super::Asked::Nothing && hand.last.notice.is_some());
}

#[test]
fn the_plan_scrolls_as_far_as_it_goes() {
    let mut hand = on(Page::Plan, known());
    hand.press("up").act(Action::PageUp);
    assert_eq!(hand.wizard.top, 0);
    hand.press("down");
    assert_eq!(hand.wizard.top, 1);
    hand.press("end");
    let end = hand.wizard.top;
    hand.press("down pagedown");
    assert_eq!(hand.wizard.top, end);
    assert!(end > 10, "{end}");
    hand.press("pageup k");
    assert!(hand.wizard.top < end);
    hand.act(Action::First);
    assert_eq!(hand.wizard.top, 0);
}

#[test]
fn a_wrong_word_is_told_and_starts_nothing() {
    let mut hand = on(Page::Yes, known());
    hand.press("enter");
    assert!(
        hand.wizard
            .remark
            .as_deref()
            .unwrap()
            .starts_with("Nothing was typed")
    );
    hand.types("YES\u{202e}").press("enter");
    let told = "You typed “YES‹U+202E›”; this asks for “yes”. Nothing has happened.";
    assert_eq!(hand.wizard.remark.as_deref(), Some(told));
    assert!(hand.effects.is_empty());
    hand.act(Action::ClearField).types("yes").press("enter");
    assert!(matches!(hand.effects[..], [Effect::Start { .. }]));
}

#[test]
fn an_interrupting_plan_in_a_protected_account_asks_for_its_name_and_the_four_digits() {
    let mut hand = on(Page::Yes, protected());
    hand.types("yes").press("enter");
    assert!(hand.effects.is_empty());
    hand.press("ctrl-u").types("orders-db-data").press("enter");
    assert!(hand.effects.is_empty());
    hand.types("@3333").press("enter");
    let [Effect::Start { approval, .. }] = &hand.effects[..] else {
        panic!("{:?}", hand.effects);
    };
    assert_eq!(
        (approval.yes, &approval.confirm[..]),
        (false, &[][..]),
        "what was typed for the plan answers no gate ahead"
    );
}

#[test]
fn the_id_is_taken_for_a_name_that_cannot_be_typed() {
    let mut hand = Hand::new(protected());
    hand.told(with(stop(), |plan| {
        plan.subject.name = Some("orders\u{202e}".into());
    }));
    hand.press("enter enter enter enter")
        .types(VOLUME)
        .types("@3333")
        .press("enter");
    assert!(matches!(hand.effects.last(), Some(Effect::Start { .. })));
}

#[test]
fn without_an_interruption_a_protected_account_asks_for_a_yes() {
    let mut hand = Hand::new(protected());
    hand.told(with(stop(), |plan| plan.steps.truncate(2)));
    hand.press("enter enter enter enter")
        .types("yes")
        .press("enter");
    assert!(matches!(hand.effects.last(), Some(Effect::Start { .. })));
}

#[test]
fn a_refusal_loses_nothing_and_can_be_tried_again() {
    let mut hand = on(Page::Yes, known());
    hand.types("yes").press("enter enter x");
    assert_eq!(
        (hand.effects.len(), hand.wizard.typed.text().as_str()),
        (1, "yes")
    );
    hand.press("esc");
    assert_eq!(
        (hand.wizard.page, hand.notice()),
        (Page::Yes, "the run is being started")
    );
    hand.wizard.refused(gone());
    assert!(!hand.wizard.moves());
    hand.press("enter");
    assert_eq!(hand.effects.len(), 2);
    hand.wizard.refused(gone());
    hand.press("esc");
    assert_eq!(
        (hand.wizard.page, &hand.wizard.start),
        (Page::Plan, &Start::NotYet)
    );
    assert!(
        matches!(hand.effects[2], Effect::Prepare { .. }),
        "the world is looked at anew"
    );
    hand.press("enter");
    assert_eq!(hand.wizard.page, Page::Plan, "the answer is awaited");
    hand.told(stop());
    assert_eq!(hand.wizard.page, Page::Yes);
}

#[test]
fn a_plan_that_has_changed_since_it_was_read_is_read_again() {
    let mut hand = on(Page::Yes, known());
    hand.types("yes").press("enter");
    hand.wizard.refused(gone());
    hand.press("esc enter").told(unmount());
    assert_eq!(hand.wizard.page, Page::Plan);
    assert!(hand.wizard.remark.is_some());
    hand.press("enter");
    assert_eq!(
        (hand.wizard.page, hand.wizard.typed.text().as_str()),
        (Page::Yes, ""),
        "the yes was typed for another plan"
    );
    hand.press("esc").press("esc enter enter");
    let revision = hand.wizard.ask(0).map(|_| hand.wizard.revision).unwrap();
    hand.wizard.prepared(revision, Ok(with_trouble(true)));
    assert_eq!(hand.wizard.page, Page::Checks, "a check stops it now");
}

#[test]
fn read_only_ends_before_the_yes() {
    let mut hand = Hand::new(known());
    hand.known.settings.read_only = true;
    hand.told(stop())
        .press("enter enter enter enter")
        .types("yes")
        .press("enter");
    assert_eq!(hand.wizard.page, Page::Yes);
    assert!(
        !hand
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Start { .. }))
    );
    assert!(hand.notice().starts_with("READ-ONLY"));
}

#[test]
fn without_a_flow_the_first_page_is_the_last() {
    let mut known = known();
    known.settings.flows.clear();
    let mut hand = Hand::new(known);
    hand.press("enter tab right");
    assert_eq!((hand.wizard.page, hand.effects.len()), (Page::What, 0));
    assert!(!hand.wizard.moves());
}

#[test]
fn text_is_pasted_where_text_is_typed_and_nowhere_else() {
    let mut hand = on(Page::Where, known());
    let known = super::specimen::known();
    hand.wizard.paste("i-1", &known);
    assert_eq!(
        hand.wizard
            .way()
            .unwrap()
            .entry()
            .unwrap()
            .typed_text()
            .as_deref(),
        Some("i-1")
    );
    hand.press("tab tab");
    hand.wizard.paste("beside", &known);
    assert_eq!(
        hand.wizard.way().unwrap().entry().unwrap().typed_text(),
        None
    );
    let mut hand = on(Page::Yes, super::specimen::known());
    hand.wizard.paste("yes", &known);
    assert_eq!(hand.wizard.typed.text(), "yes");
}

#[test]
fn every_page_tells_where_keys_are_pressed() {
    use Context::{Form, Global, Plan};
    let all: [(Page, &[Context]); 5] = [
        (Page::What, &[Form, Plan, Global]),
        (Page::Where, &[Form, Global]),
        (Page::Checks, &[Plan, Global]),
        (Page::Plan, &[Plan, Global]),
        (Page::Yes, &[Form, Plan, Global]),
    ];
    for (page, contexts) in all {
        let hand = on(page, known());
        assert_eq!(hand.wizard.contexts(), contexts);
    }
}

#[test]
fn every_action_is_answered_on_every_page_without_harm() {
    for (page, _) in Page::ALL {
        for action in Action::ALL {
            let mut hand = on(page, known());
            hand.act(*action);
            let starts = hand
                .effects
                .iter()
                .any(|effect| matches!(effect, Effect::Start { .. }));
            assert!(!starts, "{action:?} on {page:?}");
            let moved = hand.wizard.page.cmp(&page) as i8;
            let wanted = match action {
                Action::Back if page != Page::What => -1,
                Action::Submit if page != Page::Yes => 1,
                _stays => 0,
            };
            assert_eq!(moved, wanted, "{action:?} on {page:?}");
        }
    }
}

#[test]
fn a_resource_that_is_asked_for_is_chosen_from_those_there_are() {
    let mut known = known();
    let billing = "i-0aaaaaaaaaaaaaaaa";
    known
        .catalog
        .store
        .take(Vec::new(), vec![resource(billing, "billing-db")]);
    let mut hand = Hand::new(known);
    hand.told(asks(Some("instance"), "name the instance"))
        .press("enter right");
    assert_eq!(hand.wizard.page, Page::Where);
    let typed = |hand: &Hand| hand.wizard.way().unwrap().entry().unwrap().typed.text();
    assert_eq!(typed(&hand), billing, "the first by its name");
    hand.press("right");
    assert_eq!(typed(&hand), INSTANCE);
    hand.press("right");
    assert_eq!(typed(&hand), billing, "and round again");
    hand.press("ctrl-u").types("ORDERS").press("right");
    assert_eq!(typed(&hand), INSTANCE, "a part of the name is enough");
    hand.press("tab");
    let asked = hand.effects.last().unwrap();
    assert_eq!(choices_of(asked).one("instance"), Some(INSTANCE));

    // Where it is known, the arrow changes nothing by accident.
    let mut settled = Hand::new(self::known());
    settled.told(stop()).press("enter right");
    assert_eq!(typed(&settled), "");
}

#[test]
fn another_view_does_not_take_the_place_of_what_was_typed() {
    let mut hand = on(Page::Where, known());
    assert!(hand.wizard.keeps().is_none(), "nothing would be lost");
    let entries = &hand.wizard.ways[0].entries;
    let text = entries.iter().position(super::way::Entry::is_text).unwrap();
    for _field in 0..text {
        hand.press("tab");
    }
    hand.types("7");
    let kept = hand.wizard.keeps().expect("it would be lost");
    assert!(
        kept.notice
            .unwrap()
            .text
            .contains("leave this restore first")
    );
}

#[test]
fn flows_are_chosen_by_the_keys_of_every_list() {
    let mut known = known();
    known.settings.flows = crate::tui::effects::flows();
    let point = RecoveryPoint {
        kind: PointKind::Ami,
        ..point()
    };
    let mut hand = Hand::on(&point, known);
    assert_eq!((hand.wizard.at, hand.wizard.ways.len()), (0, 2));
    hand.press("j");
    assert_eq!(hand.wizard.at, 1);
    hand.press("k");
    assert_eq!(hand.wizard.at, 0);
}

fn asked_for(hand: &Hand) -> Option<&str> {
    choices_of(hand.effects.last().unwrap()).one("at")
}

#[test]
fn the_second_before_the_incident_is_proposed() {
    let begun = |incident: Option<&str>| {
        let mut hand = of_a_table(incident);
        let chosen = asked_for(&hand).map(str::to_owned);
        hand.act(Action::Leave);
        assert!(
            matches!(hand.last.go, Some(Go::Leave)),
            "nobody has typed anything"
        );
        chosen
    };
    let second = |text: &str| Some(text.to_owned());
    let before = begun(Some("2026-03-14T02:17:00Z"));
    assert_eq!(before, second("2026-03-14T02:16:59Z"));
    let last = begun(Some("2026-03-14T02:30:00Z"));
    assert_eq!(last, second("2026-03-14T02:26:00Z"));
    assert_eq!(begun(Some("2026-01-01T00:00:00Z")), None);
    assert_eq!(begun(None), None);
}

#[test]
fn an_instant_is_typed_as_people_say_it_and_asked_for_as_it_is_understood() {
    let mut hand = of_a_table(Some("2026-03-14T02:17:00Z"));
    hand.told(asks(None, "")).press("enter");
    assert_eq!(hand.wizard.page, Page::Where);
    hand.act(Action::ClearField)
        .types("20m ago")
        .act(Action::NextField);
    assert_eq!(asked_for(&hand), Some("2026-03-14T02:11:00Z"));
    let asked = hand.effects.len();
    hand.act(Action::PreviousField).act(Action::NextField);
    assert_eq!(hand.effects.len(), asked, "it is the same second later");
    hand.act(Action::PreviousField).act(Action::ClearField);
    hand.types("01:59").act(Action::NextField);
    assert_eq!(asked_for(&hand), Some("2026-03-14T01:59:00Z"));
    hand.act(Action::PreviousField).act(Action::ClearField);
    hand.types("soon").act(Action::NextField);
    assert_eq!(
        asked_for(&hand),
        Some("soon"),
        "the flow says what is wrong"
    );
    hand.act(Action::Leave);
    assert!(hand.last.go.is_none(), "what was typed is not lost at once");
}

#[test]
fn an_instant_that_is_emptied_stands_as_it_was_proposed() {
    let mut hand = of_a_table(Some("2026-03-14T02:17:00Z"));
    hand.told(asks(None, "")).press("enter");
    let proposed = "2026-03-14T02:16:59Z";
    let typed = |hand: &Hand| hand.wizard.way().unwrap().entry().unwrap().typed.text();
    let asked = hand.effects.len();
    hand.act(Action::ClearField);
    assert_eq!(typed(&hand), "", "another can be typed at once");
    hand.act(Action::ClearField);
    assert_eq!(typed(&hand), proposed, "or this one be changed");
    hand.act(Action::ClearField).act(Action::NextField);
    assert_eq!(
        hand.effects.len(),
        asked,
        "nothing else was chosen, and nothing is asked"
    );

    hand.act(Action::PreviousField).act(Action::ClearField);
    hand.types("20m ago").act(Action::NextField);
    assert_eq!(asked_for(&hand), Some("2026-03-14T02:11:00Z"));
    hand.act(Action::PreviousField).act(Action::ClearField);
    assert_eq!(asked_for(&hand), Some(proposed));
    hand.act(Action::Leave);
    assert!(
        matches!(hand.last.go, Some(Go::Leave)),
        "nothing typed is left"
    );
}

#[test]
fn what_is_chosen_is_turned_by_the_first_letter_of_a_word_or_says_how_it_is() {
    let mut hand = of_orders();
    hand.told(table()).press("enter");
    let at = |hand: &mut Hand, name: &str| {
        let entries = &hand.wizard.ways[0].entries;
        let at = entries.iter().position(|entry| entry.spec.name == name);
        hand.wizard.ways[0].focus = at.unwrap();
    };
    at(&mut hand, "freeze");
    hand.types("y");
    assert!(choices_of(hand.effects.last().unwrap()).flag("freeze"));
    let asked = hand.effects.len();
    hand.types("e");
    assert!(
        hand.notice().contains("right, or the first letter"),
        "{}",
        hand.notice()
    );
    hand.types("Y");
    assert_eq!(hand.effects.len(), asked, "it is so already");
    hand.types("n");
    assert!(!choices_of(hand.effects.last().unwrap()).flag("freeze"));

    at(&mut hand, "billing");
    hand.press("right");
    let chosen = choices_of(hand.effects.last().unwrap()).one("billing");
    assert_eq!(chosen, Some("on-demand"), "as before it is already");
}

#[test]
fn what_a_flow_says_of_its_options_is_said_of_the_fields() {
    let mut hand = of_orders();
    hand.told(asks(
        Some("at"),
        "a backup has a time of its own: leave --at out",
    ));
    let why = &hand.wizard.way().unwrap().obstacle().unwrap().why;
    assert_eq!(why, "a backup has a time of its own: leave “at” out");
    let mut stopped = table();
    stopped.checks[0].advice = Some("name another by --target".to_owned());
    hand.wizard.ways[0].take(Ok(stopped));
    let advice = hand.wizard.way().unwrap().checks()[0].advice.as_deref();
    assert_eq!(advice, Some("name another by “target”"));
}
