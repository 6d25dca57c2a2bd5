//! Rows of RDS as points: what a copy, a shared snapshot and a window come to, and what is none yet.
//!
//! Nothing is sent here; what the sources find is tested against the simulated AWS.

use super::*;

use std::sync::LazyLock;

use jiff::Timestamp;

fn place() -> Place {
    Place {
        profile: Some("acme".into()),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
    }
}

static TAKEN: LazyLock<DateTime> = LazyLock::new(|| DateTime::from_secs(1_772_330_400));
static EARLIER: LazyLock<DateTime> = LazyLock::new(|| DateTime::from_secs(1_772_326_800));

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn taken() -> Taken<'static> {
    Taken {
        kind: PointKind::RdsSnapshot,
        id: Some("rds:shop-2026-03-01-02-00"),
        arn: Some("arn:aws:rds:eu-west-1:111122223333:snapshot:rds:shop-2026-03-01-02-00"),
        of: (ResourceKind::DbInstance, Some("shop")),
        created: Some(&*TAKEN),
        data: [None, None],
        source: None,
        made: Some("automated"),
        status: Some("available"),
        engine: Some("mysql"),
        allocated_storage: Some(200),
        encrypted: Some(true),
        kms_key: Some("arn:aws:kms:eu-west-1:111122223333:key/1"),
        tags: &[],
    }
}

fn point(taken: Taken<'_>) -> RecoveryPoint {
    match taken.row(&place()) {
        Row::Point(point, _) => *point,
        row @ (Row::NotYet | Row::Unreadable) => panic!("{row:?}"),
    }
}

#[test]
fn a_snapshot_becomes_a_point_of_its_database_and_tells_of_it() {
    let Row::Point(point, left) = taken().row(&place()) else {
        panic!("no point");
    };
    assert_eq!(point.id, "rds:shop-2026-03-01-02-00");
    let shop = (ResourceKind::DbInstance, "shop".to_owned());
    assert_eq!(point.resource, Some(shop));
    let taken = at("2026-03-01T02:00:00Z");
    assert_eq!(point.when, When::At { at: taken });
    assert_eq!(point.data_at, DataTime::Known(taken));
    assert_eq!(point.size_bytes, Some(214_748_364_800));
    assert_eq!(point.origin, Origin::Automated);
    assert!(point.usable() && point.encrypted == Some(true) && point.copy_of.is_none());
    let left = left.unwrap();
    assert_eq!((left.id.as_str(), left.exists), ("shop", false));
    assert_eq!(left.engine.as_deref(), Some("mysql"));
}

#[test]
fn a_copy_has_the_time_of_its_data_where_it_says_so_and_else_only_bounds_it() {
    let copy = Taken {
        source: Some("arn:aws:rds:us-east-1:111122223333:snapshot:rds:shop-2026-02-28-02-00"),
        id: Some("shop-copy"),
        made: Some("manual"),
        ..taken()
    };
    let bounded = point(copy);
    assert_eq!(
        bounded.data_at,
        DataTime::AtMost(at("2026-03-01T02:00:00Z"))
    );
    let known = at("2026-03-01T01:00:00Z");
    for data in [[Some(&*EARLIER), Some(&*TAKEN)], [None, Some(&*EARLIER)]] {
        let point = point(Taken { data, ..copy });
        assert_eq!(point.data_at, DataTime::Known(known));
        let when = at("2026-03-01T02:00:00Z");
        assert_eq!(point.when, When::At { at: when }, "the copy's own time");
    }
    assert_eq!(
        bounded.copy_of.as_deref(),
        copy.source,
        "a name alone is that of another one elsewhere"
    );
    assert_eq!(bounded.origin, Origin::ByHand);
}

/// Account and Region of the database that a point is of, where that is another place.
fn home(taken: Taken<'_>) -> Option<(String, String)> {
    let point = point(taken);
    let shop = (ResourceKind::DbInstance, "shop".to_owned());
    assert_eq!(point.resource, Some(shop));
    let home = point.resource_home?;
    Some((home.account.to_string(), home.region.to_string()))
}

