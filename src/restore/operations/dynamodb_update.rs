//! Operations by `UpdateTable`, each of which sets one thing. None of them takes anything away.
//!
//! A table takes one such request at a time and is `UPDATING` until it is done with it; another one meanwhile is
//! refused with `ResourceInUseException`, which passes.

mod capacity;
mod class;
mod protection;
mod replica;
mod stream;
#[cfg(test)]
mod tests;

pub use capacity::SetCapacity;
pub use class::SetTableClass;
pub use protection::SetDeletionProtection;
pub use replica::AddReplica;
pub use stream::{EnableStream, Streaming};

const CALL: &str = "dynamodb:UpdateTable";
