//! What was last seen of tables, one file for each: all that is left of their settings once they are deleted.
//!
//! It is kept by account, endpoint and the Region of the table, whoever saw it, and grows no older than its table: only
//! how many there are is bounded. What a file holds is not looked at here.

use std::cmp::Reverse;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::domain::ids::Region;
use crate::domain::last_seen::{self, ENDING, MOST_BYTES};

use super::{Cache, CacheError, Card, digest, files, plain};

/// How many are kept, and how many bytes they may take together.
const MOST: Bounds = Bounds {
    files: 1000,
    bytes: 64 << 20,
};

/// What is kept at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub files: usize,
    pub bytes: u64,
}

impl Cache {
    /// Returns the path of all files of an account, but for the last part of their names, which
    /// [`last_seen::path`] adds. Whose credentials and profile it was seen with makes no difference, nor which Region
    /// they are in: a table that is gone is restored into another one as well.
    #[must_use]
    pub fn front_of_seen(&self, card: &Card) -> PathBuf {
        let account = plain(card.place.account.as_str());
        let digest = digest(&(&card.endpoints, &self.variables));
        self.directory.join(format!("{account}.{digest}"))
    }

    /// Keeps what was seen of a table, by its Region and name. What was kept of it before is handed to `over`, which
    /// tells whether it may be replaced; what has not been written for longest goes where there would be too many.
    ///
    /// # Errors
    /// [`CacheError`]; what was there before stays then.
    pub fn keep_seen(
        &self,
        card: &Card,
        region: &Region,
        name: &str,
        content: &[u8],
        over: impl FnOnce(&[u8]) -> bool,
    ) -> Result<(), CacheError> {
        let _alone = self.queue.alone();
        let path = last_seen::path(&self.front_of_seen(card), region, name);
        if content.len() as u64 > MOST_BYTES {
            let source = io::Error::other(format!("more than {MOST_BYTES} bytes for one table"));
            return Err(CacheError::Failed { path, source });
        }
        files::provide(&self.directory)?;
        // What cannot be read, or may be of somebody else, has nothing to say.
        let before =
            files::open(&path).and_then(|mut file| files::read(&path, &mut file, MOST_BYTES));
        if before.is_ok_and(|before| !over(&before)) {
            return Ok(());
        }
        files::replace(&path, &[content])?;
        self.forget(&path, MOST);
        Ok(())
    }

    /// Returns of how many tables something is kept.
    #[must_use]
    pub fn seen(&self) -> usize {
        files::named(&self.directory, ENDING).len()
    }

