//! What no listing tells of a recovery point: a call about the point itself does, which is made only for a point
//! that somebody looks at.
//!
//! Which calls there are for a point is decided here; nothing in here makes one.

use jiff::Timestamp;

use super::ids::AccountId;
use super::recovery_point::{IN_RECYCLE_BIN, PointKind, RecoveryPoint, Tier};

/// Something that is asked about one point, where it lives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// In which zones fast snapshot restore is on.
    FastRestores {
        /// The snapshot.
        snapshot: String,
    },
    /// How far it is on its way into the archive tier or out of it.
    TierStatus {
        /// The snapshot.
        snapshot: String,
    },
    /// Who else may make volumes of it.
    VolumePermission {
        /// The snapshot.
        snapshot: String,
    },
    /// Who else may launch it.
    LaunchPermission {
        /// The image.
        image: String,
    },
    /// What AWS Backup tells of it beyond its lists.
    BackupPoint {
        /// Its ARN.
        arn: String,
        /// The vault that holds it.
        vault: String,
        /// The account that shares the vault, if it is another one's.
        owner: Option<AccountId>,
    },
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The zones in which fast snapshot restore is or was on, in their order.
    FastRestores(Vec<FastRestore>),
    /// The last move between tiers; `None` where AWS keeps no record of the snapshot's tier.
    TierStatus(Option<TierStatus>),
    /// Who else may use it.
    Shared(Sharing),
    /// What AWS Backup tells.
    BackupPoint(Box<BackupPoint>),
}

/// Fast snapshot restore in one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FastRestore {
    /// The zone.
    pub zone: String,
    /// State in AWS's words: `enabling`, `optimizing`, `enabled`, `disabling`, `disabled`.
    pub state: String,
}

/// Where a snapshot is stored, and its last move between the tiers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TierStatus {
    /// Its tier; `None` where AWS does not tell.
    pub tier: Option<Tier>,
    /// The last move in AWS's words, `temporary-restore-in-progress`; `None` where there was none.
    pub operation: Option<String>,
    /// What AWS says of it.
    pub message: Option<String>,
    /// How far the move is, in percent.
    pub progress: Option<i32>,
    /// When it was in the archive tier.
    pub archived_at: Option<Timestamp>,
    /// When a temporary restore ends, and it is in the archive tier alone again.
    pub expires_at: Option<Timestamp>,
}

/// Who may use a point beside the account that owns it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sharing {
    /// Whether every AWS account may.
    pub public: bool,
    /// Accounts that may, in AWS's order.
    pub accounts: Vec<String>,
    /// ARNs of organizations and organizational units whose accounts may.
    pub organizations: Vec<String>,
}

/// What AWS Backup tells of a recovery point beyond its lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupPoint {
    /// `WARM`, `COLD` or `DELETED`.
    pub storage_class: Option<String>,
    /// When it moves, or has moved, to cold storage.
    pub cold_at: Option<Timestamp>,
    /// When AWS Backup deletes it.
    pub delete_at: Option<Timestamp>,
    /// Whether others are nested in it.
    pub is_parent: bool,
    /// ARN of the point that it is nested in.
    pub parent: Option<String>,
    /// State of its index, which a search needs: `PENDING`, `ACTIVE`, `FAILED`, `DELETING`.
    pub index: Option<String>,
    /// Why the index is as it is.
    pub index_message: Option<String>,
    /// Type of its vault in AWS's words.
    pub vault_type: Option<String>,
    /// Why its state is what it is.
    pub status_message: Option<String>,
    /// When it was last restored from.
    pub restored_at: Option<Timestamp>,
}

impl Question {
    /// Returns everything that can be asked about a point. `owner` is the account of its vault, if it is another's. A
    /// point in the Recycle Bin can be asked nothing about.
    #[must_use]
    pub fn all(point: &RecoveryPoint, owner: Option<&AccountId>) -> Vec<Self> {
        let id = || point.id.clone();
        let of_its_service = match point.kind {
            _binned if point.state == IN_RECYCLE_BIN => Vec::new(),
            PointKind::EbsSnapshot => vec![
                Self::TierStatus { snapshot: id() },
                Self::FastRestores { snapshot: id() },
                Self::VolumePermission { snapshot: id() },
            ],
            PointKind::Ami => vec![Self::LaunchPermission { image: id() }],
            PointKind::EbsVolume
            | PointKind::RdsSnapshot
            | PointKind::RdsClusterSnapshot
            | PointKind::RdsWindow
            | PointKind::RdsClusterWindow
            | PointKind::DynamodbBackup
            | PointKind::DynamodbWindow
            | PointKind::BackupPoint => Vec::new(),
        };
        let own = (point.kind == PointKind::BackupPoint).then_some(&point.id);
        let arn = own.or(point.backup_arn.as_ref());
        let in_its_vault = arn.zip(point.vault.as_ref()).map(|(arn, vault)| {
            let (arn, vault, owner) = (arn.clone(), vault.clone(), owner.cloned());
            Self::BackupPoint { arn, vault, owner }
        });
        of_its_service.into_iter().chain(in_its_vault).collect()
    }

