//! Others at work in mid-run: a colleague, a guest, AWS itself. The run names what it found and stops,
//! or goes on where nothing stands in its way; once the matter is settled it ends either way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use defib::domain::run::{Approval, CommandKind, EventBody, RunStatus};
use defib::journal::boundary::{Boundary, Side, Watched};
use defib::runner;
use defib::sim::{Fault, Hands, On};
use jiff::SignedDuration;

use super::{Course, INSTANCE, Then, VOLUME};
use crate::cases::each;
use crate::oracle::made_by;

const PLACE: (&str, &str) = ("111122223333", "eu-west-1");
const NEIGHBOUR: &str = "i-0000000000000a002";
const STRANGER: &str = "vol-0000000000000a009";

/// What somebody else does; the second argument is the new volume, empty before it is there.
type Act = fn(&mut Hands<'_>, &str);

/// Right after which event of which step.
#[derive(Clone, Copy, Debug)]
enum When {
    Intent(&'static str),
    Accepted(&'static str),
    Verified(&'static str),
}

/// Somebody else at work.
struct Meddling {
    name: &'static str,
    when: When,
    act: Act,
    /// Where the run rests first, and a word of its reason; done where nothing stands in its way.
    rests: (RunStatus, &'static str),
    /// Settles the matter.
    settle: Act,
    /// What the run can come to afterwards.
    ends: &'static [Then],
}

const BOTH: &[Then] = &[Then::GoOn, Then::GoBack];
const ON: &[Then] = &[Then::GoOn];
const BACK: &[Then] = &[Then::GoBack];
const DONE: (RunStatus, &str) = (RunStatus::Done, "");

fn nothing(_: &mut Hands<'_>, _: &str) {}

const TAKE: Act = |hands, _| hands.attach(STRANGER, INSTANCE, "/dev/sdf");
const FREE: Act = |hands, _| hands.detach(STRANGER);
const LEND: Act = |hands, new| hands.attach(new, NEIGHBOUR, "/dev/sdm");
const GIVE_BACK: Act = |hands, new| hands.detach(new);
const LEND_OLD: Act = |hands, _| hands.attach(VOLUME, NEIGHBOUR, "/dev/sdm");
const GIVE_OLD_BACK: Act = |hands, _| hands.detach(VOLUME);
const START: Act = |hands, _| hands.start(INSTANCE);
const STOP: Act = |hands, _| hands.stop(INSTANCE);
const PROTECT: Act = |hands, _| hands.set_disable_api_stop(INSTANCE, true);
const UNPROTECT: Act = |hands, _| hands.set_disable_api_stop(INSTANCE, false);
const DISABLE: Act = |hands, _| hands.set_key_state("alias/ledger", "Disabled");
const ENABLE: Act = |hands, _| hands.set_key_state("alias/ledger", "Enabled");
const EXHAUST: Act = |hands, _| hands.set_capacity(INSTANCE, false);
const REPLENISH: Act = |hands, _| hands.set_capacity(INSTANCE, true);
const IMPAIR: Act = |hands, _| hands.set_impaired(INSTANCE, true);
const HEAL: Act = |hands, _| hands.set_impaired(INSTANCE, false);
const DENY: Act = |hands, _| hands.set_denied("ec2:AttachVolume", true);
const ALLOW: Act = |hands, _| hands.set_denied("ec2:AttachVolume", false);
const BREAK_NEW: Act = |hands, new| hands.break_volume(new);
const DELETE_NEW: Act = |hands, new| hands.delete_volume(new);
const NOTE: Act = |hands, _| hands.set_tag(VOLUME, "note", Some("hands off"));
const ERASE: Act = |hands, _| hands.set_tag(VOLUME, "note", None);
const KEEP: Act = |hands, new| hands.set_delete_on_termination(new, true);

#[rustfmt::skip]
fn meddlings() -> Vec<Meddling> {
    use RunStatus::{Failed, Paused};
    use When::{Accepted, Intent, Verified};
    let one = |name, when, act: Act, rests, settle: Act, ends| Meddling {
        name,
        when,
        act,
        rests,
        settle,
        ends,
    };
    vec![
        one("device taken", Verified("detach-volume"), TAKE, (Paused, "is taken by"), FREE, BOTH),
        one("device taken at once", Intent("attach-volume"), TAKE, (Failed, "already in use"), FREE, BOTH),
        one("new volume lent", Verified("create-volume"), LEND, (Paused, "is attached to"), GIVE_BACK, BOTH),
        one("new volume lent late", Verified("detach-volume"), LEND, (Paused, "is attached to"), GIVE_BACK, BOTH),
        one("new volume lent at once", Intent("attach-volume"), LEND, (Paused, "is attached to"), GIVE_BACK, BOTH),
        one("old volume lent", Verified("detach-volume"), LEND_OLD, DONE, GIVE_OLD_BACK, BOTH),
        one("old volume lent later", Verified("attach-volume"), LEND_OLD, DONE, GIVE_OLD_BACK, BOTH),
        one("old volume detached", Verified("create-volume"), GIVE_OLD_BACK, DONE, nothing, BOTH),
        one("started after the stop", Verified("stop-instance"), START, (Paused, "unmounted"), STOP, ON),
        one("started after the stop", Verified("stop-instance"), START, (Paused, "unmounted"), nothing, BACK),
        one("started before the attach", Verified("detach-volume"), START, DONE, nothing, BOTH),
        one("started early", Verified("attach-volume"), START, DONE, nothing, BOTH),
        one("stopped before the stop", Verified("create-volume"), STOP, DONE, nothing, BOTH),
        one("stopped at the stop", Intent("stop-instance"), STOP, DONE, nothing, BOTH),
        one("stopped while it starts", Accepted("start-instance"), STOP, (Failed, "not there"), nothing, BOTH),
        one("protected before the stop", Verified("create-volume"), PROTECT, (Failed, "OperationNotPermitted"), UNPROTECT, BOTH),
        one("key disabled", Intent("create-volume"), DISABLE, (Failed, "KMS key"), ENABLE, BOTH),
        one("no capacity for long", Verified("stop-instance"), EXHAUST, (Failed, "InsufficientInstanceCapacity"), REPLENISH, BOTH),
        one("checks fail for long", Verified("stop-instance"), IMPAIR, (Failed, "not there after"), HEAL, BOTH),
        one("permission taken", Verified("detach-volume"), DENY, (Failed, "UnauthorizedOperation"), ALLOW, BOTH),
        one("new volume broken", Verified("detach-volume"), BREAK_NEW, (Paused, "is error"), nothing, BACK),
        one("new volume broken at once", Intent("attach-volume"), BREAK_NEW, (Paused, "is error"), nothing, BACK),
        one("new volume deleted", Verified("detach-volume"), DELETE_NEW, (Paused, "is not there"), nothing, BACK),
        one("new volume deleted at once", Intent("attach-volume"), DELETE_NEW, (Failed, "NotFound"), nothing, BACK),
        one("note on the old volume", Verified("detach-volume"), NOTE, DONE, ERASE, BOTH),
        one("delete-on-termination set", Verified("attach-volume"), KEEP, DONE, nothing, BOTH),
    ]
}

impl When {
    fn is(self, boundary: &Boundary<'_>) -> bool {
        let step = boundary
            .event
            .step
            .as_ref()
            .map_or("", |step| step.as_str());
        let here = match (self, &boundary.event.body) {
            (Self::Intent(at), EventBody::Intent { .. })
            | (Self::Accepted(at), EventBody::Accepted { .. })
            | (Self::Verified(at), EventBody::Verified { .. }) => at == step,
            _other => false,
        };
        here && boundary.side == Side::After
    }
}

impl Course {
    /// Lets somebody act, and gives the world a minute to settle.
    fn somebody(&mut self, act: Act) {
        let (aws, run) = (self.stage.aws.clone(), self.run.clone());
        self.stage.live(|| async move {
            let made = made_by(&aws.picture(), "volumes", run.as_str(), "create-volume");
            let new = made.first().cloned().unwrap_or_default();
            aws.third_party(PLACE.0, PLACE.1, |hands| act(hands, &new));
        });
        self.stage.pass(SignedDuration::from_mins(1));
    }

    /// Drives to rest while somebody else acts once. Tells whether that happened.
    fn drive_with(&mut self, meddling: &Meddling) -> (RunStatus, bool) {
        let acted = Arc::new(AtomicBool::new(false));
        let (aws, run, done) = (self.stage.aws.clone(), self.run.clone(), acted.clone());
        let (when, act) = (meddling.when, meddling.act);
        let journal = Watched::new(self.stage.journal.clone(), move |boundary| {
            if when.is(&boundary) && !done.swap(true, Ordering::Relaxed) {
                let made = made_by(&aws.picture(), "volumes", run.as_str(), "create-volume");
                let new = made.first().cloned().unwrap_or_default();
                aws.third_party(PLACE.0, PLACE.1, |hands| act(hands, &new));
            }
            Box::pin(std::future::ready(()))
        });
        let run = self.run.clone();
        let status = self.stage.drive_over(Arc::new(journal), &run);
        self.rest();
        (status, acted.load(Ordering::Relaxed))
    }
}

fn meddled(meddling: &Meddling, then: Then, settled_first: bool) {
    let case = format!(
        "{}, then {then:?}, settled first: {settled_first}",
        meddling.name
    );
    let mut course = Course::new(case);
    let (status, acted) = course.drive_with(meddling);
    assert!(acted, "{}: nobody acted", course.case);
    let (rests, word) = meddling.rests;
    let reason = course.state().reason.unwrap_or_default();
    assert_eq!(status, rests, "{}", course.why());
    assert!(reason.contains(word), "{}: no “{word}”", course.why());
    let command = match then {
        Then::GoOn => CommandKind::Resume,
        Then::GoBack => CommandKind::RollBack,
    };
    if !settled_first {
        // The matter is not settled yet: whatever comes of trying, nothing is harmed.
        course.send(command.clone());
        course.drive();
    }
    course.somebody(meddling.settle);
    if course.state().status() != end_of(then) {
        course.send(command);
    }
    course.end(then);
}

fn end_of(then: Then) -> RunStatus {
    match then {
        Then::GoOn => RunStatus::Done,
        Then::GoBack => RunStatus::RolledBack,
    }
}

#[test]
fn whatever_others_do_in_mid_run_it_is_named_and_can_be_settled() {
    let meddlings = meddlings();
    let mut cases = Vec::new();
    for meddling in &meddlings {
        for then in meddling.ends {
            cases.extend([true, false].map(|first| (meddling, *then, first)));
        }
    }
    each("wire: others", 92, &cases, |(meddling, then, first)| {
        meddled(meddling, *then, *first);
    });
}

#[test]
fn what_somebody_else_did_first_is_told_and_taken_back_with_the_rest() {
    let cases = [
        ("stop-instance", STOP, 1),
        ("detach-volume", GIVE_OLD_BACK, 1),
        ("start-instance", START, 1),
    ];
    for (step, act, outages) in cases {
        let before = if step == "start-instance" {
            "attach-volume"
        } else {
            "create-volume"
        };
        let meddling = Meddling {
            name: "somebody was first",
            when: When::Verified(before),
            act,
            rests: DONE,
            settle: nothing,
            ends: BACK,
        };
        let mut course = Course::new(format!("{step} was done by somebody else"));
        let (status, acted) = course.drive_with(&meddling);
        assert!(acted && status == RunStatus::Done, "{}", course.why());
        let (state, events) = (course.state(), course.stage.events(&course.run));
        let record = state.record(&step.into());
        assert!(record.was_so_already(), "{}: {record:?}", course.case);
        assert!(record.detail.contains("sent nothing"), "{}", record.detail);
        assert!(state.touched().contains(&step.into()), "{}", course.case);
        assert_eq!(state.outages.len(), outages, "{}", course.case);
        assert!(state.down_since().is_none(), "{}", course.case);
        let asked = defib::restore::export::report::Asked {
            incident: None,
            now: state.last_at,
        };
        let report = defib::restore::export::report::report(&state, &events, asked);
        assert!(report.contains("somebody else did it"), "{report}");
        assert!(!report.contains("cannot write it as a command"), "{report}");
        course.send(CommandKind::RollBack);
        course.end(Then::GoBack);
    }
}

/// Somebody stops the instance while a stop of the run's own is on its way, and perhaps starts it again; the run
/// is taken back as soon as the stop is seen.
fn somebody_is_faster(case: &str, starts_again: bool) {
    let mut course = Course::new(case.to_owned());
    let faults = course.stage.aws.faults().clone();
    let late = Fault::LateArrival(Duration::from_secs(58));
    let id = faults.inject(On::operation("StopInstances"), late);
    let (_, clock) = course.stage.hands();
    let (aws, book) = (course.stage.aws.clone(), course.stage.journal.clone());
    let run = course.run.clone();
    let journal = Watched::new(book.clone(), move |boundary| {
        if When::Intent("stop-instance").is(&boundary) {
            aws.third_party(PLACE.0, PLACE.1, |hands| hands.stop(INSTANCE));
        }
        let stopped = When::Verified("stop-instance").is(&boundary);
        if stopped && starts_again {
            aws.third_party(PLACE.0, PLACE.1, |hands| hands.start(INSTANCE));
        }
        let (book, run, clock) = (book.clone(), run.clone(), clock.clone());
        Box::pin(async move {
            if stopped {
                let kind = CommandKind::RollBack;
                let sent = runner::send(&*book, &run, kind, Approval::default(), &clock);
                sent.await.unwrap();
            }
        })
    });
    let run = course.run.clone();
    let status = course.stage.drive_over(Arc::new(journal), &run);
    assert_eq!(faults.fired(id), 1, "{}", course.case);
    // A stop that arrives after the roll back would stop the instance again.
    course.stage.pass(SignedDuration::from_mins(5));
    course.judge(Then::GoBack, status);
}

#[test]
fn a_request_that_may_still_arrive_is_waited_for_before_what_somebody_else_did_is_taken_back() {
    somebody_is_faster("somebody stopped it first", false);
}

#[test]
fn a_request_that_may_still_arrive_is_waited_for_although_nothing_is_left_to_take_back() {
    somebody_is_faster("somebody stopped it first, and started it again", true);
}
