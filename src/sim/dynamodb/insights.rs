//! `DescribeContributorInsights` and `UpdateContributorInsights`, of a table or of one of its global indexes.
//! Nothing is recorded here: only whether it would be.

use aws_sdk_dynamodb::operation::describe_contributor_insights::{
    DescribeContributorInsightsInput, DescribeContributorInsightsOutput,
};
use aws_sdk_dynamodb::operation::update_contributor_insights::{
    UpdateContributorInsightsInput, UpdateContributorInsightsOutput,
};
use aws_sdk_dynamodb::types as dynamodb;

use super::model::{Insights, Table};
use super::permit;
use super::tables::find;
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::{Timeline, after};

/// `DescribeContributorInsights`.
pub fn describe(
    input: &DescribeContributorInsightsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeContributorInsightsOutput> {
    permit(call, "DescribeContributorInsights")?;
    let now = call.now();
    let index = input.index_name.clone();
    let table = find(call, input.table_name().unwrap_or_default())?;
    known(table, index.as_deref())?;
    let name = table.name.clone();
    let found = table.settings.insights.get(&index);
    let status = found.map_or("DISABLED", |found| *found.status.at(now));
    let mode = found.and_then(|found| found.mode.clone());
    answer(move |output: &mut DescribeContributorInsightsOutput| {
        output.table_name = Some(name);
        output.index_name = index;
        output.contributor_insights_status = Some(status.into());
        output.contributor_insights_mode = mode.map(|mode| mode.as_str().into());
    })
}

/// `UpdateContributorInsights`: what is so already stays so.
pub fn update(
    input: &UpdateContributorInsightsInput,
    call: &mut Call<'_>,
) -> Answer<UpdateContributorInsightsOutput> {
    permit(call, "UpdateContributorInsights")?;
    let (now, delay) = (call.now(), call.delays().insights);
    let index = input.index_name.clone();
    let table = find(call, input.table_name().unwrap_or_default())?;
    known(table, index.as_deref())?;
    let on = match input.contributor_insights_action() {
        Some(dynamodb::ContributorInsightsAction::Enable) => true,
        Some(dynamodb::ContributorInsightsAction::Disable) => false,
        _other => {
            let message = "1 validation error detected: Value at 'contributorInsightsAction' failed to satisfy \
                           constraint: Member must satisfy enum value set: [DISABLE, ENABLE]";
            return Err(Refusal::client("ValidationException", message));
        }
    };
    let (first, then) = if on {
        ("ENABLING", "ENABLED")
    } else {
        ("DISABLING", "DISABLED")
    };
    let mode = input.contributor_insights_mode();
    let mode = mode.map(|mode| mode.as_str().to_owned());
    let was = table.settings.insights.get(&index);
    let was_so = was.map_or("DISABLED", |was| was.status.last().1) == then;
    let same = was_so && was.is_none_or(|was| mode.is_none() || was.mode == mode);
    if !same {
        let mut status = Timeline::new(now, first);
        status.then(after(now, delay), then);
        let mode = mode.or_else(|| was.and_then(|was| was.mode.clone()));
        let insights = Insights { mode, status };
        table.settings.insights.insert(index.clone(), insights);
    }
    let name = table.name.clone();
    let found = table.settings.insights.get(&index);
    let status = found.map_or("DISABLED", |found| *found.status.at(now));
    let mode = found.and_then(|found| found.mode.clone());
    if same {
        call.nothing_changed();
    }
    answer(move |output: &mut UpdateContributorInsightsOutput| {
        output.table_name = Some(name);
        output.index_name = index;
        output.contributor_insights_status = Some(status.into());
        output.contributor_insights_mode = mode.map(|mode| mode.as_str().into());
    })
}

/// Refuses an index that is none, or a local one.
fn known(table: &Table, index: Option<&str>) -> Result<(), Refusal> {
    let Some(index) = index else {
        return Ok(());
    };
    let found = table.shape.indexes.get(index);
    if found.is_some_and(|found| !found.local) {
        return Ok(());
    }
    Err(Refusal::client(
        "ResourceNotFoundException",
        format!(
            "Requested resource not found: Index: {index} of table {} not found",
            table.name
        ),
    ))
}
