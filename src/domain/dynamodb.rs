//! A `DynamoDB` table as it was seen, with everything that a restore has to give back to the new one.
//!
//! Words are those of the API; sizes are in bytes, throughput in units a second. What AWS leaves out where it is
//! the usual is filled in by who reads it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::alarm::Alarm;
use super::ec2::Tags;
use super::text::Untrusted;
use super::trigger::Reading;

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name, which is its id within an account and a Region.
    pub name: String,
    /// Its ARN, which follows from the name alone.
    pub arn: String,
    /// Its `TableId`: another one for a table that is made again under the same name.
    pub id: String,
    /// `ACTIVE`, `CREATING`, `UPDATING` …
    pub status: String,
    /// How many items it holds; AWS counts about every six hours.
    pub items: i64,
    /// Bytes; AWS counts about every six hours.
    pub bytes: i64,
    /// Its primary key: the `HASH` key, then the `RANGE` key if there is one.
    pub keys: Vec<Key>,
    /// Its throughput.
    pub capacity: Capacity,
    /// Its class; `STANDARD` where AWS tells none.
    pub class: String,
    /// Its indexes, sorted by name.
    pub indexes: Vec<Index>,
    /// ARN of its KMS key; `None` for the key that `DynamoDB` owns.
    pub kms_key: Option<String>,
    /// What its stream holds, `NEW_AND_OLD_IMAGES`; `None` where it is off.
    pub stream: Option<String>,
    /// ARN of its latest stream, which stays after the stream was switched off.
    pub stream_arn: Option<String>,
    /// Whether it is protected from deletion.
    pub deletion_protection: bool,
    /// Regions of its replicas.
    pub replicas: Vec<String>,
    /// What it was restored from.
    pub restored: Option<Restored>,
}

/// An attribute of a primary key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Name of the attribute.
    pub attribute: String,
    /// `HASH` or `RANGE`.
    pub kind: String,
    /// `S`, `N` or `B`; empty where it is not told, as for a backup.
    pub scalar: String,
}

/// Throughput of a table or a global index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// Whether it is paid by request.
    pub on_demand: bool,
    /// Provisioned read units; 0 on demand.
    pub read: i64,
    /// Provisioned write units; 0 on demand.
    pub write: i64,
    /// The most read units on demand, where that is limited.
    pub max_read: Option<i64>,
    /// The most write units on demand, where that is limited.
    pub max_write: Option<i64>,
}

/// A secondary index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether it is a local one, which has no throughput of its own.
    pub local: bool,
    /// Its key.
    pub keys: Vec<Key>,
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    pub projection: String,
    /// Attributes that it holds besides the keys, for `INCLUDE`.
    pub included: Vec<String>,
    /// Its throughput; `None` for a local index.
    pub capacity: Option<Capacity>,
    /// `ACTIVE`, `CREATING` …; empty where it is not told, as for a local index or a backup.
    pub status: String,
}

/// What a table was restored from (`RestoreSummary`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// ARN of the table that the data was once in.
    pub from_table: Option<String>,
    /// ARN of the backup, if it was one.
    pub from_backup: Option<String>,
    /// The instant whose data it holds, for a backup the one at which it was made.
    pub at: Timestamp,
    /// Whether it still goes on.
    pub in_progress: bool,
}

/// Point-in-time recovery of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// For how many days any second can be restored; `None` where it is off.
    pub days: Option<i32>,
    /// What can be restored now. It moves with every second, so it is no part of what makes two plans the same:
    /// what is called `moving` is left out where facts are compared.
    pub moving: Option<Window>,
}

/// The seconds that can be restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The first.
    pub earliest: Timestamp,
    /// The last, usually five minutes ago.
    pub latest: Timestamp,
}

/// A backup by `DynamoDB` itself or by AWS Backup, with the settings that it keeps of its table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Its ARN, which is its id.
    pub arn: String,
    /// Its name.
    pub name: Untrusted,
    /// `AVAILABLE`, `CREATING`, `DELETED`.
    pub state: String,
    /// `USER`, `SYSTEM` or `AWS_BACKUP`.
    pub kind: String,
    /// When it was asked for.
    pub taken_at: Timestamp,
    /// When AWS deletes it, for one that it keeps of a deleted table.
    pub expires_at: Option<Timestamp>,
    /// Bytes.
    pub bytes: i64,
    /// Name of its table.
    pub table: String,
    /// ARN of its table.
    pub table_arn: String,
    /// Throughput of the table.
    pub capacity: Capacity,
    /// Primary key of the table.
    pub keys: Vec<Key>,
    /// Indexes of the table, sorted by name; `None` where the answer told no features of the table at all.
    pub indexes: Option<Vec<Index>>,
    /// What the table's stream held; `None` where it was off.
    pub stream: Option<String>,
    /// The attribute of the table's time to live; `None` where it was off.
    pub ttl: Option<String>,
    /// ARN of the KMS key; `None` for the key that `DynamoDB` owns.
    pub kms_key: Option<String>,
}

/// A backup as a list tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRow {
    /// Its ARN.
    pub arn: String,
    /// When it was asked for.
    pub taken_at: Timestamp,
    /// `AVAILABLE` …
    pub state: String,
}

/// The resource policy of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its JSON.
    pub document: Untrusted,
    /// Its `RevisionId`, another one after every change.
    pub revision: String,
}

/// Time to live of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeToLive {
    /// The attribute that holds the second in which an item expires.
    pub attribute: String,
    /// `ENABLED`, `ENABLING`, `DISABLING` or `DISABLED`.
    pub status: String,
}

/// A Kinesis data stream that the changes of a table go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// ARN of the stream.
    pub stream: String,
    /// How exactly a record says when it was made, `MILLISECOND` or `MICROSECOND`; `None` where AWS tells none.
    pub precision: Option<String>,
}

