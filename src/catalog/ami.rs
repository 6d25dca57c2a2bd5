//! Amazon Machine Images that the account owns, and those of its logically air-gapped vaults.
//!
//! `SourceImageId` is told of an image that was copied and of one that was made of an instance; only where no
//! `SourceInstanceId` stands beside it is the image a copy, whose date says nothing about its data.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_ec2::types::{EbsBlockDevice, Image};
use jiff::Timestamp;

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::architecture::Architecture;
use crate::domain::failure::Failure;
use crate::domain::place::{Home, Place};
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::ResourceKind;
use crate::domain::text::Untrusted;
use crate::domain::words;

use super::backup_tag::{BackedUp, TAG_SOURCE, hexadecimal_id};
use super::ebs_snapshot::{bytes, tags_of};
use super::reading::{name_in, require_all, require_end};
use super::source::{Read, Sink, Source};

const IMAGES: &str = "ec2:DescribeImages";
/// The account's own images, and those that AWS Backup keeps for it in air-gapped vaults.
const OWNERS: [&str; 2] = ["self", VAULT];
const VAULT: &str = "aws-backup-vault";

const PAGE: i32 = 1000;
const SMALLEST_PAGE: i32 = 5;

/// What the name of an image of AWS Backup begins with; the instance follows.
const BACKUP_NAME: &str = "AwsBackup_";

/// The source of images.
#[derive(Clone, Copy, Debug)]
pub struct Amis;

#[async_trait]
impl Source for Amis {
    fn kind(&self) -> PointKind {
        PointKind::Ami
    }

    async fn list(&self, clients: &Clients, sink: &Sink) -> Result<(), Failure> {
        let call = clients.ec2.describe_images();
        let call = call.set_owners(Some(OWNERS.map(str::to_owned).to_vec()));
        let call = call.include_disabled(true).include_deprecated(true);
        let mut pages = call.into_paginator().page_size(PAGE).send();
        let (mut token, mut unread) = (None, 0);
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure(IMAGES, &error))?;
            let place = &clients.place;
            let own = page.images().iter().filter(|one| is_own(one, place));
            let points: Vec<_> = own.map(|one| point_of(one, place)).collect();
            unread += points.iter().filter(|point| point.is_none()).count();
            sink.points(points.into_iter().flatten().collect()).await;
            token = page.next_token;
        }
        let what = ("image", "an id or a readable creation date");
        require_all(IMAGES, unread, what)?;
        require_end(IMAGES, token)
    }

    async fn try_reads(&self, clients: &Clients) -> Vec<Read> {
        let call = clients.ec2.describe_images().owners("self");
        let outcome = call.max_results(SMALLEST_PAGE).send().await.map(drop);
        vec![Read {
            call: IMAGES,
            outcome: outcome.map_err(|error| failure(IMAGES, &error)),
        }]
    }
}

/// Endpoints that are not AWS's own may ignore the owner and list every public image.
fn is_own(image: &Image, place: &Place) -> bool {
    let owner = image.owner_id();
    image.image_owner_alias() == Some(VAULT)
        || owner.is_none_or(|owner| owner == place.account.as_str())
}

