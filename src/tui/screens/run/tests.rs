//! Every action on the screen of a run: what it sends, where it leads, and with which sentence it is refused.
//! Runs are folded from events; nothing is sent.

use super::specimens::{self, RUN, Story};
use super::*;
use crate::domain::plan::{Gate, Impact, Plan};
use crate::domain::run::{Approval, CommandKind, EventBody};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::known::Story as Pager;
use crate::tui::model::{Go, Reaction};
use crate::tui::overlays::Overlay;
use crate::tui::overlays::confirm::{Asks, Confirm};

fn act_on(known: &Known, action: Action) -> Reaction {
    let mut screen = RunScreen::new(RunId::from(RUN));
    screen.settle(known);
    screen.act(action, known)
}

fn act(story: &Story, action: Action) -> Reaction {
    act_on(&specimens::with(story), action)
}

fn said(reaction: &Reaction) -> &str {
    assert!(
        reaction.effects.is_empty() && reaction.go.is_none(),
        "{reaction:?}"
    );
    &reaction.notice.as_ref().expect("something is said").text
}

fn asked(reaction: Reaction) -> Confirm {
    assert!(reaction.effects.is_empty(), "{reaction:?}");
    let Some(Go::Over(overlay)) = reaction.go else {
        panic!("{:?}, {:?}", reaction.go, reaction.notice);
    };
    let Overlay::Confirm(confirm) = *overlay else {
        panic!("{overlay:?}");
    };
    confirm
}

fn send(kind: CommandKind, approval: Approval) -> Effect {
    let run = RunId::from(RUN);
    Effect::Send {
        run,
        kind,
        approval,
    }
}

fn plain(kind: CommandKind) -> Vec<Effect> {
    vec![send(kind, Approval::default())]
}

#[test]
fn enter_shows_the_gate_and_y_answers_it() {
    let confirm = asked(act(&specimens::gate_open(), Action::Answer));
    assert_eq!(confirm.asks, Asks::Yes);
    let first = "Is the application healthy, with the data you expect?";
    assert_eq!(confirm.lines[0], first);
    let step = Some(StepId::from("healthy"));
    let approval = Approval {
        yes: true,
        confirm: Vec::new(),
        decline: Vec::new(),
    };
    assert_eq!(
        confirm.effects,
        [send(CommandKind::Approve { step }, approval)]
    );
}

#[test]
fn a_gate_that_asks_for_a_name_has_it_typed() {
    let mut plan = specimens::plan("orders-db data");
    plan.steps[2].gate = Gate::TypeName {
        name: "web-1".into(),
        why: "stopping web-1 erases its instance store disks".to_owned(),
    };
    let story = Story::of(plan).tells(5, Some("stop-instance"), EventBody::GateOpened);
    let confirm = asked(act(&story, Action::Answer));
    let typed = Asks::Typed {
        shown: "web-1".to_owned(),
        accepts: ["web-1", "web-1", "web-1@3333", "web-1@3333"]
            .map(str::to_owned)
            .to_vec(),
        told: Some("web-1".to_owned()),
    };
    assert_eq!(confirm.asks, typed);
    assert_eq!(
        confirm.lines,
        ["stopping web-1 erases its instance store disks"]
    );
    let step = Some(StepId::from("stop-instance"));
    assert_eq!(confirm.effects, plain(CommandKind::Approve { step }));
}

#[test]
fn what_may_be_left_out_is_left_out_after_a_yes_and_nothing_else_is() {
    let mut plan = specimens::plan("orders-db data");
    let opened =
        |plan: Plan| Story::of(plan).tells(5, Some("stop-instance"), EventBody::GateOpened);
    plan.steps[2].gate = Gate::Confirm("really?".to_owned());
    let text = act(&opened(plan.clone()), Action::Decline);
    assert_eq!(
        said(&text),
        "the run cannot end without this: enter answers, u rolls back"
    );
    plan.steps[2].if_declined = Some("it runs on; stop it with aws stop".to_owned());
    let confirm = asked(act(&opened(plan), Action::Decline));
    assert_eq!(confirm.asks, Asks::Yes);
    assert_eq!(confirm.lines[1], "Then it runs on; stop it with aws stop");
    let step = StepId::from("stop-instance");
    let approval = Approval {
        decline: vec![step.clone()],
        ..Approval::default()
    };
    let step = Some(step);
    assert_eq!(
        confirm.effects,
        [send(CommandKind::Approve { step }, approval)]
    );
}

