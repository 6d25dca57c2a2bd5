//! The errors of every room as reports: exit code, what is safe, and what to do.
//!
//! One `From` for each error type; what AWS said is told in `failed_call`.

use std::io;

use crate::aws::connect::ConnectError;
use crate::aws::logins::LoginError;
use crate::config::ConfigError;
use crate::domain::incident::TimeError;
use crate::domain::text::with_sources;
use crate::journal::JournalError;
use crate::journal::damage::{Damage, Evidence};
use crate::restore::export::ExportError;
use crate::restore::export::json::PlanFileError;
use crate::restore::flow::FlowError;
use crate::restore::operation::DecodeError;
use crate::restore::planning::PlanError;
use crate::restore::reconcile::Failed as ReconcileError;
use crate::runner::RunnerError;

use super::{FAILED, ONLY_READ, RUNS_GO_ON, Report, USAGE, quoted};

impl From<ConnectError> for Report {
    fn from(error: ConnectError) -> Self {
        let report = Self::new(USAGE, error.to_string());
        match error {
            ConnectError::NoProfile { known, .. } if known.is_empty() => report
                .todo("aws configure sso")
                .todo("the AWS files have no profile at all (~/.aws/config, ~/.aws/credentials)"),
            ConnectError::NoProfile { known, .. } => {
                report.todo(format!("choose one of: {}", known.join(", ")))
            }
            ConnectError::Files(_) => report
                .todo("mend ~/.aws/config and ~/.aws/credentials, or what AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name"),
            ConnectError::NoRegion => report
                .todo("name one: --region eu-west-1, or --region all for every enabled one")
                .todo("for good: regions = [\"eu-west-1\"] in config.toml, AWS_REGION, or aws configure set region eu-west-1"),
            ConnectError::UnsafeEndpoint(_) => report
                .todo("use https, or an endpoint on this machine (127.0.0.1): credentials would travel in the clear"),
            ConnectError::NoHost(_) => report
                .todo("mend it where it was set: --endpoint-url, AWS_ENDPOINT_URL…, or endpoint_url in ~/.aws/config"),
            ConnectError::Login { profile, error } => of_login(&profile, error),
            ConnectError::Identity { profile, failure } => {
                Self::of_failure(&failure, profile.as_deref())
            }
        }
    }
}

/// Says how to get past a second factor. The profile is fit to be shown.
fn of_login(profile: &str, error: LoginError) -> Report {
    let report = Report::new(FAILED, error.to_string()).safe(ONLY_READ);
    match error {
        LoginError::NoCode { asked: true, .. } => report.todo("try again: type its six digits"),
        LoginError::NoCode { asked: false, .. } => {
            let profile = quoted(profile);
            let export =
                format!("aws configure export-credentials --profile {profile} --format env");
            report
                .todo("try again in a terminal: the code is asked for there")
                .todo("or get a session first, and leave out --profile:")
                .todo(format!("eval \"$({export})\""))
        }
        LoginError::WrongCode { .. } => {
            report.todo("a code is good for one login: wait for the next one, and try again")
        }
        LoginError::Refused(failure) => Report::of_failure(&failure, Some(profile)),
        LoginError::Chain(_) | LoginError::Source(_) => {
            report.todo(format!("mend profile {profile} in the AWS files"))
        }
    }
}

impl From<ConfigError> for Report {
    fn from(error: ConfigError) -> Self {
        let report = Self::new(USAGE, error.to_string());
        match error {
            ConfigError::NoHome => report.todo("set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME"),
            ConfigError::Unreadable { path, source } => {
                report.todo(format!("make it readable for you: {path}: {source}"))
            }
            ConfigError::Invalid {
                nearest: Some(nearest),
                ..
            } => report.todo(format!("perhaps {nearest} was meant")),
            ConfigError::Invalid { nearest: None, .. } => {
                report.todo("mend that line, or move the file away: every setting has a default")
            }
        }
    }
}

impl From<TimeError> for Report {
    fn from(error: TimeError) -> Self {
        Self::new(USAGE, error.to_string())
            .todo("give the time at which it went wrong: --before 2026-03-01T02:14:00Z, or --before \"38m ago\"")
    }
}

