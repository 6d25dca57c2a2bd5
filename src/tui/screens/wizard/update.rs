//! What keys change in a restore that is being prepared, and where they lead.
//! Text fields take characters first; whether one wants a key is decided here as well.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::domain::check::policy;
use crate::domain::text::shown;
use crate::tui::effect::{Effect, Format};
use crate::tui::keymap::{Action, Key, Resolved};
use crate::tui::known::Known;
use crate::tui::model::{Go, Reaction};
use crate::tui::widgets::text_input::TextInput;

use super::consent::Consent;
use super::way::{Entry, Standing, Way, round};
use super::{Asked, Page, Start, Wizard, candidates, view};

impl Wizard {
    /// Answers an action.
    pub fn act(&mut self, action: Action, known: &Known) -> Reaction {
        let warned = std::mem::take(&mut self.asked) == Asked::LeaveAgain;
        self.remark = None;
        self.going_on = false;
        match action {
            Action::Back => self.back(warned, known),
            Action::Leave => self.leave(action, warned, known),
            Action::Submit => self.submit(known),
            Action::Copy => self.copy(),
            Action::NextField => self.next_field(true, known),
            Action::PreviousField => self.next_field(false, known),
            Action::NextValue => self.next_value(action, true, known),
            Action::PreviousValue => self.next_value(action, false, known),
            Action::ClearField => self.clear_field(),
            Action::MoveDown | Action::MoveUp if self.page == Page::What => {
                self.next_field(action == Action::MoveDown, known)
            }
            Action::MoveDown => self.scroll(action, known, |top, _| top.saturating_add(1)),
            Action::MoveUp => self.scroll(action, known, |top, _| top.saturating_sub(1)),
            Action::PageDown => self.scroll(action, known, usize::saturating_add),
            Action::PageUp => self.scroll(action, known, usize::saturating_sub),
            Action::First => self.scroll(action, known, |_, _| 0),
            Action::Last => self.scroll(action, known, |_, _| usize::MAX),
            Action::Calls if self.page == Page::Plan => {
                self.calls = !self.calls;
                Reaction::none()
            }
            Action::Export => self.begin_export(),
            other => Reaction::nothing_here(other),
        }
    }

    /// Gives a key to what takes characters: the kind of a file, a text field, the last word. A key with
    /// ctrl or alt that means something here keeps its meaning.
    pub fn type_key(&mut self, key: KeyEvent, known: &Known) -> Option<Reaction> {
        if self.asked == Asked::WhichFile {
            return Some(self.export(key));
        }
        if !is_typing(key) || self.is_bound(key, known) || self.chooses(key, known) {
            return None;
        }
        if let Some(reaction) = self.type_word(key, known) {
            return Some(reaction);
        }
        let pressed = self.input(known)?.press(key);
        pressed.then(|| self.typed_on())
    }

    /// Gives a letter to a field whose words are chosen: it takes the next one that begins so. One that means nothing
    /// else either is told how they are chosen.
    fn type_word(&mut self, key: KeyEvent, known: &Known) -> Option<Reaction> {
        let KeyCode::Char(letter) = key.code else {
            return None;
        };
        let entry = self.way().and_then(Way::entry);
        if self.page != Page::Where || entry.is_none_or(Entry::is_text) {
            return None;
        }
        let way = self.ways.get_mut(self.at)?;
        if let Some(turned) = way.turn_to(letter.to_ascii_lowercase()) {
            self.typed_on();
            return Some(self.changed(turned));
        }
        let keymap = &known.settings.keymap;
        let is_free = keymap.resolve(self.contexts(), &[Key::from(key)]) == Resolved::Nothing;
        let next = keymap.hint(Action::NextValue, self.contexts());
        let next = next.unwrap_or_else(|| Action::NextValue.name().to_owned());
        is_free.then(|| {
            Reaction::in_vain(format!(
                "this field is chosen, not typed: {next}, or the first letter of a word"
            ))
        })
    }

