//! A family of cases: each is run, counted, named, and replayed by its name.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::variants::{VARIANTS, Variant};
use crate::cases::each;

/// One case of a family.
pub struct Case<T> {
    /// Its name, unique among all.
    pub name: String,
    /// The variant.
    pub variant: &'static Variant,
    /// What happens to it.
    pub what: T,
}

/// Collects the cases of a family over variants.
pub struct Family<T> {
    name: &'static str,
    cases: Vec<Case<T>>,
}

impl<T: Sync> Family<T> {
    /// Opens a family.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            cases: Vec::new(),
        }
    }

    /// Adds a case.
    pub fn add(&mut self, variant: &'static Variant, told: impl Display, what: T) {
        let name = format!("{}: {}; {told}", self.name, variant.name);
        self.cases.push(Case {
            name,
            variant,
            what,
        });
    }

    /// Runs every case, or the one or the share of them that is asked for. Fails if one fails, if two have the same name, or
    /// if they became fewer.
    #[expect(
        clippy::print_stdout,
        reason = "the counts are the report of the family"
    )]
    pub fn run(mut self, run: impl Fn(&Case<T>) + Sync) {
        let names: std::collections::BTreeSet<_> =
            self.cases.iter().map(|case| &case.name).collect();
        assert_eq!(
            names.len(),
            self.cases.len(),
            "{}: two cases have one name",
            self.name
        );
        let known = super::FEWEST.iter().find(|(name, _)| *name == self.name);
        let mut fewest = known.expect("a family of the table").1;
        if let Ok(wanted) = std::env::var("DEFIB_CASE") {
            let ours = wanted.starts_with(&format!("{}: ", self.name));
            self.cases.retain(|case| case.name == wanted);
            assert_eq!(ours, !self.cases.is_empty(), "there is no case “{wanted}”");
            fewest = 0;
        } else if let Ok(every) = std::env::var("DEFIB_EVERY") {
            let every: usize = every.parse().expect("DEFIB_EVERY is a number");
            self.cases = self.cases.into_iter().step_by(every).collect();
            fewest /= every;
        } else {
            self.cases = thinned(self.cases);
        }
        println!("{}: {}", self.name, by_flow(&self.cases));
        each(self.name, fewest, &self.cases, |case| {
            let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(case)));
            if let Err(panic) = ran {
                let words = crate::cases::words(&*panic);
                let quoted = case.name.replace('\'', r"'\''");
                panic!("{words}\n  again: DEFIB_CASE='{quoted}' cargo test --test faults matrix");
            }
        });
    }
}

/// A run with more boundaries than this is a long one.
const LONG: u64 = 90;
/// How many cases of one flow's long runs a family has: evenly spread over all there are, which `DEFIB_EVERY=1` runs.
const MOST_LONG: usize = 60;

/// Leaves out most cases of long runs: they cost most, and each point of them is met by other families.
fn thinned<T>(cases: Vec<Case<T>>) -> Vec<Case<T>> {
    let is_long = |case: &Case<T>| case.variant.clean.boundaries > LONG;
    let mut all = BTreeMap::<&str, usize>::new();
    for case in cases.iter().filter(|case| is_long(case)) {
        *all.entry(case.variant.flow.name()).or_default() += 1;
    }
    let mut seen = BTreeMap::<&str, usize>::new();
    let stays = |case: &Case<T>| {
        let flow = case.variant.flow.name();
        let (at, all) = (seen.entry(flow).or_default(), all.get(flow).copied());
        let Some(all) = all.filter(|all| is_long(case) && *all > MOST_LONG) else {
            return true;
        };
        *at += 1;
        // The n-th stays where the count of those that stay goes up.
        *at * MOST_LONG / all > (*at - 1) * MOST_LONG / all
    };
    let mut stays = stays;
    cases.into_iter().filter(|case| stays(case)).collect()
}

/// How many cases there are of each flow.
fn by_flow<T>(cases: &[Case<T>]) -> String {
    let mut counts = BTreeMap::<&str, usize>::new();
    for case in cases {
        *counts.entry(case.variant.flow.name()).or_default() += 1;
    }
    let each = counts.iter().map(|(flow, count)| format!("{flow} {count}"));
    each.collect::<Vec<_>>().join(", ")
}

/// The variants that stand for their flow where every variant would be more of the same: the first
/// `most` of each.
pub fn some(most: usize) -> impl Iterator<Item = &'static Variant> {
    let mut seen = std::collections::BTreeMap::<&str, usize>::new();
    VARIANTS.iter().filter(move |variant| {
        let count = seen.entry(variant.flow.name()).or_default();
        *count += 1;
        *count <= most
    })
}
