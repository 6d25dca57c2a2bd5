//! What keys change in a browser, and where they lead.
//! Rows are made elsewhere; nothing here waits for them.

use crossterm::event::{KeyCode, KeyEvent};

use crate::domain::verdict::Verdict;
use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::model::{Go, Reaction};
use crate::tui::screens::Screen;
use crate::tui::screens::point::PointScreen;
use crate::tui::screens::resource::Resource as ResourceScreen;

use super::view::cells::verdict;
use super::{Browser, Kind, SortKey};

impl Browser {
    /// Answers an action.
    pub fn act(&mut self, action: Action, known: &Known) -> Reaction {
        let page = self.rows_shown(known).max(1);
        match action {
            Action::MoveDown => self.move_to(self.at.saturating_add(1)),
            Action::MoveUp => self.move_to(self.at.saturating_sub(1)),
            Action::PageDown => self.move_to(self.at.saturating_add(page)),
            Action::PageUp => self.move_to(self.at.saturating_sub(page)),
            Action::First => self.move_to(0),
            Action::Last => self.move_to(usize::MAX),
            Action::Filter => self.filtering = true,
            Action::Sort => return self.sort_next(),
            Action::SortReverse => {
                self.reversed = !self.reversed;
                self.ranked = false;
            }
            Action::Back => self.filter.clear(),
            Action::Leave => return Reaction::go(Go::Leave),
            Action::Retry => return crate::tui::screens::retry(known),
            Action::Open => return self.open(known),
            Action::Details => return self.details(known),
            Action::Restore => return self.restore(known),
            Action::Copy => return self.copy(known),
            other => return Reaction::nothing_here(other),
        }
        Reaction::none()
    }

    /// Gives a key to the filter while it is being typed.
    pub fn type_key(&mut self, key: KeyEvent, known: &Known) -> Option<Reaction> {
        if !self.filtering {
            return None;
        }
        match key.code {
            KeyCode::Enter => self.filtering = false,
            KeyCode::Esc => {
                self.filtering = false;
                self.filter.clear();
            }
            KeyCode::Tab => {
                if let Some(whole) = super::fields::completed(self, known) {
                    self.filter.clear();
                    self.filter.paste(&whole);
                }
            }
            KeyCode::Down => self.move_to(self.at.saturating_add(1)),
            KeyCode::Up => self.move_to(self.at.saturating_sub(1)),
            _typed => {
                self.filter.press(key);
            }
        }
        Some(Reaction::none())
    }

    /// Takes pasted text into the filter while it is being typed.
    pub fn paste(&mut self, text: &str) -> Reaction {
        if self.filtering {
            self.filter.paste(text);
        }
        Reaction::none()
    }

    fn sort_next(&mut self) -> Reaction {
        let keys = SortKey::of(self.kind);
        let at = keys.iter().position(|key| *key == self.sort).unwrap_or(0);
        self.sort = keys[(at + 1) % keys.len()];
        self.reversed = false;
        self.ranked = false;
        self.follows = self.row();
        Reaction::says(format!("sorted by {}", self.sort.word()))
    }

    fn open(&self, known: &Known) -> Reaction {
        match self.opened(known) {
            Some(screen) => Reaction::go(Go::To(Box::new(Screen::Resource(Box::new(screen))))),
            None => nothing_there(),
        }
    }

    /// Returns the screen of the resource under the cursor, with the cursor on the point that counts.
    fn opened(&self, known: &Known) -> Option<ResourceScreen> {
        let store = &known.catalog.store;
        let row = self.row()?;
        match self.kind {
            Kind::Resources => Some(ResourceScreen::of(&store.resources()[row], known)),
            _points => {
                let point = store.point(row).whole();
                Some(ResourceScreen::of_point(&point, known))
            }
        }
    }

    /// Shows everything that is known of the point under the cursor, or of the best one of a resource.
    fn details(&self, known: &Known) -> Reaction {
        let store = &known.catalog.store;
        let Some(row) = self.row() else {
            return nothing_there();
        };
        let point = match self.kind {
            Kind::Resources => store.best_at(row, known.incident).map(|best| best.point),
            _points => Some(store.point(row)),
        };
        match point {
            Some(point) => {
                let point = point.whole();
                let of = ResourceScreen::of_point(&point, known).found;
                let screen = PointScreen::of(point, of, known);
                Reaction::go(Go::To(Box::new(Screen::Point(Box::new(screen)))))
            }
            None => self.open(known),
        }
    }

    fn restore(&self, known: &Known) -> Reaction {
        let Some(row) = self.row() else {
            return nothing_there();
        };
        match self.kind {
            Kind::Resources => Self::restore_best(row, known),
            _points => {
                let point = known.catalog.store.point(row).whole();
                Reaction::go(Go::Restore(Box::new(point)))
            }
        }
    }

    fn restore_best(row: usize, known: &Known) -> Reaction {
        let store = &known.catalog.store;
        let resource = &store.resources()[row];
        match store.best_at(row, known.incident) {
            Some(best) => Reaction::go(Go::Restore(Box::new(best.point.whole()))),
            None => Reaction::warns(why_none(&verdict(resource, known))),
        }
    }

    fn copy(&self, known: &Known) -> Reaction {
        let store = &known.catalog.store;
        let id = self.row().map(|row| match self.kind {
            Kind::Resources => store.resources()[row].id.clone(),
            _points => store.point(row).id().to_owned(),
        });
        id.map_or_else(nothing_there, |id| Reaction::copies(&id))
    }
}

/// Says why a resource has no best point, and what to do about that.
fn why_none(verdict: &Verdict) -> String {
    match verdict {
        Verdict::SeeVolumes => {
            "open the volumes of this instance: a restore begins at a volume's point".to_owned()
        }
        Verdict::UnderWay => "no point was found yet, and more is still listed".to_owned(),
        Verdict::NotListed(gap) => format!("not known, since not all was listed: {}", gap.why()),
        Verdict::NoPoints => "no point: there is nothing to restore from".to_owned(),
        Verdict::AgeUnknown(count) => {
            format!("no point is known to be from before T: open it, {count} of unknown age may be")
        }
        Verdict::NoneUsable => {
            "no usable point: open it to see what bars those there are".to_owned()
        }
        Verdict::NoneBefore => "no point from before T: open it to see those after".to_owned(),
    }
}

fn nothing_there() -> Reaction {
    Reaction::in_vain("the list is empty: there is nothing under the cursor")
}
