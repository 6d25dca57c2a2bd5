//! What the console is told: keys, and outcomes of effects.
//! Nothing else changes the model.

use std::collections::{BTreeMap, BTreeSet};

use crossterm::event::KeyEvent;
use jiff::Timestamp;

use crate::domain::code::CodeWanted;
use crate::domain::console::ConsoleOutput;
use crate::domain::detail::{Answer, Question};
use crate::domain::ec2::Volume;
use crate::domain::failure::Failure;
use crate::domain::ids::{RunId, VolumeId};
use crate::domain::instance_now::{Checks, Initialization};
use crate::domain::place::Place;
use crate::domain::profile::Profile;
use crate::domain::recovery_point::{PointKind, RecoveryPoint};
use crate::domain::resource::Resource;
use crate::domain::run::RunEvent;
use crate::domain::text::Untrusted;
use crate::domain::vault::Vault;
use crate::report::Report;

use super::before::Recalled;
use super::effect::{Choice, Draft, Prepared, StepCall};
use super::policies::VaultKey;

/// Something happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size: columns, rows.
    Resized(u16, u16),
    /// The console is in the foreground again.
    Continued,
    /// The shell wants the console in the background.
    Stopped,
    /// The terminal is gone, or a signal ends the console.
    Gone,
    /// A task has broken down: a defect, of which nothing more can be trusted here.
    Panicked(String),
    /// Time has passed; nothing else.
    Tick,
    /// Something is known from before.
    Recalled(Recalled),
    /// A scan tells how far it is.
    Scan {
        /// Its number; an older one is given up, and what it still tells is ignored.
        number: u64,
        /// What it tells.
        told: Scanned,
    },
    /// Which profiles there are, and which of them are listed.
    Profiles {
        /// Those of the AWS files, by name.
        profiles: Result<Vec<Profile>, Report>,
        /// Those that are listed.
        chosen: Vec<Choice>,
    },
    /// The access policy of a vault was read, or could not be.
    PolicyRead {
        /// Of which vault.
        vault: VaultKey,
        /// The policy, if there is one.
        policy: Result<Option<Untrusted>, Report>,
    },
    /// The credentials in use of a place expire at another time than before.
    Expires {
        /// The place.
        place: Place,
        /// When; `None` for keys that do not.
        at: Option<Timestamp>,
    },
    /// KMS keys were asked about: the state of each, in AWS's words, or why that is not known.
    KeysDescribed(Vec<(String, Result<String, Report>)>),
    /// Points were asked about by themselves: what was answered to each question, or why nothing was.
    PointsDescribed {
        /// The place.
        place: Place,
        /// What was told.
        told: Vec<(Question, Result<Answer, Report>)>,
    },
    /// Something of an instance that is looked at was read.
    Looked {
        /// Number of the asking; an answer to an older one is stale.
        number: u64,
        /// What was read, or why not.
        looked: Looked,
    },
    /// The code of a second factor is needed.
    CodeWanted {
        /// Number of the question.
        ask: u64,
        /// What it is asked for.
        wanted: CodeWanted,
    },
    /// Nobody waits for the answer to a question any more.
    CodeMoot(u64),
    /// A restore was prepared as far as possible.
    Prepared {
        /// Which.
        draft: Draft,
        /// Which of its questions.
        revision: u64,
        /// How far.
        outcome: Box<Result<Prepared, Report>>,
    },
    /// A run was started.
    Started {
        /// From which restore.
        draft: Draft,
        /// The run.
        run: RunId,
    },
    /// A run was not started; nothing was journaled.
    NotStarted {
        /// Which restore.
        draft: Draft,
        /// Why.
        report: Report,
    },
    /// Something new of a run was read.
    RunEvents {
        /// The run.
        run: RunId,
        /// What, in order.
        events: Vec<RunEvent>,
    },
    /// Whether a runner holds the run.
    RunHeld {
        /// The run.
        run: RunId,
        /// Whether.
        held: bool,
    },
    /// A run whose record is damaged; what is intact was told before.
    RunBroken {
        /// The run.
        run: RunId,
        /// What is wrong.
        report: Report,
    },
    /// The runner of a run ended with an error, or could not be started.
    RunnerFailed {
        /// The run.
        run: RunId,
        /// Why.
        report: Report,
    },
    /// The journal cannot be read.
    NoJournal(Report),
    /// The journal can be read again, or has been read to its end for the first time.
    JournalRead,
    /// The report of a run.
    ReportWritten {
        /// The run.
        run: RunId,
        /// Markdown.
        text: String,
    },
    /// The calls of a plan.
    CallsWritten(Vec<StepCall>),
    /// A file was written.
    Exported {
        /// Its path.
        path: String,
    },
    /// Something that was asked for did not come to pass.
    Failed(Report),
}

