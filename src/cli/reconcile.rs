//! `defib reconcile`: what differs between two tables, key by key. It only reads.
//!
//! Items may be secret: a terminal is told keys and the names of attributes, values go into the file that is asked for.
//! An interrupted command goes on where it was when it is said again within an hour.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::clock::Clock;
use crate::domain::place::Place;
use crate::domain::text::{Untrusted, shown};
use crate::domain::words::instant;
use crate::report::{Report, WAITS};
use crate::restore::flows::command;
use crate::restore::reconcile::pace::Pace;
use crate::restore::reconcile::progress::{Progress, Reached};
use crate::restore::reconcile::{Asked, Found, MOST_SEGMENTS, SEGMENTS, Sample, What, reconcile};

use super::Session;
use super::output::Output;
use super::planned::one_place;

/// Exit code of a command that ended by ctrl-c, as shells have it.
const LEFT: u8 = 130;
/// How often a terminal is told, and how often anything else.
const OFTEN: Duration = Duration::from_secs(1);
const SELDOM: Duration = Duration::from_secs(5);

/// Flags of `reconcile`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The old table: the one that was there
    #[arg(long, value_name = "OLD")]
    pub table: String,
    /// The new table: the one that was restored
    #[arg(long, value_name = "NEW")]
    pub with: String,
    /// Parts that each table is read in side by side
    #[arg(long, value_name = "N", default_value_t = SEGMENTS, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_SEGMENTS)))]
    pub segments: u32,
    /// Read units a second of each table, or a share of what it has: 500, 25% [default: 25%]
    #[arg(long, value_name = "UNITS|PERCENT")]
    pub pace: Option<Pace>,
    /// Write every difference to a new file, with both items, as JSON lines
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
    /// How many differences to tell
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16))]
    pub sample: u16,
    /// Begin afresh, whatever an interrupted command has read
    #[arg(long)]
    pub anew: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl Args {
    fn asked(&self) -> Asked {
        Asked {
            old: self.table.clone(),
            new: self.with.clone(),
            segments: self.segments,
            pace: self.pace.unwrap_or_default(),
            sample: usize::from(self.sample),
            export: self.export.clone(),
            anew: self.anew,
        }
    }
}

/// Compares two tables; the exit code is 0 when they are alike and 3 when they differ.
///
/// # Errors
/// A report where they cannot be compared.
pub async fn run(args: &Args, session: &mut Session<'_>) -> Result<u8, Report> {
    let place = one_place(session).map_err(|report| Report {
        what: "two tables of one profile and one Region are compared".to_owned(),
        ..report
    })?;
    let profile = place.profile.as_deref();
    let region = place.region.as_deref();
    let clients = session.viewer.connect(profile, region).await?;
    let progress = Progress::default();
    let asked = args.asked();
    let stopped = stopped();
    let work = reconcile(&clients, &session.paths.cache, &asked, &progress);
    let shown = show(&progress, &clients.clock, session.output);
    let outcome = tokio::select! {
        outcome = work => Some(outcome),
        () = shown => None,
        () = stopped => None,
    };
    clear(session.output);
    let Some(outcome) = outcome else {
        let at = progress.reached().percent;
        let line = format!(
            "stopped at about {at} %; nothing was changed, and the same command goes on from there within an hour"
        );
        session.output.tell(&line);
        return Ok(LEFT);
    };
    let found = outcome?;
    if args.json {
        session.output.json(&json_of(args, &found))?;
    } else {
        for line in lines(args, &clients.place, &found) {
            session.output.line(&line)?;
        }
    }
    Ok(if found.differences() == 0 { 0 } else { WAITS })
}

