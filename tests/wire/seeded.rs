//! One estate with every kind of point that the server knows, in two accounts and two Regions: what is listed of it is
//! exactly what was seeded, row for row, and so is what there is of each resource before a time.
//!
//! Every expected row is written down where its subject is seeded. The server knows no Recycle Bin, no locks and no
//! automated backups of deleted databases; AWS Backup is the checked server of `backup_server.py`.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, PointInTimeRecoverySpecification,
    ScalarAttributeType,
};
use serde_json::{Map, Value, json};

use crate::account::Account;
use crate::estate::{Estate, Make};
use crate::home::Home;
use crate::process::Output;
use crate::stage::text;

const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
const BEFORE: &str = "2026-03-01T03:00:00Z";
/// 2026-03-01T02:00:00Z
const TWO: i64 = 1_772_330_400;
/// What the server says of a cluster that is not encrypted.
const NO_KEY: &str = "default_kms_key_id";

/// What was seeded in one place, and what is to be told of it.
struct Seeded<'a> {
    account: &'a Account,
    region: &'static str,
    profile: &'static str,
    points: Vec<Value>,
    resources: Vec<Value>,
}

impl<'a> Seeded<'a> {
    fn new(account: &'a Account, region: &'static str, profile: &'static str) -> Self {
        Self {
            account,
            region,
            profile,
            points: Vec::new(),
            resources: Vec::new(),
        }
    }

    fn place(&self) -> Value {
        json!({ "profile": self.profile, "account": self.account.id, "region": self.region })
    }

    fn home(&self) -> Value {
        json!({ "account": self.account.id, "region": self.region })
    }

    fn arn(&self, service: &str, rest: &str) -> String {
        format!(
            "arn:aws:{service}:{}:{}:{rest}",
            self.region, self.account.id
        )
    }

    fn set_time(&self, kind: &str, id: &str, time: &str, until: Option<&str>) {
        let row = json!({ "kind": kind, "id": id, "time": time, "until": until });
        Estate::new(self.account, self.region).set("set_time", &row);
    }

    /// Expects a point of a resource of this place, with everything that differs from a plain one.
    fn point(&mut self, kind: &str, id: &str, of: &str, differs: Value) -> Value {
        let mut row = json!({
            "id": id, "kind": kind, "resource": of, "resource_place": self.home(), "name": null, "state": "available",
            "size_bytes": null, "encrypted": false, "kms_key": null, "tier": "standard", "protection": null,
            "origin": "by-hand", "copy_of": null, "copy_first": false, "vault": null, "backup_arn": null, "scan": null,
            "place": self.place(), "tags": {},
        });
        merge(&mut row, differs);
        self.points.push(row.clone());
        row
    }

    /// Expects a resource of this place with its best point before the time, the seconds lost by it, and how many
    /// points stand under it.
    fn resource(
        &mut self,
        kind: &str,
        id: &str,
        name: Option<&str>,
        best: Option<(&Value, i64)>,
        points: usize,
    ) {
        let best = best.map(|(point, lost)| {
            let mut best = point.clone();
            merge(&mut best, json!({ "data_lost_seconds": lost }));
            best
        });
        self.resources.push(json!({
            "id": id, "kind": kind, "name": name, "place": self.place(), "best": best, "points": points,
            "complete": true, "not_listed": [],
        }));
    }
}

fn merge(row: &mut Value, differs: Value) {
    let Value::Object(differs) = differs else {
        panic!("fields are expected");
    };
    row.as_object_mut().expect("an object").extend(differs);
}

/// Both times of a point whose data is from when it was taken.
fn at(time: &str) -> Value {
    json!({ "at": time, "data_at": time })
}

fn both(one: Value, other: Value) -> Value {
    let mut one = one;
    merge(&mut one, other);
    one
}

