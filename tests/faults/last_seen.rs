//! A table is planned for, deleted, and gets back the settings that were last seen of it: by the commands as the program
//! carries them out, by the console, and with what is kept torn, foreign or not there.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use clap::Parser as _;
use defib::catalog::cache::Cache;
use defib::cli::flags::hoisted;
use defib::cli::output::Output;
use defib::cli::{Cli, Session, with_settings};
use defib::config::{Config, Paths};
use defib::domain::ids::Region;
use defib::domain::plan::Plan;
use defib::domain::run::RunStatus;
use defib::journal::Journal;
use defib::restore::export::json;
use defib::restore::planning::{self, PlanError};
use defib::tui::effect::{Effect, Prepared};
use defib::tui::effects::{Effects, Memory, Runners, World};
use defib::tui::msg::Msg;
use serde_json::{Value, json as value};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::stage::{Stage, chosen};

/// A table that has every setting there is, and a backup of it.
const FULL: &str = include_str!("settings.toml");
const PLACE: (&str, &str) = ("111122223333", "eu-west-1");
const NAME: &str = "orders";
const ELSEWHERE: &str = "us-east-1";
/// Restores what is gone into another Region, with what was last seen of it.
const INTO_ELSEWHERE: [(&str, &str); 3] = [
    ("settings", "last-seen"),
    ("to-region", ELSEWHERE),
    ("sse-key", "alias/aws/dynamodb"),
];

/// A writer whose text is read afterwards.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What a command came to.
struct Ended {
    code: u8,
    out: String,
    err: String,
}

/// The table with its backup, and a home in which what was seen is kept.
struct Scene {
    stage: Stage,
    home: TempDir,
    backup: String,
    before: Value,
}

impl Scene {
    fn open() -> Self {
        let mut stage = Stage::open_text(FULL);
        let picture = stage.picture()[format!("{}/{}", PLACE.0, PLACE.1)].clone();
        let backups = picture["table_backups"].as_object().unwrap();
        let backup = backups.keys().next().unwrap().clone();
        Self {
            home: TempDir::new().unwrap(),
            backup,
            before: picture["tables"][NAME].clone(),
            stage,
        }
    }

    fn paths(&self) -> Paths {
        let below = |name: &str| self.home.path().join(name);
        Paths {
            config: below("config"),
            state: below("state"),
            cache: below("cache"),
        }
    }

    /// What is kept of tables.
    fn kept(&self) -> Vec<PathBuf> {
        kept_in(&self.paths().cache.join("catalog"))
    }

    fn the_file(&self) -> PathBuf {
        let mut kept = self.kept();
        assert_eq!(kept.len(), 1, "{kept:?}");
        kept.remove(0)
    }

    fn command(&mut self, words: &[&str]) -> Ended {
        let words = ["defib"].iter().chain(words);
        let cli = Cli::try_parse_from(hoisted(words.map(OsString::from))).unwrap();
        let mut flags = cli.flags;
        flags.region = vec![PLACE.1.to_owned()];
        flags.profile = vec!["acme-prod".to_owned()];
        let (paths, (viewer, clock)) = (self.paths(), self.stage.hands());
        let (out, err) = (Page::default(), Page::default());
        let mut output = Output::to(out.clone(), err.clone());
        let (written, command) = (&mut output, cli.command.expect("a command"));
        let code = self.stage.live(|| async move {
            let mut session = Session {
                flags,
                config: Config::default(),
                paths,
                clock,
                viewer,
                output: written,
            };
            match Box::pin(with_settings(command, &mut session)).await {
                Ok(code) => code,
                Err(report) => {
                    let code = report.exit;
                    session.output.report(&report);
                    code
                }
            }
        });
        Ended {
            code,
            out: out.text(),
            err: err.text(),
        }
    }

    fn plan(&mut self, more: &[&str]) -> Ended {
        let backup = self.backup.clone();
        let words = ["plan", "dynamodb-restore", "--backup", &backup];
        self.command(&[&words[..], more].concat())
    }

