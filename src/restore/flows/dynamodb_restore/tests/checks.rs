//! What the checks say of bad input.
//! Facts without fault are changed in one place, and exactly one check must notice.

use super::super::TableFacts;
use super::fixtures::*;
use crate::domain::check::Verdict;
use crate::domain::dynamodb::{BackupRow, Holds, Parameter, Policy, Recovery, Scaling};
use crate::domain::facts::Fact;
use crate::restore::observations::kms;

/// What is known about every restore of a bare table.
const ALWAYS: [&str; 3] = ["not-read", "permissions", "reconcile"];

/// Name and verdict of every check of a bare table that is not fine and not always there.
fn beyond(change: impl FnOnce(&mut TableFacts), pairs: &[(&str, &str)]) -> Vec<(String, Verdict)> {
    let mut facts = bare();
    change(&mut facts);
    let all = checks(&facts, pairs).into_iter();
    all.filter(|check| check.verdict != Verdict::Fine && !ALWAYS.contains(&check.name.as_str()))
        .map(|check| (check.name, check.verdict))
        .collect()
}

fn only(name: &str, verdict: Verdict) -> Vec<(String, Verdict)> {
    vec![(name.to_owned(), verdict)]
}

#[test]
fn what_is_always_known_is_said_and_nothing_stops() {
    assert_eq!(beyond(|_| {}, &[]), []);
    let all = checks(&bare(), &[]);
    let mut names: Vec<&str> = all
        .iter()
        .filter(|check| check.verdict != Verdict::Fine)
        .map(|check| check.name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ALWAYS);
    let (verdict, told) = told(&bare(), &[], "permissions");
    assert_eq!(verdict, Verdict::Unanswered);
    assert!(told.contains("Restore"), "{told}");
}

#[test]
fn a_second_outside_of_the_window_stops_with_both_ends() {
    let (verdict, told) = told(&bare(), &[("at", "2026-02-01T00:00:00Z")], "window");
    assert_eq!(verdict, Verdict::Stop);
    for end in ["2026-02-03 14:19:00Z", "2026-03-10 14:14:00Z", BACKUP] {
        assert!(told.contains(end), "{end} in {told}");
    }
}

#[test]
fn the_last_five_minutes_say_when() {
    let (verdict, told) = told(&bare(), &[("at", "2026-03-10T14:16:30Z")], "window");
    assert_eq!(verdict, Verdict::Stop);
    // Two and a half minutes behind the end, which follows the clock: 14:19:00 and as much.
    assert!(
        told.contains("ask again from 2026-03-10 14:21:30Z on"),
        "{told}"
    );
}

#[test]
fn a_second_that_is_about_to_leave_the_window_is_told() {
    let at = [("at", "2026-02-03T14:40:00Z")];
    assert_eq!(beyond(|_| {}, &at), only("window", Verdict::Know));
}

#[test]
fn without_recovery_what_remains_is_said() {
    let mut facts = bare();
    facts.recovery = known(Recovery {
        days: None,
        moving: None,
    });
    let (verdict, said) = told(&facts, &[], "window");
    assert_eq!(verdict, Verdict::Stop);
    assert!(
        said.contains(&format!(
            "1 backup of it can be restored, the newest of 2026-03-09 00:00:00Z: --backup {BACKUP}"
        )),
        "{said}"
    );
    facts.backups = known(vec![BackupRow {
        state: "CREATING".into(),
        ..facts.backups.value().unwrap()[0].clone()
    }]);
    let (_, said) = told(&facts, &[], "window");
    assert!(said.contains("no backup of it either"), "{said}");
    facts.backups = denied();
    let (_, said) = told(&facts, &[], "window");
    assert!(said.contains("not known"), "{said}");
}

#[test]
fn a_window_that_was_not_read_is_not_fine() {
    let change = |facts: &mut TableFacts| facts.recovery = denied();
    assert_eq!(beyond(change, &[]), only("window", Verdict::Unanswered));
}

