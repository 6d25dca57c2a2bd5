//! Where commands write: results to stdout, everything else to stderr.
//!
//! A reader that has gone away ends the command quietly. Nothing is buffered, so a line is seen when
//! it is written; nothing is locked, so a panic elsewhere can still be told.

use std::io::Write;

use serde::Serialize;

use crate::domain::text::{json_escaped, visible};
use crate::report::Report;

use crate::domain::words;

/// The writers of one command.
pub struct Output {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    width: Option<usize>,
    width_of_notes: Option<usize>,
    ascii: bool,
}

impl Output {
    /// Writes to the process's own stdout and stderr. Signs outside ASCII are used only where the
    /// locale allows them and `ascii` does not forbid them.
    #[must_use]
    pub fn of_process(ascii: bool) -> Self {
        Self {
            out: Box::new(std::io::stdout()),
            err: Box::new(std::io::stderr()),
            width: width_of(terminal_size::terminal_size_of(std::io::stdout())),
            width_of_notes: width_of(terminal_size::terminal_size_of(std::io::stderr())),
            ascii: ascii || !locale_is_utf8(),
        }
    }

    /// Writes to other writers, as wide as it takes.
    pub fn to(out: impl Write + 'static, err: impl Write + 'static) -> Self {
        Self {
            out: Box::new(out),
            err: Box::new(err),
            width: None,
            width_of_notes: None,
            ascii: false,
        }
    }

    /// Returns the width of the terminal in cells, if there is one that tells.
    #[must_use]
    pub fn width(&self) -> Option<usize> {
        self.width
    }

    /// Tells whether only ASCII may be shown.
    #[must_use]
    pub fn ascii(&self) -> bool {
        self.ascii
    }

    /// Writes a line of the result, or several.
    ///
    /// # Errors
    /// A report if stdout cannot be written.
    pub fn line(&mut self, text: &str) -> Result<(), Report> {
        let text = self.signs(text);
        self.bytes(format!("{text}\n").as_bytes())
    }

    /// Writes a sentence of the result, broken to the terminal's width.
    ///
    /// # Errors
    /// A report if stdout cannot be written.
    pub fn sentence(&mut self, text: &str) -> Result<(), Report> {
        let lines = words::broken(text, hanging(text), self.width);
        lines.iter().try_for_each(|line| self.line(line))
    }

    /// Writes a value as one line of JSON.
    ///
    /// # Errors
    /// A report if stdout cannot be written.
    pub fn json(&mut self, value: &impl Serialize) -> Result<(), Report> {
        let json = serde_json::to_string(value).expect("what is printed is plain data");
        self.bytes(format!("{}\n", json_escaped(&json)).as_bytes())
    }

