//! Makes the databases of a place, and their snapshots.
//!
//! Identifiers and ARNs have the form that RDS gives them; what is random in one is derived from names here.

use jiff::{SignedDuration, Timestamp};

use super::build::{Builder, Built, DAY, unknown};
use super::database_form as form;
use crate::sim::rds::model::{Database, Snapshot};
use crate::sim::world::{Place, digest};

/// Instance or cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Instance,
    Cluster,
}

impl Kind {
    /// The word in the ARN of a database.
    fn word(self) -> &'static str {
        match self {
            Self::Instance => "db",
            Self::Cluster => "cluster",
        }
    }

    /// The word in the ARN of a snapshot.
    fn snapshot_word(self) -> &'static str {
        match self {
            Self::Instance => "snapshot",
            Self::Cluster => "cluster-snapshot",
        }
    }
}

impl Builder {
    /// Makes the databases.
    pub(super) fn databases(
        &mut self,
        instances: Vec<form::Database>,
        clusters: Vec<form::Database>,
    ) -> Built<()> {
        for form in clusters {
            let cluster = self.database(Kind::Cluster, form)?;
            let id = cluster.resource_id.clone();
            let replaced = self.estate.databases.clusters.insert(id.clone(), cluster);
            self.once("DB cluster", &id, replaced.is_some())?;
        }
        for form in instances {
            let instance = self.database(Kind::Instance, form)?;
            let id = instance.resource_id.clone();
            let replaced = self.estate.databases.instances.insert(id.clone(), instance);
            self.once("DB instance", &id, replaced.is_some())?;
        }
        Ok(())
    }

    /// Makes the snapshots.
    pub(super) fn database_snapshots(
        &mut self,
        of_instances: Vec<form::DbSnapshot>,
        of_clusters: Vec<form::DbSnapshot>,
    ) -> Built<()> {
        for form in of_instances {
            self.taken_regularly(Kind::Instance, &form)?;
        }
        for form in of_clusters {
            self.taken_regularly(Kind::Cluster, &form)?;
        }
        Ok(())
    }

    fn database(&self, kind: Kind, form: form::Database) -> Built<Database> {
        let Place { account, region } = &self.place;
        let home = form.replicated_from.as_deref().unwrap_or(region);
        let word = kind.word();
        let created = self.before(form.created_before, DAY * 200)?;
        let deleted = form
            .deleted_before
            .map(|length| self.before(Some(length), DAY));
        let random = random(
            &format!("{account}/{home}/{word}/{}/{created}", form.name),
            26,
        );
        let own = format!("arn:aws:rds:{region}:{account}");
        let key = form.key.as_deref();
        Ok(Database {
            resource_id: format!("{word}-{}", random.to_uppercase()),
            arn: format!("arn:aws:rds:{home}:{account}:{word}:{}", form.name),
            backup_arn: match kind {
                Kind::Instance => format!("{own}:auto-backup:ab-{random}"),
                Kind::Cluster => format!("{own}:cluster-auto-backup:ab-{random}"),
            },
            engine: form.engine,
            engine_version: form.engine_version,
            class: form.class,
            allocated_storage: form.size.unwrap_or(1),
            kms_key_id: key.map(|key| self.key_arn(key)).transpose()?,
            created,
            deleted: deleted.transpose()?,
            retention_days: form.retention_days.unwrap_or(7),
            status: form.status.unwrap_or_else(|| "available".to_owned()),
            member_of: form
                .cluster
                .map(|name| self.cluster_named(&name))
                .transpose()?,
            recovery_point_arn: form.aws_backup.then(|| {
                let point = format!("continuous:{word}-{random}");
                format!("arn:aws:backup:{region}:{account}:recovery-point:{point}")
            }),
            replicated_from: form.replicated_from,
            tags: form.tags,
            id: form.name,
        })
    }

    fn cluster_named(&self, name: &str) -> Built<String> {
        let mut clusters = self.estate.databases.clusters.values();
        let found = clusters.find(|cluster| cluster.id == name);
        found
            .map(|cluster| cluster.id.clone())
            .ok_or_else(|| self.no_such("DB cluster", name))
    }

