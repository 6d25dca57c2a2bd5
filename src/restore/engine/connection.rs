//! The run's connection to its place: made, lost, made again, and what is told of it meanwhile.
//!
//! Nothing here sends anything that changes something. A place that cannot be worked with is told once,
//! not at every try.

use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Drive, NoClients};
use crate::aws::connect::Clients;
use crate::domain::failure::Failure;
use crate::domain::plan::Step;
use crate::domain::run::{Approval, CreatedBy, EventBody, PauseReason};
use crate::journal::JournalError;

/// Logins that may be renewed without any step getting further.
const MOST_RENEWALS: u32 = 3;

impl Drive<'_> {
    /// A profile's login is renewed outside and found again; keys in the environment of this process
    /// are not, so it lets go and the next runner brings its own.
    pub(super) async fn renews(&mut self) -> bool {
        let profile = self
            .ledger
            .look(|state| state.plan.place.profile.is_some())
            .await;
        profile && !self.locked_out
    }

    /// A code cannot be asked for here: the runner lets go, and who resumes the run brings a session.
    async fn login_line(&mut self, what: &str) -> EventBody {
        self.locked_out = true;
        let run = self.ledger.look(|state| state.run.tail().to_owned());
        let run = run.await;
        EventBody::Paused {
            reason: PauseReason::Credentials,
            line: format!(
                "{what}. What AWS has begun goes on; defib resume {run}, or resuming it in the console, \
                 asks for a new code."
            ),
            command: None,
        }
    }

    /// Says that credentials are not taken any more, and lets go of the clients that had them.
    pub(super) async fn refused_line(&mut self, what: &str) -> EventBody {
        let by_code = self.clients.take().is_some_and(|clients| clients.by_code);
        if by_code || self.locked_out {
            let over = format!("the MFA session is over ({what})");
            return self.login_line(&over).await;
        }
        self.credentials_line(what).await
    }

    async fn credentials_line(&mut self, what: &str) -> EventBody {
        let profile = self
            .ledger
            .look(|state| state.plan.place.profile.clone())
            .await;
        let todo = match profile {
            Some(profile) => format!(
                "run: aws sso login --profile {} (or renew its keys); the run continues by itself",
                crate::domain::text::shown(&profile)
            ),
            None => "put fresh keys into the environment and resume from there".to_owned(),
        };
        EventBody::Paused {
            reason: PauseReason::Credentials,
            line: format!(
                "credentials cannot be used ({what}). What AWS has begun goes on; {todo}."
            ),
            command: None,
        }
    }

    /// Returns the clients, connecting where there are none; halts the run where that fails.
    pub(super) async fn connected(&mut self) -> Result<Option<Clients>, JournalError> {
        if let Some(clients) = &self.clients {
            return Ok(Some(clients.clone()));
        }
        let now = self.engine.clock.now();
        let pause = self.engine.pacing.credentials;
        // A clock that was set back must not keep the next try away.
        let too_soon = |next: Timestamp| now < next && next.duration_since(now) <= pause_of(pause);
        if self.next_try.is_some_and(too_soon) {
            return Ok(None);
        }
        self.next_try = now.checked_add(pause).ok();
        let plan = self.ledger.look(|state| state.plan.clone()).await;
        let body = match self.engine.door.open(&plan).await {
            Ok(clients) => {
                self.clients = Some(clients.clone());
                return Ok(Some(clients));
            }
            Err(NoClients::Credentials(what)) => self.credentials_line(&what).await,
            Err(NoClients::Login(what)) => self.login_line(&what).await,
            Err(NoClients::OtherIdentity(line)) => EventBody::Paused {
                reason: PauseReason::Conflict,
                line,
                command: None,
            },
            Err(NoClients::Passing(why)) => EventBody::Unreachable { why },
        };
        self.tell_once(body).await?;
        Ok(None)
    }

    /// Records why the place cannot be worked with, unless that is what the run says already. A roll
    /// back that cannot begin for want of a person is given up, so that it is not waited for.
    pub(super) async fn tell_once(&mut self, mut body: EventBody) -> Result<(), JournalError> {
        let renews = self.renews().await;
        let line = if let EventBody::Paused {
            reason,
            line,
            command,
        } = &mut body
        {
            if !renews || *reason != PauseReason::Credentials {
                *command = self.going_back.take().map(|(number, _)| number);
                self.winding_down.store(false, Ordering::Relaxed);
            }
            line.clone()
        } else if let EventBody::Unreachable { why } = &body {
            why.clone()
        } else {
            return Ok(());
        };
        let said = self.ledger.look(|state| state.reason.clone()).await;
        if said.as_ref() != Some(&line) || body.command().is_some() {
            self.ledger.record(None, body).await?;
        }
        Ok(())
    }

    /// Adopts what carries the run's tag and no event has told of: a crash can hide it. Returns why that could
    /// not be looked for, if it could not.
    pub(super) async fn sweep(
        &mut self,
        clients: &Clients,
    ) -> Result<Option<Failure>, JournalError> {
        let state = self.ledger.state().await;
        if state.order.is_empty() && state.salvaged.is_none() {
            self.swept = true;
            return Ok(None);
        }
        // A failing sweep is repeated at the next turn; the probes find what they need themselves.
        let found = match self
            .engine
            .door
            .sweep(clients, &state.plan, &state.run)
            .await
        {
            Ok(found) => found,
            Err(failure) => return Ok(Some(failure)),
        };
        self.swept = true;
        let operations = self.engine.operations;
        let new: Vec<CreatedBy> = self
            .ledger
            .look(|state| {
                // What a step has only tagged, the volume that was put aside for one, is not made by it.
                let creates = |step: &Step| {
                    let call = step.call.as_ref();
                    let operation = call.and_then(|call| operations(call).ok());
                    operation.is_some_and(|made| !made.request().tags_on_creation().is_empty())
                };
                let unknown = |made: &CreatedBy| {
                    !state.created.iter().any(|known| known.id == made.id)
                        && state.any_step(&made.step).is_some_and(creates)
                };
                found.into_iter().filter(unknown).collect()
            })
            .await;
        if !new.is_empty() {
            let body = EventBody::Adopted { found: new };
            self.ledger.record(None, body).await?;
        }
        Ok(None)
    }

    pub(super) async fn renew_credentials(&mut self) -> Result<(), JournalError> {
        if self.connected().await?.is_some() {
            self.renewals += 1;
            if self.renewals > MOST_RENEWALS {
                let why =
                    "the login is accepted, but the calls of this run are not: look at the log \
                           of the last step, and resume"
                        .to_owned();
                return self.ledger.record(None, EventBody::Failed { why }).await;
            }
            let body = EventBody::Resumed {
                by: None,
                approval: Approval::default(),
                command: None,
            };
            self.ledger.record(None, body).await?;
        }
        Ok(())
    }
}

fn pause_of(pause: Duration) -> SignedDuration {
    SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX)
}
