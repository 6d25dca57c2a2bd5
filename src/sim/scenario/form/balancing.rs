//! What a scenario may say of load balancers, target groups, Auto Scaling groups and hosted zones.
//! Whether the names lead somewhere is for the builder to find out.

use serde::Deserialize;

use super::Length;

/// A load balancer with one listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancer {
    pub name: String,
    /// `application` if left out, or `network`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// By id or name.
    pub subnet: String,
    #[serde(default)]
    pub groups: Vec<String>,
    /// The private address that it asks its targets from.
    pub address: String,
    pub port: i32,
    pub protocol: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetGroup {
    pub name: String,
    pub port: i32,
    /// `HTTP` if left out.
    pub protocol: Option<String>,
    /// `instance` if left out, or `ip`.
    pub target_type: Option<String>,
    /// By id or name; the only one if left out.
    pub vpc: Option<String>,
    /// The load balancer, by name.
    pub load_balancer: Option<String>,
    pub interval: Option<Length>,
    pub healthy_threshold: Option<i32>,
    pub unhealthy_threshold: Option<i32>,
    pub path: Option<String>,
    pub deregistration_delay: Option<Length>,
    /// Instances by id or name, or addresses.
    #[serde(default)]
    pub targets: Vec<String>,
}

/// An Auto Scaling group; one that only its members name has room for them, and needs none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScalingGroup {
    pub name: String,
    pub min: i32,
    pub max: i32,
    pub desired: i32,
    /// By name.
    #[serde(default)]
    pub target_groups: Vec<String>,
    #[serde(default)]
    pub suspended: Vec<String>,
}

/// A hosted zone of the account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostedZone {
    pub account: String,
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub private: bool,
    #[serde(default)]
    pub comment: String,
    #[serde(default, rename = "record")]
    pub records: Vec<Record>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// Seconds; an alias has none.
    pub ttl: Option<i64>,
    #[serde(default)]
    pub values: Vec<String>,
    pub set: Option<String>,
    pub weight: Option<i64>,
    /// Zone and name of an alias.
    pub alias: Option<(String, String)>,
    pub health_check: Option<String>,
}
