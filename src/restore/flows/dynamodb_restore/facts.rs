//! What a restore of a table knows of the world: the table with every setting that AWS would forget, the backup if it
//! is one, and whatever has the name that the new table is to get.
//!
//! Whatever was not read says why. Of a parameter only that is kept whether it names the table.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::domain::alarm::Alarms;
use crate::domain::dynamodb::{
    Backup, BackupRow, Destination, Insights, Parameter, Policy, Recovery, Scaling, Table,
    TimeToLive,
};
use crate::domain::ec2::Tags;
use crate::domain::facts::Fact;
use crate::domain::identity::Identities;
use crate::domain::ids::Region;
use crate::domain::place::Place;
use crate::domain::trigger::Trigger;
use crate::restore::observations::kms::Key;

/// The facts of a restore of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFacts {
    /// When observing began.
    pub observed_at: Timestamp,
    /// Where.
    pub place: Place,
    /// ARN of the caller without its session name.
    pub role: String,
    /// Name of the table that is restored, also where it is gone.
    pub name: String,
    /// That table; `None` where it is gone.
    pub source: Option<Table>,
    /// What a file says of the table, where it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// The Region that is restored from, where that is another one: nothing there is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Elsewhere>,
    /// When the table was last seen, where it is gone and nobody has said from where its settings come; `None` where
    /// nothing was kept of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Fact<Timestamp>>,
    /// The backup to restore from, if it is one.
    pub backup: Option<Backup>,
    /// Every backup of the table, the newest first: what remains where there is no window.
    pub backups: Fact<Vec<BackupRow>>,
    /// What has the name that the new table is to get.
    pub target: Fact<Option<Table>>,
    /// Point-in-time recovery of the table.
    pub recovery: Fact<Recovery>,
    /// Its tags.
    pub tags: Fact<Tags>,
    /// Its time to live.
    pub ttl: Fact<Option<TimeToLive>>,
    /// Its resource policy.
    pub policy: Fact<Option<Policy>>,
    /// How Application Auto Scaling scales it and its indexes.
    pub scaling: Fact<Scaling>,
    /// Kinesis streams that it writes to.
    pub kinesis: Fact<Vec<Destination>>,
    /// Where Contributor Insights are on: itself, and its global indexes.
    pub insights: Fact<Vec<Insights>>,
    /// What reads its stream: the mappings by which Lambda calls functions; none where it has no stream.
    pub triggers: Fact<Vec<Trigger>>,
    /// The alarms that watch it, and those that go by them. They are there also where it is gone.
    pub alarms: Fact<Alarms>,
    /// Names that copies of these alarms would get, and that another alarm has.
    pub taken: Fact<Vec<String>>,
    /// The parameter by which applications find it; `None` where none was named, or no such parameter is there.
    pub parameter: Option<Fact<Option<Parameter>>>,
    /// The KMS key that the new table is encrypted with; `None` for the key that `DynamoDB` owns.
    pub key: Option<Fact<Key>>,
    /// Policies of users, groups and roles that name the table and not the new one, with what to change.
    pub identities: Fact<Identities>,
}

/// A table that is gone, as it was when its settings were saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// When they were saved.
    pub at: Timestamp,
    /// The table.
    pub table: Table,
    /// Whether nobody has saved them on purpose: they are what was last seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last_seen: bool,
}

/// The Region that is restored from, where that is not the one of the new table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// The Region.
    pub region: Region,
    /// The table, if it is still there.
    pub table: Option<Table>,
}

impl TableFacts {
    /// Facts of a table of which nothing is known yet.
    pub(super) fn of(clients: &Clients, observed_at: Timestamp, name: String) -> Self {
        Self {
            observed_at,
            place: clients.place.clone(),
            role: clients.role.clone(),
            name,
            source: None,
            before: None,
            from: None,
            last_seen: None,
            backup: None,
            backups: gone(),
            target: gone(),
            recovery: gone(),
            tags: gone(),
            ttl: gone(),
            policy: gone(),
            scaling: gone(),
            kinesis: gone(),
            insights: gone(),
            triggers: gone(),
            alarms: gone(),
            taken: gone(),
            parameter: None,
            key: None,
            identities: Fact::Unknown("the new table has no name yet".to_owned()),
        }
    }

    /// Returns the table as it is, or else as it was when its settings were saved.
    pub(super) fn described(&self) -> Option<&Table> {
        let saved = self.before.as_ref().map(|before| &before.table);
        let elsewhere = self.from.as_ref().and_then(|from| from.table.as_ref());
        self.source.as_ref().or(elsewhere).or(saved)
    }

    /// Leads these facts, which were read where the table is, to where the new one is to be. From there, the table is
    /// one that is not there, but of which everything is known.
    pub(super) fn led_to(&mut self, place: &Place) {
        let from = std::mem::replace(&mut self.place, place.clone()).region;
        if from == place.region {
            return;
        }
        self.from = Some(Elsewhere {
            region: from,
            table: self.source.take(),
        });
    }

    /// Returns the Region of the table that is restored, where it is there, and not here.
    pub(super) fn stays_in(&self) -> Option<&Region> {
        let from = self.from.as_ref()?;
        from.table.as_ref().map(|_there| &from.region)
    }

    /// Returns the ARN of the table that is restored.
    pub(super) fn old_arn(&self) -> String {
        let region = self.from.as_ref().map(|from| &from.region);
        self.arn_in(region.unwrap_or(&self.place.region), &self.name)
    }

    /// Returns the ARN that a table of a name has here, which follows from the name alone.
    pub(super) fn arn_of(&self, name: &str) -> String {
        self.arn_in(&self.place.region, name)
    }

    fn arn_in(&self, region: &Region, name: &str) -> String {
        let known = self.described().map(|source| source.arn.as_str());
        let known = known.or(self.backup.as_ref().map(|backup| backup.table_arn.as_str()));
        // A copy of a backup tells the ARN of a table elsewhere: only the partition is the same here.
        let partition = known.and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
        format!(
            "arn:{partition}:dynamodb:{}:{}:table/{name}",
            region.as_str(),
            self.place.account.as_str()
        )
    }

    /// Returns how much data there is, in bytes, as AWS has counted it last.
    pub(super) fn bytes(&self) -> u64 {
        let of_backup = self.backup.as_ref().map(|backup| backup.bytes);
        let of_table = self.described().map(|source| source.bytes);
        let bytes = of_backup.or(of_table).unwrap_or_default();
        u64::try_from(bytes).unwrap_or_default()
    }
}

fn gone<T>() -> Fact<T> {
    Fact::Unknown("the table is gone".to_owned())
}