/// What was read of an instance, each by a call of its own.
#[derive(Clone, Debug)]
pub enum Looked {
    /// Nothing can be asked.
    Unreached(Report),
    /// Its state and checks; `None` where there is no such instance.
    Checks(Result<Option<Checks>, Report>),
    /// Its volumes.
    Volumes(Result<Vec<Volume>, Report>),
    /// How far they are initialized, as far as AWS tells.
    Initialization(Result<BTreeMap<VolumeId, Initialization>, Report>),
    /// What it has written on its console.
    Console(Result<ConsoleOutput, Report>),
}

impl Looked {
    /// Returns why it is not known.
    #[must_use]
    pub fn refused(&self) -> Option<&Report> {
        match self {
            Self::Unreached(report) => Some(report),
            Self::Checks(told) => told.as_ref().err(),
            Self::Volumes(told) => told.as_ref().err(),
            Self::Initialization(told) => told.as_ref().err(),
            Self::Console(told) => told.as_ref().err(),
        }
    }
}

/// What a scan tells.
#[derive(Clone, Debug)]
pub enum Scanned {
    /// It began; what it does not find again is still kept.
    Began,
    /// A place answered.
    Connected {
        /// The place.
        place: Place,
        /// ARN of the caller without its session name.
        role: String,
        /// Endpoints, other than AWS's own, that calls could go to.
        endpoints: BTreeSet<String>,
        /// Where it stands among those that the operator named.
        nth: usize,
    },
    /// A profile or Region could not be connected to.
    NotConnected {
        /// Where it stands among those that the operator named.
        nth: usize,
        /// The profile; `None` for the environment's.
        profile: Option<String>,
        /// Profile and Region, for a person.
        name: String,
        /// Why, and what to do.
        report: Report,
    },
    /// Places have answered; so many listings of them follow.
    Listing {
        /// How many.
        sources: usize,
        /// Whether other places have neither answered nor failed yet.
        more: bool,
    },
    /// A page arrived.
    Found {
        /// Recovery points.
        points: Vec<RecoveryPoint>,
        /// Resources.
        resources: Vec<Resource>,
    },
    /// Vaults were found.
    Vaults(Vec<Vault>),
    /// A listing is complete.
    Listed {
        /// Of which place.
        place: Place,
        /// Of which kind.
        kind: PointKind,
    },
    /// Every listing of a place has ended.
    Ended {
        /// Which place.
        place: Place,
        /// The kinds that were listed completely.
        whole: BTreeSet<PointKind>,
    },
    /// A listing failed; what it found before stays.
    NotListed {
        /// Of which place.
        place: Place,
        /// Of which kind.
        kind: PointKind,
        /// Why.
        failure: Box<Failure>,
    },
    /// Everything that has failed so far is asked again.
    Again,
    /// Listings of a place that had failed begin again.
    Relisting {
        /// The place.
        place: Place,
        /// Of which kinds, each as often as it has failed.
        kinds: Vec<PointKind>,
    },
}
