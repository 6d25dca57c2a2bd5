//! What DynamoDB keeps: tables, backups, and since when a table is backed up continuously.
//! Plain records; what the calls tell of them is in the files beside this one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::putting::Made;
use super::shape::{Items, Shape};
use crate::sim::ec2::model::Tags;
use crate::sim::timeline::{Timeline, after};
use crate::sim::visibility::Visibility;
use crate::sim::world::{Place, digest};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How far the end of a window is behind the present (DynamoDB developer guide: five minutes).
const BEHIND: SignedDuration = SignedDuration::from_mins(5);

/// How long the backup that DynamoDB itself takes of a deleted table is kept.
pub const SYSTEM_BACKUP_KEPT: SignedDuration = SignedDuration::from_hours(35 * 24);

/// The tables and backups of one place.
#[derive(Clone, Debug, Default)]
pub struct DynamoDb {
    /// By name.
    pub tables: BTreeMap<String, Table>,
    /// By ARN.
    pub backups: BTreeMap<String, Backup>,
    /// Kinesis streams that changes of tables can go to, by ARN: whether they take them.
    pub streams: BTreeMap<String, bool>,
    /// Regions in which no replica comes to be active.
    pub without_replicas: BTreeSet<String>,
    /// Transactions by their tokens.
    pub transactions: BTreeMap<String, Made>,
    /// When operations with a limit were called within the last second, by operation.
    pub lately: BTreeMap<&'static str, VecDeque<Timestamp>>,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub id: String,
    pub arn: String,
    /// AWS's word: `ACTIVE`, `CREATING`, `UPDATING`, `DELETING`, `ARCHIVED`.
    pub status: Timeline<String>,
    pub created: Timestamp,
    pub shape: Shape,
    pub items: Items,
    pub settings: Settings,
    pub restored: Option<Restored>,
    pub visibility: Visibility,
}

/// Everything about a table that a restore forgets.
#[derive(Clone, Debug)]
pub struct Settings {
    pub continuous: Option<Continuous>,
    /// They are settled some time after they were changed.
    pub tags: Timeline<Tags>,
    pub protected: bool,
    /// AWS's word: `STANDARD`, `STANDARD_INFREQUENT_ACCESS`.
    pub class: String,
    pub stream: Stream,
    pub ttl: Option<TimeToLive>,
    pub policy: Option<Policy>,
    /// By their Regions, in AWS's word: `CREATING`, `ACTIVE`, `CREATION_FAILED`.
    pub replicas: BTreeMap<String, Timeline<&'static str>>,
    /// The Kinesis streams that its changes go to, or once went to, by ARN.
    pub kinesis: BTreeMap<String, Destination>,
    /// Contributor Insights of its indexes, by name, and of itself, by `None`, where they are or once were on.
    pub insights: BTreeMap<Option<String>, Insights>,
}

impl Settings {
    /// What a table has that was just made and not told anything.
    pub fn none(now: Timestamp) -> Self {
        Self {
            continuous: None,
            tags: Timeline::new(now, Tags::new()),
            protected: false,
            class: "STANDARD".to_owned(),
            stream: Stream::default(),
            ttl: None,
            policy: None,
            replicas: BTreeMap::new(),
            kinesis: BTreeMap::new(),
            insights: BTreeMap::new(),
        }
    }

    /// Puts a policy and returns its revision, which is another one than before.
    pub fn put_policy(&mut self, text: &str, now: Timestamp) -> String {
        let last = self.policy.as_ref();
        let last = last.and_then(|policy| policy.revision.parse().ok());
        let revision = last.map_or(now.as_millisecond(), |last: i64| {
            now.as_millisecond().max(last + 1)
        });
        self.policy = Some(Policy {
            text: text.to_owned(),
            revision: revision.to_string(),
        });
        revision.to_string()
    }
}

/// The stream of a table.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    /// What it holds, if it is on: `NEW_AND_OLD_IMAGES`.
    pub view: Option<String>,
    /// When the last one was switched on: its label.
    pub label: Option<Timestamp>,
}

/// A Kinesis stream that changes of a table go to, or once went to.
#[derive(Clone, Debug)]
pub struct Destination {
    /// AWS's word, `MILLISECOND` or `MICROSECOND`, where it was said.
    pub precision: Option<String>,
    /// AWS's word: `ENABLING`, `ACTIVE`, `ENABLE_FAILED`.
    pub status: Timeline<&'static str>,
}

/// Contributor Insights that are on, or once were.
#[derive(Clone, Debug)]
pub struct Insights {
    /// AWS's word, `ACCESSED_AND_THROTTLED_KEYS` or `THROTTLED_KEYS`, where it was said.
    pub mode: Option<String>,
    /// AWS's word: `ENABLING`, `ENABLED`, `DISABLING`, `DISABLED`.
    pub status: Timeline<&'static str>,
}

/// Time to live that is on, or once was.
#[derive(Clone, Debug)]
pub struct TimeToLive {
    pub attribute: String,
    /// AWS's word: `ENABLING`, `ENABLED`, `DISABLING`, `DISABLED`.
    pub status: Timeline<&'static str>,
    /// When it was changed last.
    pub changed: Timestamp,
}

impl TimeToLive {
    /// Tells whether it is on, or will be if nobody interferes.
    pub fn is_on(&self) -> bool {
        self.status.last().1 == "ENABLED"
    }
}

