//! Endpoints other than AWS's own: the one named by flag, for which the program starts itself anew, once,
//! with the endpoint's variables; and the line that tells of every one.
//!
//! Credential providers read endpoints from the environment and the files alone, and a process cannot
//! safely change its own environment while others may be reading it.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::aws::environment::{custom_endpoints, empty_endpoint_variables, endpoint_variables};
use crate::domain::text::shown;
use crate::report::{FAILED, Report};

use super::output::Output;

/// Set to the endpoint when the program has started itself anew for it.
const ENTERED: &str = "DEFIB_ENDPOINT_URL";

/// Makes sure that the environment names the endpoint. Returns only if it already does, or if the
/// program cannot be started anew.
///
/// # Errors
/// A report if the program cannot be started anew.
pub fn enter(endpoint: Option<&str>) -> Result<(), Report> {
    let Some(endpoint) = endpoint else {
        return without_empty_variables();
    };
    if is_entered(endpoint, |name| std::env::var(name).ok()) {
        return Ok(());
    }
    let failed = |error: &std::io::Error| {
        Report::new(
            FAILED,
            format!("defib could not start anew for --endpoint-url: {error}"),
        )
        .todo("name the endpoint by AWS_ENDPOINT_URL instead")
    };
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let error = Command::new(program)
        .args(std::env::args_os().skip(1))
        .envs(endpoint_variables(endpoint))
        .env(ENTERED, endpoint)
        .exec();
    Err(failed(&error))
}

/// Starts the program anew where a variable for endpoints is set and empty, without it.
fn without_empty_variables() -> Result<(), Report> {
    let empty = empty_endpoint_variables();
    if empty.is_empty() {
        return Ok(());
    }
    let failed = |error: &std::io::Error| {
        let what = format!(
            "{} set and empty, and defib could not start anew: {error}",
            empty.join(", ")
        );
        let report = Report::new(FAILED, what);
        report.todo(format!("unset {}", empty.join(" ")))
    };
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1));
    for name in &empty {
        command.env_remove(name);
    }
    Err(failed(&command.exec()))
}

/// Tells in one line beside the result which endpoints calls with these profiles could go to. Files that
/// cannot be read are told of where they are needed.
pub async fn tell(profiles: impl IntoIterator<Item = Option<String>>, output: &mut Output) {
    let mut all = BTreeSet::new();
    for profile in profiles {
        all.extend(
            custom_endpoints(profile.as_deref())
                .await
                .unwrap_or_default(),
        );
    }
    if !all.is_empty() {
        let all: Vec<String> = all.iter().map(|endpoint| shown(endpoint)).collect();
        output.note(&format!(
            "! CUSTOM ENDPOINT, not AWS's own: {}",
            all.join(", ")
        ));
    }
}

/// The mark alone is not enough: a shell that was started from here may name other endpoints.
fn is_entered(endpoint: &str, variable: impl Fn(&str) -> Option<String>) -> bool {
    let holds = |name: &str, value: &str| variable(name).as_deref() == Some(value);
    holds(ENTERED, endpoint)
        && endpoint_variables(endpoint)
            .iter()
            .all(|(name, value)| holds(name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_starts_anew_until_every_variable_is_set() {
        let url = "http://127.0.0.1:5000";
        let mut variables = endpoint_variables(url);
        let entered = |variables: &std::collections::BTreeMap<String, String>| {
            is_entered(url, |name| variables.get(name).cloned())
        };
        assert!(!entered(&variables));
        variables.insert(ENTERED.into(), url.into());
        assert!(entered(&variables));
        variables.insert("AWS_ENDPOINT_URL_STS".into(), "http://other".into());
        assert!(!entered(&variables));
    }

    #[test]
    fn without_the_flag_nothing_starts() {
        assert!(enter(None).is_ok());
    }
}
