//! The conditions of the filter while they are typed: explained, and completed.
//! What they mean is known to `catalog::filter`.

use std::collections::BTreeMap;

use crate::catalog::filter::{Condition, Field};
use crate::domain::text::shown;
use crate::domain::words;
use crate::tui::known::Known;

use super::Browser;

/// What is said beside the filter.
pub(in crate::tui::screens) enum Help {
    /// How it goes on.
    Says(String),
    /// What cannot be read.
    Warns(String),
}

/// Says which conditions there are, how the one that is being typed goes on, or what is wrong with it;
/// nothing beside mere words.
pub(super) fn help(browser: &Browser, known: &Known) -> Option<Help> {
    let query = browser.query();
    if let Some(why) = &browser.bad_time {
        return Some(Help::Warns(why.clone()));
    }
    let text = browser.filter.text();
    if text.is_empty() {
        return Some(choices(&Field::ALL, known));
    }
    let word = text.split(' ').next_back().unwrap_or_default();
    if let Some(name) = word.strip_prefix('@') {
        return Some(of_saved(name, &known.settings.filters));
    }
    let Some((field, value)) = Field::of(word) else {
        return proposed(browser, known).map(|word| Help::Says(format!("tab: {word}")));
    };
    let says = match field {
        Field::Tag => "tag:Name=value, or tag:Name for any value".to_owned(),
        Field::Before => {
            let before = query.conditions.iter().rev().find_map(|one| match one {
                Condition::Before(at) => Some(*at),
                Condition::Has(..) | Condition::Tag(..) => None,
            });
            match before {
                Some(at) => format!("before {}", words::instant(at)),
                None => "before:02:14, 38m ago, 2026-03-01T02:14Z".to_owned(),
            }
        }
        Field::Kind
        | Field::Region
        | Field::Account
        | Field::Origin
        | Field::State
        | Field::Protection => {
            let all = browser.values.all();
            let fitting = all.filter(|one| Condition::fits(&value.to_lowercase(), one));
            let fitting: Vec<&str> = fitting.collect();
            if fitting.is_empty() {
                let so_far = if known.catalog.is_growing() || !browser.values.are_complete() {
                    " so far"
                } else {
                    ""
                };
                format!("none in this list has that{so_far}")
            } else {
                format!("tab: {}", fitting.join(" "))
            }
        }
    };
    Some(Help::Says(says))
}

/// Says which conditions there are on these fields, the saved filters first.
pub(in crate::tui::screens) fn choices(fields: &[Field], known: &Known) -> Help {
    let fields = fields.iter().map(|field| begun(*field));
    let saved = known.settings.filters.keys();
    let saved = saved.map(|name| format!("@{}", shown(name)));
    let all: Vec<String> = saved.chain(fields).collect();
    Help::Says(all.join(" "))
}

/// Returns how a condition on a field begins.
fn begun(field: Field) -> String {
    match field {
        Field::Tag => "tag:Name=".to_owned(),
        other => format!("{}:", other.as_str()),
    }
}

/// Returns what the filter is once the word at its end is completed.
pub(super) fn completed(browser: &Browser, known: &Known) -> Option<String> {
    let word = proposed(browser, known)?;
    Some(ending_in(browser.filter.text().as_ref(), &word))
}

/// Puts a word in the place of the last one that was typed.
pub(in crate::tui::screens) fn ending_in(text: &str, word: &str) -> String {
    let kept = text.rfind(' ').map_or("", |at| &text[..=at]);
    let blank = if word.ends_with([':', '=']) { "" } else { " " };
    format!("{kept}{word}{blank}")
}

/// Says what a saved filter stands for, or which there are.
pub(in crate::tui::screens) fn of_saved(name: &str, saved: &BTreeMap<String, String>) -> Help {
    if let Some(text) = saved.get(name) {
        return Help::Says(format!("@{} is {}", shown(name), shown(text)));
    }
    let fitting = saved.keys().filter(|one| one.starts_with(name));
    let fitting: Vec<String> = fitting.map(|one| format!("@{}", shown(one))).collect();
    if fitting.is_empty() {
        let none = "no saved filter is called so: they are in config.toml, under [filters]";
        return Help::Warns(none.to_owned());
    }
    Help::Says(format!("tab: {}", fitting.join(" ")))
}

fn proposed(browser: &Browser, known: &Known) -> Option<String> {
    let text = browser.filter.text();
    let word = text.split(' ').next_back()?;
    if let Some(name) = word.strip_prefix('@') {
        return saved_begun(name, known);
    }
    if let Some((field, value)) = Field::of(word) {
        let all = || browser.values.all();
        let value = value.to_lowercase();
        let first = all().find(|one| one.starts_with(&value));
        let first = first.or_else(|| all().find(|one| Condition::fits(&value, one)))?;
        return Some(format!("{}:{first}", field.as_str()));
    }
    field_begun(word, &Field::ALL)
}

/// Returns how a condition begins on the field, among these, whose name begins so.
pub(in crate::tui::screens) fn field_begun(word: &str, fields: &[Field]) -> Option<String> {
    let mut fields = fields.iter();
    let field = fields.find(|field| word.len() > 2 && field.as_str().starts_with(word))?;
    Some(begun(*field))
}

/// Returns the saved filter whose name begins so, as it is typed.
pub(in crate::tui::screens) fn saved_begun(name: &str, known: &Known) -> Option<String> {
    let mut saved = known.settings.filters.keys();
    let first = saved.find(|one| one.starts_with(name))?;
    Some(format!("@{first}"))
}
