//! What a scenario may say of the mappings by which Lambda reads the stream of a table.
//! What is left out is AWS's default.

use serde::Deserialize;

/// A mapping of a table's stream to a function.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Name of the function, or its ARN.
    pub function: String,
    /// Whether it is called; yes if left out.
    pub enabled: Option<bool>,
    /// AWS's word; `LATEST` if left out.
    pub position: Option<String>,
    pub batch: Option<i32>,
    /// Seconds.
    pub window: Option<i32>,
    pub parallel: Option<i32>,
    /// Seconds.
    pub tumbling: Option<i32>,
    #[serde(default)]
    pub filters: Vec<String>,
    /// ARN of where it is told what could not be handled.
    pub failures_to: Option<String>,
    /// Seconds.
    pub max_age: Option<i32>,
    pub retries: Option<i32>,
    #[serde(default)]
    pub bisect: bool,
    /// Whether the function tells which records of a batch have failed.
    #[serde(default)]
    pub reports_failures: bool,
    /// Whether it is counted what becomes of records.
    #[serde(default)]
    pub counted: bool,
}
