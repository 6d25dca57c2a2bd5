//! A family of cases: each is run, counted, named, and replayed by its name.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write;

use super::damage::drawn;
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
        let fewest = known.expect("a family of the table").1;
        let there = self.cases.len();
        assert!(
            there >= fewest,
            "{}: only {there} cases, there were {fewest}",
            self.name
        );
        let seed = std::env::var("DEFIB_SEED").map_or(0, |seed| {
            let seed = seed.parse();
            seed.expect("DEFIB_SEED is a number")
        });
        if let Ok(wanted) = std::env::var("DEFIB_CASE") {
            let ours = wanted.starts_with(&format!("{}: ", self.name));
            self.cases.retain(|case| case.name == wanted);
            assert_eq!(ours, !self.cases.is_empty(), "there is no case “{wanted}”");
        } else if let Ok(every) = std::env::var("DEFIB_EVERY") {
            let every: usize = every.parse().expect("DEFIB_EVERY is a number");
            self.cases = self.cases.into_iter().step_by(every).collect();
        } else {
            self.cases = thinned(self.cases, seed);
        }
        let (name, flows) = (self.name, by_flow(&self.cases));
        // Past the test harness, which keeps to itself what a test that passes prints.
        let mut out = std::io::stdout();
        let ran = self.cases.len();
        writeln!(out, "{name}: {ran} of {there} cases, seed {seed}: {flows}").unwrap();
        each(self.name, 0, &self.cases, |case| {
            let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(case)));
            if let Err(panic) = ran {
                let words = crate::cases::words(&*panic);
                let quoted = case.name.replace('\'', r"'\''");
                panic!("{words}\n  again: DEFIB_CASE='{quoted}' cargo test --test faults matrix");
            }
        });
    }
}

/// How many cases of its first flow a family runs, and of each other one, which share its engine: spread over all there
/// are. `DEFIB_EVERY=1` runs all of them.
pub const MOST: [usize; 2] = [140, 24];

/// Leaves out cases where there are many. Of as many neighbours as there are for each that stays, which one stays is drawn
/// by lot, the same each time: a fixed step would always meet the same end of those that take turns.
fn thinned<T>(cases: Vec<Case<T>>, seed: u64) -> Vec<Case<T>> {
    let mut all = BTreeMap::<&str, usize>::new();
    for case in &cases {
        *all.entry(case.variant.flow.name()).or_default() += 1;
    }
    let mut seen = BTreeMap::<&str, usize>::new();
    let mut stays = |case: &Case<T>| {
        let flow = case.variant.flow.name();
        let most = MOST[usize::from(flow != VARIANTS[0].flow.name())];
        let (at, all) = (seen.entry(flow).or_default(), all[flow]);
        let place = *at;
        *at += 1;
        // Neighbours are those that share a share of the whole.
        let share = place * most / all;
        let (first, end) = (
            (share * all).div_ceil(most),
            ((share + 1) * all).div_ceil(most),
        );
        let lot = drawn(seed.wrapping_add(share as u64)) % (end - first) as u64;
        all <= most || (place - first) as u64 == lot
    };
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

/// Every variant, and which of its flow it is.
pub fn placed() -> impl Iterator<Item = (usize, &'static Variant)> {
    let mut seen = BTreeMap::<&str, usize>::new();
    VARIANTS.iter().map(move |variant| {
        let count = seen.entry(variant.flow.name()).or_default();
        *count += 1;
        (*count - 1, variant)
    })
}

/// The variants that stand for their flow where every variant would be more of the same: the first
/// `most` of each.
pub fn some(most: usize) -> impl Iterator<Item = &'static Variant> {
    placed().filter_map(move |(at, variant)| (at < most).then_some(variant))
}
