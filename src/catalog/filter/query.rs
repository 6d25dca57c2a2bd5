//! What is typed into the filter of a list: words, and conditions on one field such as `region:eu`.
//! It reads them; what has those fields applies them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Pattern;

/// A field that a condition can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The kind of the point or resource.
    Kind,
    /// Its Region.
    Region,
    /// Its account, or the profile that leads there.
    Account,
    /// Who made the point.
    Origin,
    /// The state of the point.
    State,
    /// A tag.
    Tag,
    /// What keeps the point from being deleted.
    Protection,
    /// The time of the data.
    Before,
}

impl Field {
    /// Every field, in the order in which they are explained.
    pub const ALL: [Self; 8] = [
        Self::Kind,
        Self::Region,
        Self::Tag,
        Self::Before,
        Self::Account,
        Self::Origin,
        Self::State,
        Self::Protection,
    ];

    /// Returns what is typed in front of its value, without the colon.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Region => "region",
            Self::Account => "account",
            Self::Origin => "origin",
            Self::State => "state",
            Self::Tag => "tag",
            Self::Protection => "protection",
            Self::Before => "before",
        }
    }

    /// Splits a word at the colon behind a field; any other word is none.
    #[must_use]
    pub fn of(word: &str) -> Option<(Self, &str)> {
        let (name, value) = word.split_once(':')?;
        let field = Self::ALL.into_iter().find(|one| one.as_str() == name)?;
        Some((field, value))
    }
}

/// A condition on one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The field has this in its text, in small letters; in any case.
    Has(Field, String),
    /// A tag whose key is this and whose value has that in it; without a value any key that begins so.
    Tag(String, Option<String>),
    /// The data is from before.
    Before(Timestamp),
}

impl Condition {
    /// Tells whether a text has a value in it, in any case.
    #[must_use]
    pub fn fits(value: &str, text: &str) -> bool {
        value.is_empty()
            || text
                .as_bytes()
                .windows(value.len())
                .any(|part| part.eq_ignore_ascii_case(value.as_bytes()))
            || (!text.is_ascii() && text.to_lowercase().contains(value))
    }

    /// Tells whether a tag is what is looked for.
    #[must_use]
    pub fn fits_tag(key: &str, value: Option<&str>, tag: (&str, &str)) -> bool {
        Self::fits_key(key, value.is_some(), tag.0)
            && value.is_none_or(|value| Self::fits(value, tag.1))
    }

    /// Tells whether a tag's key is what is looked for: all of it, or only its beginning.
    #[must_use]
    pub fn fits_key(key: &str, whole: bool, text: &str) -> bool {
        let text = text.to_lowercase();
        if whole {
            text == key
        } else {
            text.starts_with(key)
        }
    }

    /// Tells whether everything that fits it fits another too.
    fn narrows(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Has(field, value), Self::Has(of, wider)) => field == of && value.contains(wider),
            (Self::Tag(key, _), Self::Tag(wider, None)) => key.starts_with(wider),
            (Self::Tag(key, Some(value)), Self::Tag(of, Some(wider))) => {
                key == of && value.contains(wider)
            }
            (Self::Before(at), Self::Before(wider)) => at <= wider,
            (Self::Has(..) | Self::Tag(..) | Self::Before(_), _) => false,
        }
    }
}

/// What is typed, as far as it was understood.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The words.
    pub pattern: Pattern,
    /// The conditions.
    pub conditions: Vec<Condition>,
    /// Why a time cannot be read; it is no condition then.
    pub bad_time: Option<String>,
}

impl Query {
    /// Reads what is typed; `time` reads a time, which may be of two words, such as `38m ago`.
    #[must_use]
    pub fn read(text: &str, time: impl Fn(&str) -> Result<Timestamp, String>) -> Self {
        let mut query = Self::default();
        let mut words: Vec<&str> = Vec::new();
        let mut typed = text.split_whitespace().peekable();
        while let Some(word) = typed.next() {
            let Some((field, value)) = Field::of(word) else {
                words.push(word);
                continue;
            };
            match field {
                Field::Before if value.is_empty() => {}
                Field::Before => {
                    let both = typed.peek().map(|next| format!("{value} {next}"));
                    let both = both.and_then(|both| time(&both).ok());
                    if both.is_some() {
                        typed.next();
                    }
                    match both.map_or_else(|| time(value), Ok) {
                        Ok(at) => query.conditions.push(Condition::Before(at)),
                        Err(why) => query.bad_time = Some(why),
                    }
                }
                Field::Tag => query.conditions.push(tag(value)),
                Field::Kind
                | Field::Region
                | Field::Account
                | Field::Origin
                | Field::State
                | Field::Protection => {
                    let has = Condition::Has(field, value.to_lowercase());
                    query.conditions.push(has);
                }
            }
        }
        query.pattern = Pattern::new(&words.join(" "));
        query
    }

