//! One AWS call as the words of a command line, with holes for what is only known while running.
//!
//! Parameters travel as JSON in ASCII without a single quote, so that whatever a tag holds is inert
//! between single quotes and arrives as the same bytes.

use std::fmt::Write as _;

use serde_json::Value;

use crate::restore::operations::dynamodb_fill::carries_items;

/// A stretch of an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Written as it is.
    Text(String),
    /// The value of a shell variable that was checked to be a plain id.
    Variable {
        /// Its name.
        name: String,
        /// What to show while it has no value.
        hint: String,
        /// Whether it holds several ids, with commas between them.
        list: bool,
    },
    /// Known to people only; never part of a command that a script runs.
    Hint(String),
}

/// A marker inside parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker<'a> {
    /// Part of the stamp.
    Stamp(&'a str),
    /// `step.field` of an output.
    Output(&'a str),
    /// `step.field` of what was found before.
    Before(&'a str),
}

impl<'a> Marker<'a> {
    /// Recognizes an object that is a marker and nothing else.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        let fields = value.as_object().filter(|fields| fields.len() == 1)?;
        let (key, value) = fields.iter().next()?;
        let value = value.as_str()?;
        match key.as_str() {
            "$stamp" => Some(Self::Stamp(value)),
            "$output" => Some(Self::Output(value)),
            "$before" => Some(Self::Before(value)),
            _field => None,
        }
    }
}

/// A call of the AWS CLI.
#[derive(Clone, Debug)]
pub(super) struct Command {
    service: &'static str,
    api: &'static str,
    json: Vec<Piece>,
    /// The instance whose user data goes with it.
    user_data: Option<String>,
    /// Whether what it sends is in no plan.
    carries_items: bool,
}

impl Command {
    /// Makes a command, asking `resolve` for what stands in the place of each marker.
    pub(super) fn new<E>(
        (service, api): (&'static str, &'static str),
        parameters: &Value,
        layout: Layout,
        resolve: &dyn Fn(Marker<'_>) -> Result<Vec<Piece>, E>,
    ) -> Result<Self, E> {
        let mut writer = Writer {
            pieces: Vec::new(),
            layout,
            resolve,
        };
        let (parameters, user_data) = without_user_data(parameters);
        writer.value(&parameters, 0)?;
        Ok(Self {
            service,
            api,
            json: writer.pieces,
            user_data,
            carries_items: carries_items(&parameters),
        })
    }

    /// Returns the instance whose user data goes with it. It stays where it is until right before the call.
    pub(super) fn user_data(&self) -> Option<&str> {
        self.user_data.as_deref()
    }

    /// Tells whether items of a table go with it, which are in no plan: no script can send it.
    pub(super) fn carries_items(&self) -> bool {
        self.carries_items
    }

    /// Returns what stands behind the JSON of a line that is typed by hand.
    pub(super) fn with_user_data(&self, options: &str) -> String {
        let Some(instance) = &self.user_data else {
            return String::new();
        };
        // The AWS CLI encodes what it sends, so it is decoded before.
        format!(
            " --user-data fileb://<(aws ec2 describe-instance-attribute {options} --instance-id {} \
             --attribute userData --query UserData.Value --output text | base64 -d)",
            quoted(&super::visible(instance))
        )
    }

    /// Returns service and command: `ec2 create-volume`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.service, kebab(self.api))
    }

    /// Returns the JSON as one shell word, with variables spliced in.
    pub(super) fn word(&self) -> String {
        let mut out = String::from("'");
        for piece in &self.json {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Variable {
                    name, list: true, ..
                } => {
                    let _ = write!(out, "'\"${{{name}//,/\\\",\\\"}}\"'");
                }
                Piece::Variable { name, .. } => {
                    let _ = write!(out, "'\"${name}\"'");
                }
                Piece::Hint(hint) => out.push_str(&json_inside(hint)),
            }
        }
        out.push('\'');
        out
    }

    /// Returns shell words that expand to a line which can be run by hand, variables filled in.
    pub(super) fn printed(&self, options: &str) -> String {
        let head = format!("  aws {} {options} --cli-input-json '", self.name());
        let mut out = quoted(&head);
        for piece in &self.json {
            match piece {
                Piece::Text(text) => out.push_str(&quoted(text)),
                Piece::Variable {
                    name, list: true, ..
                } => {
                    let _ = write!(out, "\"${{{name}//,/\\\",\\\"}}\"");
                }
                Piece::Variable { name, hint, .. } => {
                    let _ = write!(out, "\"${{{name}:-{hint}}}\"");
                }
                Piece::Hint(hint) => out.push_str(&quoted(&json_inside(hint))),
            }
        }
        out + &quoted(&format!("'{}", self.with_user_data(options)))
    }
}

