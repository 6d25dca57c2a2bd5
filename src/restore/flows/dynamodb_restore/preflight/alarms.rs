//! What becomes of the alarms: which are copied, which cannot be, whose names are taken, and which go by the old ones.
//! The alarms that are there are never changed.

use crate::domain::alarm::{Alarm, Composite};
use crate::domain::check::Check;
use crate::domain::text::{listed, listed_apart, shown};

use super::super::alarms::{Left, all, given_back};
use super::super::prepared::Prepared;
use super::super::settings::Kind;
use super::carried::unread;
use super::{know, stop, unanswered};

const NAME: &str = "alarms";

pub(super) fn checks(prepared: &Prepared) -> Vec<Check> {
    let facts = prepared.facts;
    if facts.from.is_some() {
        return Vec::new();
    }
    let Some(before) = facts.alarms.value() else {
        let unread = unread(prepared, Kind::Alarms, &facts.alarms);
        return unread.into_iter().collect();
    };
    if before.metric.is_empty() || prepared.chosen.skip.contains(&Kind::Alarms) {
        return Vec::new();
    }
    let given = given_back(facts, &prepared.chosen, &prepared.new);
    let mut checks = Vec::new();
    checks.extend(taken(prepared, &given));
    checks.extend(muted(prepared, &given));
    checks.extend(left(prepared));
    checks.extend(composite(prepared, &before.composite));
    checks
}

fn names<'a>(alarms: impl IntoIterator<Item = &'a Alarm>) -> String {
    let names: Vec<&str> = alarms.into_iter().map(|one| one.name.as_str()).collect();
    listed(&names)
}

/// A name that is taken is never put over.
fn taken(prepared: &Prepared, given: &[Alarm]) -> Option<Check> {
    if given.is_empty() {
        return None;
    }
    let Some(taken) = prepared.facts.taken.value() else {
        let why = prepared.facts.taken.why_unknown();
        let check = unanswered("alarm-names", why.unwrap_or("no reason given"));
        return Some(check.advise("each name is looked at again before its alarm is put"));
    };
    let met = given.iter().filter(|alarm| taken.contains(&alarm.name));
    let met = names(met);
    (!met.is_empty()).then(|| {
        stop(
            "alarm-names",
            format!("there are alarms of these names already: {met}"),
        )
        .advise(
            "no alarm is put over another: name another table by --target, or say --skip alarms",
        )
    })
}

fn muted(prepared: &Prepared, given: &[Alarm]) -> Option<Check> {
    if given.is_empty() {
        return None;
    }
    let (old, new) = (shown(&prepared.old.name), shown(&prepared.new.name));
    let acting = given.iter().filter(|alarm| alarm.acts).count();
    let until = if prepared.chosen.restore_only {
        "They stay muted, since nothing is led over".to_owned()
    } else if acting == 0 {
        "They stay muted, as those of the old one are".to_owned()
    } else {
        format!("{acting} of them act from the switch-over on, and no more after a roll back")
    };
    let found = format!(
        "{new} gets alarms of its own, muted: {}. {until}. Those of {old} are left as they are",
        names(given)
    );
    let advice = if prepared.chosen.restore_only {
        "once it serves: aws cloudwatch enable-alarm-actions"
    } else {
        "after the switch-over, those of the old table are yours to keep, mute or delete; a metric without data can set \
         one off"
    };
    Some(know(NAME, found).advise(advice))
}

fn left(prepared: &Prepared) -> Vec<Check> {
    let all = all(prepared.facts, &prepared.chosen, &prepared.new);
    let of = |wanted: fn(&Left) -> bool| {
        let found = all.iter();
        let found = found.filter(|(_, left)| left.as_ref().is_some_and(wanted));
        names(found.map(|(copy, _)| copy))
    };
    let there = of(|left| *left == Left::There);
    let index = of(|left| matches!(left, Left::Index(_)));
    let stream = of(|left| *left == Left::Stream);
    let beyond = of(|left| matches!(left, Left::Beyond(_)));
    let told = [
        (
            there,
            "they are there, and watch the table again as they are",
        ),
        (
            index,
            "they watch an index that is left out: not given back",
        ),
        (
            stream,
            "they watch the stream of the old table: not given back",
        ),
        (
            beyond,
            "they are set to what this defib does not know: not given back",
        ),
    ];
    let told = told.into_iter().filter(|(names, _)| !names.is_empty());
    told.map(|(names, why)| know("alarms-left", format!("{why}: {names}")))
        .collect()
}

/// What they do is up to all of their alarms, so nobody but their owners can say what they are to go by.
fn composite(prepared: &Prepared, all: &[Composite]) -> Option<Check> {
    if all.is_empty() || prepared.same_name() {
        return None;
    }
    let one = |one: &Composite| format!("{} (by {})", one.name, one.goes_by.join(", "));
    let all: Vec<String> = all.iter().map(one).collect();
    let found = format!(
        "alarms over other alarms go by those of {}, and do not know the new ones: {}",
        shown(&prepared.old.name),
        listed_apart(&all, "; ")
    );
    Some(
        know("composite-alarms", found)
            .advise("have them go by the new ones, too, once the application has moved; defib changes none of them"),
    )
}
