//! A volume swap observes the simulated AWS: each reason not to begin, or to begin it differently, is
//! noticed by the check that is made for it. Nothing is changed.

use defib::aws::connect::{Clients, Connector};
use defib::aws::guard::Mode;
use defib::aws::logins::Logins;
use defib::clock::Clock;
use defib::domain::check::Verdict;
use defib::domain::form::Choices;
use defib::domain::plan::Plan;
use defib::restore::flow::{FlowError, find};
use defib::sim::SimulatedAws;
use serde_json::Value;

const REFUSALS: &str = include_str!("../../src/sim/scenarios/refusals.toml");
const LOST: &str = include_str!("../../src/sim/scenarios/lost-volume.toml");

struct Estate {
    aws: SimulatedAws,
    clock: Clock,
}

impl Estate {
    fn of(scenario: &str) -> Self {
        let opens = "2026-03-17T09:55:00Z".parse().expect("an instant");
        let probe = SimulatedAws::from_scenario(scenario, Clock::simulated(opens, 1.0))
            .expect("a scenario");
        let clock = Clock::simulated(probe.scenario_story().opens_at, 1.0);
        let aws = SimulatedAws::from_scenario(scenario, clock.clone()).expect("a scenario");
        Self { aws, clock }
    }

    async fn clients(&self, account: Option<&str>, region: Option<&str>) -> Clients {
        let connector = Connector {
            mode: Mode::Viewer { dry_run: true },
            endpoint_honours_dry_run: false,
            simulated: Some(self.aws.clone()),
            logins: Logins::default(),
        };
        connector.connect(account, region).await.expect("a plan")
    }

    fn id(&self, name: &str) -> String {
        self.aws.id_of(name).unwrap_or_else(|| panic!("{name}"))
    }

    /// The latest snapshot of a volume.
    async fn snapshot_of(&self, clients: &Clients, volume: &str) -> String {
        let answer = clients
            .ec2
            .describe_snapshots()
            .send()
            .await
            .expect("a plan");
        let found = answer.snapshots().iter();
        let found = found.filter(|snapshot| snapshot.volume_id() == Some(volume));
        let found = found.max_by_key(|snapshot| {
            snapshot
                .start_time()
                .map(aws_smithy_types::DateTime::as_nanos)
        });
        found
            .expect("it is there")
            .snapshot_id()
            .expect("it is there")
            .to_owned()
    }

    async fn observe(&self, clients: &Clients, choices: &Choices) -> Result<Value, FlowError> {
        let flow = find("volume-swap").expect("it is there");
        let before = self.aws.picture();
        let facts = flow.observe(clients, choices, &self.clock).await;
        assert_eq!(self.aws.picture(), before, "observing changes nothing");
        facts
    }

    async fn plan(&self, clients: &Clients, choices: &Choices) -> Result<Plan, FlowError> {
        let facts = self.observe(clients, choices).await?;
        find("volume-swap")
            .expect("it is there")
            .plan(&facts, choices)
    }
}

fn choices(snapshot: &str, pairs: &[(&str, &str)]) -> Choices {
    let mut choices = Choices::default();
    choices.set("snapshot", snapshot);
    for (name, value) in pairs {
        choices.set(name, *value);
    }
    choices
}

/// Checks that are not fine, as `name verdict`.
fn remarks(plan: &Plan) -> Vec<String> {
    let checks = plan.checks.iter();
    checks
        .filter(|check| check.verdict != Verdict::Fine)
        .map(|check| format!("{} {}", check.verdict.sign(), check.name))
        .collect()
}

