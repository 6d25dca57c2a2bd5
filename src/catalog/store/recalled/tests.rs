//! Rows that are known from before beside rows that were listed.
//! Whichever comes first, what was listed counts.

use super::*;
use crate::catalog::fixtures::{copy, place, point, volume};
use crate::catalog::source::Batch;

fn known(ids: &[&str]) -> Store {
    let here = place("a", "eu-west-1");
    let points: Vec<RecoveryPoint> = ids
        .iter()
        .map(|id| point(id, &here, "2026-03-01T02:00:00Z"))
        .collect();
    let mut store = Store::default();
    store.recall(&points, vec![volume("vol-1", &here)]);
    store.begin_scan();
    store
}

fn found(store: &mut Store, points: Vec<RecoveryPoint>, resources: Vec<Resource>) {
    store.insert(Batch {
        points,
        resources,
        ..Batch::default()
    });
}

fn shown(store: &Store) -> Vec<&str> {
    store.points().map(super::super::Point::id).collect()
}

#[test]
fn what_is_known_is_shown_until_a_complete_listing_does_not_bring_it() {
    let here = place("a", "eu-west-1");
    let mut store = known(&["snap-1", "snap-2"]);
    assert_eq!(shown(&store), ["snap-1", "snap-2"]);
    assert!(store.is_recalled(0) && store.is_recalled_resource(0) && store.has_recalled());
    let changes = store.changes();
    found(
        &mut store,
        vec![point("snap-2", &here, "2026-03-01T02:00:00Z")],
        vec![volume("vol-1", &here)],
    );
    assert!(
        store.changes() > changes,
        "it is shown without its sign now"
    );
    assert!(!store.is_recalled(1) && !store.is_recalled_resource(0));
    store.forget(|_, region, kind| region.as_str() == "eu-west-1" && kind == PointKind::Ami);
    assert_eq!(shown(&store), ["snap-1", "snap-2"], "another kind");
    store.forget(|_, _, kind| kind == PointKind::EbsSnapshot);
    assert_eq!(shown(&store), ["snap-2"]);
    assert_eq!((store.count(), store.gone_points()), (1, 0));
    assert_eq!(store.points_at(0).count(), 1, "nor under its resource");
    assert!(!store.has_recalled());
}

#[test]
fn the_end_of_a_scan_calls_nothing_gone_that_is_only_known_from_before() {
    let mut store = known(&["snap-1"]);
    let here = place("a", "eu-west-1");
    store.end_scan(&[(here.account.clone(), here.region.clone())].into());
    assert_eq!(store.gone_points(), 0);
    assert!(store.resources()[0].exists && !store.is_gone_at(0));
    assert!(store.is_recalled(0));
}

#[test]
fn what_was_forgotten_and_comes_back_is_there_again() {
    let here = place("a", "eu-west-1");
    let mut store = known(&["snap-1"]);
    store.forget(|_, _, _| true);
    assert!(shown(&store).is_empty() && !store.stands(0));
    store.begin_scan();
    let changes = store.changes();
    let again = point("snap-1", &here, "2026-03-01T02:00:00Z");
    found(&mut store, vec![again], vec![volume("vol-1", &here)]);
    assert!(store.changes() > changes);
    assert_eq!(shown(&store), ["snap-1"]);
    assert!(store.stands(0) && store.resources()[0].exists);
    assert_eq!(store.points_at(0).count(), 1);
    store.end_scan(&[(here.account.clone(), here.region.clone())].into());
    assert_eq!(store.gone_points(), 0);
}

#[test]
fn what_was_listed_is_never_displaced_by_what_was_known() {
    let here = place("a", "eu-west-1");
    let mut store = Store::default();
    store.begin_scan();
    let fresh = point("snap-1", &here, "2026-03-01T02:00:00Z");
    found(&mut store, vec![fresh], vec![volume("vol-1", &here)]);
    let mut old = point("snap-1", &here, "2026-03-01T02:00:00Z");
    old.state = "pending".into();
    let mut renamed = volume("vol-1", &here);
    renamed.name = Some("before".into());
    store.recall(&[old], vec![renamed]);
    assert_eq!(store.point(0).state(), "completed");
    assert_eq!(store.resources()[0].name, Some("orders".into()));
    assert!(!store.has_recalled() && !store.is_unconfirmed(0));
}

