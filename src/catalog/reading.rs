//! What every source has to know of reading a list: its end, what cannot be read in it, its instants
//! and names. Knows no service.

use std::collections::{BTreeMap, HashSet};

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

/// The pages of a listing that is read without the SDK's help.
#[derive(Debug)]
pub(super) struct Pages {
    call: &'static str,
    /// Every token that a page has named as the next one.
    named: HashSet<String>,
}

impl Pages {
    /// Begins before the first page of a call.
    pub fn of(call: &'static str) -> Self {
        Self {
            call,
            named: HashSet::new(),
        }
    }

    /// Returns the token of the next page, as the page that was just read names it; `None` at the end.
    ///
    /// # Errors
    /// [`unreadable`], where a page before has named the same: the list would never end.
    pub fn next(&mut self, token: Option<String>) -> Result<Option<String>, Failure> {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Ok(None);
        };
        if !self.named.insert(token.clone()) {
            require_end(self.call, Some(token))?;
            return Ok(None);
        }
        Ok(Some(token))
    }
}

/// Fails where rows could not be read: so many, each a `row`, came without what is told.
///
/// # Errors
/// [`unreadable`], unless `rows` is 0.
pub(super) fn require_all(
    call: &str,
    rows: usize,
    (row, without): (&str, &str),
) -> Result<(), Failure> {
    let plural = if rows == 1 { "" } else { "s" };
    match rows {
        0 => Ok(()),
        rows => Err(unreadable(
            call,
            &format!("{rows} {row}{plural} came without {without}"),
        )),
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

    #[test]
    fn what_could_not_be_read_is_counted() {
        let told = |rows| {
            let read = require_all("rds:X", rows, ("automated backup", "an ARN"));
            read.map_err(|failure| failure.line())
        };
        assert_eq!(told(0), Ok(()));
        let one = "rds:X: 1 automated backup came without an ARN";
        assert_eq!(told(1), Err(one.to_owned()));
        let two = "rds:X: 2 automated backups came without an ARN";
        assert_eq!(told(2), Err(two.to_owned()));
    }

    #[test]
    fn a_list_whose_pages_name_one_that_was_read_before_is_a_failure() {
        let named = |tokens: &[&str]| {
            let mut pages = Pages::of("dynamodb:ListBackups");
            let mut last = Ok(None);
            for token in tokens {
                last = pages.next(Some((*token).to_owned()));
            }
            last.map_err(|failure| failure.message.shown())
        };
        assert_eq!(named(&["a"]), Ok(Some("a".to_owned())));
        assert_eq!(named(&["a", "b"]), Ok(Some("b".to_owned())));
        assert_eq!(named(&["a", ""]), Ok(None));
        assert_eq!(Pages::of("dynamodb:ListBackups").next(None), Ok(None));
        for in_a_circle in [&["a", "a"][..], &["a", "b", "a"], &["a", "b", "c", "b"]] {
            assert!(named(in_a_circle).unwrap_err().contains("twice"));
        }
    }
}
