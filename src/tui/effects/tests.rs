//! What is refused and what is left alone before any of it reaches AWS. The runs themselves are held by the
//! journeys and by the fault matrix.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

use super::{Effects, OpenJournal, Runners, Wanted, World};
use crate::aws::connect::Connector;
use crate::aws::connect::expiration::Expiration;
use crate::aws::guard::Mode;
use crate::aws::logins::Logins;
use crate::clock::Clock;
use crate::domain::ids::RunId;
use crate::domain::run::{Approval, CommandKind};
use crate::journal::sqlite::SqliteJournal;
use crate::journal::{Journal, JournalError};
use crate::tui::effect::Effect;
use crate::tui::fixtures::now;
use crate::tui::msg::{Msg, Scanned};
use crate::tui::screens::run::specimens;

/// A world in which runs are forbidden, with one run in its journal that nobody drives.
async fn read_only() -> (Effects, Arc<dyn Journal>, mpsc::Receiver<Msg>) {
    let journal = journal().await;
    let opened = Arc::clone(&journal);
    let (effects, told) = effects(Arc::new(move || Ok(Arc::clone(&opened))), true);
    (effects, journal, told)
}

async fn journal() -> Arc<dyn Journal> {
    let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::in_memory().unwrap());
    for event in specimens::in_outage().events {
        journal.append(&event).await.unwrap();
    }
    journal
}

fn effects(journal: OpenJournal, read_only: bool) -> (Effects, mpsc::Receiver<Msg>) {
    effects_on(journal, read_only, Vec::new())
}

fn effects_on(
    journal: OpenJournal,
    read_only: bool,
    wanted: Vec<Wanted>,
) -> (Effects, mpsc::Receiver<Msg>) {
    let world = World {
        connector: Connector {
            mode: Mode::Viewer { dry_run: false },
            endpoint_honours_dry_run: false,
            simulated: None,
            logins: Logins::default(),
        },
        clock: Clock::simulated(now(), 1.0),
        wanted,
        journal,
        runners: Runners::Tasks,
        exports: std::path::PathBuf::from("."),
        read_only,
    };
    let (out, told) = mpsc::channel(16);
    (Effects::new(world, out), told)
}

fn run() -> RunId {
    RunId::from(specimens::RUN)
}

fn wanted(profile: &str) -> Wanted {
    Wanted {
        profile: Some(profile.into()),
        region: None,
        all_regions: false,
        name: profile.into(),
    }
}

