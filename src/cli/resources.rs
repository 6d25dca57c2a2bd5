//! `defib resources`: every resource with its best recovery point and what would be lost by it.
//! Which point is best is decided by `domain::incident`.

use jiff::Timestamp;

use crate::catalog::source::REGISTRY;
use crate::catalog::store::{Point, Store, told_by};
use crate::domain::coverage::{Coverage, Gap};
use crate::domain::incident::Best;
use crate::domain::recovery_point::When;
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::text::{Untrusted, shown};
use crate::domain::verdict::{Verdict, of_unknown_age};
use crate::domain::words;
use crate::report::Report;

use super::json::ResourceLine;
use super::points::data_from;
use super::table::{Column, Fit, lines, telling};
use super::{Session, cached, listing};

/// Arguments of the command.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Best point before this time: RFC 3339 with Z or an offset, or "38m ago"
    #[arg(long, value_name = "TIME")]
    before: Option<String>,
    /// Ask nobody: list what was known when these places were listed last
    #[arg(long)]
    cached: bool,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Lists resources.
///
/// # Errors
/// A report if no place answered, or a time is no time.
pub async fn run(args: &Args, session: &mut Session<'_>) -> Result<u8, Report> {
    let before = listing::incident(args.before.as_deref(), session, !args.json)?;
    let listing = if args.cached {
        cached::list(session, !args.json, REGISTRY)?
    } else {
        let mut listing = listing::list(session, REGISTRY).await?;
        listing.ask_keys_of_best(before, session.output).await;
        listing
    };
    let found = with_best(&listing.store, before);
    if args.json {
        for one in &found {
            let best = one.best.map(|best| best.with(Point::whole));
            let best_at = best.as_ref();
            let best_at =
                best_at.and_then(|one| listing.known_at(&one.point.place, one.point.kind));
            let at = listing.known_at(&one.resource.place, told_by(one.resource.kind));
            let gap = listing.coverage.gap(one.resource);
            let line = ResourceLine::new(one.resource, best.as_ref(), one.points, gap.as_ref());
            let verdict = verdict(one.resource, &listing.store, before, gap.clone());
            let verdict = best.is_none().then_some(&verdict);
            let points = listing.store.points_of(one.resource).into_iter();
            let unknown_age = of_unknown_age(points.map(Point::candidate), before);
            let line = line.of_unknown_age(unknown_age, verdict);
            session.output.json(&line.cached(at, best_at))?;
        }
        return Ok(listing.exit());
    }
    if found.is_empty() {
        session.output.note("no resources");
        return Ok(listing.exit());
    }
    for one in &found {
        if let Some(note) = doubt(one) {
            session.output.note(&note);
        }
    }
    let view = View {
        store: &listing.store,
        before,
        now: session.clock.now(),
        coverage: &listing.coverage,
    };
    let rows: Vec<Vec<String>> = found.iter().map(|one| view.row(one)).collect();
    for line in lines(&columns(before, &rows), &rows, session.output.width()) {
        session.output.line(&line)?;
    }
    Ok(listing.exit())
}

/// A resource, its best point, and how many points it has.
struct Found<'a> {
    resource: &'a Resource,
    best: Option<Best<Point<'a>>>,
    points: usize,
}

/// Says why the best point of a resource is not to be trusted, where it is not.
fn doubt(one: &Found<'_>) -> Option<String> {
    let best = one.best.filter(|best| best.safety)?;
    Some(format!(
        "! {}: its only usable point, {}, is a defib safety snapshot, taken of what a restore was about \
         to replace; it may hold the damage",
        shown(&one.resource.id),
        shown(best.point.id())
    ))
}

/// Decides why a resource has no best point.
fn verdict(
    resource: &Resource,
    store: &Store,
    before: Option<Timestamp>,
    gap: Option<Gap>,
) -> Verdict {
    let points = store.points_of(resource).into_iter();
    Verdict::of(resource, gap, points.map(Point::candidate), before)
}

fn with_best(store: &Store, before: Option<Timestamp>) -> Vec<Found<'_>> {
    let mut found: Vec<Found<'_>> = store
        .resources()
        .iter()
        .enumerate()
        .filter(|(row, _)| store.stands(*row))
        .map(|(row, resource)| Found {
            resource,
            best: store.best_at(row, before),
            points: store.points_at(row).count(),
        })
        .collect();
    found.sort_by_key(|one| {
        let Resource {
            place,
            kind,
            name,
            id,
            ..
        } = one.resource;
        (place, *kind, name.is_none(), name, id)
    });
    found
}

