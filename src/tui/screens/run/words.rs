//! Small words that the views of a run share: what was made harmless, keys, times of day, names.
//! Nothing is laid out here.

use jiff::Timestamp;

use crate::domain::run::RunState;
use crate::domain::text::{Untrusted, shown};
use crate::tui::keymap::{Action, Context};
use crate::tui::known::Known;
use crate::tui::width::cut_middle;

/// Cells for an id where there is no room for the whole of it.
pub const SHORT_ID: usize = 13;

/// Returns a text as it can be drawn here: harmless, and in ASCII where the terminal has no more. Nothing
/// is cut; blanks stay as they are.
#[must_use]
pub fn fit(text: &str, known: &Known) -> String {
    let words: Vec<String> = text.split(' ').map(shown).collect();
    let text = words.join(" ");
    known.settings.look.signs.text(&text).into_owned()
}

/// Returns the key of an action in a run, or the way by its name where no key has it.
#[must_use]
pub fn key(action: Action, known: &Known) -> String {
    known.key(action, &[Context::Run, Context::Global])
}

/// Returns the time of day, with the day in front where it is another one than today.
#[must_use]
pub fn time_of(at: Timestamp, known: &Known) -> String {
    let day = |at: Timestamp| at.strftime("%F").to_string();
    let format = if day(at) == day(known.now) {
        "%H:%MZ"
    } else {
        "%b %d %H:%MZ"
    };
    at.strftime(format).to_string()
}

/// Returns the name of what a run is about, or its id.
#[must_use]
pub fn subject_of(state: &RunState, known: &Known) -> String {
    let subject = &state.plan.subject;
    let name = subject.name.as_ref().map(Untrusted::shown);
    let name = name.filter(|name| !name.trim().is_empty());
    fit(&name.unwrap_or_else(|| subject.id.clone()), known)
}

/// Returns ids short, one after the other.
#[must_use]
pub fn short_ids(ids: &[String]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| cut_middle(id, SHORT_ID)).collect();
    ids.join(", ")
}

/// Shortens every id of AWS in a sentence to what tells it apart, in `room` cells each: `vol-0b7e…0041`.
#[must_use]
pub fn with_short_ids(text: &str, room: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '-' {
            word.push(c);
            continue;
        }
        flush(&mut word, room, &mut out);
        out.push(c);
    }
    flush(&mut word, room, &mut out);
    out
}

/// Leaves out every id that stands in brackets behind a name: `web-1 (i-04d1…)` becomes `web-1`.
#[must_use]
pub fn without_named_ids(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(" (") {
        out.push_str(before);
        rest = match behind.split_once(')') {
            Some((id, after)) if is_id(id) => after,
            Some(_) | None => {
                out.push_str(" (");
                behind
            }
        };
    }
    out + rest
}

fn flush(word: &mut String, room: usize, out: &mut String) {
    if is_id(word) {
        out.push_str(&cut_middle(word, room));
    } else {
        out.push_str(word);
    }
    word.clear();
}

/// A kind, a hyphen, and at least sixteen hexadecimal digits, as EC2 makes them today.
fn is_id(word: &str) -> bool {
    word.rsplit_once('-').is_some_and(|(kind, digits)| {
        !kind.is_empty() && digits.len() >= 16 && digits.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_a_sentence_keep_their_kind_and_their_end() {
        let text = "attach vol-0b7e1111222233341 (old) at /dev/sdf of i-04d1aaaabbbbcccc9.";
        let short = with_short_ids(text, SHORT_ID);
        assert_eq!(
            short,
            "attach vol-0b7e…3341 (old) at /dev/sdf of i-04d1aa…ccc9."
        );
        assert_eq!(
            with_short_ids("orders-db-data is fine", SHORT_ID),
            "orders-db-data is fine"
        );
    }

    #[test]
    fn ids_behind_a_name_can_be_left_out() {
        let text = "attach data (vol-0b7e1111222233341) to web (1) (i-04d1aaaabbbbcccc9).";
        assert_eq!(without_named_ids(text), "attach data to web (1).");
    }
}
