//! The shapes of plans that the server can show, and what a clean run of each does.

use std::collections::BTreeMap;
use std::fmt;
use std::thread;

use serde_json::Value;

use super::course::{Course, Then};
use crate::estate::Make;
use crate::stage::Stage;

/// A volume that differs from every default.
const DATA: Make = Make::gp3(10, 4000, 200);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// A data volume of a running instance, which is stopped for it.
    Running,
    /// The same, unmounted by a person.
    Unmounted,
    /// The restored volume goes beside the old one.
    Beside,
    /// The instance is stopped already, and stays so.
    Stopped,
    /// The root volume of a running instance.
    Root,
    /// The old volume is there and attached to nothing.
    Detached,
    /// The old volume is gone.
    Lost,
}

pub const SHAPES: [Shape; 7] = [
    Shape::Running,
    Shape::Unmounted,
    Shape::Beside,
    Shape::Stopped,
    Shape::Root,
    Shape::Detached,
    Shape::Lost,
];

impl Shape {
    pub fn stage(self) -> Stage {
        let mut stage = match self {
            Self::Root => Stage::with_root_volume(),
            Self::Running
            | Self::Unmounted
            | Self::Beside
            | Self::Stopped
            | Self::Detached
            | Self::Lost => Stage::with_data_volume(DATA),
        };
        match self {
            Self::Running | Self::Unmounted | Self::Beside | Self::Root => {}
            Self::Stopped => stage.estate().stop(&stage.instance),
            Self::Detached => {
                let old = stage.old.take().expect("it is there");
                stage.estate().detach(&stage.instance, &old);
            }
            Self::Lost => stage.lose_the_volume(),
        }
        if stage.old.is_none() {
            stage.delete_on_termination = false;
        }
        stage.before = stage.picture();
        stage.account.forget_calls();
        stage
    }

    /// Returns the command that plans and runs it, with every gate answered.
    pub fn command(self, stage: &Stage) -> Vec<String> {
        let (instance, device) = (&stage.instance[..], &stage.device[..]);
        let place = ["--instance", instance, "--device", device];
        let empty = [&place[..], &["--delete-on-termination", "no"]].concat();
        let choices = match self {
            Self::Running => vec!["--mode", "stop"],
            Self::Unmounted => vec!["--mode", "unmount"],
            Self::Beside => vec!["--mode", "beside"],
            Self::Stopped | Self::Root => vec![],
            Self::Detached | Self::Lost => empty,
        };
        let mut words = stage.arguments("run", &choices);
        words.push("--yes");
        words.into_iter().map(str::to_owned).collect()
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "a running instance",
            Self::Unmounted => "unmounted",
            Self::Beside => "beside",
            Self::Stopped => "a stopped instance",
            Self::Root => "the root volume",
            Self::Detached => "not attached",
            Self::Lost => "lost",
        })
    }
}

/// A request that changes something: which one of its name, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub action: String,
    pub occurrence: u64,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.occurrence {
            1 => f.write_str(&self.action),
            nth => write!(f, "{} {nth}", self.action),
        }
    }
}

/// What a run of a shape does when nothing goes wrong.
#[derive(Clone, Debug)]
pub struct Clean {
    pub shape: Shape,
    /// Places at which its runner can die: both sides of each entry it makes.
    pub boundaries: u64,
    /// The same of the runner that takes it back.
    pub boundaries_back: u64,
    pub changes: Vec<Change>,
    pub changes_back: Vec<Change>,
    /// Requests of the viewer, which come before those of the runner.
    pub viewer: usize,
    /// Requests of the runner.
    pub runner: usize,
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |changes: &[Change]| {
            let names: Vec<_> = changes.iter().map(ToString::to_string).collect();
            names.join(", ")
        };
        write!(
            f,
            "{}: {} boundaries, {} requests after {} of the viewer, among them {}; back: {} boundaries, {}",
            self.shape,
            self.boundaries,
            self.runner,
            self.viewer,
            names(&self.changes),
            self.boundaries_back,
            names(&self.changes_back)
        )
    }
}

impl Clean {
    /// Measures the shapes side by side.
    pub fn of_all(shapes: &[Shape]) -> BTreeMap<Shape, Self> {
        thread::scope(|scope| {
            let measured: Vec<_> = shapes
                .iter()
                .map(|shape| scope.spawn(|| Self::of(*shape)))
                .collect();
            let measured = measured
                .into_iter()
                .map(|one| one.join().expect("a clean run"));
            measured.map(|clean| (clean.shape, clean)).collect()
        })
    }

    fn of(shape: Shape) -> Self {
        let course = Course::open(shape);
        course.start(None).join().expect("it ends").expect(&[0]);
        let (there, calls) = (course.entries(), course.stage.account.calls());
        course.judge(Then::GoOn);
        course.stage.account.forget_calls();
        let back = course
            .stage
            .home
            .defib(&["rollback", &course.run(), "--yes"]);
        back.expect(&[0]);
        let calls_back = course.stage.account.calls();
        course.judge(Then::GoBack);
        let is_greeting = |call: &&Value| call["action"] == "GetCallerIdentity";
        let greetings: Vec<usize> = (calls.iter().enumerate())
            .filter(|(_, call)| is_greeting(call))
            .map(|(at, _)| at)
            .collect();
        let [_, of_runner] = greetings[..] else {
            panic!("viewer and runner ask who they are once each: {calls:?}")
        };
        Self {
            shape,
            // The first entry is the viewer's.
            boundaries: 2 * (there - 1),
            boundaries_back: 2 * (course.entries() - there),
            changes: changes(&calls),
            changes_back: changes(&calls_back),
            viewer: of_runner,
            runner: calls.len() - of_runner,
        }
    }
}

fn changes(calls: &[Value]) -> Vec<Change> {
    let mut seen = BTreeMap::<String, u64>::new();
    let of_ec2 = calls
        .iter()
        .filter(|call| call["service"] == "ec2" && call["dry_run"] == false);
    let actions = of_ec2.filter_map(|call| call["action"].as_str());
    actions
        .filter(|action| !action.starts_with("Describe") && !action.starts_with("Get"))
        .map(|action| {
            let occurrence = seen.entry(action.to_owned()).or_default();
            *occurrence += 1;
            Change {
                action: action.to_owned(),
                occurrence: *occurrence,
            }
        })
        .collect()
}