/// A safety snapshot is called one where it stands, too.
fn marked(best: &Best<Point<'_>>) -> String {
    let id = match best.point.when() {
        When::At { .. } => shown(words::short_id(best.point.id())),
        // It is not gone back to by its id.
        When::Window { .. } => "any second".to_owned(),
    };
    match (best.words(), best.safety) {
        (Some(words), _) => format!("{words} {id}"),
        (None, true) => format!("safety {id}"),
        (None, false) => id,
    }
}

/// The ids that the next command needs are never cut.
fn columns(before: Option<Timestamp>, rows: &[Vec<String>]) -> [Column; 9] {
    let column = |title, fit, drop| Column { title, fit, drop };
    [
        column("RESOURCE", Fit::End, 0),
        column("ID", Fit::Whole, 1),
        column("KIND", Fit::Whole, 5),
        column("BEST", Fit::Whole, 0),
        column("DATA FROM", Fit::Whole, 4),
        match before {
            Some(_) => column("DATA LOST", Fit::Right, 0),
            None => column("AGE", Fit::Right, 0),
        },
        column("ON", Fit::Middle, 6),
        telling("REGION", 7, 2, rows),
        telling("ACCOUNT", 8, 3, rows),
    ]
}

/// What the rows of a table depend on.
struct View<'a> {
    store: &'a Store,
    before: Option<Timestamp>,
    now: Timestamp,
    coverage: &'a Coverage,
}

