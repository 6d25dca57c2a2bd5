//! What the ARNs of AWS Backup name: resources, and points of other services.
//!
//! Ids are those that the services use themselves, so that what is found here meets what is found there.

use crate::domain::place::Place;
use crate::domain::recovery_point::PointKind;
use crate::domain::resource::ResourceKind;

/// The parts of an ARN: `arn:partition:service:region:account:resource`.
struct Arn<'a> {
    service: &'a str,
    region: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let _partition = parts.next()?;
        Some(Self {
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }
}

/// A resource that an ARN names, as it is called in one place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) kind: ResourceKind,
    pub(super) id: String,
    /// Whether it lives in another account or Region: a copy was made of it.
    pub(super) elsewhere: bool,
}

impl Named {
    /// Reads the ARN of a resource. Names that are unique only where the resource lives give way to the whole ARN in
    /// any other place, which may have another resource of that name.
    pub(super) fn of(text: &str, place: &Place) -> Self {
        let other = |elsewhere| Self {
            kind: ResourceKind::Other,
            id: text.to_owned(),
            elsewhere,
        };
        let Some(arn) = Arn::of(text) else {
            return other(false);
        };
        let is_not = |part: &str, own: &str| !part.is_empty() && part != own;
        let elsewhere = is_not(arn.region, place.region.as_str())
            || is_not(arn.account, place.account.as_str());
        let Some((kind, id)) = native(&arn) else {
            return other(elsewhere);
        };
        let local = match kind {
            ResourceKind::DbInstance | ResourceKind::DbCluster | ResourceKind::Table => true,
            ResourceKind::Volume
            | ResourceKind::Snapshot
            | ResourceKind::Instance
            | ResourceKind::Image
            | ResourceKind::SecurityGroup
            | ResourceKind::NetworkInterface
            | ResourceKind::FileSystem
            | ResourceKind::Bucket
            | ResourceKind::Other => false,
        };
        let id = if local && elsewhere { text } else { id };
        Self {
            kind,
            id: id.to_owned(),
            elsewhere,
        }
    }
}

fn native<'a>(arn: &Arn<'a>) -> Option<(ResourceKind, &'a str)> {
    let (kind, prefix) = match arn.service {
        "s3" => (ResourceKind::Bucket, ""),
        "ec2" if arn.resource.starts_with("volume/") => (ResourceKind::Volume, "volume/"),
        "ec2" => (ResourceKind::Instance, "instance/"),
        "rds" if arn.resource.starts_with("db:") => (ResourceKind::DbInstance, "db:"),
        "rds" => (ResourceKind::DbCluster, "cluster:"),
        "dynamodb" => (ResourceKind::Table, "table/"),
        "elasticfilesystem" | "fsx" => (ResourceKind::FileSystem, "file-system/"),
        _other => return None,
    };
    let id = arn.resource.strip_prefix(prefix)?;
    (!id.is_empty() && !id.contains(['/', ':'])).then_some((kind, id))
}

/// Returns the point of another service that a recovery point is, by its ARN; `None` for one that AWS Backup manages.
pub(super) fn face_of(text: &str) -> Option<(PointKind, String)> {
    let arn = Arn::of(text)?;
    let (kind, id) = match arn.service {
        "ec2" if arn.resource.starts_with("image/") => {
            (PointKind::Ami, arn.resource.strip_prefix("image/")?)
        }
        "ec2" => (
            PointKind::EbsSnapshot,
            arn.resource.strip_prefix("snapshot/")?,
        ),
        "rds" if arn.resource.starts_with("snapshot:") => (
            PointKind::RdsSnapshot,
            arn.resource.strip_prefix("snapshot:")?,
        ),
        "rds" => (
            PointKind::RdsClusterSnapshot,
            arn.resource.strip_prefix("cluster-snapshot:")?,
        ),
        "dynamodb" if arn.resource.contains("/backup/") => (PointKind::DynamodbBackup, text),
        _other => return None,
    };
    (!id.is_empty()).then(|| (kind, id.to_owned()))
}

/// Tells whether a recovery point is continuous, which its id says.
pub(super) fn is_continuous(text: &str) -> bool {
    Arn::of(text).is_some_and(|arn| arn.resource.starts_with("recovery-point:continuous:"))
}

