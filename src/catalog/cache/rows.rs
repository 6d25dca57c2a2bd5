//! A recovery point and a resource as bytes. Words stand for kinds, so that a list that grows or is put in
//! another order changes nothing for what was written before.
//!
//! Text of others keeps its exact bytes.

use std::collections::BTreeMap;

use crate::domain::architecture::Architecture;
use crate::domain::place::{Home, Place};
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::Untrusted;

use super::codec::{Damaged, Reader, Writer};

/// Words of the origins.
const ORIGINS: [(&str, Origin); 6] = [
    ("aws-backup", Origin::AwsBackup),
    ("dlm", Origin::Dlm),
    ("automated", Origin::Automated),
    ("image", Origin::Image),
    ("defib", Origin::Defib),
    ("by-hand", Origin::ByHand),
];

/// A row of either kind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one lives for a moment, and points are most of them"
)]
pub(super) enum Row {
    Point(RecoveryPoint),
    Resource(Resource),
}

/// Writes a point. Account and Region are those of the file.
pub(super) fn write_point(point: &RecoveryPoint, out: &mut Writer) {
    // Taken apart, so that a field that is new is not forgotten here.
    let RecoveryPoint {
        id,
        kind,
        place,
        resource,
        resource_home,
        name,
        when,
        data_at,
        state,
        size_bytes,
        encrypted,
        kms_key,
        tier,
        protection,
        origin,
        copy_of,
        vault,
        key_state,
        backup_arn,
        copy_first,
        architecture,
        face_of,
        scan,
        tags,
    } = point;
    out.flag(true);
    out.text(id);
    out.shared(kind.as_str());
    out.maybe(place.profile.as_deref());
    out.maybe(resource.as_ref().map(|(kind, _)| kind.as_str()));
    if let Some((_, id)) = resource {
        out.shared(id);
    }
    write_home(resource_home.as_ref(), out);
    out.maybe(name.as_ref().map(Untrusted::raw));
    write_times(*when, *data_at, out);
    out.shared(state);
    out.flag(size_bytes.is_some());
    if let Some(size) = size_bytes {
        out.number(*size);
    }
    out.flag(encrypted.is_some());
    out.flag(*encrypted == Some(true));
    out.maybe(kms_key.as_deref());
    out.flag(*tier == Tier::Archive);
    out.maybe(protection.as_deref());
    out.shared(word_of(*origin));
    out.maybe(copy_of.as_deref());
    out.maybe(vault.as_deref());
    out.maybe(key_state.as_deref());
    out.maybe(backup_arn.as_deref());
    out.flag(*copy_first);
    out.maybe(architecture.map(Architecture::as_str));
    out.maybe(face_of.as_ref().map(|(kind, _)| kind.as_str()));
    if let Some((_, id)) = face_of {
        out.text(id);
    }
    out.maybe(scan.as_deref());
    write_tags(tags, out);
}

fn write_home(home: Option<&Home>, out: &mut Writer) {
    out.maybe(home.map(|home| home.account.as_str()));
    if let Some(home) = home {
        out.shared(home.region.as_str());
    }
}

fn write_tags(tags: &BTreeMap<Untrusted, Untrusted>, out: &mut Writer) {
    out.number(tags.len() as u64);
    for (key, value) in tags {
        out.shared(key.raw());
        out.shared(value.raw());
    }
}

fn write_times(when: When, data_at: DataTime, out: &mut Writer) {
    match when {
        When::At { at } => {
            out.flag(false);
            out.instant(at);
        }
        When::Window { earliest, latest } => {
            out.flag(true);
            out.instant(earliest);
            out.instant(latest);
        }
    }
    out.flag(matches!(data_at, DataTime::AtMost(_)));
    out.instant(data_at.bound());
}

/// Writes a resource. Account and Region are those of the file.
pub(super) fn write_resource(resource: &Resource, out: &mut Writer) {
    let Resource {
        id,
        kind,
        name,
        place,
        engine,
        exists,
        attached_to,
        tags,
    } = resource;
    out.flag(false);
    out.text(id);
    out.shared(kind.as_str());
    out.maybe(place.profile.as_deref());
    out.maybe(name.as_ref().map(Untrusted::raw));
    out.maybe(engine.as_deref());
    out.flag(*exists);
    out.maybe(attached_to.as_ref().map(|(on, _)| on.as_str()));
    if let Some((_, device)) = attached_to {
        out.shared(device);
    }
    write_tags(tags, out);
}

