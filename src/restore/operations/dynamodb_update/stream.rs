//! Gives a table a stream.
//!
//! It is a new one with an ARN of its own, which whoever reads the old one has to be told.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{StreamSpecification, StreamViewType};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::CALL;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::text::shown;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend, Wait};
use crate::restore::operations::dynamodb_table::{built, passing, settled, wait_until_active};

/// A table has a stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnableStream {
    /// Name of the table.
    pub table: String,
    /// What the stream holds, `NEW_AND_OLD_IMAGES`.
    pub view: String,
}

/// The stream of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streaming {
    /// Name of the table.
    pub table: String,
    /// ARN of the stream.
    pub stream: String,
}

#[async_trait]
impl Operation for EnableStream {
    type Output = Streaming;
    const NAME: &'static str = "dynamodb:EnableStream";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "dynamodb",
            api: "UpdateTable",
            parameters: json!({
                "TableName": self.table,
                "StreamSpecification": {"StreamEnabled": true, "StreamViewType": self.view},
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Streaming>, Failure> {
        let table = match settled(cx, &self.table).await? {
            Ok(table) => table,
            Err(otherwise) => return Ok(otherwise),
        };
        let named = shown(&self.table);
        Ok(match (table.stream, table.stream_arn) {
            (Some(view), Some(stream)) if view == self.view => Probe::Present {
                detail: format!("streams {}", shown(&view)),
                output: Streaming {
                    table: self.table.clone(),
                    stream,
                },
            },
            (Some(view), None) if view == self.view => Probe::InProgress {
                detail: format!("the stream of {named} has no ARN yet"),
                percent: None,
            },
            (Some(other), _) => Probe::Conflict(format!(
                "table {named} has a stream of {}, not of {}",
                shown(&other),
                shown(&self.view)
            )),
            (None, _) => Probe::Absent {
                found: json!({"view": null}),
            },
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Streaming>, Failure> {
        let wanted = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::from(self.view.as_str()));
        let answer = cx
            .clients
            .dynamodb_once
            .update_table()
            .table_name(&self.table)
            .stream_specification(built(CALL, wanted.build())?)
            .send()
            .await
            .map_err(|error| passing(failure(CALL, &error)))?;
        let table = answer.table_description();
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: table
                .and_then(|table| table.latest_stream_arn())
                .map(|stream| Streaming {
                    table: self.table.clone(),
                    stream: stream.to_owned(),
                }),
        })
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("table", "TableDescription.TableName"),
            ("stream", "TableDescription.LatestStreamArn"),
        ]
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_until_active(&json!(self.table)))
    }
}