#[test]
fn a_backup_that_is_not_there_stops_and_one_that_ends_soon_is_told() {
    let of = |change: fn(&mut crate::domain::dynamodb::Backup)| {
        let mut facts = from_backup();
        change(facts.backup.as_mut().unwrap());
        told(&facts, &[], "backup").0
    };
    assert_eq!(of(|_| {}), Verdict::Fine);
    assert_eq!(of(|one| one.state = "DELETED".into()), Verdict::Stop);
    let soon = of(|one| one.expires_at = Some(at("2026-03-11T00:00:00Z")));
    assert_eq!(soon, Verdict::Know);
    let later = of(|one| one.expires_at = Some(at("2026-04-13T00:00:00Z")));
    assert_eq!(later, Verdict::Fine);
}

#[test]
fn a_table_that_is_being_made_or_deleted_stops() {
    for status in ["CREATING", "DELETING", "ARCHIVED", "A_NEW_WORD"] {
        let change = |facts: &mut TableFacts| source(facts).status = status.into();
        assert_eq!(
            beyond(change, &[]),
            only("table", Verdict::Stop),
            "{status}"
        );
    }
    let change = |facts: &mut TableFacts| source(facts).status = "UPDATING".into();
    assert_eq!(beyond(change, &[]), []);
}

#[test]
fn of_a_table_that_is_gone_it_is_said_what_is_not_known() {
    let (verdict, told) = told(&deleted(), &[], "table");
    assert_eq!(verdict, Verdict::Know);
    assert!(told.contains("auto scaling"), "{told}");
    let all = checks(&deleted(), &[]);
    let open: Vec<&str> = all
        .iter()
        .filter(|check| check.verdict == Verdict::Unanswered)
        .map(|check| check.name.as_str())
        .collect();
    assert_eq!(open, ["permissions"], "what is gone is said once");
}

#[test]
fn a_name_that_is_taken_stops() {
    let change = |facts: &mut TableFacts| facts.target = known(facts.source.clone());
    assert_eq!(beyond(change, &[]), only("target", Verdict::Stop));
    let change = |facts: &mut TableFacts| facts.target = denied();
    assert_eq!(beyond(change, &[]), only("target", Verdict::Unanswered));
}

#[test]
fn a_key_that_cannot_be_used_stops_in_words_about_a_table() {
    for (state, verdict) in [
        ("Enabled", Verdict::Fine),
        ("Disabled", Verdict::Stop),
        ("PendingDeletion", Verdict::Stop),
        ("NotFound", Verdict::Stop),
    ] {
        let mut facts = facts();
        facts.key = Some(known(kms::Key {
            arn: "arn:k".into(),
            state: state.into(),
        }));
        let (found, told) = told(&facts, &[], "key");
        assert_eq!(found, verdict, "{state}");
        assert!(!told.contains("volume"), "{told}");
    }
}

#[test]
fn a_role_that_aws_still_has_to_make_is_told() {
    let scaled = |role: &'static str| {
        move |facts: &mut TableFacts| {
            source(facts).capacity = units(5, 5);
            let mut target = target("table/orders", "Read");
            if !role.is_empty() {
                target.role = role.into();
            }
            facts.scaling = known(Scaling {
                targets: vec![target],
                ..Scaling::default()
            });
        }
    };
    assert_eq!(beyond(scaled(""), &[]), []);
    let own = beyond(scaled("arn:aws:iam::111122223333:role/own"), &[]);
    assert_eq!(own, only("auto-scaling", Verdict::Know));
    let by_request = beyond(scaled(""), &[("billing", "on-demand")]);
    assert_eq!(by_request, only("auto-scaling", Verdict::Know));
    assert_eq!(beyond(scaled("other"), &[("skip", "auto-scaling")]), []);
}

