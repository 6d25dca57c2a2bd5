//! Whether AWS restores from a point, and what has to be done before it does.
//! AWS decides; this only says what its listings told.

use serde::{Deserialize, Serialize};

use super::recovery_point::{IN_RECYCLE_BIN, PointKind, THREATS_FOUND, Tier};

/// What has to be done before AWS restores from a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum First {
    /// It has to be brought back from the archive tier, for up to 72 hours.
    RestoreTier,
    /// It has to be copied: another account shares it, and it is encrypted.
    Copy,
    /// It has to be taken out of the Recycle Bin.
    Recover,
}

impl First {
    /// Returns what is said of a point that waits for it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::RestoreTier => "archived",
            Self::Copy => "copy first",
            Self::Recover => "in the bin",
        }
    }
}

/// Whether AWS restores from a point. What is ready outranks what is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Readiness {
    /// It does not, or that would do harm.
    Never,
    /// It does once something was done.
    After(First),
    /// It does now.
    Now,
}

/// What readiness depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Condition<'a> {
    pub kind: PointKind,
    pub state: &'a str,
    pub tier: Tier,
    pub scan: Option<&'a str>,
    pub copy_first: bool,
    pub key_state: Option<&'a str>,
}

impl Condition<'_> {
    /// Tells whether AWS would restore from a point, and whether that would be no harm. AWS Backup restores from
    /// cold storage as well, only slower; an archived snapshot has to be brought back first.
    pub fn readiness(self) -> Readiness {
        let harms = self
            .scan
            .is_some_and(|scan| scan.starts_with(THREATS_FOUND));
        if harms || self.key_state.is_some() {
            return Readiness::Never;
        }
        // EC2 says `recoverable` of a snapshot by itself.
        if [IN_RECYCLE_BIN, "recoverable"].contains(&self.state) {
            return Readiness::After(First::Recover);
        }
        if !self.kind.restores_in(self.state) {
            return Readiness::Never;
        }
        if self.tier == Tier::Archive && self.kind != PointKind::BackupPoint {
            return Readiness::After(First::RestoreTier);
        }
        if self.copy_first {
            return Readiness::After(First::Copy);
        }
        Readiness::Now
    }
}
