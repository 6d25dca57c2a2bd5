//! Makes the tables of a place and their backups.
//! ARNs and ids follow from names and instants, so that two worlds of one scenario are alike.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::build::{Builder, Built, DAY, unknown};
use super::form;
use crate::sim::dynamodb::model::{
    Backup, BackupKind, Continuous, Destination, Insights, Kept, SYSTEM_BACKUP_KEPT, Settings,
    Stream, Table, TimeToLive, backup_arn, table_arn, table_id,
};
use crate::sim::dynamodb::shape::{Capacity, Change, Index, Items, KeyPart, Put, Shape};
use crate::sim::timeline::Timeline;
use crate::sim::visibility::Visibility;

impl Builder {
    /// Makes them in an order in which each finds what it names.
    pub(super) fn tables(
        &mut self,
        tables: Vec<form::Table>,
        backups: Vec<form::TableBackup>,
        parameters: Vec<form::Parameter>,
    ) -> Built<()> {
        for table in tables {
            self.table(table)?;
        }
        for backup in backups {
            self.table_backups(&backup)?;
        }
        for parameter in parameters {
            self.parameter(parameter)?;
        }
        Ok(())
    }

    fn table(&mut self, form: form::Table) -> Built<()> {
        let arn = table_arn(&self.place, &form.name);
        let created = self.before(form.created_before, DAY * 41)?;
        let shape = self.shape(&form)?;
        let items = self.items(&form)?;
        let settings = self.table_settings(&form, created)?;
        let streams = form.kinesis.iter().map(|one| (one.stream.clone(), true));
        self.estate.dynamodb.streams.extend(streams);
        self.scaling(&form, created)?;
        self.triggers(&form, created)?;
        self.alarms(&form)?;
        let name = form.name;
        let status = form.status.unwrap_or_else(|| "ACTIVE".to_owned());
        let table = Table {
            id: table_id(&arn),
            status: Timeline::new(created, status),
            created,
            shape,
            items,
            settings,
            restored: None,
            visibility: Visibility::default(),
            name: name.clone(),
            arn,
        };
        let tables = &mut self.estate.dynamodb.tables;
        let replaced = tables.insert(name.clone(), table);
        self.once("table", &name, replaced.is_some())
    }

    fn shape(&self, form: &form::Table) -> Built<Shape> {
        let index = |form: &form::Index| {
            let index = Index {
                local: form.local,
                keys: keys(&form.keys),
                projection: form.projection.clone().unwrap_or_else(|| "ALL".to_owned()),
                included: form.included.clone(),
                capacity: capacity(form.capacity),
            };
            (form.name.clone(), index)
        };
        let key_arn = form.key.as_deref().map(|key| self.key_arn(key));
        Ok(Shape {
            keys: keys(&form.keys),
            indexes: form.indexes.iter().map(index).collect(),
            capacity: capacity(form.capacity),
            key_arn: key_arn.transpose()?,
        })
    }

    fn items(&self, form: &form::Table) -> Built<Items> {
        let expiring = form.expiring.iter().map(|expiring| {
            let at = self.before(Some(expiring.before), DAY)?;
            Ok((at, expiring.items))
        });
        let change = form.change.map(|told| -> Built<Change> {
            Ok(Change {
                at: self.before(Some(told.before), DAY)?,
                changed: told.changed,
                added: told.added,
                removed: told.removed,
            })
        });
        Ok(Items {
            count: form.items,
            size_bytes: form.size,
            expires_by: form.ttl.clone(),
            expiring: expiring.collect::<Built<_>>()?,
            as_of: form
                .as_of
                .map(|_| self.before(form.as_of, DAY))
                .transpose()?,
            change: change.transpose()?,
            put: Put::default(),
        })
    }

    fn table_settings(&self, form: &form::Table, created: Timestamp) -> Built<Settings> {
        let since = form.pitr_since.map(|_| self.before(form.pitr_since, DAY));
        let ttl = form.ttl.as_ref().map(|attribute| TimeToLive {
            attribute: attribute.clone(),
            status: Timeline::new(created, "ENABLED"),
            changed: created,
        });
        let mut settings = Settings {
            continuous: since.transpose()?.map(|since| Continuous {
                since,
                days: form.pitr_days.unwrap_or(35),
            }),
            tags: Timeline::new(created, form.tags.clone()),
            protected: form.protected,
            stream: Stream {
                view: form.stream.clone(),
                label: form.stream.as_ref().map(|_| created),
            },
            ttl,
            replicas: form
                .replicas
                .iter()
                .map(|region| (region.clone(), Timeline::new(created, "ACTIVE")))
                .collect(),
            kinesis: form
                .kinesis
                .iter()
                .map(|one| sent_to(one, created))
                .collect(),
            insights: self.insights(form, created)?,
            ..Settings::none(created)
        };
        if let Some(class) = &form.class {
            settings.class.clone_from(class);
        }
        if let Some(policy) = &form.policy {
            settings.put_policy(policy, created);
        }
        Ok(settings)
    }

