//! What keys change on the screen of a resource: the cursor, and the stretch of time that is drawn.
//! Nothing here asks the world for anything but a restore.

use crate::catalog::store::sort_time;
use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::model::{Go, Reaction};
use crate::tui::screens::Screen;
use crate::tui::screens::point::PointScreen;
use crate::tui::widgets::timeline::{Zoom, scroll, zoom};

use super::{Resource, view};

impl Resource {
    /// Answers an action.
    pub fn act(&mut self, action: Action, known: &Known) -> Reaction {
        let page = view::rows(self, known).max(1);
        match action {
            Action::MoveDown => self.move_to(self.at.saturating_add(1)),
            Action::MoveUp => self.move_to(self.at.saturating_sub(1)),
            Action::PageDown => self.move_to(self.at.saturating_add(page)),
            Action::PageUp => self.move_to(self.at.saturating_sub(page)),
            Action::First => self.move_to(0),
            Action::Last => self.move_to(usize::MAX),
            Action::ZoomIn => self.zoomed(known, Zoom::In),
            Action::ZoomOut => self.zoomed(known, Zoom::Out),
            Action::ScrollLeft => self.scrolled(known, -1),
            Action::ScrollRight => self.scrolled(known, 1),
            Action::Back => return Reaction::go(Go::Back),
            Action::Leave => return Reaction::go(Go::Leave),
            Action::Open | Action::Details => return self.open(known),
            Action::Restore => return self.restore(),
            Action::Copy => {
                let id = self.point().map_or(&self.found.id, |point| &point.id);
                return Reaction::copies(id);
            }
            Action::Retry => return crate::tui::screens::retry(known),
            other => return Reaction::nothing_here(other),
        }
        Reaction::none()
    }

    fn restore(&self) -> Reaction {
        match self.point() {
            Some(point) => Reaction::go(Go::Restore(Box::new(point.clone()))),
            None => Reaction::refuses("there is no point to restore from"),
        }
    }

    fn open(&self, known: &Known) -> Reaction {
        let Some(point) = self.point() else {
            return Reaction::none();
        };
        let screen = PointScreen::of(point.clone(), self.found.clone(), known);
        Reaction::go(Go::To(Box::new(Screen::Point(Box::new(screen)))))
    }

    /// Shows a shorter or longer stretch, around the point under the cursor.
    fn zoomed(&mut self, known: &Known, how: Zoom) {
        let (from, to) = self.stretch(known);
        let centre = self.point().map_or(to, sort_time);
        self.chosen = Some(zoom(from, to, centre, how));
    }

    fn scrolled(&mut self, known: &Known, quarters: i32) {
        let (from, to) = self.stretch(known);
        self.chosen = Some(scroll(from, to, quarters));
    }
}
