//! Contributor Insights of a table and of its global indexes.
//!
//! Each of them has a switch of its own, and is asked for by itself.

use aws_sdk_dynamodb::types::ContributorInsightsStatus;

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::dynamodb::Insights;
use crate::domain::failure::Failure;
use crate::domain::text::Untrusted;
use crate::restore::observations::{none_if_missing, text};

const CALL: &str = "dynamodb:DescribeContributorInsights";

/// How Contributor Insights of a table or an index are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::restore) struct DescribedInsights {
    /// `ENABLED`, `ENABLING`, `DISABLED`, `DISABLING` or `FAILED`.
    pub status: String,
    /// What is recorded; `None` where AWS tells none.
    pub mode: Option<String>,
    /// Name and words of the last failure.
    pub failure: Option<Untrusted>,
}

/// Reads for what of a table Contributor Insights are on: the table first, then the global `indexes` in their order.
///
/// # Errors
/// The failure of a read.
pub async fn insights(
    clients: &Clients,
    name: &str,
    indexes: &[String],
) -> Result<Vec<Insights>, Failure> {
    let mut on = Vec::new();
    let all = std::iter::once(None).chain(indexes.iter().map(Some));
    for index in all {
        let index = index.map(String::as_str);
        let Some(found) = described_insights(clients, name, index).await? else {
            continue;
        };
        if matches!(found.status.as_str(), "ENABLED" | "ENABLING") {
            on.push(Insights {
                index: index.map(str::to_owned),
                mode: found.mode,
            });
        }
    }
    Ok(on)
}

/// Reads how they are for the table, or for one index; `None` if there is no such table or index.
pub(in crate::restore) async fn described_insights(
    clients: &Clients,
    name: &str,
    index: Option<&str>,
) -> Result<Option<DescribedInsights>, Failure> {
    let read = clients.dynamodb.describe_contributor_insights();
    let read = read.table_name(name);
    let answer = read.set_index_name(index.map(str::to_owned)).send().await;
    let answer = answer.map_err(|error| failure(CALL, &error));
    let found = none_if_missing(answer.map(Some))?;
    Ok(found.map(|answer| {
        let status = answer.contributor_insights_status();
        let mode = answer.contributor_insights_mode();
        let failed = answer.failure_exception().map(|failed| {
            let (name, words) = (failed.exception_name(), failed.exception_description());
            let told: Vec<&str> = [name, words].into_iter().flatten().collect();
            told.join(": ")
        });
        DescribedInsights {
            status: text(status.map(ContributorInsightsStatus::as_str)),
            mode: mode.map(|mode| mode.as_str().to_owned()),
            failure: failed
                .filter(|words| !words.is_empty())
                .map(Untrusted::from),
        }
    }))
}
