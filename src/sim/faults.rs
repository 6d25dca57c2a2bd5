//! What can go wrong between a client and AWS, on demand.
//!
//! A fault is aimed [`On`] calls (of an account, of an operation, from the n-th on, so many times) and
//! can be set while calls are under way. Each rule counts how often it fired, so that a test can tell a
//! fault that was survived from one that never happened.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::hands::Hands;
use super::refusal::Refusal;
use super::visibility::Visibility;
use super::wire::speaks_json;

/// One thing that goes wrong with an attempt.
#[derive(Clone, Debug)]
pub enum Fault {
    /// `RequestLimitExceeded` (EC2, 503), `ThrottlingException` and the like; no effect.
    Throttled,
    /// HTTP 503, no effect.
    ServerErrorBeforeEffect,
    /// HTTP 503 although the call took effect.
    ServerErrorAfterEffect,
    /// No connection was made; certainly no effect.
    NotConnected,
    /// The connection is reset, and the call had no effect.
    ResetBeforeEffect,
    /// The connection is reset although the call took effect.
    ResetAfterEffect,
    /// The connection times out, and the call had no effect.
    TimeoutBeforeEffect,
    /// The connection times out although the call took effect.
    TimeoutAfterEffect,
    /// Nothing ever comes back, so that the client's own time-out ends it; no effect.
    NeverAnswersBeforeEffect,
    /// Nothing ever comes back although the call took effect.
    NeverAnswersAfterEffect,
    /// The call took effect and the response cannot be parsed.
    UnreadableBody,
    /// `RequestExpired` (EC2), `ExpiredToken` or `ExpiredTokenException`; no effect.
    ExpiredCredentials,
    /// `UnauthorizedOperation` or `AccessDeniedException`; no effect.
    Unauthorized,
    /// Any error answer; no effect.
    Refused(Refusal),
    /// The connection is reset, and the call takes effect this much later.
    LateArrival(Duration),
    /// Somebody else changes something just before the call arrives; the call itself goes on.
    Edit(Edit),
}

impl Fault {
    /// `InsufficientInstanceCapacity`, as EC2 answers `StartInstances` (HTTP 500).
    #[must_use]
    pub fn insufficient_capacity() -> Self {
        Self::Refused(Refusal::new(
            500,
            "InsufficientInstanceCapacity",
            "Insufficient capacity.",
        ))
    }

    /// A change by somebody else. It is made inside the world: it must not ask the simulated AWS anything.
    pub fn edit(change: impl Fn(&mut Hands<'_>) + Send + Sync + 'static) -> Self {
        Self::Edit(Edit(Arc::new(change)))
    }
}

/// A change that somebody else makes.
#[derive(Clone)]
pub struct Edit(Arc<dyn Fn(&mut Hands<'_>) + Send + Sync>);

impl Edit {
    pub(super) fn make(&self, hands: &mut Hands<'_>) {
        (self.0)(hands);
    }
}

impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Edit")
    }
}

/// The calls that a fault is aimed at. Rehearsals (`DryRun`) are left out unless asked for.
#[derive(Clone, Debug)]
pub struct On {
    account: Option<String>,
    region: Option<String>,
    service: Option<String>,
    operation: Option<String>,
    only_mutations: bool,
    dry_runs: bool,
    skip: u32,
    times: Option<u32>,
}

impl On {
    /// Aims at every call, once.
    #[must_use]
    pub fn any() -> Self {
        Self {
            account: None,
            region: None,
            service: None,
            operation: None,
            only_mutations: false,
            dry_runs: false,
            skip: 0,
            times: Some(1),
        }
    }

    /// Aims at the next call of an operation.
    #[must_use]
    pub fn operation(name: &str) -> Self {
        Self {
            operation: Some(name.to_owned()),
            ..Self::any()
        }
    }

    /// Aims at the next call that can change something.
    #[must_use]
    pub fn mutations() -> Self {
        Self {
            only_mutations: true,
            ..Self::any()
        }
    }

    /// Narrows to an account.
    #[must_use]
    pub fn account(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }

    /// Narrows to a region.
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    /// Narrows to a service, named as the SDK does: `EC2`, `DynamoDB`, `KMS`, `Auto Scaling`, `RDS`, `STS`,
    /// `Application Auto Scaling`, `CloudWatch`, `SSM`, `Lambda`, `IAM`.
    #[must_use]
    pub fn service(mut self, service: &str) -> Self {
        self.service = Some(service.to_owned());
        self
    }

    /// Starts at the n-th matching call, counted from 1.
    #[must_use]
    pub fn nth(mut self, n: u32) -> Self {
        self.skip = n.saturating_sub(1);
        self
    }

    /// Fires so many times in a row.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Fires for ever.
    #[must_use]
    pub fn for_ever(mut self) -> Self {
        self.times = None;
        self
    }

    /// Counts rehearsals (`DryRun`) too.
    #[must_use]
    pub fn dry_runs_too(mut self) -> Self {
        self.dry_runs = true;
        self
    }

