//! Clients for tests whose every call is answered with the same text: rows that no AWS sends.
//! Nothing in here reaches a network.

use aws_credential_types::Credentials;
use aws_sdk_ec2::config::{BehaviorVersion, Region, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;

use crate::aws::connect::Clients;

use super::fixtures;

#[derive(Clone, Debug)]
struct Answer(&'static str);

impl HttpConnector for Answer {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let status = 200_u16.try_into().unwrap();
        let answer = HttpResponse::new(status, SdkBody::from(self.0));
        HttpConnectorFuture::ready(Ok(answer))
    }
}

impl HttpClient for Answer {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// Makes clients for EC2 and AWS Backup whose every call is answered with a text.
pub(super) fn clients(text: &'static str) -> Clients {
    let keys = Credentials::new("a", "b", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(Answer(text))
        .build();
    Clients {
        ec2: aws_sdk_ec2::Client::new(&config),
        backup: aws_sdk_backup::Client::new(&config),
        ..fixtures::clients("acme", "eu-west-1")
    }
}
