//! How long it takes to list snapshots from a server on this machine: by defib's source, by the bare paginator of
//! the SDK, and by the AWS CLI, which all send the same requests. Each runs in a process of its own.

use std::ffi::OsStr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use defib::aws::connect::{Clients, Connector};
use defib::aws::guard::Mode;
use defib::aws::logins::Logins;
use defib::catalog::ebs_snapshot::EbsSnapshots;
use defib::catalog::source::{Sink, Source as _};
use defib::catalog::store::Store;
use tokio::sync::mpsc;

use crate::screen::{console, home, leave, to_points};
use crate::server::{Manner, Server};
use crate::table::{Bar, Table};
use crate::venv;
use crate::window::Window;

/// The variable that has this program list once, by the way it names.
pub const WAY: &str = "DEFIB_BENCH_WAY";
/// How often each lists; the shortest counts, since whatever else the machine does only adds.
const TIMES: usize = 5;

/// Lists once and tells on standard output how many milliseconds that took, and how many there were.
pub fn list_once(way: &OsStr) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let connector = Connector {
            mode: Mode::Viewer { dry_run: false },
            endpoint_honours_dry_run: false,
            simulated: None,
            logins: Logins::default(),
        };
        let clients = connector.connect(None, Some("eu-west-1")).await;
        let clients = clients.expect("the server tells who is calling");
        let begun = Instant::now();
        let count = if way == "sdk" {
            by_paginator(&clients).await
        } else {
            by_source(&clients).await
        };
        println!("{} {count}", begun.elapsed().as_secs_f64() * 1000.0);
    });
}

async fn by_paginator(clients: &Clients) -> usize {
    let call = clients.ec2.describe_snapshots().owner_ids("self");
    let mut pages = call.into_paginator().page_size(1000).send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.expect("the server answers");
        all.extend(page.snapshots.unwrap_or_default());
    }
    all.len()
}

/// All of what the console does with a page is done, down to its rows.
async fn by_source(clients: &Clients) -> usize {
    let (pages, mut read) = mpsc::channel(16);
    let sink = Sink::new(pages);
    let listing = async {
        let listed = EbsSnapshots.list(clients, &sink).await;
        drop(sink);
        listed.expect("the server answers");
    };
    let keeping = async {
        let mut store = Store::default();
        while let Some(batch) = read.recv().await {
            store.insert(batch);
        }
        store.count()
    };
    tokio::join!(listing, keeping).1
}

/// Gives a command nothing but the server.
fn to(mut command: Command, server: &Server) -> Command {
    command.env_clear();
    command.env("HOME", env!("CARGO_TARGET_TMPDIR"));
    command.env("PATH", "/usr/bin:/bin");
    command.env("AWS_ENDPOINT_URL", &server.url);
    command.env("AWS_ACCESS_KEY_ID", "AKIDBENCH");
    command.env("AWS_SECRET_ACCESS_KEY", "secret");
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_REGION", "eu-west-1");
    // So the first version of the AWS CLI calls it.
    command.env("AWS_DEFAULT_REGION", "eu-west-1");
    command.env("AWS_PAGER", "");
    command.stderr(Stdio::inherit());
    command
}

/// Lists in a process of this program; returns the milliseconds that it tells.
/// Tells the most memory that the console has had once it has listed all of them, for each of them.
fn peak(snapshots: usize, server: &Server, table: &mut Table) {
    let command = console(&home("peak"), &server.url, &["eu-west-1"]);
    let mut window = Window::open(command, 120, 40);
    to_points(&mut window);
    window.see(&format!("{snapshots} points"));
    window.quiet();
    let status = std::fs::read_to_string(format!("/proc/{}/status", window.pid()));
    let status = status.unwrap_or_default();
    let most = status.lines().find_map(|line| {
        let kilobytes = line.strip_prefix("VmHWM:")?.split_whitespace().next()?;
        kilobytes.parse::<u32>().ok()
    });
    if let Some(kilobytes) = most {
        let bytes = f64::from(kilobytes) * 1024.0;
        #[expect(clippy::cast_precision_loss, reason = "bytes, to be read by people")]
        let of_one = (bytes - 30_000_000.0).max(0.0) / snapshots as f64;
        let note = format!("beside 30 MB, of {:.0} MB", bytes / 1e6);
        let what = format!("{snapshots:>7} snapshots: the console's peak, of one");
        table.noted(what, of_one, "B", Bar::AtMost(300.0), note);
    } else {
        println!("this system does not tell how much memory a process has had");
    }
    leave(window);
}

fn once(way: &str, server: &Server, snapshots: usize) -> f64 {
    let program = std::env::current_exe().expect("this program");
    let mut command = to(Command::new(program), server);
    let output = command.env(WAY, way).output().expect("it runs again");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let (time, count) = told.trim().split_once(' ').expect("it tells two numbers");
    assert_eq!(count, snapshots.to_string(), "not all were listed by {way}");
    time.parse().expect("a number")
}

/// Returns the shortest time of several from a process's start to its end, in milliseconds.
fn whole(times: usize, mut command: Command) -> f64 {
    let mut once = || {
        let begun = Instant::now();
        let status = command.stdout(Stdio::null()).status().expect("it runs");
        assert!(status.success(), "{command:?} failed");
        begun.elapsed()
    };
    let shortest = (0..times).map(|_| once()).min().unwrap_or(Duration::ZERO);
    shortest.as_secs_f64() * 1000.0
}

/// Measures lists of several lengths.
///
/// # Errors
/// The sentence why there is no AWS CLI to compare with.
pub fn measure(sizes: &[usize], table: &mut Table) -> Result<(), String> {
    let all = [10_000, 100_000];
    for snapshots in if sizes.is_empty() { &all } else { sizes } {
        let server = Server::start(*snapshots, |_| Manner::Prompt);
        let (mut sdk, mut source) = (f64::MAX, f64::MAX);
        for _time in 0..TIMES {
            // In turns: what else the machine does meets both.
            sdk = sdk.min(once("sdk", &server, *snapshots));
            source = source.min(once("source", &server, *snapshots));
        }
        let what = |what: &str| format!("{snapshots:>7} snapshots: {what}");
        table.row(what("the SDK's paginator alone"), sdk, "ms", Bar::None);
        table.row(
            what("defib's source, into its rows"),
            source,
            "ms",
            Bar::None,
        );
        let ratio = source / sdk;
        table.row(what("source / paginator"), ratio, "times", Bar::AtMost(1.3));
        let mut defib = to(Command::new(env!("CARGO_BIN_EXE_defib")), &server);
        defib.args(["points", "--json"]);
        let defib = whole(2, defib);
        table.row(
            what("defib points --json, the whole process"),
            defib,
            "ms",
            Bar::None,
        );
        let bin = venv::try_bin()?;
        let mut cli = to(Command::new(bin.join("aws")), &server);
        cli.args(["ec2", "describe-snapshots", "--owner-ids", "self"]);
        cli.args(["--page-size", "1000", "--output", "json"]);
        let cli = whole(2, cli);
        table.row(what("aws ec2 describe-snapshots"), cli, "ms", Bar::None);
        // A whole process is held against a whole process.
        let ratio = cli / defib;
        let name = what("AWS CLI / defib points --json");
        table.row(name, ratio, "times", Bar::AtLeast(10.0));
        let ratio = cli / source;
        table.row(what("AWS CLI / source"), ratio, "times", Bar::None);
        peak(*snapshots, &server, table);
    }
    Ok(())
}
