//! EC2's filters: any value of one filter, all filters together, `*` and `?` as wildcards.
//!
//! EC2 user guide, "List and filter your resources". A filter that the simulation does not know is
//! refused by name, as AWS refuses one that does not exist, so that no caller is silently ignored.

use aws_sdk_ec2::types::{Filter, Tag};

use super::refusal::Refusal;

/// A row that can be filtered.
pub trait Filtered {
    /// The filters besides `tag:KEY`, `tag-key` and `tag-value`.
    const NAMES: &'static [&'static str];

    /// Lists the values that a filter compares with.
    fn values(&self, name: &str) -> Vec<String>;

    /// Lists the tags.
    fn tags(&self) -> &[Tag];
}

/// Keeps the rows that pass every filter.
///
/// # Errors
/// `InvalidParameterValue` for a filter that the rows do not have.
pub fn keep<R: Filtered>(rows: Vec<R>, filters: &[Filter]) -> Result<Vec<R>, Refusal> {
    for filter in filters {
        check::<R>(filter.name().unwrap_or_default())?;
    }
    let passes = |row: &R| filters.iter().all(|filter| passes(row, filter));
    Ok(rows.into_iter().filter(passes).collect())
}

fn check<R: Filtered>(name: &str) -> Result<(), Refusal> {
    let of_tags = name.starts_with("tag:") || matches!(name, "tag-key" | "tag-value");
    if of_tags || R::NAMES.contains(&name) {
        return Ok(());
    }
    Err(Refusal::invalid_value(format!(
        "The filter '{name}' is invalid"
    )))
}

fn passes<R: Filtered>(row: &R, filter: &Filter) -> bool {
    let values = compared(row, filter.name().unwrap_or_default());
    let wanted = filter.values();
    values
        .iter()
        .any(|value| wanted.iter().any(|pattern| like(pattern, value)))
}

fn compared<R: Filtered>(row: &R, name: &str) -> Vec<String> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let tags = row.tags().iter();
    match name {
        "tag-key" => tags.map(|tag| text(tag.key())).collect(),
        "tag-value" => tags.map(|tag| text(tag.value())).collect(),
        _ => match name.strip_prefix("tag:") {
            Some(key) => tags
                .filter(|tag| tag.key() == Some(key))
                .map(|tag| text(tag.value()))
                .collect(),
            None => row.values(name),
        },
    }
}

/// Compares with `*` for any text, `?` for one character, and a backslash for either itself.
fn like(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    like_chars(&pattern, &text)
}

fn like_chars(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|skip| like_chars(rest, &text[skip..])),
        ['?', rest @ ..] => !text.is_empty() && like_chars(rest, &text[1..]),
        ['\\', literal, rest @ ..] | [literal, rest @ ..] => {
            text.first() == Some(literal) && like_chars(rest, &text[1..])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn wildcards_match_as_ec2_documents_them() {
        assert!(like("orders-*", "orders-db"));
        assert!(like("orders-d?", "orders-db"));
        assert!(!like("orders-?", "orders-db"));
        assert!(like("a\\*b", "a*b"));
        assert!(!like("a\\*b", "axb"));
    }
}

/// Turns fields of a row into the texts that filters compare with.
pub mod shown {
    use aws_smithy_types::DateTime;
    use aws_smithy_types::date_time::Format;

    /// A text, if there is one.
    pub fn text(text: Option<&str>) -> Vec<String> {
        text.map(str::to_owned).into_iter().collect()
    }

    /// A number or a truth value, if there is one.
    pub fn shown(value: Option<impl ToString>) -> Vec<String> {
        value.map(|value| value.to_string()).into_iter().collect()
    }

    /// An instant, if there is one.
    pub fn date(date: Option<&DateTime>) -> Option<String> {
        date.and_then(|date| date.fmt(Format::DateTime).ok())
    }
}
