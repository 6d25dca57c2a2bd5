//! One database file with what is known of its soundness: reads, appends, and damage kept as evidence.
//!
//! A file that is not sound is only read, however whole a run in it looks: what is written next may land
//! on a page that counts as free by mistake.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::marks::Marks;
use super::store::Store;
use super::{Refusal, aside, failure, files, opening, schema};
use crate::domain::ids::RunId;
use crate::domain::run::RunEvent;
use crate::journal::JournalError;
use crate::journal::damage::Damage;

/// A database.
#[derive(Debug)]
pub struct Book {
    pub store: Store,
    pub refusal: Option<Refusal>,
    place: Option<Place>,
}

/// Where a database is.
#[derive(Clone, Debug)]
struct Place {
    home: PathBuf,
    file: PathBuf,
    /// Whether nothing may be made here, copies neither.
    looks: bool,
}

impl Book {
    /// Wraps a database without a file.
    pub fn in_memory(store: Store) -> Self {
        Self {
            store,
            refusal: None,
            place: None,
        }
    }

    /// Opens the main database of a directory, making it if it is missing.
    ///
    /// # Errors
    /// Those of the storage and of the files.
    pub fn provide(home: &Path, patience: Duration) -> Result<Self, JournalError> {
        let file = home.join(files::DATABASE);
        let opened = opening::provide(home, patience);
        Self::opened(home, file, opened)
    }

    /// Opens a database that is there.
    ///
    /// # Errors
    /// Those of the storage and of the files.
    pub fn existing(home: &Path, file: PathBuf, patience: Duration) -> Result<Self, JournalError> {
        files::check_database(&file)?;
        let opened = opening::existing(home, &file, patience);
        Self::opened(home, file, opened)
    }

    fn opened(
        home: &Path,
        file: PathBuf,
        opened: Result<opening::Opened, JournalError>,
    ) -> Result<Self, JournalError> {
        let place = Place {
            home: home.to_owned(),
            file,
            looks: false,
        };
        let (connection, refusal) = match opened {
            Err(error) if failure::may_be_damage(&error) => {
                // The damage matters more than a copy that fails; the next reader tries again.
                let _kept = place.keep_file();
                return Err(error);
            }
            opened => opened?,
        };
        let marks = Marks::of(home, &place.file, true)?;
        let mut book = Self {
            store: Store::new(connection, Some(marks)),
            refusal,
            place: Some(place),
        };
        if book.refusal.is_some() || aside::any(home) {
            book.assess()?;
        }
        Ok(book)
    }

    /// Opens a database for looking at it; nothing is made or changed.
    ///
    /// # Errors
    /// Those of the storage and of the files.
    pub fn look(home: &Path, found: &files::Examined) -> Result<Self, JournalError> {
        let (connection, refusal) = opening::look(found)?;
        let marks = Marks::of(home, &found.path, false)?;
        let mut book = Self {
            store: Store::new(connection, Some(marks)),
            refusal,
            place: Some(Place {
                home: home.to_owned(),
                file: found.path.clone(),
                looks: true,
            }),
        };
        book.assess()?;
        Ok(book)
    }

    /// Finds out whether the file is sound.
    fn assess(&mut self) -> Result<(), JournalError> {
        let other = matches!(
            self.refusal,
            Some(Refusal::Newer { .. } | Refusal::OtherTables | Refusal::Damaged)
        );
        if !other && !self.store.is_sound()? {
            self.refusal = Some(Refusal::Damaged);
        }
        if self.is_damaged() {
            self.store.read_leniently()?;
            if !self.looks() {
                self.store.leave_log()?;
            }
        }
        Ok(())
    }

    fn looks(&self) -> bool {
        self.place.as_ref().is_none_or(|place| place.looks)
    }

    /// Tells whether the file as a whole is damaged, so that no run in it takes anything more.
    pub fn is_damaged(&self) -> bool {
        matches!(self.refusal, Some(Refusal::Damaged | Refusal::OtherTables))
    }

