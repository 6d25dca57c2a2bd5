//! One vault of AWS Backup: who can take back that its points stay, what its access policy says, and its points by
//! resource. The policy is read when the screen is opened, once.

pub mod told;
mod update;
pub mod view;

#[cfg(test)]
mod tests;

use crate::catalog::store::VaultRow;
use crate::domain::vault::Vault as Found;
use crate::tui::effect::Effect;
use crate::tui::known::Known;
use crate::tui::policies::{PolicyRead, VaultKey};
use crate::tui::screens::browser::Browser;

/// The screen of one vault.
#[derive(Clone, Debug)]
pub struct Vault {
    /// Which.
    vault: VaultRow,
    /// Its points.
    pub list: Browser,
}

impl Vault {
    /// Opens a vault.
    #[must_use]
    pub fn of(vault: VaultRow) -> Self {
        Self {
            vault,
            list: Browser::in_vault(vault),
        }
    }

    /// Returns the vault as it was listed last.
    #[must_use]
    pub fn found<'a>(&self, known: &'a Known) -> &'a Found {
        &known.catalog.store.vaults()[self.vault]
    }

    /// Works on the rows, for a frame at most.
    pub fn settle(&mut self, known: &Known) {
        self.list.height = Some(view::rows(self, known));
        self.list.settle(known);
    }

    /// Returns a copy that has the row under the cursor alone.
    #[must_use]
    pub fn at_cursor(&self) -> Self {
        Self {
            vault: self.vault,
            list: self.list.at_cursor(),
        }
    }
}

/// Asks for the access policy of a vault, unless it is known.
#[must_use]
pub fn asks(vault: &Found, known: &Known) -> Option<Effect> {
    let key = VaultKey::of(vault)?;
    match known.policies.of(&key) {
        Some(PolicyRead::Read(_) | PolicyRead::UnderWay) => None,
        Some(PolicyRead::Failed(_)) | None => Some(Effect::ReadPolicy(key)),
    }
}
