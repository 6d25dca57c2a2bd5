//! A table with every setting that the server keeps, with items, what scales it and the parameter it is found by; and
//! all of it as the services tell it, read by nobody but this test.

use std::collections::BTreeMap;

use aws_sdk_applicationautoscaling::types::{
    MetricType, PolicyType, PredefinedMetricSpecification, ScalableDimension, ScalableTargetAction,
    ServiceNamespace, TargetTrackingScalingPolicyConfiguration,
};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    PointInTimeRecoverySpecification, PointInTimeRecoveryStatus, Projection, ProjectionType,
    ProvisionedThroughput, ScalarAttributeType, StreamSpecification, StreamViewType, TableStatus,
    Tag, TimeToLiveSpecification,
};
use aws_sdk_ssm::types::ParameterType;
use serde_json::{Map, Value, json};

use super::triggers;
use crate::account::Account;
use crate::estate::Estate;
use crate::home::Home;
use crate::process::Output;
use crate::stage::REGION;

pub const OLD: &str = "orders";
pub const NEW: &str = "orders-restored";
pub const PARAMETER: &str = "/acme/orders-table";
pub const BREAK_GLASS: &str = "arn:aws:iam::111122223333:role/break-glass";
/// The second that is restored, within the window.
pub const T: &str = "2026-03-01T02:00:00Z";
/// How many of the items are past their time to live.
pub const EXPIRED: usize = 5;

const WINDOW: [&str; 2] = ["2026-02-20T00:00:00Z", "2026-03-01T05:00:00Z"];
const INDEXES: [(&str, &str); 2] = [("by-customer", "customer"), ("by-state", "state")];

pub struct Tables {
    pub account: Account,
    pub home: Home,
    /// The backup of the table.
    pub backup: String,
    pub before: Value,
}

impl Tables {
    /// Sets everything up, and forgets the calls of it.
    pub fn new() -> Self {
        let account = Account::fresh();
        make(&account);
        items(&account);
        settings(&account);
        scale(&account);
        let call = account.dynamodb(REGION).create_backup();
        let call = call.table_name(OLD).backup_name("by hand");
        let made = account.wait(call.send()).expect("CreateBackup");
        let backup = made
            .backup_details()
            .expect("details")
            .backup_arn()
            .to_owned();
        let estate = Estate::new(&account, REGION);
        let window =
            json!({"kind": "table-window", "id": OLD, "time": WINDOW[0], "until": WINDOW[1]});
        estate.set("set_time", &window);
        let taken = json!({"kind": "table-backup", "id": backup, "time": T, "until": null});
        estate.set("set_time", &taken);
        let put = account.ssm(REGION).put_parameter().name(PARAMETER);
        let put = put.value(OLD).r#type(ParameterType::String);
        account.wait(put.send()).expect("PutParameter");
        triggers::map(&account, OLD);
        let home = Home::new().role("red", &account.id, REGION);
        account.forget_calls();
        let mut seeded = Self {
            account,
            home,
            backup,
            before: Value::Null,
        };
        seeded.before = seeded.table(OLD);
        seeded
    }

    pub fn run(&self, words: &[&str]) -> Output {
        let head = [
            "--profile",
            "red",
            "--region",
            REGION,
            "run",
            "dynamodb-restore",
        ];
        self.home.defib(&[&head[..], words].concat())
    }

    /// Deletes a table, as somebody would by mistake: first its protection goes, then it goes itself.
    pub fn delete(&self, table: &str) {
        let client = self.account.dynamodb(REGION);
        let call = client.update_table().table_name(table);
        let call = call.deletion_protection_enabled(false);
        self.account.wait(call.send()).expect("UpdateTable");
        let call = client.delete_table().table_name(table);
        self.account.wait(call.send()).expect("DeleteTable");
    }

    pub fn arn(&self, table: &str) -> String {
        format!(
            "arn:aws:dynamodb:{REGION}:{}:table/{table}",
            self.account.id
        )
    }

    /// From where, and whether, a function is called with what changes in a table.
    pub fn called(&self, table: &str) -> Vec<(String, String)> {
        triggers::called(&self.account, table)
    }

