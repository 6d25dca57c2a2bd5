//! Reads back the parameters of a request from its body, as they were really sent.
//!
//! The query protocols send a form (`TagSpecification.1.Tag.1.Key=Name`), KMS and DynamoDB send JSON. Only what the
//! record of calls needs is understood.

use std::collections::BTreeMap;

/// Lists the parameters of a request; what cannot be read is left out.
pub fn of(service: &str, path: &str, body: &[u8]) -> BTreeMap<String, String> {
    if matches!(service, "KMS" | "DynamoDB") {
        return json(body);
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
            "/",
            b"Action=CreateTags&Tag.1.Value=a%20%26%20b%C3%A9&DryRun=true",
        );
        assert_eq!(read["Tag.1.Value"], "a & bé");
        assert_eq!(read["DryRun"], "true");
        assert_eq!(read.len(), 2);
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