/// What a scan tells, as far as it is about connections: what was asked again, and what failed.
async fn connections(told: &mut mpsc::Receiver<Msg>, failures: usize) -> Vec<String> {
    let mut heard = Vec::new();
    let mut failed = 0;
    loop {
        match told.recv().await {
            Some(Msg::Scan { told, .. }) => match told {
                Scanned::Again => heard.push("again".to_owned()),
                Scanned::NotConnected { name, .. } => {
                    failed += 1;
                    heard.push(name);
                }
                Scanned::Listing { more: false, .. } if failed == failures => {
                    heard.sort();
                    return heard;
                }
                _other => {}
            },
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_could_not_be_connected_to_is_asked_again_and_again() {
    let journal = journal().await;
    let opened = Arc::new(move || Ok(Arc::clone(&journal)));
    let names = ["no such profile, one", "no such profile, two"];
    let wanted = names.map(wanted).to_vec();
    let (effects, mut told) = effects_on(opened, true, wanted);
    effects.carry_out(Effect::Retry);
    effects.carry_out(Effect::Scan);
    assert_eq!(connections(&mut told, 2).await, names);
    for _round in 0..2 {
        effects.carry_out(Effect::Retry);
        let heard = connections(&mut told, 2).await;
        assert_eq!(heard, ["again", names[0], names[1]]);
    }
}

#[tokio::test]
async fn read_only_starts_nothing_whatever_a_screen_asks() {
    let (effects, journal, mut told) = read_only().await;
    let plan = Box::new(specimens::plan("orders-db data"));
    let approval = Approval::default();
    effects.carry_out(Effect::Start {
        draft: 7,
        plan,
        approval,
    });
    let Some(Msg::NotStarted { draft: 7, report }) = told.recv().await else {
        panic!("the start was not refused");
    };
    assert!(report.what.contains("READ-ONLY"), "{report:?}");
    for kind in [CommandKind::Resume, CommandKind::RollBack] {
        let approval = Approval::default();
        effects.carry_out(Effect::Send {
            run: run(),
            kind,
            approval,
        });
        let Some(Msg::Failed(report)) = told.recv().await else {
            panic!("the command was not refused");
        };
        assert!(report.what.contains("READ-ONLY"), "{report:?}");
    }
    assert_eq!(journal.runs().await.unwrap().len(), 1);
    assert_eq!(journal.commands(&run(), 0).await.unwrap(), []);
}

#[tokio::test]
async fn to_stop_is_never_forbidden_and_starts_no_runner() {
    let (effects, journal, _told) = read_only().await;
    let events = journal.read(&run(), 0).await.unwrap().len();
    let command = effects.underway.begin();
    effects
        .send(run(), CommandKind::Pause, Approval::default(), command)
        .await;
    let commands = journal.commands(&run(), 0).await.unwrap();
    assert!(matches!(&commands[..], [(1, command)] if command.kind == CommandKind::Pause));
    assert!(
        super::locked(&effects.driven).is_empty(),
        "nobody drives it"
    );
    assert_eq!(journal.read(&run(), 0).await.unwrap().len(), events);
}

#[tokio::test]
async fn when_credentials_expire_is_told_at_first_and_whenever_others_are_used() {
    let (effects, _journal, mut told) = read_only().await;
    let (expires, watched) = tokio::sync::watch::channel(None);
    let mut clients = crate::catalog::fixtures::clients("acme-prod", "eu-west-1");
    clients.expiration = Expiration::told(watched);
    let wanted = clients.place.clone();
    effects.keep(clients);
    for at in [None, Some(now())] {
        if at.is_some() {
            expires.send(at).unwrap();
        }
        let Some(Msg::Expires { place, at: heard }) = told.recv().await else {
            panic!("nothing was told of the credentials");
        };
        assert_eq!((place, heard), (wanted.clone(), at));
    }
}

/// Refuses so many times, and opens then.
fn opened_after(refusals: usize, journal: &Arc<dyn Journal>) -> OpenJournal {
    let (journal, asked) = (Arc::clone(journal), AtomicUsize::new(0));
    Arc::new(move || {
        if asked.fetch_add(1, Ordering::SeqCst) < refusals {
            return Err(JournalError::Busy.into());
        }
        Ok(Arc::clone(&journal))
    })
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_is_locked_at_the_start_is_told_once_and_read_as_soon_as_it_can_be() {
    let journal = journal().await;
    let (effects, mut told) = effects(opened_after(3, &journal), false);
    let watched = effects.clone();
    let watching = tokio::spawn(async move { watched.watch().await });
    let Some(Msg::NoJournal(report)) = told.recv().await else {
        panic!("a locked journal was not told");
    };
    assert!(report.what.contains("locked"), "{report:?}");
    assert!(matches!(told.recv().await, Some(Msg::RunEvents { .. })));
    while !matches!(told.recv().await.unwrap(), Msg::JournalRead) {}
    drop(told);
    watching.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_start_while_the_journal_is_locked_is_refused_and_nothing_is_kept_of_that() {
    let journal = journal().await;
    let (effects, mut told) = effects(opened_after(1, &journal), false);
    let start = || Effect::Start {
        draft: 7,
        plan: Box::new(specimens::plan("orders-db data")),
        approval: Approval::default(),
    };
    effects.carry_out(start());
    let Some(Msg::NotStarted { report, .. }) = told.recv().await else {
        panic!("the start was not refused");
    };
    assert!(report.what.contains("locked"), "{report:?}");
    assert!(
        effects.journal().await.is_ok(),
        "the next one finds it open"
    );
}

#[tokio::test]
async fn what_was_agreed_to_counts_as_under_way_until_the_journal_has_it_or_refuses() {
    let (opens, opened) = std::sync::mpsc::channel::<()>();
    let (opened, journal) = (std::sync::Mutex::new(opened), journal().await);
    let slow = Arc::clone(&journal);
    let (effects, mut told) = effects(
        Arc::new(move || {
            opened.lock().unwrap().recv().unwrap();
            Ok(Arc::clone(&slow))
        }),
        false,
    );
    effects.carry_out(Effect::Send {
        run: run(),
        kind: CommandKind::Pause,
        approval: Approval::default(),
    });
    effects.carry_out(Effect::Start {
        draft: 7,
        plan: Box::new(specimens::plan("orders-db data")),
        approval: Approval::default(),
    });
    let mut underway = effects.underway();
    assert_eq!(*underway.borrow_and_update(), 2);
    opens.send(()).unwrap();
    underway.wait_for(|count| *count == 0).await.unwrap();
    let commands = journal.commands(&run(), 0).await.unwrap();
    assert!(matches!(&commands[..], [(1, command)] if command.kind == CommandKind::Pause));
    while !matches!(told.recv().await.unwrap(), Msg::NotStarted { .. }) {}
}
