//! Makes the tables of a place and their backups.
//! ARNs and ids follow from names and instants, so that two worlds of one scenario are alike.

use jiff::SignedDuration;

use super::build::{Builder, Built, DAY, unknown};
use super::form;
use crate::sim::dynamodb::model::{
    Backup, BackupKind, Continuous, SYSTEM_BACKUP_KEPT, Table, backup_arn, table_arn, table_id,
};

impl Builder {
    pub(super) fn table(&mut self, form: form::Table) -> Built<()> {
        let arn = table_arn(&self.place, &form.name);
        let key_arn = form
            .key
            .as_deref()
            .map(|key| self.key_arn(key))
            .transpose()?;
        let since = form.pitr_since.map(|_| self.before(form.pitr_since, DAY));
        let table = Table {
            id: table_id(&arn),
            status: form.status.unwrap_or_else(|| "ACTIVE".to_owned()),
            created: self.before(form.created_before, DAY * 41)?,
            items: form.items,
            size_bytes: form.size,
            key_arn,
            continuous: since.transpose()?.map(|since| Continuous {
                since,
                days: form.pitr_days.unwrap_or(35),
            }),
            tags: form.tags,
            name: form.name.clone(),
            arn,
        };
        let tables = &mut self.estate.dynamodb.tables;
        let replaced = tables.insert(form.name.clone(), table);
        self.once("table", &form.name, replaced.is_some())
    }

    pub(super) fn table_backups(&mut self, form: &form::TableBackup) -> Built<()> {
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
            size_bytes: form
                .size
                .or(table.map(|table| table.size_bytes))
                .unwrap_or_default(),
        })
    }
}
