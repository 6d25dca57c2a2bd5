//! Flags and settings become places: connections to every profile and Region, made at once.
//!
//! A profile that fails is a report of its own and never hides the others.

use futures_util::{StreamExt as _, stream};

use crate::aws::connect::{Clients, ConnectError, Connector};
use crate::config::Config;
use crate::domain::text::shown;
use crate::report::{FAILED, Report, USAGE};

use super::flags::{ALL_REGIONS, Flags};

/// How many connections are made at a time.
const AT_ONCE: usize = 16;

/// A profile, or the environment, and one of its Regions, or its own, or all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Profile; `None` for the environment's.
    pub profile: Option<String>,
    /// Region; `None` for the profile's own.
    pub region: Option<String>,
}

/// The places that answered, and those that did not.
#[derive(Debug, Default)]
pub struct Places {
    /// Connections.
    pub clients: Vec<Clients>,
    /// Who failed, with the report.
    pub failed: Vec<(Wanted, Report)>,
}

/// Returns every pair of profile and Region that flags, or else settings, ask for.
#[must_use]
pub fn wanted(flags: &Flags, config: &Config) -> Vec<Wanted> {
    let profiles = asked_for(&flags.profile, &config.profiles);
    let mut regions = asked_for(&flags.region, &config.regions);
    let all = Some(ALL_REGIONS.to_owned());
    if regions.contains(&all) {
        regions = vec![all];
    }
    let pairs = profiles.into_iter().flat_map(|profile| {
        regions.iter().map(move |region| Wanted {
            profile: profile.clone(),
            region: region.clone(),
        })
    });
    pairs.collect()
}

/// Flags outrank settings; without either there is one nameless choice.
fn asked_for(flags: &[String], settings: &[String]) -> Vec<Option<String>> {
    let names = if flags.is_empty() { settings } else { flags };
    let mut distinct: Vec<Option<String>> = Vec::new();
    for name in names {
        let name = Some(name.clone());
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    if distinct.is_empty() {
        distinct.push(None);
    }
    distinct
}

/// Connects to every wanted place at once.
pub async fn connect(connector: &Connector, wanted: Vec<Wanted>) -> Places {
    let attempts = wanted.into_iter().map(|wanted| async {
        let outcome = attempt(connector, &wanted).await;
        (wanted, outcome)
    });
    let mut attempts = stream::iter(attempts).buffered(AT_ONCE);
    let mut places = Places::default();
    while let Some((wanted, outcome)) = attempts.next().await {
        match outcome {
            Ok(clients) => places.clients.extend(clients),
            Err(error) => places.failed.push((wanted, error.into())),
        }
    }
    places
}

async fn attempt(connector: &Connector, wanted: &Wanted) -> Result<Vec<Clients>, ConnectError> {
    let profile = wanted.profile.as_deref();
    match wanted.region.as_deref() {
        Some(ALL_REGIONS) => connector.connect_all(profile).await,
        region => Ok(vec![connector.connect(profile, region).await?]),
    }
}

impl Wanted {
    /// Returns the name for a person: `acme-dr eu-west-1`.
    #[must_use]
    pub fn name(&self) -> String {
        let profile = self.profile.as_deref().unwrap_or("environment");
        match &self.region {
            Some(region) => format!("{} {}", shown(profile), shown(region)),
            None => shown(profile),
        }
    }
}

impl Places {
    /// Returns one line for every profile that failed: a failure that all its Regions share is told
    /// once.
    #[must_use]
    pub fn failure_lines(&self) -> Vec<String> {
        let mut told: Vec<(&Option<String>, &str)> = Vec::new();
        let mut lines = Vec::new();
        for (wanted, report) in &self.failed {
            let key = (&wanted.profile, report.what.as_str());
            if !told.contains(&key) {
                told.push(key);
                lines.push(format!("! {}: {}", wanted.name(), report.line()));
            }
        }
        lines
    }

    /// Returns the report for when no place answered.
    #[must_use]
    pub fn none_answered(&self) -> Option<Report> {
        let (_, first) = self.failed.first().filter(|_| self.clients.is_empty())?;
        let alike = self.failed.iter().all(|(_, one)| one.what == first.what);
        if alike {
            return Some(first.clone());
        }
        let usage = self.failed.iter().all(|(_, one)| one.exit == USAGE);
        let exit = if usage { USAGE } else { FAILED };
        let report = Report::new(exit, "no place answered").safe(first.safe.clone());
        Some(self.failure_lines().into_iter().fold(report, Report::todo))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::fixtures::clients;

    fn flags(profiles: &[&str], regions: &[&str]) -> Flags {
        let own = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Flags {
            profile: own(profiles),
            region: own(regions),
            ..Flags::default()
        }
    }

    fn names(flags: &Flags, config: &Config) -> Vec<String> {
        wanted(flags, config).iter().map(Wanted::name).collect()
    }

    #[test]
    fn every_profile_is_asked_in_every_region() {
        let flags = flags(&["a", "b", "a"], &["r1", "r2"]);
        let wanted = ["a r1", "a r2", "b r1", "b r2"];
        assert_eq!(names(&flags, &Config::default()), wanted);
    }

    #[test]
    fn flags_outrank_settings_and_all_outranks_names() {
        let config = Config {
            profiles: vec!["set".into()],
            regions: vec!["r1".into(), "all".into()],
            ..Config::default()
        };
        assert_eq!(names(&flags(&[], &[]), &config), ["set all"]);
        assert_eq!(names(&flags(&["a"], &["r9"]), &config), ["a r9"]);
        let bare = names(&flags(&[], &[]), &Config::default());
        assert_eq!(bare, ["environment"]);
    }

    fn failed(profile: &str, region: &str, what: &str) -> (Wanted, Report) {
        let wanted = Wanted {
            profile: Some(profile.into()),
            region: Some(region.into()),
        };
        (wanted, Report::new(FAILED, what).todo("remedy"))
    }

    #[test]
    fn what_a_profile_suffers_everywhere_is_told_once() {
        let places = Places {
            clients: vec![clients("c", "r1")],
            failed: vec![
                failed("a", "r1", "expired"),
                failed("a", "r2", "expired"),
                failed("b", "r1", "denied"),
            ],
        };
        let lines = places.failure_lines();
        assert_eq!(
            lines,
            ["! a r1: expired · remedy", "! b r1: denied · remedy"]
        );
        assert_eq!(places.none_answered(), None);
    }

    #[test]
    fn when_nobody_answers_the_remedies_are_kept() {
        let one = Places {
            clients: vec![],
            failed: vec![failed("a", "r1", "expired"), failed("a", "r2", "expired")],
        };
        let report = one.none_answered().unwrap();
        assert_eq!((report.what.as_str(), report.exit), ("expired", FAILED));
        let two = Places {
            clients: vec![],
            failed: vec![failed("a", "r1", "expired"), failed("b", "r1", "denied")],
        };
        assert_eq!(two.none_answered().unwrap().todo.len(), 2);
    }
}
