//! What was read of both tables is compared bucket by bucket, and what differs is looked at again as far as it is told
//! or written down.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::aside::aside;
use super::buckets::Buckets;
use super::export::Export;
use super::files::Work;
use super::look::{Seen, look};
use super::progress::Progress;
use super::scan::Reader;
use super::{Asked, Failed, Found, Sample, What, of_export, of_spool};
use crate::domain::item;
use crate::domain::text::Untrusted;

/// Items of so many differences are held at a time; one may have 400 KB.
const AT_ONCE: usize = 50;

/// Compares what was read.
///
/// # Errors
/// [`Failed`]
pub async fn compare(
    work: &Arc<Work>,
    readers: &[Reader<'_>; 2],
    asked: &Asked,
    progress: &Progress,
) -> Result<Found, Failed> {
    let mut export = begun(asked).await?;
    let held = Arc::clone(work);
    let mut buckets = aside(move |steps| Buckets::fill(held, steps))
        .await
        .map_err(of_spool)?;
    let mut found = Found::default();
    for number in 0..buckets.count() {
        let one = aside(move |_steps| {
            let compared = buckets.compare(number)?;
            Ok((buckets, compared))
        });
        let (back, compared) = one.await.map_err(of_spool)?;
        buckets = back;
        found.equal += compared.equal;
        for difference in &compared.differences {
            *found.of(difference.what) += 1;
        }
        let missing = asked.sample.saturating_sub(found.sample.len());
        let wanted = match export {
            Some(_) => compared.differences.len(),
            None => missing.min(compared.differences.len()),
        };
        // Items are large, unlike their digests: only some of them are held at a time.
        for some in compared.differences[..wanted].chunks(AT_ONCE) {
            let all = look(readers, some).await?;
            for (before, seen) in some.iter().zip(&all) {
                found.correct(before.what, seen.what);
                found.add(seen, asked.sample);
            }
            if let Some(open) = export.take() {
                export = Some(written(open, asked, all).await?);
            }
        }
    }
    found.most_held = buckets.most_held;
    if let (Some(export), Some(path)) = (export, &asked.export) {
        found.exported = Some(of_file(path, move || export.finish()).await?);
    }
    let reached = progress.reached();
    (found.looked_at, found.units) = (reached.items, reached.units);
    Ok(found)
}

/// Begins the export, if there is to be one.
async fn begun(asked: &Asked) -> Result<Option<Export>, Failed> {
    let Some(path) = &asked.export else {
        return Ok(None);
    };
    let own = path.clone();
    of_file(path, move || Export::begin(&own)).await.map(Some)
}

/// Writes differences, and gives the export back.
async fn written(mut export: Export, asked: &Asked, all: Vec<Seen>) -> Result<Export, Failed> {
    let path = asked.export.as_deref().unwrap_or(Path::new(""));
    let write = move || {
        for seen in &all {
            export.write(seen)?;
        }
        Ok(export)
    };
    of_file(path, write).await
}

/// Does something with the file of the export.
///
/// # Errors
/// [`Failed::Export`], [`Failed::ExportIsThere`]
pub async fn of_file<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Failed> {
    let done = aside(move |_steps| work()).await;
    done.map_err(|error| of_export(path, error))
}

impl Found {
    fn of(&mut self, what: What) -> &mut u64 {
        match what {
            What::OnlyOld => &mut self.only_old,
            What::OnlyNew => &mut self.only_new,
            What::Differs => &mut self.differ,
        }
    }

    /// Counts a difference as what it is by now.
    fn correct(&mut self, before: What, now: Option<What>) {
        let was = self.of(before);
        *was = was.saturating_sub(1);
        match now {
            Some(now) => *self.of(now) += 1,
            None => self.settled += 1,
        }
    }

    fn add(&mut self, seen: &Seen, most: usize) {
        let Some(what) = seen.what else {
            return;
        };
        if self.sample.len() < most {
            let names = match (&seen.old, &seen.new) {
                (Some(old), Some(new)) => item::differing(old, new),
                (_, _) => Vec::new(),
            };
            self.sample.push(Sample {
                key: item::to_json(&seen.key),
                what,
                attributes: names.into_iter().map(Untrusted::from).collect(),
            });
        }
    }
}
