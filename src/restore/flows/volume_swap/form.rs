//! The fidelity table: for every field what will be done, why, and what AWS would do by itself.
//!
//! It never fails: what does not fit is shown as it was typed, and planning says what is wrong.

use crate::domain::form::{Choices, Field, FieldSpec, Form, ValueFrom};
use crate::domain::text::{Untrusted, listed, shown};

use super::facts::SwapFacts;
use super::settings::{Said, Settings};
use super::target::Target;

/// Makes the table in the order of the fields, with what cannot be chosen behind it.
pub(super) fn form(facts: &SwapFacts, choices: &Choices, specs: &[FieldSpec]) -> Form {
    let target = Target::of(facts, choices).ok();
    let settings = target
        .as_ref()
        .and_then(|target| Settings::of(target, choices).ok());
    let table = Table {
        facts,
        choices,
        target: target.as_ref(),
        settings: settings.as_ref(),
    };
    let chosen = specs.iter().map(|spec| table.line(spec.name));
    let derived = ["encryption", "tags", "availability-zone"];
    chosen
        .chain(derived.iter().map(|name| table.line(name)))
        .collect()
}

struct Table<'a> {
    facts: &'a SwapFacts,
    choices: &'a Choices,
    target: Option<&'a Target<'a>>,
    settings: Option<&'a Settings>,
}

/// A value fit to be shown, and where it comes from.
type Line = (Option<String>, ValueFrom);

impl Table<'_> {
    fn line(&self, name: &str) -> Field {
        let (value, from) = self
            .worked_out(name)
            .unwrap_or_else(|| match self.choices.one(name) {
                Some(typed) => (Some(shown(typed)), ValueFrom::Yours),
                None => (None, ValueFrom::Missing),
            });
        Field {
            name: name.to_owned(),
            value,
            from,
            aws_default: self.aws_default(name),
        }
    }

    fn worked_out(&self, name: &str) -> Option<Line> {
        match name {
            "snapshot" => Some((Some(self.facts.snapshot.id.to_string()), ValueFrom::Yours)),
            "instance" => Some(self.instance()),
            "device" | "mode" | "no-safety-snapshot" => Some(self.of_target(name, self.target?)),
            other => self.of_settings(other, self.settings?),
        }
    }

    fn instance(&self) -> Line {
        let from = if self.choices.one("instance").is_some() {
            ValueFrom::Yours
        } else {
            ValueFrom::AsBefore
        };
        (Some(self.facts.instance_called()), from)
    }

    fn of_target(&self, name: &str, target: &Target) -> Line {
        let or_yours = |chosen: bool, from| if chosen { ValueFrom::Yours } else { from };
        match name {
            "device" => {
                let from = if target.old.is_some() {
                    ValueFrom::AsBefore
                } else {
                    ValueFrom::Proposed
                };
                let from = or_yours(target.device_chosen, from);
                (Some(target.device_shown()), from)
            }
            "mode" => {
                let word = target.mode.as_str().to_owned();
                let from = or_yours(target.mode_chosen, ValueFrom::Proposed);
                (Some(word), from)
            }
            _safety => {
                let none = target.old.is_none() || self.choices.flag(name);
                let word = if none { "yes" } else { "no" };
                let from = or_yours(self.choices.flag(name), ValueFrom::Proposed);
                (Some(word.to_owned()), from)
            }
        }
    }

    fn of_settings(&self, name: &str, settings: &Settings) -> Option<Line> {
        let line = match name {
            "volume-type" => text(&settings.volume_type),
            "iops" => optional(&settings.iops, ""),
            "throughput" => optional(&settings.throughput, " MiB/s"),
            "size" => number(settings.size.value, " GiB", settings.size.from),
            "kms-key" => key(settings),
            "initialization-rate" => match settings.initialization_rate {
                Some(rate) => number(rate, " MiB/s", ValueFrom::Yours),
                None => (None, ValueFrom::AwsDefault),
            },
            "keep-until" => text(&settings.keep_until),
            "delete-on-termination" => {
                let said = settings.delete_on_termination.value;
                let word = said.map(|delete| yes_or_no(delete).to_owned());
                (word, settings.delete_on_termination.from)
            }
            "encryption" => {
                let word = yes_or_no(settings.encrypted.value).to_owned();
                (Some(word), settings.encrypted.from)
            }
            "tags" => self.tags(settings),
            "availability-zone" => {
                let zone = shown(&self.facts.instance.zone);
                (Some(zone), ValueFrom::AsBefore)
            }
            _other => return None,
        };
        Some(line)
    }

    fn tags(&self, settings: &Settings) -> Line {
        let keys = settings.tags.keys().map(Untrusted::shown);
        let keys: Vec<String> = keys.collect();
        let like = self.target.and_then(|target| target.like);
        match (like, keys.is_empty()) {
            (None, _) => (Some("none".to_owned()), ValueFrom::AwsDefault),
            (Some(_), true) => (Some("none".to_owned()), ValueFrom::AsBefore),
            (Some(_), false) => {
                let all = format!("{}: {}", keys.len(), listed(&keys));
                (Some(all), ValueFrom::AsBefore)
            }
        }
    }

    /// From the API references of `CreateVolume` and `AttachVolume`.
    fn aws_default(&self, name: &str) -> Option<String> {
        let snapshot = &self.facts.snapshot;
        let own = snapshot.owner == self.facts.place.account;
        let by_default = self.facts.encryption_by_default.value() == Some(&true);
        let text = match name {
            "volume-type" => "gp2".to_owned(),
            "iops" => self.default_of_gp3("3000"),
            "throughput" => self.default_of_gp3("125 MiB/s"),
            "size" => format!("{} GiB, as the snapshot", snapshot.size),
            "encryption" => yes_or_no(snapshot.encrypted || by_default).to_owned(),
            "kms-key" if snapshot.encrypted && own => "the snapshot's key".to_owned(),
            "kms-key" if snapshot.encrypted || by_default => {
                "the account's default key for EBS".to_owned()
            }
            "kms-key" | "tags" => "none".to_owned(),
            "delete-on-termination" => "no, after an attach".to_owned(),
            "initialization-rate" => "as blocks are first read".to_owned(),
            "device" | "availability-zone" => "none: it must be named".to_owned(),
            "no-safety-snapshot" => "no safety snapshot".to_owned(),
            _other => return None,
        };
        Some(text)
    }

    fn default_of_gp3(&self, value: &str) -> String {
        let kind = self
            .settings
            .map(|settings| settings.volume_type.value.as_str());
        match kind {
            Some("gp3") => value.to_owned(),
            _other => "follows from the volume type".to_owned(),
        }
    }
}

fn text(said: &Said<String>) -> Line {
    (Some(shown(&said.value)), said.from)
}

fn optional(said: &Said<Option<i32>>, unit: &str) -> Line {
    let value = said.value.map(|value| format!("{value}{unit}"));
    (value, said.from)
}

fn number(value: i32, unit: &str, from: ValueFrom) -> Line {
    (Some(format!("{value}{unit}")), from)
}

fn key(settings: &Settings) -> Line {
    let value = settings.kms_key.value.as_deref().map(shown);
    (value, settings.kms_key.from)
}

/// Returns the word.
pub(super) fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
