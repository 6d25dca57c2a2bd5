//! Reads both tables into their files, all segments side by side, each page written down before the next one is asked
//! for.
//!
//! What passes by itself is waited out; what does not ends the scan, and leaves everything that was read for the next.

use std::sync::Arc;

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

use super::aside::aside;
use super::files::Work;
use super::lane::{Lane, Next};
use super::pace::Pacer;
use super::progress::Progress;
use super::{Between, Failed, Side};
use crate::aws::connect::Clients;
use crate::domain::dynamodb::Table;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::item::{self, Item};
use crate::restore::observations::dynamodb_items::{self, Page, Segment, UNIT};
use crate::restore::pacing::Pacing;

/// How many times in a row a read may fail before it is given up: the waits between them add up to about 20 minutes.
const MOST_FAILURES: u32 = 10;
/// How long ago the last page may have been read that a scan goes on after. What is read then is compared with what
/// was read before, and what was written in between shows as a difference that neither table has: an hour is enough
/// for a connection or a session that was lost, and no longer than the scan of a large table takes by itself.
const OLDEST: SignedDuration = SignedDuration::from_hours(1);
/// The most bytes of a page (`Scan`, API reference).
const PAGE: f64 = 1_048_576.0;

/// Reads one table at its pace.
#[derive(Debug)]
pub struct Reader<'a> {
    /// Which one of the two it is.
    pub side: Side,
    /// The table.
    pub table: Table,
    clients: &'a Clients,
    pacer: Pacer,
    progress: &'a Progress,
    /// Items of a page; no more than a second's worth, if that is less than a page.
    pub limit: Option<i32>,
}

impl<'a> Reader<'a> {
    /// Reads a table, whose items have so many bytes on average, at so many units a second.
    #[must_use]
    pub fn new(
        side: Side,
        table: Table,
        average: Option<f64>,
        rate: f64,
        clients: &'a Clients,
        progress: &'a Progress,
    ) -> Self {
        let expected = (a_second(rate) / UNIT).max(1.0);
        Self {
            pacer: Pacer::new(rate, expected, clients.clock.clone()),
            limit: limit(average, rate),
            side,
            table,
            clients,
            progress,
        }
    }

    /// Returns the key of an item.
    #[must_use]
    pub fn key_of(&self, item: &Item) -> Item {
        let keys = self.table.keys.iter();
        let parts = keys.filter_map(|key| {
            let value = item.get(&key.attribute)?;
            Some((key.attribute.clone(), value.clone()))
        });
        parts.collect()
    }

    /// Reads the rest of a segment, and returns when all of it was read.
    async fn rest(
        &self,
        work: &Arc<Work>,
        mut lane: Lane,
        segment: Segment,
    ) -> Result<Option<Between>, Failed> {
        loop {
            let from = match &lane.next {
                Next::Begin => None,
                Next::After(key) => Some(key),
                Next::Nowhere => break,
            };
            let page = self.page(segment, from).await?;
            let mut rows = Vec::with_capacity(page.items.len());
            let mut bytes = 0;
            for item in &page.items {
                let key = self.key_of(item);
                if key.len() != self.table.keys.len() {
                    return Err(Failed::Keyless(self.table.name.clone()));
                }
                let encoded = item::encoded(item);
                bytes += encoded.len();
                rows.push((item::key_bytes(&key), item::digest_of(&encoded)));
            }
            let units = page.units.unwrap_or_else(|| units_of(bytes));
            self.progress.read(self.side, rows.len(), units);
            let (held, at) = (Arc::clone(work), self.clients.clock.now());
            let written = aside(move |_steps| {
                // Nobody else has the directory while a page is still being written.
                let _held = held;
                lane.append(&rows, page.next.as_ref(), units, at)?;
                Ok(lane)
            });
            lane = written.await.map_err(Failed::File)?;
        }
        self.progress.segment_is_over();
        Ok(lane.read)
    }

    async fn page(&self, segment: Segment, from: Option<&Item>) -> Result<Page, Failed> {
        let mut failures = 0;
        loop {
            let expected = self.pacer.turn().await;
            let page =
                dynamodb_items::page(self.clients, &self.table.name, segment, from, self.limit);
            match page.await {
                Ok(page) => {
                    let units = page.units.unwrap_or(expected);
                    self.pacer.took(expected, units);
                    return Ok(page);
                }
                Err(failure) => self.after(failure, &mut failures).await?,
            }
        }
    }

