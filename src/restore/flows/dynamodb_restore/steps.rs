//! The steps of a restore of a table, one after the other: the restore, every setting, a comparison, a person's look,
//! the switch-over, time to live, and replicas at the very end.
//!
//! Every step needs the one before it, so that the order is what the plan shows. A table changes one setting at a time.
//! A setting may wait, and what comes after the settings needs them all. The tags may wait as well, with those of the
//! run: it knows its table by its name and by what AWS says it was restored from, not by its tags.

use std::collections::BTreeMap;

use crate::domain::ids::StepId;
use crate::domain::plan::{EXPIRED, Gate, Impact, Step, Undo};
use crate::domain::text::{Untrusted, shown};
use crate::domain::words;
use crate::restore::flows::command;
use crate::restore::operation::{Operation, TAG_RUN, TAG_SOURCE, TAG_STEP};
use crate::restore::operations::dynamodb_active::{MarkActive, UnmarkActive};
use crate::restore::operations::dynamodb_alike::TableIsAlike;
use crate::restore::operations::dynamodb_count::CountExpired;
use crate::restore::operations::dynamodb_restore::{RestoreFromBackup, RestoreToPointInTime};
use crate::restore::operations::dynamodb_tags::TagTable;
use crate::restore::operations::dynamodb_ttl::EnableTimeToLive;
use crate::restore::operations::ec2_tags::TagValue;

use super::mark::Mark;
use super::prepared::Prepared;
use super::{given_back, person, replicas, settings, switch};

pub(super) const MARK: &str = "mark";
pub(super) const RESTORE: &str = "restore";
pub(super) const TAGS: &str = "tags";
pub(super) const STREAM: &str = "stream";
pub(super) const ALIKE: &str = "alike";
pub(super) const LOOK: &str = "look";
pub(super) const SWITCH: &str = "switch";
pub(super) const UNMUTE: &str = "unmute";
pub(super) const HEALTHY: &str = "healthy";
pub(super) const FREEZE: &str = "freeze";
pub(super) const COUNT: &str = "count-expired";
pub(super) const TTL: &str = "ttl";
pub(super) const UNMARK: &str = "unmark";

/// Usual durations in seconds; a person's are a guess.
pub(super) mod usual {
    pub const CALL: u64 = 2;
    /// Tags are seen a little later than they are set.
    pub const TAGS: u64 = 5;
    /// A change of a table, until it is active again.
    pub const UPDATE: u64 = 30;
    /// A Kinesis stream or Contributor Insights, until AWS says that they are on.
    pub const ENABLE: u64 = 60;
    /// A replica is there after minutes, and longer with data.
    pub const REPLICA: u64 = 900;
    /// A restore takes at least twenty to thirty minutes, however small it is, and longer with data and indexes.
    pub const RESTORE: u64 = 1800;
    pub const RESTORE_PER_10_GIB: u64 = 60;
    pub const RESTORE_PER_INDEX: u64 = 600;
    pub const ALIKE: u64 = 10;
    pub const COUNT: u64 = 30;
    pub const PERSON: u64 = 300;
}

pub(super) const TEN_GIB: u64 = 10 << 30;

/// Steps in their order, each after the one before.
#[derive(Default)]
pub(super) struct Chain(Vec<Step>);

impl Chain {
    pub(super) fn push(&mut self, mut step: Step) {
        let last = self.0.last();
        step.needs = last.map(|last| last.id.clone()).into_iter().collect();
        self.0.push(step);
    }

    /// Adds a setting, which may wait, but is not tried without those that it builds on.
    pub(super) fn push_setting(&mut self, step: Step, builds_on: Vec<StepId>) {
        self.push(step);
        let Some(added) = self.0.last_mut() else {
            return;
        };
        added.may_wait = true;
        let more = builds_on.iter().filter(|base| !added.needs.contains(base));
        let more: Vec<StepId> = more.cloned().collect();
        added.needs.extend(more);
        added.builds_on = builds_on;
    }

    /// Adds what must not be done before every setting is there.
    fn push_after_settings(&mut self, step: Step) {
        let settings = self.0.iter().filter(|step| step.may_wait);
        let settings: Vec<StepId> = settings.map(|step| step.id.clone()).collect();
        self.push(step);
        let Some(added) = self.0.last_mut() else {
            return;
        };
        let more = settings.into_iter().filter(|id| !added.needs.contains(id));
        let more: Vec<StepId> = more.collect();
        added.needs.extend(more);
    }
}

