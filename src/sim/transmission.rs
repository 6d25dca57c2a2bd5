//! The moment of sending: faults, effect and record of one attempt.
//!
//! Everything about an attempt is decided here, under one lock, in the order in which it would happen:
//! somebody else's edits, what breaks before the effect, the effect, what breaks after it.

use std::time::Duration;

use super::SimulatedAws;
use super::call::{Call, CallRecord, action};
use super::ec2::regions;
use super::faults::{self, Fault, Target};
use super::hands::Hands;
use super::interceptor::Attempt;
use super::refusal::Refusal;
use super::registry::Fill;
use super::wire::{Delivery, Reply};
use super::world::World;

/// What an attempt came to.
struct Outcome {
    reply: Reply,
    fill: Option<Fill>,
    took_effect: bool,
}

impl Outcome {
    /// Nothing happened but the reply.
    fn without_effect(reply: Reply) -> Self {
        Self {
            reply,
            fill: None,
            took_effect: false,
        }
    }

    /// The effect stays, the answer is lost.
    fn lost(self, reply: Reply) -> Self {
        Self {
            reply,
            fill: None,
            took_effect: self.took_effect,
        }
    }
}

impl SimulatedAws {
    /// Sends one attempt and returns what comes back on the connection.
    pub(super) fn transmit(&self, attempt: Attempt) -> (Delivery, Option<Fill>) {
        let mutates = self.mutates(&attempt);
        let dry_run = attempt.is_dry_run();
        let (edits, fault) = self.inner.faults.strike(&Target {
            account: &attempt.place.account,
            region: &attempt.place.region,
            service: &attempt.service,
            operation: &attempt.operation,
            mutates,
            dry_run,
        });
        let mut world = self.world();
        world.lag = self.inner.faults.lag();
        for edit in edits {
            edit.make(&mut Hands::new(&mut world, attempt.place.clone()));
        }
        let request_id = world.new_request_id();
        let record = world.calls.len();
        let at = world.now();
        let outcome = settle(&mut world, &attempt, fault, record);
        let delivery = Delivery {
            service: attempt.service.clone(),
            request_id: request_id.clone(),
            after: Duration::try_from(world.delays.answer).unwrap_or_default(),
            reply: outcome.reply,
        };
        world.calls.push(CallRecord {
            at,
            account: attempt.place.account,
            region: attempt.place.region,
            service: attempt.service,
            operation: attempt.operation,
            request_id,
            dry_run,
            parameters: attempt.parameters,
            mutates,
            took_effect: outcome.took_effect && mutates,
            outcome: delivery.reply.summary(),
        });
        (delivery, outcome.fill)
    }

    /// An operation that nobody registered may do anything.
    fn mutates(&self, attempt: &Attempt) -> bool {
        let registry = &self.inner.registry;
        let operation = registry.find(&attempt.service, &attempt.operation);
        operation.is_none_or(|operation| operation.mutates)
    }
}

impl Attempt {
    fn is_dry_run(&self) -> bool {
        self.parameters
            .get("DryRun")
            .is_some_and(|value| value == "true")
    }

    /// Names the call as an IAM policy does.
    fn action(&self) -> String {
        action(&self.service, &self.operation)
    }
}

/// Lets the attempt meet its fault, if any.
fn settle(world: &mut World, attempt: &Attempt, fault: Option<Fault>, record: usize) -> Outcome {
    let service = attempt.service.as_str();
    let nothing = |reply| Outcome::without_effect(reply);
    let refused = |refusal| Outcome::without_effect(Reply::Refused(refusal));
    match fault {
        // Its name leads nowhere.
        None if !regions::is_one(&attempt.place.region) => nothing(Reply::NotConnected),
        None | Some(Fault::Edit(_)) => act(world, attempt, false),
        Some(Fault::Unauthorized) => act(world, attempt, true),
        Some(Fault::Throttled) => refused(faults::throttled(service)),
        Some(Fault::ServerErrorBeforeEffect) => refused(faults::unavailable(service)),
        Some(Fault::ExpiredCredentials) => refused(faults::expired(service)),
        Some(Fault::Refused(refusal)) => refused(refusal),
        Some(Fault::NotConnected) => nothing(Reply::NotConnected),
        Some(Fault::ResetBeforeEffect) => nothing(Reply::Reset),
        Some(Fault::TimeoutBeforeEffect) => nothing(Reply::TimedOut),
        Some(Fault::NeverAnswersBeforeEffect) => nothing(Reply::Never),
        Some(Fault::ServerErrorAfterEffect) => {
            let reply = Reply::Refused(faults::unavailable(service));
            act(world, attempt, false).lost(reply)
        }
        Some(Fault::ResetAfterEffect) => act(world, attempt, false).lost(Reply::Reset),
        Some(Fault::TimeoutAfterEffect) => act(world, attempt, false).lost(Reply::TimedOut),
        Some(Fault::NeverAnswersAfterEffect) => act(world, attempt, false).lost(Reply::Never),
        Some(Fault::UnreadableBody) => act(world, attempt, false).lost(Reply::Unreadable),
        Some(Fault::LateArrival(after)) => {
            postpone(world, attempt, after, record);
            nothing(Reply::Reset)
        }
    }
}

/// Lets the attempt take effect.
fn act(world: &mut World, attempt: &Attempt, denied: bool) -> Outcome {
    let Some(prepared) = &attempt.prepared else {
        return Outcome::without_effect(Reply::Unknown {
            service: attempt.service.clone(),
            operation: attempt.operation.clone(),
        });
    };
    let place = attempt.place.clone();
    let mut call = Call::new(world, place, attempt.action(), attempt.is_dry_run());
    call = call.denied_if(denied);
    match prepared.act(&mut call) {
        Ok(fill) => Outcome {
            reply: Reply::Answered {
                operation: attempt.operation.clone(),
            },
            fill: Some(fill),
            took_effect: call.changed(),
        },
        Err(refusal) => Outcome::without_effect(Reply::Refused(refusal)),
    }
}

/// Keeps the attempt on its way; its record learns of the effect when it arrives.
fn postpone(world: &mut World, attempt: &Attempt, after: Duration, record: usize) {
    let due = world.now().checked_add(after).unwrap_or(world.now());
    let attempt = Attempt {
        place: attempt.place.clone(),
        service: attempt.service.clone(),
        operation: attempt.operation.clone(),
        parameters: attempt.parameters.clone(),
        prepared: attempt.prepared.clone(),
    };
    world.arrive_at(due, move |world| {
        let outcome = act(world, &attempt, false);
        if let Some(record) = world.calls.get_mut(record) {
            record.took_effect = outcome.took_effect && record.mutates;
        }
    });
}

impl Reply {
    /// Says in one word what the caller saw.
    fn summary(&self) -> String {
        match self {
            Self::Answered { .. } => "OK".to_owned(),
            Self::Refused(Refusal { code, .. }) => code.clone(),
            Self::Unreadable => "unreadable body".to_owned(),
            Self::NotConnected => "connection refused".to_owned(),
            Self::Reset => "connection reset".to_owned(),
            Self::TimedOut => "timed out".to_owned(),
            Self::Never => "no answer".to_owned(),
            Self::Unknown { .. } => "not simulated".to_owned(),
        }
    }
}
