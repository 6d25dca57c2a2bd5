//! The report of a run, folded from its events: what happened, how long the service was down, what is
//! left, and how to go back.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::command::{Command, Layout, Marker};
use super::markup::{escaped, fenced, head, policies, policies_back, row};
use super::shell::options;
use super::timeline::{operator, timeline, title};
use super::{Decode, clock, instant, outage as expected_outage, place, visible};
use crate::domain::check::Verdict;
use crate::domain::ids::StepId;
use crate::domain::plan::{Call, Plan};
use crate::domain::resource::ResourceKind;
use crate::domain::run::{CreatedBy, RunEvent, RunState, RunStatus, StepRecord, lost};
use crate::domain::words::{lasting, left_as_found};
use crate::journal::damage::Damage;
use crate::restore::operation::{Stamp, decode, started_by};

/// What the report is made of beside the run.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// When it went wrong, if somebody said.
    pub incident: Option<Timestamp>,
    /// The present, for what has not ended.
    pub now: Timestamp,
}

/// Renders a run with the operations of this defib. `events` are those that `state` was folded from.
#[must_use]
pub fn report(state: &RunState, events: &[RunEvent], asked: Asked) -> String {
    render(state, events, asked, &decode)
}

/// Renders what stands before the report of a run whose record is damaged.
#[must_use]
pub fn damaged(damage: &Damage) -> String {
    let copy = damage.evidence.told();
    let copy = copy.map_or_else(String::new, |told| format!(" Note: {}.", escaped(&told)));
    format!(
        "> **The record of this run is damaged**: {}; {}. This report is made from what is valid.{copy}\n\n",
        escaped(&damage.told()),
        lost(damage.intact, damage.written)
    )
}

/// Renders a run with the operations that `decode` knows.
#[must_use]
pub fn render(state: &RunState, events: &[RunEvent], asked: Asked, decode: Decode<'_>) -> String {
    let mut out = opening(state, asked);
    outages(state, asked.now, &mut out);
    missing(state, &mut out);
    still_open(state, &mut out);
    declined(state, &mut out);
    // What was taken back asks for no change: the old one is what the policies name.
    if state.undo.is_none() {
        out.push_str(&policies(&state.plan));
    } else {
        out.push_str(&policies_back(&state.plan));
    }
    timeline(state, events, &mut out);
    before_after(state, &mut out);
    unanswered(&state.plan, &mut out);
    in_service(state, &mut out);
    left(state, &mut out);
    commands(state, decode, &mut out);
    terraform(state, &mut out);
    back(state, &mut out);
    out
}

fn opening(state: &RunState, asked: Asked) -> String {
    let plan = &state.plan;
    let mut out = format!("# Report: {}\n\n", escaped(&plan.title));
    out.push_str(&head(["", ""]));
    let mut fact = |name: &str, text: &str| out.push_str(&row([name, text]));
    fact("run", state.run.as_str());
    let reason = state.reason_told();
    let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
    fact("state", &format!("{}{reason}", state.status().as_str()));
    fact("place", &place(&plan.place));
    fact("as", &plan.role);
    fact("by", &operator(&state.by));
    fact(
        "subject",
        &format!("{} {}", plan.subject.kind.as_str(), plan.subject.shown()),
    );
    fact(
        "restored from",
        &format!("{} of {}", plan.point.id, instant(plan.point.at)),
    );
    if let Some(lost) = data_lost(state, asked.incident) {
        fact("data lost", &lost);
    }
    fact("outage", &outage(state, asked.now));
    let took = lasting(state.last_at.duration_since(state.started_at));
    let (began, last) = (instant(state.started_at), instant(state.last_at));
    if let Some(salvaged) = &state.salvaged {
        let gone = lost(salvaged.intact, salvaged.written);
        let valid = salvaged.intact;
        fact(
            "record",
            &format!(
                "damaged: {gone}; {valid} events were valid; copy: {}",
                salvaged.copy
            ),
        );
    }
    fact("from, to", &format!("{began} to {last} ({took})"));
    fact("plan hash", &plan.hash);
    out.push('\n');
    out
}

