//! The console on a real wire: what became of a run is seen and mended from it, whatever happened to
//! terminal or runner.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::CommandBuilder;
use serde_json::json;

use crate::estate::Make;
use crate::process::eventually;
use crate::stage::{Stage, text};
use crate::window::Window;

const ENTER: &str = "\r";

/// Opens the console on the estate of a stage.
pub fn console(stage: &Stage, columns: u16, rows: u16) -> Window {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_defib"));
    let arguments = stage.arguments("run", &[]);
    // The flags that every command takes stand before its name.
    let flags = arguments.iter().take_while(|word| **word != "run");
    command.args(flags);
    command.cwd(stage.home.path());
    command.env_clear();
    for (name, value) in stage.home.environment() {
        command.env(name, value);
    }
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    Window::open(command, columns, rows)
}

/// Goes from the resource under the cursor to a run from its youngest point.
pub fn to_a_run(window: &mut Window) {
    window.until("the snapshot", |shown| shown.contains("snap-"));
    window.press("r");
    window.see("1 What");
    window.see("outage about");
    window.press(ENTER);
    window.see("as before");
    window.press(ENTER);
    window.see("fine");
    window.press(ENTER);
    window.see("in all about");
    window.press(ENTER);
    window.see("Type yes");
    window.type_text("yes");
    window.press(ENTER);
    window.see(" run 01");
}

/// Kills the runner of the only run there is.
fn kill_the_runner(stage: &Stage) {
    let runner = eventually("the runner", || stage.home.runner());
    kill(Pid::from_raw(runner), Signal::SIGKILL).expect("it is there");
}

fn state(stage: &Stage) -> String {
    text(&stage.home.only_run()["state"])
}

#[test]
fn a_run_of_the_console_goes_on_without_it_and_another_console_finds_it() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let stage = Stage::with_data_volume(Make::gp3(10, 4000, 200));
        let mut window = console(&stage, columns, rows);
        window.see("orders-db data");
        stage.account.slow_down(250);
        to_a_run(&mut window);
        stage.wait_for_call("CreateVolume");
        window.close();
        assert_ne!(
            state(&stage),
            "waiting",
            "the terminal was closed in mid-run"
        );
        stage.account.fault(&json!([]));
        eventually("the run to ask on its own", || {
            (state(&stage) == "waiting").then_some(())
        });

        let mut window = console(&stage, columns, rows);
        window.press("6");
        window.see("asks you");
        window.press(ENTER);
        window.see("enter answers");
        window.press(ENTER);
        window.see("y  yes");
        window.press("y");
        eventually("the run to be done", || {
            (state(&stage) == "done").then_some(())
        });
        let run = text(&stage.home.only_run()["run"]);
        stage.swap(&run).assert_done(&stage.picture());
        window.press("\u{3}");
        assert!(window.ended().success());
    }
}

#[test]
fn a_run_whose_runner_was_killed_is_resumed_and_taken_back_from_the_console() {
    let stage = Stage::with_data_volume(Make::gp3(10, 4000, 200));
    let mut window = console(&stage, 80, 24);
    window.see("orders-db data");
    stage.account.slow_down(250);
    to_a_run(&mut window);
    stage.wait_for_call("StopInstances");
    kill_the_runner(&stage);
    stage.account.fault(&json!([]));
    window.see("no runner");
    window.press("R");
    window.see_gone("no runner");
    window.see("enter answers");
    let run = text(&stage.home.only_run()["run"]);
    let new = stage.swap(&run).new_volume(&stage.picture());

    window.press("u");
    window.see("Type yes");
    window.type_text("yes");
    window.press(ENTER);
    window.see("← rolled back");
    let swap = stage.swap(&run);
    swap.assert_rolled_back(&stage.picture(), &new);
    stage.assert_nothing_was_deleted();
    window.press("\u{3}");
    assert!(window.ended().success());
}
