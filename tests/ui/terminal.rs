//! What a terminal can do to a console: close, change its size, send it to the background, interrupt it.

use nix::sys::signal::Signal;

use crate::demo::{SIZES, command, demo};
use crate::window::Window;

#[test]
fn ctrl_c_ends_the_console_at_once_and_gives_the_terminal_back() {
    for (columns, rows) in SIZES {
        let mut window = demo(columns, rows, &[]);
        window.see("billing-db-data");
        assert!(window.is_taken());
        window.press("\u{3}");
        assert!(window.ended().success());
        window_is_given_back(&mut window);
    }
}

/// Waits for the program's last bytes: it is off the alternate screen, and the modes are those from before.
fn window_is_given_back(window: &mut Window) {
    let begun = std::time::Instant::now();
    while window.is_taken() {
        assert!(
            begun.elapsed().as_secs() < 60,
            "the terminal was not given back"
        );
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(window.is_as_before(), "the modes of the terminal differ");
}

fn send(window: &Window, signal: Signal) {
    let pid = i32::try_from(window.pid()).expect("a process id");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), signal).expect("the signal is sent");
}

#[test]
fn a_terminal_that_closes_ends_the_console() {
    for (columns, rows) in SIZES {
        let mut window = demo(columns, rows, &[]);
        window.see("billing-db-data");
        window.close();
    }
}

#[test]
fn the_screen_follows_the_size_of_the_terminal() {
    let mut window = demo(80, 24, &[]);
    window.see("billing-db-data");
    window.resize(120, 40);
    window.until("a wider rule", |shown| {
        shown.lines().any(|line| line.starts_with(&"─".repeat(110)))
    });
    window.resize(20, 5);
    window.see("defib needs");
    window.resize(80, 24);
    window.see("billing-db-data");
}

#[test]
fn signals_end_it_in_order() {
    for (columns, rows) in SIZES {
        for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
            let mut window = demo(columns, rows, &[]);
            window.see("billing-db-data");
            assert!(!window.is_as_before(), "keys come one by one");
            send(&window, signal);
            assert!(window.ended().success());
            window_is_given_back(&mut window);
        }
    }
}

#[test]
fn leaving_puts_the_terminal_back_into_the_modes_from_before() {
    for (columns, rows) in SIZES {
        let mut window = demo(columns, rows, &[]);
        window.see("billing-db-data");
        assert!(!window.is_as_before());
        window.press("q");
        assert!(window.ended().success());
        window_is_given_back(&mut window);
    }
}

#[test]
fn a_task_that_breaks_down_ends_the_console_with_a_clear_message() {
    for (columns, rows) in SIZES {
        let mut command = command(env!("CARGO_BIN_EXE_defib"));
        command.arg("demo");
        command.env("DEFIB_BREAKS_DOWN", "1");
        let mut window = Window::open(command, columns, rows);
        window.see("billing-db-data");
        send(&window, Signal::SIGUSR1);
        assert_eq!(window.ended().exit_code(), 1);
        window_is_given_back(&mut window);
        let shown = window.until_ended("the console broke down");
        let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("a task was asked to break down"), "{shown}");
        assert!(words.contains("A run that is under way goes on"), "{shown}");
    }
}

#[test]
fn what_is_killed_cannot_give_anything_back() {
    let mut window = demo(80, 24, &[]);
    window.see("billing-db-data");
    send(&window, Signal::SIGKILL);
    window.ended();
    assert!(
        window.is_taken() && !window.is_as_before(),
        "or the other tests here would see nothing"
    );
}

#[test]
fn the_background_gives_the_terminal_back_and_the_foreground_takes_it_again() {
    for (columns, rows) in SIZES {
        let script = r#"set -m; "$0" demo; echo in the background; sleep 1; fg >/dev/null"#;
        let mut command = command("sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_defib")]);
        let mut window = Window::open(command, columns, rows);
        window.see("billing-db-data");
        window.press("\u{1a}");
        window.see("in the background");
        assert!(!window.is_taken());
        window.see("billing-db-data");
        assert!(window.is_taken());
        window.press("j");
        window.press("\u{3}");
        window.ended();
    }
}

#[test]
fn without_a_shell_above_it_stays_in_front() {
    for (columns, rows) in SIZES {
        let mut window = demo(columns, rows, &[]);
        window.see("billing-db-data");
        window.press("\u{1a}");
        window.see("there is no shell");
        assert!(window.is_taken());
    }
}

/// Opens the demo and waits until everything is listed and nothing is drawn any more.
fn at_rest() -> Window {
    let mut window = demo(80, 24, &[]);
    window.see("billing-db-data");
    window.until("the end of the listing", |shown| {
        shown.contains(" resources") && !shown.contains("+ resources")
    });
    window.quiet();
    window
}

#[test]
fn nothing_is_written_while_nothing_happens() {
    let window = at_rest();
    let before = window.bytes();
    // That nothing comes can only be seen by letting time pass.
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(window.bytes(), before, "idle, and not a byte");
}

#[test]
fn a_cursor_key_is_cheap_on_a_slow_line() {
    let mut window = at_rest();
    let before = window.bytes();
    for _key in 0..5 {
        window.press("j");
        window.quiet();
    }
    let each = (window.bytes() - before) / 5;
    let whole_screen = 80 * 24;
    assert!(
        (1..whole_screen).contains(&each),
        "{each} bytes for a cursor key, less than the screen has cells"
    );
}