    pub fn parameter(&self) -> String {
        let read = self.account.ssm(REGION).get_parameter().name(PARAMETER);
        let told = self.account.wait(read.send()).expect("GetParameter");
        told.parameter.and_then(|told| told.value).expect("a value")
    }

    /// The policy of a table.
    pub fn policy(&self, table: &str) -> Value {
        let read = self.account.dynamodb(REGION).get_resource_policy();
        let told = self.account.wait(read.resource_arn(self.arn(table)).send());
        let text = told.ok().and_then(|told| told.policy);
        text.map_or(Value::Null, |text| {
            serde_json::from_str(&text).expect("JSON")
        })
    }

    /// Status of time to live.
    pub fn time_to_live(&self, table: &str) -> String {
        let read = self.account.dynamodb(REGION).describe_time_to_live();
        let told = self.account.wait(read.table_name(table).send());
        let told = told.expect("DescribeTimeToLive").time_to_live_description;
        let status = told.and_then(|told| told.time_to_live_status);
        status.expect("a status").to_string()
    }

    /// Everything about a table, with its own name left out.
    pub fn table(&self, name: &str) -> Value {
        let mut all = self.described(name);
        all.insert("items".to_owned(), self.items_of(name));
        all.insert("recovery".to_owned(), self.recovery(name));
        all.insert("ttl".to_owned(), json!(self.time_to_live(name)));
        all.insert("policy".to_owned(), self.policy(name));
        all.insert("tags".to_owned(), self.tags(name));
        all.insert("scaling".to_owned(), self.scaling(name));
        all.insert("triggers".to_owned(), triggers::told(&self.account, name));
        let text = Value::Object(all).to_string();
        let text = text.replace(&format!("table/{name}\""), "table/SELF\"");
        let text = text.replace(&format!("table/{name}/"), "table/SELF/");
        serde_json::from_str(&text).expect("it was JSON")
    }

    fn described(&self, name: &str) -> Map<String, Value> {
        let read = self.account.dynamodb(REGION).describe_table();
        let told = self.account.wait(read.table_name(name).send());
        let table = told.expect("DescribeTable").table.expect("a table");
        let units = table.provisioned_throughput().expect("throughput");
        let stream = table.stream_specification();
        let indexes = table.global_secondary_indexes().iter().map(|index| {
            let units = index.provisioned_throughput().expect("throughput");
            let row = json!({
                "keys": format!("{:?}", index.key_schema()),
                "projection": format!("{:?}", index.projection()),
                "units": [units.read_capacity_units(), units.write_capacity_units()],
            });
            (index.index_name().expect("a name").to_owned(), row)
        });
        let row = json!({
            "status": table.table_status().map(TableStatus::as_str),
            "keys": format!("{:?}", table.key_schema()),
            "units": [units.read_capacity_units(), units.write_capacity_units()],
            "indexes": indexes.collect::<Map<_, _>>(),
            "stream": stream.and_then(|on| on.stream_view_type()).map(StreamViewType::as_str),
            "protected": table.deletion_protection_enabled(),
        });
        row.as_object().expect("an object").clone()
    }

    fn items_of(&self, name: &str) -> Value {
        let scan = self.account.dynamodb(REGION).scan().table_name(name);
        let told = self.account.wait(scan.send()).expect("Scan");
        let item = |item: &std::collections::HashMap<String, AttributeValue>| {
            let sorted: BTreeMap<_, _> = item.iter().collect();
            format!("{sorted:?}")
        };
        let mut items: Vec<_> = told.items().iter().map(item).collect();
        items.sort_unstable();
        json!(items)
    }

    fn recovery(&self, name: &str) -> Value {
        let read = self.account.dynamodb(REGION).describe_continuous_backups();
        let told = self.account.wait(read.table_name(name).send());
        let told = told.expect("DescribeContinuousBackups");
        let told = told.continuous_backups_description();
        let told = told.and_then(|told| told.point_in_time_recovery_description());
        let told = told.expect("a description");
        let status = told.point_in_time_recovery_status();
        json!([
            status.map(PointInTimeRecoveryStatus::as_str),
            told.recovery_period_in_days()
        ])
    }

