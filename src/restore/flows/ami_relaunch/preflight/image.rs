//! Whether an instance can be launched from the image, and whether it would be one like before.
//! What a launch would be refused for stops here, before anything is made.

use crate::domain::check::Check;
use crate::domain::text::{Untrusted, listed, shown};
use crate::restore::flows::fits;

use super::super::facts::Like;
use super::super::steps::Relaunch;
use super::{fine, know, stop};

pub(super) fn checks(relaunch: &Relaunch) -> Vec<Check> {
    let mut checks = vec![state(relaunch), marketplace(relaunch), devices(relaunch)];
    checks.extend(fits::checks(
        &relaunch.facts.image,
        &relaunch.launch.instance_type,
        &relaunch.facts.instance_type,
    ));
    checks
}

fn state(relaunch: &Relaunch) -> Check {
    let image = &relaunch.facts.image;
    let name = "image-state";
    let id = &image.id;
    let why = image.state_reason.as_ref().map(Untrusted::shown);
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    match image.state.as_str() {
        "available" if image.root_device_type == "ebs" => fine(name, format!("{id} is available")),
        "available" => stop(
            name,
            format!("{id} has no EBS root, which defib does not launch"),
        ),
        "disabled" => stop(name, format!("{id} is disabled")).advise("enable the image first"),
        "pending" => stop(name, format!("{id} is still being made")).advise("wait for it"),
        other => stop(name, format!("{id} is {}{why}", shown(other))),
    }
}

fn marketplace(relaunch: &Relaunch) -> Check {
    let codes = &relaunch.facts.image.product_codes;
    if codes.is_empty() {
        return fine("product-codes", "the image carries no Marketplace product");
    }
    know(
        "product-codes",
        format!("the image is of a Marketplace product ({})", listed(codes)),
    )
    .advise("the account must be subscribed to it, or AWS refuses the launch")
}

/// A volume of the old instance that the image has nothing of would be missed.
fn devices(relaunch: &Relaunch) -> Check {
    let name = "block-devices";
    let image = &relaunch.facts.image;
    let Some(like) = relaunch.facts.like.as_ref() else {
        return fine(
            name,
            format!("{} volumes, as the image has them", image.devices.len()),
        );
    };
    let missing = missing(like, relaunch);
    if missing.is_empty() {
        return fine(
            name,
            format!("{} volumes, one at every device", image.devices.len()),
        );
    }
    know(
        name,
        format!(
            "the image has no volume for {}: the new instance has none there",
            missing.join(", ")
        ),
    )
    .advise("restore that volume beside, once the new instance is there")
}

fn missing(like: &Like, relaunch: &Relaunch) -> Vec<String> {
    let in_image = |device: &str| {
        let mut devices = relaunch.facts.image.devices.iter();
        devices.any(|found| found.device == device)
    };
    let mappings = like.instance.mappings.iter();
    mappings
        .filter(|mapping| !in_image(&mapping.device))
        .map(|mapping| format!("{} ({})", shown(&mapping.device), mapping.volume))
        .collect()
}
