//! A client against the simulated AWS, and short words for what tests look at.
//!
//! Clients have neither retries nor time-outs unless a test asks for them: what comes back is what was sent.

use std::fmt::Debug;
use std::time::Duration;

use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_types::timeout::TimeoutConfig;

use crate::clock::Clock;
use crate::sim::{SimulatedAws, Story, scenarios};

pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "eu-west-1";

/// A simulated AWS, the clients of one place, and the clock.
pub struct Bench {
    pub aws: SimulatedAws,
    pub clock: Clock,
    pub ec2: aws_sdk_ec2::Client,
    pub kms: aws_sdk_kms::Client,
    pub sts: aws_sdk_sts::Client,
    pub autoscaling: aws_sdk_autoscaling::Client,
    pub rds: aws_sdk_rds::Client,
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub backup: aws_sdk_backup::Client,
    pub elb: aws_sdk_elasticloadbalancingv2::Client,
    pub route53: aws_sdk_route53::Client,
    pub application_autoscaling: aws_sdk_applicationautoscaling::Client,
    pub ssm: aws_sdk_ssm::Client,
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub iam: aws_sdk_iam::Client,
}

/// A client of one service: where it signs for, and where it is called if that is another Region.
macro_rules! client {
    ($service:ident, $aws:expr, $region:expr) => {
        client!($service, $aws, $region, $region)
    };
    ($service:ident, $aws:expr, $signed:expr, $region:expr) => {{
        let config = $service::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new($signed.to_owned()))
            .credentials_provider(credentials())
            .retry_config(RetryConfig::disabled())
            .http_client($aws.http_client())
            .interceptor($aws.interceptor(ACCOUNT, $region));
        $service::Client::from_conf(config.build())
    }};
}

impl Bench {
    pub fn scenario(name: &str) -> Self {
        let found = scenarios().iter().find(|scenario| scenario.name == name);
        Self::text(found.unwrap().text)
    }

    /// The same, answered at once: what is told by the second does not move while it is asked.
    pub fn prompt(name: &str) -> Self {
        let found = scenarios().iter().find(|scenario| scenario.name == name);
        let text = found.unwrap().text;
        let prompt = text.replace("answer = \"180ms\"", "answer = \"0s\"");
        assert_ne!(text, prompt);
        Self::text(&prompt)
    }

    pub fn text(text: &str) -> Self {
        let clock = Clock::simulated(Story::of(text).unwrap().opens_at, 1.0);
        Self::with(
            SimulatedAws::from_scenario(text, clock.clone()).unwrap(),
            clock,
        )
    }

    pub fn with(aws: SimulatedAws, clock: Clock) -> Self {
        let ec2 = ec2(&aws, ACCOUNT, REGION, RetryConfig::disabled());
        Self {
            kms: client!(aws_sdk_kms, &aws, REGION),
            sts: client!(aws_sdk_sts, &aws, REGION),
            autoscaling: client!(aws_sdk_autoscaling, &aws, REGION),
            rds: client!(aws_sdk_rds, &aws, REGION),
            dynamodb: client!(aws_sdk_dynamodb, &aws, REGION),
            backup: backup(&aws, REGION),
            elb: client!(aws_sdk_elasticloadbalancingv2, &aws, REGION),
            route53: client!(aws_sdk_route53, &aws, "us-east-1", REGION),
            application_autoscaling: client!(aws_sdk_applicationautoscaling, &aws, REGION),
            ssm: client!(aws_sdk_ssm, &aws, REGION),
            cloudwatch: client!(aws_sdk_cloudwatch, &aws, REGION),
            lambda: client!(aws_sdk_lambda, &aws, REGION),
            iam: client!(aws_sdk_iam, &aws, "us-east-1", REGION),
            aws,
            clock,
            ec2,
        }
    }

    /// A client with the SDK's own retries.
    pub fn retrying(&self) -> aws_sdk_ec2::Client {
        ec2(&self.aws, ACCOUNT, REGION, RetryConfig::standard())
    }

    pub async fn wait(&self, seconds: u64) {
        self.clock.sleep(Duration::from_secs(seconds)).await;
    }

