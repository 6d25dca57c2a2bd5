//! What a person agrees to: ahead by flag, or at the terminal when asked.
//!
//! No yes, and nothing happens. In a protected account a yes is the resource's name with the account's
//! last four digits, typed. Whatever is asked for can be typed as it is shown.

use std::io::{BufRead as _, IsTerminal as _};

use crate::domain::plan::{Gate, Impact, Plan, Step};
use crate::domain::run::Approval;
use crate::domain::text::{Untrusted, shown};
use crate::domain::words;
use crate::report::{Report, USAGE, WAITS};

use super::Session;

/// Flags by which gates are answered ahead.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Answers {
    /// Approve what is asked for, and answer its gates with yes, person gates too
    #[arg(long, global = true)]
    pub yes: bool,
    /// Type a name for a gate that asks for one: NAME, or NAME@ and the account's last four digits
    #[arg(long, global = true, value_name = "NAME")]
    pub confirm: Vec<String>,
    /// Answer the gate of a step with no, where the plan says that the step may be left out: its id, as `ttl`
    #[arg(long, global = true, value_name = "STEP")]
    pub decline: Vec<String>,
}

impl Answers {
    /// Refuses a step that is declined and cannot be left out of a plan.
    ///
    /// # Errors
    /// A report that says which can.
    pub fn refuse_unknown(&self, steps: &[Step]) -> Result<(), Report> {
        let may = || steps.iter().filter(|step| step.if_declined.is_some());
        let known = |id: &&String| may().any(|step| step.id.as_str() == id.as_str());
        let Some(unknown) = self.decline.iter().find(|id| !known(id)) else {
            return Ok(());
        };
        let what = format!(
            "--decline {}: no step of that name may be left out",
            shown(unknown)
        );
        let known: Vec<&str> = may().map(|step| step.id.as_str()).collect();
        let todo = if known.is_empty() {
            "leave --decline out: every step of it is needed".to_owned()
        } else {
            format!("may be left out: {}", known.join(", "))
        };
        Err(Report::new(USAGE, what).todo(todo))
    }

    /// Returns what is agreed to. A name typed as it is shown counts as the name that a gate of the
    /// plan asks for.
    #[must_use]
    pub fn approval(&self, plan: &Plan) -> Approval {
        let mut confirm = self.confirm.clone();
        for name in gate_names(plan) {
            for typed in &self.confirm {
                let rest = forms(name).into_iter().find_map(|form| {
                    let rest = typed.strip_prefix(&form)?;
                    (rest.is_empty() || rest.starts_with('@')).then_some(rest)
                });
                let meant = rest.map(|rest| format!("{}{rest}", name.raw()));
                confirm.extend(meant.filter(|meant| meant != typed));
            }
        }
        Approval {
            yes: self.yes,
            confirm,
            decline: self.decline.iter().map(|id| id.as_str().into()).collect(),
        }
    }
}

fn gate_names(plan: &Plan) -> impl Iterator<Item = &Untrusted> {
    let undo = plan.steps.iter().flat_map(|step| &step.undo);
    let gates = plan.steps.iter().map(|step| &step.gate);
    gates
        .chain(undo.map(|undo| &undo.gate))
        .filter_map(|gate| match gate {
            Gate::TypeName { name, .. } => Some(name),
            Gate::None | Gate::Confirm(_) | Gate::Person { .. } => None,
        })
}

/// Returns the ways in which a name can be typed: as it is, and as a terminal shows it.
fn forms(name: &Untrusted) -> [String; 3] {
    let shown = name.shown();
    let ascii = words::ascii(&shown);
    [name.raw().to_owned(), shown, ascii]
}

/// What a person is asked to agree to.
pub struct Question<'a> {
    /// The plan that it is about.
    pub plan: &'a Plan,
    /// What is approved: `the plan`.
    pub what: &'static str,
    /// What a yes does: `run this plan`.
    pub does: &'static str,
    /// Whether a yes is needed even where no name has to be typed.
    pub yes: bool,
}

