//! `defib points`: recovery points, the youngest data first, as a table or as JSON lines.
//! What is listed is decided by `catalog`; this picks, sorts and prints.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::Timestamp;

use crate::catalog::source::{REGISTRY, Source};
use crate::catalog::store::{Point, Store, sort_time};
use crate::domain::readiness::stored;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::Resource;
use crate::domain::text::{Untrusted, shown};
use crate::domain::words;
use crate::report::Report;

use super::json::PointLine;
use super::table::{Column, Fit, lines, telling};
use super::{Session, cached, listing};

/// Arguments of the command.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Only points of this kind
    #[arg(long, value_name = "K", value_parser = kinds())]
    kind: Option<PointKind>,
    /// Only points with this text in an id, a name or a tag, in any case
    #[arg(long = "match", value_name = "TEXT")]
    text: Option<String>,
    /// Only points that hold data from before this time, or may (≤): RFC 3339 with Z or an offset, or "38m ago"
    #[arg(long, value_name = "TIME")]
    before: Option<String>,
    /// Only points of this resource, and copies of them
    #[arg(long, value_name = "ID")]
    resource: Option<String>,
    /// Ask nobody: list what was known when these places were listed last
    #[arg(long)]
    cached: bool,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

fn kinds() -> impl TypedValueParser<Value = PointKind> {
    PossibleValuesParser::new(PointKind::ALL.map(PointKind::as_str)).map(|word| {
        PointKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .expect("the parser takes no other words")
    })
}

/// Lists recovery points.
///
/// # Errors
/// A report if no place answered, or a time is no time.
pub async fn run(args: &Args, session: &mut Session<'_>) -> Result<u8, Report> {
    let before = listing::incident(args.before.as_deref(), session, !args.json)?;
    let sources: Vec<&'static dyn Source> = REGISTRY
        .iter()
        .copied()
        .filter(|source| args.kind.is_none_or(|kind| is_asked(source.kind(), kind)))
        .collect();
    let listing = if args.cached {
        cached::list(session, !args.json, &sources)?
    } else {
        listing::list(session, &sources).await?
    };
    let points = chosen(args, before, &listing.store);
    if args.json {
        for point in &points {
            let at = listing.known_at(point.place(), point.kind());
            session
                .output
                .json(&PointLine::from(&point.whole()).cached(at))?;
        }
        return Ok(listing.exit());
    }
    if points.is_empty() {
        session.output.note("no recovery points");
        for hint in hints(args, before, &listing.store) {
            session.output.note(&hint);
        }
        return Ok(listing.exit());
    }
    let now = session.clock.now();
    let rows: Vec<Vec<String>> = points
        .iter()
        .map(|point| row(&point.whole(), now))
        .collect();
    for line in lines(&columns(&rows), &rows, session.output.width()) {
        session.output.line(&line)?;
    }
    Ok(listing.exit())
}

/// Tells whether a source has to be asked for points of a kind. The vaults tell of what other services list where
/// it is from, and of what, when and how it is kept.
fn is_asked(source: PointKind, kind: PointKind) -> bool {
    source == kind || (source == PointKind::BackupPoint && kind.has_faces())
}

/// Tells whether a point is of a kind; what lies in a vault is a point of AWS Backup as well.
fn is_of(point: Point<'_>, kind: PointKind) -> bool {
    point.kind() == kind || (kind == PointKind::BackupPoint && point.backup_arn().is_some())
}