impl View<'_> {
    fn row(&self, one: &Found<'_>) -> Vec<String> {
        let resource = one.resource;
        let name = resource.name.as_ref().map(Untrusted::shown);
        let (best, from, loss) = match &one.best {
            Some(best) => (
                marked(best),
                data_from(&best.point.whole()),
                self.loss(best),
            ),
            None => (self.none(resource), "—".to_owned(), "—".to_owned()),
        };
        vec![
            name.unwrap_or_else(|| "—".to_owned()),
            shown(&resource.id),
            self.kind(resource),
            best,
            from,
            loss,
            self.attachment(resource),
            resource.place.region.to_string(),
            resource.place.account.to_string(),
        ]
    }

    fn kind(&self, resource: &Resource) -> String {
        let kind = resource.kind.as_str();
        // Where a listing failed, a resource may exist without having been seen.
        if resource.exists || !self.coverage.is_whole(&resource.place) {
            kind.to_owned()
        } else {
            format!("{kind}, gone")
        }
    }

    /// Says why there is no best point.
    fn none(&self, resource: &Resource) -> String {
        let gap = self.coverage.gap(resource);
        let verdict = verdict(resource, self.store, self.before, gap);
        match verdict {
            Verdict::AgeUnknown(count) => format!("{} ({count} may be older)", verdict.words()),
            Verdict::SeeVolumes
            | Verdict::UnderWay
            | Verdict::NotListed(_)
            | Verdict::NoPoints
            | Verdict::NoneUsable
            | Verdict::NoneBefore => verdict.words().to_owned(),
        }
    }

    /// Data lost, or the age of the data where nobody said when it went wrong.
    fn loss(&self, best: &Best<Point<'_>>) -> String {
        let age = || self.now.duration_since(best.point.sort_time());
        best.lost.map_or_else(
            || words::age(age(), best.certain),
            |lost| words::loss(lost, best.certain),
        )
    }

    fn attachment(&self, resource: &Resource) -> String {
        let Some((instance, device)) = &resource.attached_to else {
            return String::new();
        };
        let known = self
            .store
            .resource(&resource.place, ResourceKind::Instance, instance);
        let name = known.and_then(|instance| instance.name.as_ref());
        let instance = name.map_or_else(|| shown(instance), Untrusted::shown);
        format!("{instance} {}", shown(device))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::fixtures::{copy, place, point, store, volume};
    use crate::domain::recovery_point::PointKind;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn estate() -> Store {
        let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
        let mut attached = volume("vol-1", &here);
        attached.attached_to = Some(("i-1".into(), "/dev/sdf".into()));
        let mut instance = volume("i-1", &here);
        instance.kind = ResourceKind::Instance;
        instance.name = Some("web\u{1b}1".into());
        let mut gone = point("snap-7", &here, "2026-03-01T01:00:00Z");
        gone.resource = Some((ResourceKind::Volume, "vol-7".into()));
        let points = vec![
            point("snap-1", &here, "2026-03-01T02:00:00Z"),
            point("snap-2", &here, "2026-03-01T02:20:00Z"),
            copy("snap-3", "snap-1", &there),
            gone,
        ];
        store(points, vec![attached, instance])
    }

    /// What was listed, in both places: all of it, or no snapshots.
    fn coverage(complete: bool) -> Coverage {
        let mut coverage = Coverage::default();
        for region in ["eu-west-1", "us-east-1"] {
            let place = place("a", region);
            coverage.begin_kinds(&place, [(PointKind::EbsSnapshot, 1)]);
            coverage.ended(&place, PointKind::EbsSnapshot, complete);
        }
        coverage
    }

    fn rows(before: Option<&str>, complete: bool) -> Vec<Vec<String>> {
        let store = estate();
        let before = before.map(at);
        let coverage = coverage(complete);
        let view = View {
            store: &store,
            before,
            now: at("2026-03-01T04:00:00Z"),
            coverage: &coverage,
        };
        let found = with_best(&store, before);
        found.iter().map(|one| view.row(one)).collect()
    }

    #[test]
    fn each_resource_shows_its_best_point_and_the_data_lost() {
        let rows = rows(Some("2026-03-01T02:14:00Z"), true);
        assert_eq!(rows[0][..2], ["orders", "vol-1"]);
        assert_eq!(rows[0][3], "snap-1");
        assert_eq!(rows[0][5], "14 min");
        assert_eq!(rows[0][6], "web‹U+001B›1 /dev/sdf");
    }

    #[test]
    fn a_safety_snapshot_that_has_no_rival_is_marked_and_doubted() {
        let here = place("a", "eu-west-1");
        let mut safety = point("snap-9", &here, "2026-03-01T02:20:00Z");
        safety.origin = crate::domain::recovery_point::Origin::Defib;
        let alone = store(vec![safety.clone()], vec![volume("vol-1", &here)]);
        let found = with_best(&alone, None);
        let note = doubt(&found[0]).unwrap();
        assert!(note.contains("vol-1") && note.contains("snap-9"), "{note}");
        assert_eq!(marked(&found[0].best.unwrap()), "safety snap-9");
        let good = point("snap-1", &here, "2026-03-01T02:00:00Z");
        let both = store(vec![safety, good], vec![volume("vol-1", &here)]);
        let found = with_best(&both, None);
        assert_eq!(doubt(&found[0]), None);
        assert_eq!(marked(&found[0].best.unwrap()), "snap-1");
    }

    #[test]
    fn without_an_incident_the_age_is_shown() {
        let rows = rows(None, true);
        assert_eq!(rows[0][3], "snap-2");
        assert_eq!(rows[0][5], "1 h 40 m");
    }

    #[test]
    fn a_volume_without_a_point_before_says_so() {
        let rows = rows(Some("2026-03-01T00:00:00Z"), true);
        let of = |id: &str| rows.iter().find(|row| row[1] == id).unwrap();
        assert_eq!(of("vol-7")[3], "none before T");
        assert_eq!(of("i-1")[3], "see volumes");
    }

    #[test]
    fn a_copy_made_after_the_incident_may_be_older_so_that_it_is_not_said_that_there_is_none() {
        let rows = rows(Some("2026-03-01T00:00:00Z"), true);
        assert_eq!(rows[0][..2], ["orders", "vol-1"]);
        assert_eq!(rows[0][3], "not known (1 may be older)");
    }

    #[test]
    fn what_cannot_be_used_is_told_from_what_is_not_there() {
        let here = place("a", "eu-west-1");
        let mut broken = point("snap-1", &here, "2026-03-01T01:00:00Z");
        broken.state = "error".into();
        let store = store(
            vec![broken],
            vec![volume("vol-1", &here), volume("vol-2", &here)],
        );
        let said = |id: &str, before: Option<&str>| {
            let one = store.resources().iter().find(|one| one.id == id).unwrap();
            verdict(one, &store, before.map(at), None).words()
        };
        assert_eq!(said("vol-1", Some("2026-03-01T02:00:00Z")), "none usable");
        assert_eq!(said("vol-1", Some("2026-03-01T00:30:00Z")), "none before T");
        assert_eq!(said("vol-1", None), "none usable");
        assert_eq!(said("vol-2", None), "no points");
    }

    #[test]
    fn where_a_listing_failed_it_is_not_said_that_there_is_none() {
        let rows = rows(Some("2026-03-01T00:00:00Z"), false);
        assert_eq!(rows[0][3], "not known");
    }

    #[test]
    fn a_volume_counts_as_gone_only_where_everything_was_seen() {
        let kind = |complete| {
            let rows = rows(None, complete);
            rows.iter().find(|row| row[1] == "vol-7").unwrap()[2].clone()
        };
        assert_eq!(kind(true), "volume, gone");
        assert_eq!(kind(false), "volume");
    }

    #[test]
    fn eighty_columns_keep_the_answer() {
        let before = Some("2026-03-01T02:14:00Z");
        let rows = rows(before, true);
        let table = lines(&columns(before.map(at), &rows), &rows, Some(80));
        assert!(
            table.iter().all(|line| line.chars().count() <= 80),
            "{table:#?}"
        );
        for title in ["RESOURCE", "ID", "BEST", "DATA LOST"] {
            assert!(table[0].contains(title), "{table:#?}");
        }
    }
}