    fn insights(
        &self,
        form: &form::Table,
        created: Timestamp,
    ) -> Built<BTreeMap<Option<String>, Insights>> {
        let one = |told: &form::Insights| {
            let global = |name: &&String| {
                let mut indexes = form.indexes.iter();
                indexes.any(|index| index.name == **name && !index.local)
            };
            if let Some(other) = told.index.as_ref().filter(|name| !global(name)) {
                return Err(self.no_such("index", other));
            }
            let insights = Insights {
                mode: told.mode.clone(),
                status: Timeline::new(created, "ENABLED"),
            };
            Ok((told.index.clone(), insights))
        };
        form.insights.iter().map(one).collect()
    }

    fn table_backups(&mut self, form: &form::TableBackup) -> Built<()> {
        let every = form.every.map_or(DAY, |every| every.0);
        for number in 0..form.count.unwrap_or(1) {
            let back = every * i32::try_from(number).unwrap_or(i32::MAX);
            let name = form.name.replace("{n}", &(number + 1).to_string());
            let backup = self.table_backup(form, name, form.before.0 + back)?;
            let arn = backup.arn.clone();
            let backups = &mut self.estate.dynamodb.backups;
            let replaced = backups.insert(arn.clone(), backup);
            self.once("table-backup", &arn, replaced.is_some())?;
        }
        Ok(())
    }

    fn table_backup(
        &self,
        form: &form::TableBackup,
        name: String,
        before: SignedDuration,
    ) -> Built<Backup> {
        let table = self.estate.dynamodb.tables.get(&form.table);
        if table.is_some() == form.table_is_gone {
            return Err(self.no_such("table", &form.table));
        }
        let kind = match form.kind.as_deref() {
            None | Some("USER") => BackupKind::User,
            Some("SYSTEM") => BackupKind::System,
            Some("AWS_BACKUP") => BackupKind::AwsBackup,
            Some(other) => return Err(unknown("type of a table-backup", other)),
        };
        let created = self.before(Some(form::Length(before)), DAY)?;
        let kept = form.kept.map(|kept| kept.0);
        let kept = kept.or((kind == BackupKind::System).then_some(SYSTEM_BACKUP_KEPT));
        let expires = kept.map(|kept| created.checked_add(kept)).transpose()?;
        let arn = table_arn(&self.place, &form.table);
        let mut of_table = table.map_or_else(of_a_gone_table, Kept::of);
        if let Some(size) = form.size {
            of_table.items.size_bytes = size;
        }
        Ok(Backup {
            arn: backup_arn(&arn, created, &name),
            name,
            table_name: form.table.clone(),
            table_id: table_id(&arn),
            table_arn: arn,
            kind,
            status: form
                .status
                .clone()
                .unwrap_or_else(|| "AVAILABLE".to_owned()),
            created,
            expires,
            kept: of_table,
        })
    }
}

fn sent_to(told: &form::Destination, created: Timestamp) -> (String, Destination) {
    let destination = Destination {
        precision: told.precision.clone(),
        status: Timeline::new(created, "ACTIVE"),
    };
    (told.stream.clone(), destination)
}

/// Nothing more is said of a table that is gone.
fn of_a_gone_table() -> Kept {
    Kept {
        shape: Shape {
            keys: keys(&[]),
            indexes: BTreeMap::new(),
            capacity: Capacity::ON_DEMAND,
            key_arn: None,
        },
        items: Items::default(),
        stream: None,
        ttl: None,
    }
}

/// `name type`; without a type it is a text, and without any key there is an `id`.
fn keys(told: &[String]) -> Vec<KeyPart> {
    let key = |told: &String| {
        let (attribute, scalar) = told.split_once(' ').unwrap_or((told, "S"));
        KeyPart {
            attribute: attribute.to_owned(),
            scalar: scalar.to_owned(),
        }
    };
    if told.is_empty() {
        return vec![key(&"id".to_owned())];
    }
    told.iter().map(key).collect()
}

fn capacity(told: form::Capacity) -> Capacity {
    match (told.read, told.write) {
        (Some(read), Some(write)) => Capacity::provisioned(read, write),
        (_, _) => Capacity {
            max_read: told.max_read,
            max_write: told.max_write,
            ..Capacity::ON_DEMAND
        },
    }
}