    fn delete(&mut self) {
        let aws = self.stage.aws.clone();
        self.stage.live(|| async move {
            aws.third_party(PLACE.0, PLACE.1, |hands| hands.delete_table(NAME));
        });
        self.stage.pass(jiff::SignedDuration::from_mins(10));
    }

    /// A plan with what was last seen, as the program prints it.
    fn with_last_seen(&mut self) -> Plan {
        let ended = self.plan(&["--settings", "last-seen", "--format", "json"]);
        assert_eq!(ended.code, 0, "{}", ended.err);
        json::parse(&ended.out).unwrap()
    }

    /// Looks whether a plan that was written down still fits, as the program does: from where the new table is made.
    fn fits(&mut self, plan: &Plan) -> Result<Plan, PlanError> {
        let connecting = self.stage.connecting();
        let (_, clock) = self.stage.hands();
        let cache = Cache::new(self.paths().cache.join("catalog"), &[]);
        let plan = plan.clone();
        self.stage.live(|| async move {
            let clients = connecting.await.in_region(&plan.place.region);
            let card = defib::tui::effects::card_of(&clients);
            let front = cache.front_of_seen(&card);
            planning::still_fits_knowing(Some(&front), &plan, &clients, &clock).await
        })
    }

    /// Every setting is what it was, once everything has settled.
    fn assert_as_before(&mut self) {
        self.stage.pass(jiff::SignedDuration::from_hours(1));
        let picture = self.stage.picture()[format!("{}/{}", PLACE.0, PLACE.1)].clone();
        let is = &picture["tables"][NAME];
        for setting in [
            "class",
            "protected",
            "stream",
            "ttl",
            "scaling",
            "triggers",
            "tags",
            "kinesis",
            "insights",
            "capacity",
        ] {
            let was = &self.before[setting];
            let own = |table: &Value| without_marks(table[setting].clone());
            assert_eq!(own(is), without_marks(was.clone()), "{setting}");
        }
        // A policy may be written in another order.
        let policy = |table: &Value| -> Value {
            serde_json::from_str(table["policy"].as_str().unwrap()).unwrap()
        };
        assert_eq!(policy(is), policy(&self.before));
        assert_eq!(is["continuous"]["days"], self.before["continuous"]["days"]);
        assert_ne!(is["tags"], Value::Null, "{is}");
    }
}

fn kept_in(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths
        .filter(|path| path.to_string_lossy().ends_with(".settings.json"))
        .collect()
}

/// A restored table has the tags of its run beside its own.
fn without_marks(mut setting: Value) -> Value {
    if let Some(tags) = setting.as_object_mut() {
        tags.retain(|key, _| !key.starts_with("defib:"));
    }
    setting
}

#[test]
fn a_table_that_was_planned_for_and_deleted_gets_back_what_was_last_seen_of_it() {
    let mut scene = Scene::open();
    assert!(scene.kept().is_empty());
    let looked = scene.plan(&["--target", "orders-back"]);
    assert_eq!(looked.code, 0, "{}", looked.err);
    assert!(!looked.out.contains("last seen"), "{}", looked.out);
    let held: Value = serde_json::from_slice(&fs::read(scene.the_file()).unwrap()).unwrap();
    assert_eq!(held["format"], "defib-table-settings");
    assert_eq!(held["table"]["name"], NAME);
    scene.delete();

    let told = scene.plan(&[]);
    assert_eq!(told.code, 0, "{}", told.err);
    let page = told.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        page.contains("were last seen on 2026-03-10 14:19:"),
        "{page}"
    );
    assert!(page.contains("--settings last-seen"), "{page}");
    let without = scene.plan(&["--format", "json"]);
    let without = json::parse(&without.out).unwrap();
    assert!(without.step(&"policy".into()).is_none(), "not in silence");

    let plan = scene.with_last_seen();
    assert!(plan.step(&"policy".into()).is_some());
    assert_eq!(plan.facts["before"]["last_seen"], true);
    // From here on nothing is read from the cache any more.
    fs::remove_dir_all(scene.home.path().join("cache")).unwrap();
    planning::verify(&plan).unwrap();
    let run = scene.stage.record(plan);
    assert_eq!(scene.stage.drive(&run), RunStatus::Done);
    scene.assert_as_before();
}

