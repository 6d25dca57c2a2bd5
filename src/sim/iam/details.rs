//! `GetAccountAuthorizationDetails`: users, then groups, then roles, then managed policies, page by page.
//!
//! IAM may put fewer on a page than were asked for even where there are more (API reference, `MaxItems`): here it never
//! puts more than three.

use std::fmt::Write as _;

use aws_sdk_iam::operation::get_account_authorization_details::{
    GetAccountAuthorizationDetailsInput, GetAccountAuthorizationDetailsOutput,
};
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, EntityType, GroupDetail, ManagedPolicyDetail,
    PermissionsBoundaryAttachmentType, PolicyDetail, PolicyVersion, RoleDetail, UserDetail,
};

use super::model::{Iam, Identity, policy_arn};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// The most on a page, however many are asked for.
const PAGE: usize = 3;

/// One of the things that a page has.
enum Row {
    User(UserDetail),
    Group(GroupDetail),
    Role(RoleDetail),
    Policy(ManagedPolicyDetail),
}

pub fn get(
    input: &GetAccountAuthorizationDetailsInput,
    call: &mut Call<'_>,
) -> Answer<GetAccountAuthorizationDetailsOutput> {
    call.permit_elsewhere()?;
    let size = size(input.max_items())?;
    let from = from(input.marker())?;
    let account = call.account().to_owned();
    let nothing = Iam::default();
    let iam = call.world().iam.get(&account).unwrap_or(&nothing);
    let rows = rows(iam, &account, input.filter());
    let next = from + size;
    let more = next < rows.len();
    let page: Vec<Row> = rows.into_iter().skip(from).take(size).collect();
    answer(move |output: &mut GetAccountAuthorizationDetailsOutput| {
        output.is_truncated = more;
        output.marker = more.then(|| format!("from-{next}"));
        for row in page {
            match row {
                Row::User(one) => output.user_detail_list.get_or_insert_default().push(one),
                Row::Group(one) => output.group_detail_list.get_or_insert_default().push(one),
                Row::Role(one) => output.role_detail_list.get_or_insert_default().push(one),
                Row::Policy(one) => output.policies.get_or_insert_default().push(one),
            }
        }
    })
}

fn size(asked: Option<i32>) -> Result<usize, Refusal> {
    let asked = usize::try_from(asked.unwrap_or(100)).unwrap_or_default();
    if !(1..=1_000).contains(&asked) {
        return Err(Refusal::client(
            "ValidationError",
            "maxItems must be between 1 and 1000",
        ));
    }
    Ok(asked.min(PAGE))
}

fn from(marker: Option<&str>) -> Result<usize, Refusal> {
    let Some(marker) = marker else {
        return Ok(0);
    };
    let number = marker.strip_prefix("from-");
    let number = number.and_then(|number| number.parse().ok());
    number.ok_or_else(|| Refusal::client("ValidationError", "Invalid Marker."))
}

fn rows(iam: &Iam, account: &str, filter: &[EntityType]) -> Vec<Row> {
    let wanted = |kind: EntityType| filter.is_empty() || filter.contains(&kind);
    let mut all = Vec::new();
    if wanted(EntityType::User) {
        all.extend(iam.users.iter().map(|(name, one)| {
            let row = UserDetail::builder().user_name(name);
            let row = row.set_user_policy_list(Some(inline(one)));
            let row = row.set_attached_managed_policies(Some(attached(one, account)));
            Row::User(row.set_permissions_boundary(boundary(one, account)).build())
        }));
    }
    if wanted(EntityType::Group) {
        all.extend(iam.groups.iter().map(|(name, one)| {
            let row = GroupDetail::builder().group_name(name);
            let row = row.set_group_policy_list(Some(inline(one)));
            Row::Group(
                row.set_attached_managed_policies(Some(attached(one, account)))
                    .build(),
            )
        }));
    }
    if wanted(EntityType::Role) {
        all.extend(iam.roles.iter().map(|(name, one)| {
            let row = RoleDetail::builder().role_name(name);
            let row = row.set_role_policy_list(Some(inline(one)));
            let row = row.set_attached_managed_policies(Some(attached(one, account)));
            Row::Role(row.set_permissions_boundary(boundary(one, account)).build())
        }));
    }
    if wanted(EntityType::LocalManagedPolicy) {
        let policies = iam.policies.iter();
        all.extend(policies.map(|(name, versions)| Row::Policy(policy(name, versions, account))));
    }
    all
}

fn inline(one: &Identity) -> Vec<PolicyDetail> {
    let policies = one.inline.iter();
    policies
        .map(|(name, document)| {
            let row = PolicyDetail::builder().policy_name(name);
            row.policy_document(encoded(document)).build()
        })
        .collect()
}

fn attached(one: &Identity, account: &str) -> Vec<AttachedPolicy> {
    let policies = one.attached.iter();
    policies
        .map(|name| {
            let row = AttachedPolicy::builder().policy_name(name);
            row.policy_arn(policy_arn(account, name)).build()
        })
        .collect()
}

fn boundary(one: &Identity, account: &str) -> Option<AttachedPermissionsBoundary> {
    let name = one.boundary.as_ref()?;
    let row = AttachedPermissionsBoundary::builder()
        .permissions_boundary_type(PermissionsBoundaryAttachmentType::Policy);
    Some(
        row.permissions_boundary_arn(policy_arn(account, name))
            .build(),
    )
}

fn policy(name: &str, documents: &[String], account: &str) -> ManagedPolicyDetail {
    let versions = documents.iter().enumerate().map(|(n, document)| {
        PolicyVersion::builder()
            .version_id(format!("v{}", n + 1))
            .is_default_version(n + 1 == documents.len())
            .document(encoded(document))
            .build()
    });
    ManagedPolicyDetail::builder()
        .policy_name(name)
        .arn(policy_arn(account, name))
        .default_version_id(format!("v{}", documents.len()))
        .set_policy_version_list(Some(versions.collect()))
        .build()
}

/// Documents are percent-encoded (RFC 3986, API reference).
fn encoded(document: &str) -> String {
    let mut out = String::with_capacity(document.len() * 2);
    for byte in document.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
