//! The journal of one machine: an `SQLite` database that only grows, in a directory of its own.
//!
//! One connection behind a lock, and calls that run where they are made: a commit takes some
//! milliseconds, and the runner, who alone appends much, has nothing to do before it is durable.
//! Other processes read meanwhile. A run whose record was damaged goes on in a database of its own.

mod aside;
mod ballast;
mod book;
mod continuation;
mod failure;
pub(super) mod files;
mod marks;
mod network;
mod opening;
mod pragmas;
mod schema;
mod store;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Connection;

use self::ballast::Ballast;
use self::book::Book;
use self::store::Store;
use super::damage::{Damage, Evidence};
use super::lease::Leases;
use super::{Journal, JournalError, Lease};
use crate::clock::Clock;
use crate::domain::ids::RunId;
use crate::domain::run::{Command, EventBody, Operator, RunEvent, RunState};

/// Opening makes and closes files, which drops the locks of a connection that another thread opened
/// to the same file meanwhile.
static OPENING: Mutex<()> = Mutex::new(());

/// A journal in an `SQLite` database.
#[derive(Debug)]
pub struct SqliteJournal {
    main: Mutex<Book>,
    /// Continuations that were opened.
    continued: Mutex<HashMap<PathBuf, Book>>,
    leases: Leases,
    home: Option<Home>,
}

#[derive(Debug)]
struct Home {
    path: PathBuf,
    ballast: Ballast,
    /// Whether it was opened only to look at it.
    looks: bool,
}

/// Why nothing is written to a database.
#[derive(Debug)]
enum Refusal {
    Newer { found: u32 },
    OtherTables,
    OnlyLooked,
    Damaged,
}

/// How often a file of the journal is looked for that was there a moment before, and how long apart.
const LOOKS: u32 = 50;
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

impl SqliteJournal {
    /// Opens the journal of a directory; makes both if they are missing.
    ///
    /// A journal of a newer defib, or one whose file or tables are damaged, can be read but not written.
    ///
    /// # Errors
    /// [`JournalError::Unsafe`] where directory or files cannot be trusted, and those of the storage.
    pub fn open(directory: &Path) -> Result<Self, JournalError> {
        Self::open_with(directory, opening::PATIENCE)
    }

    fn open_with(directory: &Path, patience: Duration) -> Result<Self, JournalError> {
        let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        let path = files::provide_home(directory)?;
        let locks = path.join("locks");
        files::provide_directory(&locks)?;
        let ballast = Ballast::of(&path);
        let main = ballast.spend(|| Book::provide(&path, patience))?;
        ballast.lay_in()?;
        Ok(Self {
            main: Mutex::new(main),
            continued: Mutex::default(),
            leases: Leases::Files(locks),
            home: Some(Home {
                path,
                ballast,
                looks: false,
            }),
        })
    }

    /// Opens the journal of a directory for looking at it, without making or changing anything; `None`
    /// where there is none yet. A newer one can be opened too, see [`SqliteJournal::writable`].
    ///
    /// # Errors
    /// As [`SqliteJournal::open`], and [`JournalError::Unsafe`] for tables that are not a journal's.
    pub async fn look(directory: &Path) -> Result<Option<Self>, JournalError> {
        for _try in 1..LOOKS {
            match Self::look_once(directory) {
                // The last writer takes the log along when it leaves, and that may be just now.
                Err(error) if failure::is_not_there(&error) => {
                    Clock::real().sleep(BETWEEN_LOOKS).await;
                }
                outcome => return outcome,
            }
        }
        Self::look_once(directory)
    }

    fn look_once(directory: &Path) -> Result<Option<Self>, JournalError> {
        let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(found) = files::examine(directory)? else {
            return Ok(None);
        };
        let main = Book::look(&found.home, &found)?;
        Ok(Some(Self {
            main: Mutex::new(main),
            continued: Mutex::default(),
            leases: Leases::Files(found.home.join("locks")),
            home: Some(Home {
                ballast: Ballast::of(&found.home),
                path: found.home,
                looks: true,
            }),
        }))
    }

