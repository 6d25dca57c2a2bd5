//! A server on this machine that writes down every request it gets, and answers as little as it can.
//!
//! What is not written down was not sent: the clients under test know no other endpoint.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
    <Account>111122223333</Account><UserId>AIDA</UserId>\
    <Arn>arn:aws:iam::111122223333:user/ops</Arn>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";

const SESSION: &str = "<AssumeRoleResponse><AssumeRoleResult><Credentials>\
    <AccessKeyId>ASIATEST</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
    <SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>\
    </Credentials></AssumeRoleResult></AssumeRoleResponse>";

/// A document without anything in it.
const NOTHING_IN_CBOR: &[u8] = b"\xa0";

/// One request as it came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Name of the operation on the wire.
    pub name: String,
    /// Whether it asks for a dry run.
    pub dry_run: bool,
}

/// The server; it ends with its process.
pub struct Listener {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Listener {
    pub fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = socket.local_addr().expect("the port has a number");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let written = seen.clone();
        thread::spawn(move || {
            for stream in socket.incoming().flatten() {
                let seen = written.clone();
                thread::spawn(move || answer(stream, &seen));
            }
        });
        Self {
            url: format!("http://{address}"),
            seen,
        }
    }

    /// Returns what came, sorted.
    pub fn seen(&self) -> Vec<Seen> {
        let mut seen = self.seen.lock().expect("no thread panics with it").clone();
        seen.sort();
        seen
    }
}

/// A request counts as soon as its first line is there, whatever becomes of the rest.
fn answer(stream: TcpStream, seen: &Mutex<Vec<Seen>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let headers = headers(&mut reader);
    let length = headers.get("content-length");
    let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    let whole = reader.read_exact(&mut body).is_ok();
    let request = request(&line, &headers, &String::from_utf8_lossy(&body));
    let body = match request.name.as_str() {
        "GetCallerIdentity" => IDENTITY.as_bytes(),
        "AssumeRole" => SESSION.as_bytes(),
        name if name.contains("/operation/") => NOTHING_IN_CBOR,
        name if name.contains(['.', '/']) => b"{}",
        _query => b"<Response></Response>",
    };
    seen.lock().ok()?.push(request);
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    let stream = reader.get_mut();
    whole.then(|| stream.write_all(&[head.as_bytes(), body].concat()).ok())?
}

fn headers(reader: &mut BufReader<TcpStream>) -> BTreeMap<String, String> {
    let lines = reader.lines().map_while(Result::ok);
    let lines = lines.take_while(|line| !line.is_empty());
    let pair = |line: String| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    lines.filter_map(pair).collect()
}

/// EC2, Auto Scaling and STS name the operation in the form, those that speak JSON in a header; of AWS Backup, Lambda,
/// Route 53 and `CloudWatch`, which speaks CBOR, it is method and address.
fn request(line: &str, headers: &BTreeMap<String, String>, body: &str) -> Seen {
    let target = headers.get("x-amz-target").map(String::as_str);
    let action = body
        .split('&')
        .find_map(|pair| pair.strip_prefix("Action="));
    let address = line
        .rsplit_once(" HTTP/")
        .map_or(line, |(address, _)| address);
    let address = address.split('?').next().unwrap_or_default();
    Seen {
        name: target.or(action).unwrap_or(address).to_owned(),
        dry_run: body.split('&').any(|pair| pair == "DryRun=true"),
    }
}
