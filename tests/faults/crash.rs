//! The runner dies at every boundary of the journal, and the next one goes on or goes back.

use std::sync::Arc;

use defib::domain::run::{CommandKind, RunStatus};
use defib::journal::boundary::Watched;
use defib::restore::pacing::Pacing;
use defib::runner;
use tokio::sync::Notify;

use crate::oracle::check;
use crate::stage::Stage;
use crate::variants::{Variant, of_volume};

/// The fewest boundaries that a swap has; fewer means that the test lost sight of some.
const FEWEST: u64 = 40;

/// Drives a run until the `k`-th boundary and lets everything go there. Tells whether it got that far.
fn die_at(stage: &mut Stage, run: &defib::domain::ids::RunId, k: u64) -> bool {
    let (connector, clock) = stage.hands();
    let (journal, run) = (stage.journal.clone(), run.clone());
    stage.live(|| async move {
        let reached = Arc::new(Notify::new());
        let signal = reached.clone();
        let journal = Watched::new(journal, move |boundary| {
            let signal = signal.clone();
            let dies = boundary.number == k;
            Box::pin(async move {
                if dies {
                    signal.notify_one();
                    std::future::pending::<()>().await;
                }
            })
        });
        let life = runner::drive(Arc::new(journal), connector, clock, Pacing::default(), &run);
        tokio::select! {
            () = reached.notified() => true,
            status = life => {
                assert!(status.is_ok(), "{status:?}");
                false
            }
        }
    })
}

/// The swap of one mode, with what it promises.
fn variant(mode: &str) -> Variant {
    let orders = of_volume("bad-deploy", "orders-db-data", "crash");
    match mode {
        "unmount" => orders.unmounted(),
        "beside" => orders.beside("/dev/sdg"),
        _stop => orders,
    }
}

fn every_crash_then(mode: &str, recovery: &CommandKind, end: RunStatus) -> u64 {
    let variant = variant(mode);
    let mut k = 1;
    loop {
        let case = format!("mode {mode}, boundary {k}, {end:?}");
        let mut stage = Stage::open("bad-deploy");
        let before = stage.picture();
        let plan = stage.plan(&variant.choices()).unwrap();
        let run = stage.record(plan);
        if !die_at(&mut stage, &run, k) {
            return k - 1;
        }
        stage.send(&run, recovery.clone());
        assert_eq!(stage.drive(&run), end, "{case}");
        // What was made is left to become available by itself.
        stage.pass(jiff::SignedDuration::from_mins(1));
        let now = stage.picture();
        let (events, state) = (stage.events(&run), stage.state(&run));
        check(&stage.aws.clone(), &before, &now, &events, &case);
        if end == RunStatus::Done {
            variant.swap.assert_done(&before, &now, &state, &case);
        } else {
            variant.swap.assert_back(&before, &now, &state, &case);
        }
        assert!(state.down_since().is_none(), "{case}: still down");
        k += 1;
    }
}

#[test]
fn a_run_that_died_at_any_boundary_is_finished_by_the_next_runner() {
    for mode in ["stop", "unmount", "beside"] {
        let cases = every_crash_then(mode, &CommandKind::Resume, RunStatus::Done);
        println!("crash and go on, mode {mode}: {cases} cases");
        assert!(
            cases >= FEWEST / 2,
            "only {cases} boundaries in mode {mode}"
        );
    }
}

#[test]
fn a_run_that_died_at_any_boundary_can_be_taken_back() {
    for mode in ["stop", "unmount", "beside"] {
        let cases = every_crash_then(mode, &CommandKind::RollBack, RunStatus::RolledBack);
        println!("crash and go back, mode {mode}: {cases} cases");
        let fewest = if mode == "beside" { FEWEST / 2 } else { FEWEST };
        assert!(cases >= fewest, "only {cases} boundaries in mode {mode}");
    }
}