/// Returns what the restore has cost in data. `None` where nobody said when it went wrong: the point
/// that it restored from is named all the same.
fn data_lost(state: &RunState, incident: Option<Timestamp>) -> Option<String> {
    if state.status() == RunStatus::RolledBack {
        return Some(
            "none: the run was taken back; what was written meanwhile to what it made is kept there"
                .to_owned(),
        );
    }
    if state.plan.replaces_nothing() {
        return Some("none: nothing was replaced, and what was there goes on".to_owned());
    }
    let incident = incident?;
    let (taken, at) = (state.plan.point.at, instant(state.plan.point.at));
    let lost = incident.duration_since(taken);
    let incident = instant(incident);
    Some(if lost.is_negative() || lost.is_zero() {
        format!(
            "the point of {at} is not before the incident at {incident}: it may hold the damage"
        )
    } else {
        format!(
            "{}: from the point of {at} to the incident at {incident}, and what came after it",
            lasting(lost)
        )
    })
}

fn outage(state: &RunState, now: Timestamp) -> String {
    let planned = expected_outage(&state.plan);
    match (state.outage(now), state.down_since()) {
        (None, _) => format!("none (planned: {planned})"),
        (Some(length), None) => format!("{} measured (planned: {planned})", seconds(length)),
        (Some(length), Some(since)) => format!(
            "{} so far; THE SERVICE IS DOWN since {} (planned: {planned})",
            seconds(length),
            instant(since)
        ),
    }
}

fn seconds(length: SignedDuration) -> String {
    clock(length.as_secs().unsigned_abs())
}

fn outages(state: &RunState, now: Timestamp, out: &mut String) {
    if state.outages.is_empty() {
        return;
    }
    out.push_str("## Outage\n\n");
    out.push_str(&head(["from", "to", "length"]));
    for stretch in &state.outages {
        let ended = stretch.ended.map_or("not ended".to_owned(), instant);
        let length = stretch.ended.unwrap_or(now).duration_since(stretch.began);
        out.push_str(&row([&instant(stretch.began), &ended, &seconds(length)]));
    }
    out.push_str("\nMeasured from the first interrupting request to the step that saw the service up again.\n\n");
}

/// What the run went on without is told at once: what it made is not yet what was planned.
fn missing(state: &RunState, out: &mut String) {
    let missing = state.missing();
    if missing.is_empty() {
        return;
    }
    out.push_str("## Missing\n\n");
    out.push_str(&head(["step", "why"]));
    for one in &missing {
        out.push_str(&row([&one.step.title, &one.why]));
    }
    out.push_str(if state.lacks_more() {
        "\nWhat needs these was not begun. Resuming the run tries them again, and then does the rest.\n\n"
    } else {
        "\nEverything else is done. Resuming the run tries these again.\n\n"
    });
}

/// What a person did not want is told as early: it is not as it was.
fn declined(state: &RunState, out: &mut String) {
    let mut declined = state.declined().peekable();
    if declined.peek().is_none() {
        return;
    }
    out.push_str("## Left out\n\nBy an answer of no:\n\n");
    out.push_str(&head(["step", "so now"]));
    for (step, told) in declined {
        out.push_str(&row([&step.title, told]));
    }
    out.push('\n');
}

/// What a way back leaves open is nothing to be read past: what existed is not as whoever took it back may think.
fn still_open(state: &RunState, out: &mut String) {
    let left = state.left_as_found().filter(|_| state.undo.is_some());
    let mut open = left.filter_map(|step| step.if_kept.as_ref()).peekable();
    if open.peek().is_none() {
        return;
    }
    out.push_str("## Still open\n\nThe way back leaves it so, for a person to decide:\n\n");
    for told in open {
        let _ = writeln!(out, "- {}", escaped(told));
    }
    out.push('\n');
}

fn before_after(state: &RunState, out: &mut String) {
    out.push_str("## Before and after\n\n");
    let found = state.left_as_found().map(|step| &step.id);
    let all: Vec<&StepId> = state.order.iter().chain(found).collect();
    if all.is_empty() {
        out.push_str("Nothing was sent.\n\n");
        return;
    }
    out.push_str(&head(["step", "before", "after"]));
    for id in all {
        let record = state.record(id);
        let after = if state.is_verified(id) {
            record.detail.clone()
        } else {
            format!("not verified: {}", record.detail)
        };
        let before = if record.was_so_already() && asks_aws(state, id) {
            "so already: somebody else did it".to_owned()
        } else {
            plain(&record.found)
        };
        out.push_str(&row([&title(state, id), &before, &after]));
    }
    out.push('\n');
}

fn asks_aws(state: &RunState, id: &StepId) -> bool {
    state.any_step(id).is_some_and(|step| step.call.is_some())
}