    /// Reads the items that have these keys.
    ///
    /// # Errors
    /// [`Failed`]
    pub async fn some(&self, keys: &[Item]) -> Result<Vec<Item>, Failed> {
        let mut items = Vec::new();
        let mut keys = keys.to_vec();
        let mut failures = 0;
        while !keys.is_empty() {
            let expected = self.pacer.turn().await;
            match dynamodb_items::some(self.clients, &self.table.name, &keys).await {
                Ok(found) => {
                    let units = found.units.unwrap_or(expected);
                    self.pacer.took(expected, units);
                    self.progress.looked_again(self.side, units);
                    if found.left.len() == keys.len() {
                        self.pacer.too_much();
                    }
                    items.extend(found.items);
                    keys = found.left;
                }
                Err(failure) => self.after(failure, &mut failures).await?,
            }
        }
        Ok(items)
    }

    /// Waits after a failure that passes.
    async fn after(&self, failure: Failure, failures: &mut u32) -> Result<(), Failed> {
        *failures += 1;
        if failure.class == FailureClass::NotFound {
            return Err(Failed::Vanished(self.table.name.clone()));
        }
        if !failure.class.passes() || *failures > MOST_FAILURES {
            return Err(Failed::Read(failure));
        }
        if failure.class == FailureClass::Throttled {
            self.pacer.too_much();
            self.progress.throttled();
        }
        let wait = Pacing::default().back_off(*failures);
        self.clients.clock.sleep(wait).await;
        Ok(())
    }
}

/// Reads what is still missing of both tables, and returns when all of them was read.
///
/// # Errors
/// [`Failed`], also where what is there was read too long ago; what was read stays.
pub async fn scan(
    readers: &[Reader<'_>; 2],
    work: &Arc<Work>,
    progress: &Progress,
    now: Timestamp,
) -> Result<Option<Between>, Failed> {
    let mut lanes = Vec::new();
    let mut earlier = None;
    for reader in readers {
        for number in 0..work.segments {
            let (held, side) = (Arc::clone(work), reader.side);
            let lane = aside(move |steps| Lane::open(&held.lane(side, number), steps));
            let lane = lane.await.map_err(Failed::File)?;
            progress.was_read(reader.side, lane.items, lane.units);
            earlier = Between::with(earlier, lane.read);
            let of = work.segments;
            lanes.push((reader, lane, Segment { number, of }));
        }
    }
    if let Some(Between { until, .. }) = earlier {
        let ago = now.duration_since(until);
        if ago > OLDEST {
            return Err(Failed::TooOld { until, ago });
        }
    }
    progress.begins();
    let all = lanes.into_iter();
    let read = all.map(|(reader, lane, segment)| reader.rest(work, lane, segment));
    let read = try_join_all(read).await?;
    Ok(read.into_iter().fold(None, Between::with))
}

fn units_of(bytes: usize) -> f64 {
    (f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / UNIT).ceil()
}

/// Bytes that are read in a second, but for what no page holds.
fn a_second(rate: f64) -> f64 {
    (rate * UNIT).min(PAGE)
}

/// How many items a page may have so that it takes no more than a second's worth; `None` where a whole page does not.
fn limit(average: Option<f64>, rate: f64) -> Option<i32> {
    let bytes = a_second(rate);
    if average.is_some() && bytes >= PAGE {
        return None;
    }
    // An item of which nothing is known takes a unit.
    Some(whole((bytes / average.unwrap_or(UNIT)).floor()))
}

/// Bytes of an item on average, if the table tells.
#[expect(
    clippy::cast_precision_loss,
    reason = "AWS counts both every six hours: they are no exacter than that"
)]
pub fn average(table: &Table) -> Option<f64> {
    let known = table.items > 0 && table.bytes > 0;
    known.then(|| (table.bytes as f64 / table.items as f64).max(1.0))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of a float goes to the nearest number that fits"
)]
fn whole(limit: f64) -> i32 {
    (limit as i32).max(1)
}
