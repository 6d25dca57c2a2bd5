//! Reads what is known from before, and keeps what is found for the next time.
//! Whatever goes wrong with that is one line of the log: the console works without it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::aws::connect::Clients;
use crate::catalog::cache::{Asked, Cache, CacheError, Card, Finished, Found, Recorder};
use crate::domain::estate::Estate;
use crate::domain::place::Place;
use crate::restore::flows::dynamodb_restore::last_seen;
use crate::restore::flows::dynamodb_restore::saved::SavedTable;
use crate::restore::planning;
use crate::tui::before::{KnownPlace, Recalled};
use crate::tui::effect::Prepared;
use crate::tui::msg::{Msg, Scanned};

use super::{Effects, Wanted, locked};

/// How many rows are told at a time: the keys are looked at in between.
const PAGE: usize = 256;

/// What was known before, and where it is kept.
#[derive(Clone, Debug)]
pub struct Memory {
    /// The cache.
    pub cache: Cache,
    /// The Region that the environment names for profiles that are asked for without one.
    pub region: Option<String>,
}

impl Memory {
    fn asked(&self, wanted: &Wanted) -> Asked {
        Asked {
            profile: wanted.profile.clone(),
            region: wanted.region.clone().or_else(|| self.region.clone()),
            all_regions: wanted.all_regions,
        }
    }

    /// Returns what is known of a place, however it was asked for.
    pub(super) fn of(&self, place: &Place, now: jiff::Timestamp) -> Option<Found> {
        let asked = Asked {
            profile: place.profile.clone(),
            region: Some(place.region.as_str().to_owned()),
            all_regions: false,
        };
        let (found, _) = self.cache.find(&[asked], now);
        let mut found = found.into_iter();
        found.find(|found| found.card.place.account == place.account)
    }
}

