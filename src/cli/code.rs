//! Asks for the code of a second factor (MFA) at the terminal.
//!
//! What is no code is asked for again and never sent.

use std::io::{BufRead, IsTerminal as _, Write};

use async_trait::async_trait;

use crate::aws::logins::{Answer, AskForCode};
use crate::domain::code::{Code, CodeWanted, DIGITS};
use crate::domain::text::shown;

/// The terminal of this process, if it has one.
#[derive(Debug)]
pub struct AtTerminal;

#[async_trait]
impl AskForCode for AtTerminal {
    async fn ask(&self, wanted: &CodeWanted) -> Answer {
        let question = question(wanted);
        let asked = tokio::task::spawn_blocking(move || {
            let (input, mut out) = (std::io::stdin(), std::io::stderr());
            // The result goes to stdout, so questions do not.
            if input.is_terminal() && out.is_terminal() {
                asked(&question, &mut input.lock(), &mut out)
            } else {
                Answer::Nobody
            }
        });
        asked.await.unwrap_or(Answer::Nobody)
    }

    fn asks_again(&self) -> bool {
        false
    }
}

fn question(wanted: &CodeWanted) -> String {
    let (serial, profile) = (shown(&wanted.serial), shown(&wanted.profile));
    format!("MFA code of {serial} for profile {profile}: ")
}

/// Asks until there is a code; an input that ends declines.
fn asked(question: &str, input: &mut impl BufRead, out: &mut impl Write) -> Answer {
    loop {
        let told = write!(out, "{question}").and_then(|()| out.flush());
        let mut typed = String::new();
        let read = input.read_line(&mut typed);
        if told.is_err() || !matches!(read, Ok(1..)) {
            // What is said next begins a line of its own.
            writeln!(out).ok();
            return Answer::Declined;
        }
        if let Some(code) = Code::new(&typed) {
            return Answer::Given(code);
        }
        let hint = format!("a code has {DIGITS} digits; ctrl-d goes on without one");
        if writeln!(out, "{hint}").is_err() {
            return Answer::Declined;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> CodeWanted {
        CodeWanted {
            profile: "ops\u{202e}".into(),
            serial: "arn:aws:iam::111122223333:mfa/ada\u{1b}[2J".into(),
            refused: false,
        }
    }

    fn said(typed: &str) -> (Answer, String) {
        let mut out = Vec::new();
        let answer = asked(&question(&wanted()), &mut typed.as_bytes(), &mut out);
        (answer, String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_question_names_device_and_profile_and_is_harmless() {
        let (_, out) = said("");
        assert!(
            out.starts_with("MFA code of arn:aws:iam::111122223333:mfa/ada"),
            "{out:?}"
        );
        assert!(out.contains(" for profile ops"), "{out:?}");
        assert!(!out.contains(['\u{1b}', '\u{202e}']), "{out:?}");
    }

    #[test]
    fn what_is_no_code_is_asked_for_again_and_the_end_declines() {
        let (answer, out) = said("12345\n1234567\nabcdef\n\n123 456\n");
        assert_eq!(answer, Answer::Given(Code::new("123456").unwrap()));
        assert_eq!(out.matches("MFA code of").count(), 5, "{out}");
        assert_eq!(out.matches("6 digits").count(), 4, "{out}");
        assert!(
            !out.contains("12345"),
            "what was typed is not repeated: {out}"
        );
        let (answer, out) = said("12345\n");
        assert_eq!(answer, Answer::Declined);
        assert_eq!(out.matches("MFA code of").count(), 2, "{out}");
        assert!(out.ends_with(": \n"), "{out:?}");
    }
}
