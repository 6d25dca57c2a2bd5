//! Pure data and rules: what can be restored, what a restore consists of, and how a run unfolds.
//!
//! No input or output, no SDK types and no terminal in here. Everything is a value that can be
//! written down, compared and replayed.

pub mod alarm;
pub mod architecture;
pub mod arn;
pub mod check;
pub mod code;
pub mod console;
pub mod coverage;
pub mod detail;
pub mod dynamodb;
pub mod ec2;
pub mod estate;
pub mod facts;
pub mod failure;
pub mod form;
pub mod identity;
pub mod ids;
pub mod incident;
pub mod instance_now;
pub mod item;
pub mod last_seen;
pub mod place;
pub mod plan;
pub mod profile;
pub mod readiness;
pub mod recovery_point;
pub mod resource;
pub mod run;
pub mod text;
pub mod trigger;
pub mod vault;
pub mod verdict;
pub mod words;