/// Each subject of the scenario with what has to be said about it.
const SUBJECTS: &[(&str, &[&str])] = &[
    ("plain", &[]),
    ("stopped", &["! instance-state"]),
    ("snapshot-pending", &["✘ snapshot-state"]),
    ("snapshot-error", &["✘ snapshot-state"]),
    ("snapshot-archived", &["✘ snapshot-tier"]),
    ("key-good", &[]),
    ("key-disabled", &["✘ snapshot-key", "✘ target-key"]),
    ("key-pending-deletion", &["✘ snapshot-key", "✘ target-key"]),
    ("key-unreadable", &["? snapshot-key", "? target-key"]),
    (
        "key-absent",
        &["! encryption", "✘ snapshot-key", "✘ target-key"],
    ),
    ("snapshot-larger", &["! size"]),
    ("spot-once", &["✘ spot"]),
    ("spot-persistent", &["! spot"]),
    ("instance-store-root", &["✘ instance-store"]),
    ("no-capacity", &[]),
    ("mounted", &[]),
    (
        "asg-member",
        &[
            "! auto-scaling",
            "? permission-EnterStandby",
            "? permission-ExitStandby",
        ],
    ),
    ("asg-standby", &["! auto-scaling"]),
    ("instance-store", &["! instance-store"]),
    ("stop-protected", &["✘ stop-protection"]),
    ("termination-protected", &[]),
    ("public-address", &["! public-address"]),
    ("elastic-address", &[]),
    ("product-code", &["! product-codes"]),
    ("hibernation", &["! hibernation"]),
    ("windows", &["! windows"]),
    ("deleted-with-instance", &[]),
    ("modifying", &["! volume-modification"]),
    ("optimizing", &["! volume-modification"]),
];