    fn taken_regularly(&mut self, kind: Kind, form: &form::DbSnapshot) -> Built<()> {
        let last = match form.after {
            Some(after) => self.incident.checked_add(after.0)?,
            None => self.before(form.before, DAY)?,
        };
        let every = form.every.map_or(DAY, |every| every.0);
        for number in 0..form.count.unwrap_or(1) {
            let number = i32::try_from(number).unwrap_or(i32::MAX);
            let created = last.checked_sub(every * number)?;
            let snapshot = self.database_snapshot(kind, form, created)?;
            let id = snapshot.id.clone();
            let key = snapshot.shown_id(&self.place.account).to_owned();
            let databases = &mut self.estate.databases;
            let all = match kind {
                Kind::Instance => &mut databases.instance_snapshots,
                Kind::Cluster => &mut databases.cluster_snapshots,
            };
            let replaced = all.insert(key, snapshot);
            self.once("DB snapshot", &id, replaced.is_some())?;
        }
        Ok(())
    }

    fn database_snapshot(
        &self,
        kind: Kind,
        form: &form::DbSnapshot,
        created: Timestamp,
    ) -> Built<Snapshot> {
        let of = self.snapshot_source(kind, &form.database);
        let engine = form.engine.clone().or(of.map(|of| of.engine.clone()));
        let engine = engine.ok_or_else(|| self.no_such("database", &form.database))?;
        let size = form.size.or(of.map(|of| of.allocated_storage));
        let key = form.key.as_deref().map(|key| self.key_arn(key));
        let owner = form.owner.as_ref().unwrap_or(&self.place.account);
        let made = made(kind, form.made.as_deref())?;
        let id = snapshot_id(form, created);
        let (region, word) = (&self.place.region, kind.snapshot_word());
        let since = form
            .original_before
            .map_or(SignedDuration::ZERO, |since| since.0);
        Ok(Snapshot {
            arn: format!("arn:aws:rds:{region}:{owner}:{word}:{id}"),
            id,
            database: form.database.clone(),
            resource_id: of.map(|of| of.resource_id.clone()).unwrap_or_default(),
            owner: owner.clone(),
            made,
            public: form.public,
            created,
            original: created.checked_sub(since)?,
            copied_from: form.copied_from.clone(),
            status: form
                .status
                .clone()
                .unwrap_or_else(|| "available".to_owned()),
            engine,
            engine_version: of.map(|of| of.engine_version.clone()).unwrap_or_default(),
            allocated_storage: size.unwrap_or(1),
            kms_key_id: key
                .transpose()?
                .or_else(|| of.and_then(|of| of.kms_key_id.clone())),
            tags: form.tags.clone(),
        })
    }

    fn snapshot_source(&self, kind: Kind, name: &str) -> Option<&Database> {
        let databases = &self.estate.databases;
        let mut all = match kind {
            Kind::Instance => databases.instances.values(),
            Kind::Cluster => databases.clusters.values(),
        };
        all.find(|one| one.id == name)
    }
}

/// Snapshots of clusters know no type of AWS Backup's own: its snapshots count as manual there.
fn made(kind: Kind, word: Option<&str>) -> Built<String> {
    match (kind, word.unwrap_or("manual")) {
        (Kind::Cluster, "awsbackup") => Ok("manual".to_owned()),
        (_, word @ ("automated" | "manual" | "awsbackup")) => Ok(word.to_owned()),
        (_, other) => Err(unknown("type of a snapshot", other)),
    }
}

fn snapshot_id(form: &form::DbSnapshot, created: Timestamp) -> String {
    let date = created.strftime("%Y-%m-%d-%H-%M");
    let database = &form.database;
    match (&form.id, form.made.as_deref()) {
        (Some(id), _) if form.count.is_some() => format!("{id}-{date}"),
        (Some(id), _) => id.clone(),
        (None, Some("automated")) => format!("rds:{database}-{date}"),
        (None, Some("awsbackup")) => {
            let hex = random(&format!("{database}/{date}"), 12);
            format!("awsbackup:job-{hex}")
        }
        (None, _) => format!("{database}-{date}"),
    }
}

fn random(seed: &str, length: usize) -> String {
    digest(seed, 0, length)
}
