//! Makes a table out of a backup.
//!
//! It has the name that is asked for and none of the settings of the table that was backed up but keys and throughput.

use async_trait::async_trait;
use aws_types::request_id::RequestId;
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

const CALL: &str = "dynamodb:RestoreTableFromBackup";

/// A table holds what is in a backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreFromBackup {
    /// ARN of the backup.
    pub backup: String,
    /// Name of the table to make.
    pub target: String,
    /// What it has otherwise than the backup.
    pub overrides: Overrides,
}

#[async_trait]
impl Operation for RestoreFromBackup {
    type Output = RestoredTable;
    const NAME: &'static str = "dynamodb:RestoreFromBackup";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let mut parameters = Map::new();
        parameters.insert("BackupArn".to_owned(), json!(self.backup));
        parameters.insert("TargetTableName".to_owned(), json!(self.target));
        overrides::add(&mut parameters, &self.overrides);
        Request {
            service: "dynamodb",
            api: "RestoreTableFromBackup",
            parameters: parameters.into(),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<RestoredTable>, Failure> {
        let found = table(&cx.clients, &self.target).await?;
        let is_same = |restored: &Restored| restored.from_backup.as_deref() == Some(&self.backup);
        Ok(judged(cx, &self.target, found, is_same))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<RestoredTable>, Failure> {
        let overrides = typed(CALL, &self.overrides)?;
        let answer = cx
            .clients
            .dynamodb_once
            .restore_table_from_backup()
            .backup_arn(&self.backup)
            .target_table_name(&self.target)
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