    /// Writes bytes of the result as they are.
    ///
    /// # Errors
    /// A report if stdout cannot be written.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Report> {
        let written = self.out.write_all(bytes).and_then(|()| self.out.flush());
        written.map_err(|error| Report::of_output(&error))
    }

    /// Writes a line for the person, beside the result. Where nobody can be told, nobody is.
    pub fn note(&mut self, text: &str) {
        let text = self.signs(text);
        writeln!(self.err, "{text}").ok();
    }

    /// Writes a line for the person at a terminal over the one that was written so before; an empty one takes it away.
    pub fn status(&mut self, text: &str) {
        let width = self.width_of_notes.unwrap_or(80).saturating_sub(1);
        let text: String = self.signs(text).chars().take(width).collect();
        write!(self.err, "\r\u{1b}[K{text}").ok();
        self.err.flush().ok();
    }

    /// Writes a sentence for the person, broken to the terminal's width.
    pub fn tell(&mut self, text: &str) {
        for line in words::broken(text, hanging(text), self.width_of_notes) {
            self.note(&line);
        }
    }

    /// Writes a report for the person. What is to be copied is not broken.
    pub fn report(&mut self, report: &Report) {
        let mut text = Vec::new();
        report.render(&mut text).expect("memory takes every write");
        for line in String::from_utf8_lossy(&text).lines() {
            let prose = line.starts_with("what happened") || line.starts_with("what is safe");
            let width = self.width_of_notes.filter(|_| prose);
            for part in words::broken(line, REPORT_HANGS, width) {
                self.note(&part);
            }
        }
    }

    /// Returns a text as it is written: whatever a journal or a report holds, no control character but
    /// the ends of its lines reaches the terminal.
    fn signs(&self, text: &str) -> String {
        let line = |line: &str| {
            let line = visible(line);
            if self.ascii {
                words::ascii(&line)
            } else {
                line
            }
        };
        text.split('\n').map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Width of the labels of a report, in cells.
const REPORT_HANGS: usize = 15;

/// Returns how far the further lines of a sentence are indented: below what follows a time and a sign.
fn hanging(text: &str) -> usize {
    let indent = text.len() - text.trim_start().len();
    let timed = text.get(8..10) == Some("Z ") && text.starts_with(|c: char| c.is_ascii_digit());
    indent + if timed { 12 } else { 2 }
}

fn width_of(size: Option<(terminal_size::Width, terminal_size::Height)>) -> Option<usize> {
    size.map(|(width, _height)| usize::from(width.0))
}

/// Tells whether the locale's encoding is UTF-8. The first variable that is set decides.
#[must_use]
pub fn locale_is_utf8() -> bool {
    locale().is_some_and(|(_, value)| is_utf8(&value))
}

/// Returns the variable that decides the locale's encoding, and its value.
#[must_use]
pub fn locale() -> Option<(&'static str, String)> {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| Some((name, std::env::var(name).ok()?)))
        .find(|(_, value)| !value.is_empty())
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    /// A writer whose text can be read while it is written to.
    #[derive(Clone, Default)]
    pub(crate) struct Shared(Rc<RefCell<Vec<u8>>>);

    impl Shared {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).unwrap()
        }
    }

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _bytes: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_ends_with_exit_code_zero() {
        let mut output = Output::to(Closed, Closed);
        assert_eq!(output.line("x").unwrap_err().exit, 0);
        output.note("nobody reads this");
    }

    #[test]
    fn json_lines_carry_no_hostile_characters() {
        let out = Shared::default();
        let mut output = Output::to(out.clone(), Shared::default());
        output.json(&["a\u{202e}b\n"]).unwrap();
        assert_eq!(out.text(), "[\"a\\u202eb\\n\"]\n");
    }

    #[test]
    fn no_line_carries_a_hostile_character() {
        let (out, err) = (Shared::default(), Shared::default());
        let mut output = Output::to(out.clone(), err.clone());
        output.line("a\u{1b}[31m\u{202e}b\nc\r").unwrap();
        output.sentence("d\u{9b}e").unwrap();
        output.note("f\u{200b}g");
        output.tell("h\u{7}i");
        output.report(&Report::new(1, "j\u{1b}k").todo("l\u{8}m"));
        let shown = "a‹U+001B›[31m‹U+202E›b\nc‹U+000D›\nd‹U+009B›e\n";
        assert_eq!(out.text(), shown);
        assert!(
            !err.text()
                .contains(['\u{1b}', '\u{200b}', '\u{7}', '\u{8}'])
        );
    }

    #[test]
    fn a_report_keeps_its_lines_in_ascii() {
        let err = Shared::default();
        let mut output = Output::to(Shared::default(), err.clone());
        output.ascii = true;
        output.report(&Report::new(1, "“x” · y").todo("z"));
        let text = err.text();
        assert!(text.is_ascii() && text.lines().count() == 3, "{text}");
    }

    #[test]
    fn a_sentence_hangs_below_its_beginning() {
        let (out, err) = (Shared::default(), Shared::default());
        let mut output = Output::to(out.clone(), err.clone());
        (output.width, output.width_of_notes) = (Some(30), Some(30));
        output
            .sentence(" ✔ stop orders-db (i-0c4e8f1a2b3d5e607) now")
            .unwrap();
        assert_eq!(
            out.text(),
            " ✔ stop orders-db\n   (i-0c4e8f1a2b3d5e607) now\n"
        );
        output.tell("02:34:44Z ⋯ stop orders-db · stopped");
        assert_eq!(
            err.text(),
            "02:34:44Z ⋯ stop orders-db ·\n            stopped\n"
        );
    }

    #[test]
    fn the_prose_of_a_report_is_broken_and_its_commands_are_not() {
        let err = Shared::default();
        let mut output = Output::to(Shared::default(), err.clone());
        output.width_of_notes = Some(30);
        let command = "aws ec2 describe-volumes --filters x";
        output.report(&Report::new(1, "one two three four five").todo(command));
        let text = err.text();
        let first = "what happened  one two three\n               four five\n";
        assert!(text.starts_with(first), "{text}");
        assert!(text.contains(command), "{text}");
    }

    #[test]
    fn encodings_are_told_from_the_locale() {
        assert!(is_utf8("de_DE.UTF-8") && is_utf8("C.utf8"));
        assert!(!is_utf8("C") && !is_utf8("de_DE.ISO-8859-1"));
    }
}
