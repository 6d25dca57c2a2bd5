//! Makes a table that holds what another one held in one second of its point-in-time window.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

use super::{OUTPUTS, RestoredTable, created, overrides};
use crate::domain::dynamodb::Overrides;
use crate::domain::failure::Failure;
use crate::domain::run::Created;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};
use crate::restore::operations::dynamodb_table::{not_ready, wait_until_active};

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
}

#[async_trait]
impl Operation for RestoreToPointInTime {
    type Output = RestoredTable;
    const NAME: &'static str = "dynamodb:RestoreToPointInTime";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let mut parameters = Map::new();
        parameters.insert("SourceTableName".to_owned(), json!(self.source));
        parameters.insert("TargetTableName".to_owned(), json!(self.target));
        parameters.insert("RestoreDateTime".to_owned(), json!(self.at.as_second()));
        overrides::add(&mut parameters, &self.overrides);
        Request {
            service: "dynamodb",
            api: "RestoreTableToPointInTime",
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
