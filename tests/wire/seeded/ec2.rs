//! Volumes, instances, their snapshots and images, and copies of those in another Region.
//!
//! The server takes the snapshot of an image of a volume that it deletes at once.

use serde_json::json;

use super::BEFORE;
use super::seed::{Seeded, at, both};
use crate::estate::{Estate, Make};

/// A volume with a snapshot before and after the time, its first snapshot also in a vault; one whose only snapshot is
/// too young, and one whose only snapshot is archived. Returns the volume and its first snapshot.
pub(super) fn volumes(here: &mut Seeded<'_>, copies: usize) -> (String, String) {
    let estate = Estate::new(here.account, here.region);
    let volume = estate.volume(Make::gp3(10, 3000, 125), &[("Name", "data"), ("Team", "a")]);
    let first = estate.snapshot(&volume, "2026-03-01T02:00:00Z", &[("Name", "nightly")]);
    let second = estate.snapshot(&volume, "2026-03-01T04:00:00Z", &[]);
    let sized = |time| {
        both(
            at(time),
            json!({ "state": "completed", "size_bytes": 10_u64 << 30 }),
        )
    };
    let in_vault = json!({
        "name": "nightly", "tags": { "Name": "nightly" }, "vault": "nightly", "scan": "NO_THREATS_FOUND",
        "backup_arn": format!("arn:aws:ec2:{}::snapshot/{first}", here.region), "protection": "governance lock",
    });
    let best = both(sized("2026-03-01T02:00:00Z"), in_vault);
    let best = here.point("ebs-snapshot", &first, &volume, best);
    here.point(
        "ebs-snapshot",
        &second,
        &volume,
        sized("2026-03-01T04:00:00Z"),
    );
    here.resource(
        "volume",
        &volume,
        Some("data"),
        Some((&best, 3600)),
        2 + copies,
    );

    let late = estate.volume(Make::gp3(10, 3000, 125), &[]);
    let young = estate.snapshot(&late, "2026-03-01T03:00:00Z", &[]);
    here.point("ebs-snapshot", &young, &late, sized("2026-03-01T03:00:00Z"));
    here.resource("volume", &late, None, None, 1);

    let cold = estate.volume(Make::gp3(10, 3000, 125), &[]);
    let archived = estate.snapshot(&cold, "2026-03-01T01:00:00Z", &[]);
    estate.archive_snapshot(&archived);
    let archived_row = both(sized("2026-03-01T01:00:00Z"), json!({ "tier": "archive" }));
    let archived = here.point("ebs-snapshot", &archived, &cold, archived_row);
    here.resource("volume", &cold, None, Some((&archived, 7200)), 1);
    // There is nothing else of it, and it takes hours.
    here.resources.last_mut().expect("it was said")["best"]["first"] = json!("restore-tier");
    (volume, first)
}

/// A copy of a snapshot of another Region: it is of no volume of its own, and its time is not that of its data.
pub(super) fn copied_snapshot(there: &mut Seeded<'_>, source: &Seeded<'_>, snapshot: &str) {
    let ec2 = there.account.ec2(there.region);
    let call = ec2
        .copy_snapshot()
        .source_region(source.region)
        .source_snapshot_id(snapshot);
    let call = call.description(format!(
        "[Copied {snapshot} from {}] nightly",
        source.region
    ));
    let copy = there.account.wait(call.send()).expect("CopySnapshot");
    let copy = copy.snapshot_id().expect("an id").to_owned();
    there.set_time("snapshot", &copy, "2026-03-01T02:30:00Z", None);
    let differs = json!({
        "resource": null, "resource_place": null, "at": "2026-03-01T02:30:00Z", "data_at": null, "state": "completed",
        "size_bytes": 10_u64 << 30, "copy_of": snapshot,
    });
    there.point("ebs-snapshot", &copy, "", differs);
}

/// An instance with an image of it and an older copy of that image's kind elsewhere; its root volume has no point.
/// Returns the image.
pub(super) fn image(here: &mut Seeded<'_>, copies: usize) -> String {
    let estate = Estate::new(here.account, here.region);
    let instance = estate.launch("web");
    let root = estate.volume_at(&instance, crate::estate::ROOT);
    here.resource("volume", &root, Some("web root"), None, 0);
    let call = estate
        .ec2
        .create_image()
        .instance_id(&instance)
        .name("web before");
    let image = here.account.wait(call.send()).expect("CreateImage");
    let image = image.image_id().expect("an id").to_owned();
    let differs = both(
        at("2026-03-01T01:00:00Z"),
        json!({ "name": "web before", "size_bytes": 15_u64 << 30, "architecture": "x86_64" }),
    );
    let best = here.point("ami", &image, &instance, differs);
    here.resource(
        "instance",
        &instance,
        Some("web"),
        Some((&best, 7200)),
        1 + copies,
    );
    // AWS tells only when the copy was made, which was after the time.
    here.resources.last_mut().expect("it was said")["unknown_age"] = json!(copies);
    member(here, &image, "2026-03-01T01:00:00Z", "image");
    image
}

/// Sets the time of an image, and expects its snapshot. The server takes it of a volume that it deletes at once.
pub(super) fn member(here: &mut Seeded<'_>, image: &str, time: &str, origin: &str) {
    here.set_time("image", image, time, None);
    let ec2 = here.account.ec2(here.region);
    let images = here
        .account
        .wait(ec2.describe_images().image_ids(image).send())
        .expect("DescribeImages");
    let disk = images.images()[0].block_device_mappings()[0]
        .ebs()
        .expect("a disk");
    let snapshot = disk.snapshot_id().expect("an id").to_owned();
    here.set_time("snapshot", &snapshot, time, None);
    let told = here
        .account
        .wait(ec2.describe_snapshots().snapshot_ids(&snapshot).send())
        .expect("DescribeSnapshots");
    let volume = told.snapshots()[0].volume_id().expect("an id").to_owned();
    let differs = json!({ "state": "completed", "size_bytes": 15_u64 << 30, "origin": origin });
    let row = here.point("ebs-snapshot", &snapshot, &volume, both(at(time), differs));
    let lost = if time < BEFORE {
        Some((&row, 7200))
    } else {
        None
    };
    here.resource("volume", &volume, None, lost, 1);
}

pub(super) fn copied_image(there: &mut Seeded<'_>, source: &Seeded<'_>, image: &str) {
    let ec2 = there.account.ec2(there.region);
    let call = ec2
        .copy_image()
        .source_region(source.region)
        .source_image_id(image)
        .name("copy");
    let call = call.description(format!("[Copied {image} from {}] web", source.region));
    let copy = there.account.wait(call.send()).expect("CopyImage");
    let copy = copy.image_id().expect("an id").to_owned();
    let differs = json!({
        "resource": null, "resource_place": null, "at": "2026-03-01T04:00:00Z", "data_at": null, "name": "copy",
        "size_bytes": 15_u64 << 30, "copy_of": image, "architecture": "x86_64",
    });
    there.point("ami", &copy, "", differs);
    member(there, &copy, "2026-03-01T04:00:00Z", "by-hand");
}
