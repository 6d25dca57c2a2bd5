//! A window with a terminal in it, in which `defib` runs: what it shows, and keys for it.
//!
//! Waits for what is to be seen, never for time alone; a wait that fails shows the screen.

#![expect(
    clippy::disallowed_methods,
    reason = "a real program in a real terminal keeps the machine's time"
)]

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// How long something may take to be seen before the test fails. Far longer than it ever takes.
const PATIENCE: Duration = Duration::from_mins(3);

/// A terminal with a program in it.
pub struct Window {
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    program: Box<dyn Child + Send + Sync>,
    screen: Arc<Mutex<vt100::Parser>>,
    bytes: Arc<AtomicU64>,
    closing: Arc<AtomicBool>,
    /// The modes of the terminal before the program was started.
    modes: String,
    /// How many keys were pressed that are not typed text.
    pub pressed: usize,
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

/// Returns what a terminal does with characters and signals.
fn modes(master: &dyn MasterPty) -> String {
    let modes = master.get_termios().expect("the modes of a terminal");
    format!("{modes:?}")
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a terminal has cells")
}

impl Window {
    /// Opens a window and starts a command in it.
    pub fn open(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let pair = native_pty_system()
            .openpty(size(columns, rows))
            .expect("a terminal");
        let modes = modes(&*pair.master);
        let program = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        drop(pair.slave);
        let reader = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let screen = Arc::new(Mutex::new(vt100::Parser::new(
            cells(rows),
            cells(columns),
            0,
        )));
        let (bytes, closing) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        watch(
            reader,
            Arc::clone(&screen),
            Arc::clone(&bytes),
            Arc::clone(&closing),
        );
        Self {
            master: Some(pair.master),
            keys: Some(keys),
            program,
            screen,
            bytes,
            closing,
            modes,
            pressed: 0,
        }
    }

    /// Tells whether the terminal is in the modes that it was in before the program was started.
    pub fn is_as_before(&self) -> bool {
        let master = self.master.as_ref().expect("the window is open");
        modes(&**master) == self.modes
    }

    /// Returns what is on the screen.
    pub fn shown(&self) -> String {
        self.screen
            .lock()
            .expect("the watcher is well")
            .screen()
            .contents()
    }

    /// Tells whether the program is on the alternate screen, which it must not leave behind.
    pub fn is_taken(&self) -> bool {
        self.screen
            .lock()
            .expect("the watcher is well")
            .screen()
            .alternate_screen()
    }

    /// Returns how many bytes the program has written.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::SeqCst)
    }

    /// Waits until a condition on the screen holds.
    pub fn until(&mut self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let shown = self.shown();
            if holds(&shown) {
                return shown;
            }
            let ended = self.program.try_wait().expect("the program can be asked");
            assert!(
                begun.elapsed() < PATIENCE && ended.is_none(),
                "{what} was not seen ({ended:?}):\n{shown}"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until a text is on the screen.
    pub fn see(&mut self, text: &str) -> String {
        self.until(&format!("“{text}”"), |shown| shown.contains(text))
    }

    /// Waits until a text is no longer on the screen.
    pub fn see_gone(&mut self, text: &str) -> String {
        self.until(&format!("the end of “{text}”"), |shown| {
            !shown.contains(text)
        })
    }

    /// Waits until a program that has ended has had its last words shown.
    pub fn until_ended(&self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            let shown = self.shown();
            if shown.contains(text) {
                return shown;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "“{text}” was not seen:\n{shown}"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the program has written nothing for a while.
    pub fn quiet(&self) {
        let begun = Instant::now();
        let mut before = self.bytes();
        loop {
            thread::sleep(Duration::from_millis(500));
            let now = self.bytes();
            if now == before {
                return;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "the console keeps writing:\n{}",
                self.shown()
            );
            before = now;
        }
    }

    /// Presses one key, which is counted.
    pub fn press(&mut self, key: &str) {
        self.pressed += 1;
        self.type_text(key);
    }

    /// Types a value, which is not counted.
    pub fn type_text(&mut self, text: &str) {
        let keys = self.keys.as_mut().expect("the window is open");
        keys.write_all(text.as_bytes())
            .expect("the terminal takes keys");
        keys.flush().expect("the terminal takes keys");
    }

    /// Makes the window larger or smaller.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.screen
            .lock()
            .expect("the watcher is well")
            .screen_mut()
            .set_size(cells(rows), cells(columns));
        let master = self.master.as_ref().expect("the window is open");
        master
            .resize(size(columns, rows))
            .expect("the terminal is resized");
    }

    /// Returns the process id of the program.
    pub fn pid(&self) -> u32 {
        self.program.process_id().expect("the program runs")
    }

    /// Closes the window as its emulator or connection would, and waits for the program.
    pub fn close(mut self) -> ExitStatus {
        self.closing.store(true, Ordering::SeqCst);
        drop(self.keys.take());
        drop(self.master.take());
        self.ended()
    }

    /// Waits for the program to end by itself.
    pub fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.program.try_wait().expect("the program can be asked") {
                return status;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "the program did not end:\n{}",
                self.shown()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // A test that failed leaves no program behind.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Reads what the terminal is shown: a full one would block the program. Looks up now and then, so that
/// a window that is closed lets go of its end, and the kernel hangs up.
fn watch(
    mut reader: Box<dyn Read + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    bytes: Arc<AtomicU64>,
    closing: Arc<AtomicBool>,
) {
    thread::spawn(move || {
        let mut chunk = [0; 16 * 1024];
        while let Ok(count @ 1..) = reader.read(&mut chunk) {
            bytes.fetch_add(u64::try_from(count).expect("small"), Ordering::SeqCst);
            screen
                .lock()
                .expect("the test is well")
                .process(&chunk[..count]);
            if closing.load(Ordering::SeqCst) {
                break;
            }
        }
    });
}