#[test]
fn without_a_gate_enter_says_why_there_is_nothing_to_answer() {
    let text = act(&specimens::in_outage(), Action::Answer);
    assert_eq!(said(&text), "nothing is asked: the run goes on by itself");
    let text = act(&specimens::failed(), Action::Answer);
    assert_eq!(said(&text), "the run stands still: R goes on, u rolls back");
}

#[test]
fn enter_opens_the_report_of_a_run_that_is_over() {
    let incident = Some("2026-03-01T02:14:00Z".parse().unwrap());
    for story in [
        specimens::done(),
        specimens::rolled_back(),
        specimens::damaged(),
    ] {
        let mut known = specimens::with(&story);
        known.incident = incident;
        let run = RunId::from(RUN);
        let wanted = vec![Effect::Report { run, incident }];
        assert_eq!(act_on(&known, Action::Answer).effects, wanted);
        assert_eq!(act_on(&known, Action::Report).effects, wanted);
    }
}

#[test]
fn pause_is_sent_at_once_and_only_to_a_run_that_sends() {
    let reaction = act(&specimens::in_outage(), Action::Pause);
    assert_eq!(reaction.effects, plain(CommandKind::Pause));
    let refusals = [
        (specimens::paused(), "the run stands still already"),
        (specimens::conflict(), "the run stands still already"),
        (specimens::failed(), "the run stands still already"),
        (specimens::done(), "the run is over"),
        (
            specimens::unheld(),
            "without a runner there is nothing to stop: R goes on, u rolls back",
        ),
    ];
    for (story, text) in refusals {
        assert_eq!(said(&act(&story, Action::Pause)), text);
        assert_eq!(said(&act(&story, Action::Abort)), text);
    }
}

#[test]
fn resume_is_sent_wherever_the_run_stands_still() {
    for story in [
        specimens::paused(),
        specimens::failed(),
        specimens::conflict(),
        specimens::unheld(),
        specimens::gate_open().unheld(),
    ] {
        assert_eq!(
            act(&story, Action::Resume).effects,
            plain(CommandKind::Resume)
        );
    }
    let refusals = [
        (specimens::in_outage(), "the run goes on already"),
        (specimens::gate_open(), "a person is asked: enter answers"),
        (
            specimens::done(),
            "the run is over: there is nothing to resume",
        ),
    ];
    for (story, text) in refusals {
        assert_eq!(said(&act(&story, Action::Resume)), text);
    }
}

#[test]
fn abort_names_what_is_kept_and_that_the_service_stays_down() {
    let confirm = asked(act(&specimens::in_outage(), Action::Abort));
    let text = confirm.lines.join("\n");
    assert!(
        text.contains("Kept: snap-0f3…33aa, vol-0c9d…3310. Nothing is deleted."),
        "{text}"
    );
    assert!(
        text.contains("The service is down now, and stays down"),
        "{text}"
    );
    assert!(confirm.loud);
    assert_eq!(confirm.asks, Asks::Yes);
    assert_eq!(confirm.effects, plain(CommandKind::Abort));
}

#[test]
fn undo_names_every_step_and_what_becomes_of_the_service() {
    let confirm = asked(act(&specimens::failed(), Action::Undo));
    let text = confirm.lines.join("\n");
    assert!(
        text.contains("\n2 steps, about 3 min:\n  1. attach"),
        "{text}"
    );
    let first = confirm.lines.first().unwrap();
    assert!(first.contains("is up again at the end of it"), "{text}");
    assert!(confirm.loud);
    let wanted = Asks::word("yes");
    assert_eq!(confirm.asks, wanted);
    assert_eq!(confirm.effects, plain(CommandKind::RollBack));
    let text = asked(act(&specimens::done(), Action::Undo))
        .lines
        .join("\n");
    assert!(
        text.contains("THE SERVICE GOES DOWN for about 4 min."),
        "{text}"
    );
    assert!(
        text.contains("What was written to the restored volume"),
        "{text}"
    );
}

