//! Packs points into rows, and replaces what has changed.
//! What a row shows of other rows is tied elsewhere.

use std::collections::BTreeMap;

use crate::domain::recovery_point::{DataTime, IN_RECYCLE_BIN, PointKind, RecoveryPoint, When};
use crate::domain::text::Untrusted;

use super::packed::{Flags, Head, Instant, Links, Odd, Rest};
use super::texts::{Nth, Text, push};
use super::{GONE, Row, Spot, Store};

impl Store {
    pub(super) fn insert_point(&mut self, point: &RecoveryPoint) {
        let fuller = self.fuller(point);
        let point = fuller.as_ref().unwrap_or(point);
        let times = Odd {
            when: point.when,
            data_at: point.data_at,
        };
        let (head, rest) = self.packed(point, times);
        match self.row_at(self.spots[head.place.n()], head.kind, head.id) {
            Some(row) => self.replace(row, head, rest, times),
            None => self.append(head, rest, times),
        }
    }

    /// Returns what is known of a point that was found in the Recycle Bin, whose rows tell little: what its own
    /// service has told before stays true of it.
    fn fuller(&self, binned: &RecoveryPoint) -> Option<RecoveryPoint> {
        if binned.state != IN_RECYCLE_BIN {
            return None;
        }
        let row = self.find(&binned.place, binned.kind, &binned.id)?.row();
        let before = self.point(row).own();
        (before.state != IN_RECYCLE_BIN).then(|| RecoveryPoint {
            place: binned.place.clone(),
            state: binned.state.clone(),
            protection: binned.protection.clone(),
            ..before
        })
    }

    fn packed(&mut self, point: &RecoveryPoint, times: Odd) -> (Head, Rest) {
        let resource = point.resource.as_ref();
        let home = point.resource_home.as_ref();
        let home = home.map_or_else(|| point.place.clone(), |home| self.place_of(home));
        let resource = resource.map(|(kind, id)| self.resource_row(&home, *kind, id));
        let head = Head {
            at: Instant::of(times.sorted_by()),
            id: self.texts.keep(&point.id),
            resource: resource.map(Nth::new),
            name: point.name.as_ref().map(|name| self.texts.keep(name.raw())),
            place: self.place_number(&point.place),
            kind: point.kind,
            tier: point.tier,
            bounded: matches!(times.data_at, DataTime::AtMost(_)),
            hidden: false,
        };
        let tags = self.kept_tags(&point.tags);
        let mut kept = |text: &Option<String>| text.as_ref().map(|text| self.texts.keep(text));
        let rest = Rest {
            size: point.size_bytes.unwrap_or_default(),
            kms_key: kept(&point.kms_key),
            protection: kept(&point.protection),
            copy_of: kept(&point.copy_of),
            vault: kept(&point.vault),
            scan: kept(&point.scan),
            state: self.texts.keep(&point.state),
            face_of: point.face_of.as_ref().map(|(_, id)| self.texts.keep(id)),
            face_kind: point.face_of.as_ref().map(|(kind, _)| *kind),
            tags,
            odd: None,
            origin: point.origin,
            encrypted: point.encrypted,
            flags: Flags::new(
                point.size_bytes.is_some(),
                point.copy_first,
                point.architecture,
            ),
            links: Links::default(),
        };
        (head, rest)
    }

    /// Keeps a set of tags.
    pub(super) fn kept_tags(&mut self, tags: &BTreeMap<Untrusted, Untrusted>) -> Nth {
        let tags = tags.iter();
        let tags: Vec<(Text, Text)> = tags
            .map(|(key, value)| (self.texts.keep(key.raw()), self.texts.keep(value.raw())))
            .collect();
        self.sets.keep(&tags)
    }