    /// Tells whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pattern.is_empty() && self.conditions.is_empty()
    }

    /// Tells whether everything that it lets through another lets through too: then only that need be
    /// looked at.
    #[must_use]
    pub fn narrows(&self, other: &Self) -> bool {
        let of = |query: &Self| {
            let words = query.pattern.words.iter();
            words
                .map(|word| (word.text.clone(), word.minds_case))
                .collect::<Vec<_>>()
        };
        let (words, wider) = (of(self), of(other));
        let longer = |(word, (wider, minds)): (&(String, bool), &(String, bool))| {
            // A capital letter narrows what minded no case.
            let word = if *minds {
                word.0.clone()
            } else {
                word.0.to_lowercase()
            };
            word.starts_with(wider.as_str())
        };
        let conditions = self.conditions.iter().zip(&other.conditions);
        words.len() >= wider.len()
            && words.iter().zip(&wider).all(longer)
            && words
                .iter()
                .zip(&wider)
                .all(|(word, wider)| word.1 >= wider.1)
            && self.conditions.len() >= other.conditions.len()
            && conditions
                .into_iter()
                .all(|(one, wider)| one.narrows(wider))
    }
}

/// Puts the text of saved filters in the place of their names, which begin with `@`. A name that is saved nowhere
/// stays what is looked for; a saved text names no other.
#[must_use]
pub fn expanded<'a>(text: &'a str, saved: &BTreeMap<String, String>) -> Cow<'a, str> {
    let named = |word: &str| {
        word.strip_prefix('@')
            .and_then(|name| saved.get(name))
            .cloned()
    };
    if !text.split_whitespace().any(|word| named(word).is_some()) {
        return Cow::Borrowed(text);
    }
    let words = text.split_whitespace();
    let words: Vec<String> = words
        .map(|word| named(word).unwrap_or_else(|| word.to_owned()))
        .collect();
    Cow::Owned(words.join(" "))
}

fn tag(value: &str) -> Condition {
    match value.split_once('=') {
        Some((key, value)) => Condition::Tag(key.to_lowercase(), Some(value.to_lowercase())),
        None => Condition::Tag(value.to_lowercase(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Query {
        Query::read(text, |text| match text {
            "02:14" | "38m ago" => Ok("2026-03-01T02:14:00Z".parse().unwrap()),
            other => Err(format!("“{other}” is no time")),
        })
    }

    #[test]
    fn words_and_conditions_are_told_apart_and_an_unknown_prefix_is_a_word() {
        let query = read("ord kind:EBS arn:aws tag:Name=Web data");
        assert_eq!(query.pattern.text(), "ord arn:aws data");
        let kind = Condition::Has(Field::Kind, "ebs".into());
        let tag = Condition::Tag("name".into(), Some("web".into()));
        assert_eq!(query.conditions, [kind, tag]);
        assert!(read("  ").is_empty());
    }

    #[test]
    fn a_saved_filter_stands_for_its_text_and_an_unknown_name_for_itself() {
        let saved = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let saved = [saved("prod", "tag:env=prod kind:ebs"), saved("a", "@prod")].into();
        let full = expanded("ord @prod x", &saved);
        assert_eq!(full, "ord tag:env=prod kind:ebs x");
        assert_eq!(read(&full).conditions.len(), 2);
        assert_eq!(expanded("@a", &saved), "@prod", "it is read once");
        for plain in ["@nobody", "me@prod", "@", "prod"] {
            assert!(matches!(expanded(plain, &saved), Cow::Borrowed(text) if text == plain));
        }
    }

    #[test]
    fn a_time_may_have_two_words_and_a_bad_one_says_why() {
        let before = Condition::Before("2026-03-01T02:14:00Z".parse().unwrap());
        assert_eq!(
            read("before:02:14 x").conditions,
            std::slice::from_ref(&before)
        );
        let aged = read("before:38m ago x");
        assert_eq!((aged.conditions, aged.pattern.text()), (vec![before], "x"));
        let bad = read("before:9 x");
        assert!(bad.conditions.is_empty() && bad.pattern.text() == "x");
        assert!(bad.bad_time.unwrap().contains('9'));
        assert_eq!(read("before:").bad_time, None);
    }

    #[test]
    fn a_longer_text_narrows_a_shorter_one_where_it_means_the_same() {
        for (longer, shorter) in [
            ("orde", "ord"),
            ("ord w", "ord"),
            ("ordE", "ord"),
            ("kind:eb", "kind:e"),
            ("tag:name=w", "tag:na"),
            ("tag:name=we", "tag:name=w"),
            ("ord kind:e", "ord"),
        ] {
            assert!(read(longer).narrows(&read(shorter)), "{longer} {shorter}");
            assert!(!read(shorter).narrows(&read(longer)), "{longer} {shorter}");
        }
        for (one, other) in [
            ("ord", "xord"),
            ("kind:", "kind"),
            ("Ord", "ORd"),
            ("region:e", "kind:e"),
        ] {
            assert!(!read(one).narrows(&read(other)), "{one} {other}");
        }
    }

    #[test]
    fn a_value_fits_in_any_case() {
        assert!(Condition::fits("eu", "EU-west-1") && Condition::fits("", ""));
        assert!(Condition::fits("mün", "MÜNCHEN"));
        assert!(!Condition::fits("us", "eu-west-1"));
        assert!(Condition::fits_tag(
            "name",
            Some("web"),
            ("Name", "my-Web-1")
        ));
        assert!(!Condition::fits_tag("name", Some("web"), ("NameX", "web")));
        assert!(Condition::fits_tag("na", None, ("Name", "")));
    }
}