/// A volume with a snapshot before and after the time, its first snapshot also in a vault; one whose only snapshot is
/// too young, and one whose only snapshot is archived. Returns the volume and its first snapshot.
fn volumes(here: &mut Seeded<'_>, copies: usize) -> (String, String) {
    let estate = Estate::new(here.account, here.region);
    let volume = estate.volume(Make::gp3(10, 3000, 125), &[("Name", "data"), ("Team", "a")]);
    let first = estate.snapshot(&volume, "2026-03-01T02:00:00Z", &[("Name", "nightly")]);
    let second = estate.snapshot(&volume, "2026-03-01T04:00:00Z", &[]);
    let sized = |time| {
        both(
            at(time),
            json!({ "state": "completed", "size_bytes": 10_u64 << 30 }),
        )
    };
    let in_vault = json!({
        "name": "nightly", "tags": { "Name": "nightly" }, "vault": "nightly", "scan": "NO_THREATS_FOUND",
        "backup_arn": format!("arn:aws:ec2:{}::snapshot/{first}", here.region), "protection": "governance lock",
    });
    let best = both(sized("2026-03-01T02:00:00Z"), in_vault);
    let best = here.point("ebs-snapshot", &first, &volume, best);
    here.point(
        "ebs-snapshot",
        &second,
        &volume,
        sized("2026-03-01T04:00:00Z"),
    );
    here.resource(
        "volume",
        &volume,
        Some("data"),
        Some((&best, 3600)),
        2 + copies,
    );

    let late = estate.volume(Make::gp3(10, 3000, 125), &[]);
    let young = estate.snapshot(&late, "2026-03-01T03:00:00Z", &[]);
    here.point("ebs-snapshot", &young, &late, sized("2026-03-01T03:00:00Z"));
    here.resource("volume", &late, None, None, 1);

    let cold = estate.volume(Make::gp3(10, 3000, 125), &[]);
    let archived = estate.snapshot(&cold, "2026-03-01T01:00:00Z", &[]);
    estate.archive_snapshot(&archived);
    let archived_row = both(sized("2026-03-01T01:00:00Z"), json!({ "tier": "archive" }));
    here.point("ebs-snapshot", &archived, &cold, archived_row);
    here.resource("volume", &cold, None, None, 1);
    (volume, first)
}

/// A copy of a snapshot of another Region: it is of no volume of its own, and its time is not that of its data.
fn copied_snapshot(there: &mut Seeded<'_>, source: &Seeded<'_>, snapshot: &str) {
    let ec2 = there.account.ec2(there.region);
    let call = ec2
        .copy_snapshot()
        .source_region(source.region)
        .source_snapshot_id(snapshot);
    let call = call.description(format!(
        "[Copied {snapshot} from {}] nightly",
        source.region
    ));
    let copy = there.account.wait(call.send()).expect("CopySnapshot");
    let copy = copy.snapshot_id().expect("an id").to_owned();
    there.set_time("snapshot", &copy, "2026-03-01T02:30:00Z", None);
    let differs = json!({
        "resource": null, "resource_place": null, "at": "2026-03-01T02:30:00Z", "data_at": null, "state": "completed",
        "size_bytes": 10_u64 << 30, "copy_of": snapshot,
    });
    there.point("ebs-snapshot", &copy, "", differs);
}

/// An instance with an image of it and an older copy of that image's kind elsewhere; its root volume has no point.
/// Returns the image.
fn image(here: &mut Seeded<'_>, copies: usize) -> String {
    let estate = Estate::new(here.account, here.region);
    let instance = estate.launch("web");
    let root = estate.volume_at(&instance, crate::estate::ROOT);
    here.resource("volume", &root, Some("web root"), None, 0);
    let call = estate
        .ec2
        .create_image()
        .instance_id(&instance)
        .name("web before");
    let image = here.account.wait(call.send()).expect("CreateImage");
    let image = image.image_id().expect("an id").to_owned();
    let differs = both(
        at("2026-03-01T01:00:00Z"),
        json!({ "name": "web before", "size_bytes": 15_u64 << 30 }),
    );
    let best = here.point("ami", &image, &instance, differs);
    here.resource(
        "instance",
        &instance,
        Some("web"),
        Some((&best, 7200)),
        1 + copies,
    );
    member(here, &image, "2026-03-01T01:00:00Z", "image");
    image
}

