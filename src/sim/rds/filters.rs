//! Filters of RDS: any value of one, all of them together, without wildcards.
//!
//! A filter that the call does not have is refused by name, as RDS does.

use aws_sdk_rds::types::Filter;

use crate::sim::refusal::Refusal;

/// Keeps the rows that pass every filter; `values` tells what a filter compares with, `None` for an unknown one.
///
/// # Errors
/// `InvalidParameterValue`
pub fn keep<R>(
    mut rows: Vec<R>,
    filters: &[Filter],
    known: &[&str],
    values: impl Fn(&R, &str) -> Vec<String>,
) -> Result<Vec<R>, Refusal> {
    for filter in filters {
        let name = filter.name().unwrap_or_default();
        if !known.contains(&name) {
            let message = format!("Unrecognized filter name: {name}");
            return Err(Refusal::invalid_value(message));
        }
        rows.retain(|row| {
            let values = values(row, name);
            values.iter().any(|value| filter.values().contains(value))
        });
    }
    Ok(rows)
}
