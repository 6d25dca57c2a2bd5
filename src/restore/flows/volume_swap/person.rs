//! What a person is asked to do: unmount, mount, look, and judge the application.
//!
//! Commands are for Linux and complete enough to be pasted. Device paths are those that stay the
//! same whatever order the kernel finds the volumes in.

use crate::domain::ids::VolumeId;
use crate::domain::plan::{Gate, NEW_VOLUME, Ref};
use crate::domain::text::shown;
use crate::restore::operation::Operation;
use crate::restore::operations::ec2_instance_status::InstanceIsHealthy;

use super::target::{Mode, Target};

const BY_ID: &str = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_";
const LIST: &str = "  lsblk -o NAME,SERIAL,SIZE,FSTYPE,UUID,MOUNTPOINTS";

/// Asks for the old volume to be unmounted.
pub(super) fn unmount_old(target: &Target) -> Gate {
    let old = target.old.map(|old| &old.volume.id);
    let mut lines = vec![format!(
        "On {}: stop what uses {}, then unmount it.",
        target.facts.instance_called(),
        target.old_called()
    )];
    lines.extend(device_lines(target, old));
    lines.extend(unmount_lines(&disk(target, old)));
    lines.extend(duplicate_lines());
    lines.push("Answer when lsblk shows no mount point for it.".to_owned());
    person(lines)
}

/// Asks for the restored volume to be unmounted, before it is taken out again.
pub(super) fn unmount_new(target: &Target) -> Gate {
    let mut lines = vec![format!(
        "On {}: if the restored volume is mounted, stop what uses it and unmount it.",
        target.facts.instance_called()
    )];
    lines.extend(device_lines(target, None));
    lines.extend(unmount_lines(&disk(target, None)));
    lines.push("Answer when lsblk shows no mount point for it.".to_owned());
    person(lines)
}

/// Asks for the restored volume to be mounted where the old one was.
pub(super) fn mount_new(target: &Target) -> Gate {
    let device = disk(target, None);
    let mut lines = vec![format!(
        "On {}: mount the restored volume and start what uses it.",
        target.facts.instance_called()
    )];
    lines.extend(device_lines(target, None));
    lines.extend(mount_lines(&device));
    if !target.lost() {
        lines.extend(duplicate_lines());
    }
    lines.push("Answer when findmnt shows it and the application has it open.".to_owned());
    person(lines)
}

/// Asks for the old volume to be mounted again, after a roll back has attached it.
pub(super) fn mount_old(target: &Target) -> Gate {
    let old = target.old.map(|old| &old.volume.id);
    let device = disk(target, old);
    let mut lines = vec![format!(
        "On {}: {} is attached again; mount it and start what uses it.",
        target.facts.instance_called(),
        target.old_called()
    )];
    lines.extend(device_lines(target, old));
    lines.extend(mount_lines(&device));
    lines.push("Answer when findmnt shows it and the application has it open.".to_owned());
    person(lines)
}

/// Asks for the files to be taken from the volume that is attached beside.
pub(super) fn look(target: &Target) -> Gate {
    let device = disk(target, None);
    let mut lines = Vec::new();
    if !target.running() {
        lines.push(format!(
            "{} is {}: start it when you want to look.",
            target.facts.instance_called(),
            shown(&target.instance.state)
        ));
    }
    lines.push(format!(
        "On {}: mount the restored volume read-only and take the files you need.",
        target.facts.instance_called()
    ));
    lines.extend(device_lines(target, None));
    lines.extend([
        "Add -part1 to the device where the file system is in a partition.".to_owned(),
        "  sudo mkdir -p /mnt/restored".to_owned(),
        format!("  sudo mount -o ro {device} /mnt/restored"),
        format!("  sudo mount -o ro,nouuid {device} /mnt/restored      # XFS"),
        format!(
            "  sudo mount -o ro,noload {device} /mnt/restored      # ext4 with an open journal"
        ),
        "  sudo umount /mnt/restored      # when you are done".to_owned(),
    ]);
    lines.extend(duplicate_lines());
    lines.push("It stays attached and is kept. Answer when you have what you need.".to_owned());
    person(lines)
}

