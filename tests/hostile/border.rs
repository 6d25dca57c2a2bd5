//! The border: what is shown of a text, and what of it is written as JSON.

use defib::domain::text::{SHOWN_LENGTH, Untrusted, json_escaped, shown};
use serde_json::{Value, json};

use crate::strings::{assert_harmless, is_dangerous, strings};

#[test]
fn what_is_shown_is_one_line_of_visible_characters() {
    for text in strings() {
        let shown = Untrusted::from(text.as_str()).shown();
        assert_harmless(&shown, &format!("{text:?}"));
        assert!(!shown.contains('\n'), "{text:?}");
    }
}

#[test]
fn what_is_shown_stands_apart_from_what_is_before_it() {
    for text in strings() {
        let shown = shown(&text);
        let first = shown
            .chars()
            .next()
            .and_then(unicode_width::UnicodeWidthChar::width);
        assert_ne!(first, Some(0), "{text:?} would join what stands before it");
    }
}

#[test]
fn what_is_visible_is_shown_as_it_is() {
    for text in strings() {
        let harmless = !text.contains(is_dangerous) && text.chars().count() <= SHOWN_LENGTH;
        let marks = text.contains('\u{301}') || text.contains('\u{300}');
        // Flags and skin tones take as many cells as a terminal likes.
        let flags = text.contains(|c| ('\u{1f1e6}'..='\u{1f1ff}').contains(&c));
        let tones = text.contains(|c| ('\u{1f3fb}'..='\u{1f3ff}').contains(&c));
        if harmless && !marks && !flags && !tones {
            assert_eq!(shown(&text), text);
        }
    }
}

#[test]
fn what_is_hidden_is_told_apart() {
    let mut all: Vec<String> = strings().iter().map(|text| shown(text)).collect();
    all.sort();
    let before = all.len();
    all.dedup();
    // Texts that differ behind the cut look alike, and one of the table is written like an escape.
    assert!(
        before - all.len() <= 6,
        "{before} texts, {} forms",
        all.len()
    );
}

#[test]
fn the_exact_bytes_are_kept_for_calls() {
    for text in strings() {
        assert_eq!(Untrusted::from(text.as_str()).raw(), text);
    }
}

#[test]
fn json_holds_no_such_character_and_means_the_same() {
    for text in strings() {
        let value = json!({text.as_str(): text, "list": [text, {"in": text}]});
        let json = json_escaped(&value.to_string());
        assert!(!json.contains(is_dangerous), "{json}");
        assert_harmless(&json, "JSON");
        let back: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back, value);
    }
}
