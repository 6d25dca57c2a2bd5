//! Real or simulated time, behind one type.
//!
//! This is the only file that reads a clock. Everything else is handed a [`Clock`], so that a day of
//! simulated waiting takes a moment and the same run can be replayed. The tick underneath is tokio's,
//! which tests pause.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A source of the present instant and of waiting. Cheap to clone; clones share one time.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
enum Inner {
    Real,
    Simulated {
        origin: Timestamp,
        started: tokio::time::Instant,
        speed: f64,
        skew_ms: AtomicI64,
    },
}

impl Clock {
    /// Returns the machine's own clock.
    #[must_use]
    pub fn real() -> Self {
        Self {
            inner: Arc::new(Inner::Real),
        }
    }

    /// Returns a clock that reads `origin` now and runs `speed` times as fast as tokio's clock.
    ///
    /// A speed that is not a positive finite number counts as 1.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads a clock"
    )]
    pub fn simulated(origin: Timestamp, speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 {
            speed
        } else {
            1.0
        };
        Self {
            inner: Arc::new(Inner::Simulated {
                origin,
                started: tokio::time::Instant::now(),
                speed,
                skew_ms: AtomicI64::new(0),
            }),
        }
    }

    /// Returns the present instant.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads a clock"
    )]
    pub fn now(&self) -> Timestamp {
        match &*self.inner {
            Inner::Real => Timestamp::now(),
            Inner::Simulated {
                origin,
                started,
                speed,
                skew_ms,
            } => {
                let passed = started.elapsed().mul_f64(*speed);
                let skew = SignedDuration::from_millis(skew_ms.load(Ordering::Relaxed));
                let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
                origin
                    .checked_add(passed)
                    .and_then(|at| at.checked_add(skew))
                    .unwrap_or(Timestamp::MAX)
            }
        }
    }

    /// Waits for `duration` of this clock's own time.
    #[expect(clippy::disallowed_methods, reason = "the one place that waits")]
    pub async fn sleep(&self, duration: Duration) {
        let duration = match &*self.inner {
            Inner::Real => duration,
            Inner::Simulated { speed, .. } => duration.div_f64(*speed),
        };
        tokio::time::sleep(duration).await;
    }

    /// Moves a simulated clock by `by` (backwards too); a real clock is left alone.
    pub fn jump(&self, by: SignedDuration) {
        if let Inner::Simulated { skew_ms, .. } = &*self.inner {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            skew_ms.fetch_add(by, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_simulated_clock_runs_at_its_speed() {
        let origin: Timestamp = "2026-03-01T02:00:00Z".parse().unwrap();
        let clock = Clock::simulated(origin, 20.0);
        clock.sleep(Duration::from_mins(1)).await;
        let passed = clock.now().duration_since(origin);
        assert!((passed.as_secs_f64() - 60.0).abs() < 0.1, "{passed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_jump_moves_only_the_simulated_clock() {
        let origin: Timestamp = "2026-03-01T02:00:00Z".parse().unwrap();
        let clock = Clock::simulated(origin, 1.0);
        clock.jump(SignedDuration::from_hours(-1));
        assert_eq!(clock.now(), "2026-03-01T01:00:00Z".parse().unwrap());
    }
}
