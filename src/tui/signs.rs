//! The signs that the console draws with, and their stand-ins where nothing but ASCII can be shown.
//!
//! No environment is read here: whoever starts the console hands over what the locale says.

use std::borrow::Cow;

use crate::domain::words;

/// The signs, one cell each, so that a set can replace the other without moving anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signs {
    /// Whether nothing but ASCII may be shown.
    pub ascii: bool,
    /// A horizontal rule, repeated.
    pub rule: &'static str,
    /// An upright line: the incident across a timeline, a tick of its axis.
    pub upright: &'static str,
    /// In front of the line under the cursor.
    pub bar: &'static str,
    /// A check that is fine, a step that is done.
    pub fine: &'static str,
    /// Know this.
    pub know: &'static str,
    /// Stops here.
    pub stop: &'static str,
    /// Not answered.
    pub unanswered: &'static str,
    /// A gate that waits for a person.
    pub gate: &'static str,
    /// A point on a timeline.
    pub point: &'static str,
    /// A point that must be retrieved from the archive first.
    pub archived: &'static str,
    /// A point that is locked.
    pub locked: &'static str,
    /// A window on a timeline, repeated.
    pub window: &'static str,
    /// The incident.
    pub incident: &'static str,
    /// Time on a timeline in which there is nothing.
    pub nothing: &'static str,
    /// Something was cut off here.
    pub ellipsis: &'static str,
    /// There is more to the left.
    pub left: &'static str,
    /// There is more to the right.
    pub right: &'static str,
    /// There is more above; sorted with the smallest first.
    pub up: &'static str,
    /// There is more below; sorted with the largest first.
    pub down: &'static str,
    /// From one to the other.
    pub to: &'static str,
    /// Made from.
    pub from: &'static str,
    /// Known from before, and not confirmed.
    pub before: &'static str,
    /// Between two facts on one line.
    pub dot: &'static str,
    spinner: &'static [&'static str],
}

impl Signs {
    /// Returns the signs of a terminal that shows UTF-8.
    #[must_use]
    pub const fn unicode() -> Self {
        Self {
            ascii: false,
            rule: "─",
            upright: "│",
            bar: "▌",
            fine: "✔",
            know: "!",
            stop: "✘",
            unanswered: "?",
            gate: "▒",
            point: "●",
            archived: "○",
            locked: "◆",
            window: "━",
            incident: "▲",
            nothing: "·",
            ellipsis: "…",
            left: "‹",
            right: "›",
            up: "↑",
            down: "↓",
            to: "→",
            from: "←",
            before: "↺",
            dot: "·",
            spinner: &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
        }
    }

    /// Returns the signs of any other terminal.
    #[must_use]
    pub const fn ascii() -> Self {
        Self {
            ascii: true,
            rule: "-",
            upright: "|",
            bar: ">",
            fine: "+",
            know: "!",
            stop: "x",
            unanswered: "?",
            gate: "#",
            point: "*",
            archived: "o",
            locked: "L",
            window: "=",
            incident: "^",
            nothing: ".",
            ellipsis: "~",
            left: "<",
            right: ">",
            up: "^",
            down: "v",
            to: ">",
            from: "<",
            before: "@",
            dot: "-",
            spinner: &["|", "/", "-", "\\"],
        }
    }

    /// Chooses the signs: ASCII where it is asked for, where the locale is not UTF-8, and on the Linux
    /// console, whose font has no more than a few hundred signs.
    #[must_use]
    pub fn of(ascii: bool, utf8: bool, term: Option<&str>) -> Self {
        if ascii || !utf8 || term == Some("linux") {
            Self::ascii()
        } else {
            Self::unicode()
        }
    }

    /// Returns one frame of the spinner; the frames come round.
    #[must_use]
    pub fn spinner(&self, frame: usize) -> &'static str {
        self.spinner[frame % self.spinner.len()]
    }

    /// Returns text with what this terminal cannot show replaced. It may become longer, so this comes before
    /// anything is measured.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.ascii && !text.is_ascii() {
            Cow::Owned(words::ascii(text))
        } else {
            Cow::Borrowed(text)
        }
    }
}

