//! Small estates for tests: places, points, copies, volumes, and clients that lead nowhere.
//! Nothing in here reaches a network.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::aws::connect::Clients;
use crate::aws::connect::expiration::Expiration;
use crate::domain::place::Place;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::{Resource, ResourceKind};

use super::source::Batch;
use super::store::Store;

/// Makes clients that lead nowhere.
pub(crate) fn clients(profile: &str, region: &str) -> Clients {
    let behaviour = || aws_sdk_ec2::config::BehaviorVersion::latest();
    let ec2 = aws_sdk_ec2::Config::builder().behavior_version(behaviour());
    let ec2 = aws_sdk_ec2::Client::from_conf(ec2.build());
    let kms = aws_sdk_kms::Config::builder().behavior_version(behaviour());
    let autoscaling = aws_sdk_autoscaling::Config::builder().behavior_version(behaviour());
    let rds = aws_sdk_rds::Config::builder().behavior_version(behaviour());
    let dynamodb = aws_sdk_dynamodb::Config::builder().behavior_version(behaviour());
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(dynamodb.build());
    let scaling = aws_sdk_applicationautoscaling::Config::builder().behavior_version(behaviour());
    let scaling = aws_sdk_applicationautoscaling::Client::from_conf(scaling.build());
    let ssm = aws_sdk_ssm::Config::builder().behavior_version(behaviour());
    let ssm = aws_sdk_ssm::Client::from_conf(ssm.build());
    let cloudwatch = aws_sdk_cloudwatch::Config::builder().behavior_version(behaviour());
    let cloudwatch = aws_sdk_cloudwatch::Client::from_conf(cloudwatch.build());
    let lambda = aws_sdk_lambda::Config::builder().behavior_version(behaviour());
    let lambda = aws_sdk_lambda::Client::from_conf(lambda.build());
    let iam = aws_sdk_iam::Config::builder().behavior_version(behaviour());
    let backup = aws_sdk_backup::Config::builder().behavior_version(behaviour());
    let elb = aws_sdk_elasticloadbalancingv2::Config::builder().behavior_version(behaviour());
    let elb = aws_sdk_elasticloadbalancingv2::Client::from_conf(elb.build());
    let route53 = aws_sdk_route53::Config::builder().behavior_version(behaviour());
    let route53 = aws_sdk_route53::Client::from_conf(route53.build());
    let autoscaling = aws_sdk_autoscaling::Client::from_conf(autoscaling.build());
    Clients {
        place: place(profile, region),
        role: "arn:aws:iam::111122223333:role/ops".into(),
        endpoints: std::collections::BTreeSet::new(),
        ec2: ec2.clone(),
        ec2_once: ec2.clone(),
        ec2_rehearsed: ec2,
        kms: aws_sdk_kms::Client::from_conf(kms.build()),
        autoscaling: autoscaling.clone(),
        autoscaling_once: autoscaling,
        elb: elb.clone(),
        elb_once: elb,
        route53: route53.clone(),
        route53_once: route53,
        rds: aws_sdk_rds::Client::from_conf(rds.build()),
        dynamodb: dynamodb.clone(),
        dynamodb_once: dynamodb,
        application_autoscaling: scaling.clone(),
        application_autoscaling_once: scaling,
        ssm: ssm.clone(),
        ssm_once: ssm,
        cloudwatch: cloudwatch.clone(),
        cloudwatch_once: cloudwatch,
        lambda: lambda.clone(),
        lambda_once: lambda,
        iam: aws_sdk_iam::Client::from_conf(iam.build()),
        backup: aws_sdk_backup::Client::from_conf(backup.build()),
        clock: crate::clock::Clock::real(),
        expiration: Expiration::never(),
        by_code: false,
        origin: None,
    }
}

pub(crate) fn place(profile: &str, region: &str) -> Place {
    Place {
        profile: Some(profile.into()),
        account: "111122223333".into(),
        region: region.into(),
    }
}

pub(crate) fn point(id: &str, place: &Place, at: &str) -> RecoveryPoint {
    let at: Timestamp = at.parse().unwrap();
    RecoveryPoint {
        id: id.into(),
        kind: PointKind::EbsSnapshot,
        place: place.clone(),
        resource: Some((ResourceKind::Volume, "vol-1".into())),
        resource_home: None,
        name: None,
        when: When::At { at },
        data_at: DataTime::Known(at),
        state: "completed".into(),
        size_bytes: Some(1 << 30),
        encrypted: Some(false),
        kms_key: None,
        tier: Tier::Standard,
        protection: None,
        origin: Origin::ByHand,
        copy_of: None,
        vault: None,
        backup_arn: None,
        key_state: None,
        copy_first: false,
        architecture: None,
        face_of: None,
        scan: None,
        tags: BTreeMap::new(),
    }
}

pub(crate) fn copy(id: &str, of: &str, place: &Place) -> RecoveryPoint {
    let mut copy = point(id, place, "2026-03-01T03:00:00Z");
    copy.data_at = DataTime::AtMost(copy.data_at.bound());
    copy.resource = None;
    copy.copy_of = Some(of.into());
    copy
}

pub(crate) fn volume(id: &str, place: &Place) -> Resource {
    Resource {
        id: id.into(),
        kind: ResourceKind::Volume,
        name: Some("orders".into()),
        place: place.clone(),
        exists: true,
        engine: None,
        attached_to: None,
        tags: BTreeMap::new(),
    }
}

pub(crate) fn store(points: Vec<RecoveryPoint>, resources: Vec<Resource>) -> Store {
    let mut store = Store::default();
    store.insert(Batch {
        points,
        resources,
        ..Batch::default()
    });
    store
}
