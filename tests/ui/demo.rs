//! The demo from the page to the report, and what can happen on the way.

use portable_pty::CommandBuilder;

use crate::window::Window;

const ENTER: &str = "\r";
pub const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// Opens the demo in an environment of its own.
pub fn demo(columns: u16, rows: u16, extra: &[&str]) -> Window {
    let mut command = command(env!("CARGO_BIN_EXE_defib"));
    command.args(["demo"]);
    command.args(extra);
    Window::open(command, columns, rows)
}

/// Makes a command with a home and an environment of its own.
pub fn command(program: &str) -> CommandBuilder {
    let home = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("home");
    std::fs::create_dir_all(&home).expect("a home");
    let mut command = CommandBuilder::new(program);
    command.env_clear();
    command.cwd(&home);
    command.env("HOME", &home);
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("PATH", "/usr/bin:/bin");
    command
}

/// Goes from the first screen to a run: sets the clock, opens the resource, and is walked through.
fn to_a_run(window: &mut Window) {
    window.see("billing-db-data");
    window.press("t");
    window.see("When did it go wrong?");
    window.type_text("02:17");
    window.see("2026-03-14 02:17:00Z");
    window.press(ENTER);
    window.see("T 02:17Z");
    window.press("/");
    window.type_text("orders-db-data");
    window.see("14 min");
    window.press(ENTER);
    window.press(ENTER);
    window.see("snap-0b7e41c8d92f3a650");
    window.press("r");
    window.see("▌1 What");
    window.until("the outage of the flow", |shown| {
        shown.contains("outage about")
    });
    window.press(ENTER);
    window.see("▌2 Where");
    window.see("as before");
    window.press(ENTER);
    window.see("▌3 Checks");
    window.see("31 fine");
    window.press(ENTER);
    window.see("▌4 Plan");
    window.see("safety snapshot");
    window.press(ENTER);
    window.see("▌5 Yes");
    window.see("Type yes");
    window.type_text("yes");
    window.press(ENTER);
    window.see(" run 01");
}

/// Answers the gate that asks whether the application is healthy.
fn answer_the_gate(window: &mut Window) {
    window.see("enter answers");
    window.press(ENTER);
    window.see("leave it as it is");
    window.press("y");
}

#[test]
fn the_demo_is_walked_from_the_page_to_the_report_with_few_keys() {
    for (columns, rows) in SIZES {
        let mut window = demo(columns, rows, &["--speed", "200"]);
        window.see("bad deploy");
        to_a_run(&mut window);
        assert!(
            window.pressed <= 15,
            "{} keys to a running restore",
            window.pressed
        );
        answer_the_gate(&mut window);
        window.see("✔ done");
        window.press(ENTER);
        window.see("Report: ");
        window.press("q");
        window.press("q");
        window.press("q");
        window.press("q");
        assert!(window.ended().success());
        assert!(!window.is_taken(), "the terminal was given back");
    }
}

#[test]
fn a_run_that_was_left_is_found_again() {
    for (columns, rows) in SIZES {
        let mut window = demo(columns, rows, &["--speed", "60"]);
        to_a_run(&mut window);
        window.press("q");
        window.see_gone(" run 01");
        window.press("6");
        window.until("the run in the list", |shown| {
            shown.contains("running") || shown.contains("waiting")
        });
        window.press(ENTER);
        window.see(" run 01");
        answer_the_gate(&mut window);
        window.see("✔ done");
    }
}

#[test]
fn a_runner_that_was_killed_is_missed_and_the_run_is_resumed() {
    for (columns, rows) in SIZES {
        let mut window = demo(columns, rows, &["--speed", "8"]);
        to_a_run(&mut window);
        // Before the start was taken up, another runner would be sent after the first.
        window.see("SERVICE INTERRUPTED");
        window.press(":");
        window.type_text("kill-runner");
        window.press(ENTER);
        window.see("no runner");
        window.press("R");
        window.see_gone("no runner");
        answer_the_gate(&mut window);
        window.see("✔ done");
    }
}

#[test]
fn a_run_is_rolled_back_from_its_screen() {
    for (columns, rows) in SIZES {
        let mut window = demo(columns, rows, &["--speed", "100"]);
        to_a_run(&mut window);
        window.see("enter answers");
        window.press("u");
        window.see("Type yes");
        window.type_text("yes");
        window.press(ENTER);
        window.see("← rolled back");
    }
}
