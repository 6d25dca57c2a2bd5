//! Whether a point can be restored from as it stands, and what bars it where it cannot.
//! AWS decides; this only says what its listings told.

use crate::domain::recovery_point::{IN_RECYCLE_BIN, RecoveryPoint, THREATS_FOUND, Tier};
use crate::domain::text::shown;

/// Says what has to be done before AWS restores from a point, or why it should not; `None` where nothing bars it.
#[must_use]
pub fn bar(point: &RecoveryPoint) -> Option<String> {
    if point.usable() {
        return None;
    }
    let scan = point.scan.as_deref();
    Some(if point.state == IN_RECYCLE_BIN {
        "in the Recycle Bin, take it out first".to_owned()
    } else if scan.is_some_and(|scan| scan.starts_with(THREATS_FOUND)) {
        "a scan found malware in it".to_owned()
    } else if point.kind.restores_in(&point.state) && point.tier == Tier::Archive {
        "archived, bring it back first (up to 72 h)".to_owned()
    } else {
        format!("its state is {}", shown(&point.state))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixtures::snapshot;

    #[test]
    fn what_bars_a_restore_is_said() {
        let mut point = snapshot("snap-1", "vol-1", 14);
        assert_eq!(bar(&point), None);
        point.tier = Tier::Archive;
        assert!(bar(&point).unwrap().contains("archived"));
        point.state = "pending".into();
        assert_eq!(bar(&point).unwrap(), "its state is pending");
        point.scan = Some(format!("{THREATS_FOUND}: MALWARE"));
        assert!(bar(&point).unwrap().contains("malware"));
        point.state = IN_RECYCLE_BIN.into();
        assert!(bar(&point).unwrap().contains("Recycle Bin"));
    }
}
