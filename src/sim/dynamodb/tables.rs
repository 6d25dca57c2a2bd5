//! Tables: `ListTables` and `DescribeTable`.
//! A table that was just made may not be known to the first who ask for it.

use aws_sdk_dynamodb::operation::describe_table::{DescribeTableInput, DescribeTableOutput};
use aws_sdk_dynamodb::operation::list_tables::{ListTablesInput, ListTablesOutput};

use super::model::Table;
use super::{limit, permit, rows};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `ListTables`: names in order, after `ExclusiveStartTableName`, whether a table of that name exists or not.
pub fn list(input: &ListTablesInput, call: &mut Call<'_>) -> Answer<ListTablesOutput> {
    permit(call, "ListTables")?;
    let now = call.now();
    let limit = limit(input.limit())?;
    let start = input.exclusive_start_table_name();
    let tables = call.estate().dynamodb.tables.values();
    let mut names: Vec<String> = tables
        .filter(|table| start.is_none_or(|start| table.name.as_str() > start))
        .filter(|table| table.visibility.listed(now))
        .map(|table| table.name.clone())
        .collect();
    let more = names.len() > limit;
    names.truncate(limit);
    let last = names.last().filter(|_| more).cloned();
    answer(move |output: &mut ListTablesOutput| {
        output.table_names = Some(names);
        output.last_evaluated_table_name = last;
    })
}

/// `DescribeTable`, by name or ARN. Right after a table was made it may not be found yet (DynamoDB API reference).
pub fn describe(input: &DescribeTableInput, call: &mut Call<'_>) -> Answer<DescribeTableOutput> {
    permit(call, "DescribeTable")?;
    let now = call.now();
    let name = input.table_name().unwrap_or_default();
    let table = find(call, name)?;
    if !table.visibility.read_by_id() {
        return Err(not_found(name));
    }
    let row = rows::table(table, now)?;
    answer(move |output: &mut DescribeTableOutput| output.table = Some(row))
}

/// Finds a table by name or ARN, in the words of most operations.
pub fn find<'w>(call: &'w mut Call<'_>, name: &str) -> Result<&'w mut Table, Refusal> {
    let found = call.estate().dynamodb.table_mut(name);
    found.ok_or_else(|| not_found(name))
}

/// `ResourceNotFoundException`, of a table.
pub fn not_found(name: &str) -> Refusal {
    Refusal::client(
        "ResourceNotFoundException",
        format!("Requested resource not found: Table: {name} not found"),
    )
}
