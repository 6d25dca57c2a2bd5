//! One estate with every kind of point that the server knows, in two accounts and two Regions: what is listed of it is
//! exactly what was seeded, row for row, and so is what there is of each resource before a time.
//!
//! Every expected row is written down where its subject is seeded. The server knows no Recycle Bin, no locks and no
//! automated backups of deleted databases; AWS Backup is the checked server of `backup_server.py`.

mod databases;
mod ec2;
mod seed;
mod vaults;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::account::Account;
use crate::home::Home;
use crate::process::Output;
use crate::stage::text;

use databases::{clusters, instances, tables};
use ec2::{copied_image, copied_snapshot, image, volumes};
use seed::{Seeded, merge};
use vaults::{of, vaults};

const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
const BEFORE: &str = "2026-03-01T03:00:00Z";
/// 2026-03-01T02:00:00Z
const TWO: i64 = 1_772_330_400;

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
    for row in &mut lines {
        settled(row, began);
    }
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
