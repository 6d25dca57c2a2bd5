//! A failed call, as the journal keeps it and as decisions need it.
//!
//! The classification of SDK errors happens in the `aws` room; this is only the result.

use serde::{Deserialize, Serialize};

use super::text::Untrusted;

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureClass {
    /// AWS asked to slow down.
    Throttled,
    /// AWS had an internal error.
    Server,
    /// No answer, or an unreadable one.
    Unanswered,
    /// Credentials have expired and can be renewed.
    CredentialsExpired,
    /// Credentials are absent or wrong.
    CredentialsBroken,
    /// The caller may not do this.
    Denied,
    /// The thing is not there.
    NotFound,
    /// The thing is in a state that does not allow this.
    State,
    /// The name is taken.
    Exists,
    /// The token was used with other parameters.
    Token,
    /// A quota is used up.
    Quota,
    /// AWS has no capacity.
    Capacity,
    /// A KMS key cannot be used.
    Key,
    /// The request was not valid.
    Validation,
    /// `DryRun` says the call would have been allowed.
    DryRunAllowed,
    /// Our own guard refused before anything was sent.
    Refused,
    /// A code that is not in the table.
    Other,
}

impl FailureClass {
    /// Tells whether a new login is what it takes.
    #[must_use]
    pub fn wants_login(self) -> bool {
        matches!(self, Self::CredentialsExpired | Self::CredentialsBroken)
    }

    /// Tells whether the same read is worth trying again for long.
    #[must_use]
    pub fn passes(self) -> bool {
        matches!(self, Self::Throttled | Self::Server | Self::Unanswered)
    }
}

/// Whether the failed call can have changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Proven: nothing changed.
    None,
    /// It may have taken effect; only looking can tell.
    Unknown,
}

/// Calls that tell what keeps points from being deleted, and bring no point.
pub const OF_PROTECTION: [&str; 3] = [
    "ec2:DescribeLockedSnapshots",
    "backup:ListLegalHolds",
    "backup:ListRecoveryPointsByLegalHold",
];

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind it was.
    pub class: FailureClass,
    /// Whether it can have changed anything.
    pub effect: Effect,
    /// Service and operation, `ec2:CreateVolume`.
    pub call: String,
    /// Error code of AWS.
    pub code: Option<String>,
    /// Message of AWS or of the transport.
    pub message: Untrusted,
    /// Request id, if there was an answer.
    pub request_id: Option<String>,
}

impl Failure {
    /// Tells whether a listing that ended with this had brought every point: only what keeps them is not known then.
    /// A source tells of such a call only where no other one failed.
    #[must_use]
    pub fn leaves_points_whole(&self) -> bool {
        OF_PROTECTION.contains(&self.call.as_str())
    }

    /// Returns one line fit to be shown: `ec2:CreateVolume UnauthorizedOperation: …`.
    #[must_use]
    pub fn line(&self) -> String {
        let code = match (&self.code, self.class) {
            (Some(code), _) => format!(" {}", super::text::shown(code)),
            (None, FailureClass::Unanswered) => " no answer".to_owned(),
            // It was answered, and something in that was wrong.
            (None, _) => String::new(),
        };
        format!("{}{code}: {}", self.call, self.message.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_not_answered_is_said_to_be() {
        let line = |class, code: Option<&str>| {
            let failure = Failure {
                class,
                effect: Effect::None,
                call: "rds:DescribeDBInstanceAutomatedBackups".to_owned(),
                code: code.map(str::to_owned),
                message: "x".into(),
                request_id: None,
            };
            failure.line()
        };
        let call = "rds:DescribeDBInstanceAutomatedBackups";
        assert_eq!(line(FailureClass::Other, None), format!("{call}: x"));
        let silent = line(FailureClass::Unanswered, None);
        assert_eq!(silent, format!("{call} no answer: x"));
        assert_eq!(line(FailureClass::Other, Some("A")), format!("{call} A: x"));
    }
}
