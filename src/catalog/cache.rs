//! The last known catalog on disk: the first frame shows it, and all there is to browse while AWS cannot be
//! asked.
//!
//! One file for a place as one caller saw it, replaced whole after a listing. What is damaged, of another
//! version or not ours is left out and told in one line. Nothing in it is trusted to still be so, and
//! nothing secret goes in.

mod codec;
mod files;
mod find;
mod frame;
mod queue;
mod read;
mod record;
mod rows;
mod seen;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::estate::Kept;
use crate::domain::place::Place;
use crate::domain::text::shown;

pub use find::{Asked, Found};
pub use read::Opened;
pub use record::{Finished, Recorder};

/// Nothing older is shown: a catalog of another month misleads more than it helps.
pub const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// So long rows of a kind that cannot be listed completely are carried from one file into the next.
const CARRIED_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How many observations of flows are kept for a place.
const MOST_KEPT: usize = 32;

/// Why a file is left out, or could not be written.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The file cannot be read or written.
    #[error("cache {}: {source}", shown(&path.to_string_lossy()))]
    Failed {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Somebody else may have written it.
    #[error("cache {} is left out: {why}", shown(&path.to_string_lossy()))]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// It is not what was written.
    #[error("cache {} is left out: it is damaged; the next listing replaces it", shown(&path.to_string_lossy()))]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Another defib wrote it.
    #[error("cache {} is left out: it is of version {version}, this defib reads {}; the next listing replaces it", shown(&path.to_string_lossy()), frame::VERSION)]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
}

impl CacheError {
    /// Tells whether there simply is no file.
    fn is_absent(&self) -> bool {
        matches!(self, Self::Failed { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    }
}

/// Which place a file is of, and who saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The place.
    pub place: Place,
    /// ARN of the caller without its session name.
    pub role: String,
    /// Endpoints, other than AWS's own, that calls could go to.
    pub endpoints: BTreeSet<String>,
    /// When the place was last the profile's own Region.
    pub own_at: Option<Timestamp>,
}

/// The directory of the cache.
#[derive(Clone, Debug)]
pub struct Cache {
    directory: PathBuf,
    /// Digest of the variables of the environment that name endpoints: another estate answers there.
    variables: String,
    /// What waits to be written; whoever has a clone of this shares it.
    queue: Arc<queue::Queue>,
}

impl Cache {
    /// Uses a directory, which is made when something is written. `variables` are those of the environment
    /// that name endpoints: what answers there is another estate.
    #[must_use]
    pub fn new(directory: PathBuf, variables: &[(String, String)]) -> Self {
        Self {
            directory,
            variables: if variables.is_empty() {
                String::new()
            } else {
                digest(&variables)
            },
            queue: Arc::default(),
        }
    }

    /// Returns where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the file of a place as one caller sees it.
    fn path(&self, card: &Card, ending: &str) -> PathBuf {
        let Card {
            place,
            role,
            endpoints,
            ..
        } = card;
        let who = (&place.profile, role, endpoints, &self.variables);
        let digest = digest(&who);
        let (account, region) = (plain(place.account.as_str()), plain(place.region.as_str()));
        self.directory
            .join(format!("{account}.{region}.{digest}{ending}"))
    }

    /// Keeps what a flow has observed, beside what was observed before.
    ///
    /// # Errors
    /// [`CacheError`]
    pub fn keep(&self, card: &Card, kept: Kept) -> Result<(), CacheError> {
        let _alone = self.queue.alone();
        let mut all = Self::kept(&self.path(card, frame::KEPT)).unwrap_or_default();
        all.retain(|one| (&one.flow, &one.subject) != (&kept.flow, &kept.subject));
        all.insert(0, kept);
        all.truncate(MOST_KEPT);
        self.write_kept(card, &all)
    }
}

/// Returns what tells one from another, in sixteen characters.
fn digest(of: &impl Serialize) -> String {
    let of = serde_json::to_vec(of).expect("texts are plain data");
    HEXLOWER.encode(&Sha256::digest(of)[..8])
}

/// Leaves only what is the same on every file system.
fn plain(text: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    text.chars().take(40).map(plain).collect()
}
