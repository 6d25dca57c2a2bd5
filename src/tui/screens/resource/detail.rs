//! Everything that is known of a point, a line each.
//! Text of others is shown in its harmless form only.

use jiff::SignedDuration;

use crate::domain::incident::data_used;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::Resource as Found;
use crate::domain::text::{Untrusted, shown};
use crate::domain::words;
use crate::tui::known::Known;

/// Cells for the names of the lines.
const NAMES: usize = 16;

/// Returns the lines.
#[must_use]
pub fn lines(point: &RecoveryPoint, of: &Found, known: &Known) -> Vec<String> {
    let mut lines: Vec<String> = facts(point, of, known)
        .into_iter()
        .map(|(name, value)| format!("{name:<NAMES$}{value}"))
        .collect();
    lines.push(String::new());
    lines.push("# tags".to_owned());
    if point.tags.is_empty() {
        lines.push("none".to_owned());
    }
    let tag =
        |(key, value): (&Untrusted, &Untrusted)| format!("{} = {}", key.shown(), value.shown());
    lines.extend(point.tags.iter().map(tag));
    lines
}

fn facts(point: &RecoveryPoint, of: &Found, known: &Known) -> Vec<(&'static str, String)> {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
    let place = &point.place;
    let mut facts = vec![
        ("id", shown(&point.id)),
        ("name", or_none(point.name.as_ref().map(Untrusted::shown))),
        (
            "resource",
            format!("{} {}", of.kind.as_str(), shown(&of.id)),
        ),
        ("data from", data_from(point)),
        (
            "local time",
            words::understood(
                data_used(point.when, point.data_at, known.incident),
                known.now,
                &known.settings.zone,
            ),
        ),
    ];
    if let Some(incident) = known.incident {
        facts.push((
            "data lost",
            lost(
                point,
                incident.duration_since(data_used(point.when, point.data_at, known.incident)),
            ),
        ));
    }
    facts.extend([
        ("state", shown(&point.state)),
        ("tier", tier(point).to_owned()),
        (
            "size",
            point
                .size_bytes
                .map_or_else(|| "not known".to_owned(), words::size),
        ),
        ("encryption", encryption(point)),
        (
            "protection",
            or_none(point.protection.as_deref().map(shown)),
        ),
        ("origin", origin(point.origin).to_owned()),
        ("copy of", or_none(point.copy_of.as_deref().map(shown))),
        ("account", place.account.to_string()),
        ("Region", place.region.to_string()),
        ("profile", or_none(place.profile.as_deref().map(shown))),
    ]);
    facts.extend(as_known(point, known));
    facts.extend(of_backup(point));
    facts
}

/// Since when it is known, where nobody has confirmed it.
fn as_known(point: &RecoveryPoint, known: &Known) -> Option<(&'static str, String)> {
    let catalog = &known.catalog;
    let row = catalog.store.find(&point.place, point.kind, &point.id)?;
    let since = catalog.point_since(row.row())?;
    let age = words::span(known.now.duration_since(since));
    let text = format!("{age} ago, not confirmed since");
    Some(("known", text))
}

/// What only the points of AWS Backup have.
fn of_backup(point: &RecoveryPoint) -> impl Iterator<Item = (&'static str, String)> {
    let line = |name, text: Option<&str>| text.map(|text| (name, shown(text)));
    let face = point.face_of.as_ref().map(|(_, id)| id.as_str());
    [
        line("vault", point.vault.as_deref()),
        line("scan", point.scan.as_deref()),
        line("same as", face),
    ]
    .into_iter()
    .flatten()
}

/// Returns the instant of a point's data, with `≤` where it is only a bound.
#[must_use]
pub fn data_from(point: &RecoveryPoint) -> String {
    match (point.when, point.data_at) {
        (When::Window { earliest, latest }, _) => {
            let (first, last) = (words::instant(earliest), words::instant(latest));
            format!("any second from {first} to {last}")
        }
        (When::At { .. }, DataTime::Known(at)) => words::instant(at),
        (When::At { .. }, DataTime::AtMost(at)) => format!("≤ {}", words::instant(at)),
    }
}

fn lost(point: &RecoveryPoint, span: SignedDuration) -> String {
    if !span.is_positive() {
        return "none: it was taken after the incident, and may hold the damage".to_owned();
    }
    match point.data_at {
        DataTime::Known(_) => words::span(span),
        DataTime::AtMost(_) => words::at_least(span),
    }
}

fn tier(point: &RecoveryPoint) -> &'static str {
    match point.tier {
        Tier::Standard => "standard",
        Tier::Archive if point.kind == PointKind::BackupPoint => {
            "cold: a restore from it takes hours longer"
        }
        Tier::Archive => "archive: must be brought back first, which takes up to 72 hours",
    }
}

fn encryption(point: &RecoveryPoint) -> String {
    match (point.encrypted, &point.kms_key) {
        (false, _) => "none".to_owned(),
        (true, Some(key)) => shown(key),
        (true, None) => "yes, key not known".to_owned(),
    }
}

/// Returns where a point comes from.
#[must_use]
pub fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::AwsBackup => "AWS Backup",
        Origin::Dlm => "DLM",
        Origin::Automated => "automated",
        Origin::Image => "image",
        Origin::Defib => "defib",
        Origin::ByHand => "by hand",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recovery_point::PointKind;
    use crate::tui::fixtures;

    #[test]
    fn a_point_of_aws_backup_says_where_it_is_and_what_a_scan_found() {
        let mut point = fixtures::snapshot("snap-1", "vol-1", 14);
        assert_eq!(of_backup(&point).count(), 0);
        point.vault = Some("locked\u{202e}".into());
        point.scan = Some("THREATS_FOUND: MALWARE".into());
        point.face_of = Some((PointKind::EbsSnapshot, "snap-1".into()));
        let told: Vec<_> = of_backup(&point).collect();
        let told: Vec<_> = told
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        let wanted = [
            ("vault", "locked‹U+202E›"),
            ("scan", "THREATS_FOUND: MALWARE"),
            ("same as", "snap-1"),
        ];
        assert_eq!(told, wanted);
    }
}
