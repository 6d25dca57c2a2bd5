//! The steps that give a restored table its settings back, in the order of the settings.
//!
//! None of them is taken back on a roll back: the new table is kept as it is, and nothing uses it then. Each may wait;
//! a rule of auto scaling is not tried without its target, which AWS would not take.

use std::collections::BTreeMap;

use crate::domain::alarm::Alarm;
use crate::domain::dynamodb::{
    Capacity, Destination, Insights, ScalableTarget, ScalingPolicy, ScheduledAction,
};
use crate::domain::ids::StepId;
use crate::domain::plan::{Call, Impact, Part, Ref, Step};
use crate::domain::text::{Untrusted, shown};
use crate::restore::operation::Operation;
use crate::restore::operations::application_autoscaling::{
    PutPolicy, PutScheduledAction, RegisterTarget,
};
use crate::restore::operations::cloudwatch_alarm::PutAlarm;
use crate::restore::operations::dynamodb_insights::EnableContributorInsights;
use crate::restore::operations::dynamodb_kinesis::EnableKinesisDestination;
use crate::restore::operations::dynamodb_policy::{NO_POLICY, SetPolicy};
use crate::restore::operations::dynamodb_recovery::SetRecovery;
use crate::restore::operations::dynamodb_update::{
    EnableStream, SetCapacity, SetDeletionProtection, SetTableClass,
};

use super::prepared::Prepared;
use super::settings::{Setting, recorded};
use super::steps::{Chain, STREAM, step, tags, usual};
use super::triggers;

/// Numbers the steps of each kind of which there are several.
#[derive(Default)]
struct Numbers {
    /// What is scaled, in the order of the steps: resource and dimension.
    targets: Vec<(String, String)>,
    policies: usize,
    actions: usize,
    streams: usize,
    insights: usize,
    triggers: usize,
    alarms: usize,
}

impl Numbers {
    /// Returns the step that lets something be scaled.
    fn target(&self, resource: &str, dimension: &str) -> Option<StepId> {
        let mut targets = self.targets.iter();
        let at = targets.position(|(of, by)| of == resource && by == dimension)?;
        Some(StepId::new(target_id(at + 1)))
    }

    /// Returns the steps that a setting makes no sense without, if there are any.
    fn bases(&self, setting: &Setting) -> Vec<StepId> {
        let base = match setting {
            Setting::ScalingPolicy(policy) => self.target(&policy.resource, &policy.dimension),
            Setting::ScheduledAction(action) => self.target(&action.resource, &action.dimension),
            Setting::Trigger(_) => Some(StepId::from(STREAM)),
            Setting::Recovery(_)
            | Setting::Tags(_)
            | Setting::DeletionProtection
            | Setting::Class(_)
            | Setting::Capacity(..)
            | Setting::ScalableTarget(_)
            | Setting::Policy(_)
            | Setting::Stream(_)
            | Setting::Kinesis(_)
            | Setting::Insights(_)
            | Setting::Alarm(_)
            | Setting::TimeToLive(_) => None,
        };
        base.into_iter().collect()
    }
}

fn target_id(number: usize) -> String {
    format!("scaling-target-{number}")
}

/// What a step of a setting consists of.
pub(super) struct Given {
    pub id: String,
    pub title: String,
    pub why: &'static str,
    pub call: Call,
    pub expected: u64,
}

/// Adds a step for every setting but time to live, which is enabled at the very end.
pub(super) fn steps(prepared: &Prepared, chain: &mut Chain) {
    let mut numbers = Numbers::default();
    for setting in &prepared.settings {
        if let Setting::Tags(own) = setting {
            chain.push_setting(tags(prepared, own), Vec::new());
        }
        let Some(given) = given(prepared, setting, &mut numbers) else {
            continue;
        };
        let added = Step {
            makes: part(setting),
            call: Some(given.call),
            impact: Impact::Changes,
            expected: given.expected,
            ..step(&given.id, given.title, given.why)
        };
        chain.push_setting(added, numbers.bases(setting));
    }
}

/// Returns what the step of a setting makes, if that is a thing of its own.
fn part(setting: &Setting) -> Option<Part> {
    let (what, name) = match setting {
        Setting::ScalableTarget(target) => {
            let name = dimension(&target.resource, &target.dimension);
            ("scalable target", name)
        }
        Setting::ScalingPolicy(policy) => ("scaling policy", shown(&policy.name)),
        Setting::ScheduledAction(action) => ("scheduled action", shown(&action.name)),
        Setting::Trigger(trigger) => {
            let name = format!("to {}", triggers::called(&trigger.reading));
            ("event source mapping", name)
        }
        Setting::Alarm(alarm) => ("alarm", shown(&alarm.name)),
        Setting::Recovery(_)
        | Setting::Tags(_)
        | Setting::DeletionProtection
        | Setting::Class(_)
        | Setting::Capacity(..)
        | Setting::Policy(_)
        | Setting::Stream(_)
        | Setting::Kinesis(_)
        | Setting::Insights(_)
        | Setting::TimeToLive(_) => return None,
    };
    let what = what.to_owned();
    Some(Part { what, name })
}

