//! What the sources of RDS share: how a snapshot and a window of an instance or of a cluster become points.
//!
//! Identifiers are unique in one account and Region only. A snapshot that was copied from elsewhere, or that
//! another account shares, is of the database of that name there, and never of one of the same name here.

use std::collections::BTreeMap;

use aws_sdk_rds::types::Tag;
use aws_smithy_types::DateTime;

use crate::domain::arn::Arn;
use crate::domain::place::{Home, Place};
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::Untrusted;

use super::reading::{instant, name_in};

/// The largest page of RDS.
pub(super) const PAGE: i32 = 100;
/// The smallest page of RDS.
pub(super) const SMALLEST_PAGE: i32 = 20;

const GIB: u64 = 1 << 30;

/// Reads an ARN of RDS that names something; `None` for any other text.
pub(super) fn rds_arn(text: &str) -> Option<Arn<'_>> {
    Arn::of_service(text, "rds").filter(|arn| !identifier(*arn).is_empty())
}

/// Returns what something is called behind its type, with its colons: `rds:shop-2026-03-14-03-12`.
fn identifier(arn: Arn<'_>) -> &str {
    arn.resource.split_once(':').map_or("", |(_, id)| id)
}

/// A snapshot as RDS lists it, of an instance or of a cluster.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken<'a> {
    pub kind: PointKind,
    /// The identifier, which is the ARN where another account shares it.
    pub id: Option<&'a str>,
    pub arn: Option<&'a str>,
    pub of: (ResourceKind, Option<&'a str>),
    /// `SnapshotCreateTime`: of a copy, when the copy was made.
    pub created: Option<&'a DateTime>,
    /// The instants that a copy takes over from its source, the most exact one first.
    pub data: [Option<&'a DateTime>; 2],
    /// ARN of the snapshot that it was copied from.
    pub source: Option<&'a str>,
    pub made: Option<&'a str>,
    pub status: Option<&'a str>,
    pub engine: Option<&'a str>,
    pub allocated_storage: Option<i32>,
    pub encrypted: Option<bool>,
    pub kms_key: Option<&'a str>,
    pub tags: &'a [Tag],
}

/// What came of a row.
#[derive(Debug, PartialEq)]
pub(super) enum Row {
    /// A recovery point, with what is left of its database if that is all there is.
    Point(Box<RecoveryPoint>, Option<Box<Resource>>),
    /// Nothing that could be restored from yet: RDS says no time before a snapshot or a window is there.
    NotYet,
    /// Something is missing that every row has.
    Unreadable,
}

impl Taken<'_> {
    /// Makes a point of it.
    ///
    /// `copy_of` is the name that the source has in its own place, cut out of the ARN: the source's row
    /// there has it as its id, which is how the store finds one by the other.
    pub fn row(self, place: &Place) -> Row {
        let status = self.status.unwrap_or("unknown");
        let Some(id) = self.id.filter(|id| !id.is_empty()) else {
            return Row::Unreadable;
        };
        let data = self.data.into_iter().flatten().find_map(instant);
        let Some(at) = self.created.and_then(instant).or(data) else {
            return match status {
                "creating" | "copying" | "pending" => Row::NotYet,
                _should_have_one => Row::Unreadable,
            };
        };
        let source = self.source.filter(|source| !source.is_empty());
        let from = source.and_then(rds_arn);
        let owner = self.owner(place);
        // The source tells where a copy is from; it may itself be a copy, which its own row tells then.
        let home = from.map_or_else(
            || owner.and_then(|owner| owner.elsewhere(place)),
            |from| from.elsewhere(place),
        );
        let (kind, database) = self.of;
        let own = database.filter(|_| home.is_none());
        let tags = tags_of(self.tags);
        let encrypted = self.encrypted.unwrap_or(false);
        let point = RecoveryPoint {
            id: id.to_owned(),
            kind: self.kind,
            place: place.clone(),
            resource: database.map(|id| (kind, id.to_owned())),
            resource_home: home.filter(|_| database.is_some()),
            name: name_in(&tags),
            when: When::At { at },
            data_at: match data {
                Some(data) => DataTime::Known(data),
                None if source.is_some() => DataTime::AtMost(at),
                None => DataTime::Known(at),
            },
            state: status.to_owned(),
            size_bytes: size(self.engine, self.allocated_storage),
            encrypted: Some(encrypted),
            kms_key: self.kms_key.map(str::to_owned),
            tier: Tier::Standard,
            protection: None,
            origin: origin_of(id, self.made),
            // The whole ARN: a name is unique in one place only.
            copy_of: source.map(str::to_owned),
            vault: None,
            backup_arn: None,
            key_state: None,
            copy_first: owner.is_some() && encrypted,
            architecture: None,
            face_of: None,
            scan: None,
            tags,
        };
        let left = own.map(|id| left_of(kind, id, self.engine, place));
        let left = left.map(Box::new);
        Row::Point(Box::new(point), left)
    }

    /// Returns the ARN of it where another account shares it.
    fn owner(&self, place: &Place) -> Option<Arn<'_>> {
        let arn = self.id.and_then(rds_arn).or(self.arn.and_then(rds_arn));
        arn.filter(|arn| arn.account != place.account.as_str())
    }
}

