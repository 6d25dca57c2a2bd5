//! Makes the vaults, recovery points and legal holds of a place.
//!
//! They come after everything else: a recovery point can be a snapshot of the place, and is then named as that is.

use aws_sdk_backup::types as backup;
use jiff::{SignedDuration, Timestamp};

use super::build::{Builder, Built, DAY, unknown};
use super::form;
use crate::sim::backup::model::{Hold, Plan, Point, Scan, Vault};
use crate::sim::backup::rows::date;
use crate::sim::world::digest;

/// How long the backup jobs took that a scenario begins with.
const BACKUP_TOOK: SignedDuration = SignedDuration::from_mins(9);
/// The tag that AWS Backup writes on the snapshots it makes.
const SOURCE: &str = "aws:backup:source-resource";
const GIB: i64 = 1 << 30;

impl Builder {
    pub(super) fn vault(&mut self, form: form::Vault) -> Built<()> {
        let mut vault = self.make_vault(&form)?;
        for described in form.points {
            for point in self.points(&vault, &described)? {
                let arn = point.arn.clone();
                let replaced = vault.points.insert(arn.clone(), point);
                self.once("recovery point", &arn, replaced.is_some())?;
            }
        }
        let arn = vault.arn.clone();
        let replaced = self.estate.vaults.insert(arn.clone(), vault);
        self.once("vault", &arn, replaced.is_some())
    }

    fn make_vault(&self, form: &form::Vault) -> Built<Vault> {
        let owner = form.owner.clone();
        let owner = owner.unwrap_or_else(|| self.place.account.clone());
        let region = &self.place.region;
        let kind = vault_type(form.vault_type.as_deref())?;
        let air_gapped = kind == backup::VaultType::LogicallyAirGappedBackupVault;
        let lock_date = match (form.lock.as_deref(), form.locks_after, form.locked_before) {
            (Some("compliance"), Some(after), _) => Some(self.incident.checked_add(after.0)?),
            (Some("compliance"), None, before) => Some(self.before(before, DAY * 90)?),
            (None | Some("governance"), _, _) => None,
            (Some(other), _, _) => return Err(unknown("lock", other)),
        };
        Ok(Vault {
            arn: format!("arn:aws:backup:{region}:{owner}:backup-vault:{}", form.name),
            name: form.name.clone(),
            owner,
            kind,
            state: backup::VaultState::Available,
            created: self.before(form.created_before, DAY * 400)?,
            key: self.key_of(form.key.as_deref())?,
            locked: form.lock.is_some() || air_gapped,
            lock_date,
            min_retention_days: form.min_retention_days,
            max_retention_days: form.max_retention_days,
            policy: form.policy.clone(),
            counted: form.counted,
            denied: form.denied,
            points: std::collections::BTreeMap::new(),
        })
    }

    fn key_of(&self, name: Option<&str>) -> Built<Option<String>> {
        name.map(|name| self.key_arn(name)).transpose()
    }

    /// Makes one point, a series of them, or one for each snapshot that AWS Backup has made of a volume.
    fn points(&self, vault: &Vault, form: &form::Point) -> Built<Vec<Point>> {
        if let Some(volume) = &form.snapshots_of {
            let id = self.volume_id(volume)?;
            let snapshots = self.estate.snapshots.values();
            let made = snapshots.filter(|one| one.volume_id == id && one.tags.contains_key(SOURCE));
            return made
                .map(|one| {
                    let arn = format!("arn:aws:ec2:{}::snapshot/{}", self.place.region, one.id);
                    self.point(vault, form, one.started, Some(arn))
                })
                .collect();
        }
        let last = form.before.map_or(DAY, |length| length.0);
        let every = form.every.map_or(DAY, |length| length.0);
        (0..form.count.unwrap_or(1))
            .map(|number| {
                let number = i32::try_from(number).unwrap_or(i32::MAX);
                let created = self.incident.checked_sub(last + every * number)?;
                self.point(vault, form, created, form.arn.clone())
            })
            .collect()
    }

    fn point(
        &self,
        vault: &Vault,
        form: &form::Point,
        created: Timestamp,
        arn: Option<String>,
    ) -> Built<Point> {
        let status = status(form)?;
        let done = status != backup::RecoveryPointStatus::Creating;
        let completed = done.then(|| created.checked_add(BACKUP_TOOK)).transpose()?;
        Ok(Point {
            arn: arn.unwrap_or_else(|| self.point_arn(vault, form, created)),
            status,
            status_message: form.status_message.clone(),
            resource_arn: self.resource_arn(form)?,
            resource_type: form
                .resource_type
                .clone()
                .unwrap_or_else(|| "EBS".to_owned()),
            resource_name: form.resource_name.clone(),
            created,
            completed,
            size: form.size.map(|gib| gib * GIB),
            cold_after_days: form.cold_after_days,
            delete_after_days: form.delete_after_days,
            key: self
                .key_of(form.key.as_deref())?
                .or_else(|| vault.key.clone()),
            role: format!(
                "arn:aws:iam::{}:role/service-role/AWSBackupDefaultServiceRole",
                vault.owner
            ),
            plan: form.plan.as_deref().map(|name| self.plan(name)),
            is_parent: form.composite,
            parent: form.parent.as_deref().map(|id| self.own_arn(vault, id)),
            member: form.member.clone(),
            source_vault: form.source_vault.clone(),
            scan: scan(form.scan.as_deref(), completed.unwrap_or(created))?,
            index: form.index.clone(),
            restored: form
                .restored_before
                .map(|before| self.before(Some(before), DAY))
                .transpose()?,
        })
    }