    /// Tells whether it takes new entries.
    ///
    /// # Errors
    /// Says why not.
    pub fn writable(&self) -> Result<(), JournalError> {
        let why = match self.refusal {
            None => return Ok(()),
            Some(Refusal::Newer { found }) => {
                return Err(JournalError::Newer {
                    found,
                    known: schema::known(),
                });
            }
            Some(Refusal::OnlyLooked) => "was opened only to look at it",
            Some(Refusal::OtherTables) => {
                "has other tables than a journal of this version; it is only read"
            }
            Some(Refusal::Damaged) => "is damaged; it is only read",
        };
        let file = self.place.as_ref().map(|place| place.file.clone());
        Err(files::distrust(&file.unwrap_or_default(), why))
    }

    /// Does something with the store; damage that comes to light is completed by what is known of the
    /// file, and the files are copied aside.
    ///
    /// # Errors
    /// Those of what is done.
    pub fn read<T>(
        &mut self,
        act: impl FnOnce(&mut Store) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        match act(&mut self.store) {
            Err(JournalError::Broken(damage)) => {
                self.assess()?;
                let damage = self.longest(damage);
                Err(JournalError::Broken(self.kept(damage)))
            }
            outcome => outcome,
        }
    }

    /// Looks once more how far a run is valid: a file that is known to be damaged is read less strictly,
    /// since the chain alone decides what counts.
    fn longest(&mut self, first: Damage) -> Damage {
        match self.store.extent(&first.run) {
            Err(JournalError::Broken(again)) if again.intact >= first.intact => again,
            Ok(intact) => Damage {
                intact,
                written: Some(intact),
                ..first
            },
            Err(_) => first,
        }
    }

    /// Writes to a run, if the file takes anything.
    ///
    /// # Errors
    /// [`JournalError::Broken`] where the file is damaged and the run is in it.
    pub fn write<T>(
        &mut self,
        run: &RunId,
        act: impl FnOnce(&mut Store) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        if let Err(error) = self.writable() {
            return match self.damage(run) {
                Ok(Some(damage)) if !self.looks() => Err(JournalError::Broken(damage)),
                Ok(_) | Err(_) => Err(error),
            };
        }
        self.read(act)
    }

    /// Returns the damage to a run, with its copy.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn damage(&mut self, run: &RunId) -> Result<Option<Damage>, JournalError> {
        match self.read(|store| store.extent(run)) {
            Ok(intact) if self.is_damaged() => Ok(Some(self.kept(Damage {
                run: run.clone(),
                intact,
                written: Some(intact),
                file: true,
                copy: None,
            }))),
            Ok(_) => Ok(None),
            Err(JournalError::Broken(damage)) => Ok(Some(damage)),
            Err(error) => Err(error),
        }
    }

    /// Returns what a continuation is made from: the stored prefix of a run, and its events.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn prefix(&mut self, run: &RunId) -> Result<(Vec<Vec<u8>>, Vec<RunEvent>), JournalError> {
        self.store.prefix(run)
    }

    /// Returns the SHA-256 of the copy of a damage.
    ///
    /// # Errors
    /// [`JournalError::NoSalvage`] where there is none.
    pub fn digest(&self, damage: &Damage) -> Result<String, JournalError> {
        match (&self.place, &damage.copy) {
            (Some(place), Some(copy)) => aside::digest(Path::new(copy), &place.file),
            (None, _) | (_, None) => Err(JournalError::NoSalvage(damage.run.clone())),
        }
    }

    /// Completes what is known of a damage, and sees to its copy.
    fn kept(&mut self, mut damage: Damage) -> Damage {
        damage.file = self.is_damaged();
        let Some(place) = self.place.clone() else {
            return damage;
        };
        let label = if damage.written == Some(damage.intact) && damage.file {
            aside::label_of_file(&place.file)
        } else {
            aside::label(&place.file, &damage.run, damage.event())
        };
        // The damage matters more than a copy that fails; the next reader tries again.
        let copy = label.ok().and_then(|label| {
            let anew = || aside::copy(&place.home, &place.file, &label).ok();
            match aside::find(&place.home, &label) {
                None if !place.looks => self.store.held_still(anew),
                found => found,
            }
        });
        damage.copy = copy.map(|copy| copy.to_string_lossy().into_owned());
        damage
    }
}

impl Place {
    fn keep_file(&self) -> Result<PathBuf, JournalError> {
        let label = aside::label_of_file(&self.file)?;
        aside::copy(&self.home, &self.file, &label)
    }
}