#[test]
fn a_policy_says_what_is_rewritten_and_stops_where_it_is_too_large() {
    let with = |document: String| {
        move |facts: &mut TableFacts| {
            facts.policy = known(Some(Policy {
                document: document.into(),
                revision: "1".into(),
            }));
        }
    };
    let short = with(POLICY.to_owned());
    assert_eq!(beyond(short, &[]), only("policy", Verdict::Know));
    let mut facts = bare();
    with(POLICY.to_owned())(&mut facts);
    let (_, said) = told(&facts, &[], "policy");
    assert!(
        said.contains(&format!(
            "2 ARNs become those of the new table: {ARN} → {ARN}-20260310-140459"
        )),
        "{said}"
    );
    let long = |length: usize| {
        format!(
            r#"{{"Statement":[{{"Sid":"{}","Effect":"Allow","Principal":"*","Action":"dynamodb:GetItem"}}]}}"#,
            "x".repeat(length)
        )
    };
    assert_eq!(beyond(with(long(20_300)), &[]), []);
    let frozen = beyond(with(long(20_300)), &[("freeze", "yes")]);
    assert!(
        frozen.contains(&("policy-size".to_owned(), Verdict::Stop)),
        "{frozen:?}"
    );
    assert_eq!(
        beyond(with(long(20_500)), &[]),
        only("policy-size", Verdict::Stop)
    );
    assert_eq!(beyond(with(long(20_500)), &[("skip", "policy")]), []);
}

#[test]
fn a_table_that_is_frozen_already_is_told_and_the_new_one_is_not() {
    let frozen = super::super::policy_text::frozen(Some(&POLICY.into()), ARN, &[]);
    let mut facts = bare();
    facts.policy = known(Some(Policy {
        document: frozen.unwrap(),
        revision: "1".into(),
    }));
    let all = checks(&facts, &[]);
    let told: Vec<&str> = all
        .iter()
        .filter(|check| check.name == "policy")
        .map(|check| check.found.as_str())
        .collect();
    assert!(told[0].contains("denied already"), "{told:?}");
    let plan = plan(&facts, &[]);
    let given = input(&plan, "policy")["policy"].as_str().unwrap();
    assert!(!given.contains("DefibFreeze"), "{given}");
}

#[test]
fn a_parameter_that_cannot_be_switched_stops() {
    let is = |kind: &str, holds| {
        let found = Parameter {
            kind: kind.into(),
            version: 1,
            holds,
        };
        move |facts: &mut TableFacts| facts.parameter = Some(known(Some(found)))
    };
    let named = [("parameter", PARAMETER)];
    let stops = only("parameter", Verdict::Stop);
    assert_eq!(beyond(is("String", Holds::Other), &named), stops);
    assert_eq!(beyond(is("SecureString", Holds::Other), &named), stops);
    assert_eq!(beyond(is("StringList", Holds::Name), &named), stops);
    assert_eq!(
        beyond(|facts| facts.parameter = Some(known(None)), &named),
        stops
    );
    let fits = beyond(is("String", Holds::Arn), &named);
    assert_eq!(fits, only("parameter", Verdict::Know));
    let alone = [named[0], ("restore-only", "yes")];
    assert_eq!(
        beyond(is("String", Holds::Other), &alone),
        [],
        "nothing is switched"
    );
}

/// What is otherwise in the facts.
type Change = fn(&mut TableFacts);

#[test]
fn what_is_not_carried_over_is_told() {
    let change: Change = |facts| source(facts).replicas = vec!["us-east-1".into()];
    assert_eq!(beyond(change, &[]), only("replicas", Verdict::Know));
    let (_, said) = told(&facts(), &[], "not-read");
    for command in ["describe-clusters", "list-backup-plans"] {
        assert!(said.contains(command), "{command} in {said}");
    }
}

