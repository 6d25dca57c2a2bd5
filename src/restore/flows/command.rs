//! Commands of the AWS CLI that a person is told to type: complete enough to be pasted.
//! What could mean something else to a shell stands as a marker.

use crate::domain::place::Place;
use crate::domain::text::shown;

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