/// Sets the time of an image, and expects its snapshot. The server takes it of a volume that it deletes at once.
fn member(here: &mut Seeded<'_>, image: &str, time: &str, origin: &str) {
    here.set_time("image", image, time, None);
    let ec2 = here.account.ec2(here.region);
    let images = here
        .account
        .wait(ec2.describe_images().image_ids(image).send())
        .expect("DescribeImages");
    let disk = images.images()[0].block_device_mappings()[0]
        .ebs()
        .expect("a disk");
    let snapshot = disk.snapshot_id().expect("an id").to_owned();
    here.set_time("snapshot", &snapshot, time, None);
    let told = here
        .account
        .wait(ec2.describe_snapshots().snapshot_ids(&snapshot).send())
        .expect("DescribeSnapshots");
    let volume = told.snapshots()[0].volume_id().expect("an id").to_owned();
    let differs = json!({ "state": "completed", "size_bytes": 15_u64 << 30, "origin": origin });
    let row = here.point("ebs-snapshot", &snapshot, &volume, both(at(time), differs));
    let lost = if time < BEFORE {
        Some((&row, 7200))
    } else {
        None
    };
    here.resource("volume", &volume, None, lost, 1);
}

fn copied_image(there: &mut Seeded<'_>, source: &Seeded<'_>, image: &str) {
    let ec2 = there.account.ec2(there.region);
    let call = ec2
        .copy_image()
        .source_region(source.region)
        .source_image_id(image)
        .name("copy");
    let call = call.description(format!("[Copied {image} from {}] web", source.region));
    let copy = there.account.wait(call.send()).expect("CopyImage");
    let copy = copy.image_id().expect("an id").to_owned();
    let differs = json!({
        "resource": null, "resource_place": null, "at": "2026-03-01T04:00:00Z", "data_at": null, "name": "copy",
        "size_bytes": 15_u64 << 30, "copy_of": image,
    });
    there.point("ami", &copy, "", differs);
    member(there, &copy, "2026-03-01T04:00:00Z", "by-hand");
}

/// A DB instance with an automated snapshot, one by hand, a copy of it and a window; and one that is too young.
fn instances(here: &mut Seeded<'_>, elsewhere: usize) {
    let rds = here.account.rds(here.region);
    for name in ["shop", "idle"] {
        let call = rds
            .create_db_instance()
            .db_instance_identifier(name)
            .engine("mysql");
        let call = call.db_instance_class("db.t3.micro").allocated_storage(20);
        let call = call
            .master_username("admin")
            .master_user_password("not-a-secret");
        here.account.wait(call.send()).expect("CreateDBInstance");
    }
    let tag = aws_sdk_rds::types::Tag::builder()
        .key("Name")
        .value("by hand")
        .build();
    let call = rds
        .create_db_snapshot()
        .db_instance_identifier("shop")
        .db_snapshot_identifier("shop-1");
    here.account
        .wait(call.tags(tag).send())
        .expect("CreateDBSnapshot");
    let call = rds
        .copy_db_snapshot()
        .source_db_snapshot_identifier("shop-1");
    let call = call.target_db_snapshot_identifier("shop-copy");
    here.account.wait(call.send()).expect("CopyDBSnapshot");
    let sized = json!({ "size_bytes": 20_u64 << 30 });
    for (name, time) in [
        ("shop", "2026-03-01T00:30:00Z"),
        ("idle", "2026-03-01T05:00:00Z"),
    ] {
        let call = rds
            .describe_db_snapshots()
            .db_instance_identifier(name)
            .snapshot_type("automated");
        let told = here.account.wait(call.send()).expect("DescribeDBSnapshots");
        let id = told.db_snapshots()[0]
            .db_snapshot_identifier()
            .expect("an id")
            .to_owned();
        here.set_time("db-snapshot", &id, time, None);
        let made = json!({ "origin": "automated" });
        here.point(
            "rds-snapshot",
            &id,
            name,
            both(both(at(time), sized.clone()), made),
        );
    }
    here.set_time("db-snapshot", "shop-1", "2026-03-01T02:00:00Z", None);
    let named = json!({ "name": "by hand", "tags": { "Name": "by hand" } });
    let by_hand = both(both(at("2026-03-01T02:00:00Z"), sized.clone()), named);
    here.point("rds-snapshot", "shop-1", "shop", by_hand);
    here.set_time(
        "db-snapshot",
        "shop-copy",
        "2026-03-01T04:00:00Z",
        Some("2026-03-01T02:00:00Z"),
    );
    let copy = json!({ "at": "2026-03-01T04:00:00Z", "data_at": "2026-03-01T02:00:00Z" });
    here.point("rds-snapshot", "shop-copy", "shop", both(copy, sized));
    let shop = window(
        here,
        "shop",
        ("2026-02-01T00:00:00Z", "2026-03-01T02:55:00Z"),
    );
    let idle = window(
        here,
        "idle",
        ("2026-03-01T05:00:00Z", "2026-03-01T05:30:00Z"),
    );
    drop(idle);
    here.resource(
        "db-instance",
        "shop",
        None,
        Some((&shop, 300)),
        4 + elsewhere,
    );
    here.resource("db-instance", "idle", None, None, 2);
}

