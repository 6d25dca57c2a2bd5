//! Journeys through the console: the real binary in a terminal, with keys alone.
//!
//! `window` is that terminal. Everything here runs on the simulated estate of the demo; journeys on a real
//! wire stand with the wire tests.

#![expect(
    clippy::disallowed_methods,
    reason = "a real program in a real terminal keeps the machine's time"
)]

mod window;

mod demo;
mod relaunch;
mod table;
mod terminal;
