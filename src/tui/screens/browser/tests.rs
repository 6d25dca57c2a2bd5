//! Order and filter of lists that are longer than what is worked on at once, held against plain sorting and
//! the exact way of matching.

use std::cmp::Reverse;

use jiff::Timestamp;

use crate::catalog::filter::Pattern;
use crate::catalog::store::{Row, Store, sort_time};
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, When};
use crate::domain::resource::Resource;
use crate::tui::fixtures::{model, now, settings, snapshot, vault, volume};
use crate::tui::known::Known;

use super::hits::find;
use super::order::{By, Order};
use super::{Browser, Kind, SortKey};

const MANY: usize = 40_000;

/// A snapshot whose fields are spread without any order.
fn spread(n: usize) -> RecoveryPoint {
    let of = n * 7919 % 700;
    let minutes = i64::try_from(n * 104_729 % 5000).unwrap();
    let mut one = snapshot(&format!("snap-{n:05}"), &format!("vol-{of}"), minutes);
    one.size_bytes = (!n.is_multiple_of(9)).then_some((n as u64 * 31 % 64) << 30);
    one.name = n
        .is_multiple_of(3)
        .then(|| format!("Nightly-{}", n % 50).into());
    one.place.region = ["eu-west-1", "us-east-1", "ap-south-1"][n % 3].into();
    if n.is_multiple_of(5) {
        one.resource = None;
        one.copy_of = Some(format!("snap-{:05}", n + 1));
        one.data_at = DataTime::AtMost(one.data_at.bound());
    }
    if n.is_multiple_of(7) {
        one.origin = Origin::ByHand;
        one.tags = [("Name".into(), format!("Web-{}", n % 10).into())].into();
    }
    one
}

fn named(n: usize) -> Resource {
    let name = ["orders-db", "Sessions", "", "ledger", "表-db"][n % 5];
    let mut one = volume(&format!("vol-{n}"), &format!("{name}{}", n % 40));
    one.name = one.name.filter(|_| !n.is_multiple_of(11));
    one.place.region = ["eu-west-1", "us-east-1", "ap-south-1"][n % 3].into();
    one
}

fn filled(store: &mut Store, points: std::ops::Range<usize>) {
    let resources = if points.start == 0 {
        (0..700).map(named).collect()
    } else {
        Vec::new()
    };
    store.take(points.map(spread).collect(), resources);
}

fn plainly(store: &Store, sort: SortKey) -> Vec<u32> {
    let mut all: Vec<(Row, RecoveryPoint, String)> = (0..store.rows())
        .map(|row| {
            let point = store.point(row);
            (row, point.whole(), super::rows::resource_name(store, point))
        })
        .collect();
    all.sort_by_key(|(_, point, _)| (Reverse(sort_time(point)), point.id.clone()));
    match sort {
        SortKey::Data | SortKey::Lost => {}
        SortKey::Size => all.sort_by_key(|(_, point, _)| Reverse(point.size_bytes)),
        SortKey::Place => all.sort_by_key(|(_, point, _)| point.place.clone()),
        SortKey::Name => all.sort_by_key(|(_, _, name)| name.clone()),
    }
    let rows = all.into_iter().map(|(row, ..)| u32::try_from(row));
    rows.map(Result::unwrap).collect()
}

#[test]
fn an_order_that_is_made_in_slices_is_that_of_plain_sorting() {
    let mut store = Store::default();
    filled(&mut store, 0..MANY);
    for sort in SortKey::of(Kind::Snapshots) {
        let by = By {
            kind: Kind::Snapshots,
            sort: *sort,
            incident: None,
        };
        let (mut order, mut slices) = (Order::default(), 0);
        while !order.work(by, &store, 1, &mut 5000) {
            slices += 1;
        }
        assert!(slices > 10, "{slices}");
        assert_eq!(order.rows, plainly(&store, *sort), "{sort:?}");
    }
}

#[test]
fn rows_that_come_later_are_merged_and_rows_that_change_are_moved() {
    let mut store = Store::default();
    filled(&mut store, 0..5000);
    let by = By {
        kind: Kind::Snapshots,
        sort: SortKey::Size,
        incident: None,
    };
    let mut order = Order::default();
    assert!(order.work(by, &store, 1, &mut 100_000));
    filled(&mut store, 5000..5800);
    assert!(order.work(by, &store, 2, &mut 0), "no row is sorted anew");
    assert_eq!(order.rows, plainly(&store, SortKey::Size));
    let mut moved = spread(77);
    moved.size_bytes = Some(1 << 50);
    store.take(vec![moved], vec![]);
    assert!(order.work(by, &store, 3, &mut 100_000));
    assert_eq!(order.rows, plainly(&store, SortKey::Size));
    assert_eq!(order.rows[0], 77);
}

fn known() -> Known {
    let mut known = model(120, 40).known;
    filled(&mut known.catalog.store, 0..3000);
    known.catalog.version += 1;
    known
}

