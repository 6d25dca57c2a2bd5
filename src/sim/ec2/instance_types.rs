//! `DescribeInstanceTypes`: instance stores and how many volumes fit, for the families of the scenarios.
//!
//! EBS user guide, "Amazon EBS volume limits for Amazon EC2 instances": most Nitro types share 28 slots
//! between volumes, interfaces and instance store disks; newer ones have a dedicated limit.

use aws_sdk_ec2::operation::describe_instance_types::{
    DescribeInstanceTypesInput, DescribeInstanceTypesOutput,
};
use aws_sdk_ec2::types as ec2;

use super::rows::architecture;
use crate::sim::call::Call;
use crate::sim::filters::{self, Filtered, shown};
use crate::sim::paging::Page;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// The sizes that every family is shown with.
const SIZES: [&str; 6] = ["medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge"];

/// Families: name, whether the limit is dedicated, disks of the instance store.
const FAMILIES: [(&str, bool, i32); 14] = [
    ("t3", false, 0),
    ("t4g", false, 0),
    ("m5", false, 0),
    ("m5d", false, 1),
    ("m6i", false, 0),
    ("m7g", true, 0),
    ("m7i", true, 0),
    ("c5", false, 0),
    ("c6i", false, 0),
    ("c7g", true, 0),
    ("r5", false, 0),
    ("r6i", false, 0),
    ("r7g", true, 0),
    ("i3", false, 2),
];

/// What matters of an instance type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceKind {
    pub name: String,
    pub dedicated_slots: bool,
    pub store_disks: i32,
}

impl InstanceKind {
    /// Finds a type; one of a family that is not listed is taken for a plain one.
    pub fn of(name: &str) -> Self {
        let family = name.split('.').next().unwrap_or_default();
        let known = FAMILIES.iter().find(|(known, ..)| *known == family);
        let (_, dedicated_slots, store_disks) = known.copied().unwrap_or(("", false, 0));
        Self {
            name: name.to_owned(),
            dedicated_slots,
            store_disks,
        }
    }

    /// Tells whether it is built on Nitro (EC2 user guide, "Instances built on the AWS Nitro System"): of the families
    /// here `i3` alone is older.
    pub fn is_nitro(&self) -> bool {
        !self.name.starts_with("i3.")
    }

    /// Counts the interfaces that fit (EC2 user guide, "Maximum IP addresses per network interface").
    pub fn interfaces(&self) -> usize {
        let small = [".medium", ".large"]
            .iter()
            .any(|size| self.name.ends_with(size));
        if small { 3 } else { 4 }
    }

    /// Counts the volumes that fit beside one interface and the instance store.
    pub fn volume_slots(&self) -> usize {
        let disks = usize::try_from(self.store_disks).unwrap_or_default();
        if self.dedicated_slots { 32 } else { 27 - disks }
    }
}

impl Filtered for ec2::InstanceTypeInfo {
    const NAMES: &'static [&'static str] = &["instance-storage-supported", "instance-type"];

    fn values(&self, name: &str) -> Vec<String> {
        match name {
            "instance-type" => shown::text(self.instance_type().map(ec2::InstanceType::as_str)),
            _ => shown::shown(self.instance_storage_supported()),
        }
    }

    fn tags(&self) -> &[ec2::Tag] {
        &[]
    }
}

/// `DescribeInstanceTypes`
pub fn describe(
    input: &DescribeInstanceTypesInput,
    call: &mut Call<'_>,
) -> Answer<DescribeInstanceTypesOutput> {
    call.permit()?;
    let named: Vec<String> = input
        .instance_types()
        .iter()
        .map(|kind| kind.as_str().to_owned())
        .collect();
    for name in &named {
        offered(name)?;
    }
    let mut wanted = if named.is_empty() {
        every()
    } else {
        named.clone()
    };
    wanted.sort();
    wanted.dedup();
    let shown = wanted.iter().map(|name| info(name)).collect();
    let kept = filters::keep(shown, input.filters())?;
    let page = Page::new(input.max_results(), input.next_token()).with_ids(&named, "instanceType");
    let key = |row: &ec2::InstanceTypeInfo| {
        let name = row.instance_type().map(ec2::InstanceType::as_str);
        name.unwrap_or_default().to_owned()
    };
    let (types, token) = page.cut(kept, key)?;
    answer(move |output: &mut DescribeInstanceTypesOutput| {
        output.instance_types = Some(types);
        output.next_token = token;
    })
}

