//! Cases by family: all of them run side by side, each is counted when what it does has struck and its end was
//! judged, and a failing one prints the line that runs it again.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Most of a case is waiting for the product's own pauses, which are those of the real world.
const SIDE_BY_SIDE: usize = 24;

/// What happens in a case. It panics unless the fault struck and the end was as it should be.
type Body = Box<dyn Fn() + Send + Sync>;

/// One kill or fault, with its recovery.
pub struct Case {
    family: &'static str,
    name: String,
    /// Roughly; the long ones begin first.
    takes: Duration,
    body: Body,
}

impl Case {
    /// `takes` is in seconds.
    pub fn new(
        family: &'static str,
        told: &str,
        takes: u64,
        body: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            family,
            name: format!("{family}: {told}"),
            takes: Duration::from_secs(takes),
            body: Box::new(body),
        }
    }
}

impl Case {
    /// Tells whether the case holds: its fault struck, and its end was as it should be.
    ///
    /// # Errors
    /// What it found instead, with the line that runs it again.
    pub fn holds(&self) -> Result<(), String> {
        catch_unwind(AssertUnwindSafe(|| (self.body)())).map_err(|panic| told(self, &*panic))
    }
}

/// Runs every case, or the one that is asked for, and says how many of each family there were.
///
/// # Panics
/// When one fails, when two have the same name, or when a family became smaller.
#[expect(clippy::print_stdout, reason = "the counts are the report")]
pub fn run(mut cases: Vec<Case>, fewest: &[(&'static str, usize)]) {
    let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len(), "two cases have one name");
    let wanted = std::env::var("DEFIB_CASE").ok();
    if let Some(wanted) = &wanted {
        cases.retain(|case| case.name == *wanted);
        assert_eq!(cases.len(), 1, "there is no case “{wanted}”");
    }
    cases.sort_by_key(|case| std::cmp::Reverse(case.takes));
    let (held, failures) = all(&cases);
    let mut total = 0;
    for (family, fewest) in fewest {
        let held = held.get(family).copied().unwrap_or(0);
        println!("{family}: {held} cases (at least {fewest})");
        total += held;
    }
    println!("{total} kills and faults on the real process, each to the end that was asked for");
    assert!(
        failures.is_empty(),
        "{} of {} cases failed:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    for (family, fewest) in fewest {
        let held = held.get(family).copied().unwrap_or(0);
        let fewest = if wanted.is_some() { 0 } else { *fewest };
        assert!(held >= fewest, "{family}: only {held}, there were {fewest}");
    }
}

/// Runs the cases side by side; returns how many of each family held, and what the others said.
fn all(cases: &[Case]) -> (BTreeMap<&'static str, usize>, Vec<String>) {
    let next = AtomicUsize::new(0);
    let held = Mutex::new(BTreeMap::new());
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _worker in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match case.holds() {
                        Ok(()) => {
                            let mut held = held.lock().expect("nobody panics with it");
                            *held.entry(case.family).or_default() += 1;
                        }
                        Err(told) => failures.lock().expect("nobody panics with it").push(told),
                    }
                }
            });
        }
    });
    let poisoned = "nobody panics with it";
    (
        held.into_inner().expect(poisoned),
        failures.into_inner().expect(poisoned),
    )
}

fn told(case: &Case, panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    format!(
        "{}\n{}\n  again: DEFIB_CASE='{}' cargo test --test wire matrix\n",
        case.name,
        text.unwrap_or_default(),
        case.name
    )
}
