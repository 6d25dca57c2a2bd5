//! SDK errors, classified by code and by how far the request came.
//!
//! EC2 models no error shapes, so codes are matched as strings, here and nowhere else. What decides a
//! retry is whether the request can have taken effect: only a refusal proves that it did not.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{SdkError, ServiceError};
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use crate::domain::failure::{Effect, Failure, FailureClass};

use super::guard::Refusal;

/// Error codes by class, from the services' API references.
const CODES: &[(FailureClass, &[&str])] = &[
    (
        FailureClass::Throttled,
        &[
            "RequestLimitExceeded",
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "TooManyRequestsException",
            "EC2ThrottledException",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "BandwidthLimitExceeded",
            "ProvisionedThroughputExceededException",
            "PriorRequestNotComplete",
        ],
    ),
    (
        FailureClass::CredentialsExpired,
        &[
            "ExpiredToken",
            "ExpiredTokenException",
            "RequestExpired",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "UnauthorizedException",
        ],
    ),
    (
        FailureClass::CredentialsBroken,
        &[
            "AuthFailure",
            "SignatureDoesNotMatch",
            "IncompleteSignature",
            "MissingAuthenticationToken",
            "InvalidSignatureException",
        ],
    ),
    (
        FailureClass::Denied,
        &[
            "UnauthorizedOperation",
            "AccessDenied",
            "AccessDeniedException",
            "NotAuthorized",
            "OptInRequired",
            "RegionDisabledException",
        ],
    ),
    (FailureClass::DryRunAllowed, &["DryRunOperation"]),
    (
        FailureClass::Server,
        &[
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "InternalServiceError",
            "InternalServiceFault",
            "ServiceUnavailable",
            "ServiceUnavailableException",
            "Unavailable",
            "DependencyFailureException",
            "DependencyTimeoutException",
            "KMSInternalException",
        ],
    ),
    (
        FailureClass::State,
        &[
            "IncorrectState",
            "IncorrectInstanceState",
            "VolumeInUse",
            "DependencyViolation",
            "IncorrectModificationState",
            "ConcurrentSnapshotLimitExceeded",
            "OperationNotPermitted",
            "InvalidDBInstanceState",
            "InvalidDBClusterStateFault",
            "InvalidDBSnapshotState",
            "ResourceInUseException",
            "TableInUseException",
            "BackupInUseException",
            "InvalidResourceStateException",
            "ConflictException",
            "ConcurrentUpdateException",
            "ScalingActivityInProgress",
            "ResourceContention",
            "ContinuousBackupsUnavailableException",
            "TooManyUpdates",
        ],
    ),
    (
        FailureClass::Token,
        &[
            "IdempotentParameterMismatch",
            "IdempotentInstanceTerminated",
            "InvalidClientToken",
        ],
    ),
    (
        FailureClass::Quota,
        &[
            "VolumeLimitExceeded",
            "AttachmentLimitExceeded",
            "TagLimitExceeded",
            "SnapshotLimitExceeded",
            "MaxIOPSLimitExceeded",
            "InstanceLimitExceeded",
            "VcpuLimitExceeded",
            "AddressLimitExceeded",
            "SecurityGroupLimitExceeded",
            "SecurityGroupsPerInterfaceLimitExceeded",
            "RulesPerSecurityGroupLimitExceeded",
            "TooManyTargets",
            "TooManyRegistrationsForTargetId",
            "InstanceQuotaExceeded",
            "StorageQuotaExceeded",
            "SnapshotQuotaExceeded",
            "DBClusterQuotaExceededFault",
            "LimitExceeded",
            "LimitExceededException",
        ],
    ),
    (
        FailureClass::Capacity,
        &[
            "InsufficientInstanceCapacity",
            "InsufficientVolumeCapacity",
            "InsufficientFreeAddressesInSubnet",
            "InsufficientHostCapacity",
            "InsufficientReservedInstanceCapacity",
            "InsufficientCapacityOnHost",
            "InsufficientDBInstanceCapacity",
            "InsufficientDBClusterCapacityFault",
            "ProvisionedIopsNotAvailableInAZFault",
        ],
    ),
    (
        FailureClass::Key,
        &[
            "KMSInvalidStateException",
            "DisabledException",
            "CustomerKeyHasBeenRevoked",
            "InvalidKmsKey.InvalidState",
            "KMSKeyNotAccessibleFault",
        ],
    ),
    (
        FailureClass::NotFound,
        &[
            "NotFoundException",
            "ResourceNotFoundException",
            "TableNotFoundException",
            "BackupNotFoundException",
            "PolicyNotFoundException",
            "ParameterNotFound",
            "ObjectNotFoundException",
            "NoSuchHostedZone",
            "NoSuchChange",
            "TargetGroupNotFound",
            "LoadBalancerNotFound",
            "DBInstanceNotFound",
            "DBSnapshotNotFound",
            "DBParameterGroupNotFound",
            "DBInstanceAutomatedBackupNotFound",
            "DBClusterNotFoundFault",
            "DBClusterSnapshotNotFoundFault",
            "DBSubnetGroupNotFoundFault",
            "OptionGroupNotFoundFault",
        ],
    ),
    (
        FailureClass::Exists,
        &["DBClusterAlreadyExistsFault", "TableAlreadyExistsException"],
    ),
    (
        FailureClass::Validation,
        &[
            "InvalidRestoreTimeException",
            "PointInTimeRecoveryUnavailableException",
            "PointInTimeRestoreNotEnabled",
            "ParameterPatternMismatchException",
            "StreamAlreadyEnabledException",
            "StorageTypeNotSupported",
            "DBSubnetGroupDoesNotCoverEnoughAZs",
        ],
    ),
];

