//! Restoring: flows that make plans, operations that carry them out, and the engine that runs them.
//! Nothing is decided while running that the plan did not show.

pub mod engine;
pub mod export;
pub mod flow;
pub mod flows;
pub mod observations;
pub mod operation;
pub mod operations;
pub mod pacing;
pub mod planning;
pub mod reconcile;
