//! Switches Contributor Insights of a table, or of one of its indexes, on.
//!
//! From then on `CloudWatch` shows keys of items in plain text (`UpdateContributorInsights`, API reference).

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{ContributorInsightsAction, ContributorInsightsMode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::dynamodb_table::{HandledTable, accepted, no_table, present};
use crate::aws::failure::failure;
use crate::domain::dynamodb::Insights;
use crate::domain::failure::Failure;
use crate::domain::text::{Untrusted, shown};
use crate::restore::observations::dynamodb_table::{DescribedInsights, described_insights};
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};

#[cfg(test)]
mod tests;

const CALL: &str = "dynamodb:UpdateContributorInsights";

/// It is recorded which keys of a table, or of one of its indexes, are asked for most.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnableContributorInsights {
    /// Name of the table.
    pub table: String,
    /// Of what, and what is recorded.
    pub insights: Insights,
}

#[async_trait]
impl Operation for EnableContributorInsights {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:EnableContributorInsights";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let mut parameters = self.named();
        parameters["ContributorInsightsAction"] = json!("ENABLE");
        if let Some(mode) = &self.insights.mode {
            parameters["ContributorInsightsMode"] = json!(mode);
        }
        Request {
            service: "dynamodb",
            api: "UpdateContributorInsights",
            parameters,
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let index = self.insights.index.as_deref();
        let found = described_insights(&cx.clients, &self.table, index).await?;
        Ok(match (found, index) {
            (Some(found), _) => self.judged(cx, &found),
            (None, None) => no_table(&self.table),
            (None, Some(index)) => Probe::Conflict(format!(
                "table {}, or its index {}, is not there",
                shown(&self.table),
                shown(index)
            )),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let mode = self.insights.mode.as_deref();
        let answer = cx
            .clients
            .dynamodb_once
            .update_contributor_insights()
            .table_name(&self.table)
            .set_index_name(self.insights.index.clone())
            .contributor_insights_action(ContributorInsightsAction::Enable)
            .set_contributor_insights_mode(mode.map(ContributorInsightsMode::from))
            .send()
            .await
            .map_err(|error| failure(CALL, &error))?;
        Ok(accepted(&self.table, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        Some(Wait {
            service: "dynamodb",
            api: "DescribeContributorInsights",
            parameters: self.named(),
            query: "ContributorInsightsStatus".to_owned(),
            wanted: &["ENABLED"],
            fatal: &["FAILED"],
        })
    }
}

impl EnableContributorInsights {
    /// The table, and the index if it is about one.
    fn named(&self) -> Value {
        let mut parameters = json!({"TableName": self.table});
        if let Some(index) = &self.insights.index {
            parameters["IndexName"] = json!(index);
        }
        parameters
    }

    /// Says what their state means. What has failed can be asked for again (“Please retry request”,
    /// `DescribeContributorInsights`, API reference), so it stands for what was sent last alone.
    fn judged(&self, cx: &Context, found: &DescribedInsights) -> Probe<HandledTable> {
        let status = shown(&found.status);
        let mode = found.mode.as_deref();
        match found.status.as_str() {
            "ENABLED" if self.insights.mode.is_none() || self.insights.mode.as_deref() == mode => {
                present(&self.table, format!("{status}, {}", said(mode)))
            }
            "ENABLED" => Probe::Conflict(format!(
                "they are {status} with {}, not {}",
                said(mode),
                said(self.insights.mode.as_deref())
            )),
            "ENABLING" => Probe::InProgress {
                detail: status,
                percent: None,
            },
            "FAILED" if cx.sent_at.is_some() => {
                let why = found.failure.as_ref().map(Untrusted::shown);
                let why = why.unwrap_or_else(|| "AWS does not say why".to_owned());
                Probe::Failed(format!("they are {status}: {why}"))
            }
            "DISABLED" | "FAILED" => Probe::Absent {
                found: json!({"status": found.status}),
            },
            _other => Probe::Conflict(format!("they are {status}")),
        }
    }
}

fn said(mode: Option<&str>) -> String {
    mode.map_or_else(|| "a mode that AWS does not tell".to_owned(), shown)
}
