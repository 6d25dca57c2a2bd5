//! Whether keys are answered while AWS is not: a call takes eight seconds, a Region is dead, a Region throttles.

use std::time::{Duration, Instant};

use crate::screen::{console, home, leave, to_points};
use crate::server::{Call, Manner, Server};
use crate::table::{Bar, Table};
use crate::window::Window;

const KEYS: usize = 60;
/// What the console waits between two frames.
const FRAME: Duration = Duration::from_millis(16);
const SNAPSHOTS: usize = 10_000;
const HOME: &str = "eu-west-1";
const OTHER: &str = "us-east-1";

fn late(call: &Call) -> Manner {
    if call.action == "DescribeVolumes" {
        Manner::Late(Duration::from_secs(8))
    } else {
        Manner::Prompt
    }
}

fn dead(call: &Call) -> Manner {
    if call.region == OTHER {
        Manner::Never
    } else {
        Manner::Prompt
    }
}

fn throttled(call: &Call) -> Manner {
    if call.region == OTHER && call.action != "GetCallerIdentity" {
        Manner::Refused
    } else {
        Manner::Prompt
    }
}

/// Returns the line on which the bar of the cursor stands.
fn cursor(window: &Window) -> Option<usize> {
    window
        .shown()
        .lines()
        .position(|line| line.starts_with('▌'))
}

fn measure_one(name: &str, regions: &[&str], manner: fn(&Call) -> Manner, table: &mut Table) {
    let server = Server::start(SNAPSHOTS, manner);
    let command = console(&home("keys"), &server.url, regions);
    let mut window = Window::open(command, 120, 40);
    to_points(&mut window);
    window.see(&format!("{SNAPSHOTS}"));
    while cursor(&window).is_none() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut times = Vec::new();
    for n in 0..KEYS {
        let before = cursor(&window);
        let begun = Instant::now();
        window.press(if n % 2 == 0 { "j" } else { "k" });
        while cursor(&window) == before {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "no answer to a key"
            );
            std::thread::sleep(Duration::from_micros(200));
        }
        times.push(begun.elapsed());
        std::thread::sleep(FRAME);
    }
    // The header turns a sign for as long as anything is listed.
    let header: String = window.shown().lines().take(2).collect();
    let under_way = header.contains(|c| ('\u{2801}'..='\u{28ff}').contains(&c));
    let within = times.iter().filter(|time| **time <= FRAME).count();
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let longest = times.last().copied().unwrap_or_default();
    let note = format!(
        "{within} of {KEYS}, median {:.1} ms, longest {:.1} ms, listing {}",
        ms(times[KEYS / 2]),
        ms(longest),
        if under_way { "under way" } else { "over" }
    );
    #[expect(clippy::cast_precision_loss, reason = "few keys")]
    let part = within as f64 * 100.0 / KEYS as f64;
    let what = format!("keys answered within a frame, {name}");
    table.noted(what, part, "%", Bar::AtLeast(100.0), note);
    leave(window);
}

/// Measures all of it.
pub fn measure(table: &mut Table) {
    measure_one("an 8-second call in flight", &[HOME], late, table);
    measure_one("a Region is dead", &[HOME, OTHER], dead, table);
    measure_one("a Region throttles", &[HOME, OTHER], throttled, table);
}
