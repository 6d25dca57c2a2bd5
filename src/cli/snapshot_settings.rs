//! `defib snapshot-settings`: keeps what AWS forgets with a table, so that a table that was deleted gets it back.
//!
//! The file is for `dynamodb-restore --settings`. It is never written over another one.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::domain::text::shown;
use crate::report::{FAILED, INCOMPLETE, Report};
use crate::restore::flows::dynamodb_restore::saved::SavedTable;

use super::Session;
use super::cached;
use super::planned::one_place;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of the table
    #[arg(value_name = "TABLE")]
    table: String,
    /// File to make, which must not be there yet; without it, the settings are printed
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Reads a table with all its settings and writes them down. Settings that cannot be read are told and left out, with
/// exit code 5.
///
/// # Errors
/// A report if the table cannot be read, or the file cannot be made.
pub async fn run(args: &Args, session: &mut Session<'_>) -> Result<u8, Report> {
    let place = one_place(session)?;
    let profile = place.profile.as_deref();
    let clients = session
        .viewer
        .connect(profile, place.region.as_deref())
        .await?;
    let saved = SavedTable::observe(&clients, &args.table, &session.clock).await?;
    cached::keep_settings(&clients, saved.clone(), session).await;
    let text = saved
        .content()
        .map_err(|error| Report::new(FAILED, format!("the settings cannot be written: {error}")))?;
    match &args.output {
        None => session.output.bytes(text.as_bytes())?,
        Some(path) => {
            write(path, &text)?;
            session.output.note(&format!(
                "the settings of {} are in {}: dynamodb-restore --settings gives them to the table if it is deleted",
                shown(&saved.table.name),
                shown(&path.display().to_string()),
            ));
        }
    }
    let unread = saved.unread();
    for (name, why) in &unread {
        session.output.tell(&format!(
            "! {name} was not read, and is not in it: {}",
            shown(why)
        ));
    }
    Ok(if unread.is_empty() { 0 } else { INCOMPLETE })
}

/// Makes the file for its owner alone, whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), Report> {
    let failed = |error: std::io::Error| {
        let path = shown(&path.display().to_string());
        let report = Report::new(FAILED, format!("{path} was not written: {error}"));
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            report.todo("name another file; what is there is kept")
        } else {
            report
        }
    };
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let mut file = file.map_err(failed)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a file would be taken for settings.
        drop(std::fs::remove_file(path));
        failed(error)
    })
}
