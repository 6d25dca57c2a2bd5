//! What a scenario may say of images, the Recycle Bin, locks and fast snapshot restore.
//! Whether the names lead somewhere is for the builder to find out.

use serde::Deserialize;

use super::{Length, Tags};

/// When something was put into the Recycle Bin, and for how long it is kept there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecycleBin {
    /// How long before the incident; a day if left out.
    pub entered_before: Option<Length>,
    /// Two weeks if left out.
    pub kept: Option<Length>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// `compliance` or `governance`.
    pub mode: String,
    /// How long before the incident it was locked.
    pub created_before: Length,
    pub kept: Length,
    /// The cooling-off period of the compliance mode.
    pub cooling_off: Option<Length>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FastRestore {
    /// The letter of the zone.
    pub zone: String,
    /// AWS's word; `enabled` if left out.
    pub state: Option<String>,
}

/// A move of a snapshot between the tiers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tiering {
    /// AWS's word: `archival-completed`, `temporary-restore-in-progress` …
    pub operation: String,
    pub message: Option<String>,
    /// In percent.
    pub progress: Option<i32>,
    /// How long before the incident it was in the archive tier.
    pub archived_before: Option<Length>,
    /// How long after the incident a temporary restore ends.
    pub expires_after: Option<Length>,
}

/// A volume that was deleted and lies in the Recycle Bin.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinnedVolume {
    pub id: Option<String>,
    pub name: String,
    pub zone: String,
    pub size: i32,
    pub created_before: Option<Length>,
    #[serde(default)]
    pub recycle_bin: RecycleBin,
}

/// An image of an instance, or several that were made regularly.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the words of the EC2 API")]
pub struct Image {
    pub id: Option<String>,
    /// `{n}` in it is the number, counted from the youngest. AWS Backup names its images itself.
    #[serde(default)]
    pub name: String,
    /// The instance, by id or name; one that is gone by id only.
    pub instance: Option<String>,
    /// How long before the incident the youngest was made.
    pub before: Length,
    pub every: Option<Length>,
    pub count: Option<u32>,
    /// AWS's word; `available` if left out.
    pub state: Option<String>,
    /// Whether AWS Backup made it.
    #[serde(default)]
    pub aws_backup: bool,
    /// How long before the incident it was deprecated.
    pub deprecated_before: Option<Length>,
    #[serde(default)]
    pub deregistration_protection: bool,
    /// The image it was copied from, by id, and that image's Region. A copy names no instance.
    pub copy_of: Option<String>,
    pub copied_from: Option<String>,
    /// The account that owns it, if it is another one, which then shares it.
    pub owner: Option<String>,
    /// `aws-backup-vault` of an image in a logically air-gapped vault.
    pub owner_alias: Option<String>,
    /// Accounts that may launch it.
    #[serde(default)]
    pub shared_with: Vec<String>,
    /// ARNs of organizations and organizational units whose accounts may.
    #[serde(default)]
    pub organizations: Vec<String>,
    /// Whether every account may.
    #[serde(default)]
    pub public: bool,
    /// Size in GiB of an image without an instance.
    pub size: Option<i32>,
    /// AWS's words; the architecture is that of the instance if left out.
    pub architecture: Option<String>,
    pub boot_mode: Option<String>,
    #[serde(default)]
    pub imds_v2: bool,
    #[serde(default)]
    pub tpm_v2: bool,
    /// Of the instance if left out.
    pub product_codes: Option<Vec<String>>,
    #[serde(default)]
    pub not_subscribed: bool,
    #[serde(default)]
    pub description: String,
    pub recycle_bin: Option<RecycleBin>,
    #[serde(default)]
    pub tags: Tags,
}