/// Types a filter letter by letter, with the list settled after each.
fn typed(browser: &mut Browser, text: &str, known: &Known) {
    browser.filter.clear();
    for c in text.chars() {
        browser.filter.paste(&c.to_string());
        browser.settle(known);
    }
    assert!(!browser.is_working());
}

fn shown(browser: &Browser) -> Vec<u32> {
    let mut rows = browser.shown().to_vec();
    rows.sort_unstable();
    rows
}

#[test]
fn what_the_filter_lets_through_is_what_the_exact_way_finds() {
    let known = known();
    for mut browser in [Browser::snapshots(), Browser::resources()] {
        browser.settle(&known);
        let all = browser.shown().to_vec();
        for text in [
            "o",
            "orders-db1",
            "odb",
            "Sess",
            "west web",
            "snap-0001",
            "copy",
            "表",
            "nightly-7 us",
            "prod zz",
        ] {
            typed(&mut browser, text, &known);
            let pattern = Pattern::new(text);
            let fits = |row: &u32| {
                let cells = browser.searched(&known.catalog.store, *row as Row);
                find(&pattern, &cells).is_some()
            };
            let mut wanted: Vec<u32> = all.iter().copied().filter(fits).collect();
            wanted.sort_unstable();
            assert_eq!(shown(&browser), wanted, "{text}");
            for row in browser.shown().iter().take(3) {
                assert!(!browser.hits(*row as Row).is_empty(), "{text}");
            }
        }
    }
}

#[test]
fn conditions_are_on_one_field_and_join_with_words() {
    let known = known();
    let counted = |kind: Kind, text: &str| {
        let mut browser = match kind {
            Kind::Resources => Browser::resources(),
            Kind::Snapshots => Browser::snapshots(),
            Kind::Amis => Browser::amis(),
            Kind::Windows => Browser::windows(),
            Kind::Vault(vault) => Browser::in_vault(vault),
        };
        browser.settle(&known);
        typed(&mut browser, text, &known);
        shown(&browser)
    };
    let plain = |fits: &dyn Fn(&RecoveryPoint) -> bool| -> Vec<u32> {
        let points = (0..3000).filter(|n| fits(&spread(*n as usize)));
        points.collect()
    };
    let of_points = |text: &str| counted(Kind::Snapshots, text);
    assert!(of_points("kind:ami").is_empty());
    assert_eq!(of_points("kind:snap").len(), 3000);
    assert_eq!(
        of_points("region:us"),
        plain(&|one| one.place.region.as_str() == "us-east-1")
    );
    assert_eq!(
        of_points("origin:hand"),
        plain(&|one| one.origin == Origin::ByHand)
    );
    assert_eq!(of_points("account:acme").len(), 3000, "by its profile");
    assert!(of_points("state:pending").is_empty());
    let web = plain(&|one| one.tags.values().any(|value| value.raw() == "Web-7"));
    assert!(!web.is_empty());
    assert_eq!(of_points("tag:name=web-7"), web);
    assert_eq!(
        of_points("tag:na region:us").len(),
        plain(&|one| { !one.tags.is_empty() && one.place.region.as_str() == "us-east-1" }).len()
    );
    let at: Timestamp = "2026-03-13T02:31:00Z".parse().unwrap();
    let before = plain(&|one| match one.when {
        When::At { at: taken } => taken < at,
        When::Window { .. } => false,
    });
    assert_eq!(of_points("before:24h ago"), before);
    assert_eq!(of_points("before:2026-03-13T02:31:00Z"), before);
    assert_eq!(
        of_points("before:nonsense").len(),
        3000,
        "it is said, and lets all through"
    );
    let of_resources = |text: &str| counted(Kind::Resources, text).len();
    assert_eq!(of_resources("kind:volume"), of_resources(""));
    assert!(of_resources("origin:hand") > 0 && of_resources("before:1971-01-01T00:00:00Z") == 0);
}

#[test]
fn a_long_list_is_filtered_in_slices_and_shows_what_was_there_until_then() {
    let mut known = Known::new(settings(), now(), (120, 40));
    known.catalog.store.take(
        (0..20_000usize)
            .map(|n| snapshot(&format!("snap-{n:06}"), "vol-1", 5))
            .collect(),
        vec![volume("vol-1", "orders")],
    );
    known.catalog.version += 1;
    let mut browser = Browser::snapshots();
    let settled = |browser: &mut Browser| {
        let mut slices = 0;
        loop {
            browser.settle_within(&known, 4000);
            slices += 1;
            if !browser.is_working() {
                return slices;
            }
        }
    };
    assert!(settled(&mut browser) > 1);
    assert_eq!(browser.shown().len(), 20_000);
    browser.filter.paste("1999");
    browser.settle_within(&known, 4000);
    assert!(browser.is_working());
    assert_eq!(browser.shown().len(), 20_000, "nothing is shown half");
    settled(&mut browser);
    let has = |n: &usize| format!("{n:06}").contains("1999");
    assert_eq!(browser.shown().len(), (0..20_000).filter(has).count());
}

