//! What the doctor finds of the cache: where it is, how old what is known of each place is, and what is left
//! out.

use jiff::Timestamp;

use crate::catalog::cache::Cache;
use crate::domain::check::{Check, Verdict};
use crate::domain::text::shown;
use crate::domain::words;

use super::machine::unwritable;

const NAME: &str = "cache";

/// Looks at the cache. Nothing in it stands in anybody's way.
pub fn checks(cache: &Cache, now: Timestamp) -> Vec<Check> {
    let name = shown(&cache.directory().to_string_lossy());
    let (found, left_out) = cache.find_all();
    let unwritable = unwritable(NAME, cache.directory(), Verdict::Know);
    if found.is_empty() && left_out.is_empty() && cache.seen() == 0 {
        if let Some(unwritable) = unwritable {
            return vec![unwritable];
        }
        let found = format!("{name} has nothing yet: the first listing fills it");
        return vec![Check::new(NAME, Verdict::Fine, found)];
    }
    let mut checks: Vec<Check> = unwritable.into_iter().collect();
    let of = |count: usize| if count == 1 { "place" } else { "places" };
    let told = format!("{name} knows {} {}", found.len(), of(found.len()));
    checks.push(Check::new(NAME, Verdict::Fine, told));
    for one in &found {
        let place = &one.card.place;
        let profile = place.profile.as_deref().unwrap_or("the environment");
        let age = words::span(now.duration_since(one.at()));
        let told = format!(
            "{} {} {}: {} rows, {age} old",
            shown(profile),
            place.account,
            place.region,
            one.rows
        );
        checks.push(Check::new(NAME, Verdict::Fine, told));
    }
    checks.extend(seen(cache));
    let left_out = left_out.into_iter();
    checks.extend(left_out.map(|error| Check::new(NAME, Verdict::Know, error.to_string())));
    checks
}

/// Says of how many tables the settings are kept as they were last seen.
fn seen(cache: &Cache) -> Option<Check> {
    let tables = match cache.seen() {
        0 => return None,
        1 => "1 table".to_owned(),
        count => format!("{count} tables"),
    };
    let found = format!(
        "the settings of {tables} as last seen, with tags and policies, for when they are deleted: --settings last-seen"
    );
    Some(Check::new(NAME, Verdict::Fine, found))
}
