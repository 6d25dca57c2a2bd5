//! Operations on Elastic IP addresses: one is moved from whom the plan knows to whom the plan names, and back.
//!
//! None of them releases an address. AWS moves an address without asking, so its holder is looked at before.

use async_trait::async_trait;
use aws_sdk_ec2::types::Address;
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::{AllocationId, InterfaceId};
use crate::domain::plan::Ref;
use crate::domain::text::shown;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, conflict_of, resolved,
};

use super::ec2_read::gone_or;

const ASSOCIATE: &str = "ec2:AssociateAddress";
const DISASSOCIATE: &str = "ec2:DisassociateAddress";

/// An Elastic IP address belongs to a private address of a network interface.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssociateAddress {
    /// The address.
    pub allocation: AllocationId,
    /// The interface.
    pub interface: Ref<InterfaceId>,
    /// The private address of the interface.
    pub private_ip: Ref<String>,
    /// The interface that it is expected at; `None` where nobody is to have it.
    pub holder: Option<Ref<InterfaceId>>,
}

/// An Elastic IP address belongs to nobody again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisassociateAddress {
    /// The address.
    pub allocation: AllocationId,
    /// The interface that it is expected at.
    pub interface: Ref<InterfaceId>,
    /// Id of the association.
    pub association: Ref<String>,
}

/// An address with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Associated {
    /// The address.
    pub allocation: AllocationId,
    /// Id of the association, if there is one.
    pub association: Option<String>,
}

async fn address(cx: &Context, id: &AllocationId) -> Result<Option<Address>, Failure> {
    let request = cx.clients.ec2.describe_addresses();
    match request.allocation_ids(id.as_str()).send().await {
        Ok(answer) => Ok(answer.addresses().first().cloned()),
        Err(error) => gone_or(failure("ec2:DescribeAddresses", &error)),
    }
}

fn gone<T>(id: &AllocationId) -> Probe<T> {
    Probe::Conflict(format!("address {id} is not there"))
}

/// Whose it is, for sentences.
fn held(found: &Address) -> String {
    let holder = found.network_interface_id().or(found.instance_id());
    shown(holder.unwrap_or("nobody"))
}

fn is_free(found: &Address) -> bool {
    found.association_id().is_none_or(str::is_empty)
}

impl AssociateAddress {
    fn output(&self, association: Option<&str>) -> Associated {
        Associated {
            allocation: self.allocation.clone(),
            association: association.map(str::to_owned),
        }
    }
}

