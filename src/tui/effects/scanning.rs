//! Connects to every wanted place at once and lists each as soon as it is reached, streaming.
//! A place that fails is one message and never holds up the others; one that needs a code waits for it alone.
//! What has failed can be asked again at any time, and the rest goes on undisturbed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::StreamExt as _;
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::FuturesUnordered;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::aws::connect::{Clients, ConnectError, Connector};
use crate::catalog::cache::Recorder;
use crate::catalog::scan::{Begun, Message, Scan, Turns};
use crate::catalog::source::REGISTRY;
use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;
use crate::report::Report;
use crate::tui::msg::{Msg, Scanned};

use super::{Effects, Wanted, locked};

/// A scan that goes on, or is over and knows what has failed.
#[derive(Debug)]
pub(super) struct Scanning {
    task: AbortHandle,
    again: Arc<Notify>,
}

impl Effects {
    /// Begins a scan; one that is still under way is given up, and what it found is kept.
    pub(super) fn scan_places(&self) {
        let mut scan = locked(&self.scan);
        if let Some(before) = scan.take() {
            before.task.abort();
        }
        let number = self.scans.fetch_add(1, Ordering::SeqCst) + 1;
        let again = Arc::new(Notify::new());
        let round = Round::new(self.clone(), number);
        let task = tokio::spawn(round.run(Arc::clone(&again)));
        let task = task.abort_handle();
        *scan = Some(Scanning { task, again });
    }

    /// Asks again for what has failed in the scan.
    pub(super) fn ask_again(&self) {
        if let Some(scan) = &*locked(&self.scan) {
            scan.again.notify_one();
        }
    }
}

/// One scan of all places.
struct Round {
    effects: Effects,
    number: u64,
    wanted: Vec<Wanted>,
    /// Connects where nobody has to be asked for that.
    silent: Connector,
    turns: Turns,
    connections: FuturesUnordered<BoxFuture<'static, Attempt>>,
    /// The wanted places that could not be connected to.
    not_connected: BTreeSet<usize>,
    /// By which of the wanted places each place was reached.
    ways: BTreeMap<Place, usize>,
    /// What became of asking for a profile's code: it is asked for once.
    declined: BTreeMap<Option<String>, Report>,
    scan: Scan,
    /// Writes down what is found, for when nobody can be asked.
    recorder: Recorder,
}

/// What came of connecting.
struct Attempt {
    nth: usize,
    /// Whether a person could be asked for a code.
    asked: bool,
    outcome: Result<Vec<Clients>, ConnectError>,
}

impl Round {
    fn new(effects: Effects, number: u64) -> Self {
        let wanted = locked(&effects.wanted).clone();
        Self {
            number,
            wanted,
            silent: effects.world.connector.asking_nobody(),
            turns: Turns::default(),
            connections: FuturesUnordered::new(),
            not_connected: BTreeSet::new(),
            ways: BTreeMap::new(),
            declined: BTreeMap::new(),
            scan: Scan::new(REGISTRY),
            recorder: effects.recorder(),
            effects,
        }
    }

    async fn run(mut self, again: Arc<Notify>) {
        self.tell(Scanned::Began).await;
        for nth in 0..self.wanted.len() {
            self.connect(nth);
        }
        if self.wanted.is_empty() {
            self.lists(0).await;
        }
        let out = self.effects.out.clone();
        loop {
            tokio::select! {
                Some(attempt) = self.connections.next() => self.attempted(attempt).await,
                message = self.scan.next() => self.listed(message).await,
                () = again.notified() => self.ask_again().await,
                () = out.closed() => return,
            }
        }
    }

    async fn listed(&mut self, message: Message) {
        let finished = self.recorder.take(&message);
        self.tell(translated(message)).await;
        if let Some(finished) = finished {
            self.effects.place_ended(self.number, finished).await;
        }
    }

    async fn tell(&mut self, told: Scanned) {
        let number = self.number;
        self.effects.tell(Msg::Scan { number, told }).await;
    }

    /// Tells that so many more listings are under way, and whether more places may answer.
    async fn lists(&mut self, sources: usize) {
        let more = !self.connections.is_empty();
        self.tell(Scanned::Listing { sources, more }).await;
    }

