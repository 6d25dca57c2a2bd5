//! Where something lives: a profile, the account behind it, and a Region.
//!
//! The account is the one that AWS answered, not the one that a profile claims.

use serde::{Deserialize, Serialize};

use super::ids::{AccountId, Region};

/// A profile, its account and one Region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Profile of the AWS files, or `None` for environment credentials.
    pub profile: Option<String>,
    /// Account that `GetCallerIdentity` answered.
    pub account: AccountId,
    /// Region of the calls.
    pub region: Region,
}
