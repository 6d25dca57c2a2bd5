//! Operations on target groups of a load balancer: a target is registered and waited for until it is healthy, or
//! deregistered and waited for until it is drained.
//!
//! Deregistering leaves the target as it is. The last healthy one is not taken away, unless the plan says that
//! nothing is served anyway.

mod deregister;
mod health;
mod register;
#[cfg(test)]
mod tests;

pub use deregister::DeregisterTarget;
pub use health::{HandledTarget, Target};
pub use register::RegisterTarget;