#[test]
fn a_list_of_some_points_has_those_and_no_others() {
    let mut known = Known::new(settings(), now(), (120, 40));
    let mut points: Vec<RecoveryPoint> = (0..30).map(spread).collect();
    for (n, one) in points.iter_mut().enumerate() {
        match n % 3 {
            0 => one.kind = PointKind::Ami,
            1 => {
                one.kind = PointKind::DynamodbWindow;
                one.when = When::Window {
                    earliest: now() - jiff::SignedDuration::from_hours(9),
                    latest: now(),
                };
            }
            _ => one.vault = Some("v".into()),
        }
    }
    known
        .catalog
        .store
        .take(points, (0..700).map(named).collect());
    known.catalog.store.take_vaults(vec![vault("v")]);
    known.catalog.version += 1;
    let of = |mut browser: Browser| {
        browser.settle(&known);
        assert_eq!(browser.all, browser.shown().len());
        shown(&browser)
    };
    let rest = |n: u32| (0..30).filter(|row| row % 3 == n).collect::<Vec<u32>>();
    assert_eq!(of(Browser::amis()), rest(0));
    assert_eq!(of(Browser::windows()), rest(1));
    // Only those of the vault's own Region lie in it: row 2, 5 … are those of others.
    let store = &known.catalog.store;
    let ours = |row: &u32| store.point(*row as usize).place().region.as_str() == "eu-west-1";
    let wanted: Vec<u32> = rest(2).into_iter().filter(ours).collect();
    assert_eq!(of(Browser::in_vault(0)), wanted);
}

#[test]
fn the_values_of_a_condition_are_those_that_occur_in_the_list() {
    let mut known = Known::new(settings(), now(), (120, 40));
    let mut odd = snapshot("rds:orders", "vol-1", 9);
    odd.kind = PointKind::RdsSnapshot;
    odd.state = "creating".into();
    odd.origin = Origin::Automated;
    let mut image = snapshot("ami-1", "vol-1", 9);
    image.kind = PointKind::Ami;
    image.state = "disabled".into();
    let points = vec![snapshot("snap-1", "vol-1", 5), odd, image];
    known.catalog.store.take(points, vec![]);
    known.catalog.version += 1;
    let completed = |mut browser: Browser, text: &str| {
        browser.filter.paste(text);
        browser.settle(&known);
        super::fields::completed(&browser)
    };
    let of_points = |text: &str| completed(Browser::snapshots(), text);
    assert_eq!(of_points("state:cr").as_deref(), Some("state:creating "));
    assert_eq!(of_points("state:dis").as_deref(), Some("state:disabled "));
    assert_eq!(of_points("origin:au").as_deref(), Some("origin:automated "));
    assert_eq!(of_points("kind:rds").as_deref(), Some("kind:rds-snapshot "));
    assert_eq!(of_points("state:err"), None, "no point is in that state");
    let of_images = completed(Browser::amis(), "state:cr");
    assert_eq!(of_images, None, "no image is");
    let of_resources = completed(Browser::resources(), "state:cr");
    assert_eq!(of_resources.as_deref(), Some("state:creating "));
}

#[test]
fn the_column_that_a_list_is_sorted_by_is_always_shown_with_its_arrow() {
    let mut model = model(80, 24);
    model.known = known();
    model.known.size = (80, 24);
    for view in ['1', '2', '3', '4'] {
        crate::tui::fixtures::press(&mut model, crossterm::event::KeyCode::Char(view));
        for _key in 0..5 {
            crate::tui::fixtures::press(&mut model, crossterm::event::KeyCode::Char('s'));
            model.notice = None;
            let buffer = crate::tui::screenshots::drawn(&mut model);
            let titles = crate::tui::looks::text_of(&buffer, 4);
            assert!(titles.contains(['↑', '↓']), "{view}: {titles}");
        }
    }
}

#[test]
fn the_end_of_a_window_is_told_however_narrow_it_is() {
    let mut known = Known::new(settings(), now(), (60, 20));
    let mut window = snapshot("orders", "vol-1", 0);
    window.when = When::Window {
        earliest: now() - jiff::SignedDuration::from_hours(9),
        latest: now() - jiff::SignedDuration::from_secs(60),
    };
    window.data_at = DataTime::Known(now() - jiff::SignedDuration::from_secs(60));
    known
        .catalog
        .store
        .take(vec![window], vec![volume("vol-1", "orders")]);
    known.catalog.version += 1;
    let mut model = model(60, 20);
    model.known = known;
    for (width, told) in [(60, "to 02:30:00Z"), (80, "any second to")] {
        model.known.size = (width, 20);
        let text = crate::tui::looks::looks(&crate::tui::screenshots::drawn(&mut model));
        assert!(text.contains(told) && text.contains("02:30:00Z"), "{text}");
    }
}
