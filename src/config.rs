//! The settings file `config.toml`, and the directories that defib keeps its files in.
//!
//! An unknown field or a bad value is an error with file, line and the nearest known name; a setting
//! is never dropped in silence. What the AWS files say is not repeated here.

mod filters;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use etcetera::base_strategy::{BaseStrategy, Xdg};
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, de};

use crate::domain::ids::AccountId;
use crate::domain::text::{nearest, shown};

/// The settings. A flag of the command line outranks its setting.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Profiles to show when no `--profile` is given.
    pub profiles: Vec<String>,
    /// Regions to show when no `--region` is given; `all` stands for every enabled one.
    pub regions: Vec<String>,
    /// Accounts in which an interrupting plan must be confirmed by typing.
    #[serde(deserialize_with = "accounts")]
    pub protected_accounts: BTreeSet<AccountId>,
    /// Whether runs are forbidden.
    pub read_only: bool,
    /// Zone of bare times, and of the local time beside UTC.
    #[serde(deserialize_with = "time_zone")]
    pub timezone: TimeZone,
    /// Colours; `None` lets the terminal decide.
    pub theme: Option<Theme>,
    /// Keys.
    pub keymap: Keymap,
    /// Whether a custom endpoint honours `DryRun`; without this it is never asked to.
    pub endpoint_honours_dry_run: bool,
    /// Saved filters: names without blanks, and what is typed for them.
    #[serde(deserialize_with = "filters::read")]
    pub filters: BTreeMap<String, String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            profiles: Vec::new(),
            regions: Vec::new(),
            protected_accounts: BTreeSet::new(),
            read_only: false,
            timezone: TimeZone::UTC,
            theme: None,
            keymap: Keymap::Default,
            endpoint_honours_dry_run: false,
            filters: BTreeMap::new(),
        }
    }
}

/// Colours of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Theme {
    /// The terminal's own sixteen colours.
    #[serde(rename = "16")]
    Sixteen,
    /// For light backgrounds.
    #[serde(rename = "light")]
    Light,
    /// For dark backgrounds.
    #[serde(rename = "dark")]
    Dark,
    /// No colours.
    #[serde(rename = "mono")]
    Mono,
}

/// Keys of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keymap {
    /// Arrows and letters.
    Default,
    /// As in vim.
    Vim,
    /// As in Emacs.
    Emacs,
}

/// A word that is none of a setting's values.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{}", .0)]
pub struct UnknownWord(String);

impl FromStr for Theme {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        word_of(word)
    }
}

impl FromStr for Keymap {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        word_of(word)
    }
}

/// Reads a word as the settings file would.
fn word_of<'a, T: Deserialize<'a>>(word: &'a str) -> Result<T, UnknownWord> {
    let word = de::value::StrDeserializer::<de::value::Error>::new(word);
    T::deserialize(word).map_err(|error| UnknownWord(shown(&error.to_string())))
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Neither the XDG variables nor the system tell where the home directory is.
    #[error("the home directory is not known")]
    NoHome,
    /// The file is there and cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file says something that is no setting.
    #[error("{path}, line {line}: {what}")]
    Invalid {
        /// The file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong, fit to be shown.
        what: String,
        /// The known name that may have been meant.
        nearest: Option<String>,
    },
}

impl Config {
    /// Reads the settings; a file that is not there leaves every setting at its default.
    ///
    /// # Errors
    /// [`ConfigError::Unreadable`] and [`ConfigError::Invalid`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let name = shown(&path.to_string_lossy());
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&name, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ConfigError::Unreadable { path: name, source }),
        }
    }

    fn parse(path: &str, text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or(text);
            ConfigError::Invalid {
                path: path.to_owned(),
                line: before.matches('\n').count() + 1,
                what: shown(error.message()),
                nearest: nearest_of(error.message()),
            }
        })
    }
}

fn accounts<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeSet<AccountId>, D::Error> {
    let numbers = Vec::<String>::deserialize(from)?;
    for number in &numbers {
        if number.len() != 12 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            let what = format!(
                "“{}” is not an account number of twelve digits",
                shown(number)
            );
            return Err(de::Error::custom(what));
        }
    }
    Ok(numbers.into_iter().map(AccountId::new).collect())
}

fn time_zone<'de, D: Deserializer<'de>>(from: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(from)?;
    TimeZone::get(&name).map_err(|_| {
        let name = shown(&name);
        de::Error::custom(format!(
            "this machine knows no time zone “{name}” (names are like Europe/Berlin)"
        ))
    })
}

/// Finds the known name nearest to the unknown one in serde's sentence, which quotes first the
/// unknown and then the known names.
fn nearest_of(sentence: &str) -> Option<String> {
    if !sentence.starts_with("unknown ") {
        return None;
    }
    let mut quoted = sentence.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    nearest(unknown, quoted).map(str::to_owned)
}

/// The directories of defib.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Settings and keys.
    pub config: PathBuf,
    /// Journal and logs of runs.
    pub state: PathBuf,
    /// What can be read again from AWS.
    pub cache: PathBuf,
}

