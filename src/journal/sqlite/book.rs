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
use crate::domain::text::{shown, with_sources};
use crate::journal::JournalError;
use crate::journal::damage::{Damage, Evidence};

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
        let (connection, refusal) = opened.map_err(|error| place.beyond_reading(error))?;
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
        let place = Place {
            home: home.to_owned(),
            file: found.path.clone(),
            looks: true,
        };
        let opened = opening::look(found);
        let (connection, refusal) = opened.map_err(|error| place.beyond_reading(error))?;
        let marks = Marks::of(home, &found.path, false)?;
        let mut book = Self {
            store: Store::new(connection, Some(marks)),
            refusal,
            place: Some(place),
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
            Some(Refusal::Damaged) => {
                return Err(JournalError::Damaged {
                    path: self.place.as_ref().map(Place::told).unwrap_or_default(),
                    evidence: Evidence::InPlace,
                });
            }
        };
        let file = self.place.as_ref().map(|place| place.file.clone());
        Err(files::distrust(&file.unwrap_or_default(), why))
    }

    fn with_evidence(&mut self, mut error: JournalError) -> JournalError {
        if let JournalError::Damaged { evidence, .. } = &mut error {
            *evidence = self.file_kept();
        }
        error
    }

    /// Sees to the copy of the file as a whole, and returns what became of it.
    fn file_kept(&mut self) -> Evidence {
        let Some(place) = self.place.clone() else {
            return Evidence::InPlace;
        };
        evidence(if place.looks {
            place.copied()
        } else {
            self.store.held_still(|| place.copied())
        })
    }

    /// Returns the ids of the runs in it, oldest first.
    ///
    /// # Errors
    /// Those of the storage; [`JournalError::Lost`] for a damaged file that tells of none, since nobody knows
    /// then which there were.
    pub fn runs(&mut self) -> Result<Vec<RunId>, JournalError> {
        let found = self.store.runs();
        if !self.is_damaged() && !matches!(&found, Err(error) if failure::may_be_damage(error)) {
            return found;
        }
        match found {
            Ok(runs) if !runs.is_empty() => Ok(runs),
            Ok(_) | Err(_) => Err(JournalError::Lost {
                path: self.place.as_ref().map(Place::told).unwrap_or_default(),
                why: "is damaged, and no run can be read of it".to_owned(),
                evidence: self.file_kept(),
            }),
        }
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
                Ok(_) | Err(_) => Err(self.with_evidence(error)),
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
                evidence: Evidence::InPlace,
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
    /// [`JournalError::Uncopied`] where there is none, [`JournalError::NoSalvage`] where none is kept.
    pub fn digest(&self, damage: &Damage) -> Result<String, JournalError> {
        match (&self.place, &damage.evidence) {
            (Some(place), Evidence::Copied(copy)) => aside::digest(Path::new(copy), &place.file),
            (Some(_), Evidence::Uncopied(why)) => Err(JournalError::Uncopied {
                run: damage.run.clone(),
                why: why.clone(),
            }),
            (None, _) | (Some(_), Evidence::InPlace) => {
                Err(JournalError::NoSalvage(damage.run.clone()))
            }
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
        let copied = label.and_then(|label| {
            let anew = || aside::copy(&place.home, &place.file, &label).map(Some);
            match aside::find(&place.home, &label) {
                None if !place.looks => self.store.held_still(anew),
                found => Ok(found),
            }
        });
        damage.evidence = evidence(copied);
        damage
    }
}

/// The damage matters more than a copy that fails, so that is told beside it; the next reader tries again.
fn evidence(copied: Result<Option<PathBuf>, JournalError>) -> Evidence {
    match copied {
        Ok(Some(copy)) => Evidence::Copied(copy.to_string_lossy().into_owned()),
        Ok(None) => Evidence::InPlace,
        Err(error) => Evidence::Uncopied(with_sources(&error)),
    }
}

impl Place {
    /// Says of a file that damage has left nothing to read of, where that is what failed.
    fn beyond_reading(&self, error: JournalError) -> JournalError {
        if !failure::may_be_damage(&error) {
            return error;
        }
        let why = if let JournalError::Storage(source) = &error {
            format!("cannot be read any more: {}", with_sources(&**source))
        } else if let JournalError::Lost { why, .. } = error {
            why
        } else {
            return error;
        };
        JournalError::Lost {
            path: self.told(),
            why,
            evidence: evidence(self.copied()),
        }
    }

    fn told(&self) -> String {
        shown(&self.file.to_string_lossy())
    }

    /// Copies the file as a whole, unless it was opened only to look at it. Returns the copy, if there is one.
    fn copied(&self) -> Result<Option<PathBuf>, JournalError> {
        let label = aside::label_of_file(&self.file)?;
        if self.looks {
            return Ok(aside::find(&self.home, &label));
        }
        aside::copy(&self.home, &self.file, &label).map(Some)
    }
}
