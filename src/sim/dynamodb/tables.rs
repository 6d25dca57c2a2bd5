//! Tables: `ListTables`, `DescribeTable`, `ListTagsOfResource`.
//! Neither indexes nor throughput are told, nor anything that is in a table.

use aws_sdk_dynamodb::operation::describe_table::{DescribeTableInput, DescribeTableOutput};
use aws_sdk_dynamodb::operation::list_tables::{ListTablesInput, ListTablesOutput};
use aws_sdk_dynamodb::operation::list_tags_of_resource::{
    ListTagsOfResourceInput, ListTagsOfResourceOutput,
};
use aws_sdk_dynamodb::types as dynamodb;

use super::model::Table;
use super::{limit, pace, permit};
use crate::sim::call::Call;
use crate::sim::ec2::date;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `ListTables`: names in order, after `ExclusiveStartTableName`, whether a table of that name exists or not.
pub fn list(input: &ListTablesInput, call: &mut Call<'_>) -> Answer<ListTablesOutput> {
    permit(call, "ListTables")?;
    let limit = limit(input.limit())?;
    let start = input.exclusive_start_table_name();
    let names = call.estate().dynamodb.tables.keys();
    let mut names: Vec<String> = names
        .filter(|name| start.is_none_or(|start| name.as_str() > start))
        .cloned()
        .collect();
    let more = names.len() > limit;
    names.truncate(limit);
    let last = names.last().filter(|_| more).cloned();
    answer(move |output: &mut ListTablesOutput| {
        output.table_names = Some(names);
        output.last_evaluated_table_name = last;
    })
}

/// `DescribeTable`, by name or ARN.
pub fn describe(input: &DescribeTableInput, call: &mut Call<'_>) -> Answer<DescribeTableOutput> {
    permit(call, "DescribeTable")?;
    let name = input.table_name().unwrap_or_default();
    let table = call.estate().dynamodb.table(name).map(row);
    let table = table.ok_or_else(|| {
        Refusal::client(
            "ResourceNotFoundException",
            format!("Requested resource not found: Table: {name} not found"),
        )
    })?;
    answer(move |output: &mut DescribeTableOutput| output.table = Some(table))
}

fn row(table: &Table) -> dynamodb::TableDescription {
    let encryption = table.key_arn.as_ref().map(|key| {
        dynamodb::SseDescription::builder()
            .status(dynamodb::SseStatus::Enabled)
            .sse_type(dynamodb::SseType::Kms)
            .kms_master_key_arn(key)
            .build()
    });
    dynamodb::TableDescription::builder()
        .table_name(&table.name)
        .table_id(&table.id)
        .table_arn(&table.arn)
        .table_status(dynamodb::TableStatus::from(table.status.as_str()))
        .creation_date_time(date(table.created))
        .item_count(table.items)
        .table_size_bytes(table.size_bytes)
        .set_sse_description(encryption)
        .build()
}

/// `ListTagsOfResource`: all tags at once, of a table by its ARN.
pub fn list_tags(
    input: &ListTagsOfResourceInput,
    call: &mut Call<'_>,
) -> Answer<ListTagsOfResourceOutput> {
    permit(call, "ListTagsOfResource")?;
    pace(call, "ListTagsOfResource")?;
    let arn = input.resource_arn().unwrap_or_default();
    let mut tables = call.estate().dynamodb.tables.values();
    let table = tables.find(|table| table.arn == arn).ok_or_else(|| {
        Refusal::client(
            "ResourceNotFoundException",
            format!("Requested resource not found: ResourcArn: {arn} not found"),
        )
    })?;
    let tag = |(key, value): (&String, &String)| {
        let tag = dynamodb::Tag::builder().key(key).value(value);
        tag.build().ok()
    };
    let tags = table.tags.iter().filter_map(tag).collect();
    answer(move |output: &mut ListTagsOfResourceOutput| output.tags = Some(tags))
}
