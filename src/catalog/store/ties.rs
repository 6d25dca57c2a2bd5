//! What ties rows together: a native point and its face in AWS Backup, a copy and its source, a resource
//! and the points that stand under it. Kept as rows come, in whichever order they do.

use jiff::Timestamp;

use crate::domain::incident::{Best, Candidate, best_before, is_safety};
use crate::domain::resource::Resource;

use super::packed::Instant;
use super::texts::{Nth, Text};
use super::{GONE, Point, Row, Store};

/// So many copies of copies are followed to their resource; copies may name each other in a circle.
const GENERATIONS: usize = 64;

impl Store {
    /// Picks the best usable point of a resource before `incident`.
    #[must_use]
    pub fn best_before(
        &self,
        resource: &Resource,
        incident: Option<Timestamp>,
    ) -> Option<Best<Point<'_>>> {
        let row = self.row_of(&resource.place, resource.kind, &resource.id)?;
        self.best_at(row, incident)
    }

    /// Picks the best usable point of the resource of a row before `incident`. It takes no longer for the
    /// points that are younger.
    #[must_use]
    pub fn best_at(&self, resource: Row, incident: Option<Timestamp>) -> Option<Best<Point<'_>>> {
        let rows = &self.points[resource];
        let windows = rows.partition_point(|row| self.class(row.n()) == 0);
        let before = incident.map_or(windows, |incident| self.first_before(rows, incident));
        let rows = rows[..windows].iter().chain(&rows[before.max(windows)..]);
        let candidates = rows.map(|row| self.point(row.n()).candidate());
        let origin = |point: Point<'_>| point.origin();
        let source = |point: Point<'_>| self.source_of(point.row()).map(|row| self.point(row));
        best_before(candidates, incident, |point| {
            is_safety(point, origin, source)
        })
    }

    /// Returns the resource under which a point stands: its own, or that of what it was copied from.
    #[must_use]
    pub fn home(&self, row: Row) -> Option<Row> {
        self.rests[row].links.home.map(Nth::n)
    }

    /// Finds the first point that is known to be from before an incident, or only bounded. The incident is
    /// mostly recent, so it begins with the youngest.
    fn first_before(&self, rows: &[Nth], incident: Timestamp) -> usize {
        let incident = Instant::of(incident);
        let is_later = |row: &Nth| match self.class(row.n()) {
            0 => true,
            1 => self.heads[row.n()].at >= incident,
            _bounded => false,
        };
        let mut end = 1;
        while end < rows.len() && is_later(&rows[end]) {
            end *= 2;
        }
        let end = (end + 1).min(rows.len());
        rows[..end].partition_point(is_later)
    }

    /// Returns the first part of [`Candidate::order`].
    fn class(&self, row: Row) -> u8 {
        if self.rests[row].odd.is_some() {
            return self.point(row).candidate().order().0;
        }
        1 + u8::from(self.heads[row].bounded)
    }

    /// Ties a row that is new, or has been made anew.
    pub(super) fn tie(&mut self, row: Row) {
        let head = self.heads[row];
        let rest = &mut self.rests[row];
        if let Some(source) = rest.copy_of {
            rest.links.next_copy = self.copies.insert(source, Nth::new(row));
        }
        let spot = self.spots[head.place.n()];
        if let (Some(kind), Some(id)) = (rest.face_kind, rest.face_of) {
            let native = self.row_at(spot, kind, id);
            let native =
                native.filter(|native| *native != row && self.rests[*native].links.other.is_none());
            match native {
                Some(native) => {
                    self.join(native, row);
                    self.settle_row(native);
                    return;
                }
                None => {
                    self.waiting.insert((spot, kind, id), Nth::new(row));
                }
            }
        } else if let Some(face) = self.waiting.remove(&(spot, head.kind, head.id)) {
            self.join(row, face.n());
        }
        self.settle_row(row);
    }

    /// Unties a row that is about to be made anew.
    pub(super) fn untie(&mut self, row: Row) {
        self.leave_home(row);
        self.unlink_copy(row);
        let head = self.heads[row];
        let spot = self.spots[head.place.n()];
        let Some(other) = self.rests[row].links.other.take().map(Nth::n) else {
            let rest = &self.rests[row];
            if let (Some(kind), Some(id)) = (rest.face_kind, rest.face_of) {
                let key = (spot, kind, id);
                if self.waiting.get(&key) == Some(&Nth::new(row)) {
                    self.waiting.remove(&key);
                }
            }
            return;
        };
        self.rests[other].links.other = None;
        if head.hidden {
            self.show(row, true);
            self.settle_row(other);
        } else {
            self.show(other, true);
            self.waiting
                .insert((spot, head.kind, head.id), Nth::new(other));
        }
    }

    /// Makes a native row show its face as well.
    fn join(&mut self, native: Row, face: Row) {
        self.leave_home(face);
        self.rests[native].links.other = Some(Nth::new(face));
        self.rests[face].links.other = Some(Nth::new(native));
        self.show(face, false);
        // The row shows what its face knows: it is another one.
        self.changes += 1;
    }

    pub(super) fn show(&mut self, row: Row, shown: bool) {
        let is_gone = usize::from(self.texts.get(self.rests[row].state) == GONE);
        self.heads[row].hidden = !shown;
        if shown {
            self.hidden -= 1;
            self.gone_points += is_gone;
            self.changes += 1;
        } else {
            self.hidden += 1;
            self.gone_points -= is_gone;
        }
    }

    fn unlink_copy(&mut self, row: Row) {
        let Some(source) = self.rests[row].copy_of else {
            return;
        };
        let next = self.rests[row].links.next_copy.take();
        let mut at = self.copies.get(&source).copied();
        if at == Some(Nth::new(row)) {
            match next {
                Some(next) => self.copies.insert(source, next),
                None => self.copies.remove(&source),
            };
            return;
        }
        while let Some(before) = at {
            let link = &mut self.rests[before.n()].links.next_copy;
            at = *link;
            if at == Some(Nth::new(row)) {
                *link = next;
            }
        }
    }

    /// Settles what a row shows of others, and under which resource it stands, and its copies with it.
    fn settle_row(&mut self, row: Row) {
        let before = self.heads[row].at;
        self.leave_home(row);
        self.set_times(row, self.own_times(row));
        self.changes += u64::from(self.heads[row].at != before);
        let mut todo = vec![row];
        while let Some(one) = todo.pop() {
            let home = self.home_told(one);
            if self.heads[one].hidden || (one != row && home == self.rests[one].links.home) {
                continue;
            }
            let is_new = home != self.rests[one].links.home || one == row;
            self.leave_home(one);
            self.enter_home(one, home);
            if is_new {
                todo.extend(self.copies_of(one).filter(|copy| *copy != row));
            }
        }
    }

    /// Returns the rows that were copied from a point, or from its face.
    fn copies_of(&self, row: Row) -> impl Iterator<Item = Row> + '_ {
        let face = self.rests[row]
            .links
            .other
            .map(|face| self.heads[face.n()].id);
        let ids = [Some(self.heads[row].id), face].into_iter().flatten();
        let ids = ids.chain(self.arns_of(row));
        ids.flat_map(|id| {
            let first = self.copies.get(&id).copied();
            std::iter::successors(first, |row| self.rests[row.n()].links.next_copy)
        })
        .map(|copy| self.shown_row(copy.n()))
    }

    /// Returns the points that were copied from the point of a row.
    pub fn copies(&self, row: Row) -> impl Iterator<Item = Point<'_>> {
        self.copies_of(row).map(|copy| self.point(copy))
    }

    /// Returns the face in AWS Backup that the row of a native point shows as well.
    #[must_use]
    pub fn shown_face(&self, row: Row) -> Option<Point<'_>> {
        self.face(row).map(|face| self.point(face))
    }

    /// Returns what the point of a row was copied from, where that was found.
    #[must_use]
    pub fn copied_from(&self, row: Row) -> Option<Point<'_>> {
        self.source_of(row).map(|source| self.point(source))
    }

    fn leave_home(&mut self, row: Row) {
        if let Some(home) = self.rests[row].links.home.take() {
            self.points[home.n()].retain(|one| one.n() != row);
        }
    }

    fn enter_home(&mut self, row: Row, home: Option<Nth>) {
        self.rests[row].links.home = home;
        let Some(home) = home else { return };
        let is_before = |other: &Nth| self.stands_before(other.n(), row, home);
        let at = self.points[home.n()].partition_point(is_before);
        let points = &mut self.points[home.n()];
        if points.len() == points.capacity() {
            points.reserve_exact(points.len() / 4 + 2);
        }
        points.insert(at, Nth::new(row));
    }

    /// Tells whether a point is to be chosen before another of the same resource. Of those from the same instant the
    /// nearest comes first: to which place a listing belongs that was faster is chance.
    fn stands_before(&self, one: Row, other: Row, home: Nth) -> bool {
        let order = |row: Row| {
            let candidate: Candidate<Point<'_>> = self.point(row).candidate();
            candidate.order()
        };
        let (lives, ..) = self.resource_keys[home.n()];
        let account = &self.resources[home.n()].place.account;
        let distance = |row: Row| {
            let place = self.heads[row].place.n();
            (
                self.spots[place] != lives,
                self.places[place].account != *account,
            )
        };
        let (a, b) = (&self.heads[one], &self.heads[other]);
        let near = || (distance(one), a.kind).cmp(&(distance(other), b.kind));
        let id = || self.texts.get(a.id).cmp(self.texts.get(b.id));
        order(one)
            .cmp(&order(other))
            .then_with(near)
            .then_with(id)
            .is_lt()
    }

    /// Returns the resource under which a row has to stand: a copy stands under the resource of its source,
    /// unless it names another one.
    fn home_told(&self, row: Row) -> Option<Nth> {
        let mut home = self.resource_told(row);
        let mut at = row;
        for _generation in 0..GENERATIONS {
            let Some(source) = self.source_of(at) else {
                break;
            };
            match (home, self.resource_told(source)) {
                (_, None) => {}
                (None, theirs) => home = theirs,
                (Some(own), Some(theirs)) if self.is_same(own, theirs) => home = Some(theirs),
                (Some(_), Some(_)) => break,
            }
            at = source;
        }
        home
    }

    fn is_same(&self, one: Nth, other: Nth) -> bool {
        let (_, kind, id) = self.resource_keys[one.n()];
        let (_, other_kind, other_id) = self.resource_keys[other.n()];
        (kind, id) == (other_kind, other_id)
    }

    /// Returns the resource that a row names. Its face knows better: AWS Backup names resources by ARN, which says
    /// where they live.
    pub(super) fn resource_told(&self, row: Row) -> Option<Nth> {
        let face = self.face(row);
        let told = face.and_then(|face| self.heads[face].resource);
        told.or(self.heads[row].resource)
    }

    /// Returns the id of what a row, or its face, was copied from.
    pub(super) fn copy_told(&self, row: Row) -> Option<Text> {
        let face = || self.rests[self.face(row)?].copy_of;
        self.rests[row].copy_of.or_else(face)
    }

    /// Returns the row of the face that a row shows as well.
    pub(super) fn face(&self, row: Row) -> Option<Row> {
        let other = self.rests[row].links.other?;
        (!self.heads[row].hidden).then(|| other.n())
    }

    /// Returns the row that shows the point of a row.
    fn shown_row(&self, row: Row) -> Row {
        let other = self.rests[row]
            .links
            .other
            .filter(|_| self.heads[row].hidden);
        other.map_or(row, Nth::n)
    }

    /// Finds what a point was copied from: of the points with that id, one of its own kind that names its
    /// resource.
    pub(super) fn source_of(&self, row: Row) -> Option<Row> {
        let told = self.copy_told(row)?;
        let by_arn = self.row_by_arn(told);
        let rows = self.rows_of_id(told).chain(by_arn);
        let rows = rows.map(|source| self.shown_row(source));
        rows.filter(|source| *source != row).min_by_key(|source| {
            let is_other_kind = self.heads[*source].kind != self.heads[row].kind;
            (
                is_other_kind,
                self.resource_told(*source).is_none(),
                *source,
            )
        })
    }
}
