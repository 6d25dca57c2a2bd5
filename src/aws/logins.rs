//! Sessions behind a second factor (MFA): a code is asked for, a role is assumed with it, and what comes of
//! it is kept in memory for as long as it lasts.
//!
//! Who asks is given from outside. Nothing of a session is written anywhere; it goes to a runner through
//! [`Session`] alone, which has no `Debug` and no `Display`.

mod login;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_config::profile::ProfileSet;
use aws_credential_types::Credentials;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::domain::code::{Code, CodeWanted};
use crate::domain::failure::Failure;
use crate::domain::text::shown;

use super::role_chain::{ChainError, RoleChain, Settings};

use login::Login;

/// A session that ends within this time is as good as over.
const MARGIN: SignedDuration = SignedDuration::from_mins(1);

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A code.
    Given(Code),
    /// Nobody wanted to give one.
    Declined,
    /// There is nobody to ask.
    Nobody,
}

/// Asks a person for a code.
#[async_trait]
pub trait AskForCode: Send + Sync {
    /// Asks, and waits for the answer.
    async fn ask(&self, wanted: &CodeWanted) -> Answer;

    /// Tells whether a person whose code was refused is asked for the next one.
    fn asks_again(&self) -> bool;
}

/// Why there is no session.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LoginError {
    /// A code is needed, and was not given or cannot be asked for.
    #[error("{}", without_code(.profile, .serial, *.asked))]
    NoCode {
        /// The profile.
        profile: String,
        /// The device.
        serial: String,
        /// Whether a person was asked.
        asked: bool,
    },
    /// STS does not take the code.
    #[error("the MFA code of {} for profile {} was refused: it is wrong, over, or was used before", shown(.serial), shown(.profile))]
    WrongCode {
        /// The profile.
        profile: String,
        /// The device.
        serial: String,
    },
    /// The files contradict themselves.
    #[error("{}", shown(&.0.to_string()))]
    Chain(#[from] ChainError),
    /// What the first role is assumed with cannot be had.
    #[error("{0}")]
    Source(String),
    /// A role was not given.
    #[error("{}", .0.line())]
    Refused(Box<Failure>),
}

/// Credentials on their way to a runner. They are read by nobody else.
#[derive(Serialize, Deserialize)]
pub struct Session {
    profile: String,
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
    ends_at: Option<Timestamp>,
}

/// The sessions of this process, and who asks for codes. Clones share the sessions.
#[derive(Clone, Default)]
pub struct Logins {
    asks: Option<Arc<dyn AskForCode>>,
    known: Arc<Mutex<Known>>,
    /// Held while a session is begun: one code is asked for at a time.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// What came of logging in, by profile.
#[derive(Default)]
struct Known {
    sessions: BTreeMap<String, Credentials>,
    /// The last failure, and how many there were.
    failures: BTreeMap<String, (u64, LoginError)>,
}

impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logins").finish_non_exhaustive()
    }
}

impl Logins {
    /// Asks whoever is given here.
    #[must_use]
    pub fn asking(asks: Arc<dyn AskForCode>) -> Self {
        Self {
            asks: Some(asks),
            ..Self::default()
        }
    }

    /// Knows the same sessions, and asks nobody for more.
    #[must_use]
    pub fn asking_nobody(&self) -> Self {
        Self {
            asks: None,
            ..self.clone()
        }
    }

    /// Holds a session that was handed over, and asks nobody.
    #[must_use]
    pub fn holding(session: Session) -> Self {
        let credentials = Credentials::new(
            session.access_key_id,
            session.secret_access_key,
            session.token,
            session.ends_at.map(SystemTime::from),
            "handed over",
        );
        let logins = Self::default();
        logins.keep(&session.profile, credentials);
        logins
    }

    /// Returns what is to be handed to a runner that works through a profile, if anything is.
    pub(super) fn session(&self, profile: &str) -> Option<Session> {
        let credentials = self.lasting(profile)?;
        Some(Session {
            profile: profile.to_owned(),
            access_key_id: credentials.access_key_id().to_owned(),
            secret_access_key: credentials.secret_access_key().to_owned(),
            token: credentials.session_token().map(str::to_owned),
            ends_at: end_of(&credentials),
        })
    }

    /// Returns credentials for a profile whose roles ask for a code; asks where no session lasts.
    ///
    /// # Errors
    /// [`LoginError`]
    pub(super) async fn credentials(
        &self,
        profile: &str,
        chain: &RoleChain,
        profiles: &ProfileSet,
        config: &SdkConfig,
    ) -> Result<Credentials, LoginError> {
        if let Some(session) = self.lasting(profile) {
            return Ok(session);
        }
        let Some(asks) = &self.asks else {
            return Err(no_code(profile, chain.serial(), false));
        };
        let before = self.last_failure(profile).map(|(count, _)| count);
        let _turn = self.turn.lock().await;
        if let Some(session) = self.lasting(profile) {
            return Ok(session);
        }
        // Whoever waited for the same session shares what came of it, and asks no second time.
        if let Some((count, error)) = self.last_failure(profile)
            && Some(count) != before
        {
            return Err(error);
        }
        let begun = Login {
            profile,
            asks: &**asks,
            config,
        };
        let begun = begun.through(chain, profiles).await;
        match &begun {
            Ok(session) => self.keep(profile, session.clone()),
            Err(error) => {
                let failure = (before.unwrap_or(0) + 1, error.clone());
                self.known().failures.insert(profile.to_owned(), failure);
            }
        }
        begun
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives up a session that is not taken any more; one that has come since, with another access key, stays.
    pub(super) fn forget(&self, profile: &str, access_key_id: &str) {
        let mut known = self.known();
        let session = known.sessions.get(profile);
        if session.is_some_and(|session| session.access_key_id() == access_key_id) {
            known.sessions.remove(profile);
        }
    }

    fn keep(&self, profile: &str, session: Credentials) {
        self.known().sessions.insert(profile.to_owned(), session);
    }

    fn lasting(&self, profile: &str) -> Option<Credentials> {
        let session = self.known().sessions.get(profile).cloned()?;
        lasts(end_of(&session)).then_some(session)
    }

    fn last_failure(&self, profile: &str) -> Option<(u64, LoginError)> {
        self.known().failures.get(profile).cloned()
    }
}

fn without_code(profile: &str, serial: &str, asked: bool) -> String {
    let (profile, serial) = (shown(profile), shown(serial));
    if asked {
        format!("no MFA code was given for profile {profile}")
    } else {
        format!("profile {profile} asks for an MFA code of {serial}, and nobody can be asked here")
    }
}

fn no_code(profile: &str, serial: &str, asked: bool) -> LoginError {
    LoginError::NoCode {
        profile: profile.to_owned(),
        serial: serial.to_owned(),
        asked,
    }
}

fn end_of(session: &Credentials) -> Option<Timestamp> {
    let end = session.expiry()?;
    Timestamp::try_from(end).ok()
}

/// Tells whether what ends then, if ever, can still be begun with.
#[must_use]
pub fn lasts(end: Option<Timestamp>) -> bool {
    end.is_none_or(|end| Clock::real().now() + MARGIN < end)
}

/// The profiles of the AWS files as a chain reads them.
pub(super) struct Files<'a>(pub(super) &'a ProfileSet);

impl Settings for Files<'_> {
    fn get(&self, profile: &str, key: &str) -> Option<String> {
        let value = self.0.get_profile(profile)?.get(key)?;
        Some(value.to_owned())
    }

    fn has(&self, profile: &str) -> bool {
        self.0.get_profile(profile).is_some()
    }
}

#[cfg(test)]
mod tests;
