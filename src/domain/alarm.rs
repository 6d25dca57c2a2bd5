//! Alarms of `CloudWatch` that watch a table, and how a copy of one watches another table.
//!
//! What an alarm is set to is kept in the names of the API, so that nothing of it is lost that defib never looks at.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The dimension by which a metric is of a table (“`DynamoDB` metrics and dimensions”, developer guide).
const TABLE: &str = "TableName";
/// The one by which it is of an index of it.
const INDEX: &str = "GlobalSecondaryIndexName";
/// The one by which it is of a stream of it, which every table has of its own.
const STREAM: &str = "StreamLabel";
/// The most characters of a name (`PutMetricAlarm`, API reference).
const MOST: usize = 255;

/// An alarm on a metric, or on an expression over several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its name, which no other alarm of the Region has.
    pub name: String,
    /// Whether its actions are enabled.
    pub acts: bool,
    /// Everything else that it is set to, as `PutMetricAlarm` takes it. Dimensions, actions and metrics are sorted.
    pub settings: Value,
    /// What it is set to that this defib does not know, by the name of the API: it cannot be said anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<String>,
}

/// An alarm over other alarms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composite {
    /// Its name.
    pub name: String,
    /// The alarms of the table that it goes by, sorted.
    pub goes_by: Vec<String>,
}

/// The alarms about a table. Each list is sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarms {
    /// Those that watch it, without those that Application Auto Scaling has made for itself.
    pub metric: Vec<Alarm>,
    /// Those that go by one of these.
    pub composite: Vec<Composite>,
}

impl Alarm {
    /// Tells whether it watches a table: its own metric, or one that it reckons with.
    #[must_use]
    pub fn watches(&self, table: &str) -> bool {
        self.of_table(table).next().is_some()
    }

    /// Returns the indexes of a table that it watches.
    #[must_use]
    pub fn indexes<'a>(&'a self, table: &str) -> BTreeSet<&'a str> {
        let sets = self.of_table(table);
        sets.filter_map(|set| value(set, INDEX)).collect()
    }

    /// Tells whether it watches the stream of a table, of which another table has none of that name.
    #[must_use]
    pub fn watches_stream(&self, table: &str) -> bool {
        self.of_table(table).any(|set| value(set, STREAM).is_some())
    }

    /// Returns an alarm of another name that watches another table instead, and whatever else it watched.
    #[must_use]
    pub fn for_table(&self, name: String, old: &str, new: &str) -> Self {
        let mut copy = Self {
            name,
            ..self.clone()
        };
        if let Some(own) = copy.settings.get_mut("Dimensions") {
            renamed(own, old, new);
        }
        let metrics = copy.settings.get_mut("Metrics");
        for query in metrics.and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(own) = query.pointer_mut("/MetricStat/Metric/Dimensions") {
                renamed(own, old, new);
            }
        }
        copy
    }

    /// The dimensions of every metric of a table.
    fn of_table<'a>(&'a self, table: &str) -> impl Iterator<Item = &'a [Value]> {
        let metrics = self.settings.get("Metrics").and_then(Value::as_array);
        let within = metrics.into_iter().flatten();
        let within = within.filter_map(|query| query.pointer("/MetricStat/Metric/Dimensions"));
        let own = self.settings.get("Dimensions").into_iter();
        own.chain(within)
            .filter_map(Value::as_array)
            .map(Vec::as_slice)
            .filter(move |set| value(set, TABLE) == Some(table))
    }
}

fn value<'a>(dimensions: &'a [Value], name: &str) -> Option<&'a str> {
    let named = |one: &&Value| one.get("Name").and_then(Value::as_str) == Some(name);
    dimensions.iter().find(named)?.get("Value")?.as_str()
}

fn renamed(dimensions: &mut Value, old: &str, new: &str) {
    let (was, is) = (json!({"Name": TABLE, "Value": old}), json!(new));
    for one in dimensions.as_array_mut().into_iter().flatten() {
        if *one == was {
            one["Value"] = is.clone();
        }
    }
}

/// Returns the name of a copy that watches another table: with that table's name in place of the old one's, or behind
/// it. `taken` are names that another copy has; where two would be cut to the same, a number tells them apart.
#[must_use]
pub fn copied_name(name: &str, old: &str, new: &str, taken: &BTreeSet<String>) -> String {
    let whole = if old == new {
        name.to_owned()
    } else if name.contains(old) {
        name.replace(old, new)
    } else {
        format!("{name}-{new}")
    };
    let cut = |behind: &str| {
        let room = MOST.saturating_sub(behind.len());
        whole.chars().take(room).collect::<String>() + behind
    };
    let numbered = (2_usize..).map(|number| cut(&format!("-{number}")));
    let mut all = std::iter::once(cut("")).chain(numbered);
    all.find(|name| !taken.contains(name)).unwrap_or(whole)
}

