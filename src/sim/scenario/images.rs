//! Makes the images of a place, and what lies in its Recycle Bin or is locked.
//!
//! The snapshot under an image is the one that was taken of the volume at that instant; where there is none, the
//! image names one that nobody can list.

use jiff::{SignedDuration, Timestamp};

use super::build::{Builder, Built, DAY, unknown};
use super::form;
use crate::sim::ec2::architecture;
use crate::sim::ec2::model::{
    Binned, BinnedVolume, Disk, FastRestore, Image, Instance, Lock, Machine, Permissions, Tags,
    Tiering, Volume,
};
use crate::sim::world::digest;

/// How long things are kept in the Recycle Bin, if nothing else is said.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

impl Builder {
    pub(super) fn bin(&self, form: &form::RecycleBin) -> Built<Binned> {
        let entered = self.before(form.entered_before, DAY)?;
        let exits = entered.checked_add(form.kept.map_or(KEPT, |kept| kept.0))?;
        Ok(Binned { entered, exits })
    }

    pub(super) fn lock(&self, form: &form::Lock) -> Built<Lock> {
        let created = self.before(Some(form.created_before), DAY)?;
        let compliance = match form.mode.as_str() {
            "compliance" => true,
            "governance" => false,
            other => return Err(unknown("mode of a lock", other)),
        };
        let cools_off = form.cooling_off.map(|length| created.checked_add(length.0));
        Ok(Lock {
            compliance,
            created,
            cools_off: cools_off.transpose()?,
            expires: created.checked_add(form.kept.0)?,
        })
    }

    pub(super) fn fast_restore(&self, form: &form::FastRestore) -> Built<FastRestore> {
        Ok(FastRestore {
            availability_zone: self.zone(&form.zone)?,
            state: form.state.clone().unwrap_or_else(|| "enabled".to_owned()),
            enabled: self.before(None, DAY)?,
        })
    }

    /// What is archived was moved there, if nothing else is said.
    pub(super) fn tiering(
        &self,
        form: &form::Snapshot,
        started: Timestamp,
    ) -> Built<Option<Tiering>> {
        let Some(told) = &form.tiering else {
            return Ok(form.archived.then(|| Tiering {
                operation: "archival-completed".to_owned(),
                message: None,
                progress: Some(100),
                archived: started.checked_add(DAY).ok(),
                expires: None,
            }));
        };
        let archived = told
            .archived_before
            .map(|before| self.before(Some(before), DAY));
        let expires = told
            .expires_after
            .map(|after| self.incident.checked_add(after.0));
        Ok(Some(Tiering {
            operation: told.operation.clone(),
            message: told.message.clone(),
            progress: told.progress,
            archived: archived.transpose()?,
            expires: expires.transpose()?,
        }))
    }

    pub(super) fn binned_volume(&mut self, form: form::BinnedVolume) -> Built<()> {
        let id = form.id.unwrap_or_else(|| self.derived("vol", &form.name));
        let volume = BinnedVolume {
            id: id.clone(),
            availability_zone: self.zone(&form.zone)?,
            size: form.size,
            volume_type: "gp3".to_owned(),
            iops: Some(3000),
            throughput: Some(125),
            created: self.before(form.created_before, DAY * 41)?,
            bin: self.bin(&form.recycle_bin)?,
        };
        let taken = self.estate.volumes.contains_key(&id);
        let replaced = self.estate.binned_volumes.insert(id.clone(), volume);
        self.once("volume", &id, taken || replaced.is_some())
    }

    pub(super) fn images(&mut self, form: &form::Image) -> Built<()> {
        let every = form.every.map_or(DAY, |every| every.0);
        for number in 0..form.count.unwrap_or(1) {
            let back = every * i32::try_from(number).unwrap_or(i32::MAX);
            let created = self.before(Some(form::Length(form.before.0 + back)), DAY)?;
            let image = self.image(form, number + 1, created)?;
            let id = image.id.clone();
            let replaced = self.estate.images.insert(id.clone(), image);
            self.once("image", &id, replaced.is_some())?;
        }
        Ok(())
    }

