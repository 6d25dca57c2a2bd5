//! Tags of tables: `ListTagsOfResource`, `TagResource`, `UntagResource`.
//! A change of tags is answered at once and told a little later (DynamoDB API reference: it is asynchronous).

use aws_sdk_dynamodb::operation::list_tags_of_resource::{
    ListTagsOfResourceInput, ListTagsOfResourceOutput,
};
use aws_sdk_dynamodb::operation::tag_resource::{TagResourceInput, TagResourceOutput};
use aws_sdk_dynamodb::operation::untag_resource::{UntagResourceInput, UntagResourceOutput};
use aws_sdk_dynamodb::types as dynamodb;

use super::model::Table;
use super::{pace, permit};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::after;

/// A table bears so many tags (DynamoDB developer guide).
const MOST: usize = 50;

/// `ListTagsOfResource`: all tags at once, of a table by its ARN.
pub fn list(
    input: &ListTagsOfResourceInput,
    call: &mut Call<'_>,
) -> Answer<ListTagsOfResourceOutput> {
    permit(call, "ListTagsOfResource")?;
    pace(call, "ListTagsOfResource")?;
    let now = call.now();
    let table = find(call, input.resource_arn())?;
    let tag = |(key, value): (&String, &String)| {
        let tag = dynamodb::Tag::builder().key(key).value(value);
        tag.build().ok()
    };
    let tags = table.settings.tags.at(now).iter().filter_map(tag).collect();
    answer(move |output: &mut ListTagsOfResourceOutput| output.tags = Some(tags))
}

/// `TagResource`.
pub fn tag(input: &TagResourceInput, call: &mut Call<'_>) -> Answer<TagResourceOutput> {
    permit(call, "TagResource")?;
    pace(call, "TagResource")?;
    let settled = after(call.now(), call.delays().tags_settle);
    let table = find(call, input.resource_arn())?;
    if input.tags().iter().any(|tag| tag.key().starts_with("aws:")) {
        return Err(invalid("Tag keys must not begin with aws:"));
    }
    let mut tags = table.settings.tags.last().1.clone();
    let given = input.tags().iter();
    tags.extend(given.map(|tag| (tag.key().to_owned(), tag.value().to_owned())));
    if tags.len() > MOST {
        return Err(invalid("The number of tags exceeds the limit of 50"));
    }
    table.retag(settled, |now| *now = tags);
    answer(|_: &mut TagResourceOutput| {})
}

/// `UntagResource`: keys that are not there are none the worse.
pub fn untag(input: &UntagResourceInput, call: &mut Call<'_>) -> Answer<UntagResourceOutput> {
    permit(call, "UntagResource")?;
    pace(call, "UntagResource")?;
    let settled = after(call.now(), call.delays().tags_settle);
    let table = find(call, input.resource_arn())?;
    table.retag(settled, |tags| {
        for key in input.tag_keys() {
            tags.remove(key);
        }
    });
    answer(|_: &mut UntagResourceOutput| {})
}

/// Tags are of an ARN, never of a name.
fn find<'w>(call: &'w mut Call<'_>, arn: Option<&str>) -> Result<&'w mut Table, Refusal> {
    let arn = arn.unwrap_or_default();
    let mut tables = call.estate().dynamodb.tables.values_mut();
    tables.find(|table| table.arn == arn).ok_or_else(|| {
        Refusal::client(
            "ResourceNotFoundException",
            format!("Requested resource not found: ResourcArn: {arn} not found"),
        )
    })
}

fn invalid(message: &str) -> Refusal {
    Refusal::client("ValidationException", message)
}
