//! The figures that the console is held to, each beside its bar: `cargo bench`.
//!
//! Nothing is asserted, since a figure means something on one machine alone. A part is measured by its name
//! (`cargo bench -- lists 10000` for so many points): `lists`, `screen`, `listing`, `keys`.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures the machine's own time"
)]
#![expect(clippy::print_stdout, reason = "it is what a benchmark is for")]
#![expect(clippy::print_stderr, reason = "it says why there is no figure")]

mod estate;
mod keys;
mod listing;
mod lists;
mod screen;
mod server;
mod table;
#[path = "../wire/venv.rs"]
#[expect(dead_code, reason = "the wire tests have a server in it")]
mod venv;
#[path = "../ui/window.rs"]
#[expect(dead_code, reason = "journeys use more of a window")]
mod window;

use std::process::ExitCode;

use table::Table;

fn main() -> ExitCode {
    if let Some(way) = std::env::var_os(listing::WAY) {
        listing::list_once(&way);
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let sizes: Vec<usize> = wanted.iter().filter_map(|arg| arg.parse().ok()).collect();
    let parts = ["lists", "screen", "listing", "keys"];
    let named = wanted.iter().any(|arg| parts.contains(&arg.as_str()));
    let is_wanted = |part: &str| !named || wanted.iter().any(|arg| arg == part);
    let mut table = Table::default();
    println!("profile: {}", profile());
    let mut outcome = Ok(());
    if is_wanted("screen") {
        screen::measure(&mut table);
    }
    if is_wanted("lists") {
        lists::measure(&sizes, &mut table);
    }
    if is_wanted("listing") {
        outcome = listing::measure(&sizes, &mut table);
    }
    if is_wanted("keys") {
        keys::measure(&mut table);
    }
    println!("\n{table}");
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn profile() -> &'static str {
    if cfg!(debug_assertions) {
        "development, in which what is drawn with is not optimised (the bars are for release)"
    } else {
        "release"
    }
}
