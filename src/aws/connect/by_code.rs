//! Profiles whose roles ask for the code of a second factor: aws-config leaves `mfa_serial` out, so their
//! sessions come from [`super::super::logins`].

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_config::profile::ProfileSet;
use aws_credential_types::Credentials;

use super::{ConnectError, Connector, endpoints};
use crate::aws::environment::profiles;
use crate::aws::logins::{Files, LoginError, Session};
use crate::aws::role_chain::{RoleChain, Source, with_mfa};
use crate::domain::text::shown;

/// A profile that a code is asked for.
struct Asking {
    profile: String,
    chain: RoleChain,
    profiles: ProfileSet,
}

impl Connector {
    /// The same, but asks nobody: a profile without a session is an error then.
    #[must_use]
    pub fn asking_nobody(&self) -> Self {
        Self {
            logins: self.logins.asking_nobody(),
            ..self.clone()
        }
    }

    /// Returns what a runner has to be handed to work through a profile, if it is anything: a session that
    /// came of a code, and lasts.
    pub async fn session(&self, profile: Option<&str>) -> Option<Session> {
        let asking = self.asking(profile).await.ok()??;
        self.logins.session(&asking.profile)
    }

    /// Returns the profile and its session where roles ask for a code, and nothing where none does.
    pub(super) async fn session_by_code(
        &self,
        profile: Option<&str>,
        config: &SdkConfig,
    ) -> Result<Option<(String, Credentials, BTreeSet<String>)>, ConnectError> {
        let Some(asking) = self.asking(profile).await? else {
            return Ok(None);
        };
        // The first login goes where that profile says.
        let endpoints = match &asking.chain.source {
            Source::Profile(name) => endpoints::safe(Some(name)).await?,
            Source::Keys { .. } | Source::Surroundings(_) => BTreeSet::new(),
        };
        let Asking {
            profile,
            chain,
            profiles,
        } = &asking;
        let session = self.logins.credentials(profile, chain, profiles, config);
        let session = session.await.map_err(|error| failed(profile, error))?;
        Ok(Some((asking.profile, session, endpoints)))
    }

    /// Keys in the environment outrank the profile that `AWS_PROFILE` names.
    async fn asking(&self, profile: Option<&str>) -> Result<Option<Asking>, ConnectError> {
        let keys = std::env::var_os("AWS_ACCESS_KEY_ID").filter(|keys| !keys.is_empty());
        if self.simulated.is_some() || (profile.is_none() && keys.is_some()) {
            return Ok(None);
        }
        let profiles = profiles()
            .await
            .map_err(|error| ConnectError::Files(shown(&error.to_string())))?;
        let profile = profile.unwrap_or_else(|| profiles.selected_profile());
        let profile = profile.to_owned();
        let chain = with_mfa(&Files(&profiles), &profile);
        let chain = chain.map_err(|error| failed(&profile, error.into()))?;
        Ok(chain.map(|chain| Asking {
            profile,
            chain,
            profiles,
        }))
    }
}

fn failed(profile: &str, error: LoginError) -> ConnectError {
    ConnectError::Login {
        profile: shown(profile),
        error,
    }
}
