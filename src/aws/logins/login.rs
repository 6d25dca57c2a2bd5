//! Assumes the roles of a chain one after the other, with a code where a role asks for one.
//!
//! It sends `sts:AssumeRole` and nothing else, and keeps nothing.

use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_sts::operation::assume_role::AssumeRoleOutput;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;

use super::{Answer, AskForCode, LoginError, no_code};
use crate::aws::failure::{chain_of, failure, is_wrong_code};
use crate::aws::guard::{Guard, Mode};
use crate::aws::role_chain::{Role, RoleChain, Source, Surroundings};
use crate::clock::Clock;
use crate::domain::code::{Code, CodeWanted};
use crate::domain::failure::Failure;
use crate::domain::text::shown;

/// A login under way.
pub(super) struct Login<'a> {
    pub(super) profile: &'a str,
    pub(super) asks: &'a dyn AskForCode,
    pub(super) config: &'a SdkConfig,
}

impl Login<'_> {
    /// Assumes one role after the other. What they begin with is fetched first, so that no code is asked for
    /// in vain.
    pub(super) async fn through(
        &self,
        chain: &RoleChain,
        profiles: &ProfileSet,
    ) -> Result<Credentials, LoginError> {
        let mut credentials = begin(&chain.source, profiles, self.config).await?;
        for role in &chain.roles {
            credentials = match &role.mfa_serial {
                None => self.assume(role, None, credentials).await?,
                Some(serial) => self.assume_with_code(role, serial, credentials).await?,
            };
        }
        Ok(credentials)
    }

    async fn assume_with_code(
        &self,
        role: &Role,
        serial: &str,
        credentials: Credentials,
    ) -> Result<Credentials, LoginError> {
        let mut wanted = CodeWanted {
            profile: self.profile.to_owned(),
            serial: serial.to_owned(),
            refused: false,
        };
        loop {
            let code = match self.asks.ask(&wanted).await {
                Answer::Given(code) => code,
                Answer::Declined => return Err(no_code(self.profile, serial, true)),
                Answer::Nobody => return Err(no_code(self.profile, serial, false)),
            };
            let outcome = self.assume(role, Some(code), credentials.clone()).await;
            match outcome {
                Err(LoginError::WrongCode { .. }) if self.asks.asks_again() => {
                    wanted.refused = true;
                }
                outcome => return outcome,
            }
        }
    }

    /// Assumes one role. It is sent once: a code is good for one request.
    async fn assume(
        &self,
        role: &Role,
        code: Option<Code>,
        credentials: Credentials,
    ) -> Result<Credentials, LoginError> {
        let sts = aws_sdk_sts::config::Builder::from(self.config)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .interceptor(SharedInterceptor::new(Guard::new(Mode::Login)))
            .build();
        let session = role.session_name.clone();
        let session = session.unwrap_or_else(|| {
            let now = Clock::real().now().as_millisecond();
            format!("defib-{now}")
        });
        let answer = aws_sdk_sts::Client::from_conf(sts)
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(session)
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.duration)
            .set_serial_number(role.mfa_serial.clone())
            .set_token_code(code.map(|code| code.digits().to_owned()))
            .send()
            .await
            .map_err(|error| self.refused(role, failure("sts:AssumeRole", &error)))?;
        session_of(&answer).ok_or_else(|| {
            LoginError::Source("STS assumed the role and told no credentials".to_owned())
        })
    }

    fn refused(&self, role: &Role, failure: Failure) -> LoginError {
        match &role.mfa_serial {
            Some(serial) if is_wrong_code(&failure) => LoginError::WrongCode {
                profile: self.profile.to_owned(),
                serial: serial.clone(),
            },
            Some(_) | None => LoginError::Refused(Box::new(failure)),
        }
    }
}

/// Gets what the first role is assumed with.
async fn begin(
    source: &Source,
    profiles: &ProfileSet,
    config: &SdkConfig,
) -> Result<Credentials, LoginError> {
    let mut provider = ProviderConfig::without_region().with_region(config.region().cloned());
    if let Some(timeouts) = config.timeout_config() {
        provider = provider.with_timeout_config(timeouts.clone());
    }
    let found = match source {
        Source::Keys { profile } => return keys_of(profile, profiles),
        Source::Profile(name) => {
            let provider = ProfileFileCredentialsProvider::builder()
                .configure(&provider)
                .profile_name(name)
                .build();
            provider.provide_credentials().await
        }
        Source::Surroundings(Surroundings::Environment) => {
            let provider = EnvironmentVariableCredentialsProvider::new();
            provider.provide_credentials().await
        }
        Source::Surroundings(Surroundings::Ec2InstanceMetadata) => {
            let provider = ImdsCredentialsProvider::builder().configure(&provider);
            provider.build().provide_credentials().await
        }
        Source::Surroundings(Surroundings::EcsContainer) => {
            let provider = EcsCredentialsProvider::builder().configure(&provider);
            provider.build().provide_credentials().await
        }
    };
    found.map_err(|error| LoginError::Source(shown(&chain_of(&error))))
}

fn keys_of(name: &str, profiles: &ProfileSet) -> Result<Credentials, LoginError> {
    let profile = profiles.get_profile(name);
    let get = |key| profile.and_then(|profile| profile.get(key));
    match (get("aws_access_key_id"), get("aws_secret_access_key")) {
        (Some(id), Some(secret)) => {
            let token = get("aws_session_token").map(str::to_owned);
            Ok(Credentials::new(id, secret, token, None, "profile"))
        }
        _incomplete => {
            let name = shown(name);
            let what = format!(
                "profile {name} has no pair of aws_access_key_id and aws_secret_access_key"
            );
            Err(LoginError::Source(what))
        }
    }
}

fn session_of(answer: &AssumeRoleOutput) -> Option<Credentials> {
    let given = answer.credentials()?;
    let ends_at = SystemTime::try_from(*given.expiration()).ok()?;
    Some(Credentials::new(
        given.access_key_id(),
        given.secret_access_key(),
        Some(given.session_token().to_owned()),
        Some(ends_at),
        "assumed with MFA",
    ))
}
