//! The clients of one place, each with the interceptors of its connector.
//!
//! Reads go through clients that the SDK may let try again; mutations through clients that send once.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_types::region::Region as SdkRegion;

use super::{Clients, Connector, Opened, Origin, without_read_timeout};
use crate::aws::guard::rehearsal::Rehearsal;
use crate::domain::place::Place;

/// Configures one service with the interceptors of its place.
macro_rules! configured {
    ($service:ident, $config:expr, $interceptors:expr) => {{
        let mut config = $service::config::Builder::from($config);
        for interceptor in $interceptors {
            config.push_interceptor(interceptor.clone());
        }
        config
    }};
}

/// Makes the client for reads.
macro_rules! one {
    ($service:ident, $config:expr, $interceptors:expr) => {
        $service::Client::from_conf(configured!($service, $config, $interceptors).build())
    };
}

/// Makes the client for reads and the one for mutations from one configuration. A mutation that is given up early is
/// one of unknown outcome.
macro_rules! both {
    ($service:ident, $config:expr, $interceptors:expr) => {{
        let config = configured!($service, $config, $interceptors);
        let once = config.clone().retry_config(RetryConfig::disabled());
        let once = once.timeout_config(without_read_timeout());
        let once = $service::Client::from_conf(once.build());
        ($service::Client::from_conf(config.build()), once)
    }};
}

impl Connector {
    /// Builds the clients of a place whose caller is known.
    pub(super) fn build(&self, place: Place, role: String, opened: &Opened) -> Clients {
        let config = &opened.config;
        let interceptors = self.interceptors(place.profile.as_deref(), opened);
        let (ec2, ec2_once) = both!(aws_sdk_ec2, config, &interceptors);
        // What is asked goes before the guard, so that the guard sees a question.
        let rehearsal = [SharedInterceptor::new(Rehearsal)];
        let asking = rehearsal.iter().chain(&interceptors);
        let (_, ec2_rehearsed) = both!(aws_sdk_ec2, config, asking);
        let (autoscaling, autoscaling_once) = both!(aws_sdk_autoscaling, config, &interceptors);
        let (elb, elb_once) = both!(aws_sdk_elasticloadbalancingv2, config, &interceptors);
        let (route53, route53_once) = both!(aws_sdk_route53, &global(config), &interceptors);
        let (dynamodb, dynamodb_once) = both!(aws_sdk_dynamodb, config, &interceptors);
        let (application_autoscaling, application_autoscaling_once) =
            both!(aws_sdk_applicationautoscaling, config, &interceptors);
        let (ssm, ssm_once) = both!(aws_sdk_ssm, config, &interceptors);
        let (cloudwatch, cloudwatch_once) = both!(aws_sdk_cloudwatch, config, &interceptors);
        let (lambda, lambda_once) = both!(aws_sdk_lambda, config, &interceptors);
        Clients {
            place,
            role,
            endpoints: opened.endpoints.clone(),
            ec2,
            ec2_once,
            ec2_rehearsed,
            kms: one!(aws_sdk_kms, config, &interceptors),
            autoscaling,
            autoscaling_once,
            elb,
            elb_once,
            route53,
            route53_once,
            rds: one!(aws_sdk_rds, config, &interceptors),
            dynamodb,
            dynamodb_once,
            application_autoscaling,
            application_autoscaling_once,
            ssm,
            ssm_once,
            cloudwatch,
            cloudwatch_once,
            lambda,
            lambda_once,
            iam: one!(aws_sdk_iam, &global(config), &interceptors),
            backup: one!(aws_sdk_backup, config, &interceptors),
            clock: self.clock(),
            expiration: opened.expiration.clone(),
            by_code: opened.by_code.is_some(),
            origin: Some(Arc::new(Origin {
                connector: self.clone(),
                opened: opened.clone(),
            })),
        }
    }
}

/// Returns the configuration for a service that is one for all Regions.
fn global(config: &SdkConfig) -> SdkConfig {
    let region = config.region().map_or("", SdkRegion::as_ref);
    let region = SdkRegion::new(home_of_global_services(region).to_owned());
    config.to_builder().region(region).build()
}

/// Returns the Region that calls of global services are signed for, in the partition of a Region (AWS General
/// Reference, "Global services"). On its own endpoints the SDK knows it; on a custom one it would sign for the place's.
fn home_of_global_services(region: &str) -> &str {
    let homes = [
        ("cn-", "cn-northwest-1"),
        ("us-gov-", "us-gov-west-1"),
        ("us-iso-", "us-iso-east-1"),
        ("us-isob-", "us-isob-east-1"),
        ("us-isof-", "us-isof-south-1"),
        ("eu-isoe-", "eu-isoe-west-1"),
        ("eusc-", "eusc-de-east-1"),
    ];
    let home = homes.iter().find(|(prefix, _)| region.starts_with(prefix));
    home.map_or("us-east-1", |(_, home)| home)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_global_service_is_signed_for_in_the_home_of_its_partition() {
        for (region, home) in [
            ("eu-west-1", "us-east-1"),
            ("us-east-1", "us-east-1"),
            ("cn-north-1", "cn-northwest-1"),
            ("us-gov-east-1", "us-gov-west-1"),
            ("us-isob-east-1", "us-isob-east-1"),
            ("eusc-de-east-1", "eusc-de-east-1"),
        ] {
            assert_eq!(home_of_global_services(region), home, "{region}");
            let config = SdkConfig::builder().region(SdkRegion::new(region)).build();
            assert_eq!(global(&config).region().map(SdkRegion::as_ref), Some(home));
        }
    }
}