fn point_of(image: &Image, place: &Place) -> Option<RecoveryPoint> {
    let at: Timestamp = image.creation_date()?.parse().ok()?;
    let tags = tags_of(image.tags());
    let made = Made::of(image, &tags, place);
    let disks: Vec<&EbsBlockDevice> = image
        .block_device_mappings()
        .iter()
        .filter_map(|mapping| mapping.ebs())
        .collect();
    let sizes = disks.iter().filter_map(|disk| bytes(disk.volume_size()?));
    let size: u64 = sizes.sum();
    let is_encrypted = |disk: &&EbsBlockDevice| disk.encrypted() == Some(true);
    let mut keys = disks.iter().filter_map(|disk| disk.kms_key_id());
    Some(RecoveryPoint {
        id: image.image_id()?.to_owned(),
        kind: PointKind::Ami,
        place: place.clone(),
        resource: made.instance.map(|id| (ResourceKind::Instance, id)),
        resource_home: made.home,
        name: name_in(&tags).or_else(|| own_name(image)),
        when: When::At { at },
        data_at: if made.of_its_instance {
            DataTime::Known(at)
        } else {
            DataTime::AtMost(at)
        },
        state: state(image),
        size_bytes: (size > 0).then_some(size),
        encrypted: Some(!disks.is_empty() && disks.iter().all(is_encrypted)),
        kms_key: keys.next().map(str::to_owned),
        tier: Tier::Standard,
        protection: protection(image),
        origin: made.origin,
        copy_of: made.copy_of,
        vault: None,
        backup_arn: None,
        key_state: None,
        copy_first: false,
        architecture: image
            .architecture()
            .and_then(|one| Architecture::named(one.as_str())),
        face_of: None,
        scan: None,
        tags,
    })
}

fn state(image: &Image) -> String {
    let state = image.state().map_or("unknown", |state| state.as_str());
    state.to_owned()
}

fn own_name(image: &Image) -> Option<Untrusted> {
    let name = image.name().filter(|name| !name.is_empty());
    name.map(Untrusted::from)
}

/// How an image was made.
#[derive(Debug, PartialEq, Eq)]
struct Made {
    /// The instance. That of a copy may be one of another place: it counts only where that is told too.
    instance: Option<String>,
    /// Where the instance lives, if that is told and is another place.
    home: Option<Home>,
    /// Whether its date is that of its data.
    of_its_instance: bool,
    copy_of: Option<String>,
    origin: Origin,
}

impl Made {
    fn of(image: &Image, tags: &BTreeMap<Untrusted, Untrusted>, place: &Place) -> Self {
        let told = BackedUp::told(ResourceKind::Instance, tags);
        let named = image.name().and_then(instance_of_backup);
        let is_tagged = tags.contains_key(&Untrusted::from(TAG_SOURCE));
        let by_backup = is_tagged || named.is_some();
        let source = image.source_instance_id().filter(|id| !id.is_empty());
        let described = copied_in(image.description().unwrap_or_default());
        let copied = image.source_image_id().filter(|id| !id.is_empty());
        let copied = copied.map(str::to_owned).or(described);
        let copy_of = copied.filter(|_| source.is_none());
        let told = told.filter(|told| copy_of.is_none() || told.home.is_some());
        let home = told.as_ref().filter(|_| source.is_none());
        let home = home.and_then(|told| told.elsewhere(place));
        let named = named.filter(|_| copy_of.is_none());
        let instance = source.map(str::to_owned);
        Self {
            // AWS Backup marks its copies like what it copies: without an instance of its own it may be one.
            of_its_instance: source.is_some(),
            instance: instance.or(told.map(|told| told.id)).or(named),
            home,
            copy_of,
            origin: if by_backup {
                Origin::AwsBackup
            } else if tags.keys().any(|key| key.raw().starts_with("aws:dlm:")) {
                Origin::Dlm
            } else {
                Origin::ByHand
            },
        }
    }
}

/// Reads the instance out of the name of an image that AWS Backup made: `AwsBackup_i-…_…`.
pub(super) fn instance_of_backup(name: &str) -> Option<String> {
    hexadecimal_id("i-", name.strip_prefix(BACKUP_NAME)?)
}

/// Reads the source out of the description that `CopyImage` is given by the console: `[Copied ami-… from …] …`.
fn copied_in(description: &str) -> Option<String> {
    hexadecimal_id("ami-", description.strip_prefix("[Copied ")?)
}

