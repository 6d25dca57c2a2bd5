//! One place of the estate: what is seeded in it, and the rows that are to be told of it.
//!
//! An expected row says what differs from a plain one; nothing of it is read from the product.

use serde_json::{Value, json};

use crate::account::Account;
use crate::estate::Estate;

/// What was seeded in one place, and what is to be told of it.
pub(super) struct Seeded<'a> {
    pub(super) account: &'a Account,
    pub(super) region: &'static str,
    pub(super) profile: &'static str,
    pub(super) points: Vec<Value>,
    pub(super) resources: Vec<Value>,
}

impl<'a> Seeded<'a> {
    pub(super) fn new(account: &'a Account, region: &'static str, profile: &'static str) -> Self {
        Self {
            account,
            region,
            profile,
            points: Vec::new(),
            resources: Vec::new(),
        }
    }

    pub(super) fn place(&self) -> Value {
        json!({ "profile": self.profile, "account": self.account.id, "region": self.region })
    }

    pub(super) fn home(&self) -> Value {
        json!({ "account": self.account.id, "region": self.region })
    }

    pub(super) fn arn(&self, service: &str, rest: &str) -> String {
        format!(
            "arn:aws:{service}:{}:{}:{rest}",
            self.region, self.account.id
        )
    }

    pub(super) fn set_time(&self, kind: &str, id: &str, time: &str, until: Option<&str>) {
        let row = json!({ "kind": kind, "id": id, "time": time, "until": until });
        Estate::new(self.account, self.region).set("set_time", &row);
    }

    /// Expects a point of a resource of this place, with everything that differs from a plain one.
    pub(super) fn point(&mut self, kind: &str, id: &str, of: &str, differs: Value) -> Value {
        let mut row = json!({
            "id": id, "kind": kind, "resource": of, "resource_place": self.home(), "name": null, "state": "available",
            "size_bytes": null, "encrypted": false, "kms_key": null, "tier": "standard", "protection": null,
            "origin": "by-hand", "copy_of": null, "copy_first": false, "architecture": null, "key_state": null, "vault": null, "backup_arn": null, "scan": null,
            "place": self.place(), "tags": {},
        });
        merge(&mut row, differs);
        self.points.push(row.clone());
        row
    }

    /// Expects a resource of this place with its best point before the time, the seconds lost by it, and how many
    /// points stand under it.
    pub(super) fn resource(
        &mut self,
        kind: &str,
        id: &str,
        name: Option<&str>,
        best: Option<(&Value, i64)>,
        points: usize,
    ) {
        let best = best.map(|(point, lost)| {
            let mut best = point.clone();
            merge(
                &mut best,
                json!({ "data_lost_seconds": lost, "first": null }),
            );
            best
        });
        let no_best = best.is_none().then_some(match points {
            _any if kind == "instance" => "see-volumes",
            0 => "no-points",
            _some => "none-before",
        });
        self.resources.push(json!({
            "id": id, "kind": kind, "name": name, "place": self.place(), "best": best, "points": points,
            "complete": true, "not_listed": [], "no_best": no_best, "unknown_age": 0,
        }));
    }
}

pub(super) fn merge(row: &mut Value, differs: Value) {
    let Value::Object(differs) = differs else {
        panic!("fields are expected");
    };
    row.as_object_mut().expect("an object").extend(differs);
}

/// Both times of a point whose data is from when it was taken.
pub(super) fn at(time: &str) -> Value {
    json!({ "at": time, "data_at": time })
}

pub(super) fn both(one: Value, other: Value) -> Value {
    let mut one = one;
    merge(&mut one, other);
    one
}
