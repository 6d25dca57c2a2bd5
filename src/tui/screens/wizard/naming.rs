//! What a flow says of its choices, in the words of the form: the flows speak of options, as the command line has
//! them, and here the same choices are fields.

use crate::domain::form::FieldSpec;
use crate::tui::effect::Prepared;

/// The programs whose command lines are quoted: in those an option stays what it is.
const PROGRAMS: [&str; 2] = ["aws", "defib"];

/// Names every option of the flow by its field, in all that is read on the form and among the checks.
pub(super) fn by_fields(prepared: &mut Prepared, fields: &[FieldSpec]) {
    if let Err(obstacle) = &mut prepared.plan {
        obstacle.why = told(&obstacle.why, fields);
    }
    for check in &mut prepared.checks {
        check.found = told(&check.found, fields);
        check.advice = check.advice.take().map(|advice| told(&advice, fields));
    }
}

/// Writes `--field` as the field is named, except within a quoted command, which ends with its clause.
fn told(text: &str, fields: &[FieldSpec]) -> String {
    let mut is_command = false;
    let mut told = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        is_command |= PROGRAMS.contains(&bare);
        match named(bare, fields).filter(|_| !is_command) {
            Some(name) => {
                let behind = &word["--".len() + name.len()..];
                told.extend(["“", name, "”", behind]);
            }
            None => told.push_str(word),
        }
        is_command &= !bare.ends_with([',', ';', '.', ':', ')']);
    }
    told
}

/// Returns the field that a word names as an option, whatever stands behind it.
fn named<'a>(word: &str, fields: &'a [FieldSpec]) -> Option<&'a str> {
    let option = word.strip_prefix("--")?;
    let name = option.trim_end_matches([',', ';', '.', ':', ')']);
    let mut names = fields.iter().map(|spec| spec.name);
    names.find(|known| *known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_tables(text: &str) -> String {
        let mut flows = crate::tui::effects::flows().into_iter();
        let flow = flows.find(|flow| flow.name == "dynamodb-restore");
        told(text, flow.unwrap().fields)
    }

    #[test]
    fn an_option_is_named_as_its_field() {
        assert_eq!(
            of_tables("choose another key by --sse-key (what it says), or leave --replica out"),
            "choose another key by “sse-key” (what it says), or leave “replica” out"
        );
        assert_eq!(
            of_tables("say --skip tags; or --billing."),
            "say “skip” tags; or “billing”."
        );
    }

    #[test]
    fn a_command_keeps_its_options_to_its_end() {
        let command = "aws kms enable-key --region eu-west-1 --table x";
        assert_eq!(
            of_tables(&format!("{command}, or name another by --target")),
            format!("{command}, or name another by “target”")
        );
        let own = "run: defib plan dynamodb-restore --target x --at y";
        assert_eq!(of_tables(own), own);
    }

    #[test]
    fn what_is_no_option_of_the_flow_stays() {
        for text in [
            "see --nothing here",
            "a -- b",
            "--",
            "x--target",
            "--targets",
        ] {
            assert_eq!(of_tables(text), text);
        }
    }
}
