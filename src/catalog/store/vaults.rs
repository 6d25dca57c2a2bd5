//! The vaults of AWS Backup, and which points lie in which.
//!
//! A point tells the name of its vault alone, which is unique for an owner and a Region only.

use crate::domain::arn::Arn;
use crate::domain::place::Place;
use crate::domain::vault::Vault;

use super::texts::Text;
use super::{Row, Spot, Store};

/// Number of a vault, for as long as its store lives.
pub type VaultRow = usize;

/// Vaults, each kept once by account, Region and ARN.
#[derive(Debug, Default)]
pub(super) struct Vaults {
    rows: Vec<Vault>,
    keys: Vec<Key>,
    /// Number of the scan that found each last.
    seen: Vec<u32>,
    gone: Vec<bool>,
}

/// Where a vault was listed, and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    spot: Spot,
    name: Text,
}

impl Vaults {
    /// Marks what a scan has not found in places that it has listed completely.
    pub(super) fn end_scan(&mut self, scan: u32, is_listed: impl Fn(&Place) -> bool) {
        for (row, vault) in self.rows.iter().enumerate() {
            self.gone[row] |= self.seen[row] < scan && is_listed(&vault.place);
        }
    }
}

impl Store {
    /// Takes in vaults.
    pub fn take_vaults(&mut self, vaults: Vec<Vault>) {
        for vault in vaults {
            let key = Key {
                spot: self.spot(&vault.place),
                name: self.texts.keep(&vault.name),
            };
            let (scan, known) = (self.scan, &mut self.vaults);
            let mut rows = known.rows.iter();
            let row =
                rows.position(|one| one.arn == vault.arn && one.place.region == vault.place.region);
            let row = row.filter(|row| known.keys[*row] == key);
            if let Some(row) = row {
                known.rows[row] = vault;
                (known.seen[row], known.gone[row]) = (scan, false);
                continue;
            }
            known.rows.push(vault);
            known.keys.push(key);
            known.seen.push(scan);
            known.gone.push(false);
        }
    }

    /// Hands over the vaults of wanted places, with what scans have told of them.
    pub(super) fn hand_vaults(&self, kept: &mut Self, wanted: impl Fn(&Place) -> bool) {
        for (row, vault) in self.vaults.rows.iter().enumerate() {
            if wanted(&vault.place) {
                let at = kept.vaults.rows.len();
                kept.take_vaults(vec![vault.clone()]);
                kept.vaults.seen[at] = self.vaults.seen[row];
                kept.vaults.gone[at] = self.vaults.gone[row];
            }
        }
    }

    /// Returns the vaults in the order they arrived.
    #[must_use]
    pub fn vaults(&self) -> &[Vault] {
        &self.vaults.rows
    }

    /// Tells whether the last scan that has listed its place completely did not find a vault.
    #[must_use]
    pub fn is_vault_gone(&self, vault: VaultRow) -> bool {
        self.vaults.gone[vault]
    }

    /// Returns the vault in which the point of a row lies, or the face that it shows.
    #[must_use]
    pub fn vault_of(&self, point: Row) -> Option<VaultRow> {
        let mut rows = 0..self.vaults.rows.len();
        rows.find(|vault| self.lies_in(point, *vault))
    }

    /// Tells whether the point of a row, or the face that it shows, lies in a vault.
    #[must_use]
    pub fn lies_in(&self, point: Row, vault: VaultRow) -> bool {
        let key = self.vaults.keys[vault];
        let face = self.face(point);
        let told = [Some(point), face].into_iter().flatten();
        let mut told = told.filter(|row| {
            self.rests[*row].vault == Some(key.name)
                && self.spots[self.heads[*row].place.n()] == key.spot
        });
        told.any(|row| self.is_owned_by(row, &self.vaults.rows[vault]))
    }

