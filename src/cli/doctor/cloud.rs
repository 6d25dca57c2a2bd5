//! What the doctor finds on the way to AWS: profiles, endpoints, credentials, permissions.
//!
//! Permissions are found by doing the reads themselves, with the smallest pages.

use std::ffi::OsStr;

use futures_util::{StreamExt as _, stream};

use crate::aws::connect::Clients;
use crate::aws::environment;
use crate::catalog::source::{REGISTRY, Read};
use crate::cli::flags::Flags;
use crate::cli::places::{self, Wanted};
use crate::cli::viewer;
use crate::config::Config;
use crate::domain::check::{Check, Verdict, stops};
use crate::domain::failure::FailureClass;
use crate::domain::text::shown;
use crate::report::Report;

use super::Group;

const AT_ONCE: usize = 16;

/// Looks at the AWS files and at the endpoints they and the environment name.
pub async fn profiles(flags: &Flags, config: &Config) -> Vec<Check> {
    let set = match environment::profiles().await {
        Ok(set) => set,
        Err(error) => {
            let found = format!(
                "the AWS files cannot be read: {}",
                shown(&error.to_string())
            );
            let check = Check::new("profiles", Verdict::Stop, found);
            return vec![check.advise("mend ~/.aws/config and ~/.aws/credentials")];
        }
    };
    let mut names: Vec<&str> = set.profiles().collect();
    names.sort_unstable();
    let mut checks = vec![known_profiles(&names)];
    let wanted = places::wanted(flags, config);
    let mut seen: Vec<String> = Vec::new();
    for Wanted { profile, .. } in wanted {
        let name = profile.unwrap_or_else(|| set.selected_profile().to_owned());
        let Some(profile) = set.get_profile(&name).filter(|_| !seen.contains(&name)) else {
            continue;
        };
        checks.extend(settings_of(&name, |key| profile.get(key)));
        seen.push(name);
    }
    let variables = std::env::vars_os().map(|(name, value)| (lossy(&name), lossy(&value)));
    checks.extend(endpoints(variables, config));
    checks
}

fn lossy(text: &OsStr) -> String {
    text.to_string_lossy().into_owned()
}

fn known_profiles(names: &[&str]) -> Check {
    if names.is_empty() {
        let found = "the AWS files have no profile; only credentials of the environment can work";
        return Check::new("profiles", Verdict::Know, found).advise("aws configure sso");
    }
    let listed: Vec<String> = names.iter().map(|name| shown(name)).collect();
    let found = format!("{} in the AWS files: {}", names.len(), listed.join(", "));
    Check::new("profiles", Verdict::Fine, found)
}

/// Looks at the settings of a profile that make defib behave otherwise than expected.
fn settings_of<'a>(name: &str, get: impl Fn(&str) -> Option<&'a str>) -> Vec<Check> {
    let name = shown(name);
    let mut checks = Vec::new();
    if let Some(serial) = get("mfa_serial") {
        let (verdict, found) = match get("role_arn") {
            Some(_) => (
                Verdict::Fine,
                format!(
                    "profile {name} asks for an MFA code of {}, which defib asks for",
                    shown(serial)
                ),
            ),
            None => (
                Verdict::Know,
                format!(
                    "profile {name} has an mfa_serial and no role_arn: as with the AWS CLI, no code is asked for"
                ),
            ),
        };
        checks.push(Check::new("mfa", verdict, found));
    }
    if let Some(endpoint) = get("endpoint_url") {
        let found = format!("CUSTOM ENDPOINT of profile {name}: {}", shown(endpoint));
        checks.push(Check::new("endpoint", Verdict::Know, found));
    }
    if let Some(services) = get("services") {
        let found = format!(
            "profile {name} uses the services section {}, which may name endpoints",
            shown(services)
        );
        checks.push(Check::new("endpoint", Verdict::Know, found));
    }
    checks
}

