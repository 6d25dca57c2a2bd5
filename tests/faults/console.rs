//! What the console says of a restore before anybody agrees to it, where a run is at the same thing already.

use std::sync::Arc;

use defib::domain::check::Verdict;
use defib::domain::form::Choices;
use defib::journal::Journal;
use defib::report::Report;
use defib::tui::effect::{Effect, Prepared};
use defib::tui::effects::{Effects, Runners, World};
use defib::tui::msg::Msg;
use tokio::sync::mpsc;

use crate::stage::{Stage, chosen};

const GOOD: &str = "snap-0b7e41c8d92f3a650";
const INSTANCE: &str = "i-0c4e8f1a2b3d5e607";

/// What the wizard is told of a restore with these choices.
fn prepared(stage: &mut Stage, choices: &Choices) -> Result<Prepared, Report> {
    let (connector, clock) = stage.hands();
    let journal = stage.journal.clone();
    let choices = choices.clone();
    stage.live(|| async move {
        let clients = connector.connect(Some("acme-prod"), None).await.unwrap();
        let world = World {
            connector,
            clock,
            wanted: Vec::new(),
            journal: Arc::new(move || Ok(Arc::clone(&journal) as Arc<dyn Journal>)),
            runners: Runners::Tasks,
            exports: std::path::PathBuf::from("."),
            read_only: false,
        };
        let (out, mut told) = mpsc::channel(16);
        Effects::new(world, out).carry_out(Effect::Prepare {
            draft: 7,
            revision: 1,
            flow: "volume-swap",
            place: clients.place.clone(),
            choices,
        });
        loop {
            if let Msg::Prepared { outcome, .. } = told.recv().await.unwrap() {
                return *outcome;
            }
        }
    })
}

#[test]
fn a_restore_of_what_a_run_is_at_is_stopped_before_anybody_agrees_to_it() {
    let mut stage = Stage::open("bad-deploy");
    let own =
        [("snapshot", GOOD), ("instance", INSTANCE)].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let other = [("snapshot".to_owned(), "snap-0f83d2a9c14e7b065".to_owned())];
    assert!(prepared(&mut stage, &chosen(&own)).is_ok());
    let plan = stage.plan(&[("snapshot", GOOD), ("instance", INSTANCE)]);
    let run = stage.record(plan.unwrap());

    // Before anything is asked of AWS, where the choices name what the run is at.
    let calls = stage.aws.call_count();
    let stopped = prepared(&mut stage, &chosen(&own)).expect_err("the run is at it");
    assert!(stopped.what.contains(run.as_str()), "{stopped:?}");
    let asked = stage.aws.calls().split_off(calls);
    assert!(
        asked
            .iter()
            .all(|call| call.operation == "GetCallerIdentity"),
        "{asked:?}"
    );

    // Where only the plan shows it, as a check: the same volume by another of its snapshots.
    let checks = prepared(&mut stage, &chosen(&other)).unwrap().checks;
    let own_runs = checks.iter().find(|check| check.name == "own-runs");
    let own_runs = own_runs.expect("it is told");
    assert_eq!(own_runs.verdict, Verdict::Stop, "{own_runs:?}");
    assert!(own_runs.found.contains(run.as_str()), "{own_runs:?}");
}