/// Returns found state in words: `state running, device /dev/sdf`.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "not there".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            // Of a whole record in it, what it does not have is no news.
            let text = |field: &Value| {
                let mut field = field.clone();
                if let Value::Object(parts) = &mut field {
                    parts.retain(|_, part| !part.is_null());
                }
                plain(&field)
            };
            let pair = |(key, field): (&String, &Value)| {
                format!("{} {}", key.replace('_', " "), text(field))
            };
            fields.iter().map(pair).collect::<Vec<_>>().join(", ")
        }
    }
}

fn unanswered(plan: &Plan, out: &mut String) {
    let open = || {
        plan.checks
            .iter()
            .filter(|check| check.verdict == Verdict::Unanswered)
    };
    out.push_str("## Checks that were not answered\n\n");
    if open().next().is_none() {
        out.push_str("None.\n");
    }
    for check in open() {
        let _ = writeln!(out, "- ? {}", escaped(&check.found));
        if let Some(advice) = &check.advice {
            let _ = writeln!(out, "  - → {}", escaped(advice));
        }
    }
    out.push('\n');
}

/// What serves now is told before what does not: nobody must take it for something to be cleared away.
fn in_service(state: &RunState, out: &mut String) {
    if state.status() == RunStatus::RolledBack {
        out.push_str("## In service\n\nWhat existed before the run, as it was.\n\n");
        return;
    }
    if state.serving().next().is_none() {
        return;
    }
    out.push_str("## In service\n\n");
    out.push_str(&head(["what", "id", "why"]));
    for made in state.serving() {
        let why = format!("created by step {}", title(state, &made.step));
        out.push_str(&row([made.kind.as_str(), &made.id, &why]));
    }
    for (step, part) in state.parts() {
        let why = format!("created by step {}", step.title);
        out.push_str(&row([&part.what, &part.name, &why]));
    }
    out.push('\n');
}

fn left(state: &RunState, out: &mut String) {
    out.push_str("## Created and left over\n\n");
    let leftovers: &[_] = match state.status() {
        RunStatus::RolledBack => &[],
        RunStatus::Running
        | RunStatus::Waiting
        | RunStatus::Paused
        | RunStatus::Failed
        | RunStatus::Done
        | RunStatus::RollingBack => &state.plan.leftovers,
    };
    let serves = |made: &&CreatedBy| state.serving().any(|serving| serving == *made);
    let made: Vec<&CreatedBy> = state.created.iter().filter(|made| !serves(made)).collect();
    // Where something serves, its parts do.
    let idle = state.serving().next().is_none();
    let mut parts = state.parts().filter(|_| idle).peekable();
    if made.is_empty() && leftovers.is_empty() && parts.peek().is_none() {
        out.push_str("Nothing.\n\n");
        return;
    }
    out.push_str(&head(["what", "id", "kept until", "why"]));
    for made in made {
        let why = format!("created by step {}", title(state, &made.step));
        out.push_str(&row([
            made.kind.as_str(),
            &made.id,
            "somebody decides",
            &why,
        ]));
    }
    for (step, part) in parts {
        let why = format!("created by step {}", step.title);
        out.push_str(&row([&part.what, &part.name, "somebody decides", &why]));
    }
    for leftover in leftovers {
        let until = leftover.keep_until.as_deref().unwrap_or("somebody decides");
        out.push_str(&row([
            leftover.kind.as_str(),
            &leftover.id,
            until,
            &leftover.why,
        ]));
    }
    out.push_str("\ndefib deletes nothing. What is left over costs money until somebody does.\n\n");
    idle_instances(state, out);
}

/// What was launched and taken out of service again is the dearest thing to forget.
fn idle_instances(state: &RunState, out: &mut String) {
    if !state.status().is_over() {
        return;
    }
    for line in state.idle() {
        let _ = writeln!(
            out,
            "{} Stopped, it costs its volumes alone.\n",
            escaped(&line)
        );
    }
}

fn commands(state: &RunState, decode: Decode<'_>, out: &mut String) {
    out.push_str("## The same as commands\n\n");
    let sent: Vec<String> = state
        .order
        .iter()
        .filter(|id| !asks_aws(state, id) || state.record(id).generation > 0)
        .map(|id| sent(state, id, &state.record(id), decode))
        .collect();
    if sent.is_empty() {
        out.push_str("Nothing was sent.\n\n");
        return;
    }
    out.push_str("What was sent, in this order. It is a record, not a script: the ids are those of this run.\n\n");
    out.push_str(&fenced("sh", &sent.join("\n")));
    out.push('\n');
}

