//! Whom a plan is for: account, Region and role, and not the session of a login.

use defib::aws::connect::{Clients, Connector};
use defib::aws::guard::Mode;
use defib::aws::logins::Logins;
use defib::clock::Clock;
use defib::domain::form::Choices;
use defib::domain::plan::Plan;
use defib::restore::flow::find;
use defib::restore::planning::{PlanError, make, same_identity, still_fits};
use defib::sim::{SimulatedAws, Story, scenarios};

/// A plan of the demo, and the clients that it was made with.
async fn planned() -> (Plan, Clients, Clock) {
    let text = scenarios()[0].text;
    let story = Story::of(text).expect("the scenario");
    let clock = Clock::simulated(story.opens_at, 1.0);
    let connector = Connector {
        mode: Mode::Viewer { dry_run: true },
        endpoint_honours_dry_run: false,
        simulated: Some(SimulatedAws::from_scenario(text, clock.clone()).expect("the scenario")),
        logins: Logins::default(),
    };
    let clients = connector
        .connect(None, None)
        .await
        .expect("it is simulated");
    let mut choices = Choices::default();
    choices.set(
        "snapshot",
        story.good_snapshot_id.expect("the scenario names one"),
    );
    let flow = find("volume-swap").expect("the flow");
    let plan = make(flow, &choices, &clients, &clock)
        .await
        .expect("a plan");
    (plan, clients, clock)
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_carried_out_by_the_very_caller_that_it_was_made_for() {
    let (plan, clients, clock) = planned().await;
    let (account, region, role) = (
        clients.place.account.clone(),
        clients.place.region.clone(),
        clients.role.clone(),
    );
    let mut refused = 0;
    for other_account in [false, true] {
        for other_region in [false, true] {
            for other_role in [false, true] {
                let mut clients = clients.clone();
                if other_account {
                    clients.place.account = "999988887777".into();
                }
                if other_region {
                    clients.place.region = "ap-southeast-2".into();
                }
                if other_role {
                    clients.role = format!("{role}-admin");
                }
                let outcome = same_identity(&plan, &clients);
                let differs = other_account || other_region || other_role;
                assert_eq!(outcome.is_err(), differs, "{outcome:?}");
                let Err(error) = outcome else { continue };
                refused += 1;
                let line = error.to_string();
                for named in [
                    account.to_string(),
                    region.to_string(),
                    role.clone(),
                    clients.place.account.to_string(),
                    clients.place.region.to_string(),
                    clients.role.clone(),
                ] {
                    assert!(line.contains(&named), "{named} in {line}");
                }
                let fits = still_fits(&plan, &clients, &clock).await;
                assert!(
                    matches!(fits, Err(PlanError::OtherIdentity { .. })),
                    "{fits:?}"
                );
            }
        }
    }
    assert_eq!(refused, 7);
    still_fits(&plan, &clients, &clock)
        .await
        .expect("the same caller");
}
