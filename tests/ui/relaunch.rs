//! The web server of the demo: from the page over an isolated instance to the cut-over, and back.

use crate::demo::{SIZES, demo};
use crate::window::Window;

const ENTER: &str = "\r";
const RIGHT: &str = "\u{1b}[C";

/// Goes from the first screen to the plan of a relaunch from the last good image.
fn to_a_plan(window: &mut Window) {
    window.see("web-1-media");
    window.press("t");
    window.see("When did it go wrong?");
    window.type_text("09:12");
    window.see("2026-04-21 09:12:00Z");
    window.press(ENTER);
    window.see("T 09:12Z");
    window.press("/");
    window.type_text("web-1");
    window.see("38 min");
    window.press(ENTER);
    window.press(ENTER);
    window.see("ami-09c4e7a1f5d8b2630 · data lost: 38 min");
    window.press("r");
    window.see("▌1 What");
    window.see("asks first");
    window.see("▌ ami-relaunch");
    window.press(ENTER);
    to_the_checks(window);
    window.press(ENTER);
    window.see("▌4 Plan");
    window.see("relaunch web-1");
}

/// Says what is asked for, and nothing else: everything is proposed or as before.
fn to_the_checks(window: &mut Window) {
    window.see("▌2 Where");
    window.see("first: operator-cidr");
    let shown = window.see("no-two-writers");
    assert!(shown.contains("side-by-side"), "{shown}");
    window.press(ENTER);
    window.see("▌ operator-cidr");
    window.type_text("198.51.100.7");
    window.until("the address in its field", |shown| {
        let field = |line: &str| line.contains("operator-cidr") && line.contains("198.51.100.7");
        shown.lines().any(field)
    });
    window.press(ENTER);
    window.see("▌ user-data");
    window.press(RIGHT);
    window.see_gone("✘ first: user-data");
    window.press(ENTER);
    window.see("▌3 Checks");
    window.see("0 stops here");
    window.see("cron jobs, queue consumers and agents");
}

fn to_a_run(window: &mut Window) {
    to_a_plan(window);
    window.press(ENTER);
    window.see("▌5 Yes");
    window.see("service is DOWN for");
    window.see("Type yes");
    window.type_text("yes");
    window.press(ENTER);
    window.see(" run 01");
}

/// Answers the question that is asked with yes.
fn answer(window: &mut Window, question: &str) {
    window.see(question);
    window.see("enter answers");
    window.press(ENTER);
    window.see("leave it as it is");
    window.press("y");
}

/// Nothing has moved: the address of the isolated instance is known, and the old one still serves.
fn look(window: &mut Window) {
    let shown = window.see("you: look at the isolated instance");
    let shown = if shown.contains("no outage yet") {
        shown
    } else {
        window.see("no outage yet")
    };
    assert!(!shown.contains("DOWN since"), "{shown}");
    window.see("ssh -i acme-ops.pem USER@10.");
    answer(window, "Look at the instance that was launched");
}

fn roll_back(window: &mut Window) {
    window.press("u");
    window.see("Type yes");
    window.type_text("yes");
    window.press(ENTER);
    window.see("← rolled back");
}

#[test]
fn a_web_server_comes_back_from_an_image_and_goes_back_again() {
    for (columns, rows) in SIZES {
        let mut window = demo(columns, rows, &["--scenario", "web", "--speed", "200"]);
        window.see("every second page is an error");
        to_a_run(&mut window);
        assert!(
            window.pressed <= 17,
            "{} keys to a running restore",
            window.pressed
        );
        look(&mut window);
        window.see("you: is the application healthy?");
        window.see("enter answers");
        roll_back(&mut window);
        assert!(!window.shown().contains("DOWN since"), "{}", window.shown());
        window.press(ENTER);
        window.see("Report: ");
    }
}

#[test]
fn a_web_server_comes_back_from_an_image_and_stays() {
    for (columns, rows) in SIZES {
        let mut window = demo(columns, rows, &["--scenario", "web", "--speed", "200"]);
        to_a_run(&mut window);
        look(&mut window);
        answer(
            &mut window,
            "Is the application healthy behind its old name",
        );
        window.see("✔ done");
        window.press(ENTER);
        window.see("Report: ");
    }
}

#[test]
fn what_was_only_looked_at_is_taken_back_before_anything_moved() {
    let mut window = demo(80, 24, &["--scenario", "web", "--speed", "200"]);
    to_a_run(&mut window);
    window.see("Look at the instance that was launched");
    window.see("no outage yet");
    roll_back(&mut window);
}
