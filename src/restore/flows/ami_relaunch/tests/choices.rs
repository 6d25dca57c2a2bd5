//! What the operator may say, and what is asked where nobody can tell.
//! Every refusal names the field that has to be corrected.

use super::fixtures::*;
use crate::domain::facts::Fact;
use crate::domain::form::ValueFrom;
use crate::restore::flow::{Flow, FlowError};

fn refused(facts: &super::super::RelaunchFacts, pairs: &[(&str, &str)]) -> String {
    let made = try_plan(facts, pairs);
    let Err(FlowError::Choice { field, .. }) = made else {
        panic!("{pairs:?} must be refused: {made:?}");
    };
    field
}

#[test]
fn a_choice_that_does_not_fit_is_named_by_its_field() {
    for (field, value) in [
        ("image", "snap-1"),
        ("mode", "sideways"),
        ("order", "both"),
        ("operator-cidr", ""),
        ("operator-cidr", "somewhere"),
        ("operator-cidr", "0.0.0.0/0"),
        ("operator-cidr", "10.0.0.0/33"),
        ("port", "0"),
        ("port", "ssh"),
        ("port", "70000"),
        ("user-data", "maybe"),
        ("instance-profile", "maybe"),
        ("move", "everything"),
        ("private-ip", "ten"),
        ("keep-until", "2020-01-01"),
        ("keep-until", "soon"),
    ] {
        if field == "image" {
            assert!(super::super::chosen::image_id(&choices(&[(field, value)])).is_err());
        } else {
            assert_eq!(refused(&facts(), &[(field, value)]), field, "{value}");
        }
    }
    assert_eq!(
        refused(&facts(), &[("mode", "stop-first"), ("order", "no-gap")]),
        "order"
    );
    let both = [("mode", "stop-first"), ("isolate-only", "")];
    assert_eq!(refused(&facts(), &both), "isolate-only");
}

#[test]
fn user_data_is_asked_for_where_there_is_any_or_nobody_knows() {
    let asked = |facts: &super::super::RelaunchFacts| {
        let mut choices = choices(&[]);
        choices.set_many("user-data", Vec::new());
        super::super::AmiRelaunch.plan(facts, &choices).is_err()
    };
    let mut known_none = facts();
    like(&mut known_none).user_data = known(None);
    assert!(!asked(&known_none));
    assert!(asked(&facts()));
    let mut unknown = facts();
    like(&mut unknown).user_data = Fact::Unknown("denied".into());
    assert!(asked(&unknown));
    assert_eq!(refused(&unknown, &[("user-data", "keep")]), "user-data");
    assert!(try_plan(&unknown, &[("user-data", "omit")]).is_ok());
}

#[test]
fn without_an_instance_to_be_like_type_and_subnet_are_asked_for() {
    assert_eq!(refused(&alone(), &[]), "instance-type");
    assert_eq!(
        refused(&alone(), &[("instance-type", "t3.large")]),
        "subnet"
    );
}

#[test]
fn a_subnet_that_is_not_there_makes_no_plan() {
    let mut facts = facts();
    facts.subnet = known(None);
    assert_eq!(refused(&facts, &[]), "subnet");
}

#[test]
fn the_table_says_of_every_field_where_it_comes_from() {
    let facts = facts();
    let form = super::super::AmiRelaunch.form(&facts, &choices(&[("port", "443")]));
    let line = |name: &str| {
        let mut fields = form.iter();
        let found = fields.find(|field| field.name == name).unwrap();
        (found.value.clone().unwrap_or_default(), found.from)
    };
    assert_eq!(
        line("instance-type"),
        ("m7i.large".into(), ValueFrom::AsBefore)
    );
    assert_eq!(line("port"), ("443".into(), ValueFrom::Yours));
    assert_eq!(line("mode"), ("side-by-side".into(), ValueFrom::Proposed));
    assert_eq!(line("private-ip").1, ValueFrom::AwsDefault);
    assert_eq!(line("user-data"), ("omit".into(), ValueFrom::Yours));
    assert_eq!(
        line("shutdown-behaviour"),
        ("stop".into(), ValueFrom::AsBefore)
    );
    assert_eq!(line("credits").1, ValueFrom::AwsDefault);
    let text = serde_json::to_string(&form).unwrap();
    assert!(!text.contains(DIGEST), "not even the digest is shown");
}

