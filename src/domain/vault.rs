//! A vault of AWS Backup: what may be stored in it for how long, and who can take that back.
//!
//! A lock and a hold keep recovery points from being deleted; neither keeps anybody from restoring.

pub mod policy;

use jiff::Timestamp;

use super::ids::AccountId;
use super::place::Place;
use super::words;

/// A vault of AWS Backup, as it was seen from one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vault {
    /// Name, unique for its owner and Region.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Where it was listed.
    pub place: Place,
    /// The account it belongs to; another one's was shared.
    pub owner: AccountId,
    /// What kind of vault it is.
    pub kind: VaultKind,
    /// State in AWS's words: `AVAILABLE`, `CREATING`, `FAILED`; `None` where AWS does not tell.
    pub state: Option<String>,
    /// Who can take back that its points stay.
    pub lock: Lock,
    /// The least retention that it takes in, in days.
    pub min_retention_days: Option<i64>,
    /// The longest retention that it takes in, in days.
    pub max_retention_days: Option<i64>,
    /// How many recovery points it holds. AWS counts approximately.
    pub points: u64,
    /// ARN of the KMS key; `None` for a key of AWS's own.
    pub kms_key: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
}

/// Kind of a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultKind {
    /// An ordinary one.
    Standard,
    /// A logically air-gapped one, which can be shared with a recovery account.
    AirGapped,
    /// A view of an air-gapped one, opened by an approval team for a recovery account.
    RestoreAccess,
}

/// Lock of a vault (AWS Backup Vault Lock).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// None.
    Open,
    /// Those with permission can take it off.
    Governance,
    /// It can still be taken off, until then: after that by nobody.
    CoolingOff(Timestamp),
    /// Nobody can take it off, AWS neither.
    Compliance,
}

impl VaultKind {
    /// Returns what it is called.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::AirGapped => "air-gapped",
            Self::RestoreAccess => "restore access",
        }
    }
}

impl Lock {
    /// Returns it as short as a list tells it: how much keeps its points from being deleted.
    #[must_use]
    pub fn short(self) -> String {
        match self {
            Self::Open => "none".to_owned(),
            Self::Governance => "governance".to_owned(),
            Self::CoolingOff(at) => format!("cooling off until {}", at.strftime("%F")),
            Self::Compliance => "immutable".to_owned(),
        }
    }

    /// Says who can take it off, and what it keeps from happening.
    #[must_use]
    pub fn sentence(self, now: Timestamp) -> String {
        match self {
            Self::Open => {
                "none: whoever may delete recovery points can delete these".to_owned()
            }
            Self::Governance => {
                "governance: points stay as long as they have to, unless somebody with the permission takes the lock off"
                    .to_owned()
            }
            Self::CoolingOff(at) => format!(
                "compliance, cooling off until {} (in {}): it can be taken off until then, and by nobody after that",
                words::instant(at),
                words::span(at.duration_since(now))
            ),
            Self::Compliance => {
                "compliance, immutable: nobody deletes points before their time, and nobody takes the lock off, AWS neither"
                    .to_owned()
            }
        }
    }

    /// Returns what it is called; `None` where there is none.
    #[must_use]
    pub fn words(self) -> Option<String> {
        match self {
            Self::Open => None,
            Self::Governance => Some("governance lock".to_owned()),
            Self::CoolingOff(at) => Some(format!("compliance lock from {}", words::instant(at))),
            Self::Compliance => Some("compliance lock".to_owned()),
        }
    }
}

/// Returns a number of days in words: `1 day`, `7 days`.
#[must_use]
pub fn days(count: i64) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} day{plural}")
}

impl Vault {
    /// Returns the bounds of retention in days: `7-365 days`, `≥ 7 days`, `any`.
    #[must_use]
    pub fn retention(&self) -> String {
        match (self.min_retention_days, self.max_retention_days) {
            (None, None) => "any".to_owned(),
            (Some(min), None) => format!("≥ {}", days(min)),
            (None, Some(max)) => format!("≤ {}", days(max)),
            (Some(min), Some(max)) => format!("{min}-{}", days(max)),
        }
    }

    /// Tells whether recovery points can be asked of it: one that is still being made has none.
    #[must_use]
    pub fn opens(&self) -> bool {
        self.state
            .as_deref()
            .is_none_or(|state| state == "AVAILABLE")
    }

    /// Tells whether another account shares it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.owner != self.place.account
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_says_who_can_take_it_off() {
        let now: Timestamp = "2026-03-14T02:31:00Z".parse().unwrap();
        let cooling = Lock::CoolingOff("2026-03-17T02:17:00Z".parse().unwrap());
        assert_eq!(cooling.short(), "cooling off until 2026-03-17");
        let said = cooling.sentence(now);
        assert!(
            said.contains("until 2026-03-17 02:17:00Z (in 2 d 23 h)"),
            "{said}"
        );
        let short = [Lock::Open, Lock::Governance, Lock::Compliance].map(Lock::short);
        assert_eq!(short, ["none", "governance", "immutable"]);
    }
}
