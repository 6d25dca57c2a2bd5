//! A restored table is filled with what only the old one has, in the simulated AWS: nothing that is there is written
//! over, whoever wrote it and whenever the process dies.

use std::collections::BTreeMap;
use std::time::Duration;

use defib::domain::ids::RunId;
use defib::domain::plan::{Gate, Plan};
use defib::domain::run::{Approval, CommandKind, RunState, RunStatus};
use defib::restore::flow::{FlowError, find};
use defib::restore::reconcile::Asked;
use defib::runner;
use defib::sim::{CallRecord, Fault, Hands, On};
use serde_json::Value;

use crate::reconcile::{NEW, OLD, Pair, Since, usual};
use crate::stage::Said;

const PLACE: (&str, &str) = ("111122223333", "eu-west-1");
const ITEMS: u64 = 1_000;
/// So many items changed in the old table, were added, were removed.
const SINCE: Since = (40, 150, 20);
/// The first number of those that were added.
const ADDED: i64 = 850;
/// Write units a second: a quarter of what the table has.
const RATE: f64 = 25.0;
const TRANSACTION: &str = "TransactWriteItems";

/// Two tables, and the file of what differs.
fn gap(since: Since) -> Pair {
    let mut pair = Pair::new(ITEMS, since);
    let asked = Asked {
        export: Some(pair.export()),
        ..usual()
    };
    pair.whole(&asked).unwrap();
    pair
}

fn said(pair: &Pair, more: &[(&str, &str)]) -> Said {
    let file = pair.export().to_str().unwrap().to_owned();
    let always = [("into", NEW), ("from", OLD), ("differences", &file)];
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    always.iter().chain(more).map(own).collect()
}

fn planned(pair: &mut Pair, more: &[(&str, &str)]) -> Result<Plan, FlowError> {
    let said = said(pair, more);
    pair.stage.plan_by(find("dynamodb-fill").unwrap(), &said)
}

fn begun(pair: &mut Pair) -> RunId {
    let plan = planned(pair, &[]).unwrap();
    pair.stage.record(plan)
}

