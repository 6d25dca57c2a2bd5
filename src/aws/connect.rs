//! A profile and a Region become clients: credentials, endpoint, time-outs, retries and guard.
//!
//! Clients of one place are built once and cloned. Reads are retried by the SDK; mutations never are,
//! because a blind resend makes duplicates, and the engine decides about those.

mod build;
mod by_code;
mod endpoints;
pub mod expiration;
mod profiles;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_types::region::Region as SdkRegion;

use crate::clock::Clock;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::ids::{AccountId, Region};
use crate::domain::place::Place;
use crate::domain::text::shown;
use crate::sim::{Account, SECRET, SimulatedAws};

use super::environment::profiles;
use super::failure::failure;
use super::guard::{Guard, Mode};
use super::logins::{LoginError, Logins};
use expiration::{Expiration, watched};

/// By default the SDK waits for ever on a silent server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// How long a server may think before the first byte of its answer to a read.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// The same where the caller's identity is asked for, which any service in working order tells at once. It is what
/// tells a dead Region, so it is tried only twice.
const IDENTITY_TIMEOUT: Duration = Duration::from_secs(8);
const IDENTITY_ATTEMPTS: u32 = 2;
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
const OPERATION_TIMEOUT: Duration = Duration::from_mins(1);

/// Clients of one place.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The place, with the account that `GetCallerIdentity` answered.
    pub place: Place,
    /// ARN of the caller without its session name.
    pub role: String,
    /// Endpoints, other than AWS's own, that calls could go to.
    pub endpoints: BTreeSet<String>,
    /// EC2, for reads.
    pub ec2: aws_sdk_ec2::Client,
    /// EC2, for mutations: never sent twice by the SDK.
    pub ec2_once: aws_sdk_ec2::Client,
    /// EC2, for mutations that only ask whether they would be allowed: each is sent as a `DryRun`.
    pub ec2_rehearsed: aws_sdk_ec2::Client,
    /// KMS, for reads.
    pub kms: aws_sdk_kms::Client,
    /// Auto Scaling, for reads.
    pub autoscaling: aws_sdk_autoscaling::Client,
    /// Auto Scaling, for mutations: never sent twice by the SDK.
    pub autoscaling_once: aws_sdk_autoscaling::Client,
    /// Elastic Load Balancing, for reads.
    pub elb: aws_sdk_elasticloadbalancingv2::Client,
    /// Elastic Load Balancing, for mutations: never sent twice by the SDK.
    pub elb_once: aws_sdk_elasticloadbalancingv2::Client,
    /// Route 53, which is one for all Regions, for reads.
    pub route53: aws_sdk_route53::Client,
    /// Route 53, for mutations: never sent twice by the SDK.
    pub route53_once: aws_sdk_route53::Client,
    /// RDS, for reads.
    pub rds: aws_sdk_rds::Client,
    /// `DynamoDB`, for reads.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// `DynamoDB`, for mutations: never sent twice by the SDK.
    pub dynamodb_once: aws_sdk_dynamodb::Client,
    /// Application Auto Scaling, for reads.
    pub application_autoscaling: aws_sdk_applicationautoscaling::Client,
    /// Application Auto Scaling, for mutations: never sent twice by the SDK.
    pub application_autoscaling_once: aws_sdk_applicationautoscaling::Client,
    /// Systems Manager, for reads.
    pub ssm: aws_sdk_ssm::Client,
    /// Systems Manager, for mutations: never sent twice by the SDK.
    pub ssm_once: aws_sdk_ssm::Client,
    /// `CloudWatch`, for reads.
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    /// `CloudWatch`, for mutations: never sent twice by the SDK.
    pub cloudwatch_once: aws_sdk_cloudwatch::Client,
    /// Lambda, for reads.
    pub lambda: aws_sdk_lambda::Client,
    /// Lambda, for mutations: never sent twice by the SDK.
    pub lambda_once: aws_sdk_lambda::Client,
    /// IAM, which is one for all Regions, for reads: defib changes nothing in it.
    pub iam: aws_sdk_iam::Client,
    /// AWS Backup, for reads.
    pub backup: aws_sdk_backup::Client,
    /// The time that those who read lists go by.
    pub clock: Clock,
    /// When the credentials that all of them sign with expire.
    pub expiration: Expiration,
    /// Whether a person gave a code for those credentials: nothing but another code renews them.
    pub by_code: bool,
    /// What they were built from; `None` for clients that lead nowhere.
    pub(crate) origin: Option<Arc<Origin>>,
}

