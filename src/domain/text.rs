//! Text that somebody else wrote: tags, names, descriptions and error messages.
//!
//! [`Untrusted`] keeps the exact bytes for calls and JSON, and shows people a harmless form in which
//! control, bidirectional and invisible characters are visible. It has no `Display` on purpose.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use unicode_width::UnicodeWidthChar;

/// The longest text that is shown to a person, in characters; the rest is cut with `…`.
pub const SHOWN_LENGTH: usize = 256;

/// Room for what counts the names that a list leaves out, ` and 9999 more`.
const MORE: usize = 14;

/// The most marks that stand on one character in any language that is written today.
const MOST_MARKS: usize = 4;

/// Text from outside. Ordered and compared by its exact bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Untrusted(String);

impl Untrusted {
    /// Wraps a text as it came.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the exact text, for calls and JSON only.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Returns the text as it may be shown to a person; see [`shown`].
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.0)
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.shown())
    }
}

/// Tags in JSON as a list of pairs. Keys are somebody else's text, so they must not become the names of
/// fields, among which a plan keeps its references.
pub mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Untrusted;

    #[derive(Serialize, Deserialize)]
    struct Pair {
        key: Untrusted,
        value: Untrusted,
    }

    /// Writes `[{"key": …, "value": …}]`.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(
        tags: &BTreeMap<Untrusted, Untrusted>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(tags.iter().map(|(key, value)| Pair {
            key: key.clone(),
            value: value.clone(),
        }))
    }

    /// Reads what [`serialize`] wrote.
    ///
    /// # Errors
    /// Those of the deserializer.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Untrusted, Untrusted>, D::Error> {
        let pairs = Vec::<Pair>::deserialize(deserializer)?;
        Ok(pairs
            .into_iter()
            .map(|pair| (pair.key, pair.value))
            .collect())
    }
}

/// Makes control, bidirectional, invisible and line-separating characters visible as `‹U+001B›`
/// and cuts the text after [`SHOWN_LENGTH`] characters.
#[must_use]
pub fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_LENGTH) {
        Some((end, _)) => visible(&text[..end]) + "…",
        None => visible(text),
    }
}

/// Returns a list as it may be shown to a person: `a, b, c and 37 more`. Where it would take more than [`SHOWN_LENGTH`]
/// characters, whole names are left out and counted, so that each that stands there is a name; one alone is cut.
#[must_use]
pub fn listed<T: AsRef<str>>(names: &[T]) -> String {
    listed_apart(names, ", ")
}

/// Returns such a list with something else between the names.
#[must_use]
pub fn listed_apart<T: AsRef<str>>(names: &[T], apart: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| shown(name.as_ref())).collect();
    let length = |text: &str| text.chars().count();
    let all = names.join(apart);
    if length(&all) <= SHOWN_LENGTH {
        return all;
    }
    let mut taken = 0;
    let mut ends = 0;
    for name in &names {
        ends += length(name);
        if taken > 0 && ends + MORE > SHOWN_LENGTH {
            break;
        }
        ends += length(apart);
        taken += 1;
    }
    let told = names[..taken].join(apart);
    match names.len() - taken {
        0 => told,
        rest => format!("{told} and {rest} more"),
    }
}

/// Joins an error with its sources, fit to be shown.
#[must_use]
pub fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&shown(&source.to_string()));
        next = source.source();
    }
    text
}

