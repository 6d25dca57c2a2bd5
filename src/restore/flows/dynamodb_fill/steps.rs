//! The steps of filling a table: one for each part of the file, one after the other, each a transaction.
//! Nothing takes them back.

use crate::domain::ids::StepId;
use crate::domain::plan::{Gate, Impact, Step};
use crate::domain::text::{Untrusted, shown};
use crate::restore::operation::Operation;
use crate::restore::operations::dynamodb_fill::FillTable;
use crate::restore::reconcile::exported::Part;

use super::facts::FillFacts;

/// What a step takes beside the time that is left to the table, in seconds.
const CALLS: u64 = 2;

/// Makes the steps in the order they are shown in.
pub(super) fn steps(facts: &FillFacts) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut number = facts.first;
    for (n, part) in (1_u32..).zip(&facts.survey.parts) {
        let mut step = step(facts, part, n, number);
        number += u64::from(part.items);
        match steps.last() {
            Some(before) => step.needs = vec![before.id.clone()],
            None => step.gate = gate(facts),
        }
        steps.push(step);
    }
    steps
}

fn step(facts: &FillFacts, part: &Part, n: u32, first: u64) -> Step {
    let (into, from) = (shown(&facts.into.name), shown(&facts.from.name));
    let last = first + u64::from(part.items) - 1;
    let which = if first == last {
        format!("item {first}")
    } else {
        format!("items {first} to {last}")
    };
    let keys = facts.into.keys.iter().map(|key| key.attribute.clone());
    let call = FillTable {
        table: facts.into.name.clone(),
        table_id: facts.into.id.clone(),
        from_id: facts.from.id.clone(),
        from: facts.from.name.clone(),
        keys: keys.collect(),
        part: part.clone(),
        rate: facts.rate,
    };
    Step {
        id: StepId::new(format!("fill-{n}")),
        title: format!("put {which} of {} into {into}", facts.survey.only_old),
        why: format!(
            "only {from} had them; where {into} has an item of the key by then, that one stays"
        ),
        call: Some(call.call()),
        needs: Vec::new(),
        gate: Gate::None,
        impact: Impact::Changes,
        expected: CALLS + part.units / u64::from(facts.rate.max(1)),
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

/// Where both tables have said something else of a key, what is put beside it may not fit: that is confirmed by name.
fn gate(facts: &FillFacts) -> Gate {
    if facts.survey.differ == 0 {
        return Gate::None;
    }
    let (into, from) = (shown(&facts.into.name), shown(&facts.from.name));
    let keys = match facts.survey.differ {
        1 => "1 key has another item".to_owned(),
        many => format!("{many} keys have other items"),
    };
    Gate::TypeName {
        name: Untrusted::from(facts.into.name.as_str()),
        why: format!(
            "{keys} in {into} than in {from} and stay as they are: what is put beside them may not fit to them, and \
             is not taken back"
        ),
    }
}
