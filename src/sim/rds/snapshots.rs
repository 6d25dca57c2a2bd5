//! Which snapshots a listing shows: the same rules for instances and for clusters.
//!
//! RDS API reference, `DescribeDBSnapshots`, parameters `SnapshotType`, `IncludeShared`, `IncludePublic` and
//! `DBSnapshotIdentifier`.

use std::collections::BTreeMap;

use super::model::Snapshot;
use crate::sim::refusal::Refusal;

/// What a caller asked for.
pub struct Wanted<'a> {
    pub account: &'a str,
    /// One snapshot, by identifier or ARN.
    pub id: Option<&'a str>,
    pub made: Option<&'a str>,
    pub include_shared: bool,
    pub include_public: bool,
    /// The values of `SnapshotType` besides `shared` and `public`.
    pub kinds: &'static [&'static str],
}

impl Wanted<'_> {
    /// Picks the snapshots; `None` where the one that was named is not among them.
    ///
    /// # Errors
    /// `InvalidParameterValue` for a type that there is not.
    pub fn of<'s>(
        &self,
        snapshots: &'s BTreeMap<String, Snapshot>,
    ) -> Result<Option<Vec<&'s Snapshot>>, Refusal> {
        let kinds = self.kinds.iter().chain(&["shared", "public"]);
        if let Some(made) = self.made
            && !kinds.into_iter().any(|kind| *kind == made)
        {
            let message = format!("Invalid snapshot type: {made}");
            return Err(Refusal::invalid_value(message));
        }
        let all = snapshots.values();
        let Some(id) = self.id.map(str::to_lowercase) else {
            return Ok(Some(all.filter(|one| self.lists(one)).collect()));
        };
        let mut named = all.filter(|one| one.shown_id(self.account) == id || one.arn == id);
        let named = named.find(|one| self.shows(one));
        Ok(named.map(|one| vec![one]))
    }

    fn lists(&self, one: &Snapshot) -> bool {
        let own = one.owner == self.account;
        let shared = !own && !one.public;
        match self.made {
            Some("shared") => shared,
            Some("public") => one.public,
            // `IncludeShared` and `IncludePublic` do not apply.
            Some(made @ ("automated" | "manual")) => own && one.made == made,
            Some(made) => {
                (own && one.made == made) || (self.include_shared && shared && one.made == made)
            }
            None => {
                let by_default = own && ["automated", "manual"].contains(&&*one.made);
                by_default || (self.include_shared && shared) || (self.include_public && one.public)
            }
        }
    }

    /// Without a type, an automated snapshot is not found by its identifier.
    fn shows(&self, one: &Snapshot) -> bool {
        match self.made {
            None => one.made != "automated",
            Some(_) => self.lists(one),
        }
    }
}
