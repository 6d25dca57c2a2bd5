//! What a scenario may say of the network: VPCs, subnets, security groups, interfaces, addresses.
//! Where nothing is said there is one VPC, with a subnet in every zone and a default group.

use serde::Deserialize;

use super::Tags;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    pub id: Option<String>,
    pub name: String,
    pub cidr: String,
    pub ipv6: Option<String>,
    #[serde(default)]
    pub default: bool,
    #[serde(default)]
    pub tags: Tags,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    pub id: Option<String>,
    pub name: String,
    /// The VPC, by id or name.
    pub vpc: String,
    /// The letter of the zone.
    pub zone: String,
    pub cidr: String,
    /// Whether what is launched in it gets a public address.
    #[serde(default)]
    pub public: bool,
    /// Addresses that are taken by what is not described.
    #[serde(default)]
    pub taken: u64,
    #[serde(default)]
    pub tags: Tags,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {
    pub id: Option<String>,
    pub name: String,
    /// The VPC, by id or name.
    pub vpc: Option<String>,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub ingress: Vec<Rule>,
    /// Everything, if left out.
    pub egress: Option<Vec<Rule>>,
    #[serde(default)]
    pub tags: Tags,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `tcp` if left out, `-1` for all.
    pub protocol: Option<String>,
    /// First and last port.
    pub ports: Option<(i32, i32)>,
    /// The one port.
    pub port: Option<i32>,
    /// A block of addresses, or a group by id or name.
    pub peer: String,
    pub description: Option<String>,
}

/// An interface beside the first one of an instance, or one that is free.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    pub id: Option<String>,
    pub name: String,
    /// By id or name.
    pub subnet: String,
    pub private_ip: String,
    #[serde(default)]
    pub groups: Vec<String>,
    /// The instance, by id or name, and where on it.
    pub instance: Option<String>,
    pub device_index: Option<i32>,
    /// The service whose VPC endpoint it is: `ssm`, `sqs` …
    pub endpoint: Option<String>,
    #[serde(default)]
    pub tags: Tags,
}

/// An Elastic IP address that no instance has.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    pub id: String,
    pub public_ip: String,
    #[serde(default)]
    pub tags: Tags,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacementGroup {
    pub name: String,
    /// AWS's word; `cluster` if left out.
    pub strategy: Option<String>,
    /// Whether nothing more fits in.
    #[serde(default)]
    pub full: bool,
}

/// Whom an instance talks to on its own as soon as it runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Talk {
    /// An address.
    pub to: String,
    /// A TCP port.
    pub port: u16,
}

/// How an instance was launched, where it was not by default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Launched {
    pub key: Option<String>,
    /// The name of its profile.
    pub profile: Option<String>,
    #[serde(default)]
    pub ebs_optimized: bool,
    #[serde(default)]
    pub monitoring: bool,
    /// `required` or `optional`.
    pub imds_tokens: Option<String>,
    pub hop_limit: Option<i32>,
    pub credits: Option<String>,
    pub placement_group: Option<String>,
    pub shutdown: Option<String>,
    /// Whether it sends on what is not for it, as a router does.
    #[serde(default)]
    pub forwards: bool,
}
