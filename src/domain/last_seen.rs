//! Where what was last seen of a thing is kept: the name on which whoever keeps it and whoever looks for it agree.
//!
//! Things are named by anybody, so a file is named by a digest, and what it holds says whose it is.

use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::ids::Region;

/// How the files end.
pub const ENDING: &str = ".settings.json";

/// The most bytes that are kept of one thing, and read of it: a table with every setting takes some ten thousand, its
/// policy twenty thousand at most.
pub const MOST_BYTES: u64 = 1 << 20;

/// Returns the file of a thing by its own Region, wherever it is asked for, and its name. `front` is the path of all
/// files of its account, but for the last part of their names.
#[must_use]
pub fn path(front: &Path, region: &Region, name: &str) -> PathBuf {
    let mut whose = Sha256::new();
    // What is said as a Region may hold anything; whatever is found by it says whose it is.
    for part in [region.as_str(), "\0", name] {
        whose.update(part);
    }
    let digest = HEXLOWER.encode(&whose.finalize()[..16]);
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
        let front = Path::new("/cache/111122223333.ab");
        let all = [
            "orders",
            "../../etc/passwd",
            "a/b",
            "",
            "\u{1b}[2J",
            "Orders",
        ];
        let regions = ["eu-west-1", "us-east-1", "../eu-west-1", ""].map(Region::new);
        let each = |region| all.iter().map(move |name| path(front, region, name));
        let paths: std::collections::BTreeSet<PathBuf> = regions.iter().flat_map(each).collect();
        assert_eq!(paths.len(), 4 * all.len(), "each has its own");
        for path in paths {
            assert_eq!(path.parent(), Some(Path::new("/cache")), "{path:?}");
            let name = path.file_name().unwrap().to_str().unwrap();
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
            assert!(name.chars().all(plain) && name.len() < 120, "{name}");
        }
    }
}
