//! Operations with something between them and the engine: the engine's own code is the one that ships.

use async_trait::async_trait;
use defib::domain::failure::Failure;
use defib::domain::plan::Call;
use defib::domain::run::Created;
use defib::restore::operation::{
    AnyOperation, Context, DecodeError, Issued, Probe, Request, Resend, Told, Wait, decode,
};
use serde_json::{Value, json};

/// What an operation does differently.
pub trait Bend: Send + Sync + 'static {
    /// What the engine gets to see.
    fn probe(&self, cx: &Context, found: Probe<Value>) -> Probe<Value> {
        let _ = cx;
        found
    }

    /// What reading fails with, if it does.
    fn unread(&self, cx: &Context) -> Option<Failure> {
        let _ = cx;
        None
    }

    /// What sending is taken to have failed with.
    fn failed(&self, cx: &Context, failure: Failure) -> Failure {
        let _ = cx;
        failure
    }

    /// What is sent; `None` if nothing is.
    fn issue(&self, cx: &Context) -> Option<Context> {
        Some(cx.clone())
    }
}

/// An operation with something between it and the engine.
pub struct Bent<B> {
    operation: Box<dyn AnyOperation>,
    bend: B,
}

#[async_trait]
impl<B: Bend> AnyOperation for Bent<B> {
    fn name(&self) -> &'static str {
        self.operation.name()
    }

    fn resend(&self) -> Resend {
        self.operation.resend()
    }

    fn request(&self) -> Request {
        self.operation.request()
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Value>, Failure> {
        if let Some(failure) = self.bend.unread(cx) {
            return Err(failure);
        }
        let found = self.operation.probe(cx).await?;
        Ok(self.bend.probe(cx, found))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Value>, Failure> {
        match self.bend.issue(cx) {
            Some(cx) => {
                let outcome = self.operation.issue(&cx).await;
                outcome.map_err(|failure| self.bend.failed(&cx, failure))
            }
            None => Ok(Issued {
                request_id: None,
                output: Some(json!({})),
            }),
        }
    }

    async fn obstacle(&self, cx: &Context, ours: &[String]) -> Result<Option<String>, Failure> {
        self.operation.obstacle(cx, ours).await
    }

    fn created(&self, output: &Value) -> Vec<Created> {
        self.operation.created(output)
    }

    fn wait(&self) -> Option<Wait> {
        self.operation.wait()
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        self.operation.outputs()
    }

    fn told(&self) -> Option<Told> {
        self.operation.told()
    }
}

/// Puts something between an operation and the engine.
pub fn bent<B: Bend>(call: &Call, bend: B) -> Result<Box<dyn AnyOperation>, DecodeError> {
    let operation = decode(call)?;
    Ok(Box::new(Bent { operation, bend }))
}