/// Reads the next row, which lives in the account and Region of `place`.
///
/// # Errors
/// [`Damaged`]
pub(super) fn read(from: &mut Reader<'_>, place: &Place) -> Result<Row, Damaged> {
    if from.flag()? {
        read_point(from, place).map(Row::Point)
    } else {
        read_resource(from, place).map(Row::Resource)
    }
}

fn read_point(from: &mut Reader<'_>, place: &Place) -> Result<RecoveryPoint, Damaged> {
    let id = from.text()?.to_owned();
    let kind = point_kind(from.shared()?)?;
    let place = of_profile(place, from.maybe()?);
    let resource = match from.maybe()? {
        Some(kind) => Some((resource_kind(kind)?, from.shared()?.to_owned())),
        None => None,
    };
    let resource_home = match from.maybe()? {
        Some(account) => Some(Home {
            account: account.into(),
            region: from.shared()?.into(),
        }),
        None => None,
    };
    let name = from.maybe()?.map(Untrusted::from);
    let (when, data_at) = read_times(from)?;
    Ok(RecoveryPoint {
        id,
        kind,
        place,
        resource,
        resource_home,
        name,
        when,
        data_at,
        state: from.shared()?.to_owned(),
        size_bytes: if from.flag()? {
            Some(from.number()?)
        } else {
            None
        },
        encrypted: {
            let (told, encrypted) = (from.flag()?, from.flag()?);
            told.then_some(encrypted)
        },
        kms_key: owned(from.maybe()?),
        tier: if from.flag()? {
            Tier::Archive
        } else {
            Tier::Standard
        },
        protection: owned(from.maybe()?),
        origin: origin_of(from.shared()?)?,
        copy_of: owned(from.maybe()?),
        vault: owned(from.maybe()?),
        key_state: owned(from.maybe()?),
        backup_arn: owned(from.maybe()?),
        copy_first: from.flag()?,
        architecture: match from.maybe()? {
            Some(word) => Some(Architecture::named(word).ok_or(Damaged)?),
            None => None,
        },
        face_of: match from.maybe()? {
            Some(kind) => Some((point_kind(kind)?, from.text()?.to_owned())),
            None => None,
        },
        scan: owned(from.maybe()?),
        tags: read_tags(from)?,
    })
}

fn read_times(from: &mut Reader<'_>) -> Result<(When, DataTime), Damaged> {
    let when = if from.flag()? {
        let (earliest, latest) = (from.instant()?, from.instant()?);
        When::Window { earliest, latest }
    } else {
        let at = from.instant()?;
        When::At { at }
    };
    let bounded = from.flag()?;
    let at = from.instant()?;
    let data_at = if bounded {
        DataTime::AtMost(at)
    } else {
        DataTime::Known(at)
    };
    Ok((when, data_at))
}

fn read_tags(from: &mut Reader<'_>) -> Result<BTreeMap<Untrusted, Untrusted>, Damaged> {
    let count = from.number()?;
    let mut tags = BTreeMap::new();
    for _tag in 0..count {
        let key = from.shared()?;
        tags.insert(Untrusted::from(key), Untrusted::from(from.shared()?));
    }
    Ok(tags)
}

fn read_resource(from: &mut Reader<'_>, place: &Place) -> Result<Resource, Damaged> {
    Ok(Resource {
        id: from.text()?.to_owned(),
        kind: resource_kind(from.shared()?)?,
        place: of_profile(place, from.maybe()?),
        name: from.maybe()?.map(Untrusted::from),
        engine: owned(from.maybe()?),
        exists: from.flag()?,
        attached_to: match from.maybe()? {
            Some(on) => Some((on.to_owned(), from.shared()?.to_owned())),
            None => None,
        },
        tags: read_tags(from)?,
    })
}

fn of_profile(place: &Place, profile: Option<&str>) -> Place {
    Place {
        profile: owned(profile),
        account: place.account.clone(),
        region: place.region.clone(),
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn word_of(origin: Origin) -> &'static str {
    let mut words = ORIGINS.iter();
    let word = words.find(|(_, one)| *one == origin);
    word.map_or("by-hand", |(word, _)| word)
}

fn origin_of(word: &str) -> Result<Origin, Damaged> {
    let mut words = ORIGINS.iter();
    let found = words.find(|(one, _)| *one == word).ok_or(Damaged)?;
    Ok(found.1)
}

pub(super) fn point_kind(word: &str) -> Result<PointKind, Damaged> {
    let mut all = PointKind::ALL.into_iter();
    all.find(|kind| kind.as_str() == word).ok_or(Damaged)
}

fn resource_kind(word: &str) -> Result<ResourceKind, Damaged> {
    let mut all = ResourceKind::ALL.into_iter();
    all.find(|kind| kind.as_str() == word).ok_or(Damaged)
}