/// Looks for endpoints that the environment names.
fn endpoints(variables: impl Iterator<Item = (String, String)>, config: &Config) -> Vec<Check> {
    let mut custom: Vec<(String, String)> = variables
        .filter(|(name, _)| name.starts_with("AWS_ENDPOINT_URL"))
        .collect();
    if custom.is_empty() {
        return vec![Check::new(
            "endpoint",
            Verdict::Fine,
            "the environment names no custom endpoint",
        )];
    }
    custom.sort();
    let honoured = if config.endpoint_honours_dry_run {
        "DryRun is asked there, as the settings say"
    } else {
        "DryRun is never asked there; endpoint_honours_dry_run = true in config.toml would allow it"
    };
    // One address for every service is the usual case and is told once.
    let mut addresses: Vec<&str> = custom.iter().map(|(_, address)| address.as_str()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let told = addresses.iter().map(|address| {
        let names = custom.iter().filter(|(_, other)| other == address);
        let names: Vec<String> = names.map(|(name, _)| shown(name)).collect();
        let others = match names.len() {
            0 | 1 => String::new(),
            several => format!(" and {} more", several - 1),
        };
        let first = names.first().map_or("", String::as_str);
        let found = format!("CUSTOM ENDPOINT {} ({first}{others})", shown(address));
        Check::new("endpoint", Verdict::Know, found).advise(honoured)
    });
    told.collect()
}

/// What was found of the places that flags and settings ask for.
#[derive(Debug)]
pub struct Places {
    /// Their credentials and permissions.
    pub groups: Vec<Group>,
    /// Whether all that browsing needs is answered in one of them: the others stand in nobody's way then.
    pub works: bool,
}

/// Connects to every place that flags and settings ask for, and tries what browsing needs.
pub async fn places(flags: &Flags, config: &Config) -> Places {
    let places = places::connect(&viewer(config), places::wanted(flags, config)).await;
    let failed = places
        .failed
        .iter()
        .map(|(wanted, report)| unreachable(wanted, report));
    let mut groups = vec![Group {
        title: "credentials",
        checks: failed.chain(places.clients.iter().map(identity)).collect(),
    }];
    let reads: Vec<Vec<Check>> = stream::iter(places.clients.iter().map(permissions))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let works = any_works(&reads);
    if !reads.is_empty() {
        groups.push(Group {
            title: "permissions for browsing",
            checks: reads.concat(),
        });
    }
    Places { groups, works }
}

/// Tells whether nothing stands in the way in one of the places: what does in another keeps nobody from that one.
fn any_works(reads: &[Vec<Check>]) -> bool {
    reads.iter().any(|reads| !stops(reads))
}

fn unreachable(wanted: &Wanted, report: &Report) -> Check {
    let found = format!("{}: {}", wanted.name(), report.what);
    Check::new("identity", Verdict::Stop, found).advise(report.todo.join("\n"))
}

fn identity(clients: &Clients) -> Check {
    let place = &clients.place;
    let found = format!(
        "{} {}: account {} as {}",
        shown(place.profile.as_deref().unwrap_or("environment")),
        place.region,
        place.account,
        shown(&clients.role)
    );
    Check::new("identity", Verdict::Fine, found)
}

async fn permissions(clients: &Clients) -> Vec<Check> {
    let mut reads = Vec::new();
    for source in REGISTRY {
        reads.extend(source.try_reads(clients).await);
    }
    let place = &clients.place;
    // Several profiles may lead to one account, each with other permissions.
    let profile = shown(place.profile.as_deref().unwrap_or("environment"));
    let place_name = format!("{profile} {} {}", place.account, place.region);
    judged(&place_name, place.profile.as_deref(), reads)
}

/// Judges the reads of one place: one line if all is well, one for each that is not.
fn judged(place: &str, profile: Option<&str>, reads: Vec<Read>) -> Vec<Check> {
    let total = reads.len();
    let failed: Vec<Check> = reads
        .into_iter()
        .filter_map(|read| {
            let failure = read.outcome.err()?;
            let report = Report::of_failure(&failure, profile);
            let found = format!("{place}: {}", report.what);
            // Whoever may not read the locks can browse all the same.
            let verdict = if failure.leaves_points_whole() {
                Verdict::Know
            } else {
                Verdict::Stop
            };
            let mut check = Check::new("permissions", verdict, found);
            if failure.class == FailureClass::Denied {
                check.missing_actions = vec![read.call.to_owned()];
            } else if !report.todo.is_empty() {
                check = check.advise(report.todo.join("\n"));
            }
            Some(check)
        })
        .collect();
    if failed.is_empty() {
        let found = format!("{place}: all {total} reads are answered");
        return vec![Check::new("permissions", Verdict::Fine, found)];
    }
    failed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::{Effect, Failure};

    fn variables(pairs: &[(&str, &str)]) -> std::vec::IntoIter<(String, String)> {
        let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        pairs.iter().map(own).collect::<Vec<_>>().into_iter()
    }

    #[test]
    fn an_endpoint_of_the_environment_is_said_loudly_and_once() {
        let url = "http://127.0.0.1:5000";
        let named = variables(&[
            ("AWS_ENDPOINT_URL", url),
            ("AWS_ENDPOINT_URL_EC2", url),
            ("AWS_REGION", "eu-west-1"),
        ]);
        let checks = endpoints(named, &Config::default());
        assert_eq!(checks.len(), 1);
        let found = "CUSTOM ENDPOINT http://127.0.0.1:5000 (AWS_ENDPOINT_URL and 1 more)";
        assert_eq!(checks[0].found, found);
        assert_eq!(checks[0].verdict, Verdict::Know);
        let none = endpoints(variables(&[]), &Config::default());
        assert_eq!(none[0].verdict, Verdict::Fine);
    }

    #[test]
    fn a_profile_with_mfa_is_known_up_front() {
        let of =
            |keys: &'static [&str]| settings_of("ops", |key| keys.contains(&key).then_some("arn"));
        let asks = of(&["mfa_serial", "role_arn"]);
        assert_eq!(asks.len(), 1);
        assert_eq!(asks[0].verdict, Verdict::Fine);
        assert!(
            asks[0]
                .found
                .contains("profile ops asks for an MFA code of arn")
        );
        let keys = of(&["mfa_serial", "aws_access_key_id"]);
        assert_eq!(keys[0].verdict, Verdict::Know);
        assert!(keys[0].found.contains("no code is asked for"));
    }

    fn denied() -> Failure {
        Failure {
            class: FailureClass::Denied,
            effect: Effect::None,
            call: "ec2:DescribeVolumes".into(),
            code: Some("UnauthorizedOperation".into()),
            message: "no".into(),
            request_id: None,
        }
    }

    #[test]
    fn a_denied_read_is_a_missing_permission() {
        let failure = denied();
        let read = |call, outcome| Read { call, outcome };
        let reads = vec![
            read("ec2:DescribeSnapshots", Ok(())),
            read("ec2:DescribeVolumes", Err(failure)),
        ];
        let checks = judged("111122223333 eu-west-1", None, reads);
        assert!(stops(&checks));
        assert_eq!(checks[0].missing_actions, ["ec2:DescribeVolumes"]);
        let locks = "ec2:DescribeLockedSnapshots";
        let of_locks = Failure {
            call: locks.into(),
            ..denied()
        };
        let checks = judged("p", None, vec![read(locks, Err(of_locks))]);
        assert!(!stops(&checks), "{checks:?}");
        assert_eq!(checks[0].missing_actions, [locks]);
        let closed = judged("p", None, vec![read("ec2:DescribeVolumes", Err(denied()))]);
        let fine = judged("p", None, vec![read("ec2:DescribeSnapshots", Ok(()))]);
        assert!(any_works(&[closed.clone(), fine.clone()]));
        assert!(!any_works(&[closed]) && !any_works(&[]));
        assert!(!stops(&fine));
        assert!(fine[0].found.starts_with("p: all 1 reads"), "{fine:?}");
    }
}
