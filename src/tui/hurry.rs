//! Whether keys come faster than anybody reads, as from one that is held down: what stands beside a list is then
//! drawn once they rest, and each key writes little more than the two lines that it changes.

use jiff::{SignedDuration, Timestamp};

/// A key that comes so soon after the answer to another one is one of many.
const SOON: SignedDuration = SignedDuration::from_millis(50);

/// How keys come. Instants are the machine's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hurry {
    is_on: bool,
    /// When the last key was answered by a frame.
    answered: Option<Timestamp>,
    /// Whether a key was pressed since the last frame.
    waits: bool,
}

impl Hurry {
    /// Tells whether keys come faster than anybody reads.
    #[must_use]
    pub fn is_on(self) -> bool {
        self.is_on
    }

    fn is_soon(self, now: Timestamp) -> bool {
        let since = self.answered.map(|answered| now.duration_since(answered));
        since.is_some_and(|since| since.abs() < SOON)
    }

    /// Takes in a key.
    pub fn key(&mut self, now: Timestamp) {
        self.is_on = self.is_soon(now);
        self.waits = true;
    }

    /// Takes in that something else has happened.
    pub fn other(&mut self, now: Timestamp) {
        self.is_on &= self.is_soon(now);
    }

    /// Takes in that no key has come for a while.
    pub fn rest(&mut self) {
        self.is_on = false;
    }

    /// Takes in that a frame was drawn.
    pub fn drawn(&mut self, now: Timestamp) {
        if std::mem::take(&mut self.waits) {
            self.answered = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    #[test]
    fn a_key_that_is_held_down_hurries_from_its_second_time_on_until_it_rests() {
        let mut hurry = Hurry::default();
        for (n, wanted) in [(0, false), (33, true), (66, true)] {
            hurry.key(at(n));
            assert_eq!(hurry.is_on(), wanted, "{n}");
            hurry.drawn(at(n + 1));
        }
        hurry.other(at(70));
        assert!(hurry.is_on());
        hurry.other(at(120));
        assert!(!hurry.is_on(), "messages are drawn as well");
        hurry.key(at(130));
        assert!(!hurry.is_on());
        hurry.drawn(at(131));
        hurry.key(at(140));
        hurry.rest();
        assert!(!hurry.is_on());
    }

    #[test]
    fn keys_that_share_a_frame_do_not_hurry_and_frames_without_a_key_do_not_count() {
        let mut hurry = Hurry::default();
        for n in 0..5 {
            hurry.key(at(n));
            assert!(!hurry.is_on());
        }
        hurry.drawn(at(10));
        hurry.drawn(at(500));
        hurry.key(at(510));
        assert!(!hurry.is_on());
    }
}
