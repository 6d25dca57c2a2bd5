//! What operations send, held against what they say they send.
//!
//! A client with a recording HTTP client issues a sample of every registered operation; what is in the
//! request's body must hold exactly the parameters of `request()`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::REGISTRY;
use super::recorder::{Sent, context};
use crate::aws::guard::{AWAITED, DELETIONS, MUTATIONS, READS, sdk_service};
use crate::restore::operation::Request;
use crate::restore::operations::dynamodb_fill::carries_items;

mod document;
pub(in crate::restore) mod samples;

use samples::samples;

/// Names of parameters that differ between API and wire (EC2 API model).
fn wire_name<'a>(request: &Request, name: &'a str) -> &'a str {
    if request.service != "ec2" {
        return name;
    }
    match (request.api, name) {
        ("CreateSecurityGroup", "Description") => "GroupDescription",
        ("RunInstances" | "ModifyNetworkInterfaceAttribute", "Groups") => "SecurityGroupId",
        ("RunInstances", "NetworkInterfaces") => "NetworkInterface",
        ("RunInstances", "LicenseSpecifications") => "LicenseSpecification",
        (_, "TagSpecifications") => "TagSpecification",
        (_, "Tags") => "Tag",
        (_, "Resources") => "ResourceId",
        (_, "InstanceIds") => "InstanceId",
        (_, "BlockDeviceMappings") => "BlockDeviceMapping",
        (_, "SecurityGroupRuleIds") => "SecurityGroupRuleId",
        (_, same) => same,
    }
}

/// Flattens parameters as the query protocols do: `Tag.1.Key`, and `Targets.member.1.Id` outside of EC2.
fn flatten(request: &Request, prefix: &str, value: &Value, out: &mut BTreeMap<String, String>) {
    let join = |name: &str| {
        if prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{prefix}.{name}")
        }
    };
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                flatten(request, &join(wire_name(request, name)), field, out);
            }
        }
        Value::Array(items) => {
            let member = match request.service {
                "ec2" | "route53" => "",
                _query => "member.",
            };
            for (n, item) in items.iter().enumerate() {
                flatten(request, &join(&format!("{member}{}", n + 1)), item, out);
            }
        }
        Value::String(text) => {
            out.insert(prefix.to_owned(), text.clone());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            out.insert(prefix.to_owned(), value.to_string());
        }
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                let digits = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
            }
            b'+' => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn form(body: &str) -> BTreeMap<String, String> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        (decoded(name), decoded(value))
    };
    body.split('&').map(pair).collect()
}

/// The form of a query, without what every form has.
fn of_query(request: &Request, sent: &Sent) -> BTreeMap<String, String> {
    let mut form = form(&sent.body);
    let action = form.remove("Action");
    assert_eq!(action.as_deref(), Some(request.api));
    form.remove("Version");
    form
}

/// Whether parameters go as a document of JSON or CBOR, which is then the parameters themselves.
fn speaks_in_documents(service: &str) -> bool {
    ["application-autoscaling", "cloudwatch", "dynamodb", "ssm"].contains(&service)
}

/// The document of a call of Lambda, and the mapping that stands in its address.
fn of_lambda(request: &Request, sent: &Sent) -> Value {
    let mut told: Value = serde_json::from_str(&sent.body).unwrap();
    let all = "/2015-03-31/event-source-mappings";
    let uuid = request.parameters["UUID"].as_str();
    let address = match (request.api, uuid) {
        ("CreateEventSourceMapping", None) => format!("POST {all}"),
        ("UpdateEventSourceMapping", Some(uuid)) => format!("PUT {all}/{uuid}"),
        (other, _) => panic!("no address is known of {other}"),
    };
    assert_eq!(sent.action, address);
    if let Some(uuid) = uuid {
        told["UUID"] = uuid.into();
    }
    told
}

/// The document of a change of records; its zone stands in the address.
fn of_route53(sent: &Sent, said: &mut BTreeMap<String, String>) -> BTreeMap<String, String> {
    let zone = said.remove("HostedZoneId").unwrap();
    assert_eq!(
        sent.action,
        format!("POST /2013-04-01/hostedzone/{zone}/rrset")
    );
    document::flatten(&sent.body)
}

/// What is sent may have to be read first, by this alone.
const READ_BEFORE: &str = "BatchGetItem";

/// A transaction as its request tells it: the items are in no plan, so one part stands for all, each of which must
/// be like it but for the item; and the token follows from the items.
fn without_items(mut sent: Value, said: &Value) -> Value {
    let token = sent.as_object_mut().unwrap().remove("ClientRequestToken");
    assert!(token.unwrap().is_string());
    let parts = sent["TransactItems"].as_array_mut().unwrap();
    for part in parts.iter_mut() {
        let item = part["Put"]["Item"].take();
        assert!(!item.as_object().unwrap().is_empty());
        part["Put"]["Item"] = said["TransactItems"][0]["Put"]["Item"].clone();
    }
    parts.dedup();
    sent
}

#[tokio::test]
async fn every_operation_sends_exactly_what_its_request_says() {
    for operation in samples() {
        let recorder = samples::tables::items();
        let cx = context(&recorder);
        let name = operation.name();
        // The empty answer may not parse; only what was sent matters here.
        let _ = operation.issue(&cx).await;
        let mut sent = recorder.sent();
        sent.retain(|sent| sent.action != READ_BEFORE);
        assert_eq!(sent.len(), 1, "{name} must send exactly one request");
        let request = operation.request().stamped(&cx.stamp);
        if request.service == "lambda" {
            assert_eq!(of_lambda(&request, &sent[0]), request.parameters, "{name}");
            continue;
        }
        if speaks_in_documents(request.service) {
            assert_eq!(sent[0].action, request.api);
            let sent: Value = serde_json::from_str(&sent[0].body).unwrap();
            if carries_items(&request.parameters) {
                let sent = without_items(sent, &request.parameters);
                assert_eq!(sent, request.parameters, "{name}");
                continue;
            }
            assert_eq!(sent, request.parameters, "{name}");
            continue;
        }
        let mut said = BTreeMap::new();
        flatten(&request, "", &request.parameters, &mut said);
        let sent = match request.service {
            "route53" => of_route53(&sent[0], &mut said),
            _query => of_query(&request, &sent[0]),
        };
        assert_eq!(sent, said, "{name}");
    }
}

#[test]
fn every_registered_operation_has_a_sample_here() {
    let sampled: BTreeSet<&str> = samples().iter().map(|operation| operation.name()).collect();
    let registered: BTreeSet<&str> = REGISTRY.iter().map(|(name, _)| *name).collect();
    assert_eq!(sampled, registered);
}

#[test]
fn the_guard_lists_the_call_of_every_operation_and_no_other() {
    let requests = samples().into_iter().map(|operation| operation.request());
    let named = |request: Request| (sdk_service(request.service).to_owned(), request.api);
    let sent: BTreeSet<(String, &str)> = requests.map(named).collect();
    let listed = |lists: &[&[(&'static str, &'static str)]]| {
        let calls = lists.concat().into_iter();
        let own = calls.map(|(service, api)| (service.to_owned(), api));
        own.collect::<BTreeSet<_>>()
    };
    let reads = listed(&[READS]);
    let mutations: BTreeSet<_> = sent.difference(&reads).cloned().collect();
    let awaited = listed(&[AWAITED]);
    assert!(mutations.is_disjoint(&awaited), "one of them has come");
    let made_or_awaited: BTreeSet<_> = mutations.union(&awaited).cloned().collect();
    assert_eq!(made_or_awaited, listed(&[MUTATIONS, DELETIONS]));
}