fn hands(pair: &mut Pair, change: impl FnOnce(&mut Hands<'_>)) {
    let (account, region) = PLACE;
    let aws = pair.stage.aws.clone();
    pair.stage
        .live(|| async move { aws.third_party(account, region, change) });
}

/// What the picture shows of one kind.
fn pictured(pair: &mut Pair, kind: &str) -> BTreeMap<String, Value> {
    let (account, region) = PLACE;
    let picture = pair.stage.picture();
    let things = picture[format!("{account}/{region}")][kind].as_object();
    things.unwrap().clone().into_iter().collect()
}

fn transactions(pair: &Pair) -> Vec<CallRecord> {
    let mut calls = pair.stage.aws.calls();
    calls.retain(|call| call.operation == TRANSACTION);
    calls
}

/// How many items each step found, or put, or left.
fn outcome(state: &RunState, field: &str) -> u64 {
    let steps = state.plan.steps.iter();
    let outputs = steps.map(|step| state.record(&step.id).outputs);
    outputs.filter_map(|outputs| outputs[field].as_u64()).sum()
}

/// What the two tables differ in now: different, only old, only new.
fn differences(pair: &mut Pair) -> [u64; 3] {
    let found = pair.whole(&usual()).unwrap();
    [found.differ, found.only_old, found.only_new]
}

#[test]
fn after_it_only_conflicts_and_what_is_only_in_the_new_table_differ() {
    let mut pair = gap(SINCE);
    let before = pictured(&mut pair, "tables");
    let run = begun(&mut pair);
    assert_eq!(pair.stage.drive(&run), RunStatus::Done);
    assert_eq!(differences(&mut pair), [40, 0, 20]);
    assert_eq!(pictured(&mut pair, "tables"), before, "no item is another");
    assert_eq!(pictured(&mut pair, "table_items").len(), 150);
    let state = pair.stage.state(&run);
    assert_eq!(outcome(&state, "there"), 150);
    assert_eq!(state.plan.steps.len(), 2, "a hundred at a time");
    // A second time there is nothing to do, and nothing is sent.
    let sent = transactions(&pair).len();
    let again = begun(&mut pair);
    assert_eq!(pair.stage.drive(&again), RunStatus::Done);
    assert_eq!(transactions(&pair).len(), sent);
}

#[test]
fn what_somebody_wrote_meanwhile_stays_and_is_told() {
    let mut pair = gap(SINCE);
    let run = begun(&mut pair);
    let mut theirs = BTreeMap::new();
    for number in [ADDED, ADDED + 120] {
        hands(&mut pair, |hands| hands.put_item(NEW, number, "77.77"));
    }
    theirs.extend(pictured(&mut pair, "table_items"));
    assert_eq!(theirs.len(), 2);
    assert_eq!(pair.stage.drive(&run), RunStatus::Done);
    let now = pictured(&mut pair, "table_items");
    assert_eq!(now.len(), 150);
    for (id, item) in &theirs {
        assert_eq!(now.get(id), Some(item));
    }
    let state = pair.stage.state(&run);
    assert_eq!(
        [outcome(&state, "there"), outcome(&state, "different")],
        [148, 2]
    );
    assert_eq!(differences(&mut pair), [42, 0, 20]);
}

#[test]
fn an_item_that_comes_between_look_and_put_cancels_and_is_left() {
    let mut pair = gap(SINCE);
    let run = begun(&mut pair);
    let cancelled = "Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, None]";
    let refusal = defib::sim::Refusal::client("TransactionCanceledException", cancelled);
    let on = On::operation(TRANSACTION).nth(1);
    let fault = pair.stage.aws.faults().inject(on, Fault::Refused(refusal));
    assert_eq!(pair.stage.drive(&run), RunStatus::Done);
    assert_eq!(pair.stage.aws.faults().fired(fault), 1);
    assert_eq!(differences(&mut pair), [40, 0, 20]);
}

#[test]
fn killed_again_and_again_it_goes_on_and_writes_nothing_over() {
    let mut pair = gap(SINCE);
    hands(&mut pair, |hands| hands.put_item(NEW, ADDED + 3, "77.77"));
    let theirs = pictured(&mut pair, "table_items");
    let before = pictured(&mut pair, "tables");
    let run = begun(&mut pair);
    let mut lives = 0;
    loop {
        lives += 1;
        assert!(lives < 40, "it does not come to its end");
        let (connector, clock) = pair.stage.hands();
        let (journal, pacing) = (pair.stage.journal.clone(), pair.stage.pacing.clone());
        // Each life is a little longer, so that each ends somewhere else.
        let longest = Duration::from_millis(1_700 * lives);
        let status = pair.stage.live(|| async {
            let drive = runner::drive(journal, connector, clock, pacing, &run);
            tokio::time::timeout(longest, drive).await.ok()
        });
        match status {
            Some(status) => {
                assert_eq!(status.unwrap(), RunStatus::Done);
                break;
            }
            None => assert_eq!(pictured(&mut pair, "tables"), before),
        }
    }
    assert!(lives > 3, "{lives}");
    let now = pictured(&mut pair, "table_items");
    assert!(theirs.iter().all(|(id, item)| now.get(id) == Some(item)));
    assert_eq!(differences(&mut pair), [41, 0, 20]);
}

#[test]
fn no_part_is_put_sooner_than_the_table_bears() {
    let mut pair = gap(SINCE);
    let run = begun(&mut pair);
    assert_eq!(pair.stage.drive(&run), RunStatus::Done);
    let sent = transactions(&pair);
    let [first, second] = &sent[..] else {
        panic!("{sent:?}");
    };
    let puts = second.parameters.keys();
    let puts = puts.filter(|name| name.ends_with(".Put.TableName")).count();
    assert_eq!(puts, 50);
    // Two units for each put of a transaction.
    let apart = second.at.duration_since(first.at).as_secs_f64();
    assert!(apart >= 100.0 / RATE, "{apart} s");
}

#[test]
fn a_yes_alone_does_not_begin_where_both_tables_say_something_else() {
    let a_yes = |confirm: &[&str]| Approval {
        yes: true,
        confirm: confirm.iter().map(ToString::to_string).collect(),
        decline: Vec::new(),
    };
    let mut pair = gap(SINCE);
    let plan = planned(&mut pair, &[]).unwrap();
    let run = pair.stage.record_with(plan, a_yes(&[]));
    assert_eq!(pair.stage.drive(&run), RunStatus::Waiting);
    assert_eq!(transactions(&pair).len(), 0);
    let kind = CommandKind::Approve { step: None };
    pair.stage.send_with(&run, kind, a_yes(&[NEW]));
    assert_eq!(pair.stage.drive(&run), RunStatus::Done);

    let mut pair = gap((0, 10, 5));
    let plan = planned(&mut pair, &[]).unwrap();
    assert!(plan.steps.iter().all(|step| step.gate == Gate::None));
    let run = pair.stage.record_with(plan, a_yes(&[]));
    assert_eq!(pair.stage.drive(&run), RunStatus::Done);
    assert_eq!(differences(&mut pair), [0, 0, 5]);
}

#[test]
fn a_file_that_was_written_to_since_is_a_conflict_and_nothing_is_sent() {
    let mut pair = gap(SINCE);
    let run = begun(&mut pair);
    let text = std::fs::read_to_string(pair.export()).unwrap();
    std::fs::write(pair.export(), text.replace("\"only-old\"", "\"only-old\" ")).unwrap();
    assert_eq!(pair.stage.drive(&run), RunStatus::Paused);
    let state = pair.stage.state(&run);
    let reason = state.reason.unwrap();
    assert!(reason.contains("not what it was"), "{reason}");
    assert_eq!(transactions(&pair).len(), 0);
    std::fs::write(pair.export(), text).unwrap();
    pair.stage.send(&run, CommandKind::Resume);
    assert_eq!(pair.stage.drive(&run), RunStatus::Done);
    assert_eq!(differences(&mut pair), [40, 0, 20]);
}

#[test]
fn another_plan_takes_what_one_plan_does_not() {
    let mut pair = gap(SINCE);
    let slowly = [("pace", "1")];
    let plan = planned(&mut pair, &slowly).unwrap();
    // Ten units are ten seconds' worth, and five items.
    assert_eq!(plan.steps.len(), 30);
    let plan = planned(&mut pair, &[("first", "101")]).unwrap();
    assert_eq!(plan.steps.len(), 1);
    let run = pair.stage.record(plan);
    assert_eq!(pair.stage.drive(&run), RunStatus::Done);
    assert_eq!(differences(&mut pair), [40, 100, 20]);
    let error = planned(&mut pair, &[("first", "151")]).unwrap_err();
    assert!(error.to_string().contains("nothing to put"), "{error}");
}

#[test]
fn neither_a_key_nor_a_value_is_in_the_journal() {
    let mut pair = gap(SINCE);
    let run = begun(&mut pair);
    assert_eq!(pair.stage.drive(&run), RunStatus::Done);
    let events = serde_json::to_string(&pair.stage.events(&run)).unwrap();
    for secret in ["order_id-0", "customer-", "batch-", "sku-"] {
        let export = std::fs::read_to_string(pair.export()).unwrap();
        assert!(export.contains(secret), "{secret} is nowhere");
        assert!(!events.contains(secret), "{secret}");
    }
}

#[test]
fn what_was_put_stays_when_a_run_goes_back() {
    let mut pair = gap(SINCE);
    let run = begun(&mut pair);
    assert_eq!(pair.stage.drive(&run), RunStatus::Done);
    pair.stage.send(&run, CommandKind::RollBack);
    assert_eq!(pair.stage.drive(&run), RunStatus::RolledBack);
    assert_eq!(differences(&mut pair), [40, 0, 20]);
}