/// Makes the steps in the order they are shown in.
pub(super) fn steps(prepared: &Prepared) -> Vec<Step> {
    let mut chain = Chain::default();
    let there = prepared.facts.source.is_some();
    if there {
        chain.push(mark(prepared));
    }
    chain.push(restore(prepared));
    given_back::steps(prepared, &mut chain);
    chain.push_after_settings(alike(prepared));
    chain.push(look(prepared));
    if !prepared.chosen.restore_only {
        switch::steps(prepared, &mut chain);
        if let Some(attribute) = prepared.ttl() {
            chain.push(count(prepared, attribute));
            chain.push(time_to_live(prepared, attribute));
        }
    }
    if there {
        chain.push(unmark(prepared));
    }
    replicas::steps(prepared, &mut chain);
    chain.0
}

fn mark(prepared: &Prepared) -> Step {
    let (table, arn) = (prepared.old.name.clone(), prepared.old.arn.clone());
    let called = shown(&table);
    let mark = Mark::of(prepared.facts);
    let call = MarkActive {
        table: table.clone(),
        arn: arn.clone(),
        instead_of: mark.as_ref().map(|mark| mark.run.clone()),
    };
    Step {
        call: Some(call.call()),
        gate: mark.map_or(Gate::None, |mark| mark.gate()),
        impact: Impact::Changes,
        expected: usual::TAGS,
        undo: vec![Undo {
            call: Some(UnmarkActive { table, arn }.call()),
            expected: usual::TAGS,
            ..undo(format!("take the mark from {called}"))
        }],
        ..step(
            MARK,
            format!("mark {called} as being restored"),
            "tells whoever else wants to restore it that somebody is at it; it is no lock",
        )
    }
}

fn unmark(prepared: &Prepared) -> Step {
    let (table, arn) = (prepared.old.name.clone(), prepared.old.arn.clone());
    let called = shown(&table);
    let again = MarkActive {
        table: table.clone(),
        arn: arn.clone(),
        instead_of: None,
    };
    Step {
        call: Some(UnmarkActive { table, arn }.call()),
        impact: Impact::Changes,
        expected: usual::TAGS,
        undo: vec![Undo {
            call: Some(again.call()),
            expected: usual::TAGS,
            ..undo(format!("mark {called} again"))
        }],
        ..step(
            UNMARK,
            format!("take the mark from {called}"),
            "the restore is over",
        )
    }
}

fn restore(prepared: &Prepared) -> Step {
    let facts = prepared.facts;
    let (old, new) = (shown(&prepared.old.name), shown(&prepared.new.name));
    let overrides = prepared.overrides.clone();
    let at = words::instant(prepared.at);
    let (call, title) = if let Some(backup) = &facts.backup {
        let call = RestoreFromBackup {
            backup: backup.arn.clone(),
            target: prepared.new.name.clone(),
            overrides,
        };
        let title = format!("restore the backup of {old} of {at} into {new}");
        (call.call(), title)
    } else {
        let call = RestoreToPointInTime {
            source: prepared.old.name.clone(),
            source_arn: prepared.old.arn.clone(),
            at: prepared.at,
            target: prepared.new.name.clone(),
            overrides,
            by_arn: facts.from.is_some(),
        };
        let title = format!("restore {old} as of {at} into {new}");
        (call.call(), title)
    };
    let title = match &facts.from {
        None => title,
        Some(from) => format!("{title}, from {} to {}", from.region, facts.place.region),
    };
    let indexes = settings::indexes(facts, &prepared.chosen).len();
    let indexes = u64::try_from(indexes).unwrap_or_default();
    let expected = usual::RESTORE
        + usual::RESTORE_PER_10_GIB * (facts.bytes() / TEN_GIB)
        + usual::RESTORE_PER_INDEX * indexes;
    Step {
        call: Some(call),
        impact: Impact::Creates,
        expected,
        ..step(
            RESTORE,
            title,
            "DynamoDB restores into a new table only; what is there goes on as it is",
        )
    }
}

