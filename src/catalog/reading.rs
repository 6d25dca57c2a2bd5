//! What every source has to know of reading a list: its end, what cannot be read in it, its instants
//! and names. Knows no service.

use std::collections::BTreeMap;

use aws_smithy_types::DateTime;
use jiff::Timestamp;

use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::text::Untrusted;

/// Requires that a listing ended at its end, where `token` is what its last page gave.
///
/// The SDK ends a listing quietly when a token comes twice; that is not the end of the list.
///
/// # Errors
/// [`unreadable`], where the last page named another.
pub(super) fn require_end(call: &str, token: Option<String>) -> Result<(), Failure> {
    match token {
        Some(token) if !token.is_empty() => Err(unreadable(
            call,
            "the list broke off: the same page token came twice",
        )),
        Some(_) | None => Ok(()),
    }
}

/// Makes the failure of a call that was answered, with something in it that cannot be read.
pub(super) fn unreadable(call: &str, what: &str) -> Failure {
    Failure {
        class: FailureClass::Other,
        effect: Effect::None,
        call: call.to_owned(),
        code: None,
        message: what.into(),
        request_id: None,
    }
}

/// Returns the `Name` tag, if it says anything.
pub(super) fn name_in(tags: &BTreeMap<Untrusted, Untrusted>) -> Option<Untrusted> {
    let name = tags.get(&Untrusted::from("Name"))?;
    (!name.raw().is_empty()).then(|| name.clone())
}

/// Reads an instant; `None` beyond the years that can be represented.
pub(super) fn instant(time: &DateTime) -> Option<Timestamp> {
    let nanoseconds = i32::try_from(time.subsec_nanos()).ok()?;
    Timestamp::new(time.secs(), nanoseconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_breaks_off_is_a_failure() {
        let call = "ec2:DescribeSnapshots";
        assert!(require_end(call, None).is_ok());
        assert!(require_end(call, Some(String::new())).is_ok());
        assert!(require_end(call, Some("again".into())).is_err());
    }
}
