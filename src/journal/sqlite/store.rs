//! One connection: appends at the end of a verified chain, and reads what was verified.
//!
//! Each append is one transaction that starts by taking the right to write, so what it builds upon
//! cannot change under it. Nothing here knows files, leases or versions.

use std::collections::HashMap;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::marks::Marks;
use super::walk::{self, Walk};
use super::{failure, pragmas, schema};
use crate::domain::ids::RunId;
use crate::domain::run::{Command, RunEvent};
use crate::journal::JournalError;
use crate::journal::chain::Tip;

/// A connection, with the end of each chain that it has verified.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    marks: Option<Marks>,
    verified: HashMap<RunId, Tip>,
}

impl Store {
    pub fn new(connection: Connection, marks: Option<Marks>) -> Self {
        Self {
            connection,
            marks,
            verified: HashMap::new(),
        }
    }

    /// Appends an event at the end of its run's verified chain.
    pub fn append(&mut self, event: &RunEvent) -> Result<(), JournalError> {
        let text = json(event)?;
        let marked = self.marked(&event.run);
        let transaction = begin(&mut self.connection)?;
        let tip = tip(
            &transaction,
            &event.run,
            self.verified.get(&event.run),
            marked,
        )?;
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
        if let Some(marks) = &self.marks {
            marks.set(&event.run, event.seq);
        }
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

    /// Tells how far a run's events are valid.
    ///
    /// # Errors
    /// [`JournalError::Broken`] where they are not whole, or where its commands are not: a runner could
    /// not tell then what it was asked.
    pub fn extent(&mut self, run: &RunId) -> Result<u64, JournalError> {
        let walk = self.walk_events(run)?;
        let obeyed = walk::commands(&self.connection, run);
        let intact = walk.tip.position;
        match obeyed {
            Ok(_commands) if walk.whole => Ok(intact),
            Err(JournalError::Storage(_)) if walk.whole => Err(Walk {
                written: Some(intact),
                ..walk
            }
            .broken(run)),
            Ok(_) | Err(JournalError::Storage(_)) => Err(walk.broken(run)),
            Err(error) => Err(error),
        }
    }

    /// Returns the longest valid prefix of a run's events, as they are stored and as they are meant.
    pub fn prefix(&mut self, run: &RunId) -> Result<(Vec<Vec<u8>>, Vec<RunEvent>), JournalError> {
        let walk = self.walk_events(run)?;
        let events = decode(&walk, 0)?;
        Ok((walk.entries, events))
    }

    /// Appends a command to a run with a valid chain.
    pub fn command(&mut self, run: &RunId, command: &Command) -> Result<u64, JournalError> {
        let text = json(command)?;
        let marked = self.marked(run);
        let transaction = begin(&mut self.connection)?;
        if tip(&transaction, run, self.verified.get(run), marked)?.position == 0 {
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

    /// Lists the runs in the order in which they were made, as far as they can be read.
    pub fn runs(&self) -> Result<Vec<RunId>, JournalError> {
        let mut runs = walk::runs(&self.connection)?;
        // A run of which nothing else is left was there all the same.
        for run in self.marks.iter().flat_map(Marks::runs) {
            if !runs.contains(&run) {
                runs.push(run);
            }
        }
        Ok(runs)
    }

    /// Tells whether the file is sound.
    pub fn is_sound(&self) -> Result<bool, JournalError> {
        schema::is_sound(&self.connection)
    }

    /// Reads what can be read of damaged pages: each entry is held against its chain all the same.
    pub fn read_leniently(&self) -> Result<(), JournalError> {
        pragmas::set_leniently(&self.connection)
    }

    /// Leaves the log as it is when the connection is closed: it is evidence now.
    pub fn leave_log(&self) -> Result<(), JournalError> {
        pragmas::leave_log(&self.connection)
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
        // Before the snapshot, and one snapshot, or an event appended in between would look like damage.
        let marked = self.marked(run);
        let transaction = self.connection.transaction().map_err(failure::of)?;
        let walk = walk::events(&transaction, run, marked)?;
        walk.ok_or_else(|| no_such(run))
    }

    fn marked(&self, run: &RunId) -> u64 {
        self.marks.as_ref().map_or(0, |marks| marks.at(run))
    }
}

/// Writes the events of one run into an empty journal, as they were stored elsewhere, and one more.
///
/// # Errors
/// Those of the storage; then nothing was written.
pub fn carry_over(
    connection: &mut Connection,
    run: &RunId,
    stored: &[Vec<u8>],
    last: &RunEvent,
) -> Result<(), JournalError> {
    let transaction = begin(connection)?;
    let last = json(last)?.into_bytes();
    let mut tip = Tip::origin("events", run);
    for entry in stored.iter().chain([&last]) {
        let text =
            std::str::from_utf8(entry).map_err(|error| JournalError::Storage(Box::new(error)))?;
        let next = tip.next(entry);
        write_event(&transaction, run, &tip, &next, text).map_err(failure::of)?;
        tip = next;
    }
    transaction.commit().map_err(failure::of)
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
    marked: u64,
) -> Result<Tip, JournalError> {
    if let Some(tip) = verified {
        let last = walk::last_event(transaction, run)?;
        if walk::head(transaction, run)?.is(tip) && last.is(tip) {
            return Ok(*tip);
        }
    }
    match walk::events(transaction, run, marked)? {
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
