//! Whether a point can be restored from as it stands, and what bars it where it cannot.
//! AWS decides; this only says what its listings told.

use crate::domain::readiness::{First, Readiness, comes_back, stored};
use crate::domain::recovery_point::{PointKind, RecoveryPoint, THREATS_FOUND};
use crate::domain::text::shown;
use crate::tui::known::Known;

use super::asked::coming_back;

/// Says in a cell that a point is archived, and how far it is on its way back where it is.
#[must_use]
pub fn archived(kind: PointKind, coming_back: Option<i32>) -> String {
    match coming_back {
        Some(percent) => format!("back {percent} %"),
        None => stored(kind).to_owned(),
    }
}

/// Says what has to be done before AWS restores from a point, or why it should not; `None` where nothing bars it.
#[must_use]
pub fn bar(point: &RecoveryPoint, known: &Known) -> Option<String> {
    match point.readiness() {
        Readiness::Now | Readiness::Later => None,
        Readiness::After(first) => Some(to_do(first, point, known)),
        Readiness::Never => Some(why_never(point)),
    }
}

fn to_do(first: First, point: &RecoveryPoint, known: &Known) -> String {
    if let (First::RestoreTier, Some(percent)) = (first, coming_back(point, known)) {
        return format!("archived, and on its way back: {percent} %");
    }
    let words = match first {
        First::EnableKey => return key(point.key_state.as_deref().unwrap_or_default()),
        First::EnableImage => "the image is disabled, enable it first",
        First::Verify if point.state == "STOPPED" => "stopped, see AWS Backup for its window",
        First::Verify => "expired, see in AWS Backup what is left",
        First::RestoreTier => "archived, bring it back first (up to 72 h)",
        First::Copy => "shared and encrypted, copy it first",
        First::Recover => "in the Recycle Bin, take it out first",
    };
    words.to_owned()
}

/// Says what is to be done about a KMS key that cannot be used.
fn key(state: &str) -> String {
    match state {
        "Disabled" => "its key is disabled, enable it first".to_owned(),
        "PendingDeletion" | "PendingReplicaDeletion" => {
            "its key is being deleted, cancel that and enable it first".to_owned()
        }
        other => format!("its key is {}, make it usable first", shown(other)),
    }
}

fn why_never(point: &RecoveryPoint) -> String {
    let scan = point.scan.as_deref();
    if scan.is_some_and(|scan| scan.starts_with(THREATS_FOUND)) {
        return "a scan found malware in it".to_owned();
    }
    let key = point.key_state.as_deref();
    match key.filter(|state| !comes_back(state)) {
        Some(state) => format!("its key cannot be used: {}", shown(state)),
        None => format!("its state is {}", shown(&point.state)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recovery_point::{IN_RECYCLE_BIN, Tier};
    use crate::tui::fixtures::{model, snapshot};

    #[test]
    fn what_bars_a_restore_is_said() {
        let mut point = snapshot("snap-1", "vol-1", 14);
        let known = model(80, 24).known;
        assert_eq!(bar(&point, &known), None);
        point.tier = Tier::Archive;
        assert!(bar(&point, &known).unwrap().contains("archived"));
        point.state = "pending".into();
        assert_eq!(bar(&point, &known).unwrap(), "its state is pending");
        point.scan = Some(format!("{THREATS_FOUND}: MALWARE"));
        assert!(bar(&point, &known).unwrap().contains("malware"));
        (point.scan, point.state) = (None, IN_RECYCLE_BIN.into());
        assert!(bar(&point, &known).unwrap().contains("Recycle Bin"));
    }

    #[test]
    fn a_completed_point_is_not_said_to_be_barred_by_its_state() {
        let known = model(80, 24).known;
        let mut point = snapshot("snap-1", "vol-1", 14);
        point.copy_first = true;
        assert!(bar(&point, &known).unwrap().contains("copy it first"));
        for (state, wanted) in [
            ("Disabled", "its key is disabled, enable it first"),
            ("PendingDeletion", "being deleted, cancel that"),
            ("Unavailable", "is Unavailable, make it usable first"),
            ("NotFound", "its key cannot be used: NotFound"),
            ("x\u{202e}", "x‹U+202E›"),
        ] {
            point.key_state = Some(state.into());
            let said = bar(&point, &known).unwrap();
            assert!(
                said.contains(wanted) && !said.contains("its state"),
                "{said}"
            );
        }
    }

    #[test]
    fn what_may_still_be_had_says_what_to_look_up_or_enable() {
        let known = model(80, 24).known;
        let mut point = snapshot("ami-1", "vol-1", 14);
        (point.kind, point.state) = (PointKind::Ami, "disabled".into());
        assert!(bar(&point, &known).unwrap().contains("enable it first"));
        (point.kind, point.state) = (PointKind::BackupPoint, "STOPPED".into());
        assert!(
            bar(&point, &known)
                .unwrap()
                .contains("AWS Backup for its window")
        );
        point.state = "EXPIRED".into();
        assert!(bar(&point, &known).unwrap().contains("what is left"));
        point.state = "PARTIAL".into();
        assert_eq!(bar(&point, &known).unwrap(), "its state is PARTIAL");
    }
}
