//! Connects to every wanted place at once and lists every source there, streaming.
//! A place that fails is one message and never hides the others.

use std::sync::atomic::Ordering;

use futures_util::{StreamExt as _, stream};

use crate::aws::connect::{Clients, ConnectError};
use crate::catalog::scan::{Message, scan};
use crate::catalog::source::REGISTRY;
use crate::domain::text::shown;
use crate::report::Report;
use crate::tui::msg::{Msg, Scanned};

use super::{Effects, Wanted, locked};

/// How many connections are made at a time.
const AT_ONCE: usize = 16;

impl Effects {
    /// Begins a scan; one that is still under way is given up, and what it found is kept.
    pub(super) fn scan(&self) {
        let mut scan = locked(&self.scan);
        if let Some(before) = scan.take() {
            before.abort();
        }
        let number = self.scans.fetch_add(1, Ordering::SeqCst) + 1;
        let this = self.clone();
        let task = tokio::spawn(async move { this.scan_all(number).await });
        *scan = Some(task.abort_handle());
    }

    async fn tell_scan(&self, number: u64, told: Scanned) {
        self.tell(Msg::Scan { number, told }).await;
    }

    async fn scan_all(&self, number: u64) {
        self.tell_scan(number, Scanned::Began).await;
        let wanted = self.world.wanted.clone().into_iter().enumerate();
        let attempts = wanted.map(|(nth, wanted)| {
            let this = self.clone();
            async move {
                let outcome = this.connect(&wanted).await;
                (nth, wanted, outcome)
            }
        });
        let mut attempts = stream::iter(attempts).buffer_unordered(AT_ONCE);
        let mut reached = Vec::new();
        while let Some((nth, wanted, outcome)) = attempts.next().await {
            match outcome {
                Ok(clients) => reached.extend(self.connected(number, nth, clients).await),
                Err(error) => {
                    let name = wanted.name;
                    let report = Report::from(error);
                    let told = Scanned::NotConnected { name, report };
                    self.tell_scan(number, told).await;
                }
            }
        }
        self.list(number, reached).await;
    }

    async fn connect(&self, wanted: &Wanted) -> Result<Vec<Clients>, ConnectError> {
        let connector = &self.world.connector;
        let profile = wanted.profile.as_deref();
        if wanted.all_regions {
            return connector.connect_all(profile).await;
        }
        let clients = connector.connect(profile, wanted.region.as_deref()).await?;
        Ok(vec![clients])
    }

    async fn connected(&self, number: u64, nth: usize, clients: Vec<Clients>) -> Vec<Clients> {
        for one in &clients {
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

    async fn list(&self, number: u64, places: Vec<Clients>) {
        let mut distinct: Vec<_> = places
            .iter()
            .map(|one| (&one.place.account, &one.place.region))
            .collect();
        distinct.sort();
        distinct.dedup();
        let sources = distinct.len() * REGISTRY.len();
        self.tell_scan(number, Scanned::Listing { sources }).await;
        let mut messages = scan(REGISTRY, places);
        while let Some(message) = messages.recv().await {
            self.tell_scan(number, translated(message)).await;
        }
    }
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
            place,
        },
    }
}
