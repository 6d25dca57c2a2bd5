//! What calls about a single point have told of it, in words; where they have not, why.
//! Text of others is shown in its harmless form only.

use std::collections::BTreeMap;

use crate::domain::detail::{Answer, BackupPoint, FastRestore, Question, Sharing, TierStatus};
use crate::domain::recovery_point::RecoveryPoint;
use crate::domain::text::shown;
use crate::domain::words;
use crate::tui::answers::Asked;
use crate::tui::details::{is_reached, questions};
use crate::tui::keymap::{Action, Context};
use crate::tui::known::Known;

use super::detail::Facts;

/// Where a point is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// On a screen of its own, which has everything asked.
    InFull,
    /// Beside a list, which asks about nothing but what its rows show.
    Beside,
}

/// So many accounts and organizations are named.
const NAMED: usize = 20;

/// Returns what is known of the storage of a snapshot beyond its tier.
#[must_use]
pub fn storage(point: &RecoveryPoint, known: &Known, how: Told) -> Facts {
    facts(point, known, how, |question| match question {
        Question::TierStatus { .. } => Some("tier status"),
        Question::FastRestores { .. } => Some("fast restore"),
        Question::VolumePermission { .. }
        | Question::LaunchPermission { .. }
        | Question::BackupPoint { .. } => None,
    })
}

/// Returns who else may use a point.
#[must_use]
pub fn sharing(point: &RecoveryPoint, known: &Known, how: Told) -> Facts {
    facts(point, known, how, |question| match question {
        Question::VolumePermission { .. } | Question::LaunchPermission { .. } => {
            Some("shared with")
        }
        Question::TierStatus { .. }
        | Question::FastRestores { .. }
        | Question::BackupPoint { .. } => None,
    })
}

/// Returns what AWS Backup tells of a point beyond its lists.
#[must_use]
pub fn of_backup(point: &RecoveryPoint, known: &Known, how: Told) -> Facts {
    facts(point, known, how, |question| match question {
        Question::BackupPoint { .. } => Some("storage class"),
        Question::TierStatus { .. }
        | Question::FastRestores { .. }
        | Question::VolumePermission { .. }
        | Question::LaunchPermission { .. } => None,
    })
}

/// Returns how far a snapshot is on its way back from the archive, in percent, where it is.
#[must_use]
pub fn coming_back(point: &RecoveryPoint, known: &Known) -> Option<i32> {
    let status = known.catalog.answers.tier_status(&point.place, &point.id)?;
    status.coming_back()
}

/// The facts of the questions that have a name here.
fn facts(
    point: &RecoveryPoint,
    known: &Known,
    how: Told,
    named: impl Fn(&Question) -> Option<&'static str>,
) -> Facts {
    let all = questions(point, known).into_iter();
    let named = all.filter_map(|question| Some((named(&question)?, question)));
    let facts = named.flat_map(|(name, question)| {
        let place = &point.place;
        match known.catalog.answers.of(place, &question) {
            Some(Asked::Answered(answer)) => said(name, answer),
            Some(Asked::Failed(_)) | None if how == Told::Beside => Vec::new(),
            Some(Asked::Failed(report)) => {
                let retry = known.key(Action::Retry, &[Context::Text, Context::Global]);
                vec![(name, format!("not known: {} · {retry}", report.line()))]
            }
            None if !is_reached(place, known) => {
                vec![(name, "not known: its place has not answered".to_owned())]
            }
            Some(Asked::UnderWay) | None => vec![(name, "asking AWS…".to_owned())],
        }
    });
    facts.collect()
}

fn said(name: &'static str, answer: &Answer) -> Facts {
    match answer {
        Answer::FastRestores(zones) => vec![(name, fast(zones))],
        Answer::TierStatus(status) => tier(name, status.as_ref()),
        Answer::Shared(sharing) => vec![(name, shared(sharing))],
        Answer::BackupPoint(point) => backup(name, point),
    }
}

/// Names the zones by state.
fn fast(zones: &[FastRestore]) -> String {
    let mut states: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for FastRestore { zone, state } in zones {
        states.entry(state).or_default().push(shown(zone));
    }
    let states = states.into_iter();
    let said: Vec<String> = states
        .map(|(state, zones)| format!("{} in {}", shown(state), zones.join(", ")))
        .collect();
    if said.is_empty() {
        return "off in every zone".to_owned();
    }
    said.join("; ")
}

