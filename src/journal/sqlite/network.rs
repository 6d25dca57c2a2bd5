//! Refuses file systems on which locks and durable writes cannot be relied on.
//!
//! Known by their magic numbers (`statfs(2)` and `linux/magic.h`); what is not in the table counts as
//! a local disk.

use std::path::Path;

use super::files::{distrust, failed};
use crate::journal::JournalError;

/// Refuses a directory on a network file system, or on one served by a process.
pub fn refuse(directory: &Path) -> Result<(), JournalError> {
    let found = nix::sys::statfs::statfs(directory).map_err(|e| failed(directory, e.into()))?;
    match name(&found) {
        None => Ok(()),
        Some(name) => Err(distrust(
            directory,
            format!("lies on {name}, where locks and durable writes cannot be relied on"),
        )),
    }
}

/// Returns how many bytes an ordinary user may still write.
pub fn room(directory: &Path) -> Result<u64, JournalError> {
    let found = nix::sys::statfs::statfs(directory).map_err(|e| failed(directory, e.into()))?;
    let block = u64::try_from(i128::from(found.block_size())).unwrap_or(0);
    let blocks = u64::try_from(i128::from(found.blocks_available())).unwrap_or(0);
    Ok(block.saturating_mul(blocks))
}

#[cfg(target_os = "linux")]
fn name(found: &nix::sys::statfs::Statfs) -> Option<&'static str> {
    name_of_magic(low_bits(i128::from(found.filesystem_type().0)))
}

/// The field is signed on some platforms and 32 bits wide on others.
#[cfg(target_os = "linux")]
fn low_bits(magic: i128) -> u32 {
    u32::try_from(magic & 0xffff_ffff).unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
fn name(found: &nix::sys::statfs::Statfs) -> Option<&'static str> {
    match found.filesystem_type_name() {
        "nfs" => Some("NFS"),
        "smbfs" | "cifs" => Some("SMB"),
        "afpfs" => Some("AFP"),
        "webdav" => Some("WebDAV"),
        "macfuse" | "osxfuse" | "fusefs" => Some("FUSE"),
        _local => None,
    }
}

#[cfg(any(target_os = "linux", test))]
fn name_of_magic(magic: u32) -> Option<&'static str> {
    match magic {
        0x0000_6969 => Some("NFS"),
        0x0000_517b => Some("SMB"),
        0xff53_4d42 => Some("CIFS"),
        0xfe53_4d42 => Some("SMB2"),
        0x0102_1997 => Some("9P"),
        // Among them sshfs, s3fs and rclone; `statfs` does not tell which.
        0x6573_5546 => Some("FUSE"),
        0x5346_414f | 0x6b41_4653 => Some("AFS"),
        0x7375_7245 => Some("Coda"),
        0x0000_564c => Some("NCP"),
        0x00c3_6400 => Some("Ceph"),
        0x0bd0_0bd0 => Some("Lustre"),
        0x4750_4653 => Some("GPFS"),
        0x1983_0326 => Some("BeeGFS"),
        0x0116_1970 => Some("GFS2"),
        0x7461_636f => Some("OCFS2"),
        0x786f_4256 => Some("a VirtualBox share"),
        0xbacb_acbc => Some("a VMware share"),
        _local => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_network_file_systems_are_known() {
        use nix::sys::statfs::{
            AFS_SUPER_MAGIC, CODA_SUPER_MAGIC, FUSE_SUPER_MAGIC, NFS_SUPER_MAGIC, SMB_SUPER_MAGIC,
        };
        let table = [
            (NFS_SUPER_MAGIC, "NFS"),
            (SMB_SUPER_MAGIC, "SMB"),
            (FUSE_SUPER_MAGIC, "FUSE"),
            (AFS_SUPER_MAGIC, "AFS"),
            (CODA_SUPER_MAGIC, "Coda"),
        ];
        for (magic, name) in table {
            let magic = u32::try_from(i128::from(magic.0) & 0xffff_ffff).unwrap();
            assert_eq!(name_of_magic(magic), Some(name));
        }
        assert_eq!(name_of_magic(0xfe53_4d42), Some("SMB2"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_number_is_known_whatever_width_and_sign_it_comes_in() {
        for magic in [
            0xff53_4d42,
            i128::from(i32::from_be_bytes([0xff, 0x53, 0x4d, 0x42])),
        ] {
            assert_eq!(name_of_magic(low_bits(magic)), Some("CIFS"));
        }
    }

    #[test]
    fn local_file_systems_are_not_refused() {
        use nix::sys::statfs::{
            BTRFS_SUPER_MAGIC, EXT4_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC, TMPFS_MAGIC,
            XFS_SUPER_MAGIC,
        };
        let local = [
            BTRFS_SUPER_MAGIC,
            EXT4_SUPER_MAGIC,
            OVERLAYFS_SUPER_MAGIC,
            TMPFS_MAGIC,
            XFS_SUPER_MAGIC,
        ];
        for magic in local {
            let magic = u32::try_from(i128::from(magic.0) & 0xffff_ffff).unwrap();
            assert_eq!(name_of_magic(magic), None);
        }
    }
}
