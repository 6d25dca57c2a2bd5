//! The table of the demo: from the page to the second before the migration, over a look to the switch-over, and back.

use crate::demo::{SIZES, demo};
use crate::window::Window;

const ENTER: &str = "\r";
const TAB: &str = "\t";
const UP: &str = "\u{1b}[A";
const PAGE_DOWN: &str = "\u{1b}[6~";
const NEW: &str = "orders-20260310-140459";
const PARAMETER: &str = "/acme/shop/orders-table";
/// The questions stand in the plan from the first; only the one that is asked has this sign before it.
const LOOK: &str = "▒ 20 you: look at orders-2026";
const HEALTHY: &str = "▒ 24 you: is the application healthy?";

/// Goes from the first screen to the plan of a restore to the second that is proposed.
fn to_a_plan(window: &mut Window) {
    window.see("orders");
    window.press("t");
    window.see("When did it go wrong?");
    window.type_text("14:05");
    window.see("2026-03-10 14:05:00Z");
    window.press(ENTER);
    window.see("T 14:05Z");
    window.press("/");
    window.type_text("orders");
    window.see("1 of 3 resources");
    window.press(ENTER);
    window.press(ENTER);
    // The window stands above the backup, wherever the cursor is.
    window.see("any to");
    window.press(UP);
    window.see("▌ orders");
    window.press("r");
    window.see("▌1 What");
    window.see("▌ dynamodb-restore");
    window.press(ENTER);
    window.see("▌2 Where");
    window.see("2026-03-10 14:04:59Z");
    window.see(NEW);
    // From the second to the parameter.
    for _field in 0..8 {
        window.press(TAB);
    }
    window.see("▌ parameter");
    window.type_text(PARAMETER);
    window.press(ENTER);
    window.see("▌3 Checks");
    window.see("0 stops here");
    window.press(ENTER);
    window.see("▌4 Plan");
}

fn to_a_run(window: &mut Window) {
    to_a_plan(window);
    window.press(ENTER);
    window.see("▌5 Yes");
    window.see("Type yes");
    window.type_text("yes");
    window.press(ENTER);
    window.see(" run 01");
}

/// Tells whether more is said below what is in sight of a question.
fn goes_on(shown: &str) -> bool {
    let mut edges = shown.lines().filter(|line| line.trim_end().ends_with('┘'));
    edges.any(|edge| edge.contains('↓'))
}

/// Answers the question that is asked with yes.
fn answer(window: &mut Window, question: &str) {
    window.see(question);
    window.see("enter answers");
    window.press(ENTER);
    window.see("leave it as it is");
    // A yes counts once all of it was in sight.
    while goes_on(&window.shown()) {
        let before = window.shown();
        window.press(PAGE_DOWN);
        window.until("more of the question", |shown| shown != before);
    }
    window.press("y");
}

#[test]
fn a_table_goes_back_to_the_second_before_the_migration_and_time_to_live_is_typed() {
    for (columns, rows) in SIZES {
        let mut window = demo(columns, rows, &["--scenario", "table", "--speed", "200"]);
        to_a_run(&mut window);
        answer(&mut window, LOOK);
        answer(&mut window, HEALTHY);
        window.see("18412 of");
        window.press(ENTER);
        window.see("Type ");
        window.type_text(NEW);
        window.press(ENTER);
        window.see("✔ done");
        window.press(ENTER);
        window.see("Report: ");
    }
}

#[test]
fn what_was_switched_goes_back_and_both_tables_stay() {
    let mut window = demo(120, 40, &["--scenario", "table", "--speed", "200"]);
    to_a_run(&mut window);
    answer(&mut window, LOOK);
    window.see(HEALTHY);
    window.see("enter answers");
    window.press("u");
    window.see("Type yes");
    window.type_text("yes");
    window.press(ENTER);
    window.see("← rolled back");
}
