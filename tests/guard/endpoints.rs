//! Where credentials may travel: every way to name an endpoint, against endpoints that must be refused
//! before any credential is looked for, and against one that may be used.
//!
//! The profile's credentials come from a program that leaves a mark, and from a role to be assumed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::listener::Listener;

/// Services as the SDK looks for them in the AWS files (where the AWS CLI would have `_`), and as variables
/// name them.
const SERVICES: [(&str, &str); 11] = [
    ("auto-scaling", "AUTO_SCALING"),
    ("backup", "BACKUP"),
    ("dynamodb", "DYNAMODB"),
    ("ec2", "EC2"),
    ("elastic-load-balancing-v2", "ELASTIC_LOAD_BALANCING_V2"),
    ("kms", "KMS"),
    ("rds", "RDS"),
    ("route-53", "ROUTE_53"),
    ("sso", "SSO"),
    ("sso-oidc", "SSO_OIDC"),
    ("sts", "STS"),
];

/// Endpoints that credentials must not travel to.
const UNSAFE: [&str; 8] = [
    "http://10.0.0.1:5000",
    "HTTP://192.0.2.1",
    "http://ec2.example.com",
    "http://127.0.0.1@example.com",
    "http://localhost.example.com",
    "http://[2001:db8::1]:5000",
    "http://0.0.0.0:1",
    "ftp://127.0.0.1",
];

/// By what a profile is chosen.
#[derive(Clone, Copy, Debug)]
enum Chosen {
    Flag,
    Variable,
    Default,
}

/// A way to name an endpoint.
#[derive(Clone, Debug)]
enum Way {
    Flag,
    Variable(String),
    Profile,
    Section(&'static str),
}

fn ways() -> Vec<Way> {
    let mut ways = vec![
        Way::Flag,
        Way::Profile,
        Way::Variable("AWS_ENDPOINT_URL".into()),
    ];
    for (section, variable) in SERVICES {
        ways.push(Way::Variable(format!("AWS_ENDPOINT_URL_{variable}")));
        ways.push(Way::Section(section));
    }
    ways
}

/// One cell of the table: a home with files, variables and flags.
struct Case {
    home: tempfile::TempDir,
    flags: Vec<String>,
    variables: BTreeMap<String, String>,
}

impl Case {
    fn new(way: &Way, endpoint: &str, chosen: Chosen, credentials: &str) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut flags = Vec::new();
        let mut variables = BTreeMap::new();
        let name = match chosen {
            Chosen::Flag => {
                flags.extend(["--profile".to_owned(), "red".to_owned()]);
                "red"
            }
            Chosen::Variable => {
                variables.insert("AWS_PROFILE".to_owned(), "red".to_owned());
                "red"
            }
            Chosen::Default => "default",
        };
        let mut lines = credentials.replace("MARK", &home.path().join("mark").to_string_lossy());
        let mut sections = String::new();
        match way {
            // What is no address at all is a mistake in the flag itself.
            Way::Flag => flags.extend(["--endpoint-url".to_owned(), endpoint.to_owned()]),
            Way::Variable(variable) => {
                variables.insert(variable.clone(), endpoint.to_owned());
            }
            Way::Profile => lines = format!("{lines}endpoint_url = {endpoint}\n"),
            Way::Section(service) => {
                lines += "services = own\n";
                sections = format!("[services own]\n{service} =\n  endpoint_url = {endpoint}\n");
            }
        }
        let section = if name == "default" {
            "default".into()
        } else {
            format!("profile {name}")
        };
        let files = format!(
            "[{section}]\nregion = eu-west-1\n{lines}[profile base]\naws_access_key_id = AKIABASE\n\
             aws_secret_access_key = base\n{sections}"
        );
        std::fs::create_dir(home.path().join(".aws")).expect("a folder");
        std::fs::write(home.path().join(".aws/config"), files).expect("the files");
        Self {
            home,
            flags,
            variables,
        }
    }

    fn run(&self, command: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_defib"))
            .args(&self.flags)
            .args(command)
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(&self.variables)
            .stdin(Stdio::null())
            .output()
            .expect("the program starts")
    }

    /// The mark of the program that would have told credentials.
    fn asked_for_credentials(&self) -> bool {
        Path::new(&self.home.path().join("mark")).exists()
    }
}

/// A program that tells credentials, and leaves a mark where it was asked to.
const BY_PROGRAM: &str = "credential_process = sh -c \"touch MARK; echo \
    '{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"AKIA\\\",\\\"SecretAccessKey\\\":\\\"s\\\"}'\"\n";

