//! How far a comparison has come, for whoever shows it while it goes on.
//! It is written by the comparison and read by others; nothing waits for it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::Side;

const ORDER: Ordering = Ordering::Relaxed;

/// How far it has come; it can be read at any time.
#[derive(Debug, Default)]
pub struct Progress {
    items: [AtomicU64; 2],
    /// In thousandths.
    units: [AtomicU64; 2],
    segments: AtomicU64,
    segments_over: AtomicU64,
    throttled: AtomicU64,
    expected: AtomicU64,
    was_read: AtomicU64,
    begun: AtomicBool,
    afresh: AtomicBool,
    compares: AtomicBool,
}

/// How far it had come at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reached {
    /// Items that were looked at, of the old table and the new one.
    pub items: [u64; 2],
    /// Read units that were taken, for the second look, too.
    pub units: [f64; 2],
    /// How many segments there are of both tables together.
    pub segments: u64,
    /// How many of them were read.
    pub segments_over: u64,
    /// How often a table said it was too much.
    pub throttled: u64,
    /// How much of both tables was read, in percent, by the number of items that they told; it is an estimate.
    pub percent: u64,
    /// How much of them an earlier command had read, in percent.
    pub began_at: u64,
    /// Whether it is known what an earlier command had read.
    pub begun: bool,
    /// How many items an earlier command had read.
    pub resumed: u64,
    /// Whether something was thrown away that an earlier command had read: it was of other tables, or of no use.
    pub afresh: bool,
    /// Whether everything was read.
    pub compares: bool,
}

fn place(side: Side) -> usize {
    match side {
        Side::Old => 0,
        Side::New => 1,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "units are a small number that is not below zero"
)]
fn thousandths(units: f64) -> u64 {
    (units * 1000.0).round() as u64
}

#[expect(clippy::cast_precision_loss, reason = "it is shown, not counted with")]
fn units(thousandths: u64) -> f64 {
    thousandths as f64 / 1000.0
}

impl Progress {
    /// How many items and segments are expected.
    pub(super) fn expects(&self, items: u64, segments: u32) {
        self.expected.store(items, ORDER);
        self.segments.store(u64::from(segments) * 2, ORDER);
    }

    pub(super) fn was_read(&self, side: Side, items: u64, units: f64) {
        self.was_read.fetch_add(items, ORDER);
        self.items[place(side)].fetch_add(items, ORDER);
        self.units[place(side)].fetch_add(thousandths(units), ORDER);
    }

    pub(super) fn begins(&self) {
        self.begun.store(true, ORDER);
    }

    pub(super) fn begins_afresh(&self) {
        self.afresh.store(true, ORDER);
    }

    pub(super) fn read(&self, side: Side, items: usize, units: f64) {
        let items = u64::try_from(items).unwrap_or_default();
        self.items[place(side)].fetch_add(items, ORDER);
        self.units[place(side)].fetch_add(thousandths(units), ORDER);
    }

    pub(super) fn looked_again(&self, side: Side, units: f64) {
        self.units[place(side)].fetch_add(thousandths(units), ORDER);
    }

    pub(super) fn segment_is_over(&self) {
        self.segments_over.fetch_add(1, ORDER);
    }

    pub(super) fn throttled(&self) {
        self.throttled.fetch_add(1, ORDER);
    }

    pub(super) fn compares(&self) {
        self.compares.store(true, ORDER);
    }

    /// Returns how far it has come.
    #[must_use]
    pub fn reached(&self) -> Reached {
        let items = [0, 1].map(|side: usize| self.items[side].load(ORDER));
        let expected = self.expected.load(ORDER).max(1);
        // The number of items that a table tells is hours old, so all of it is never said before it is so.
        let percent = |items: u64| (items * 100 / expected).min(99);
        let compares = self.compares.load(ORDER);
        Reached {
            items,
            units: [0, 1].map(|side: usize| units(self.units[side].load(ORDER))),
            segments: self.segments.load(ORDER),
            segments_over: self.segments_over.load(ORDER),
            throttled: self.throttled.load(ORDER),
            percent: if compares {
                100
            } else {
                percent(items[0] + items[1])
            },
            began_at: percent(self.was_read.load(ORDER)),
            begun: self.begun.load(ORDER),
            resumed: self.was_read.load(ORDER),
            afresh: self.afresh.load(ORDER),
            compares,
        }
    }
}