impl Clients {
    /// Returns the same clients, but that every mutation of EC2 is sent as a `DryRun`: it asks whether it would be
    /// allowed, and changes nothing. Other services know no such question, and refuse in a viewer.
    #[must_use]
    pub fn rehearsing(&self) -> Self {
        Self {
            ec2_once: self.ec2_rehearsed.clone(),
            ..self.clone()
        }
    }

    /// Returns clients of the same caller, with the same credentials and the same guard, in another Region. Nobody is
    /// asked: whether the Region is enabled shows with the first call.
    #[must_use]
    pub fn in_region(&self, region: &Region) -> Self {
        if *region == self.place.region {
            return self.clone();
        }
        let origin = self.origin.as_ref().expect("they come of a connector");
        origin
            .connector
            .in_region(self, &origin.opened, region.as_str())
    }
}

/// What the clients of a place come of, from which those of another Region can be made.
#[derive(Debug)]
pub(crate) struct Origin {
    connector: Connector,
    opened: Opened,
}

/// What clients are built from.
#[derive(Clone, Debug)]
struct Opened {
    config: SdkConfig,
    /// Endpoints, other than AWS's own, that calls could go to.
    endpoints: BTreeSet<String>,
    expiration: Expiration,
    /// The profile that a code was given for, and the access key of the session, if one was.
    by_code: Option<(String, String)>,
}

/// Why there are no clients for a place.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The AWS files do not have the profile.
    #[error("there is no profile “{name}” in the AWS files")]
    NoProfile {
        /// What was asked for.
        name: String,
        /// The profiles there are.
        known: Vec<String>,
    },
    /// The AWS files cannot be read.
    #[error("the AWS files cannot be read: {0}")]
    Files(String),
    /// Neither flag, environment nor profile names a Region.
    #[error("no Region is set")]
    NoRegion,
    /// Plain http to another machine would send credentials in the clear.
    #[error("the endpoint {0} is neither https nor on this machine")]
    UnsafeEndpoint(String),
    /// A custom endpoint that no request can be sent to.
    #[error("the endpoint {0} names no host")]
    NoHost(String),
    /// There is no session for a profile that asks for a code of a second factor.
    #[error("{error}")]
    Login {
        /// The profile.
        profile: String,
        /// What happened.
        error: LoginError,
    },
    /// The caller's identity could not be read.
    #[error("{}", .failure.line())]
    Identity {
        /// The profile.
        profile: Option<String>,
        /// What happened.
        failure: Box<Failure>,
    },
}

impl ConnectError {
    /// Tells whether all that is missing is a code that nobody was asked for.
    #[must_use]
    pub fn wants_code(&self) -> bool {
        matches!(
            self,
            Self::Login {
                error: LoginError::NoCode { asked: false, .. },
                ..
            }
        )
    }
}

/// Makes clients for places.
#[derive(Clone, Debug)]
pub struct Connector {
    /// What the clients may call.
    pub mode: Mode,
    /// Whether a custom endpoint honours `DryRun`.
    pub endpoint_honours_dry_run: bool,
    /// The simulated AWS that answers in place of the real one, if any.
    pub simulated: Option<SimulatedAws>,
    /// The sessions behind a second factor, and who asks for its codes.
    pub logins: Logins,
}