impl From<JournalError> for Report {
    fn from(error: JournalError) -> Self {
        let report = Self::new(FAILED, with_sources(&error)).safe(RUNS_GO_ON);
        match error {
            JournalError::Taken { run, .. } => report
                .todo(format!("defib show {run}"))
                .todo("somebody else is working on this run"),
            JournalError::NoSuchRun(_) => report.todo("defib runs"),
            JournalError::Ambiguous { .. } => Self {
                exit: USAGE,
                ..report.todo("give more of its ending")
            },
            JournalError::Newer { .. } => {
                report.todo("use the newer defib that wrote it; this one leaves it alone")
            }
            JournalError::Broken(damage) => damaged_run(report, &damage),
            JournalError::Unsafe { .. } => {
                report.todo("mend that, and run defib doctor to see whether anything is left")
            }
            JournalError::Lost { path, evidence, .. } => lost_journal(report, &path, &evidence),
            JournalError::Damaged { path, evidence } => damaged_journal(report, &path, &evidence),
            JournalError::Files { path, source } => unreadable(report, &path, source.kind()),
            JournalError::Full => report.todo("free some space on that disk, then: defib runs"),
            JournalError::Busy => report.todo("try again; defib doctor tells more"),
            JournalError::Uncopied { .. } => report
                .safe("A damaged run goes on only once its evidence is safe: nothing was changed.")
                .todo("free some space for the copy, or mend what is said above, and try again"),
            JournalError::Storage(_) | JournalError::NoSalvage(_) => report.todo("defib doctor"),
        }
    }
}

/// A damaged run can be read as far as it is valid, taken back, and continued once a person has said so.
fn damaged_run(report: Report, damage: &Damage) -> Report {
    let copy = sentence(&damage.evidence);
    let run = damage.run.tail();
    let report = report.safe(format!(
        "Nothing is sent for this run, and nothing was deleted. What it has made carries the tag \
             defib:run in AWS.{copy}"
    ));
    if damage.intact == 0 {
        let filter = quoted(&format!("Name=tag:defib:run,Values={}", damage.run));
        return report
            .todo("its plan is lost with it, so it can neither go on nor be taken back by defib")
            .todo(format!(
                "find what it made: aws ec2 describe-volumes --filters {filter}"
            ))
            .todo(format!(
                "and: aws ec2 describe-snapshots --owner-ids self --filters {filter}"
            ))
            .todo(format!(
                "and what it was at: aws ec2 describe-instances --filters {} \
                 (in the profile and Region of the run)",
                quoted(&format!("Name=tag:defib:active,Values={}", damage.run))
            ));
    }
    report
        .todo(format!(
            "see what is known of it and what AWS has: defib show {run}"
        ))
        .todo(format!("take it back: defib rollback {run}"))
        .todo(format!(
            "or let it go on from its valid events: defib resume {run}, which asks for the run's id"
        ))
}

/// Returns what became of damaged files as a sentence to be put behind another.
fn sentence(evidence: &Evidence) -> String {
    let told = evidence.told();
    told.map_or_else(String::new, |told| {
        let rest = told.strip_prefix('t').unwrap_or(&told);
        format!(" T{rest}.")
    })
}

/// Returns the directory of a journal, as a shell takes it.
fn directory_of(path: &str) -> String {
    quoted(path.rsplit_once('/').map_or(path, |(above, _name)| above))
}

/// A journal that is gone can be begun anew; what its runs made is found by its tags.
fn lost_journal(report: Report, path: &str, evidence: &Evidence) -> Report {
    let directory = directory_of(path);
    report
        .safe(format!(
            "Nothing was changed. What runs have made carries the tag defib:run in AWS.{}",
            sentence(evidence)
        ))
        .todo(format!("put a copy of {path} back, if there is one"))
        .todo(
            "or find what runs made: aws ec2 describe-volumes --filters Name=tag-key,Values=defib:run, \
             and so with describe-snapshots",
        )
        .todo(
            "and what they were at: aws ec2 describe-instances --filters Name=tag-key,Values=defib:active \
             (each in the profile and Region of the run)",
        )
        .todo(format!(
            "and begin a new journal, once no runner is at work: mv {directory} {directory}.lost"
        ))
}

/// A journal that can still be read keeps its runs: they come first.
fn damaged_journal(report: Report, path: &str, evidence: &Evidence) -> Report {
    let directory = directory_of(path);
    report
        .safe(format!(
            "Nothing was changed, and what can be read is read.{}",
            sentence(evidence)
        ))
        .todo("see its runs, and let each that is open go on or take it back: defib runs")
        .todo(format!(
            "then, with none open and no runner at work, begin a new journal: mv {directory} {directory}.old"
        ))
}

fn unreadable(report: Report, path: &str, kind: io::ErrorKind) -> Report {
    let quoted = quoted(path);
    let todo = if kind == io::ErrorKind::ReadOnlyFilesystem {
        "make that file system writable, or name another directory: XDG_STATE_HOME".to_owned()
    } else {
        format!("it must be yours, readable and writable: ls -ld {quoted}")
    };
    report.todo(todo).todo("defib doctor")
}

