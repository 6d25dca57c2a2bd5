//! What an operation does, by the words of its name. AWS's crates do not say it.
//!
//! A verb that is not in the table is an error, so a service that brings a new one has to be looked
//! at. Nothing of this is used by the guard itself, which knows exact names only.

use std::fmt;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Tells something and changes nothing.
    Read,
    /// Hands out credentials or keys, or works with them.
    Secret,
    /// Changes something.
    Mutation,
    /// Destroys something, or gives it away for good.
    Deletion,
}

impl Class {
    pub const ALL: [Self; 4] = [Self::Read, Self::Secret, Self::Mutation, Self::Deletion];
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Read => "read",
            Self::Secret => "secret",
            Self::Mutation => "mutation",
            Self::Deletion => "deletion",
        })
    }
}

/// A name with one of these words deletes, whatever its verb is.
const DELETING: &[&str] = &[
    "Delete",
    "Deprovision",
    "Deregister",
    "Purge",
    "Release",
    "Terminate",
];

/// Operations whose verb says less than what they do.
const SINGLE: &[(Class, &[&str])] = &[
    (Class::Deletion, &["ScheduleKeyDeletion"]),
    (Class::Read, &["BatchGetItem", "TestDNSAnswer"]),
    (
        Class::Secret,
        &[
            "AcquireRole",
            "CreateAccessKey",
            "CreateServiceSpecificCredential",
            "CreateToken",
            "CreateTokenWithIAM",
            "CreateVirtualMFADevice",
            "GetAccessToken",
            "GetDelegatedAccessToken",
            "GetFederationToken",
            "GetPasswordData",
            "GetRoleCredentials",
            "GetSessionToken",
            "GetWebIdentityToken",
            "RegisterClient",
            "ResetServiceSpecificCredential",
            "SendDelegationToken",
        ],
    ),
];

const VERBS: &[(Class, &[&str])] = &[
    (
        Class::Read,
        &[
            "Decode", "Describe", "Download", "Get", "List", "Query", "Scan", "Search", "Simulate",
            "Validate",
        ],
    ),
    (
        Class::Secret,
        &[
            "Assume",
            "Decapsulate",
            "Decrypt",
            "Derive",
            "Encapsulate",
            "Encrypt",
            "Generate",
            "Re",
            "Sign",
            "Verify",
        ],
    ),
    (
        Class::Mutation,
        &[
            "Accept",
            "Activate",
            "Add",
            "Advertise",
            "Allocate",
            "Apply",
            "Assign",
            "Associate",
            "Attach",
            "Authorize",
            "Backtrack",
            "Batch",
            "Bundle",
            "Cancel",
            "Change",
            "Checkpoint",
            "Complete",
            "Confirm",
            "Connect",
            "Copy",
            "Create",
            "Deactivate",
            "Detach",
            "Disable",
            "Disassociate",
            "Disconnect",
            "Enable",
            "Enter",
            "Execute",
            "Exit",
            "Export",
            "Failover",
            "Import",
            "Invoke",
            "Label",
            "Launch",
            "Lock",
            "Logout",
            "Modify",
            "Monitor",
            "Move",
            "Promote",
            "Provision",
            "Publish",
            "Purchase",
            "Put",
            "Reboot",
            "Record",
            "Register",
            "Reject",
            "Remove",
            "Replace",
            "Replicate",
            "Report",
            "Request",
            "Reset",
            "Restore",
            "Resume",
            "Resync",
            "Retire",
            "Revoke",
            "Rollback",
            "Rotate",
            "Run",
            "Send",
            "Set",
            "Start",
            "Stop",
            "Suspend",
            "Switchover",
            "Tag",
            "Transact",
            "Unassign",
            "Unlabel",
            "Unlock",
            "Unmonitor",
            "Untag",
            "Update",
            "Upload",
            "Withdraw",
        ],
    ),
];

/// Says what an operation does; `None` for a verb that nobody has looked at.
pub fn class_of(name: &str) -> Option<Class> {
    let find = |table: &[(Class, &[&str])], word: &str| {
        let line = table.iter().find(|(_, words)| words.contains(&word));
        line.map(|(class, _)| *class)
    };
    let words = words(name);
    if words.iter().any(|word| DELETING.contains(word)) {
        return Some(Class::Deletion);
    }
    find(SINGLE, name).or_else(|| find(VERBS, words.first()?))
}

/// Splits a name at its capitals.
fn words(name: &str) -> Vec<&str> {
    let capitals = name.char_indices().filter(|(_, c)| c.is_uppercase());
    let mut starts: Vec<usize> = capitals.map(|(at, _)| at).collect();
    starts.push(name.len());
    starts
        .windows(2)
        .map(|ends| &name[ends[0]..ends[1]])
        .collect()
}

#[test]
fn a_name_is_judged_by_its_words() {
    for (name, class) in [
        ("DescribeVolumes", Some(Class::Read)),
        ("DescribeTerminationPolicyTypes", Some(Class::Read)),
        ("DeleteVolume", Some(Class::Deletion)),
        ("BatchDeleteScheduledAction", Some(Class::Deletion)),
        ("TerminateInstanceInAutoScalingGroup", Some(Class::Deletion)),
        ("DeregisterImage", Some(Class::Deletion)),
        ("ReleaseAddress", Some(Class::Deletion)),
        ("ScheduleKeyDeletion", Some(Class::Deletion)),
        ("EnableImageDeregistrationProtection", Some(Class::Mutation)),
        ("GetSessionToken", Some(Class::Secret)),
        ("ReEncrypt", Some(Class::Secret)),
        ("DetachVolume", Some(Class::Mutation)),
        ("ChangeResourceRecordSets", Some(Class::Mutation)),
        ("TestDNSAnswer", Some(Class::Read)),
        ("TestVolume", None),
        ("AnnihilateVolume", None),
        ("", None),
    ] {
        assert_eq!(class_of(name), class, "{name}");
    }
}