#[async_trait]
impl Operation for AssociateAddress {
    type Output = Associated;
    const NAME: &'static str = "ec2:AssociateAddress";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "AssociateAddress",
            parameters: json!({
                "AllocationId": self.allocation,
                "NetworkInterfaceId": self.interface,
                "PrivateIpAddress": self.private_ip,
                "AllowReassociation": self.holder.is_some(),
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Associated>, Failure> {
        let id = &self.allocation;
        let interface = resolved(&self.interface, ASSOCIATE)?;
        let private_ip = resolved(&self.private_ip, ASSOCIATE)?;
        let holder = self.holder.as_ref();
        let holder = holder
            .map(|holder| resolved(holder, ASSOCIATE))
            .transpose()?;
        let Some(found) = address(cx, id).await? else {
            return Ok(gone(id));
        };
        let at = found.network_interface_id();
        if !is_free(&found) && at == Some(interface.as_str()) {
            let right = found.private_ip_address() == Some(private_ip.as_str());
            return Ok(if right {
                Probe::Present {
                    output: self.output(found.association_id()),
                    detail: format!("{id} belongs to {interface}"),
                }
            } else {
                let other = shown(found.private_ip_address().unwrap_or("another address"));
                Probe::Conflict(format!("{id} belongs to {other} of {interface}"))
            });
        }
        let expected = is_free(&found) || at.is_some() && at == holder.map(InterfaceId::as_str);
        Ok(if expected {
            Probe::Absent {
                found: json!({"interface": at, "private_ip": found.private_ip_address()}),
            }
        } else {
            let known = holder.map_or_else(|| "nobody".to_owned(), ToString::to_string);
            let held = held(&found);
            Probe::Conflict(format!(
                "{id} belongs to {held}, where the plan knew {known}"
            ))
        })
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Associated>, Failure> {
        let interface = resolved(&self.interface, ASSOCIATE)?;
        let request = cx.clients.ec2_once.associate_address();
        let request = request
            .allocation_id(self.allocation.as_str())
            .network_interface_id(interface.as_str())
            .private_ip_address(resolved(&self.private_ip, ASSOCIATE)?)
            .allow_reassociation(self.holder.is_some());
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure(ASSOCIATE, &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: Some(self.output(answer.association_id())),
        })
    }

    fn wait(&self) -> Option<Wait> {
        // Another interface's association would answer as well, so the interface is asked for.
        Some(Wait {
            service: "ec2",
            api: "DescribeAddresses",
            parameters: json!({"Filters": [
                {"Name": "allocation-id", "Values": [self.allocation]},
                {"Name": "network-interface-id", "Values": [self.interface]},
            ]}),
            query: "length(Addresses)".to_owned(),
            wanted: &["1"],
            fatal: &[],
        })
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[("association", "AssociationId")]
    }
}

#[async_trait]
impl Operation for DisassociateAddress {
    type Output = Associated;
    const NAME: &'static str = "ec2:DisassociateAddress";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "DisassociateAddress",
            parameters: json!({"AssociationId": self.association}),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Associated>, Failure> {
        let id = &self.allocation;
        let interface = resolved(&self.interface, DISASSOCIATE)?;
        let association = resolved(&self.association, DISASSOCIATE)?;
        let Some(found) = address(cx, id).await? else {
            return Ok(gone(id));
        };
        if is_free(&found) {
            return Ok(Probe::Present {
                output: Associated {
                    allocation: id.clone(),
                    association: None,
                },
                detail: format!("{id} belongs to nobody"),
            });
        }
        let ours = found.network_interface_id() == Some(interface.as_str())
            && found.association_id() == Some(association.as_str());
        Ok(if ours {
            Probe::Absent {
                found: json!({"interface": interface}),
            }
        } else {
            let held = held(&found);
            Probe::Conflict(format!("{id} belongs to {held}, and not by this run"))
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Associated>, Failure> {
        let association = resolved(&self.association, DISASSOCIATE)?;
        let request = cx.clients.ec2_once.disassociate_address();
        let answer = request.association_id(association).send().await;
        let answer = answer.map_err(|error| failure(DISASSOCIATE, &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: Some(Associated {
                allocation: self.allocation.clone(),
                association: None,
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::restore::operation::AnyOperation;
    use crate::restore::operations::recorder::Recorder;

    async fn probe(operation: &dyn AnyOperation, at: Option<(&str, &str)>) -> Probe<Value> {
        let at = at.map_or(String::new(), |(interface, ip)| {
            format!(
                "<associationId>eipassoc-1</associationId>\
                 <networkInterfaceId>{interface}</networkInterfaceId>\
                 <privateIpAddress>{ip}</privateIpAddress>"
            )
        });
        let found = format!(
            "<R><addressesSet><item><allocationId>eipalloc-1</allocationId>{at}</item>\
             </addressesSet></R>"
        );
        let recorder = Recorder::default().answers("DescribeAddresses", &found);
        recorder.probe(operation).await
    }

    fn associate(holder: Option<&str>) -> AssociateAddress {
        AssociateAddress {
            allocation: "eipalloc-1".into(),
            interface: Ref::Known("eni-new".into()),
            private_ip: Ref::Known("10.0.0.9".into()),
            holder: holder.map(|id| Ref::Known(id.into())),
        }
    }

    #[tokio::test]
    async fn an_address_is_taken_from_whom_the_plan_knows_and_from_nobody_else() {
        let from_old = associate(Some("eni-old"));
        let old = Some(("eni-old", "10.0.0.5"));
        assert!(matches!(probe(&from_old, old).await, Probe::Absent { .. }));
        assert!(matches!(probe(&from_old, None).await, Probe::Absent { .. }));
        let moved = probe(&from_old, Some(("eni-new", "10.0.0.9"))).await;
        assert!(matches!(moved, Probe::Present { .. }), "{moved:?}");
        for at in [("eni-other", "10.0.0.7"), ("eni-new", "10.0.0.8")] {
            let seen = probe(&from_old, Some(at)).await;
            assert!(matches!(seen, Probe::Conflict(_)), "{seen:?}");
        }
        let seen = probe(&associate(None), old).await;
        assert!(matches!(seen, Probe::Conflict(_)), "{seen:?}");
        let gone = Recorder::default();
        let gone = gone.refuses("DescribeAddresses", "InvalidAllocationID.NotFound");
        assert!(matches!(gone.probe(&from_old).await, Probe::Conflict(_)));
    }

    #[test]
    fn an_address_that_is_to_be_free_is_asked_for_as_such() {
        let allowed = |holder| {
            let request = Operation::request(&associate(holder));
            request.parameters["AllowReassociation"].clone()
        };
        assert_eq!(allowed(None), json!(false));
        assert_eq!(allowed(Some("eni-old")), json!(true));
    }

    #[tokio::test]
    async fn only_the_runs_own_association_is_taken_back() {
        let take = DisassociateAddress {
            allocation: "eipalloc-1".into(),
            interface: Ref::Known("eni-new".into()),
            association: Ref::Known("eipassoc-1".into()),
        };
        let ours = Some(("eni-new", "10.0.0.9"));
        assert!(matches!(probe(&take, ours).await, Probe::Absent { .. }));
        assert!(matches!(probe(&take, None).await, Probe::Present { .. }));
        let theirs = probe(&take, Some(("eni-x", "10.0.0.9"))).await;
        assert!(matches!(theirs, Probe::Conflict(_)), "{theirs:?}");
    }
}