/// Contributor Insights of a table or of one of its global indexes: which keys are asked for most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insights {
    /// The index; `None` for the table itself.
    pub index: Option<String>,
    /// What is recorded, `ACCESSED_AND_THROTTLED_KEYS` or `THROTTLED_KEYS`; `None` where AWS tells none.
    pub mode: Option<String>,
}

/// What Application Auto Scaling knows of a table and its indexes. Each list is sorted by resource, dimension and
/// name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scaling {
    /// What it scales.
    pub targets: Vec<ScalableTarget>,
    /// By which rules.
    pub policies: Vec<ScalingPolicy>,
    /// And at which times.
    pub actions: Vec<ScheduledAction>,
}

/// A scalable target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalableTarget {
    /// `table/T` or `table/T/index/I`.
    pub resource: String,
    /// `dynamodb:table:ReadCapacityUnits` …
    pub dimension: String,
    /// The least capacity, in units.
    pub min: i32,
    /// The most capacity, in units.
    pub max: i32,
    /// Whether these are suspended: scaling in, scaling out, scheduled scaling.
    pub suspended: [bool; 3],
    /// ARN of the role that it acts as.
    pub role: String,
}

/// A scaling policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalingPolicy {
    /// Its name.
    pub name: String,
    /// `table/T` or `table/T/index/I`.
    pub resource: String,
    /// `dynamodb:table:ReadCapacityUnits` …
    pub dimension: String,
    /// What it does, as the API names it: `{"TargetTrackingScalingPolicyConfiguration": {…}}`.
    pub configuration: Value,
}

/// A scheduled action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledAction {
    /// Its name.
    pub name: String,
    /// `table/T` or `table/T/index/I`.
    pub resource: String,
    /// `dynamodb:table:ReadCapacityUnits` …
    pub dimension: String,
    /// `cron(…)`, `rate(…)` or `at(…)`.
    pub schedule: String,
    /// Time zone of the schedule; `None` for UTC.
    pub timezone: Option<String>,
    /// From when it applies.
    pub start: Option<Timestamp>,
    /// Until when it applies.
    pub end: Option<Timestamp>,
    /// The least capacity that it sets, in units.
    pub min: Option<i32>,
    /// The most capacity that it sets, in units.
    pub max: Option<i32>,
}

/// A parameter of Systems Manager by which applications find the table. Its value is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// `String`, `StringList` or `SecureString`.
    pub kind: String,
    /// Its version, one more after every change.
    pub version: i64,
    /// What its value is.
    pub holds: Holds,
}

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// The name of the table.
    Name,
    /// The ARN of the table.
    Arn,
    /// Something else, which nobody needs to know.
    Other,
}

/// What a restore is asked to make otherwise than it was. `None` leaves it to what is restored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrides {
    /// Whether it is paid by request.
    pub on_demand: Option<bool>,
    /// Its throughput.
    pub capacity: Option<Capacity>,
    /// The global indexes it is made with, out of those there were; empty for none.
    pub indexes: Option<Vec<Index>>,
    /// The local indexes it is made with, out of those there were; empty for none.
    pub local_indexes: Option<Vec<Index>>,
    /// ARN of its KMS key.
    pub kms_key: Option<String>,
}

/// How a restored table has to be. `None` is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Its class.
    pub class: Option<String>,
    /// Whether it is protected from deletion.
    pub deletion_protection: Option<bool>,
    /// Its throughput.
    pub capacity: Option<Capacity>,
    /// What is scaled by itself, `resource:dimension`: its throughput is not compared.
    pub scaled: Vec<String>,
    /// Names of its indexes, sorted.
    pub indexes: Option<Vec<String>>,
    /// What its stream holds.
    pub stream: Option<String>,
    /// The Kinesis streams that its changes go to, among others.
    pub kinesis: Option<Vec<Destination>>,
    /// Where Contributor Insights are on, among others.
    pub insights: Option<Vec<Insights>>,
    /// What reads its stream, among others, whether it is enabled or not.
    pub triggers: Option<Vec<Reading>>,
    /// The alarms that watch it, among others, whether they act or not.
    pub alarms: Option<Vec<Alarm>>,
    /// For how many days any second of it can be restored.
    pub recovery_days: Option<i32>,
    /// Tags that it has to have, among others.
    #[serde(with = "super::text::pairs")]
    pub tags: Tags,
    /// Its resource policy, as JSON.
    pub policy: Option<Untrusted>,
    /// How it is scaled.
    pub scaling: Option<Scaling>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_of_a_tag_is_no_name_of_a_field_of_what_is_wanted() {
        let wanted = Wanted {
            tags: Tags::from([("$output".into(), "restore.table".into())]),
            ..Wanted::default()
        };
        let written = serde_json::to_value(&wanted).unwrap();
        let pair = json!([{"key": "$output", "value": "restore.table"}]);
        assert_eq!(written["tags"], pair);
        assert_eq!(serde_json::from_value::<Wanted>(written).unwrap(), wanted);
    }

    #[test]
    fn what_moves_by_itself_stands_under_a_name_of_its_own() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let recovery = Recovery {
            days: Some(35),
            moving: Some(Window {
                earliest: at("2026-02-03T14:20:00Z"),
                latest: at("2026-03-10T14:15:00Z"),
            }),
        };
        let written = serde_json::to_value(&recovery).unwrap();
        let window = json!({"earliest": "2026-02-03T14:20:00Z", "latest": "2026-03-10T14:15:00Z"});
        assert_eq!(written, json!({"days": 35, "moving": window}));
        assert_eq!(
            serde_json::from_value::<Recovery>(written).unwrap(),
            recovery
        );
    }
}
