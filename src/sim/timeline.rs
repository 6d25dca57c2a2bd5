//! A state and the instants at which it turns.
//!
//! The simulated world has no background tasks: a call writes down what will become of a resource and
//! when, and a reader asks what is true at its own instant. The same record, read whole, is the exact
//! history of the resource, whether or not anybody looked in between.

use jiff::{SignedDuration, Timestamp};

/// Returns the instant `length` after `at`; time ends at the end of time.
pub fn after(at: Timestamp, length: SignedDuration) -> Timestamp {
    at.checked_add(length).unwrap_or(Timestamp::MAX)
}

/// The states of one thing, past and to come.
#[derive(Clone, Debug)]
pub struct Timeline<S> {
    first: (Timestamp, S),
    later: Vec<(Timestamp, S)>,
}

impl<S> Timeline<S> {
    /// Starts a timeline that holds `state` from `at` on.
    pub fn new(at: Timestamp, state: S) -> Self {
        Self {
            first: (at, state),
            later: Vec::new(),
        }
    }

    /// Returns the state at `now`; before the first turn, the first state.
    pub fn at(&self, now: Timestamp) -> &S {
        &self.turn_before(now).1
    }

    /// Returns the instant at which the state of `now` began.
    pub fn since(&self, now: Timestamp) -> Timestamp {
        self.turn_before(now).0
    }

    /// Turns to `state` at `at`, and forgets what was to come from then on.
    pub fn turn(&mut self, at: Timestamp, state: S) {
        self.later.retain(|(turn, _)| *turn < at);
        self.later.push((at, state));
    }

    /// Adds the turn that follows everything known so far.
    pub fn then(&mut self, at: Timestamp, state: S) {
        let last = self.last().0;
        self.later.push((at.max(last), state));
    }

    /// Returns the turn that will be the last one if nobody interferes.
    pub fn last(&self) -> &(Timestamp, S) {
        self.later.last().unwrap_or(&self.first)
    }

    /// Lists the turns that have happened by `now`, oldest first.
    pub fn until(&self, now: Timestamp) -> impl Iterator<Item = &(Timestamp, S)> {
        std::iter::once(&self.first).chain(self.later.iter().filter(move |(at, _)| *at <= now))
    }

    fn turn_before(&self, now: Timestamp) -> &(Timestamp, S) {
        let passed = self.later.iter().rev().find(|(at, _)| *at <= now);
        passed.unwrap_or(&self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: i64) -> Timestamp {
        Timestamp::from_second(n).unwrap()
    }

    #[test]
    fn a_state_holds_until_the_next_turn() {
        let mut states = Timeline::new(second(0), "creating");
        states.then(second(14), "available");
        assert_eq!(*states.at(second(13)), "creating");
        assert_eq!(*states.at(second(14)), "available");
        assert_eq!(states.since(second(20)), second(14));
    }

    #[test]
    fn a_turn_forgets_what_was_to_come() {
        let mut states = Timeline::new(second(0), "detaching");
        states.then(second(6), "detached");
        states.turn(second(3), "busy");
        assert_eq!(*states.at(second(60)), "busy");
        assert_eq!(states.until(second(60)).count(), 2);
    }
}
