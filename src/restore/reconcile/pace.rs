//! How many read units a second a table is asked for: fewer than it has, so that applications go on reading.
//!
//! Waits go by the clock that is handed in. What a read takes is known only afterwards, so a read waits for what the
//! one before it is expected to take, and the account is settled with what it took.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::domain::dynamodb::Table;

/// The share of a table's units that is taken if nobody says another.
const SHARE: f64 = 25.0;
/// What a table that is paid by request bears from its first day on (`DynamoDB` developer guide: 12,000 reads).
const ON_DEMAND: f64 = 12_000.0;
/// And what it bears of writes (`DynamoDB` developer guide: 4,000 writes).
const ON_DEMAND_WRITES: f64 = 4_000.0;
/// The slowest pace: a scan that stood still would never end.
const LEAST: f64 = 1.0;
/// How much slower it becomes at most where a table says it is too much.
const SLOWEST: f64 = 64.0;

/// What the operator asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// So many units a second of each table.
    Units(f64),
    /// This share of the units of each table, in percent.
    Percent(f64),
}

impl Default for Pace {
    fn default() -> Self {
        Self::Percent(SHARE)
    }
}

/// A text that says no pace.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a pace is units a second, or a share of the table's: 500, 25%")]
pub struct NoPace;

impl FromStr for Pace {
    type Err = NoPace;

    fn from_str(text: &str) -> Result<Self, NoPace> {
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
        if let Some(share) = text.strip_suffix('%') {
            let share = number(share).filter(|share| (0.1..=100.0).contains(share));
            return share.map(Self::Percent).ok_or(NoPace);
        }
        let units = number(text).filter(|units| *units >= LEAST);
        units.map(Self::Units).ok_or(NoPace)
    }
}

impl Pace {
    /// Returns the units a second that are asked of a table.
    #[must_use]
    pub fn of(self, table: &Table) -> f64 {
        let capacity = &table.capacity;
        self.of_units(if capacity.on_demand {
            capacity.max_read.map_or(ON_DEMAND, float)
        } else {
            float(capacity.read)
        })
    }

    /// Returns the write units a second that are asked of a table.
    #[must_use]
    pub fn of_writes(self, table: &Table) -> f64 {
        let capacity = &table.capacity;
        self.of_units(if capacity.on_demand {
            capacity.max_write.map_or(ON_DEMAND_WRITES, float)
        } else {
            float(capacity.write)
        })
    }

    fn of_units(self, bears: f64) -> f64 {
        match self {
            Self::Units(units) => units,
            Self::Percent(share) => (bears * share / 100.0).max(LEAST),
        }
    }
}

fn float(units: i64) -> f64 {
    f64::from(i32::try_from(units).unwrap_or(i32::MAX))
}

/// Keeps the pace of one table for all who read it.
#[derive(Debug)]
pub struct Pacer {
    clock: Clock,
    /// Units a second.
    rate: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When what was taken so far is paid for.
    free_at: Timestamp,
    /// How many times slower than asked for.
    slower: f64,
    /// What a read took last.
    expected: f64,
}

impl Pacer {
    /// Keeps a pace of so many units a second; `expected` is what the first read will take.
    #[must_use]
    pub fn new(rate: f64, expected: f64, clock: Clock) -> Self {
        let state = Mutex::new(State {
            free_at: clock.now(),
            slower: 1.0,
            expected,
        });
        Self { clock, rate, state }
    }

    /// Returns the units a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Waits until a read may be sent, and returns what it is expected to take.
    pub async fn turn(&self) -> f64 {
        let (wait, expected) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let now = self.clock.now();
            let at = state.free_at.max(now);
            state.free_at = later(at, state.expected * state.slower / self.rate);
            (at.duration_since(now), state.expected)
        };
        if let Ok(wait) = Duration::try_from(wait)
            && !wait.is_zero()
        {
            self.clock.sleep(wait).await;
        }
        expected
    }

    /// Settles a read that was expected to take so much and took another number of units.
    pub fn took(&self, expected: f64, units: f64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let more = (units - expected) * state.slower / self.rate;
        state.free_at = later(state.free_at, more);
        // The last page of a segment is a small one, and says nothing of the next segment's.
        state.expected = units.max(state.expected / 2.0).max(1.0);
        state.slower = (state.slower * 0.9).max(1.0);
    }

    /// Slows down: the table has said that it is too much.
    pub fn too_much(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.slower = (state.slower * 2.0).min(SLOWEST);
    }
}

fn later(at: Timestamp, seconds: f64) -> Timestamp {
    let by = SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::ZERO);
    at.checked_add(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_units_or_a_share() {
        assert_eq!("500".parse(), Ok(Pace::Units(500.0)));
        assert_eq!("12.5%".parse(), Ok(Pace::Percent(12.5)));
        for wrong in [
            "", "%", "0", "0%", "101%", "-5", "fast", "NaN", "inf", "1e999",
        ] {
            assert_eq!(wrong.parse::<Pace>(), Err(NoPace), "{wrong}");
        }
    }

    fn clock() -> Clock {
        Clock::simulated("2026-03-10T14:00:00Z".parse().unwrap(), 1.0)
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_is_taken_than_the_rate_allows_whatever_was_expected() {
        let clock = clock();
        let began = clock.now();
        let pacer = Pacer::new(100.0, 1.0, clock.clone());
        let mut taken = 0.0;
        for units in [256.0, 3.0, 128.0, 0.5, 256.0, 90.0, 256.0, 1.0] {
            let expected = pacer.turn().await;
            let passed = clock.now().duration_since(began).as_secs_f64();
            assert!(taken <= passed * 100.0 + 256.0, "{taken} after {passed} s");
            pacer.took(expected, units);
            taken += units;
        }
        pacer.turn().await;
        let passed = clock.now().duration_since(began).as_secs_f64();
        assert!(taken <= passed * 100.0 + 1.0, "{taken} after {passed} s");
        assert!(
            passed < taken / 100.0 + 6.0,
            "and it does not stand still: {passed} s"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_read_at_once_share_the_rate() {
        let clock = clock();
        let began = clock.now();
        let pacer = Pacer::new(100.0, 50.0, clock.clone());
        let one = || async {
            let expected = pacer.turn().await;
            pacer.took(expected, 50.0);
        };
        futures_util::future::join_all((0..9).map(|_| one())).await;
        let passed = clock.now().duration_since(began).as_secs_f64();
        assert!((3.9..4.1).contains(&passed), "{passed} s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_table_that_says_it_is_too_much_is_left_more_time() {
        let clock = clock();
        let pacer = Pacer::new(100.0, 100.0, clock.clone());
        pacer.too_much();
        pacer.too_much();
        let began = clock.now();
        pacer.turn().await;
        pacer.turn().await;
        let passed = clock.now().duration_since(began).as_secs_f64();
        assert!(
            (3.9..4.1).contains(&passed),
            "four times as long: {passed} s"
        );
    }
}