fn sent(state: &RunState, id: &StepId, record: &StepRecord, decode: Decode<'_>) -> String {
    let comment = format!("# {}", visible(&title(state, id)));
    let call = state.any_step(id).and_then(|step| step.call.as_ref());
    let Some(call) = call else {
        return comment;
    };
    let call = Call {
        input: record.input.clone(),
        ..call.clone()
    };
    let name = visible(&call.operation);
    let unwritten = format!("{comment}\n# {name}: this defib cannot write it as a command");
    let Ok(operation) = decode(&call) else {
        return unwritten;
    };
    let request = operation.request().stamped(&Stamp {
        run: state.run.clone(),
        step: id.clone(),
        generation: record.generation,
        token: record.token.clone(),
        source: state.plan.point.id.clone(),
        by: started_by(state),
    });
    // An intent holds no open references.
    let open = |_: Marker<'_>| Err(());
    let api = (request.service, request.api);
    let Ok(command) = Command::new(api, &request.parameters, Layout::Compact, &open) else {
        return unwritten;
    };
    let options = options(&state.plan);
    format!(
        "{comment}\naws {} {options} --cli-input-json {}{}",
        command.name(),
        command.word(),
        command.with_user_data(&options)
    )
}

fn terraform(state: &RunState, out: &mut String) {
    let mut addresses = BTreeMap::new();
    let made = state.created.iter();
    let lines: Vec<String> = made.map(|made| import(made, &mut addresses)).collect();
    if lines.is_empty() {
        return;
    }
    out.push_str("## Terraform\n\nTo take over what was created, with addresses of your own:\n\n");
    out.push_str(&fenced("sh", &lines.join("\n")));
    out.push('\n');
}

/// A step may make several of a kind, and an address is good for one: from the second on they are numbered.
fn import(made: &CreatedBy, addresses: &mut BTreeMap<String, usize>) -> String {
    let resource = match made.kind {
        ResourceKind::Volume => "aws_ebs_volume",
        ResourceKind::Snapshot => "aws_ebs_snapshot",
        ResourceKind::Instance => "aws_instance",
        ResourceKind::Image => "aws_ami",
        ResourceKind::SecurityGroup => "aws_security_group",
        ResourceKind::NetworkInterface => "aws_network_interface",
        ResourceKind::DbInstance => "aws_db_instance",
        ResourceKind::DbCluster => "aws_rds_cluster",
        ResourceKind::Table => "aws_dynamodb_table",
        ResourceKind::FileSystem => "aws_efs_file_system",
        ResourceKind::Bucket => "aws_s3_bucket",
        ResourceKind::Other => return format!("# {} has no known address", visible(&made.id)),
    };
    let name: String = made
        .step
        .as_str()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let id = super::command::quoted(&visible(&made.id));
    let address = format!("{resource}.defib_{name}");
    let count = addresses.entry(address.clone()).or_default();
    *count += 1;
    match count {
        1 => format!("terraform import {address} {id}"),
        several => format!("terraform import {address}_{several} {id}"),
    }
}

fn back(state: &RunState, out: &mut String) {
    out.push_str("## To take it back\n\n");
    let touched = state.touched();
    let steps = state.plan.undo_steps(&touched);
    let left = state.left_as_found().map(left_as_found);
    let left = left.map(|line| format!("- {}\n", escaped(&line)));
    let left: Vec<String> = left.collect();
    if state.status() == RunStatus::RolledBack {
        out.push_str("It was taken back. What was created is kept and listed above.\n");
        out.extend(left);
        return;
    }
    if steps.is_empty() {
        out.push_str("There is nothing to take back.\n");
        out.extend(left);
        return;
    }
    let run = super::command::quoted(&visible(state.run.as_str()));
    out.push_str(&fenced("sh", &format!("defib rollback {run}")));
    out.push_str("\nIt does this, each only if the state is still the one that this run set:\n\n");
    for step in &steps {
        let _ = writeln!(
            out,
            "- {} (usually {})",
            escaped(&step.title),
            clock(step.expected)
        );
    }
    out.extend(left);
}

#[cfg(test)]
mod tests {
    use super::super::specimen;
    use super::*;
    use crate::domain::run::EventBody;