    /// Removes what has not been written for longest, as far as there is too much; never the file just written.
    pub(super) fn forget(&self, written: &Path, most: Bounds) {
        let dated = |path: PathBuf| {
            let found = fs::symlink_metadata(&path).ok()?;
            let at = Timestamp::try_from(found.modified().ok()?).ok()?;
            found.is_file().then_some((at, found.len(), path))
        };
        let all = files::named(&self.directory, ENDING);
        let mut all: Vec<(Timestamp, u64, PathBuf)> = all.into_iter().filter_map(dated).collect();
        all.sort_by_key(|(at, _, path)| (path != written, Reverse(*at)));
        let mut bytes = 0;
        for (n, (_, length, path)) in all.iter().enumerate() {
            bytes += length;
            if n > 0 && (n >= most.files || bytes > most.bytes) {
                fs::remove_file(path).ok();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::time::{Duration, SystemTime};

    use tempfile::TempDir;

    use super::*;
    use crate::catalog::fixtures::place;

    fn card() -> Card {
        Card {
            place: place("acme", "eu-west-1"),
            role: "arn:aws:iam::111122223333:role/ops".into(),
            endpoints: BTreeSet::new(),
            own_at: None,
        }
    }

    fn cache(home: &TempDir) -> Cache {
        Cache::new(home.path().join("defib").join("catalog"), &[])
    }

    fn file(cache: &Cache, card: &Card, name: &str) -> PathBuf {
        last_seen::path(&cache.front_of_seen(card), &region(), name)
    }

    fn region() -> Region {
        Region::new("eu-west-1")
    }

    fn keep(cache: &Cache, name: &str, content: &str) {
        let kept = cache.keep_seen(&card(), &region(), name, content.as_bytes(), |_| true);
        kept.unwrap();
    }

    #[test]
    fn each_table_has_one_file_for_its_owner_alone_that_is_replaced_where_it_may_be() {
        let home = TempDir::new().unwrap();
        let cache = cache(&home);
        assert_eq!(cache.seen(), 0);
        let hostile = "../../orders\u{1b}[2J";
        for name in ["orders", "carts", hostile] {
            keep(&cache, name, name);
        }
        assert_eq!(cache.seen(), 3);
        let path = file(&cache, &card(), hostile);
        assert_eq!(path.parent(), Some(cache.directory()));
        assert_eq!(fs::read_to_string(&path).unwrap(), hostile);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(cache.directory()), 0o700);
        let mut shown = Vec::new();
        let not_over = |before: &[u8]| {
            shown = before.to_vec();
            false
        };
        cache
            .keep_seen(&card(), &region(), hostile, b"less", not_over)
            .unwrap();
        assert_eq!(shown, hostile.as_bytes());
        assert_eq!(fs::read_to_string(&path).unwrap(), hostile, "it stays");
        keep(&cache, hostile, "more");
        assert_eq!(fs::read_to_string(&path).unwrap(), "more");
        assert_eq!(cache.seen(), 3);
        let left = files::named(cache.directory(), files::UNFINISHED);
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn who_saw_a_table_and_from_where_makes_no_difference_and_where_it_is_does() {
        let home = TempDir::new().unwrap();
        let own = file(&cache(&home), &card(), "orders");
        let same = Card {
            place: place("another", "eu-west-1"),
            role: "arn:aws:iam::111122223333:role/other".into(),
            ..card()
        };
        assert_eq!(file(&cache(&home), &same, "orders"), own);
        // From where it is restored, which may be into another Region.
        let from_elsewhere = Card {
            place: place("acme", "us-east-1"),
            ..card()
        };
        assert_eq!(file(&cache(&home), &from_elsewhere, "orders"), own);
        let front = cache(&home).front_of_seen(&card());
        let elsewhere = last_seen::path(&front, &Region::new("us-east-1"), "orders");
        assert_ne!(elsewhere, own);
        let mut account = card();
        account.place.account = "999988887777".into();
        let local = Card {
            endpoints: BTreeSet::from(["http://localhost:4566".to_owned()]),
            ..card()
        };
        for other in [&account, &local] {
            assert_ne!(file(&cache(&home), other, "orders"), own, "{other:?}");
        }
        let variables = [("AWS_ENDPOINT_URL".to_owned(), "http://localhost".to_owned())];
        let elsewhere = Cache::new(cache(&home).directory().to_path_buf(), &variables);
        assert_ne!(file(&elsewhere, &card(), "orders"), own);
    }

    #[test]
    fn there_are_never_too_many_and_what_was_seen_last_stays() {
        let home = TempDir::new().unwrap();
        let cache = cache(&home);
        let names = ["first", "second", "third", "fourth"];
        for (n, name) in (1..).zip(names) {
            keep(&cache, name, "0123456789");
            let path = file(&cache, &card(), name);
            let seen = fs::File::options().write(true).open(path);
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(n);
            seen.unwrap().set_modified(at).unwrap();
        }
        fs::write(cache.directory().join("notes.txt"), "mine").unwrap();
        let left = || {
            let there = |name: &&str| file(&cache, &card(), name).exists();
            names.into_iter().filter(there).collect::<Vec<_>>()
        };
        let first = file(&cache, &card(), "first");
        let bounds = |files, bytes| Bounds { files, bytes };
        cache.forget(&first, bounds(4, 40));
        assert_eq!(left(), names);
        cache.forget(&first, bounds(3, 40));
        assert_eq!(left(), ["first", "third", "fourth"], "the one just written");
        cache.forget(&first, bounds(3, 29));
        assert_eq!(left(), ["first", "fourth"]);
        cache.forget(&first, bounds(3, 0));
        assert_eq!(left(), ["first"]);
        assert!(cache.directory().join("notes.txt").exists());
    }

    #[test]
    fn what_is_too_large_is_told_and_what_lies_in_the_way_is_not_followed() {
        let home = TempDir::new().unwrap();
        let cache = cache(&home);
        let large = vec![b' '; usize::try_from(MOST_BYTES).unwrap() + 1];
        let kept = cache.keep_seen(&card(), &region(), "orders", &large, |_| true);
        let error = kept.unwrap_err().to_string();
        assert!(error.contains("more than 1048576 bytes"), "{error}");
        keep(&cache, "orders", "orders");
        let path = file(&cache, &card(), "orders");
        let mine = home.path().join("mine");
        fs::write(&mine, "mine").unwrap();
        fs::remove_file(&path).unwrap();
        symlink(&mine, &path).unwrap();
        // What a link leads to has nothing to say, and is not written to.
        let kept = cache.keep_seen(&card(), &region(), "orders", b"orders", |_| false);
        kept.unwrap();
        assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
        assert_eq!(fs::read_to_string(&path).unwrap(), "orders");
    }
}
