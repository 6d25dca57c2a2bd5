//! What this machine does to a run: its disk, its clock, its locks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use defib::domain::ids::RunId;
use defib::domain::run::{RunEvent, RunStatus};
use defib::journal::boundary::Watched;
use defib::journal::{Journal, JournalError, Lease};
use defib::restore::pacing::Pacing;
use defib::runner;
use jiff::SignedDuration;

use super::course::{Course, Then};
use super::family::{Family, some};
use super::oracles::Due;
use crate::through::{Between, Through};

/// How an append fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failing {
    /// The disk is full, and stays so.
    Full,
    /// The entry could not be made durable, and is not there.
    Fsync,
    /// The same, and it is there all the same.
    FsyncOfWritten,
    /// Somebody holds the journal for three tries.
    Busy,
    /// Somebody holds the journal and does not let go.
    BusyForEver,
}

impl Failing {
    const ALL: [Self; 5] = [
        Self::Full,
        Self::Fsync,
        Self::FsyncOfWritten,
        Self::Busy,
        Self::BusyForEver,
    ];

    fn error(self) -> JournalError {
        match self {
            Self::Full => JournalError::Full,
            Self::Fsync | Self::FsyncOfWritten => {
                JournalError::Storage("fsync: input/output error".into())
            }
            Self::Busy | Self::BusyForEver => JournalError::Busy,
        }
    }

    /// Whether the `n`-th append since the first that fails does.
    fn strikes(self, n: u64) -> bool {
        match self {
            Self::Full | Self::BusyForEver => true,
            Self::Fsync | Self::FsyncOfWritten => n == 0,
            Self::Busy => n < 3,
        }
    }
}

/// Lets appends fail from the `from`-th on.
struct Faulty {
    failing: Failing,
    from: u64,
    asked: AtomicU64,
}

#[async_trait]
impl Between for Faulty {
    async fn append(&self, journal: &dyn Journal, event: &RunEvent) -> Result<(), JournalError> {
        let n = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        if n >= self.from && self.failing.strikes(n - self.from) {
            if self.failing == Failing::FsyncOfWritten {
                journal.append(event).await?;
            }
            return Err(self.failing.error());
        }
        journal.append(event).await
    }
}

#[test]
fn a_journal_that_cannot_be_written_stops_the_run_before_anything_is_sent() {
    let mut family = Family::new("local: the journal fails");
    for variant in some(2) {
        for from in 1..=variant.clean.boundaries / 2 {
            for failing in Failing::ALL {
                for then in Then::AT_ONCE {
                    let told = format!("entry {from} {failing:?}, then {then:?}");
                    family.add(variant, told, (from, failing, then));
                }
            }
        }
    }
    family.run(|case| {
        let (from, failing, then) = case.what;
        let mut course = Course::open(case.variant, &case.name);
        let journal = Arc::new(Through {
            journal: course.stage.journal.clone(),
            between: Faulty {
                failing,
                from,
                asked: AtomicU64::new(0),
            },
        });
        let ended = course.drive_over(journal.clone());
        let asked = journal.between.asked.load(Ordering::SeqCst);
        assert!(asked >= from, "{}: it did not come to pass", case.name);
        let survives = failing == Failing::Busy;
        assert_eq!(ended.is_ok(), survives, "{}: {ended:?}", case.name);
        course.assert_rest(if survives { Due::Rest } else { Due::Crash });
        course.send(then);
        course.end(then, &case.variant.clean.world);
    });
}

#[test]
fn a_clock_that_jumps_harms_nothing() {
    let mut family = Family::new("local: the clock jumps");
    let jumps = [
        ("back by 5 s", SignedDuration::from_secs(-5)),
        ("on by 25 h", SignedDuration::from_hours(25)),
    ];
    for variant in some(3) {
        for k in 1..=variant.clean.boundaries {
            for (told, by) in jumps {
                family.add(variant, format!("{told} at boundary {k}"), (k, by));
            }
        }
    }
    family.run(|case| {
        let (k, by) = case.what;
        let mut course = Course::open(case.variant, &case.name);
        let (_, clock) = course.stage.hands();
        let journal = Watched::new(course.stage.journal.clone(), move |boundary| {
            if boundary.number == k {
                clock.jump(by);
            }
            Box::pin(std::future::ready(()))
        });
        let journal = Arc::new(journal);
        let ended = course.drive_over(journal.clone());
        assert!(
            journal.reached() >= k,
            "{}: it did not come to pass",
            case.name
        );
        assert!(ended.is_ok(), "{}: {ended:?}", case.name);
        course.end(Then::On, &case.variant.clean.world);
    });
}

/// Hands out leases to everybody.
struct Leaseless;

#[async_trait]
impl Between for Leaseless {
    async fn lease(
        &self,
        _journal: &dyn Journal,
        _run: &RunId,
    ) -> Result<Option<Lease>, JournalError> {
        Ok(Some(Lease::new(())))
    }
}

#[test]
fn a_runner_whose_lease_was_stolen_sends_nothing_more() {
    let mut family = Family::new("local: the lease is stolen");
    for variant in some(4) {
        for k in 1..=variant.clean.boundaries {
            family.add(variant, format!("at boundary {k}"), k);
        }
    }
    family.run(|case| {
        let k = case.what;
        let mut course = Course::open(case.variant, &case.name);
        let (connector, clock) = course.stage.hands();
        let (thief, run) = (course.stage.journal.clone(), course.run.clone());
        let aws = course.stage.aws.clone();
        // How many calls there were when the second had done its work.
        let stolen = Arc::new(AtomicU64::new(0));
        let noted = stolen.clone();
        let journal = Watched::new(course.stage.journal.clone(), move |boundary| {
            let steals = boundary.number == k;
            let (connector, clock, aws) = (connector.clone(), clock.clone(), aws.clone());
            let (run, noted) = (run.clone(), noted.clone());
            let journal = Arc::new(Through {
                journal: thief.clone(),
                between: Leaseless,
            });
            Box::pin(async move {
                if steals {
                    // The second takes the run to its end while the first stands still.
                    let pacing = Pacing::default();
                    let ended = runner::drive(journal, connector, clock, pacing, &run).await;
                    // It fails where only a person can say what became of the first one's request.
                    let rests = matches!(ended, Ok(RunStatus::Done | RunStatus::Failed));
                    assert!(rests, "{ended:?}");
                    noted.store(aws.call_count() as u64, Ordering::SeqCst);
                }
            })
        });
        let journal = Arc::new(journal);
        let ended = course.drive_over(journal.clone());
        assert!(
            journal.reached() >= k,
            "{}: it did not come to pass",
            case.name
        );
        let stolen = usize::try_from(stolen.load(Ordering::SeqCst)).unwrap();
        let later = course.stage.aws.calls().split_off(stolen);
        let changes: Vec<_> = later.iter().filter(|call| call.mutates).collect();
        assert!(changes.is_empty(), "{}: it sent {changes:?}", case.name);
        // Only one that has written its last entry already does not notice.
        let last = k >= case.variant.clean.boundaries;
        assert!(last || ended.is_err(), "{}: {ended:?}", case.name);
        course.end(Then::On, &case.variant.clean.world);
    });
}
