//! What effects tell of the catalog and of runs, taken into what is known.
//! Where the operator is does not change by it.

use crate::domain::failure::Failure;
use crate::domain::ids::RunId;
use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;
use crate::domain::run::EventBody;
use crate::domain::text::shown;
use crate::report::{Report, Unlisted};
use crate::tui::before::Recalled;
use crate::tui::known::{Catalog, PlaceCard};
use crate::tui::model::{Go, Model};
use crate::tui::msg::{Msg, Scanned};
use crate::tui::overlays::Overlay;

/// Takes in what a scan tells; one that was given up for a newer one tells nothing any more.
pub(super) fn of_scan(model: &mut Model, number: u64, told: Scanned) {
    let catalog = &mut model.known.catalog;
    if matches!(told, Scanned::Began) {
        if number > catalog.scan {
            catalog.begin(number);
        }
        return;
    }
    if number != catalog.scan {
        return;
    }
    let before = catalog.is_growing();
    taken(model, told);
    let known = &mut model.known;
    if before && !known.catalog.is_growing() {
        known.catalog.came_to_its_end(known.now);
    }
}

fn taken(model: &mut Model, told: Scanned) {
    let catalog = &mut model.known.catalog;
    match told {
        Scanned::Began => {}
        Scanned::Connected {
            place,
            role,
            endpoints,
            nth,
        } => {
            let card = PlaceCard {
                place,
                role,
                endpoints,
                nth,
            };
            connected(model, card);
        }
        Scanned::Listing { sources, more } => catalog.lists(sources, more),
        Scanned::Found { points, resources } => {
            catalog.store.take(points, resources);
            catalog.version += 1;
        }
        Scanned::Vaults(vaults) => {
            catalog.store.take_vaults(vaults);
            catalog.version += 1;
        }
        Scanned::Listed { place, kind } => {
            catalog.coverage.ended(&place, kind, true);
            catalog.listed(&place, true);
        }
        Scanned::Ended { place, whole } => catalog.place_ended(&place, whole, model.known.now),
        Scanned::Again => {
            catalog.failures.clear();
            catalog.coverage.reaches_again();
        }
        Scanned::Relisting { place, kinds } => {
            catalog.coverage.again(&place, &kinds);
            catalog.relists(&place, kinds.len());
        }
        Scanned::NotConnected {
            nth,
            profile,
            name,
            report,
        } => {
            let line = unreached(catalog, nth, profile, name, report);
            model.known.note(line);
        }
        Scanned::NotListed {
            place,
            kind,
            failure,
        } => {
            let line = unlisted(catalog, place, kind, *failure);
            model.known.note(line);
        }
    }
}

/// Returns the line for the log.
fn unreached(
    catalog: &mut Catalog,
    nth: usize,
    profile: Option<String>,
    name: String,
    report: Report,
) -> String {
    let line = format!("{name}: {}", report.line());
    catalog.coverage.not_reached(&name);
    let since = catalog.not_reached(nth);
    catalog.not_connected(profile, name, report, since);
    line
}

/// Returns the line for the log.
fn unlisted(catalog: &mut Catalog, place: Place, kind: PointKind, failure: Failure) -> String {
    let line = Unlisted::new(place.clone(), kind, failure.clone()).line();
    catalog.coverage.failed(&place, kind, &failure);
    let whole = failure.leaves_points_whole();
    let since = catalog.before.since(&place, kind).filter(|_| !whole);
    catalog.listed(&place, false);
    catalog.not_listed(place, kind, failure, since);
    line
}

/// Takes in what is known from before; what had to be left out is told in the log.
pub(super) fn of_memory(model: &mut Model, told: Recalled) {
    if let Recalled::LeftOut(line) = told {
        model.known.note(line);
        return;
    }
    model.known.catalog.recall(told);
}

/// Takes in what is told of runs and of the journal.
pub(super) fn of_runs(model: &mut Model, msg: Msg) {
    let known = &mut model.known;
    match msg {
        Msg::RunEvents { run, events } => {
            let mended = events
                .iter()
                .any(|event| matches!(event.body, EventBody::Salvaged { .. }));
            known.runs.take(&run, events);
            if let Some(card) = known.runs.cards.get_mut(&run).filter(|_| mended) {
                card.broken = None;
            }
            moved_on(model, &run);
        }
        Msg::RunHeld { run, held } => {
            if let Some(card) = known.runs.cards.get_mut(&run) {
                card.held = held;
                if held {
                    card.runner_failed = None;
                }
            }
        }
        Msg::RunBroken { run, report } => {
            match known.runs.cards.get_mut(&run) {
                Some(card) => card.broken = Some(report),
                // Not even its plan is valid: there is no run to show.
                None => known.note(report.line()),
            }
        }
        Msg::RunnerFailed { run, report } => runner_failed(model, &run, report),
        Msg::NoJournal(report) => {
            known.note(report.line());
            known.runs.unreadable = Some(report);
        }
        Msg::JournalRead => {
            known.runs.read = true;
            known.runs.unreadable = None;
        }
        _told_elsewhere => {}
    }
}

