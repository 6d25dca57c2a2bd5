//! Rows that are known from before: shown until a listing brings them again, or proves that they are gone.
//!
//! They never displace what was listed, whichever comes first. What a complete listing does not bring is not
//! shown any more; its row stays, since rows never move.

use std::collections::HashSet;

use crate::domain::ids::{AccountId, Region};
use crate::domain::place::Place;
use crate::domain::recovery_point::{PointKind, RecoveryPoint};
use crate::domain::resource::{Resource, ResourceKind};

use super::{Row, Store};

/// Stands for the number of a scan on rows that none has found yet.
const BEFORE: u32 = u32::MAX;

/// What is known from before and was not brought again.
#[derive(Debug, Default)]
pub(super) struct Recalled {
    /// Points that are not shown any more.
    forgotten: HashSet<Row>,
    /// How many points and resources no scan has found yet.
    open: usize,
}

/// Returns the kind of point whose source lists resources of a kind.
#[must_use]
pub fn told_by(kind: ResourceKind) -> PointKind {
    match kind {
        ResourceKind::Volume | ResourceKind::Instance => PointKind::EbsSnapshot,
        ResourceKind::DbInstance => PointKind::RdsWindow,
        ResourceKind::DbCluster => PointKind::RdsClusterWindow,
        ResourceKind::Table => PointKind::DynamodbWindow,
        ResourceKind::Snapshot
        | ResourceKind::Image
        | ResourceKind::SecurityGroup
        | ResourceKind::NetworkInterface
        | ResourceKind::FileSystem
        | ResourceKind::Bucket
        | ResourceKind::Other => PointKind::BackupPoint,
    }
}

impl Store {
    /// Takes in what is known from before. What was listed stays as it is.
    pub fn recall(&mut self, points: &[RecoveryPoint], resources: Vec<Resource>) {
        for resource in resources {
            let row = self.resource_row(&resource.place, resource.kind, &resource.id);
            if self.listed[row] {
                continue;
            }
            self.insert_resource(resource);
            self.resources_seen[row] = BEFORE;
            self.recalled.open += 1;
        }
        for point in points {
            if self.find(&point.place, point.kind, &point.id).is_some() {
                continue;
            }
            let row = self.rows();
            self.insert_point(point);
            self.rests[row].links.seen = BEFORE;
            self.recalled.open += 1;
        }
    }

    /// Tells whether a point is known from before alone.
    #[must_use]
    pub fn is_recalled(&self, row: Row) -> bool {
        self.rests[row].links.seen == BEFORE
    }

    /// Tells whether a resource is known from before alone.
    #[must_use]
    pub fn is_recalled_resource(&self, row: Row) -> bool {
        self.resources_seen[row] == BEFORE && self.listed[row]
    }

    /// Tells whether the scan under way, or the last one, has not found a point.
    #[must_use]
    pub fn is_unconfirmed(&self, row: Row) -> bool {
        let seen = self.rests[row].links.seen;
        seen == BEFORE || seen < self.scan
    }

    /// Tells the same of a resource.
    #[must_use]
    pub fn is_unconfirmed_resource(&self, row: Row) -> bool {
        let seen = self.resources_seen[row];
        self.listed[row] && (seen == BEFORE || seen < self.scan)
    }

    /// Forgets what is known of places and kinds from before alone.
    pub fn forget(&mut self, is_meant: impl Fn(&AccountId, &Region, PointKind) -> bool) {
        if self.recalled.open == 0 {
            return;
        }
        let meant = |place: &Place, kind| is_meant(&place.account, &place.region, kind);
        for row in 0..self.rows() {
            let head = &self.heads[row];
            if self.is_recalled(row)
                && !self.is_forgotten(row)
                && meant(&self.places[head.place.n()], head.kind)
            {
                self.forget_point(row);
            }
        }
        for row in 0..self.resources.len() {
            let resource = &self.resources[row];
            if self.is_recalled_resource(row) && meant(&resource.place, told_by(resource.kind)) {
                self.listed[row] = false;
                self.resources[row].exists = false;
                self.recalled.open -= 1;
                self.changes += 1;
            }
        }
    }

    fn forget_point(&mut self, row: Row) {
        self.untie(row);
        if !self.heads[row].hidden {
            self.show(row, false);
        }
        self.changes += 1;
        self.recalled.forgotten.insert(row);
        self.recalled.open -= 1;
    }

    /// Tells whether a point was known from before alone, and a listing has proven that it is gone.
    pub(super) fn is_forgotten(&self, row: Row) -> bool {
        self.recalled.forgotten.contains(&row)
    }

    /// Counts a row that came from another store.
    pub(super) fn count_recalled(&mut self, is_recalled: bool) {
        self.recalled.open += usize::from(is_recalled);
    }

    /// Notes that a scan has found a row, and shows it where it was forgotten. Returns whether it was.
    pub(super) fn found_again(&mut self, row: Row) -> bool {
        if !self.is_recalled(row) {
            return false;
        }
        let forgotten = self.recalled.forgotten.remove(&row);
        if forgotten {
            self.show(row, true);
        } else {
            self.recalled.open -= 1;
        }
        // It is shown in another way from now on.
        self.changes += 1;
        forgotten
    }

    /// Notes that a scan has found a resource.
    pub(super) fn found_resource_again(&mut self, row: Row) {
        if self.is_recalled_resource(row) {
            self.recalled.open -= 1;
            self.changes += 1;
        }
    }

    /// Tells whether anything is known from before alone.
    #[must_use]
    pub fn has_recalled(&self) -> bool {
        self.recalled.open > 0
    }
}

#[cfg(test)]
mod tests;