fn window(here: &mut Seeded<'_>, name: &str, (earliest, latest): (&str, &str)) -> Value {
    here.set_time("db-window", name, earliest, Some(latest));
    let arn = here.arn("rds", &format!("auto-backup:ab-{name}"));
    let differs = json!({
        "earliest": earliest, "latest": latest, "data_at": latest, "state": "active", "origin": "automated",
    });
    here.point("rds-window", &arn, name, differs)
}

/// A cluster with an automated snapshot, one by hand, and a window that lasts until now.
fn clusters(here: &mut Seeded<'_>) {
    let rds = here.account.rds(here.region);
    let call = rds
        .create_db_cluster()
        .db_cluster_identifier("ledger")
        .engine("aurora-postgresql");
    let call = call
        .master_username("admin")
        .master_user_password("not-a-secret");
    let made = here.account.wait(call.send()).expect("CreateDBCluster");
    let id = made
        .db_cluster()
        .and_then(|one| one.db_cluster_resource_id());
    let id = id.expect("an id").to_owned();
    let call = rds
        .create_db_cluster_snapshot()
        .db_cluster_identifier("ledger");
    let call = call.db_cluster_snapshot_identifier("ledger-1");
    here.account
        .wait(call.send())
        .expect("CreateDBClusterSnapshot");
    let call = rds
        .describe_db_cluster_snapshots()
        .snapshot_type("automated");
    let told = here
        .account
        .wait(call.send())
        .expect("DescribeDBClusterSnapshots");
    let automated = told.db_cluster_snapshots()[0].db_cluster_snapshot_identifier();
    let automated = automated.expect("an id").to_owned();
    for (snapshot, time, origin) in [
        (automated.as_str(), "2026-03-01T00:30:00Z", "automated"),
        ("ledger-1", "2026-03-01T02:00:00Z", "by-hand"),
    ] {
        here.set_time("db-cluster-snapshot", snapshot, time, None);
        let differs = json!({ "origin": origin, "kms_key": NO_KEY });
        here.point(
            "rds-cluster-snapshot",
            snapshot,
            "ledger",
            both(at(time), differs),
        );
    }
    here.set_time("db-cluster", "ledger", "2026-02-01T00:00:00Z", None);
    let differs = json!({
        "earliest": "2026-02-01T00:00:00Z", "latest": "now", "data_at": "now", "state": "active",
        "origin": "automated", "kms_key": NO_KEY,
    });
    let best = here.point("rds-cluster-window", &id, "ledger", differs);
    here.resource("db-cluster", "ledger", None, Some((&best, 1)), 3);
}

