//! How fast a service is asked, where its own limit is low enough to be met by a listing.
//! Knows no service: each source says what its calls bear.

use std::time::Duration;

use crate::clock::Clock;

/// Keeps calls apart.
#[derive(Debug)]
pub(super) struct Pace {
    apart: Duration,
    begun: bool,
}

impl Pace {
    /// Keeps calls at least `apart`, which a service counts in its own time, simulated or not.
    pub fn new(apart: Duration) -> Self {
        Self {
            apart,
            begun: false,
        }
    }

    /// Waits until the next call may be made; the first may be made at once.
    pub async fn next(&mut self) {
        if self.begun {
            Clock::real().sleep(self.apart).await;
        }
        self.begun = true;
    }
}
