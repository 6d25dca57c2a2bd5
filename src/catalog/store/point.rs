//! A point as it is read from its row: nothing is copied until it is asked for.
//! Shows a native point together with its face in AWS Backup.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;

use crate::domain::architecture::Architecture;
use crate::domain::incident::{Before, Candidate, data_used, from_before};
use crate::domain::place::{Home, Place};
use crate::domain::readiness::{Condition, Readiness};
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::ResourceKind;
use crate::domain::text::Untrusted;

use super::packed::{Head, Instant, Rest};
use super::texts::Text;
use super::{Row, Store};

/// A recovery point in a store. Its accessors are the fields of [`RecoveryPoint`].
#[derive(Clone, Copy)]
pub struct Point<'a> {
    store: &'a Store,
    row: Row,
}

impl PartialEq for Point<'_> {
    /// Points of one store are compared.
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row
    }
}

impl fmt::Debug for Point<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.whole().fmt(f)
    }
}

impl<'a> Point<'a> {
    pub(super) fn new(store: &'a Store, row: Row) -> Self {
        Self { store, row }
    }

    fn head(self) -> &'a Head {
        &self.store.heads[self.row]
    }

    fn rest(self) -> &'a Rest {
        &self.store.rests[self.row]
    }

    fn text(self, text: Text) -> &'a str {
        self.store.texts.get(text)
    }

    /// Reads what only the face may know from there.
    fn with_face(self, of: impl Fn(&Rest) -> Option<Text>) -> Option<&'a str> {
        let face = || of(&self.store.rests[self.store.face(self.row)?]);
        of(self.rest()).or_else(face).map(|text| self.text(text))
    }

    /// Returns the number of its row.
    #[must_use]
    pub fn row(self) -> Row {
        self.row
    }

    /// Returns its id.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.text(self.head().id)
    }

    /// Returns its kind.
    #[must_use]
    pub fn kind(self) -> PointKind {
        self.head().kind
    }

    /// Returns where it lives.
    #[must_use]
    pub fn place(self) -> &'a Place {
        &self.store.places[self.head().place.n()]
    }

    /// Returns the number of its place, below that of every place seen later.
    #[must_use]
    pub fn place_number(self) -> usize {
        self.head().place.n()
    }

    /// Returns the row of the resource that it names.
    #[must_use]
    pub fn resource_row(self) -> Option<Row> {
        self.store.resource_told(self.row).map(super::Nth::n)
    }

    /// Returns where its resource lives, if that is another account or Region.
    #[must_use]
    pub fn resource_home(self) -> Option<Home> {
        let row = self.resource_row()?;
        let (spot, ..) = self.store.resource_keys[row];
        let is_here = spot == self.store.spots[self.head().place.n()];
        (!is_here).then(|| self.store.resources[row].place.home())
    }

    /// Returns kind and id of what it protects.
    #[must_use]
    pub fn resource(self) -> Option<(ResourceKind, &'a str)> {
        let resource = &self.store.resources[self.resource_row()?];
        Some((resource.kind, &resource.id))
    }

    /// Returns its name.
    #[must_use]
    pub fn name(self) -> Option<Untrusted> {
        self.raw_name().map(Untrusted::from)
    }

    /// Returns the exact text of its name, which is not fit to be shown.
    #[must_use]
    pub fn raw_name(self) -> Option<&'a str> {
        self.head().name.map(|name| self.text(name))
    }

    /// Returns the number of that text, below [`Store::texts`].
    #[must_use]
    pub fn name_number(self) -> Option<usize> {
        self.head().name.map(|name| name.0.n())
    }

    /// Returns when it was taken.
    #[must_use]
    pub fn when(self) -> When {
        let odd = self.rest().odd;
        odd.map_or_else(
            || When::At {
                at: self.sort_time(),
            },
            |odd| self.store.odds[odd.n()].when,
        )
    }

    /// Returns how old its data is.
    #[must_use]
    pub fn data_at(self) -> DataTime {
        if let Some(odd) = self.rest().odd {
            let odd = &self.store.odds[odd.n()];
            if let When::Window { .. } = odd.when {
                return odd.data_at;
            }
        }
        if self.head().bounded {
            DataTime::AtMost(self.sort_time())
        } else {
            DataTime::Known(self.sort_time())
        }
    }

    /// Returns the instant by which it is sorted: its data's, or the end of its window.
    #[must_use]
    pub fn sort_time(self) -> Timestamp {
        self.head().at.timestamp()
    }

    /// Returns the seconds of that instant as a number that keeps their order.
    #[must_use]
    pub fn sort_key(self) -> u64 {
        self.head().at.key()
    }

    /// Returns that instant as a number that keeps the order of most: those that [`Point::is_moment`] denies
    /// share the least and the greatest.
    #[must_use]
    pub fn sort_moment(self) -> u64 {
        self.head().at.moment()
    }

    /// Returns the instant of the data that a restore before `incident` would bring back, as such a number.
    #[must_use]
    pub fn used_moment(self, incident: Option<Timestamp>) -> u64 {
        Instant::of(self.data_used(incident)).moment()
    }

    /// Tells whether a number of [`Point::sort_moment`] is that of one instant alone.
    #[must_use]
    pub fn is_moment(moment: u64) -> bool {
        moment != u64::MIN && moment != u64::MAX
    }

    /// Returns its state in AWS's words.
    #[must_use]
    pub fn state(self) -> &'a str {
        self.text(self.rest().state)
    }

    /// Returns the size of what it was taken from, in bytes.
    #[must_use]
    pub fn size_bytes(self) -> Option<u64> {
        let sized = self.rest().flags.sized();
        sized.then_some(self.rest().size)
    }

    /// Tells whether it is encrypted; `None` where AWS does not tell.
    #[must_use]
    pub fn encrypted(self) -> Option<bool> {
        self.rest().encrypted
    }

    /// Returns the ARN of its KMS key.
    #[must_use]
    pub fn kms_key(self) -> Option<&'a str> {
        self.rest().kms_key.map(|key| self.text(key))
    }

    /// Returns its storage tier.
    #[must_use]
    pub fn tier(self) -> Tier {
        let asked = self.store.asked_tiers.get(&super::Nth::new(self.row));
        asked.copied().unwrap_or(self.listed_tier())
    }

    /// Returns its storage tier as its listing told it, or let it be inferred.
    #[must_use]
    pub fn listed_tier(self) -> Tier {
        self.head().tier
    }

    /// Returns what protects it: its own lock, and that of its face where there is another.
    #[must_use]
    pub fn protection(self) -> Option<Cow<'a, str>> {
        let own = self.rest().protection.map(|text| self.text(text));
        let face = self.store.face(self.row);
        let face = face.and_then(|face| self.store.rests[face].protection);
        match (own, face.map(|text| self.text(text))) {
            (Some(own), Some(face)) if own != face => Some(Cow::Owned(format!("{own}; {face}"))),
            (own, face) => own.or(face).map(Cow::Borrowed),
        }
    }

    /// Returns who made it.
    #[must_use]
    pub fn origin(self) -> Origin {
        self.rest().origin
    }

    /// Returns the id of what it was copied from.
    #[must_use]
    pub fn copy_of(self) -> Option<&'a str> {
        self.store.copy_told(self.row).map(|id| self.text(id))
    }

    /// Returns the name of the vault of AWS Backup that holds it.
    #[must_use]
    pub fn vault(self) -> Option<&'a str> {
        self.with_face(|rest| rest.vault)
    }

    /// Returns the point of another service that it is.
    #[must_use]
    pub fn face_of(self) -> Option<(PointKind, &'a str)> {
        let rest = self.rest();
        Some((rest.face_kind?, self.text(rest.face_of?)))
    }

    /// Returns what AWS Backup found when it scanned it.
    #[must_use]
    pub fn scanned(self) -> Option<&'a str> {
        self.with_face(|rest| rest.scan)
    }

    /// Tells whether AWS restores only from a copy of it.
    #[must_use]
    pub fn copy_first(self) -> bool {
        self.rest().flags.copy_first()
    }

    /// Returns the architecture of an image.
    #[must_use]
    pub fn architecture(self) -> Option<Architecture> {
        self.rest().flags.architecture()
    }

    /// Returns the ARN by which AWS Backup knows it, where it lies in a vault.
    #[must_use]
    pub fn backup_arn(self) -> Option<&'a str> {
        if self.kind() == PointKind::BackupPoint {
            return Some(self.id());
        }
        let face = self.store.face(self.row)?;
        Some(self.store.point(face).id())
    }

    /// Returns the number of its set of tags, below [`Store::tag_sets`].
    #[must_use]
    pub fn tag_set(self) -> usize {
        self.rest().tags.n()
    }

    /// Returns all tags as they came, which is not fit to be shown.
    #[must_use]
    pub fn raw_tags(self) -> Tags<'a> {
        Tags {
            store: self.store,
            at: self.store.sets.get(self.rest().tags).iter(),
        }
    }

    /// Returns what keeps its KMS key from being used, where that was asked.
    #[must_use]
    pub fn key_state(self) -> Option<&'a str> {
        let state = self.store.closed_keys.get(&self.rest().kms_key?);
        state.map(String::as_str)
    }

    /// Tells whether AWS would restore from it.
    #[must_use]
    pub fn readiness(self) -> Readiness {
        let condition = Condition {
            kind: self.kind(),
            state: self.state(),
            tier: self.tier(),
            scan: self.scanned(),
            copy_first: self.copy_first(),
            key_state: self.key_state(),
        };
        condition.readiness()
    }

    /// Tells whether AWS would restore from it as it is.
    #[must_use]
    pub fn usable(self) -> bool {
        self.readiness() >= Readiness::Later
    }

    /// Tells whether it may hold data from before an instant: it does, or nobody knows how old its data is.
    #[must_use]
    pub fn may_hold_data_before(self, before: Timestamp) -> bool {
        from_before(self.when(), self.data_at(), before) != Before::No
    }

    /// Returns the instant of the data that a restore before `incident` would bring back.
    #[must_use]
    pub fn data_used(self, incident: Option<Timestamp>) -> Timestamp {
        data_used(self.when(), self.data_at(), incident)
    }

    /// Returns it as far as the choice of the best point depends on it.
    #[must_use]
    pub fn candidate(self) -> Candidate<Self> {
        Candidate {
            point: self,
            when: self.when(),
            data_at: self.data_at(),
            readiness: self.readiness(),
        }
    }

    /// Makes what its own service has told of it, without what AWS Backup knows better.
    pub(super) fn own(self) -> RecoveryPoint {
        let (store, rest) = (self.store, self.rest());
        let kept = |text: Option<Text>| text.map(|text| self.text(text).to_owned());
        let times = store.own_times(self.row);
        let resource = self.head().resource.map(|row| &store.resources[row.n()]);
        let home = resource.map(|one| one.place.home());
        RecoveryPoint {
            resource: resource.map(|one| (one.kind, one.id.clone())),
            resource_home: home.filter(|home| !self.place().is_of(home)),
            when: times.when,
            data_at: times.data_at,
            protection: kept(rest.protection),
            copy_of: kept(rest.copy_of),
            vault: kept(rest.vault),
            key_state: None,
            backup_arn: None,
            scan: kept(rest.scan),
            ..self.whole()
        }
    }

    /// Makes all of it.
    #[must_use]
    pub fn whole(self) -> RecoveryPoint {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let tags = self.raw_tags();
        let is_of_backup = self.kind() == PointKind::BackupPoint;
        RecoveryPoint {
            id: self.id().to_owned(),
            kind: self.kind(),
            place: self.place().clone(),
            resource: self.resource().map(|(kind, id)| (kind, id.to_owned())),
            resource_home: self.resource_home(),
            name: self.name(),
            when: self.when(),
            data_at: self.data_at(),
            state: self.state().to_owned(),
            size_bytes: self.size_bytes(),
            encrypted: self.encrypted(),
            kms_key: owned(self.kms_key()),
            tier: self.tier(),
            protection: self.protection().map(Cow::into_owned),
            origin: self.origin(),
            copy_of: owned(self.copy_of()),
            vault: owned(self.vault()),
            key_state: owned(self.key_state()),
            backup_arn: owned(self.backup_arn().filter(|_| !is_of_backup)),
            copy_first: self.copy_first(),
            architecture: self.architecture(),
            face_of: self.face_of().map(|(kind, id)| (kind, id.to_owned())),
            scan: owned(self.scanned()),
            tags: tags
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        }
    }
}