    fn asked(incident: Option<&str>) -> Asked {
        Asked {
            incident: incident.map(|at| at.parse().unwrap()),
            now: "2026-03-01T03:30:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_run_that_is_done() {
        let events = specimen::events();
        let state = RunState::fold(&events).unwrap();
        let asked = asked(Some("2026-03-01T02:14:00Z"));
        insta::assert_snapshot!(render(&state, &events, asked, &specimen::decode));
    }

    #[test]
    fn a_run_that_stopped_in_the_outage_says_that_the_service_is_down() {
        let events = specimen::events();
        let attach = |event: &RunEvent| {
            let step = event.step.as_ref().map(StepId::as_str);
            step == Some("attach") && matches!(event.body, EventBody::Intent { .. })
        };
        let cut = events.iter().position(attach).unwrap();
        let events = &events[..=cut];
        let state = RunState::fold(events).unwrap();
        let text = render(&state, events, asked(None), &specimen::decode);
        assert!(text.contains("THE SERVICE IS DOWN since"), "{text}");
        assert!(text.contains("not ended"), "{text}");
        assert!(!text.contains("data lost"), "nobody said when: {text}");
    }

    #[test]
    fn a_point_after_the_incident_is_called_doubtful() {
        let state = RunState::fold(&specimen::events()).unwrap();
        let incident = "2026-03-01T01:00:00Z".parse().unwrap();
        let lost = data_lost(&state, Some(incident)).unwrap();
        assert!(lost.contains("may hold the damage"), "{lost}");
    }

    fn made(kind: ResourceKind, id: &str) -> CreatedBy {
        CreatedBy {
            kind,
            id: id.to_owned(),
            step: "launch".into(),
        }
    }

    #[test]
    fn every_terraform_address_is_of_one_resource() {
        let mut state = RunState::fold(&specimen::events()).unwrap();
        state.created = vec![
            made(ResourceKind::Instance, "i-1"),
            made(ResourceKind::Volume, "vol-1"),
            made(ResourceKind::Volume, "vol-2"),
            made(ResourceKind::Volume, "vol-3"),
        ];
        let mut text = String::new();
        terraform(&state, &mut text);
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("terraform"))
            .collect();
        assert_eq!(
            lines,
            [
                "terraform import aws_instance.defib_launch 'i-1'",
                "terraform import aws_ebs_volume.defib_launch 'vol-1'",
                "terraform import aws_ebs_volume.defib_launch_2 'vol-2'",
                "terraform import aws_ebs_volume.defib_launch_3 'vol-3'",
            ]
        );
    }

    #[test]
    fn what_a_record_does_not_have_is_not_told() {
        let found = serde_json::json!({"record": {"name": "www.", "set": null, "ttl": 60}});
        assert_eq!(plain(&found), "record name www., ttl 60");
        assert_eq!(
            plain(&serde_json::json!({"active": null})),
            "active not there"
        );
    }

    #[test]
    fn a_run_that_was_taken_back_has_lost_nothing() {
        let mut events = specimen::events();
        let last = events.last().unwrap().clone();
        let turned = EventBody::RollBackStarted {
            by: RunState::fold(&events).unwrap().by,
            approval: crate::domain::run::Approval::default(),
            steps: Vec::new(),
            command: None,
        };
        for (n, body) in (1..).zip([turned, EventBody::RolledBack]) {
            events.push(RunEvent {
                seq: last.seq + n,
                step: None,
                body,
                ..last.clone()
            });
        }
        let mut state = RunState::fold(&events).unwrap();
        state.created.push(made(ResourceKind::Instance, "i-kept"));
        state.plan.facts = named_by_policies();
        for incident in [None, Some("2026-03-01T02:14:00Z")] {
            let text = render(&state, &events, asked(incident), &specimen::decode);
            let row = text.lines().find(|line| line.starts_with("| data lost"));
            let row = row.expect("a row that says it");
            assert!(row.starts_with("| data lost | none"), "{row}");
            assert!(!text.contains("everything written"), "{text}");
            assert!(text.contains("i-kept still runs"), "{text}");
            assert!(text.contains("What existed before the run"), "{text}");
            assert!(
                !text.contains("put-role-policy"),
                "nothing is to be changed: {text}"
            );
            assert!(text.contains("nothing needs that any more"), "{text}");
        }
        state.undo = None;
        let text = render(&state, &events, asked(None), &specimen::decode);
        assert!(text.contains("aws iam put-role-policy"), "{text}");
    }

    fn named_by_policies() -> Value {
        let lacking = serde_json::json!({"title": "inline policy w of role a", "lacks": ["access"],
            "diff": ["+x"], "command": "aws iam put-role-policy", "notes": []});
        let value = serde_json::json!({"old": "orders", "new": "orders-2", "lacking": [lacking], "more": [],
            "beyond": 0, "covering": 0, "depending": [], "unreadable": 0, "cut": null});
        serde_json::json!({"identities": {"observed": {"value": value, "at": "2026-03-10T14:19:00Z"}}})
    }
}
