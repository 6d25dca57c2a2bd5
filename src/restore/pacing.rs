//! How often to look, how long to wait, and when waiting has become unusual.
//!
//! All durations are in the run's own clock. While the service is down every second counts; else the
//! account's request budget does (EC2 API throttling: describe calls refill at 20 a second).

use std::time::Duration;

/// Pauses and deadlines of a run.
#[derive(Clone, Debug)]
pub struct Pacing {
    /// Between two looks at the journal for commands.
    pub commands: Duration,
    /// Between two looks at a step at least; [`Pacing::poll`] waits longer where the step does.
    pub least_poll: Duration,
    /// Between two tries to renew expired credentials.
    pub credentials: Duration,
    /// How long a runner waits at a gate before it lets go of the run.
    pub patience: Duration,
    /// For how long after an accepted request a missing result may be a lagging read.
    pub lag: Duration,
    /// For how long a request without an answer may still take effect.
    pub settle: Duration,
    /// Within which a create without a token must be missed before a person may decide.
    pub misses: Duration,
    /// Shortest time before a step counts as overdue.
    pub overdue: Duration,
}

impl Default for Pacing {
    fn default() -> Self {
        Self {
            commands: Duration::from_millis(250),
            least_poll: Duration::from_secs(1),
            credentials: Duration::from_secs(10),
            patience: Duration::from_mins(15),
            lag: Duration::from_secs(90),
            settle: Duration::from_mins(1),
            misses: Duration::from_mins(2),
            overdue: Duration::from_mins(10),
        }
    }
}

/// Largest wait between two tries of a call.
const LONGEST_BACK_OFF: Duration = Duration::from_mins(5);

impl Pacing {
    /// Returns the wait before the next look at a step that has been watched for `watched`.
    #[must_use]
    pub fn poll(&self, watched: Duration) -> Duration {
        let usual = match watched.as_secs() {
            0..=59 => Duration::from_secs(1),
            60..=299 => Duration::from_secs(2),
            300..=1799 => Duration::from_secs(5),
            _long => Duration::from_secs(15),
        };
        usual.max(self.least_poll)
    }

    /// Returns the wait after the `failures`-th failure in a row: 2 s, 4 s … 5 min.
    #[must_use]
    pub fn back_off(&self, failures: u32) -> Duration {
        let seconds = 2_u64.saturating_pow(failures.clamp(1, 16));
        Duration::from_secs(seconds).min(LONGEST_BACK_OFF)
    }

    /// Returns after how long a step that usually takes `expected` counts as overdue.
    #[must_use]
    pub fn overdue(&self, expected: Duration) -> Duration {
        self.overdue.max(expected.saturating_mul(5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_grows_from_two_seconds_to_five_minutes() {
        let pacing = Pacing::default();
        assert_eq!(pacing.back_off(1), Duration::from_secs(2));
        assert_eq!(pacing.back_off(3), Duration::from_secs(8));
        assert_eq!(pacing.back_off(400), Duration::from_mins(5));
    }

    #[test]
    fn looks_become_rarer_as_waiting_goes_on() {
        let pacing = Pacing::default();
        let looks = [0, 30, 90, 600, 7200].map(|s| pacing.poll(Duration::from_secs(s)));
        assert!(looks.is_sorted(), "{looks:?}");
    }
}