    fn matches(&self, target: &Target<'_>) -> bool {
        let fits = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|w| w == is);
        fits(&self.account, target.account)
            && fits(&self.region, target.region)
            && fits(&self.service, target.service)
            && fits(&self.operation, target.operation)
            && (!self.only_mutations || target.mutates)
            && (self.dry_runs || !target.dry_run)
    }
}

/// A call as the rules see it.
pub(super) struct Target<'a> {
    pub account: &'a str,
    pub region: &'a str,
    pub service: &'a str,
    pub operation: &'a str,
    pub mutates: bool,
    pub dry_run: bool,
}

/// Names a rule, to ask whether it fired or to take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultId(u64);

/// How late new volumes, snapshots and tables become visible to reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// So many reads by id answer `NotFound`.
    pub unknown_reads: u32,
    /// So many listings leave it out.
    pub unlisted_reads: u32,
    /// Listings leave it out for so long.
    pub unlisted_for: Duration,
}

impl Lag {
    pub(super) fn of_a_creation(&self, now: Timestamp) -> Visibility {
        Visibility {
            unknown_reads: AtomicU32::new(self.unknown_reads),
            unlisted_reads: AtomicU32::new(self.unlisted_reads),
            unlisted_until: now.checked_add(self.unlisted_for).ok(),
        }
    }
}

/// The faults of a simulated AWS. Clones share the same rules.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    rules: Arc<Mutex<Rules>>,
}

#[derive(Debug, Default)]
struct Rules {
    added: u64,
    by_id: BTreeMap<FaultId, Rule>,
    lag: Lag,
}

#[derive(Debug)]
struct Rule {
    on: On,
    fault: Fault,
    matched: u32,
    fired: u32,
}

impl Faults {
    /// Adds a fault; of several that meet, the one added first strikes.
    #[expect(
        clippy::must_use_candidate,
        reason = "it acts even if nobody asks later"
    )]
    pub fn inject(&self, on: On, fault: Fault) -> FaultId {
        let mut rules = self.lock();
        rules.added += 1;
        let id = FaultId(rules.added);
        let rule = Rule {
            on,
            fault,
            matched: 0,
            fired: 0,
        };
        rules.by_id.insert(id, rule);
        id
    }

    /// Takes a fault back and returns how often it fired.
    #[expect(clippy::must_use_candidate, reason = "it acts even if nobody counts")]
    pub fn lift(&self, id: FaultId) -> u32 {
        let rule = self.lock().by_id.remove(&id);
        rule.map_or(0, |rule| rule.fired)
    }

    /// Takes every fault back.
    pub fn lift_all(&self) {
        let mut rules = self.lock();
        rules.by_id.clear();
        rules.lag = Lag::default();
    }

    /// Returns how often a fault has fired so far.
    #[must_use]
    pub fn fired(&self, id: FaultId) -> u32 {
        self.lock().by_id.get(&id).map_or(0, |rule| rule.fired)
    }

    /// Sets how late the volumes, snapshots and tables created from now on become visible.
    pub fn set_lag(&self, lag: Lag) {
        self.lock().lag = lag;
    }

    pub(super) fn lag(&self) -> Lag {
        self.lock().lag.clone()
    }

    /// Returns the edits that come first and the fault that strikes the call, and counts them.
    pub(super) fn strike(&self, target: &Target<'_>) -> (Vec<Edit>, Option<Fault>) {
        let mut edits = Vec::new();
        let mut struck = None;
        for rule in self.lock().by_id.values_mut() {
            if !rule.on.matches(target) {
                continue;
            }
            rule.matched += 1;
            if rule.matched <= rule.on.skip || rule.on.times.is_some_and(|n| rule.fired >= n) {
                continue;
            }
            if let Fault::Edit(edit) = &rule.fault {
                rule.fired += 1;
                edits.push(edit.clone());
            } else if struck.is_none() {
                rule.fired += 1;
                struck = Some(rule.fault.clone());
            }
        }
        (edits, struck)
    }

    fn lock(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The throttling answer of a service.
pub(super) fn throttled(service: &str) -> Refusal {
    match service {
        "EC2" => Refusal::new(503, "RequestLimitExceeded", "Request limit exceeded."),
        "Lambda" => Refusal::new(429, "TooManyRequestsException", "Rate exceeded"),
        json if speaks_json(json) => Refusal::client("ThrottlingException", "Rate exceeded"),
        _ => Refusal::client("Throttling", "Rate exceeded"),
    }
}

/// The answer of a service that is in trouble.
pub(super) fn unavailable(service: &str) -> Refusal {
    let code = if service == "EC2" {
        "Unavailable"
    } else {
        "ServiceUnavailable"
    };
    Refusal::new(
        503,
        code,
        "The service is unavailable. Please try again shortly.",
    )
}

/// The answer to a session that is over.
pub(super) fn expired(service: &str) -> Refusal {
    match service {
        "EC2" => Refusal::client("RequestExpired", "Request has expired."),
        json if speaks_json(json) => Refusal::client(
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        _ => Refusal::new(
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        ),
    }
}
