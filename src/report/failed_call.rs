//! A failed call in words: what AWS said, what it leaves behind, and what helps.
//!
//! Only the class and the code of a failure decide; nothing is asked of AWS here.

use crate::aws::failure::class_of;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::text::shown;

use super::{FAILED, ONLY_READ, Report};

/// A volume cannot leave its Availability Zone, so its instance cannot either.
const CAPACITY: [&str; 3] = [
    "try again later: capacity comes and goes, mostly within minutes",
    "another instance type may have room: it can be changed while the instance is stopped",
    "another Availability Zone is no way out, because the volumes stay in theirs; On-Demand capacity can be reserved",
];

/// How the SDK says that it goes on to tell what it has tried, and that something was left out because nobody had set it.
const ATTEMPTED: &str = " Attempted:";
const NOT_ENABLED: &str = ": the credential provider was not enabled: ";
/// How much of it is told.
const MOST_LINES: usize = 12;

impl Report {
    /// Makes the report of a failed call that a profile made; `None` for environment credentials.
    #[must_use]
    pub fn of_failure(failure: &Failure, profile: Option<&str>) -> Self {
        Self::of_failures(failure, &[], profile)
    }

    /// Makes the report of a failed call and of others that failed for the same reason.
    pub(super) fn of_failures(failure: &Failure, alike: &[&str], profile: Option<&str>) -> Self {
        let mut report = Self::new(FAILED, what_failed(failure, profile)).safe(after(failure));
        report.more = more_of(failure);
        remedies(failure, alike, profile)
            .into_iter()
            .fold(report, Self::todo)
    }
}

fn what_failed(failure: &Failure, profile: Option<&str>) -> String {
    let who = match profile {
        Some(profile) => format!("profile {}", shown(profile)),
        None => "the environment".to_owned(),
    };
    match failure.class {
        FailureClass::CredentialsExpired => {
            format!("the credentials of {who} have expired: {}", told(failure))
        }
        FailureClass::CredentialsBroken if nothing_found(failure) => {
            format!("no credentials were found for {who}")
        }
        FailureClass::CredentialsBroken => {
            format!("the credentials of {who} cannot be used: {}", told(failure))
        }
        FailureClass::Denied => format!("{who} may not do this: {}", failure.line()),
        FailureClass::Unanswered => format!("AWS gave no answer: {}", told(failure)),
        FailureClass::Throttled
        | FailureClass::Server
        | FailureClass::NotFound
        | FailureClass::State
        | FailureClass::Exists
        | FailureClass::Token
        | FailureClass::Quota
        | FailureClass::Capacity
        | FailureClass::Key
        | FailureClass::Validation
        | FailureClass::DryRunAllowed
        | FailureClass::Refused
        | FailureClass::Other => failure.line(),
    }
}

/// Tells whether no provider had any credentials. The last one asks the metadata service of EC2, which there is nowhere
/// else: what it says is nothing that anybody could mend.
fn nothing_found(failure: &Failure) -> bool {
    let message = failure.message.raw();
    ["no credentials found in chain", "IMDS"]
        .iter()
        .any(|sign| message.contains(sign))
}

/// Returns the line of a failure; one that has no code holds a chain of causes, which speaks for itself.
fn told(failure: &Failure) -> String {
    if failure.code.is_some() {
        return failure.line();
    }
    let message = failure.message.raw();
    let first = message.lines().next().unwrap_or_default();
    let first = first.strip_suffix(ATTEMPTED).unwrap_or(first);
    let mut links: Vec<&str> = first.split(": ").collect();
    links.dedup();
    format!("{}: {}", failure.call, shown(&links.join(": ")))
}

/// Returns the lines behind the first one of a chain of causes: what each provider of credentials said, or what a
/// program wrote before it failed.
fn more_of(failure: &Failure) -> Vec<String> {
    if failure.code.is_some() {
        return Vec::new();
    }
    if nothing_found(failure) && !failure.message.raw().contains('\n') {
        return vec![told(failure)];
    }
    let lines = failure.message.raw().lines().skip(1);
    let lines = lines.map(|line| line.trim().replace(NOT_ENABLED, ": "));
    let lines = lines.filter(|line| !line.is_empty());
    lines.take(MOST_LINES).map(|line| shown(&line)).collect()
}

/// Returns what to do about a line in which AWS named the reason, where there is more to say than the
/// line says itself.
#[must_use]
pub fn advice_on(line: &str) -> &'static [&'static str] {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let mut classes = words.filter(|word| !word.is_empty()).map(class_of);
    if classes.any(|class| class == FailureClass::Capacity) {
        return &CAPACITY;
    }
    &[]
}

/// Says what a failed call leaves behind.
fn after(failure: &Failure) -> &'static str {
    let api = failure.call.rsplit(':').next().unwrap_or_default();
    // A login makes a session, and nothing of the account's is changed by that.
    let reads = ["Describe", "Get", "List", "Assume"];
    if reads.iter().any(|verb| api.starts_with(verb)) {
        return ONLY_READ;
    }
    match failure.effect {
        Effect::None => "The call changed nothing.",
        Effect::Unknown => "The call may have taken effect; defib looks before it sends it again.",
    }
}