impl Paths {
    /// Returns the directories that the XDG variables name, or their defaults in the home directory.
    ///
    /// # Errors
    /// [`ConfigError::NoHome`]
    pub fn from_environment() -> Result<Self, ConfigError> {
        let xdg = Xdg::new().map_err(|_| ConfigError::NoHome)?;
        let state = xdg.state_dir().ok_or(ConfigError::NoHome)?;
        Ok(Self {
            config: xdg.config_dir().join("defib"),
            state: state.join("defib"),
            cache: xdg.cache_dir().join("defib"),
        })
    }

    /// Returns the settings file.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (usize, String, Option<String>) {
        match Config::parse("config.toml", text) {
            Err(ConfigError::Invalid {
                line,
                what,
                nearest,
                ..
            }) => (line, what, nearest),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_setting_is_read() {
        let text = r#"
            profiles = ["acme-prod", "acme-dr"]
            regions = ["eu-west-1", "all"]
            protected_accounts = ["111122223333"]
            read_only = true
            timezone = "UTC"
            theme = "16"
            keymap = "vim"
            endpoint_honours_dry_run = true
            [filters]
            prod = "tag:env=prod"
        "#;
        let config = Config::parse("config.toml", text).unwrap();
        assert_eq!(config.profiles, ["acme-prod", "acme-dr"]);
        assert_eq!(config.regions, ["eu-west-1", "all"]);
        assert!(config.protected_accounts.contains(&"111122223333".into()));
        assert!(config.read_only && config.endpoint_honours_dry_run);
        assert_eq!(config.timezone, TimeZone::UTC);
        assert_eq!(config.theme, Some(Theme::Sixteen));
        assert_eq!(config.keymap, Keymap::Vim);
        assert_eq!(config.filters["prod"], "tag:env=prod");
    }

    #[test]
    fn a_filter_that_cannot_be_typed_or_lets_everything_through_is_refused() {
        let (line, what, _) = refused("[filters]\nb = \"x\"\n\"my prod\" = \"x\"\n");
        assert_eq!(line, 3, "that of the filter: {what}");
        assert!(what.contains("“my prod” cannot be typed"), "{what}");
        let (line, what, _) = refused("[filters]\nall = \" \"\n");
        assert_eq!(line, 2, "{what}");
        assert_eq!(refused("[filters]\na = \"x\"\nb = 1\n").0, 3);
        assert!(what.contains("“all” lets everything through"), "{what}");
        let (line, what, _) = refused("\n[filters]\nb = \"y\"\na = \"x @b\"\n");
        assert_eq!(line, 4, "{what}");
        assert!(what.contains("“a” names another (@b)"), "{what}");
    }

    #[test]
    fn an_unknown_field_is_named_with_its_line_and_the_nearest_name() {
        let (line, what, nearest) = refused("read_only = true\n\nprofile = [\"a\"]\n");
        assert_eq!(line, 3);
        assert!(what.contains("unknown field `profile`"), "{what}");
        assert_eq!(nearest.as_deref(), Some("profiles"));
        assert_eq!(refused("zebra = 1").2, None);
    }

    #[test]
    fn a_bad_value_is_named_with_its_line() {
        let (line, what, _) = refused("read_only = true\nprotected_accounts = [\"1111\"]\n");
        assert_eq!(line, 2);
        assert!(what.contains("“1111”"), "{what}");
        let (line, what, _) = refused("\ntimezone = \"Europe/Atlantis\"\n");
        assert_eq!(line, 2);
        assert!(what.contains("Europe/Atlantis"), "{what}");
        let (line, _, nearest) = refused("\n\nkeymap = \"vmi\"");
        assert_eq!((line, nearest.as_deref()), (3, Some("vim")));
        assert_eq!(refused("profiles = \"acme\"").0, 1);
        assert_eq!(refused("a = 1\nread_only = \n").0, 2);
    }

    #[test]
    fn a_hostile_field_name_is_shown_harmless() {
        let (_, what, _) = refused("\"a\\u001b[2J\" = 1");
        assert!(
            !what.contains('\u{1b}') && what.contains("U+001B"),
            "{what}"
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_no_error() {
        let directory = tempfile::tempdir().unwrap();
        let config = Config::read(&directory.path().join("config.toml")).unwrap();
        assert!(config.profiles.is_empty() && !config.read_only);
        let unreadable = Config::read(directory.path());
        assert!(matches!(unreadable, Err(ConfigError::Unreadable { .. })));
    }

    #[test]
    fn a_flag_takes_the_words_of_the_file() {
        assert_eq!("mono".parse(), Ok(Theme::Mono));
        assert_eq!("emacs".parse(), Ok(Keymap::Emacs));
        let refused = "nano".parse::<Keymap>().unwrap_err().to_string();
        assert!(
            refused.contains("nano") && refused.contains("emacs"),
            "{refused}"
        );
    }
}
