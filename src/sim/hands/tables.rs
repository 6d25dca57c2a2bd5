//! What others do to tables and to what applications find them by.
//! Like all that others do it is no call, and what is not there is ignored.

use super::Hands;
use crate::sim::dynamodb::model::{Settings, Table, table_arn, table_id};
use crate::sim::dynamodb::shape::{Capacity, Items, KeyPart, Shape};
use crate::sim::timeline::Timeline;
use crate::sim::visibility::Visibility;

impl Hands<'_> {
    /// Deletes a table. Of one with point-in-time recovery a last backup stays.
    pub fn delete_table(&mut self, name: &str) {
        let now = self.now();
        self.estate().dynamodb.delete(name, now);
    }

    /// Makes a table with nothing in it and nothing said about it.
    pub fn make_table(&mut self, name: &str) {
        let now = self.now();
        let arn = table_arn(&self.place, name);
        let key = KeyPart {
            attribute: "id".to_owned(),
            scalar: "S".to_owned(),
        };
        let table = Table {
            name: name.to_owned(),
            id: table_id(&format!("{arn}, by hand")),
            arn,
            status: Timeline::new(now, "ACTIVE".to_owned()),
            created: now,
            shape: Shape {
                keys: vec![key],
                indexes: std::collections::BTreeMap::new(),
                capacity: Capacity::ON_DEMAND,
                key_arn: None,
            },
            items: Items::default(),
            settings: Settings::none(now),
            restored: None,
            visibility: Visibility::default(),
        };
        let tables = &mut self.estate().dynamodb.tables;
        tables.entry(name.to_owned()).or_insert(table);
    }

    /// Puts a resource policy on a table, or takes it away.
    pub fn put_policy(&mut self, table: &str, text: Option<&str>) {
        let now = self.now();
        if let Some(table) = self.estate().dynamodb.table_mut(table) {
            match text {
                Some(text) => drop(table.settings.put_policy(text, now)),
                None => table.settings.policy = None,
            }
        }
    }

    /// Switches point-in-time recovery of a table off.
    pub fn switch_recovery_off(&mut self, table: &str) {
        if let Some(table) = self.estate().dynamodb.table_mut(table) {
            table.settings.continuous = None;
        }
    }

    /// Has a Kinesis stream take what is sent to it, or not; `None` deletes it.
    pub fn set_kinesis_stream(&mut self, arn: &str, takes: Option<bool>) {
        let streams = &mut self.estate().dynamodb.streams;
        match takes {
            Some(takes) => streams.insert(arn.to_owned(), takes),
            None => streams.remove(arn),
        };
    }

    /// Sets a tag on a table; without a value, takes it away.
    pub fn set_table_tag(&mut self, table: &str, key: &str, value: Option<&str>) {
        let now = self.now();
        if let Some(table) = self.estate().dynamodb.table_mut(table) {
            table.retag(now, |tags| {
                match value {
                    Some(value) => tags.insert(key.to_owned(), value.to_owned()),
                    None => tags.remove(key),
                };
            });
        }
    }

    /// Gives a parameter another value.
    pub fn set_parameter(&mut self, name: &str, value: &str) {
        let now = self.now();
        if let Some(parameter) = self.estate().parameters.get_mut(name) {
            value.clone_into(&mut parameter.value);
            parameter.version += 1;
            parameter.modified = now;
        }
    }
}
