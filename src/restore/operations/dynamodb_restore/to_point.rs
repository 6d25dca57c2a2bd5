//! Makes a table that holds what another one held in one second of its point-in-time window.
//!
//! The second is asked for by itself and not as the latest, so that it is the same however late the request arrives.

use async_trait::async_trait;
use aws_smithy_types::DateTime;
use aws_types::request_id::RequestId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

use super::typed::typed;
use super::{OUTPUTS, RestoredTable, created, judged, overrides, promised, refused};
use crate::aws::failure::failure;
use crate::domain::dynamodb::{Overrides, Restored};
use crate::domain::failure::Failure;
use crate::domain::run::Created;
use crate::restore::observations::dynamodb_table::table;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};
use crate::restore::operations::dynamodb_table::wait_until_active;

const CALL: &str = "dynamodb:RestoreTableToPointInTime";

/// A table holds what another one held in a second of the past.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreToPointInTime {
    /// Name of the table whose past it is.
    pub source: String,
    /// Its ARN.
    pub source_arn: String,
    /// The second, without a fraction.
    pub at: Timestamp,
    /// Name of the table to make.
    pub target: String,
    /// What it has otherwise than the source.
    pub overrides: Overrides,
    /// Whether the source is said by its ARN, as it has to be where it is in another Region.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_arn: bool,
}

impl RestoreToPointInTime {
    /// Returns what the source is said by: its name or its ARN.
    fn source(&self) -> (Option<String>, Option<String>) {
        if self.by_arn {
            (None, Some(self.source_arn.clone()))
        } else {
            (Some(self.source.clone()), None)
        }
    }
}

#[async_trait]
impl Operation for RestoreToPointInTime {
    type Output = RestoredTable;
    const NAME: &'static str = "dynamodb:RestoreToPointInTime";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let mut parameters = Map::new();
        let (name, arn) = self.source();
        let source = [("SourceTableName", name), ("SourceTableArn", arn)];
        for (field, source) in source {
            parameters.extend(source.map(|source| (field.to_owned(), json!(source))));
        }
        parameters.insert("TargetTableName".to_owned(), json!(self.target));
        parameters.insert("RestoreDateTime".to_owned(), json!(self.at.as_second()));
        overrides::add(&mut parameters, &self.overrides);
        Request {
            service: "dynamodb",
            api: "RestoreTableToPointInTime",
            parameters: parameters.into(),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<RestoredTable>, Failure> {
        let found = table(&cx.clients, &self.target).await?;
        let is_same = |restored: &Restored| {
            restored.from_backup.is_none()
                && restored.from_table.as_deref() == Some(&self.source_arn)
                && restored.at.as_second() == self.at.as_second()
        };
        Ok(judged(cx, &self.target, found, is_same))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<RestoredTable>, Failure> {
        let overrides = typed(CALL, &self.overrides)?;
        let (name, arn) = self.source();
        let answer = cx
            .clients
            .dynamodb_once
            .restore_table_to_point_in_time()
            .set_source_table_name(name)
            .set_source_table_arn(arn)
            .target_table_name(&self.target)
            .restore_date_time(DateTime::from_secs(self.at.as_second()))
            .set_billing_mode_override(overrides.billing)
            .set_provisioned_throughput_override(overrides.units)
            .set_on_demand_throughput_override(overrides.limits)
            .set_global_secondary_index_override(overrides.indexes)
            .set_local_secondary_index_override(overrides.local_indexes)
            .set_sse_specification_override(overrides.encryption)
            .send()
            .await
            .map_err(|error| refused(failure(CALL, &error)))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: promised(answer.table_description()),
        })
    }

    fn created(&self, output: &RestoredTable) -> Vec<Created> {
        created(output)
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        OUTPUTS
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_until_active(&json!(self.target)))
    }
}
