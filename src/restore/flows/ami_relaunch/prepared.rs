//! Facts and choices brought together, once, for the plan and its checks.
//! Plan and checks must not work them out differently.

use crate::domain::form::Choices;
use crate::domain::plan::Step;
use crate::restore::flow::FlowError;
use crate::restore::flows::instance_store;
use crate::restore::operations::ec2_launch::LaunchInstance;

use super::chosen::{Chosen, choice};
use super::facts::RelaunchFacts;
use super::launch::launch;
use super::steps::{Relaunch, STOP_OLD, steps};

/// What the steps are made from.
pub(super) struct Prepared<'a> {
    facts: &'a RelaunchFacts,
    pub(super) chosen: Chosen,
    launch: LaunchInstance,
    vpc: &'a str,
}

impl<'a> Prepared<'a> {
    /// Brings them together.
    ///
    /// # Errors
    /// [`FlowError::Choice`] by what is missing or does not fit.
    pub(super) fn of(facts: &'a RelaunchFacts, choices: &Choices) -> Result<Self, FlowError> {
        let chosen = Chosen::of(choices, facts.image.windows, facts.observed_at)?;
        let launch = launch(facts, &chosen, choices)?;
        let subnet = facts.subnet.value().and_then(Option::as_ref);
        let vpc = subnet
            .map(|subnet| subnet.vpc.as_str())
            .ok_or_else(|| choice("subnet", "it is not there, or cannot be read"))?;
        if chosen.endpoints && facts.endpoints.value().is_none() {
            return Err(choice(
                "allow-endpoints",
                "the addresses of the VPC's endpoints cannot be read",
            ));
        }
        Ok(Self {
            facts,
            chosen,
            launch,
            vpc,
        })
    }

    /// Makes the steps. A stop that erases disks is confirmed by a name.
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = steps(&self.relaunch());
        if let Some((old, _)) = self.facts.old() {
            let stop = steps.iter_mut().find(|step| step.id.as_str() == STOP_OLD);
            if let Some(stop) = stop {
                stop.gate = instance_store::gate(&old.instance, &old.instance_type);
            }
        }
        steps
    }

    pub(super) fn relaunch(&self) -> Relaunch<'_> {
        Relaunch {
            facts: self.facts,
            chosen: &self.chosen,
            launch: self.launch.clone(),
            vpc: self.vpc,
        }
    }
}