    fn image(&self, form: &form::Image, number: u32, created: Timestamp) -> Built<Image> {
        let instance = form.instance.as_deref();
        let instance = instance.map(|name| self.imaged(name)).transpose()?;
        let seed = format!(
            "{}{}{created}",
            form.name,
            instance.as_deref().unwrap_or_default()
        );
        let own = &self.place.account;
        let found = instance
            .as_ref()
            .and_then(|id| self.estate.instances.get(id));
        let root = found.map(|instance| instance.root_device_name.clone());
        let source = form.copy_of.clone();
        Ok(Image {
            id: form
                .id
                .clone()
                .unwrap_or_else(|| self.derived("ami", &seed)),
            name: name(form, number, instance.as_deref(), &seed),
            description: form.description.clone(),
            owner: form.owner.clone().unwrap_or_else(|| own.clone()),
            owner_alias: form.owner_alias.clone(),
            state: form.state.clone().unwrap_or_else(|| "available".to_owned()),
            created,
            deprecated: form
                .deprecated_before
                .map(|before| self.before(Some(before), DAY))
                .transpose()?,
            deregistration_protection: form.deregistration_protection,
            source_instance_id: instance.clone().filter(|_| source.is_none()),
            source_image: source.map(|id| {
                let region = form.copied_from.as_ref().unwrap_or(&self.place.region);
                (id, region.clone())
            }),
            root_device_name: root.unwrap_or_else(|| "/dev/xvda".to_owned()),
            machine: machine(form, found),
            disks: self.disks(form, instance.as_deref(), created),
            shared: form.owner.is_some(),
            permissions: Permissions {
                public: form.public,
                accounts: form.shared_with.clone(),
                organizations: form.organizations.clone(),
            },
            bin: form
                .recycle_bin
                .as_ref()
                .map(|bin| self.bin(bin))
                .transpose()?,
            tags: tags(form, instance.as_deref()),
        })
    }

    fn imaged(&self, name: &str) -> Built<String> {
        let found = self.resolve("instance", name, |estate, id| {
            estate.instances.contains_key(id)
        });
        match found {
            Err(_) if name.starts_with("i-") => Ok(name.to_owned()),
            other => other,
        }
    }

    fn disks(&self, form: &form::Image, instance: Option<&str>, created: Timestamp) -> Vec<Disk> {
        if let Some(size) = form.size {
            let seed = format!("{}{created}", form.name);
            return vec![Disk {
                device: "/dev/xvda".to_owned(),
                snapshot_id: self.derived("snap", &seed),
                size,
                volume_type: "gp3".to_owned(),
                encrypted: false,
            }];
        }
        let held = |volume: &Volume| {
            let mut on = volume.attachments.iter();
            let on = on.find(|held| Some(held.instance_id.as_str()) == instance)?;
            Some(on.device.clone())
        };
        let volumes = self.estate.volumes.values();
        let disks = volumes.filter_map(|volume| {
            Some(Disk {
                device: held(volume)?,
                snapshot_id: self.taken_of(volume, created),
                size: volume.size,
                volume_type: volume.volume_type.clone(),
                encrypted: volume.encrypted,
            })
        });
        disks.collect()
    }

    fn taken_of(&self, volume: &Volume, created: Timestamp) -> String {
        let mut snapshots = self.estate.snapshots.values();
        let taken = snapshots.find(|one| one.volume_id == volume.id && one.started == created);
        taken.map_or_else(
            || self.derived("snap", &format!("{}{created} of an image", volume.id)),
            |snapshot| snapshot.id.clone(),
        )
    }
}

fn machine(form: &form::Image, of: Option<&Instance>) -> Machine {
    let own = of.map(|of| architecture(&of.instance_type).as_str().to_owned());
    let codes = of.map(|of| of.product_codes.clone());
    Machine {
        architecture: form
            .architecture
            .clone()
            .or(own)
            .unwrap_or_else(|| "x86_64".to_owned()),
        boot_mode: form.boot_mode.clone(),
        imds_v2: form.imds_v2,
        tpm_v2: form.tpm_v2,
        windows: of.is_some_and(|of| of.platform_windows),
        product_codes: form.product_codes.clone().or(codes).unwrap_or_default(),
        not_subscribed: form.not_subscribed,
        talks: of.map(|of| of.talks.clone()).unwrap_or_default(),
    }
}

fn name(form: &form::Image, number: u32, instance: Option<&str>, seed: &str) -> String {
    if form.aws_backup && form.name.is_empty() {
        let id = digest(seed, 1, 32);
        let id = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]].join("-");
        return format!("AwsBackup_{}_{id}", instance.unwrap_or_default());
    }
    form.name.replace("{n}", &number.to_string())
}

fn tags(form: &form::Image, instance: Option<&str>) -> Tags {
    let mut tags = form.tags.clone();
    if let Some(instance) = instance.filter(|_| form.aws_backup) {
        tags.insert("aws:backup:source-resource".to_owned(), instance.to_owned());
    }
    tags
}