    /// Takes pasted text into the field that has the keys.
    pub fn paste(&mut self, text: &str, known: &Known) -> Reaction {
        self.asked = Asked::Nothing;
        let Some(input) = self.input(known) else {
            return Reaction::none();
        };
        input.paste(text);
        self.typed_on()
    }

    fn typed_on(&mut self) -> Reaction {
        self.asked = Asked::Nothing;
        self.remark = None;
        self.going_on = false;
        Reaction::none()
    }

    /// Returns what takes characters now.
    fn input(&mut self, known: &Known) -> Option<&mut TextInput> {
        match self.page {
            Page::Where => {
                let entry = self.ways.get_mut(self.at)?.entry_mut()?;
                entry.is_text().then_some(&mut entry.typed)
            }
            Page::Yes if self.start == Start::UnderWay || known.settings.read_only => None,
            Page::Yes => Some(&mut self.typed),
            Page::What | Page::Checks | Page::Plan => None,
        }
    }

    /// Behind the text of a field that names a resource, the arrow to the right takes the next one.
    fn chooses(&self, key: KeyEvent, known: &Known) -> bool {
        let at_end = |way: &&Way| way.entry().is_some_and(|entry| entry.typed.is_at_end());
        let way = self.way().filter(at_end);
        self.page == Page::Where
            && key.code == KeyCode::Right
            && way.is_some_and(|way| !candidates::fitting(way, &self.point, known).is_empty())
    }

    fn is_bound(&self, key: KeyEvent, known: &Known) -> bool {
        let with = KeyModifiers::CONTROL | KeyModifiers::ALT;
        let keys = [Key::from(key)];
        key.modifiers.intersects(with)
            && known.settings.keymap.resolve(self.contexts(), &keys) != Resolved::Nothing
    }

    fn back(&mut self, warned: bool, known: &Known) -> Reaction {
        if self.start == Start::UnderWay {
            return Reaction::says("the run is being started");
        }
        let Some(before) = self.page.before() else {
            return self.leave(Action::Back, warned, known);
        };
        let mut effects = self.commit(known);
        // What was refused may have been refused because the world has changed.
        if matches!(std::mem::take(&mut self.start), Start::Refused(_)) {
            effects.extend(self.ask(self.at));
        }
        self.going_on = false;
        self.turn_to(before);
        Reaction {
            effects,
            ..Reaction::none()
        }
    }

    /// Leaves, and says so first where that loses something.
    fn leave(&mut self, action: Action, warned: bool, known: &Known) -> Reaction {
        if warned || self.start == Start::UnderWay || !self.has_typed() {
            let leaves = action == Action::Leave;
            return Reaction::go(if leaves { Go::Leave } else { Go::Back });
        }
        self.asked = Asked::LeaveAgain;
        let key = known.settings.keymap.hint(action, self.contexts());
        let key = key.unwrap_or_else(|| action.name().to_owned());
        Reaction::warns(format!("{key} again leaves; what you typed is lost"))
    }

    /// Says why another view does not take the place of what was typed here: a digit that was meant for a field
    /// that takes no characters must not cost it.
    #[must_use]
    pub fn keeps(&self) -> Option<Reaction> {
        let typed = self.has_typed() || !self.typed.is_empty();
        (typed && self.start != Start::UnderWay).then(|| {
            let chosen = self.page == Page::Where
                && self.way().and_then(Way::entry).is_some_and(|entry| !entry.is_text());
            Reaction::warns(if chosen {
                "this field is chosen, not typed; what you typed elsewhere stays: leave this restore first"
            } else {
                "what you typed would be lost: leave this restore first"
            })
        })
    }

    fn submit(&mut self, known: &Known) -> Reaction {
        match self.page {
            Page::What if self.ways.is_empty() => {
                Reaction::refuses("no flow restores from this kind of point yet")
            }
            Page::What => {
                self.turn_to(Page::Where);
                Reaction::none()
            }
            Page::Where => self.submit_form(known),
            Page::Checks => self.submit_checks(),
            Page::Plan => self.submit_plan(),
            Page::Yes => self.agree(known),
        }
    }

