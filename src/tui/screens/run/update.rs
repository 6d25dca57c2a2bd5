//! What keys change on the screen of a run, and what they ask of the run.
//! Scrolling shows everything as one text; back at its beginning the screen shows what matters now.

use crate::domain::run::RunState;
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::known::{Known, RunCard};
use crate::tui::model::{Go, Notice, Reaction};

use super::view::body::Body;
use super::words::key;
use super::{RunScreen, standing::Standing, view, wishes};

impl RunScreen {
    /// Answers an action.
    pub fn act(&mut self, action: Action, known: &Known) -> Reaction {
        match action {
            Action::Back => return self.left(Go::Back, known),
            Action::Leave => return self.left(Go::Leave, known),
            Action::Copy => return Reaction::copies(self.run.as_str()),
            _others_need_the_run => {}
        }
        let Some(card) = self.card(known) else {
            return Reaction::in_vain("the run was not read yet");
        };
        match action {
            Action::Answer if is_over(card) => report(card, known),
            Action::Answer => wishes::answer(card, known),
            Action::Decline => wishes::decline(card, known),
            Action::Pause => wishes::pause(card, known),
            Action::Resume => wishes::resume(card, known),
            Action::Abort => wishes::abort(card, known),
            Action::Undo => wishes::undo(card, known),
            Action::Report => report(card, known),
            Action::Calls => calls(&card.state),
            Action::Instance => look(card, known),
            Action::KillRunner => kill(card, known),
            Action::MoveDown
            | Action::MoveUp
            | Action::PageDown
            | Action::PageUp
            | Action::First
            | Action::Last => {
                let body = Body::of(card, known, usize::from(known.room().0));
                self.top = scrolled(self.top, action, &body, view::rows(known));
                Reaction::none()
            }
            other => Reaction::nothing_here(other),
        }
    }

    /// Leaves; a run that is not over is not ended by that, and how to come back is told.
    fn left(&self, go: Go, known: &Known) -> Reaction {
        let card = self
            .card(known)
            .filter(|card| !card.state.status().is_over());
        let notice = card.filter(|card| card.broken.is_none()).map(|card| {
            let tail = self.run.tail();
            let goes_on = match Standing::of(card, known) {
                Standing::Unheld => {
                    let text = "no runner holds it, so it does not go on: defib resume";
                    return Notice::warns(format!("{text} {tail}"));
                }
                standing if standing.is_stuck() => "it stays as it is",
                Standing::Asks => "it waits for an answer",
                Standing::Starting
                | Standing::Running
                | Standing::Paused
                | Standing::Failed
                | Standing::GoingBack
                | Standing::Done
                | Standing::Back
                | Standing::Damaged => "it goes on",
            };
            if known.settings.story.is_some() {
                Notice::says(format!(
                    "{goes_on} as long as the demo does; it is among the runs"
                ))
            } else {
                Notice::says(format!("{goes_on}; defib attach {tail} brings it back"))
            }
        });
        Reaction {
            notice,
            ..Reaction::go(go)
        }
    }
}

/// Tells whether enter opens the report: of a damaged run, too, as nothing of it can be answered.
fn is_over(card: &RunCard) -> bool {
    card.broken.is_some() || card.state.status().is_over()
}

/// Has the report written; of a run that is not over, as far as it is.
pub fn report(card: &RunCard, known: &Known) -> Reaction {
    Reaction::effect(Effect::Report {
        run: card.state.run.clone(),
        incident: known.incident,
    })
}

fn calls(state: &RunState) -> Reaction {
    let undo = state.undo.clone();
    let undo = undo.unwrap_or_else(|| state.plan.undo_steps(&state.touched()));
    Reaction::effect(Effect::Calls {
        plan: Box::new(state.plan.clone()),
        undo,
    })
}

/// Looks at the instance that a run is about.
pub fn look(card: &RunCard, _known: &Known) -> Reaction {
    match card.state.instance() {
        Some(target) => Reaction::go(Go::Look(Box::new(target))),
        None => Reaction::in_vain("this run has no instance to look at"),
    }
}

fn kill(card: &RunCard, known: &Known) -> Reaction {
    if known.settings.story.is_none() {
        return Reaction::in_vain("only the demo kills a runner");
    }
    if !card.held {
        return Reaction::in_vain("no runner holds this run");
    }
    let resume = key(Action::Resume, known);
    Reaction {
        effects: vec![Effect::KillRunner(card.state.run.clone())],
        ..Reaction::says(format!("the runner is killed: {resume} resumes"))
    }
}

/// Returns the line at the top after scrolling. Up from the first line leads back to what matters now.
fn scrolled(top: Option<usize>, action: Action, body: &Body, rows: usize) -> Option<usize> {
    // The rule above them says where one is.
    let shown = rows.saturating_sub(1).max(1);
    let last = body.document().len().saturating_sub(shown);
    let at = top.unwrap_or_else(|| body.steps_top(rows)).min(last);
    let down = |by: usize| (last > 0).then(|| (at + by).min(last));
    let up = |by: usize| (at > 0).then(|| at.saturating_sub(by));
    match action {
        Action::MoveDown => down(1),
        Action::PageDown => down(shown),
        Action::MoveUp => up(1),
        Action::PageUp => up(shown),
        Action::Last => down(last),
        _first => None,
    }
}