#[test]
fn a_plan_that_was_written_down_is_run_with_what_is_still_kept() {
    let mut scene = Scene::open();
    assert_eq!(scene.plan(&["--target", "orders-back"]).code, 0);
    scene.delete();
    let plan = scene.with_last_seen();
    let fresh = scene.fits(&plan).unwrap();
    assert_eq!(fresh.steps, plan.steps);
    fs::remove_file(scene.the_file()).unwrap();
    let refused = scene.fits(&plan).unwrap_err().to_string();
    assert!(refused.contains("nothing was kept of orders"), "{refused}");
}

#[test]
fn what_was_seen_is_found_from_another_region_that_the_table_is_restored_into() {
    let mut scene = Scene::open();
    assert_eq!(scene.plan(&["--target", "orders-back"]).code, 0);
    scene.delete();
    let flags = INTO_ELSEWHERE.map(|(name, value)| format!("--{name}={value}"));
    let words = flags.iter().map(String::as_str).chain(["--format=json"]);
    let ended = scene.plan(&words.collect::<Vec<_>>());
    assert_eq!(ended.code, 0, "{}", ended.err);
    let plan = json::parse(&ended.out).unwrap();
    assert_eq!(plan.place.region.as_str(), ELSEWHERE);
    assert_eq!(plan.facts["before"]["last_seen"], true);
    // It is run, and the console looks, where the new table is to be.
    let fresh = scene.fits(&plan).unwrap();
    assert_eq!(fresh.steps, plan.steps);
    let cache = scene.paths().cache.join("catalog");
    let looked = prepared(&mut scene, Some(&cache), &INTO_ELSEWHERE);
    let looked = looked.plan.unwrap();
    assert_eq!(looked.place.region.as_str(), ELSEWHERE);
    assert!(looked.step(&"class".into()).is_some());
    fs::remove_file(scene.the_file()).unwrap();
    let refused = scene.fits(&plan).unwrap_err().to_string();
    assert!(refused.contains("nothing was kept of orders"), "{refused}");
}

#[test]
fn settings_that_were_saved_by_hand_are_seen_too_and_what_is_read_less_replaces_nothing() {
    let mut scene = Scene::open();
    let saved = scene.command(&["snapshot-settings", NAME]);
    assert_eq!(saved.code, 0, "{}", saved.err);
    let file = scene.the_file();
    assert_eq!(fs::read_to_string(&file).unwrap(), saved.out);
    let aws = scene.stage.aws.clone();
    scene.stage.live(|| async move {
        aws.third_party(PLACE.0, PLACE.1, |hands| {
            hands.set_denied("dynamodb:ListTagsOfResource", true);
        });
    });
    scene.stage.pass(jiff::SignedDuration::from_mins(1));
    let less = scene.command(&["snapshot-settings", NAME]);
    assert_eq!(less.code, 5, "{}", less.err);
    assert_eq!(fs::read_to_string(&file).unwrap(), saved.out, "its tags");
}