/// Waits until somebody wants it to end.
async fn stopped() {
    let mut signals = match (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) {
        (Ok(interrupt), Ok(terminate)) => [interrupt, terminate],
        (_, _) => return std::future::pending().await,
    };
    let [interrupt, terminate] = &mut signals;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

fn at_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Tells how far it has come, for as long as it goes on.
async fn show(progress: &Progress, clock: &Clock, output: &mut Output) {
    let (terminal, mut told, mut before) = (at_terminal(), false, Reached::default());
    let pause = if terminal { OFTEN } else { SELDOM };
    loop {
        clock
            .sleep(if told { pause } else { pause.min(OFTEN) })
            .await;
        let reached = progress.reached();
        if !reached.begun {
            continue;
        }
        if !told {
            told = true;
            for line in beginning(&reached) {
                output.tell(&line);
            }
            before = Reached {
                items: reached.items,
                units: reached.units,
                ..before
            };
            continue;
        }
        let line = line(&reached, &before, pause);
        before = reached;
        if terminal {
            output.status(&line);
        } else {
            output.note(&line);
        }
    }
}

fn clear(output: &mut Output) {
    if at_terminal() {
        output.status("");
    }
}

fn beginning(reached: &Reached) -> Vec<String> {
    let mut lines = Vec::new();
    if reached.afresh {
        lines.push("what an earlier command had read is thrown away: it begins afresh".to_owned());
    }
    if reached.resumed > 0 {
        lines.push(format!("goes on from about {} %", reached.began_at));
    }
    lines
}

/// One line of how far it has come, and how fast it goes.
fn line(reached: &Reached, before: &Reached, passed: Duration) -> String {
    if reached.compares {
        return "everything is read; comparing".to_owned();
    }
    let [old, new] = reached.items;
    let items = (old + new).saturating_sub(before.items[0] + before.items[1]);
    let units = reached.units[0] + reached.units[1] - before.units[0] - before.units[1];
    let seconds = passed.as_secs_f64();
    let throttled = match reached.throttled {
        0 => String::new(),
        times => format!(" · throttled {times} times"),
    };
    format!(
        "about {} % · {} items · {} items/s · {:.0} units/s · {} of {} segments{throttled}",
        reached.percent,
        grouped(old + new),
        grouped(items / passed.as_secs().max(1)),
        (units / seconds).max(0.0),
        reached.segments_over,
        reached.segments,
    )
}

/// A number with its thousands apart: `61,340`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn word(what: What) -> &'static str {
    match what {
        What::OnlyOld => "only-old",
        What::OnlyNew => "only-new",
        What::Differs => "differs",
    }
}

fn lines(args: &Args, place: &Place, found: &Found) -> Vec<String> {
    let (old, new) = (shown(&args.table), shown(&args.with));
    let [in_old, in_new] = found.looked_at.map(grouped);
    let [units, more] = found.units;
    let mut lines = vec![
        format!("{old} and {new}, key by key"),
        format!("  looked at      {in_old} items in {old}, {in_new} in {new}"),
        format!("  equal          {}", grouped(found.equal)),
        format!("  different      {}", grouped(found.differ)),
        format!("  only in old    {} ({old})", grouped(found.only_old)),
        format!("  only in new    {} ({new})", grouped(found.only_new)),
        format!("  read units     about {units:.0} of {old}, {more:.0} of {new}"),
    ];
    if let Some(read) = found.read {
        let (from, until) = (instant(read.from), instant(read.until));
        lines.push(format!("  read           between {from} and {until}"));
    }
    if !found.sample.is_empty() {
        let (told, all) = (found.sample.len(), grouped(found.differences()));
        lines.push(format!("{told} of {all} differences:"));
        lines.extend(found.sample.iter().map(sampled));
    }
    if found.settled > 0 {
        lines.push(format!(
            "{} that were looked at again had become the same meanwhile",
            grouped(found.settled)
        ));
    }
    if let (Some(path), Some(written)) = (&args.export, found.exported) {
        lines.push(format!(
            "{} differences are in {}",
            grouped(written),
            shown(&path.to_string_lossy())
        ));
        if found.only_old > 0 {
            let fill = fill(args, place, path);
            lines.push(format!("to put what only {old} has: {fill}"));
        }
    }
    lines
}

/// The command that puts what only the old table has, to be pasted.
fn fill(args: &Args, place: &Place, path: &Path) -> String {
    let flags = [
        command::flag("--into", &args.with, "NEW"),
        command::flag("--from", &args.table, "OLD"),
        command::flag("--differences", path.to_str().unwrap_or_default(), "FILE"),
    ];
    let defib = command::defib(place);
    format!("{defib} plan dynamodb-fill {}", flags.join(" "))
}

/// A difference on one line: the values of its key, and the names of what differs.
fn sampled(sample: &Sample) -> String {
    let empty = serde_json::Map::new();
    let key = sample.key.as_object().unwrap_or(&empty).iter();
    let key: Vec<String> = key
        .map(|(name, value)| format!("{}={}", shown(name), shown(&plain(value))))
        .collect();
    let attributes = sample.attributes.iter().map(Untrusted::shown);
    let attributes: Vec<String> = attributes.collect();
    let line = format!(
        "  {:<9} {}  {}",
        word(sample.what),
        key.join(" "),
        attributes.join(", ")
    );
    line.trim_end().to_owned()
}