fn tier(name: &'static str, status: Option<&TierStatus>) -> Facts {
    let moved = status.and_then(|status| Some((status, status.operation.as_deref()?)));
    let Some((status, operation)) = moved else {
        return vec![(name, "it was never moved between tiers".to_owned())];
    };
    let progress = status
        .progress
        .filter(|_| operation.ends_with("in-progress"));
    let progress = progress.map_or_else(String::new, |percent| format!(", {percent} %"));
    let message = status.message.as_deref();
    let message = message.map_or_else(String::new, |message| format!(": {}", shown(message)));
    let mut facts = vec![(name, format!("{}{progress}{message}", shown(operation)))];
    let at = |name, at: Option<_>| at.map(|at| (name, words::instant(at)));
    facts.extend(at("archived", status.archived_at));
    facts.extend(at("back until", status.expires_at));
    facts
}

fn shared(sharing: &Sharing) -> String {
    if sharing.is_private() {
        return "nobody".to_owned();
    }
    let public = sharing
        .public
        .then(|| "EVERY AWS account: it is public".to_owned());
    let accounts = sharing
        .accounts
        .iter()
        .map(|id| format!("account {}", shown(id)));
    let organizations = sharing.organizations.iter().map(|arn| shown(arn));
    let mut said = public.into_iter().chain(accounts).chain(organizations);
    let named: Vec<String> = said.by_ref().take(NAMED).collect();
    match said.count() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn backup(name: &'static str, point: &BackupPoint) -> Facts {
    let class = match point.storage_class.as_deref() {
        Some("COLD") => "COLD: a restore from it takes hours longer".to_owned(),
        Some(class) => shown(class),
        None => "not told".to_owned(),
    };
    let nested = match (&point.parent, point.is_parent) {
        (Some(parent), _) => format!("part of {}", shown(parent)),
        (None, true) => "yes: others are nested in it".to_owned(),
        (None, false) => "no".to_owned(),
    };
    let message = |message: &Option<String>| {
        let message = message.as_deref();
        message.map_or_else(String::new, |message| format!(": {}", shown(message)))
    };
    let at = |name, at: Option<_>| at.map(|at| (name, words::instant(at)));
    let mut facts = vec![(name, class)];
    facts.extend(at("cold from", point.cold_at));
    facts.extend(at("deleted at", point.delete_at));
    facts.push(("composite", nested));
    facts.extend(point.index.as_deref().map(|index| {
        let why = message(&point.index_message);
        ("index", format!("{}{why}", shown(index)))
    }));
    facts.extend(
        point
            .vault_type
            .as_deref()
            .map(|kind| ("vault type", shown(kind))),
    );
    let status = point.status_message.as_deref();
    facts.extend(status.map(|status| ("AWS says", shown(status))));
    facts.extend(at("last restored", point.restored_at));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(zone: &str, state: &str) -> FastRestore {
        FastRestore {
            zone: zone.into(),
            state: state.into(),
        }
    }

    #[test]
    fn zones_are_told_by_state() {
        assert_eq!(fast(&[]), "off in every zone");
        let zones = [
            zone("a", "enabled"),
            zone("b", "optimizing"),
            zone("c", "enabled"),
        ];
        assert_eq!(fast(&zones), "enabled in a, c; optimizing in b");
    }

    #[test]
    fn whoever_may_use_it_is_named_the_public_first_and_not_without_end() {
        assert_eq!(shared(&Sharing::default()), "nobody");
        let sharing = Sharing {
            public: true,
            accounts: vec!["444455556666".into()],
            organizations: vec!["arn:o\u{202e}".into()],
        };
        let said = "EVERY AWS account: it is public, account 444455556666, arn:o‹U+202E›";
        assert_eq!(shared(&sharing), said);
        let many = Sharing {
            accounts: (0..25).map(|n| n.to_string()).collect(),
            ..Sharing::default()
        };
        assert!(shared(&many).ends_with("account 19 and 5 more"));
    }

    #[test]
    fn a_move_between_tiers_is_told_with_how_far_it_is_and_until_when_it_holds() {
        let at = crate::tui::fixtures::now();
        let status = TierStatus {
            operation: Some("temporary-restore-in-progress".into()),
            message: Some("a\u{1b}b".into()),
            progress: Some(40),
            archived_at: Some(at),
            expires_at: Some(at),
            ..TierStatus::default()
        };
        let told = tier("tier status", Some(&status));
        assert_eq!(told[0].1, "temporary-restore-in-progress, 40 %: a‹U+001B›b");
        assert_eq!((told[1].0, told[2].0), ("archived", "back until"));
        let never = "it was never moved between tiers";
        assert_eq!(tier("tier status", None)[0].1, never);
    }
}