/// A resource policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub text: String,
    pub revision: String,
}

/// What a table was restored from.
#[derive(Clone, Debug)]
pub struct Restored {
    pub table_arn: String,
    pub backup_arn: Option<String>,
    /// The instant whose data it holds.
    pub at: Timestamp,
}

impl Table {
    /// Returns its status in AWS's words.
    pub fn status_at(&self, now: Timestamp) -> &str {
        self.status.at(now)
    }

    /// Returns the ARN of its last stream, if it ever had one.
    pub fn stream_arn(&self) -> Option<String> {
        let label = self.settings.stream.label?;
        Some(stream_arn(&self.arn, label))
    }

    /// Goes through `UPDATING`.
    pub fn update(&mut self, now: Timestamp, delay: SignedDuration) {
        self.status.turn(now, "UPDATING".to_owned());
        self.status.then(after(now, delay), "ACTIVE".to_owned());
    }

    /// Changes its tags; they are told once they are settled.
    pub fn retag(&mut self, settled: Timestamp, change: impl FnOnce(&mut Tags)) {
        let mut tags = self.settings.tags.last().1.clone();
        change(&mut tags);
        self.settings.tags.then(settled, tags);
    }
}

/// Point-in-time recovery that is switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Continuous {
    pub since: Timestamp,
    /// From 1 to 35.
    pub days: i32,
}

impl Continuous {
    /// Returns the first and the last instant that can be restored at `now`.
    pub fn window(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let kept = now.checked_sub(DAY * self.days).unwrap_or(self.since);
        let latest = now.checked_sub(BEHIND).unwrap_or(now);
        (self.since.max(kept), latest.max(self.since))
    }
}

/// Who made a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupKind {
    User,
    System,
    AwsBackup,
}

impl BackupKind {
    /// Returns the kind as AWS names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::System => "SYSTEM",
            Self::AwsBackup => "AWS_BACKUP",
        }
    }
}

/// A backup of a table, which may be gone.
#[derive(Clone, Debug)]
pub struct Backup {
    pub arn: String,
    pub name: String,
    pub table_name: String,
    pub table_id: String,
    pub table_arn: String,
    pub kind: BackupKind,
    /// AWS's word: `CREATING`, `AVAILABLE`, `DELETED`.
    pub status: String,
    pub created: Timestamp,
    pub expires: Option<Timestamp>,
    pub kept: Kept,
}

/// What a backup keeps of its table.
#[derive(Clone, Debug)]
pub struct Kept {
    pub shape: Shape,
    pub items: Items,
    /// What its stream held, if it was on.
    pub stream: Option<String>,
    /// The attribute of its time to live, if it was on.
    pub ttl: Option<String>,
}

impl Kept {
    /// What a backup of a table keeps.
    pub fn of(table: &Table) -> Self {
        let ttl = table.settings.ttl.as_ref().filter(|ttl| ttl.is_on());
        Self {
            shape: table.shape.clone(),
            items: table.items.clone(),
            stream: table.settings.stream.view.clone(),
            ttl: ttl.map(|ttl| ttl.attribute.clone()),
        }
    }
}

/// Makes the ARN of a table.
pub fn table_arn(place: &Place, name: &str) -> String {
    let Place { account, region } = place;
    format!("arn:aws:dynamodb:{region}:{account}:table/{name}")
}

/// Makes the ARN of a stream, which ends with its label.
pub fn stream_arn(table_arn: &str, label: Timestamp) -> String {
    format!("{table_arn}/stream/{label}")
}

/// Makes the ARN of a backup, which holds the instant in milliseconds and eight digits.
pub fn backup_arn(table_arn: &str, created: Timestamp, name: &str) -> String {
    let millis = created.as_millisecond();
    let digits = digest(&format!("{table_arn}/{name}"), 0, 8);
    format!("{table_arn}/backup/{millis:014}-{digits}")
}

/// Makes an id of the form that DynamoDB gives tables, which a seed alone decides.
pub fn table_id(seed: &str) -> String {
    let hex = digest(seed, 7, 32);
    let groups = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    groups.join("-")
}

impl DynamoDb {
    /// Finds a table by name or ARN.
    pub fn table(&self, name: &str) -> Option<&Table> {
        let mut tables = self.tables.values();
        tables.find(|table| table.name == name || table.arn == name)
    }

    /// Finds a table by name or ARN, to change it.
    pub fn table_mut(&mut self, name: &str) -> Option<&mut Table> {
        let mut tables = self.tables.values_mut();
        tables.find(|table| table.name == name || table.arn == name)
    }

    /// Deletes a table. Of one that is backed up continuously DynamoDB takes a last backup itself.
    pub fn delete(&mut self, name: &str, now: Timestamp) {
        let Some(table) = self.tables.remove(name) else {
            return;
        };
        if table.settings.continuous.is_none() {
            return;
        }
        let name = format!("{}$DeletedTableBackup", table.name);
        let backup = Backup {
            arn: backup_arn(&table.arn, now, &name),
            name,
            kind: BackupKind::System,
            status: "AVAILABLE".to_owned(),
            created: now,
            expires: now.checked_add(SYSTEM_BACKUP_KEPT).ok(),
            kept: Kept::of(&table),
            table_name: table.name,
            table_id: table.id,
            table_arn: table.arn,
        };
        self.backups.insert(backup.arn.clone(), backup);
    }
}
