//! Which instance a run is about, as somebody looks at it: the one that it launched, or else that of its plan.
//!
//! It follows from the events; whether there is such an instance still is for AWS to say.

use super::RunState;
use crate::domain::ids::InstanceId;
use crate::domain::instance_now::Target;
use crate::domain::plan::Step;
use crate::domain::resource::ResourceKind;

impl RunState {
    /// Returns the instance to look at: the last one that the run launched, else the plan's subject, else the one
    /// that its calls name. `None` where the run has no instance.
    #[must_use]
    pub fn instance(&self) -> Option<Target> {
        let mut made = self.created.iter().rev();
        let launched = made.find(|made| made.kind == ResourceKind::Instance);
        let subject = Some(&self.plan.subject);
        let subject = subject.filter(|subject| subject.kind == ResourceKind::Instance);
        let id = match (launched, subject) {
            (Some(made), _) => made.id.as_str(),
            (None, Some(subject)) => subject.id.as_str(),
            (None, None) => self.plan.steps.iter().find_map(named)?,
        };
        Some(Target {
            place: self.plan.place.clone(),
            instance: InstanceId::new(id),
            launched: launched.is_some(),
        })
    }
}

/// The instance that the call of a step names. One that is launched first has no name there.
fn named(step: &Step) -> Option<&str> {
    let input = &step.call.as_ref()?.input;
    input.get("instance")?.as_str()
}
