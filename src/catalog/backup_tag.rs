//! The tag by which AWS Backup marks the snapshots and images that it makes: what was backed up, and where.
//!
//! AWS alone can write it. Its value is an id, or an ARN; both may have something behind a colon.

use std::collections::BTreeMap;

use crate::domain::arn::Arn;
use crate::domain::place::{Home, Place};
use crate::domain::resource::ResourceKind;
use crate::domain::text::Untrusted;

/// Key of the tag.
pub(super) const TAG_SOURCE: &str = "aws:backup:source-resource";

/// What was backed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BackedUp {
    pub id: String,
    /// Where it lives, as far as that is told: an id alone says nothing of it.
    pub home: Option<Home>,
}

impl BackedUp {
    /// Reads the tag of a snapshot or an image.
    pub fn told(kind: ResourceKind, tags: &BTreeMap<Untrusted, Untrusted>) -> Option<Self> {
        let value = tags.get(&Untrusted::from(TAG_SOURCE))?;
        Self::of(kind, value.raw())
    }

    /// Reads an id, or an ARN.
    fn of(kind: ResourceKind, text: &str) -> Option<Self> {
        let (word, prefix) = match kind {
            ResourceKind::Volume => ("volume/", "vol-"),
            ResourceKind::Instance => ("instance/", "i-"),
            ResourceKind::Snapshot
            | ResourceKind::Image
            | ResourceKind::SecurityGroup
            | ResourceKind::NetworkInterface
            | ResourceKind::DbInstance
            | ResourceKind::DbCluster
            | ResourceKind::Table
            | ResourceKind::FileSystem
            | ResourceKind::Bucket
            | ResourceKind::Other => return None,
        };
        let Some(arn) = Arn::of_service(text, "ec2") else {
            let id = hexadecimal_id(prefix, text)?;
            return Some(Self { id, home: None });
        };
        Some(Self {
            id: hexadecimal_id(prefix, arn.resource.strip_prefix(word)?)?,
            home: arn.home(),
        })
    }

    /// Returns where it lives, if that is told and is another place.
    pub fn elsewhere(&self, place: &Place) -> Option<Home> {
        self.home.clone().filter(|home| !place.is_of(home))
    }
}

/// Reads the id that a text begins with.
pub(super) fn hexadecimal_id(prefix: &str, text: &str) -> Option<String> {
    let digits = text.strip_prefix(prefix)?;
    let end = digits.find(|c: char| !c.is_ascii_hexdigit());
    let digits = digits.get(..end.unwrap_or(digits.len()))?;
    (!digits.is_empty()).then(|| format!("{prefix}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_where_and_an_id_alone_does_not() {
        let told = |text: &str| {
            let told = BackedUp::of(ResourceKind::Volume, text)?;
            Some((told.id, told.home.map(|home| home.region.to_string())))
        };
        let arn = "arn:aws:ec2:us-east-1:111122223333:volume/vol-0a1f:5f0c";
        let there = Some("us-east-1".to_owned());
        assert_eq!(told(arn), Some(("vol-0a1f".to_owned(), there)));
        assert_eq!(told("vol-0a1f:5f0c-x"), Some(("vol-0a1f".to_owned(), None)));
        for other in [
            "",
            "vol-",
            "i-0a1f",
            "arn:aws:ec2:us-east-1:111122223333:instance/i-0a1f",
            "arn:aws:rds:us-east-1:111122223333:db:vol-0a1f",
        ] {
            assert_eq!(told(other), None, "{other}");
        }
    }
}