impl Connector {
    /// Connects to one Region of a profile; without a Region, to the profile's own.
    ///
    /// # Errors
    /// [`ConnectError`]
    pub async fn connect(
        &self,
        profile: Option<&str>,
        region: Option<&str>,
    ) -> Result<Clients, ConnectError> {
        let (clients, _opened) = self.reached(profile, region).await?;
        Ok(clients)
    }

    /// Connects to every Region that is enabled in the profile's account.
    ///
    /// # Errors
    /// [`ConnectError`]
    pub async fn connect_all(&self, profile: Option<&str>) -> Result<Vec<Clients>, ConnectError> {
        let (home, opened) = self.reached(profile, None).await?;
        let answer = home.ec2.describe_regions().all_regions(false).send().await;
        let answer = answer.map_err(|error| ConnectError::Identity {
            profile: profile.map(str::to_owned),
            failure: Box::new(failure("ec2:DescribeRegions", &error)),
        })?;
        let names = answer
            .regions()
            .iter()
            .filter_map(|region| region.region_name());
        Ok(names
            .map(|name| self.in_region(&home, &opened, name))
            .collect())
    }

    /// Asks who the caller is. A session that came of a code and that AWS does not take any more is given up
    /// for another one, whatever it said of its end.
    async fn reached(
        &self,
        profile: Option<&str>,
        region: Option<&str>,
    ) -> Result<(Clients, Opened), ConnectError> {
        let opened = self.open(profile, region).await?;
        let (owner, key) = match (self.clients(profile, &opened).await, &opened.by_code) {
            (Err(ConnectError::Identity { failure, .. }), Some(over))
                if failure.class == FailureClass::CredentialsExpired =>
            {
                over
            }
            (outcome, _) => return Ok((outcome?, opened)),
        };
        self.logins.forget(owner, key);
        let opened = self.open(profile, region).await?;
        Ok((self.clients(profile, &opened).await?, opened))
    }

    async fn open(
        &self,
        profile: Option<&str>,
        region: Option<&str>,
    ) -> Result<Opened, ConnectError> {
        let (config, mut endpoints) = self.config(profile, region).await?;
        let session = self.session_by_code(profile, &config).await?;
        let (config, by_code) = match session {
            Some((profile, session, more)) => {
                endpoints.extend(more);
                let key = session.access_key_id().to_owned();
                (signing_with(&config, session), Some((profile, key)))
            }
            None => (config, None),
        };
        let (config, expiration) = watched(config);
        Ok(Opened {
            config,
            endpoints,
            expiration,
            by_code,
        })
    }

    async fn config(
        &self,
        profile: Option<&str>,
        region: Option<&str>,
    ) -> Result<(SdkConfig, BTreeSet<String>), ConnectError> {
        if let Some(aws) = &self.simulated {
            let config = simulated_config(aws, profile, region)?;
            return Ok((config, BTreeSet::new()));
        }
        match profile {
            Some(name) => require_profile(name).await?,
            None => require_selected().await?,
        }
        // Before anything is loaded: to find the Region or credentials, calls may be made already.
        let endpoints = endpoints::safe(profile).await?;
        let mut loader: ConfigLoader = aws_config::defaults(BehaviorVersion::latest())
            .timeout_config(timeouts())
            .retry_config(RetryConfig::standard());
        if let Some(region) = region {
            loader = loader.region(SdkRegion::new(region.to_owned()));
        }
        let config = match profile {
            None => loader.load().await,
            Some(name) => with_profile(loader, name).await,
        };
        if config.region().is_none() {
            return Err(ConnectError::NoRegion);
        }
        Ok((config, endpoints))
    }

