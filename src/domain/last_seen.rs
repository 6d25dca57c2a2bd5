//! Where what was last seen of a thing is kept: the name on which whoever keeps it and whoever looks for it agree.
//!
//! Things are named by anybody, so a file is named by a digest, and what it holds says whose it is.

use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// How the files end.
pub const ENDING: &str = ".settings.json";

/// The most bytes that are kept of one thing, and read of it: a table with every setting takes some ten thousand, its
/// policy twenty thousand at most.
pub const MOST_BYTES: u64 = 1 << 20;

/// Returns the file of a thing by its name. `front` is the path of all files of its place, but for the last part of
/// their names.
#[must_use]
pub fn path(front: &Path, name: &str) -> PathBuf {
    let digest = HEXLOWER.encode(&Sha256::digest(name.as_bytes())[..16]);
    let mut path = front.as_os_str().to_owned();
    path.push(".");
    path.push(digest);
    path.push(ENDING);
    PathBuf::from(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_thing_is_called_its_file_lies_in_the_directory() {
        let front = Path::new("/cache/111122223333.eu-west-1.ab");
        let all = [
            "orders",
            "../../etc/passwd",
            "a/b",
            "",
            "\u{1b}[2J",
            "Orders",
        ];
        let paths: std::collections::BTreeSet<PathBuf> =
            all.iter().map(|name| path(front, name)).collect();
        assert_eq!(paths.len(), all.len(), "each has its own");
        for path in paths {
            assert_eq!(path.parent(), Some(Path::new("/cache")), "{path:?}");
            let name = path.file_name().unwrap().to_str().unwrap();
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
            assert!(name.chars().all(plain) && name.len() < 120, "{name}");
        }
    }
}
