//! A look at an instance, asked for as the console does: every read answers for itself, and nothing but reads is sent.

use std::collections::BTreeSet;
use std::sync::Arc;

use defib::aws::connect::Connector;
use defib::aws::guard::Mode;
use defib::aws::logins::Logins;
use defib::clock::Clock;
use defib::domain::console::ConsoleOutput;
use defib::domain::instance_now::{Checks, Target};
use defib::journal::Journal;
use defib::journal::sqlite::SqliteJournal;
use defib::report::Report;
use defib::sim::{Fault, On, Refusal, SimulatedAws, Story, scenarios};
use defib::tui::effect::Effect;
use defib::tui::effects::{Effects, Runners, World};
use defib::tui::msg::{Looked, Msg};
use tokio::sync::mpsc;

/// The damaged database of the demo, and the Region in which it is.
const INSTANCE: &str = "i-0c4e8f1a2b3d5e607";
const REGION: &str = "eu-west-1";
/// What is asked of AWS.
const CALLS: [&str; 4] = [
    "DescribeInstanceStatus",
    "DescribeVolumeStatus",
    "DescribeVolumes",
    "GetConsoleOutput",
];

fn demo() -> (SimulatedAws, Clock) {
    let text = scenarios()[0].text;
    let clock = Clock::simulated(Story::of(text).unwrap().opens_at, 1.0);
    let aws = SimulatedAws::from_scenario(text, clock.clone()).unwrap();
    (aws, clock)
}

/// Everything that is told of the instance, in the order of the calls' names.
struct Told {
    checks: Result<Option<Checks>, Report>,
    initialized: Result<usize, Report>,
    volumes: Result<usize, Report>,
    console: Result<ConsoleOutput, Report>,
}

async fn looked_at(aws: &SimulatedAws, clock: Clock) -> Told {
    let connector = Connector {
        mode: Mode::Viewer { dry_run: true },
        endpoint_honours_dry_run: false,
        simulated: Some(aws.clone()),
        logins: Logins::default(),
    };
    let place = connector.connect(None, Some(REGION)).await.unwrap().place;
    let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::in_memory().unwrap());
    let world = World {
        connector,
        clock,
        wanted: Vec::new(),
        journal: Arc::new(move || Ok(Arc::clone(&journal))),
        runners: Runners::Tasks,
        exports: std::path::PathBuf::from("."),
        read_only: true,
    };
    let (out, mut told) = mpsc::channel(16);
    let target = Target {
        place,
        instance: INSTANCE.into(),
        launched: false,
    };
    Effects::new(world, out).carry_out(Effect::Look { number: 7, target });
    let (mut checks, mut volumes, mut initialized, mut console) = (None, None, None, None);
    while checks.is_none() || volumes.is_none() || initialized.is_none() || console.is_none() {
        let Msg::Looked { number: 7, looked } = told.recv().await.unwrap() else {
            continue;
        };
        match looked {
            Looked::Unreached(report) => panic!("{report:?}"),
            Looked::Checks(told) => checks = Some(told),
            Looked::Volumes(told) => {
                // Nobody knows then which ones to ask about.
                initialized = told.is_err().then_some(Ok(0));
                volumes = Some(told.map(|all| all.len()));
            }
            Looked::Initialization(told) => initialized = Some(told.map(|all| all.len())),
            Looked::Console(told) => console = Some(told),
        }
    }
    Told {
        checks: checks.unwrap(),
        initialized: initialized.unwrap(),
        volumes: volumes.unwrap(),
        console: console.unwrap(),
    }
}

fn refuse(aws: &SimulatedAws, on: On, code: &'static str) {
    let refusal = Refusal::new(403, code, "not here");
    aws.faults().inject(on, Fault::Refused(refusal));
}

#[tokio::test(start_paused = true)]
async fn state_volumes_and_console_are_told_by_four_reads() {
    let (aws, clock) = demo();
    let told = looked_at(&aws, clock).await;
    let checks = told.checks.unwrap().unwrap();
    assert_eq!(
        (checks.state.as_str(), checks.system.as_str()),
        ("running", "ok")
    );
    assert_eq!(told.volumes.unwrap(), 2, "its root and its data");
    assert!(told.initialized.is_ok());
    let console = told.console.unwrap();
    assert!(console.latest && console.at.is_some());
    let lines = console.lines();
    assert!(lines[0].contains("Linux version"), "{}", lines[0]);
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("[  OK  ] Started"))
    );
    assert!(lines.iter().any(|line| line.ends_with("login:")));
    let calls = aws.calls();
    let sent: BTreeSet<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
    let wanted = CALLS.into_iter().chain(["GetCallerIdentity"]).collect();
    assert_eq!(sent, wanted);
}

#[tokio::test(start_paused = true)]
async fn a_read_that_is_refused_says_what_to_allow_and_hides_no_other() {
    for call in CALLS {
        let (aws, clock) = demo();
        refuse(
            &aws,
            On::operation(call).for_ever(),
            "UnauthorizedOperation",
        );
        let told = looked_at(&aws, clock).await;
        let refused = [
            told.checks.err(),
            told.initialized.err(),
            told.volumes.err(),
            told.console.err(),
        ];
        let refused: Vec<String> = refused.iter().flatten().map(Report::line).collect();
        assert_eq!(refused, [format!("denied · allow ec2:{call}")]);
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_newest_output_is_not_told_what_was_kept_is() {
    let (aws, clock) = demo();
    refuse(
        &aws,
        On::operation("GetConsoleOutput"),
        "UnsupportedOperation",
    );
    let console = looked_at(&aws, clock).await.console.unwrap();
    assert!(!console.latest && console.at.is_some());
    assert!(!console.lines().is_empty());
    let calls = aws.calls();
    let asked = calls
        .iter()
        .filter(|call| call.operation == "GetConsoleOutput");
    assert_eq!(asked.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_is_gone_is_told_as_such() {
    let (aws, clock) = demo();
    let on = On::operation("DescribeInstanceStatus").for_ever();
    refuse(&aws, on, "InvalidInstanceID.NotFound");
    let told = looked_at(&aws, clock).await;
    assert_eq!(told.checks, Ok(None));
}
