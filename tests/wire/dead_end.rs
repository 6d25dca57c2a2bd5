//! An endpoint that leads nowhere: it accepts and never answers, or it refuses, until it is mended. Then it
//! hands everything on to the server.

use std::io::{ErrorKind, Read as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use tokio::net::TcpSocket;
use tokio::runtime::{Builder, Runtime};

use crate::server::server;

pub struct DeadEnd {
    address: SocketAddr,
    /// A socket that nobody listens on, so that nobody else gets its port.
    refusing: Option<(TcpSocket, Runtime)>,
    mended: Arc<AtomicBool>,
    held: Arc<Mutex<Vec<TcpStream>>>,
    accepted: Arc<AtomicUsize>,
}

impl DeadEnd {
    /// Accepts and never answers.
    pub fn silent() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let dead_end = Self::at(address, None);
        dead_end.listen(listener);
        dead_end
    }

    /// Refuses every connection.
    pub fn refusing() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a tokio runtime");
        let socket = TcpSocket::new_v4().expect("a socket");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(any).expect("a port");
        let address = socket.local_addr().expect("an address");
        Self::at(address, Some((socket, runtime)))
    }

    fn at(address: SocketAddr, refusing: Option<(TcpSocket, Runtime)>) -> Self {
        Self {
            address,
            refusing,
            mended: Arc::default(),
            held: Arc::default(),
            accepted: Arc::default(),
        }
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Counts the connections that were accepted so far.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Tells whether somebody waits for an answer: not one of those who have hung up since.
    pub fn is_waited_for(&self) -> bool {
        let held = self.held.lock().expect("nobody panics with it");
        held.iter().any(is_open)
    }

    /// Has it answer from now on, as the server does.
    pub fn mend(&mut self) {
        self.mended.store(true, Ordering::SeqCst);
        self.held.lock().expect("nobody panics with it").clear();
        if let Some((socket, runtime)) = self.refusing.take() {
            let listener = runtime.block_on(async { socket.listen(16)?.into_std() });
            let listener = listener.expect("a listener");
            listener.set_nonblocking(false).expect("a listener");
            self.listen(listener);
        }
    }

    fn listen(&self, listener: TcpListener) {
        let (mended, held) = (Arc::clone(&self.mended), Arc::clone(&self.held));
        let accepted = Arc::clone(&self.accepted);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if mended.load(Ordering::SeqCst) {
                    hand_on(stream);
                } else {
                    held.lock().expect("nobody panics with it").push(stream);
                }
                accepted.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
}

/// Tells whether the other end is still there. What it has sent is read away: nobody answers it.
fn is_open(mut stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).expect("a stream");
    loop {
        match stream.read(&mut [0; 4096]) {
            Ok(0) => return false,
            Ok(_request) => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}

/// Connects both ends until one of them has had enough.
fn hand_on(client: TcpStream) {
    let host = server().url.trim_start_matches("http://").to_owned();
    let upstream = TcpStream::connect(host).expect("the server listens");
    let pipe = |mut from: TcpStream, mut to: TcpStream| {
        thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    };
    let twice = |stream: &TcpStream| stream.try_clone().expect("a second handle");
    pipe(twice(&client), twice(&upstream));
    pipe(upstream, client);
}