    fn append(&mut self, head: Head, rest: Rest, times: Odd) {
        let row = self.heads.len();
        push(&mut self.heads, head);
        push(&mut self.rests, rest);
        let heads = &self.heads;
        self.ids.insert(Nth::new(row), head.id.0.hash(), |one| {
            heads[one.n()].id.0.hash()
        });
        self.rests[row].links.seen = self.scan;
        self.begin_row(row, times);
    }

    fn replace(&mut self, row: Row, mut head: Head, mut rest: Rest, times: Odd) {
        let forgotten = self.found_again(row);
        self.rests[row].links.seen = self.scan;
        // AWS Backup's lists only let the tier be inferred; any other listing tells it, and this one is younger.
        if head.kind != PointKind::BackupPoint {
            self.asked_tiers.remove(&Nth::new(row));
        }
        let (old_head, old_rest) = (self.heads[row], self.rests[row]);
        (head.at, head.bounded) = (old_head.at, old_head.bounded);
        head.hidden = old_head.hidden;
        (rest.odd, rest.links) = (old_rest.odd, old_rest.links);
        if !forgotten && (head, rest) == (old_head, old_rest) && times == self.own_times(row) {
            return;
        }
        self.changes += 1;
        // Untied it is shown, whatever it was.
        self.untie(row);
        head.hidden = false;
        self.gone_points -= usize::from(self.texts.get(old_rest.state) == GONE);
        (rest.links, rest.odd) = (self.rests[row].links, self.rests[row].odd);
        (self.heads[row], self.rests[row]) = (head, rest);
        self.begin_row(row, times);
    }

    fn begin_row(&mut self, row: Row, times: Odd) {
        self.gone_points += usize::from(self.texts.get(self.rests[row].state) == GONE);
        self.set_times(row, times);
        self.tie(row);
    }

    /// Returns the row of a point.
    pub(super) fn row_at(&self, spot: Spot, kind: PointKind, id: Text) -> Option<Row> {
        let is = |row: &Row| {
            let head = &self.heads[*row];
            head.kind == kind && self.spots[head.place.n()] == spot
        };
        self.rows_of_id(id).find(is)
    }

    /// Returns the rows of all points of an id, wherever they are.
    pub(super) fn rows_of_id(&self, id: Text) -> impl Iterator<Item = Row> + '_ {
        let rows = self.ids.with(id.0.hash()).map(Nth::n);
        rows.filter(move |row| self.heads[*row].id == id)
    }

    /// Returns the times of a row as its own listing told them.
    pub(super) fn own_times(&self, row: Row) -> Odd {
        if let Some(odd) = self.rests[row].odd {
            return self.odds[odd.n()];
        }
        let head = &self.heads[row];
        let at = head.at.timestamp();
        let data_at = if head.bounded {
            DataTime::AtMost(at)
        } else {
            DataTime::Known(at)
        };
        Odd {
            when: When::At { at },
            data_at,
        }
    }

    /// Takes in the times that the listing of a row told, and what its face knows better.
    pub(super) fn set_times(&mut self, row: Row, own: Odd) {
        let mut shown = own;
        let face = self.rests[row].links.other.map(Nth::n);
        let face = face.filter(|_| !self.heads[row].hidden);
        if let (Some(face), DataTime::AtMost(_), When::At { .. }) = (face, own.data_at, own.when) {
            let face = self.own_times(face);
            if let (DataTime::Known(at), When::At { .. }) = (face.data_at, face.when) {
                shown.data_at = DataTime::Known(at);
            }
        }
        let before = self.rests[row].odd.take();
        if own.is_odd() || shown != own {
            let odd = before.or_else(|| self.free_odds.pop());
            let odd = odd.unwrap_or_else(|| {
                push(&mut self.odds, own);
                Nth::new(self.odds.len() - 1)
            });
            self.odds[odd.n()] = own;
            self.rests[row].odd = Some(odd);
        } else {
            self.free_odds.extend(before);
        }
        let head = &mut self.heads[row];
        head.at = Instant::of(shown.sorted_by());
        head.bounded = matches!(shown.data_at, DataTime::AtMost(_));
    }
}
