//! What the guest of an instance has written on its console, as lines that can be shown.
//!
//! It is the most hostile text there is: whatever runs in there has written it, terminals and all, and it may hold
//! secrets. So control sequences are taken out, what is left passes the border of [`super::text`], and it can
//! neither be written down nor printed by a programmer's look at it.

use std::fmt;

use jiff::Timestamp;

use super::text::{Untrusted, visible};

/// How much of it is read, in bytes: EC2 keeps no more (EC2 API reference, `GetConsoleOutput`).
pub const MOST: usize = 64 * 1024;
/// Cells between two stops of a tabulator.
const TAB: usize = 8;

/// What was written on a console.
#[derive(Clone, PartialEq, Eq)]
pub struct ConsoleOutput {
    /// Of when it is, where AWS tells.
    pub at: Option<Timestamp>,
    /// Whether it is what was written last, rather than what was kept after the last boot.
    pub latest: bool,
    lines: Vec<String>,
}

impl fmt::Debug for ConsoleOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsoleOutput")
            .field("at", &self.at)
            .field("latest", &self.latest)
            .field("lines", &self.lines.len())
            .finish()
    }
}

impl ConsoleOutput {
    /// Takes what a console told. Beyond [`MOST`] bytes only the end is kept, from the beginning of a line on.
    #[must_use]
    pub fn new(text: &Untrusted, at: Option<Timestamp>, latest: bool) -> Self {
        Self {
            at,
            latest,
            lines: lines_of(end_of(text.raw())),
        }
    }

    /// Returns its lines, fit to be shown; none where nothing was written yet.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}

fn end_of(text: &str) -> &str {
    let Some(mut cut) = text.len().checked_sub(MOST).filter(|cut| *cut > 0) else {
        return text;
    };
    while !text.is_char_boundary(cut) {
        cut += 1;
    }
    let end = &text[cut..];
    end.split_once('\n').map_or(end, |(_, whole)| whole)
}

fn lines_of(text: &str) -> Vec<String> {
    let mut page = Page::default();
    for c in text.chars() {
        page.take(c);
    }
    page.breaks();
    let mut lines = page.lines;
    let written = lines.iter().rposition(|line| !line.is_empty());
    lines.truncate(written.map_or(0, |last| last + 1));
    lines
}

/// Where a character stands: in the text, or in a sequence that steers a terminal (ECMA-48).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Within {
    #[default]
    Text,
    /// Behind an escape.
    Escape,
    /// In a control sequence, up to its final character.
    Control,
    /// In a message to the terminal, up to its terminator.
    Message,
    /// In a message, behind an escape, which ends it.
    MessageEnd,
}

/// A page that is being written.
#[derive(Default)]
struct Page {
    lines: Vec<String>,
    line: String,
    /// The cursor went back to the beginning of the line: what follows replaces it.
    returned: bool,
    within: Within,
}

impl Page {
    fn take(&mut self, c: char) {
        self.within = match self.within {
            Within::Text => self.text(c),
            Within::Control => self.control(c),
            Within::Message => self.message(c),
            Within::MessageEnd if c == '\\' => Within::Text,
            Within::Escape | Within::MessageEnd => self.escape(c),
        };
    }

    fn escape(&mut self, c: char) -> Within {
        match c {
            '[' => Within::Control,
            ']' | 'P' | 'X' | '^' | '_' => Within::Message,
            ' '..='/' => Within::Escape,
            // Reset, next line, index and reverse index.
            'c' | 'D' | 'E' | 'M' => self.elsewhere(),
            '0'..='~' => Within::Text,
            // Not a part of it: a sequence that was cut short swallows nothing that comes after it.
            other => self.text(other),
        }
    }

    fn control(&mut self, c: char) -> Within {
        match c {
            ' '..='?' => Within::Control,
            last @ '@'..='~' if moves(last) => self.elsewhere(),
            '@'..='~' => Within::Text,
            other => self.text(other),
        }
    }

    fn message(&mut self, c: char) -> Within {
        match c {
            '\u{7}' | '\u{9c}' | '\u{18}' | '\u{1a}' => Within::Text,
            '\u{1b}' => Within::MessageEnd,
            '\n' => self.text(c),
            _told => Within::Message,
        }
    }

