//! The terminal closes in mid-run: the run goes on, and is found again.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use serde_json::json;

use crate::estate::Make;
use crate::process::eventually;
use crate::stage::{Stage, text};

/// A program in a terminal of its own, which somebody looks at.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    program: Box<dyn Child + Send + Sync>,
    closing: Arc<AtomicBool>,
    watcher: JoinHandle<()>,
}

impl Terminal {
    pub fn open(command: CommandBuilder) -> Self {
        let size = PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let program = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        let screen = pair.master.try_clone_reader().expect("a reader");
        let closing = Arc::new(AtomicBool::new(false));
        let watcher = watch(screen, Arc::clone(&closing));
        Self {
            master: pair.master,
            program,
            closing,
            watcher,
        }
    }

    /// Returns the process of the program.
    pub fn pid(&self) -> i32 {
        let pid = self.program.process_id().expect("it was not waited for");
        i32::try_from(pid).expect("a process id")
    }

    /// Waits for the program to end by itself; the terminal stays open so long.
    pub fn wait(mut self) -> ExitStatus {
        self.program.wait().expect("the program ends")
    }

    /// Closes the terminal as its emulator or connection would, and waits for the program.
    ///
    /// Both handles have to go for the kernel to hang up: the watcher's at the next line shown.
    fn close(mut self) -> ExitStatus {
        self.closing.store(true, Ordering::SeqCst);
        self.watcher.join().expect("the watcher lets go");
        drop(self.master);
        self.program.wait().expect("the program leaves")
    }
}

/// Reads what the terminal is shown (a full one would block the program) until it is to close.
fn watch(mut screen: Box<dyn Read + Send>, closing: Arc<AtomicBool>) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut chunk = [0; 4096];
        while let Ok(1..) = screen.read(&mut chunk) {
            if closing.load(Ordering::SeqCst) {
                break;
            }
        }
    })
}

#[test]
fn a_closed_terminal_hangs_up_on_the_program_in_it() {
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "while echo still here; do sleep 0.05; done"]);
    assert!(!Terminal::open(command).close().success());
}

#[test]
fn a_run_finishes_although_its_terminal_closed() {
    let stage = Stage::with_data_volume(Make::gp3(10, 4000, 200));
    stage.account.slow_down(250);
    let terminal = Terminal::open(typed(&stage));
    stage.wait_for_call("CreateVolume");
    terminal.close();
    assert_ne!(state(&stage), "done", "the terminal was closed in mid-run");
    stage.account.fault(&json!([]));
    eventually("the run to finish on its own", || {
        (state(&stage) == "done").then_some(())
    });
    let run = text(&stage.home.only_run()["run"]);
    stage.swap(&run).assert_done(&stage.picture());
    let attached = stage.home.defib(&["attach", &run]).expect(&[0]);
    let shown = format!("{}{}", attached.stdout, attached.stderr);
    assert!(shown.contains("done"), "attach shows the end\n{attached}");
}

fn state(stage: &Stage) -> String {
    text(&stage.home.only_run()["state"])
}

/// `defib run` as typed into that terminal.
fn typed(stage: &Stage) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_defib"));
    command.args(stage.arguments("run", &["--mode", "stop", "--yes"]));
    command.cwd(stage.home.path());
    command.env_clear();
    for (name, value) in stage.home.environment() {
        command.env(name, value);
    }
    command
}
