//! The journal of one machine: an `SQLite` database that only grows, in a directory of its own.
//!
//! One connection behind a lock, and calls that run where they are made: a commit takes some
//! milliseconds, and the runner, who alone appends much, has nothing to do before it is durable.
//! Other processes read meanwhile.

mod ballast;
mod failure;
pub(super) mod files;
mod network;
mod pragmas;
mod schema;
mod store;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OpenFlags};

use self::ballast::Ballast;
use self::store::Store;
use super::lease::Leases;
use super::{Journal, JournalError, Lease};
use crate::domain::ids::RunId;
use crate::domain::run::{Command, RunEvent};

/// How long a call waits for another process's commit.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opening makes and closes files, which drops the locks of a connection that another thread opened
/// to the same file meanwhile.
static OPENING: Mutex<()> = Mutex::new(());

/// A journal in an `SQLite` database.
#[derive(Debug)]
pub struct SqliteJournal {
    store: Mutex<Store>,
    leases: Leases,
    home: Option<Home>,
    refusal: Option<Refusal>,
}

#[derive(Debug)]
struct Home {
    path: PathBuf,
    ballast: Ballast,
}

/// Why nothing is written to a journal.
#[derive(Debug)]
enum Refusal {
    Newer { found: u32 },
    OtherTables,
    OnlyLooked,
}

impl SqliteJournal {
    /// Opens the journal of a directory; makes both if they are missing.
    ///
    /// A journal of a newer defib, or one whose tables are damaged, can be read but not written.
    ///
    /// # Errors
    /// [`JournalError::Unsafe`] where directory or files cannot be trusted, and those of the storage.
    pub fn open(directory: &Path) -> Result<Self, JournalError> {
        Self::open_with(directory, PATIENCE)
    }

    fn open_with(directory: &Path, patience: Duration) -> Result<Self, JournalError> {
        let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        let path = files::provide_home(directory)?;
        let locks = path.join("locks");
        files::provide_directory(&locks)?;
        let ballast = Ballast::of(&path);
        let (connection, refusal) = ballast.spend(|| connect(&path, patience))?;
        ballast.lay_in()?;
        Ok(Self {
            store: Mutex::new(Store::new(connection)),
            leases: Leases::Files(locks),
            home: Some(Home { path, ballast }),
            refusal,
        })
    }

    /// Opens the journal of a directory for looking at it, without making or changing anything; `None`
    /// where there is none yet. A newer one can be opened too, see [`SqliteJournal::writable`].
    ///
    /// # Errors
    /// As [`SqliteJournal::open`], and [`JournalError::Unsafe`] for tables that are not a journal's.
    pub fn look(directory: &Path) -> Result<Option<Self>, JournalError> {
        let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(found) = files::examine(directory)? else {
            return Ok(None);
        };
        let connection = look_into(&found)?;
        let version = schema::version(&connection, &found.path)?;
        pragmas::set(&connection)?;
        let refusal = if version > known() {
            Refusal::Newer { found: version }
        } else if version == known() && !schema::is_intact(&connection)? {
            Refusal::OtherTables
        } else {
            Refusal::OnlyLooked
        };
        Ok(Some(Self {
            store: Mutex::new(Store::new(connection)),
            leases: Leases::Files(found.home.join("locks")),
            home: None,
            refusal: Some(refusal),
        }))
    }

    /// Returns the version of the journal's tables.
    #[must_use]
    pub fn version(&self) -> u32 {
        match self.refusal {
            Some(Refusal::Newer { found }) => found,
            Some(Refusal::OtherTables | Refusal::OnlyLooked) | None => known(),
        }
    }

    /// Tells what would keep [`SqliteJournal::open`] from writing to what was only looked at.
    ///
    /// # Errors
    /// [`JournalError::Newer`] and [`JournalError::Unsafe`].
    pub fn could_be_written(&self) -> Result<(), JournalError> {
        match self.refusal {
            Some(Refusal::OnlyLooked) => Ok(()),
            Some(Refusal::Newer { .. } | Refusal::OtherTables) | None => self.writable(),
        }
    }