#[test]
fn undo_says_what_goes_down_although_the_run_took_nothing_down() {
    let mut known = specimens::with(&specimens::done());
    for card in known.runs.cards.values_mut() {
        card.state.outages.clear();
        for undo in card
            .state
            .plan
            .steps
            .iter_mut()
            .flat_map(|step| &mut step.undo)
        {
            undo.impact = Impact::Changes;
        }
    }
    let text = asked(act_on(&known, Action::Undo)).lines.join("\n");
    assert!(
        text.contains("What uses the restored volume goes down with it."),
        "{text}"
    );
    assert!(!text.contains("not interrupted"), "{text}");
}

#[test]
fn a_run_that_changed_nothing_yet_has_nothing_to_take_back() {
    let confirm = asked(act(&specimens::paused(), Action::Undo));
    assert_eq!(confirm.title, "end this run as rolled back?");
    assert!(!confirm.loud);
}

#[test]
fn in_a_protected_account_undo_takes_the_name_with_the_digits() {
    let mut known = specimens::with(&specimens::failed());
    known.settings.protected.insert("111122223333".into());
    let typed = Asks::Typed {
        shown: "orders-db data@3333".to_owned(),
        accepts: vec![
            "orders-db data@3333".to_owned(),
            "vol-0b7e1111222233341@3333".to_owned(),
        ],
        told: None,
    };
    assert_eq!(asked(act_on(&known, Action::Undo)).asks, typed);
}

#[test]
fn a_name_that_cannot_be_typed_is_never_asked_for() {
    let story = Story::of(specimens::plan("a\u{202e}b"));
    let mut known = specimens::with(&story);
    known.settings.protected.insert("111122223333".into());
    let Asks::Typed { shown, accepts, .. } = asked(act_on(&known, Action::Undo)).asks else {
        panic!("it is typed");
    };
    assert_eq!(shown, "vol-0b7e1111222233341@3333");
    assert_eq!(accepts, ["vol-0b7e1111222233341@3333"]);
}

#[test]
fn a_run_on_its_way_back_is_not_turned_round_again() {
    let text = act(&specimens::rolling_back(), Action::Undo);
    assert_eq!(said(&text), "the run is on its way back already");
    let text = act(&specimens::rolled_back(), Action::Undo);
    assert_eq!(said(&text), "the run is rolled back already");
}

#[test]
fn read_only_sends_nothing_but_a_stop() {
    let actions = [
        (specimens::gate_open(), Action::Answer),
        (specimens::paused(), Action::Resume),
        (specimens::failed(), Action::Undo),
    ];
    for (story, action) in actions {
        let mut known = specimens::with(&story);
        known.settings.read_only = true;
        let reaction = act_on(&known, action);
        assert_eq!(said(&reaction), "READ-ONLY: runs are forbidden here");
        assert!(reaction.notice.unwrap().bad);
    }
    let mut known = specimens::with(&specimens::in_outage());
    known.settings.read_only = true;
    assert_eq!(
        act_on(&known, Action::Pause).effects,
        plain(CommandKind::Pause)
    );
}

#[test]
fn a_damaged_run_is_neither_paused_nor_aborted() {
    for action in [Action::Pause, Action::Abort] {
        let reaction = act(&specimens::damaged(), action);
        assert!(said(&reaction).starts_with("the record of this run is damaged"));
    }
}

#[test]
fn a_damaged_run_goes_on_only_by_its_id_and_is_rolled_back_as_any_other() {
    let resume = asked(act(&specimens::damaged(), Action::Resume));
    let Asks::Typed {
        shown,
        accepts,
        told,
    } = &resume.asks
    else {
        panic!("{:?}", resume.asks);
    };
    assert_eq!((shown.as_str(), told.as_deref()), (RUN, Some(RUN)));
    assert!(!accepts.iter().any(|one| one == "yes"), "{accepts:?}");
    assert!(resume.lines[0].contains("events are valid"), "{resume:?}");
    let back = asked(act(&specimens::damaged(), Action::Undo));
    assert!(back.lines[0].contains("looked for first"), "{back:?}");
}