    pub async fn volume_state(&self, id: &str) -> String {
        let read = self.ec2.describe_volumes().volume_ids(id).send().await;
        let volume = read.unwrap().volumes.unwrap().remove(0);
        volume.state.unwrap().to_string()
    }

    pub async fn instance(&self, id: &str) -> aws_sdk_ec2::types::Instance {
        let read = self.ec2.describe_instances().instance_ids(id).send().await;
        let mut reservations = read.unwrap().reservations.unwrap();
        reservations.remove(0).instances.unwrap().remove(0)
    }

    pub async fn instance_state(&self, id: &str) -> String {
        let state = self.instance(id).await.state.unwrap();
        state.name.unwrap().to_string()
    }
}

pub fn credentials() -> Credentials {
    Credentials::new("AKIDSIMULATED", "secret", None, None, "test")
}

pub fn ec2(
    aws: &SimulatedAws,
    account: &str,
    region: &str,
    retry: RetryConfig,
) -> aws_sdk_ec2::Client {
    let config = aws_sdk_ec2::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(credentials())
        .retry_config(retry)
        .timeout_config(TimeoutConfig::disabled())
        .http_client(aws.http_client())
        .interceptor(aws.interceptor(account, region));
    aws_sdk_ec2::Client::from_conf(config.build())
}

pub fn backup(aws: &SimulatedAws, region: &str) -> aws_sdk_backup::Client {
    client!(aws_sdk_backup, aws, region)
}

/// The error code of a call that must have failed.
pub fn code<O: Debug, E: ProvideErrorMetadata + Debug, R: Debug>(
    result: Result<O, SdkError<E, R>>,
) -> String {
    let error = result.unwrap_err();
    error.code().unwrap_or("no code").to_owned()
}

/// The error message of a call that must have failed.
pub fn message<O: Debug, E: ProvideErrorMetadata + Debug, R: Debug>(
    result: Result<O, SdkError<E, R>>,
) -> String {
    let error = result.unwrap_err();
    error.message().unwrap_or("no message").to_owned()
}

impl Bench {
    /// The id of the instance or volume with this name.
    pub fn id(&self, name: &str) -> String {
        let id = self.aws.id_of(name);
        id.unwrap_or_else(|| panic!("nothing is named {name}"))
    }

    /// The only snapshot of the volume with this name.
    pub async fn snapshot(&self, volume: &str) -> aws_sdk_ec2::types::Snapshot {
        let read = self.ec2.describe_snapshots().owner_ids("self");
        let filter = filter("volume-id", &[&self.id(volume)]);
        let read = read.filters(filter).send().await.unwrap();
        read.snapshots.unwrap().remove(0)
    }

    pub async fn snapshot_id(&self, volume: &str) -> String {
        self.snapshot(volume).await.snapshot_id.unwrap()
    }

    /// A volume from the snapshot of a volume, as a restore makes it.
    pub async fn restore(&self, volume: &str) -> String {
        let snapshot = self.snapshot_id(volume).await;
        let made = self
            .ec2
            .create_volume()
            .availability_zone("eu-west-1a")
            .snapshot_id(snapshot);
        made.send().await.unwrap().volume_id.unwrap()
    }

    pub async fn volume(&self, id: &str) -> aws_sdk_ec2::types::Volume {
        let read = self.ec2.describe_volumes().volume_ids(id).send().await;
        read.unwrap().volumes.unwrap().remove(0)
    }

    pub async fn attachment_state(&self, id: &str) -> String {
        let volume = self.volume(id).await;
        let attachment = volume.attachments().first();
        attachment.map_or("none".to_owned(), |a| a.state().unwrap().to_string())
    }
}

pub fn filter(name: &str, values: &[&str]) -> aws_sdk_ec2::types::Filter {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    let filter = aws_sdk_ec2::types::Filter::builder().name(name);
    filter.set_values(Some(values)).build()
}

pub fn tag(key: &str, value: &str) -> aws_sdk_ec2::types::Tag {
    let tag = aws_sdk_ec2::types::Tag::builder();
    tag.key(key).value(value).build()
}
