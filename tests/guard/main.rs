//! What the guard lets through, held against everything that the AWS SDK could send.
//!
//! `crates` reads the name of every operation out of the sources of the SDK's crates, `classes` says
//! what each would do, and `names` holds the guard's decision against that. `compiled` finds what
//! the product has code for; `requests` makes it all, `sender` in a process of its own, and `sent`
//! counts at a `listener` what came.

mod classes;
mod compiled;
mod crates;
mod endpoints;
mod identity;
mod listener;
mod names;
mod requests;
mod sender;
mod sent;

#[path = "../rooms/table.rs"]
#[expect(dead_code, reason = "only the rooms of the SDK are asked for here")]
mod table;
#[path = "../rooms/tree.rs"]
mod tree;
