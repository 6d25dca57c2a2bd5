//! Order and filter of lists that are longer than what is worked on at once, held against plain sorting and
//! the exact way of matching.

use std::cmp::Reverse;

use jiff::Timestamp;

use crate::catalog::filter::{Pattern, Word};
use crate::catalog::store::{Point, Row, Store, sort_time};
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, When};
use crate::domain::resource::{Resource, ResourceKind};
use crate::tui::fixtures::{model, now, settings, snapshot, vault, volume};
use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::model::Go;

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
        assert_eq!(order.rows(), plainly(&store, *sort), "{sort:?}");
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
    assert_eq!(order.rows(), plainly(&store, SortKey::Size));
    let mut moved = spread(77);
    moved.size_bytes = Some(1 << 50);
    store.take(vec![moved], vec![]);
    assert!(order.work(by, &store, 3, &mut 100_000));
    assert_eq!(order.rows(), plainly(&store, SortKey::Size));
    assert_eq!(order.rows()[0], 77);
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
    let before = plain(&|one| match (one.when, one.data_at) {
        (When::At { .. }, DataTime::Known(taken)) => taken < at,
        (When::At { .. }, DataTime::AtMost(_)) => true,
        (When::Window { .. }, _) => false,
    });
    assert_eq!(of_points("before:24h ago"), before);
    assert_eq!(of_points("before:2026-03-13T02:31:00Z"), before);
    let all_of_fresh = of_points("before:nonsense").len();
    assert_eq!(all_of_fresh, 3000, "nothing was let through before it");
    let of_resources = |text: &str| counted(Kind::Resources, text).len();
    assert_eq!(of_resources("kind:volume"), of_resources(""));
    assert!(of_resources("origin:hand") > 0);
    let store = &known.catalog.store;
    let of_unknown_age = |row: &usize| {
        let bounded = |point: Point<'_>| matches!(point.data_at(), DataTime::AtMost(_));
        store.stands(*row) && store.points_at(*row).any(bounded)
    };
    let rows = (0..store.resources().len()).filter(of_unknown_age);
    assert_eq!(of_resources("before:1971-01-01T00:00:00Z"), rows.count());
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

/// Ranks a row text by text, without anything that is remembered or left out.
fn plain_rank(pattern: &Pattern, point: Point<'_>, store: &Store) -> Option<u16> {
    let mut sum = 1u16;
    for word in pattern.words() {
        let rank = |text: &str, loosely| word.rank(text, loosely);
        let place = point.place();
        let profile = place.profile.as_deref();
        let told = [
            Some(place.region.as_str()),
            Some(place.account.as_str()),
            profile,
        ];
        let place = told
            .into_iter()
            .flatten()
            .filter_map(|text| rank(text, false))
            .max();
        let of = match point.resource_row() {
            Some(row) => name_ranked(word, &store.resources()[row]),
            None => point
                .copy_of()
                .and_then(|id| rank(&format!("copy of {id}"), true)),
        };
        let own = || {
            let name = point.raw_name().and_then(|name| rank(name, true));
            name.or_else(|| rank(point.id(), false))
        };
        sum = sum.saturating_add(place.max(of.or_else(own))?);
    }
    Some(sum)
}

fn name_ranked(word: Word<'_>, resource: &Resource) -> Option<u16> {
    let name = resource
        .name
        .as_ref()
        .map(crate::domain::text::Untrusted::raw);
    let name = name.filter(|name| !name.trim().is_empty());
    word.rank(name.unwrap_or(&resource.id), true)
}

#[test]
fn whatever_is_typed_and_taken_back_shows_what_ranking_each_row_anew_would() {
    let mut known = Known::new(settings(), now(), (120, 40));
    filled(&mut known.catalog.store, 0..MANY);
    known.catalog.version += 1;
    let mut browser = Browser::snapshots();
    let settled = |browser: &mut Browser| {
        browser.settle_within(&known, 20_000);
        while browser.is_working() {
            browser.settle_within(&known, 20_000);
        }
    };
    settled(&mut browser);
    let order = browser.shown().to_vec();
    let store = &known.catalog.store;
    let mut typed = String::new();
    let mut seed = 5u64;
    let mut next = |end: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap() % end
    };
    for round in 0..120 {
        let letters: Vec<char> = "orsnaligweb-0137 SW表".chars().collect();
        if round % 30 == 29 {
            typed.clear();
        } else if next(5) < 2 {
            typed.pop();
        } else {
            typed.push(letters[next(letters.len())]);
        }
        browser.filter.clear();
        browser.filter.paste(&typed);
        // Whoever types fast does not wait for the rows.
        browser.settle_within(&known, 3000);
        if next(3) == 0 {
            continue;
        }
        settled(&mut browser);
        let pattern = Pattern::new(typed.trim());
        let rank = |row: u32| plain_rank(&pattern, store.point(row as Row), store);
        let ranks = order.iter().filter_map(|row| Some((rank(*row)?, *row)));
        let mut wanted: Vec<(u16, u32)> = ranks.collect();
        wanted.sort_by_key(|(rank, _)| Reverse(*rank));
        let wanted: Vec<u32> = wanted.into_iter().map(|(_, row)| row).collect();
        assert!(browser.shown() == wanted, "{typed:?}: {}", wanted.len());
    }
}