fn connected(model: &mut Model, card: PlaceCard) {
    let known = &mut model.known;
    known.catalog.coverage.begin(&card.place);
    if known.catalog.places.contains(&card) {
        return;
    }
    for endpoint in &card.endpoints {
        let Place {
            account, region, ..
        } = &card.place;
        let endpoint = shown(endpoint);
        known.note(format!("CUSTOM ENDPOINT {endpoint} for {account} {region}"));
    }
    // As the operator named them, whichever is the first to answer.
    let of = |card: &PlaceCard| (card.nth, card.place.region.clone());
    let places = &mut known.catalog.places;
    let at = places.partition_point(|known| of(known) <= of(&card));
    places.insert(at, card);
}

fn runner_failed(model: &mut Model, run: &RunId, report: Report) {
    model
        .known
        .note(format!("runner of {run}: {}", report.line()));
    if let Some(card) = model.known.runs.cards.get_mut(run) {
        card.runner_failed = Some(report);
    }
}

/// A run has gone on: what was said of it is old, and a question about it that stands open says what it
/// would say now, or is taken back where it has no sense any more.
fn moved_on(model: &mut Model, run: &RunId) {
    if model.notice.as_ref().is_some_and(|notice| !notice.bad) {
        model.notice = None;
    }
    let Some(Overlay::Confirm(open)) = &mut model.overlay else {
        return;
    };
    let Some((_, wish)) = open.about.as_ref().filter(|(about, _)| about == run) else {
        return;
    };
    let Some(card) = model.known.runs.cards.get(run) else {
        return;
    };
    let now = wish.ask(card, &model.known);
    if let Some(Go::Over(overlay)) = now.go {
        if let Overlay::Confirm(now) = *overlay {
            open.renew(now);
        }
        return;
    }
    model.overlay = None;
    model.notice = now.notice;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::SignedDuration;

    use super::*;
    use crate::domain::failure::{Effect, FailureClass};
    use crate::tui::fixtures::{home, model};

    #[test]
    fn places_stand_as_they_were_named_whichever_answers_first() {
        let mut model = model(80, 24);
        model.known.catalog.places.clear();
        let answers = [
            (1, "us-east-1"),
            (0, "us-west-2"),
            (0, "ap-south-1"),
            (0, "us-west-2"),
        ];
        for (nth, region) in answers {
            let place = Place {
                region: region.into(),
                ..home()
            };
            let told = Scanned::Connected {
                place,
                role: "role".to_owned(),
                endpoints: BTreeSet::new(),
                nth,
            };
            let number = model.known.catalog.scan;
            of_scan(&mut model, number, told);
        }
        let cards = model.known.catalog.places.iter();
        let regions: Vec<&str> = cards.map(|card| card.place.region.as_str()).collect();
        assert_eq!(regions, ["ap-south-1", "us-west-2", "us-east-1"]);
    }

    #[test]
    fn what_is_asked_again_later_makes_the_rest_no_younger() {
        let mut model = model(80, 24);
        let began = model.known.now;
        let number = model.known.catalog.scan + 1;
        let (place, kind) = (home(), PointKind::EbsSnapshot);
        let listed = || Scanned::Listed {
            place: home(),
            kind,
        };
        let relisting = || Scanned::Relisting {
            place: home(),
            kinds: vec![kind],
        };
        let in_vain = Scanned::NotListed {
            place: place.clone(),
            kind,
            failure: Box::new(Failure {
                class: FailureClass::Throttled,
                effect: Effect::None,
                call: "ec2:DescribeSnapshots".into(),
                code: None,
                message: "slow down".into(),
                request_id: None,
            }),
        };
        let tell = |model: &mut Model, told| of_scan(model, number, told);
        model.known.catalog.listed_at = None;
        tell(&mut model, Scanned::Began);
        let (sources, more) = (1, false);
        tell(&mut model, Scanned::Listing { sources, more });
        tell(&mut model, in_vain);
        assert_eq!(model.known.catalog.listed_at, None, "nothing was listed");
        tell(&mut model, relisting());
        tell(&mut model, listed());
        assert_eq!(model.known.catalog.listed_at, Some(began));
        model.known.now = began + SignedDuration::from_mins(70);
        tell(&mut model, relisting());
        tell(&mut model, listed());
        assert_eq!(model.known.catalog.listed_at, Some(began));
    }
}
