//! Operations on security groups: make one, take what it lets out, let in and out what is wanted.
//!
//! They are for a group of the run's own, which keeps an instance apart: what is in it is what the plan says and
//! nothing else, or a person decides.

mod allow;
mod create;
mod revoke;
mod rules;
#[cfg(test)]
mod tests;

pub use allow::{AllowEgress, AllowIngress, Allowed};
pub use create::{CreateGroup, MadeGroup};
pub use revoke::{RevokeEgress, WithoutEgress};
pub use rules::{Opening, Rule};

pub(super) use rules::{rules_of, shut_but_for, unlisted};
