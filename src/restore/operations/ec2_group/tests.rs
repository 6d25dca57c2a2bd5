//! What the operations on security groups make of what they find.
//! AWS answers by documents that are written here.

use serde_json::json;

use super::{AllowIngress, CreateGroup, Opening, RevokeEgress};
use crate::domain::failure::Effect;
use crate::domain::plan::Ref;
use crate::restore::operation::{AnyOperation, Probe};
use crate::restore::operations::recorder::{Recorder, context};

const GROUPS: &str = "DescribeSecurityGroups";
const RULES: &str = "DescribeSecurityGroupRules";

fn group(run: &str, vpc: &str) -> String {
    format!(
        "<R><securityGroupInfo><item><groupId>sg-1</groupId><vpcId>{vpc}</vpcId><tagSet>\
         <item><key>defib:run</key><value>{run}</value></item>\
         <item><key>defib:step</key><value>the-step</value></item></tagSet></item>\
         </securityGroupInfo></R>"
    )
}

fn rule(id: &str, egress: bool, protocol: &str, port: i32, cidr: &str) -> String {
    let cidr = if cidr.contains(':') {
        format!("<cidrIpv6>{cidr}</cidrIpv6>")
    } else {
        format!("<cidrIpv4>{cidr}</cidrIpv4>")
    };
    format!(
        "<item><securityGroupRuleId>{id}</securityGroupRuleId><isEgress>{egress}</isEgress>\
         <ipProtocol>{protocol}</ipProtocol><fromPort>{port}</fromPort><toPort>{port}</toPort>\
         {cidr}</item>"
    )
}

fn rules(all: &[String]) -> String {
    let all = all.concat();
    format!("<R><securityGroupRuleSet>{all}</securityGroupRuleSet></R>")
}

fn defaults() -> Vec<String> {
    vec![
        rule("sgr-4", true, "-1", -1, "0.0.0.0/0"),
        rule("sgr-6", true, "-1", -1, "::/0"),
    ]
}

fn create() -> CreateGroup {
    CreateGroup {
        vpc: "vpc-1".into(),
        description: "d".into(),
    }
}

#[tokio::test]
async fn a_group_of_ours_is_adopted_with_the_rules_it_came_with() {
    let recorder = Recorder::default()
        .answers(GROUPS, &group("01JD4Q00000000000000000000", "vpc-1"))
        .answers(RULES, &rules(&defaults()));
    let Probe::Present { output, .. } = recorder.probe(&create()).await else {
        panic!("it is there");
    };
    let wanted = json!({"group": "sg-1", "egress_rules": ["sgr-4", "sgr-6"]});
    assert_eq!(output, wanted);
    let asked = &recorder.sent()[0].body;
    assert!(
        asked.contains("defib-01jd4q00000000000000000000-the-step"),
        "{asked}"
    );
}

#[tokio::test]
async fn a_group_of_the_same_name_that_is_not_ours_is_a_conflict() {
    for found in [
        group("another", "vpc-1"),
        group("01JD4Q00000000000000000000", "vpc-2"),
    ] {
        let recorder = Recorder::default().answers(GROUPS, &found);
        let probe = recorder.probe(&create()).await;
        assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
    }
}

#[tokio::test]
async fn no_group_is_absent_and_a_taken_name_is_looked_for() {
    let recorder = Recorder::default().refuses("CreateSecurityGroup", "InvalidGroup.Duplicate");
    let probe = recorder.probe(&create()).await;
    assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
    let failure = AnyOperation::issue(&create(), &context(&recorder)).await;
    assert_eq!(failure.unwrap_err().effect, Effect::Unknown);
    let full = Recorder::default().refuses("CreateSecurityGroup", "SecurityGroupLimitExceeded");
    let failure = AnyOperation::issue(&create(), &context(&full)).await;
    assert_eq!(failure.unwrap_err().effect, Effect::None);
}

fn revoke() -> RevokeEgress {
    RevokeEgress {
        group: Ref::Known("sg-1".into()),
        rules: Ref::Known(vec!["sgr-4".into(), "sgr-6".into()]),
    }
}

#[tokio::test]
async fn egress_is_gone_only_when_no_rule_is_left() {
    let seen = |all: Vec<String>| async move {
        let recorder = Recorder::default().answers(RULES, &rules(&all));
        recorder.probe(&revoke()).await
    };
    let inward = rule("sgr-9", false, "tcp", 22, "198.51.100.7/32");
    assert!(matches!(
        seen(vec![inward.clone()]).await,
        Probe::Present { .. }
    ));
    assert!(matches!(seen(defaults()).await, Probe::Absent { .. }));
    let one = seen(vec![defaults()[1].clone(), inward]).await;
    assert!(matches!(one, Probe::InProgress { .. }), "{one:?}");
    let mut more = defaults();
    more.push(rule("sgr-7", true, "tcp", 443, "0.0.0.0/0"));
    let probe = seen(more).await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
}

#[tokio::test]
async fn ingress_is_exactly_what_is_wanted_or_a_conflict() {
    let allow = AllowIngress {
        group: Ref::Known("sg-1".into()),
        opening: Opening {
            cidrs: vec!["198.51.100.7/32".into(), "2001:DB8::7/128".into()],
            ports: vec![22],
        },
    };
    let four = rule("sgr-1", false, "tcp", 22, "198.51.100.7/32");
    let six = rule("sgr-2", false, "tcp", 22, "2001:db8::7/128");
    let seen = |all: Vec<String>| {
        let (allow, recorder) = (&allow, Recorder::default().answers(RULES, &rules(&all)));
        async move { recorder.probe(allow).await }
    };
    assert!(matches!(seen(vec![]).await, Probe::Absent { .. }));
    assert!(matches!(
        seen(vec![four.clone()]).await,
        Probe::InProgress { .. }
    ));
    let both = seen(vec![four.clone(), six.clone()]).await;
    assert!(matches!(both, Probe::Present { .. }), "{both:?}");
    let more = rule("sgr-3", false, "tcp", 80, "0.0.0.0/0");
    let probe = seen(vec![four, six, more]).await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
}

#[tokio::test]
async fn a_list_without_rules_is_no_proof_while_the_group_itself_shows_some() {
    let open = "<R><securityGroupInfo><item><groupId>sg-1</groupId><ipPermissionsEgress><item>\
                <ipProtocol>-1</ipProtocol><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>\
                </item></ipPermissionsEgress></item></securityGroupInfo></R>";
    let revoke = RevokeEgress {
        group: Ref::Known("sg-1".into()),
        rules: Ref::Known(vec!["sgr-4".into()]),
    };
    let seen = |listed: &[String]| {
        let recorder = Recorder::default()
            .answers(GROUPS, open)
            .answers(RULES, &rules(listed));
        let revoke = revoke.clone();
        async move { recorder.probe(&revoke).await }
    };
    let unlisted = seen(&[]).await;
    assert!(matches!(unlisted, Probe::InProgress { .. }), "{unlisted:?}");
    let listed = seen(&defaults()[..1]).await;
    assert!(matches!(listed, Probe::Absent { .. }), "{listed:?}");
}