impl Effects {
    /// Begins to read what is known from before. It is told in pages, after the last of which
    /// [`Recalled::End`] comes; without a memory that comes at once.
    pub fn recall(&self) {
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            if let Some(memory) = this.memory.clone() {
                this.read(&memory);
            }
            this.told_now(Recalled::End);
        });
    }

    fn read(&self, memory: &Memory) {
        let wanted = locked(&self.wanted).clone();
        let asked: Vec<Asked> = wanted.iter().map(|wanted| memory.asked(wanted)).collect();
        let (found, left_out) = memory.cache.find(&asked, self.world.clock.now());
        let left_out = left_out.into_iter();
        let mut left_out: Vec<String> = left_out.map(|error| format!("{error}")).collect();
        for one in found {
            if let Err(error) = self.read_place(one) {
                left_out.push(error.to_string());
            }
        }
        for line in left_out {
            self.told_now(Recalled::LeftOut(line));
        }
    }

    fn read_place(&self, found: Found) -> Result<(), CacheError> {
        let opened = found.open()?;
        let card = found.card;
        self.told_now(Recalled::Place(KnownPlace {
            place: card.place,
            endpoints: card.endpoints,
            nth: found.nth,
            known_at: found.known_at,
            partial: found.partial,
        }));
        for batch in opened.batches(PAGE) {
            let batch = batch?;
            self.told_now(Recalled::Rows {
                points: batch.points,
                resources: batch.resources,
            });
        }
        Ok(())
    }

    /// Tells from a thread that may wait.
    fn told_now(&self, told: Recalled) {
        self.out.blocking_send(Msg::Recalled(told)).ok();
    }

    /// Keeps what a flow has observed, where a plan came of it.
    pub(super) fn keep_facts(&self, clients: &Clients, prepared: &Prepared) {
        let (Some(memory), Ok(plan)) = (self.memory.clone(), &prepared.plan) else {
            return;
        };
        let (this, card, kept) = (self.clone(), card_of(clients), planning::kept(plan));
        tokio::task::spawn_blocking(move || {
            if let Err(error) = memory.cache.keep(&card, kept) {
                this.told_now(Recalled::LeftOut(error.to_string()));
            }
        });
    }

    /// Keeps the settings of the table that was observed, if there is one, for when it is gone.
    pub(super) fn keep_settings(&self, clients: &Clients, flow: &str, facts: &Value) {
        let (Some(memory), Some(settings)) = (self.memory.clone(), last_seen::of(flow, facts))
        else {
            return;
        };
        let (this, card) = (self.clone(), card_of(clients));
        tokio::task::spawn_blocking(move || {
            if let Err(error) = keep_seen(&memory.cache, &card, &settings) {
                this.told_now(Recalled::LeftOut(error.to_string()));
            }
        });
    }

    /// Returns where what was last seen in an account is kept; the demo has no such place.
    pub(super) fn seen(&self, clients: &Clients) -> Option<PathBuf> {
        let memory = self.memory.as_ref()?;
        Some(memory.cache.front_of_seen(&card_of(clients)))
    }

    /// Returns what is known of a place from before, if anything is.
    pub(super) async fn known_estate(&self, place: &Place) -> Option<Estate> {
        let (memory, place) = (self.memory.clone()?, place.clone());
        let (this, now) = (self.clone(), self.world.clock.now());
        let read = tokio::task::spawn_blocking(move || {
            let estate = Cache::estate(&memory.of(&place, now)?);
            match estate {
                Ok(estate) => Some(estate),
                Err(error) => {
                    this.told_now(Recalled::LeftOut(error.to_string()));
                    None
                }
            }
        });
        read.await.ok().flatten()
    }

    /// Notes that a place is the one that a profile leads to when no Region is named.
    pub(super) fn note_own(&self, wanted: &Wanted, place: &Place) {
        let named = self
            .memory
            .as_ref()
            .and_then(|memory| memory.region.as_ref());
        if wanted.region.is_none() && !wanted.all_regions && named.is_none() {
            locked(&self.own).insert(place.clone());
        }
    }

    /// Begins to record what a scan finds.
    pub(super) fn recorder(&self) -> Recorder {
        Recorder::new(self.world.clock.now(), self.memory.is_some())
    }

    /// Returns who sees a place, and whether its profile leads there by itself.
    pub(super) fn card(&self, clients: &Clients) -> Card {
        let own = locked(&self.own).contains(&clients.place);
        let mut card = card_of(clients);
        card.own_at = own.then(|| self.world.clock.now());
        card
    }

    /// Tells that the last listing of a place has ended, and keeps what it has found.
    pub(super) async fn place_ended(&self, number: u64, finished: Finished) {
        let (place, whole) = (finished.place().clone(), finished.whole());
        let told = Scanned::Ended { place, whole };
        self.tell(Msg::Scan { number, told }).await;
        let Some(memory) = self.memory.clone() else {
            return;
        };
        let this = self.clone();
        memory.cache.enqueue(finished);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = memory.cache.write_next() {
                this.told_now(Recalled::LeftOut(error.to_string()));
            }
        });
    }
}

/// Keeps the settings of a table in place of those that were kept of it before, unless these lack what those have.
///
/// # Errors
/// [`CacheError`]
pub fn keep_seen(cache: &Cache, card: &Card, settings: &SavedTable) -> Result<(), CacheError> {
    let Ok(content) = settings.content() else {
        return Ok(());
    };
    let over = |before: &[u8]| settings.replaces(before);
    let (region, name) = (&settings.home.region, &settings.table.name);
    cache.keep_seen(card, region, name, content.as_bytes(), over)
}

/// Returns who saw a place.
#[must_use]
pub fn card_of(clients: &Clients) -> Card {
    let endpoints: &BTreeSet<String> = &clients.endpoints;
    Card {
        place: clients.place.clone(),
        role: clients.role.clone(),
        endpoints: endpoints.clone(),
        own_at: None,
    }
}