    /// Connects without asking anybody, as long as there are turns for it.
    fn connect(&mut self, nth: usize) {
        let (wanted, connector) = (self.wanted[nth].clone(), self.silent.clone());
        let turns = self.turns.clone();
        let attempt = async move {
            let outcome = turns.take(Box::pin(connect(&connector, &wanted))).await;
            Attempt {
                nth,
                asked: false,
                outcome,
            }
        };
        self.connections.push(attempt.boxed());
    }

    /// Connects and has a person asked for a code. One is asked for at a time, beside everything else.
    fn connect_asking(&mut self, nth: usize) {
        let wanted = self.wanted[nth].clone();
        let connector = self.effects.world.connector.clone();
        let attempt = async move {
            let outcome = connect(&connector, &wanted).await;
            Attempt {
                nth,
                asked: true,
                outcome,
            }
        };
        self.connections.push(attempt.boxed());
    }

    async fn attempted(&mut self, attempt: Attempt) {
        let Attempt {
            nth,
            asked,
            outcome,
        } = attempt;
        let error = match outcome {
            Ok(reached) => return self.reached(nth, reached).await,
            Err(error) => error,
        };
        let profile = self.wanted[nth].profile.clone();
        if !asked && error.wants_code() {
            match self.declined.get(&profile).cloned() {
                Some(report) => self.failed(nth, report).await,
                None => self.connect_asking(nth),
            }
            return;
        }
        let report = Report::from(error);
        if asked {
            self.declined.insert(profile, report.clone());
        }
        self.failed(nth, report).await;
    }

    async fn failed(&mut self, nth: usize, report: Report) {
        self.not_connected.insert(nth);
        let Wanted { profile, name, .. } = self.wanted[nth].clone();
        self.tell(Scanned::NotConnected {
            nth,
            profile,
            name,
            report,
        })
        .await;
        self.lists(0).await;
    }

    /// Lists what was reached, besides what is listed already.
    async fn reached(&mut self, nth: usize, reached: Vec<Clients>) {
        let mut sources = 0;
        for clients in reached {
            let place = clients.place.clone();
            self.effects.note_own(&self.wanted[nth], &place);
            let card = self.effects.card(&clients);
            self.effects.keep(clients.clone());
            self.ways.insert(place.clone(), nth);
            self.tell(Scanned::Connected {
                place: place.clone(),
                role: clients.role.clone(),
                endpoints: clients.endpoints.clone(),
                nth,
            })
            .await;
            match self.scan.add(clients) {
                Begun::Anew(listings) => {
                    self.recorder.begins(card, REGISTRY);
                    sources += listings;
                }
                Begun::Again(kinds) if kinds.is_empty() => {}
                Begun::Again(kinds) => self.relists(place, kinds).await,
            }
        }
        self.lists(sources).await;
    }

    /// Asks again for exactly what has failed so far: what was not connected to, and what was not listed. Where
    /// the credentials were at fault the place is connected to anew, since a login since then is seen only so.
    async fn ask_again(&mut self) {
        self.tell(Scanned::Again).await;
        self.declined.clear();
        let mut nths = std::mem::take(&mut self.not_connected);
        let wants_login = self.scan.wants_login();
        nths.extend(wants_login.iter().filter_map(|place| self.ways.get(place)));
        for nth in nths {
            self.connect(nth);
        }
        for (place, kinds) in self.scan.retry() {
            self.relists(place, kinds).await;
        }
        self.lists(0).await;
    }

    async fn relists(&mut self, place: Place, kinds: Vec<PointKind>) {
        self.recorder.again(&place, &kinds);
        self.tell(Scanned::Relisting { place, kinds }).await;
    }
}

async fn connect(connector: &Connector, wanted: &Wanted) -> Result<Vec<Clients>, ConnectError> {
    let profile = wanted.profile.as_deref();
    if wanted.all_regions {
        return connector.connect_all(profile).await;
    }
    let clients = connector.connect(profile, wanted.region.as_deref()).await?;
    Ok(vec![clients])
}

fn translated(message: Message) -> Scanned {
    match message {
        Message::Found(batch) if !batch.vaults.is_empty() => Scanned::Vaults(batch.vaults),
        Message::Found(batch) => Scanned::Found {
            points: batch.points,
            resources: batch.resources,
        },
        Message::Finished { place, kind } => Scanned::Listed { place, kind },
        Message::Failed {
            place,
            kind,
            failure,
        } => Scanned::NotListed {
            place,
            kind,
            failure: Box::new(failure),
        },
    }
}