fn every() -> Vec<String> {
    let families = FAMILIES.iter();
    families
        .flat_map(|(family, ..)| SIZES.iter().map(move |size| format!("{family}.{size}")))
        .collect()
}

/// `InvalidInstanceType`
pub fn offered(name: &str) -> Result<(), Refusal> {
    let family = name.split_once('.').map(|(family, _)| family);
    if FAMILIES.iter().any(|(known, ..)| Some(*known) == family) {
        return Ok(());
    }
    Err(Refusal::client(
        "InvalidInstanceType",
        format!("The following supplied instance types do not exist: [{name}]"),
    ))
}

fn info(name: &str) -> ec2::InstanceTypeInfo {
    let kind = InstanceKind::of(name);
    let limit = if kind.dedicated_slots {
        ec2::AttachmentLimitType::Dedicated
    } else {
        ec2::AttachmentLimitType::Shared
    };
    let ebs = ec2::EbsInfo::builder()
        .nvme_support(ec2::EbsNvmeSupport::Required)
        .encryption_support(ec2::EbsEncryptionSupport::Supported)
        .attachment_limit_type(limit)
        .maximum_ebs_attachments(if kind.dedicated_slots { 32 } else { 28 });
    let architecture = ec2::ArchitectureType::from(architecture(name).as_str());
    let processor = ec2::ProcessorInfo::builder().supported_architectures(architecture);
    let (cores, threads) = cpu(name);
    let cpus = ec2::VCpuInfo::builder()
        .default_v_cpus(cores * threads)
        .default_cores(cores)
        .default_threads_per_core(threads);
    let network = ec2::NetworkInfo::builder()
        .maximum_network_interfaces(i32::try_from(kind.interfaces()).unwrap_or(i32::MAX))
        .ena_support(ec2::EnaSupport::Required);
    let has_store = kind.store_disks > 0;
    let store = has_store.then(|| store(kind.store_disks));
    ec2::InstanceTypeInfo::builder()
        .instance_type(ec2::InstanceType::from(name))
        .current_generation(true)
        .hypervisor(ec2::InstanceTypeHypervisor::Nitro)
        .instance_storage_supported(has_store)
        .set_instance_storage_info(store)
        .ebs_info(ebs.build())
        .set_supported_boot_modes(Some(boot_modes(name)))
        .processor_info(processor.build())
        .supported_virtualization_types(ec2::VirtualizationType::Hvm)
        .nitro_tpm_support(ec2::NitroTpmSupport::Supported)
        .v_cpu_info(cpus.build())
        .network_info(network.build())
        .build()
}

/// Returns cores, and threads of each, of a type: Graviton has one thread of a core, others two.
pub fn cpu(name: &str) -> (i32, i32) {
    let virtual_cpus = match name.rsplit('.').next() {
        Some("xlarge") => 4,
        Some("2xlarge") => 8,
        Some("4xlarge") => 16,
        Some("8xlarge") => 32,
        Some(_) | None => 2,
    };
    if architecture(name) == ec2::ArchitectureValues::Arm64 {
        (virtual_cpus, 1)
    } else {
        (virtual_cpus / 2, 2)
    }
}

/// Graviton knows no BIOS (EC2 user guide, "Instance type boot mode").
pub fn boot_modes(name: &str) -> Vec<ec2::BootModeType> {
    let uefi = ec2::BootModeType::Uefi;
    if architecture(name) == ec2::ArchitectureValues::Arm64 {
        return vec![uefi];
    }
    vec![ec2::BootModeType::LegacyBios, uefi]
}

fn store(disks: i32) -> ec2::InstanceStorageInfo {
    let disk = ec2::DiskInfo::builder()
        .count(disks)
        .size_in_gb(75)
        .r#type(ec2::DiskType::Ssd);
    ec2::InstanceStorageInfo::builder()
        .total_size_in_gb(i64::from(disks) * 75)
        .disks(disk.build())
        .nvme_support(ec2::EphemeralNvmeSupport::Required)
        .build()
}
