//! What the console does in a terminal: how soon it shows a first frame, what a cursor key writes, and that
//! nothing is written while nothing happens.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;

use crate::server::{Manner, Server};
use crate::table::{Bar, Table};
use crate::window::Window;

const KEYS: u64 = 20;
const STARTS: usize = 5;
const SNAPSHOTS: usize = 10_000;
/// So many rows fill most of a screen of 40 lines.
const SCREENFUL: usize = 20;

/// Makes a home that nothing is in.
pub fn home(name: &str) -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{name}"));
    // What an earlier run has left.
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home).expect("a home");
    home
}

fn defib(home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_defib"));
    command.env_clear();
    command.cwd(home);
    command.env("HOME", home);
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command
}

/// The console with some Regions of a server.
pub fn console(home: &Path, url: &str, regions: &[&str]) -> CommandBuilder {
    let mut command = defib(home);
    for region in regions {
        command.args(["--region", region]);
    }
    command.env("AWS_ENDPOINT_URL", url);
    command.env("AWS_ACCESS_KEY_ID", "AKIDBENCH");
    command.env("AWS_SECRET_ACCESS_KEY", "secret");
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// Waits, for so long at most, until something is shown; returns how long that took.
fn until(window: &Window, patience: Duration, shown: impl Fn(&str) -> bool) -> Option<Duration> {
    let begun = Instant::now();
    let mut before = u64::MAX;
    while begun.elapsed() < patience {
        let bytes = window.bytes();
        if bytes != before && shown(&window.shown()) {
            return Some(begun.elapsed());
        }
        before = bytes;
        std::thread::sleep(Duration::from_micros(200));
    }
    None
}

/// Leaves the console and waits for its end.
pub fn leave(mut window: Window) {
    window.press("\u{3}");
    window.ended();
}

/// Goes to the points once the console is there: a key before that would be shown by the terminal itself.
pub fn to_points(window: &mut Window) {
    window.see("Points");
    window.press("2");
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// From the start of the process to a frame with anything in it, and to one with rows that were listed before.
fn first_frames(table: &mut Table) {
    let home = home("start");
    let server = Server::start(SNAPSHOTS, |_| Manner::Prompt);
    let mut window = Window::open(console(&home, &server.url, &["eu-west-1"]), 120, 40);
    to_points(&mut window);
    window.see(&format!("{SNAPSHOTS} points"));
    window.quiet();
    let before = window.bytes();
    // That nothing comes can only be seen by letting time pass.
    std::thread::sleep(Duration::from_secs(5));
    #[expect(clippy::cast_precision_loss, reason = "bytes, to be read by people")]
    let idle = (window.bytes() - before) as f64;
    table.row("five idle seconds, written", idle, "B", Bar::AtMost(0.0));
    leave(window);
    let silent = Server::start(0, |_| Manner::Never);
    let (mut frames, mut cached) = (Vec::new(), Vec::new());
    for _start in 0..STARTS {
        let command = console(&home, &silent.url, &["eu-west-1"]);
        let begun = Instant::now();
        let window = Window::open(command, 120, 40);
        let any = |shown: &str| !shown.trim().is_empty();
        let first = until(&window, Duration::from_secs(10), any);
        frames.extend(first.map(|_| begun.elapsed()));
        let rows = |shown: &str| {
            let full = shown.lines().filter(|line| line.contains("vol-0"));
            full.count() >= SCREENFUL
        };
        let rows = until(&window, Duration::from_secs(2), rows);
        cached.extend(rows.map(|_| begun.elapsed()));
        leave(window);
    }
    let what = "process start to first frame, no call answered";
    starts(table, what, frames);
    let what = "process start to a screen of rows listed before";
    starts(table, what, cached);
}

/// Tells the median of the starts, with the longest beside it.
///
/// # Panics
/// Where a start never showed it: there is no figure then.
fn starts(table: &mut Table, what: &str, mut times: Vec<Duration>) {
    assert_eq!(times.len(), STARTS, "{what}: some start showed nothing");
    times.sort();
    let longest = times.last().copied().unwrap_or_default();
    let note = format!("the median of {STARTS}, the longest {:.1}", ms(longest));
    table.noted(what, ms(times[STARTS / 2]), "ms", Bar::AtMost(50.0), note);
}

fn demo(columns: u16, rows: u16) -> Window {
    let mut command = defib(&home("demo"));
    command.args(["demo"]);
    let mut window = Window::open(command, columns, rows);
    window.see("billing-db-data");
    window.until("the end of the listing", |shown| {
        shown.contains(" resources") && !shown.contains("+ resources")
    });
    window.quiet();
    window
}

/// Returns the bytes for each press of a key, on average: pressed one after the other once the screen is at
/// rest, or as fast as a key that is held down.
fn bytes_for(window: &mut Window, key: &str, held: bool) -> f64 {
    let before = window.bytes();
    for _key in 0..KEYS {
        let shown = window.bytes();
        window.press(key);
        // Two keys in one frame would cost half.
        while window.bytes() == shown {
            std::thread::yield_now();
        }
        if held {
            std::thread::sleep(Duration::from_millis(33));
        } else {
            window.quiet();
        }
    }
    window.quiet();
    #[expect(clippy::cast_precision_loss, reason = "bytes, to be read by people")]
    let each = (window.bytes() - before) as f64 / KEYS as f64;
    each
}

fn bytes(table: &mut Table) {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut window = demo(columns, rows);
        // In the small one the list is so short that it moves under the cursor.
        let bar = if columns == 120 {
            Bar::AtMost(300.0)
        } else {
            Bar::None
        };
        for (view, name) in [("1", "resources"), ("2", "points")] {
            window.press(view);
            window.quiet();
            for (held, how) in [(false, "pressed"), (true, "held down")] {
                let down = bytes_for(&mut window, "j", held);
                let up = bytes_for(&mut window, "k", held);
                let what = format!("{columns}x{rows}, demo, {name}: a cursor key, {how}, writes");
                table.row(what, f64::midpoint(down, up), "B", bar);
            }
        }
        leave(window);
    }
}

/// Measures all of it.
pub fn measure(table: &mut Table) {
    first_frames(table);
    bytes(table);
}
