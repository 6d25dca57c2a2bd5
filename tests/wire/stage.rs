//! One account with one instance, a data volume and its snapshot, and a home to run `defib` in:
//! what nearly every test needs.

use serde_json::Value;

use crate::account::Account;
use crate::estate::{Estate, HOSTILE_TAGS, Make};
use crate::home::Home;
use crate::process::{Output, eventually};
use crate::swap::Swap;
use crate::world::WorldPicture;

pub const REGION: &str = "eu-west-1";
pub const DEVICE: &str = "/dev/sdf";
pub const BEFORE_THE_INCIDENT: &str = "2026-03-01T02:00:00Z";

pub struct Stage {
    pub account: Account,
    pub home: Home,
    pub instance: String,
    pub device: String,
    /// `None` after [`Stage::lose_the_volume`].
    pub old: Option<String>,
    pub snapshot: String,
    pub delete_on_termination: bool,
    pub before: WorldPicture,
}

impl Stage {
    /// An instance whose data volume of this make has a snapshot; a second instance stands by.
    pub fn with_data_volume(make: Make) -> Self {
        let account = Account::fresh();
        let estate = Estate::new(&account, REGION);
        let instance = estate.launch("orders-db");
        let old = estate.volume(make, &HOSTILE_TAGS);
        estate.attach(&instance, &old, DEVICE, true);
        bystander(&estate);
        let snapshot = estate.snapshot(&old, BEFORE_THE_INCIDENT, &[("Name", "nightly")]);
        let before = estate.picture();
        account.forget_calls();
        let home = Home::new().role("red", &account.id, REGION);
        Self {
            account,
            home,
            instance,
            device: DEVICE.into(),
            old: Some(old),
            snapshot,
            delete_on_termination: true,
            before,
        }
    }

    /// The same, with the snapshot of the root volume.
    pub fn with_root_volume() -> Self {
        let mut stage = Self::with_data_volume(Make::gp3(10, 3000, 125));
        let estate = Estate::new(&stage.account, REGION);
        let root = estate.volume_at(&stage.instance, crate::estate::ROOT);
        let snapshot = estate.snapshot(&root, BEFORE_THE_INCIDENT, &[]);
        let before = estate.picture();
        stage.device = crate::estate::ROOT.into();
        stage.old = Some(root);
        stage.snapshot = snapshot;
        stage.before = before;
        stage
    }

    /// Deletes the data volume, as if somebody had: only its snapshot is left.
    pub fn lose_the_volume(&mut self) {
        let old = self.old.take().expect("it is still there");
        let estate = Estate::new(&self.account, REGION);
        estate.lose(&self.instance, &old);
        self.before = estate.picture();
        self.account.forget_calls();
    }

    pub fn estate(&self) -> Estate<'_> {
        Estate::new(&self.account, REGION)
    }

    pub fn picture(&self) -> WorldPicture {
        self.estate().picture()
    }

    /// Returns `VERB volume-swap` with the snapshot and the profile, and `extra` behind it.
    pub fn arguments<'a>(&'a self, verb: &'a str, extra: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec!["--profile", "red", "--region", REGION, verb, "volume-swap"];
        arguments.extend(["--snapshot", &self.snapshot]);
        arguments.extend(extra);
        arguments
    }

    /// Plans and runs the swap with every gate answered.
    pub fn run(&self, extra: &[&str]) -> Output {
        let mut arguments = self.arguments("run", extra);
        arguments.extend(["--yes", "--json"]);
        self.home.defib(&arguments)
    }

    /// Rolls the run back and asserts that the first state is there again.
    pub fn roll_back(&self, run: &str, new: &str) {
        self.home.defib(&["rollback", run, "--yes"]).expect(&[0]);
        self.swap(run).assert_rolled_back(&self.picture(), new);
        let summary = self.home.only_run();
        assert_eq!(summary["state"], "rolled-back", "{summary}");
        assert!(
            summary["kept"].to_string().contains(new),
            "what is kept is listed: {summary}"
        );
        self.assert_nothing_was_deleted();
    }

    pub fn swap<'a>(&'a self, run: &'a str) -> Swap<'a> {
        Swap {
            before: &self.before,
            instance: &self.instance,
            device: &self.device,
            old: self.old.as_deref(),
            snapshot: &self.snapshot,
            delete_on_termination: self.delete_on_termination,
            run,
        }
    }

    /// Waits until a call reached the server; dry runs do not count.
    pub fn wait_for_call(&self, action: &str) {
        eventually(action, || {
            let calls = self.account.ec2_actions();
            calls.iter().any(|call| call == action).then_some(())
        });
    }

    /// Seeding may delete, so the calls must have been forgotten since.
    pub fn assert_nothing_was_deleted(&self) {
        let deleting = ["Delete", "Terminate", "Deregister", "Release"];
        for action in self.account.ec2_actions() {
            let deletes = deleting.iter().any(|word| action.starts_with(word));
            assert!(!deletes || action == "DeleteTags", "{action} was sent");
        }
    }
}

/// Returns the id of the run that an output of `run --json` ends with.
pub fn run_of(output: &Output) -> String {
    let lines = output.json_lines();
    let summary = lines
        .last()
        .unwrap_or_else(|| panic!("no summary in\n{output}"));
    text(&summary["run"])
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// Things that have nothing to do with it, so that "nothing else changed" means something.
fn bystander(estate: &Estate<'_>) {
    let other = estate.launch("web-1");
    let data = estate.volume(Make::gp3(20, 3000, 125), &[("Name", "web-1 data")]);
    estate.attach(&other, &data, DEVICE, false);
    estate.snapshot(&data, BEFORE_THE_INCIDENT, &[]);
    estate.volume(Make::io2(4, 200), &[("Name", "idle")]);
}