/// A table with a backup and a window, one with a backup that is too young, and one with nothing.
fn tables(here: &mut Seeded<'_>, elsewhere: usize) {
    let dynamodb = here.account.dynamodb(here.region);
    for name in ["orders", "carts", "sessions"] {
        let key = KeySchemaElement::builder()
            .attribute_name("k")
            .key_type(KeyType::Hash);
        let attribute = AttributeDefinition::builder().attribute_name("k");
        let attribute = attribute.attribute_type(ScalarAttributeType::S).build();
        let call = dynamodb
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest);
        let call = call.key_schema(key.build().expect("a key"));
        let call = call.attribute_definitions(attribute.expect("an attribute"));
        here.account.wait(call.send()).expect("CreateTable");
    }
    for (table, time) in [
        ("orders", "2026-03-01T02:00:00Z"),
        ("carts", "2026-03-01T04:00:00Z"),
    ] {
        let call = dynamodb
            .create_backup()
            .table_name(table)
            .backup_name("by hand");
        let made = here.account.wait(call.send()).expect("CreateBackup");
        let arn = made
            .backup_details()
            .expect("details")
            .backup_arn()
            .to_owned();
        here.set_time("table-backup", &arn, time, None);
        let differs = json!({ "name": "by hand", "state": "AVAILABLE", "size_bytes": 123, "encrypted": true });
        here.point("dynamodb-backup", &arn, table, both(at(time), differs));
    }
    let recovery = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true);
    let recovery = recovery
        .recovery_period_in_days(35)
        .build()
        .expect("a specification");
    let call = dynamodb.update_continuous_backups().table_name("orders");
    let call = call.point_in_time_recovery_specification(recovery);
    here.account
        .wait(call.send())
        .expect("UpdateContinuousBackups");
    let (earliest, latest) = ("2026-02-20T00:00:00Z", "2026-03-01T05:00:00Z");
    here.set_time("table-window", "orders", earliest, Some(latest));
    let differs = json!({
        "earliest": earliest, "latest": latest, "data_at": latest, "state": "ENABLED", "origin": "automated",
        "encrypted": true, "protection": "recovery period of 35 days",
    });
    let best = here.point("dynamodb-window", "orders", "orders", differs);
    here.resource("table", "orders", None, Some((&best, 1)), 2 + elsewhere);
    here.resource("table", "carts", None, None, 1);
    here.resource("table", "sessions", None, None, 0);
}

fn vault(here: &Seeded<'_>, name: &str, points: Vec<Value>) -> Value {
    json!({
        "BackupVaultName": name, "BackupVaultArn": here.arn("backup", &format!("backup-vault:{name}")),
        "VaultType": "BACKUP_VAULT", "VaultState": "AVAILABLE", "CreationDate": TWO - 900_000,
        "NumberOfRecoveryPoints": points.len(), "Locked": true, "points": points,
    })
}

fn in_vault(arn: &str, of: &str, kind: &str, created: i64) -> Value {
    json!({
        "RecoveryPointArn": arn, "ResourceArn": of, "ResourceType": kind, "Status": "COMPLETED", "CreationDate": created,
        "CompletionDate": created + 60, "BackupSizeInBytes": 5_u64 << 30, "IsEncrypted": false, "IsParent": false,
        "VaultType": "BACKUP_VAULT",
    })
}

/// What AWS Backup has in a place: the face of a native snapshot, a file system, another that has no point left, and
/// copies of what lives elsewhere, each given by its ARN, its type and when its data is from.
fn vaults(
    here: &mut Seeded<'_>,
    (volume, snapshot): &(String, String),
    copies: &[(Value, &str, i64)],
) {
    let own = |id: &str| here.arn("backup", &format!("recovery-point:{id}"));
    let files = |id: &str| here.arn("elasticfilesystem", &format!("file-system/{id}"));
    let face = format!("arn:aws:ec2:{}::snapshot/{snapshot}", here.region);
    let mut face = in_vault(
        &face,
        &here.arn("ec2", &format!("volume/{volume}")),
        "EBS",
        TWO + 30,
    );
    merge(
        &mut face,
        json!({ "AggregatedScanResult": { "FailedScan": false, "LastComputed": TWO + 90 } }),
    );
    let uploads = own("uploads");
    let managed = in_vault(&uploads, &files("fs-1"), "EFS", TWO);
    let copied = copies.iter().enumerate().map(|(nth, (of, kind, created))| {
        in_vault(
            &own(&format!("copy-{nth}")),
            &text(&of["arn"]),
            kind,
            *created,
        )
    });
    let points = [face, managed].into_iter().chain(copied).collect();
    let left =
        json!({ "ResourceArn": files("fs-2"), "ResourceType": "EFS", "LastBackupTime": TWO });
    let estate = json!({ "vaults": [vault(here, "nightly", points)], "protected": [left] });
    here.account.seed_backup(here.region, &estate);

    let lies = |at: Value| {
        let kept = json!({
            "state": "COMPLETED", "size_bytes": 5_u64 << 30, "origin": "aws-backup", "vault": "nightly",
            "protection": "governance lock",
        });
        both(at, kept)
    };
    let differs = both(
        lies(at("2026-03-01T02:00:00Z")),
        json!({ "backup_arn": uploads.clone() }),
    );
    let best = here.point("backup-point", &uploads, "fs-1", differs);
    here.resource("file-system", "fs-1", None, Some((&best, 3600)), 1);
    here.resource("file-system", "fs-2", None, None, 0);
    for (nth, (of, _kind, created)) in copies.iter().enumerate() {
        let arn = here.arn("backup", &format!("recovery-point:copy-{nth}"));
        let time = if *created == TWO {
            "2026-03-01T02:00:00Z"
        } else {
            "2026-03-01T04:00:00Z"
        };
        let placed = json!({ "backup_arn": arn.clone(), "resource_place": of["home"] });
        here.point(
            "backup-point",
            &arn,
            &text(&of["id"]),
            both(lies(at(time)), placed),
        );
    }
}