    /// Goes on where nothing is missing; where an answer is awaited, as soon as it is there.
    fn submit_form(&mut self, known: &Known) -> Reaction {
        let mut effects = self.commit(known);
        let obstructed = self.way().and_then(Way::obstructed);
        match (self.standing(), obstructed) {
            (Standing::Ready(_), _) => self.turn_to(Page::Checks),
            (Standing::Waiting, _) => self.going_on = true,
            (Standing::Asks(obstacle), Some(_)) => {
                let field = obstacle.field.clone().unwrap_or_default();
                self.go_on_from_form();
                return Reaction::warns(format!("first: {}", shown(&field)));
            }
            (Standing::Asks(_) | Standing::Failed(_), _) => {
                self.going_on = true;
                effects.extend(self.ask(self.at));
            }
        }
        Reaction {
            effects,
            ..Reaction::none()
        }
    }

    /// A check that stops, or no answer at all: AWS is asked again, and what is found is shown here.
    fn submit_checks(&mut self) -> Reaction {
        match self.standing() {
            Standing::Waiting => Reaction::says("still looking"),
            Standing::Asks(_) => {
                self.turn_to(Page::Where);
                self.go_on_from_form();
                Reaction::warns("the form asks for something first")
            }
            Standing::Ready(plan) if !self.way().is_some_and(Way::is_stopped) => {
                let hash = plan.hash.clone();
                if self.read.as_ref() != Some(&hash) {
                    // What was typed was typed for another plan.
                    self.typed.clear();
                }
                self.read = Some(hash);
                self.turn_to(Page::Plan);
                Reaction::none()
            }
            Standing::Ready(_) | Standing::Failed(_) => Reaction {
                effects: self.ask(self.at).into_iter().collect(),
                ..Reaction::says("asking AWS again")
            },
        }
    }

    fn submit_plan(&mut self) -> Reaction {
        if self.way().is_some_and(Way::is_waiting) {
            self.going_on = true;
        } else {
            self.turn_to(Page::Yes);
        }
        Reaction::none()
    }

    fn agree(&mut self, known: &Known) -> Reaction {
        if known.settings.read_only {
            return Reaction::refuses("READ-ONLY: runs are forbidden here");
        }
        let Some(plan) = self.runnable().filter(|_| self.start != Start::UnderWay) else {
            return Reaction::none();
        };
        let consent = Consent::of(plan, known);
        let typed = self.typed.text().trim().to_owned();
        let Some(approval) = consent.given(&typed) else {
            self.remark = Some(consent.mistaken(&typed));
            return Reaction::none();
        };
        let last = view::last_top(self, known);
        if !self.seen && self.top < last {
            self.top = (self.top + view::page(self, known).max(1)).min(last);
            self.seen = self.top == last;
            return Reaction::warns("read on first: nothing was sent yet");
        }
        let plan = Box::new(plan.clone());
        self.seen = true;
        self.start = Start::UnderWay;
        Reaction::effect(Effect::Start {
            draft: self.draft,
            plan,
            approval,
        })
    }

    /// Moves between fields and commits the one that is left; on a page without fields, between its lines.
    fn next_field(&mut self, forward: bool, known: &Known) -> Reaction {
        match self.page {
            Page::What => self.at = round(self.at, self.ways.len(), forward),
            Page::Where => {
                let effects = self.commit(known);
                self.going_on = false;
                if let Some(way) = self.ways.get_mut(self.at) {
                    way.move_focus(forward);
                }
                return Reaction {
                    effects,
                    ..Reaction::none()
                };
            }
            Page::Checks | Page::Plan | Page::Yes => {
                let top = self.top.min(view::last_top(self, known));
                let moved = if forward {
                    top + 1
                } else {
                    top.saturating_sub(1)
                };
                let last = view::last_top(self, known);
                self.top = moved.min(last);
                self.seen |= self.top == last;
            }
        }
        Reaction::none()
    }