#[test]
fn what_is_still_asked_for_hides_nothing_else() {
    let asked = [("operator-cidr", ""), ("port", "ssh"), ("mode", "sideways")];
    let mut choices = choices(&asked);
    choices.set_many("operator-cidr", Vec::new());
    choices.set_many("user-data", Vec::new());
    let form = super::super::AmiRelaunch.form(&facts(), &choices);
    let line = |name: &str| {
        let mut fields = form.iter();
        let found = fields.find(|field| field.name == name).unwrap();
        (found.value.as_deref().unwrap_or("–"), found.from)
    };
    for name in ["operator-cidr", "user-data"] {
        assert_eq!(line(name), ("–", ValueFrom::Missing), "{name}");
    }
    assert_eq!(line("port"), ("ssh", ValueFrom::Yours));
    assert_eq!(line("mode"), ("sideways", ValueFrom::Yours));
    assert_eq!(line("order"), ("no-two-writers", ValueFrom::Proposed));
    assert_eq!(line("shutdown-behaviour"), ("stop", ValueFrom::AsBefore));
    let missing = form.iter().filter(|field| field.from == ValueFrom::Missing);
    assert_eq!(missing.count(), 2);
    assert!(!format!("{form:?}").contains("169.254"));
}

#[test]
fn the_question_for_user_data_says_what_is_known_of_it() {
    let why = |facts: &super::super::RelaunchFacts| {
        let mut choices = choices(&[]);
        choices.set_many("user-data", Vec::new());
        let made = super::super::AmiRelaunch.plan(facts, &choices);
        made.expect_err("it is asked for").to_string()
    };
    let there = why(&facts());
    assert!(there.contains("has user data:"), "{there}");
    let mut unknown = facts();
    like(&mut unknown).user_data = Fact::Unknown("denied".into());
    let unknown = why(&unknown);
    assert!(unknown.contains("may have user data"), "{unknown}");
}

#[test]
fn the_table_says_what_is_not_carried_over() {
    let mut facts = facts();
    like(&mut facts).configuration.capacity_target = Some("cr-1".into());
    like(&mut facts).interfaces[0].more_ips = vec!["10.0.0.7".into()];
    let form = super::super::AmiRelaunch.form(&facts, &choices(&[]));
    for (name, said) in [
        ("volume-tags", "not carried over: Name"),
        (
            "interface-tags",
            "those of the old one are not carried over",
        ),
        ("further-addresses", "1 are not carried over"),
        ("capacity-reservation", "cr-1 is not carried over"),
    ] {
        let line = form.iter().find(|field| field.name == name).unwrap();
        let value = line.value.as_deref().unwrap_or_default();
        assert!(value.contains(said), "{name}: {value}");
        assert_eq!(line.from, ValueFrom::Proposed, "{name}");
    }
}

#[test]
fn tags_are_those_of_the_image_where_the_old_one_is_gone() {
    let machine = [("instance-type", "t3.large"), ("subnet", "subnet-1")];
    let of_launch = |facts: &super::super::RelaunchFacts| {
        let plan = plan(facts, &machine);
        let launch = step(&plan, "launch").call.as_ref().unwrap();
        launch.input["tags"].to_string()
    };
    let mut alone = alone();
    alone.image.tags = tags(&[("Name", "web"), ("aws:x", "y")]);
    let own = of_launch(&alone);
    assert!(own.contains("web") && !own.contains("aws:"), "{own}");
    let mut sibling = facts();
    sibling.ways = None;
    let without = of_launch(&sibling);
    assert!(
        without.contains("it's") && !without.contains("web-1"),
        "{without}"
    );
    sibling.image.tags = tags(&[("Name", "web")]);
    assert!(of_launch(&sibling).contains("\"web\""));
    let form = super::super::AmiRelaunch.form(&sibling, &choices(&machine));
    let line = form.iter().find(|field| field.name == "tags").unwrap();
    assert_eq!(line.from, ValueFrom::Proposed);
}