fn given(prepared: &Prepared, setting: &Setting, numbers: &mut Numbers) -> Option<Given> {
    let table = || prepared.new.name.clone();
    let new = shown(&prepared.new.name);
    Some(match setting {
        Setting::Tags(_) | Setting::TimeToLive(_) => return None,
        Setting::Recovery(days) => Given {
            id: "recovery".to_owned(),
            title: format!("keep every second of {days} days of {new} to be restored"),
            why: "it is off after a restore; what is written from now on can be had back",
            call: SetRecovery {
                table: table(),
                days: *days,
            }
            .call(),
            expected: usual::UPDATE,
        },
        Setting::DeletionProtection => Given {
            id: "deletion-protection".to_owned(),
            title: format!("protect {new} from deletion"),
            why: "the old one was",
            call: SetDeletionProtection {
                table: table(),
                on: true,
            }
            .call(),
            expected: usual::UPDATE,
        },
        Setting::Class(class) => Given {
            id: "class".to_owned(),
            title: format!("give {new} the class {}", shown(class)),
            why: "the old one had it; it decides what storage and requests cost",
            call: SetTableClass {
                table: table(),
                class: class.clone(),
            }
            .call(),
            expected: usual::UPDATE,
        },
        Setting::Capacity(capacity, indexes) => throughput(prepared, capacity, indexes),
        Setting::ScalableTarget(_) | Setting::ScalingPolicy(_) | Setting::ScheduledAction(_) => {
            return scaling(prepared, setting, numbers);
        }
        Setting::Policy(document) => policy(prepared, document),
        Setting::Stream(view) => stream(prepared, view),
        Setting::Kinesis(destination) => kinesis(prepared, destination, &mut numbers.streams),
        Setting::Insights(insights) => self::insights(prepared, insights, &mut numbers.insights),
        Setting::Trigger(trigger) => {
            numbers.triggers += 1;
            triggers::created(prepared, trigger, numbers.triggers)
        }
        Setting::Alarm(alarm) => self::alarm(prepared, alarm, &mut numbers.alarms),
    })
}

fn stream(prepared: &Prepared, view: &str) -> Given {
    let call = EnableStream {
        table: prepared.new.name.clone(),
        view: view.to_owned(),
    };
    Given {
        id: STREAM.to_owned(),
        title: format!(
            "enable the stream of {}, {}",
            shown(&prepared.new.name),
            shown(view)
        ),
        why: "it is off after a restore; it gets an ARN of its own, which its readers have to be told",
        call: call.call(),
        expected: usual::UPDATE,
    }
}

/// The table is all there by now: what it was restored with is not sent.
fn kinesis(prepared: &Prepared, destination: &Destination, number: &mut usize) -> Given {
    *number += 1;
    let call = EnableKinesisDestination {
        table: prepared.new.name.clone(),
        destination: destination.clone(),
    };
    Given {
        id: format!("kinesis-{number}"),
        title: format!(
            "have what changes in {} go to {}",
            shown(&prepared.new.name),
            shown(&destination.stream)
        ),
        why: "it is off after a restore; nothing is written to the new table yet, so nothing goes there before the \
              application does",
        call: call.call(),
        expected: usual::ENABLE,
    }
}

fn insights(prepared: &Prepared, insights: &Insights, number: &mut usize) -> Given {
    *number += 1;
    let call = EnableContributorInsights {
        table: prepared.new.name.clone(),
        insights: insights.clone(),
    };
    let of = match &insights.index {
        None => shown(&prepared.new.name),
        Some(_) => format!("{}, {}", shown(&prepared.new.name), recorded(insights)),
    };
    Given {
        id: format!("insights-{number}"),
        title: format!("record which keys of {of} are asked for most"),
        why: "Contributor Insights are off after a restore; CloudWatch shows the keys in plain text",
        call: call.call(),
        expected: usual::ENABLE,
    }
}

fn alarm(prepared: &Prepared, alarm: &Alarm, number: &mut usize) -> Given {
    *number += 1;
    let call = PutAlarm {
        table: prepared.new.name.clone(),
        alarm: alarm.clone(),
    };
    Given {
        id: format!("alarm-{number}"),
        title: format!(
            "have the alarm {} watch {}, muted",
            shown(&alarm.name),
            shown(&prepared.new.name)
        ),
        why: "the one that watches the old table stays as it is; the new one does nothing before the application is led \
              over",
        call: call.call(),
        expected: usual::CALL,
    }
}

