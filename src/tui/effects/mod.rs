//! Carries out what `update` asked for, beside the event loop, and tells it what came of it.
//!
//! The only room of the console that reaches AWS, the journal, runners and files. Nothing in here
//! knows a screen. Whatever takes time is a task of its own.

mod choosing;
mod codes;
mod describing;
mod looking;
mod preparing;
mod remembering;
mod running;
mod scanning;
mod underway;
mod vaults;
mod watching;
mod writing;

#[cfg(test)]
pub(in crate::tui) use writing::report_text;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OnceCell, mpsc, watch};
use tokio::task::AbortHandle;

use crate::aws::connect::{Clients, Connector};
use crate::aws::logins::{Logins, lasts};
use crate::clock::Clock;
use crate::domain::ids::RunId;
use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;
use crate::journal::Journal;
use crate::report::{FAILED, Report};
use crate::restore::flows::REGISTRY;

use codes::AtConsole;
pub use remembering::{Memory, card_of, keep_seen};
use scanning::Scanning;
use underway::Underway;

use super::effect::Effect;
use super::known::FlowCard;
use super::msg::Msg;

/// A profile, or the environment, and one of its Regions, or its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Profile; `None` for the environment's.
    pub profile: Option<String>,
    /// Region; `None` for the profile's own.
    pub region: Option<String>,
    /// Every Region that is enabled, whatever `region` says.
    pub all_regions: bool,
    /// Name for a person.
    pub name: String,
}

/// Who drives the runs.
#[derive(Clone, Debug)]
pub enum Runners {
    /// Detached processes of this program, with their logs in a directory.
    Processes {
        /// The directory.
        logs: PathBuf,
    },
    /// Tasks of this process: the demo, which leaves nothing behind.
    Tasks,
}

/// Opens the record of runs, or says why it cannot be opened. It may take its time.
pub type OpenJournal = Arc<dyn Fn() -> Result<Arc<dyn Journal>, Report> + Send + Sync>;

/// What effects are carried out with.
#[derive(Clone)]
pub struct World {
    /// How to connect, for reading.
    pub connector: Connector,
    /// The time of the estate.
    pub clock: Clock,
    /// What to list at first.
    pub wanted: Vec<Wanted>,
    /// Opens the record of runs; asked again as long as it cannot be opened.
    pub journal: OpenJournal,
    /// Who drives.
    pub runners: Runners,
    /// Where files are written.
    pub exports: PathBuf,
    /// Whether runs are forbidden: the screens say so, and here it is so.
    pub read_only: bool,
}

/// Carries out effects.
#[derive(Clone)]
pub struct Effects {
    world: Arc<World>,
    out: mpsc::Sender<Msg>,
    /// The record of runs, once it was opened.
    journal: Arc<OnceCell<Arc<dyn Journal>>>,
    /// What is listed.
    wanted: Arc<Mutex<Vec<Wanted>>>,
    clients: Arc<Mutex<BTreeMap<Place, Clients>>>,
    scan: Arc<Mutex<Option<Scanning>>>,
    scans: Arc<AtomicU64>,
    tasks: Arc<Mutex<BTreeMap<RunId, AbortHandle>>>,
    /// Runs whose runner was started here and has not ended.
    driven: Arc<Mutex<BTreeSet<RunId>>>,
    underway: Underway,
    /// Asks the operator for codes.
    codes: Arc<AtConsole>,
    /// What was known before; the demo knows nothing.
    memory: Option<Arc<Memory>>,
    /// Places to which profiles lead where no Region is named.
    own: Arc<Mutex<BTreeSet<Place>>>,
}

impl Effects {
    /// Carries out effects in this world, and tells `out`. Must be used within a tokio runtime.
    #[must_use]
    pub fn new(mut world: World, out: mpsc::Sender<Msg>) -> Self {
        let codes = Arc::new(AtConsole::new(out.clone()));
        world.connector.logins = Logins::asking(codes.clone());
        Self {
            wanted: Arc::new(Mutex::new(std::mem::take(&mut world.wanted))),
            world: Arc::new(world),
            out,
            journal: Arc::default(),
            clients: Arc::default(),
            scan: Arc::default(),
            scans: Arc::default(),
            tasks: Arc::default(),
            driven: Arc::default(),
            underway: Underway::default(),
            codes,
            memory: None,
            own: Arc::default(),
        }
    }

    /// Lets it read what was known before, and keep what it finds.
    #[must_use]
    pub fn remembering(mut self, memory: Option<Memory>) -> Self {
        self.memory = memory.map(Arc::new);
        self
    }

    /// Begins what goes on as long as the console does: the first scan, and watching the journal.
    pub fn begin(&self) {
        self.carry_out(Effect::Scan);
        let this = self.clone();
        tokio::spawn(async move { this.watch().await });
    }

