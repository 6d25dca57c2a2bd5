//! What a message changes, and what is to be done because of it. Routing only: screens and overlays
//! decide about themselves. Nothing in here waits, reads a clock or touches the world.

mod code;
mod described;
mod looking;
mod places;
mod restoring;
mod told;
pub mod useful;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use jiff::Timestamp;

use crate::domain::ids::{AccountId, RunId};
use crate::domain::place::Place;
use crate::report::Report;

use super::effect::Effect;
use super::keymap::bindings::Resolved;
use super::keymap::chord::Key;
use super::keymap::{Action, Context};
use super::model::{Go, Model, Notice, Reaction, View};
use super::msg::Msg;
use super::overlays::Overlay;
use super::screens::Screen;
use super::screens::run::RunScreen;
use super::screens::text::TextScreen;
use super::screens::wizard::Wizard;
use super::token;

/// Takes in a message.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let effects = taken_in(model, msg);
    code::ask(model);
    effects
}

fn taken_in(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(key) => key_pressed(model, key),
        Msg::Paste(text) => pasted(model, &text),
        Msg::Expires { place, at } => {
            expires(model, place, at);
            Vec::new()
        }
        other => {
            model.dirty = true;
            told(model, other)
        }
    }
}

/// Makes anew what lists are made of, where what they depend on has changed. Called before a frame.
pub fn settle(model: &mut Model) {
    model.known.framed = protected(model);
    match model.view {
        View::Resources => model.resources.settle(&model.known),
        View::Snapshots => model.snapshots.settle(&model.known),
        View::Amis => model.amis.settle(&model.known),
        View::Windows => model.windows.settle(&model.known),
        View::Vaults => model.vaults.settle(&model.known),
        View::Runs => model.run_list.settle(&model.known),
    }
    if let Some(screen) = model.screens.last_mut() {
        screen.settle(&model.known);
    }
}

/// Returns the protected account that the operator is in: one of those that are listed, or that of the screen.
fn protected(model: &Model) -> Option<AccountId> {
    let known = &model.known;
    let listed = known.catalog.places.iter().map(|card| &card.place.account);
    let before = known.catalog.before.places.iter();
    let listed = listed.chain(before.map(|one| &one.place.account));
    let here = model
        .screens
        .iter()
        .filter_map(|screen| screen.account(known));
    let mut accounts = listed.chain(here);
    accounts
        .find(|account| known.is_protected(account))
        .cloned()
}

/// Returns where keys are pressed now, the nearest first.
#[must_use]
pub fn contexts(model: &Model) -> &'static [Context] {
    if let Some(overlay) = &model.overlay {
        return overlay.contexts();
    }
    contexts_below(model)
}

/// Returns where keys are pressed once no overlay has them.
#[must_use]
pub fn contexts_below(model: &Model) -> &'static [Context] {
    match (model.screens.last(), model.view) {
        (Some(screen), _) => screen.contexts(),
        (None, View::Runs) => &[Context::Runs, Context::List, Context::Global],
        (None, _list) => &[Context::List, Context::Global],
    }
}

fn key_pressed(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    model.dirty = true;
    model.notice = None;
    // Keys come faster than frames: each finds the lists as the one before left them.
    settle(model);
    // Whatever has the keys: this one ends it.
    if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
        return quit(model);
    }
    if model.pressed.is_empty()
        && let Some(reaction) = typed(model, key)
    {
        return react(model, reaction);
    }
    model.pressed.push(Key::from(key));
    let keymap = &model.known.settings.keymap;
    match keymap.resolve(contexts(model), &model.pressed) {
        Resolved::Prefix => Vec::new(),
        Resolved::Nothing => {
            model.pressed.clear();
            Vec::new()
        }
        Resolved::Action(action) => {
            model.pressed.clear();
            act(model, action)
        }
    }
}

/// Takes in when credentials expire; drawn only where another minute is shown by it.
fn expires(model: &mut Model, place: Place, at: Option<Timestamp>) {
    let known = &mut model.known;
    let before = token::text(known);
    match at {
        Some(at) => known.expirations.insert(place, at),
        None => known.expirations.remove(&place),
    };
    model.dirty |= token::text(known) != before;
}

/// Gives a key to the text field that has it.
fn typed(model: &mut Model, key: KeyEvent) -> Option<Reaction> {
    let known = &model.known;
    if let Some(overlay) = &mut model.overlay {
        return overlay.type_key(key, known);
    }
    match (model.screens.last_mut(), model.view) {
        (Some(screen), _) => screen.type_key(key, known),
        (None, View::Resources) => model.resources.type_key(key, known),
        (None, View::Snapshots) => model.snapshots.type_key(key, known),
        (None, View::Amis) => model.amis.type_key(key, known),
        (None, View::Windows) => model.windows.type_key(key, known),
        (None, View::Vaults) => model.vaults.type_key(key, &model.known),
        (None, View::Runs) => None,
    }
}

fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    model.dirty = true;
    model.notice = None;
    let known = &model.known;
    let reaction = match (&mut model.overlay, model.screens.last_mut(), model.view) {
        (Some(overlay), _, _) => overlay.paste(text),
        (None, Some(screen), _) => screen.paste(text, known),
        (None, None, View::Resources) => model.resources.paste(text),
        (None, None, View::Snapshots) => model.snapshots.paste(text),
        (None, None, View::Amis) => model.amis.paste(text),
        (None, None, View::Windows) => model.windows.paste(text),
        (None, None, View::Vaults) => model.vaults.paste(text),
        (None, None, View::Runs) => Reaction::none(),
    };
    react(model, reaction)
}

/// Carries out an action, wherever it came from: a key or the palette.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    model.dirty = true;
    if action != Action::Leave {
        model.leaving = false;
    }
    let here = contexts(model);
    if is_view(action)
        && let Some(kept) = model.screens.iter().find_map(Screen::keeps)
    {
        return react(model, kept);
    }
    match action {
        Action::Quit => return quit(model),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::ViewResources => return react(model, Reaction::go(Go::View(View::Resources))),
        Action::ViewSnapshots => return react(model, Reaction::go(Go::View(View::Snapshots))),
        Action::ViewAmis => return react(model, Reaction::go(Go::View(View::Amis))),
        Action::ViewWindows => return react(model, Reaction::go(Go::View(View::Windows))),
        Action::ViewVaults => return react(model, Reaction::go(Go::View(View::Vaults))),
        Action::ViewRuns => return react(model, Reaction::go(Go::View(View::Runs))),
        Action::Incident => return open(model, Overlay::incident(&model.known)),
        Action::Palette => {
            let overlay = Overlay::palette(contexts_below(model), useful::useful(model));
            return open(model, overlay);
        }
        Action::Help => return open(model, Overlay::help(here)),
        Action::Log => return open(model, Overlay::log()),
        Action::Profiles => return places::pick(model),
        _screens_own => {}
    }
    let known = &model.known;
    let reaction = if let Some(overlay) = &mut model.overlay {
        overlay.act(action, known)
    } else if let Some(screen) = model.screens.last_mut() {
        screen.act(action, known)
    } else {
        match model.view {
            View::Resources => model.resources.act(action, known),
            View::Snapshots => model.snapshots.act(action, known),
            View::Amis => model.amis.act(action, known),
            View::Windows => model.windows.act(action, known),
            View::Vaults => model.vaults.act(action, known),
            View::Runs => model.run_list.act(action, known),
        }
    };
    react(model, reaction)
}

/// Tells whether an action leads to another view, away from every screen.
fn is_view(action: Action) -> bool {
    use Action::{ViewAmis, ViewResources, ViewRuns, ViewSnapshots, ViewVaults, ViewWindows};
    [
        ViewResources,
        ViewSnapshots,
        ViewAmis,
        ViewWindows,
        ViewVaults,
        ViewRuns,
    ]
    .contains(&action)
}

fn open(model: &mut Model, overlay: Overlay) -> Vec<Effect> {
    model.overlay = Some(overlay);
    Vec::new()
}

fn quit(model: &mut Model) -> Vec<Effect> {
    model.over = true;
    let mut effects = code::decline(model);
    effects.push(Effect::Quit);
    effects
}

fn react(model: &mut Model, reaction: Reaction) -> Vec<Effect> {
    if reaction.notice.is_some() {
        model.notice = reaction.notice;
    }
    let mut effects = reaction.effects;
    effects.retain(|effect| match effect {
        Effect::ReadPolicy(vault) => model.known.policies.asks(vault),
        Effect::DescribePoints { place, questions } => {
            model.known.catalog.answers.asks(place, questions);
            true
        }
        _other => true,
    });
    if let Some(go) = reaction.go {
        effects.extend(go_to(model, go));
    }
    effects
}

fn go_to(model: &mut Model, go: Go) -> Vec<Effect> {
    match go {
        Go::Back => return back(model),
        Go::Leave => return leave(model),
        Go::View(view) => {
            model.overlay = None;
            model.screens.clear();
            model.view = view;
        }
        Go::To(screen) => {
            model.overlay = None;
            model.screens.push(*screen);
        }
        Go::Restore(point) => {
            let reaction = restoring::begun(model, &point);
            return react(model, reaction);
        }
        Go::Over(overlay) => model.overlay = Some(*overlay),
        Go::Look(target) => return looking::begin(model, *target),
        Go::Close => model.overlay = None,
        Go::Act(action) => {
            model.overlay = None;
            return act(model, action);
        }
        Go::Incident(at) => {
            model.overlay = None;
            model.known.incident = at;
        }
        Go::Places(choices) => return places::choose(model, choices),
    }
    Vec::new()
}

/// Goes back; at a view there is nothing to go back to.
fn back(model: &mut Model) -> Vec<Effect> {
    if model.overlay.take().is_none() {
        model.screens.pop();
    }
    Vec::new()
}

