//! The guard's decision about every operation that the SDK's crates hold.
//!
//! A viewer may do the listed reads, a runner those and the calls of its plan, a login assumes a role, and
//! nobody may delete.
//! An SDK that brings a new operation changes none of it, or fails here.

use std::collections::{BTreeMap, BTreeSet};

use defib::aws::guard::{
    AWAITED, DELETIONS, LIMITED, LOGINS, MUTATIONS, Mode, READS, Scope, decide,
};

use crate::classes::{Class, class_of};
use crate::crates::{Operation, operations};

type Name = (String, String);

fn named(list: &[(&str, &str)]) -> BTreeSet<Name> {
    let own = |(service, name): &(&str, &str)| ((*service).to_owned(), (*name).to_owned());
    list.iter().map(own).collect()
}

fn name_of(operation: &Operation) -> Name {
    (operation.service.clone(), operation.name.clone())
}

fn all() -> BTreeSet<Name> {
    operations().iter().map(name_of).collect()
}

fn of_class(class: Class) -> BTreeSet<Name> {
    let found = operations().iter();
    let found = found.filter(|operation| class_of(&operation.name) == Some(class));
    found.map(name_of).collect()
}

/// The calls of both lists that keep within a limit, whatever it is.
fn limited() -> BTreeSet<Name> {
    let own =
        |(service, name, _beyond): &(&str, &str, &str)| ((*service).to_owned(), (*name).to_owned());
    LIMITED.iter().map(own).collect()
}

/// Everything that a plan can name, as far as it may be sent within a scope.
fn doable(within_limit: bool) -> BTreeSet<Name> {
    let mut all = named(MUTATIONS);
    all.extend(named(DELETIONS));
    all.retain(|call| within_limit || !limited().contains(call));
    all
}

/// Every scope that a request can have.
fn scopes() -> impl Iterator<Item = Scope> {
    let both = [false, true];
    both.into_iter().flat_map(move |dry_run| {
        both.map(|within_limit| Scope {
            dry_run,
            within_limit,
        })
    })
}

/// What a client of this mode may send, of everything that there is.
fn passing(mode: &Mode, scope: Scope) -> BTreeSet<Name> {
    let passes = |(service, name): &Name| decide(mode, service, name, scope).is_ok();
    all().into_iter().filter(passes).collect()
}

#[test]
fn every_operation_has_a_class_and_every_service_is_counted() {
    let mut counts: BTreeMap<&str, BTreeMap<Class, usize>> = BTreeMap::new();
    for operation in operations() {
        let Operation { service, name, .. } = operation;
        let class = class_of(name).unwrap_or_else(|| {
            panic!("{service} {name} begins with a new verb: say in `classes.rs` what it does")
        });
        *counts.entry(service).or_default().entry(class).or_default() += 1;
    }
    for (service, counts) in &counts {
        let count = |class| counts.get(&class).copied().unwrap_or_default();
        let told = Class::ALL.map(|class| format!("{class} {:>4}", count(class)));
        println!("{service:<25} {}", told.join("  "));
    }
    let services: Vec<&str> = counts.keys().copied().collect();
    let known = [
        "Application Auto Scaling",
        "Auto Scaling",
        "Backup",
        "CloudWatch",
        "DynamoDB",
        "EC2",
        "Elastic Load Balancing v2",
        "IAM",
        "KMS",
        "Lambda",
        "RDS",
        "Route 53",
        "SSM",
        "SSO",
        "SSO OIDC",
        "STS",
    ];
    assert_eq!(services, known);
    assert_eq!(all().len(), operations().len(), "no two have one name");
    // Fewer than these could only mean that they are not found any more.
    assert!(of_class(Class::Deletion).len() > 100);
    assert!(all().len() > 900);
}

#[test]
fn what_is_on_a_list_exists_and_is_what_the_list_says() {
    assert!(named(READS).is_subset(&of_class(Class::Read)));
    assert!(named(MUTATIONS).is_subset(&of_class(Class::Mutation)));
    assert!(named(DELETIONS).is_subset(&of_class(Class::Deletion)));
    assert!(named(LOGINS).is_subset(&of_class(Class::Secret)));
    for list in [READS, MUTATIONS, DELETIONS, LOGINS, AWAITED] {
        assert_eq!(named(list).len(), list.len(), "nothing stands there twice");
    }
    assert!(limited().is_subset(&doable(true)) && limited().len() == LIMITED.len());
    assert!(named(AWAITED).is_subset(&doable(true)));
}

#[test]
fn nothing_is_changed_in_iam_in_any_mode() {
    let calls = all().into_iter().filter(|(service, _)| service == "IAM");
    let calls: Vec<_> = calls.collect();
    assert!(calls.len() > 100, "they are not found any more");
    for (service, name) in calls {
        for mode in others().into_iter().chain([Mode::Login]) {
            for scope in scopes() {
                let passes = decide(&mode, &service, &name, scope).is_ok();
                let read = name == "GetAccountAuthorizationDetails" && mode != Mode::Login;
                assert_eq!(passes, read, "{name} {scope:?} {mode:?}");
            }
        }
    }
}

#[test]
fn a_viewer_may_send_the_listed_reads_and_no_other() {
    for dry_run in [false, true] {
        for scope in scopes().filter(|scope| !(dry_run && scope.dry_run)) {
            let viewer = Mode::Viewer { dry_run };
            assert_eq!(passing(&viewer, scope), named(READS), "{scope:?}");
        }
    }
}