/// Returns the names of alarms that the rule of a composite alarm goes by, as `PutCompositeAlarm` takes them:
/// `ALARM(name)`, `OK("name")` or `INSUFFICIENT_DATA(arn)`, joined by `AND`, `OR` and `NOT`.
#[must_use]
pub fn named_in(rule: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut rest = rule;
    while let Some((_, inside)) = rest.split_once('(') {
        let inside = inside.trim_start();
        let quote = inside.chars().next().filter(|first| "\"'".contains(*first));
        let (name, behind) = if let Some(quote) = quote {
            let quoted = &inside[quote.len_utf8()..];
            quoted.split_once(quote).unwrap_or((quoted, ""))
        } else {
            let end = inside.find(['(', ')']).unwrap_or(inside.len());
            inside.split_at(end)
        };
        let name = name.trim();
        let name = name.split_once(":alarm:").map_or(name, |(_, name)| name);
        names.insert(name.to_owned());
        rest = behind;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(settings: Value) -> Alarm {
        Alarm {
            name: "orders-slow".into(),
            acts: true,
            settings,
            beyond: None,
        }
    }

    fn set(pairs: &[(&str, &str)]) -> Value {
        let one = |(name, value): &(&str, &str)| json!({"Name": name, "Value": value});
        pairs.iter().map(one).collect()
    }

    #[test]
    fn an_alarm_is_of_the_tables_that_its_metrics_are_of() {
        let plain = of(json!({"Dimensions": set(&[("TableName", "orders"), (INDEX, "by-day")])}));
        assert!(plain.watches("orders") && !plain.watches("order"));
        assert_eq!(plain.indexes("orders"), BTreeSet::from(["by-day"]));
        let metric =
            |table| json!({"MetricStat": {"Metric": {"Dimensions": set(&[(TABLE, table)])}}});
        let share =
            of(json!({"Metrics": [{"Expression": "a/b"}, metric("orders"), metric("others")]}));
        assert!(share.watches("orders") && share.watches("others"));
        assert!(!of(json!({"Dimensions": set(&[("Table", "orders")])})).watches("orders"));
        let stream = of(json!({"Dimensions": set(&[(TABLE, "orders"), (STREAM, "2026")])}));
        assert!(stream.watches_stream("orders") && !plain.watches_stream("orders"));
    }

    #[test]
    fn a_copy_watches_the_new_table_and_whatever_else_the_old_one_did() {
        let metric = |id: &str, table: &str| json!({"Id": id, "MetricStat": {"Metric": {"Dimensions": set(&[(TABLE, table)])}}});
        let share = of(json!({"Metrics": [metric("a", "orders"), metric("b", "others")]}));
        let copy = share.for_table("new-slow".into(), "orders", "new");
        assert_eq!(copy.name, "new-slow");
        let wanted = json!({"Metrics": [metric("a", "new"), metric("b", "others")]});
        assert_eq!(copy.settings, wanted);
        let others = json!({"Dimensions": set(&[("Queue", "orders")]), "MetricName": "orders"});
        assert_eq!(
            of(others.clone())
                .for_table("n".into(), "orders", "new")
                .settings,
            others
        );
    }

    #[test]
    fn a_copy_has_a_name_with_the_new_table_in_it_that_no_other_copy_has() {
        let none = BTreeSet::new();
        let named = |name: &str| copied_name(name, "orders", "orders-2", &none);
        assert_eq!(named("prod-orders-slow"), "prod-orders-2-slow");
        assert_eq!(named("slow"), "slow-orders-2");
        assert_eq!(copied_name("slow", "orders", "orders", &none), "slow");
        let long = "é".repeat(300);
        assert_eq!(named(&long).chars().count(), 255);
        let taken = BTreeSet::from([named(&long)]);
        let other = copied_name(&long, "orders", "orders-2", &taken);
        assert!(other.ends_with("é-2") && other.chars().count() == 255);
    }

    #[test]
    fn a_rule_names_alarms_bare_quoted_and_by_their_arns() {
        let rule = "NOT (ALARM(a b) OR OK(\"c(1)\")) AND INSUFFICIENT_DATA( 'd' ) AND \
                    ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:e) AND TRUE";
        let names = named_in(rule);
        for name in ["a b", "c(1)", "d", "e"] {
            assert!(names.contains(name), "{name} in {names:?}");
        }
        assert!(!names.contains("c"));
        assert_eq!(named_in("TRUE"), BTreeSet::new());
    }
}