#[test]
fn leaving_says_how_to_come_back_unless_the_run_is_over() {
    let wanted = [
        (
            specimens::in_outage(),
            Some("it goes on; defib attach 7B1C7K brings it back"),
        ),
        (
            specimens::paused(),
            Some("it stays as it is; defib attach 7B1C7K brings it back"),
        ),
        (
            specimens::gate_open(),
            Some("it waits for an answer; defib attach 7B1C7K brings it back"),
        ),
        (
            specimens::unheld(),
            Some("no runner holds it, so it does not go on: defib resume 7B1C7K"),
        ),
        (specimens::done(), None),
        (specimens::damaged(), None),
    ];
    for (story, text) in wanted {
        for (action, leave) in [(Action::Leave, true), (Action::Back, false)] {
            let reaction = act(&story, action);
            assert_eq!(reaction.notice.map(|notice| notice.text).as_deref(), text);
            assert!(matches!(
                (reaction.go, leave),
                (Some(Go::Leave), true) | (Some(Go::Back), false)
            ));
        }
    }
}

#[test]
fn calls_come_with_those_of_the_way_back() {
    let story = specimens::failed();
    let state = story.state();
    let wanted = Effect::Calls {
        undo: state.plan.undo_steps(&state.touched()),
        plan: Box::new(state.plan),
    };
    assert_eq!(act(&story, Action::Calls).effects, [wanted]);
    let story = specimens::rolling_back();
    let state = story.state();
    let wanted = Effect::Calls {
        undo: state.undo.unwrap(),
        plan: Box::new(state.plan),
    };
    assert_eq!(act(&story, Action::Calls).effects, [wanted]);
}

#[test]
fn only_the_demo_kills_a_runner() {
    let mut known = specimens::with(&specimens::in_outage());
    assert_eq!(
        said(&act_on(&known, Action::KillRunner)),
        "only the demo kills a runner"
    );
    known.settings.story = Some(Pager {
        title: "a bad deploy".to_owned(),
        pager: Vec::new(),
    });
    let effects = act_on(&known, Action::KillRunner).effects;
    assert_eq!(effects, [Effect::KillRunner(RunId::from(RUN))]);
    known.runs.cards.get_mut(&RunId::from(RUN)).unwrap().held = false;
    assert_eq!(
        said(&act_on(&known, Action::KillRunner)),
        "no runner holds this run"
    );
}

#[test]
fn the_id_is_copied_and_shown() {
    let reaction = act(&specimens::in_outage(), Action::Copy);
    assert_eq!(reaction.effects, [Effect::Copy(RUN.to_owned())]);
    assert_eq!(reaction.notice.unwrap().text, format!("copied: {RUN}"));
}

#[test]
fn a_run_that_was_not_read_yet_can_be_left() {
    let known = specimens::with(&specimens::in_outage());
    let mut screen = RunScreen::new(RunId::from("01JD4Q000000000000000000ZZ"));
    screen.settle(&known);
    assert_eq!(
        said(&screen.act(Action::Undo, &known)),
        "the run was not read yet"
    );
    assert!(matches!(
        screen.act(Action::Back, &known).go,
        Some(Go::Back)
    ));
    assert!(!screen.moves(&known));
}

#[test]
fn what_belongs_elsewhere_does_nothing_here() {
    let reaction = act(&specimens::in_outage(), Action::Filter);
    assert_eq!(said(&reaction), "“filter” does nothing here");
}

fn told(story: &Story) -> String {
    let known = specimens::with(story);
    let card = &known.runs.cards[&RunId::from(specimens::RUN)];
    let said = super::advice::said(card, &known);
    let lines: Vec<String> = said
        .into_iter()
        .map(|said| format!("{} {}", said.label, said.text))
        .collect();
    lines.join("\n")
}