fn remedies(failure: &Failure, alike: &[&str], profile: Option<&str>) -> Vec<String> {
    let aws = |command: &str| format!("aws {command}{}", profile_flag(profile));
    let one = |text: &str| vec![text.to_owned()];
    match failure.class {
        FailureClass::CredentialsExpired => vec![
            aws("sso login"),
            "without SSO: renew the keys and the session token where they come from".to_owned(),
            disabled_region(failure, profile),
        ],
        // Somebody who never logged in has no token that could have expired.
        FailureClass::CredentialsBroken if failure.message.raw().contains("cached SSO token") => {
            vec![aws("sso login")]
        }
        FailureClass::CredentialsBroken if nothing_found(failure) => vec![
            "name a profile: --profile P, or profiles = [\"P\"] in config.toml".to_owned(),
            "aws configure sso".to_owned(),
        ],
        // The credentials are fetched by calls of their own, and it is those that got no answer.
        FailureClass::CredentialsBroken
            if failure.message.raw().contains("dispatch failure") =>
        {
            one("check the way to AWS (proxy, VPN, endpoint), then try again")
        }
        FailureClass::CredentialsBroken => vec![
            aws("sts get-caller-identity"),
            "that shows whether the AWS CLI gets further".to_owned(),
            disabled_region(failure, profile),
        ],
        FailureClass::Denied => to_allow(&[&[failure.call.as_str()], alike].concat()),
        FailureClass::Throttled => one("wait a minute and try again; fewer Regions make fewer calls"),
        FailureClass::Server => one("try again; https://health.aws.amazon.com tells of events in a Region"),
        FailureClass::Unanswered if failure.message.raw().contains("dns error") => {
            one("there may be no such Region: check its name; else the way to AWS (DNS, proxy, VPN, endpoint)")
        }
        FailureClass::Unanswered => {
            one("check the Region's name and the way to it (proxy, VPN, endpoint), then try again")
        }
        FailureClass::NotFound => one("check the id, the account and the Region"),
        FailureClass::State => one("look at the state it is in, and try again when that has passed"),
        FailureClass::Exists => one("choose another name, or look at what has it"),
        FailureClass::Quota => one("ask for a higher quota in Service Quotas, or free what is not needed"),
        FailureClass::Capacity => CAPACITY.map(str::to_owned).to_vec(),
        FailureClass::Key => vec![
            aws("kms list-keys"),
            "a key that is disabled or pending deletion must be enabled again before anything else"
                .to_owned(),
        ],
        FailureClass::Token
        | FailureClass::Validation
        | FailureClass::DryRunAllowed
        | FailureClass::Refused
        | FailureClass::Other => Vec::new(),
    }
    .into_iter()
    .filter(|line| !line.is_empty())
    .collect()
}

/// A Region that is not enabled answers as if the keys were wrong.
fn disabled_region(failure: &Failure, profile: Option<&str>) -> String {
    let codes = [
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "AuthFailure",
    ];
    match &failure.code {
        Some(code) if codes.contains(&code.as_str()) => format!(
            "a Region that is not enabled answers the same: aws ec2 describe-regions --all-regions{}",
            profile_flag(profile)
        ),
        Some(_) | None => String::new(),
    }
}

/// Returns the flag that names a profile to the AWS CLI, quoted for a shell.
fn profile_flag(profile: Option<&str>) -> String {
    profile.map_or_else(String::new, |profile| {
        let shown = shown(profile);
        let quoted = shlex::try_quote(&shown).unwrap_or_default();
        format!(" --profile {quoted}")
    })
}

/// Says how to allow actions: first their names alone, since that line may be cut.
fn to_allow(actions: &[&str]) -> Vec<String> {
    let names: Vec<String> = actions.iter().map(|action| shown(action)).collect();
    vec![
        format!("allow {}", names.join(", ")),
        format!("a policy that allows it: {}", policy_line(actions)),
        "an explicit deny, a permission boundary or an organization's policy would still win"
            .to_owned(),
    ]
}

