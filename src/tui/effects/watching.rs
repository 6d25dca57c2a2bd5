//! Watches the journal and tells what is new in it. It only reads; a journal that cannot be opened or read
//! is told once, and tried again for as long as the console is there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::domain::ids::RunId;
use crate::domain::run::{EventBody, RunEvent};
use crate::journal::damage::Damage;
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

/// Tells whether an event says that a damaged run goes on.
fn is_salvage(event: &RunEvent) -> bool {
    matches!(event.body, EventBody::Salvaged { .. })
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
            if (known.broken || known.over) && !thorough {
                continue;
            }
            // A run whose record looks whole may stand in a file that takes nothing more.
            let damage = match known.last_seq {
                0 => journal.damage(&run).await?,
                _known => None,
            };
            match (damage, journal.read(&run, known.last_seq).await) {
                (Some(damage), _) | (None, Err(JournalError::Broken(damage))) => {
                    self.tell_broken(journal, damage, known).await?;
                }
                (None, Ok(events)) => {
                    let cut = thorough && events.is_empty() && known.last_seq > 0;
                    // What was told last is gone where somebody else has it go on from before that.
                    let cut = cut && journal.read(&run, known.last_seq - 1).await?.is_empty();
                    let events = if cut || events.iter().any(is_salvage) {
                        known.broken = false;
                        journal.read(&run, 0).await?
                    } else {
                        events
                    };
                    self.tell_events(&run, events, known).await;
                }
                (None, Err(error)) => return Err(error),
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
        damage: Damage,
        known: &mut Told,
    ) -> Result<(), JournalError> {
        if known.broken {
            return Ok(());
        }
        known.broken = true;
        let run = damage.run.clone();
        let events = journal.read_intact(&run).await?;
        self.tell_events(&run, events, known).await;
        let report = Report::from(JournalError::Broken(damage));
        self.tell(Msg::RunBroken { run, report }).await;
        Ok(())
    }
}
