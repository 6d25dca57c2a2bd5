//! Policies as they are read out of answers of IAM, written here as it writes them.
//! What they mean is not looked at.

use aws_sdk_iam::types::{ManagedPolicyDetail, PolicyVersion};

use super::{decoded, identities, managed};
use crate::domain::identity::Owner;
use crate::restore::operations::recorder::{Recorder, context};

const CALL: &str = "GetAccountAuthorizationDetails";

const PAGE: &str = "<Q><IsTruncated>false</IsTruncated>\
    <UserDetailList><member><UserName>ada</UserName><UserPolicyList><member><PolicyName>own</PolicyName>\
    <PolicyDocument>%7B%22a%22%3A%22b%2Bc+d%C3%A9%22%7D</PolicyDocument></member></UserPolicyList>\
    <AttachedManagedPolicies><member><PolicyName>m</PolicyName><PolicyArn>arn:m</PolicyArn></member>\
    </AttachedManagedPolicies></member></UserDetailList>\
    <GroupDetailList><member><GroupName>ops</GroupName><GroupPolicyList><member><PolicyName>g</PolicyName>\
    <PolicyDocument>{}</PolicyDocument></member></GroupPolicyList></member></GroupDetailList>\
    <RoleDetailList><member><RoleName>api</RoleName><RolePolicyList><member><PolicyName>r</PolicyName>\
    <PolicyDocument>%7B%7D</PolicyDocument></member></RolePolicyList><PermissionsBoundary>\
    <PermissionsBoundaryArn>arn:m</PermissionsBoundaryArn></PermissionsBoundary></member></RoleDetailList>\
    <Policies><member><PolicyName>m</PolicyName><Arn>arn:m</Arn><PolicyVersionList>\
    <member><VersionId>v1</VersionId><IsDefaultVersion>false</IsDefaultVersion><Document>old</Document></member>\
    <member><VersionId>v2</VersionId><IsDefaultVersion>true</IsDefaultVersion><Document>%7B%22v%22%3A2%7D</Document>\
    </member></PolicyVersionList></member></Policies></Q>";

#[tokio::test]
async fn policies_are_read_with_their_owners_and_their_default_versions() {
    let recorder = Recorder::default().answers(CALL, PAGE);
    let cx = context(&recorder);
    let found = identities(&cx.clients).await.unwrap();
    let told: Vec<(&Owner, &str, &str)> = found
        .policies
        .iter()
        .map(|one| (&one.owner, one.name.raw(), one.document.raw()))
        .collect();
    let managed = Owner::Managed {
        arn: "arn:m".into(),
        versions: 2,
        attached: vec!["user ada".into(), "role api as its boundary".into()],
    };
    let wanted = [
        (&Owner::User("ada".into()), "own", "{\"a\":\"b+c+dé\"}"),
        (&Owner::Group("ops".into()), "g", "{}"),
        (&Owner::Role("api".into()), "r", "{}"),
        (&managed, "m", "{\"v\":2}"),
    ];
    assert_eq!(told, wanted);
    assert_eq!(found.cut, None);
    let sent = recorder.sent();
    let [only] = &sent[..] else {
        panic!("one page: {sent:?}");
    };
    for part in [
        "Filter.member.1=User",
        "Filter.member.2=Group",
        "Filter.member.3=Role",
        "Filter.member.4=LocalManagedPolicy",
        "MaxItems=1000",
    ] {
        assert!(only.body.contains(part), "{part} in {}", only.body);
    }
}

#[tokio::test]
async fn an_account_that_goes_on_and_on_is_read_so_far() {
    let more = PAGE.replace(
        "<IsTruncated>false</IsTruncated>",
        "<IsTruncated>true</IsTruncated><Marker>next</Marker>",
    );
    let recorder = Recorder::default().answers(CALL, &more);
    let cx = context(&recorder);
    let found = identities(&cx.clients).await.unwrap();
    assert_eq!(recorder.sent().len(), super::MOST_PAGES);
    assert!(recorder.sent()[1].body.contains("Marker=next"));
    assert_eq!(found.policies.len(), 4 * super::MOST_PAGES);
    let cut = found.cut.unwrap();
    assert!(
        cut.contains("20 pages") && cut.contains("80 policies"),
        "{cut}"
    );
}

#[tokio::test]
async fn what_is_denied_is_a_failure_by_the_name_of_its_action() {
    let recorder = Recorder::default().refuses(CALL, "AccessDenied");
    let cx = context(&recorder);
    let failed = identities(&cx.clients).await.unwrap_err();
    let line = failed.line();
    assert!(
        line.starts_with("iam:GetAccountAuthorizationDetails AccessDenied"),
        "{line}"
    );
}

#[test]
fn a_policy_has_the_name_that_its_arn_ends_with_and_one_version_that_holds() {
    let version = |holds| PolicyVersion::builder().is_default_version(holds).build();
    let policy = ManagedPolicyDetail::builder().arn("arn:aws:iam::111122223333:policy/team/read");
    let found = managed(&policy.clone().policy_version_list(version(true)).build());
    assert_eq!(found.unwrap().name.raw(), "read");
    assert_eq!(
        managed(&policy.policy_version_list(version(false)).build()),
        None
    );
}

#[test]
fn a_document_is_decoded_once_and_whatever_it_is() {
    for (coded, plain) in [
        ("%7B%22a%22%3A%22%2525%22%7D", "{\"a\":\"%25\"}"),
        ("{\"a\":\"%25\"}", "{\"a\":\"%25\"}"),
        ("%", "%"),
        ("%7", "%7"),
        ("%zz%7b", "%zz{"),
        ("%E6%97%A5", "日"),
        ("%+1", "%+1"),
        ("", ""),
    ] {
        assert_eq!(decoded(coded), plain, "{coded}");
    }
}
