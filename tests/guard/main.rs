//! What the guard lets through, held against everything that the AWS SDK could send.
//!
//! `crates` reads the name of every operation out of the sources of the SDK's crates, `classes` says
//! what each would do, and `names` holds the guard's decision against that.

mod classes;
mod crates;
mod names;
