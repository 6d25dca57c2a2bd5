//! Reads back the parameters of a request from its body, as they were really sent.
//!
//! The query protocols send a form (`TagSpecification.1.Tag.1.Key=Name`), KMS and DynamoDB send JSON. Only what the
//! record of calls needs is understood.

use std::collections::BTreeMap;

/// Lists the parameters of a body; what cannot be read is left out.
pub fn of(service: &str, body: &[u8]) -> BTreeMap<String, String> {
    if matches!(service, "KMS" | "DynamoDB") {
        return json(body);
    }
    if service == "Route 53" {
        let body = String::from_utf8_lossy(body).into_owned();
        return BTreeMap::from([("Body".to_owned(), body)]);
    }
    let form = String::from_utf8_lossy(body);
    let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .filter(|(name, _)| !matches!(*name, "Action" | "Version"))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn json(body: &[u8]) -> BTreeMap<String, String> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(body).unwrap_or_default();
    let text = |value: serde_json::Value| match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_string(),
    };
    object.into_iter().map(|(k, v)| (k, text(v))).collect()
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
            b"Action=CreateTags&Tag.1.Value=a%20%26%20b%C3%A9&DryRun=true",
        );
        assert_eq!(read["Tag.1.Value"], "a & bé");
        assert_eq!(read["DryRun"], "true");
        assert_eq!(read.len(), 2);
    }
}
