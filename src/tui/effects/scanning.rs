//! Connects to every wanted place at once and lists every source there, streaming.
//! A place that fails is one message and never hides the others; one that needs a code waits for it alone.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt as _, stream};

use crate::aws::connect::{Clients, ConnectError, Connector};
use crate::catalog::scan::{Message, scan};
use crate::catalog::source::REGISTRY;
use crate::domain::ids::{AccountId, Region};
use crate::domain::text::shown;
use crate::report::Report;
use crate::tui::msg::{Msg, Scanned};

use super::{Effects, Wanted, locked};

/// How many connections are made at a time.
const AT_ONCE: usize = 16;

impl Effects {
    /// Begins a scan; one that is still under way is given up, and what it found is kept.
    pub(super) fn scan_places(&self) {
        let mut scan = locked(&self.scan);
        if let Some(before) = scan.take() {
            before.abort();
        }
        let number = self.scans.fetch_add(1, Ordering::SeqCst) + 1;
        let this = self.clone();
        let task = tokio::spawn(async move { this.scan_all(number).await });
        *scan = Some(task.abort_handle());
    }

    pub(super) async fn tell_scan(&self, number: u64, told: Scanned) {
        self.tell(Msg::Scan { number, told }).await;
    }

    async fn scan_all(&self, number: u64) {
        self.tell_scan(number, Scanned::Began).await;
        let silent = self.world.connector.asking_nobody();
        let wanted = self.world.wanted.clone().into_iter().enumerate();
        let attempts = wanted.map(|(nth, wanted)| connect(&silent, nth, wanted));
        let mut attempts = stream::iter(attempts).buffer_unordered(AT_ONCE);
        let (mut reached, mut asking) = (Vec::new(), Vec::new());
        while let Some((nth, wanted, outcome)) = attempts.next().await {
            match outcome {
                Err(error) if error.wants_code() => asking.push((nth, wanted)),
                outcome => reached.extend(self.connected(number, (nth, wanted), outcome).await),
            }
        }
        asking.sort_by_key(|(nth, _)| *nth);
        self.list_all(number, reached, asking).await;
    }

    /// Lists the places that were reached, and beside that asks for the codes of the others: one after the
    /// other, each listed as soon as it is reached.
    async fn list_all(&self, number: u64, reached: Vec<Clients>, asking: Vec<(usize, Wanted)>) {
        let connector = &self.world.connector;
        let asking = asking
            .into_iter()
            .map(|(nth, wanted)| connect(connector, nth, wanted));
        let mut asking: FuturesUnordered<_> = asking.collect();
        let mut seen = BTreeSet::new();
        let mut listings = FuturesUnordered::new();
        let fresh = self.begins(number, reached, &mut seen, asking.is_empty());
        listings.push(self.list(number, fresh.await));
        loop {
            tokio::select! {
                Some((nth, wanted, outcome)) = asking.next() => {
                    let reached = self.connected(number, (nth, wanted), outcome).await;
                    let fresh = self.begins(number, reached, &mut seen, asking.is_empty());
                    listings.push(self.list(number, fresh.await));
                }
                Some(()) = listings.next() => {}
                else => return,
            }
        }
    }

    async fn connected(
        &self,
        number: u64,
        (nth, wanted): (usize, Wanted),
        outcome: Result<Vec<Clients>, ConnectError>,
    ) -> Vec<Clients> {
        let clients = match outcome {
            Ok(clients) => clients,
            Err(error) => {
                let (name, report) = (wanted.name.clone(), Report::from(error));
                let told = Scanned::NotConnected { nth, name, report };
                self.tell_scan(number, told).await;
                return Vec::new();
            }
        };
        for one in &clients {
            self.note_own(&wanted, &one.place);
            self.keep(one.clone());
            let told = Scanned::Connected {
                place: one.place.clone(),
                role: one.role.clone(),
                endpoints: one.endpoints.clone(),
                nth,
            };
            self.tell_scan(number, told).await;
        }
        clients
    }

    /// Tells that places are listed now, and returns them without those that are listed already.
    async fn begins(
        &self,
        number: u64,
        reached: Vec<Clients>,
        seen: &mut BTreeSet<(AccountId, Region)>,
        last: bool,
    ) -> Vec<Clients> {
        let before = seen.clone();
        seen.extend(reached.iter().map(of_place));
        let sources = (seen.len() - before.len()) * REGISTRY.len();
        let more = !last;
        self.tell_scan(number, Scanned::Listing { sources, more })
            .await;
        let fresh = |clients: &Clients| !before.contains(&of_place(clients));
        reached.into_iter().filter(fresh).collect()
    }

    async fn list(&self, number: u64, places: Vec<Clients>) {
        let mut recorder = self.recorder(&places);
        let mut messages = scan(REGISTRY, places);
        while let Some(message) = messages.recv().await {
            let finished = recorder.take(&message);
            self.tell_scan(number, translated(message)).await;
            if let Some(finished) = finished {
                self.place_ended(number, finished).await;
            }
        }
    }
}

async fn connect(
    connector: &Connector,
    nth: usize,
    wanted: Wanted,
) -> (usize, Wanted, Result<Vec<Clients>, ConnectError>) {
    let profile = wanted.profile.as_deref();
    let outcome = if wanted.all_regions {
        connector.connect_all(profile).await
    } else {
        let connected = connector.connect(profile, wanted.region.as_deref());
        connected.await.map(|clients| vec![clients])
    };
    (nth, wanted, outcome)
}

fn of_place(clients: &Clients) -> (AccountId, Region) {
    (clients.place.account.clone(), clients.place.region.clone())
}

fn translated(message: Message) -> Scanned {
    match message {
        Message::Found(batch) => Scanned::Found {
            points: batch.points,
            resources: batch.resources,
        },
        Message::Finished { place, .. } => Scanned::Listed { place },
        Message::Failed {
            place,
            kind,
            failure,
        } => Scanned::NotListed {
            name: format!(
                "{} {} {}",
                place.region,
                shown(place.account.as_str()),
                kind.as_str()
            ),
            report: Report::of_failure(&failure, place.profile.as_deref()),
            kind,
            place,
        },
    }
}