#[tokio::test(start_paused = true)]
async fn each_reason_not_to_begin_is_noticed_and_nothing_else() {
    let estate = Estate::of(REFUSALS);
    let clients = estate.clients(None, None).await;
    let mut wrong = Vec::new();
    for (name, expected) in SUBJECTS {
        let volume = estate.id(&format!("{name}-data"));
        let snapshot = estate.snapshot_of(&clients, &volume).await;
        let plan = estate.plan(&clients, &choices(&snapshot, &[])).await;
        let plan = plan.unwrap_or_else(|error| panic!("{name}: {error}"));
        if remarks(&plan) != *expected {
            let checks = plan.checks.iter().map(|check| &check.found);
            wrong.push((*name, remarks(&plan), checks.cloned().collect::<Vec<_>>()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_swap_of_a_root_volume_is_planned_from_what_is_there() {
    let estate = Estate::of(REFUSALS);
    let clients = estate.clients(None, None).await;
    let volume = estate.id("root-volume-root");
    let snapshot = estate.snapshot_of(&clients, &volume).await;
    let plan = estate
        .plan(&clients, &choices(&snapshot, &[]))
        .await
        .expect("it is there");
    assert_eq!(plan.subject.id, volume);
    assert!(plan.expected_outage().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_striped_pair_is_offered_as_a_set() {
    let estate = Estate::of(REFUSALS);
    let clients = estate.clients(None, None).await;
    let other = estate.id("raid-data-1");
    let snapshot = estate
        .snapshot_of(&clients, &estate.id("raid-data-0"))
        .await;
    let plan = estate
        .plan(&clients, &choices(&snapshot, &[]))
        .await
        .expect("it is there");
    assert_eq!(remarks(&plan), ["! sibling-snapshots"]);
    let set = plan
        .checks
        .iter()
        .find(|check| check.name == "sibling-snapshots");
    assert!(set.expect("it is there").found.contains(&other), "{set:?}");
}

#[tokio::test(start_paused = true)]
async fn a_volume_on_two_instances_asks_for_one_and_then_stops() {
    let estate = Estate::of(REFUSALS);
    let clients = estate.clients(None, None).await;
    let (one, two) = (estate.id("cluster-1"), estate.id("cluster-2"));
    let snapshot = estate
        .snapshot_of(&clients, &estate.id("multi-attach-data"))
        .await;
    let error = estate
        .plan(&clients, &choices(&snapshot, &[]))
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains(&one) && text.contains(&two), "{text}");
    let chosen = choices(&snapshot, &[("instance", &one)]);
    let plan = estate.plan(&clients, &chosen).await.expect("a plan");
    assert_eq!(remarks(&plan), ["✘ multi-attach"]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_swapped_is_said_with_what_to_do() {
    let estate = Estate::of(REFUSALS);
    let clients = estate.clients(None, None).await;
    let refusal = async |snapshot: &str, pairs: &[(&str, &str)]| {
        let outcome = estate.observe(&clients, &choices(snapshot, pairs)).await;
        outcome.expect_err("refused").to_string()
    };
    let absent = refusal("snap-0123456789abcdef0", &[]).await;
    for part in [
        "eu-west-1",
        "--region",
        "Recycle Bin",
        "Nothing was changed",
    ] {
        assert!(absent.contains(part), "{absent}");
    }
    assert!(refusal("snap-1", &[]).await.contains("not a snapshot id"));
    let loose = estate
        .snapshot_of(&clients, &estate.id("unattached-data"))
        .await;
    assert!(
        refusal(&loose, &[]).await.contains("--instance"),
        "not attached"
    );
    let left = estate
        .snapshot_of(&clients, &estate.id("terminated-data"))
        .await;
    let terminated = estate.id("terminated");
    let gone = refusal(&left, &[("instance", &terminated), ("device", "/dev/sdf")]).await;
    assert!(
        gone.contains("is terminated") && gone.contains("another instance"),
        "{gone}"
    );
    let plain = estate.snapshot_of(&clients, &estate.id("plain-data")).await;
    let nowhere = refusal(&plain, &[("device", "/dev/sdz")]).await;
    assert!(
        nowhere.contains("/dev/sdz") && nowhere.contains("/dev/sdf"),
        "{nowhere}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_volume_is_planned_for_the_empty_place() {
    let estate = Estate::of(LOST);
    let clients = estate.clients(None, None).await;
    let snapshot = estate
        .aws
        .scenario_story()
        .good_snapshot_id
        .clone()
        .expect("it is there");
    let instance = estate.id("uploads");
    let error = estate
        .plan(&clients, &choices(&snapshot, &[]))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("does not exist any more"),
        "{error}"
    );
    let place = [
        ("instance", instance.as_str()),
        ("device", "/dev/sdf"),
        ("delete-on-termination", "no"),
    ];
    let plan = estate
        .plan(&clients, &choices(&snapshot, &place))
        .await
        .expect("it is there");
    assert_eq!(remarks(&plan), ["! device", "! carried-over"]);
    assert!(plan.title.contains("LOST"));
}

#[tokio::test(start_paused = true)]
async fn what_the_caller_may_not_do_comes_out_as_actions() {
    let estate = Estate::of(REFUSALS);
    let clients = estate.clients(Some("acme-locked"), None).await;
    let snapshot = estate
        .snapshot_of(&clients, &estate.id("denied-data"))
        .await;
    let plan = estate
        .plan(&clients, &choices(&snapshot, &[]))
        .await
        .expect("it is there");
    let missing = plan.checks.iter().flat_map(|check| &check.missing_actions);
    let mut missing: Vec<&str> = missing.map(String::as_str).collect();
    missing.sort_unstable();
    missing.dedup();
    let denied = ["ec2:DetachVolume", "ec2:StopInstances", "kms:DescribeKey"];
    assert_eq!(missing, denied, "{:#?}", plan.checks);
}

#[tokio::test(start_paused = true)]
async fn observing_twice_gives_the_same_steps() {
    let estate = Estate::of(REFUSALS);
    let clients = estate.clients(None, None).await;
    let snapshot = estate.snapshot_of(&clients, &estate.id("plain-data")).await;
    let first = estate
        .plan(&clients, &choices(&snapshot, &[]))
        .await
        .expect("it is there");
    let again = estate.plan(&clients, &first.choices).await.expect("a plan");
    assert_eq!(first.steps, again.steps);
    assert_eq!(first.form, again.form);
}
