//! Which endpoints of a VPC an isolated instance may reach, as they are found in the simulated AWS.
//! One of a queue is a way out like any other.

use defib::restore::flows::ami_relaunch::AmiRelaunch;

use crate::stage::Stage;

const WAYS: &str = include_str!("ways.toml");
const QUEUE: &str = "
[[place.interface]]
id = \"eni-0000000000000b00a\"
name = \"sqs\"
subnet = \"a\"
private_ip = \"10.50.1.201\"
groups = [\"gate\"]
endpoint = \"sqs\"
";

#[test]
fn only_endpoints_of_session_manager_are_let_through() {
    let before = "[[place.load-balancer]]";
    let text = WAYS.replacen(before, &format!("{QUEUE}\n{before}"), 1);
    assert!(text != WAYS, "the scenario has a load balancer");
    let mut stage = Stage::open_text(&text);
    let said = [
        ("image", "ami-0000000000000b001"),
        ("operator-cidr", "198.51.100.7"),
        ("user-data", "omit"),
        ("allow-endpoints", ""),
    ];
    let said = said.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let plan = stage.plan_by(&AmiRelaunch, &said).unwrap();
    let launch = plan.step(&"launch".into()).unwrap().call.as_ref();
    let egress = &launch.unwrap().input["egress"];
    let wanted = serde_json::json!({"cidrs": ["10.50.1.200/32"], "ports": [443]});
    assert_eq!(*egress, wanted);
}