#[test]
fn a_viewer_may_ask_in_advance_what_a_plan_could_do_and_no_more() {
    let viewer = Mode::Viewer { dry_run: true };
    let asking = |within_limit| Scope {
        dry_run: true,
        within_limit,
    };
    for within_limit in [false, true] {
        // No other service knows a dry run.
        let mut wanted = doable(within_limit);
        wanted.retain(|(service, _)| service == "EC2");
        wanted.extend(named(READS));
        assert_eq!(passing(&viewer, asking(within_limit)), wanted);
    }
}

#[test]
fn a_runner_may_send_the_calls_of_its_plan_and_the_reads() {
    for call in &doable(true) {
        let runner = Mode::Runner(BTreeSet::from([call.clone()]));
        let own = Scope {
            dry_run: false,
            within_limit: true,
        };
        let mut wanted = named(READS);
        wanted.insert(call.clone());
        assert_eq!(passing(&runner, own), wanted, "{call:?}");
    }
    let empty = Mode::Runner(BTreeSet::new());
    for scope in scopes() {
        assert_eq!(passing(&empty, scope), named(READS), "{scope:?}");
    }
}

#[test]
fn a_plan_that_names_everything_reaches_no_further() {
    let doctored = Mode::Runner(all());
    for scope in scopes() {
        let mut wanted = named(READS);
        if !scope.dry_run {
            wanted.extend(doable(scope.within_limit));
        }
        assert_eq!(passing(&doctored, scope), wanted, "{scope:?}");
    }
}

#[test]
fn a_login_may_assume_a_role_and_nothing_else_and_nobody_else_may() {
    let assume_role = BTreeSet::from([("STS".to_owned(), "AssumeRole".to_owned())]);
    assert_eq!(named(LOGINS), assume_role);
    for scope in scopes() {
        assert_eq!(passing(&Mode::Login, scope), assume_role, "{scope:?}");
        for mode in others() {
            let passing = passing(&mode, scope);
            assert!(passing.is_disjoint(&assume_role), "{scope:?} {mode:?}");
        }
    }
}

/// Every mode but that of a login.
fn others() -> [Mode; 4] {
    [
        Mode::Viewer { dry_run: false },
        Mode::Viewer { dry_run: true },
        Mode::Runner(BTreeSet::new()),
        Mode::Runner(all()),
    ]
}

#[test]
fn what_deletes_is_refused_in_every_mode_but_for_what_is_defibs_own_and_a_target_in_a_plan() {
    let modes: Vec<Mode> = others().into_iter().chain([Mode::Login]).collect();
    let excepted = [
        ("EC2", "DeleteTags"),
        ("DynamoDB", "DeleteResourcePolicy"),
        ("Elastic Load Balancing v2", "DeregisterTargets"),
    ];
    assert_eq!(named(DELETIONS), named(&excepted));
    assert!(named(&excepted[..2]).is_subset(&limited()));
    let target = named(&excepted[2..]);
    for (service, name) in of_class(Class::Deletion) {
        for (mode, scope) in modes
            .iter()
            .flat_map(|mode| scopes().map(move |s| (mode, s)))
        {
            let call = (service.clone(), name.clone());
            let planned = matches!(mode, Mode::Runner(calls) if calls.contains(&call));
            let may = if target.contains(&call) {
                planned
            } else {
                named(DELETIONS).contains(&call) && scope.within_limit
            };
            if !may {
                let refused = decide(mode, &service, &name, scope).is_err();
                assert!(refused, "{service} {name} {scope:?} {mode:?}");
            }
        }
    }
}

#[test]
fn what_handles_secrets_is_refused_in_every_mode_but_for_the_role_of_a_login() {
    let login = named(LOGINS);
    let secret = of_class(Class::Secret);
    for (service, name) in &secret {
        let modes = others().into_iter().chain([Mode::Login]);
        for mode in modes.filter(|mode| {
            *mode != Mode::Login || !login.contains(&(service.clone(), name.clone()))
        }) {
            for scope in scopes() {
                let refused = decide(&mode, service, name, scope).is_err();
                assert!(refused, "{service} {name} {scope:?} {mode:?}");
            }
        }
    }
}

#[test]
fn a_name_is_matched_whole_and_exactly() {
    let mut names = named(READS);
    names.extend(named(MUTATIONS));
    names.extend(named(DELETIONS));
    names.extend(named(LOGINS));
    for (service, name) in &names {
        for (service, name) in [
            (service.to_lowercase(), name.clone()),
            (service.clone(), name.to_lowercase()),
            (service.clone(), format!("{name}s")),
            (service.clone(), format!(" {name}")),
            (service.clone(), name[..name.len() - 1].to_owned()),
            (format!("{service} "), name.clone()),
            (String::new(), name.clone()),
            ("unknown".to_owned(), "unknown".to_owned()),
        ] {
            // A shorter name may be another operation that is on the list.
            if names.contains(&(service.clone(), name.clone())) {
                continue;
            }
            for mode in [
                Mode::Viewer { dry_run: true },
                Mode::Runner(BTreeSet::from([(service.clone(), name.clone())])),
                Mode::Login,
            ] {
                for scope in scopes() {
                    let refused = decide(&mode, &service, &name, scope).is_err();
                    assert!(refused, "{service:?} {name:?}");
                }
            }
        }
    }
}
