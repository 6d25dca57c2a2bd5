//! Snapshots of RDS are named by people, so that a name is unique in one place only: a copy tells its source by
//! ARN, and is found by account, Region, kind and name.

use super::{Row, Store};
use crate::domain::arn::Arn;
use crate::domain::recovery_point::PointKind;

use super::texts::Text;

const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];

/// How the ARN of a kind names it; `None` for kinds whose ids are unique everywhere.
fn word(kind: PointKind) -> Option<&'static str> {
    match kind {
        PointKind::RdsSnapshot => Some("snapshot"),
        PointKind::RdsClusterSnapshot => Some("cluster-snapshot"),
        PointKind::EbsSnapshot
        | PointKind::Ami
        | PointKind::EbsVolume
        | PointKind::RdsWindow
        | PointKind::RdsClusterWindow
        | PointKind::DynamodbBackup
        | PointKind::DynamodbWindow
        | PointKind::BackupPoint => None,
    }
}

impl Store {
    /// Returns the ARNs by which copies may tell a row, as far as any was told.
    pub(super) fn arns_of(&self, row: Row) -> impl Iterator<Item = Text> + '_ {
        let head = &self.heads[row];
        let place = &self.places[head.place.n()];
        let word = word(head.kind).into_iter();
        word.flat_map(move |word| {
            PARTITIONS.iter().filter_map(move |partition| {
                let (region, account) = (place.region.as_str(), place.account.as_str());
                let id = self.texts.get(head.id);
                let arn = format!("arn:{partition}:rds:{region}:{account}:{word}:{id}");
                self.texts.find(&arn)
            })
        })
    }

    /// Finds the row that an ARN of RDS names.
    pub(super) fn row_by_arn(&self, arn: Text) -> Option<Row> {
        let arn = Arn::of_service(self.texts.get(arn), "rds")?;
        let (kind, id) = arn.resource.split_once(':')?;
        let is_named = |row: &Row| {
            let head = &self.heads[*row];
            let place = &self.places[head.place.n()];
            word(head.kind) == Some(kind) && arn.is_in(place)
        };
        self.rows_of_id(self.texts.find(id)?).find(is_named)
    }
}