/// Asks whether the application is healthy.
pub(super) fn healthy(target: &Target) -> Gate {
    let mut lines = Vec::new();
    if target.mode == Mode::Stop && !target.running() {
        lines.push(format!(
            "{} was {} and was left so: start it if you want to judge by the application.",
            target.facts.instance_called(),
            shown(&target.instance.state)
        ));
    }
    lines.push("Is the application healthy, with the data you expect?".to_owned());
    lines.push(otherwise(target));
    // Only where the plan itself saw both checks ok: nobody says what they were before an unmount.
    let check = target.stops().then(|| InstanceIsHealthy {
        instance: Ref::Known(target.instance.id.clone()),
    });
    if check.is_some() {
        lines.push(
            "Your yes counts while the instance is running with both status checks ok; \
             otherwise you are asked again."
                .to_owned(),
        );
    }
    Gate::Person {
        instructions: lines,
        check: check.map(|check| check.call()),
    }
}

/// Says what a no leads to; where the volume was lost there is no old one to go back to.
fn otherwise(target: &Target) -> String {
    if target.lost() {
        return format!(
            "Answer yes to finish. Otherwise roll back: there is no old volume to go back to, so {} \
             is empty again and what uses the restored volume goes down.",
            target.device_shown()
        );
    }
    "Answer yes to finish. Otherwise roll back: the old state is still there.".to_owned()
}

fn unmount_lines(device: &str) -> Vec<String> {
    vec![
        "  sync".to_owned(),
        format!("  findmnt -n -o TARGET -S \"$(readlink -f {device})\""),
        "  sudo fuser -vm MOUNTPOINT      # who still uses it".to_owned(),
        "  sudo umount MOUNTPOINT         # every mount point that findmnt shows".to_owned(),
        "  sudo vgchange -an GROUP        # only where it belongs to an LVM volume group"
            .to_owned(),
        format!("  sudo blockdev --flushbufs {device}"),
    ]
}

fn mount_lines(device: &str) -> Vec<String> {
    vec![
        "  sudo vgchange -ay GROUP        # only where it belongs to an LVM volume group"
            .to_owned(),
        "  sudo mount -a                  # where /etc/fstab names it by UUID or label".to_owned(),
        format!("  sudo mount {device} MOUNTPOINT"),
        "  findmnt MOUNTPOINT".to_owned(),
    ]
}

fn duplicate_lines() -> Vec<String> {
    [
        "A volume made from a snapshot has the same file system UUID and label as the one the \
         snapshot was taken from.",
        "While both are attached, mount neither by UUID or label: either may be taken. XFS refuses \
         the second one without -o nouuid.",
        "After a reboot with both attached, Linux may even boot from the copy of a root volume.",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn device_lines(target: &Target, volume: Option<&VolumeId>) -> Vec<String> {
    let mut lines = vec![format!("Its device is {}:", disk(target, volume))];
    if volume.is_none() && lines[0].contains(NEW_VOLUME) {
        lines.push(format!(
            "({NEW_VOLUME} stands for the id of the volume that this run made, without its dash.)"
        ));
    }
    lines.push(LIST.to_owned());
    lines
}

/// Returns the stable path of a volume on the instance. A volume that does not exist yet stands as
/// [`NEW_VOLUME`].
fn disk(target: &Target, volume: Option<&VolumeId>) -> String {
    let kind = target.facts.instance_type.value();
    if kind.is_some_and(|kind| !kind.nvme) {
        return xen_disk(&target.device);
    }
    let serial = volume.map_or_else(
        || NEW_VOLUME.to_owned(),
        |volume| shown(&volume.as_str().replacen('-', "", 1)),
    );
    format!("{BY_ID}{serial}")
}

/// A Xen guest sees a volume under the letters of its device name.
fn xen_disk(device: &str) -> String {
    let name = device.strip_prefix("/dev/").unwrap_or(device);
    let letters = name.strip_prefix("sd").or_else(|| name.strip_prefix("xvd"));
    format!("/dev/xvd{}", shown(letters.unwrap_or(name)))
}

fn person(instructions: Vec<String>) -> Gate {
    Gate::Person {
        instructions,
        check: None,
    }
}
