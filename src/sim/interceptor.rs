//! The interceptor that stands between an ordinary SDK client and the simulated world.
//!
//! It takes the typed input before it is serialized, lets it take effect at the moment of sending (so an
//! SDK retry takes effect again, as it would in reality) and fills the typed output when the attempt is
//! over. Failures go the long way, as responses on the wire.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
    FinalizerInterceptorContextMut,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::SimulatedAws;
use super::parameters;
use super::registry::{Fill, Prepared};
use super::world::Place;

/// Answers the calls of one client from the simulated world.
#[derive(Clone)]
pub struct SimulatedInterceptor {
    aws: SimulatedAws,
    place: Place,
}

impl SimulatedInterceptor {
    pub(super) fn new(aws: SimulatedAws, place: Place) -> Self {
        Self { aws, place }
    }
}

impl fmt::Debug for SimulatedInterceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SimulatedInterceptor")
            .field(&self.place)
            .finish()
    }
}

/// One attempt, ready to be sent.
pub(super) struct Attempt {
    pub place: Place,
    pub service: String,
    pub operation: String,
    pub parameters: BTreeMap<String, String>,
    pub prepared: Option<Prepared>,
}

#[derive(Debug)]
struct Input(Option<Prepared>);

impl Storable for Input {
    type Storer = StoreReplace<Self>;
}

/// What the attempt under way will write into its output.
#[derive(Clone)]
struct Pending(Arc<Mutex<Option<Fill>>>);

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending")
    }
}

impl Storable for Pending {
    type Storer = StoreReplace<Self>;
}

impl Intercept for SimulatedInterceptor {
    fn name(&self) -> &'static str {
        "SimulatedAws"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (service, operation) = names(cfg);
        let prepared = self.aws.prepare(&service, &operation, context.input());
        cfg.interceptor_state().store_put(Input(prepared));
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (service, operation) = names(cfg);
        let body = context.request().body().bytes().unwrap_or_default();
        let path = context
            .request()
            .uri()
            .split('?')
            .next()
            .unwrap_or_default();
        let attempt = Attempt {
            place: self.place.clone(),
            parameters: parameters::of(&service, path, body),
            prepared: cfg.load::<Input>().and_then(|input| input.0.clone()),
            service,
            operation,
        };
        let (delivery, fill) = self.aws.transmit(attempt);
        context.request_mut().add_extension(delivery);
        let pending = Pending(Arc::new(Mutex::new(fill)));
        cfg.interceptor_state().store_put(pending);
        Ok(())
    }

    fn modify_before_attempt_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let pending = cfg.load::<Pending>().cloned();
        let fill = pending.and_then(|pending| {
            let mut fill = pending.0.lock().unwrap_or_else(PoisonError::into_inner);
            fill.take()
        });
        if let (Some(fill), Some(Ok(output))) = (fill, context.output_or_error_mut()) {
            fill(output);
        }
        Ok(())
    }
}

/// Returns the names that the SDK gives the call: service, operation.
fn names(cfg: &ConfigBag) -> (String, String) {
    cfg.load::<Metadata>().map_or_else(
        || ("unknown".to_owned(), "unknown".to_owned()),
        |metadata| (metadata.service().to_owned(), metadata.name().to_owned()),
    )
}
