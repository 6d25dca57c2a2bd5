//! One line of text to type: its content, its cursor, and the keys that change them.
//!
//! It takes its keys before any keymap, and only those; what it leaves is for the screen. Typed text is not
//! trusted more than other text: what could hide or move anything is drawn visibly.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::text::{Line, Span};

use crate::domain::text::shown;
use crate::tui::theme::Look;
use crate::tui::width::{cells, graphemes};

/// The longest text that can be typed, in characters.
pub const MOST_CHARACTERS: usize = 2048;

/// A text and the cursor in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextInput {
    /// Graphemes: what one key press removes.
    units: Vec<String>,
    /// How many of them stand before the cursor.
    cursor: usize,
}

/// What is drawn of a text that is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The part around the cursor.
    pub line: Line<'static>,
    /// Cells in front of the cursor; always less than the room there was, if there was any.
    pub cursor: u16,
}

impl TextInput {
    /// Makes an input with a text in it and the cursor behind that.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut input = Self::default();
        input.paste(text);
        input
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> String {
        self.units.concat()
    }

    /// Tells whether nothing is typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// Tells whether nothing stands behind the cursor.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.cursor == self.units.len()
    }

    /// Empties it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Inserts a text at the cursor: tabs as blanks, without line ends and other control characters, as far as
    /// there is room.
    pub fn paste(&mut self, text: &str) {
        let typed: usize = self.units.iter().map(|unit| unit.chars().count()).sum();
        let text = text.chars().map(|c| if c == '\t' { ' ' } else { c });
        let text = text.filter(|c| !c.is_control());
        let text: String = text.take(MOST_CHARACTERS.saturating_sub(typed)).collect();
        // What is inserted may join what stands before it, as an accent does.
        let before = self.units[..self.cursor].concat() + &text;
        let after = self.units.split_off(self.cursor).concat();
        self.units = split(&before);
        self.cursor = self.units.len();
        self.units.extend(split(&after));
    }

    /// Takes a key that types, deletes or moves, and tells whether it was one.
    pub fn press(&mut self, key: KeyEvent) -> bool {
        if key.kind == KeyEventKind::Release {
            return false;
        }
        let plain = key.modifiers.difference(KeyModifiers::SHIFT);
        match plain {
            KeyModifiers::NONE => self.press_plain(key.code),
            KeyModifiers::CONTROL => self.press_control(key.code),
            KeyModifiers::ALT => self.press_alt(key.code),
            _more => false,
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "keys that are not listed belong to the screen"
    )]
    fn press_plain(&mut self, code: KeyCode) -> bool {
        match code {
            KeyCode::Char(c) => self.paste(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => self.delete(self.cursor.saturating_sub(1), self.cursor),
            KeyCode::Delete => self.delete(self.cursor, self.cursor + 1),
            KeyCode::Left => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Right => self.cursor = (self.cursor + 1).min(self.units.len()),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.units.len(),
            _other => return false,
        }
        true
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "keys that are not listed belong to the screen"
    )]
    fn press_control(&mut self, code: KeyCode) -> bool {
        match code {
            KeyCode::Char('a') => self.cursor = 0,
            KeyCode::Char('e') => self.cursor = self.units.len(),
            KeyCode::Char('w') | KeyCode::Backspace => self.delete(self.word_left(), self.cursor),
            KeyCode::Char('u') => self.delete(0, self.cursor),
            KeyCode::Char('k') => self.delete(self.cursor, self.units.len()),
            // What many terminals send for backspace.
            KeyCode::Char('h') => self.delete(self.cursor.saturating_sub(1), self.cursor),
            KeyCode::Delete => self.delete(self.cursor, self.word_right()),
            KeyCode::Left => self.cursor = self.word_left(),
            KeyCode::Right => self.cursor = self.word_right(),
            _other => return false,
        }
        true
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "keys that are not listed belong to the screen"
    )]
    fn press_alt(&mut self, code: KeyCode) -> bool {
        match code {
            KeyCode::Char('b') | KeyCode::Left => self.cursor = self.word_left(),
            KeyCode::Char('f') | KeyCode::Right => self.cursor = self.word_right(),
            KeyCode::Char('d') => self.delete(self.cursor, self.word_right()),
            KeyCode::Backspace => self.delete(self.word_left(), self.cursor),
            _other => return false,
        }
        true
    }

    fn delete(&mut self, from: usize, to: usize) {
        self.units.drain(from..to.min(self.units.len()));
        self.cursor = from.min(self.units.len());
    }

    /// Returns the start of the word before the cursor. Words end at blanks: ids and ARNs are one.
    fn word_left(&self) -> usize {
        let before = &self.units[..self.cursor];
        let end = before.iter().rposition(|unit| !is_blank(unit));
        let blank = end.and_then(|end| before[..end].iter().rposition(|unit| is_blank(unit)));
        match (end, blank) {
            (None, _) => 0,
            (Some(_), blank) => blank.map_or(0, |blank| blank + 1),
        }
    }

    /// Returns the end of the word behind the cursor.
    fn word_right(&self) -> usize {
        let after = &self.units[self.cursor..];
        let start = after.iter().position(|unit| !is_blank(unit));
        let start = start.unwrap_or(after.len());
        let blank = after[start..].iter().position(|unit| is_blank(unit));
        self.cursor + blank.map_or(after.len(), |blank| start + blank)
    }

    /// Draws the text into `room` cells. Where it is longer, the part around the cursor is seen, and a sign
    /// tells on which side there is more.
    #[must_use]
    pub fn drawn(&self, room: u16, look: &Look) -> Drawn {
        let units: Vec<String> = self.units.iter().map(|unit| shown(unit)).collect();
        let widths: Vec<usize> = units.iter().map(|unit| cells(unit)).collect();
        let seen = seen(&widths, self.cursor, usize::from(room));
        let mut line = Line::default();
        let mut before = 0;
        if seen.start > 0 && room > 1 {
            line.push_span(Span::styled(look.signs.ellipsis, look.theme.dim));
            before = 1;
        }
        before += widths[seen.start..self.cursor].iter().sum::<usize>();
        line.push_span(Span::styled(units[seen.clone()].concat(), look.theme.text));
        if seen.end < units.len() && room > 1 {
            line.push_span(Span::styled(look.signs.ellipsis, look.theme.dim));
        }
        let cursor = u16::try_from(before).unwrap_or(u16::MAX);
        Drawn {
            line,
            cursor: cursor.min(room.saturating_sub(1)),
        }
    }
}

