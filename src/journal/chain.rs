//! The chain of hashes: every entry of a run carries the hash of the one before it.
//!
//! Hashes are taken over the bytes as they are stored, never over bytes made anew. Pure: knows no
//! storage. Whoever changes a hash's recipe makes every stored journal look damaged.

use sha2::{Digest, Sha256};

use crate::domain::ids::RunId;

/// A SHA-256 hash over an entry and everything before it in its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link([u8; 32]);

impl Link {
    /// Returns what the first entry of a run's chain carries; `kind` keeps chains of different
    /// kinds apart.
    #[must_use]
    pub fn origin(kind: &str, run: &RunId) -> Self {
        let hash = Sha256::new()
            .chain_update(b"defib journal 1\0")
            .chain_update(kind)
            .chain_update(b"\0")
            .chain_update(run.as_str());
        Self(hash.finalize().into())
    }

    /// Returns the link of the entry that follows this one at `position`.
    #[must_use]
    pub fn next(&self, position: u64, bytes: &[u8]) -> Self {
        let hash = Sha256::new()
            .chain_update(self.0)
            .chain_update(position.to_be_bytes())
            .chain_update(bytes);
        Self(hash.finalize().into())
    }

    /// Returns the 32 bytes that are stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The end of a chain. Position 0 is before the first entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// Position of the last entry.
    pub position: u64,
    /// Its link.
    pub link: Link,
}

/// An entry as it was found in storage.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    /// Position.
    pub position: u64,
    /// The link that it says stands before it.
    pub previous: &'a [u8],
    /// The link that it says it has.
    pub link: &'a [u8],
    /// What it says.
    pub bytes: &'a [u8],
}

impl Tip {
    /// Returns the end of a chain without entries.
    #[must_use]
    pub fn origin(kind: &str, run: &RunId) -> Self {
        Self {
            position: 0,
            link: Link::origin(kind, run),
        }
    }

    /// Returns the end after one more entry.
    #[must_use]
    pub fn next(&self, bytes: &[u8]) -> Self {
        let position = self.position + 1;
        Self {
            position,
            link: self.link.next(position, bytes),
        }
    }

    /// Returns the end after an entry from storage, or `None` if the entry does not fit here.
    #[must_use]
    pub fn follow(&self, entry: Stored<'_>) -> Option<Self> {
        let next = self.next(entry.bytes);
        let fits = entry.position == next.position
            && entry.previous == self.link.as_bytes()
            && entry.link == next.link.as_bytes();
        fits.then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> RunId {
        RunId::from("01JD4Q0000000000000000007K")
    }

    #[test]
    fn the_recipe_of_the_hash_has_not_changed() {
        let tip = Tip::origin("events", &run()).next(b"{}").next(b"{\"a\":1}");
        let hash = data_encoding::HEXLOWER.encode(tip.link.as_bytes());
        assert_eq!(
            (tip.position, hash.as_str()),
            (
                2,
                "a69d49a6d0eb11fdcb4ba84d8ab13a99a39ca98a4d79e4f9df95958c9791cc20"
            )
        );
    }

    #[test]
    fn an_entry_follows_only_where_it_was_made() {
        let start = Tip::origin("events", &run());
        let end = start.next(b"{}");
        let entry = Stored {
            position: 1,
            previous: start.link.as_bytes(),
            link: end.link.as_bytes(),
            bytes: b"{}",
        };
        assert_eq!(start.follow(entry), Some(end));
        assert_eq!(end.follow(entry), None);
        assert_eq!(Tip::origin("commands", &run()).follow(entry), None);
        let elsewhere = RunId::from("01JD4Q0000000000000000007M");
        assert_eq!(Tip::origin("events", &elsewhere).follow(entry), None);
    }

    #[test]
    fn an_entry_with_any_part_changed_does_not_follow() {
        let start = Tip::origin("events", &run());
        let end = start.next(b"{}");
        let entry = Stored {
            position: 1,
            previous: start.link.as_bytes(),
            link: end.link.as_bytes(),
            bytes: b"{}",
        };
        let changed = [
            Stored {
                position: 2,
                ..entry
            },
            Stored {
                previous: end.link.as_bytes(),
                ..entry
            },
            Stored {
                link: start.link.as_bytes(),
                ..entry
            },
            Stored {
                bytes: b"[]",
                ..entry
            },
        ];
        for entry in changed {
            assert_eq!(start.follow(entry), None, "{entry:?}");
        }
    }
}
