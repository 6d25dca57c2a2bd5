//! `defib doctor`: what works, what does not, and what to do about it.
//!
//! Only looks: it reads files, asks AWS for the smallest pages, and changes nothing.

mod cache;
mod cloud;
mod journal;
mod logind;
mod machine;

use crate::clock::Clock;
use crate::config::{Config, Paths};
use crate::domain::check::{Check, Verdict, stops};
use crate::report::{FAILED, Report, policy_line};

use super::cached;
use super::flags::Flags;
use super::output::Output;

/// What was found about one thing.
#[derive(Debug)]
pub struct Group {
    title: &'static str,
    checks: Vec<Check>,
}

/// Examines everything; the exit code is 0 when nothing stands in the way.
///
/// # Errors
/// A report if stdout cannot be written.
pub async fn run(flags: &Flags, output: &mut Output) -> Result<u8, Report> {
    let mut usable = true;
    let paths = Paths::from_environment();
    let config = paths.as_ref().ok().map(|paths| {
        let file = paths.config_file();
        let outcome = Config::read(&file);
        (file, outcome)
    });
    let settings = machine::settings(config.as_ref().map(|(file, read)| (file.as_path(), read)));
    let config = config.and_then(|(_, read)| read.ok()).unwrap_or_default();
    let keys = machine::keys(flags, &config, paths.as_ref().ok());
    usable &= show(output, &group("settings", vec![settings, keys]))?;
    let profiles = cloud::profiles(flags, &config).await;
    usable &= show(output, &group("profiles and endpoints", profiles))?;
    let places = cloud::places(flags, &config).await;
    let mut all_fine = true;
    for group in &places.groups {
        all_fine &= show(output, group)?;
    }
    usable &= places.works;
    if let Ok(paths) = &paths {
        let mut checks = machine::state(&paths.state);
        checks.extend(journal::checks(&paths.state).await);
        usable &= show(output, &group("journal", checks))?;
        let checks = cache::checks(&cached::cache(paths), Clock::real().now());
        usable &= show(output, &group("cache", checks))?;
    }
    usable &= show(output, &group("terminal", machine::terminal(output)))?;
    let logind = tokio::task::spawn_blocking(logind::check).await;
    let logind = logind.unwrap_or_else(|error| {
        Check::new("logind", Verdict::Unanswered, format!("logind: {error}"))
    });
    usable &= show(output, &group("after logging out", vec![logind]))?;
    output.line(conclusion(usable, all_fine))?;
    Ok(if usable { 0 } else { FAILED })
}

/// Says whether defib can be used, and whether in every place.
fn conclusion(usable: bool, all_places: bool) -> &'static str {
    match (usable, all_places) {
        (true, true) => "defib is usable here.",
        (true, false) => "defib is usable here, but for the places that are marked ✘.",
        (false, _) => "defib is not usable here until what is marked ✘ is mended.",
    }
}

fn group(title: &'static str, checks: Vec<Check>) -> Group {
    Group { title, checks }
}

/// Prints a group and returns whether nothing in it stands in the way.
fn show(output: &mut Output, group: &Group) -> Result<bool, Report> {
    for line in rendered(group) {
        output.line(&line)?;
    }
    Ok(!stops(&group.checks))
}

fn rendered(group: &Group) -> Vec<String> {
    let mut lines = vec![group.title.to_owned()];
    for check in &group.checks {
        lines.push(format!("  {} {}", check.verdict.sign(), check.found));
        let advice = check.advice.iter().flat_map(|advice| advice.lines());
        lines.extend(advice.map(|line| format!("      {line}")));
    }
    let missing = group.checks.iter().flat_map(|check| &check.missing_actions);
    let missing: Vec<&str> = missing.map(String::as_str).collect();
    if !missing.is_empty() {
        lines.push(format!("      {}", policy_line(&missing)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_comes_with_its_advice_and_all_missing_permissions_at_once() {
        let mut one = Check::new("a", Verdict::Stop, "may not read").advise("do this\nthen that");
        one.missing_actions = vec!["ec2:DescribeVolumes".into()];
        let mut two = Check::new("b", Verdict::Fine, "fine");
        two.missing_actions = vec!["ec2:DescribeInstances".into()];
        let lines = rendered(&group("place", vec![one, two]));
        let wanted = [
            "place",
            "  ✘ may not read",
            "      do this",
            "      then that",
            "  ✔ fine",
            r#"      {"Effect":"Allow","Action":["ec2:DescribeVolumes","ec2:DescribeInstances"],"Resource":"*"}"#,
        ];
        assert_eq!(lines, wanted);
    }
}
