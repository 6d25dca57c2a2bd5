//! A flow's questions as flags: the same names as the fields of the wizard.
//!
//! The flags are built from each flow's own field table, so adding a flow adds its command.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use crate::domain::form::{Choices, FieldKind, FieldSpec};
use crate::restore::flow::{AnyFlow, find};
use crate::restore::flows::REGISTRY;

/// The flag by which a root is made as at the launch, and not from a point.
const LAUNCH_STATE: &str = "launch-state";

/// A flow with what was chosen for it; none where the command allows that.
#[derive(Clone)]
pub struct FlowChoice {
    /// The flow and its choices.
    pub chosen: Option<(&'static dyn AnyFlow, Choices)>,
}

impl std::fmt::Debug for FlowChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let chosen = self.chosen.as_ref();
        let chosen = chosen.map(|(flow, choices)| (flow.name(), choices));
        f.debug_struct("FlowChoice")
            .field("chosen", &chosen)
            .finish()
    }
}

impl Args for FlowChoice {
    fn augment_args(command: Command) -> Command {
        command
            .subcommand_value_name("FLOW")
            .subcommand_help_heading("Flows")
            .subcommands(REGISTRY.iter().map(|flow| flow_command(*flow)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for FlowChoice {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let chosen = matches.subcommand().and_then(|(name, matches)| {
            let flow = find(name)?;
            Some((flow, choices(flow.fields(), matches)))
        });
        Ok(Self { chosen })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn flow_command(flow: &'static dyn AnyFlow) -> Command {
    Command::new(flow.name())
        .about(flow.sentence())
        .args(flow.fields().iter().map(flag))
        .mut_args(|arg| {
            // In the console the flag goes before the point that a restore was begun from; here both are said.
            if arg.get_id() == LAUNCH_STATE {
                arg.conflicts_with_all(points(flow.fields()))
            } else {
                arg
            }
        })
}

fn points(fields: &'static [FieldSpec]) -> Vec<&'static str> {
    let point = |field: &&FieldSpec| matches!(field.kind, FieldKind::Point(_));
    fields
        .iter()
        .filter(point)
        .map(|field| field.name)
        .collect()
}

fn flag(field: &'static FieldSpec) -> Arg {
    let arg = Arg::new(field.name)
        .long(field.name)
        .help(field.sentence)
        .required(field.required);
    match field.kind {
        FieldKind::Text(value) => arg.value_name(value),
        FieldKind::Number(value) => arg.value_name(value).value_parser(value_parser!(u32)),
        FieldKind::Date => arg.value_name("DATE"),
        FieldKind::Instant => arg.value_name("TIME"),
        FieldKind::Resource(_) | FieldKind::Point(_) => arg.value_name("ID"),
        FieldKind::OneOf(words) => arg
            .value_name("WORD")
            .value_parser(PossibleValuesParser::new(words)),
        FieldKind::Flag => arg.action(ArgAction::SetTrue),
    }
}

fn choices(fields: &[FieldSpec], matches: &ArgMatches) -> Choices {
    let mut choices = Choices::default();
    for field in fields {
        let value = match field.kind {
            FieldKind::Flag => matches.get_flag(field.name).then(|| "yes".to_owned()),
            FieldKind::Number(_) => matches.get_one::<u32>(field.name).map(u32::to_string),
            FieldKind::Text(_)
            | FieldKind::Date
            | FieldKind::Instant
            | FieldKind::Resource(_)
            | FieldKind::Point(_)
            | FieldKind::OneOf(_) => matches.get_one::<String>(field.name).cloned(),
        };
        if let Some(value) = value {
            choices.set(field.name, value);
        }
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_made_from_one_thing_alone() {
        let command = flow_command(find("replace-root").unwrap());
        let taken = |line: &str| command.clone().try_get_matches_from(line.split(' '));
        assert!(taken("replace-root --instance i-1 --launch-state").is_ok());
        for point in ["--image ami-1", "--snapshot snap-1"] {
            let both = format!("replace-root --instance i-1 --launch-state {point}");
            let told = taken(&both).unwrap_err().to_string();
            assert!(told.contains("cannot be used with"), "{told}");
        }
    }
}
