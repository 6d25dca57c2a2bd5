//! A flow: a way of restoring, as a pure function from facts and choices to a plan.
//!
//! Only [`Flow::observe`] touches the world, and it only reads. The registry lists every flow; command
//! line, wizard and tests go through [`AnyFlow`].

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::check::Check;
use crate::domain::estate::Estate;
use crate::domain::failure::Failure;
use crate::domain::form::{Choices, FieldSpec, Form};
use crate::domain::plan::Plan;
use crate::domain::recovery_point::PointKind;

/// Why facts or a plan could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// A choice is missing, or does not fit what was observed.
    #[error("--{field}: {why}")]
    Choice {
        /// Name of the field.
        field: String,
        /// What is wrong with it and what would be right, one sentence fit to be shown.
        why: String,
    },
    /// Something the plan is about is not there.
    #[error("{what}")]
    Missing {
        /// What is not there, where it was looked for, and what to try: fit to be shown.
        what: String,
    },
    /// A read that the plan cannot do without has failed.
    #[error("{}", .0.line())]
    Read(Failure),
    /// The facts are not of this flow's shape.
    #[error("the facts of this plan cannot be read")]
    Facts(#[source] serde_json::Error),
}

/// A way of restoring.
#[async_trait]
pub trait Flow: Send + Sync {
    /// What it observes.
    type Facts: Serialize + DeserializeOwned + Send + Sync;

    /// Name on the command line, `volume-swap`.
    const NAME: &'static str;
    /// One sentence for the list of flows.
    const SENTENCE: &'static str;
    /// Version of facts and steps.
    const VERSION: u32;

    /// Returns the questions it asks, in order.
    fn fields(&self) -> &'static [FieldSpec];

    /// Tells whether it can restore from a kind of point.
    fn applies_to(&self, kind: PointKind) -> bool;

    /// Checks the choices by themselves, as far as they can be wrong whatever the world is like. Asks nobody: it is
    /// told before anything is connected to.
    ///
    /// # Errors
    /// [`FlowError::Choice`] by the field that does not fit.
    fn wrong(&self, _choices: &Choices, _now: Timestamp) -> Result<(), FlowError> {
        Ok(())
    }

    /// Reads everything that form, checks and plan need.
    ///
    /// # Errors
    /// [`FlowError`] where no plan can be made at all; a fact that is merely unknown is no error.
    async fn observe(
        &self,
        clients: &Clients,
        choices: &Choices,
        clock: &Clock,
    ) -> Result<Self::Facts, FlowError>;

    /// Puts facts together as they were known, for when AWS cannot be asked.
    ///
    /// # Errors
    /// [`FlowError`] where too little is known for a plan, or the flow has no use for what was known.
    fn recall(
        &self,
        _known: &Estate,
        _choices: &Choices,
        _now: Timestamp,
    ) -> Result<Self::Facts, FlowError> {
        Err(FlowError::Missing {
            what: format!("{} makes no plan without asking AWS", Self::NAME),
        })
    }

    /// Returns the fidelity table.
    fn form(&self, facts: &Self::Facts, choices: &Choices) -> Form;

    /// Returns the checks.
    fn preflight(&self, facts: &Self::Facts, choices: &Choices) -> Vec<Check>;

    /// Makes the plan, sealed. Choices that depend on the moment of planning (a date) are written
    /// into the plan's choices, so that planning again with those gives the same plan.
    ///
    /// # Errors
    /// [`FlowError::Choice`] where a choice is missing or does not fit.
    fn plan(&self, facts: &Self::Facts, choices: &Choices) -> Result<Plan, FlowError>;
}

/// A flow whose facts are hidden as JSON.
#[async_trait]
pub trait AnyFlow: Send + Sync {
    /// Name on the command line.
    fn name(&self) -> &'static str;
    /// One sentence for the list of flows.
    fn sentence(&self) -> &'static str;
    /// Version of facts and steps.
    fn version(&self) -> u32;
    /// The questions it asks.
    fn fields(&self) -> &'static [FieldSpec];
    /// Whether it can restore from a kind of point.
    fn applies_to(&self, kind: PointKind) -> bool;
    /// Whether the choices are wrong by themselves.
    ///
    /// # Errors
    /// [`FlowError::Choice`].
    fn wrong(&self, choices: &Choices, now: Timestamp) -> Result<(), FlowError>;
    /// Reads the facts.
    ///
    /// # Errors
    /// [`FlowError`].
    async fn observe(
        &self,
        clients: &Clients,
        choices: &Choices,
        clock: &Clock,
    ) -> Result<Value, FlowError>;
    /// The facts as they were known.
    ///
    /// # Errors
    /// [`FlowError`].
    fn recall(&self, known: &Estate, choices: &Choices, now: Timestamp)
    -> Result<Value, FlowError>;
    /// The fidelity table.
    ///
    /// # Errors
    /// [`FlowError::Facts`].
    fn form(&self, facts: &Value, choices: &Choices) -> Result<Form, FlowError>;
    /// The checks.
    ///
    /// # Errors
    /// [`FlowError::Facts`].
    fn preflight(&self, facts: &Value, choices: &Choices) -> Result<Vec<Check>, FlowError>;
    /// The plan.
    ///
    /// # Errors
    /// [`FlowError`].
    fn plan(&self, facts: &Value, choices: &Choices) -> Result<Plan, FlowError>;
}

fn facts_of<F: Flow>(facts: &Value) -> Result<F::Facts, FlowError> {
    serde_json::from_value(facts.clone()).map_err(FlowError::Facts)
}

#[async_trait]
impl<F: Flow> AnyFlow for F {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn sentence(&self) -> &'static str {
        F::SENTENCE
    }

    fn version(&self) -> u32 {
        F::VERSION
    }

    fn fields(&self) -> &'static [FieldSpec] {
        Flow::fields(self)
    }

    fn applies_to(&self, kind: PointKind) -> bool {
        Flow::applies_to(self, kind)
    }

    fn wrong(&self, choices: &Choices, now: Timestamp) -> Result<(), FlowError> {
        Flow::wrong(self, choices, now)
    }

    async fn observe(
        &self,
        clients: &Clients,
        choices: &Choices,
        clock: &Clock,
    ) -> Result<Value, FlowError> {
        let facts = Flow::observe(self, clients, choices, clock).await?;
        serde_json::to_value(facts).map_err(FlowError::Facts)
    }

    fn recall(
        &self,
        known: &Estate,
        choices: &Choices,
        now: Timestamp,
    ) -> Result<Value, FlowError> {
        let facts = Flow::recall(self, known, choices, now)?;
        serde_json::to_value(facts).map_err(FlowError::Facts)
    }

    fn form(&self, facts: &Value, choices: &Choices) -> Result<Form, FlowError> {
        Ok(Flow::form(self, &facts_of::<F>(facts)?, choices))
    }

    fn preflight(&self, facts: &Value, choices: &Choices) -> Result<Vec<Check>, FlowError> {
        Ok(Flow::preflight(self, &facts_of::<F>(facts)?, choices))
    }

    fn plan(&self, facts: &Value, choices: &Choices) -> Result<Plan, FlowError> {
        Flow::plan(self, &facts_of::<F>(facts)?, choices)
    }
}

/// Returns a flow by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn AnyFlow> {
    super::flows::REGISTRY
        .iter()
        .copied()
        .find(|flow| flow.name() == name)
}