/// The window of an instance or of a cluster as RDS lists it.
#[derive(Clone, Debug)]
pub(super) struct Kept<'a> {
    pub kind: PointKind,
    pub id: Option<&'a str>,
    pub of: (ResourceKind, Option<&'a str>),
    /// Where the database lives, if in another place: its backups are replicated here.
    pub home: Option<Home>,
    pub earliest: Option<&'a DateTime>,
    pub latest: Option<&'a DateTime>,
    pub status: Option<&'a str>,
    pub engine: Option<&'a str>,
    pub allocated_storage: Option<i32>,
    pub encrypted: Option<bool>,
    pub kms_key: Option<&'a str>,
    /// The continuous recovery point of AWS Backup that it is.
    pub recovery_point: Option<&'a str>,
    pub tags: &'a [Tag],
}

impl Kept<'_> {
    /// Makes a point of it.
    pub fn row(self, place: &Place) -> Row {
        let Some(id) = self.id.filter(|id| !id.is_empty()) else {
            return Row::Unreadable;
        };
        let ends = (
            self.earliest.and_then(instant),
            self.latest.and_then(instant),
        );
        let (Some(earliest), Some(latest)) = ends else {
            return Row::NotYet;
        };
        let (kind, database) = self.of;
        let is_here = self.home.is_none();
        let tags = tags_of(self.tags);
        let point = RecoveryPoint {
            id: id.to_owned(),
            kind: self.kind,
            place: place.clone(),
            resource: database.map(|id| (kind, id.to_owned())),
            resource_home: self.home.filter(|_| database.is_some()),
            name: name_in(&tags),
            when: When::Window { earliest, latest },
            data_at: DataTime::Known(latest),
            state: self.status.unwrap_or("unknown").to_owned(),
            size_bytes: size(self.engine, self.allocated_storage),
            encrypted: Some(self.encrypted.unwrap_or(false)),
            kms_key: self.kms_key.map(str::to_owned),
            tier: Tier::Standard,
            protection: None,
            origin: match self.recovery_point {
                Some(arn) if !arn.is_empty() => Origin::AwsBackup,
                Some(_) | None => Origin::Automated,
            },
            copy_of: None,
            vault: None,
            backup_arn: None,
            key_state: None,
            copy_first: false,
            architecture: None,
            face_of: None,
            scan: None,
            tags,
        };
        let own = database.filter(|_| is_here);
        let left = own.map(|id| left_of(kind, id, self.engine, place));
        let left = left.map(Box::new);
        Row::Point(Box::new(point), left)
    }
}

/// The rows of a page, sorted out.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub points: Vec<RecoveryPoint>,
    /// What is left of their databases, each once.
    pub left: Vec<Resource>,
    pub unreadable: usize,
}

impl Extend<Row> for Page {
    fn extend<I: IntoIterator<Item = Row>>(&mut self, rows: I) {
        for row in rows {
            match row {
                Row::Point(point, left) => {
                    self.points.push(*point);
                    let left = left.map(|left| *left);
                    self.left
                        .extend(left.filter(|one| !self.left.contains(one)));
                }
                Row::NotYet => {}
                Row::Unreadable => self.unreadable += 1,
            }
        }
    }
}

impl FromIterator<Row> for Page {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Self {
        let mut page = Self::default();
        page.extend(rows);
        page
    }
}

/// A database that exists.
pub(super) fn live(
    (kind, id): (ResourceKind, Option<&str>),
    engine: Option<&str>,
    tags: &[Tag],
    place: &Place,
) -> Option<Resource> {
    let tags = tags_of(tags);
    Some(Resource {
        name: name_in(&tags),
        exists: true,
        tags,
        ..left_of(kind, id?, engine, place)
    })
}

/// A database of which a point tells; whether it exists is for others to say.
fn left_of(kind: ResourceKind, id: &str, engine: Option<&str>, place: &Place) -> Resource {
    Resource {
        id: id.to_owned(),
        kind,
        name: None,
        place: place.clone(),
        exists: false,
        engine: engine.map(str::to_owned),
        attached_to: None,
        tags: BTreeMap::new(),
    }
}

/// RDS and AWS Backup reserve the beginning of the identifier (RDS user guide); Data Lifecycle Manager makes
/// no snapshots of databases. AWS Backup's snapshots of clusters have no type of their own.
fn origin_of(id: &str, made: Option<&str>) -> Origin {
    let id = rds_arn(id).map_or(id, identifier);
    if id.starts_with("awsbackup:") || made == Some("awsbackup") {
        Origin::AwsBackup
    } else if id.starts_with("rds:") {
        Origin::Automated
    } else {
        Origin::ByHand
    }
}

/// Storage that grows by itself (Aurora, Neptune, `DocumentDB`) is listed as 1 GiB, which says nothing.
fn size(engine: Option<&str>, gib: Option<i32>) -> Option<u64> {
    let engine = engine.unwrap_or_default();
    let grows = engine.starts_with("aurora") || ["docdb", "neptune"].contains(&engine);
    let gib = gib.filter(|gib| *gib > 0 && !grows)?;
    u64::try_from(gib).ok()?.checked_mul(GIB)
}

fn tags_of(tags: &[Tag]) -> BTreeMap<Untrusted, Untrusted> {
    let text = |text: Option<&str>| Untrusted::from(text.unwrap_or_default());
    tags.iter()
        .map(|tag| (text(tag.key()), text(tag.value())))
        .collect()
}

#[cfg(test)]
mod tests;
