//! The process that drives a run and outlives the terminal it was started from.
//!
//! It takes the run's lease, leaves the session of its terminal, ignores the terminal's end, and lets
//! the engine work. Viewers reach it through the journal alone.

pub mod unfinished;

use std::collections::BTreeSet;
use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::stat::{Mode as FileMode, umask};
use tokio::signal::unix::{SignalKind, signal};

use crate::aws::connect::{Clients, ConnectError, Connector};
use crate::aws::environment::custom_endpoints;
use crate::aws::guard::{Mode, READS, sdk_service};
use crate::aws::logins::Session;
use crate::clock::Clock;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::ids::RunId;
use crate::domain::plan::{Call, Gate, Plan};
use crate::domain::run::{
    Approval, Command, CommandKind, CreatedBy, EventBody, Operator, RunEvent, RunState, RunStatus,
};
use crate::domain::text::shown;
use crate::journal::{Journal, JournalError, Lease};
use crate::restore::engine::{Door, Engine, NoClients};
use crate::restore::observations::sweep;
use crate::restore::operation::{DecodeError, decode};
use crate::restore::pacing::Pacing;
use crate::restore::planning::{self, PlanError};

/// Name of the lease that is held while a run is written into the journal.
const STARTING: &str = "starting";
/// The flag of a runner that is handed a session.
const SESSION_ON_STDIN: &str = "--session-on-stdin";
const STARTING_TRIES: u32 = 50;
const STARTING_PAUSE: Duration = Duration::from_millis(100);

