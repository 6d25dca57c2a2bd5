//! Many cases of one family, side by side: all of them run, and the failure names each that failed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use defib::clock::Clock;

/// How many cases run at once; each has a world of its own.
const AT_ONCE: usize = 2;

/// Runs every case, says how many there were, and fails if one failed or if they became fewer.
#[expect(clippy::print_stdout, reason = "the count is the report of the family")]
pub fn each<T: Sync>(family: &str, fewest: usize, cases: &[T], run: impl Fn(&T) + Sync) {
    let (next, began) = (AtomicUsize::new(0), Clock::real().now());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _worker in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(case))) {
                        failures.lock().unwrap().push(words(&*panic));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    let took = Clock::real().now().duration_since(began).as_secs();
    println!("{family}: {} cases, {took} s", cases.len());
    assert!(
        failures.is_empty(),
        "{family}: {} of {} cases failed:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    assert!(
        cases.len() >= fewest,
        "{family}: only {} cases, there were {fewest}",
        cases.len()
    );
}

/// What a panic said.
pub fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "a panic without words".to_owned())
}
