//! Why a question about a single point was not answered, on the one line that stands where the answer would.
//! What more was said is kept for the log.

use crate::domain::failure::{Failure, FailureClass};

use super::Report;

/// What EC2 answers to whoever does not own an image or a snapshot; its listing has just shown that the credentials are
/// good (EC2 API reference, "Client error codes").
const NOT_THE_OWNER: &str = "AuthFailure";

impl Report {
    /// Makes the report of a call about a single point: short where it was denied, since what to allow is the call.
    #[must_use]
    pub fn of_question(failure: &Failure, profile: Option<&str>) -> Self {
        let full = Self::of_failure(failure, profile);
        let short = if failure.code.as_deref() == Some(NOT_THE_OWNER) {
            Self::new(full.exit, "AWS tells it to the owner alone")
        } else if failure.class == FailureClass::Denied {
            Self::new(full.exit, "denied").todo(format!("allow {}", failure.call))
        } else {
            return full;
        };
        Self {
            more: vec![full.line()],
            ..short.safe(full.safe)
        }
    }

    /// Returns the line for the log: all that was said.
    #[must_use]
    pub fn said(&self) -> String {
        let said = self.more.first().cloned();
        said.unwrap_or_else(|| self.line())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::Effect;

    fn failure(class: FailureClass, code: &str) -> Failure {
        Failure {
            class,
            effect: Effect::None,
            call: "ec2:DescribeImageAttribute".into(),
            code: Some(code.into()),
            message: "no\u{202e}".into(),
            request_id: None,
        }
    }

    #[test]
    fn what_is_denied_is_short_and_names_what_to_allow_and_all_of_it_is_kept() {
        let denied = failure(FailureClass::Denied, "UnauthorizedOperation");
        let report = Report::of_question(&denied, Some("acme"));
        assert_eq!(report.line(), "denied · allow ec2:DescribeImageAttribute");
        assert!(report.said().contains("UnauthorizedOperation: no‹U+202E›"));
        let others = failure(FailureClass::CredentialsBroken, NOT_THE_OWNER);
        let report = Report::of_question(&others, Some("acme"));
        assert_eq!(report.line(), "AWS tells it to the owner alone");
        let throttled = failure(FailureClass::Throttled, "RequestLimitExceeded");
        let report = Report::of_question(&throttled, Some("acme"));
        assert_eq!(report, Report::of_failure(&throttled, Some("acme")));
        assert_eq!(report.said(), report.line());
    }
}
