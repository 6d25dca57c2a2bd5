//! An XML document flattened as forms are: `ChangeBatch.Changes.1.Action`.
//!
//! It reads what the SDK writes and no more: elements, text, and a root that names the request.

use std::collections::BTreeMap;

/// Elements that are the items of a list.
const ITEMS: [&str; 2] = ["Change", "ResourceRecord"];

struct Element {
    part: String,
    items: usize,
    leaf: bool,
}

pub(super) fn flatten(document: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut open: Vec<Element> = Vec::new();
    let mut rest = document;
    while let Some(at) = rest.find('<') {
        let text = &rest[..at];
        let end = at + rest[at..].find('>').unwrap();
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if tag.starts_with('?') {
            continue;
        }
        if tag.starts_with('/') {
            let path: Vec<String> = open.iter().skip(1).map(|one| one.part.clone()).collect();
            if open.pop().unwrap().leaf {
                out.insert(path.join("."), unescaped(text));
            }
            continue;
        }
        let name = tag.split(' ').next().unwrap();
        let part = match open.last_mut() {
            None => name.to_owned(),
            Some(parent) => {
                parent.leaf = false;
                parent.items += 1;
                let item = ITEMS.contains(&name);
                if item {
                    parent.items.to_string()
                } else {
                    name.to_owned()
                }
            }
        };
        open.push(Element {
            part,
            items: 0,
            leaf: true,
        });
    }
    out
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&quot;", "\"").replace("&amp;", "&")
}
