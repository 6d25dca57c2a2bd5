//! Saved filters, as the settings file has them: each is examined where it stands, so that an error tells its own line.
//! What a filter means is not known here.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

use crate::domain::text::shown;

/// Reads the table of saved filters, by name.
pub(super) fn read<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    from.deserialize_map(Saved)
}

/// The table.
struct Saved;

impl<'de> Visitor<'de> for Saved {
    type Value = BTreeMap<String, String>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("filters, each NAME = \"what is typed for it\"")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut saved = BTreeMap::new();
        while let Some(name) = map.next_key_seed(Name)? {
            let text = map.next_value_seed(TextOf(&name))?;
            saved.insert(name, text);
        }
        Ok(saved)
    }
}

/// A name: what can be typed behind an `@`.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<String, D::Error> {
        let name = String::deserialize(from)?;
        let fit = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || !name.chars().all(fit) {
            let what = format!(
                "“{}” cannot be typed as @NAME: a filter is called by letters, digits, - _ and .",
                shown(&name)
            );
            return Err(D::Error::custom(what));
        }
        Ok(name)
    }
}

/// What is typed for the filter of a name.
struct TextOf<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for TextOf<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<String, D::Error> {
        let text = String::deserialize(from)?;
        let name = shown(self.0);
        if let Some(named) = text.split_whitespace().find(|word| word.starts_with('@')) {
            let what = format!(
                "the filter “{name}” names another ({}): write out what that stands for",
                shown(named)
            );
            return Err(D::Error::custom(what));
        }
        if text.trim().is_empty() {
            let what = format!("the filter “{name}” lets everything through");
            return Err(D::Error::custom(what));
        }
        Ok(text)
    }
}
