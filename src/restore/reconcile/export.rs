//! The file of all differences: one JSON object a line, with both items in the JSON of `DynamoDB`.
//!
//! It is written beside its name and gets it when it is whole, never over a file that is there: items may be the only
//! ones of their kind. Mode 0600, for they may be secret.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::files;
use super::look::Seen;
use crate::domain::item::to_json;
use crate::domain::text::json_escaped;

/// An export that is not finished.
#[derive(Debug)]
pub struct Export {
    path: PathBuf,
    unfinished: PathBuf,
    file: BufWriter<File>,
    /// Lines that were written.
    pub written: u64,
}

impl Export {
    /// Begins a file. What an earlier command has left unfinished is thrown away.
    ///
    /// # Errors
    /// Those of the file system, `AlreadyExists` where there is such a file.
    pub fn begin(path: &Path) -> io::Result<Self> {
        check(path)?;
        let mut name = OsString::from(path.file_name().ok_or(ErrorKind::InvalidFilename)?);
        name.push(".unfinished");
        let unfinished = path.with_file_name(name);
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let file = files::make(&unfinished)?;
        Ok(Self {
            path: path.to_owned(),
            unfinished,
            file: BufWriter::new(file),
            written: 0,
        })
    }

    /// Writes a difference, if it is still one.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(&mut self, seen: &Seen) -> io::Result<()> {
        let Some(what) = seen.what else { return Ok(()) };
        let line = json!({
            "key": to_json(&seen.key),
            "what": what,
            "old": seen.old.as_ref().map(to_json),
            "new": seen.new.as_ref().map(to_json),
        });
        self.written += 1;
        writeln!(self.file, "{}", json_escaped(&line.to_string()))
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// Those of the file system, `AlreadyExists` where there is such a file by now.
    pub fn finish(self) -> io::Result<u64> {
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        // A link is never made over a file, as a new name would be.
        fs::hard_link(&self.unfinished, &self.path)?;
        fs::remove_file(&self.unfinished)?;
        Ok(self.written)
    }
}

/// Checks that there is no such file yet, and that there could be one.
///
/// # Errors
/// `AlreadyExists` where there is one, `NotFound` where there is no directory for it.
pub fn check(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    if !fs::metadata(parent.unwrap_or(Path::new(".")))?.is_dir() {
        return Err(ErrorKind::NotADirectory.into());
    }
    match fs::symlink_metadata(path) {
        Ok(_) => Err(ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::What;
    use super::*;
    use crate::domain::item::{Item, Value};

    fn seen(what: Option<What>) -> Seen {
        let item = |value: &str| Item::from([("id".to_owned(), Value::Text(value.to_owned()))]);
        Seen {
            key: item("a\u{202e}"),
            what,
            old: Some(item("a\u{202e}")),
            new: None,
        }
    }

    #[test]
    fn it_has_its_name_once_it_is_whole_and_nobody_else_reads_it() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("out.jsonl");
        fs::write(home.path().join("out.jsonl.unfinished"), "of another time").unwrap();
        let mut export = Export::begin(&path).unwrap();
        export.write(&seen(Some(What::OnlyOld))).unwrap();
        export.write(&seen(None)).unwrap();
        assert!(!path.exists());
        assert_eq!(export.finish().unwrap(), 1);
        let text = fs::read_to_string(&path).unwrap();
        let wanted = r#"{"key":{"id":{"S":"a\u202e"}},"new":null,"old":{"id":{"S":"a\u202e"}},"what":"only-old"}"#;
        assert_eq!(text, format!("{wanted}\n"));
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn no_file_is_written_over() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("out.jsonl");
        let export = Export::begin(&path).unwrap();
        fs::write(&path, "theirs").unwrap();
        assert_eq!(
            export.finish().unwrap_err().kind(),
            ErrorKind::AlreadyExists
        );
        assert_eq!(
            Export::begin(&path).unwrap_err().kind(),
            ErrorKind::AlreadyExists
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
    }
}
