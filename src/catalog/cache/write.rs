//! Writes what a scan has found in place of what was known. What could not be listed completely this time
//! keeps its rows from before, with their own age, for a while; what other listings of the same scan have
//! found before stays beside it.

use std::collections::BTreeSet;
use std::fs;

use jiff::Timestamp;

use crate::domain::estate::Kept;
use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;

use super::codec::{Reader, Writer};
use super::frame::{self, CATALOG, ESTATE, Heading, KEPT, Section};
use super::read::{Opened, rows_of};
use super::record::{Finished, Recorded};
use super::rows::{self, Row};
use super::{CARRIED_FOR, Cache, CacheError, Card, SHOWN_FOR, files};

impl Cache {
    /// Writes what was found in a place. It takes its time: call it where nobody waits.
    ///
    /// # Errors
    /// [`CacheError`]; what was there before stays then.
    pub fn write(&self, finished: &Finished) -> Result<(), CacheError> {
        files::provide(&self.directory)?;
        let path = self.path(&finished.card, CATALOG);
        let before = Opened::read(&path).ok();
        let mut card = finished.card.clone();
        card.own_at = card.own_at.or_else(|| {
            before
                .as_ref()
                .and_then(|before| before.heading.card.own_at)
        });
        let (mut sections, mut rest) = (Vec::new(), Vec::new());
        for (kind, recorded) in &finished.kinds {
            let whole = is_whole(before.as_ref(), finished, *kind);
            sections.push(section(*kind, finished.at, recorded, whole));
            rest.extend_from_slice(&recorded.out.bytes);
        }
        if let Some(before) = &before {
            carry(before, finished, &mut sections, &mut rest);
        }
        let heading = self.heading(CATALOG, &card, sections);
        frame::write(&path, &heading, &rest)?;
        self.write_described(finished)?;
        self.prune(finished.at);
        Ok(())
    }

    fn heading(&self, holds: &str, card: &Card, sections: Vec<Section>) -> Heading {
        Heading {
            holds: holds.to_owned(),
            card: card.clone(),
            variables: self.variables.clone(),
            sections,
        }
    }

    /// Volumes and instances stand beside the snapshots, whose source lists them.
    fn write_described(&self, finished: &Finished) -> Result<(), CacheError> {
        let described = &finished.described;
        let listed = finished.kinds.get(&PointKind::EbsSnapshot);
        // A part of the listings that brings none may be one that does not look for them.
        let told = listed.is_some_and(|recorded| recorded.whole && !recorded.part);
        let nothing = described.volumes.is_empty() && described.instances.is_empty();
        if nothing && !told {
            return Ok(());
        }
        let json = serde_json::to_vec(described).expect("it is plain data");
        self.write_json(&finished.card, ESTATE, &json)
    }

    pub(super) fn write_kept(&self, card: &Card, kept: &[Kept]) -> Result<(), CacheError> {
        files::provide(&self.directory)?;
        let json = serde_json::to_vec(kept).expect("it is plain data");
        self.write_json(card, KEPT, &json)
    }

    fn write_json(&self, card: &Card, ending: &str, json: &[u8]) -> Result<(), CacheError> {
        let heading = self.heading(ending, card, Vec::new());
        frame::write(&self.path(card, ending), &heading, json)
    }

    /// Removes files of defib that nobody has written for so long that nothing of them is shown any more, and
    /// those that were not finished. Whatever else lies there stays.
    fn prune(&self, now: Timestamp) {
        let old = |path: &std::path::Path| {
            let found = fs::symlink_metadata(path).ok()?;
            let at = Timestamp::try_from(found.modified().ok()?).ok()?;
            Some(found.is_file() && now.duration_since(at) > SHOWN_FOR)
        };
        for ending in [CATALOG, ESTATE, KEPT, files::UNFINISHED] {
            for path in files::named(&self.directory, ending) {
                let ours = ending == files::UNFINISHED || frame::open(&path, ending).is_ok();
                if ours && old(&path) == Some(true) {
                    fs::remove_file(&path).ok();
                }
            }
        }
    }
}

fn section(kind: PointKind, at: Timestamp, recorded: &Recorded, whole: bool) -> Section {
    Section {
        kind: kind.as_str().to_owned(),
        at,
        whole,
        rows: recorded.rows,
        length: recorded.out.bytes.len(),
    }
}

/// Tells whether a section was found by another listing of the same scan.
fn is_of_scan(section: &Section, kind: PointKind, finished: &Finished) -> bool {
    section.at == finished.at && section.kind == kind.as_str()
}

/// Tells whether a kind is listed completely by now: where only a part of its listings ran this time, what the
/// others have found has to be there.
fn is_whole(before: Option<&Opened>, finished: &Finished, kind: PointKind) -> bool {
    let Some(recorded) = finished.kinds.get(&kind) else {
        return false;
    };
    let mut sections = before.iter().flat_map(|before| &before.heading.sections);
    recorded.whole
        && (!recorded.part || sections.any(|section| is_of_scan(section, kind, finished)))
}

/// Carries over what this scan has not looked for, what it has not found where it could not look everywhere,
/// and what other listings of it have found before.
fn carry(before: &Opened, finished: &Finished, sections: &mut Vec<Section>, rest: &mut Vec<u8>) {
    let place = &finished.card.place;
    for (section, bytes) in before.sections().unwrap_or_default() {
        let age = finished.at.duration_since(section.at);
        let Ok(kind) = rows::point_kind(&section.kind) else {
            continue;
        };
        let whole = is_whole(Some(before), finished, kind);
        match finished.kinds.get(&kind) {
            Some(recorded) if whole && !(recorded.part && is_of_scan(section, kind, finished)) => {}
            _too_old if age > CARRIED_FOR => {}
            None => {
                sections.push(section.clone());
                rest.extend_from_slice(bytes);
            }
            Some(recorded) => {
                let left = without(bytes, &recorded.out.bytes, place);
                if left.rows > 0 {
                    let at = section.at;
                    sections.push(self::section(kind, at, &left, whole));
                    rest.extend_from_slice(&left.out.bytes);
                }
            }
        }
    }
}

/// Returns the rows of a section that are not in another.
fn without(bytes: &[u8], other: &[u8], place: &Place) -> Recorded {
    let mut known = Reader::new(other);
    let known = rows_of(&mut known, place).flatten();
    let known: BTreeSet<(bool, String)> = known.map(|row| name(&row)).collect();
    let mut left = Recorded::default();
    let mut from = Reader::new(bytes);
    for row in rows_of(&mut from, place) {
        let Ok(row) = row else { break };
        if known.contains(&name(&row)) {
            continue;
        }
        write_row(&row, &mut left.out);
        left.rows += 1;
    }
    left
}

fn name(row: &Row) -> (bool, String) {
    match row {
        Row::Point(point) => (true, point.id.clone()),
        Row::Resource(one) => (false, format!("{} {}", one.kind.as_str(), one.id)),
    }
}

fn write_row(row: &Row, out: &mut Writer) {
    match row {
        Row::Point(point) => rows::write_point(point, out),
        Row::Resource(resource) => rows::write_resource(resource, out),
    }
}
