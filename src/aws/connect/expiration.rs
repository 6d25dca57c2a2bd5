//! When the credentials that calls are signed with expire.
//!
//! A provider of our own stands in front of the real one, hands its credentials through to the SDK's cache
//! and remembers when they end. It never asks for any by itself: that could begin another session.

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use jiff::Timestamp;
use tokio::sync::watch;

/// When the credentials in use expire; clones tell the same.
#[derive(Clone, Debug)]
pub struct Expiration(watch::Receiver<Option<Timestamp>>);

impl Expiration {
    /// Returns the expiration of credentials that have none.
    #[must_use]
    pub fn never() -> Self {
        Self(watch::channel(None).1)
    }

    /// Returns what somebody else tells.
    #[cfg(test)]
    pub(crate) fn told(told: watch::Receiver<Option<Timestamp>>) -> Self {
        Self(told)
    }

    /// Returns when the credentials that were handed out last expire; `None` for keys that do not, and
    /// before any were.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        *self.0.borrow()
    }

    /// Waits until others were handed out; `false` once that cannot be any more.
    pub async fn changed(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

/// Hands credentials through and remembers when they expire.
#[derive(Debug)]
struct Watched {
    provider: SharedCredentialsProvider,
    expires: watch::Sender<Option<Timestamp>>,
}

impl Watched {
    fn remember(&self, credentials: &Credentials) {
        let expires = credentials.expiry();
        let expires = expires.and_then(|at| Timestamp::try_from(at).ok());
        self.expires.send_if_modified(|known| {
            let differs = *known != expires;
            *known = expires;
            differs
        });
    }

    async fn provided(&self) -> provider::Result {
        let credentials = self.provider.provide_credentials().await?;
        self.remember(&credentials);
        Ok(credentials)
    }
}

impl ProvideCredentials for Watched {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provided())
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        let credentials = self.provider.fallback_on_interrupt()?;
        self.remember(&credentials);
        Some(credentials)
    }
}

/// Has the credentials of a configuration watched.
#[must_use]
pub fn watched(config: SdkConfig) -> (SdkConfig, Expiration) {
    let Some(provider) = config.credentials_provider() else {
        return (config, Expiration::never());
    };
    let (expires, told) = watch::channel(None);
    let watched = SharedCredentialsProvider::new(Watched { provider, expires });
    let config = config.into_builder().credentials_provider(watched).build();
    (config, Expiration(told))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, SystemTime};

    use aws_config::BehaviorVersion;
    use aws_types::region::Region;

    use super::*;
    use crate::clock::Clock;
    use crate::sim::SimulatedAws;

    /// Hands out credentials of one hour, each lot an hour later than the one before, and counts them.
    #[derive(Debug)]
    struct Hourly(Arc<AtomicU64>);

    const FIRST: u64 = 4_000_000_000;

    impl ProvideCredentials for Hourly {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let lot = self.0.fetch_add(1, Ordering::SeqCst);
            let ends = SystemTime::UNIX_EPOCH + Duration::from_secs(FIRST + 3600 * lot);
            let keys = Credentials::new("a", "b", Some("c".into()), Some(ends), "test");
            future::ProvideCredentials::ready(Ok(keys))
        }
    }

    fn config(provider: impl ProvideCredentials + 'static) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(provider))
            .build()
    }

    fn at(lot: i64) -> Timestamp {
        let first = i64::try_from(FIRST).unwrap();
        Timestamp::from_second(first + 3600 * lot).unwrap()
    }

    #[tokio::test]
    async fn the_expiration_is_that_of_what_was_handed_out_last() {
        let (config, mut expiration) = watched(config(Hourly(Arc::default())));
        assert_eq!(expiration.at(), None, "nothing was handed out yet");
        let provider = config.credentials_provider().unwrap();
        provider.provide_credentials().await.unwrap();
        assert!(expiration.changed().await);
        assert_eq!(expiration.at(), Some(at(0)));
        provider.provide_credentials().await.unwrap();
        assert!(expiration.changed().await);
        assert_eq!(expiration.at(), Some(at(1)));
        drop((config, provider));
        assert!(!expiration.changed().await, "nobody is left to tell");
    }

    #[tokio::test]
    async fn a_signed_call_tells_the_expiration_and_nobody_else_asks_the_provider() {
        let asked = Arc::new(AtomicU64::new(0));
        let aws = SimulatedAws::empty(Clock::real());
        let plain = config(Hourly(Arc::clone(&asked))).into_builder();
        let plain = plain.http_client(aws.http_client()).build();
        let (config, expiration) = watched(plain);
        let client = aws_sdk_ec2::config::Builder::from(&config)
            .interceptor(aws.interceptor("111122223333", "eu-west-1"))
            .build();
        let client = aws_sdk_ec2::Client::from_conf(client);
        for _call in 0..2 {
            client.describe_volumes().send().await.unwrap();
            assert_eq!(expiration.at(), Some(at(0)));
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn keys_that_do_not_expire_have_no_expiration() {
        let keys = Credentials::new("a", "b", None, None, "test");
        let (config, expiration) = watched(config(keys));
        let provider = config.credentials_provider().unwrap();
        provider.provide_credentials().await.unwrap();
        assert_eq!(expiration.at(), None);
        let (_, expiration) = watched(SdkConfig::builder().build());
        assert_eq!(expiration.at(), None);
    }
}
