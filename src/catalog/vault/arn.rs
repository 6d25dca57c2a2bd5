//! What the ARNs of AWS Backup name: resources, and points of other services.
//!
//! Ids are those that the services use themselves, so that what is found here meets what is found there.

use crate::domain::arn::Arn;
use crate::domain::place::{Home, Place};
use crate::domain::recovery_point::PointKind;
use crate::domain::resource::ResourceKind;

/// A resource that an ARN names, as it is called where it lives.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) kind: ResourceKind,
    pub(super) id: String,
    /// The other account or Region in which it lives: a copy was made of it.
    pub(super) home: Option<Home>,
}

impl Named {
    /// Reads the ARN of a resource.
    pub(super) fn of(text: &str, place: &Place) -> Self {
        let arn = Arn::of(text);
        let native = arn.as_ref().and_then(native);
        let (kind, id) = native.unwrap_or((ResourceKind::Other, text));
        Self {
            kind,
            id: id.to_owned(),
            home: arn.and_then(|arn| arn.elsewhere(place)),
        }
    }

    /// Takes in the vault in which the resource was backed up: the ARN of a bucket does not say where it is.
    pub(super) fn backed_up_in(self, vault: Option<&str>, place: &Place) -> Self {
        let vault = vault.and_then(Arn::of);
        let home = || vault?.elsewhere(place);
        Self {
            home: self.home.or_else(home),
            ..self
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
        (named.kind, named.id, named.home.is_some())
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
    fn a_name_from_elsewhere_says_from_where() {
        let home = |text: &str| Named::of(text, &place()).home.unwrap();
        let table = "arn:aws:dynamodb:us-east-1:111122223333:table/orders";
        assert_eq!(
            named(table),
            (ResourceKind::Table, "orders".to_owned(), true)
        );
        assert_eq!(home(table).region.as_str(), "us-east-1");
        let database = "arn:aws:rds:eu-west-1:444455556666:db:ledger";
        let ledger = (ResourceKind::DbInstance, "ledger".to_owned(), true);
        assert_eq!(named(database), ledger);
        assert_eq!(home(database).account.as_str(), "444455556666");
        let vault = "arn:aws:backup:us-east-1:111122223333:backup-vault:v";
        let bucket = Named::of("arn:aws:s3:::b", &place());
        let bucket = bucket.backed_up_in(Some(vault), &place());
        assert_eq!(bucket.home.unwrap().region.as_str(), "us-east-1");
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
