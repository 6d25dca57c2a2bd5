//! A vault of AWS Backup: what may be stored in it for how long, and who can take that back.
//!
//! A lock and a hold keep recovery points from being deleted; neither keeps anybody from restoring.

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

impl Lock {
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

impl Vault {
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
