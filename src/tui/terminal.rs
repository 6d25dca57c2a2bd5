//! Takes the terminal and gives it back, whatever happens: an end, a panic, a signal, the background.
//!
//! Each frame leaves in one piece, between the marks of a synchronized update. Bytes are counted, so that
//! a benchmark can tell what a key costs on a slow line.

mod sparing;

use std::io::{self, BufWriter, Stdout, Write};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::layout::Rect;

use tokio::sync::mpsc;

use super::model::Model;
use super::msg::Msg;
use super::runtime::Screen;
use super::view;

use sparing::Sparing;

/// Whether the terminal is taken: the panic hook must not print into a screen that is still up.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Where panics beside the event loop are told.
static PANICS: OnceLock<mpsc::Sender<Msg>> = OnceLock::new();

/// Has a panic in a task told to the event loop, which then ends in order.
pub fn tell_panics(out: mpsc::Sender<Msg>) {
    PANICS.set(out).ok();
}

/// Standard output, with its bytes counted.
#[derive(Debug)]
pub struct Counted {
    out: Stdout,
    bytes: Arc<AtomicU64>,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        let count = u64::try_from(written).unwrap_or(u64::MAX);
        self.bytes.fetch_add(count, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

type Backend = Sparing<BufWriter<Counted>>;

/// The terminal, taken; dropping it gives it back.
pub struct Taken {
    // Never dropped: ratatui would complain on standard error about a terminal that is gone, and panic
    // where that is gone as well.
    terminal: ManuallyDrop<Terminal<Backend>>,
    bytes: Arc<AtomicU64>,
}

impl Taken {
    /// Takes the terminal.
    ///
    /// # Errors
    /// Where it cannot be put into raw mode or written to; it is then as it was.
    pub fn take() -> io::Result<Self> {
        give_back_on_panic();
        let bytes = Arc::new(AtomicU64::new(0));
        let out = Counted {
            out: io::stdout(),
            bytes: bytes.clone(),
        };
        let backend = Sparing::new(BufWriter::with_capacity(64 * 1024, out));
        enter()?;
        match Terminal::new(backend) {
            Ok(terminal) => Ok(Self {
                terminal: ManuallyDrop::new(terminal),
                bytes,
            }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }
}

impl Taken {
    /// Forgets what is on the screen. Taking the size anew does that without asking where the cursor is,
    /// which cannot be answered while keys are read.
    fn forget(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal
            .resize(Rect::new(0, 0, size.width, size.height))
    }
}

impl Screen for Taken {
    fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    fn draw(&mut self, model: &Model) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| view::draw(model, frame))?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    fn redraw(&mut self) -> io::Result<()> {
        // The shell may have put its own mode in place.
        if TAKEN.load(Ordering::SeqCst) {
            disable_raw_mode()?;
        }
        enter()?;
        self.forget()
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        let sequence = clipboard(text, std::env::var_os("TMUX").is_some());
        let out = self.terminal.backend_mut();
        out.write_all(sequence.as_bytes())?;
        Write::flush(out)
    }

    fn suspend(&mut self) -> io::Result<bool> {
        // Without a shell above that could continue it, a stopped console would be lost for good.
        if nix::unistd::getsid(None).ok() == Some(nix::unistd::getpgrp()) {
            return Ok(false);
        }
        give_back();
        // SIGSTOP, because a handler for SIGTSTP is in place; the shell treats both alike.
        let group = nix::unistd::Pid::from_raw(0);
        nix::sys::signal::kill(group, nix::sys::signal::Signal::SIGSTOP)?;
        enter()?;
        self.forget()?;
        Ok(true)
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let entered = execute!(
        io::stdout(),
        EnterAlternateScreen,
        EnableBracketedPaste,
        cursor::Hide
    );
    if entered.is_err() {
        give_back();
    }
    entered
}

/// Gives the terminal back as it was. Does nothing where it is not taken; a terminal that is gone needs
/// nothing.
pub fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let _ = execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
}

fn give_back_on_panic() {
    static HOOKED: AtomicBool = AtomicBool::new(false);
    if HOOKED.swap(true, Ordering::SeqCst) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let beside = std::thread::current().name() != Some("main");
        let told = PANICS.get().filter(|_| beside).is_some_and(|out| {
            // It says where on one line and what on the next.
            let text = panic.to_string().replace('\n', " ");
            let text = crate::domain::text::shown(&text);
            out.try_send(Msg::Panicked(text)).is_ok()
        });
        // The loop gives the terminal back itself; it must not go on drawing over the shell.
        if !told {
            give_back();
            before(panic);
        }
    }));
}

/// Returns what puts a text into the clipboard of the terminal (OSC 52), through tmux where it runs.
#[must_use]
pub fn clipboard(text: &str, tmux: bool) -> String {
    let encoded = data_encoding::BASE64.encode(text.as_bytes());
    let sequence = format!("\u{1b}]52;c;{encoded}\u{7}");
    if tmux {
        format!("\u{1b}Ptmux;\u{1b}{sequence}\u{1b}\\")
    } else {
        sequence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clipboard_is_reached_through_tmux() {
        assert_eq!(clipboard("vol-1", false), "\u{1b}]52;c;dm9sLTE=\u{7}");
        assert_eq!(
            clipboard("vol-1", true),
            "\u{1b}Ptmux;\u{1b}\u{1b}]52;c;dm9sLTE=\u{7}\u{1b}\\"
        );
    }

    #[test]
    fn giving_back_what_was_never_taken_does_nothing() {
        give_back();
        assert!(!TAKEN.load(Ordering::SeqCst));
    }
}