/// Classifies an error code. Families that AWS names by a pattern are matched by it.
#[must_use]
pub fn class_of(code: &str) -> FailureClass {
    for (class, codes) in CODES {
        if codes.contains(&code) {
            return *class;
        }
    }
    if code.ends_with(".NotFound") || code.ends_with(".Unknown") {
        FailureClass::NotFound
    } else if code.ends_with(".Duplicate") || code.ends_with("AlreadyExists") {
        FailureClass::Exists
    } else if code.starts_with("Invalid")
        || code.starts_with("Missing")
        || code.starts_with("Validation")
        || code.starts_with("UnknownParameter")
        || code.starts_with("Unsupported")
    {
        FailureClass::Validation
    } else {
        FailureClass::Other
    }
}

/// Tells whether STS refused the code of a second factor, and nothing else: it has no error code of its own for
/// that.
#[must_use]
pub fn is_wrong_code(failure: &Failure) -> bool {
    let message = failure.message.raw();
    failure.class == FailureClass::Denied && message.contains("invalid MFA one time pass code")
}

/// Turns an SDK error into a [`Failure`]. `call` names service and operation, `ec2:CreateVolume`.
pub fn failure<E>(call: &str, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + RequestId + std::error::Error + Send + Sync + 'static,
{
    let chain = chain_of(error);
    let (class, effect, code, message) = match answered(error) {
        Some(answer) => {
            let code = answer.err().code().map(str::to_owned);
            let class = code.as_deref().map_or(FailureClass::Other, class_of);
            let (class, effect) = with_status(class, answer.raw().status().as_u16());
            let message = answer.err().message().unwrap_or(&chain).to_owned();
            (class, effect, code, message)
        }
        None => match not_sent(error) {
            Some((class, message)) => (class, Effect::None, None, message),
            None => (FailureClass::Unanswered, Effect::Unknown, None, chain),
        },
    };
    Failure {
        class,
        effect,
        call: call.to_owned(),
        code,
        message: message.into(),
        request_id: error.request_id().map(str::to_owned),
    }
}

/// Returns the answer of the service, if it was one and could be read.
fn answered<E, R>(error: &SdkError<E, R>) -> Option<&ServiceError<E, R>> {
    if let SdkError::ServiceError(answer) = error {
        Some(answer)
    } else {
        None
    }
}

/// Decides whether an answer proves that nothing changed. A throttled request never has an effect;
/// an internal error may have had one, whatever its code says.
fn with_status(class: FailureClass, status: u16) -> (FailureClass, Effect) {
    let never = matches!(class, FailureClass::Throttled | FailureClass::DryRunAllowed);
    let perhaps = matches!(class, FailureClass::Server | FailureClass::Other);
    if never {
        (class, Effect::None)
    } else if status >= 500 && class == FailureClass::Other {
        (FailureClass::Server, Effect::Unknown)
    } else if status >= 500 || perhaps {
        (class, Effect::Unknown)
    } else {
        (class, Effect::None)
    }
}

/// Recognises the errors that come up before anything is sent.
fn not_sent(error: &(dyn std::error::Error + 'static)) -> Option<(FailureClass, String)> {
    if let Some(refusal) = find::<Refusal>(error) {
        return Some((FailureClass::Refused, refusal.to_string()));
    }
    let credentials = find::<CredentialsError>(error)?;
    let expired = DisplayErrorContext(credentials)
        .to_string()
        .to_ascii_lowercase()
        .contains("expired");
    let class = if expired {
        FailureClass::CredentialsExpired
    } else {
        FailureClass::CredentialsBroken
    };
    Some((class, chain_of(credentials)))
}

/// Joins what an error and its sources say, each once. What they look like to a programmer is left out.
pub(super) fn chain_of(error: &(dyn std::error::Error + 'static)) -> String {
    let mut links: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let link = error.to_string();
        if !links.iter().any(|told| told.ends_with(&link)) {
            links.push(link);
        }
        next = error.source();
    }
    links.join(": ")
}

/// Finds an error of one type in a chain of sources.
fn find<'a, T: std::error::Error + 'static>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_proves_that_nothing_changed() {
        let outcome = |code: &str, status| with_status(class_of(code), status);
        assert_eq!(outcome("RequestLimitExceeded", 503).1, Effect::None);
        assert_eq!(outcome("UnauthorizedOperation", 403).1, Effect::None);
        assert_eq!(outcome("InvalidParameterValue", 400).1, Effect::None);
        assert_eq!(outcome("InternalError", 500).1, Effect::Unknown);
        assert_eq!(outcome("InternalError", 200).1, Effect::Unknown);
        assert_eq!(outcome("SomethingNew", 400).1, Effect::Unknown);
    }

    #[test]
    fn codes_of_every_service_that_is_to_come_are_in_the_table() {
        let table = [
            ("PriorRequestNotComplete", FailureClass::Throttled),
            ("AddressLimitExceeded", FailureClass::Quota),
            ("LimitExceededException", FailureClass::Quota),
            ("InsufficientFreeAddressesInSubnet", FailureClass::Capacity),
            ("KMSKeyNotAccessibleFault", FailureClass::Key),
            ("ConflictException", FailureClass::State),
            ("InvalidDBInstanceState", FailureClass::State),
            ("DBClusterSnapshotNotFoundFault", FailureClass::NotFound),
            ("DBInstanceAlreadyExists", FailureClass::Exists),
            ("TableAlreadyExistsException", FailureClass::Exists),
            ("InvalidRestoreTimeException", FailureClass::Validation),
            ("ContinuousBackupsUnavailableException", FailureClass::State),
            ("ParameterNotFound", FailureClass::NotFound),
            ("ObjectNotFoundException", FailureClass::NotFound),
        ];
        for (code, class) in table {
            assert_eq!(class_of(code), class, "{code}");
        }
    }

    #[test]
    fn a_chain_of_causes_is_told_without_its_debug_form() {
        #[derive(Debug, thiserror::Error)]
        #[error("dispatch failure")]
        struct Outer(#[source] Inner);
        #[derive(Debug, thiserror::Error)]
        #[error("dispatch failure")]
        struct Inner(#[source] std::io::Error);
        let cause = std::io::Error::other("dns error: no such name");
        let chain = chain_of(&Outer(Inner(cause)));
        assert_eq!(chain, "dispatch failure: dns error: no such name");
    }

    #[test]
    fn families_of_codes_are_known_by_their_pattern() {
        assert_eq!(class_of("InvalidVolume.NotFound"), FailureClass::NotFound);
        assert_eq!(class_of("InvalidGroup.Duplicate"), FailureClass::Exists);
        assert_eq!(
            class_of("InvalidVolume.ZoneMismatch"),
            FailureClass::Validation
        );
        assert_eq!(class_of("VolumeInUse"), FailureClass::State);
    }

    #[test]
    fn a_refusal_of_the_guard_is_found_below_other_errors() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] Refusal);
        let refusal = Refusal::new("EC2", "DeleteVolume", "deletes");
        let (class, text) = not_sent(&Outer(refusal)).unwrap();
        assert_eq!(class, FailureClass::Refused);
        assert!(text.contains("DeleteVolume"), "{text}");
    }
}
