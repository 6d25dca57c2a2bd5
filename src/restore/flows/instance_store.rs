//! Instance store disks: what a stop does to them.
//! It erases them, which is confirmed by typing a name, plan or no plan.

use crate::domain::check::Check;
use crate::domain::ec2::Instance;
use crate::domain::facts::Fact;
use crate::domain::plan::Gate;
use crate::domain::text::{Untrusted, shown};
use crate::restore::flows::verdicts::{asked, fine, know, stop};
use crate::restore::observations::ec2_instance::InstanceType;

/// Asks for the name of an instance that a stop erases something of.
pub(super) fn gate(instance: &Instance, kind: &Fact<InstanceType>) -> Gate {
    if !kind.value().is_some_and(|kind| kind.instance_store) {
        return Gate::None;
    }
    let id = Untrusted::from(instance.id.as_str());
    let name = instance.tags.get(&Untrusted::from("Name"));
    let name = name.filter(|name| !name.raw().trim().is_empty());
    let called = match name {
        Some(name) => format!("{} ({})", name.shown(), id.shown()),
        None => id.shown(),
    };
    let typed = name.filter(|name| name.shown() == name.raw());
    Gate::TypeName {
        name: typed.cloned().unwrap_or(id),
        why: format!(
            "stopping {called} erases the instance store disks of its type {}",
            shown(&instance.instance_type)
        ),
    }
}

/// Says what a stop erases; an instance whose root is there cannot be stopped at all.
pub(super) fn check(instance: &Instance, kind: &Fact<InstanceType>, otherwise: &str) -> Check {
    const NAME: &str = "instance-store";
    let called = shown(&instance.instance_type);
    if instance.root_device_type == "instance-store" {
        let found = "its root is on an instance store: it cannot be stopped";
        return stop(NAME, found).advise(otherwise);
    }
    asked(NAME, kind, |found| {
        if !found.instance_store {
            return fine(NAME, format!("{called} has no instance store"));
        }
        know(
            NAME,
            format!("{called} has instance store disks, and stopping it ERASES them"),
        )
        .advise("its name must be typed before the stop; save what is on those disks first")
    })
}
