//! Obeys what operators ask of a run, one command after the other, each answered by an event.
//!
//! A command that has nothing to do is answered too: a sender never waits for something that is not to
//! come. While a roll back is being prepared the commands after it wait.

use super::Drive;
use super::lost::Search;
use crate::domain::ids::StepId;
use crate::domain::plan::Step;
use crate::domain::run::{
    Command, CommandKind, EventBody, Halt, PauseReason, RunState, StepStatus,
};
use crate::journal::JournalError;

impl Drive<'_> {
    pub(super) async fn take_commands(&mut self) -> Result<(), JournalError> {
        if self.going_back.is_some() {
            return Ok(());
        }
        for (number, command) in self.ledger.commands().await? {
            self.obey(number, command).await?;
            if self.going_back.is_some() {
                break;
            }
        }
        Ok(())
    }

    async fn obey(&mut self, number: u64, command: Command) -> Result<(), JournalError> {
        let state = self.ledger.state().await;
        let ignore = |why: &str| EventBody::CommandIgnored {
            command: number,
            why: why.to_owned(),
        };
        let body = match command.kind.clone() {
            CommandKind::Approve { .. } if state.asks_for_its_id() => {
                ignore("the record of the run was damaged: it is resumed first, by its id")
            }
            CommandKind::Resume if !may_go_on(&state, &command) => {
                ignore("the record of the run was damaged: going on asks for the run's id, typed")
            }
            CommandKind::Approve { step } => {
                return self.approve(number, &command, step, &state).await;
            }
            CommandKind::Pause | CommandKind::Abort
                if !matches!(
                    state.halt,
                    Halt::None | Halt::Paused(PauseReason::Credentials)
                ) =>
            {
                ignore("the run sends nothing at the moment")
            }
            CommandKind::Pause => paused(
                PauseReason::Operator,
                "paused by an operator. What was sent is observed; nothing new is sent. Resume goes on.",
                number,
            ),
            CommandKind::Abort => paused(
                PauseReason::Abort,
                "aborted by an operator. Nothing new is sent. Resume goes on, roll back takes it back.",
                number,
            ),
            CommandKind::Resume if state.halt == Halt::Over => ignore("the run is over"),
            CommandKind::Resume => {
                self.swept = false;
                EventBody::Resumed {
                    by: Some(command.by),
                    approval: command.approval,
                    command: Some(number),
                }
            }
            CommandKind::RollBack if state.undo.is_none() => {
                self.turn_round(number, command);
                return Ok(());
            }
            CommandKind::RollBack if matches!(state.halt, Halt::None | Halt::Over) => {
                ignore("the run is rolled back or on its way back already")
            }
            CommandKind::RollBack => EventBody::Resumed {
                by: Some(command.by),
                approval: command.approval,
                command: Some(number),
            },
        };
        self.ledger.record(None, body).await
    }

    fn turn_round(&mut self, number: u64, command: Command) {
        self.looks_back = 0;
        self.obstacles = 0;
        // The way back looks for more than the way on did.
        self.search = Search::default();
        self.settled.clear();
        self.going_back = Some((number, command));
    }

    /// Answers every open gate that the command is about and that its words open.
    async fn approve(
        &mut self,
        number: u64,
        command: &Command,
        step: Option<StepId>,
        state: &RunState,
    ) -> Result<(), JournalError> {
        let mut approval = command.approval.clone();
        // Who names what is left out has not looked at what else is asked.
        approval.yes |= approval.decline.is_empty();
        let last_four = state.plan.place.account.last_four();
        let open: Vec<&Step> = state
            .current_steps()
            .iter()
            .filter(|one| state.record(&one.id).status == StepStatus::Waiting)
            .filter(|one| step.as_ref().is_none_or(|wanted| wanted == &one.id))
            .collect();
        let answered = open.iter().filter_map(|one| {
            let declined = approval.declines(one);
            let any = declined || approval.answers(&one.gate, last_four);
            any.then(|| (one.id.clone(), declined))
        });
        let answered: Vec<(StepId, bool)> = answered.collect();
        for (n, (id, declined)) in answered.iter().enumerate() {
            // Dealt with only by its last event: what a crash in between leaves open is answered then.
            let last = n + 1 == answered.len();
            let (by, command) = (command.by.clone(), last.then_some(number));
            let body = if *declined {
                EventBody::GateDeclined { by, command }
            } else {
                EventBody::GateAnswered { by, command }
            };
            self.ledger.record(Some(id), body).await?;
        }
        if answered.is_empty() {
            let why = if open.is_empty() {
                "no gate is open"
            } else if approval.decline.is_empty() {
                "the open gate asks for a name to be typed"
            } else {
                "what was declined is not what the open gate asks"
            };
            let body = EventBody::CommandIgnored {
                command: number,
                why: why.to_owned(),
            };
            self.ledger.record(None, body).await?;
        }
        Ok(())
    }
}

/// A run whose record was damaged goes forward only once its id was typed.
fn may_go_on(state: &RunState, command: &Command) -> bool {
    let own = state.run.as_str();
    let typed = command.approval.confirm.iter().any(|typed| typed == own);
    !state.asks_for_its_id() || typed
}

fn paused(reason: PauseReason, line: &str, command: u64) -> EventBody {
    EventBody::Paused {
        reason,
        line: line.to_owned(),
        command: Some(command),
    }
}