impl Question<'_> {
    /// Makes sure that a person has agreed, by flag or at the terminal.
    ///
    /// # Errors
    /// A report that says what to type.
    pub fn ask(&self, answers: &Answers, session: &mut Session<'_>) -> Result<(), Report> {
        let protected = &session.config.protected_accounts;
        let typed = protected.contains(&self.plan.place.account) && interrupts(self.plan);
        if typed && !self.is_typed(&answers.confirm) {
            return self.ask_for_name(answers, session);
        }
        if !self.yes || answers.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            return Err(self
                .not_approved()
                .todo("approve it and answer its gates ahead: --yes"));
        }
        match read("yes", self.does, session).as_deref() {
            Some("yes") => Ok(()),
            Some(_) | None => Err(self.not_approved().todo("try again and type yes")),
        }
    }

    fn ask_for_name(&self, answers: &Answers, session: &mut Session<'_>) -> Result<(), Report> {
        let wanted = self.wanted();
        if !answers.confirm.is_empty() || !std::io::stdin().is_terminal() {
            return Err(self.name_missing(&answers.confirm));
        }
        match read(&wanted, self.does, session) {
            Some(typed) if self.is_typed(std::slice::from_ref(&typed)) => Ok(()),
            typed => Err(self.name_missing(typed.as_slice())),
        }
    }

    /// The subject's id is taken for its name: it can always be typed.
    fn is_typed(&self, typed: &[String]) -> bool {
        let subject = &self.plan.subject;
        let id = Untrusted::from(subject.id.as_str());
        let digits = self.plan.place.account.last_four();
        let mut names = subject.name.iter().chain([&id]).flat_map(forms);
        names.any(|name| {
            let fits = |typed: &String| {
                let rest = typed.strip_prefix(&name);
                rest.and_then(|rest| rest.strip_prefix('@')) == Some(digits)
            };
            typed.iter().any(fits)
        })
    }

    /// Returns what is asked for, as it can be typed.
    fn wanted(&self) -> String {
        let subject = &self.plan.subject;
        // A name that is not shown as it is would have to be typed sign by sign.
        let plain = |name: &&Untrusted| name.shown() == name.raw();
        let name = subject.name.as_ref().filter(plain);
        let name = name.map_or_else(|| shown(&subject.id), Untrusted::shown);
        format!("{name}@{}", self.plan.place.account.last_four())
    }

    fn name_missing(&self, typed: &[String]) -> Report {
        let account = &self.plan.place.account;
        let wanted = self.wanted();
        let what = if typed.is_empty() {
            format!("account {account} is protected, and this run interrupts the service")
        } else {
            let typed: Vec<String> = typed
                .iter()
                .map(|one| format!("“{}”", shown(one)))
                .collect();
            let typed = typed.join(", ");
            format!("{typed} was typed, but protected account {account} asks for “{wanted}”")
        };
        let quoted = shlex::try_quote(&wanted).unwrap_or_default();
        let also = if self.yes { " --yes" } else { "" };
        Report::new(WAITS, what).todo(format!("type the name as well: --confirm {quoted}{also}"))
    }

    fn not_approved(&self) -> Report {
        Report::new(WAITS, format!("{} was not approved", self.what))
    }
}

/// Reads what a person types at the terminal, after saying what it does.
pub fn read(wanted: &str, does: &str, session: &mut Session<'_>) -> Option<String> {
    session.output.note(&format!(
        "Type {wanted} to {does}; anything else leaves everything as it is."
    ));
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).ok()?;
    Some(line.trim().to_owned())
}

fn interrupts(plan: &Plan) -> bool {
    let undo = plan.steps.iter().flat_map(|step| &step.undo);
    let mut impacts = plan.steps.iter().map(|step| step.impact);
    impacts.any(|impact| impact == Impact::Interrupts)
        || undo
            .map(|undo| undo.impact)
            .any(|it| it == Impact::Interrupts)
}

