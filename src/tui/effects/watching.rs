//! Watches the journal and tells what is new in it. It only reads; a journal that cannot be opened or read
//! is told once, and tried again for as long as the console is there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::domain::ids::RunId;
use crate::domain::run::{EventBody, RunEvent};
use crate::journal::{Journal, JournalError};
use crate::report::Report;
use crate::tui::msg::Msg;

use super::Effects;

/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(150);
/// How long until a journal that could not be opened is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// A run that is over is looked at every so many looks: it may be rolled back elsewhere.
const SELDOM: u32 = 20;

/// What was told of a run.
#[derive(Default)]
struct Told {
    last_seq: u64,
    held: bool,
    over: bool,
    broken: bool,
}

impl Effects {
    pub(super) async fn watch(&self) {
        let Some(journal) = self.opened().await else {
            return;
        };
        let mut told = BTreeMap::new();
        let mut failing = false;
        let mut first = true;
        for look in 0_u32.. {
            match self
                .look(&journal, &mut told, look.is_multiple_of(SELDOM))
                .await
            {
                Ok(()) if first || failing => {
                    (first, failing) = (false, false);
                    self.tell(Msg::JournalRead).await;
                }
                Ok(()) => {}
                Err(_error) if failing => {}
                Err(error) => {
                    failing = true;
                    self.tell(Msg::NoJournal(error.into())).await;
                }
            }
            if self.out.is_closed() {
                return;
            }
            Clock::real().sleep(PAUSE).await;
        }
    }

    /// Opens the journal, however often that takes; `None` where nobody waits for it any more.
    async fn opened(&self) -> Option<Arc<dyn Journal>> {
        let mut told = None;
        loop {
            match self.journal().await {
                Ok(journal) => return Some(journal),
                Err(report) if told.as_ref() == Some(&report) => {}
                Err(report) => {
                    told = Some(report.clone());
                    self.tell(Msg::NoJournal(report)).await;
                }
            }
            if self.out.is_closed() {
                return None;
            }
            Clock::real().sleep(AGAIN).await;
        }
    }

    async fn look(
        &self,
        journal: &Arc<dyn Journal>,
        told: &mut BTreeMap<RunId, Told>,
        thorough: bool,
    ) -> Result<(), JournalError> {
        for run in journal.runs().await? {
            let known = told.entry(run.clone()).or_default();
            if known.broken || (known.over && !thorough) {
                continue;
            }
            match journal.read(&run, known.last_seq).await {
                Ok(events) => self.tell_events(&run, events, known).await,
                Err(JournalError::Broken { .. }) => self.tell_broken(journal, &run, known).await?,
                Err(error) => return Err(error),
            }
            let held = !known.over && journal.is_held(&run).await?;
            if held != known.held {
                known.held = held;
                self.tell(Msg::RunHeld { run, held }).await;
            }
        }
        Ok(())
    }

    async fn tell_events(&self, run: &RunId, events: Vec<RunEvent>, known: &mut Told) {
        let Some(last) = events.last() else { return };
        known.last_seq = last.seq;
        known.over = matches!(last.body, EventBody::Done | EventBody::RolledBack);
        self.tell(Msg::RunEvents {
            run: run.clone(),
            events,
        })
        .await;
    }

    async fn tell_broken(
        &self,
        journal: &Arc<dyn Journal>,
        run: &RunId,
        known: &mut Told,
    ) -> Result<(), JournalError> {
        known.broken = true;
        let events = journal.read_intact(run).await?;
        let intact = events.last().map_or(0, |last| last.seq);
        self.tell_events(run, events, known).await;
        let error = JournalError::Broken {
            run: run.clone(),
            intact,
        };
        let report = Report::from(error);
        self.tell(Msg::RunBroken {
            run: run.clone(),
            report,
        })
        .await;
        Ok(())
    }
}