#[test]
fn an_order_is_that_of_plain_sorting_whichever_came_before_and_whatever_arrives_meanwhile() {
    let mut store = Store::default();
    filled(&mut store, 0..3000);
    let mut order = Order::default();
    let (mut points, mut version) = (3000, 1);
    for (round, sort) in [3, 1, 0, 2, 1, 1, 3, 0, 2, 3, 0, 1].into_iter().enumerate() {
        let sort = SortKey::of(Kind::Snapshots)[sort];
        let by = By {
            kind: Kind::Snapshots,
            sort,
            incident: None,
        };
        order.work(by, &store, version, &mut 500);
        if round % 3 == 1 {
            filled(&mut store, points..points + 300);
            points += 300;
        } else if round % 3 == 2 {
            let mut moved = spread(round * 11);
            moved.size_bytes = Some(1 << 50);
            store.take(vec![moved], vec![]);
        }
        version += 1;
        while !order.work(by, &store, version, &mut 500) {}
        assert_eq!(order.rows(), plainly(&store, sort), "{round} {sort:?}");
    }
}

#[test]
fn rows_of_the_same_time_stand_by_their_ids_however_these_begin() {
    let mut store = Store::default();
    let ids = [
        "snap-0b",
        "snap-0a",
        "Snap-0",
        "rds:a",
        "snap-",
        "zzz",
        "snap-0a0000000000002",
        "snap-0a0000000000001",
    ];
    let mut points: Vec<RecoveryPoint> = ids.map(|id| snapshot(id, "vol-1", 5)).into();
    // Before 1970, and nanoseconds apart.
    for (n, second) in [(0, -5), (1, -5), (2, 3), (3, 3)] {
        let at = Timestamp::new(second, 0).unwrap();
        let later = at + jiff::SignedDuration::from_nanos(n);
        let mut one = snapshot(&format!("snap-x{}", 9 - n), "vol-1", 5);
        (one.when, one.data_at) = (When::At { at: later }, DataTime::Known(later));
        points.push(one);
    }
    store.take(points, vec![]);
    for sort in SortKey::of(Kind::Snapshots) {
        let by = By {
            kind: Kind::Snapshots,
            sort: *sort,
            incident: None,
        };
        let mut order = Order::default();
        assert!(order.work(by, &store, 1, &mut 10_000));
        assert_eq!(order.rows(), plainly(&store, *sort), "{sort:?}");
    }
}

#[test]
fn a_filter_comes_to_its_end_although_rows_change_all_the_time() {
    let mut known = Known::new(settings(), now(), (120, 40));
    filled(&mut known.catalog.store, 0..20_000);
    let mut browser = Browser::snapshots();
    browser.settle_within(&known, 1_000_000);
    assert_eq!(browser.shown().len(), 20_000);
    browser.filter.paste("nightly-7");
    for n in 0..20 {
        let mut moved = spread(n);
        moved.size_bytes = Some(1 << 50);
        known.catalog.store.take(vec![moved], vec![]);
        known.catalog.version += 1;
        browser.settle_within(&known, 4000);
    }
    assert!(browser.is_working());
    let shown = browser.shown().len();
    assert!(shown > 0 && shown < 20_000, "{shown}");
}

