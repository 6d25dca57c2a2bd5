//! A record of a hosted zone, verbatim, with all that routes by it. Aliases, CIDR and proximity routing are not ours
//! to change.

use aws_sdk_route53::types::{
    GeoLocation, ResourceRecord, ResourceRecordSet, ResourceRecordSetFailover,
    ResourceRecordSetRegion, RrType,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::domain::plan::Ref;
use crate::domain::text::shown;

/// A record: every field that Route 53 compares when it is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordSet {
    /// Name as Route 53 writes it: with the point at its end, special characters as `\052`.
    pub name: String,
    /// `A`, `AAAA` …
    #[serde(rename = "type")]
    pub kind: String,
    /// Seconds for which an answer may be kept.
    pub ttl: i64,
    /// Its values, in their order.
    pub values: Vec<Ref<String>>,
    /// What tells it from others of its name and type.
    pub set: Option<String>,
    /// Weight among those.
    pub weight: Option<i64>,
    /// Region that it is for.
    pub region: Option<String>,
    /// `PRIMARY` or `SECONDARY`.
    pub failover: Option<String>,
    /// Whether it is one of several answers.
    pub multi_value: Option<bool>,
    /// Where those are that it is for.
    pub location: Option<Location>,
    /// Health check by which it is answered.
    pub health_check: Option<String>,
}

/// Where those are that a record is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Continent.
    pub continent: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Part of the country.
    pub subdivision: Option<String>,
}

impl RecordSet {
    /// Reads a record; `None` for an alias and whatever else has no values of its own, or routes in a way that is
    /// not carried over here.
    #[must_use]
    pub fn read(found: &ResourceRecordSet) -> Option<Self> {
        let others = found.alias_target().is_some()
            || found.traffic_policy_instance_id().is_some()
            || found.cidr_routing_config().is_some()
            || found.geo_proximity_location().is_some();
        if others {
            return None;
        }
        let own = |text: &str| text.to_owned();
        let values = found.resource_records().iter();
        Some(Self {
            name: own(found.name()),
            kind: own(found.r#type().as_str()),
            ttl: found.ttl()?,
            values: values.map(|value| Ref::Known(own(value.value()))).collect(),
            set: found.set_identifier().map(own),
            weight: found.weight(),
            region: found.region().map(|region| own(region.as_str())),
            failover: found.failover().map(|failover| own(failover.as_str())),
            multi_value: found.multi_value_answer(),
            location: found.geo_location().map(|location| Location {
                continent: location.continent_code().map(own),
                country: location.country_code().map(own),
                subdivision: location.subdivision_code().map(own),
            }),
            health_check: found.health_check_id().map(own),
        })
    }

    /// Tells whether two are of one name, type and set. Names are one whatever their case.
    pub(super) fn is_the_same(&self, other: &Self) -> bool {
        let name = |set: &Self| set.name.trim_end_matches('.').to_ascii_lowercase();
        name(self) == name(other) && self.kind == other.kind && self.set == other.set
    }

    /// Returns it as the SDK takes it; `None` while a value is not known.
    pub(super) fn described(&self) -> Option<ResourceRecordSet> {
        let values = self.values.iter().map(|value| {
            let record = ResourceRecord::builder().value(value.known()?);
            record.build().ok()
        });
        let location = self.location.as_ref().map(|location| {
            GeoLocation::builder()
                .set_continent_code(location.continent.clone())
                .set_country_code(location.country.clone())
                .set_subdivision_code(location.subdivision.clone())
                .build()
        });
        let failover = self.failover.as_deref();
        let region = self.region.as_deref();
        ResourceRecordSet::builder()
            .name(&self.name)
            .r#type(RrType::from(self.kind.as_str()))
            .ttl(self.ttl)
            .set_resource_records(Some(values.collect::<Option<Vec<_>>>()?))
            .set_set_identifier(self.set.clone())
            .set_weight(self.weight)
            .set_region(region.map(ResourceRecordSetRegion::from))
            .set_failover(failover.map(ResourceRecordSetFailover::from))
            .set_multi_value_answer(self.multi_value)
            .set_geo_location(location)
            .set_health_check_id(self.health_check.clone())
            .build()
            .ok()
    }

    pub(super) fn parameters(&self) -> Value {
        let values = self.values.iter().map(|value| json!({"Value": value}));
        let mut all = Map::new();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                all.insert(name.to_owned(), value);
            }
        };
        let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
        set("Name", Some(json!(self.name)));
        set("Type", Some(json!(self.kind)));
        set("TTL", Some(json!(self.ttl)));
        set("ResourceRecords", Some(values.collect()));
        set("SetIdentifier", text(&self.set));
        set("Weight", self.weight.map(|weight| json!(weight)));
        set("Region", text(&self.region));
        set("Failover", text(&self.failover));
        set("MultiValueAnswer", self.multi_value.map(Value::Bool));
        set(
            "GeoLocation",
            self.location.as_ref().map(Location::parameters),
        );
        set("HealthCheckId", text(&self.health_check));
        Value::Object(all)
    }

    /// What it is called, for sentences: `www.example.com. A`.
    #[must_use]
    pub fn called(&self) -> String {
        let set = self.set.as_ref().map(|set| format!(" ({set})"));
        shown(&format!(
            "{} {}{}",
            self.name,
            self.kind,
            set.unwrap_or_default()
        ))
    }

    /// What it says, for sentences: `203.0.113.7, kept for 60 s`.
    #[must_use]
    pub fn told(&self) -> String {
        let values = self.values.iter().map(|value| value.known());
        let values: Vec<&str> = values
            .map(|value| value.map_or("a value to come", String::as_str))
            .collect();
        shown(&format!("{}, kept for {} s", values.join(" "), self.ttl))
    }
}

impl Location {
    fn parameters(&self) -> Value {
        let mut all = Map::new();
        for (name, value) in [
            ("ContinentCode", &self.continent),
            ("CountryCode", &self.country),
            ("SubdivisionCode", &self.subdivision),
        ] {
            if let Some(value) = value {
                all.insert(name.to_owned(), json!(value));
            }
        }
        Value::Object(all)
    }
}