/// A role, for which STS is asked before anything else.
const BY_ROLE: &str = "role_arn = arn:aws:iam::111122223333:role/ops\nsource_profile = base\n";

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn no_way_leads_credentials_to_another_machine_in_the_clear() {
    let mut cases = 0;
    for way in ways() {
        for endpoint in UNSAFE {
            for chosen in [Chosen::Flag, Chosen::Variable, Chosen::Default] {
                let case = Case::new(&way, endpoint, chosen, BY_PROGRAM);
                let output = case.run(&["points"]);
                let what = format!("{way:?} {endpoint} {chosen:?}: {}", said(&output));
                assert_eq!(output.status.code(), Some(2), "{what}");
                assert!(output.stdout.is_empty(), "{what}");
                assert!(!case.asked_for_credentials(), "{what}");
                let told = said(&output).contains("neither https nor on this machine");
                let mistyped = said(&output).contains("an endpoint begins with");
                assert!(told || matches!(way, Way::Flag) && mistyped, "{what}");
                cases += 1;
            }
        }
    }
    println!("{cases} cases");
    assert!(cases >= 25 * 8 * 3, "{cases}");
}

#[test]
fn no_command_leads_them_there() {
    let way = Way::Variable("AWS_ENDPOINT_URL_STS".into());
    let swap = ["volume-swap", "--snapshot", "snap-1"];
    for command in [
        &["points"][..],
        &["resources"],
        &[&["plan"][..], &swap].concat(),
        &[&["run"][..], &swap, &["--yes"]].concat(),
        &["doctor"],
    ] {
        for credentials in [BY_PROGRAM, BY_ROLE] {
            let case = Case::new(&way, UNSAFE[0], Chosen::Flag, credentials);
            let output = case.run(command);
            let told = said(&output) + &String::from_utf8_lossy(&output.stdout);
            assert!(
                matches!(output.status.code(), Some(1 | 2)),
                "{command:?}: {told}"
            );
            assert!(
                told.contains("neither https nor on this machine"),
                "{command:?}: {told}"
            );
            assert!(!case.asked_for_credentials(), "{command:?}");
        }
    }
}

#[test]
fn the_variable_that_ignores_endpoints_does_not_hide_one_from_the_check() {
    for variable in [
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_SSO",
    ] {
        let way = Way::Variable(variable.into());
        let mut case = Case::new(&way, UNSAFE[0], Chosen::Flag, BY_ROLE);
        let ignoring = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS".into(), "true".into());
        case.variables.extend([ignoring]);
        let output = case.run(&["points"]);
        assert!(
            said(&output).contains("neither https nor on this machine"),
            "{}",
            said(&output)
        );
    }
}

#[test]
fn an_endpoint_on_this_machine_is_used_and_told_loudly_in_one_line() {
    // Those of the other services are not asked in a listing.
    let asked = |way: &Way| match way {
        Way::Flag | Way::Profile => true,
        Way::Variable(name) => {
            ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"].contains(&name.as_str())
        }
        Way::Section(service) => *service == "sts",
    };
    for way in ways().iter().filter(|way| asked(way)) {
        for chosen in [Chosen::Flag, Chosen::Variable, Chosen::Default] {
            let listener = Listener::start();
            let mut case = Case::new(way, &listener.url, chosen, BY_PROGRAM);
            // The rest must not leave this machine either.
            let rest = ("AWS_ENDPOINT_URL_EC2".to_owned(), listener.url.clone());
            case.variables.extend([rest]);
            let output = case.run(&["points"]);
            let what = format!("{way:?} {chosen:?}: {}", said(&output));
            assert!(case.asked_for_credentials(), "{what}");
            let seen = listener.seen();
            assert!(
                seen.iter().any(|seen| seen.name == "GetCallerIdentity"),
                "{what}"
            );
            let told = said(&output);
            let loud = told.lines().filter(|line| line.contains("CUSTOM ENDPOINT"));
            assert_eq!(loud.clone().count(), 1, "{what}");
            assert!(
                loud.clone().all(|line| line.contains(&listener.url)),
                "{what}"
            );
        }
    }
}

#[test]
fn a_variable_that_is_empty_is_none() {
    let of_services = SERVICES.map(|(_, name)| format!("AWS_ENDPOINT_URL_{name}"));
    let all = of_services
        .into_iter()
        .chain(["AWS_ENDPOINT_URL".to_owned()]);
    for variable in all {
        let listener = Listener::start();
        let mut case = Case::new(&Way::Profile, &listener.url, Chosen::Flag, BY_PROGRAM);
        case.variables.extend([(variable.clone(), String::new())]);
        let output = case.run(&["points"]);
        let told = said(&output);
        assert!(!told.contains("panicked"), "{variable}: {told}");
        let seen = listener.seen();
        let asked = seen.iter().any(|seen| seen.name == "GetCallerIdentity");
        assert!(asked, "{variable}: {told}");
    }
}

#[test]
fn without_one_no_endpoint_is_told() {
    let case = Case::new(&Way::Variable("OTHER".into()), "x", Chosen::Flag, "");
    let output = case.run(&["points"]);
    assert!(
        !said(&output).contains("CUSTOM ENDPOINT"),
        "{}",
        said(&output)
    );
}