    /// Without those of the product.
    fn tags(&self, name: &str) -> Value {
        let read = self.account.dynamodb(REGION).list_tags_of_resource();
        let told = self.account.wait(read.resource_arn(self.arn(name)).send());
        let told = told.expect("ListTagsOfResource");
        let own = told
            .tags()
            .iter()
            .filter(|tag| !tag.key().starts_with("defib:"));
        own.map(|tag| (tag.key().to_owned(), json!(tag.value())))
            .collect()
    }

    fn scaling(&self, name: &str) -> Value {
        let client = self.account.application_autoscaling(REGION);
        let of = |resource: &str| {
            resource == format!("table/{name}") || resource.starts_with(&format!("table/{name}/"))
        };
        let dynamodb = ServiceNamespace::Dynamodb;
        let read = client.describe_scalable_targets();
        let told = self
            .account
            .wait(read.service_namespace(dynamodb.clone()).send());
        let told = told.expect("DescribeScalableTargets");
        let targets = told
            .scalable_targets()
            .iter()
            .filter(|one| of(one.resource_id()));
        let mut all: Vec<String> = targets
            .map(|one| {
                let (id, dimension) = (one.resource_id(), one.scalable_dimension());
                format!(
                    "{id} {dimension} {} {}",
                    one.min_capacity(),
                    one.max_capacity()
                )
            })
            .collect();
        let read = client.describe_scaling_policies();
        let told = self
            .account
            .wait(read.service_namespace(dynamodb.clone()).send());
        let told = told.expect("DescribeScalingPolicies");
        let policies = told
            .scaling_policies()
            .iter()
            .filter(|one| of(one.resource_id()));
        all.extend(policies.map(|one| {
            let how = one.target_tracking_scaling_policy_configuration();
            format!("{} {} {how:?}", one.resource_id(), one.scalable_dimension())
        }));
        let read = client.describe_scheduled_actions();
        let told = self.account.wait(read.service_namespace(dynamodb).send());
        let told = told.expect("DescribeScheduledActions");
        let actions = told
            .scheduled_actions()
            .iter()
            .filter(|one| of(one.resource_id()));
        all.extend(actions.map(|one| {
            let (id, when) = (one.resource_id(), one.schedule());
            format!("{id} {when} {:?}", one.scalable_target_action())
        }));
        let all = all
            .into_iter()
            .map(|row| row.replace(&format!("table/{name}"), "table/SELF"));
        let mut all: Vec<_> = all.collect();
        all.sort_unstable();
        json!(all)
    }
}

fn key(attribute: &str) -> KeySchemaElement {
    let key = KeySchemaElement::builder().attribute_name(attribute);
    key.key_type(KeyType::Hash).build().expect("a key")
}

fn units(read: i64, write: i64) -> ProvisionedThroughput {
    let units = ProvisionedThroughput::builder().read_capacity_units(read);
    units.write_capacity_units(write).build().expect("units")
}

fn make(account: &Account) {
    let mut call = account.dynamodb(REGION).create_table().table_name(OLD);
    for attribute in ["id", "customer", "state"] {
        let row = AttributeDefinition::builder().attribute_name(attribute);
        let row = row.attribute_type(ScalarAttributeType::S).build();
        call = call.attribute_definitions(row.expect("an attribute"));
    }
    for (name, attribute) in INDEXES {
        let projection = Projection::builder().projection_type(ProjectionType::KeysOnly);
        let index = GlobalSecondaryIndex::builder()
            .index_name(name)
            .key_schema(key(attribute))
            .projection(projection.build())
            .provisioned_throughput(units(3, 4))
            .build();
        call = call.global_secondary_indexes(index.expect("an index"));
    }
    let stream = StreamSpecification::builder().stream_enabled(true);
    let stream = stream.stream_view_type(StreamViewType::NewAndOldImages);
    let call = call
        .key_schema(key("id"))
        .provisioned_throughput(units(40, 20))
        .stream_specification(stream.build().expect("a stream"))
        .deletion_protection_enabled(true);
    account.wait(call.send()).expect("CreateTable");
}