/// Why a run cannot be started or driven.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// Another run that touches one of the same resources is not over.
    #[error(
        "run {run} by {user}@{host} is working on {subject} since {}",
        .since.strftime("%Y-%m-%d %H:%M:%SZ")
    )]
    Occupied {
        /// That run.
        run: RunId,
        /// Who started it.
        user: String,
        /// Where.
        host: String,
        /// The resource.
        subject: String,
        /// Since when.
        since: jiff::Timestamp,
    },
    /// The run was started for another endpoint than calls would go to from here.
    #[error("this run was started with the endpoint {}, and from here its calls would go elsewhere", shown(.0))]
    Endpoint(String),
    /// Another runner holds the run.
    #[error("another runner holds run {0}")]
    Held(RunId),
    /// The plan names a call that this defib does not have.
    #[error(transparent)]
    Plan(#[from] DecodeError),
    /// The caller is not the one that the plan pins.
    #[error(transparent)]
    Identity(#[from] PlanError),
    /// A code has to be asked for first.
    #[error(transparent)]
    Login(ConnectError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The operating system.
    #[error("{what}")]
    System {
        /// What was tried.
        what: String,
        /// What it said.
        #[source]
        source: std::io::Error,
    },
}

/// Returns the user and the host that this process works for.
#[must_use]
pub fn operator() -> Operator {
    let user = nix::unistd::User::from_uid(nix::unistd::getuid())
        .ok()
        .flatten();
    let host = nix::unistd::gethostname().ok();
    Operator {
        user: user.map_or_else(|| nix::unistd::getuid().to_string(), |user| user.name),
        host: host
            .and_then(|host| host.into_string().ok())
            .unwrap_or_else(|| "unknown".to_owned()),
    }
}

/// Writes an approved plan into the journal and returns the new run. Nothing is sent yet.
///
/// # Errors
/// [`RunnerError::Occupied`] where another run on the same resource is not over.
pub async fn record_run(
    journal: &dyn Journal,
    plan: Plan,
    approval: Approval,
    clock: &Clock,
) -> Result<RunId, RunnerError> {
    calls_of(&plan)?;
    let _alone = alone(journal, clock).await?;
    refuse_second(journal, &plan, None).await?;
    let endpoints = endpoints_of(&plan).await;
    let now = clock.now();
    let run = RunId::new(ulid::Ulid::from_datetime(now.into()).to_string());
    let body = EventBody::Planned {
        plan: Box::new(plan),
        by: operator(),
        approval,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        endpoints,
    };
    let event = RunEvent {
        run: run.clone(),
        seq: 1,
        at: now,
        step: None,
        body,
    };
    journal.append(&event).await?;
    Ok(run)
}

/// Endpoints that calls of a plan could go to from here. Files that cannot be read are told of where they are needed.
async fn endpoints_of(plan: &Plan) -> Vec<String> {
    let found = custom_endpoints(plan.place.profile.as_deref()).await;
    found.unwrap_or_default().into_iter().collect()
}

/// Refuses to have a run go on with other endpoints than it was started with: its plan is of another world then.
/// Where none were on record, any will do: runs of before have no such record.
///
/// # Errors
/// [`RunnerError::Endpoint`].
pub async fn refuse_other_endpoint(events: &[RunEvent]) -> Result<(), RunnerError> {
    let Some(EventBody::Planned {
        plan, endpoints, ..
    }) = events.first().map(|event| &event.body)
    else {
        return Ok(());
    };
    let here = endpoints_of(plan).await;
    match endpoints.iter().find(|endpoint| !here.contains(endpoint)) {
        Some(endpoint) => Err(RunnerError::Endpoint(endpoint.clone())),
        None => Ok(()),
    }
}

/// Keeps other viewers from starting a run between the look at the runs there are and the new entry.
async fn alone(journal: &dyn Journal, clock: &Clock) -> Result<Lease, RunnerError> {
    for _try in 0..STARTING_TRIES {
        if let Some(lease) = journal.lease(&RunId::from(STARTING)).await? {
            return Ok(lease);
        }
        clock.sleep(STARTING_PAUSE).await;
    }
    Err(JournalError::Busy.into())
}

/// Refuses to touch what another run touches that is not over.
///
/// # Errors
/// [`RunnerError::Occupied`], and those of the journal.
pub async fn refuse_second(
    journal: &dyn Journal,
    plan: &Plan,
    own: Option<&RunId>,
) -> Result<(), RunnerError> {
    for run in journal.runs().await? {
        if Some(&run) == own {
            continue;
        }
        // What a damaged run is known to touch is in its first entry, which is mostly intact.
        let events = match journal.read_intact(&run).await {
            Ok(events) => events,
            // Of what nothing can be read nothing is known either; it must not keep every other run from going
            // on. Whoever is at it has left a mark.
            Err(JournalError::Lost { .. } | JournalError::Storage(_)) => continue,
            Err(error) => return Err(error.into()),
        };
        let Some(state) = RunState::fold(&events) else {
            continue;
        };
        let shared = !state.plan.touches().is_disjoint(&plan.touches());
        let same = shared
            && state.plan.place.account == plan.place.account
            && state.plan.place.region == plan.place.region;
        if same && is_open(journal, &state).await? {
            return Err(RunnerError::Occupied {
                run,
                user: state.by.user,
                host: state.by.host,
                subject: state.plan.subject.shown(),
                since: state.started_at,
            });
        }
    }
    Ok(())
}

/// Tells whether a run is not over. One whose record has lost what came after its end is not while a runner is at
/// it: it was taken back since, and that is under way.
async fn is_open(journal: &dyn Journal, state: &RunState) -> Result<bool, JournalError> {
    if !state.status().is_over() {
        return Ok(true);
    }
    Ok(journal.is_held(&state.run).await? && has_lost_its_end(journal, &state.run).await?)
}

async fn has_lost_its_end(journal: &dyn Journal, run: &RunId) -> Result<bool, JournalError> {
    match journal.damage(run).await {
        Ok(damage) => Ok(damage.is_some_and(|damage| damage.written != Some(damage.intact))),
        Err(JournalError::Lost { .. } | JournalError::Storage(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Refuses to steer a run as another caller than its plan pins. Who cannot be asked who they are is left
/// to the runner, which asks again and waits.
///
/// # Errors
/// [`RunnerError::Identity`], and [`RunnerError::Login`] where a code has to be asked for: a runner, which
/// cannot ask, would only pause again.
pub async fn refuse_other_identity(connector: &Connector, plan: &Plan) -> Result<(), RunnerError> {
    let place = &plan.place;
    let region = Some(place.region.as_str());
    // Anew: clients that were made before know nothing of a login since.
    match connector.connect(place.profile.as_deref(), region).await {
        Ok(clients) => Ok(planning::same_identity(plan, &clients)?),
        Err(error @ ConnectError::Login { .. }) => Err(RunnerError::Login(error)),
        Err(_unknown) => Ok(()),
    }
}

/// Appends a command of this process's operator and returns its number.
///
/// # Errors
/// Those of the journal.
pub async fn send(
    journal: &dyn Journal,
    run: &RunId,
    kind: CommandKind,
    approval: Approval,
    clock: &Clock,
) -> Result<u64, JournalError> {
    let command = Command {
        by: operator(),
        at: clock.now(),
        kind,
        approval,
    };
    journal.command(run, &command).await
}

/// Continues a damaged run from its longest valid prefix, if it is damaged. Nothing is sent, and the run
/// stands still until it is asked to go on, or back. Tells whether it was damaged.
///
/// # Errors
/// [`RunnerError::Held`] where a runner is still at it, and those of the journal.
pub async fn salvage(
    journal: &dyn Journal,
    run: &RunId,
    clock: &Clock,
) -> Result<bool, RunnerError> {
    if journal.damage(run).await?.is_none() {
        return Ok(false);
    }
    // Until it is given back nobody appends to what is copied.
    let Some(_lease) = journal.lease(run).await? else {
        return Err(RunnerError::Held(run.clone()));
    };
    journal.salvage(run, &operator(), clock.now()).await?;
    Ok(true)
}

/// Returns every mutating call that a plan and its undo name, as the SDK names them.
///
/// # Errors
/// [`DecodeError`] where the plan names an operation that this defib does not have, or has a gate whose
/// check is no read.
pub fn calls_of(plan: &Plan) -> Result<BTreeSet<(String, String)>, DecodeError> {
    let forward = plan.steps.iter().filter_map(|step| step.call.as_ref());
    let undo = || plan.steps.iter().flat_map(|step| &step.undo);
    let back = undo().filter_map(|undo| undo.call.as_ref());
    let gates = plan.steps.iter().map(|step| &step.gate);
    let gates = gates.chain(undo().map(|undo| &undo.gate));
    gates.filter_map(Gate::check).try_for_each(must_read)?;
    let name = |call: &Call| {
        let request = decode(call)?.request();
        Ok((
            sdk_service(request.service).to_owned(),
            request.api.to_owned(),
        ))
    };
    forward.chain(back).map(name).collect()
}

/// A gate's check is looked at, never issued; one that changes something has no business in a plan.
fn must_read(check: &Call) -> Result<(), DecodeError> {
    let request = decode(check)?.request();
    if READS.contains(&(sdk_service(request.service), request.api)) {
        return Ok(());
    }
    Err(DecodeError::NoRead(crate::domain::text::shown(
        &check.operation,
    )))
}

/// The engine's door to AWS, or to the simulated one.
#[derive(Clone, Debug)]
pub struct PlanDoor {
    /// How to connect; its mode is replaced by the plan's own calls.
    pub connector: Connector,
}

#[async_trait]
impl Door for PlanDoor {
    async fn open(&self, plan: &Plan) -> Result<Clients, NoClients> {
        let calls = calls_of(plan).map_err(|error| NoClients::OtherIdentity(error.to_string()))?;
        let connector = Connector {
            mode: Mode::Runner(calls),
            ..self.connector.clone()
        };
        let place = &plan.place;
        let clients = connector
            .connect(place.profile.as_deref(), Some(place.region.as_str()))
            .await
            .map_err(|error| no_clients(&error))?;
        match planning::same_identity(plan, &clients) {
            Ok(()) => Ok(clients),
            Err(error) => Err(NoClients::OtherIdentity(format!(
                "{error}. Nothing more was changed. Log in as before and resume."
            ))),
        }
    }

    async fn sweep(
        &self,
        clients: &Clients,
        plan: &Plan,
        run: &RunId,
    ) -> Result<Vec<CreatedBy>, Failure> {
        sweep::made_by_run(clients, plan, run).await
    }
}

fn no_clients(error: &ConnectError) -> NoClients {
    let line = error.to_string();
    if let ConnectError::Login { .. } = error {
        return NoClients::Login(line);
    }
    let ConnectError::Identity { failure, .. } = error else {
        return NoClients::OtherIdentity(format!(
            "{line}. Nothing more was changed. Mend it and resume."
        ));
    };
    if failure.class.wants_login() || failure.class == FailureClass::Denied {
        NoClients::Credentials(line)
    } else {
        NoClients::Passing(line)
    }
}

/// Drives a run in this process until it is over or a person is needed.
///
/// # Errors
/// [`RunnerError::Held`] where another runner is at it, and those of the journal.
pub async fn drive(
    journal: Arc<dyn Journal>,
    connector: Connector,
    clock: Clock,
    pacing: Pacing,
    run: &RunId,
) -> Result<RunStatus, RunnerError> {
    let Some(lease) = journal.lease(run).await? else {
        return Err(RunnerError::Held(run.clone()));
    };
    let engine = Engine {
        journal: journal.clone(),
        clock,
        door: Arc::new(PlanDoor { connector }),
        pacing,
        operations: decode,
        lease: Arc::new(lease),
        runner: (std::process::id(), operator().host),
    };
    Ok(engine.drive(run).await?)
}

/// Starts a detached runner for a run. It inherits the environment, and with it credentials and
/// endpoints; a session that is in no file is handed to it through a pipe. What it says goes to `log` in the
/// directory `logs`.
///
/// # Errors
/// [`RunnerError::System`]
pub fn spawn(
    run: &RunId,
    logs: &Path,
    log: &Path,
    session: Option<&Session>,
) -> Result<Child, RunnerError> {
    let failed = |what: &str| {
        let what = format!("{what} {}", log.display());
        move |source| RunnerError::System { what, source }
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(logs)
        .map_err(failed("could not make the directory of"))?;
    let output = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits())
        .open(log)
        .map_err(failed("could not open the runner's log"))?;
    let errors = output
        .try_clone()
        .map_err(failed("could not open the runner's log"))?;
    let program = std::env::current_exe().map_err(failed("could not find this program for"))?;
    let mut process = Process::new(program);
    process
        .args(["runner", run.as_str()])
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors);
    if session.is_some() {
        process.arg(SESSION_ON_STDIN).stdin(Stdio::piped());
    }
    let mut child = deaf_to_the_keyboard(|| process.spawn())
        .map_err(failed("could not start the runner for"))?;
    if let (Some(session), Some(pipe)) = (session, child.stdin.take()) {
        // One that got nothing ends by itself.
        let handed = serde_json::to_writer(pipe, session).map_err(std::io::Error::from);
        handed.map_err(failed("could not hand the session to the runner for"))?;
    }
    Ok(child)
}

/// Starts a process that never hears what is typed at a terminal: until it has left the terminal's
/// session, a ctrl-c that is meant for the viewer would reach it, too. It inherits the mask of the
/// thread that starts it.
fn deaf_to_the_keyboard<T>(start: impl FnOnce() -> T) -> T {
    let mut typed = SigSet::empty();
    typed.extend([Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTSTP]);
    let before = typed.thread_swap_mask(SigmaskHow::SIG_BLOCK);
    let started = start();
    if let Ok(before) = before {
        let _ = before.thread_set_mask();
    }
    started
}

/// Forbids core dumps, which would hold credentials.
pub fn forbid_core_dumps() {
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
}

/// Leaves the terminal's session, ignores its end, and forbids core dumps, which hold credentials.
///
/// # Errors
/// [`RunnerError::System`] where the signals cannot be caught.
pub fn detach() -> Result<(), RunnerError> {
    // Fails where this process leads a session already, which is just as well.
    let _ = nix::unistd::setsid();
    umask(FileMode::from_bits_truncate(0o077));
    forbid_core_dumps();
    for kind in [SignalKind::hangup(), SignalKind::pipe()] {
        let mut ignored = signal(kind).map_err(|source| RunnerError::System {
            what: "could not ignore the end of the terminal".to_owned(),
            source,
        })?;
        tokio::spawn(async move { while ignored.recv().await.is_some() {} });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::export::specimen;
    use crate::restore::operation::Operation as _;
    use crate::restore::operations::ec2_instance::StopInstance;

    #[tokio::test]
    async fn a_run_goes_on_with_the_endpoint_that_it_was_started_with() {
        let mut events = crate::restore::export::specimen::events();
        assert!(refuse_other_endpoint(&events).await.is_ok());
        let EventBody::Planned { endpoints, .. } = &mut events[0].body else {
            panic!("it begins with its plan");
        };
        endpoints.push("http://127.0.0.1:1".to_owned());
        let refused = refuse_other_endpoint(&events).await.unwrap_err();
        let report = crate::report::Report::from(refused);
        assert_eq!(
            report.todo,
            ["say it again with --endpoint-url http://127.0.0.1:1"]
        );
    }

    #[test]
    fn a_check_adds_no_call_to_what_a_runner_may_send() {
        let plan = specimen::plan();
        assert!(plan.steps.iter().any(|step| step.gate.check().is_some()));
        let calls = calls_of(&plan).unwrap();
        assert!(!calls.is_empty());
        let reads = calls.iter().filter(|(_, api)| api.starts_with("Describe"));
        assert_eq!(reads.count(), 0, "{calls:?}");
    }

    #[test]
    fn a_plan_whose_check_would_change_something_is_refused() {
        let mut plan = specimen::plan();
        let stop = StopInstance {
            instance: "i-1".into(),
        };
        plan.steps[0].gate = Gate::Person {
            instructions: Vec::new(),
            check: Some(stop.call()),
        };
        let refused = calls_of(&plan);
        assert!(
            matches!(refused, Err(DecodeError::NoRead(_))),
            "{refused:?}"
        );
    }

    #[test]
    fn a_plan_or_an_undo_that_names_a_deletion_is_refused() {
        let deletion = |operation: &str| Call {
            operation: operation.to_owned(),
            version: 1,
            input: serde_json::json!({"volume": "vol-1", "resource": "vol-1", "keys": []}),
        };
        for name in [
            "ec2:DeleteVolume",
            "ec2:DeleteTags",
            "ec2:TerminateInstances",
        ] {
            let mut forward = specimen::plan();
            forward.steps[0].call = Some(deletion(name));
            let mut back = specimen::plan();
            let undo = back.steps.iter_mut().find_map(|step| step.undo.first_mut());
            undo.expect("something is undone").call = Some(deletion(name));
            for plan in [forward, back] {
                let refused = calls_of(&plan);
                assert!(
                    matches!(refused, Err(DecodeError::Unknown(_))),
                    "{name}: {refused:?}"
                );
            }
        }
    }
}
