//! What others do to the mappings by which Lambda reads the stream of a table, and to functions.
//! Like all that others do it is no call, and what is not there is ignored.

use aws_sdk_lambda::types::EventSourceMappingConfiguration;

use super::Hands;
use crate::sim::dynamodb::model::Table;
use crate::sim::lambda::model::{Mapping, function_arn, uuid};
use crate::sim::timeline::Timeline;
use crate::sim::visibility::Visibility;

impl Hands<'_> {
    /// Has Lambda refuse to map a stream to a function, in these words; without words, it no longer does.
    pub fn refuse_function(&mut self, name: &str, words: Option<&str>) {
        let function = function_arn(&self.place, name);
        let refused = &mut self.estate().lambda.refused;
        match words {
            Some(words) => refused.insert(function, words.to_owned()),
            None => refused.remove(&function),
        };
    }

    /// Maps the stream of a table to a function, enabled, and says nothing else of it.
    pub fn map_stream(&mut self, table: &str, name: &str) {
        let now = self.now();
        let function = function_arn(&self.place, name);
        let found = self.estate().dynamodb.table(table);
        let Some(stream) = found.and_then(Table::stream_arn) else {
            return;
        };
        let id = uuid(&stream, &function);
        let row = EventSourceMappingConfiguration::builder()
            .uuid(&id)
            .event_source_arn(&stream)
            .function_arn(&function);
        let mapping = Mapping {
            row: row.build(),
            stream,
            function,
            state: Timeline::new(now, "Enabled"),
            visibility: Visibility::default(),
        };
        let mappings = &mut self.estate().lambda.mappings;
        mappings.entry(id).or_insert(mapping);
    }

    /// Enables whatever maps the stream of a table to a function, or disables it.
    pub fn switch_mapping(&mut self, table: &str, name: &str, enabled: bool) {
        let now = self.now();
        let function = function_arn(&self.place, name);
        let found = self.estate().dynamodb.table(table);
        let Some(stream) = found.and_then(Table::stream_arn) else {
            return;
        };
        let mappings = self.estate().lambda.mappings.values_mut();
        for mapping in mappings.filter(|one| one.stream == stream && one.function == function) {
            let state = if enabled { "Enabled" } else { "Disabled" };
            mapping.state = Timeline::new(now, state);
        }
    }

    /// Deletes whatever maps the stream of a table to a function.
    pub fn unmap_stream(&mut self, table: &str, name: &str) {
        let function = function_arn(&self.place, name);
        let found = self.estate().dynamodb.table(table);
        let stream = found.and_then(Table::stream_arn);
        let mappings = &mut self.estate().lambda.mappings;
        mappings.retain(|_, one| Some(&one.stream) != stream.as_ref() || one.function != function);
    }
}