#[test]
fn what_comes_from_elsewhere_is_of_the_database_of_that_name_there_and_of_none_here() {
    let from = |source| {
        home(Taken {
            source: Some(source),
            ..taken()
        })
    };
    let of = |account: &str, region: &str| Some((account.to_owned(), region.to_owned()));
    let own = "arn:aws:rds:eu-west-1:111122223333:snapshot:other";
    assert_eq!(from(own), None);
    let region = "arn:aws:rds:us-east-1:111122223333:snapshot:other";
    assert_eq!(from(region), of("111122223333", "us-east-1"));
    let account = "arn:aws:rds:eu-west-1:444455556666:snapshot:other";
    assert_eq!(from(account), of("444455556666", "eu-west-1"));
    assert_eq!(from("no-arn"), None, "a name alone is one of this place");
    let shared = "arn:aws:rds:eu-west-1:444455556666:snapshot:golden";
    let shared = || Taken {
        id: Some(shared),
        arn: Some(shared),
        ..taken()
    };
    assert_eq!(home(shared()), of("444455556666", "eu-west-1"));
    assert!(matches!(shared().row(&place()), Row::Point(_, None)));
    let copied = Taken {
        source: Some("arn:aws:rds:us-east-1:444455556666:snapshot:golden"),
        ..shared()
    };
    assert_eq!(home(copied), of("444455556666", "us-east-1"));
}

#[test]
fn what_is_shared_and_encrypted_has_to_be_copied_first() {
    let id = "arn:aws:rds:eu-west-1:444455556666:snapshot:golden";
    let shared = |encrypted, status| {
        let shared = Taken {
            id: Some(id),
            encrypted: Some(encrypted),
            status: Some(status),
            ..taken()
        };
        let point = point(shared);
        assert_eq!(point.state, status);
        (point.usable(), point.copy_first)
    };
    assert_eq!(shared(true, "available"), (false, true));
    assert_eq!(shared(false, "available"), (true, false));
    assert_eq!(shared(true, "failed"), (false, true));
    let own = point(taken());
    assert!(own.usable() && !own.copy_first);
}

#[test]
fn a_replicated_window_is_of_the_database_elsewhere_and_tells_of_none_here() {
    let there = "arn:aws:rds:us-east-1:111122223333:db:shop";
    let replicated = Kept {
        home: rds_arn(there).and_then(|arn| arn.elsewhere(&place())),
        ..kept()
    };
    let Row::Point(point, left) = replicated.row(&place()) else {
        panic!("no point");
    };
    assert_eq!(point.resource_home.unwrap().region.as_str(), "us-east-1");
    assert_eq!(left, None);
}

#[test]
fn the_origin_stands_at_the_beginning_of_the_identifier() {
    let origin = |id, made| {
        point(Taken {
            id: Some(id),
            made,
            ..taken()
        })
        .origin
    };
    assert_eq!(origin("awsbackup:job-1f2e", None), Origin::AwsBackup);
    assert_eq!(
        origin("awsbackup:copyjob-1f2e", Some("manual")),
        Origin::AwsBackup
    );
    assert_eq!(origin("renamed", Some("awsbackup")), Origin::AwsBackup);
    assert_eq!(
        origin("rds:shop-2026", Some("automated")),
        Origin::Automated
    );
    assert_eq!(origin("shop-rds:", Some("manual")), Origin::ByHand);
    let shared = "arn:aws:rds:eu-west-1:444455556666:snapshot:awsbackup:job-1";
    assert_eq!(origin(shared, Some("manual")), Origin::AwsBackup);
}

#[test]
fn a_snapshot_that_is_being_made_is_no_failure_and_one_without_a_time_is() {
    let bare = |status| {
        let bare = Taken {
            created: None,
            status: Some(status),
            ..taken()
        };
        bare.row(&place())
    };
    assert_eq!(bare("creating"), Row::NotYet);
    assert_eq!(bare("available"), Row::Unreadable);
    for id in [None, Some("")] {
        assert_eq!(Taken { id, ..taken() }.row(&place()), Row::Unreadable);
    }
}

