//! What was known of places when they were listed last, for when nobody can be asked; and keeping what is
//! listed for that.
//!
//! A place that fails is never answered from here in silence: `--cached` asks nobody at all, and says so.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::aws::connect::Clients;
use crate::aws::environment::{region_variable, set_endpoint_variables};
use crate::catalog::cache::{Asked, Cache, CacheError, Card, Found, Recorder};
use crate::catalog::scan::Message;
use crate::catalog::source::Source;
use crate::config::Paths;
use crate::domain::form::Choices;
use crate::domain::plan::Plan;
use crate::domain::recovery_point::PointKind;
use crate::domain::text::shown;
use crate::domain::words;
use crate::report::{FAILED, Report};
use crate::restore::flow::AnyFlow;
use crate::restore::flows::dynamodb_restore::last_seen;
use crate::restore::flows::dynamodb_restore::saved::SavedTable;
use crate::restore::planning;
use crate::tui::effects::{Memory, card_of, keep_seen};

use super::flags::ALL_REGIONS;
use super::listing::Listing;
use super::places::Wanted;
use super::planned::one_place;
use super::{Session, places};

/// Returns the cache.
#[must_use]
pub fn cache(paths: &Paths) -> Cache {
    Cache::new(paths.cache.join("catalog"), &set_endpoint_variables())
}

/// Returns what the console remembers by.
#[must_use]
pub fn memory(paths: &Paths) -> Memory {
    Memory {
        cache: cache(paths),
        region: region_variable(),
    }
}

/// Returns what is asked for when nobody is asked.
fn asked(wanted: &Wanted) -> Asked {
    let all_regions = wanted.region.as_deref() == Some(ALL_REGIONS);
    let named = wanted.region.clone().filter(|_| !all_regions);
    Asked {
        profile: wanted.profile.clone(),
        region: named.or_else(region_variable),
        all_regions,
    }
}

/// Finds what is known of the places that flags and settings name, tells what had to be left out, and which
/// of them nothing is known of.
///
/// # Errors
/// A report where nothing is known of any.
pub fn find(session: &mut Session<'_>) -> Result<(Vec<Found>, bool), Report> {
    let wanted = places::wanted(&session.flags, &session.config);
    let all: Vec<Asked> = wanted.iter().map(asked).collect();
    let (found, left_out) = cache(&session.paths).find(&all, session.clock.now());
    for error in left_out {
        session.output.tell(&format!("! {error}"));
    }
    if found.is_empty() {
        return Err(nothing());
    }
    let known: BTreeSet<usize> = found.iter().map(|one| one.nth).collect();
    for (nth, wanted) in wanted.iter().enumerate() {
        if !known.contains(&nth) {
            let name = shown(&wanted.name());
            session
                .output
                .tell(&format!("! {name}: nothing is known from before"));
        }
    }
    Ok((found, known.len() < wanted.len()))
}

fn nothing() -> Report {
    Report::new(FAILED, "nothing is known of these places from before")
        .todo("list them once while they can be asked: defib resources, or the console")
        .todo("name the profile and the Region as you did then: --profile P --region R")
}

