//! What others do to tables and to what applications find them by.
//! Like all that others do it is no call, and what is not there is ignored.

use aws_sdk_dynamodb::types::AttributeValue;

use super::Hands;
use crate::sim::dynamodb::items::Rule;
use crate::sim::dynamodb::model::{Settings, Table, table_arn, table_id};
use crate::sim::dynamodb::putting::put_into;
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

    /// Puts an inline policy of a role.
    pub fn put_role_policy(&mut self, role: &str, name: &str, text: &str) {
        let account = self.place.account.clone();
        let iam = self.world.iam.entry(account).or_default();
        let role = iam.roles.entry(role.to_owned()).or_default();
        role.inline.insert(name.to_owned(), text.to_owned());
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

    /// Has replicas come to be active in a Region, or not.
    pub fn set_replicas_in(&mut self, region: &str, come: bool) {
        let without = &mut self.estate().dynamodb.without_replicas;
        if come {
            without.remove(region);
        } else {
            without.insert(region.to_owned());
        }
    }

    /// Deletes the replica of a table in a Region.
    pub fn delete_replica(&mut self, table: &str, region: &str) {
        if let Some(table) = self.estate().dynamodb.table_mut(table) {
            table.settings.replicas.remove(region);
        }
    }

    /// Writes the item with a number, which costs so much, whatever is there.
    pub fn put_item(&mut self, table: &str, number: i64, total: &str) {
        if let Some(table) = self.estate().dynamodb.table_mut(table) {
            let mut item = Rule::of(table).item(number);
            let total = AttributeValue::N(total.to_owned());
            item.insert("total".to_owned(), total);
            put_into(table, number, item);
        }
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
