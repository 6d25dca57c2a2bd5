//! Errors as a person reads them: what happened, what is safe, what to do next.
//!
//! The only room that writes such prose; it knows the error type of every other room. It decides
//! nothing, reads nothing and changes nothing.

mod errors;
mod failed_call;
mod in_the_way;
mod question;
mod unasked;
mod unlisted;

use std::io::{self, Write};

pub use failed_call::{advice_on, policy_line};
pub use unlisted::Unlisted;

/// Failed, or stopped by a check before anything was journaled.
pub const FAILED: u8 = 1;
/// The command line or the settings cannot be understood.
pub const USAGE: u8 = 2;
/// A person has to act first: at a gate, for credentials, in a conflict.
pub const WAITS: u8 = 3;
/// A followed run ended rolled back.
pub const ROLLED_BACK: u8 = 4;
/// A listing in which a place failed.
pub const INCOMPLETE: u8 = 5;

const UNTOUCHED: &str = "Nothing was changed.";
const ONLY_READ: &str = "Nothing was changed: defib was only reading.";
const RUNS_GO_ON: &str = "A run that is under way goes on; what the journal holds stays as it is.";

/// Why a command ended early. One with exit code 0 has nothing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What happened, fit to be shown.
    pub what: String,
    /// What more was said of that, one line each, fit to be shown.
    pub more: Vec<String>,
    /// What is safe.
    pub safe: String,
    /// What to do, one line each; commands stand alone on their line.
    pub todo: Vec<String>,
    /// Exit code.
    pub exit: u8,
}

impl Report {
    /// Makes a report about something that failed before anything was changed.
    pub fn new(exit: u8, what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            more: Vec::new(),
            safe: UNTOUCHED.to_owned(),
            todo: Vec::new(),
            exit,
        }
    }

    /// Says what is safe.
    #[must_use]
    pub fn safe(mut self, safe: impl Into<String>) -> Self {
        self.safe = safe.into();
        self
    }

    /// Adds a line of what to do.
    #[must_use]
    pub fn todo(mut self, todo: impl Into<String>) -> Self {
        self.todo.push(todo.into());
        self
    }

    /// Returns the report on one line: what happened and the first thing to do.
    #[must_use]
    pub fn line(&self) -> String {
        match self.todo.first() {
            Some(todo) => format!("{} · {todo}", self.what),
            None => self.what.clone(),
        }
    }

    /// Writes the report for a person.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn render(&self, out: &mut impl Write) -> io::Result<()> {
        if self.exit == 0 {
            return Ok(());
        }
        writeln!(out, "what happened  {}", self.what)?;
        for line in &self.more {
            writeln!(out, "{:<14} {line}", "")?;
        }
        writeln!(out, "what is safe   {}", self.safe)?;
        for (n, todo) in self.todo.iter().enumerate() {
            let label = if n == 0 { "what to do" } else { "" };
            writeln!(out, "{label:<14} {todo}")?;
        }
        Ok(())
    }

    /// Makes the report of output that cannot be written. A reader that has gone away has seen what
    /// it wanted, so that is no failure.
    #[must_use]
    pub fn of_output(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(0, "");
        }
        Self::new(FAILED, format!("the output cannot be written: {error}")).safe(RUNS_GO_ON)
    }
}

/// Quotes a text that is fit to be shown for a shell.
fn quoted(shown: &str) -> String {
    shlex::try_quote(shown).map_or_else(|_nul| shown.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_questions_are_answered_in_order() {
        let report = Report::new(FAILED, "it broke")
            .todo("do this")
            .todo("then that");
        let mut out = Vec::new();
        report.render(&mut out).unwrap();
        let wanted = "what happened  it broke\n\
                      what is safe   Nothing was changed.\n\
                      what to do     do this\n               then that\n";
        assert_eq!(String::from_utf8(out).unwrap(), wanted);
        assert_eq!(report.line(), "it broke · do this");
    }

    #[test]
    fn a_closed_pipe_is_silent_and_no_failure() {
        let report = Report::of_output(&io::Error::from(io::ErrorKind::BrokenPipe));
        let mut out = Vec::new();
        report.render(&mut out).unwrap();
        assert_eq!((report.exit, out.len()), (0, 0));
        let full = Report::of_output(&io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(full.exit, FAILED);
    }
}