    /// Begins to carry out an effect. What concerns the terminal is the event loop's own.
    pub fn carry_out(&self, effect: Effect) {
        let this = self.clone();
        match effect {
            Effect::Look { number, target } => this.look_now(number, target),
            Effect::Scan => self.scan_places(),
            Effect::Retry => self.ask_again(),
            Effect::ReadProfiles => {
                tokio::spawn(async move { this.read_profiles().await });
            }
            Effect::Places(choices) => self.choose(&choices),
            Effect::ReadPolicy(vault) => {
                tokio::spawn(async move { this.read_policy(vault).await });
            }
            Effect::Prepare {
                draft,
                revision,
                flow,
                place,
                choices,
            } => {
                tokio::spawn(
                    async move { this.prepare(draft, revision, flow, place, choices).await },
                );
            }
            Effect::Start {
                draft,
                plan,
                approval,
            } => {
                let command = self.underway.begin();
                tokio::spawn(async move { this.start(draft, *plan, approval, command).await });
            }
            Effect::Send {
                run,
                kind,
                approval,
            } => {
                let command = self.underway.begin();
                tokio::spawn(async move { this.send(run, kind, approval, command).await });
            }
            Effect::DescribeKeys { place, keys } => this.describe_keys(place, keys),
            Effect::DescribePoints { place, questions } => this.describe_points(place, questions),
            Effect::KillRunner(run) => {
                tokio::spawn(async move { this.kill_runner(run).await });
            }
            Effect::Report { run, incident } => {
                tokio::spawn(async move { this.write_report(run, incident).await });
            }
            Effect::Calls { plan, undo } => {
                tokio::spawn(async move { this.write_calls(&plan, &undo).await });
            }
            Effect::ExportPlan { plan, format } => {
                tokio::spawn(async move { this.export_plan(&plan, format).await });
            }
            Effect::ExportText { name, text } => {
                tokio::spawn(async move { this.export_text(&name, &text).await });
            }
            Effect::Code { ask, code } => self.codes.answered(ask, code),
            Effect::Copy(_) | Effect::Redraw | Effect::Suspend | Effect::Quit => {}
        }
    }

    /// Tells how many commands have not reached the journal yet.
    #[must_use]
    pub fn underway(&self) -> watch::Receiver<usize> {
        self.underway.count()
    }

    /// Tells the event loop; where that has ended, nobody needs to know.
    async fn tell(&self, msg: Msg) {
        self.out.send(msg).await.ok();
    }

    /// Returns the record of runs; opens it where that has not come to pass yet.
    async fn journal(&self) -> Result<Arc<dyn Journal>, Report> {
        let open = Arc::clone(&self.world.journal);
        let opened = self.journal.get_or_try_init(|| async move {
            let opened = tokio::task::spawn_blocking(move || open()).await;
            opened.unwrap_or_else(|error| {
                let what = format!("opening the journal broke down: {error}");
                Err(Report::new(FAILED, what))
            })
        });
        opened.await.cloned()
    }

    /// Returns the clients of a place; makes them where the scan did not.
    async fn clients(&self, place: &Place) -> Result<Clients, Report> {
        let known = locked(&self.clients).get(place).cloned();
        // A session that came of a code is not renewed by itself.
        let usable = |clients: &Clients| !clients.by_code || lasts(clients.expiration.at());
        if let Some(clients) = known.filter(usable) {
            return Ok(clients);
        }
        let region = Some(place.region.as_str());
        let clients = self
            .world
            .connector
            .connect(place.profile.as_deref(), region)
            .await?;
        if clients.place != *place {
            return Err(elsewhere(place, &clients.place));
        }
        self.keep(clients.clone());
        Ok(clients)
    }

    /// Keeps the clients of a place, and tells when their credentials expire for as long as they live.
    fn keep(&self, clients: Clients) {
        let (this, place) = (self.clone(), clients.place.clone());
        let mut expiration = clients.expiration.clone();
        locked(&self.clients).insert(place.clone(), clients);
        tokio::spawn(async move {
            loop {
                let (place, at) = (place.clone(), expiration.at());
                this.tell(Msg::Expires { place, at }).await;
                if !expiration.changed().await {
                    return;
                }
            }
        });
    }
}

/// A profile can lead to another account than it did when something was listed through it.
fn elsewhere(wanted: &Place, found: &Place) -> Report {
    let what = format!(
        "this was found in account {}, but the credentials are of account {} now",
        wanted.account, found.account
    );
    Report::new(FAILED, what).todo("log in as before, or list again")
}

/// A task that panicked while it held the lock has left nothing half-written in these maps.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns every flow, as the screens need to know it.
#[must_use]
pub fn flows() -> Vec<FlowCard> {
    let card = |flow: &&'static dyn crate::restore::flow::AnyFlow| FlowCard {
        name: flow.name(),
        sentence: flow.sentence(),
        fields: flow.fields(),
        kinds: PointKind::ALL
            .into_iter()
            .filter(|kind| flow.applies_to(*kind))
            .collect(),
    };
    REGISTRY.iter().map(card).collect()
}

#[cfg(test)]
mod tests;