/// Some have expired, some will, some never do, and one would by a text that is no number.
fn items(account: &Account) {
    let client = account.dynamodb(REGION);
    for number in 0..12_usize {
        let expires = match number {
            0..EXPIRED => Some(AttributeValue::N("1740000000".to_owned())),
            EXPIRED..8 => Some(AttributeValue::N("4102444800".to_owned())),
            8 => Some(AttributeValue::S("1740000000".to_owned())),
            _ => None,
        };
        let text = |text: String| AttributeValue::S(text);
        let mut call = client.put_item().table_name(OLD);
        call = call.item("id", text(format!("order-{number}")));
        call = call.item("customer", text(format!("customer-{}", number % 3)));
        if let Some(expires) = expires {
            call = call.item("expires_at", expires);
        }
        account.wait(call.send()).expect("PutItem");
    }
}

fn settings(account: &Account) {
    let client = account.dynamodb(REGION);
    let arn = format!("arn:aws:dynamodb:{REGION}:{}:table/{OLD}", account.id);
    let recovery = PointInTimeRecoverySpecification::builder()
        .point_in_time_recovery_enabled(true)
        .recovery_period_in_days(20);
    let call = client.update_continuous_backups().table_name(OLD);
    let recovery = recovery.build().expect("a specification");
    let call = call.point_in_time_recovery_specification(recovery);
    account.wait(call.send()).expect("UpdateContinuousBackups");
    let ttl = TimeToLiveSpecification::builder().enabled(true);
    let ttl = ttl.attribute_name("expires_at").build();
    let call = client.update_time_to_live().table_name(OLD);
    let call = call.time_to_live_specification(ttl.expect("a specification"));
    account.wait(call.send()).expect("UpdateTimeToLive");
    let mut call = client.tag_resource().resource_arn(&arn);
    for (key, value) in [("team", "shop"), ("it's", "\"quoted\" $(x)"), ("empty", "")] {
        let tag = Tag::builder().key(key).value(value).build();
        call = call.tags(tag.expect("a tag"));
    }
    account.wait(call.send()).expect("TagResource");
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Analytics", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
        "Action": "dynamodb:GetItem", "Resource": [arn, format!("{arn}/index/by-state")]}]});
    let call = client.put_resource_policy().resource_arn(&arn);
    account
        .wait(call.policy(policy.to_string()).send())
        .expect("PutResourcePolicy");
}

fn scale(account: &Account) {
    let client = account.application_autoscaling(REGION);
    let table = format!("table/{OLD}");
    let index = format!("{table}/index/by-customer");
    for (resource, dimension) in [
        (&table, ScalableDimension::DynamoDbTableReadCapacityUnits),
        (&index, ScalableDimension::DynamoDbIndexReadCapacityUnits),
    ] {
        let call = client.register_scalable_target();
        let call = call.service_namespace(ServiceNamespace::Dynamodb);
        let call = call
            .resource_id(resource)
            .scalable_dimension(dimension.clone());
        let call = call.min_capacity(3).max_capacity(400);
        account.wait(call.send()).expect("RegisterScalableTarget");
        let metric = PredefinedMetricSpecification::builder()
            .predefined_metric_type(MetricType::DynamoDbReadCapacityUtilization);
        let how = TargetTrackingScalingPolicyConfiguration::builder()
            .target_value(70.0)
            .scale_in_cooldown(60)
            .predefined_metric_specification(metric.build().expect("a metric"));
        let call = client.put_scaling_policy();
        let call = call.service_namespace(ServiceNamespace::Dynamodb);
        let call = call.resource_id(resource).scalable_dimension(dimension);
        let call = call
            .policy_name(format!("{resource} reads"))
            .policy_type(PolicyType::TargetTrackingScaling)
            .target_tracking_scaling_policy_configuration(how.build().expect("it"));
        account.wait(call.send()).expect("PutScalingPolicy");
    }
    let capacity = ScalableTargetAction::builder().min_capacity(30).build();
    let call = client.put_scheduled_action();
    let call = call.service_namespace(ServiceNamespace::Dynamodb);
    let call = call
        .resource_id(&table)
        .scalable_dimension(ScalableDimension::DynamoDbTableReadCapacityUnits)
        .scheduled_action_name("evening")
        .schedule("cron(0 18 * * ? *)")
        .scalable_target_action(capacity);
    account.wait(call.send()).expect("PutScheduledAction");
}