/// Says what `--yes` answers in the place of a person who was to do something.
#[must_use]
pub fn answered_by_yes(steps: &[Step], answers: &Answers) -> Vec<String> {
    let by_hand = |step: &&Step| matches!(step.gate, Gate::Person { .. });
    let steps = steps.iter().filter(|_| answers.yes).filter(by_hand);
    steps
        .map(|step| {
            format!(
                "! --yes answers this ahead, as done and looked at, and nobody is asked: {}",
                step.title
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::PointRef;
    use crate::restore::export::specimen;

    fn plan(name: Option<&str>) -> Plan {
        let mut plan = specimen::plan();
        plan.subject.name = name.map(Untrusted::from);
        plan.subject.id = "vol-1".into();
        plan.place.account = "111122223333".into();
        plan.point = PointRef {
            id: "snap-1".into(),
            ..plan.point
        };
        plan
    }

    fn question(plan: &Plan) -> Question<'_> {
        Question {
            plan,
            what: "the plan",
            does: "run this plan",
            yes: true,
        }
    }

    fn typed(name: Option<&str>, typed: &str) -> bool {
        question(&plan(name)).is_typed(&[typed.to_owned()])
    }

    #[test]
    fn the_name_or_the_id_is_typed_with_the_last_four_digits() {
        let name = Some("orders-db");
        assert!(typed(name, "orders-db@3333") && typed(name, "vol-1@3333"));
        for wrong in ["orders-db", "orders-db@2222", "orders@3333", "@3333", ""] {
            assert!(!typed(name, wrong), "{wrong}");
        }
        assert!(typed(None, "vol-1@3333"));
    }

    #[test]
    fn a_hostile_name_can_be_typed_as_it_is_shown_and_the_id_is_what_is_asked_for() {
        let name = Some("a\u{202e}b");
        assert!(typed(name, "a‹U+202E›b@3333") && typed(name, "a<U+202E>b@3333"));
        let plan = plan(name);
        assert_eq!(question(&plan).wanted(), "vol-1@3333");
    }

    #[test]
    fn a_wrong_name_is_told_beside_the_one_that_is_asked_for() {
        let plan = plan(Some("orders db"));
        let report = question(&plan).name_missing(&["orders\u{1b}".into()]);
        assert!(
            report.what.contains("“orders‹U+001B›” was typed"),
            "{report:?}"
        );
        assert!(report.what.contains("“orders db@3333”"), "{report:?}");
        let todo = "type the name as well: --confirm 'orders db@3333' --yes";
        assert_eq!((report.todo[0].as_str(), report.exit), (todo, WAITS));
        let none = question(&plan).name_missing(&[]);
        assert!(none.what.contains("is protected"), "{none:?}");
    }

    #[test]
    fn a_gate_takes_its_name_as_it_is_shown() {
        let mut plan = plan(None);
        let name = Untrusted::from("web\u{200b}1");
        plan.steps[0].gate = Gate::TypeName {
            name: name.clone(),
            why: "it erases disks".into(),
        };
        let gate = plan.steps[0].gate.clone();
        let answers = |typed: &str| Answers {
            yes: false,
            confirm: vec![typed.to_owned()],
            decline: Vec::new(),
        };
        for fits in ["web‹U+200B›1", "web<U+200B>1@3333", name.raw()] {
            let approval = answers(fits).approval(&plan);
            assert!(approval.answers(&gate, "3333"), "{fits}");
        }
        let other = answers("web‹U+200B›12").approval(&plan);
        assert!(!other.answers(&gate, "3333"));
    }

    #[test]
    fn only_what_may_be_left_out_is_declined() {
        let mut plan = plan(None);
        let answers = Answers {
            decline: vec!["stop".to_owned()],
            ..Answers::default()
        };
        let told = answers.refuse_unknown(&plan.steps).unwrap_err();
        assert!(told.what.contains("--decline stop"), "{told:?}");
        let stop = plan
            .steps
            .iter_mut()
            .find(|step| step.id.as_str() == "stop");
        let stop = stop.unwrap();
        stop.gate = Gate::Confirm("really?".to_owned());
        let needed = stop.clone();
        let approval = answers.approval(&plan);
        assert!(!approval.declines(&needed), "the plan does not say so");
        let stop = plan.steps.iter_mut().find(|one| one.id == needed.id);
        let stop = stop.unwrap();
        stop.if_declined = Some("it goes on".to_owned());
        assert!(approval.declines(stop));
        assert!(answers.refuse_unknown(&plan.steps).is_ok());
        let all = Approval {
            yes: true,
            confirm: vec!["stop".into()],
            ..Approval::default()
        };
        assert!(!all.declines(&needed));
    }

    #[test]
    fn a_yes_ahead_names_what_a_person_was_to_do() {
        let mut plan = plan(None);
        plan.steps.truncate(1);
        plan.steps[0].gate = Gate::Person {
            instructions: vec![],
            check: None,
        };
        let yes = Answers {
            yes: true,
            ..Answers::default()
        };
        let told = answered_by_yes(&plan.steps, &yes);
        assert!(told[0].ends_with(&plan.steps[0].title), "{told:?}");
        assert!(answered_by_yes(&plan.steps, &Answers::default()).is_empty());
    }
}
