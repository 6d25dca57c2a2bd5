//! Walking along a chain as it is stored, as far as it fits.
//!
//! A run's row repeats the end of its events, because a damaged page can lose the last entries
//! without any of the others looking wrong. Damage is a result here, never a failure.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};

use super::{failure, files};
use crate::domain::ids::RunId;
use crate::journal::JournalError;
use crate::journal::chain::{Stored, Tip};
use crate::journal::damage::{Damage, Evidence};

/// More events than any run has; an end further away is a damaged number.
const MOST_LOST: u64 = 1_000_000;

/// Commands of a run that are not what somebody appended. Nothing is obeyed that might be one.
#[derive(Debug, thiserror::Error)]
#[error("the commands of run {run} are damaged after number {intact}")]
struct DamagedCommands {
    run: RunId,
    intact: u64,
}

/// A chain as far as it is valid.
pub struct Walk {
    /// Bytes of the entries that fit, from position 1 on.
    pub entries: Vec<Vec<u8>>,
    /// Where they end.
    pub tip: Tip,
    /// Whether that is also the end of what was appended.
    pub whole: bool,
    /// Where the storage says the end is, if it tells and can be believed.
    pub written: Option<u64>,
}

/// What is stored as the end of a run's events.
pub enum Head {
    /// Nothing.
    None,
    /// Where it is.
    At { position: u64, link: Vec<u8> },
    /// It cannot be read.
    Damaged,
}

/// Walks the events of a run, of which `marked` were certainly written; `None` if there is no trace of it.
pub fn events(
    connection: &Connection,
    run: &RunId,
    marked: u64,
) -> Result<Option<Walk>, JournalError> {
    let mut walk = walk(
        connection,
        "SELECT seq, previous, hash, event FROM events WHERE run = ?1 ORDER BY seq",
        Tip::origin("events", run),
        run,
    )?;
    let head = head(connection, run)?;
    if matches!(head, Head::None) && walk.whole && walk.entries.is_empty() && marked == 0 {
        return Ok(None);
    }
    let intact = walk.tip.position;
    walk.whole &= head.is(&walk.tip) && marked <= intact;
    let ends = [head.position(), Some(marked)].into_iter().flatten();
    let most = intact.saturating_add(MOST_LOST);
    walk.written = ends
        .filter(|end| (intact.max(1)..=most).contains(end))
        .max();
    Ok(Some(walk))
}

/// Walks the commands of a run.
///
/// # Errors
/// Damage among them, too.
pub fn commands(connection: &Connection, run: &RunId) -> Result<Walk, JournalError> {
    let walk = walk(
        connection,
        "SELECT number, previous, hash, command FROM commands WHERE run = ?1 ORDER BY number",
        Tip::origin("commands", run),
        run,
    )?;
    if walk.whole {
        return Ok(walk);
    }
    Err(JournalError::Storage(Box::new(DamagedCommands {
        run: run.clone(),
        intact: walk.tip.position,
    })))
}

fn walk(
    connection: &Connection,
    select: &str,
    origin: Tip,
    run: &RunId,
) -> Result<Walk, JournalError> {
    let mut walk = Walk {
        entries: Vec::new(),
        tip: origin,
        whole: true,
        written: None,
    };
    match walk.along(connection, select, run) {
        Ok(()) => Ok(walk),
        Err(error) if failure::is_damage(&error) => {
            walk.whole = false;
            Ok(walk)
        }
        Err(error) => Err(failure::of(error)),
    }
}

impl Walk {
    /// Says that a run's events are damaged after those of this walk.
    pub fn broken(&self, run: &RunId) -> JournalError {
        JournalError::Broken(Damage {
            run: run.clone(),
            intact: self.tip.position,
            written: self.written,
            file: false,
            evidence: Evidence::InPlace,
        })
    }

    fn along(&mut self, connection: &Connection, sql: &str, run: &RunId) -> rusqlite::Result<()> {
        let mut select = connection.prepare(sql)?;
        let mut rows = select.query([run.as_str()])?;
        while let Some(row) = rows.next()? {
            let entry = stored(row)?;
            let Some((next, entry)) = entry.and_then(|it| Some((self.tip.follow(it)?, it))) else {
                self.whole = false;
                return Ok(());
            };
            self.entries.push(entry.bytes.to_vec());
            self.tip = next;
        }
        Ok(())
    }
}