fn leave(model: &mut Model) -> Vec<Effect> {
    if model.overlay.take().is_some() || model.screens.pop().is_some() {
        return Vec::new();
    }
    match unfinished(model) {
        Some(warning) if !model.leaving => {
            model.leaving = true;
            model.notice = Some(Notice::warns(warning));
            Vec::new()
        }
        Some(_) | None => quit(model),
    }
}

/// Says what is left behind by leaving now, if anything is.
fn unfinished(model: &Model) -> Option<String> {
    let known = &model.known;
    let run = known.runs.down().map(|(card, _)| card);
    let run = run.or_else(|| known.runs.unfinished().next())?;
    let id = run.state.run.tail();
    let down = if known.runs.down().is_some() {
        "THE SERVICE IS DOWN. "
    } else {
        ""
    };
    let fate = if known.settings.story.is_some() {
        "ends with the demo"
    } else {
        "goes on"
    };
    Some(format!(
        "{down}Run {id} is not over; it {fate}. Leave once more to leave."
    ))
}

/// Takes in what is not a key.
fn told(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(_) | Msg::Paste(_) | Msg::Expires { .. } => {}
        Msg::KeysDescribed(keys) => described::of_keys(model, keys),
        Msg::PointsDescribed { place, told } => described::of_points(model, &place, told),
        Msg::Tick => model.known.ticks = model.known.ticks.wrapping_add(1),
        Msg::Resized(columns, rows) => model.known.size = (columns, rows),
        Msg::Continued => return vec![Effect::Redraw],
        Msg::Stopped => return vec![Effect::Suspend],
        Msg::Gone => return quit(model),
        Msg::Panicked(what) => {
            model.crashed = Some(what);
            return quit(model);
        }
        Msg::Prepared {
            draft,
            revision,
            outcome,
        } => {
            if let Some(wizard) = wizard(model, draft) {
                wizard.prepared(revision, *outcome);
            }
        }
        Msg::Started { draft, run } => started(model, draft, run),
        Msg::NotStarted { draft, report } => {
            model.known.note(report.line());
            if let Some(wizard) = wizard(model, draft) {
                wizard.refused(report);
            }
        }
        Msg::ReportWritten { run, text } => {
            if awaits_text(model, Some(&run)) {
                let screen = TextScreen::report(&run, &text);
                model.screens.push(Screen::Text(screen));
            }
        }
        Msg::CallsWritten(calls) => {
            if awaits_text(model, None) {
                let screen = TextScreen::calls(&calls);
                model.screens.push(Screen::Text(screen));
            }
        }
        Msg::Exported { path } => model.notice = Some(Notice::says(format!("written: {path}"))),
        Msg::Failed(report) => failed(model, &report),
        Msg::PolicyRead { vault, policy } => {
            if let Err(report) = &policy {
                model.known.note(report.line());
            }
            model.known.policies.read(vault, policy);
        }
        Msg::Looked { number, looked } => looking::told(model, number, looked),
        Msg::CodeWanted { ask, wanted } => return code::wanted(model, ask, wanted),
        Msg::CodeMoot(ask) => code::moot(model, ask),
        Msg::Profiles { profiles, chosen } => places::told(model, profiles, chosen),
        Msg::Scan { number, told } => told::of_scan(model, number, told),
        Msg::Recalled(told) => told::of_memory(model, told),
        of_runs => told::of_runs(model, of_runs),
    }
    Vec::new()
}

fn failed(model: &mut Model, report: &Report) {
    model.known.note(report.line());
    model.notice = Some(Notice::warns(report.line()));
}

/// Tells whether the operator is still where a text was asked for: it never covers anything else.
fn awaits_text(model: &Model, of: Option<&RunId>) -> bool {
    let there = match model.screens.last() {
        Some(Screen::Run(screen)) => of.is_none_or(|run| *run == screen.run),
        None => model.view == View::Runs,
        Some(
            Screen::Resource(_)
            | Screen::Point(_)
            | Screen::Vault(_)
            | Screen::Wizard(_)
            | Screen::Text(_),
        ) => false,
    };
    there && model.overlay.is_none()
}

fn started(model: &mut Model, draft: u64, run: RunId) {
    model.known.note(format!("run {run} was started"));
    let place = model
        .screens
        .iter()
        .position(|screen| matches!(screen, Screen::Wizard(wizard) if wizard.draft() == draft));
    let Some(place) = place else {
        model.notice = Some(Notice::says(format!("run {run} was started")));
        return;
    };
    model.screens[place] = Screen::Run(RunScreen::new(run));
}

fn wizard(model: &mut Model, draft: u64) -> Option<&mut Wizard> {
    model.screens.iter_mut().find_map(|screen| match screen {
        Screen::Wizard(wizard) if wizard.draft() == draft => Some(&mut **wizard),
        Screen::Wizard(_)
        | Screen::Resource(_)
        | Screen::Point(_)
        | Screen::Vault(_)
        | Screen::Run(_)
        | Screen::Text(_) => None,
    })
}

#[cfg(test)]
mod tests;
