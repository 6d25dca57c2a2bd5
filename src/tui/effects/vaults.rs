//! Reads the access policy of a vault that somebody looks at: a call for each, which no listing makes.
//! It decides nothing: whether a policy is asked for at all is decided where the vault is opened.

use crate::catalog::vault::access_policy;
use crate::domain::text::Untrusted;
use crate::report::Report;
use crate::tui::msg::Msg;
use crate::tui::policies::VaultKey;

use super::Effects;

impl Effects {
    pub(super) async fn read_policy(&self, vault: VaultKey) {
        let policy = self.policy_of(&vault).await;
        self.tell(Msg::PolicyRead { vault, policy }).await;
    }

    async fn policy_of(&self, vault: &VaultKey) -> Result<Option<Untrusted>, Report> {
        let clients = self.clients(&vault.place).await?;
        let policy = access_policy(&clients, &vault.name).await;
        policy.map_err(|failure| Report::of_failure(&failure, vault.place.profile.as_deref()))
    }
}