    async fn clients(
        &self,
        profile: Option<&str>,
        opened: &Opened,
    ) -> Result<Clients, ConnectError> {
        let config = &opened.config;
        let patience = timeouts().to_builder().read_timeout(IDENTITY_TIMEOUT);
        let attempts = RetryConfig::standard().with_max_attempts(IDENTITY_ATTEMPTS);
        let mut sts = aws_sdk_sts::config::Builder::from(config)
            .timeout_config(patience.build())
            .retry_config(attempts);
        for interceptor in self.interceptors(profile, opened) {
            sts.push_interceptor(interceptor);
        }
        let sts = sts.build();
        let answer = aws_sdk_sts::Client::from_conf(sts)
            .get_caller_identity()
            .send()
            .await;
        let identity = answer.map_err(|error| ConnectError::Identity {
            profile: profile.map(str::to_owned),
            failure: Box::new(failure("sts:GetCallerIdentity", &error)),
        })?;
        let place = Place {
            profile: profile.map(str::to_owned),
            account: AccountId::new(identity.account().unwrap_or_default()),
            region: Region::new(opened.config.region().map_or("", SdkRegion::as_ref)),
        };
        let role = without_session(identity.arn().unwrap_or_default());
        Ok(self.build(place, role, opened))
    }

    fn in_region(&self, home: &Clients, opened: &Opened, name: &str) -> Clients {
        let place = Place {
            region: Region::new(name),
            ..home.place.clone()
        };
        let region = SdkRegion::new(name.to_owned());
        let opened = Opened {
            config: opened.config.to_builder().region(region).build(),
            ..opened.clone()
        };
        self.build(place, home.role.clone(), &opened)
    }

    /// A simulated AWS has a time of its own.
    fn clock(&self) -> Clock {
        let simulated = self.simulated.as_ref();
        simulated.map_or_else(Clock::real, SimulatedAws::clock)
    }

    /// The guard stands before the simulated AWS as it stands before the real one.
    fn interceptors(&self, profile: Option<&str>, opened: &Opened) -> Vec<SharedInterceptor> {
        let mode = self.mode_for(&opened.endpoints);
        let mut interceptors = vec![SharedInterceptor::new(Guard::new(mode))];
        if let Some(aws) = &self.simulated {
            let account = simulated_account(aws, profile).map_or("", |account| &account.id);
            let region = opened.config.region().map_or("", SdkRegion::as_ref);
            interceptors.push(SharedInterceptor::new(aws.interceptor(account, region)));
        }
        interceptors
    }

    /// On AWS's own endpoints `DryRun` is honoured; elsewhere only if the configuration says so.
    fn mode_for(&self, endpoints: &BTreeSet<String>) -> Mode {
        let custom = !endpoints.is_empty();
        match &self.mode {
            Mode::Viewer { .. } => Mode::Viewer {
                dry_run: !custom || self.endpoint_honours_dry_run,
            },
            Mode::Runner(calls) => Mode::Runner(calls.clone()),
            Mode::Login => Mode::Login,
        }
    }
}

/// Returns the account behind a profile of the simulated AWS, which is named like the profile.
fn simulated_account<'a>(aws: &'a SimulatedAws, profile: Option<&str>) -> Option<&'a Account> {
    let story = aws.scenario_story();
    let mut accounts = story.accounts.iter();
    match (profile, &story.account) {
        (Some(name), _) => accounts.find(|account| account.name == name),
        (None, Some(id)) => accounts.find(|account| &account.id == id),
        (None, None) => accounts.next(),
    }
}

fn simulated_config(
    aws: &SimulatedAws,
    profile: Option<&str>,
    region: Option<&str>,
) -> Result<SdkConfig, ConnectError> {
    let Some(account) = simulated_account(aws, profile) else {
        let accounts = aws.scenario_story().accounts.iter();
        return Err(ConnectError::NoProfile {
            name: shown(profile.unwrap_or_default()),
            known: accounts.map(|account| account.name.clone()).collect(),
        });
    };
    let home = || account.regions.first().cloned();
    let region = region.map(str::to_owned).or_else(home);
    let region = region.ok_or(ConnectError::NoRegion)?;
    let keys = Credentials::new("SIMULATED", SECRET, None, None, "simulated AWS");
    Ok(SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(SdkRegion::new(region))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(aws.http_client())
        .timeout_config(timeouts())
        .retry_config(RetryConfig::standard())
        .build())
}

