//! `DescribeVpcs` and `DescribeSubnets`.
//! Of the addresses of a subnet five are AWS's own (VPC user guide, "Subnet CIDR blocks").

use aws_sdk_ec2::operation::describe_subnets::{DescribeSubnetsInput, DescribeSubnetsOutput};
use aws_sdk_ec2::operation::describe_vpcs::{DescribeVpcsInput, DescribeVpcsOutput};
use aws_sdk_ec2::types as ec2;

use super::cidr::Cidr;
use super::model::{Network, Subnet, Vpc};
use crate::sim::call::Call;
use crate::sim::ec2::rows::tags;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

impl Filtered for ec2::Vpc {
    const NAMES: &'static [&'static str] = &["cidr", "is-default", "state", "vpc-id"];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "cidr" => shown::text(self.cidr_block()),
            "is-default" => shown::shown(self.is_default()),
            "state" => shown::text(self.state().map(ec2::VpcState::as_str)),
            _ => shown::text(self.vpc_id()),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        self.tags()
    }
}

/// `DescribeVpcs`
pub fn describe(input: &DescribeVpcsInput, call: &mut Call<'_>) -> Answer<DescribeVpcsOutput> {
    call.permit()?;
    let account = call.account().to_owned();
    let network = &call.estate().network;
    for id in input.vpc_ids() {
        if !network.vpcs.contains_key(id) {
            let message = format!("The vpc ID '{id}' does not exist");
            return Err(Refusal::client("InvalidVpcID.NotFound", message));
        }
    }
    let named = |vpc: &&Vpc| input.vpc_ids().is_empty() || input.vpc_ids().contains(&vpc.id);
    let rows = network.vpcs.values().filter(named);
    let rows = rows.map(|vpc| vpc_row(vpc, &account)).collect();
    let kept = filters::keep(rows, input.filters())?;
    let page =
        Page::new(input.max_results(), input.next_token()).with_ids(input.vpc_ids(), "vpcSet");
    let (rows, token) = page.cut(kept, |row| row.vpc_id().unwrap_or_default().to_owned())?;
    answer(move |output: &mut DescribeVpcsOutput| {
        output.vpcs = Some(rows);
        output.next_token = token;
    })
}

fn vpc_row(vpc: &Vpc, account: &str) -> ec2::Vpc {
    let v6 = vpc.ipv6.as_ref().map(|cidr| {
        let state = ec2::VpcCidrBlockState::builder().state(ec2::VpcCidrBlockStateCode::Associated);
        let block = ec2::VpcIpv6CidrBlockAssociation::builder().ipv6_cidr_block(cidr);
        vec![block.ipv6_cidr_block_state(state.build()).build()]
    });
    ec2::Vpc::builder()
        .vpc_id(&vpc.id)
        .owner_id(account)
        .cidr_block(&vpc.cidr)
        .is_default(vpc.is_default)
        .state(ec2::VpcState::Available)
        .set_ipv6_cidr_block_association_set(Some(v6.unwrap_or_default()))
        .set_tags(Some(tags(&vpc.tags)))
        .build()
}

impl Filtered for ec2::Subnet {
    const NAMES: &'static [&'static str] = &["availability-zone", "subnet-id", "vpc-id"];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "availability-zone" => shown::text(self.availability_zone()),
            "vpc-id" => shown::text(self.vpc_id()),
            _ => shown::text(self.subnet_id()),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        self.tags()
    }
}

/// `DescribeSubnets`
pub fn describe_subnets(
    input: &DescribeSubnetsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeSubnetsOutput> {
    call.permit()?;
    let account = call.account().to_owned();
    let network = &call.estate().network;
    let wanted = input.subnet_ids();
    for id in wanted {
        if !network.subnets.contains_key(id) {
            return Err(no_subnet(id));
        }
    }
    let named = |subnet: &&Subnet| wanted.is_empty() || wanted.contains(&subnet.id);
    let rows = network.subnets.values().filter(named);
    let rows = rows
        .map(|subnet| subnet_row(network, subnet, &account))
        .collect();
    let kept = filters::keep(rows, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token()).with_ids(wanted, "subnetSet");
    let (rows, token) = page.cut(kept, |row| row.subnet_id().unwrap_or_default().to_owned())?;
    answer(move |output: &mut DescribeSubnetsOutput| {
        output.subnets = Some(rows);
        output.next_token = token;
    })
}

/// `InvalidSubnetID.NotFound`
pub fn no_subnet(id: &str) -> Refusal {
    let message = format!("The subnet ID '{id}' does not exist");
    Refusal::client("InvalidSubnetID.NotFound", message)
}

/// Counts the addresses of a subnet that nobody has.
pub fn free_addresses(network: &Network, subnet: &Subnet) -> u64 {
    let size = Cidr::parse(&subnet.cidr).map_or(0, Cidr::size);
    let inside = network.interfaces.values();
    let held = inside.filter(|one| one.subnet_id == subnet.id).count() as u64;
    size.saturating_sub(5 + subnet.taken + held)
}

fn subnet_row(network: &Network, subnet: &Subnet, account: &str) -> ec2::Subnet {
    let free = free_addresses(network, subnet);
    ec2::Subnet::builder()
        .subnet_id(&subnet.id)
        .vpc_id(&subnet.vpc_id)
        .owner_id(account)
        .availability_zone(&subnet.zone)
        .cidr_block(&subnet.cidr)
        .state(ec2::SubnetState::Available)
        .available_ip_address_count(i32::try_from(free).unwrap_or(i32::MAX))
        .map_public_ip_on_launch(subnet.public)
        .default_for_az(false)
        .set_tags(Some(tags(&subnet.tags)))
        .build()
}
