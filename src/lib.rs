//! defib: a terminal restore console for AWS.
//!
//! It finds the best recovery point before an incident and walks a person through the restore, one
//! clear step at a time. Whatever happens on the way, nothing that it made is lost track of or made
//! twice, nothing that existed is deleted, and a run can always be resumed or rolled back.
//!
//! # The rooms
//!
//! - [`domain`]: pure data and rules, without input or output; every other room speaks in its types.
//! - [`clock`]: real or simulated time, and nothing else reads a clock.
//! - [`config`]: the settings file and the directories of defib's own files.
//! - [`aws`]: a profile and a Region become guarded clients; an SDK error becomes a failure with advice.
//! - [`sim`]: the simulated AWS, an interceptor below the same SDK clients.
//! - [`catalog`]: finds resources and their recovery points, over many places at once.
//! - [`restore`]: flows, operations, the engine, and every rendering of a plan.
//! - [`journal`]: the append-only record of runs.
//! - [`runner`]: the detached process that drives one run.
//! - [`tui`]: the console: a model, what changes it, and how it is drawn.
//! - [`cli`]: the commands and their output.
//! - [`report`]: what happened, what is safe and what to do, in words.
//!
//! Who may use whom is a table in `tests/rooms`, which fails on any other path.
//!
//! # From a choice to a call
//!
//! ```text
//! facts + choices ── flow ──▶ plan ── yes ──▶ journal ◀──▶ runner ── engine ──▶ operation ──▶ AWS
//!                                                ▲
//!                              commands, events  │
//!                                                ▼
//!                                              viewer
//! ```
//!
//! A flow observes and makes a plan; the plan is frozen in the journal with the yes that approved it; the
//! runner reads it there, and its engine lets each operation probe, issue one call and probe again.
//! Nothing is decided while running that the plan did not show. Resuming after a crash is the same code
//! as running.
//!
//! # The words
//!
//! - **approval**: what a person agreed to ahead, so that a gate need not wait.
//! - **check**: a question asked before a plan may run, with what was found and what to do; a question
//!   that nobody could answer never counts as fine.
//! - **data lost**: from the instant of a point's data to the incident; where only a bound of the first
//!   is known, the true loss may be larger, and that is said.
//! - **fact**: a value that was read, with when; one that is known from earlier; or why it is not known.
//! - **flow**: a way of restoring, as a pure function from facts and choices to a plan.
//! - **freeze**: denying writes to what was replaced, so that nothing is written that the new one does not have.
//! - **gate**: what a person must answer before a step's call: a yes, a typed name, or that something was
//!   done by hand.
//! - **generation**: how often a step began anew with a token of its own; raised only after proof that nothing
//!   can come of the one before.
//! - **impact**: what a step does to the world: reads, creates, changes, interrupts or retires.
//! - **incident clock**: when it went wrong, the best point before that, and what going back to it loses.
//! - **intent**: the entry that a request is about to be sent, durable before it is; from there on it may
//!   have happened.
//! - **journal**: the hash-chained events and commands of every run; the only link between viewer and
//!   runner.
//! - **operation**: a wanted state that can be probed for, and the one call that brings it about.
//! - **place**: a profile, the account that AWS says is behind it, and one Region.
//! - **plan**: everything a restore will do, as data, made before its first call; its hash tells
//!   whether it was edited since.
//! - **recovery point**: what can be restored: an instant (a snapshot) or a window of instants.
//! - **run**: a plan under way, or over: its events, and the state that they fold to.
//! - **runner**: the process that holds a run's lease and alone sends for it; it outlives its terminal.
//! - **setting**: something that AWS forgets when it restores, and that is given back.
//! - **step**: one move of a plan, with its needs, gate, impact, expected time and undo.
//! - **switch-over**: leading applications from what was replaced to what was restored.
//! - **token**: what AWS knows a request by; the same for every resend within a generation, so that a
//!   resend makes no second resource.
//! - **undo**: what takes a step back, frozen with the plan; it deletes no resource: what was made is kept.
//! - **vault**: where AWS Backup keeps recovery points; a lock on it keeps them from being deleted.
//! - **viewer**: whoever reads a run's events and appends commands; it changes nothing in AWS.
pub mod aws;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod journal;
pub mod report;
pub mod restore;
pub mod runner;
pub mod sim;
pub mod tui;