/// The tags of the new table: those of the old one, and of which run, step and point it is.
pub(super) fn tags(prepared: &Prepared, own: &crate::domain::ec2::Tags) -> Step {
    let facts = prepared.facts;
    let text = |text: &str| TagValue::Text(Untrusted::from(text));
    let own = own
        .iter()
        .map(|(key, value)| (key.raw().to_owned(), TagValue::Text(value.clone())));
    let mut tags: BTreeMap<String, TagValue> = own.collect();
    let theirs = tags.len();
    let source = facts.backup.as_ref();
    let source = source.map_or(facts.name.as_str(), |backup| backup.arn.as_str());
    tags.insert(TAG_RUN.to_owned(), TagValue::Run);
    tags.insert(TAG_STEP.to_owned(), text(RESTORE));
    tags.insert(TAG_SOURCE.to_owned(), text(source));
    let call = TagTable {
        table: prepared.new.name.clone(),
        arn: prepared.new.arn.clone(),
        tags,
    };
    let new = shown(&prepared.new.name);
    Step {
        call: Some(call.call()),
        impact: Impact::Changes,
        expected: usual::TAGS,
        ..step(
            TAGS,
            match theirs {
                0 => format!("tag {new} with this run"),
                1 => format!("give {new} its tag, and this run's"),
                many => format!("give {new} its {many} tags, and this run's"),
            },
            "a restored table has none: what allows or charges by tags acts without them until then",
        )
    }
}

fn alike(prepared: &Prepared) -> Step {
    let wanted = settings::wanted(prepared.facts, &prepared.chosen, &prepared.new);
    let call = TableIsAlike {
        table: prepared.new.name.clone(),
        arn: prepared.new.arn.clone(),
        wanted,
    };
    let (old, new) = (shown(&prepared.old.name), shown(&prepared.new.name));
    Step {
        call: Some(call.call()),
        expected: usual::ALIKE,
        ..step(
            ALIKE,
            format!("compare {new} with what {old} was, setting by setting"),
            "what AWS says was set is read back before anybody relies on it",
        )
    }
}

fn look(prepared: &Prepared) -> Step {
    Step {
        gate: person::look(prepared),
        expected: usual::PERSON,
        ..step(
            LOOK,
            format!("you: look at {}", shown(&prepared.new.name)),
            "no application uses it yet, and none does before you say that it is good",
        )
    }
}

fn count(prepared: &Prepared, attribute: &str) -> Step {
    let call = CountExpired {
        table: prepared.new.name.clone(),
        attribute: attribute.to_owned(),
        as_of: prepared.chosen.counted_until,
    };
    Step {
        call: Some(call.call()),
        expected: usual::COUNT,
        ..step(
            COUNT,
            format!(
                "count what has expired in {} by now",
                shown(&prepared.new.name)
            ),
            "it came back with the data; enabling time to live deletes it",
        )
    }
}

/// `--yes` does not answer it: what is deleted then was restored a moment ago.
fn time_to_live(prepared: &Prepared, attribute: &str) -> Step {
    let new = &prepared.new.name;
    let call = EnableTimeToLive {
        table: new.clone(),
        attribute: attribute.to_owned(),
    };
    let why = format!(
        "items that are past their time to live, counted just before: {EXPIRED}. DynamoDB deletes them from {}, for \
         good, once it is enabled",
        shown(new)
    );
    let by_hand = format!(
        "aws dynamodb update-time-to-live {} --table-name {} --time-to-live-specification Enabled=true,AttributeName={}",
        command::options(&prepared.facts.place),
        command::word(new, "TABLE"),
        command::word(attribute, "ATTRIBUTE")
    );
    let left_off = format!(
        "time to live is off on {}: what has expired stays, until it is enabled, once nobody needs that any more, with {by_hand}",
        shown(new)
    );
    Step {
        call: Some(call.call()),
        gate: Gate::TypeName {
            name: Untrusted::from(new.as_str()),
            why,
        },
        impact: Impact::Changes,
        expected: usual::CALL,
        if_declined: Some(left_off),
        ..step(
            TTL,
            format!(
                "enable time to live of {}, by {}",
                shown(new),
                shown(attribute)
            ),
            "it was on, and is off after a restore; it comes last, since it deletes",
        )
    }
}

/// A step without anything in it.
pub(super) fn step(id: &str, title: String, why: &str) -> Step {
    Step {
        id: StepId::from(id),
        title,
        why: why.to_owned(),
        call: None,
        needs: Vec::new(),
        gate: Gate::None,
        impact: Impact::Reads,
        expected: 0,
        ends_outage: false,
        undo: Vec::new(),
        may_wait: false,
        builds_on: Vec::new(),
        if_declined: None,
        keeps_found: false,
        if_kept: None,
        makes: None,
    }
}

/// A move back without anything in it.
pub(super) fn undo(title: String) -> Undo {
    Undo {
        title,
        call: None,
        gate: Gate::None,
        impact: Impact::Changes,
        expected: 0,
        ends_outage: false,
    }
}
