//! What the console writes: bytes for a cursor key, for a page, and while nothing happens.
//! Run with `cargo bench`. Counts alone, so that they mean the same on every machine.

#![expect(
    clippy::disallowed_methods,
    reason = "a real program in a real terminal keeps the machine's time"
)]
#![expect(clippy::print_stdout, reason = "it is what a benchmark is for")]

#[path = "../ui/window.rs"]
#[expect(dead_code, reason = "journeys use more of a window")]
mod window;

use std::time::Duration;

use portable_pty::CommandBuilder;
use window::Window;

const KEYS: u64 = 20;

fn demo(columns: u16, rows: u16) -> Window {
    let home = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("home");
    std::fs::create_dir_all(&home).expect("a home");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_defib"));
    command.args(["demo"]);
    command.env_clear();
    command.cwd(&home);
    command.env("HOME", &home);
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    let mut window = Window::open(command, columns, rows);
    window.see("billing-db-data");
    window.until("the end of the listing", |shown| {
        shown.contains(" resources") && !shown.contains("+ resources")
    });
    window.quiet();
    window
}

/// Returns the bytes for each press of a key, on average.
fn bytes_for(window: &mut Window, key: &str) -> u64 {
    let before = window.bytes();
    for _key in 0..KEYS {
        let shown = window.bytes();
        window.press(key);
        // Two keys in one frame would cost half.
        while window.bytes() == shown {
            std::thread::yield_now();
        }
        window.quiet();
    }
    (window.bytes() - before) / KEYS
}

fn main() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut window = demo(columns, rows);
        window.press("2");
        window.quiet();
        let down = bytes_for(&mut window, "j");
        let up = bytes_for(&mut window, "k");
        let page = bytes_for(&mut window, "\u{4}");
        let before = window.bytes();
        // That nothing comes can only be seen by letting time pass.
        std::thread::sleep(Duration::from_secs(5));
        let idle = window.bytes() - before;
        println!(
            "{columns}x{rows}  bytes for: down {down}, up {up}, page {page}, five idle seconds {idle}"
        );
        window.press("\u{3}");
        window.ended();
    }
}