#[test]
fn a_gate_whose_runner_is_gone_says_so() {
    assert!(!told(&specimens::gate_open()).contains("no runner"));
    let text = told(&specimens::gate_open().unheld());
    assert!(text.contains("no runner holds this run"), "{text}");
}

#[test]
fn a_conflict_says_what_helps() {
    let text = told(&specimens::conflict());
    assert!(
        text.contains("set it by hand to what is expected there"),
        "{text}"
    );
}

/// The instance that is looked at, and whether the run launched it; `None` where that is refused.
fn looked_at(story: &Story) -> Option<(String, bool)> {
    let reaction = act(story, Action::Instance);
    let Some(Go::Look(target)) = reaction.go else {
        assert_eq!(said(&reaction), "this run has no instance to look at");
        return None;
    };
    assert_eq!(target.place, story.state().plan.place);
    Some((target.instance.as_str().to_owned(), target.launched))
}

#[test]
fn the_instance_is_the_one_that_was_launched_or_else_the_one_that_the_plan_is_about() {
    let found = |id: &str, launched: bool| Some((id.to_owned(), launched));
    let mut plan = specimens::plan("orders-db data");
    assert_eq!(looked_at(&Story::of(plan.clone())), None);
    let call = plan.steps[2].call.as_mut().unwrap();
    call.input = serde_json::json!({ "instance": "i-04d1aaaabbbbcccc9" });
    let named = found("i-04d1aaaabbbbcccc9", false);
    assert_eq!(looked_at(&Story::of(plan.clone())), named);
    plan.subject.kind = crate::domain::resource::ResourceKind::Instance;
    plan.subject.id = "i-0b61d7e3a9f2c4850".to_owned();
    let subject = found("i-0b61d7e3a9f2c4850", false);
    assert_eq!(looked_at(&Story::of(plan.clone())), subject);
    let launched = found("i-0fbab69242c8fcf0c", true);
    assert_eq!(looked_at(&specimens::looked_at_of(plan)), launched);
}

#[test]
fn a_person_who_is_asked_is_told_how_to_look_where_there_is_something_to_look_at() {
    let looks = "looks at the instance";
    assert!(!told(&specimens::gate_open()).contains(looks));
    let mut plan = specimens::plan("orders-db data");
    let call = plan.steps[2].call.as_mut().unwrap();
    call.input = serde_json::json!({ "instance": "i-04d1aaaabbbbcccc9" });
    let text = told(&specimens::gate_open_of(plan));
    assert!(
        text.contains("enter answers · i looks at the instance"),
        "{text}"
    );
}

#[test]
fn of_a_long_step_under_way_it_is_said_how_long_it_took_in_earlier_runs() {
    let story = specimens::in_outage();
    let mut known = specimens::with(&story);
    let card = || RunCard {
        state: story.state(),
        events: Vec::new(),
        held: true,
        broken: None,
        runner_failed: None,
    };
    let state = story.state();
    let under_way = |step: &&Step| {
        let status = state.record(&step.id).status;
        matches!(status, StepStatus::Intent | StepStatus::Accepted)
    };
    let mut steps = state.current_steps().iter();
    let step = steps.find(under_way).unwrap();
    assert!(advice::said(&card(), &known).is_empty(), "nobody knows");
    let begun = state.started_at;
    for (run, minutes) in [("00A", 4), ("00B", 14), ("00C", 12), ("0Z", 90)] {
        let mut earlier = card();
        earlier.state.run = RunId::from(run);
        earlier.state.halt = Halt::Over;
        let record = earlier.state.steps.get_mut(&step.id).unwrap();
        record.status = StepStatus::Verified;
        record.intent_at = Some(begun);
        record.ended_at = Some(begun + jiff::SignedDuration::from_mins(minutes));
        known.runs.cards.insert(RunId::from(run), earlier);
    }
    let said = advice::said(&card(), &known);
    let texts: Vec<&str> = said.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    let wanted = ": usually 12 min here (3 runs)";
    assert!(
        texts[0].ends_with(wanted),
        "no run that came after it: {texts:?}"
    );
}