/// How JSON is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// On one line.
    Compact,
    /// Two spaces of indentation, for reading.
    Pretty,
}

struct Writer<'a, E> {
    pieces: Vec<Piece>,
    layout: Layout,
    resolve: &'a dyn Fn(Marker<'_>) -> Result<Vec<Piece>, E>,
}

impl<E> Writer<'_, E> {
    fn text(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            Some(Piece::Variable { .. } | Piece::Hint(_)) | None => {
                self.pieces.push(Piece::Text(text.to_owned()));
            }
        }
    }

    fn newline(&mut self, depth: usize) {
        if self.layout == Layout::Pretty {
            self.text(&format!("\n{}", "  ".repeat(depth)));
        }
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<(), E> {
        if let Some(marker) = Marker::of(value) {
            return self.marker(marker);
        }
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => self.text(&value.to_string()),
            Value::String(text) => self.text(&format!("\"{}\"", json_inside(text))),
            Value::Array(items) => {
                let items = items.iter().map(|item| (None, item));
                self.list(('[', ']'), items, depth)?;
            }
            Value::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(key, field)| (Some(key.as_str()), field));
                self.list(('{', '}'), fields, depth)?;
            }
        }
        Ok(())
    }

    fn list<'v>(
        &mut self,
        (open, close): (char, char),
        items: impl Iterator<Item = (Option<&'v str>, &'v Value)>,
        depth: usize,
    ) -> Result<(), E> {
        self.text(&open.to_string());
        let mut empty = true;
        for (key, item) in items {
            if !empty {
                self.text(",");
            }
            empty = false;
            self.newline(depth + 1);
            if let Some(key) = key {
                let space = if self.layout == Layout::Pretty {
                    " "
                } else {
                    ""
                };
                self.text(&format!("\"{}\":{space}", json_inside(key)));
            }
            self.value(item, depth + 1)?;
        }
        if !empty {
            self.newline(depth);
        }
        self.text(&close.to_string());
        Ok(())
    }

    fn marker(&mut self, marker: Marker<'_>) -> Result<(), E> {
        let pieces = (self.resolve)(marker)?;
        let several = |piece: &Piece| matches!(piece, Piece::Variable { list: true, .. });
        let (open, close) = if pieces.iter().any(several) {
            ("[\"", "\"]")
        } else {
            ("\"", "\"")
        };
        self.text(open);
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.text(&json_inside(&text)),
                other @ (Piece::Variable { .. } | Piece::Hint(_)) => self.pieces.push(other),
            }
        }
        self.text(close);
        Ok(())
    }
}

/// Takes the marker for user data out of parameters.
fn without_user_data(parameters: &Value) -> (Value, Option<String>) {
    let mut left = parameters.clone();
    let mut instance = None;
    if let Some(fields) = left.as_object_mut() {
        fields.retain(|_, value| {
            let found = value["$user-data"].as_str().map(str::to_owned);
            let is_marker = found.is_some();
            instance = instance.take().or(found);
            !is_marker
        });
    }
    (left, instance)
}