/// Picks the points that were asked for, the youngest data first.
fn chosen<'a>(args: &Args, before: Option<Timestamp>, store: &'a Store) -> Vec<Point<'a>> {
    let points: Vec<Point<'_>> = match &args.resource {
        None => store.points().collect(),
        Some(id) => {
            let resources = store.resources().iter().filter(|one| one.id == *id);
            resources.flat_map(|one| store.points_of(one)).collect()
        }
    };
    let text = args.text.as_ref().map(|text| text.to_lowercase());
    let mut points: Vec<Point<'_>> = points
        .into_iter()
        .filter(|point| args.kind.is_none_or(|kind| is_of(*point, kind)))
        .filter(|point| before.is_none_or(|before| point.may_hold_data_before(before)))
        .filter(|point| {
            text.as_ref()
                .is_none_or(|text| mentions(*point, text, store))
        })
        .collect();
    // Arrival order is chance; the same account gives the same list.
    points.sort_by_key(|point| {
        let youngest_first = std::cmp::Reverse(point.sort_time());
        (youngest_first, point.place(), point.kind(), point.id())
    });
    points.dedup();
    points
}

/// Says why nothing may have been found, and what finds more.
fn hints(args: &Args, before: Option<Timestamp>, store: &Store) -> Vec<String> {
    let mut hints = Vec::new();
    if let Some(id) = &args.resource {
        let shown_id = shown(id);
        let known = store.resources().iter().any(|one| one.id == *id);
        let on = |one: &&Resource| one.attached_to.as_ref().is_some_and(|(on, _)| on == id);
        let volumes = store.resources().iter().filter(on);
        hints.extend(volumes.map(|one| {
            let device = one.attached_to.as_ref().map(|(_, device)| shown(device));
            let (volume, device) = (shown(&one.id), device.unwrap_or_default());
            format!("{shown_id} holds {volume} at {device}: defib points --resource {volume}")
        }));
        if !known && hints.is_empty() {
            hints.push(format!(
                "no place that was asked knows {shown_id}: check --profile and --region"
            ));
        }
    }
    if before.is_some() || args.text.is_some() || args.kind.is_some() {
        hints.push("without --before, --match and --kind more may be listed".to_owned());
    }
    hints
}

/// Looks for a text, in lower case, in everything that names a point or its resource.
fn mentions(point: Point<'_>, text: &str, store: &Store) -> bool {
    let has = |held: &str| held.to_lowercase().contains(text);
    let of_resource = point.resource_row().is_some_and(|row| {
        let resource = &store.resources()[row];
        let name = resource.name.as_ref();
        has(&resource.id) || name.is_some_and(|name| has(name.raw()))
    });
    has(point.id())
        || point.raw_name().is_some_and(has)
        || of_resource
        || point.copy_of().is_some_and(has)
        || point.raw_tags().any(|(key, value)| has(key) || has(value))
}

/// What the next command needs is never cut: the point's id, and the place where it is not the same
/// for all. Of an ARN the last part is shown; `--match` finds it by that, and `--json` has all of it.
fn columns(rows: &[Vec<String>]) -> [Column; 10] {
    [
        column("POINT", Fit::Whole, 0),
        column("RESOURCE", Fit::Middle, 1),
        column("NAME", Fit::End, 4),
        column("DATA FROM", Fit::Whole, 0),
        column("AGE", Fit::Right, 5),
        column("SIZE", Fit::Right, 6),
        column("STATE", Fit::Whole, 2),
        column("ORIGIN", Fit::Whole, 7),
        telling("REGION", 8, 0, rows),
        telling("ACCOUNT", 9, 0, rows),
    ]
}

const fn column(title: &'static str, fit: Fit, drop: u8) -> Column {
    Column { title, fit, drop }
}

fn row(point: &RecoveryPoint, now: Timestamp) -> Vec<String> {
    let resource = point.resource.as_ref().map(|(_, id)| shown(id));
    let copy = point
        .copy_of
        .as_ref()
        .map(|id| format!("copy of {}", shown(id)));
    let name = point.name.as_ref().map(Untrusted::shown);
    let dash = || "—".to_owned();
    vec![
        shown(words::short_id(&point.id)),
        resource.or(copy).unwrap_or_else(dash),
        name.unwrap_or_default(),
        data_from(point),
        age(point, now),
        point.size_bytes.map_or_else(dash, words::size),
        state(point),
        origin(point).to_owned(),
        point.place.region.to_string(),
        point.place.account.to_string(),
    ]
}

