//! One connection: appends at the end of a verified chain, and reads what was verified.
//!
//! Each append is one transaction that starts by taking the right to write, so what it builds upon
//! cannot change under it. Nothing here knows files, leases or versions.

use std::collections::HashMap;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::failure;
use super::walk::{self, Walk};
use crate::domain::ids::RunId;
use crate::domain::run::{Command, RunEvent};
use crate::journal::JournalError;
use crate::journal::chain::Tip;

/// A connection, with the end of each chain that it has verified.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    verified: HashMap<RunId, Tip>,
}

impl Store {
    pub fn new(connection: Connection) -> Self {
        Self {
            connection,
            verified: HashMap::new(),
        }
    }

    /// Appends an event at the end of its run's verified chain.
    pub fn append(&mut self, event: &RunEvent) -> Result<(), JournalError> {
        let text = json(event)?;
        let transaction = begin(&mut self.connection)?;
        let tip = tip(&transaction, &event.run, self.verified.get(&event.run))?;
        if tip.position.checked_add(1) != Some(event.seq) {
            return Err(JournalError::Taken {
                run: event.run.clone(),
                seq: event.seq,
            });
        }
        let next = tip.next(text.as_bytes());
        write_event(&transaction, &event.run, &tip, &next, &text)
            .and_then(|()| transaction.commit())
            .map_err(failure::of)?;
        self.verified.insert(event.run.clone(), next);
        Ok(())
    }

    /// Reads the events of a run after a position.
    pub fn read(&mut self, run: &RunId, after: u64) -> Result<Vec<RunEvent>, JournalError> {
        let walk = self.walk_events(run)?;
        if !walk.whole {
            return Err(walk.broken(run));
        }
        decode(&walk, after)
    }

    /// Reads the events of a run up to the first that does not fit.
    pub fn read_intact(&mut self, run: &RunId) -> Result<Vec<RunEvent>, JournalError> {
        decode(&self.walk_events(run)?, 0)
    }

    /// Appends a command to a run with a valid chain.
    pub fn command(&mut self, run: &RunId, command: &Command) -> Result<u64, JournalError> {
        let text = json(command)?;
        let transaction = begin(&mut self.connection)?;
        if tip(&transaction, run, self.verified.get(run))?.position == 0 {
            return Err(no_such(run));
        }
        let last = walk::commands(&transaction, run)?.tip;
        let next = last.next(text.as_bytes());
        transaction
            .execute(
                "INSERT INTO commands (run, number, previous, hash, command) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    run.as_str(),
                    signed(next.position),
                    last.link.as_bytes(),
                    next.link.as_bytes(),
                    text
                ],
            )
            .and_then(|_rows| transaction.commit())
            .map_err(failure::of)?;
        Ok(next.position)
    }

    /// Reads the commands of a run after a number.
    pub fn commands(&self, run: &RunId, after: u64) -> Result<Vec<(u64, Command)>, JournalError> {
        let walk = walk::commands(&self.connection, run)?;
        (1..)
            .zip(&walk.entries)
            .skip_while(|(number, _)| *number <= after)
            .map(|(number, text)| Ok((number, parsed(text)?)))
            .collect()
    }

    /// Lists the runs in the order in which they were made.
    pub fn runs(&self) -> Result<Vec<RunId>, JournalError> {
        let read = || -> rusqlite::Result<Vec<RunId>> {
            self.connection
                .prepare("SELECT run FROM runs ORDER BY number")?
                .query_map([], |row| row.get::<_, String>(0).map(RunId::new))?
                .collect()
        };
        read().map_err(failure::of)
    }

    /// Returns the connection, for tests that look at its settings or limit its room.
    #[cfg(test)]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Does something while no other process writes, if that can be had.
    pub fn held_still<T>(&mut self, act: impl FnOnce() -> T) -> T {
        let _still = begin(&mut self.connection);
        act()
    }

    fn walk_events(&mut self, run: &RunId) -> Result<Walk, JournalError> {
        // One snapshot, or an event appended in between would look like damage.
        let transaction = self.connection.transaction().map_err(failure::of)?;
        walk::events(&transaction, run)?.ok_or_else(|| no_such(run))
    }
}

fn begin(connection: &mut Connection) -> Result<Transaction<'_>, JournalError> {
    connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failure::of)
}

fn write_event(
    transaction: &Transaction<'_>,
    run: &RunId,
    tip: &Tip,
    next: &Tip,
    text: &str,
) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO runs (run, seq, hash) VALUES (?1, ?2, ?3)
         ON CONFLICT (run) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
        params![run.as_str(), signed(next.position), next.link.as_bytes()],
    )?;
    transaction.execute(
        "INSERT INTO events (run, seq, previous, hash, event) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            run.as_str(),
            signed(next.position),
            tip.link.as_bytes(),
            next.link.as_bytes(),
            text
        ],
    )?;
    Ok(())
}

/// Returns the end of a run's events. What was verified before is only compared with what the
/// storage says the end is; anything else is walked from the start.
fn tip(
    transaction: &Transaction<'_>,
    run: &RunId,
    verified: Option<&Tip>,
) -> Result<Tip, JournalError> {
    if let Some(tip) = verified {
        let last = walk::last_event(transaction, run)?;
        if walk::head(transaction, run)?.is(tip) && last.is(tip) {
            return Ok(*tip);
        }
    }
    match walk::events(transaction, run)? {
        None => Ok(Tip::origin("events", run)),
        Some(walk) if walk.whole => Ok(walk.tip),
        Some(walk) => Err(walk.broken(run)),
    }
}

fn decode(walk: &Walk, after: u64) -> Result<Vec<RunEvent>, JournalError> {
    let skipped = usize::try_from(after).unwrap_or(usize::MAX);
    let texts = walk.entries.iter().skip(skipped);
    texts.map(|text| parsed(text)).collect()
}

fn parsed<T: serde::de::DeserializeOwned>(text: &[u8]) -> Result<T, JournalError> {
    serde_json::from_slice(text).map_err(|error| JournalError::Storage(Box::new(error)))
}

fn json(entry: &impl serde::Serialize) -> Result<String, JournalError> {
    serde_json::to_string(entry).map_err(|error| JournalError::Storage(Box::new(error)))
}

fn no_such(run: &RunId) -> JournalError {
    JournalError::NoSuchRun(run.to_string())
}

fn signed(position: u64) -> i64 {
    i64::try_from(position).expect("a position was counted up from 1")
}
