//! What `update` asks of the world, as plain data.
//! Who carries it out, and how long that takes, is unknown here.

use serde_json::Value;

use crate::domain::code::Code;
use crate::domain::detail::Question;
use crate::domain::form::Choices;
use crate::domain::ids::{RunId, StepId};
use crate::domain::instance_now::Target;
use crate::domain::place::Place;
use crate::domain::plan::Plan;
use crate::domain::run::{Approval, CommandKind};

use super::policies::VaultKey;

/// Number of a restore that is being prepared; answers to another one are stale.
pub type Draft = u64;

/// How a plan is written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A runbook.
    Markdown,
    /// A script of `aws` commands.
    Shell,
    /// What `defib run --plan` takes.
    Json,
}

/// The word that stands for every Region that is enabled.
pub const ALL_REGIONS: &str = "all";

/// A profile that is to be listed, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The profile; `None` for the environment's.
    pub profile: Option<String>,
    /// Regions; none for the profile's own, [`ALL_REGIONS`] for every enabled one.
    pub regions: Vec<String>,
}

/// Something to be done outside of the model. Its outcome comes back as a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Connect to every place and list every source, anew.
    Scan,
    /// Ask again for what has failed in the scan, which goes on undisturbed.
    Retry,
    /// Read which profiles there are.
    ReadProfiles,
    /// List these from now on, and nothing else.
    Places(Vec<Choice>),
    /// Read the access policy of a vault.
    ReadPolicy(VaultKey),
    /// Observe, fill the form, check and plan.
    Prepare {
        /// For which restore.
        draft: Draft,
        /// Which of its questions; an answer to an older one is stale.
        revision: u64,
        /// Name of the flow.
        flow: &'static str,
        /// Where.
        place: Place,
        /// What was chosen.
        choices: Choices,
    },
    /// Look whether the plan still fits, write it into the journal, and start a runner.
    Start {
        /// For which restore.
        draft: Draft,
        /// The approved plan.
        plan: Box<Plan>,
        /// What is agreed to.
        approval: Approval,
    },
    /// Append a command to a run, and see to it that a runner obeys.
    Send {
        /// The run.
        run: RunId,
        /// What is asked.
        kind: CommandKind,
        /// What is agreed to along with it.
        approval: Approval,
    },
    /// Ask whether KMS keys of a place can be used.
    DescribeKeys {
        /// The place.
        place: Place,
        /// Their ARNs.
        keys: Vec<String>,
    },
    /// Ask about single points what no listing tells.
    DescribePoints {
        /// The place.
        place: Place,
        /// What to ask.
        questions: Vec<Question>,
    },
    /// Read how an instance is at this moment.
    Look {
        /// Number of the asking.
        number: u64,
        /// Which instance.
        target: Target,
    },
    /// Kill the runner of a run, in the demo.
    KillRunner(RunId),
    /// Write the report of a run.
    Report {
        /// The run.
        run: RunId,
        /// The incident, if its time was entered.
        incident: Option<jiff::Timestamp>,
    },
    /// Write out the calls of a plan's steps, and of its undo.
    Calls {
        /// The plan, or a run's own.
        plan: Box<Plan>,
        /// The roll back's steps, where there is one.
        undo: Vec<crate::domain::plan::Step>,
    },
    /// Write a plan to a file.
    ExportPlan {
        /// The plan.
        plan: Box<Plan>,
        /// How.
        format: Format,
    },
    /// Write a text to a file.
    ExportText {
        /// Name of the file, without directory.
        name: String,
        /// What to write.
        text: String,
    },
    /// Answer who asks for a code.
    Code {
        /// Number of the question.
        ask: u64,
        /// The code; `None` where the operator gives none.
        code: Option<Code>,
    },
    /// Copy to the clipboard of the terminal.
    Copy(String),
    /// Draw everything again.
    Redraw,
    /// Go to the background of the shell.
    Suspend,
    /// Leave.
    Quit,
}

/// A plan as far as it could be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// What was observed, in the flow's own shape.
    pub facts: Value,
    /// The fidelity table.
    pub form: crate::domain::form::Form,
    /// The checks.
    pub checks: Vec<crate::domain::check::Check>,
    /// The plan, or why there is none yet.
    pub plan: Result<Box<Plan>, Obstacle>,
    /// The call of each step as a command line.
    pub calls: Vec<StepCall>,
}

/// Why there is no plan yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The field that has to be filled differently, if it is one.
    pub field: Option<String>,
    /// What is wrong with it, fit to be shown.
    pub why: String,
}

/// The call of a step as a command line of the AWS CLI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepCall {
    /// The step.
    pub step: StepId,
    /// The command, fit to be shown.
    pub line: String,
}