impl From<FlowError> for Report {
    fn from(error: FlowError) -> Self {
        let what = with_sources(&error);
        match error {
            FlowError::Choice { .. } => Self::new(USAGE, what).safe(ONLY_READ),
            FlowError::Missing { .. } => Self::new(FAILED, what).safe(ONLY_READ),
            FlowError::Read(failure) => Self::of_failure(&failure, None),
            FlowError::Facts(_) => Self::new(FAILED, what)
                .todo("make the plan again: it was edited, or another defib wrote it"),
        }
    }
}

impl From<DecodeError> for Report {
    fn from(error: DecodeError) -> Self {
        Self::new(FAILED, with_sources(&error))
            .todo("use the defib that made this plan, or make the plan again")
    }
}

impl From<RunnerError> for Report {
    fn from(error: RunnerError) -> Self {
        let what = with_sources(&error);
        match error {
            RunnerError::Occupied { run, .. } => Self::new(FAILED, what)
                .todo(format!("defib attach {run}"))
                .todo(format!("finish it, or take it back: defib rollback {run}")),
            RunnerError::Endpoint(endpoint) => {
                let endpoint = quoted(&crate::domain::text::shown(&endpoint));
                Self::new(USAGE, what).todo(format!("say it again with --endpoint-url {endpoint}"))
            }
            RunnerError::Held(run) => Self::new(FAILED, what)
                .safe(RUNS_GO_ON)
                .todo(format!("defib attach {run}")),
            RunnerError::Plan(error) => error.into(),
            RunnerError::Identity(error) => error.into(),
            RunnerError::Login(error) => error.into(),
            RunnerError::Journal(error) => error.into(),
            RunnerError::System { .. } => Self::new(FAILED, what)
                .safe(RUNS_GO_ON)
                .todo("defib doctor"),
        }
    }
}

impl From<PlanError> for Report {
    fn from(error: PlanError) -> Self {
        let report = Self::new(FAILED, with_sources(&error)).safe(ONLY_READ);
        let again = "make the plan again: defib plan FLOW … --format json";
        match error {
            PlanError::OtherFlow { .. } => report.todo("use the defib that made it").todo(again),
            PlanError::Edited => report.todo(again),
            PlanError::Changed { differences } => {
                differences.into_iter().fold(report, Self::todo).todo(again)
            }
            PlanError::OtherIdentity { .. } => report
                .todo("log in as the plan says: a plan is never carried out as anybody else")
                .todo("aws sts get-caller-identity tells who these credentials are"),
            PlanError::Flow(error) => error.into(),
        }
    }
}

impl From<PlanFileError> for Report {
    fn from(error: PlanFileError) -> Self {
        Self::new(FAILED, with_sources(&error)).safe(ONLY_READ)
    }
}

impl From<ReconcileError> for Report {
    fn from(error: ReconcileError) -> Self {
        let report = Self::new(FAILED, with_sources(&error)).safe(ONLY_READ);
        let usage = Self {
            exit: USAGE,
            ..report.clone()
        };
        let goes_on = "within an hour the same command goes on where this one was";
        match error {
            ReconcileError::Same(_) => usage.todo("name two tables: --table OLD --with NEW"),
            ReconcileError::Missing(_) => report.todo("aws dynamodb list-tables"),
            ReconcileError::OtherKeys { .. } => {
                report.todo("compare a table with one that was restored from it")
            }
            ReconcileError::NotReady { .. } => report.todo("wait until it is ACTIVE"),
            ReconcileError::ExportIsThere(_) => usage.todo("name another file, or move that one"),
            ReconcileError::Vanished(_) | ReconcileError::Replaced(_) => {
                report.todo("what was read of it is of no use any more; nothing goes on from it")
            }
            ReconcileError::Keyless(_) => report.todo("nothing can be said about such a table"),
            ReconcileError::Read(failure) => Self::of_failure(&failure, None).todo(goes_on),
            ReconcileError::TooOld { .. } => report
                .safe(format!("{ONLY_READ} What was read then is kept."))
                .todo("begin afresh: the same command with --anew"),
            ReconcileError::Taken => report.todo("wait until it is done"),
            ReconcileError::Export { .. } => {
                report.todo("name a file that can be written").todo(goes_on)
            }
            ReconcileError::File(_) => report
                .todo("make room in the cache directory (XDG_CACHE_HOME)")
                .todo(goes_on),
            ReconcileError::Spool => report.todo("begin afresh: the same command with --anew"),
        }
    }
}

