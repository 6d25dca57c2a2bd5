//! Everything that is known of a point, a line each.
//! Text of others is shown in its harmless form only.

use jiff::{SignedDuration, Timestamp};

use crate::catalog::store::{GONE, Point};
use crate::domain::incident::data_used;
use crate::domain::readiness::{NOT_USABLE, Readiness};
use crate::domain::recovery_point::{
    DataTime, IN_RECYCLE_BIN, Origin, PointKind, RecoveryPoint, Tier, When,
};
use crate::domain::resource::Resource as Found;
use crate::domain::text::{Untrusted, shown};
use crate::domain::words;
use crate::tui::known::Known;
use crate::tui::screens::text::TextScreen;

use super::asked::Told;
use super::{asked, standing};

/// Cells for the names of the lines.
const NAMES: usize = 16;

/// Returns a screen of them.
#[must_use]
pub fn screen(point: &RecoveryPoint, of: &Found, known: &Known) -> TextScreen {
    let id = shown(words::short_id(&point.id));
    let title = format!("{} {id}", point.kind.as_str());
    let file = format!("defib-{}.txt", words::short_id(&point.id));
    TextScreen::facts(title, lines(point, of, known, Told::InFull), file)
}

/// Returns the lines.
#[must_use]
pub fn lines(point: &RecoveryPoint, of: &Found, known: &Known, how: Told) -> Vec<String> {
    let sections = [
        ("", facts(point, of, known, how)),
        ("who else may use it", asked::sharing(point, known, how)),
        ("what AWS Backup tells", asked::of_backup(point, known, how)),
        ("what keeps it", keeping(point, known)),
        ("where it comes from", lineage(point, known)),
        ("where it is", whereabouts(point)),
    ];
    let mut lines = Vec::new();
    let told = sections.into_iter().filter(|(_, facts)| !facts.is_empty());
    for (head, facts) in told {
        if !head.is_empty() {
            lines.extend([String::new(), format!("# {head}")]);
        }
        let facts = facts.into_iter();
        lines.extend(facts.map(|(name, value)| format!("{name:<NAMES$}{value}")));
    }
    lines.extend([String::new(), "# tags".to_owned()]);
    if point.tags.is_empty() {
        lines.push(untagged(point).to_owned());
    }
    let tag =
        |(key, value): (&Untrusted, &Untrusted)| format!("{} = {}", key.shown(), value.shown());
    lines.extend(point.tags.iter().map(tag));
    lines
}

/// Neither AWS Backup nor the Recycle Bin lists the tags of a point.
fn untagged(point: &RecoveryPoint) -> &'static str {
    if point.kind == PointKind::BackupPoint || point.state == IN_RECYCLE_BIN {
        return "not listed";
    }
    "none"
}