/// Returns the statement of a policy that allows some actions.
#[must_use]
pub fn policy_line(actions: &[&str]) -> String {
    let actions: Vec<String> = actions.iter().map(|action| shown(action)).collect();
    let actions = serde_json::json!(actions);
    format!(r#"{{"Effect":"Allow","Action":{actions},"Resource":"*"}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::connect::ConnectError;

    #[test]
    fn what_each_provider_of_credentials_said_stands_on_a_line_of_its_own() {
        let message = "the credential provider was not enabled: no credentials found in chain. Attempted:\n  \
                       Environment: the credential provider was not enabled: environment variable not set\n  \
                       Profile: the credential provider was not enabled\n";
        let mut failure = failure(FailureClass::CredentialsBroken, "x");
        (failure.code, failure.message) = (None, message.into());
        let report = Report::of_failure(&failure, None);
        assert_eq!(report.what, "no credentials were found for the environment");
        let more = [
            "Environment: environment variable not set",
            "Profile: the credential provider was not enabled",
        ];
        assert_eq!(report.more, more);
        assert!(report.todo[0].contains("--profile"), "{report:?}");
        failure.message = "external process exited with 3. Stderr: one\n\u{1b}[2Jtwo\n".into();
        let report = Report::of_failure(&failure, Some("c"));
        let mut out = Vec::new();
        report.render(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("Stderr: one\n               ‹U+001B›[2Jtwo\nwhat is safe"),
            "{text}"
        );
        assert!(
            !report.line().contains('\n') && !text.contains("U+000A"),
            "{text}"
        );
    }

    #[test]
    fn without_credentials_nobody_is_sent_to_the_metadata_service_of_ec2() {
        let mut failure = failure(FailureClass::CredentialsBroken, "x");
        let message = "an error occurred while loading credentials: failed to load IMDS session token: dispatch failure";
        (failure.code, failure.message) = (None, message.into());
        let report = Report::of_failure(&failure, None);
        assert_eq!(report.what, "no credentials were found for the environment");
        assert!(report.todo[0].contains("--profile"), "{report:?}");
        assert!(!report.todo.concat().contains("proxy"), "{report:?}");
        assert!(report.more[0].contains("IMDS session token"), "{report:?}");
    }

    fn failure(class: FailureClass, code: &str) -> Failure {
        Failure {
            class,
            effect: Effect::None,
            call: "ec2:DescribeSnapshots".to_owned(),
            code: Some(code.to_owned()),
            message: "no\u{1b}[2J".into(),
            request_id: None,
        }
    }

    fn identity(profile: &str, class: FailureClass, code: &str) -> Report {
        Report::from(ConnectError::Identity {
            profile: Some(profile.to_owned()),
            failure: Box::new(failure(class, code)),
        })
    }

    #[test]
    fn an_expired_session_names_the_exact_login_command() {
        let class = FailureClass::CredentialsExpired;
        let report = identity("acme-dr", class, "ExpiredToken");
        assert_eq!(report.todo[0], "aws sso login --profile acme-dr");
        assert_eq!((report.exit, report.todo.len()), (FAILED, 2));
        let report = identity("a b", class, "ExpiredToken");
        assert_eq!(report.todo[0], "aws sso login --profile 'a b'");
        let environment = Report::of_failure(&failure(class, "ExpiredToken"), None);
        assert_eq!(environment.todo[0], "aws sso login");
    }

    #[test]
    fn who_never_logged_in_is_told_to_and_spared_the_chain() {
        let mut failure = failure(FailureClass::CredentialsBroken, "");
        failure.code = None;
        failure.message = "loading: loading: failed to load the cached SSO token".into();
        let report = Report::of_failure(&failure, Some("sso"));
        let wanted = "the credentials of profile sso cannot be used: ec2:DescribeSnapshots: loading: failed to load the cached SSO token";
        assert_eq!(report.what, wanted);
        assert_eq!(report.todo, ["aws sso login --profile sso"]);
    }

    #[test]
    fn a_lack_of_capacity_comes_with_what_helps_and_what_does_not() {
        let line = "not there after 9 min (ec2:StartInstances InsufficientInstanceCapacity: no)";
        let advice = advice_on(line).join(" ");
        for word in ["later", "instance type", "no way out", "On-Demand"] {
            assert!(advice.contains(word), "{advice}");
        }
        assert!(advice_on("ec2:StartInstances UnauthorizedOperation: no").is_empty());
    }

    #[test]
    fn a_region_that_may_be_disabled_is_mentioned() {
        let class = FailureClass::CredentialsExpired;
        let report = identity("p", class, "InvalidClientTokenId");
        let mentioned = report
            .todo
            .iter()
            .any(|line| line.contains("aws ec2 describe-regions --all-regions --profile p"));
        assert!(mentioned, "{report:?}");
    }

    #[test]
    fn a_denied_call_comes_with_its_policy_line() {
        let report = identity("p", FailureClass::Denied, "UnauthorizedOperation");
        let policy = r#"{"Effect":"Allow","Action":["ec2:DescribeSnapshots"],"Resource":"*"}"#;
        assert_eq!(report.todo[0], "allow ec2:DescribeSnapshots");
        assert!(report.todo[1].ends_with(policy), "{report:?}");
        assert_eq!(report.safe, ONLY_READ);
    }

    #[test]
    fn text_of_aws_is_shown_harmless() {
        for class in [
            FailureClass::Denied,
            FailureClass::Other,
            FailureClass::Unanswered,
        ] {
            let mut out = Vec::new();
            let report = identity("p\u{1b}[31m", class, "X\u{202e}");
            report.render(&mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        }
    }
}