/// The tags of a point as they came.
#[derive(Clone)]
pub struct Tags<'a> {
    store: &'a Store,
    at: std::slice::Iter<'a, (Text, Text)>,
}

impl<'a> Iterator for Tags<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.at.next()?;
        let texts = &self.store.texts;
        Some((texts.get(*key), texts.get(*value)))
    }
}

impl Store {
    /// Returns the number of the set of tags of a resource, below [`Store::tag_sets`].
    #[must_use]
    pub fn resource_tag_set(&self, resource: Row) -> usize {
        self.resource_sets[resource].n()
    }

    /// Returns all tags of a resource as they came, which is not fit to be shown.
    #[must_use]
    pub fn resource_tags(&self, resource: Row) -> Tags<'_> {
        Tags {
            store: self,
            at: self.sets.get(self.resource_sets[resource]).iter(),
        }
    }

    /// Counts the different sets of tags.
    #[must_use]
    pub fn tag_sets(&self) -> usize {
        self.sets.len()
    }

    /// Returns the numbers of the keys and values of a set of tags, below [`Store::texts`].
    pub fn tags_of_set(&self, set: usize) -> impl Iterator<Item = (usize, usize)> + use<'_> {
        let tags = self.sets.get(super::texts::Nth::new(set)).iter();
        tags.map(|(key, value)| (key.0.n(), value.0.n()))
    }

    /// Returns the text of such a number, as it came.
    #[must_use]
    pub fn text_numbered(&self, number: usize) -> &str {
        self.texts.get(Text(super::texts::Nth::new(number)))
    }

    /// Counts the different texts.
    #[must_use]
    pub fn texts(&self) -> usize {
        self.texts.len()
    }

    /// Returns every place in which a point or a resource was found, by its number.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }
}
