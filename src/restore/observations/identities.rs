//! The policies of users, groups and roles of an account, with their documents.
//!
//! There is no way to ask for those that name something: all of them are read, within bounds, since an account can
//! have thousands. What was read before a bound or a failure is kept, and says that there may be more.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, EntityType, ManagedPolicyDetail, PolicyDetail,
};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::identity::{AllFound, Found, Owner};
use crate::domain::text::Untrusted;

use super::text;

/// The one call, as a policy names it.
pub const CALL: &str = "iam:GetAccountAuthorizationDetails";

/// How many pages are read at most; IAM puts up to 1,000 users, groups, roles and policies on one (API reference).
const MOST_PAGES: usize = 20;
const PAGE: i32 = 1_000;

/// How long reading may take: a person waits for it, and is told after fifteen seconds that AWS gave no answer.
const WITHIN: Duration = Duration::from_secs(8);

/// What was read so far.
#[derive(Default)]
struct Read {
    pages: usize,
    policies: Vec<Found>,
    /// What each managed policy is attached to, by its ARN.
    attached: BTreeMap<String, Vec<Untrusted>>,
}

/// Reads every policy of the account that is not AWS's own.
///
/// # Errors
/// The failure of the read, where there is nothing before it.
pub async fn identities(clients: &Clients) -> Result<AllFound, Failure> {
    let mut read = Read::default();
    let outcome = tokio::time::timeout(WITHIN, pages(clients, &mut read)).await;
    let cut = match outcome {
        Ok(Ok(cut)) => cut,
        Ok(Err(failure)) if read.pages == 0 => return Err(failure),
        Ok(Err(failure)) => Some(failure.line()),
        Err(_elapsed) if read.pages == 0 => return Err(too_slow()),
        Err(_elapsed) => Some(too_slow().line()),
    };
    Ok(AllFound {
        policies: read.found(),
        cut,
    })
}

fn too_slow() -> Failure {
    Failure {
        class: FailureClass::Unanswered,
        effect: Effect::None,
        call: CALL.to_owned(),
        code: None,
        message: format!("it took longer than {} s", WITHIN.as_secs()).into(),
        request_id: None,
    }
}

/// Reads page after page; says why where it does not read them all.
async fn pages(clients: &Clients, into: &mut Read) -> Result<Option<String>, Failure> {
    let mut marker = None;
    while into.pages < MOST_PAGES {
        let read = clients.iam.get_account_authorization_details();
        let answer = read
            .filter(EntityType::User)
            .filter(EntityType::Group)
            .filter(EntityType::Role)
            .filter(EntityType::LocalManagedPolicy)
            .max_items(PAGE)
            .set_marker(marker)
            .send()
            .await;
        let page = answer.map_err(|error| failure(CALL, &error))?;
        into.page(&page);
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(None);
        }
    }
    let seen = into.policies.len();
    Ok(Some(format!(
        "the account has more than {MOST_PAGES} pages; {seen} policies were read"
    )))
}

impl Read {
    fn page(&mut self, page: &GetAccountAuthorizationDetailsOutput) {
        self.pages += 1;
        for user in page.user_detail_list() {
            let name = text(user.user_name());
            self.inline(user.user_policy_list(), &Owner::User(name.as_str().into()));
            self.attach(user.attached_managed_policies(), "user", &name);
            self.bound(user.permissions_boundary(), "user", &name);
        }
        for group in page.group_detail_list() {
            let name = text(group.group_name());
            self.inline(
                group.group_policy_list(),
                &Owner::Group(name.as_str().into()),
            );
            self.attach(group.attached_managed_policies(), "group", &name);
        }
        for role in page.role_detail_list() {
            let name = text(role.role_name());
            self.inline(role.role_policy_list(), &Owner::Role(name.as_str().into()));
            self.attach(role.attached_managed_policies(), "role", &name);
            self.bound(role.permissions_boundary(), "role", &name);
        }
        self.policies
            .extend(page.policies().iter().filter_map(managed));
    }

    fn inline(&mut self, policies: &[PolicyDetail], owner: &Owner) {
        self.policies.extend(policies.iter().map(|one| Found {
            owner: owner.clone(),
            name: text(one.policy_name()).into(),
            document: decoded(&text(one.policy_document())).into(),
        }));
    }

    fn attach(&mut self, policies: &[AttachedPolicy], kind: &str, name: &str) {
        for one in policies {
            self.note(one.policy_arn(), format!("{kind} {name}"));
        }
    }

    fn bound(&mut self, by: Option<&AttachedPermissionsBoundary>, kind: &str, name: &str) {
        let arn = by.and_then(|by| by.permissions_boundary_arn());
        self.note(arn, format!("{kind} {name} as its boundary"));
    }

    fn note(&mut self, arn: Option<&str>, what: String) {
        if let Some(arn) = arn {
            let all = self.attached.entry(arn.to_owned()).or_default();
            all.push(what.into());
        }
    }

    /// What a policy is attached to may stand on a later page than itself.
    fn found(mut self) -> Vec<Found> {
        for policy in &mut self.policies {
            match &mut policy.owner {
                Owner::Managed { arn, attached, .. } => {
                    *attached = self.attached.remove(arn.raw()).unwrap_or_default();
                }
                Owner::User(_) | Owner::Group(_) | Owner::Role(_) => {}
            }
        }
        self.policies
    }
}

/// The default version is the one that holds; `None` where AWS does not tell it.
fn managed(policy: &ManagedPolicyDetail) -> Option<Found> {
    let versions = policy.policy_version_list();
    let holds = versions.iter().find(|one| one.is_default_version())?;
    let arn = policy.arn().unwrap_or_default();
    // Its ARN ends with its name, which servers that stand in for the service leave out.
    let name = policy.policy_name().or(arn.rsplit('/').next());
    Some(Found {
        owner: Owner::Managed {
            arn: arn.into(),
            versions: versions.len(),
            attached: Vec::new(),
        },
        name: text(name).into(),
        document: decoded(&text(holds.document())).into(),
    })
}

/// Undoes the percent encoding of a document (RFC 3986, `GetAccountAuthorizationDetails`), in which a plus is a plus.
/// Servers that stand in for the service send some as they are; an encoded one has no brace.
fn decoded(document: &str) -> String {
    if document.trim_start().starts_with('{') {
        return document.to_owned();
    }
    let mut bytes = Vec::with_capacity(document.len());
    let mut rest = document.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).filter(|_| *first == b'%');
        let byte = hex
            .filter(|hex| hex.iter().all(u8::is_ascii_hexdigit))
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