/// Tells whether the locale's encoding is UTF-8. The first of the three that is set to anything decides,
/// as POSIX has it; without any it is not.
#[must_use]
pub fn utf8_locale(lc_all: Option<&str>, lc_ctype: Option<&str>, lang: Option<&str>) -> bool {
    let mut set = [lc_all, lc_ctype, lang].into_iter().flatten();
    let locale = set.find(|value| !value.is_empty()).unwrap_or("");
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Returns the one ASCII character that comes nearest to a sign.
pub(super) fn ascii_cell(c: char) -> char {
    match c {
        '─' | '—' | '–' | '·' | '−' => '-',
        '│' | '┊' => '|',
        '▌' | '›' | '→' | '≥' => '>',
        '‹' | '←' | '≤' => '<',
        '…' => '~',
        '“' | '”' => '"',
        '’' | '‘' => '\'',
        '✔' | '┌' | '┐' | '└' | '┘' | '├' | '┤' => '+',
        '✘' | '×' => 'x',
        '▒' => '#',
        '●' => '*',
        '○' => 'o',
        '◆' => 'L',
        '━' => '=',
        '▲' | '↑' => '^',
        '↓' => 'v',
        c if c.is_ascii() => c,
        _other => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::cells;

    fn signs(signs: &Signs) -> Vec<&'static str> {
        let Signs { spinner, .. } = *signs;
        let mut all = vec![
            signs.rule,
            signs.upright,
            signs.bar,
            signs.fine,
            signs.know,
            signs.stop,
            signs.unanswered,
            signs.gate,
            signs.point,
            signs.archived,
            signs.locked,
            signs.window,
            signs.incident,
            signs.nothing,
            signs.ellipsis,
            signs.left,
            signs.right,
            signs.up,
            signs.down,
            signs.to,
            signs.from,
            signs.dot,
        ];
        all.extend(spinner);
        all
    }

    #[test]
    fn the_first_locale_variable_that_says_anything_decides() {
        assert!(utf8_locale(None, None, Some("de_DE.UTF-8")));
        assert!(utf8_locale(Some(""), Some("C.utf8"), Some("C")));
        assert!(!utf8_locale(Some("C"), None, Some("de_DE.UTF-8")));
        assert!(!utf8_locale(None, None, Some("de_DE.ISO-8859-1")));
        assert!(!utf8_locale(None, None, None));
    }

    #[test]
    fn every_sign_takes_one_cell_in_both_sets() {
        let (unicode, ascii) = (signs(&Signs::unicode()), signs(&Signs::ascii()));
        assert!(unicode.iter().all(|sign| cells(sign) == 1), "{unicode:?}");
        assert!(
            ascii.iter().all(|sign| sign.is_ascii() && sign.len() == 1),
            "{ascii:?}"
        );
    }

    #[test]
    fn the_console_of_linux_and_foreign_locales_get_ascii() {
        assert!(Signs::of(false, true, Some("linux")).ascii);
        assert!(Signs::of(false, false, Some("xterm")).ascii);
        assert!(Signs::of(true, true, Some("xterm")).ascii);
        assert!(!Signs::of(false, true, Some("xterm")).ascii);
    }

    #[test]
    fn the_spinner_comes_round() {
        for signs in [Signs::unicode(), Signs::ascii()] {
            assert_eq!(signs.spinner(0), signs.spinner(signs.spinner.len()));
            assert_ne!(signs.spinner(0), signs.spinner(1));
        }
    }

    #[test]
    fn prose_loses_what_cannot_be_shown_and_only_then() {
        assert_eq!(Signs::ascii().text("≤ 5 · “x”"), "<= 5 - \"x\"");
        assert_eq!(Signs::unicode().text("≤ 5 · “x”"), "≤ 5 · “x”");
    }
}
