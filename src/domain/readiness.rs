//! Whether AWS restores from a point, and what has to be done before it does.
//! AWS decides; this only says what its listings told.

use serde::{Deserialize, Serialize};

use super::recovery_point::{IN_RECYCLE_BIN, PointKind, THREATS_FOUND, Tier};

/// What has to be done before AWS restores from a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum First {
    /// Its KMS key has to be made usable: it is disabled, about to be deleted, or out of reach.
    EnableKey,
    /// It is an image that was disabled, and has to be enabled.
    EnableImage,
    /// It has to be looked at: whether AWS still restores from it, and to when, no listing tells.
    Verify,
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
            Self::EnableKey => "key first",
            Self::EnableImage => "disabled",
            Self::Verify => "verify",
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
    /// It does now, and takes hours longer: it lies in the cold storage of AWS Backup.
    Later,
    /// It does now.
    Now,
}

/// What is said in place of a loss of a point from which AWS restores [`Readiness::Never`]: nobody can choose it.
pub const NOT_USABLE: &str = "not usable";

/// What is said of a point from which AWS restores only [`Readiness::Later`].
pub const COLD: &str = "cold";

/// Returns what is said of a point of a kind that does not lie in the standard tier.
#[must_use]
pub fn stored(kind: PointKind) -> &'static str {
    if kind == PointKind::BackupPoint {
        COLD
    } else {
        First::RestoreTier.words()
    }
}

/// Tells whether a KMS key that cannot be used in a state can be made usable again (AWS KMS Developer Guide, "Key
/// states of AWS KMS keys"). One that is deleted cannot.
#[must_use]
pub fn comes_back(key_state: &str) -> bool {
    [
        "Creating",
        "Disabled",
        "PendingDeletion",
        "PendingReplicaDeletion",
        "PendingImport",
        "Unavailable",
    ]
    .contains(&key_state)
}

/// Returns what has to be done first in a state in which AWS does not restore: a stopped continuous backup keeps the
/// window that it has, and what AWS Backup could not delete when it expired may still be there.
fn first_in(kind: PointKind, state: &str) -> Option<First> {
    match (kind, state) {
        (PointKind::Ami, "disabled") => Some(First::EnableImage),
        (PointKind::BackupPoint, "STOPPED" | "EXPIRED") => Some(First::Verify),
        (_, _) => None,
    }
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
        if harms || self.key_state.is_some_and(|state| !comes_back(state)) {
            return Readiness::Never;
        }
        // EC2 says `recoverable` of a snapshot by itself.
        if [IN_RECYCLE_BIN, "recoverable"].contains(&self.state) {
            return Readiness::After(First::Recover);
        }
        if !self.kind.restores_in(self.state) {
            return first_in(self.kind, self.state).map_or(Readiness::Never, Readiness::After);
        }
        if self.key_state.is_some() {
            return Readiness::After(First::EnableKey);
        }
        let is_of_backup = self.kind == PointKind::BackupPoint;
        if self.tier == Tier::Archive && !is_of_backup {
            return Readiness::After(First::RestoreTier);
        }
        if self.copy_first {
            return Readiness::After(First::Copy);
        }
        match self.tier {
            Tier::Archive => Readiness::Later,
            Tier::Standard => Readiness::Now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: PointKind, state: &str) -> Condition<'_> {
        Condition {
            kind,
            state,
            tier: Tier::Standard,
            scan: None,
            copy_first: false,
            key_state: None,
        }
    }

    #[test]
    fn what_can_be_had_again_is_not_counted_as_lost() {
        for (kind, state, wanted) in [
            (PointKind::Ami, "disabled", First::EnableImage),
            (PointKind::BackupPoint, "STOPPED", First::Verify),
            (PointKind::BackupPoint, "EXPIRED", First::Verify),
        ] {
            let readiness = of(kind, state).readiness();
            assert_eq!(readiness, Readiness::After(wanted), "{state}");
        }
        for (kind, state) in [
            (PointKind::Ami, "failed"),
            (PointKind::EbsSnapshot, "disabled"),
            (PointKind::BackupPoint, "PARTIAL"),
            (PointKind::BackupPoint, "DELETING"),
        ] {
            assert_eq!(of(kind, state).readiness(), Readiness::Never, "{state}");
        }
    }

    #[test]
    fn a_key_that_comes_back_is_to_be_enabled_first_and_one_that_is_gone_ends_it() {
        let with_key = |key_state| Condition {
            key_state: Some(key_state),
            ..of(PointKind::EbsSnapshot, "completed")
        };
        for state in ["Disabled", "PendingDeletion", "Unavailable"] {
            let readiness = with_key(state).readiness();
            assert_eq!(readiness, Readiness::After(First::EnableKey), "{state}");
        }
        assert_eq!(with_key("NotFound").readiness(), Readiness::Never);
        let binned = Condition {
            state: IN_RECYCLE_BIN,
            ..with_key("Disabled")
        };
        assert_eq!(binned.readiness(), Readiness::After(First::Recover));
        let pending = Condition {
            state: "pending",
            ..with_key("Disabled")
        };
        assert_eq!(pending.readiness(), Readiness::Never);
    }

    #[test]
    fn cold_storage_is_slower_and_an_archive_has_to_be_left_first() {
        let cold = |kind, state| {
            let condition = Condition {
                tier: Tier::Archive,
                ..of(kind, state)
            };
            condition.readiness()
        };
        let (cold, archived) = (
            cold(PointKind::BackupPoint, "COMPLETED"),
            cold(PointKind::EbsSnapshot, "completed"),
        );
        assert_eq!(cold, Readiness::Later);
        assert_eq!(archived, Readiness::After(First::RestoreTier));
        assert!(archived < cold && cold < Readiness::Now);
    }
}