impl From<ExportError> for Report {
    fn from(error: ExportError) -> Self {
        Self::new(FAILED, with_sources(&error))
            .safe(ONLY_READ)
            .todo("print the plan in another format: --format text")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_lead_nowhere_are_a_matter_of_usage() {
        for error in [
            ConnectError::NoRegion,
            ConnectError::Files("no".into()),
            ConnectError::UnsafeEndpoint("http://x".into()),
            ConnectError::NoHost("https://".into()),
            ConnectError::NoProfile {
                name: "p".into(),
                known: vec![],
            },
        ] {
            assert_eq!(Report::from(error).exit, USAGE);
        }
    }

    #[test]
    fn an_unknown_profile_names_those_there_are() {
        let error = |known: &[&str]| ConnectError::NoProfile {
            name: "acme".into(),
            known: known.iter().map(ToString::to_string).collect(),
        };
        let report = Report::from(error(&["acme-dr", "acme-prod"]));
        assert_eq!(report.todo, ["choose one of: acme-dr, acme-prod"]);
        assert_eq!(Report::from(error(&[])).todo[0], "aws configure sso");
    }

    #[test]
    fn who_cannot_be_asked_for_a_code_is_told_where_it_works() {
        let login = |asked| {
            let (profile, serial) = ("acme ops".to_owned(), "arn:aws:iam::1:mfa/ada".to_owned());
            Report::from(ConnectError::Login {
                profile: profile.clone(),
                error: LoginError::NoCode {
                    profile,
                    serial,
                    asked,
                },
            })
        };
        let nobody = login(false);
        assert!(nobody.what.contains("mfa/ada"), "{nobody:?}");
        assert!(nobody.line().ends_with("is asked for there"), "{nobody:?}");
        let export =
            "eval \"$(aws configure export-credentials --profile 'acme ops' --format env)\"";
        assert_eq!(nobody.todo[2], export);
        let declined = login(true);
        assert!(
            declined.line().contains("no MFA code was given"),
            "{declined:?}"
        );
    }

    #[test]
    fn without_a_region_the_ways_to_give_one_are_named() {
        let report = Report::from(ConnectError::NoRegion);
        assert!(report.todo[0].contains("--region eu-west-1"), "{report:?}");
    }

    #[test]
    fn usage_and_failure_have_their_own_exit_codes() {
        let time = TimeError::NoZone("02:14".into());
        assert_eq!(Report::from(time).exit, USAGE);
        let choice = FlowError::Choice {
            field: "device".into(),
            why: "there is no such device".into(),
        };
        assert_eq!(Report::from(choice).exit, USAGE);
        let run = JournalError::NoSuchRun("7K".into());
        assert_eq!(Report::from(run).exit, FAILED);
        let config = ConfigError::Invalid {
            path: "config.toml".into(),
            line: 3,
            what: "unknown field `profile`".into(),
            nearest: Some("profiles".into()),
        };
        let report = Report::from(config);
        assert_eq!(report.exit, USAGE);
        assert_eq!(report.what, "config.toml, line 3: unknown field `profile`");
        assert_eq!(report.todo, ["perhaps profiles was meant"]);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named_with_its_cause_and_what_to_do() {
        let report = Report::from(JournalError::Files {
            path: "/h/my state/journal.db".into(),
            source: io::Error::from(io::ErrorKind::PermissionDenied),
        });
        let what = "/h/my state/journal.db cannot be read or written: permission denied";
        assert_eq!(report.what, what);
        assert!(
            report.todo[0].ends_with("ls -ld '/h/my state/journal.db'"),
            "{report:?}"
        );
    }

    #[test]
    fn a_lost_journal_comes_with_the_way_to_a_new_one() {
        let report = Report::from(JournalError::Lost {
            path: "/h/defib/journal.db".into(),
            why: "is empty".into(),
            evidence: Evidence::Copied("/h/defib/damaged/x".into()),
        });
        assert!(
            report
                .safe
                .ends_with("The damaged files are copied to /h/defib/damaged/x."),
            "{report:?}"
        );
        assert_eq!(report.what, "/h/defib/journal.db is empty");
        assert!(
            report.todo[2].contains("Values=defib:active")
                && report.todo[3].ends_with("at work: mv /h/defib /h/defib.lost"),
            "{report:?}"
        );
    }

    #[test]
    fn the_cause_of_a_journal_error_is_told() {
        let source = Box::new(io::Error::other("disk I/O error"));
        let report = Report::from(JournalError::Storage(source));
        assert!(report.what.ends_with(": disk I/O error"), "{}", report.what);
    }
}
