//! Reads which profiles there are, and has others listed.
//! What is listed is kept here, since the scans begin here.

use crate::domain::text::shown;
use crate::tui::effect::{ALL_REGIONS, Choice};
use crate::tui::msg::Msg;

use super::{Effects, Wanted, locked};

impl Effects {
    /// Tells which profiles there are, and which of them are listed.
    pub(super) async fn read_profiles(&self) {
        let profiles = self.world.connector.profiles().await;
        let chosen = choices(&locked(&self.wanted));
        self.tell(Msg::Profiles {
            profiles: profiles.map_err(Into::into),
            chosen,
        })
        .await;
    }

    /// Lists these places from now on. Clients of others are not kept.
    pub(super) fn choose(&self, choices: &[Choice]) {
        *locked(&self.wanted) = choices.iter().flat_map(wanted).collect();
        locked(&self.clients).clear();
        self.scan_places();
    }
}

/// Groups what is wanted by profile.
fn choices(wanted: &[Wanted]) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for one in wanted {
        let region = if one.all_regions {
            Some(ALL_REGIONS.to_owned())
        } else {
            one.region.clone()
        };
        let mut known = choices.iter_mut();
        match known.find(|choice| choice.profile == one.profile) {
            Some(choice) => choice.regions.extend(region),
            None => choices.push(Choice {
                profile: one.profile.clone(),
                regions: region.into_iter().collect(),
            }),
        }
    }
    choices
}

fn wanted(choice: &Choice) -> Vec<Wanted> {
    let profile = choice.profile.as_deref().unwrap_or("environment");
    let one = |region: Option<&String>| Wanted {
        profile: choice.profile.clone(),
        region: region.cloned(),
        all_regions: region.is_some_and(|region| region == ALL_REGIONS),
        name: match region {
            Some(region) => format!("{} {}", shown(profile), shown(region)),
            None => shown(profile),
        },
    };
    if choice.regions.is_empty() {
        return vec![one(None)];
    }
    choice.regions.iter().map(Some).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_and_what_is_wanted_say_the_same() {
        let choice = |profile: Option<&str>, regions: &[&str]| Choice {
            profile: profile.map(str::to_owned),
            regions: regions.iter().map(ToString::to_string).collect(),
        };
        let chosen = [
            choice(None, &[]),
            choice(Some("a"), &["eu-west-1", "us-east-1"]),
            choice(Some("b"), &[ALL_REGIONS]),
        ];
        let wanted: Vec<Wanted> = chosen.iter().flat_map(wanted).collect();
        assert_eq!(choices(&wanted), chosen);
        let names: Vec<&str> = wanted.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(
            names,
            ["environment", "a eu-west-1", "a us-east-1", "b all"]
        );
        assert!(wanted[3].all_regions && !wanted[1].all_regions);
    }
}
