//! The restore of a table: what it was, field by field, as the services tell it afterwards; the switch-over and its
//! way back.
//!
//! What this server does not have is asserted in the simulated AWS: overrides and the class of a table, windows that a
//! second may be outside of, one update at a time, tags that settle, an hour between two changes of time to live, keys
//! that cannot be used, and versions of a policy that are refused. Contributor Insights and Kinesis destinations can only
//! be asked for in vain: the server fails (500), so they are not known and not given back; nor can alarms, since the
//! server knows nothing of the CBOR that CloudWatch is spoken to in. A restore copies what is there now, whatever second
//! is asked for.

mod identities;
mod seeded;
mod triggers;

use serde_json::{Value, json};

use crate::stage::run_of;
use seeded::{BREAK_GLASS, EXPIRED, NEW, OLD, PARAMETER, T, Tables};

/// What a restore to a second is asked for with.
fn to_a_second() -> Vec<&'static str> {
    vec!["--table", OLD, "--at", T, "--target", NEW]
}

/// That one function is called, or not, with what changes in a table, and from where.
fn assert_called(tables: &Tables, table: &str, position: &str, state: &str) {
    let wanted = [(position.to_owned(), state.to_owned())];
    assert_eq!(tables.called(table), wanted, "{table}");
}

/// Every setting but time to live is what it was.
fn assert_alike(tables: &Tables) {
    let without_ttl = |mut table: Value| {
        table["ttl"].take();
        table
    };
    let (was, is) = (tables.before.clone(), tables.table(NEW));
    assert_eq!(without_ttl(was), without_ttl(is));
}

#[test]
fn a_table_is_restored_to_a_second_and_is_the_same_table_again() {
    let tables = Tables::new();
    let mut words = to_a_second();
    words.extend(["--parameter", PARAMETER, "--freeze"]);
    words.extend(["--break-glass", BREAK_GLASS, "--json", "--yes"]);
    // A yes is agreement to everything but to what deletes.
    let waiting = tables.run(&words).expect(&[3]);
    let run = run_of(&waiting);
    assert_alike(&tables);
    assert_eq!(tables.time_to_live(NEW), "DISABLED");
    assert_eq!(tables.parameter(), NEW);
    // The old one replayed its stream once; the new one never does.
    assert_called(&tables, NEW, "LATEST", "Enabled");
    assert_called(&tables, OLD, "TRIM_HORIZON", "Disabled");
    let status = tables.home.defib(&["status", &run]);
    assert!(
        format!("{waiting}{status}").contains(&EXPIRED.to_string()),
        "how many have expired is said\n{waiting}{status}"
    );
    let frozen = tables.policy(OLD);
    let statements = frozen["Statement"].as_array().expect("statements");
    let deny = statements.iter().find(|one| one["Effect"] == "Deny");
    let deny = deny.expect("a statement that denies");
    assert!(
        deny["Action"].to_string().contains("dynamodb:PutItem"),
        "{deny}"
    );
    assert!(
        deny["Condition"].to_string().contains(BREAK_GLASS),
        "{deny}"
    );
    assert_eq!(
        statements.len(),
        2,
        "the one that was there stays: {frozen}"
    );

    tables
        .home
        .defib(&["resume", &run, "--confirm", NEW])
        .expect(&[0]);
    assert_eq!(tables.time_to_live(NEW), "ENABLED");
    assert_eq!(tables.table(NEW), tables.before);
    let report = tables.home.defib(&["report", &run]).expect(&[0]);
    let import = format!("terraform import aws_dynamodb_table.defib_restore '{NEW}'");
    assert!(report.stdout.contains(&import), "{report}");

    tables.home.defib(&["rollback", &run, "--yes"]).expect(&[0]);
    assert_eq!(tables.parameter(), OLD);
    assert_eq!(tables.table(OLD), tables.before, "not even its tags");
    assert_eq!(tables.table(NEW), tables.before, "it is kept");
    assert_called(&tables, OLD, "TRIM_HORIZON", "Enabled");
    assert_called(&tables, NEW, "LATEST", "Disabled");
}

#[test]
fn a_table_is_restored_from_a_backup_and_nothing_is_led_to_it() {
    let tables = Tables::new();
    let words = [
        "--backup",
        &tables.backup,
        "--target",
        NEW,
        "--restore-only",
    ];
    let words = [&words[..], &["--json", "--yes"]].concat();
    let output = tables.run(&words).expect(&[0]);
    assert_alike(&tables);
    assert_eq!(tables.time_to_live(NEW), "DISABLED");
    assert_eq!(tables.parameter(), OLD);
    assert_eq!(tables.table(OLD), tables.before);
    assert_called(&tables, NEW, "LATEST", "Disabled");
    assert_called(&tables, OLD, "TRIM_HORIZON", "Enabled");
    let summary = output.json_lines().pop().expect("a summary");
    assert_eq!(summary["state"], "done", "{summary}");
    assert!(summary["created"].to_string().contains(NEW), "{summary}");
}

#[test]
fn a_parameter_that_somebody_has_changed_is_not_set_back() {
    let tables = Tables::new();
    let mut words = to_a_second();
    words.extend([
        "--parameter",
        PARAMETER,
        "--json",
        "--yes",
        "--confirm",
        NEW,
    ]);
    let run = run_of(&tables.run(&words).expect(&[0]));
    let put = tables.account.ssm(crate::stage::REGION).put_parameter();
    let put = put.name(PARAMETER).value("elsewhere").overwrite(true);
    tables.account.wait(put.send()).expect("PutParameter");
    let refused = tables.home.defib(&["rollback", &run, "--yes"]).expect(&[3]);
    assert!(format!("{refused}").contains(PARAMETER), "{refused}");
    assert_eq!(tables.parameter(), "elsewhere");
    let calls = tables.account.calls();
    let puts = calls
        .iter()
        .filter(|call| call["action"] == json!("PutParameter"));
    assert_eq!(puts.count(), 2, "the product's one and the stranger's");
}

#[test]
fn a_table_that_was_deleted_gets_its_settings_from_the_file_that_was_kept() {
    let tables = Tables::new();
    let file = tables.home.path().join("orders.json");
    let file = file.to_str().expect("UTF-8");
    let place = ["--profile", "red", "--region", crate::stage::REGION];
    let keep = [&place[..], &["snapshot-settings", OLD, "--output", file]].concat();
    let kept = tables.home.defib(&keep);
    // Whether Contributor Insights is on cannot be asked here, and is said.
    let kept = kept.expect(&[5]);
    assert!(kept.stderr.contains("insights was not read"), "{kept}");
    let again = tables.home.defib(&keep).expect(&[1]);
    assert!(again.stderr.contains("what is there is kept"), "{again}");

    let words = [
        "--backup",
        &tables.backup,
        "--settings",
        file,
        "--json",
        "--yes",
        "--confirm",
        OLD,
    ];
    let refused = tables.run(&words).expect(&[2]);
    assert!(refused.stderr.contains("the table is there"), "{refused}");
    tables.delete(OLD);
    tables.run(&words).expect(&[0]);
    assert_called(&tables, OLD, "LATEST", "Enabled");
    assert_eq!(tables.table(OLD), tables.before);
    assert_eq!(tables.parameter(), OLD);
}
