//! Tests of the judge: a swap made by hand passes, and each way to get it wrong is noticed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::estate::{Estate, HOSTILE_TAGS, Make};
use crate::stage::Stage;

const GP3: Make = Make::gp3(10, 4000, 200);
const RUN: &str = "01JD4QBYHAND";
const OURS: [(&str, &str); 3] = [
    ("defib:run", RUN),
    ("defib:step", "create-volume"),
    ("defib:generation", "1"),
];

/// What a careless tool might do in place of the right thing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Slip {
    None,
    ForgetsDeleteOnTermination,
    LeavesOldUntagged,
    MakesASecondVolume,
    DropsATag,
    ForgetsTheSource,
    MarksTheOldAsNew,
    DropsThroughput,
    TakesAnotherDevice,
    LeavesTheInstanceStopped,
    TagsTheBystander,
}

/// Swaps with the SDK as the flow should; returns the new volume.
fn swap_by_hand(stage: &Stage, slip: Slip) -> String {
    let estate = stage.estate();
    let old = stage.old.as_deref().expect("an old volume");
    let new = create(stage, &estate, slip);
    if slip == Slip::MakesASecondVolume {
        create(stage, &estate, slip);
    }
    estate.stop(&stage.instance);
    estate.detach(&stage.instance, old);
    let device = if slip == Slip::TakesAnotherDevice {
        "/dev/sdg"
    } else {
        &stage.device
    };
    let on_termination = slip != Slip::ForgetsDeleteOnTermination;
    estate.attach(&stage.instance, &new, device, on_termination);
    if slip != Slip::LeavesTheInstanceStopped {
        estate.start(&stage.instance);
    }
    let step = if slip == Slip::MarksTheOldAsNew {
        "create-volume"
    } else {
        "tag-old-volume"
    };
    if slip != Slip::LeavesOldUntagged {
        estate.tag(
            old,
            &[
                ("defib:run", RUN),
                ("defib:step", step),
                ("defib:keep-until", "2026-03-08T00:00:00Z"),
            ],
        );
    }
    if slip == Slip::TagsTheBystander {
        let other = stage.before.volumes.keys().find(|id| *id != old);
        estate.tag(other.expect("a bystander"), &[("stray", "tag")]);
    }
    new
}

fn create(stage: &Stage, estate: &Estate<'_>, slip: Slip) -> String {
    let mut tags = [&HOSTILE_TAGS[..], &OURS].concat();
    if slip != Slip::ForgetsTheSource {
        tags.push(("defib:source", &stage.snapshot));
    }
    if slip == Slip::DropsATag {
        tags.remove(1);
    }
    let throughput = if slip == Slip::DropsThroughput {
        125
    } else {
        200
    };
    let make = Make {
        throughput: Some(throughput),
        ..GP3
    };
    estate.restore(&stage.snapshot, make, &tags)
}

#[test]
fn a_swap_made_by_hand_and_taken_back_by_hand_passes() {
    let stage = Stage::with_data_volume(GP3);
    let new = swap_by_hand(&stage, Slip::None);
    assert_eq!(stage.swap(RUN).assert_done(&stage.picture()), new);
    let estate = stage.estate();
    let old = stage.old.as_deref().expect("an old volume");
    estate.stop(&stage.instance);
    estate.detach(&stage.instance, &new);
    let half_way = stage.picture();
    estate.attach(&stage.instance, old, &stage.device, true);
    estate.start(&stage.instance);
    let marked = stage.picture();
    estate.untag(old, &["defib:run", "defib:step", "defib:keep-until"]);
    stage.swap(RUN).assert_rolled_back(&stage.picture(), &new);
    for (wrong, what) in [(half_way, "half a roll back"), (marked, "a tag left over")] {
        let judge = || stage.swap(RUN).assert_rolled_back(&wrong, &new);
        let noticed = catch_unwind(AssertUnwindSafe(judge));
        assert!(noticed.is_err(), "{what} is not the first state");
    }
}

#[test]
fn each_careless_swap_is_noticed() {
    for slip in [
        Slip::ForgetsDeleteOnTermination,
        Slip::LeavesOldUntagged,
        Slip::MakesASecondVolume,
        Slip::DropsATag,
        Slip::ForgetsTheSource,
        Slip::MarksTheOldAsNew,
        Slip::DropsThroughput,
        Slip::TakesAnotherDevice,
        Slip::LeavesTheInstanceStopped,
        Slip::TagsTheBystander,
    ] {
        let stage = Stage::with_data_volume(GP3);
        swap_by_hand(&stage, slip);
        let after = stage.picture();
        let judged = catch_unwind(AssertUnwindSafe(|| stage.swap(RUN).assert_done(&after)));
        assert!(judged.is_err(), "{slip:?} passed");
    }
}

#[test]
fn a_volume_attached_beside_by_hand_passes() {
    let stage = Stage::with_data_volume(GP3);
    let estate = stage.estate();
    let new = create(&stage, &estate, Slip::None);
    estate.attach(&stage.instance, &new, "/dev/sdg", false);
    assert_eq!(stage.swap(RUN).assert_beside(&stage.picture()), new);
}

#[test]
fn a_lost_volume_put_back_by_hand_passes() {
    let mut stage = Stage::with_data_volume(GP3);
    stage.lose_the_volume();
    let estate = stage.estate();
    let new = create(&stage, &estate, Slip::None);
    estate.attach(&stage.instance, &new, &stage.device, true);
    assert_eq!(stage.swap(RUN).assert_done(&stage.picture()), new);
    stage.assert_nothing_was_deleted();
}
