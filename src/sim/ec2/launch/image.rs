//! Whether an image can be launched, and on which type.
//!
//! Deregistered, disabled and unfinished images are refused with one code (EC2 API reference, "Client error codes",
//! `InvalidAMIID.Unavailable`).

use aws_sdk_ec2::operation::run_instances::RunInstancesInput;
use aws_sdk_ec2::types as ec2;

use crate::sim::call::Call;
use crate::sim::ec2::instance_types::{boot_modes, offered};
use crate::sim::ec2::model::Image;
use crate::sim::ec2::{ids, rows};
use crate::sim::refusal::Refusal;

/// Finds the image.
pub fn named(input: &RunInstancesInput, call: &mut Call<'_>) -> Result<Image, Refusal> {
    let id = super::required(input.image_id(), "ImageId")?;
    find(id, call)
}

/// Finds an image by id.
pub fn find(id: &str, call: &mut Call<'_>) -> Result<Image, Refusal> {
    ids::well_formed(id, "ami-", "InvalidAMIID.Malformed")?;
    let found = call
        .estate()
        .images
        .get(id)
        .filter(|image| image.bin.is_none());
    found.cloned().ok_or_else(|| {
        let message = format!("The image id '[{id}]' does not exist");
        Refusal::client("InvalidAMIID.NotFound", message)
    })
}

/// Checks image and type against each other, and returns the type.
pub fn check(
    input: &RunInstancesInput,
    image: &Image,
    call: &mut Call<'_>,
) -> Result<String, Refusal> {
    available(image)?;
    let name = input
        .instance_type()
        .map_or("m1.small", ec2::InstanceType::as_str);
    offered(name)
        .map_err(|_| Refusal::invalid_value(format!("Invalid value '{name}' for InstanceType.")))?;
    let (own, wanted) = (
        rows::architecture(name),
        image.machine.architecture.as_str(),
    );
    let own = own.as_str();
    if own != wanted {
        return Err(Refusal::invalid_value(format!(
            "The architecture '{own}' of the specified instance type does not match the \
             architecture '{wanted}' of the specified AMI. Specify an instance type and an AMI that \
             have matching architectures, and try again."
        )));
    }
    boots(image, name)?;
    subscribed(image)?;
    key_pair(input, call)?;
    Ok(name.to_owned())
}

/// `InvalidAMIID.Unavailable`
pub fn available(image: &Image) -> Result<(), Refusal> {
    if image.state == "available" {
        return Ok(());
    }
    Err(Refusal::client(
        "InvalidAMIID.Unavailable",
        format!(
            "The image ID '{}' is not available: it is in the state '{}'.",
            image.id, image.state
        ),
    ))
}

/// The code of this case is not documented; the words are those of the user guide ("Instance type boot mode").
fn boots(image: &Image, name: &str) -> Result<(), Refusal> {
    let modes = boot_modes(name);
    let needs = match image.machine.boot_mode.as_deref() {
        Some("uefi") => ec2::BootModeType::Uefi,
        Some("legacy-bios") => ec2::BootModeType::LegacyBios,
        Some(_) | None => return Ok(()),
    };
    if modes.contains(&needs) {
        return Ok(());
    }
    Err(Refusal::invalid_combination(format!(
        "The boot mode '{}' of the specified AMI is not supported by the instance type '{name}'.",
        needs.as_str()
    )))
}

/// `OptInRequired` (HTTP 401), for a product of the Marketplace.
fn subscribed(image: &Image) -> Result<(), Refusal> {
    match image.machine.product_codes.first() {
        Some(code) if image.machine.not_subscribed => Err(Refusal::new(
            401,
            "OptInRequired",
            format!(
                "In order to use this AWS Marketplace product you need to accept terms and \
                 subscribe. To do so please visit https://aws.amazon.com/marketplace/pp?sku={code}"
            ),
        )),
        Some(_) | None => Ok(()),
    }
}

/// The key pairs of a place are those that its instances were launched with.
fn key_pair(input: &RunInstancesInput, call: &mut Call<'_>) -> Result<(), Refusal> {
    let Some(name) = input.key_name() else {
        return Ok(());
    };
    let mut instances = call.estate().instances.values();
    if instances.any(|one| one.settings.key_name.as_deref() == Some(name)) {
        return Ok(());
    }
    let message = format!("The key pair '{name}' does not exist");
    Err(Refusal::client("InvalidKeyPair.NotFound", message))
}
