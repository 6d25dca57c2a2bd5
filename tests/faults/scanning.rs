//! The console's scan of many places, of which some are dead, refuse or are asked again: the others never wait
//! for them.

use std::sync::Arc;
use std::time::Duration;

use defib::aws::connect::Connector;
use defib::aws::guard::Mode;
use defib::aws::logins::Logins;
use defib::catalog::source::REGISTRY;
use defib::clock::Clock;
use defib::domain::place::Place;
use defib::journal::Journal;
use defib::journal::sqlite::SqliteJournal;
use defib::sim::{Fault, On, SimulatedAws, Story, scenarios};
use defib::tui::effect::Effect;
use defib::tui::effects::{Effects, Runners, Wanted, World};
use defib::tui::msg::{Msg, Scanned};
use tokio::sync::mpsc;

const HERE: &str = "eu-west-1";
const DEAD: &str = "us-east-1";
/// Of the paused clock: far longer than any scan.
const PATIENCE: Duration = Duration::from_hours(1);

/// A scan, and what it has told so far.
struct Scan {
    aws: SimulatedAws,
    effects: Effects,
    messages: mpsc::Receiver<Msg>,
    told: Vec<Scanned>,
}

impl Scan {
    /// Begins in a Region that answers and one that may not.
    fn begin(faults: &[(On, Fault)]) -> Self {
        let text = scenarios().iter().find(|known| known.name == "bad-deploy");
        let text = text.unwrap().text;
        let story = Story::of(text).unwrap();
        let clock = Clock::simulated(story.opens_at, 1.0);
        let aws = SimulatedAws::from_scenario(text, clock.clone()).unwrap();
        for (on, fault) in faults {
            aws.faults().inject(on.clone(), fault.clone());
        }
        let wanted = |region: &str| Wanted {
            profile: Some(story.accounts[0].name.clone()),
            region: Some(region.into()),
            all_regions: false,
            name: region.into(),
        };
        let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::in_memory().unwrap());
        let world = World {
            connector: Connector {
                mode: Mode::Viewer { dry_run: true },
                endpoint_honours_dry_run: false,
                simulated: Some(aws.clone()),
                logins: Logins::default(),
            },
            clock,
            wanted: [DEAD, HERE].map(wanted).into(),
            journal: Arc::new(move || Ok(Arc::clone(&journal))),
            runners: Runners::Tasks,
            exports: ".".into(),
            read_only: true,
        };
        let (out, messages) = mpsc::channel(16);
        let effects = Effects::new(world, out);
        effects.carry_out(Effect::Scan);
        Self {
            aws,
            effects,
            messages,
            told: Vec::new(),
        }
    }

    /// What was told, without what was found.
    fn over(&self) -> Vec<&Scanned> {
        let told = self.told.iter();
        told.filter(|told| !matches!(told, Scanned::Found { .. }))
            .collect()
    }

    /// Listens until something is true of what was told since the call.
    async fn until(&mut self, what: &str, is: impl Fn(&[Scanned]) -> bool) -> Vec<Scanned> {
        let from = self.told.len();
        while !is(&self.told[from..]) {
            let message = tokio::time::timeout(PATIENCE, self.messages.recv()).await;
            let message = message.unwrap_or_else(|_| panic!("{what}: {:#?}", self.over()));
            if let Msg::Scan { told, .. } = message.expect("the scan goes on") {
                self.told.push(told);
            }
        }
        self.told[from..].to_vec()
    }
}

/// Counts the listings that are over in a Region: complete, and failed.
fn listed(told: &[Scanned], region: &str) -> (usize, usize) {
    let here = |place: &Place| place.region.as_str() == region;
    let count = |is: &dyn Fn(&Scanned) -> bool| told.iter().filter(|told| is(told)).count();
    (
        count(&|told| matches!(told, Scanned::Listed { place, .. } if here(place))),
        count(&|told| matches!(told, Scanned::NotListed { place, .. } if here(place))),
    )
}

fn failed_to_connect(told: &[Scanned]) -> Vec<&str> {
    let mut names = Vec::new();
    for told in told {
        if let Scanned::NotConnected { name, .. } = told {
            names.push(name.as_str());
        }
    }
    names
}

fn connected(told: &[Scanned]) -> Vec<&str> {
    let mut regions = Vec::new();
    for told in told {
        if let Scanned::Connected { place, .. } = told {
            regions.push(place.region.as_str());
        }
    }
    regions
}

fn silence() -> (On, Fault) {
    let on = On::operation("GetCallerIdentity").region(DEAD).for_ever();
    (on, Fault::NeverAnswersBeforeEffect)
}

#[tokio::test(start_paused = true)]
async fn a_place_is_listed_completely_while_another_gives_no_answer() {
    let mut scan = Scan::begin(&[silence()]);
    let all = REGISTRY.len();
    let told = scan
        .until("the place that answers", |told| listed(told, HERE).0 == all)
        .await;
    assert_eq!(failed_to_connect(&told), [""; 0]);
    let told = scan
        .until("the dead Region", |told| {
            matches!(told.last(), Some(Scanned::Listing { more: false, .. }))
        })
        .await;
    assert_eq!(failed_to_connect(&told), [DEAD]);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_connected_to_is_asked_again_while_the_rest_goes_on() {
    let refused = On::operation("GetCallerIdentity").region(DEAD);
    let slow = On::operation("DescribeImages").region(HERE);
    let mut scan = Scan::begin(&[
        (refused, Fault::ExpiredCredentials),
        (slow, Fault::NeverAnswersBeforeEffect),
    ]);
    scan.until("the refusal", |told| !failed_to_connect(told).is_empty())
        .await;
    scan.effects.carry_out(Effect::Retry);
    let all = REGISTRY.len();
    scan.until("both places", |told| listed(told, DEAD).0 == all)
        .await;
    let over = |told: &[Scanned]| listed(told, HERE).0 == all;
    if !over(&scan.told) {
        let before = listed(&scan.told, HERE).0;
        scan.until("the slow one", |told| before + listed(told, HERE).0 == all)
            .await;
    }
    let told = &scan.told;
    assert_eq!(listed(told, HERE), (all, 0), "each listing was told once");
    let mut regions = connected(told);
    regions.sort_unstable();
    assert_eq!(regions, [HERE, DEAD], "nothing was connected to twice");
    let again = told.iter().filter(|told| matches!(told, Scanned::Again));
    assert_eq!(again.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_failed_is_listed_again_and_nothing_else() {
    let denied = On::operation("DescribeImages").region(HERE);
    let mut scan = Scan::begin(&[(denied, Fault::Unauthorized), silence()]);
    let all = REGISTRY.len();
    scan.until("all but one", |told| listed(told, HERE) == (all - 1, 1))
        .await;
    let before = scan.aws.call_count();
    scan.effects.carry_out(Effect::Retry);
    let told = scan
        .until("the last one", |told| listed(told, HERE).0 == 1)
        .await;
    let is_again = |told: &Scanned| matches!(told, Scanned::Relisting { place, kinds } if place.region.as_str() == HERE && kinds.len() == 1);
    assert!(told.iter().any(is_again), "{told:?}");
    let calls = scan.aws.calls();
    let since = calls.iter().skip(before).filter(|call| call.region == HERE);
    let mut asked: Vec<&str> = since.map(|call| call.operation.as_str()).collect();
    asked.dedup();
    assert_eq!(asked, ["DescribeImages"]);
}
