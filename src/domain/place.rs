//! Where something lives: a profile, the account behind it, and a Region.
//!
//! The account is the one that AWS answered, not the one that a profile claims.

use serde::{Deserialize, Serialize};

use super::ids::{AccountId, Region};

/// An account and one of its Regions, whichever profile leads there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Home {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
}

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

impl Place {
    /// Returns the account and Region of it.
    #[must_use]
    pub fn home(&self) -> Home {
        Home {
            account: self.account.clone(),
            region: self.region.clone(),
        }
    }

    /// Tells whether it is of an account and Region.
    #[must_use]
    pub fn is_of(&self, home: &Home) -> bool {
        self.account == home.account && self.region == home.region
    }
}