/// Picks the units that are seen: all if they fit with a cell for the cursor behind them, or as many as fit up
/// to the cursor and then behind it. A cell at each end is left for the sign that there is more.
fn seen(widths: &[usize], cursor: usize, room: usize) -> std::ops::Range<usize> {
    if widths.iter().sum::<usize>() < room {
        return 0..widths.len();
    }
    let mut left = room.saturating_sub(2);
    let under = widths.get(cursor).copied().unwrap_or(1).min(left);
    left -= under;
    let mut take = |width: &&usize| {
        let fits = **width <= left;
        left -= if fits { **width } else { 0 };
        fits
    };
    let before = widths[..cursor].iter().rev().take_while(&mut take).count();
    let after = widths[cursor..]
        .iter()
        .skip(1)
        .take_while(&mut take)
        .count();
    let fits = widths.get(cursor).is_some_and(|width| *width <= under);
    let end = if fits { cursor + 1 + after } else { cursor };
    cursor - before..end
}

/// Takes a text without control characters apart.
fn split(text: &str) -> Vec<String> {
    graphemes(text).into_iter().map(|one| one.text).collect()
}

fn is_blank(unit: &str) -> bool {
    unit.chars().all(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::tui::theme::Signs;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, modifiers)
    }

    fn press(input: &mut TextInput, codes: &[KeyCode]) {
        for code in codes {
            assert!(input.press(key(*code, KeyModifiers::NONE)), "{code:?}");
        }
    }

    fn control(input: &mut TextInput, c: char) {
        assert!(
            input.press(key(KeyCode::Char(c), KeyModifiers::CONTROL)),
            "{c}"
        );
    }

    /// The text with the cursor as `|`.
    fn state(input: &TextInput) -> String {
        let (before, after) = input.units.split_at(input.cursor);
        format!("{}|{}", before.concat(), after.concat())
    }

    fn look() -> Look {
        Look::new(config::Theme::Mono, Signs::unicode())
    }

    fn drawn(input: &TextInput, room: u16) -> (String, u16) {
        let drawn = input.drawn(room, &look());
        (drawn.line.to_string(), drawn.cursor)
    }

    #[test]
    fn typing_inserts_and_deleting_removes_at_the_cursor() {
        let mut input = TextInput::default();
        let typed = ['o', 'r', 'x'].map(KeyCode::Char);
        press(&mut input, &typed);
        press(
            &mut input,
            &[KeyCode::Backspace, KeyCode::Home, KeyCode::Right],
        );
        press(&mut input, &[KeyCode::Char('É')]);
        assert_eq!(state(&input), "oÉ|r");
        press(
            &mut input,
            &[KeyCode::Delete, KeyCode::Delete, KeyCode::Left],
        );
        assert_eq!(state(&input), "o|É");
        press(&mut input, &[KeyCode::End]);
        assert_eq!(input.text(), "oÉ");
    }

    #[test]
    fn nothing_happens_beyond_the_ends() {
        let mut input = TextInput::new("a");
        press(&mut input, &[KeyCode::Right, KeyCode::Delete]);
        assert_eq!(state(&input), "a|");
        press(
            &mut input,
            &[KeyCode::Home, KeyCode::Left, KeyCode::Backspace],
        );
        assert_eq!(state(&input), "|a");
        control(&mut input, 'w');
        input.clear();
        control(&mut input, 'w');
        press(&mut input, &[KeyCode::Backspace, KeyCode::Delete]);
        assert!(input.is_empty());
    }

    #[test]
    fn words_are_what_stands_between_blanks() {
        let mut input = TextInput::new("arn:aws:kms/x  snap-1 ");
        control(&mut input, 'w');
        assert_eq!(state(&input), "arn:aws:kms/x  |");
        control(&mut input, 'w');
        assert_eq!(state(&input), "|");
        let mut input = TextInput::new("one two three");
        let alt = |input: &mut TextInput, c| {
            assert!(input.press(key(KeyCode::Char(c), KeyModifiers::ALT)));
        };
        alt(&mut input, 'b');
        alt(&mut input, 'b');
        assert_eq!(state(&input), "one |two three");
        alt(&mut input, 'f');
        assert_eq!(state(&input), "one two| three");
        alt(&mut input, 'd');
        assert_eq!(state(&input), "one two|");
        control(&mut input, 'u');
        assert_eq!(state(&input), "|");
    }

    #[test]
    fn a_key_removes_what_a_person_sees_as_one_character() {
        let mut input = TextInput::new("e\u{301}👩\u{200d}👧🇩🇪");
        press(&mut input, &[KeyCode::Backspace]);
        assert_eq!(input.text(), "e\u{301}👩\u{200d}👧");
        press(&mut input, &[KeyCode::Backspace, KeyCode::Backspace]);
        assert!(input.is_empty());
        press(&mut input, &[KeyCode::Char('e'), KeyCode::Char('\u{301}')]);
        press(&mut input, &[KeyCode::Left]);
        assert_eq!(state(&input), "|e\u{301}", "an accent joins its letter");
    }

    #[test]
    fn a_pasted_text_stays_on_its_line_and_can_do_no_harm() {
        let mut input = TextInput::new("<>");
        press(&mut input, &[KeyCode::Left]);
        input.paste("snap-1\r\n\tx\u{1b}[31m\u{9b}\u{7}");
        assert_eq!(state(&input), "<snap-1 x[31m|>");
        input.clear();
        input.paste("a\u{202e}b");
        assert_eq!(input.text(), "a\u{202e}b", "what is typed is kept");
        assert_eq!(drawn(&input, 20), ("a‹U+202E›b".to_owned(), 10));
    }

    #[test]
    fn a_paste_without_end_is_cut() {
        let mut input = TextInput::new(&"x".repeat(5_000_000));
        assert_eq!(input.text().len(), MOST_CHARACTERS);
        press(&mut input, &[KeyCode::Char('y')]);
        assert_eq!(input.text().len(), MOST_CHARACTERS);
    }

    #[test]
    fn keys_of_the_screen_are_left_to_it() {
        let mut input = TextInput::new("x");
        let others = [
            key(KeyCode::Esc, KeyModifiers::NONE),
            key(KeyCode::Enter, KeyModifiers::NONE),
            key(KeyCode::Tab, KeyModifiers::NONE),
            key(KeyCode::Up, KeyModifiers::NONE),
            key(KeyCode::Char('c'), KeyModifiers::CONTROL),
            key(KeyCode::Char('x'), KeyModifiers::ALT),
            key(
                KeyCode::Char('x'),
                KeyModifiers::CONTROL | KeyModifiers::ALT,
            ),
            KeyEvent {
                kind: KeyEventKind::Release,
                ..key(KeyCode::Char('x'), KeyModifiers::NONE)
            },
        ];
        for other in others {
            assert!(!input.press(other), "{other:?}");
        }
        assert_eq!(input.text(), "x");
        assert!(input.press(key(KeyCode::Char('X'), KeyModifiers::SHIFT)));
        assert_eq!(input.text(), "xX");
    }

    #[test]
    fn a_long_text_scrolls_with_its_cursor() {
        let mut input = TextInput::new("0123456789");
        assert_eq!(drawn(&input, 11), ("0123456789".to_owned(), 10));
        assert_eq!(drawn(&input, 6), ("…789".to_owned(), 4));
        press(&mut input, &[KeyCode::Home]);
        assert_eq!(drawn(&input, 6), ("0123…".to_owned(), 0));
        press(&mut input, &[KeyCode::Right; 5]);
        assert_eq!(drawn(&input, 6), ("…2345…".to_owned(), 4));
    }

    #[test]
    fn the_cursor_is_always_seen_and_no_room_exceeded() {
        let text = "a表e\u{301}👩\u{200d}👧 \u{202e}x🇩🇪 and some more of it";
        let mut input = TextInput::new(text);
        for _ in 0..=input.units.len() {
            for room in 0..40 {
                let (line, cursor) = drawn(&input, room);
                assert!(cells(&line) <= usize::from(room), "{room}: {line:?}");
                assert!(cursor < room.max(1), "{room}: {line:?} at {cursor}");
                assert!(
                    usize::from(cursor) <= cells(&line),
                    "{room}: {line:?} at {cursor}"
                );
            }
            press(&mut input, &[KeyCode::Left]);
        }
    }
}