/// Lines, each of a name and what is said under it, fit to be shown.
pub(super) type Facts = Vec<(&'static str, String)>;

fn or_none(text: Option<String>) -> String {
    text.unwrap_or_else(|| "none".to_owned())
}

fn facts(point: &RecoveryPoint, of: &Found, known: &Known, how: Told) -> Facts {
    let used = data_used(point.when, point.data_at, known.incident);
    let mut facts = vec![
        ("id", shown(&point.id)),
        ("name", or_none(point.name.as_ref().map(Untrusted::shown))),
        ("resource", resource(point, of)),
    ];
    // What the choice depends on stands where it is seen in the smallest terminal too.
    facts.push(("usable", usable(point, known)));
    if let Some(incident) = known.incident {
        facts.push(("data lost", lost(point, incident.duration_since(used))));
    }
    facts.extend([
        ("data from", data_from(point)),
        (
            "local time",
            words::understood(used, known.now, &known.settings.zone),
        ),
    ]);
    facts.extend(of.engine.as_deref().map(|engine| ("engine", shown(engine))));
    let size = point.size_bytes.map(words::size);
    facts.extend([("state", state(point)), ("tier", tier(point).to_owned())]);
    facts.extend(asked::storage(point, known, how));
    facts.extend(
        point
            .architecture
            .map(|one| ("architecture", one.as_str().to_owned())),
    );
    facts.extend([
        ("size", size.unwrap_or_else(|| "not known".to_owned())),
        ("encryption", encryption(point)),
    ]);
    facts.extend(as_known(point, known));
    facts.extend(point.scan.as_deref().map(|scan| ("scan", shown(scan))));
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

/// Names the resource, and where it lives if not where the point is.
fn resource(point: &RecoveryPoint, of: &Found) -> String {
    let named = format!("{} {}", of.kind.as_str(), shown(&of.id));
    match &point.resource_home {
        Some(home) => format!("{named}, in {} {}", home.account, home.region),
        None => named,
    }
}

fn usable(point: &RecoveryPoint, known: &Known) -> String {
    match standing::bar(point, known) {
        Some(_) if point.state == GONE => "no: it is gone".to_owned(),
        None if point.readiness() == Readiness::Later => {
            "yes, hours slower: it lies in cold storage".to_owned()
        }
        None => "yes".to_owned(),
        Some(bar) => format!("no: {bar}"),
    }
}

/// Its own lock, hold or retention, and those of the vault that holds it.
fn keeping(point: &RecoveryPoint, known: &Known) -> Facts {
    let mut facts = vec![("protection", protection(point, known))];
    let Some(name) = &point.vault else {
        return facts;
    };
    facts.push(("vault", shown(name)));
    let store = &known.catalog.store;
    let found = store.find(&point.place, point.kind, &point.id);
    let vault = found.and_then(|found| store.vault_of(found.row()));
    if let Some(vault) = vault.map(|vault| &store.vaults()[vault]) {
        facts.extend([
            ("vault lock", vault.lock.sentence(known.now)),
            ("retention", vault.retention()),
        ]);
    }
    facts
}

/// Its own lock, hold or retention, and whether there may be more: not everybody may ask.
fn protection(point: &RecoveryPoint, known: &Known) -> String {
    let told = point.protection.as_deref().map(shown);
    let coverage = &known.catalog.coverage;
    let kinds = [point.kind, PointKind::BackupPoint];
    // AWS Backup holds what lies in its vaults.
    let kinds = kinds
        .into_iter()
        .take(1 + usize::from(point.vault.is_some()));
    let mut unknown = kinds.filter(|kind| !coverage.knows_protection(&point.place, *kind));
    match (told, unknown.next()) {
        (told, None) => or_none(told),
        (Some(told), Some(_)) => format!("{told}; whether there is more is not known"),
        (None, Some(_)) => "not known: that could not be asked".to_owned(),
    }
}

/// Who made it, what it was copied from, its copies, and its ARN in AWS Backup.
fn lineage(point: &RecoveryPoint, known: &Known) -> Facts {
    let mut facts = vec![("origin", origin(point.origin).to_owned())];
    let store = &known.catalog.store;
    let found = store.find(&point.place, point.kind, &point.id);
    let source = found.and_then(|found| store.copied_from(found.row()));
    let copy_of = point.copy_of.as_deref().map(|id| match source {
        Some(source) => named(source),
        None => shown(id),
    });
    facts.push(("copy of", or_none(copy_of)));
    let mut copies = found
        .into_iter()
        .flat_map(|found| store.copies(found.row()));
    let first: Vec<String> = copies.by_ref().take(COPIES).map(named).collect();
    let more = copies.count();
    for (n, copy) in first.into_iter().enumerate() {
        facts.push((if n == 0 { "copies" } else { "" }, copy));
    }
    if more > 0 {
        facts.push(("", format!("and {more} more")));
    }
    let face = found.and_then(|found| store.shown_face(found.row()));
    facts.extend(face.map(|face| ("AWS Backup", shown(face.id()))));
    let same = point.face_of.as_ref().map(|(_, id)| ("same as", shown(id)));
    facts.extend(same);
    facts
}

/// So many copies are named.
const COPIES: usize = 6;

/// Names another point with its place.
fn named(point: Point<'_>) -> String {
    let place = point.place();
    let id = shown(words::short_id(point.id()));
    format!("{id}, {} {}", place.account, place.region)
}

fn whereabouts(point: &RecoveryPoint) -> Facts {
    let place = &point.place;
    vec![
        ("account", place.account.to_string()),
        ("Region", place.region.to_string()),
        ("profile", or_none(place.profile.as_deref().map(shown))),
    ]
}

/// Returns the instant of a point's data, with `≤` where it is only a bound.
#[must_use]
pub fn data_from(point: &RecoveryPoint) -> String {
    match (point.when, point.data_at) {
        (When::Window { earliest, latest }, _) => {
            let ends = between((earliest, latest), point.data_at, words::instant);
            format!("any second {ends}")
        }
        (When::At { .. }, DataTime::Known(at)) => words::instant(at),
        (When::At { .. }, DataTime::AtMost(at)) => format!("≤ {}", words::instant(at)),
    }
}

/// Returns the ends of a window in words, and says where they are only inferred.
#[must_use]
pub fn between(
    (earliest, latest): (Timestamp, Timestamp),
    data_at: DataTime,
    last: impl Fn(Timestamp) -> String,
) -> String {
    let about = match data_at {
        DataTime::Known(_) => "",
        DataTime::AtMost(_) => "about ",
    };
    let (first, last) = (words::instant(earliest), last(latest));
    format!("from {about}{first} to {about}{last}")
}

fn lost(point: &RecoveryPoint, span: SignedDuration) -> String {
    if point.readiness() == Readiness::Never {
        return NOT_USABLE.to_owned();
    }
    if !span.is_positive() && matches!(point.data_at, DataTime::AtMost(_)) {
        return "not known: it was made after the incident, of data of unknown age".to_owned();
    }
    if !span.is_positive() {
        return "none: it was taken after the incident, and may hold the damage".to_owned();
    }
    words::loss(span, matches!(point.data_at, DataTime::Known(_)))
}

fn state(point: &RecoveryPoint) -> String {
    let state = shown(&point.state);
    if point.copy_first {
        return format!("{state}: shared and encrypted, so AWS restores from a copy of it only");
    }
    state
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
        (None, _) => "not known".to_owned(),
        (Some(false), _) => "none".to_owned(),
        (Some(true), Some(key)) => match &point.key_state {
            Some(state) => format!("{}, which cannot be used: {}", shown(key), shown(state)),
            None => shown(key),
        },
        (Some(true), None) => "yes, key not known".to_owned(),
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
    use crate::tui::fixtures;
    use crate::tui::model::Model;

    fn told(point: &RecoveryPoint, model: &Model) -> String {
        let of = crate::tui::screens::resource::stand_in(point);
        lines(point, &of, &model.known, Told::InFull).join("\n")
    }

    #[test]
    fn a_point_of_aws_backup_says_where_it_is_and_what_a_scan_found() {
        let model = fixtures::model(80, 24);
        let mut point = fixtures::snapshot("snap-1", "vol-1", 14);
        assert!(!told(&point, &model).contains("vault"));
        point.vault = Some("locked\u{202e}".into());
        point.scan = Some("THREATS_FOUND: MALWARE".into());
        point.face_of = Some((PointKind::EbsSnapshot, "snap-1".into()));
        let told = told(&point, &model);
        for line in [
            "vault           locked‹U+202E›",
            "scan            THREATS_FOUND: MALWARE",
            "same as         snap-1",
            "usable          no: a scan found malware in it",
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
    }

    #[test]
    fn what_keeps_a_point_is_not_known_where_that_could_not_be_asked() {
        let mut model = fixtures::model(80, 24);
        let mut point = fixtures::snapshot("snap-1", "vol-1", 14);
        assert!(told(&point, &model).contains("protection      none"));
        let (place, kind) = (point.place.clone(), PointKind::EbsSnapshot);
        let failure = fixtures::denied("ec2:DescribeLockedSnapshots");
        let number = model.known.catalog.scan;
        let not_listed = crate::tui::msg::Scanned::NotListed {
            place: place.clone(),
            kind,
            failure: Box::new(failure),
        };
        let msg = crate::tui::msg::Msg::Scan {
            number,
            told: not_listed,
        };
        crate::tui::update::update(&mut model, msg);
        assert!(told(&point, &model).contains("protection      not known"));
        point.protection = Some("legal hold".into());
        assert!(told(&point, &model).contains("legal hold; whether there is more is not known"));
        let failures = &model.known.catalog.failures;
        assert_eq!(failures.len(), 1);
        assert!(
            failures[0]
                .name
                .ends_with("ebs-snapshot protection not known")
        );
        let of = Found {
            kind: crate::domain::resource::ResourceKind::Volume,
            ..crate::tui::screens::resource::stand_in(&point)
        };
        assert_eq!(
            model.known.catalog.coverage.gap(&of),
            None,
            "every point is there"
        );
    }

    #[test]
    fn a_joined_point_names_its_arn_in_aws_backup_its_vault_and_its_copies() {
        let mut model = fixtures::model(80, 24);
        let native = fixtures::snapshot("snap-1", "vol-1", 14);
        let mut face = fixtures::snapshot("arn:aws:ec2:eu-west-1::snapshot/snap-1", "vol-1", 14);
        face.kind = PointKind::BackupPoint;
        face.state = "COMPLETED".into();
        face.vault = Some("locked".into());
        face.face_of = Some((PointKind::EbsSnapshot, "snap-1".into()));
        let mut copy = fixtures::snapshot("snap-2", "vol-1", 10);
        copy.copy_of = Some("snap-1".into());
        copy.place.region = "us-east-1".into();
        let store = &mut model.known.catalog.store;
        store.take(vec![native, face, copy], vec![]);
        store.take_vaults(vec![fixtures::vault("locked")]);
        let native = store.point(0).whole();
        let told = told(&native, &model);
        for line in [
            "AWS Backup      arn:aws:ec2:eu-west-1::snapshot/snap-1",
            "vault lock      compliance, immutable",
            "copies          snap-2, 111122223333 us-east-1",
            "retention       7-365 days",
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
    }

    #[test]
    fn what_the_recycle_bin_does_not_list_is_not_made_up() {
        let model = fixtures::model(80, 24);
        let mut point = fixtures::snapshot("snap-1", "vol-1", 14);
        (point.encrypted, point.kms_key) = (Some(false), None);
        assert!(told(&point, &model).contains("encryption      none"));
        (point.state, point.encrypted) = (IN_RECYCLE_BIN.into(), None);
        let told = told(&point, &model);
        assert!(told.contains("encryption      not known"), "{told}");
        assert!(told.ends_with("# tags\nnot listed"), "{told}");
    }

    #[test]
    fn a_window_whose_ends_are_inferred_does_not_state_them() {
        let model = fixtures::model(80, 24);
        let mut point = fixtures::snapshot("snap-1", "vol-1", 14);
        let latest = point.data_at.bound();
        point.when = When::Window {
            earliest: latest - SignedDuration::from_hours(24),
            latest,
        };
        let from = |point: &RecoveryPoint| data_from(point);
        assert_eq!(
            from(&point),
            "any second from 2026-03-13 02:17:00Z to 2026-03-14 02:17:00Z"
        );
        point.data_at = DataTime::AtMost(latest);
        let about = "any second from about 2026-03-13 02:17:00Z to about 2026-03-14 02:17:00Z";
        assert_eq!(from(&point), about);
        assert!(told(&point, &model).contains(about));
    }

    #[test]
    fn what_lies_in_cold_storage_is_usable_and_slower() {
        let model = fixtures::model(80, 24);
        let mut point = fixtures::snapshot("arn:rp-1", "vol-1", 14);
        (point.kind, point.state) = (PointKind::BackupPoint, "COMPLETED".into());
        point.tier = Tier::Archive;
        let told = told(&point, &model);
        assert!(told.contains("usable          yes, hours slower"), "{told}");
    }

    #[test]
    fn a_copy_that_was_made_after_the_incident_may_hold_older_data() {
        let mut model = fixtures::model(80, 24);
        let mut point = fixtures::snapshot("snap-1", "vol-1", 14);
        model.known.incident = Some(fixtures::now() - SignedDuration::from_mins(20));
        assert!(told(&point, &model).contains("data lost       none: it was taken after"));
        point.data_at = DataTime::AtMost(point.data_at.bound());
        assert!(told(&point, &model).contains("data lost       not known"));
    }
}
