//! What is refused and what is left alone before any of it reaches AWS. The runs themselves are held by the
//! journeys and by the fault matrix.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Effects, Runners, World};
use crate::aws::connect::Connector;
use crate::aws::connect::expiration::Expiration;
use crate::aws::guard::Mode;
use crate::clock::Clock;
use crate::domain::ids::RunId;
use crate::domain::run::{Approval, CommandKind};
use crate::journal::Journal;
use crate::journal::sqlite::SqliteJournal;
use crate::tui::effect::Effect;
use crate::tui::fixtures::now;
use crate::tui::msg::Msg;
use crate::tui::screens::run::specimens;

/// A world in which runs are forbidden, with one run in its journal that nobody drives.
async fn read_only() -> (Effects, Arc<dyn Journal>, mpsc::Receiver<Msg>) {
    let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::in_memory().unwrap());
    for event in specimens::in_outage().events {
        journal.append(&event).await.unwrap();
    }
    let world = World {
        connector: Connector {
            mode: Mode::Viewer { dry_run: false },
            endpoint_honours_dry_run: false,
            simulated: None,
        },
        clock: Clock::simulated(now(), 1.0),
        wanted: Vec::new(),
        journal: Ok(Arc::clone(&journal)),
        runners: Runners::Tasks,
        exports: std::path::PathBuf::from("."),
        read_only: true,
    };
    let (out, told) = mpsc::channel(16);
    (Effects::new(world, out), journal, told)
}

fn run() -> RunId {
    RunId::from(specimens::RUN)
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
    effects
        .send(run(), CommandKind::Pause, Approval::default())
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
