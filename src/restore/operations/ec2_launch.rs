//! Launches one instance into a security group that is proven to be shut before.
//!
//! Everything that AWS would otherwise choose is said. User data is no part of the input: it may hold secrets, so
//! it stands as a digest and is read again right before it is sent.

mod input;
mod probe;
mod sending;
#[cfg(test)]
mod tests;
mod user_data;

use async_trait::async_trait;

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::resource::ResourceKind;
use crate::domain::run::Created;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, own_output,
};

pub use input::{
    BlockDevice, CpuChoice, LaunchInstance, Launched, MetadataChoice, NamingChoice, PlacementChoice,
};
pub use user_data::{UserDataRef, digest};

use super::ec2_instance_status::wait_until_ok_at;

const CALL: &str = "ec2:RunInstances";

#[async_trait]
impl Operation for LaunchInstance {
    type Output = Launched;
    const NAME: &'static str = "ec2:LaunchInstance";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::SameToken;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "RunInstances",
            parameters: self.parameters(),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Launched>, Failure> {
        probe::probe(self, cx).await
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Launched>, Failure> {
        let user_data = match &self.user_data {
            Some(reference) => Some(user_data::fetch(cx, reference).await?),
            None => None,
        };
        sending::send(self, cx, user_data).await
    }

    fn created(&self, output: &Launched) -> Vec<Created> {
        let made = |id: &str, kind| Created {
            id: id.to_owned(),
            kind,
        };
        let volumes = output.volumes.iter().flatten();
        let interface = output.interface.iter();
        [made(output.instance.as_str(), ResourceKind::Instance)]
            .into_iter()
            .chain(interface.map(|id| made(id.as_str(), ResourceKind::NetworkInterface)))
            .chain(volumes.map(|id| made(id.as_str(), ResourceKind::Volume)))
            .collect()
    }

    fn wait(&self) -> Option<Wait> {
        Some(wait_until_ok_at(&own_output("instance")))
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("instance", "Instances[0].InstanceId"),
            (
                "interface",
                "Instances[0].NetworkInterfaces[0].NetworkInterfaceId",
            ),
            ("private_ip", "Instances[0].PrivateIpAddress"),
        ]
    }
}
