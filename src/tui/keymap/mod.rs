//! Keys become actions: one table of actions, three keymaps, and the user's own over them.
//!
//! Nothing here reads a file or a terminal, or knows what an action does.

pub mod action;
pub mod bindings;
pub mod chord;
mod clash;
pub mod file;
pub mod spelling;
pub mod table;

pub use action::{Action, Context};
pub use bindings::{Keymap, Resolved};
pub use chord::{Chord, Key};
pub use file::KeymapError;
pub use spelling::Misspelled;
pub use table::table;
