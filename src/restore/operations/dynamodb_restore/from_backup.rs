//! Makes a table out of a backup.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

use super::{OUTPUTS, RestoredTable, created, overrides};
use crate::domain::dynamodb::Overrides;
use crate::domain::failure::Failure;
use crate::domain::run::Created;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};
use crate::restore::operations::dynamodb_table::{not_ready, wait_until_active};

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

    async fn probe(&self, _cx: &Context) -> Result<Probe<RestoredTable>, Failure> {
        Err(not_ready(CALL))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<RestoredTable>, Failure> {
        Err(not_ready(CALL))
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