#[test]
fn storage_that_grows_by_itself_has_no_size() {
    for engine in [
        "aurora-mysql",
        "aurora-postgresql",
        "aurora",
        "docdb",
        "neptune",
    ] {
        assert_eq!(size(Some(engine), Some(1)), None, "{engine}");
    }
    assert_eq!(size(Some("mysql"), Some(1)), Some(GIB));
    assert_eq!(size(Some("mysql"), Some(0)), None);
}

#[test]
fn an_arn_is_one_of_rds_with_everything_in_it() {
    for text in [
        "",
        "shop",
        "arn:aws:rds:eu-west-1:111122223333:snapshot",
        "arn:aws:rds:eu-west-1:111122223333:snapshot:",
        "arn:aws:ec2:eu-west-1:111122223333:snapshot:shop",
        "\u{1b}[2J:aws:rds:eu-west-1:111122223333:snapshot:shop",
    ] {
        assert_eq!(rds_arn(text), None, "{text:?}");
    }
    let china = rds_arn("arn:aws-cn:rds:cn-north-1:111122223333:cluster-snapshot:rds:a-2026");
    assert_eq!(identifier(china.unwrap()), "rds:a-2026");
}

fn kept() -> Kept<'static> {
    Kept {
        kind: PointKind::RdsWindow,
        id: Some("arn:aws:rds:eu-west-1:111122223333:auto-backup:ab-1"),
        of: (ResourceKind::DbInstance, Some("shop")),
        home: None,
        earliest: Some(&*EARLIER),
        latest: Some(&*TAKEN),
        status: Some("retained"),
        engine: Some("mysql"),
        allocated_storage: Some(200),
        encrypted: Some(false),
        kms_key: None,
        recovery_point: None,
        tags: &[],
    }
}

#[test]
fn a_window_has_both_ends_and_one_that_is_yet_to_open_is_no_point() {
    let Row::Point(point, left) = kept().row(&place()) else {
        panic!("no point");
    };
    let (earliest, latest) = (at("2026-03-01T01:00:00Z"), at("2026-03-01T02:00:00Z"));
    assert_eq!(point.when, When::Window { earliest, latest });
    assert_eq!(point.data_at, DataTime::Known(latest));
    assert!(point.usable() && point.origin == Origin::Automated);
    assert!(!left.unwrap().exists);
    for (earliest, latest) in [(None, None), (Some(&*EARLIER), None), (None, Some(&*TAKEN))] {
        let opening = Kept {
            earliest,
            latest,
            ..kept()
        };
        assert_eq!(opening.row(&place()), Row::NotYet);
    }
    assert_eq!(Kept { id: None, ..kept() }.row(&place()), Row::Unreadable);
}

#[test]
fn a_continuous_backup_of_aws_backup_is_its_own() {
    let kept = Kept {
        recovery_point: Some(
            "arn:aws:backup:eu-west-1:111122223333:recovery-point:continuous:db-1",
        ),
        ..kept()
    };
    assert!(
        matches!(kept.row(&place()), Row::Point(point, _) if point.origin == Origin::AwsBackup)
    );
}

#[test]
fn a_page_tells_of_each_database_once_and_counts_what_it_cannot_read() {
    let rows = [
        taken(),
        taken(),
        Taken {
            id: None,
            ..taken()
        },
    ];
    let page: Page = rows.into_iter().map(|one| one.row(&place())).collect();
    assert_eq!(
        (page.points.len(), page.left.len(), page.unreadable),
        (2, 1, 1)
    );
}

#[test]
fn hostile_names_are_kept_byte_for_byte() {
    let tag = Tag::builder().key("Name").value("\u{1b}[2Jshop\u{202e}");
    let tags = [tag.build()];
    let point = point(Taken {
        tags: &tags,
        ..taken()
    });
    let name = point.name.unwrap();
    assert_eq!(name.raw(), "\u{1b}[2Jshop\u{202e}");
    assert!(!name.shown().contains('\u{1b}'));
}
