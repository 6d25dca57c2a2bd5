//! A person at the gates: nothing is agreed to ahead, and the guest holds on to its volume.

use std::sync::Arc;
use std::time::Duration;

use defib::domain::ids::RunId;
use defib::domain::run::{Approval, CommandKind, EventBody, RunStatus, StepStatus};
use defib::journal::boundary::{Side, Watched};
use jiff::SignedDuration;

use super::{of_volume, open};
use crate::oracle::check;
use crate::stage::Stage;

/// A gate, and what the person does before the answer.
type Gated<'a> = (&'a str, &'a dyn Fn(&Stage));

const PLACE: (&str, &str) = ("111122223333", "eu-west-1");

/// The gate that is open; there is never more than one in a swap.
fn asked(stage: &mut Stage, run: &RunId) -> String {
    let state = stage.state(run);
    let open =
        |step: &&defib::domain::plan::Step| state.record(&step.id).status == StepStatus::Waiting;
    let open: Vec<&str> = state
        .current_steps()
        .iter()
        .filter(open)
        .map(|step| step.id.as_str())
        .collect();
    assert_eq!(open.len(), 1, "{open:?}");
    open[0].to_owned()
}

/// Answers the gates one after the other, once the person has done what each asks for.
fn answer(stage: &mut Stage, run: &RunId, gates: &[Gated<'_>], end: RunStatus) {
    for (gate, act) in gates {
        assert_eq!(stage.drive(run), RunStatus::Waiting, "{gate}");
        assert_eq!(&asked(stage, run), gate);
        act(stage);
        let approve = CommandKind::Approve { step: None };
        stage.send_with(run, approve, Approval::default());
    }
    assert_eq!(stage.drive(run), end);
}

#[test]
fn a_person_unmounts_and_mounts_at_the_gates() {
    let variant = of_volume("refusals", "mounted-data", "a person at the gates").unmounted();
    let (case, swap) = (variant.name, &variant.swap);
    let mut stage = open(variant.scenario);
    let before = stage.picture();
    let plan = super::plan(&mut stage, &variant);
    let run = stage.record_with(plan, Approval::default());
    let old = swap.old.clone().unwrap();
    let unmount = |stage: &Stage| {
        let (account, region) = PLACE;
        stage
            .aws
            .third_party(account, region, |hands| hands.unmount(&old));
    };
    let nothing = |_: &Stage| {};
    let gates: [Gated<'_>; 3] = [
        ("unmount", &unmount),
        ("mount", &nothing),
        ("healthy", &nothing),
    ];
    answer(&mut stage, &run, &gates, RunStatus::Done);
    let (now, state, events) = (stage.picture(), stage.state(&run), stage.events(&run));
    check(&stage.aws.clone(), &before, &now, &events, case);
    swap.assert_done(&before, &now, &state, case);
    // Two gates were waited at for as long as a runner has patience, and both count.
    let down = state.outage(state.last_at).unwrap();
    assert!(down.as_secs() >= 2 * 15 * 60, "{down:?}");

    stage.send_with(&run, CommandKind::RollBack, Approval::default());
    let gates: [Gated<'_>; 2] = [
        ("undo-attach-volume-1", &nothing),
        ("undo-unmount-1", &nothing),
    ];
    answer(&mut stage, &run, &gates, RunStatus::RolledBack);
    let (back, state) = (stage.picture(), stage.state(&run));
    swap.assert_back(&before, &back, &state, case);
}

#[test]
fn a_volume_that_is_still_mounted_comes_off_once_it_is_unmounted() {
    let variant = of_volume("refusals", "mounted-data", "unmounted too late").unmounted();
    let (case, swap) = (variant.name, &variant.swap);
    let mut stage = open(variant.scenario);
    let before = stage.picture();
    let plan = super::plan(&mut stage, &variant);
    let run = stage.record(plan);
    let old = swap.old.clone().unwrap();
    let (connector, clock) = stage.hands();
    let (journal, aws, id) = (stage.journal.clone(), stage.aws.clone(), run.clone());
    // The person says yes before the file system is unmounted, and notices after five minutes.
    let status = stage.live(|| async move {
        let pacing = defib::restore::pacing::Pacing::default();
        let late = async {
            clock.sleep(Duration::from_mins(5)).await;
            let (account, region) = PLACE;
            aws.third_party(account, region, |hands| hands.unmount(&old));
            std::future::pending::<RunStatus>().await
        };
        let life = defib::runner::drive(journal, connector, clock.clone(), pacing, &id);
        tokio::select! {
            status = life => status.unwrap(),
            status = late => status,
        }
    });
    assert_eq!(status, RunStatus::Done, "{case}");
    let (now, state) = (stage.picture(), stage.state(&run));
    swap.assert_done(&before, &now, &state, case);
    let busy = stage.events(&run).into_iter().any(|event| {
        matches!(event.body, defib::domain::run::EventBody::Progress { detail, .. } if detail.contains("unmount"))
    });
    assert!(busy, "{case}: nobody was told to unmount");
}

/// Somebody stops the instance, or starts it again, and the world settles.
fn power(stage: &mut Stage, instance: &str, on: bool) {
    let aws = stage.aws.clone();
    stage.live(|| async move {
        aws.third_party(PLACE.0, PLACE.1, |hands| {
            if on {
                hands.start(instance);
            } else {
                hands.stop(instance);
            }
        });
    });
    stage.pass(SignedDuration::from_mins(5));
}

#[test]
fn a_yes_that_is_not_so_is_asked_for_again_with_what_was_found() {
    let variant = of_volume("bad-deploy", "orders-db-data", "a yes that is not so");
    let (case, swap) = (variant.name, &variant.swap);
    let mut stage = open(variant.scenario);
    let before = stage.picture();
    let plan = super::plan(&mut stage, &variant);
    let run = stage.record_with(plan, Approval::default());
    let approve = || CommandKind::Approve { step: None };
    assert_eq!(stage.drive(&run), RunStatus::Waiting, "{case}");
    assert_eq!(asked(&mut stage, &run), "healthy");
    power(&mut stage, &swap.instance, false);
    stage.send_with(&run, approve(), Approval::default());
    assert_eq!(stage.drive(&run), RunStatus::Waiting, "{case}");
    assert_eq!(asked(&mut stage, &run), "healthy");
    let record = stage.state(&run).record(&"healthy".into());
    let said = format!("instance {} is stopped", swap.instance);
    assert!(record.detail.contains(&said), "{case}: {}", record.detail);
    assert!(record.asked_again_seq > 0, "{case}: {record:?}");

    power(&mut stage, &swap.instance, true);
    stage.send_with(&run, approve(), Approval::default());
    assert_eq!(stage.drive(&run), RunStatus::Done, "{case}");
    let (now, state, events) = (stage.picture(), stage.state(&run), stage.events(&run));
    let detail = state.record(&"healthy".into()).detail;
    assert_eq!(detail, "confirmed; running, both status checks ok");
    check(&stage.aws.clone(), &before, &now, &events, case);
    swap.assert_done(&before, &now, &state, case);
}

#[test]
fn a_yes_given_ahead_counts_once_and_a_run_that_asks_again_can_go_on_or_back() {
    for then in [RunStatus::Done, RunStatus::RolledBack] {
        let variant = of_volume("bad-deploy", "orders-db-data", "a yes given ahead");
        let case = format!("{}, then {then:?}", variant.name);
        let mut stage = open(variant.scenario);
        let before = stage.picture();
        let plan = super::plan(&mut stage, &variant);
        let run = stage.record(plan);
        let (aws, instance) = (stage.aws.clone(), variant.swap.instance.clone());
        let journal = Watched::new(stage.journal.clone(), move |boundary| {
            let step = boundary
                .event
                .step
                .as_ref()
                .map(defib::domain::ids::StepId::as_str);
            let up = matches!(boundary.event.body, EventBody::Verified { .. });
            if step == Some("start-instance") && up && boundary.side == Side::After {
                aws.third_party(PLACE.0, PLACE.1, |hands| hands.stop(&instance));
            }
            Box::pin(std::future::ready(()))
        });
        let status = stage.drive_over(Arc::new(journal), &run);
        assert_eq!(status, RunStatus::Waiting, "{case}");
        let asks = |event: &defib::domain::run::RunEvent| {
            let healthy = event
                .step
                .as_ref()
                .is_some_and(|id| id.as_str() == "healthy");
            healthy && matches!(event.body, EventBody::GateOpened)
        };
        let opened = stage
            .events(&run)
            .iter()
            .filter(|event| asks(event))
            .count();
        assert_eq!(opened, 2, "{case}: once, and once again");
        if then == RunStatus::Done {
            power(&mut stage, &variant.swap.instance, true);
            stage.send(&run, CommandKind::Resume);
        } else {
            stage.send(&run, CommandKind::RollBack);
        }
        assert_eq!(stage.drive(&run), then, "{case}");
        let (now, state) = (stage.picture(), stage.state(&run));
        if then == RunStatus::Done {
            variant.swap.assert_done(&before, &now, &state, &case);
        } else {
            variant.swap.assert_back(&before, &now, &state, &case);
        }
    }
}
