//! Runs every swap in the simulated AWS, and ends it at every point at which it can end.
//!
//! Time is tokio's paused clock: a run of minutes takes a moment and is the same each time.
#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in helpers as well"
)]
#![allow(
    clippy::print_stdout,
    reason = "the number of cases belongs to the outcome"
)]
#![allow(
    clippy::similar_names,
    reason = "a stage and a state are what these tests are about"
)]

mod bent;
mod cases;
mod console;
mod databases;
mod details;
mod endpoints;
mod fill;
mod harm;
mod identities;
mod judge;
mod last_seen;
mod listing;
mod looking;
mod matrix;
mod observing;
mod oracle;
mod patience;
mod reconcile;
mod refusals;
mod regions;
mod relaunch;
mod replicas;
mod room;
mod salvaged;
mod scanning;
mod settings;
mod sources;
mod stage;
mod swap;
mod tables;
mod through;
mod two_operators;
mod variants;
mod vaults;
mod wire_faults;