/// Says what bars the image from being deregistered, and from when on it is deprecated, which bars nothing.
fn protection(image: &Image) -> Option<String> {
    let kept = image.deregistration_protection();
    let kept = kept.filter(|kept| kept.starts_with("enabled"));
    let deprecated = image.deprecation_time().filter(|time| !time.is_empty());
    let deprecated = deprecated.map(|time| {
        let at = time.parse().map(words::instant);
        format!("deprecated from {}", at.unwrap_or_else(|_| time.to_owned()))
    });
    let said: Vec<String> = kept
        .map(|kept| format!("deregistration protection {kept}"))
        .into_iter()
        .chain(deprecated)
        .collect();
    (!said.is_empty()).then(|| said.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::fixtures::place;
    use crate::domain::readiness::{First, Readiness};
    use aws_sdk_ec2::types::builders::ImageBuilder;
    use aws_sdk_ec2::types::{BlockDeviceMapping, ImageState, Tag};

    const AT: &str = "2026-03-13T23:17:00.000Z";

    fn image() -> ImageBuilder {
        Image::builder()
            .image_id("ami-0a1f")
            .owner_id("111122223333")
            .name("orders-db before the upgrade")
            .state(ImageState::Available)
            .creation_date(AT)
    }

    fn point(image: ImageBuilder) -> RecoveryPoint {
        point_of(&image.build(), &place("a", "eu-west-1")).unwrap()
    }

    fn tag(key: &str, value: &str) -> Tag {
        Tag::builder().key(key).value(value).build()
    }

    fn at() -> Timestamp {
        AT.parse().unwrap()
    }

    /// The instance that a point is of.
    fn instance(point: &RecoveryPoint) -> Option<&str> {
        let (kind, id) = point.resource.as_ref()?;
        (*kind == ResourceKind::Instance).then_some(id)
    }

    #[test]
    fn an_image_of_an_instance_is_as_old_as_it_says_even_where_the_image_under_it_is_named() {
        let made = point(
            image()
                .source_instance_id("i-0c4e")
                .source_image_id("ami-0ba5e"),
        );
        assert_eq!(instance(&made), Some("i-0c4e"));
        assert_eq!(made.data_at, DataTime::Known(at()));
        assert_eq!((made.copy_of, made.origin), (None, Origin::ByHand));
    }

    #[test]
    fn a_copy_is_of_no_instance_and_its_data_is_older() {
        let by_field = image()
            .source_image_id("ami-0b")
            .source_image_region("us-east-1");
        let by_words = image().description("[Copied ami-0b from us-east-1] nightly");
        for copy in [by_field, by_words] {
            let copy = point(copy.tags(tag(TAG_SOURCE, "i-0c4e")));
            assert_eq!(copy.resource, None);
            assert_eq!(copy.data_at, DataTime::AtMost(at()));
            assert_eq!(copy.copy_of.as_deref(), Some("ami-0b"));
            assert_eq!(copy.origin, Origin::AwsBackup);
        }
    }

    #[test]
    fn an_image_of_aws_backup_is_told_by_its_tag_or_by_its_name() {
        for value in [
            "i-0c4e",
            "i-0c4e:5f0c2f7e-3a6b",
            "arn:aws:ec2:eu-west-1:111122223333:instance/i-0c4e",
        ] {
            let made = point(image().tags(tag(TAG_SOURCE, value)));
            assert_eq!(instance(&made), Some("i-0c4e"), "{value}");
            assert_eq!(made.origin, Origin::AwsBackup);
        }
        let made = point(image().name("AwsBackup_i-0c4e_5f0c2f7e-3a6b"));
        assert_eq!(instance(&made), Some("i-0c4e"));
        assert_eq!(made.data_at, DataTime::AtMost(at()), "it may be a copy");
        let own = point(
            image()
                .source_instance_id("i-0c4e")
                .tags(tag(TAG_SOURCE, "i-0c4e")),
        );
        assert_eq!(own.data_at, DataTime::Known(at()));
    }

    #[test]
    fn a_copy_of_aws_backup_is_of_the_instance_that_its_tag_names_by_its_place() {
        let there = "arn:aws:ec2:us-east-1:444455556666:instance/i-0c4e";
        for copy in [image(), image().source_image_id("ami-0b")] {
            let copy = point(copy.tags(tag(TAG_SOURCE, there)));
            assert_eq!(instance(&copy), Some("i-0c4e"));
            assert_eq!(copy.resource_home.unwrap().region.as_str(), "us-east-1");
            assert_eq!(copy.data_at, DataTime::AtMost(at()));
        }
    }

    #[test]
    fn an_image_that_was_registered_of_snapshots_is_at_most_as_old_as_it_says() {
        let registered = point(image());
        assert_eq!(registered.data_at, DataTime::AtMost(at()));
        assert_eq!((registered.resource, registered.copy_of), (None, None));
    }

    #[test]
    fn only_what_is_available_is_usable() {
        assert!(point(image()).usable());
        for state in [
            ImageState::Disabled,
            ImageState::Pending,
            ImageState::Failed,
        ] {
            let made = point(image().state(state.clone()));
            assert!(!made.usable(), "{state}");
            let to_enable = made.readiness() == Readiness::After(First::EnableImage);
            assert_eq!(to_enable, state == ImageState::Disabled, "{state}");
            assert_eq!(made.state, state.as_str());
        }
    }

    #[test]
    fn deprecation_and_protection_are_said_and_bar_nothing() {
        let made = point(
            image()
                .deprecation_time("2026-02-01T00:00:00.000Z")
                .deregistration_protection("enabled-with-cooldown"),
        );
        assert!(made.usable());
        let said =
            "deregistration protection enabled-with-cooldown; deprecated from 2026-02-01 00:00:00Z";
        assert_eq!(made.protection.as_deref(), Some(said));
        let plain = point(image().deregistration_protection("disabled"));
        assert_eq!(plain.protection, None);
    }

    #[test]
    fn its_size_is_that_of_its_disks_and_it_is_encrypted_where_all_of_them_are() {
        let disk = |size, encrypted| {
            let ebs = EbsBlockDevice::builder()
                .volume_size(size)
                .encrypted(encrypted);
            BlockDeviceMapping::builder().ebs(ebs.build()).build()
        };
        let swap = BlockDeviceMapping::builder()
            .virtual_name("ephemeral0")
            .build();
        let both = image().block_device_mappings(disk(16, true));
        let both = both
            .block_device_mappings(disk(200, true))
            .block_device_mappings(swap);
        let made = point(both);
        assert_eq!(
            (made.size_bytes, made.encrypted),
            (Some(216 << 30), Some(true))
        );
        let one = image().block_device_mappings(disk(16, true));
        let mixed = point(one.block_device_mappings(disk(200, false)));
        assert_eq!(mixed.encrypted, Some(false));
        assert_eq!(point(image()).size_bytes, None);
    }

    #[test]
    fn an_image_tells_its_architecture_where_the_word_is_known() {
        for word in Architecture::ALL {
            let made = point(image().architecture(word.as_str().into()));
            assert_eq!(made.architecture, Some(word));
        }
        let strange = point(image().architecture("riscv64".into()));
        assert_eq!(strange.architecture, None);
    }

    #[test]
    fn images_of_others_are_left_out_but_for_those_of_the_accounts_vaults() {
        let here = place("a", "eu-west-1");
        assert!(is_own(&image().build(), &here));
        let public = image().owner_id("999999999999");
        assert!(!is_own(&public.clone().build(), &here));
        assert!(is_own(&public.image_owner_alias(VAULT).build(), &here));
    }

    #[test]
    fn an_image_without_a_readable_date_is_no_point() {
        let here = place("a", "eu-west-1");
        for date in ["", "yesterday"] {
            let odd = image().creation_date(date).build();
            assert_eq!(point_of(&odd, &here), None, "{date}");
        }
    }
}