    fn plan(&self, name: &str) -> Plan {
        let id = digest(name, 0, 8);
        let crate::sim::world::Place { account, region } = &self.place;
        Plan {
            arn: format!("arn:aws:backup:{region}:{account}:backup-plan:{id}"),
            id,
            rule: name.to_owned(),
        }
    }

    fn own_arn(&self, vault: &Vault, id: &str) -> String {
        let (region, owner) = (&self.place.region, &vault.owner);
        format!("arn:aws:backup:{region}:{owner}:recovery-point:{id}")
    }

    /// The ids of continuous and composite points tell what they are.
    fn point_arn(&self, vault: &Vault, form: &form::Point, created: Timestamp) -> String {
        let subject = form.resource.as_deref().unwrap_or_default();
        let seed = format!("{}/{}/{subject}/{created}", self.place.region, vault.name);
        let hex = digest(&seed, 0, 32);
        let name = form.resource_name.as_deref().unwrap_or("resource");
        let id = match &form.id {
            Some(id) => id.clone(),
            None if form.continuous => format!("continuous:{name}-{}", &hex[..8]),
            None => [
                &hex[..8],
                &hex[8..12],
                &hex[12..16],
                &hex[16..20],
                &hex[20..],
            ]
            .join("-")
            .to_uppercase(),
        };
        self.own_arn(vault, &id)
    }

    /// A resource is named by its ARN, or as a volume of the place.
    fn resource_arn(&self, form: &form::Point) -> Built<String> {
        let named = form.resource.as_deref().or(form.snapshots_of.as_deref());
        let named = named.ok_or_else(|| self.no_such("resource", ""))?;
        if named.starts_with("arn:") {
            return Ok(named.to_owned());
        }
        let crate::sim::world::Place { account, region } = &self.place;
        let volume = self.volume_id(named)?;
        Ok(format!("arn:aws:ec2:{region}:{account}:volume/{volume}"))
    }

    fn volume_id(&self, name: &str) -> Built<String> {
        self.resolve("volume", name, |estate, id| estate.volumes.contains_key(id))
    }

    /// A hold holds the points of the resources and of the vaults that it names.
    pub(super) fn hold(&mut self, form: form::LegalHold) -> Built<()> {
        let names = |vault: &Vault, point: &Point| {
            form.vaults.contains(&vault.name) || form.resources.contains(&point.resource_arn)
        };
        let vaults = self.estate.vaults.values();
        let all = vaults.flat_map(|vault| vault.points.values().map(move |point| (vault, point)));
        let points = all.filter(|(vault, point)| names(vault, point));
        let points = points.map(|(_, point)| point.arn.clone()).collect();
        let crate::sim::world::Place { account, region } = &self.place;
        let id = digest(&format!("hold/{}", form.title), 0, 16);
        let status = form.status.as_deref().unwrap_or("ACTIVE");
        let hold = Hold {
            arn: format!("arn:aws:backup:{region}:{account}:legal-hold:{id}"),
            title: form.title,
            description: form.description,
            status: backup::LegalHoldStatus::from(status),
            created: self.before(form.created_before, DAY * 10)?,
            points,
            id: id.clone(),
        };
        let replaced = self.estate.holds.insert(id.clone(), hold);
        self.once("legal hold", &id, replaced.is_some())
    }

    /// A protected resource without any recovery point left.
    pub(super) fn protected(&mut self, form: form::Protected) -> Built<()> {
        let last = self.before(form.last_before, DAY * 60)?;
        let row = backup::ProtectedResource::builder()
            .resource_arn(form.resource)
            .resource_type(form.resource_type)
            .set_resource_name(form.resource_name)
            .last_backup_time(date(last));
        self.estate.protected.push(row.build());
        Ok(())
    }
}

fn vault_type(word: Option<&str>) -> Built<backup::VaultType> {
    match word {
        None | Some("BACKUP_VAULT") => Ok(backup::VaultType::BackupVault),
        Some("LOGICALLY_AIR_GAPPED_BACKUP_VAULT") => {
            Ok(backup::VaultType::LogicallyAirGappedBackupVault)
        }
        Some("RESTORE_ACCESS_BACKUP_VAULT") => Ok(backup::VaultType::RestoreAccessBackupVault),
        Some(other) => Err(unknown("type of a vault", other)),
    }
}

/// A continuous point is available as long as it goes on; any other is completed.
fn status(form: &form::Point) -> Built<backup::RecoveryPointStatus> {
    use backup::RecoveryPointStatus as Status;
    let usual = if form.continuous {
        "AVAILABLE"
    } else {
        "COMPLETED"
    };
    match Status::from(form.status.as_deref().unwrap_or(usual)) {
        known if Status::values().contains(&known.as_str()) => Ok(known),
        other => Err(unknown("status of a recovery point", other.as_str())),
    }
}

fn scan(word: Option<&str>, at: Timestamp) -> Built<Option<Scan>> {
    let scan = |failed, found| Ok(Some(Scan { failed, found, at }));
    match word {
        None => Ok(None),
        Some("malware") => scan(false, true),
        Some("clean") => scan(false, false),
        Some("failed") => scan(true, false),
        Some(other) => Err(unknown("scan of a recovery point", other)),
    }
}
