//! That the settings of a table that is gone were seen while it was there, and can be had: told, never taken in
//! silence.

use crate::domain::check::Check;
use crate::domain::text::shown;

use super::super::last_seen::{WORD, when};
use super::super::prepared::Prepared;
use super::{know, unanswered};

/// Where a file is chosen, or nothing was kept, there is nothing to be said.
pub(super) fn check(prepared: &Prepared) -> Option<Check> {
    let seen = prepared.facts.last_seen.as_ref()?;
    let Some(at) = seen.value() else {
        let why = seen.why_unknown().unwrap_or("no reason given");
        return Some(unanswered(WORD, why).advise(
            "what was last seen of the table cannot be had; the file is left as it is, and replaced once the table is \
             there again: name another by --settings",
        ));
    };
    let found = format!(
        "the settings of {} were last seen on {}; they are not given back unless you say so",
        shown(&prepared.old.name),
        when(*at, prepared)
    );
    Some(know(WORD, found).advise(format!(
        "--settings {WORD} gives them back (in the console: {WORD} as settings); what was changed after that is not in \
         them"
    )))
}