/// Returns the id of a recovery point that AWS Backup manages; of any other the whole ARN.
pub(super) fn short(text: &str) -> &str {
    let own = Arn::of(text).and_then(|arn| arn.resource.strip_prefix("recovery-point:"));
    own.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            profile: None,
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        }
    }

    fn named(text: &str) -> (ResourceKind, String, bool) {
        let named = Named::of(text, &place());
        (named.kind, named.id, named.elsewhere)
    }

    #[test]
    fn resources_are_called_as_their_own_service_calls_them() {
        let here = |service: &str, rest: &str| {
            named(&format!("arn:aws:{service}:eu-west-1:111122223333:{rest}"))
        };
        let own = |kind, id: &str| (kind, id.to_owned(), false);
        assert_eq!(
            here("ec2", "volume/vol-1"),
            own(ResourceKind::Volume, "vol-1")
        );
        assert_eq!(
            here("ec2", "instance/i-1"),
            own(ResourceKind::Instance, "i-1")
        );
        assert_eq!(
            here("rds", "db:ledger"),
            own(ResourceKind::DbInstance, "ledger")
        );
        assert_eq!(here("rds", "cluster:c"), own(ResourceKind::DbCluster, "c"));
        assert_eq!(
            here("dynamodb", "table/orders"),
            own(ResourceKind::Table, "orders")
        );
        let files = own(ResourceKind::FileSystem, "fs-1");
        assert_eq!(here("elasticfilesystem", "file-system/fs-1"), files);
        assert_eq!(here("fsx", "file-system/fs-1"), files);
        assert_eq!(named("arn:aws:s3:::b"), own(ResourceKind::Bucket, "b"));
    }

    #[test]
    fn what_is_not_known_keeps_its_whole_arn() {
        for text in [
            "arn:aws:cloudformation:eu-west-1:111122223333:stack/a/b",
            "arn:aws:ec2:eu-west-1:111122223333:volume/",
            "arn:aws:ec2:eu-west-1:111122223333:instance/i-1/x",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/t/index/i",
            "arn:aws:s3",
            "no ARN",
            "",
        ] {
            assert_eq!(named(text), (ResourceKind::Other, text.to_owned(), false));
        }
    }

    #[test]
    fn a_name_from_elsewhere_does_not_pass_for_one_of_this_place() {
        let table = "arn:aws:dynamodb:us-east-1:111122223333:table/orders";
        assert_eq!(named(table), (ResourceKind::Table, table.to_owned(), true));
        let database = "arn:aws:rds:eu-west-1:444455556666:db:ledger";
        assert_eq!(
            named(database),
            (ResourceKind::DbInstance, database.to_owned(), true)
        );
        let volume = "arn:aws:ec2:us-east-1:111122223333:volume/vol-1";
        let unique = (ResourceKind::Volume, "vol-1".to_owned(), true);
        assert_eq!(named(volume), unique);
    }

    #[test]
    fn a_native_point_is_recognised_by_its_arn() {
        let face = |text: &str| face_of(text);
        let is = |kind, id: &str| Some((kind, id.to_owned()));
        assert_eq!(
            face("arn:aws:ec2:eu-west-1::snapshot/snap-1"),
            is(PointKind::EbsSnapshot, "snap-1")
        );
        assert_eq!(
            face("arn:aws:ec2:eu-west-1::image/ami-1"),
            is(PointKind::Ami, "ami-1")
        );
        assert_eq!(
            face("arn:aws:rds:eu-west-1:1:snapshot:awsbackup:job-1"),
            is(PointKind::RdsSnapshot, "awsbackup:job-1")
        );
        assert_eq!(
            face("arn:aws:rds:eu-west-1:1:cluster-snapshot:awsbackup:job-2"),
            is(PointKind::RdsClusterSnapshot, "awsbackup:job-2")
        );
        let table = "arn:aws:dynamodb:eu-west-1:1:table/orders/backup/01489602797149-73d8d5bc";
        assert_eq!(face(table), is(PointKind::DynamodbBackup, table));
    }

    #[test]
    fn a_point_that_aws_backup_manages_is_nobody_s_face() {
        for text in [
            "arn:aws:backup:eu-west-1:1:recovery-point:1EB3B5E7",
            "arn:aws:backup:eu-west-1:1:recovery-point:continuous:b-1",
            "arn:aws:ec2:eu-west-1::snapshot/",
            "arn:aws:rds:eu-west-1:1:db:ledger",
            "snapshot/snap-1",
            "",
        ] {
            assert_eq!(face_of(text), None, "{text}");
        }
        assert!(is_continuous(
            "arn:aws:backup:eu-west-1:1:recovery-point:continuous:b-1"
        ));
        assert!(!is_continuous(
            "arn:aws:backup:eu-west-1:1:recovery-point:continuous-b"
        ));
        assert_eq!(
            short("arn:aws:backup:eu-west-1:1:recovery-point:composite:1"),
            "composite:1"
        );
        assert_eq!(
            short("arn:aws:ec2:eu-west-1::snapshot/snap-1"),
            "arn:aws:ec2:eu-west-1::snapshot/snap-1"
        );
    }
}