/// Names something of a place to be copied elsewhere.
fn of(place: &Seeded<'_>, service: &str, prefix: &str, id: &str) -> Value {
    json!({ "id": id, "arn": place.arn(service, &format!("{prefix}{id}")), "home": place.home() })
}

/// Two accounts, reached by a role each, and all that was seeded in two Regions of each.
struct Whole {
    home: Home,
    points: Vec<Value>,
    resources: Vec<Value>,
}

impl Whole {
    fn seeded(accounts: &[Account; 2]) -> Self {
        let [one, other] = accounts;
        let home = Home::new()
            .role("red", &one.id, REGIONS[0])
            .role("blue", &other.id, REGIONS[1]);
        let mut red = Seeded::new(one, REGIONS[0], "red");
        let mut red_far = Seeded::new(one, REGIONS[1], "red");
        let mut blue = Seeded::new(other, REGIONS[0], "blue");
        let mut blue_far = Seeded::new(other, REGIONS[1], "blue");
        // In the first place everything has a copy elsewhere: in another Region, in another account, or both.
        let first = volumes(&mut red, 2);
        let web = image(&mut red, 1);
        instances(&mut red, 1);
        clusters(&mut red);
        tables(&mut red, 1);
        copied_snapshot(&mut red_far, &red, &first.1);
        copied_image(&mut red_far, &red, &web);
        vaults(&mut red, &first, &[]);
        for place in [&mut red_far, &mut blue, &mut blue_far] {
            let own = volumes(place, 0);
            image(place, 0);
            instances(place, 0);
            clusters(place);
            tables(place, 0);
            let copies = match (place.profile, place.region) {
                ("red", _) => vec![(of(&red, "dynamodb", "table/", "orders"), "DynamoDB", TWO)],
                ("blue", "eu-west-1") => vec![
                    (of(&red, "ec2", "volume/", &first.0), "EBS", TWO),
                    (of(&red, "rds", "db:", "shop"), "RDS", TWO + 7200),
                    // Nothing else is left of this one, and of the next nothing from before the time.
                    (of(&red, "rds", "cluster:", "retired"), "Aurora", TWO),
                    (of(&red, "rds", "cluster:", "late"), "Aurora", TWO + 7200),
                ],
                _far => vec![],
            };
            vaults(place, &own, &copies);
        }
        let retired = blue.points.iter().find(|row| row["resource"] == "retired");
        let retired = retired.expect("it was seeded").clone();
        red.resource("db-cluster", "retired", None, Some((&retired, 3600)), 1);
        red.resource("db-cluster", "late", None, None, 1);
        let all = [red, red_far, blue, blue_far];
        let points = all.iter().flat_map(|place| place.points.clone()).collect();
        let resources = all
            .iter()
            .flat_map(|place| place.resources.clone())
            .collect();
        Self {
            home,
            points,
            resources,
        }
    }

    fn defib(&self, command: &[&str]) -> Output {
        let mut arguments = vec!["--profile", "red", "--profile", "blue"];
        arguments.extend(["--region", REGIONS[0], "--region", REGIONS[1]]);
        arguments.extend(command);
        self.home.defib(&arguments)
    }
}

type Key = (String, String, String, String);

