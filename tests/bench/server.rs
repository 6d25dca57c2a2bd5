//! A small AWS on this machine: it tells who the caller is, and has snapshots in pages, as the EC2 API has them.
//! Whatever else is asked for is answered with nothing. Some calls it answers late, never, or with a refusal.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use defib::domain::recovery_point::RecoveryPoint;

use crate::estate;

pub const ACCOUNT: &str = "111122223333";
/// As many as EC2 gives at once.
const PAGE: usize = 1000;

/// How a call is answered.
#[derive(Clone, Copy)]
pub enum Manner {
    Prompt,
    Late(Duration),
    Never,
    Refused,
}

/// What is asked.
pub struct Call {
    pub action: String,
    pub region: String,
    /// The first row of the page.
    from: usize,
    is_json: bool,
    version: String,
}

/// The server, until the process ends.
pub struct Server {
    pub url: String,
}

impl Server {
    /// Serves so many snapshots, each call in its manner.
    pub fn start(snapshots: usize, manner: fn(&Call) -> Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port of this machine");
        let address = listener.local_addr().expect("it has an address");
        let pages: Arc<Vec<String>> = Arc::new(pages(snapshots));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let pages = Arc::clone(&pages);
                std::thread::spawn(move || serve(&stream, &pages, manner));
            }
        });
        Self {
            url: format!("http://{address}"),
        }
    }
}

fn serve(stream: &TcpStream, pages: &[String], manner: fn(&Call) -> Manner) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let call = read(&mut reader)?;
        let (status, body) = match manner(&call) {
            Manner::Prompt => (200, answer(&call, pages)),
            Manner::Late(after) => {
                std::thread::sleep(after);
                (200, answer(&call, pages))
            }
            Manner::Never => {
                std::thread::sleep(Duration::from_mins(2));
                return None;
            }
            Manner::Refused => (503, refusal()),
        };
        let kind = if call.is_json {
            "application/json"
        } else {
            "text/xml"
        };
        let head = format!(
            "HTTP/1.1 {status} Answer\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut out = stream;
        out.write_all(head.as_bytes()).ok()?;
        out.write_all(body.as_bytes()).ok()?;
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Call> {
    let (mut length, mut region, mut is_json) = (0, String::new(), false);
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|count| *count > 0)?;
    // What is not asked by a form is JSON.
    let path_is_root = line.split(' ').nth(1) == Some("/");
    loop {
        line.clear();
        reader
            .read_line(&mut line)
            .ok()
            .filter(|count| *count > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "x-amz-target" => is_json = true,
            "authorization" => {
                let scope = value.split("Credential=").nth(1).unwrap_or_default();
                region = scope
                    .split('/')
                    .nth(2)
                    .map(str::to_owned)
                    .unwrap_or_default();
            }
            _other => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let field = |name: &str| {
        let mut fields = body.split('&').filter_map(|field| field.split_once('='));
        fields
            .find(|(key, _)| *key == name)
            .map_or("", |(_, value)| value)
    };
    Some(Call {
        action: field("Action").to_owned(),
        version: field("Version").to_owned(),
        from: field("NextToken").parse().unwrap_or(0),
        is_json: is_json || !path_is_root,
        region,
    })
}

fn answer(call: &Call, pages: &[String]) -> String {
    let action = &call.action;
    if call.is_json {
        return "{}".to_owned();
    }
    if action == "GetCallerIdentity" {
        return format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult>\
             <Arn>arn:aws:iam::{ACCOUNT}:user/oncall</Arn><UserId>AIDA</UserId>\
             <Account>{ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        );
    }
    if action == "DescribeSnapshots" {
        return pages
            .get(call.from)
            .cloned()
            .unwrap_or_else(|| described(""));
    }
    if call.version.starts_with("2016-11-15") {
        return format!("<{action}Response><requestId>r</requestId></{action}Response>");
    }
    format!("<{action}Response><{action}Result></{action}Result></{action}Response>")
}

fn refusal() -> String {
    "<Response><Errors><Error><Code>RequestLimitExceeded</Code>\
     <Message>Request limit exceeded.</Message></Error></Errors><RequestID>r</RequestID></Response>"
        .to_owned()
}

fn described(inner: &str) -> String {
    format!(
        "<DescribeSnapshotsResponse><requestId>r</requestId>{inner}</DescribeSnapshotsResponse>"
    )
}

/// Pages are named by their number.
fn pages(snapshots: usize) -> Vec<String> {
    let count = snapshots.div_ceil(PAGE);
    let page = |page: usize| {
        let mut inner = String::from("<snapshotSet>");
        for n in page * PAGE..snapshots.min((page + 1) * PAGE) {
            item(&mut inner, &estate::point(n, snapshots));
        }
        inner.push_str("</snapshotSet>");
        if page + 1 < count {
            write!(inner, "<nextToken>{}</nextToken>", page + 1).expect("into memory");
        }
        described(&inner)
    };
    (0..count).map(page).collect()
}

fn item(out: &mut String, point: &RecoveryPoint) {
    let at = point.data_at.bound();
    let volume = point.resource.as_ref().map_or("vol-ffffffff", |(_, id)| id);
    let size = point.size_bytes.unwrap_or_default() >> 30;
    let key = point.kms_key.as_deref().unwrap_or_default();
    write!(
        out,
        "<item><snapshotId>{}</snapshotId><volumeId>{volume}</volumeId><status>completed</status>\
         <startTime>{at}</startTime><progress>100%</progress><ownerId>{ACCOUNT}</ownerId>\
         <volumeSize>{size}</volumeSize><description>nightly</description><encrypted>true</encrypted>\
         <kmsKeyId>{key}</kmsKeyId><storageTier>standard</storageTier><tagSet>",
        point.id
    )
    .expect("into memory");
    for (key, value) in &point.tags {
        let (key, value) = (key.raw(), value.raw());
        write!(out, "<item><key>{key}</key><value>{value}</value></item>").expect("into memory");
    }
    out.push_str("</tagSet></item>");
}