/// The value of a key without its type.
fn plain(value: &Value) -> String {
    let fields = value.as_object().and_then(|fields| fields.values().next());
    fields
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn json_of(args: &Args, found: &Found) -> Value {
    let side = |name: &str, n: usize, only: u64| json!({"table": name, "looked_at": found.looked_at[n], "only": only, "read_units": found.units[n].round()});
    let sample = found.sample.iter().map(|one| {
        let attributes: Vec<&str> = one.attributes.iter().map(Untrusted::raw).collect();
        json!({"key": one.key, "what": one.what, "attributes": attributes})
    });
    json!({
        "old": side(&args.table, 0, found.only_old),
        "new": side(&args.with, 1, found.only_new),
        "read": found.read,
        "equal": found.equal,
        "different": found.differ,
        "sample": sample.collect::<Vec<_>>(),
        "settled": found.settled,
        "exported": found.exported,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::reconcile::Between;

    fn args() -> Args {
        Args {
            table: "orders\u{202e}".to_owned(),
            with: "orders-back".to_owned(),
            segments: 4,
            pace: None,
            export: None,
            sample: 10,
            anew: false,
            json: false,
        }
    }

    fn found() -> Found {
        Found {
            looked_at: [61_340, 61_028],
            units: [5_245.4, 5_210.0],
            equal: 56_910,
            differ: 4_118,
            only_old: 312,
            read: Some(Between {
                from: "2026-03-10T14:19:00Z".parse().unwrap(),
                until: "2026-03-10T14:19:42Z".parse().unwrap(),
            }),
            sample: vec![Sample {
                key: json!({"id": {"S": "a\u{1b}[2J"}, "line": {"N": "1"}}),
                what: What::Differs,
                attributes: vec!["total".into(), "x\u{7}".into()],
            }],
            ..Found::default()
        }
    }

    #[test]
    fn the_sum_is_told_with_keys_and_names_and_nothing_hostile() {
        let lines = lines(&args(), &place(), &found()).join("\n");
        for part in [
            "61,340 items in orders‹U+202E›, 61,028 in orders-back",
            "different      4,118",
            "only in old    312 (orders‹U+202E›)",
            "read           between 2026-03-10 14:19:00Z and 2026-03-10 14:19:42Z",
            "1 of 4,430 differences:",
            "differs   id=a‹U+001B›[2J line=1  total, x‹U+0007›",
        ] {
            assert!(lines.contains(part), "{part} in\n{lines}");
        }
        assert!(!lines.contains(['\u{1b}', '\u{202e}', '\u{7}']));
    }

    fn place() -> Place {
        Place {
            profile: Some("acme-prod".to_owned()),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        }
    }

    #[test]
    fn what_to_do_next_can_be_pasted_whatever_the_names_are() {
        let exported = Found {
            exported: Some(1),
            ..found()
        };
        let next = |table: &str, path: &str| {
            let args = Args {
                table: table.to_owned(),
                export: Some(path.into()),
                ..args()
            };
            let lines = lines(&args, &place(), &exported);
            let (_, command) = lines.last().unwrap().split_once(" has: ").unwrap();
            shlex::split(command).unwrap()
        };
        let begin = [
            "defib",
            "--profile",
            "acme-prod",
            "--region",
            "eu-west-1",
            "plan",
            "dynamodb-fill",
            "--into",
            "orders-back",
            "--from",
        ];
        let told = next("orders; reboot", "/tmp/it's $HOME.jsonl");
        assert_eq!(told[..10], begin);
        assert_eq!(
            told[10..],
            ["orders; reboot", "--differences", "/tmp/it's $HOME.jsonl"]
        );
        let told = next("orders\u{202e}", "/tmp/a\nb");
        assert_eq!(told[10..], ["OLD", "--differences", "FILE"]);
        let none = lines(&args(), &place(), &found()).join("\n");
        assert!(!none.contains("dynamodb-fill"), "{none}");
    }

    #[test]
    fn the_rate_is_of_the_time_that_passed() {
        let before = Reached {
            items: [100, 100],
            units: [10.0, 10.0],
            ..Reached::default()
        };
        let reached = Reached {
            items: [5_100, 5_100],
            units: [260.0, 260.0],
            segments: 8,
            segments_over: 3,
            throttled: 2,
            percent: 43,
            ..before
        };
        let wanted = "about 43 % · 10,200 items · 2,000 items/s · 100 units/s · 3 of 8 segments · throttled 2 times";
        assert_eq!(line(&reached, &before, SELDOM), wanted);
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, told) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), told);
        }
    }
}