    /// Takes a character of the text, and tells where the next one stands.
    fn text(&mut self, c: char) -> Within {
        match c {
            '\n' => self.breaks(),
            '\r' => self.returned = true,
            '\t' => {
                let stop = TAB - self.line.chars().count() % TAB;
                self.line.push_str(&" ".repeat(stop));
            }
            '\u{8}' => {
                self.line.pop();
            }
            '\u{1b}' => return Within::Escape,
            '\u{9b}' => return Within::Control,
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => return Within::Message,
            silent if silent.is_control() => {}
            written => {
                if std::mem::take(&mut self.returned) {
                    self.line.clear();
                }
                self.line.push(written);
            }
        }
        Within::Text
    }

    /// The cursor goes somewhere else: what follows does not belong to this line.
    fn elsewhere(&mut self) -> Within {
        if !self.line.trim().is_empty() {
            self.breaks();
        }
        Within::Text
    }

    fn breaks(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.returned = false;
        self.lines.push(visible(line.trim_end()));
    }
}

/// Tells whether a control sequence takes the cursor to another line, by its final character.
fn moves(last: char) -> bool {
    matches!(last, 'A' | 'B' | 'E' | 'F' | 'H' | 'J' | 'd' | 'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        ConsoleOutput::new(&text.into(), None, true).lines
    }

    #[test]
    fn lines_stay_lines_and_sequences_are_taken_out() {
        let text = "[    0.000000] Linux\r\n[\u{1b}[0;32m  OK  \u{1b}[0m] Started \u{1b}[0;1;39mcron\u{1b}[0m.\r\n\n\
                    \u{1b}]0;title\u{7}ip-10 login: \r\n\r\n";
        let wanted = [
            "[    0.000000] Linux",
            "[  OK  ] Started cron.",
            "",
            "ip-10 login:",
        ];
        assert_eq!(lines(text), wanted);
    }

    #[test]
    fn every_way_to_steer_a_terminal_leaves_no_trace() {
        for sequence in [
            "\u{1b}[2J\u{1b}[1;1H",
            "\u{1b}[?1049h",
            "\u{1b}[31;1m",
            "\u{9b}31m",
            "\u{1b}]52;c;ZXZpbA==\u{7}",
            "\u{1b}]8;;https://evil\u{1b}\\",
            "\u{9d}0;title\u{9c}",
            "\u{1b}Pq#0\u{1b}\\",
            "\u{1b}_G\u{1b}\\",
            "\u{1b}(B",
            "\u{1b}7",
            "\u{1b}c",
            "\u{7}\u{0}\u{b}\u{c}\u{e}\u{7f}\u{85}",
            "\u{1b}\u{1b}[m",
        ] {
            assert_eq!(lines(&format!("{sequence}word")), ["word"], "{sequence:?}");
            assert_eq!(lines(&format!("word{sequence}")), ["word"], "{sequence:?}");
        }
    }

    #[test]
    fn what_no_sequence_needs_is_made_visible() {
        assert_eq!(lines("a\u{202e}b\u{200b}"), ["a‹U+202E›b‹U+200B›"]);
    }

    #[test]
    fn what_was_overwritten_is_gone_and_what_was_put_elsewhere_is_a_line() {
        assert_eq!(lines("10 %\r20 %\r30 %\n"), ["30 %"]);
        assert_eq!(lines("GNU GRUB\u{1b}[04;02Hmenu"), ["GNU GRUB", "menu"]);
        assert_eq!(lines("ab\u{8}c\td"), ["ac      d"]);
    }

    #[test]
    fn a_sequence_without_an_end_swallows_no_line_behind_it() {
        assert_eq!(lines("a\u{1b}]0;never ends\nb"), ["a", "b"]);
        assert_eq!(lines("a\u{1b}[31\nb"), ["a", "b"]);
        assert_eq!(lines("a\u{1b}"), ["a"]);
    }

    #[test]
    fn of_too_much_the_end_is_kept_from_the_beginning_of_a_line_on() {
        let text: Vec<String> = (0..20_000).map(|n| format!("ä line {n}\n")).collect();
        let lines = lines(&text.concat());
        assert_eq!(lines.last().unwrap(), "ä line 19999");
        assert!(lines[0].starts_with("ä line "), "{}", lines[0]);
        let kept: usize = lines.iter().map(|line| line.len() + 1).sum();
        assert!(kept <= MOST && kept > MOST - 32, "{kept}");
    }

    #[test]
    fn silence_has_no_lines_and_a_look_at_it_tells_no_text() {
        assert!(lines("\r\n \r\n\u{1b}[0m").is_empty());
        let told = ConsoleOutput::new(&"password=hunter2".into(), None, true);
        let seen = format!("{told:?}");
        assert!(
            !seen.contains("hunter2") && seen.contains("lines: 1"),
            "{seen}"
        );
    }
}
