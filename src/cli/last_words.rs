//! What the last runner of a run said in its log, for when it is gone and the run is not over.
//!
//! A log holds what AWS and the operating system said: it is only shown made harmless.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use jiff::Timestamp;

use crate::domain::text::shown;

use crate::domain::words;

/// How a runner's part of the log begins.
const HEADING: &str = "runner started ";
/// How much of a log is looked at, in bytes.
const READ: u64 = 16 * 1024;
const LINES: usize = 6;

/// Returns the line with which a runner begins its part of the log.
#[must_use]
pub fn heading(pid: u32, at: Timestamp) -> String {
    format!("{HEADING}{} as process {pid}", words::instant(at))
}

/// Returns what a person must know of a run whose runner is gone, with the end of its log.
#[must_use]
pub fn lines(log: &Path) -> Vec<String> {
    let name = shown(&log.to_string_lossy());
    let said = end_of(log).map(|text| said(&text)).unwrap_or_default();
    let mut lines = Vec::new();
    if said.is_empty() {
        lines.push(format!(
            "it left no word in {name}: it was killed, or the disk was full"
        ));
    } else {
        lines.push(format!("its last words, from {name}:"));
    }
    lines.extend(said.into_iter().map(|line| format!("  {line}")));
    lines.push(
        "safe: what was sent is in the journal; a resumed run looks before it sends anything again"
            .to_owned(),
    );
    lines
}

fn end_of(log: &Path) -> std::io::Result<String> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(READ)))?;
    let mut bytes = Vec::new();
    file.take(READ).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns the last lines of what the last runner said.
fn said(text: &str) -> Vec<String> {
    let own = text.rsplit(HEADING).next().unwrap_or_default();
    let begun = text.contains(HEADING);
    let lines = own.lines().skip(usize::from(begun));
    let lines: Vec<&str> = lines.filter(|line| !line.trim().is_empty()).collect();
    let from = lines.len().saturating_sub(LINES);
    lines.iter().skip(from).map(|line| shown(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_runner_is_quoted() {
        let at = "2026-03-01T02:00:00Z".parse().unwrap();
        let (first, last) = (heading(7, at), heading(9, at));
        let text = format!("{first}\nold trouble\n{last}\n\nthe disk is full\n");
        assert_eq!(said(&text), ["the disk is full"]);
        assert_eq!(said(&format!("{text}{first}\n")), [""; 0]);
        assert_eq!(said("a log without a heading"), ["a log without a heading"]);
    }

    #[test]
    fn the_log_is_shown_harmless_and_short() {
        let lines: Vec<String> = (0..20).map(|n| format!("line {n}\u{1b}[2J")).collect();
        let text = lines.join("\n");
        let said = said(&text);
        assert_eq!(said.len(), LINES);
        assert_eq!(said[5], "line 19‹U+001B›[2J");
    }

    #[test]
    fn a_log_that_is_not_there_is_told_as_well() {
        let lines = lines(Path::new("/nowhere/R.log"));
        assert!(lines[0].contains("no word in /nowhere/R.log"), "{lines:?}");
        assert!(lines[1].starts_with("safe: "), "{lines:?}");
    }
}
