//! A line to the server that can be cut, or fall silent: to `defib` every endpoint is at its end.
//!
//! The port stays the same, so that whoever comes back finds the same endpoint.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// A line to one address.
pub struct Line {
    to: SocketAddr,
    here: SocketAddr,
    /// Whether what is accepted is answered.
    speaks: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
    /// Connections that are held.
    held: Arc<Mutex<Vec<TcpStream>>>,
    accepting: Option<JoinHandle<()>>,
}

impl Line {
    /// Opens a line to a server, `http://127.0.0.1:PORT`.
    pub fn to(url: &str) -> Self {
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        let mut line = Self {
            to: address.parse().expect("an address with its port"),
            here: ([127, 0, 0, 1], 0).into(),
            speaks: Arc::new(AtomicBool::new(true)),
            over: Arc::new(AtomicBool::new(false)),
            held: Arc::default(),
            accepting: None,
        };
        line.open();
        line
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.here)
    }

    /// Opens the line, at the port it had before.
    pub fn open(&mut self) {
        let listener = TcpListener::bind(self.here).expect("the port is free");
        self.here = listener.local_addr().expect("it is bound");
        self.over = Arc::new(AtomicBool::new(false));
        self.speaks.store(true, Ordering::SeqCst);
        let (to, over) = (self.to, Arc::clone(&self.over));
        let (speaks, held) = (Arc::clone(&self.speaks), Arc::clone(&self.held));
        self.accepting = Some(thread::spawn(move || {
            while let Ok((caller, _)) = listener.accept() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let copy = caller.try_clone().expect("another handle");
                held.lock().expect("nobody panics with it").push(copy);
                if speaks.load(Ordering::SeqCst) {
                    thread::spawn(move || connected(caller, to));
                }
            }
        }));
    }

    /// Lets nobody hear anything any more, whoever calls.
    pub fn fall_silent(&self) {
        self.speaks.store(false, Ordering::SeqCst);
    }

    /// Closes the port.
    pub fn cut(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Whoever accepts notices with the next call.
        drop(TcpStream::connect(self.here));
        if let Some(accepting) = self.accepting.take() {
            accepting.join().expect("it ends");
        }
        for one in self.held.lock().expect("nobody panics with it").drain(..) {
            let _ = one.shutdown(Shutdown::Both);
        }
        TcpStream::connect(self.here).expect_err("the port is closed");
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.accepting.is_some() {
            self.cut();
        }
    }
}

fn connected(caller: TcpStream, to: SocketAddr) {
    let Ok(server) = TcpStream::connect(to) else {
        return;
    };
    let (Ok(mut ears), Ok(mut mouth)) = (caller.try_clone(), server.try_clone()) else {
        return;
    };
    thread::spawn(move || {
        let _ = io::copy(&mut ears, &mut mouth);
        let _ = mouth.shutdown(Shutdown::Write);
    });
    let (mut from, mut back) = (server, caller);
    let _ = io::copy(&mut from, &mut back);
    let _ = back.shutdown(Shutdown::Both);
}