/// Returns the instant of a point's data as it is shown, with `≤` where it is only a bound.
#[must_use]
pub fn data_from(point: &RecoveryPoint) -> String {
    match (point.when, point.data_at) {
        (When::Window { latest, .. }, DataTime::Known(_)) => {
            format!("any to {}", words::instant(latest))
        }
        // Where it ends is inferred.
        (When::Window { latest, .. }, DataTime::AtMost(_)) => {
            format!("any to ≤ {}", words::instant(latest))
        }
        (When::At { .. }, DataTime::Known(at)) => words::instant(at),
        (When::At { .. }, DataTime::AtMost(at)) => format!("≤ {}", words::instant(at)),
    }
}

fn age(point: &RecoveryPoint, now: Timestamp) -> String {
    let certain = matches!(point.data_at, DataTime::Known(_));
    words::age(now.duration_since(sort_time(point)), certain)
}

fn state(point: &RecoveryPoint) -> String {
    match point.tier {
        Tier::Standard if point.copy_first => format!("{}, copy first", shown(&point.state)),
        Tier::Standard => shown(&point.state),
        Tier::Archive => stored(point.kind).to_owned(),
    }
}

fn origin(point: &RecoveryPoint) -> &'static str {
    match point.origin {
        Origin::AwsBackup => "AWS Backup",
        Origin::Dlm => "DLM",
        Origin::Automated => "automated",
        Origin::Image => "image",
        Origin::Defib => "defib safety snapshot",
        Origin::ByHand => "by hand",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::fixtures::{copy, place, point, store, volume};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn estate() -> Store {
        let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
        let mut other = point("snap-9", &here, "2026-03-01T02:30:00Z");
        other.resource = None;
        other.tags = [("Team".into(), "Löwen".into())].into();
        let points = vec![
            point("snap-1", &here, "2026-03-01T01:00:00Z"),
            point("snap-2", &here, "2026-03-01T02:00:00Z"),
            copy("snap-3", "snap-1", &there),
            other,
        ];
        store(points, vec![volume("vol-1", &here)])
    }

    fn ids(args: &Args, before: Option<&str>) -> Vec<String> {
        let store = estate();
        let points = chosen(args, before.map(at), &store);
        points.iter().map(|point| point.id().to_owned()).collect()
    }

    #[test]
    fn the_youngest_data_comes_first() {
        let wanted = ["snap-3", "snap-9", "snap-2", "snap-1"];
        assert_eq!(ids(&Args::default(), None), wanted);
    }

    #[test]
    fn points_before_a_time_have_their_data_from_before_it_or_nobody_knows_how_old_it_is() {
        let ids = ids(&Args::default(), Some("2026-03-01T02:00:00Z"));
        assert_eq!(ids, ["snap-3", "snap-1"], "one is a copy made later");
    }

    #[test]
    fn what_lies_in_a_vault_is_a_point_of_aws_backup_too() {
        let here = place("a", "eu-west-1");
        let mut face = point("arn:rp-1", &here, "2026-03-01T02:00:00Z");
        face.kind = PointKind::BackupPoint;
        face.face_of = Some((PointKind::EbsSnapshot, "snap-1".into()));
        let own = point("snap-1", &here, "2026-03-01T02:00:00Z");
        let other = point("snap-2", &here, "2026-03-01T01:00:00Z");
        let store = store(vec![own, face, other], vec![]);
        let of = |kind| {
            let args = Args {
                kind: Some(kind),
                ..Args::default()
            };
            let points = chosen(&args, None, &store);
            points
                .iter()
                .map(|one| one.id().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(of(PointKind::BackupPoint), ["snap-1"]);
        assert_eq!(of(PointKind::EbsSnapshot), ["snap-1", "snap-2"]);
    }

    #[test]
    fn the_points_of_a_resource_are_its_own_and_their_copies() {
        let args = Args {
            resource: Some("vol-1".into()),
            ..Args::default()
        };
        assert_eq!(ids(&args, None), ["snap-3", "snap-2", "snap-1"]);
    }

    #[test]
    fn an_instance_without_points_leads_to_its_volumes() {
        let here = place("a", "eu-west-1");
        let mut attached = volume("vol-1", &here);
        attached.attached_to = Some(("i-1".into(), "/dev/sdf".into()));
        let store = store(vec![], vec![attached]);
        let of = |id: &str| {
            let args = Args {
                resource: Some(id.into()),
                ..Args::default()
            };
            hints(&args, None, &store)
        };
        let wanted = "i-1 holds vol-1 at /dev/sdf: defib points --resource vol-1";
        assert_eq!(of("i-1"), [wanted]);
        assert!(of("vol-9")[0].contains("knows vol-9"));
        assert!(of("vol-1").is_empty());
    }

    #[test]
    fn a_text_is_found_in_ids_names_and_tags_in_any_case() {
        let found = |text: &str| {
            let args = Args {
                text: Some(text.into()),
                ..Args::default()
            };
            ids(&args, None)
        };
        assert_eq!(found("löWEN"), ["snap-9"]);
        assert_eq!(found("ORDERS"), ["snap-2", "snap-1"]);
        assert_eq!(found("snap-1"), ["snap-3", "snap-1"]);
        assert!(found("nowhere").is_empty());
    }

    #[test]
    fn a_row_has_the_last_part_of_an_arn_by_which_it_is_found() {
        let arn = "arn:aws:dynamodb:eu-west-1:1:table/carts/backup/01773440220000-f6adc162";
        let here = place("a", "eu-west-1");
        let backup = point(arn, &here, "2026-03-01T02:00:00Z");
        let row = row(&backup, at("2026-03-01T03:38:00Z"));
        assert_eq!(row[0], "01773440220000-f6adc162");
        let args = Args {
            text: Some(row[0].clone()),
            ..Args::default()
        };
        let store = store(vec![backup], vec![]);
        assert_eq!(chosen(&args, None, &store).len(), 1);
    }

    #[test]
    fn a_row_shows_hostile_names_harmless_and_copies_with_their_bound() {
        let mut copy = copy("snap-3", "snap-1", &place("a", "us-east-1"));
        copy.name = Some("a\u{1b}[31m\u{202e}表".into());
        let row = row(&copy, at("2026-03-01T03:38:00Z"));
        assert_eq!(row[1], "copy of snap-1");
        assert_eq!(row[2], "a‹U+001B›[31m‹U+202E›表");
        assert_eq!(row[3], "≤ 2026-03-01 03:00:00Z");
        assert_eq!(row[4], "≥ 38 min");
        let rows = [row];
        let table = lines(&columns(&rows), &rows, Some(80));
        assert!(table.iter().all(|line| !line.contains('\u{1b}')));
    }

    #[test]
    fn eighty_columns_keep_the_point_whole_and_the_place_where_it_differs() {
        let there = place("a", "us-east-1");
        let mut points = [
            point(
                "snap-0123456789abcdef0",
                &place("a", "eu-west-1"),
                "2026-03-01T02:00:00Z",
            ),
            copy("snap-0123456789abcdef1", "snap-0123456789abcdef0", &there),
        ];
        for account in ["111122223333", "444455556666"] {
            points[1].place.account = account.into();
            let rows = points
                .each_ref()
                .map(|one| row(one, at("2026-03-01T02:38:00Z")));
            let table = lines(&columns(&rows), &rows, Some(80));
            let wide = table.iter().any(|line| line.chars().count() > 80);
            assert!(!wide, "{table:#?}");
            for kept in ["POINT", "DATA FROM", "REGION"] {
                assert!(table[0].contains(kept), "{table:#?}");
            }
            assert!(table[2].contains("snap-0123456789abcdef1 "), "{table:#?}");
            let differs = account == "444455556666";
            assert_eq!(table[0].contains("ACCOUNT"), differs, "{table:#?}");
        }
    }
}
