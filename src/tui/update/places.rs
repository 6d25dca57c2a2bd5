//! Which profiles and Regions are listed: they are picked in an overlay. What nobody wants any more is dropped, and the
//! rest stays on the screen; nothing is read here.

use std::collections::BTreeSet;

use crate::domain::ids::{AccountId, Region};
use crate::domain::place::Place;
use crate::domain::profile::Profile;
use crate::report::Report;
use crate::tui::effect::{ALL_REGIONS, Choice, Effect};
use crate::tui::known::Known;
use crate::tui::model::{Model, Notice};
use crate::tui::overlays::Overlay;
use crate::tui::overlays::profiles::Picker;
use crate::tui::screens::Screen;

/// Opens the picker, and has the AWS files read: they may be others than at the start.
pub(super) fn pick(model: &mut Model) -> Vec<Effect> {
    model.overlay = Some(Overlay::Profiles(Box::new(Picker::new(&model.known))));
    vec![Effect::ReadProfiles]
}

/// Takes in which profiles there are. A picker that is open knows them now.
pub(super) fn told(model: &mut Model, profiles: Result<Vec<Profile>, Report>, chosen: Vec<Choice>) {
    model.known.profiles = Some(profiles);
    model.known.chosen = chosen;
    if let Some(Overlay::Profiles(picker)) = &mut model.overlay {
        picker.told(&model.known);
    }
}

/// Has these places listed from now on. What was found in others is dropped; the rest stays on the screen while it
/// is listed again.
pub(super) fn choose(model: &mut Model, choices: Vec<Choice>) -> Vec<Effect> {
    model.overlay = None;
    let mut catalog = std::mem::take(&mut model.known.catalog);
    let known = &model.known;
    let wants = |place: &Place| is_chosen(&choices, place, known);
    catalog.places.retain(|card| wants(&card.place));
    let by_others: BTreeSet<(AccountId, Region)> = catalog
        .places
        .iter()
        .map(|card| (card.place.account.clone(), card.place.region.clone()))
        .collect();
    // A place that was found through one profile may still be reached through another.
    let stays = |place: &Place| {
        wants(place) || by_others.contains(&(place.account.clone(), place.region.clone()))
    };
    catalog.store.retain(stays);
    catalog.failures.clear();
    catalog.version += 1;
    model.screens.retain(|screen| match screen {
        Screen::Resource(resource) => stays(&resource.found.place),
        Screen::Point(screen) => stays(&screen.point.place),
        // It is known by its place among all vaults, which is another one now.
        Screen::Vault(_) => false,
        Screen::Wizard(_) | Screen::Run(_) | Screen::Text(_) => true,
    });
    let mut expirations = std::mem::take(&mut model.known.expirations);
    expirations.retain(|place, _| is_chosen(&choices, place, &model.known));
    model.known.expirations = expirations;
    model.known.catalog = catalog;
    model.known.chosen.clone_from(&choices);
    model.resources.forget();
    model.snapshots.forget();
    model.amis.forget();
    model.windows.forget();
    model.vaults.forget();
    let count = choices.len();
    let profiles = if count == 1 { "profile" } else { "profiles" };
    model.notice = Some(Notice::says(format!("listing {count} {profiles}")));
    vec![Effect::Places(choices)]
}

/// Tells whether a place is one of those that were chosen. The Region of the environment is not known here.
fn is_chosen(choices: &[Choice], place: &Place, known: &Known) -> bool {
    let mut of_profile = choices.iter().filter(|one| one.profile == place.profile);
    of_profile.any(|choice| {
        if choice.regions.is_empty() {
            let own = own_region(known, choice.profile.as_deref());
            return own.is_none_or(|own| own == place.region.as_str());
        }
        let mut regions = choice.regions.iter();
        regions.any(|region| region == ALL_REGIONS || region == place.region.as_str())
    })
}

fn own_region<'a>(known: &'a Known, profile: Option<&str>) -> Option<&'a str> {
    let profiles = known.profiles.as_ref()?.as_ref().ok()?;
    let profile = profiles
        .iter()
        .find(|one| Some(one.name.as_str()) == profile)?;
    profile.region.as_deref()
}
