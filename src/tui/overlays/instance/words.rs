//! What is seen of an instance, in words: state and checks, devices, and how far volumes are initialized.
//! Words of AWS are made harmless here; nothing is laid out.

use ratatui::style::Style;

use crate::domain::ec2::Volume;
use crate::domain::instance_now::{Checks, Initialization};
use crate::domain::text::shown;
use crate::domain::words::about;
use crate::tui::known::Known;

use super::Looking;

/// Returns state and checks of an instance in AWS's words.
#[must_use]
pub fn checks_shown(checks: &Checks) -> String {
    let Checks {
        state,
        system,
        instance,
    } = checks;
    if is_fine(checks) {
        return "running, both status checks ok".to_owned();
    }
    if state == "running" {
        let (system, instance) = (shown(system), shown(instance));
        return format!("running, system check {system}, instance check {instance}");
    }
    shown(state)
}

fn is_fine(checks: &Checks) -> bool {
    checks.state == "running" && checks.system == "ok" && checks.instance == "ok"
}

/// Returns the style in which they are told.
#[must_use]
pub fn checks_style(checks: &Checks, known: &Known) -> Style {
    let theme = &known.settings.look.theme;
    if is_fine(checks) {
        theme.good
    } else if checks.system == "impaired" || checks.instance == "impaired" {
        theme.danger
    } else {
        theme.warning
    }
}

/// Returns at which device of the instance a volume is, with its state there where that is not `attached`.
#[must_use]
pub fn device_of(volume: &Volume, looking: &Looking) -> String {
    let mut here = volume.attachments.iter();
    let here = here.find(|one| one.instance == looking.target.instance);
    here.map_or(String::new(), |one| {
        let device = shown(&one.device);
        match one.state.as_str() {
            "attached" => device,
            other => format!("{device} {}", shown(other)),
        }
    })
}

/// Returns how far a volume is initialized, or that it is being asked; nothing where that was refused.
#[must_use]
pub fn how_far(volume: &Volume, looking: &Looking) -> String {
    let read = &looking.initialization;
    match (read.ok(), read.refused()) {
        (Some(all), _) => initialized(all.get(&volume.id)),
        (None, None) if read.under_way => "initialization: asking".to_owned(),
        (None, Some(_) | None) => String::new(),
    }
}

/// Returns how far a volume is initialized, in words.
#[must_use]
pub fn initialized(one: Option<&Initialization>) -> String {
    let Some(one) = one else {
        return "no initialization told".to_owned();
    };
    let rate = match one.kind.as_str() {
        "" => String::new(),
        "default" => ", default rate".to_owned(),
        "provisioned-rate" => ", provisioned rate".to_owned(),
        "volume-copy" => ", volume copy".to_owned(),
        other => format!(", {}", shown(other)),
    };
    let left = one.left.map(about);
    let left = left.map_or(String::new(), |left| format!(", {left} left"));
    match one.progress {
        Some(100..) => "initialized".to_owned(),
        Some(percent) => format!("initialized {percent} %{rate}{left}"),
        None => format!("being initialized{rate}{left}"),
    }
}
