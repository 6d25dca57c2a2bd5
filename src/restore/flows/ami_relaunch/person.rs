//! What a person is asked to do: look at the isolated instance, and judge the application after the traffic moved.
//! Commands are complete enough to be pasted; what is not known yet stands as a marker.

use crate::domain::plan::{Gate, NEW_ADDRESS, NEW_INSTANCE};
use crate::restore::flows::command;
use crate::restore::operation::Operation;
use crate::restore::operations::ec2_instance_status::InstanceIsHealthy;

use super::chosen::{Mode, Order};
use super::steps::Relaunch;

/// Asks for a look at what was launched, before anything moves.
pub(super) fn look(relaunch: &Relaunch) -> Gate {
    let reach = if relaunch.launch.egress.cidrs.is_empty() {
        "It reaches nothing"
    } else {
        "It reaches nothing but the endpoints for Session Manager"
    };
    let mut lines = vec![
        "Look at the instance that was launched.".to_owned(),
        format!("{reach}; no group holds back the VPC's DNS, metadata and time services."),
    ];
    lines.extend(ways_in(relaunch));
    lines.push("Is it the system you want back?".to_owned());
    lines.extend(checklist(relaunch).into_iter().map(str::to_owned));
    lines.push(format!(
        "What it says while it boots: aws ec2 get-console-output {} --latest --output text --instance-id {NEW_INSTANCE}",
        place(relaunch)
    ));
    lines.push(next(relaunch).to_owned());
    with_check(lines)
}

/// Asks whether the application is healthy, after the traffic moved.
pub(super) fn healthy() -> Gate {
    with_check(vec![
        "Is the application healthy behind its old name, with the data you expect?".to_owned(),
        "Answer yes to finish. Otherwise roll back: traffic returns, the old instance starts, and the new one goes \
         back into its group and stays."
            .to_owned(),
        "Your yes counts while the instance is running with both status checks ok; otherwise you are asked again."
            .to_owned(),
    ])
}

fn with_check(instructions: Vec<String>) -> Gate {
    let check = InstanceIsHealthy {
        instance: Relaunch::new_instance(),
    };
    Gate::Person {
        instructions,
        check: Some(check.call()),
    }
}

fn ways_in(relaunch: &Relaunch) -> Vec<String> {
    let mut lines = Vec::new();
    let key = relaunch.launch.key_name.as_deref();
    for port in &relaunch.launch.ingress.ports {
        lines.push(match port {
            22 => {
                let key = key.map_or_else(String::new, |name| {
                    format!(" -i {}.pem", command::word(name, "KEY"))
                });
                format!("  ssh{key} USER@{NEW_ADDRESS}")
            }
            3389 => format!("  mstsc /v:{NEW_ADDRESS}"),
            other => format!("  nc -vz {NEW_ADDRESS} {other}"),
        });
    }
    if !relaunch.launch.egress.cidrs.is_empty() {
        lines.push(format!(
            "  aws ssm start-session {} --target {NEW_INSTANCE}",
            place(relaunch)
        ));
        if relaunch.launch.instance_profile.is_none() {
            lines.push("  Session Manager needs an instance profile, and it has none.".to_owned());
        }
    }
    lines.push(format!(
        "({NEW_ADDRESS} stands for the private address of the new instance, known once it is launched.)"
    ));
    lines.push(format!("({NEW_INSTANCE} stands for its id.)"));
    lines
}

/// Where a command has to go.
fn place(relaunch: &Relaunch) -> String {
    command::options(&relaunch.facts.place)
}

fn checklist(relaunch: &Relaunch) -> Vec<&'static str> {
    let mut lines = vec![
        "  - services are up, or fail only because they reach nothing",
        "  - the data is of the time you want",
        "  - what runs by itself (cron, queue consumers, agents) is stopped, or may run twice",
    ];
    if relaunch.facts.image.windows {
        lines.push("  - it has the computer name and SID of the old one: the domain takes only one of them");
    }
    if relaunch.launch.user_data.is_some() {
        lines.push("  - user data was given again: what it runs at the first boot has run");
    }
    lines
}

fn next(relaunch: &Relaunch) -> &'static str {
    match (
        relaunch.chosen.isolate_only,
        relaunch.chosen.mode,
        relaunch.chosen.order,
    ) {
        (true, _, _) => {
            "Answer when you have what you need. Nothing moves: it stays isolated, and is kept."
        }
        (false, Mode::StopFirst, _) => "Answer yes to move the traffic. The old one is stopped.",
        (false, Mode::SideBySide, Order::NoTwoWriters) => {
            "Answer yes to move the traffic: the old one is stopped first. Until then it serves."
        }
        (false, Mode::SideBySide, Order::NoGap) => {
            "Answer yes to move the traffic: both serve for a while, then the old one is stopped."
        }
    }
}
