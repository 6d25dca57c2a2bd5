//! The fuzzy filter: which texts match what is typed, and where.
//! It knows neither rows nor columns.
//!
//! Whether a text matches is decided by a walk through its bytes; only what is shown is matched the exact way,
//! which takes thirty times as long.

mod query;
mod rank;

use std::borrow::Cow;
use std::fmt;

use fuzzy_matcher::skim::SkimMatcherV2;

pub use query::{Condition, Field, Query, expanded};

/// The largest table of a match, in entries; a longer text is matched in a simpler way.
const MOST_ENTRIES: usize = 1 << 17;

/// Where a text matches, and how well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// How well; more is better. Comparable for one pattern only.
    pub score: i64,
    /// Numbers of the characters that match, ascending.
    pub positions: Vec<usize>,
}

/// What is typed: words that must all match, in any order. A word with a capital letter minds the case of
/// every letter, any other none.
pub struct Pattern {
    text: String,
    words: Vec<Typed>,
    matcher: SkimMatcherV2,
}

/// One word of a pattern.
#[derive(Clone, Copy)]
pub struct Word<'a> {
    typed: &'a Typed,
    matcher: &'a SkimMatcherV2,
}

#[derive(Debug)]
struct Typed {
    /// Without case where it minds none.
    text: String,
    minds_case: bool,
}

impl fmt::Debug for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.typed.text.fmt(f)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

impl Clone for Pattern {
    fn clone(&self) -> Self {
        Self::new(&self.text)
    }
}

impl Default for Pattern {
    fn default() -> Self {
        Self::new("")
    }
}

impl Pattern {
    /// Makes a pattern of what is typed. One without words matches everything.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            words: text.split_whitespace().map(Typed::new).collect(),
            matcher: SkimMatcherV2::default()
                .respect_case()
                .element_limit(MOST_ENTRIES),
        }
    }

    /// Returns what was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Tells whether it matches everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Returns its words, each to be found by itself.
    pub fn words(&self) -> impl Iterator<Item = Word<'_>> {
        let matcher = &self.matcher;
        self.words.iter().map(move |typed| Word { typed, matcher })
    }

    /// Finds the best way in which a text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> Option<Match> {
        let mut found = Match {
            score: 0,
            positions: Vec::new(),
        };
        for word in self.words() {
            let one = word.matches(text)?;
            found.score += one.score;
            found.positions.extend(one.positions);
        }
        found.positions.sort_unstable();
        found.positions.dedup();
        Some(found)
    }
}

impl Word<'_> {
    /// Tells how well a text matches it, from 1, as far as that is seen without looking for the best way:
    /// `loosely` with other letters between its own. The text is taken as it came and judged as it is shown.
    #[must_use]
    pub fn rank(&self, text: &str, loosely: bool) -> Option<u16> {
        rank::rank(self.typed, text, loosely)
    }

    /// Finds the best way in which its letters are in a text, in their order and with others between them.
    #[must_use]
    pub fn matches(&self, text: &str) -> Option<Match> {
        let text = self.typed.fold(text);
        let (score, positions) = self.matcher.fuzzy(&text, &self.typed.text, true)?;
        Some(Match { score, positions })
    }

    /// Finds it in a text without anything between its letters.
    #[must_use]
    pub fn in_one_piece(&self, text: &str) -> Option<Match> {
        let folded = self.typed.fold(text);
        let at = folded.find(&self.typed.text)?;
        let first = folded[..at].chars().count();
        let positions = (first..first + self.typed.text.chars().count()).collect();
        let (score, _) = self.matcher.fuzzy(&folded, &self.typed.text, false)?;
        Some(Match { score, positions })
    }
}

impl Typed {
    fn new(text: &str) -> Self {
        let minds_case = text.chars().any(char::is_uppercase);
        let mut word = Self {
            text: String::new(),
            minds_case,
        };
        word.text = word.fold(text).into_owned();
        word
    }

    fn fold<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.minds_case {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(text.chars().map(folded).collect())
        }
    }
}