    /// Tells whether the main database lists its runs: where it does not, there may be more than are told of.
    ///
    /// # Errors
    /// Why it does not.
    pub fn all_listed(&self) -> Result<(), JournalError> {
        self.main().runs().map(drop)
    }

    /// Returns the version of the journal's tables.
    #[must_use]
    pub fn version(&self) -> u32 {
        match self.main().refusal {
            Some(Refusal::Newer { found }) => found,
            Some(Refusal::OtherTables | Refusal::OnlyLooked | Refusal::Damaged) | None => {
                schema::known()
            }
        }
    }

    /// Tells what would keep [`SqliteJournal::open`] from writing to what was only looked at.
    ///
    /// # Errors
    /// [`JournalError::Newer`] and [`JournalError::Unsafe`].
    pub fn could_be_written(&self) -> Result<(), JournalError> {
        let main = self.main();
        match main.refusal {
            Some(Refusal::OnlyLooked) => Ok(()),
            Some(Refusal::Newer { .. } | Refusal::OtherTables | Refusal::Damaged) | None => {
                main.writable()
            }
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
            main: Mutex::new(Book::in_memory(Store::new(connection, None))),
            continued: Mutex::default(),
            leases: Leases::Memory(Arc::new(Mutex::new(HashSet::new()))),
            home: None,
        })
    }

    /// Reads the events of a run up to the first that does not fit its chain.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRun`] and those of the storage.
    pub fn read_intact(&self, run: &RunId) -> Result<Vec<RunEvent>, JournalError> {
        self.of_run(run, |book| book.store.read_intact(run))
    }

    fn main(&self) -> MutexGuard<'_, Book> {
        // A panic in between left at most a transaction, which was rolled back.
        self.main.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether this journal takes new runs.
    ///
    /// # Errors
    /// [`JournalError::Newer`] and [`JournalError::Unsafe`] for a journal that is only read.
    pub fn writable(&self) -> Result<(), JournalError> {
        self.main().writable()
    }

    /// Does something with the database that counts for a run: its last continuation, or the main one.
    fn of_run<T>(
        &self,
        run: &RunId,
        act: impl FnOnce(&mut Book) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let Some(home) = &self.home else {
            return act(&mut self.main());
        };
        let number = continuation::last(&home.path, run)?;
        if number == 0 {
            return act(&mut self.main());
        }
        let file = continuation::file(&home.path, run, number);
        let mut continued = self
            .continued
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(book) = continued.get_mut(&file) {
            return act(book);
        }
        let mut book = home.open_continuation(&file)?;
        let outcome = act(&mut book);
        continued.insert(file, book);
        outcome
    }

    /// Writes to a run, with the ballast's room if need be.
    fn write<T>(
        &self,
        run: &RunId,
        mut write: impl FnMut(&mut Store) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        self.of_run(run, |book| {
            let mut attempt = || book.write(run, &mut write);
            match &self.home {
                Some(home) => home.ballast.spend(attempt),
                None => attempt(),
            }
        })
    }

    /// Makes the next continuation of a run that is damaged.
    fn continue_damaged(
        &self,
        home: &Home,
        run: &RunId,
        by: &Operator,
        at: Timestamp,
    ) -> Result<(), JournalError> {
        let Some((stored, last)) = self.of_run(run, |book| salvaged(book, run, by, at))? else {
            return Ok(());
        };
        let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        let number = continuation::last(&home.path, run)? + 1;
        home.ballast
            .spend(|| continuation::make(&home.path, run, number, &stored, &last))
    }
}

/// What a continuation begins with: the stored events, and the one that says what was lost.
type Beginning = (Vec<Vec<u8>>, RunEvent);

