//! Connects to every wanted place at once and lists every source there, streaming.
//! A place that fails is one message and never hides the others.

use futures_util::{StreamExt as _, stream};

use crate::aws::connect::{Clients, ConnectError};
use crate::catalog::scan::{Message, scan};
use crate::catalog::source::REGISTRY;
use crate::domain::text::shown;
use crate::report::Report;
use crate::tui::msg::Msg;

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
        let this = self.clone();
        let task = tokio::spawn(async move { this.scan_all().await });
        *scan = Some(task.abort_handle());
    }

    async fn scan_all(&self) {
        self.tell(Msg::ScanBegan).await;
        let attempts = self.world.wanted.clone().into_iter().map(|wanted| {
            let this = self.clone();
            async move {
                let outcome = this.connect(&wanted).await;
                (wanted, outcome)
            }
        });
        let mut attempts = stream::iter(attempts).buffer_unordered(AT_ONCE);
        let mut reached = Vec::new();
        while let Some((wanted, outcome)) = attempts.next().await {
            match outcome {
                Ok(clients) => reached.extend(self.connected(clients).await),
                Err(error) => {
                    let name = wanted.name;
                    let report = Report::from(error);
                    self.tell(Msg::NotConnected { name, report }).await;
                }
            }
        }
        self.list(reached).await;
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

    async fn connected(&self, clients: Vec<Clients>) -> Vec<Clients> {
        for one in &clients {
            self.keep(one.clone());
            let (place, role) = (one.place.clone(), one.role.clone());
            self.tell(Msg::Connected { place, role }).await;
        }
        clients
    }

    async fn list(&self, places: Vec<Clients>) {
        let mut distinct: Vec<_> = places
            .iter()
            .map(|one| (&one.place.account, &one.place.region))
            .collect();
        distinct.sort();
        distinct.dedup();
        let sources = distinct.len() * REGISTRY.len();
        self.tell(Msg::Listing { sources }).await;
        let mut messages = scan(REGISTRY, places);
        while let Some(message) = messages.recv().await {
            self.tell(translated(message)).await;
        }
    }
}

fn translated(message: Message) -> Msg {
    match message {
        Message::Found(batch) => Msg::Found {
            points: batch.points,
            resources: batch.resources,
        },
        Message::Finished { .. } => Msg::Listed,
        Message::Failed {
            place,
            kind,
            failure,
        } => Msg::NotListed {
            name: format!(
                "{} {} {}",
                place.region,
                shown(place.account.as_str()),
                kind.as_str()
            ),
            report: Report::of_failure(&failure, place.profile.as_deref()),
        },
    }
}