/// Returns the small letter, where that is one character: positions must stay where they are.
fn folded(c: char) -> char {
    let mut small = c.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) => one,
        (_, _) => c,
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    fn positions(pattern: &str, text: &str) -> Option<Vec<usize>> {
        Pattern::new(pattern)
            .matches(text)
            .map(|found| found.positions)
    }

    #[test]
    fn an_empty_pattern_matches_everything() {
        assert_eq!(positions("", "orders"), Some(vec![]));
        assert_eq!(positions("  ", ""), Some(vec![]));
    }

    #[test]
    fn characters_match_in_their_order_wherever_they_are() {
        assert_eq!(positions("odb", "orders-db"), Some(vec![0, 7, 8]));
        assert_eq!(positions("bdo", "orders-db"), None);
        assert_eq!(positions("x", ""), None);
    }

    #[test]
    fn all_words_must_match_in_any_order() {
        assert_eq!(
            positions("data ord", "orders-db data"),
            Some(vec![0, 1, 2, 10, 11, 12, 13])
        );
        assert_eq!(positions("ord web", "orders-db data"), None);
    }

    #[test]
    fn a_capital_letter_makes_its_word_mind_the_case() {
        assert!(positions("sess", "Sessions").is_some());
        assert!(positions("Sess", "Sessions").is_some());
        assert!(positions("Sess", "sessions").is_none());
        assert!(positions("Sess ions", "Sessions").is_some());
        assert_eq!(positions("münchen", "MÜNCHEN"), Some((0..7).collect()));
        assert_eq!(positions("Ü", "ü"), None);
    }

    #[test]
    fn a_word_can_be_looked_for_in_one_piece() {
        let pattern = Pattern::new("west ÜN");
        let mut words = pattern.words();
        let mut found = |text: &str| {
            let found = words.next().unwrap().in_one_piece(text);
            found.map(|found| found.positions)
        };
        assert_eq!(found("eu-West-1"), Some(vec![3, 4, 5, 6]));
        assert_eq!(found("MÜNCHEN"), Some(vec![1, 2]));
        let spread = Pattern::new("us");
        assert_eq!(
            spread.words().next().unwrap().in_one_piece("eu-west-1"),
            None
        );
    }

    #[test]
    fn positions_are_characters_and_stay_where_folding_would_move_them() {
        assert_eq!(positions("b", "表İb"), Some(vec![2]));
        assert_eq!(positions("表", "x表"), Some(vec![1]));
    }

    #[test]
    fn a_rank_is_given_wherever_the_exact_way_finds_a_match_and_nowhere_else() {
        let texts = [
            "orders-db",
            "Orders-DB",
            "old-readers-tmp-store-s",
            "MÜNCHEN x",
            "a\u{1b}[31mb",
            "",
            "snap-0a5d3c9e71b2f4608",
            &"x".repeat(300),
        ];
        let words = [
            "o", "odb", "Ord", "münch", "001b", "x", "xx", "0a5d", "s-s", "zz", "ü",
        ];
        for (text, word) in texts.iter().flat_map(|text| words.map(|word| (text, word))) {
            let pattern = Pattern::new(word);
            let word = pattern.words().next().unwrap();
            let shown = crate::domain::text::shown(text);
            let exact = word.matches(&shown).is_some();
            assert_eq!(word.rank(text, true).is_some(), exact, "{word:?} {text}");
            let exact = word.in_one_piece(&shown).is_some();
            assert_eq!(word.rank(text, false).is_some(), exact, "{word:?} {text}");
        }
    }

    #[test]
    fn what_begins_a_text_or_a_part_of_it_ranks_above_what_is_scattered() {
        let pattern = Pattern::new("orders");
        let word = pattern.words().next().unwrap();
        let rank = |text: &str| word.rank(text, true).unwrap();
        assert!(rank("orders-db") > rank("old-orders"));
        assert!(rank("old-orders") > rank("recorders"));
        assert!(rank("recorders") > rank("old-readers-tmp-store-s"));
        assert!(rank("orders") > rank("orders-of-the-billing-lab"));
    }

    #[test]
    fn a_text_without_end_is_matched_without_a_panic() {
        let text = format!("{}needle{}", "x".repeat(90_000), "y".repeat(90_000));
        let found = positions("needle", &text).unwrap();
        assert_eq!(found, (90_000..90_006).collect::<Vec<_>>());
    }
}
