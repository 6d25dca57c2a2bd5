//! The errors that AWS answers with: status, code and message, in AWS's own words.
//!
//! A refusal travels to the SDK as the body of an HTTP response and is read by the SDK's own parser,
//! so that retry rules, typed error variants and metadata behave as they do against AWS.

/// An error answer of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The error code that callers match on: `IncorrectState`.
    pub code: String,
    /// The sentence that goes with it; nobody may match on it.
    pub message: String,
}

impl Refusal {
    /// Makes an error of any status.
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
        }
    }

    /// Makes a client error (HTTP 400).
    pub fn client(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// `InvalidParameterValue`: a value that is wrong whatever the state of the world.
    pub fn invalid_value(message: impl Into<String>) -> Self {
        Self::client("InvalidParameterValue", message)
    }

    /// `InvalidParameterCombination`: two parameters that exclude each other.
    pub fn invalid_combination(message: impl Into<String>) -> Self {
        Self::client("InvalidParameterCombination", message)
    }

    /// `MissingParameter`: a parameter the request must contain.
    #[must_use]
    pub fn missing(parameter: &str) -> Self {
        Self::client(
            "MissingParameter",
            format!("The request must contain the parameter {parameter}"),
        )
    }

    /// `IncorrectState`: the resource exists and is in the wrong state.
    pub fn incorrect_state(message: impl Into<String>) -> Self {
        Self::client("IncorrectState", message)
    }

    /// `DryRunOperation` (HTTP 412): the answer of a request that would have succeeded.
    #[must_use]
    pub fn dry_run() -> Self {
        Self::new(
            412,
            "DryRunOperation",
            "Request would have succeeded, but DryRun flag is set.",
        )
    }

    /// `UnauthorizedOperation` (HTTP 403), the wording of an identity policy that is silent.
    #[must_use]
    pub fn unauthorized(account: &str, action: &str) -> Self {
        Self::new(
            403,
            "UnauthorizedOperation",
            format!(
                "You are not authorized to perform this operation. User: \
                 arn:aws:sts::{account}:assumed-role/OnCall/operator is not authorized to perform: \
                 {action} because no identity-based policy allows the {action} action"
            ),
        )
    }

    /// `AccessDeniedException`: the same refusal from KMS, DynamoDB and AWS Backup.
    #[must_use]
    pub fn access_denied(account: &str, action: &str) -> Self {
        Self::client(
            "AccessDeniedException",
            format!(
                "User: arn:aws:sts::{account}:assumed-role/OnCall/operator is not authorized to \
                 perform: {action}"
            ),
        )
    }
}