/// Makes the same characters visible, and cuts nothing: for texts that are read elsewhere.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // A mark at the beginning would join whatever stands before the text.
    for (c, hostile) in judged(text, MOST_MARKS) {
        if hostile {
            let _ = write!(out, "‹U+{:04X}›", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Tells of each character whether it must be made visible: a hostile one, or a mark beyond those that
/// one character carries, since a flood of them spills over the lines around it. `marks` is how many
/// there are already.
fn judged(text: &str, mut marks: usize) -> impl Iterator<Item = (char, bool)> {
    text.chars().map(move |c| {
        let hostile = is_hostile(c);
        let joins = !hostile && c.width() == Some(0);
        marks = if joins { marks + 1 } else { 0 };
        (c, hostile || marks > MOST_MARKS)
    })
}

/// Counts the cells that a text takes on a terminal: wide characters take two. Terminals go by single
/// characters, so letters that join take as much as they would alone.
#[must_use]
pub fn cells(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

/// Takes characters from one end of a text for as long as they fit into `room` cells.
pub fn fitting(characters: impl Iterator<Item = char>, room: usize) -> Vec<char> {
    let mut taken = 0;
    characters
        .take_while(|c| {
            taken += c.width().unwrap_or(0);
            taken <= room
        })
        .collect()
}

/// Breaks text into lines at its blanks. `room` says how many cells the line of a number, from 0, may take;
/// `cells` measures, and `broken` breaks a word for which a line of its own is too narrow.
pub fn wrapped(
    text: &str,
    room: impl Fn(usize) -> usize,
    cells: impl Fn(&str) -> usize,
    broken: impl Fn(&str, usize) -> Vec<String>,
) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let number = lines.len() - 1;
        let last = lines.last_mut().expect("there is always a line");
        let gap = usize::from(!last.is_empty());
        if cells(last) + gap + cells(word) <= room(number) {
            last.push_str(&" ".repeat(gap));
            last.push_str(word);
            continue;
        }
        let mut parts = broken(word, room(number).min(room(number + 1))).into_iter();
        let first = parts.next().unwrap_or_default();
        if last.is_empty() {
            *last = first;
        } else {
            lines.push(first);
        }
        lines.extend(parts);
    }
    lines
}

/// Tells whether a character could move the cursor, hide, or reorder or join what stands around it: the
/// categories Cc, Cf, Co, Zl and Zp of Unicode, variation selectors, what is ignored where it is not
/// known, what is no character at all, and what some terminals join to one emoji and others do not
/// (regional indicators, skin tones), so that nobody can tell how many cells it takes.
#[must_use]
pub fn is_hostile(c: char) -> bool {
    let no_character = u32::from(c) & 0xFFFE == 0xFFFE;
    no_character
        || c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{0600}'..='\u{0605}' | '\u{061C}' | '\u{06DD}' | '\u{070F}'
            | '\u{0890}' | '\u{0891}' | '\u{08E2}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{1F1E6}'..='\u{1F1FF}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0000}'..='\u{E0FFF}'
            | '\u{F0000}'..='\u{10FFFF}')
}

/// Finds the known word that an unknown one was most likely meant to be; `None` if none is near.
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|known| (distance(unknown, known), known))
        .min()
        .filter(|(distance, known)| *distance <= known.chars().count() / 3 + 1)
        .map(|(_, known)| known)
}

/// Counts the insertions, deletions and replacements between two words (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.chars().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Escapes every hostile character of a finished JSON document as `\uXXXX`.
///
/// In JSON such characters can only stand inside strings (bare control characters are escaped by
/// the serializer already), so the result is the same document.
#[must_use]
pub fn json_escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for (c, hostile) in judged(json, 0) {
        if hostile && c != '\n' {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_bidi_become_visible() {
        let text = Untrusted::from("a\u{1b}[31mb\u{202e}c\u{200b}\n\u{9b}");
        let shown = "a‹U+001B›[31mb‹U+202E›c‹U+200B›‹U+000A›‹U+009B›";
        assert_eq!(text.shown(), shown);
        assert_eq!(text.raw(), "a\u{1b}[31mb\u{202e}c\u{200b}\n\u{9b}");
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let text = Untrusted::new("x".repeat(300));
        assert_eq!(text.shown().chars().count(), SHOWN_LENGTH + 1);
        assert!(text.shown().ends_with('…'));
    }

    #[test]
    fn a_list_is_shortened_by_names() {
        let names = |count: usize| -> Vec<String> {
            (1..=count)
                .map(|n| format!("orders-by-day-{n:03}"))
                .collect()
        };
        assert_eq!(listed::<String>(&[]), "");
        assert_eq!(listed(&["a", "b"]), "a, b");
        assert_eq!(listed_apart(&["a\u{202e}", "b"], "; "), "a‹U+202E›; b");
        // Seventeen characters each, and two between them.
        let most = names(13);
        assert_eq!(listed(&most), most.join(", "));
        for count in [14, 15, 50, 4_000] {
            let told = listed(&names(count));
            assert!(told.chars().count() <= SHOWN_LENGTH, "{told}");
            let (list, more) = told.rsplit_once(" and ").unwrap();
            let list: Vec<&str> = list.split(", ").collect();
            assert_eq!(list[..], names(list.len())[..], "each is a whole name");
            assert_eq!(more, format!("{} more", count - list.len()));
            assert_eq!(list.len(), 12, "and no fewer than there is room for");
        }
    }

    #[test]
    fn a_list_of_long_names_tells_the_first() {
        let long = "x".repeat(300);
        assert_eq!(listed(&[&long]), shown(&long));
        let told = listed(&[long.as_str(), "b", "c"]);
        assert_eq!(told, format!("{} and 2 more", shown(&long)));
    }

    #[test]
    fn distance_counts_single_changes() {
        assert_eq!(distance("profile", "profiles"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("thema", "theme"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn the_nearest_word_is_found_and_a_far_one_is_not() {
        assert_eq!(nearest("opne", ["close", "open"]), Some("open"));
        assert_eq!(nearest("zebra", ["close", "open"]), None);
        assert_eq!(nearest("open", []), None);
    }

    #[test]
    fn json_keeps_its_meaning_and_loses_its_teeth() {
        let value = serde_json::json!({"k": "a\u{202e}b\u{e0001}\u{1b}"});
        let json = json_escaped(&value.to_string());
        assert!(json.is_ascii(), "{json}");
        let back: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back, value);
    }
}
