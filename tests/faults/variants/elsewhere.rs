//! A restored volume that takes nobody's place: beside the old one, or where one was lost; and names
//! that attack whoever shows them.

use defib::restore::flow::FlowError;
use serde_json::json;

use super::{Down, Variant, of_volume, open, there_and_back};
use crate::cases::each;
use crate::judge::Swap;
use crate::oracle::{PLACE, thing};

impl Variant {
    /// The old volume stays where it is, the new one goes to an empty device.
    pub fn beside(mut self, device: &str) -> Self {
        self.swap.old = None;
        self.swap.safety = false;
        self.swap.delete = false;
        device.clone_into(&mut self.swap.device);
        self.say("mode", "beside").down(Down::Never)
    }
}

#[test]
fn a_volume_that_is_attached_beside_leaves_all_as_it_is() {
    let orders = |name| of_volume("bad-deploy", "orders-db-data", name);
    let refusal = |volume: &str, name| of_volume("refusals", volume, name);
    let mut deleted = orders("deleted with its instance").beside("/dev/sdg");
    deleted = deleted.say("delete-on-termination", "yes");
    deleted.swap.delete = true;
    let cases = [
        orders("beside").beside("/dev/sdg"),
        orders("beside at a device of choice")
            .beside("/dev/sdm")
            .say("device", "/dev/sdm"),
        deleted,
        of_volume("estate", "vol-0000000000000a001", "beside many").beside("/dev/sdj"),
        of_volume("estate", "vol-0000000000000a000", "beside the root").beside("/dev/sdj"),
        refusal("stopped-data", "beside, of a stopped instance").beside("/dev/sdg"),
        refusal("asg-member-data", "beside, in a group").beside("/dev/sdg"),
        refusal("windows-data", "beside, of Windows").beside("xvdg"),
        refusal("mounted-data", "beside a mounted one").beside("/dev/sdg"),
    ];
    each("variants: beside", 9, &cases, there_and_back);
}

/// The uploads volume was deleted; `mode` is how its place is filled.
fn lost(name: &'static str, delete: &str, mode: Option<&str>) -> Variant {
    let (snapshot, instance) = ("snap-04c8a1f72e9d3b560", "i-07d1e5b93c4a8f260");
    let variant = Variant {
        name,
        scenario: "lost-volume",
        choices: vec![("snapshot", snapshot.to_owned())],
        down: Down::Never,
        swap: Swap {
            snapshot: snapshot.to_owned(),
            instance: instance.to_owned(),
            device: "/dev/sdf".to_owned(),
            delete: delete == "yes",
            ..Swap::default()
        },
    };
    let variant = variant
        .say("instance", instance)
        .say("device", "/dev/sdf")
        .say("delete-on-termination", delete);
    match mode {
        Some(mode) => variant.say("mode", mode),
        None => variant,
    }
}

#[test]
fn a_lost_volume_is_replaced_in_its_empty_place() {
    let mut changed = lost("lost, with choices", "no", None)
        .say("volume-type", "io2")
        .say("iops", "3500")
        .say("size", "600")
        .becomes("type", json!("io2"))
        .becomes("iops", json!(3500))
        .becomes("throughput", json!(null))
        .becomes("size", json!(600));
    changed.name = "lost, with choices";
    let cases = [
        lost("lost, deleted with its instance", "yes", None),
        lost("lost, not deleted with its instance", "no", None),
        lost("lost, instance stopped", "yes", Some("stop")).down(Down::Stopped),
        lost("lost, instance stopped, kept", "no", Some("stop")).down(Down::Stopped),
        changed,
    ];
    each("variants: lost", 5, &cases, there_and_back);
}

#[test]
fn a_lost_volume_is_not_replaced_before_everything_is_said() {
    let snapshot = ("snapshot", "snap-04c8a1f72e9d3b560");
    let instance = ("instance", "i-07d1e5b93c4a8f260");
    let device = ("device", "/dev/sdf");
    let cases = [
        (vec![snapshot], "instance"),
        (vec![snapshot, device], "instance"),
        (vec![snapshot, instance], "device"),
        (vec![snapshot, instance, device], "delete-on-termination"),
    ];
    each("variants: lost, unsaid", 4, &cases, |(choices, missing)| {
        let mut stage = open("lost-volume");
        let error = stage.plan(choices).expect_err(missing);
        let said = matches!(&error, FlowError::Choice { field, .. } if field == missing);
        assert!(said, "{missing}: {error}");
    });
}

#[test]
fn names_that_bite_arrive_byte_for_byte() {
    let picture = open("hostile-names").picture();
    let snapshots = picture[PLACE]["snapshots"].as_object().unwrap();
    let volumes = snapshots.values();
    let mut volumes: Vec<&str> = volumes
        .filter_map(|snapshot| snapshot["volume_id"].as_str())
        .filter(|volume| thing(&picture, "volumes", volume)["attachments"][0].is_object())
        .collect();
    volumes.sort_unstable();
    volumes.dedup();
    let cases: Vec<Variant> = volumes
        .into_iter()
        .map(|volume| of_volume("hostile-names", volume, "hostile names"))
        .collect();
    each("variants: hostile names", 20, &cases, there_and_back);
}