    fn next_value(&mut self, action: Action, forward: bool, known: &Known) -> Reaction {
        if self.page != Page::Where {
            return Reaction::nothing_here(action);
        }
        let way = self.way();
        let id = way.and_then(|way| candidates::next(way, &self.point, known, forward));
        if let Some(id) = id
            && let Some(entry) = self.ways.get_mut(self.at).and_then(Way::entry_mut)
        {
            entry.typed = TextInput::new(&id);
            return Reaction::none();
        }
        let turned = self
            .ways
            .get_mut(self.at)
            .is_some_and(|way| way.turn(forward));
        self.changed(turned)
    }

    fn clear_field(&mut self) -> Reaction {
        match self.page {
            Page::Where => {
                let cleared = self.ways.get_mut(self.at).is_some_and(Way::clear);
                self.changed(cleared)
            }
            Page::Yes if self.start != Start::UnderWay => {
                self.typed.clear();
                Reaction::none()
            }
            Page::What | Page::Checks | Page::Plan | Page::Yes => {
                Reaction::nothing_here(Action::ClearField)
            }
        }
    }

    fn commit(&mut self, known: &Known) -> Vec<Effect> {
        let committed = self.page == Page::Where
            && self
                .ways
                .get_mut(self.at)
                .is_some_and(|way| way.commit(known));
        self.changed(committed).effects
    }

    fn changed(&mut self, changed: bool) -> Reaction {
        if !changed {
            return Reaction::none();
        }
        self.going_on = false;
        Reaction {
            effects: self.ask(self.at).into_iter().collect(),
            ..Reaction::none()
        }
    }

    fn scroll(
        &mut self,
        action: Action,
        known: &Known,
        to: impl Fn(usize, usize) -> usize,
    ) -> Reaction {
        if !matches!(self.page, Page::Checks | Page::Plan | Page::Yes) {
            return Reaction::nothing_here(action);
        }
        let last = view::last_top(self, known);
        let page = view::page(self, known).max(1);
        self.top = to(self.top.min(last), page).min(last);
        self.seen |= self.top == last;
        Reaction::none()
    }

    fn copy(&self) -> Reaction {
        let way = self.way();
        let (what, text) = match self.page {
            Page::Where => {
                let entry = way.and_then(|way| Some((way, way.entry()?)));
                let value = entry.and_then(|(way, entry)| way.value(entry));
                return Reaction::copies(value.unwrap_or(&self.point.id));
            }
            Page::Checks => (
                "copied the policy",
                way.and_then(|way| policy(way.checks())),
            ),
            Page::Plan if self.calls => ("copied every call", way.map(Way::calls)),
            Page::What | Page::Plan | Page::Yes => ("", None),
        };
        match text {
            Some(text) => Reaction {
                effects: vec![Effect::Copy(text)],
                ..Reaction::says(what)
            },
            None => Reaction::copies(&self.point.id),
        }
    }

    fn begin_export(&mut self) -> Reaction {
        let there = matches!(self.page, Page::Checks | Page::Plan) && self.plan().is_some();
        if !there {
            return Reaction::refuses("there is no plan here to write to a file");
        }
        self.asked = Asked::WhichFile;
        Reaction::none()
    }

    /// The next key says which kind of file; any other one says that none is wanted.
    fn export(&mut self, key: KeyEvent) -> Reaction {
        self.asked = Asked::Nothing;
        let format = match key.code {
            KeyCode::Char('m') => Format::Markdown,
            KeyCode::Char('s') => Format::Shell,
            KeyCode::Char('j') => Format::Json,
            _another => return Reaction::says("no file was written"),
        };
        let plan = self.plan().cloned().map(Box::new);
        plan.map_or_else(Reaction::none, |plan| {
            Reaction::effect(Effect::ExportPlan { plan, format })
        })
    }
}

/// Tells whether a key can mean something inside of a text. What moves between fields and pages does not.
fn is_typing(key: KeyEvent) -> bool {
    matches!(
        key.code,
        KeyCode::Char(_)
            | KeyCode::Backspace
            | KeyCode::Delete
            | KeyCode::Left
            | KeyCode::Right
            | KeyCode::Home
            | KeyCode::End
    )
}
