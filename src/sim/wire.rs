//! The connection under a simulated client: what the SDK receives once a request was sent.
//!
//! The interceptor leaves a [`Reply`] on the request; the connector turns it into a response, a broken
//! connection or silence. Nothing here opens a socket, and a request without a reply is an error.

use std::fmt::Write as _;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use super::cbor;
use super::refusal::Refusal;
use crate::clock::Clock;

/// What comes back on the connection.
#[derive(Clone, Debug)]
pub enum Reply {
    Answered {
        operation: String,
    },
    Refused(Refusal),
    /// A response whose body is not what the service speaks.
    Unreadable,
    /// No connection was made: the request certainly had no effect.
    NotConnected,
    Reset,
    TimedOut,
    Never,
    /// The simulation does not know the operation.
    Unknown {
        service: String,
        operation: String,
    },
}

/// A reply and what it is wrapped in.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub service: String,
    pub request_id: String,
    pub after: Duration,
    pub reply: Reply,
}

/// Errors that no AWS service sends: the request met the simulation itself.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("the simulated AWS does not know {service} {operation}")]
    UnknownOperation { service: String, operation: String },
    #[error("a request reached the simulated connection without the simulation's interceptor")]
    NoInterceptor,
    #[error("connection refused (simulated)")]
    NotConnected,
    #[error("connection reset by peer (simulated)")]
    Reset,
    #[error("the response did not arrive in time (simulated)")]
    TimedOut,
}

/// An HTTP client that reaches nothing but the simulation.
#[derive(Clone, Debug)]
pub struct SimulatedHttpClient {
    clock: Clock,
}

impl SimulatedHttpClient {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

impl HttpClient for SimulatedHttpClient {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for SimulatedHttpClient {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let Some(delivery) = request.extension::<Delivery>().cloned() else {
            let error = ConnectorError::other(WireError::NoInterceptor.into(), None);
            return HttpConnectorFuture::ready(Err(error));
        };
        if delivery.after.is_zero() && !matches!(delivery.reply, Reply::Never) {
            return HttpConnectorFuture::ready(delivery.open());
        }
        let clock = self.clock.clone();
        let body = ByteStream::new(request.take_body());
        HttpConnectorFuture::new(async move {
            // A body that is never read looks like a stalled upload to the SDK.
            drop(body.collect().await);
            if matches!(delivery.reply, Reply::Never) {
                std::future::pending::<()>().await;
            }
            clock.sleep(delivery.after).await;
            delivery.open()
        })
    }
}

impl Delivery {
    fn open(self) -> Result<HttpResponse, ConnectorError> {
        match &self.reply {
            Reply::Answered { operation } => {
                Ok(self.response(200, empty_answer(&self.service, operation)))
            }
            Reply::Refused(refusal) => {
                let body = error_body(&self.service, refusal, &self.request_id);
                Ok(self.response(refusal.status, body))
            }
            Reply::Unreadable => Ok(self.response(200, b"<html>502 Bad Gateway".to_vec())),
            Reply::NotConnected => {
                Err(ConnectorError::io(WireError::NotConnected.into()).never_connected())
            }
            Reply::Reset => Err(ConnectorError::io(WireError::Reset.into())),
            Reply::TimedOut | Reply::Never => {
                Err(ConnectorError::timeout(WireError::TimedOut.into()))
            }
            Reply::Unknown { service, operation } => {
                let error = WireError::UnknownOperation {
                    service: service.clone(),
                    operation: operation.clone(),
                };
                Err(ConnectorError::other(error.into(), None))
            }
        }
    }

    fn response(&self, status: u16, body: Vec<u8>) -> HttpResponse {
        let status = StatusCode::try_from(status.clamp(200, 599))
            .expect("every number from 200 to 599 is a status");
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        let headers = response.headers_mut();
        headers.insert("x-amzn-requestid", self.request_id.clone());
        response
    }
}

/// Tells whether a service, named as the SDK does, speaks JSON; the others speak XML, or [CBOR](speaks_cbor).
pub fn speaks_json(service: &str) -> bool {
    let known = [
        "Application Auto Scaling",
        "Backup",
        "DynamoDB",
        "KMS",
        "Lambda",
        "SSM",
    ];
    known.contains(&service)
}

/// Tells whether a service, named as the SDK does, speaks CBOR. Such a one has the error codes of the query services,
/// which it was (Smithy, “AWS query compatible”).
pub fn speaks_cbor(service: &str) -> bool {
    service == "CloudWatch"
}

/// The smallest body that the SDK reads as a success of the operation.
fn empty_answer(service: &str, operation: &str) -> Vec<u8> {
    match service {
        json if speaks_json(json) => b"{}".to_vec(),
        cbor if speaks_cbor(cbor) => cbor::of_json(&serde_json::json!({})),
        "EC2" | "Route 53" => format!("<{operation}Response></{operation}Response>").into_bytes(),
        _ => format!(
            "<{operation}Response><{operation}Result></{operation}Result></{operation}Response>"
        )
        .into_bytes(),
    }
}

/// An error as the protocol of the service writes it.
fn error_body(service: &str, refusal: &Refusal, request_id: &str) -> Vec<u8> {
    let document = serde_json::json!({"__type": refusal.code, "message": refusal.message});
    let (code, message) = (escape(&refusal.code), escape(&refusal.message));
    let error = format!("<Code>{code}</Code><Message>{message}</Message>");
    match service {
        json if speaks_json(json) => document.to_string().into_bytes(),
        cbor if speaks_cbor(cbor) => cbor::of_json(&document),
        "EC2" => format!(
            "<Response><Errors><Error>{error}</Error></Errors>\
             <RequestID>{request_id}</RequestID></Response>"
        )
        .into_bytes(),
        _ => format!(
            "<ErrorResponse><Error><Type>Sender</Type>{error}</Error>\
             <RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        .into_bytes(),
    }
}

/// Writes text into XML. What may not stand there as it is stands there by its number, which XML 1.1
/// allows and the SDK reads: what a client does with such a message must not be left untested.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {
                let _ = write!(out, "&#x{:x};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}