#[test]
fn faces_and_copies_of_what_is_known_are_tied_and_untied_like_any_other() {
    let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
    let mut face = point("arn:point", &here, "2026-03-01T02:00:00Z");
    face.kind = PointKind::BackupPoint;
    face.face_of = Some((PointKind::EbsSnapshot, "snap-1".into()));
    let native = point("snap-1", &here, "2026-03-01T02:00:00Z");
    let mut store = Store::default();
    store.recall(&[native, face.clone()], vec![volume("vol-1", &here)]);
    store.begin_scan();
    assert_eq!(shown(&store), ["snap-1"], "both are one");
    found(&mut store, vec![copy("snap-2", "snap-1", &there)], vec![]);
    assert_eq!(store.points_at(0).count(), 2, "its copy stands with it");
    // The vault still has its face; the snapshot itself was not brought.
    found(&mut store, vec![face], vec![]);
    store
        .forget(|_, region, kind| region.as_str() == "eu-west-1" && kind == PointKind::EbsSnapshot);
    assert_eq!(shown(&store), ["arn:point", "snap-2"]);
    assert_eq!(store.count(), 2);
}

#[test]
fn a_row_is_unconfirmed_until_the_scan_under_way_has_found_it() {
    let here = place("a", "eu-west-1");
    let mut store = Store::default();
    store.begin_scan();
    let one = || point("snap-1", &here, "2026-03-01T02:00:00Z");
    found(&mut store, vec![one()], vec![volume("vol-1", &here)]);
    assert!(!store.is_unconfirmed(0) && !store.is_unconfirmed_resource(0));
    store.begin_scan();
    assert!(store.is_unconfirmed(0) && store.is_unconfirmed_resource(0));
    assert!(!store.is_recalled(0) && !store.is_recalled_resource(0));
    found(&mut store, vec![one()], vec![volume("vol-1", &here)]);
    assert!(!store.is_unconfirmed(0) && !store.is_unconfirmed_resource(0));
}

#[test]
fn what_is_dropped_leaves_the_rest_as_well_known_as_it_was() {
    let (here, there) = (place("a", "eu-west-1"), place("a", "us-east-1"));
    let mut store = known(&["snap-1", "snap-2", "snap-3"]);
    let elsewhere = point("snap-4", &there, "2026-03-01T02:00:00Z");
    store.recall(&[elsewhere], vec![volume("vol-2", &there)]);
    store.forget(|_, region, _| region.as_str() == "us-east-1");
    let again = point("snap-2", &here, "2026-03-01T02:00:00Z");
    found(&mut store, vec![again], vec![]);
    store.begin_scan();
    let again = point("snap-3", &here, "2026-03-01T02:00:00Z");
    found(&mut store, vec![again], vec![]);

    store.retain(|_place| true);
    assert_eq!(
        shown(&store),
        ["snap-1", "snap-2", "snap-3"],
        "not what is gone"
    );
    assert_eq!((store.count(), store.gone_points()), (3, 0));
    let of_rows = |is: &dyn Fn(Row) -> bool| (0..3).map(is).collect::<Vec<_>>();
    assert_eq!(of_rows(&|row| store.is_recalled(row)), [true, false, false]);
    assert_eq!(
        of_rows(&|row| store.is_unconfirmed(row)),
        [true, true, false]
    );
    assert!(store.has_recalled() && store.is_recalled_resource(0));
    // It can still be found out that they are gone.
    store.forget(|_, _, kind| kind == PointKind::EbsSnapshot);
    assert_eq!(shown(&store), ["snap-2", "snap-3"]);
    assert!(!store.has_recalled());
}
