//! Access policies of vaults, each read once somebody looks at its vault, and kept.
//! What is being read is not asked for again, and what was read stays until somebody asks anew.

use std::collections::BTreeMap;

use crate::domain::place::Place;
use crate::domain::text::Untrusted;
use crate::domain::vault::Vault;
use crate::report::Report;

/// A vault of the account in which it was listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VaultKey {
    /// Where.
    pub place: Place,
    /// Its name.
    pub name: String,
}

impl VaultKey {
    /// Names a vault whose policy can be asked for; that of another account tells it to nobody else.
    #[must_use]
    pub fn of(vault: &Vault) -> Option<Self> {
        (!vault.is_shared()).then(|| Self {
            place: vault.place.clone(),
            name: vault.name.clone(),
        })
    }
}

/// How far the policy of a vault is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyRead {
    /// It is being read.
    UnderWay,
    /// It was read; `None` where there is none.
    Read(Option<Untrusted>),
    /// It could not be read.
    Failed(Report),
}

/// The policies that were asked for.
#[derive(Debug, Default)]
pub struct Policies(BTreeMap<VaultKey, PolicyRead>);

impl Policies {
    /// Returns what is known of the policy of a vault.
    #[must_use]
    pub fn of(&self, vault: &VaultKey) -> Option<&PolicyRead> {
        self.0.get(vault)
    }

    /// Takes in that a policy is asked for; tells whether it was not being read already.
    pub fn asks(&mut self, vault: &VaultKey) -> bool {
        let before = self.0.insert(vault.clone(), PolicyRead::UnderWay);
        before != Some(PolicyRead::UnderWay)
    }

    /// Takes in what came of it.
    pub fn read(&mut self, vault: VaultKey, policy: Result<Option<Untrusted>, Report>) {
        let read = policy.map_or_else(PolicyRead::Failed, PolicyRead::Read);
        self.0.insert(vault, read);
    }
}