/// Returns the inside of a JSON string in ASCII, without single quotes.
fn json_inside(text: &str) -> String {
    let json = serde_json::to_string(text).expect("text is JSON");
    ascii(&json[1..json.len() - 1])
}

/// Escapes what is not printable ASCII, and single quotes, as `\uXXXX`.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, ' '..='~') && c != '\'' {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// Returns a shell word for any text that is fit to be shown.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Returns an API name as the AWS CLI spells it: `CreateVolume` is `create-volume`.
pub(super) fn kebab(api: &str) -> String {
    let chars: Vec<char> = api.chars().collect();
    let mut out = String::with_capacity(api.len() + 4);
    for (n, c) in chars.iter().enumerate() {
        let after_lower = n > 0 && !chars[n - 1].is_ascii_uppercase();
        let starts_word = n > 0 && chars.get(n + 1).is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && (after_lower || starts_word) {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(marker: Marker<'_>) -> Result<Vec<Piece>, ()> {
        match marker {
            Marker::Stamp(part) => Ok(vec![Piece::Text(part.to_owned())]),
            Marker::Output(_) => Ok(vec![Piece::Variable {
                name: "step_2_volume".to_owned(),
                hint: "volume of step 2".to_owned(),
                list: false,
            }]),
            Marker::Before(_) => Err(()),
        }
    }

    #[test]
    fn names_are_spelled_as_the_aws_cli_spells_them() {
        assert_eq!(kebab("CreateVolume"), "create-volume");
        assert_eq!(kebab("ModifyDBInstance"), "modify-db-instance");
        assert_eq!(
            kebab("DescribeDBClusterSnapshots"),
            "describe-db-cluster-snapshots"
        );
    }

    #[test]
    fn a_word_holds_no_quote_and_no_control_and_means_the_same() {
        let parameters = json!({"Value": "a'b\"c$(d)`e`\n\u{202e}ü\u{1f980}\\"});
        let call = ("ec2", "CreateTags");
        let command = Command::new(call, &parameters, Layout::Compact, &plain).unwrap();
        let word = command.word();
        let inside = word.trim_matches('\'');
        assert!(
            inside
                .bytes()
                .all(|b| (b' '..=b'~').contains(&b) && b != b'\''),
            "{word}"
        );
        assert_eq!(serde_json::from_str::<Value>(inside).unwrap(), parameters);
    }

    #[test]
    fn an_output_is_spliced_in_as_a_variable() {
        let parameters = json!({"VolumeId": {"$output": "create.volume"}, "T": {"$stamp": "run"}});
        let call = ("ec2", "AttachVolume");
        let command = Command::new(call, &parameters, Layout::Compact, &plain).unwrap();
        assert_eq!(
            command.word(),
            r#"'{"T":"run","VolumeId":"'"$step_2_volume"'"}'"#
        );
    }

    #[test]
    fn several_ids_are_a_list_and_user_data_is_no_part_of_the_json() {
        let several = |_: Marker<'_>| {
            Ok::<_, ()>(vec![Piece::Variable {
                name: "rules".to_owned(),
                hint: "rules".to_owned(),
                list: true,
            }])
        };
        let parameters = json!({"R": {"$output": "a.b"}, "UserData": {"$user-data": "i-1"}});
        let call = ("ec2", "RunInstances");
        let command = Command::new(call, &parameters, Layout::Compact, &several).unwrap();
        assert_eq!(command.word(), r#"'{"R":["'"${rules//,/\",\"}"'"]}'"#);
        assert_eq!(command.user_data(), Some("i-1"));
        let script = format!("rules=a,b,c; printf %s {}", command.word());
        let said = std::process::Command::new("bash")
            .arg("-c")
            .arg(script)
            .output();
        assert_eq!(said.unwrap().stdout, br#"{"R":["a","b","c"]}"#);
        assert!(command.printed("-o").contains("--user-data fileb://<("));
    }
}
