//! Every endpoint is out of reach: what was known before is browsed and planned with, marked with its age, and
//! nothing runs on it.

use std::collections::BTreeSet;
use std::fs;

use portable_pty::CommandBuilder;

use crate::estate::Make;
use crate::line::Line;
use crate::process::{self, Output};
use crate::server::server;
use crate::stage::{REGION, Stage, text};
use crate::window::Window;

const ENTER: &str = "\r";

/// A stage whose `defib` reaches the servers by lines alone.
struct Offline {
    stage: Stage,
    lines: [Line; 2],
}

impl Offline {
    fn staged() -> Self {
        let stage = Stage::with_data_volume(Make::gp3(10, 4000, 200));
        let lines = [Line::to(&server().url), Line::to(&server().backup_url)];
        Self { stage, lines }
    }

    fn endpoints(&self) -> [(&'static str, String); 2] {
        [
            ("AWS_ENDPOINT_URL", self.lines[0].url()),
            ("AWS_ENDPOINT_URL_BACKUP", self.lines[1].url()),
        ]
    }

    fn defib(&self, arguments: &[&str]) -> Output {
        let mut command = self.stage.home.command(arguments);
        command.envs(self.endpoints());
        process::run(command, "")
    }

    fn listed(&self, arguments: &[&str]) -> Output {
        let place = ["--profile", "red", "--region", REGION];
        self.defib(&[&place, arguments].concat())
    }

    fn console(&self, columns: u16, rows: u16) -> Window {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_defib"));
        command.args(["--profile", "red", "--region", REGION]);
        command.cwd(self.stage.home.path());
        command.env_clear();
        for (name, value) in self.stage.home.environment() {
            command.env(name, value);
        }
        for (name, value) in self.endpoints() {
            command.env(name, value);
        }
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        Window::open(command, columns, rows)
    }

    fn cut(&mut self) {
        self.lines.iter_mut().for_each(Line::cut);
    }
}

fn ids(output: &Output) -> BTreeSet<String> {
    let lines = output.json_lines();
    lines.iter().map(|line| text(&line["id"])).collect()
}

#[test]
fn what_was_listed_is_listed_again_with_its_age_when_nobody_answers() {
    let mut offline = Offline::staged();
    let live = offline.listed(&["points", "--json"]).expect(&[0]);
    let resources = offline.listed(&["resources", "--json"]).expect(&[0]);
    assert!(!live.stdout.contains("cached_at"), "{live}");
    offline.cut();

    // Nothing is answered from the cache that was not asked for from there.
    let failed = offline.listed(&["points", "--json"]).expect(&[1]);
    assert_eq!(failed.stdout, "");

    let cached = offline
        .listed(&["points", "--cached", "--json"])
        .expect(&[0]);
    assert_eq!(ids(&cached), ids(&live));
    for line in cached.json_lines() {
        text(&line["cached_at"]);
    }
    let before = [
        "resources",
        "--cached",
        "--before",
        "2026-03-01T02:14:00Z",
        "--json",
    ];
    let cached = offline.listed(&before).expect(&[0]);
    assert_eq!(ids(&cached), ids(&resources));
    let old = offline.stage.old.as_deref();
    let lines = cached.json_lines();
    let mut lines = lines.iter();
    let volume = lines
        .find(|line| line["id"].as_str() == old)
        .expect("it is there");
    assert_eq!(text(&volume["best"]["id"]), offline.stage.snapshot);
    text(&volume["best"]["cached_at"]);
    text(&volume["cached_at"]);

    let table = offline.listed(&["points", "--cached"]).expect(&[0]);
    assert!(table.stderr.contains("nobody was asked"), "{table}");
    let stranger = offline.defib(&[
        "--region",
        "us-east-1",
        "--profile",
        "red",
        "points",
        "--cached",
    ]);
    let stranger = stranger.expect(&[1]);
    assert!(stranger.stderr.contains("nothing is known"), "{stranger}");
}

#[test]
fn a_plan_is_made_and_exported_without_aws_and_runs_only_when_it_answers_again() {
    let mut offline = Offline::staged();
    // The place was listed once; nobody has ever planned with this volume.
    offline.listed(&["resources"]).expect(&[0]);
    offline.cut();
    let plan = |format: &str| {
        let arguments = ["--cached", "--format", format];
        let arguments = offline.stage.arguments("plan", &arguments);
        offline.defib(&arguments)
    };
    let refused = offline
        .defib(&offline.stage.arguments("plan", &[]))
        .expect(&[1]);
    assert!(refused.stderr.contains("--cached"), "{refused}");
    for format in ["text", "markdown", "shell"] {
        let made = plan(format).expect(&[0]);
        let words = made
            .stdout
            .replace('\\', "")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(words.contains("AWS was not asked"), "{made}");
        assert!(words.contains("as of 20"), "{made}");
        assert!(words.contains("not known from before"), "{made}");
        assert!(words.contains(&offline.stage.snapshot), "{made}");
    }
    let made = plan("json").expect(&[0]);
    let file = offline.stage.home.path().join("plan.json");
    fs::write(&file, &made.stdout).expect("a plan");
    let file = file.to_str().expect("a path");

    let down = offline
        .defib(&["run", "--plan", file, "--yes"])
        .expect(&[1]);
    assert!(down.stderr.contains("Nothing was journaled"), "{down}");
    assert!(down.stderr.contains("re-checked"), "{down}");
    assert!(down.stderr.contains("stop-protection"), "{down}");
    let runs = offline.defib(&["runs", "--json"]).expect(&[0]);
    assert_eq!(runs.stdout, "");

    offline.lines.iter_mut().for_each(Line::open);
    let run = offline
        .defib(&["run", "--plan", file, "--yes", "--json"])
        .expect(&[0]);
    let run = crate::stage::run_of(&run);
    offline
        .stage
        .swap(&run)
        .assert_done(&offline.stage.picture());
}

#[test]
fn a_plan_of_before_is_refused_where_a_step_would_be_another() {
    let mut offline = Offline::staged();
    offline.listed(&["resources"]).expect(&[0]);
    offline.cut();
    let arguments = ["--cached", "--format", "json"];
    let arguments = offline.stage.arguments("plan", &arguments);
    let made = offline.defib(&arguments).expect(&[0]);
    let file = offline.stage.home.path().join("plan.json");
    fs::write(&file, &made.stdout).expect("a plan");
    offline.lines.iter_mut().for_each(Line::open);
    // Meanwhile somebody has stopped it: there is nothing to stop and start any more.
    offline.stage.estate().stop(&offline.stage.instance);
    let file = file.to_str().expect("a path");
    let changed = offline
        .defib(&["run", "--plan", file, "--yes"])
        .expect(&[1]);
    assert!(
        changed.stderr.contains("the world has changed"),
        "{changed}"
    );
    assert!(changed.stderr.contains("instance.state"), "{changed}");
    assert_eq!(offline.defib(&["runs", "--json"]).stdout, "");
}

#[test]
fn the_console_opens_on_what_was_known_and_plans_with_it_whatever_the_line_does() {
    for silent in [false, true] {
        let mut offline = Offline::staged();
        let mut window = offline.console(80, 24);
        window.see("orders-db data");
        window.until("everything to be listed", |shown| {
            !shown.contains("+ resources")
        });
        window.until("it to be kept", |_shown| {
            let kept = offline.stage.home.path().join(".cache/defib/catalog");
            fs::read_dir(kept).is_ok_and(|mut files| files.any(|_| true))
        });
        window.press("\u{3}");
        assert!(window.ended().success());
        if silent {
            offline.lines.iter().for_each(Line::fall_silent);
        } else {
            offline.cut();
        }

        let mut window = offline.console(120, 40);
        window.see("orders-db data");
        window.see("cached");
        if !silent {
            window.see("showing what was known");
        }
        window.until("the snapshot", |shown| shown.contains("snap-"));
        window.press("r");
        window.see("1 What");
        window.see("outage about");
        window.press(ENTER);
        window.see("as before");
        window.press(ENTER);
        window.see("AWS was not asked");
        window.press(ENTER);
        window.see("in all about");
        window.press("e");
        window.see("Markdown");
        window.press("m");
        window.see(".md");
        window.press(ENTER);
        if !silent {
            window.see("Type yes");
            window.type_text("yes");
            window.press(ENTER);
            window.see("re-checked");
            window.see("Nothing was journaled");
        }
        assert_eq!(offline.defib(&["runs", "--json"]).stdout, "");
        window.press("\u{3}");
        assert!(window.ended().success());
    }
}

#[test]
fn the_doctor_tells_where_the_cache_is_and_how_old() {
    let offline = Offline::staged();
    let empty = offline.listed(&["doctor"]);
    assert!(empty.stdout.contains("has nothing yet"), "{empty}");
    offline.listed(&["resources"]).expect(&[0]);
    let told = offline.listed(&["doctor"]);
    assert!(
        told.stdout.contains(".cache/defib/catalog knows 1 place"),
        "{told}"
    );
    assert!(
        told.stdout.contains("rows,") && told.stdout.contains("old"),
        "{told}"
    );
}