/// Returns a row's entry, or `None` if it has not the types of one.
fn stored<'a>(row: &'a Row<'_>) -> rusqlite::Result<Option<Stored<'a>>> {
    let (position, previous) = (row.get_ref(0)?, row.get_ref(1)?);
    let (link, text) = (row.get_ref(2)?, row.get_ref(3)?);
    let entry = || {
        Some(Stored {
            position: position_of(position)?,
            previous: bytes_of(previous)?,
            link: bytes_of(link)?,
            bytes: bytes_of(text)?,
        })
    };
    Ok(entry())
}

fn position_of(value: ValueRef<'_>) -> Option<u64> {
    u64::try_from(value.as_i64().ok()?).ok()
}

fn bytes_of(value: ValueRef<'_>) -> Option<&[u8]> {
    value.as_bytes().ok()
}

/// Returns what a run's row says its end is.
pub fn head(connection: &Connection, run: &RunId) -> Result<Head, JournalError> {
    end(connection, "SELECT seq, hash FROM runs WHERE run = ?1", run)
}

/// Returns what a run's last event says its end is.
pub fn last_event(connection: &Connection, run: &RunId) -> Result<Head, JournalError> {
    end(
        connection,
        "SELECT seq, hash FROM events WHERE run = ?1 ORDER BY seq DESC LIMIT 1",
        run,
    )
}

fn end(connection: &Connection, select: &str, run: &RunId) -> Result<Head, JournalError> {
    let found = connection
        .query_row(select, [run.as_str()], |row| {
            let position = position_of(row.get_ref(0)?);
            let link = bytes_of(row.get_ref(1)?).map(<[u8]>::to_vec);
            Ok(position.zip(link))
        })
        .optional();
    match found {
        Ok(None) => Ok(Head::None),
        Ok(Some(Some((position, link)))) => Ok(Head::At { position, link }),
        Ok(Some(None)) => Ok(Head::Damaged),
        Err(error) if failure::is_damage(&error) => Ok(Head::Damaged),
        Err(error) => Err(failure::of(error)),
    }
}

impl Head {
    fn position(&self) -> Option<u64> {
        match self {
            Self::At { position, .. } => Some(*position),
            Self::None | Self::Damaged => None,
        }
    }

    /// Tells whether it is where a chain was found to end.
    pub fn is(&self, tip: &Tip) -> bool {
        match self {
            Self::At { position, link } => *position == tip.position && link == tip.link.as_bytes(),
            Self::None | Self::Damaged => false,
        }
    }
}

/// Lists the runs in the order in which they were made; after damage, those that can still be found.
///
/// # Errors
/// Damage only where no run can be found at all.
pub fn runs(connection: &Connection) -> Result<Vec<RunId>, JournalError> {
    let mut found = Vec::new();
    let rows = listed(
        connection,
        "SELECT run FROM runs ORDER BY number",
        &mut found,
    );
    // A run whose row is lost is still known by its events.
    let events = listed(connection, RUNS_OF_EVENTS, &mut found);
    match rows.and(events) {
        Err(error) if !failure::is_damage(&error) || found.is_empty() => Err(failure::of(error)),
        Ok(()) | Err(_) => Ok(found),
    }
}

/// Steps from run to run along the index, without reading every event.
const RUNS_OF_EVENTS: &str = "
WITH RECURSIVE known (run) AS (
    SELECT min(run) FROM events
    UNION ALL
    SELECT (SELECT min(run) FROM events WHERE run > known.run) FROM known WHERE known.run IS NOT NULL
)
SELECT run FROM known WHERE run IS NOT NULL";

fn listed(connection: &Connection, sql: &str, into: &mut Vec<RunId>) -> rusqlite::Result<()> {
    let mut select = connection.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let name = row.get_ref(0)?.as_str().ok().map(RunId::from);
        // What cannot be the name of a run is damage, and its events are found under their own.
        let run = name.filter(|run| files::safe_name(run).is_ok());
        into.extend(run.filter(|run| !into.contains(run)));
    }
    Ok(())
}
