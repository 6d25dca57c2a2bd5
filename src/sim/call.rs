//! One call as the world sees it, and the record that is kept of it.
//!
//! A handler gets a [`Call`]: the place it acts on, the world's instant, and [`Call::permit`], which
//! every mutation asks after it has found the ids it was given and before it looks at any state.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::delays::Delays;
use super::refusal::Refusal;
use super::visibility::Visibility;
use super::world::{Estate, Place, World};

/// What is remembered of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// The world's instant at which the attempt arrived.
    pub at: Timestamp,
    /// The account that called, twelve digits.
    pub account: String,
    /// The region that was called: `eu-west-1`.
    pub region: String,
    /// The service as the SDK names it: `EC2`, `DynamoDB`, `KMS`, `Auto Scaling`, `RDS`, `STS`,
    /// `Elastic Load Balancing v2`, `Route 53`, `Application Auto Scaling`, `CloudWatch`, `SSM`, `Lambda`, `IAM`.
    pub service: String,
    /// The operation in the API's spelling: `CreateVolume`.
    pub operation: String,
    /// The request id that the answer carried, or would have carried.
    pub request_id: String,
    /// Whether it was a rehearsal (EC2's parameter `DryRun`).
    pub dry_run: bool,
    /// The parameters as they were sent, flattened (`Filter.1.Name`).
    pub parameters: BTreeMap<String, String>,
    /// Whether the operation changes anything when it succeeds; true for every unknown one.
    pub mutates: bool,
    /// Whether the world is another one because of it, now or once a late call has arrived.
    pub took_effect: bool,
    /// `OK`, the error code, or what happened to the connection.
    pub outcome: String,
}

impl CallRecord {
    /// Names the call as an IAM policy does: `ec2:CreateVolume`.
    #[must_use]
    pub fn action(&self) -> String {
        action(&self.service, &self.operation)
    }
}

/// Names an operation of a service, named as the SDK does, as an IAM policy does.
pub(super) fn action(service: &str, operation: &str) -> String {
    let prefix = match service {
        "Application Auto Scaling" => "application-autoscaling".to_owned(),
        "Auto Scaling" => "autoscaling".to_owned(),
        "Elastic Load Balancing v2" => "elasticloadbalancing".to_owned(),
        "Route 53" => "route53".to_owned(),
        other => other.to_ascii_lowercase(),
    };
    format!("{prefix}:{operation}")
}

/// The context of a call.
pub struct Call<'w> {
    world: &'w mut World,
    place: Place,
    action: String,
    dry_run: bool,
    denied: bool,
    changed: bool,
}

impl<'w> Call<'w> {
    /// Opens a call. `action` is its name in IAM's words, `ec2:CreateVolume`.
    pub fn new(world: &'w mut World, place: Place, action: String, dry_run: bool) -> Self {
        let denied = world
            .denied
            .get(&place.account)
            .is_some_and(|actions| actions.contains(&action));
        Self {
            world,
            place,
            action,
            dry_run,
            denied,
            changed: true,
        }
    }

    /// Refuses the call whatever the account's permissions are.
    #[must_use]
    pub fn denied_if(mut self, denied: bool) -> Self {
        self.denied |= denied;
        self
    }

    /// Returns the instant at which the call arrived.
    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// Returns the account that calls.
    pub fn account(&self) -> &str {
        &self.place.account
    }

    /// Returns the region that is called.
    pub fn region(&self) -> &str {
        &self.place.region
    }

    /// Returns the resources of the place.
    pub fn estate(&mut self) -> &mut Estate {
        self.world.estate(&self.place)
    }

    /// Returns the whole world, for the few calls that look beyond their place.
    pub fn world(&mut self) -> &mut World {
        self.world
    }

    /// Returns how long things take.
    pub fn delays(&self) -> Delays {
        self.world.delays.clone()
    }

    /// Decides whether the caller may go on, the way EC2 does.
    ///
    /// # Errors
    /// `UnauthorizedOperation` when the action is denied, `DryRunOperation` when it is only a rehearsal
    /// (EC2 API reference, common parameter `DryRun`; both come before any state is looked at).
    pub fn permit(&self) -> Result<(), Refusal> {
        if self.denied {
            return Err(Refusal::unauthorized(&self.place.account, &self.action));
        }
        if self.dry_run {
            return Err(Refusal::dry_run());
        }
        Ok(())
    }

    /// Decides whether the caller may go on, in the words of the services that speak XML and know no rehearsal.
    ///
    /// # Errors
    /// `AccessDenied` (HTTP 403).
    pub fn permit_elsewhere(&self) -> Result<(), Refusal> {
        if !self.denied {
            return Ok(());
        }
        Err(Refusal {
            code: "AccessDenied".to_owned(),
            status: 403,
            ..Refusal::access_denied(&self.place.account, &self.action)
        })
    }

    /// Returns whether the action is denied, for services that word it in their own way.
    pub fn is_denied(&self) -> bool {
        self.denied
    }

    /// Notes that a mutation succeeded without changing anything.
    pub fn nothing_changed(&mut self) {
        self.changed = false;
    }

    /// Returns whether the call changed something, if it succeeded.
    pub fn changed(&self) -> bool {
        self.changed
    }

    /// Returns how a resource made by this call becomes visible.
    pub fn new_visibility(&self) -> Visibility {
        self.world.lag.of_a_creation(self.now())
    }
}
