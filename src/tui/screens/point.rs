//! Everything that is known of one point, as a text that is made anew when something more becomes known.
//! It asks nothing by itself: what is on the screen and not known is asked by the loop.

use jiff::Timestamp;

use crate::domain::recovery_point::RecoveryPoint;
use crate::domain::resource::Resource as Found;
use crate::tui::details::{is_reached, questions};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::model::Reaction;

use super::resource::asked::Told;
use super::resource::detail;
use super::text::TextScreen;

/// What a text was made of: versions of the catalog and of the answers, and the incident.
type Version = (u64, u64, Option<Timestamp>);

/// The detail of a point.
#[derive(Clone, Debug)]
pub struct PointScreen {
    /// The point, as it was known last.
    pub point: RecoveryPoint,
    of: Found,
    /// The text.
    pub text: TextScreen,
    version: Version,
}

fn version(known: &Known) -> Version {
    let catalog = &known.catalog;
    (catalog.version, catalog.answers.version, known.incident)
}

impl PointScreen {
    /// Opens the detail of a point of a resource.
    #[must_use]
    pub fn of(point: RecoveryPoint, of: Found, known: &Known) -> Self {
        Self {
            text: detail::screen(&point, &of, known),
            point,
            of,
            version: version(known),
        }
    }

    /// Makes the text anew where something has become known.
    pub fn settle(&mut self, known: &Known) {
        let version = version(known);
        if self.version == version {
            return;
        }
        self.version = version;
        let store = &known.catalog.store;
        let found = store.find(&self.point.place, self.point.kind, &self.point.id);
        if let Some(found) = found {
            self.point = found.whole();
        }
        self.text.lines = detail::lines(&self.point, &self.of, known, Told::InFull);
    }

    /// Answers an action.
    pub fn act(&mut self, action: Action, known: &Known) -> Reaction {
        match action {
            Action::Retry => self.retry(known),
            of_the_text => self.text.act(of_the_text, known),
        }
    }

    /// Asks about the point again: what has failed may be allowed by now, and a move between tiers goes on.
    fn retry(&self, known: &Known) -> Reaction {
        let place = &self.point.place;
        let all = questions(&self.point, known);
        if all.is_empty() {
            return Reaction::in_vain("there is nothing to ask about this point by itself");
        }
        if !is_reached(place, known) {
            return Reaction::refuses(
                "the place of this point has not answered: nobody can be asked",
            );
        }
        let answers = &known.catalog.answers;
        let idle = all.into_iter();
        let idle = idle.filter(|question| !answers.is_under_way(place, question));
        let questions: Vec<_> = idle.collect();
        if questions.is_empty() {
            return Reaction::says("AWS is being asked about this point");
        }
        let place = place.clone();
        Reaction {
            effects: vec![Effect::DescribePoints { place, questions }],
            ..Reaction::says("asking AWS about this point again")
        }
    }
}
