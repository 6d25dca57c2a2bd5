//! Commands of the AWS CLI and of defib that a person is told to type: complete enough to be pasted.
//! What could mean something else to a shell is quoted or stands as a marker; what cannot be shown stands as a marker.

use crate::domain::place::Place;
use crate::domain::text::{shown, visible};

/// Returns how a command of defib begins that is to go to a place.
#[must_use]
pub fn defib(place: &Place) -> String {
    let profile = place.profile.as_deref();
    let profile = profile.map_or_else(String::new, |name| {
        format!(" {}", flag("--profile", name, "PROFILE"))
    });
    let region = flag("--region", place.region.as_str(), "REGION");
    format!("defib{profile} {region}")
}

/// Returns a flag with its value as words of a shell. Where the value has characters that a terminal does not show,
/// `other` stands in its place.
#[must_use]
pub fn flag(name: &str, value: &str, other: &str) -> String {
    let whole = visible(value) == value && !value.is_empty();
    let quoted = shlex::try_quote(value).ok().filter(|_| whole);
    match quoted {
        // It would be taken for a flag of its own.
        Some(quoted) if value.starts_with('-') => format!("{name}={quoted}"),
        Some(quoted) => format!("{name} {quoted}"),
        None => format!("{name} {other}"),
    }
}

/// Returns where a command has to go, as options: a shell has another profile and Region more often than not.
pub(super) fn options(place: &Place) -> String {
    let profile = place.profile.as_deref();
    let profile = profile.map_or_else(String::new, |name| {
        format!(" --profile {}", word(name, "PROFILE"))
    });
    let region = word(place.region.as_str(), "REGION");
    format!("--region {region}{profile}")
}

/// Returns a text as a word of a shell, or `other` where it is none.
pub(super) fn word(text: &str, other: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        shown(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words that a shell makes of it.
    fn words(text: &str) -> Vec<String> {
        shlex::split(text).unwrap()
    }

    #[test]
    fn a_value_is_one_word_whatever_is_in_it() {
        for value in [
            "orders",
            "a b",
            "$(reboot)",
            "`id`",
            "it's; rm -rf ~",
            "a\"b\\",
            "*",
            "…/é",
        ] {
            let told = flag("--into", value, "TABLE");
            assert_eq!(words(&told), ["--into", value], "{told}");
        }
        let told = flag("--into", "-x y", "TABLE");
        assert_eq!(words(&told), ["--into=-x y"], "{told}");
        let long = "x".repeat(400);
        let told = flag("--into", &long, "TABLE");
        assert_eq!(words(&told), ["--into", &long], "it is not cut");
    }

    #[test]
    fn what_cannot_be_shown_is_a_marker() {
        for value in ["", "a\u{202e}b", "a\nb", "a\u{1b}[2J", "a\0"] {
            assert_eq!(flag("--into", value, "TABLE"), "--into TABLE", "{value:?}");
        }
    }

    #[test]
    fn a_command_goes_where_it_belongs() {
        let mut place = Place {
            profile: Some("acme prod".to_owned()),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        };
        let wanted = "defib --profile 'acme prod' --region eu-west-1";
        assert_eq!(defib(&place), wanted);
        place.profile = None;
        assert_eq!(defib(&place), "defib --region eu-west-1");
    }
}
