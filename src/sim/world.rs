//! Everything that exists in the simulated AWS, and its time.
//!
//! The world has no clock of its own: whoever enters says what time it is, and the world never lets time
//! run backwards. Requests that were sent but have not arrived yet wait here until they are due.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_backup::types::ProtectedResource;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::app_scaling::model::AppScaling;
use super::backup::model::{Hold, Vault};
use super::call::CallRecord;
use super::cloudwatch::model::Alarms;
use super::delays::Delays;
use super::dynamodb::model::DynamoDb;
use super::ec2::model::{BinnedVolume, Image, Instance, PlacementGroup, Snapshot, Volume};
use super::ec2::network::model::Network;
use super::ec2::network::talk;
use super::ec2::root_replacement::RootTask;
use super::elb::model::Balancing;
use super::faults::Lag;
use super::iam::model::Iam;
use super::kms::Key;
use super::lambda::model::Lambda;
use super::rds::model::Databases;
use super::route53::model::Dns;
use super::scaling::health;
use super::scaling::model::ScalingGroup;
use super::ssm::Parameter;

/// An account and a region of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub account: String,
    pub region: String,
}

impl Place {
    /// Names a region of an account.
    pub fn new(account: &str, region: &str) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
        }
    }
}

/// The resources of one place.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    pub zones: Vec<String>,
    pub volumes: BTreeMap<String, Volume>,
    pub instances: BTreeMap<String, Instance>,
    pub snapshots: BTreeMap<String, Snapshot>,
    pub images: BTreeMap<String, Image>,
    pub network: Network,
    pub balancing: Balancing,
    /// Auto Scaling groups, by name.
    pub scaling: BTreeMap<String, ScalingGroup>,
    /// Replacements of root volumes, by id.
    pub root_tasks: BTreeMap<String, RootTask>,
    /// Placement groups, by name.
    pub placement_groups: BTreeMap<String, PlacementGroup>,
    /// Instance types of which AWS has none to spare.
    pub no_capacity_types: BTreeSet<String>,
    /// Volumes that were deleted and are kept in the Recycle Bin.
    pub binned_volumes: BTreeMap<String, BinnedVolume>,
    pub dynamodb: DynamoDb,
    /// What scales tables.
    pub app_scaling: AppScaling,
    /// What reads the streams of tables.
    pub lambda: Lambda,
    /// What watches tables.
    pub alarms: Alarms,
    /// Parameters of Systems Manager, by name.
    pub parameters: BTreeMap<String, Parameter>,
    pub keys: BTreeMap<String, Key>,
    pub databases: Databases,
    pub encryption_by_default: bool,
    pub default_kms_key_id: Option<String>,
    /// Vaults of AWS Backup, by ARN.
    pub vaults: BTreeMap<String, Vault>,
    /// Legal holds, by id.
    pub holds: BTreeMap<String, Hold>,
    /// Resources that AWS Backup protects and has no recovery point of any more.
    pub protected: Vec<ProtectedResource>,
}

impl Estate {
    /// Makes an empty estate with three zones.
    pub fn new(region: &str) -> Self {
        let zones = ["a", "b", "c"].map(|letter| format!("{region}{letter}"));
        Self {
            zones: zones.to_vec(),
            ..Self::default()
        }
    }
}

/// A request on its way.
type LateEffect = Box<dyn FnOnce(&mut World) + Send>;

/// The state behind every simulated client.
pub struct World {
    now: Timestamp,
    pub delays: Delays,
    pub estates: BTreeMap<Place, Estate>,
    /// Hosted zones, by account: they belong to no Region.
    pub dns: BTreeMap<String, Dns>,
    /// Users, groups, roles and policies, by account: they belong to no Region either.
    pub iam: BTreeMap<String, Iam>,
    /// Actions refused to the caller, by account (`ec2:StopInstances`).
    pub denied: BTreeMap<String, BTreeSet<String>>,
    pub calls: Vec<CallRecord>,
    /// How late new resources become visible.
    pub lag: Lag,
    late: Vec<(Timestamp, LateEffect)>,
    created: u64,
    answered: u64,
}

impl World {
    /// Makes a world in which nothing exists.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            delays: Delays::default(),
            estates: BTreeMap::new(),
            dns: BTreeMap::new(),
            iam: BTreeMap::new(),
            denied: BTreeMap::new(),
            calls: Vec::new(),
            lag: Lag::default(),
            late: Vec::new(),
            created: 0,
            answered: 0,
        }
    }

    /// Returns the world's present instant.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets time pass up to `now`, and lets the requests that are due by then arrive, in order.
    pub fn enter(&mut self, now: Timestamp) {
        while let Some(next) = self.next_late(now) {
            let (due, effect) = self.late.remove(next);
            self.now = self.now.max(due);
            effect(self);
        }
        self.now = self.now.max(now);
        for estate in self.estates.values_mut() {
            health::look(estate, self.delays.health_check, self.now);
            talk::listen(estate, self.now);
        }
    }

    /// Keeps a request until it arrives.
    pub fn arrive_at(&mut self, due: Timestamp, effect: impl FnOnce(&mut World) + Send + 'static) {
        self.late.push((due, Box::new(effect)));
    }

    /// Returns the estate of a place; a place nobody described is empty.
    pub fn estate(&mut self, place: &Place) -> &mut Estate {
        self.estates
            .entry(place.clone())
            .or_insert_with(|| Estate::new(&place.region))
    }

    /// Lists the regions of an account, or two common ones for an account nobody described.
    pub fn regions(&self, account: &str) -> Vec<String> {
        let places = self.estates.keys();
        let known: BTreeSet<String> = places
            .filter(|place| place.account == account)
            .map(|place| place.region.clone())
            .collect();
        if known.is_empty() {
            return vec!["eu-west-1".to_owned(), "us-east-1".to_owned()];
        }
        known.into_iter().collect()
    }

    /// Makes the next resource id, the same in every run that creates in the same order.
    pub fn new_id(&mut self, prefix: &str) -> String {
        self.created += 1;
        format!("{prefix}-0{}", digest(prefix, self.created, 16))
    }

    /// Makes the next address of a range, `203.0.113.` for public ones.
    pub fn new_address(&mut self, network: &str) -> String {
        self.created += 1;
        format!("{network}{}", 1 + self.created % 253)
    }

    /// Makes the next request id.
    pub fn new_request_id(&mut self) -> String {
        self.answered += 1;
        let hex = digest("request", self.answered, 32);
        let groups = [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ];
        groups.join("-")
    }

    fn next_late(&self, now: Timestamp) -> Option<usize> {
        let due = self
            .late
            .iter()
            .enumerate()
            .filter(|(_, late)| late.0 <= now);
        due.min_by_key(|(index, late)| (late.0, *index))
            .map(|(index, _)| index)
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("now", &self.now)
            .field("estates", &self.estates)
            .field("late", &self.late.len())
            .finish_non_exhaustive()
    }
}

/// Returns `length` hexadecimal digits that a counter alone decides.
pub fn digest(seed: &str, number: u64, length: usize) -> String {
    let hash = Sha256::digest(format!("{seed}:{number}").as_bytes());
    let mut hex = data_encoding::HEXLOWER.encode(&hash);
    hex.truncate(length);
    hex
}
