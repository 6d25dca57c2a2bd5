//! Has the changes of a table go to a Kinesis stream.
//!
//! Nothing that the table holds already is sent, only what is written to it from then on
//! (`EnableKinesisStreamingDestination`, API reference).

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{
    ApproximateCreationDateTimePrecision, EnableKinesisStreamingConfiguration,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::{HandledTable, accepted, no_table, passing, present};
use crate::aws::failure::failure;
use crate::domain::dynamodb::Destination;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::text::{Untrusted, shown};
use crate::restore::observations::dynamodb_table::{DescribedDestination, described_kinesis};
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};

#[cfg(test)]
mod tests;

const CALL: &str = "dynamodb:EnableKinesisStreamingDestination";

/// Changes of a table go to a Kinesis stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnableKinesisDestination {
    /// Name of the table.
    pub table: String,
    /// The stream with its precision.
    pub destination: Destination,
}

#[async_trait]
impl Operation for EnableKinesisDestination {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:EnableKinesisDestination";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let mut parameters = json!({
            "TableName": self.table,
            "StreamArn": self.destination.stream,
        });
        if let Some(precision) = &self.destination.precision {
            parameters["EnableKinesisStreamingConfiguration"] =
                json!({"ApproximateCreationDateTimePrecision": precision});
        }
        Request {
            service: "dynamodb",
            api: "EnableKinesisStreamingDestination",
            parameters,
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let Some(all) = described_kinesis(&cx.clients, &self.table).await? else {
            return Ok(no_table(&self.table));
        };
        let wanted = &self.destination.stream;
        let mut all = all.into_iter();
        let found = all.find(|one| one.destination.stream == *wanted);
        Ok(match found {
            None => Probe::Absent {
                found: json!({"status": null}),
            },
            Some(found) => self.judged(cx, &found),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let precision = self.destination.precision.as_deref();
        let configured = precision.map(|precision| {
            let precision = ApproximateCreationDateTimePrecision::from(precision);
            EnableKinesisStreamingConfiguration::builder()
                .approximate_creation_date_time_precision(precision)
                .build()
        });
        let answer = cx
            .clients
            .dynamodb_once
            .enable_kinesis_streaming_destination()
            .table_name(&self.table)
            .stream_arn(&self.destination.stream)
            .set_enable_kinesis_streaming_configuration(configured)
            .send()
            .await
            .map_err(|error| refused(failure(CALL, &error)))?;
        Ok(accepted(&self.table, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        // A raw text of JMESPath ends at a quote.
        let stream = self.destination.stream.replace('\'', "\\'");
        let of = format!("KinesisDataStreamDestinations[?StreamArn=='{stream}']");
        Some(Wait {
            service: "dynamodb",
            api: "DescribeKinesisStreamingDestination",
            parameters: json!({"TableName": self.table}),
            query: format!("{of}.DestinationStatus | [0]"),
            wanted: &["ACTIVE"],
            fatal: &["ENABLE_FAILED"],
        })
    }
}

impl EnableKinesisDestination {
    /// Says what the state of the stream means. What has failed can be enabled again, as AWS says where it refuses to
    /// (“must be DISABLED or `ENABLE_FAILED` to perform ENABLE operation”), so it stands for what was sent last alone.
    fn judged(&self, cx: &Context, found: &DescribedDestination) -> Probe<HandledTable> {
        let (stream, status) = (shown(&self.destination.stream), shown(&found.status));
        let why = found.description.as_ref().map(Untrusted::shown);
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        match found.status.as_str() {
            "ACTIVE" if self.fits(&found.destination) => {
                present(&self.table, format!("changes go to {stream}"))
            }
            "ACTIVE" => Probe::Conflict(format!(
                "changes go to {stream} with the precision {}, not {}",
                said(found.destination.precision.as_deref()),
                said(self.destination.precision.as_deref())
            )),
            "ENABLING" | "UPDATING" => Probe::InProgress {
                detail: status,
                percent: None,
            },
            "ENABLE_FAILED" if cx.sent_at.is_some() => {
                Probe::Failed(format!("{stream} is {status}{why}"))
            }
            "DISABLED" | "ENABLE_FAILED" => Probe::Absent {
                found: json!({"status": found.status}),
            },
            _other => Probe::Conflict(format!("{stream} is {status}{why}")),
        }
    }

    /// Where AWS told no precision of the old table, there is none to compare.
    fn fits(&self, found: &Destination) -> bool {
        let wanted = &self.destination.precision;
        wanted.is_none() || found.precision == *wanted
    }
}

fn said(precision: Option<&str>) -> String {
    precision.map_or_else(|| "that AWS does not tell".to_owned(), shown)
}

/// What is on its way already is refused as not valid; it may be this very step's doing, so it is looked at again.
fn refused(failure: Failure) -> Failure {
    let under_way = failure.class == FailureClass::Validation
        && failure.message.raw().contains("not in a valid state");
    let class = if under_way {
        FailureClass::State
    } else {
        failure.class
    };
    passing(Failure { class, ..failure })
}