    /// Makes a journal that lives as long as this value, for tests and the demo. Its leases hold
    /// among the users of this value.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn in_memory() -> Result<Self, JournalError> {
        let mut connection = Connection::open_in_memory().map_err(failure::of)?;
        pragmas::set(&connection)?;
        pragmas::read_back(&connection, "memory")?;
        schema::migrate(&mut connection, None, 0, schema::MIGRATIONS)?;
        Ok(Self {
            store: Mutex::new(Store::new(connection)),
            leases: Leases::Memory(Arc::new(Mutex::new(HashSet::new()))),
            home: None,
            refusal: None,
        })
    }

    /// Reads the events of a run up to the first that does not fit its chain.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRun`] and those of the storage.
    pub fn read_intact(&self, run: &RunId) -> Result<Vec<RunEvent>, JournalError> {
        self.store().read_intact(run)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        // A panic in between left at most a transaction, which was rolled back.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether this journal takes new entries.
    ///
    /// # Errors
    /// [`JournalError::Newer`] and [`JournalError::Unsafe`] for a journal that is only read.
    pub fn writable(&self) -> Result<(), JournalError> {
        match self.refusal {
            None => Ok(()),
            Some(Refusal::Newer { found }) => Err(newer(found)),
            Some(Refusal::OnlyLooked) => Err(files::distrust(
                Path::new(files::DATABASE),
                "was opened only to look at it",
            )),
            Some(Refusal::OtherTables) => {
                let path = self
                    .home
                    .as_ref()
                    .map(|home| home.path.join(files::DATABASE));
                Err(files::distrust(
                    &path.unwrap_or_default(),
                    "has other tables than a journal of this version; it is only read",
                ))
            }
        }
    }

    /// Writes, with the ballast's room if need be.
    fn write<T>(
        &self,
        mut write: impl FnMut(&mut Store) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        self.writable()?;
        let mut store = self.store();
        let mut attempt = || write(&mut store);
        let outcome = match &self.home {
            Some(home) => home.ballast.spend(attempt),
            None => attempt(),
        };
        self.keep_damaged(&mut store, outcome)
    }

    /// Copies the files aside when a run turns out to be damaged.
    fn keep_damaged<T>(
        &self,
        store: &mut Store,
        outcome: Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        if let (Err(JournalError::Broken { run, .. }), Some(home)) = (&outcome, &self.home) {
            // The damage matters more than a copy that fails; the next reader tries again.
            let _copied = store.held_still(|| files::copy_aside(&home.path, run));
        }
        outcome
    }
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn append(&self, event: &RunEvent) -> Result<(), JournalError> {
        self.write(|store| store.append(event))
    }

    async fn read(&self, run: &RunId, after: u64) -> Result<Vec<RunEvent>, JournalError> {
        let mut store = self.store();
        let outcome = store.read(run, after);
        self.keep_damaged(&mut store, outcome)
    }

    async fn read_intact(&self, run: &RunId) -> Result<Vec<RunEvent>, JournalError> {
        Self::read_intact(self, run)
    }

    async fn command(&self, run: &RunId, command: &Command) -> Result<u64, JournalError> {
        self.write(|store| store.command(run, command))
    }

    async fn commands(&self, run: &RunId, after: u64) -> Result<Vec<(u64, Command)>, JournalError> {
        self.store().commands(run, after)
    }

    async fn runs(&self) -> Result<Vec<RunId>, JournalError> {
        self.store().runs()
    }

    async fn lease(&self, run: &RunId) -> Result<Option<Lease>, JournalError> {
        self.leases.take(run).await
    }

    async fn is_held(&self, run: &RunId) -> Result<bool, JournalError> {
        self.leases.is_held(run)
    }
}

fn known() -> u32 {
    u32::try_from(schema::MIGRATIONS.len()).expect("there are few migrations")
}

fn newer(found: u32) -> JournalError {
    JournalError::Newer {
        found,
        known: known(),
    }
}

fn connect(home: &Path, patience: Duration) -> Result<(Connection, Option<Refusal>), JournalError> {
    let path = files::provide_database(home, |path| {
        let mut connection = open_file(path, OpenFlags::SQLITE_OPEN_READ_WRITE, patience)?;
        pragmas::set(&connection)?;
        schema::migrate(&mut connection, None, 0, schema::MIGRATIONS)?;
        // Before others can see it: two that change the mode at the same time refuse each other.
        pragmas::set_log(&connection)
    })?;
    let mut connection = open_file(&path, OpenFlags::SQLITE_OPEN_READ_WRITE, patience)?;
    let found = schema::version(&connection, &path)?;
    if found > known() {
        pragmas::leave_log(&connection)?;
        drop(connection);
        let connection = open_file(&path, OpenFlags::SQLITE_OPEN_READ_ONLY, patience)?;
        pragmas::set(&connection)?;
        return Ok((connection, Some(Refusal::Newer { found })));
    }
    pragmas::set(&connection)?;
    if found < known() {
        modernise(&mut connection, home, &path)?;
    }
    pragmas::set_log(&connection)?;
    pragmas::read_back(&connection, "wal")?;
    let refusal = (!schema::is_intact(&connection)?).then_some(Refusal::OtherTables);
    Ok((connection, refusal))
}

fn open_file(path: &Path, mode: OpenFlags, patience: Duration) -> Result<Connection, JournalError> {
    let flags = mode | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags);
    let connection = opened.map_err(|error| failure::of_file(path, error))?;
    connection.busy_timeout(patience).map_err(failure::of)?;
    Ok(connection)
}

/// Brings an older journal to the newest version, one process at a time.
fn modernise(connection: &mut Connection, home: &Path, path: &Path) -> Result<(), JournalError> {
    let _alone = files::alone(home)?;
    let found = schema::version(connection, path)?;
    if found >= known() {
        return Ok(());
    }
    schema::migrate(connection, Some(home), found, schema::MIGRATIONS)
}

/// Opens a database for reading only, with the index of its log left as it is. Without a log nobody
/// has written to it lately, and its file alone is read: an index would have to be made.
fn look_into(found: &files::Examined) -> Result<Connection, JournalError> {
    let name = found
        .path
        .to_str()
        .ok_or_else(|| files::distrust(&found.path, "is not UTF-8"))?;
    let mut address = String::from("file:");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address.push_str(if found.log {
        "?mode=ro&readonly_shm=1"
    } else {
        "?mode=ro&immutable=1"
    });
    let mode = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    open_file(Path::new(&address), mode, PATIENCE)
}
