//! The embedded simulated AWS: ordinary SDK clients, answered by a world in memory.
//!
//! [`SimulatedAws`] hands out an interceptor and an HTTP client; a client built with both talks to the
//! `World` and to no network. What exists at the start comes from a scenario, what goes wrong from
//! [`Faults`], and time from the clock it was given. Deletion is not simulated, but of tags and policies: it is
//! refused by name.

mod app_scaling;
mod backup;
mod call;
pub mod cbor;
mod cloudwatch;
mod delays;
mod dynamodb;
mod ec2;
mod elb;
mod faults;
mod filters;
mod hands;
mod iam;
mod interceptor;
mod kms;
mod lambda;
mod paging;
mod parameters;
mod picture;
mod rds;
mod refusal;
mod registry;
mod route53;
mod scaling;
mod scenario;
mod ssm;
mod sts;
mod timeline;
mod transmission;
mod visibility;
mod wire;
mod world;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::client::interceptors::context::Input;
use jiff::Timestamp;

use crate::clock::Clock;

pub use call::CallRecord;
pub use delays::Delays;
pub use ec2::model::Data;
pub use faults::{Fault, FaultId, Faults, Lag, On};
pub use hands::Hands;
pub use interceptor::SimulatedInterceptor;
pub use refusal::Refusal;
pub use registry::KnownOperation;
pub use scenario::{Account, ScenarioError, ScenarioText, Story, scenarios};
pub use wire::SimulatedHttpClient;

use registry::{Prepared, Registry};
use world::{Place, World};

/// The secret key of every simulated caller. Like a real one it has no business anywhere but in the
/// signing of a request.
pub const SECRET: &str = "SIMULATED/secret+key/of/nobody/0123456789";

/// A simulated AWS. Clones share one world.
#[derive(Clone)]
pub struct SimulatedAws {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    world: Mutex<World>,
    faults: Faults,
    registry: Registry,
    story: Story,
}

/// A state and the instant at which it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The world's instant at which the state began.
    pub at: Timestamp,
    /// The state in AWS's words.
    pub state: String,
}

impl SimulatedAws {
    /// Makes a simulated AWS in which nothing exists.
    #[must_use]
    pub fn empty(clock: Clock) -> Self {
        let world = World::new(clock.now());
        let story = Story::of_nothing(clock.now());
        Self::with(clock, world, story)
    }

    /// Makes a simulated AWS in which everything the scenario describes exists.
    ///
    /// The scenario's instants are absolute: start the clock at [`Story::opens_at`].
    ///
    /// # Errors
    /// The text is not TOML, has a field that scenarios do not have, or contradicts itself.
    pub fn from_scenario(text: &str, clock: Clock) -> Result<Self, ScenarioError> {
        let (world, story) = scenario::build(text, clock.now())?;
        Ok(Self::with(clock, world, story))
    }

    fn with(clock: Clock, world: World, story: Story) -> Self {
        let inner = Inner {
            clock,
            world: Mutex::new(world),
            faults: Faults::default(),
            registry: Registry::new(),
            story,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Returns the interceptor for the clients of one account and region.
    #[must_use]
    pub fn interceptor(&self, account: &str, region: &str) -> SimulatedInterceptor {
        SimulatedInterceptor::new(self.clone(), Place::new(account, region))
    }

    /// Returns the HTTP client that belongs under every simulated client.
    #[must_use]
    pub fn http_client(&self) -> SimulatedHttpClient {
        SimulatedHttpClient::new(self.inner.clock.clone())
    }

    /// Returns the clock that the simulated world goes by.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.inner.clock.clone()
    }

    /// Returns the faults, to set and lift them at any time.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// Returns what the scenario tells about itself.
    #[must_use]
    pub fn scenario_story(&self) -> &Story {
        &self.inner.story
    }

    /// Lists every attempt so far, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<CallRecord> {
        self.world().calls.clone()
    }

    /// Returns how many attempts there were so far.
    #[must_use]
    pub fn call_count(&self) -> usize {
        self.world().calls.len()
    }

    /// Dumps everything that exists now, in every place, in a stable order.
    #[must_use]
    pub fn picture(&self) -> serde_json::Value {
        picture::of(&self.world())
    }

    /// Finds the id of an instance or a volume by its `Name` tag, in any place.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<String> {
        picture::id_of(&self.world(), name)
    }

    /// Lists the states an instance went through, with the instants at which they began.
    #[must_use]
    pub fn instance_history(&self, instance_id: &str) -> Vec<Turn> {
        picture::instance_history(&self.world(), instance_id)
    }

    /// Lists what became of a volume's attachments (`attached i-… /dev/sdf`), oldest first.
    #[must_use]
    pub fn volume_attachment_history(&self, volume_id: &str) -> Vec<Turn> {
        picture::attachment_history(&self.world(), volume_id)
    }

    /// Returns when both status checks of an instance turn `ok`, if it is running or starting.
    #[must_use]
    pub fn checks_pass_at(&self, instance_id: &str) -> Option<Timestamp> {
        picture::checks_pass_at(&self.world(), instance_id)
    }

    /// Returns what is written on a volume now.
    #[must_use]
    pub fn volume_data(&self, volume_id: &str) -> Option<Data> {
        picture::volume_data(&self.world(), volume_id)
    }

    /// Changes something in a place the way a colleague, a guest or AWS itself would.
    pub fn third_party<T>(
        &self,
        account: &str,
        region: &str,
        change: impl FnOnce(&mut Hands<'_>) -> T,
    ) -> T {
        let place = Place::new(account, region);
        change(&mut Hands::new(&mut self.world(), place))
    }

    /// Lists the operations that can be answered.
    #[must_use]
    pub fn operations(&self) -> Vec<KnownOperation> {
        self.inner.registry.known()
    }

    fn prepare(&self, service: &str, operation: &str, input: &Input) -> Option<Prepared> {
        let operation = self.inner.registry.find(service, operation)?;
        operation.prepare(input)
    }

    /// Enters the world at the present instant.
    fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self
            .inner
            .world
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        world.enter(self.inner.clock.now());
        world
    }
}

impl fmt::Debug for SimulatedAws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedAws").finish_non_exhaustive()
    }
}