    /// Returns what can be asked that a list shows: a listing only infers whether a point of AWS Backup lies in cold
    /// storage, and does not tell how far an archived snapshot is on its way back.
    #[must_use]
    pub fn in_list(
        kind: PointKind,
        tier: Tier,
        (id, vault): (&str, Option<&str>),
        owner: Option<&AccountId>,
    ) -> Option<Self> {
        match (tier, kind) {
            (Tier::Archive, PointKind::EbsSnapshot) => Some(Self::TierStatus {
                snapshot: id.to_owned(),
            }),
            (Tier::Archive, PointKind::BackupPoint) => Some(Self::BackupPoint {
                arn: id.to_owned(),
                vault: vault?.to_owned(),
                owner: owner.cloned(),
            }),
            (Tier::Archive | Tier::Standard, _) => None,
        }
    }

    /// Returns kind and id of the point that it is about.
    #[must_use]
    pub fn about(&self) -> (PointKind, &str) {
        match self {
            Self::FastRestores { snapshot }
            | Self::TierStatus { snapshot }
            | Self::VolumePermission { snapshot } => (PointKind::EbsSnapshot, snapshot),
            Self::LaunchPermission { image } => (PointKind::Ami, image),
            Self::BackupPoint { arn, .. } => (PointKind::BackupPoint, arn),
        }
    }
}

impl Answer {
    /// Returns the tier in which the point lies, where the answer tells it.
    #[must_use]
    pub fn tier(&self) -> Option<Tier> {
        match self {
            Self::TierStatus(status) => status.as_ref()?.tier,
            Self::BackupPoint(point) => match point.storage_class.as_deref() {
                Some("COLD") => Some(Tier::Archive),
                Some("WARM") => Some(Tier::Standard),
                Some(_) | None => None,
            },
            Self::FastRestores(_) | Self::Shared(_) => None,
        }
    }
}

impl TierStatus {
    /// Returns how far a restore from the archive tier is, in percent, where one is under way.
    #[must_use]
    pub fn coming_back(&self) -> Option<i32> {
        let operation = self.operation.as_deref()?;
        let under_way = operation.ends_with("restore-in-progress");
        under_way.then(|| self.progress.unwrap_or_default())
    }
}

impl Sharing {
    /// Tells whether nobody but the owner may use it.
    #[must_use]
    pub fn is_private(&self) -> bool {
        !self.public && self.accounts.is_empty() && self.organizations.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::place::Place;
    use crate::domain::recovery_point::{DataTime, Origin, When};

    fn snapshot() -> RecoveryPoint {
        let at = Timestamp::UNIX_EPOCH;
        RecoveryPoint {
            id: "snap-1".into(),
            kind: PointKind::EbsSnapshot,
            place: Place {
                profile: None,
                account: "111122223333".into(),
                region: "eu-west-1".into(),
            },
            resource: None,
            resource_home: None,
            name: None,
            when: When::At { at },
            data_at: DataTime::Known(at),
            state: "completed".into(),
            size_bytes: None,
            encrypted: None,
            kms_key: None,
            tier: Tier::Standard,
            protection: None,
            origin: Origin::ByHand,
            copy_of: None,
            vault: None,
            key_state: None,
            backup_arn: None,
            copy_first: false,
            architecture: None,
            face_of: None,
            scan: None,
            tags: BTreeMap::new(),
        }
    }

    #[test]
    fn a_snapshot_in_a_vault_is_asked_about_in_both_services_and_one_in_the_bin_in_none() {
        let mut point = snapshot();
        assert_eq!(Question::all(&point, None).len(), 3);
        point.backup_arn = Some("arn:rp".into());
        point.vault = Some("locked".into());
        let asked = Question::all(&point, Some(&"444455556666".into()));
        let in_vault = Question::BackupPoint {
            arn: "arn:rp".into(),
            vault: "locked".into(),
            owner: Some("444455556666".into()),
        };
        assert_eq!((asked.len(), asked.last()), (4, Some(&in_vault)));
        (point.backup_arn, point.state) = (None, IN_RECYCLE_BIN.into());
        assert_eq!(Question::all(&point, None), []);
    }

    #[test]
    fn a_list_asks_only_about_what_lies_in_the_archive_or_is_inferred_to() {
        let ask = |kind, tier| Question::in_list(kind, tier, ("id", Some("v")), None);
        for kind in PointKind::ALL {
            assert_eq!(ask(kind, Tier::Standard), None);
            let asked = ask(kind, Tier::Archive);
            let is_told = [PointKind::EbsSnapshot, PointKind::BackupPoint].contains(&kind);
            assert_eq!(asked.is_some(), is_told, "{}", kind.as_str());
            if let Some(asked) = asked {
                assert_eq!(asked.about(), (kind, "id"));
            }
        }
    }

    #[test]
    fn only_a_restore_that_is_under_way_brings_a_snapshot_back() {
        for (operation, progress, wanted) in [
            ("temporary-restore-in-progress", Some(40), Some(40)),
            ("permanent-restore-in-progress", None, Some(0)),
            ("temporary-restore-completed", Some(100), None),
            ("archival-in-progress", Some(40), None),
        ] {
            let status = TierStatus {
                operation: Some(operation.into()),
                progress,
                ..TierStatus::default()
            };
            assert_eq!(status.coming_back(), wanted, "{operation}");
        }
    }
}