#[test]
fn without_anything_kept_nothing_is_offered_and_what_is_torn_is_named() {
    let mut scene = Scene::open();
    scene.delete();
    let told = scene.plan(&[]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(!told.out.contains("last-seen"), "{}", told.out);
    let refused = scene.plan(&["--settings", "last-seen"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(
        refused.err.contains("nothing was kept of orders"),
        "{}",
        refused.err
    );

    let mut scene = Scene::open();
    assert_eq!(scene.plan(&["--target", "orders-back"]).code, 0);
    scene.delete();
    let file = scene.the_file();
    let torn = fs::read(&file).unwrap()[..400].to_vec();
    fs::write(&file, &torn).unwrap();
    let flat = |text: &str| text.split_whitespace().collect::<String>();
    let named = flat(&file.to_string_lossy());
    let told = scene.plan(&[]);
    assert_eq!(told.code, 0, "it stops nothing: {}", told.err);
    assert!(flat(&told.out).contains(&named), "{}", told.out);
    let refused = scene.plan(&["--settings", "last-seen"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(flat(&refused.err).contains(&named), "{}", refused.err);
    assert_eq!(fs::read(&file).unwrap(), torn, "it is left as it is");
}

/// What the wizard is told where the new table is to be, by a console that remembers in a directory, or by the demo.
fn prepared(scene: &mut Scene, cache: Option<&Path>, said: &[(&str, &str)]) -> Prepared {
    let (connector, clock) = scene.stage.hands();
    let journal = scene.stage.journal.clone();
    let connecting = scene.stage.connecting();
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut all: Vec<(String, String)> = said.iter().map(own).collect();
    all.push(("backup".to_owned(), scene.backup.clone()));
    let to_region = said.iter().find(|(name, _)| *name == "to-region");
    let to_region = to_region.map(|(_, region)| Region::new(*region));
    let (remembers, directory) = (cache.is_some(), scene.paths().cache.join("catalog"));
    let memory = cache.map(|directory| Memory {
        cache: Cache::new(directory.to_path_buf(), &[]),
        region: None,
    });
    scene.stage.live(|| async move {
        let world = World {
            connector,
            clock,
            wanted: Vec::new(),
            journal: Arc::new(move || Ok(Arc::clone(&journal) as Arc<dyn Journal>)),
            runners: Runners::Tasks,
            exports: PathBuf::from("."),
            read_only: false,
        };
        let (out, mut told) = mpsc::channel(16);
        let effects = Effects::new(world, out).remembering(memory);
        let mut place = connecting.await.place;
        place.region = to_region.unwrap_or(place.region);
        effects.carry_out(Effect::Prepare {
            draft: 7,
            revision: 1,
            flow: "dynamodb-restore",
            place,
            choices: chosen(&all),
        });
        let prepared = loop {
            if let Msg::Prepared { outcome, .. } = told.recv().await.unwrap() {
                break outcome.unwrap();
            }
        };
        // What is kept is written beside what is told.
        let keeps = remembers && !prepared.facts["source"].is_null();
        for _turn in 0..10_000_000 {
            if !keeps || !kept_in(&directory).is_empty() {
                break;
            }
            tokio::task::yield_now().await;
        }
        prepared
    })
}

#[test]
fn the_console_keeps_what_it_sees_and_takes_it_where_that_is_typed() {
    let mut scene = Scene::open();
    let cache = scene.home.path().join("cache").join("catalog");
    let remembering = Some(cache.as_path());
    // What moves nothing yet is kept as well: the target is the table itself, which makes no plan.
    let there = prepared(&mut scene, remembering, &[("target", NAME)]);
    assert!(there.plan.is_err());
    let kept = fs::read(scene.the_file()).unwrap();
    let held: Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!(
        held["home"],
        value!({"account": PLACE.0, "region": PLACE.1})
    );
    scene.delete();
    let line = |prepared: &Prepared| {
        let mut named = prepared.form.iter().filter(|line| line.name == "settings");
        named.next().unwrap().value.clone().unwrap()
    };
    let gone = prepared(&mut scene, remembering, &[]);
    assert!(line(&gone).starts_with("none; last-seen has those of 2026-03-10"));
    assert!(gone.checks.iter().any(|check| check.name == "last-seen"));
    let taken = prepared(&mut scene, remembering, &[("settings", "last-seen")]);
    assert!(line(&taken).starts_with("last seen: those of 2026-03-10"));
    let plan = taken.plan.unwrap();
    assert!(plan.step(&"policy".into()).is_some());
    assert_eq!(
        plan.choices.one("last-seen-front"),
        None,
        "no path in a plan"
    );

    let demo = prepared(&mut scene, None, &[]);
    assert!(demo.checks.iter().all(|check| check.name != "last-seen"));
    assert_eq!(line(&demo), "none");
    assert_eq!(fs::read(scene.the_file()).unwrap(), kept);
}
