//! `DescribeSnapshotAttribute` and `DescribeImageAttribute`: who may use a snapshot or an image beside its owner.
//! Nothing here shares anything. An attribute that is not simulated is refused.

use aws_sdk_ec2::operation::describe_image_attribute::{
    DescribeImageAttributeInput, DescribeImageAttributeOutput,
};
use aws_sdk_ec2::operation::describe_snapshot_attribute::{
    DescribeSnapshotAttributeInput, DescribeSnapshotAttributeOutput,
};
use aws_sdk_ec2::types as ec2;

use super::ids;
use super::images::require_all;
use super::model::Permissions;
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `DescribeSnapshotAttribute`: `createVolumePermission` of a snapshot of the caller's own.
pub fn of_snapshot(
    input: &DescribeSnapshotAttributeInput,
    call: &mut Call<'_>,
) -> Answer<DescribeSnapshotAttributeOutput> {
    call.permit()?;
    let account = call.account().to_owned();
    let id = ids::required(input.snapshot_id(), "snapshotId")?.to_owned();
    let attribute = input.attribute().map(ec2::SnapshotAttributeName::as_str);
    only("createVolumePermission", attribute)?;
    let snapshot = ids::snapshot(call.estate(), &id)?;
    if snapshot.bin.is_some() {
        return Err(ids::no_snapshot(&id));
    }
    let rows = owned(&snapshot.owner, &account, &snapshot.permissions)?.rows();
    let rows = rows.into_iter().filter_map(|row| match row {
        Row::Everybody => Some(volume().group(ec2::PermissionGroup::All).build()),
        Row::Account(id) => Some(volume().user_id(id).build()),
        Row::Organization(_) | Row::Unit(_) => None,
    });
    let rows = rows.collect();
    answer(move |output: &mut DescribeSnapshotAttributeOutput| {
        output.snapshot_id = Some(id);
        output.create_volume_permissions = Some(rows);
    })
}

/// `DescribeImageAttribute`: `launchPermission` of an image of the caller's own.
pub fn of_image(
    input: &DescribeImageAttributeInput,
    call: &mut Call<'_>,
) -> Answer<DescribeImageAttributeOutput> {
    call.permit()?;
    let account = call.account().to_owned();
    let id = ids::required(input.image_id(), "imageId")?.to_owned();
    let attribute = input.attribute().map(ec2::ImageAttributeName::as_str);
    only("launchPermission", attribute)?;
    require_all(call, std::slice::from_ref(&id))?;
    let image = &call.estate().images[&id];
    let rows = owned(&image.owner, &account, &image.permissions)?.rows();
    let rows = rows.into_iter().map(|row| match row {
        Row::Everybody => launch().group(ec2::PermissionGroup::All).build(),
        Row::Account(id) => launch().user_id(id).build(),
        Row::Organization(arn) => launch().organization_arn(arn).build(),
        Row::Unit(arn) => launch().organizational_unit_arn(arn).build(),
    });
    let rows = rows.collect();
    answer(move |output: &mut DescribeImageAttributeOutput| {
        output.image_id = Some(id);
        output.launch_permissions = Some(rows);
    })
}

fn volume() -> ec2::builders::CreateVolumePermissionBuilder {
    ec2::CreateVolumePermission::builder()
}

fn launch() -> ec2::builders::LaunchPermissionBuilder {
    ec2::LaunchPermission::builder()
}

fn only(known: &str, attribute: Option<&str>) -> Result<(), Refusal> {
    match ids::required(attribute, "attribute")? {
        name if name == known => Ok(()),
        other => Err(Refusal::invalid_value(format!(
            "Value ({other}) for parameter attribute is invalid."
        ))),
    }
}

/// The permissions are told to the owner alone.
fn owned<'a>(
    owner: &str,
    account: &str,
    permissions: &'a Permissions,
) -> Result<&'a Permissions, Refusal> {
    if owner == account {
        return Ok(permissions);
    }
    let message = "Not authorized for this resource";
    Err(Refusal::new(403, "AuthFailure", message))
}

/// One permission.
enum Row {
    Everybody,
    Account(String),
    Organization(String),
    Unit(String),
}

impl Permissions {
    fn rows(&self) -> Vec<Row> {
        let organization = |arn: &String| {
            if arn.contains(":ou/") {
                Row::Unit(arn.clone())
            } else {
                Row::Organization(arn.clone())
            }
        };
        let public = self.public.then_some(Row::Everybody);
        let accounts = self.accounts.iter().cloned().map(Row::Account);
        let organizations = self.organizations.iter().map(organization);
        public
            .into_iter()
            .chain(accounts)
            .chain(organizations)
            .collect()
    }
}
