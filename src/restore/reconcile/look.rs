//! The second look: items whose digests differ are read again by their keys, to be told and to be exported.
//!
//! Only these are read twice, so what it costs goes by how much differs and not by how large the tables are. What has
//! become the same meanwhile is no difference any more.

use std::collections::HashMap;

use super::buckets::Difference;
use super::scan::Reader;
use super::{Failed, What};
use crate::domain::item::{self, Item};
use crate::restore::observations::dynamodb_items::MOST_AT_ONCE;

/// A difference with both items as they are now.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The key.
    pub key: Item,
    /// In what way they differ; `None` if they do not any more.
    pub what: Option<What>,
    /// The item of the old table, if it is there.
    pub old: Option<Item>,
    /// The item of the new table, if it is there.
    pub new: Option<Item>,
}

/// Reads both items of every difference again, in their order.
///
/// # Errors
/// [`Failed`]
pub async fn look(
    readers: &[Reader<'_>; 2],
    differences: &[Difference],
) -> Result<Vec<Seen>, Failed> {
    let mut seen = Vec::with_capacity(differences.len());
    for some in differences.chunks(MOST_AT_ONCE) {
        let keys = some
            .iter()
            .map(|one| item::key_of(&one.key).ok_or(Failed::Spool));
        let keys = keys.collect::<Result<Vec<Item>, Failed>>()?;
        let [old, new] = readers;
        let (mut old, mut new) = (by_key(old, &keys).await?, by_key(new, &keys).await?);
        seen.extend(some.iter().zip(keys).map(|(one, key)| {
            let (old, new) = (old.remove(&one.key), new.remove(&one.key));
            let what = what(old.as_ref(), new.as_ref());
            Seen {
                key,
                what,
                old,
                new,
            }
        }));
    }
    Ok(seen)
}

async fn by_key(reader: &Reader<'_>, keys: &[Item]) -> Result<HashMap<Vec<u8>, Item>, Failed> {
    let found = reader.some(keys).await?;
    Ok(found
        .into_iter()
        .map(|item| (item::key_bytes(&reader.key_of(&item)), item))
        .collect())
}

fn what(old: Option<&Item>, new: Option<&Item>) -> Option<What> {
    match (old, new) {
        (Some(_), None) => Some(What::OnlyOld),
        (None, Some(_)) => Some(What::OnlyNew),
        (Some(old), Some(new)) if item::digest(old) != item::digest(new) => Some(What::Differs),
        (Some(_), Some(_)) | (None, None) => None,
    }
}
