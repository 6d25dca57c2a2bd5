//! Pages of RDS: `MaxRecords` from 20 to 100, 100 where it is left out, and a `Marker`.
//!
//! RDS API reference, any `Describe*`. A size outside of the bounds is refused and not mended.

use data_encoding::BASE64URL;

use crate::sim::refusal::Refusal;

/// Cuts the page out of `rows` by their `key`, and returns it with the next marker.
///
/// # Errors
/// `InvalidParameterValue`
pub fn cut<R>(
    mut rows: Vec<R>,
    (max_records, marker): (Option<i32>, Option<&str>),
    key: impl Fn(&R) -> String,
) -> Result<(Vec<R>, Option<String>), Refusal> {
    let size = size(max_records)?;
    rows.sort_by_cached_key(&key);
    if let Some(marker) = marker {
        let after = after(marker)?;
        rows.retain(|row| key(row) > after);
    }
    if rows.len() <= size {
        return Ok((rows, None));
    }
    rows.truncate(size);
    let next = rows.last().map(|row| BASE64URL.encode(key(row).as_bytes()));
    Ok((rows, next))
}

fn size(max_records: Option<i32>) -> Result<usize, Refusal> {
    let size = max_records.unwrap_or(100);
    let within = (20..=100).contains(&size);
    let size = usize::try_from(size).ok().filter(|_| within);
    size.ok_or_else(|| {
        let size = max_records.unwrap_or_default();
        Refusal::invalid_value(format!(
            "Invalid value {size} for MaxRecords. Must be between 20 and 100"
        ))
    })
}

fn after(marker: &str) -> Result<String, Refusal> {
    let bytes = BASE64URL.decode(marker.as_bytes()).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Refusal::invalid_value("The marker is not valid."))
}
