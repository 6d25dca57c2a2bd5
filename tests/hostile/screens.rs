//! Every screen and overlay of the console, with each text in every place.
//!
//! A text is compared with an innocent one of the same widths as well: whatever is not the text itself
//! stands in the same cells, in a buffer and in a terminal that nobody here wrote.

use std::collections::{BTreeMap, BTreeSet};

use defib::domain::text::{SHOWN_LENGTH, shown};
use defib::tui::terminal::clipboard;
use defib::tui::width::{Grapheme, graphemes};
use unicode_width::UnicodeWidthChar;

use crate::screen::{ASCII, NARROW, PLACES, WIDE, assert_aligned};
use crate::strings::{assert_harmless, is_dangerous, strings};
use crate::walk::{Seen, walk, walk_for_real, walk_through_spoilt_journal};

/// The walks are shared among as many tests, which run side by side.
const PARTS: usize = 4;

fn assert_all_harmless(text: &str, seen: &Seen) {
    for frame in &seen.frames {
        frame.assert_harmless(text);
    }
    for copied in &seen.copied {
        assert_harmless(copied, &format!("the clipboard with {text:?}"));
        let sequence = clipboard(copied, false);
        let inner = sequence.strip_prefix("\u{1b}]52;c;");
        let inner = inner
            .and_then(|rest| rest.strip_suffix('\u{7}'))
            .expect("OSC 52");
        assert!(
            inner
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
        );
    }
    for (name, written) in &seen.files {
        assert_harmless(written, &format!("{name} with {text:?}"));
    }
}

/// Texts by the innocent text that takes the same cells.
pub fn shapes() -> BTreeMap<String, Vec<String>> {
    let mut shapes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for text in strings() {
        shapes.entry(innocent(&text)).or_default().push(text);
    }
    shapes
}

/// Returns an innocent text that takes the same cells as what is shown of another, and that shells and
/// formats treat alike: blanks and signs of ASCII stay.
pub fn innocent(text: &str) -> String {
    let shown = shown(text);
    let same = |one: Grapheme| match one.text.as_str() {
        // Where something was cut, ids may be left out.
        "…" => one.text,
        blank if blank.trim().is_empty() => one.text,
        sign if sign.is_ascii() && !sign.contains(|c: char| c.is_ascii_alphanumeric()) => one.text,
        word if word.is_ascii() => ASCII.repeat(one.cells),
        _wide if one.cells == 2 => WIDE.to_owned(),
        _other => NARROW.repeat(one.cells),
    };
    graphemes(&shown).into_iter().map(same).collect()
}

/// Frames on which the text is typed or looked for, so that what is found depends on it; and those that
/// ask for a name to be typed, which no hostile one is.
const OWN_WAYS: &[&str] = &[
    "incident",
    "incident misunderstood",
    "filter",
    "palette",
    "wizard yes",
    "wizard mistaken",
    "undo",
    "resume",
    "answer",
    // What steers a terminal is not shown there but taken out.
    "instance",
];

fn assert_all_aligned(text: &str, seen: &Seen, innocent: &Seen) {
    assert_eq!(seen.frames.len(), innocent.frames.len());
    for (hostile, innocent) in seen.frames.iter().zip(&innocent.frames) {
        if !OWN_WAYS.contains(&hostile.name) {
            let what = format!("{text:?} on {}", hostile.name);
            assert_aligned(hostile, innocent, &what);
        }
    }
}

/// The most characters of a text that a sentence can hold without being cut for its length.
const LONGEST: usize = SHOWN_LENGTH / 4;

/// Tells whether a text can be compared with an innocent one. One that is cut, that counts as no name
/// because it is blank, whose first mark stands on what is before it, or whose letters join to something
/// wider than two cells that cannot be parted, is treated differently.
pub fn is_comparable(text: &str, innocent: &str) -> bool {
    let first = text.chars().next().filter(|c| !is_dangerous(*c));
    let joins = first.and_then(UnicodeWidthChar::width) == Some(0);
    let longest = innocent.chars().count().max(text.chars().count());
    let whole = longest <= LONGEST && !text.trim().is_empty();
    whole && !joins && graphemes(&shown(text)).iter().all(|one| one.cells <= 2)
}

/// Walks with every text of a part. Of those that take the same cells one is compared.
fn part(number: usize) {
    for (innocent, texts) in shapes().iter().skip(number).step_by(PARTS) {
        let plain = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let mut comparable = texts.iter();
        let compared = comparable.find(|text| !plain(text) && is_comparable(text, innocent));
        for text in texts {
            let seen = walk(text);
            assert_all_harmless(text, &seen);
            if Some(text) == compared {
                assert_all_aligned(text, &seen, &walk(innocent));
            }
        }
    }
}

#[test]
fn a_walk_leads_to_every_screen_and_overlay() {
    let seen = walk("orders-db");
    for (columns, rows) in [(80, 24), (120, 40)] {
        let frames = seen.frames.iter();
        let sized =
            frames.filter(|one| (one.cells.area.width, one.cells.area.height) == (columns, rows));
        let places: BTreeSet<&str> = sized.map(|one| one.place).collect();
        assert_eq!(places, BTreeSet::from(PLACES), "{columns}x{rows}");
    }
    let mut endings: Vec<&str> = seen
        .files
        .iter()
        .filter_map(|(name, _)| name.rsplit('.').next())
        .collect();
    endings.sort_unstable();
    assert_eq!(endings, ["json", "md", "md", "sh", "txt"]);
    assert_eq!(seen.copied.len(), 5, "{:?}", seen.copied);
}

#[test]
fn no_text_of_the_first_part_breaks_any_screen() {
    part(0);
}

#[test]
fn no_text_of_the_second_part_breaks_any_screen() {
    part(1);
}

#[test]
fn no_text_of_the_third_part_breaks_any_screen() {
    part(2);
}

#[test]
fn no_text_of_the_fourth_part_breaks_any_screen() {
    part(3);
}

/// What a terminal obeys, and what hides or joins.
const FEW: usize = 24;

#[test]
fn no_text_breaks_a_run_that_really_takes_place() {
    // AWS takes no longer keys of tags, and the run carries them over.
    let all = strings()
        .into_iter()
        .filter(|text| text.chars().count() < 100);
    for text in all.step_by(FEW) {
        let text = &text;
        assert_all_harmless(text, &walk_for_real(text));
    }
}

#[test]
fn no_text_in_a_journal_that_somebody_else_wrote_breaks_any_screen() {
    for text in strings().iter().skip(1).step_by(FEW / 2) {
        assert_all_harmless(text, &walk_through_spoilt_journal(text));
    }
}
