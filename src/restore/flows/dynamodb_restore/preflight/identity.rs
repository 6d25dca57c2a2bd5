//! Whether those who may use the old table may use the new one: policies of users, groups and roles that name it.
//! What was not read is told with the command that reads it, and stops nothing.

use crate::domain::check::Check;
use crate::domain::identity::{CHECK as NAME, Identities, words};
use crate::domain::text::shown;
use crate::restore::flows::command;

use super::super::prepared::Prepared;
use super::{fine, know, unanswered};

/// How many are named.
const MOST_NAMED: usize = 10;

/// Under the old name policies hold as they are.
pub(super) fn check(prepared: &Prepared) -> Option<Check> {
    if prepared.same_name() {
        return None;
    }
    let fact = &prepared.facts.identities;
    let Some(found) = fact.value() else {
        let why = fact.why_unknown().unwrap_or("no reason given");
        return Some(unanswered(NAME, why).advise(format!(
            "who loses access at the switch-over is not known: users, groups and roles whose policies name only {}. \
             Look yourself: {}",
            shown(&prepared.old.name),
            look(prepared)
        )));
    };
    Some(told(prepared, found))
}

fn told(prepared: &Prepared, found: &Identities) -> Check {
    let (old, new) = (shown(&prepared.old.name), shown(&prepared.new.name));
    let doubts = found.doubts();
    let doubt = if doubts.is_empty() {
        String::new()
    } else {
        format!("; {}", doubts.join("; "))
    };
    let covering = match found.covering {
        0 => String::new(),
        count => format!("; {count} cover both"),
    };
    if found.count() > 0 {
        let (head, names) = (words(found.count()), found.titles(MOST_NAMED));
        let check = know(
            NAME,
            format!("{head} only {old}, and not {new}: {names}{covering}{doubt}"),
        );
        return check.advise(if prepared.chosen.restore_only {
            format!("whoever is to use {new} needs to be allowed; the plan's facts have what to change")
        } else {
            format!(
                "who is allowed by them loses access at the switch-over, and what they deny is open. What to change is \
                 told with the look at {new}, to be pasted; defib changes no policy"
            )
        });
    }
    if doubts.is_empty() {
        return fine(
            NAME,
            format!("no policy of users, groups and roles names only {old}{covering}"),
        );
    }
    know(
        NAME,
        format!(
            "no policy of users, groups and roles that was read names only {old}{covering}{doubt}"
        ),
    )
    .advise(format!("look yourself: {}", look(prepared)))
}

fn look(prepared: &Prepared) -> String {
    let options = command::options(&prepared.facts.place);
    let table = command::word(&prepared.old.name, "TABLE");
    format!(
        "aws iam get-account-authorization-details {options} --filter User Group Role LocalManagedPolicy --output json \
         | grep -n -F table/{table}"
    )
}