/// Loads a profile named by flag. Its credentials come from the files alone: unlike `AWS_PROFILE`, a
/// flag outranks keys in the environment, as with the AWS CLI.
async fn with_profile(loader: ConfigLoader, name: &str) -> SdkConfig {
    let config = loader.profile_name(name).no_credentials().load().await;
    let provider = ProviderConfig::without_region()
        .with_region(config.region().cloned())
        .with_timeout_config(timeouts());
    let credentials = ProfileFileCredentialsProvider::builder()
        .configure(&provider)
        .profile_name(name)
        .build();
    signing_with(&config, credentials)
}

fn signing_with(config: &SdkConfig, credentials: impl ProvideCredentials + 'static) -> SdkConfig {
    let credentials = SharedCredentialsProvider::new(credentials);
    let config = config.to_builder().credentials_provider(credentials);
    config.build()
}

fn timeouts() -> TimeoutConfig {
    let unhurried = without_read_timeout().to_builder();
    unhurried.read_timeout(READ_TIMEOUT).build()
}

fn without_read_timeout() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}

async fn require_profile(name: &str) -> Result<(), ConnectError> {
    let profiles = profiles()
        .await
        .map_err(|error| ConnectError::Files(shown(&error.to_string())))?;
    if profiles.get_profile(name).is_some() {
        return Ok(());
    }
    let mut known: Vec<String> = profiles.profiles().map(shown).collect();
    known.sort();
    Err(ConnectError::NoProfile {
        name: shown(name),
        known,
    })
}

/// A profile that `AWS_PROFILE` names and the files do not have is a slip, and no wish for defaults.
async fn require_selected() -> Result<(), ConnectError> {
    let selected = match std::env::var("AWS_PROFILE") {
        Ok(name) if !name.is_empty() && name != "default" => name,
        Ok(_) | Err(_) => return Ok(()),
    };
    require_profile(&selected).await
}

/// Cuts the session name off an assumed role's ARN, since every session has its own.
fn without_session(arn: &str) -> String {
    let is_session = arn.contains(":assumed-role/");
    match arn.rsplit_once('/') {
        Some((role, _session)) if is_session => role.to_owned(),
        _whole => arn.to_owned(),
    }
}

impl ConnectError {
    /// Tells whether logging in again would help.
    #[must_use]
    pub fn needs_login(&self) -> bool {
        match self {
            Self::Identity { failure, .. } => failure.class == FailureClass::CredentialsExpired,
            Self::Login { .. } => true,
            Self::NoProfile { .. }
            | Self::Files(_)
            | Self::NoRegion
            | Self::UnsafeEndpoint(_)
            | Self::NoHost(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_name_is_not_part_of_the_role() {
        let arn = "arn:aws:sts::111122223333:assumed-role/ops/me@host";
        assert_eq!(
            without_session(arn),
            "arn:aws:sts::111122223333:assumed-role/ops"
        );
        let user = "arn:aws:iam::111122223333:user/path/me";
        assert_eq!(without_session(user), user);
    }

    #[test]
    fn dry_runs_are_asked_of_aws_and_elsewhere_only_by_setting() {
        let viewer = |honours| Connector {
            mode: Mode::Viewer { dry_run: true },
            endpoint_honours_dry_run: honours,
            simulated: None,
            logins: Logins::default(),
        };
        let asks = |honours, endpoints: &[&str]| {
            let endpoints = endpoints.iter().map(ToString::to_string).collect();
            viewer(honours).mode_for(&endpoints) == Mode::Viewer { dry_run: true }
        };
        assert!(asks(false, &[]) && asks(true, &[]));
        let custom = ["https://ec2.example.com"];
        assert!(!asks(false, &custom) && asks(true, &custom));
    }
}
