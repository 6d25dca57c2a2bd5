//! Leaves out of a store what nobody wants any more.
//!
//! Whatever stays is known as well as before: from which scan, from before alone, gone. What was proven to be
//! gone and is not shown does not come back.

use crate::domain::place::Place;

use super::{Row, Store};

impl Store {
    /// Drops what was found in places that nobody wants any more. Every row gets another number.
    pub fn retain(&mut self, wanted: impl Fn(&Place) -> bool) {
        let mut kept = Self {
            scan: self.scan,
            changes: self.changes + 1,
            ..Self::default()
        };
        for row in 0..self.resources.len() {
            if self.listed[row] && wanted(&self.resources[row].place) {
                self.hand_resource(row, &mut kept);
            }
        }
        for row in 0..self.rows() {
            if !self.is_forgotten(row) && wanted(self.point(row).place()) {
                self.hand_point(row, &mut kept);
            }
        }
        self.hand_gone(&mut kept);
        self.hand_vaults(&mut kept, &wanted);
        for (key, state) in &self.closed_keys {
            let key = kept.texts.keep(self.texts.get(*key));
            kept.closed_keys.insert(key, state.clone());
        }
        *self = kept;
    }

    fn hand_resource(&self, row: Row, kept: &mut Self) {
        let mut resource = self.resources[row].clone();
        let tags = self.resource_tags(row);
        resource.tags = tags
            .map(|(key, value)| (key.into(), value.into()))
            .collect();
        let at = kept.resource_row(&resource.place, resource.kind, &resource.id);
        kept.insert_resource(resource);
        kept.resources_seen[at] = self.resources_seen[row];
        kept.count_recalled(self.is_recalled_resource(row));
    }

    /// Hands over what its own service has told: what its face tells comes with that.
    fn hand_point(&self, row: Row, kept: &mut Self) {
        let at = kept.rows();
        kept.insert_point(&self.point(row).own());
        kept.rests[at].links.seen = self.rests[row].links.seen;
        kept.count_recalled(self.is_recalled(row));
    }

    /// A resource that only its points told of can be gone as well.
    fn hand_gone(&self, kept: &mut Self) {
        for row in &self.gone {
            let resource = &self.resources[*row];
            if let Some(at) = kept.row_of(&resource.place, resource.kind, &resource.id) {
                kept.gone.insert(at);
            }
        }
    }
}
