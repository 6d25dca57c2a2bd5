//! Reads back the parameters of a request from its body, as they were really sent.
//!
//! The query protocols send a form (`TagSpecification.1.Tag.1.Key=Name`); JSON and CBOR are told the same way
//! (`Tags.1.Key`).
//! Only what the record of calls needs is understood.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cbor;
use super::wire::{speaks_cbor, speaks_json};

/// Lists the parameters of a request; what cannot be read is left out.
pub fn of(service: &str, path: &str, body: &[u8]) -> BTreeMap<String, String> {
    if speaks_json(service) {
        let mut all = told(&serde_json::from_slice(body).unwrap_or_default());
        if service == "Lambda" {
            let mut parts = path
                .split('/')
                .skip_while(|part| *part != "event-source-mappings");
            let mapping = parts
                .nth(1)
                .map(|uuid| ("UUID".to_owned(), uuid.to_owned()));
            all.extend(mapping);
        }
        return all;
    }
    if speaks_cbor(service) {
        return told(&cbor::to_json(body).unwrap_or_default());
    }
    if service == "Route 53" {
        let mut all = elements(&String::from_utf8_lossy(body));
        let mut parts = path.split('/').skip_while(|part| *part != "hostedzone");
        if let Some(zone) = parts.nth(1) {
            all.insert("HostedZoneId".to_owned(), zone.to_owned());
        }
        return all;
    }
    let form = String::from_utf8_lossy(body);
    let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .filter(|(name, _)| !matches!(*name, "Action" | "Version"))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// The texts of an XML document in their order, each by its element and its place among all texts.
fn elements(document: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut element = "";
    for piece in document.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        if !tag.starts_with('/') {
            element = tag.split(' ').next().unwrap_or_default();
        }
        if !text.trim().is_empty() {
            all.insert(format!("{:03}.{element}", all.len() + 1), unescaped(text));
        }
    }
    all
}

fn unescaped(text: &str) -> String {
    let plain = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
    ];
    let text = plain.iter().fold(text.to_owned(), |text, (coded, plain)| {
        text.replace(coded, plain)
    });
    text.replace("&amp;", "&")
}

/// The values of a document, each by the way to it. A value that is nothing is no parameter.
fn told(document: &Value) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    flatten("", document, &mut all);
    all
}

fn flatten(way: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    let below = |name: &str| match way {
        "" => name.to_owned(),
        _ => format!("{way}.{name}"),
    };
    match value {
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => {
            into.insert(way.to_owned(), value.to_string());
        }
        Value::String(text) => {
            into.insert(way.to_owned(), text.clone());
        }
        Value::Array(all) => {
            for (number, one) in (1_usize..).zip(all) {
                flatten(&below(&number.to_string()), one, into);
            }
        }
        Value::Object(fields) => {
            for (name, one) in fields {
                flatten(&below(name), one, into);
            }
        }
    }
}

/// Undoes the percent encoding of a form.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex(rest.next()) * 16 + hex(rest.next()),
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: Option<u8>) -> u8 {
    let digit = digit.and_then(|byte| char::from(byte).to_digit(16));
    digit
        .and_then(|value| u8::try_from(value).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_back_as_it_was_meant() {
        let read = of(
            "EC2",
            "/",
            b"Action=CreateTags&Tag.1.Value=a%20%26%20b%C3%A9&DryRun=true",
        );
        assert_eq!(read["Tag.1.Value"], "a & bé");
        assert_eq!(read["DryRun"], "true");
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn json_is_told_value_by_value_as_a_form_is() {
        let body = br#"{"Tags":[{"Key":"a","Value":"b"},{"Key":"c","Value":""}],"At":1741615440,
            "To":{"TargetValue":70.0,"On":true,"No":null},"None":[],"Text":"1"}"#;
        for service in ["DynamoDB", "SSM", "Application Auto Scaling", "KMS"] {
            let read = of(service, "/", body);
            let told: Vec<_> = read.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            let wanted = [
                ("At", "1741615440"),
                ("Tags.1.Key", "a"),
                ("Tags.1.Value", "b"),
                ("Tags.2.Key", "c"),
                ("Tags.2.Value", ""),
                ("Text", "1"),
                ("To.On", "true"),
                ("To.TargetValue", "70.0"),
            ];
            assert_eq!(told, wanted, "{service}");
        }
        assert_eq!(of("KMS", "/", b"no JSON"), BTreeMap::new());
    }

    #[test]
    fn a_mapping_is_told_by_its_address() {
        let path = "/2015-03-31/event-source-mappings";
        let told = of("Lambda", &format!("{path}/u-1"), br#"{"Enabled":true}"#);
        assert_eq!(
            (told["UUID"].as_str(), told["Enabled"].as_str()),
            ("u-1", "true")
        );
        assert_eq!(of("Lambda", path, br#"{"BatchSize":1}"#).len(), 1);
        assert_eq!(of("Lambda", path, b"").len(), 0);
    }

    #[test]
    fn cbor_is_told_as_json_is() {
        let document = serde_json::json!({"Threshold": 70.0, "Metrics": [{"Id": "m1"}]});
        let read = of("CloudWatch", "/", &cbor::of_json(&document));
        assert_eq!(read, told(&document));
        assert_eq!(read["Threshold"], "70.0");
        assert_eq!(of("CloudWatch", "/", b"{}"), BTreeMap::new());
    }

    #[test]
    fn a_change_of_records_is_told_by_its_texts_and_its_zone() {
        let body =
            br#"<A xmlns="x"><B><Name>a.example.</Name><Value>&quot;v&amp;1&quot;</Value></B></A>"#;
        let read = of("Route 53", "/2013-04-01/hostedzone/Z1/rrset/", body);
        let told: Vec<_> = read.values().map(String::as_str).collect();
        assert_eq!(told, ["a.example.", "\"v&1\"", "Z1"]);
    }
}