    /// Two vaults of one name can be listed in one place where one of them was shared. The ARN of a point that
    /// only AWS Backup restores names the owner; any other lies in a vault of the account itself.
    fn is_owned_by(&self, row: Row, vault: &Vault) -> bool {
        let id = self.texts.get(self.heads[row].id);
        let owner = Arn::of_service(id, "backup").map(|arn| arn.account);
        match owner.filter(|owner| !owner.is_empty()) {
            Some(owner) => owner == vault.owner.as_str(),
            None => !vault.is_shared(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalog::fixtures::{place, point, store};
    use crate::domain::recovery_point::{PointKind, RecoveryPoint};
    use crate::domain::vault::{Lock, VaultKind};

    fn vault(name: &str, owner: &str) -> Vault {
        let place = place("a", "eu-west-1");
        Vault {
            name: name.into(),
            arn: format!("arn:aws:backup:eu-west-1:{owner}:backup-vault:{name}"),
            place,
            owner: owner.into(),
            kind: VaultKind::Standard,
            state: None,
            lock: Lock::Open,
            min_retention_days: None,
            max_retention_days: None,
            points: 0,
            kms_key: None,
            created: None,
        }
    }

    fn stored(id: &str, vault: &str) -> RecoveryPoint {
        let mut one = point(id, &place("a", "eu-west-1"), "2026-03-01T02:00:00Z");
        one.kind = PointKind::BackupPoint;
        one.vault = Some(vault.into());
        one
    }

    fn of(owner: &str) -> String {
        format!("arn:aws:backup:eu-west-1:{owner}:recovery-point:1EB3B5E7")
    }

    #[test]
    fn a_point_lies_in_the_vault_of_its_owner_where_two_have_one_name() {
        let (own, lent) = (of("111122223333"), of("444455556666"));
        let native = "arn:aws:ec2:eu-west-1::snapshot/snap-1";
        let points = vec![stored(&own, "v"), stored(&lent, "v"), stored(native, "v")];
        let mut store = store(points, vec![]);
        let vaults = vec![vault("v", "111122223333"), vault("v", "444455556666")];
        store.take_vaults(vaults.clone());
        store.take_vaults(vaults);
        assert_eq!(store.vaults().len(), 2, "each once");
        let lies: Vec<_> = (0..3).map(|row| store.vault_of(row)).collect();
        assert_eq!(lies, [Some(0), Some(1), Some(0)]);
    }

    #[test]
    fn a_native_point_lies_where_its_face_does() {
        let here = place("a", "eu-west-1");
        let mut face = stored("arn:aws:ec2:eu-west-1::snapshot/snap-1", "v");
        face.face_of = Some((PointKind::EbsSnapshot, "snap-1".into()));
        let native = point("snap-1", &here, "2026-03-01T02:00:00Z");
        let mut store = store(vec![native, face], vec![]);
        store.take_vaults(vec![vault("v", "111122223333"), vault("w", "111122223333")]);
        assert_eq!(store.vault_of(0), Some(0));
        assert!(!store.lies_in(0, 1));
    }

    #[test]
    fn a_vault_that_is_gone_stays_so_where_others_are_dropped() {
        let mut store = Store::default();
        store.begin_scan();
        store.take_vaults(vec![vault("v", "111122223333"), vault("w", "111122223333")]);
        store.begin_scan();
        store.take_vaults(vec![vault("w", "111122223333")]);
        let here = place("a", "eu-west-1");
        store.end_scan(&std::iter::once((here.account, here.region)).collect());
        store.retain(|_place| true);
        assert_eq!(store.vaults().len(), 2);
        assert!(store.is_vault_gone(0) && !store.is_vault_gone(1));
    }

    #[test]
    fn a_vault_that_a_complete_scan_does_not_find_is_gone_until_it_is_found() {
        let mut store = Store::default();
        let ours = vec![vault("v", "111122223333")];
        store.begin_scan();
        store.take_vaults(ours.clone());
        store.end_scan(&BTreeSet::new());
        assert!(!store.is_vault_gone(0));
        let here = place("a", "eu-west-1");
        let listed: BTreeSet<_> = std::iter::once((here.account, here.region)).collect();
        store.begin_scan();
        store.end_scan(&BTreeSet::new());
        assert!(!store.is_vault_gone(0), "its place was not listed");
        store.begin_scan();
        store.end_scan(&listed);
        assert!(store.is_vault_gone(0));
        store.take_vaults(ours);
        assert!(!store.is_vault_gone(0));
    }
}