#[test]
fn a_kinesis_stream_says_who_sees_two_tables_and_from_when() {
    let change: Change = |facts| facts.kinesis = known(vec![stream_to("changes")]);
    assert_eq!(beyond(change, &[]), only("kinesis", Verdict::Know));
    assert_eq!(beyond(change, &[("skip", "kinesis")]), []);
    let (_, said) = told(&facts(), &[], "kinesis");
    for words in [
        "stream/changes",
        "led over",
        "both tables",
        "What time to live deletes goes there",
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
    let (_, said) = told(&facts(), &[("skip", "time-to-live")], "kinesis");
    assert!(!said.contains("time to live"), "{said}");
    let (_, said) = told(&facts(), &[("restore-only", "yes")], "kinesis");
    assert!(said.contains("sends nothing"), "{said}");
    assert!(
        said.contains("enable-kinesis-streaming-destination"),
        "{said}"
    );
}

#[test]
fn contributor_insights_say_what_shows_in_plain_text() {
    let change: Change = |facts| facts.insights = known(vec![insights_of(None)]);
    assert_eq!(beyond(change, &[]), only("insights", Verdict::Know));
    assert_eq!(beyond(change, &[("skip", "insights")]), []);
    let (_, said) = told(&facts(), &[], "insights");
    assert!(
        said.contains("plain text") && said.contains("of the table, index by-customer"),
        "{said}"
    );
    let (_, said) = told(&facts(), &[("no-indexes", "yes")], "insights");
    assert!(!said.contains("by-customer"), "{said}");
}

#[test]
fn a_setting_that_was_not_read_is_not_fine() {
    let changes: [(&str, Change); 8] = [
        ("tags", |facts| facts.tags = denied()),
        ("time-to-live", |facts| facts.ttl = denied()),
        ("policy", |facts| facts.policy = denied()),
        ("auto-scaling", |facts| facts.scaling = denied()),
        ("kinesis", |facts| facts.kinesis = denied()),
        ("insights", |facts| facts.insights = denied()),
        ("triggers", |facts| facts.triggers = denied()),
        ("alarms", |facts| facts.alarms = denied()),
    ];
    for (name, change) in changes {
        assert_eq!(beyond(change, &[]), only(name, Verdict::Unanswered));
    }
    let mut facts = from_backup();
    facts.recovery = Fact::Unknown("throttled".into());
    assert_eq!(told(&facts, &[], "recovery").0, Verdict::Unanswered);
}

#[test]
fn more_tags_than_a_table_takes_stop() {
    let with = |count: usize| {
        move |facts: &mut TableFacts| {
            let own = (0..count).map(|n| (format!("k{n}").into(), "v".into()));
            facts.tags = known(own.collect());
        }
    };
    assert_eq!(beyond(with(47), &[]), []);
    assert_eq!(beyond(with(48), &[]), only("tags", Verdict::Stop));
    assert_eq!(beyond(with(48), &[("skip", "tags")]), []);
}

#[test]
fn a_stream_and_time_to_live_are_told() {
    let change = |facts: &mut TableFacts| source(facts).stream = Some("KEYS_ONLY".into());
    assert_eq!(beyond(change, &[]), only("stream", Verdict::Know));
    let (_, said) = told(&facts(), &[], "time-to-live");
    assert!(said.contains("has to be typed"), "{said}");
    let (_, said) = told(&facts(), &[("restore-only", "yes")], "time-to-live");
    assert!(said.contains("stays off"), "{said}");
}

#[test]
fn a_freeze_says_whom_it_spares() {
    let of = |pairs: &[(&str, &str)]| told(&bare(), pairs, "freeze").1;
    assert!(of(&[("freeze", "yes")]).contains("everybody, you too"));
    let arn = "arn:aws:iam::111122223333:role/oncall";
    let spared = of(&[("freeze", "yes"), ("break-glass", arn)]);
    assert!(spared.contains(&format!("everybody but {arn}")), "{spared}");
}

#[test]
fn another_run_at_the_table_is_told() {
    let change = |facts: &mut TableFacts| facts.tags = known(tags(&[("defib:active", "01JD4Q")]));
    assert_eq!(beyond(change, &[]), only("active", Verdict::Know));
}

#[test]
fn what_makes_no_plan_stops() {
    assert_eq!(
        beyond(|_| {}, &[("at", "-")]),
        only("choices", Verdict::Stop)
    );
}
