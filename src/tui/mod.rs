//! The console: what the on-call engineer sees and types.
//!
//! `update(&mut Model, Msg) -> Vec<Effect>` decides, `view(&Model, &mut Frame)` draws, and effects are
//! carried out elsewhere and come back as messages. Nothing waits in a key handler, and nothing but
//! `effects` and the terminal touches the world.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "keys, actions and messages are many, and each place answers its own; a test presses every action"
)]

pub mod answers;
pub mod before;
pub mod details;
pub mod effect;
pub mod effects;
pub mod hurry;
pub mod keymap;
pub mod known;
pub mod model;
pub mod msg;
pub mod overlays;
pub mod policies;
pub mod runtime;
pub mod screens;
pub mod signs;
pub mod terminal;
pub mod theme;
pub mod token;
pub mod update;
pub mod view;
pub mod widgets;
pub mod width;

#[cfg(test)]
mod detail_pictures;
#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod screenshots;
#[cfg(test)]
mod verdict_pictures;
#[cfg(test)]
mod view_pictures;

#[cfg(test)]
pub(crate) mod looks;