fn by_key(rows: &[Value]) -> BTreeMap<Key, Map<String, Value>> {
    let key = |row: &Value| {
        let (account, region) = (&row["place"]["account"], &row["place"]["region"]);
        (
            text(account),
            text(region),
            text(&row["kind"]),
            text(&row["id"]),
        )
    };
    let keyed: BTreeMap<_, _> = rows
        .iter()
        .map(|row| (key(row), row.as_object().expect("an object").clone()))
        .collect();
    assert_eq!(keyed.len(), rows.len(), "each once");
    keyed
}

/// A window of a cluster lasts until now: what says so is checked, and put in words.
fn settled(row: &mut Value, began: jiff::Timestamp) {
    if row["best"].is_object() {
        settled(&mut row["best"], began);
    }
    if row["kind"] == "rds-cluster-window" {
        let latest: jiff::Timestamp = text(&row["latest"]).parse().expect("a time");
        assert!(latest >= began, "{row}");
        assert_eq!(row["latest"], row["data_at"]);
        merge(row, json!({ "latest": "now", "data_at": "now" }));
    }
}

fn assert_exactly(output: &Output, wanted: &[Value], began: jiff::Timestamp) {
    let mut lines = output.json_lines();
    lines.iter_mut().for_each(|row| settled(row, began));
    let (found, wanted) = (by_key(&lines), by_key(wanted));
    for (key, row) in &wanted {
        let row = Value::Object(row.clone());
        let told = found.get(key).map(|row| Value::Object(row.clone()));
        assert_eq!(told, Some(row), "{key:?}");
    }
    let unknown: Vec<_> = found
        .keys()
        .filter(|key| !wanted.contains_key(*key))
        .collect();
    assert!(unknown.is_empty(), "nobody seeded {unknown:#?}");
}

#[test]
fn an_estate_of_every_kind_in_two_accounts_and_two_regions_is_told_exactly_as_it_was_seeded() {
    let accounts = [Account::fresh(), Account::fresh()];
    let whole = Whole::seeded(&accounts);
    let began = now();
    let output = whole.defib(&["points", "--json"]).expect(&[0]);
    assert_exactly(&output, &whole.points, began);
    let output = whole
        .defib(&["resources", "--before", BEFORE, "--json"])
        .expect(&[0]);
    assert_exactly(&output, &whole.resources, began);
    let none = whole.resources.iter().filter(|row| row["best"].is_null());
    assert!(
        none.count() > 20,
        "what has nothing before the time is among it"
    );
    for account in &accounts {
        assert_eq!(account.backup_answers()["violations"], json!([]));
    }
    in_vaults_and_where_the_vaults_fail(&whole, &accounts[1]);
}

/// What lies in a vault is found as such; and where vaults cannot be read, nothing is said to have no point before.
fn in_vaults_and_where_the_vaults_fail(whole: &Whole, closed: &Account) {
    let output = whole
        .defib(&["points", "--json", "--kind", "ebs-snapshot"])
        .expect(&[0]);
    let of_kind = |row: &&Value| row["kind"] == "ebs-snapshot";
    let wanted: Vec<Value> = whole.points.iter().filter(of_kind).cloned().collect();
    assert_exactly(&output, &wanted, now());
    let mut estate = json!({ "vaults": [] });
    estate["vaults"] = json!([{
        "BackupVaultName": "shut", "BackupVaultArn": format!("arn:aws:backup:us-east-1:{}:backup-vault:shut", closed.id),
        "VaultType": "BACKUP_VAULT", "VaultState": "AVAILABLE", "CreationDate": TWO, "NumberOfRecoveryPoints": 1,
        "Locked": false, "denied": true, "points": [],
    }]);
    closed.seed_backup(REGIONS[1], &estate);
    let output = whole
        .defib(&["resources", "--before", BEFORE, "--json"])
        .expect(&[5]);
    let told = format!("backup-point us-east-1 {} failed", closed.id);
    for row in output.json_lines() {
        assert_eq!(row["complete"], false, "a copy may be anywhere: {row}");
        let own = row["place"]["account"] == json!(closed.id);
        let told = if own {
            "backup-point us-east-1 failed"
        } else {
            &told
        };
        assert_eq!(row["not_listed"], json!([told]), "{row}");
    }
}

fn now() -> jiff::Timestamp {
    #[expect(
        clippy::disallowed_methods,
        reason = "the server goes by the clock of this machine"
    )]
    jiff::Timestamp::now()
}
