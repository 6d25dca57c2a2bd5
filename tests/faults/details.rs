//! What only a call about a single point tells: the demo answers every question, one call asks about many snapshots,
//! and what is denied hides no other answer.

use std::collections::BTreeMap;

use defib::aws::connect::{Clients, Connector};
use defib::aws::guard::Mode;
use defib::aws::logins::Logins;
use defib::catalog::details::answers;
use defib::catalog::scan::{Message, scan};
use defib::catalog::source::REGISTRY;
use defib::catalog::store::{Point, Store};
use defib::clock::Clock;
use defib::domain::detail::{Answer, Question, Sharing};
use defib::domain::failure::{Failure, FailureClass};
use defib::domain::recovery_point::{PointKind, RecoveryPoint, Tier};
use defib::sim::{SimulatedAws, Story, scenarios};
use futures_util::StreamExt as _;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";
/// The calls about single points.
const CALLS: [&str; 5] = [
    "DescribeFastSnapshotRestores",
    "DescribeImageAttribute",
    "DescribeRecoveryPoint",
    "DescribeSnapshotAttribute",
    "DescribeSnapshotTierStatus",
];

type Told = BTreeMap<Question, Result<Answer, Failure>>;

struct Demo {
    aws: SimulatedAws,
    clients: Clients,
    store: Store,
}

impl Demo {
    async fn listed() -> Self {
        let text = scenarios()[0].text;
        let clock = Clock::simulated(Story::of(text).unwrap().opens_at, 1.0);
        let aws = SimulatedAws::from_scenario(text, clock).unwrap();
        let connector = Connector {
            mode: Mode::Viewer { dry_run: true },
            endpoint_honours_dry_run: false,
            simulated: Some(aws.clone()),
            logins: Logins::default(),
        };
        let clients = connector.connect(None, Some(REGION)).await.unwrap();
        let mut messages = scan(REGISTRY, vec![clients.clone()]);
        let mut store = Store::default();
        while let Some(message) = messages.recv().await {
            if let Message::Found(batch) = message {
                store.insert(batch);
            }
        }
        Self {
            aws,
            clients,
            store,
        }
    }

    fn points(&self) -> Vec<RecoveryPoint> {
        self.store.points().map(Point::whole).collect()
    }

    fn questions(&self) -> Vec<Question> {
        let points = self.points().into_iter();
        points
            .flat_map(|point| {
                let vault = self.store.find(&point.place, point.kind, &point.id);
                let vault = vault.and_then(|found| self.store.vault_of(found.row()));
                let vault = vault.map(|vault| &self.store.vaults()[vault]);
                let owner = vault.filter(|vault| vault.is_shared());
                Question::all(&point, owner.map(|vault| &vault.owner))
            })
            .collect()
    }

    async fn asked(&self) -> Told {
        let told = answers(&self.clients, self.questions());
        told.collect::<Vec<_>>()
            .await
            .into_iter()
            .flatten()
            .collect()
    }

    /// How often each call about single points was made.
    fn calls(&self) -> BTreeMap<String, usize> {
        let mut counted = BTreeMap::new();
        for call in self.aws.calls() {
            if CALLS.contains(&call.operation.as_str()) {
                *counted.entry(call.operation).or_default() += 1;
            }
        }
        counted
    }
}

#[tokio::test(start_paused = true)]
async fn the_demo_answers_every_question_and_shows_one_of_each() {
    let demo = Demo::listed().await;
    let told = demo.asked().await;
    assert_eq!(told.len(), demo.questions().len());
    let failed: Vec<_> = told
        .values()
        .filter_map(|told| told.as_ref().err())
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
    let told = || told.values().flatten();
    let restored_fast = |answer: &&Answer| {
        let Answer::FastRestores(zones) = answer else {
            return false;
        };
        zones.iter().any(|zone| zone.state == "enabled")
    };
    assert_eq!(told().filter(restored_fast).count(), 1);
    let on_its_way = |answer: &&Answer| {
        let Answer::TierStatus(Some(status)) = answer else {
            return false;
        };
        status.coming_back().is_some()
    };
    assert_eq!(told().filter(on_its_way).count(), 1);
    let shared = told().filter_map(|answer| {
        let Answer::Shared(sharing) = answer else {
            return None;
        };
        (!sharing.is_private()).then_some(sharing)
    });
    let shared: Vec<&Sharing> = shared.collect();
    assert_eq!(shared.len(), 3, "a snapshot and two images: {shared:?}");
    assert_eq!(shared.iter().filter(|sharing| sharing.public).count(), 1);
    let is_cold = |answer: &Answer| {
        let Answer::BackupPoint(point) = answer else {
            return false;
        };
        point.storage_class.as_deref() == Some("COLD")
    };
    assert!(told().any(is_cold));
}

#[tokio::test(start_paused = true)]
async fn the_tier_that_a_listing_infers_is_what_aws_backup_tells() {
    let demo = Demo::listed().await;
    let told = demo.asked().await;
    let mut cold = 0;
    for point in demo.points() {
        let of_it = |question: &&Question| question.about() == (point.kind, point.id.as_str());
        let mut answers = told.iter().filter(|(question, _)| of_it(question));
        let tier = answers.find_map(|(_, answer)| answer.as_ref().ok()?.tier());
        if let Some(tier) = tier {
            assert_eq!(tier, point.tier, "{}", point.id);
        }
        let is_cold = point.kind == PointKind::BackupPoint && tier == Some(Tier::Archive);
        cold += usize::from(is_cold);
    }
    assert!(cold > 0);
}

#[tokio::test(start_paused = true)]
async fn what_takes_many_snapshots_is_one_call_for_two_hundred_and_the_rest_one_each() {
    let demo = Demo::listed().await;
    let before = demo.calls();
    assert!(
        before.is_empty(),
        "a listing asks about no single point: {before:?}"
    );
    demo.asked().await;
    let asked = |of: fn(&Question) -> bool| demo.questions().iter().filter(|one| of(one)).count();
    let snapshots = asked(|one| matches!(one, Question::TierStatus { .. }));
    let images = asked(|one| matches!(one, Question::LaunchPermission { .. }));
    let stored = asked(|one| matches!(one, Question::BackupPoint { .. }));
    let counts = [
        snapshots.div_ceil(200),
        images,
        stored,
        snapshots,
        snapshots.div_ceil(200),
    ];
    let wanted = CALLS.map(str::to_owned).into_iter().zip(counts).collect();
    assert_eq!(demo.calls(), wanted);
}

#[tokio::test(start_paused = true)]
async fn what_is_denied_is_a_failure_of_each_question_and_hides_no_other() {
    let demo = Demo::listed().await;
    for call in [
        "ec2:DescribeSnapshotTierStatus",
        "backup:DescribeRecoveryPoint",
    ] {
        demo.aws
            .third_party(ACCOUNT, REGION, |hands| hands.set_denied(call, true));
    }
    for (question, answer) in demo.asked().await {
        let denied = matches!(
            question,
            Question::TierStatus { .. } | Question::BackupPoint { .. }
        );
        let class = answer.as_ref().err().map(|failure| failure.class);
        assert_eq!(
            class,
            denied.then_some(FailureClass::Denied),
            "{question:?}"
        );
    }
}