fn throughput(
    prepared: &Prepared,
    capacity: &Capacity,
    indexes: &BTreeMap<String, Capacity>,
) -> Given {
    let new = shown(&prepared.new.name);
    let what = if capacity.on_demand {
        "limits of throughput".to_owned()
    } else {
        format!("{} read and {} write units", capacity.read, capacity.write)
    };
    let with = match indexes.len() {
        0 => String::new(),
        1 => ", and its index its own".to_owned(),
        many => format!(", and its {many} indexes their own"),
    };
    let call = SetCapacity {
        table: prepared.new.name.clone(),
        capacity: capacity.clone(),
        indexes: indexes.clone(),
    };
    Given {
        id: "capacity".to_owned(),
        title: format!("give {new} {what}{with}"),
        why: "a restore may bring back what it was then; where it is right, nothing is sent",
        call: call.call(),
        expected: usual::UPDATE,
    }
}

/// Auto scaling: AWS makes the alarms behind the policies by itself.
fn scaling(prepared: &Prepared, setting: &Setting, numbers: &mut Numbers) -> Option<Given> {
    let table = prepared.new.name.clone();
    match setting {
        Setting::ScalableTarget(target) => Some(scalable(table, target, &mut numbers.targets)),
        Setting::ScalingPolicy(policy) => Some(scaled_by(table, policy, &mut numbers.policies)),
        Setting::ScheduledAction(action) => Some(scheduled(table, action, &mut numbers.actions)),
        Setting::Recovery(_)
        | Setting::Tags(_)
        | Setting::DeletionProtection
        | Setting::Class(_)
        | Setting::Capacity(..)
        | Setting::Policy(_)
        | Setting::Stream(_)
        | Setting::Kinesis(_)
        | Setting::Insights(_)
        | Setting::Trigger(_)
        | Setting::Alarm(_)
        | Setting::TimeToLive(_) => None,
    }
}

fn scalable(table: String, target: &ScalableTarget, targets: &mut Vec<(String, String)>) -> Given {
    targets.push((target.resource.clone(), target.dimension.clone()));
    let call = RegisterTarget {
        table,
        target: target.clone(),
    };
    Given {
        id: target_id(targets.len()),
        title: format!(
            "let the {} be scaled, {} to {} units",
            dimension(&target.resource, &target.dimension),
            target.min,
            target.max
        ),
        why: "auto scaling knows tables by their names, and does not know this one",
        call: call.call(),
        expected: usual::CALL,
    }
}

fn scaled_by(table: String, policy: &ScalingPolicy, number: &mut usize) -> Given {
    *number += 1;
    let call = PutPolicy {
        table,
        policy: policy.clone(),
    };
    Given {
        id: format!("scaling-policy-{number}"),
        title: format!(
            "scale the {} by {}",
            dimension(&policy.resource, &policy.dimension),
            shown(&policy.name)
        ),
        why: "the rule by which the old one was scaled",
        call: call.call(),
        expected: usual::CALL,
    }
}

fn scheduled(table: String, action: &ScheduledAction, number: &mut usize) -> Given {
    *number += 1;
    let call = PutScheduledAction {
        table,
        action: action.clone(),
    };
    Given {
        id: format!("scheduled-{number}"),
        title: format!(
            "scale the {} at {}, {}",
            dimension(&action.resource, &action.dimension),
            shown(&action.schedule),
            shown(&action.name)
        ),
        why: "the times at which the old one was scaled",
        call: call.call(),
        expected: usual::CALL,
    }
}

/// Returns what of a table is scaled, in words: `read capacity of orders-new, index by-customer`.
fn dimension(resource: &str, dimension: &str) -> String {
    let units = match dimension.rsplit(':').next() {
        Some("ReadCapacityUnits") => "read capacity",
        Some("WriteCapacityUnits") => "write capacity",
        _other => "capacity",
    };
    let name = resource.strip_prefix("table/").unwrap_or(resource);
    match name.split_once("/index/") {
        None => format!("{units} of {}", shown(name)),
        Some((table, index)) => format!("{units} of {}, index {}", shown(table), shown(index)),
    }
}

fn policy(prepared: &Prepared, document: &Untrusted) -> Given {
    let call = SetPolicy {
        table: prepared.new.name.clone(),
        arn: prepared.new.arn.clone(),
        policy: document.clone(),
        instead_of: None,
        revision: Ref::Known(NO_POLICY.to_owned()),
    };
    Given {
        id: "policy".to_owned(),
        title: format!("give {} the resource policy", shown(&prepared.new.name)),
        why: "who is let in by the table's own policy, with the new table's ARN in it",
        call: call.call(),
        expected: usual::CALL,
    }
}