/// Lists what is known of the places that flags and settings name. With `echo` it says how old that is; what of
/// these sources was not listed completely is told in any case.
///
/// # Errors
/// A report where nothing is known of any.
pub fn list(
    session: &mut Session<'_>,
    echo: bool,
    sources: &[&'static dyn Source],
) -> Result<Listing, Report> {
    let (found, incomplete) = find(session)?;
    let mut listing = Listing {
        incomplete,
        ..Listing::default()
    };
    for one in &found {
        match load(one, &mut listing) {
            Ok(()) if echo => {
                let text = as_known(one, session.clock.now());
                session.output.tell(&text);
            }
            Ok(()) => {}
            Err(error) => {
                session.output.tell(&format!("! {error}"));
                listing.incomplete = true;
            }
        }
        if let Some(line) = lacks(one, sources) {
            session.output.tell(&line);
            listing.incomplete = true;
        }
    }
    Ok(listing)
}

/// Says of which kinds there may be more than is known of a place.
fn lacks(found: &Found, sources: &[&'static dyn Source]) -> Option<String> {
    let mut kinds: Vec<PointKind> = sources.iter().map(|source| source.kind()).collect();
    kinds.sort();
    kinds.dedup();
    kinds.retain(|kind| found.partial.contains(kind) || !found.known_at.contains_key(kind));
    let kinds: Vec<&str> = kinds.into_iter().map(PointKind::as_str).collect();
    let place = &found.card.place;
    (!kinds.is_empty()).then(|| {
        format!(
            "! {} {}: there may be more than is known of {}: when they were listed last, that was not complete",
            place.region,
            shown(place.account.as_str()),
            kinds.join(", ")
        )
    })
}

fn load(found: &Found, listing: &mut Listing) -> Result<(), CacheError> {
    for batch in found.open()?.batches(usize::MAX) {
        let batch = batch?;
        listing.store.recall(&batch.points, batch.resources);
    }
    let place = &found.card.place;
    for (kind, at) in &found.known_at {
        let key = (place.account.clone(), place.region.clone(), *kind);
        listing.cached.insert(key, *at);
    }
    Ok(())
}

/// Says of which place something is known, and since when.
#[must_use]
pub fn as_known(found: &Found, now: Timestamp) -> String {
    let place = &found.card.place;
    let at = found.at();
    format!(
        "{} in account {}, as known {} ago ({}); nobody was asked whether it is still so",
        place.region,
        place.account,
        words::span(now.duration_since(at)),
        words::instant(at)
    )
}

/// Makes a plan with what is known of the one place that flags and settings name, and says how old that is.
///
/// # Errors
/// A report where nothing is known of it, or too little for a plan.
pub fn plan(
    flow: &dyn AnyFlow,
    choices: &Choices,
    session: &mut Session<'_>,
) -> Result<Plan, Report> {
    one_place(session)?;
    let (found, _) = find(session)?;
    let known = found.first().ok_or_else(nothing)?;
    let estate = Cache::estate(known).map_err(|error| {
        Report::new(FAILED, error.to_string()).todo("plan again while AWS answers")
    })?;
    let text = as_known(known, session.clock.now());
    session.output.tell(&format!("! {text}"));
    Ok(planning::recall(flow, choices, &estate, &session.clock)?)
}

/// Adds to why AWS could not be asked that there is another way, where there is.
#[must_use]
pub fn or_plan(report: Report, session: &Session<'_>) -> Report {
    let wanted = places::wanted(&session.flags, &session.config);
    let all: Vec<Asked> = wanted.iter().map(asked).collect();
    let now = session.clock.now();
    let (found, _) = cache(&session.paths).find(&all, now);
    match found.first() {
        Some(known) => report.todo(format!(
            "meanwhile, with what was known {} ago: the same with --cached",
            words::span(now.duration_since(known.at()))
        )),
        None => report,
    }
}

/// Keeps what a plan was made of for when AWS cannot be asked.
pub async fn keep(clients: &Clients, plan: &Plan, session: &Session<'_>) {
    let (cache, kept) = (cache(&session.paths), planning::kept(plan));
    let card = card_of(clients);
    // A home that cannot be written is no failure of a plan: the doctor tells of it.
    let kept = tokio::task::spawn_blocking(move || cache.keep(&card, kept).ok());
    kept.await.ok();
    if let Some(settings) = last_seen::of(&plan.flow, &plan.facts) {
        keep_settings(clients, settings, session).await;
    }
}

/// Keeps the settings of a table as they were seen, for when it is gone.
pub async fn keep_settings(clients: &Clients, settings: SavedTable, session: &Session<'_>) {
    let (cache, card) = (cache(&session.paths), card_of(clients));
    let kept = tokio::task::spawn_blocking(move || keep_seen(&cache, &card, &settings).ok());
    kept.await.ok();
}

/// Returns where what was last seen in an account is kept.
#[must_use]
pub fn seen(clients: &Clients, session: &Session<'_>) -> PathBuf {
    cache(&session.paths).front_of_seen(&card_of(clients))
}

/// Keeps what a listing finds.
#[derive(Debug)]
pub struct Keeping {
    cache: Cache,
    recorder: Recorder,
    writes: JoinSet<Result<(), CacheError>>,
}

impl Keeping {
    /// Keeps what is listed in places, by these sources.
    #[must_use]
    pub fn new(session: &Session<'_>, places: &[Clients], sources: &[&'static dyn Source]) -> Self {
        let now = session.clock.now();
        let mut recorder = Recorder::new(now, true);
        let named = !session.flags.region.is_empty() || !session.config.regions.is_empty();
        let own = !named && region_variable().is_none();
        for clients in places {
            let card = Card {
                place: clients.place.clone(),
                role: clients.role.clone(),
                endpoints: clients.endpoints.clone(),
                own_at: own.then_some(now),
            };
            recorder.begins(card, sources);
        }
        Self {
            cache: cache(&session.paths),
            recorder,
            writes: JoinSet::new(),
        }
    }

    /// Takes in what the scan tells.
    pub fn take(&mut self, message: &Message) {
        let Some(finished) = self.recorder.take(message) else {
            return;
        };
        let cache = self.cache.clone();
        self.writes.spawn_blocking(move || cache.write(&finished));
    }

    /// Waits until everything is written. What could not be is no failure of the listing: it is said in one line.
    pub async fn end(self) -> Option<String> {
        let written = self.writes.join_all().await;
        let failed = written.into_iter().find_map(Result::err);
        failed.map(|error| not_kept(&error))
    }
}

/// Says that what was listed is not there for later, and what that means.
fn not_kept(error: &CacheError) -> String {
    format!(
        "! not kept for --cached: {error}; this listing is not touched by that, and what was kept before stays · \
         defib doctor"
    )
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::catalog::fixtures::place;
    use crate::catalog::source::REGISTRY;
    use crate::domain::failure::{Effect, Failure, FailureClass};

    /// What is known of a place of which these kinds were listed, one of them in vain.
    fn known(sources: &[&'static dyn Source], in_vain: Option<PointKind>) -> Found {
        let home = TempDir::new().unwrap();
        let cache = Cache::new(home.path().join("catalog"), &[]);
        let now: Timestamp = "2026-03-14T02:31:00Z".parse().unwrap();
        let card = Card {
            place: place("acme", "eu-west-1"),
            role: "role".into(),
            endpoints: BTreeSet::new(),
            own_at: None,
        };
        let mut recorder = Recorder::new(now, true);
        recorder.begins(card.clone(), sources);
        let mut finished = None;
        for kind in sources.iter().map(|source| source.kind()) {
            let place = card.place.clone();
            let failure = Failure {
                class: FailureClass::Denied,
                effect: Effect::None,
                call: "ec2:DescribeImages".into(),
                code: None,
                message: "no".into(),
                request_id: None,
            };
            finished = recorder.take(&if in_vain == Some(kind) {
                Message::Failed {
                    place,
                    kind,
                    failure,
                }
            } else {
                Message::Finished { place, kind }
            });
        }
        cache.write(&finished.expect("all have ended")).unwrap();
        let (mut found, _) = cache.find_all();
        found.pop().expect("it was written")
    }

    #[test]
    fn what_was_not_listed_completely_the_last_time_is_told_to_be_so() {
        assert_eq!(lacks(&known(REGISTRY, None), REGISTRY), None);
        let found = known(REGISTRY, Some(PointKind::Ami));
        let said = lacks(&found, REGISTRY).unwrap();
        let wanted = "! eu-west-1 111122223333: there may be more than is known of ami: ";
        assert!(said.starts_with(wanted), "{said}");
        let others = |source: &&&'static dyn Source| source.kind() == PointKind::RdsSnapshot;
        let others: Vec<_> = REGISTRY.iter().filter(others).copied().collect();
        assert_eq!(lacks(&found, &others), None, "nobody asks for images");
    }

    #[test]
    fn a_kind_that_was_never_listed_is_not_known_either() {
        let images = |source: &&&'static dyn Source| source.kind() == PointKind::Ami;
        let images: Vec<_> = REGISTRY.iter().filter(images).copied().collect();
        let found = known(&images, None);
        assert_eq!(lacks(&found, &images), None);
        let said = lacks(&found, REGISTRY).unwrap();
        assert!(said.contains("ebs-snapshot, "), "{said}");
    }

    #[tokio::test]
    async fn a_listing_that_could_not_be_kept_says_so_in_one_line() {
        let home = TempDir::new().unwrap();
        // Where the directory should be is a file.
        let blocked = home.path().join("file");
        std::fs::write(&blocked, "").unwrap();
        let end = async |directory: std::path::PathBuf| {
            let now: Timestamp = "2026-03-14T02:31:00Z".parse().unwrap();
            let card = Card {
                place: place("acme", "eu-west-1"),
                role: "role".into(),
                endpoints: BTreeSet::new(),
                own_at: None,
            };
            let mut recorder = Recorder::new(now, true);
            let source = REGISTRY[0];
            recorder.begins(card.clone(), &[source]);
            let mut keeping = Keeping {
                cache: Cache::new(directory, &[]),
                recorder,
                writes: JoinSet::new(),
            };
            let (place, kind) = (card.place, source.kind());
            keeping.take(&Message::Finished { place, kind });
            keeping.end().await
        };
        assert_eq!(end(home.path().join("catalog")).await, None);
        let line = end(blocked.join("catalog")).await.unwrap();
        assert!(
            line.starts_with("! not kept for --cached: cache "),
            "{line}"
        );
        assert!(
            line.ends_with("defib doctor") && !line.contains('\n'),
            "{line}"
        );
    }
}
