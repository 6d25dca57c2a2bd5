//! An AWS account of one test: clients that act in it, and the control surface for it.
//!
//! The server tells accounts apart by a header, which an interceptor adds; the binary under test
//! gets there the way people do, by assuming a role.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_ec2::config::http::HttpRequest;
use aws_sdk_ec2::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::config::{
    BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
};
use aws_smithy_runtime_api::box_error::BoxError;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::server::{Server, server};

/// A client of one service that acts in an account.
macro_rules! client {
    ($service:ident, $account:expr, $region:expr, $url:expr) => {{
        let keys = Credentials::new("AKIASEED", "seed", None, None, "wire test");
        let config = $service::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url($url)
            .region(Region::new($region.to_owned()))
            .credentials_provider(keys)
            .retry_config(RetryConfig::disabled())
            .interceptor(ActIn($account.id.clone()))
            .build();
        $service::Client::from_conf(config)
    }};
}

pub struct Account {
    pub id: String,
    server: &'static Server,
    runtime: Runtime,
}

impl Account {
    /// Returns an account that no other test of this process uses.
    pub fn fresh() -> Self {
        Self::on(server())
    }

    /// The same, on a server that is not the usual one.
    pub fn on(server: &'static Server) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(100_000_000_001);
        let id = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a tokio runtime");
        Self {
            id,
            server,
            runtime,
        }
    }

    /// Runs one SDK call to its end; tests are plain functions.
    pub fn wait<F: Future>(&self, call: F) -> F::Output {
        self.runtime.block_on(call)
    }

    /// Returns a client without retries: what the server says the first time is what counts.
    pub fn ec2(&self, region: &str) -> aws_sdk_ec2::Client {
        client!(aws_sdk_ec2, self, region, &self.server.url)
    }

    /// Returns a client of AWS Backup, without retries as well.
    pub fn backup(&self, region: &str) -> aws_sdk_backup::Client {
        client!(aws_sdk_backup, self, region, &self.server.backup_url)
    }

    /// Returns a client of RDS, without retries as well.
    pub fn rds(&self, region: &str) -> aws_sdk_rds::Client {
        client!(aws_sdk_rds, self, region, &self.server.url)
    }

    /// Returns a client of `DynamoDB`, without retries as well.
    pub fn dynamodb(&self, region: &str) -> aws_sdk_dynamodb::Client {
        client!(aws_sdk_dynamodb, self, region, &self.server.url)
    }

    /// Returns a client of Elastic Load Balancing, without retries as well.
    pub fn elb(&self, region: &str) -> aws_sdk_elasticloadbalancingv2::Client {
        client!(
            aws_sdk_elasticloadbalancingv2,
            self,
            region,
            &self.server.url
        )
    }

    /// Returns a client of Auto Scaling, without retries as well.
    pub fn autoscaling(&self, region: &str) -> aws_sdk_autoscaling::Client {
        client!(aws_sdk_autoscaling, self, region, &self.server.url)
    }

    /// Returns a client of Route 53, without retries as well.
    pub fn route53(&self, region: &str) -> aws_sdk_route53::Client {
        client!(aws_sdk_route53, self, region, &self.server.url)
    }

    /// Returns a client of Application Auto Scaling, without retries as well.
    pub fn application_autoscaling(&self, region: &str) -> aws_sdk_applicationautoscaling::Client {
        client!(
            aws_sdk_applicationautoscaling,
            self,
            region,
            &self.server.url
        )
    }

    /// Returns a client of Lambda, without retries as well.
    pub fn lambda(&self, region: &str) -> aws_sdk_lambda::Client {
        client!(aws_sdk_lambda, self, region, &self.server.url)
    }

    /// Returns a client of Systems Manager, without retries as well.
    pub fn ssm(&self, region: &str) -> aws_sdk_ssm::Client {
        client!(aws_sdk_ssm, self, region, &self.server.url)
    }

    /// Returns a client of IAM, which is one for all Regions.
    pub fn iam(&self) -> aws_sdk_iam::Client {
        client!(aws_sdk_iam, self, "us-east-1", &self.server.url)
    }

    /// Seeds what AWS Backup has in one Region; see `backup_server.py` for what it may say.
    pub fn seed_backup(&self, region: &str, estate: &Value) {
        let path = format!("estate/{}/{region}", self.id);
        self.server.control_backup("PUT", &path, estate);
    }

    /// Returns what AWS Backup was asked and which of its answers did not fit the published model.
    pub fn backup_answers(&self) -> Value {
        let path = format!("answers/{}", self.id);
        self.server.control_backup("GET", &path, &Value::Null)
    }

    /// Replaces this account's faults; see `peer_control.py` for what a row may say.
    pub fn fault(&self, rows: &Value) {
        self.control("POST", "faults", rows);
    }

    /// Makes the server think for a while before every answer to this account.
    pub fn slow_down(&self, milliseconds: u64) {
        self.fault(&json!([{ "delay_ms": milliseconds, "times": 1_000_000 }]));
    }

    /// Returns the EC2 actions that reached this account, dry runs left out.
    pub fn ec2_actions(&self) -> Vec<String> {
        self.calls()
            .iter()
            .filter(|call| call["service"] == "ec2" && call["dry_run"] == false)
            .map(|call| call["action"].as_str().expect("an action").to_owned())
            .collect()
    }

    /// Returns every request of this account, dry runs and other services too, in the order of arrival.
    pub fn calls(&self) -> Vec<Value> {
        let calls = self.control("GET", "calls", &Value::Null);
        calls.as_array().expect("a list of calls").clone()
    }

    /// Returns the actions that met a fault since the faults were set.
    pub fn struck(&self) -> Vec<String> {
        let struck = self.control("GET", "struck", &Value::Null);
        serde_json::from_value(struck).expect("a list of actions")
    }

    /// Waits until a request has met a fault.
    ///
    /// # Panics
    /// When none has for two minutes.
    pub fn wait_for_a_strike(&self) {
        let struck = self.control("GET", "strikes", &Value::Null);
        assert_ne!(struck, json!([]), "no request met the fault");
    }

    /// Lets go of every request that a fault holds.
    pub fn release(&self) {
        self.control("POST", "release", &Value::Null);
    }

    pub fn forget_calls(&self) {
        self.control("DELETE", "calls", &Value::Null);
    }

    pub fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        self.server.control(method, path, &self.id, body)
    }
}

#[derive(Debug)]
struct ActIn(String);

impl Intercept for ActIn {
    fn name(&self) -> &'static str {
        "ActIn"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request: &mut HttpRequest = context.request_mut();
        request
            .headers_mut()
            .insert("x-moto-account-id", self.0.clone());
        Ok(())
    }
}