/// Returns what the continuation of a damaged run begins with; `None` for one that is not damaged.
fn salvaged(
    book: &mut Book,
    run: &RunId,
    by: &Operator,
    at: Timestamp,
) -> Result<Option<Beginning>, JournalError> {
    let Some(damage) = book.damage(run)? else {
        return Ok(None);
    };
    let sha256 = book.digest(&damage)?;
    let (stored, events) = book.prefix(run)?;
    let intact = u64::try_from(events.len()).unwrap_or(u64::MAX);
    // Without its plan there is nothing to go on with.
    let (Some(_plan), Some(before)) = (RunState::fold(&events), events.last()) else {
        return Err(JournalError::NoSuchRun(run.to_string()));
    };
    let last = RunEvent {
        run: run.clone(),
        seq: before.seq + 1,
        at: at.max(before.at),
        step: None,
        body: EventBody::Salvaged {
            by: by.clone(),
            intact,
            written: damage.written.filter(|written| *written >= intact),
            copy: match damage.evidence {
                Evidence::Copied(copy) => copy,
                Evidence::InPlace | Evidence::Uncopied(_) => {
                    return Err(JournalError::NoSalvage(run.clone()));
                }
            },
            sha256,
        },
    };
    Ok(Some((stored, last)))
}

impl Home {
    fn open_continuation(&self, file: &Path) -> Result<Book, JournalError> {
        let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.looks {
            return Book::existing(&self.path, file.to_owned(), opening::PATIENCE);
        }
        let found = files::Examined {
            home: self.path.clone(),
            path: file.to_owned(),
            log: files::is_there(&aside::beside(file, "-wal"))?,
        };
        Book::look(&self.path, &found)
    }
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn append(&self, event: &RunEvent) -> Result<(), JournalError> {
        self.write(&event.run, |store| store.append(event))
    }

    async fn read(&self, run: &RunId, after: u64) -> Result<Vec<RunEvent>, JournalError> {
        self.of_run(run, |book| book.read(|store| store.read(run, after)))
    }

    async fn read_intact(&self, run: &RunId) -> Result<Vec<RunEvent>, JournalError> {
        Self::read_intact(self, run)
    }

    async fn damage(&self, run: &RunId) -> Result<Option<Damage>, JournalError> {
        self.of_run(run, |book| book.damage(run))
    }

    async fn salvage(&self, run: &RunId, by: &Operator, at: Timestamp) -> Result<(), JournalError> {
        match &self.home {
            Some(home) if !home.looks => self.continue_damaged(home, run, by, at),
            Some(_) | None => Err(JournalError::NoSalvage(run.clone())),
        }
    }

    async fn command(&self, run: &RunId, command: &Command) -> Result<u64, JournalError> {
        self.write(run, |store| store.command(run, command))
    }

    async fn commands(&self, run: &RunId, after: u64) -> Result<Vec<(u64, Command)>, JournalError> {
        self.of_run(run, |book| book.store.commands(run, after))
    }

    async fn runs(&self) -> Result<Vec<RunId>, JournalError> {
        let Some(home) = &self.home else {
            return self.main().runs();
        };
        let continued = continuation::all(&home.path)?.into_iter();
        let continued: Vec<RunId> = continued.map(|(run, _number)| run).collect();
        // A run that was salvaged counts, whatever has become of the main database since.
        let mut runs = match self.main().runs() {
            Err(_told_by_all_listed) if !continued.is_empty() => Vec::new(),
            listed => listed?,
        };
        let new = continued.into_iter().filter(|run| !runs.contains(run));
        let new: Vec<RunId> = new.collect();
        runs.extend(new);
        Ok(runs)
    }

    async fn lease(&self, run: &RunId) -> Result<Option<Lease>, JournalError> {
        self.leases.take(run).await
    }

    async fn is_held(&self, run: &RunId) -> Result<bool, JournalError> {
        self.leases.is_held(run)
    }
}
