//! The border to AWS: clients for a place, what they may call, and what their errors mean.
//!
//! No client leaves this room without its guard. What to do about a failure is the engine's to decide.

pub mod connect;
pub mod ec2;
pub mod environment;
pub mod failure;
pub mod guard;
pub mod logins;
pub mod role_chain;