#[test]
fn a_tag_of_a_resource_finds_it_and_its_points_and_a_vault_finds_what_lies_in_it() {
    let mut known = known();
    let store = &mut known.catalog.store;
    let mut tagged = volume("vol-tagged", "a tagged one");
    tagged.tags = [("Team".into(), "Tagged".into())].into();
    let mut own = snapshot("snap-tagged", "vol-tagged", 10);
    own.tags.clear();
    let mut face = snapshot("arn:rp-1", "vol-tagged", 10);
    face.kind = PointKind::BackupPoint;
    face.face_of = Some((PointKind::EbsSnapshot, own.id.clone()));
    store.take(vec![own, face], vec![tagged]);
    known.catalog.version += 1;
    let names = |kind: Kind, text: &str| {
        let mut browser = match kind {
            Kind::Resources => Browser::resources(),
            _points => Browser::snapshots(),
        };
        browser.settle(&known);
        typed(&mut browser, text, &known);
        let store = &known.catalog.store;
        let name = |row: &u32| match kind {
            Kind::Resources => store.resources()[*row as usize].id.clone(),
            _points => store.point(*row as usize).id().to_owned(),
        };
        shown(&browser).iter().map(name).collect::<Vec<_>>()
    };
    for text in ["tag:team=tagged", "tag:te", "tag:team=tagged kind:"] {
        assert_eq!(names(Kind::Resources, text), ["vol-tagged"], "{text}");
        assert_eq!(names(Kind::Snapshots, text), ["snap-tagged"], "{text}");
    }
    assert!(names(Kind::Resources, "tag:team=other").is_empty());
    assert_eq!(names(Kind::Snapshots, "kind:backup-point"), ["snap-tagged"]);
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
    let mut locked = snapshot("snap-1", "vol-1", 5);
    locked.protection = Some("governance lock until 2026-05-01, legal hold".into());
    let filter = "protection:legal".to_owned();
    known.settings.filters.insert("kept".into(), filter);
    let points = vec![locked, odd, image];
    known.catalog.store.take(points, vec![]);
    known.catalog.version += 1;
    let completed = |mut browser: Browser, text: &str| {
        browser.filter.paste(text);
        browser.settle(&known);
        super::fields::completed(&browser, &known)
    };
    let of_points = |text: &str| completed(Browser::snapshots(), text);
    assert_eq!(of_points("state:cr").as_deref(), Some("state:creating "));
    assert_eq!(of_points("state:dis").as_deref(), Some("state:disabled "));
    assert_eq!(of_points("origin:au").as_deref(), Some("origin:automated "));
    assert_eq!(of_points("kind:rds").as_deref(), Some("kind:rds-snapshot "));
    assert_eq!(of_points("state:err"), None, "no point is in that state");
    assert_eq!(
        of_points("protection:").as_deref(),
        Some("protection:governance ")
    );
    assert_eq!(of_points("ord @ke").as_deref(), Some("ord @kept "));
    assert_eq!(of_points("@nob"), None, "nothing is saved as that");
    let of_images = completed(Browser::amis(), "state:cr");
    assert_eq!(of_images, None, "no image is");
    let of_resources = completed(Browser::resources(), "state:cr");
    assert_eq!(of_resources.as_deref(), Some("state:creating "));
    // A long list is looked through a few rows at a time.
    let mut browser = Browser::snapshots();
    browser.filter.paste("state:cr");
    browser.settle_within(&known, 1);
    assert!(browser.working && super::fields::completed(&browser, &known).is_none());
    let mut steps = 1;
    while browser.working {
        browser.settle_within(&known, 1);
        steps += 1;
    }
    assert!(steps >= 3, "a row a step at most: {steps}");
    let whole = super::fields::completed(&browser, &known);
    assert_eq!(whole.as_deref(), Some("state:creating "));
}

#[test]
fn a_saved_filter_lets_through_what_its_text_would_and_says_what_it_is() {
    let mut known = known();
    let mut locked = snapshot("snap-locked", "vol-1", 5);
    locked.protection = Some("compliance lock until 2026-05-01".into());
    known.catalog.store.take(vec![locked], vec![]);
    known.catalog.version += 1;
    let saved = [("kept".to_owned(), "protection:compliance".to_owned())];
    known.settings.filters = saved.into();
    let shown_by = |text: &str| {
        let mut browser = Browser::snapshots();
        browser.filter.paste(text);
        browser.settle(&known);
        let rows = browser.shown().len();
        let help = match super::fields::help(&browser, &known) {
            Some(super::fields::Help::Says(text)) => text,
            Some(super::fields::Help::Warns(text)) => format!("! {text}"),
            None => String::new(),
        };
        (rows, help)
    };
    let (all, help) = shown_by("");
    assert!(all > 1 && help.starts_with("@kept kind:"), "{all} {help}");
    let (few, help) = shown_by("@kept");
    assert_eq!((few, &*help), (1, "@kept is protection:compliance"));
    assert_eq!(shown_by("protection:compliance").0, 1);
    assert_eq!(shown_by("@k").1, "tab: @kept");
    let (none, help) = shown_by("@nobody");
    assert!(none == 0 && help.starts_with("! no saved filter"), "{help}");
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

#[test]
fn a_restore_of_an_instance_begins_at_its_best_image() {
    let instance = |id: &str| Resource {
        kind: ResourceKind::Instance,
        ..volume(id, id)
    };
    let image = |id: &str, of: &str, minutes| RecoveryPoint {
        kind: PointKind::Ami,
        resource: Some((ResourceKind::Instance, of.to_owned())),
        state: "available".into(),
        ..snapshot(id, "", minutes)
    };
    let mut known = model(80, 24).known;
    let points = vec![image("ami-1", "i-1", 20), image("ami-2", "i-2", 5)];
    let store = &mut known.catalog.store;
    store.take(points, vec![instance("i-1"), instance("i-2")]);
    known.catalog.version += 1;
    known.incident = Some(now() - jiff::SignedDuration::from_mins(10));
    let mut browser = Browser::of(Kind::Resources, SortKey::Name);
    browser.settle(&known);
    let mut pressed = |id: &str| {
        let of = |row: &u32| &*known.catalog.store.resources()[*row as usize].id == id;
        browser.at = browser.shown().iter().position(of).unwrap();
        browser.act(Action::Restore, &known)
    };
    let Some(Go::Restore(point)) = pressed("i-1").go else {
        panic!("there is an image");
    };
    assert_eq!(&*point.id, "ami-1");
    let none = pressed("i-2");
    assert!(none.go.is_none());
    let said = none.notice.unwrap().text;
    assert!(said.contains("no point from before T"), "{said}");
}
