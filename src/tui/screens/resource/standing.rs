//! Whether a point can be restored from as it stands, and what bars it where it cannot.
//! AWS decides; this only says what its listings told.

use crate::domain::recovery_point::{IN_RECYCLE_BIN, RecoveryPoint, THREATS_FOUND, Tier};
use crate::domain::text::shown;
use crate::tui::known::Known;

use super::asked::coming_back;

/// Says in a cell that a point is archived, and how far it is on its way back where it is.
#[must_use]
pub fn archived(coming_back: Option<i32>) -> String {
    match coming_back {
        Some(percent) => format!("back {percent} %"),
        None => "archived".to_owned(),
    }
}

/// Says what has to be done before AWS restores from a point, or why it should not; `None` where nothing bars it.
#[must_use]
pub fn bar(point: &RecoveryPoint, known: &Known) -> Option<String> {
    if point.usable() {
        return None;
    }
    let scan = point.scan.as_deref();
    Some(if point.state == IN_RECYCLE_BIN {
        "in the Recycle Bin, take it out first".to_owned()
    } else if scan.is_some_and(|scan| scan.starts_with(THREATS_FOUND)) {
        "a scan found malware in it".to_owned()
    } else if point.kind.restores_in(&point.state) && point.tier == Tier::Archive {
        match coming_back(point, known) {
            Some(percent) => format!("archived, and on its way back: {percent} %"),
            None => "archived, bring it back first (up to 72 h)".to_owned(),
        }
    } else {
        format!("its state is {}", shown(&point.state))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixtures::{model, snapshot};

    #[test]
    fn what_bars_a_restore_is_said() {
        let mut point = snapshot("snap-1", "vol-1", 14);
        let known = model(80, 24).known;
        let bar = |point: &RecoveryPoint| bar(point, &known);
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
