//! Parameters of Systems Manager: read, and put over what is there.
//! There is no compare-and-set: whoever puts last has put.

use aws_sdk_ssm::types::ParameterType;

use super::support::{ACCOUNT, Bench, REGION, code};
use crate::sim::{Fault, On};

const NAME: &str = "/acme/shop/orders-table";

async fn told(bench: &Bench, name: &str) -> (String, i64) {
    let read = bench.ssm.get_parameter().name(name).send().await.unwrap();
    let parameter = read.parameter.unwrap();
    (parameter.value.unwrap(), parameter.version)
}

#[tokio::test(start_paused = true)]
async fn a_value_is_put_over_the_one_that_is_there() {
    let bench = Bench::prompt("table");
    assert_eq!(told(&bench, NAME).await, ("orders".to_owned(), 3));
    let put = || bench.ssm.put_parameter().name(NAME).value("orders-new");
    assert_eq!(code(put().send().await), "ParameterAlreadyExists");
    let answered = put().overwrite(true).send().await.unwrap();
    assert_eq!(answered.version(), 4);
    assert_eq!(told(&bench, NAME).await, ("orders-new".to_owned(), 4));
    let other = put().overwrite(true).r#type(ParameterType::StringList);
    assert_eq!(code(other.send().await), "HierarchyTypeMismatchException");
    bench.aws.third_party(ACCOUNT, REGION, |hands| {
        hands.set_parameter(NAME, "elsewhere");
    });
    assert_eq!(told(&bench, NAME).await, ("elsewhere".to_owned(), 5));
    let picture = bench.aws.picture();
    let pictured = &picture[format!("{ACCOUNT}/{REGION}")]["parameters"][NAME];
    let wanted = serde_json::json!({"type": "String", "value": "elsewhere"});
    assert_eq!(*pictured, wanted, "versions are no part of it");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_neither_read_nor_made() {
    let bench = Bench::prompt("table");
    let read = bench.ssm.get_parameter().name("/nothing").send().await;
    assert_eq!(code(read), "ParameterNotFound");
    let made = bench.ssm.put_parameter().name("/nothing").value("v");
    let made = made.overwrite(true).send().await;
    assert_eq!(code(made), "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_told_as_a_cipher_unless_it_is_asked_for() {
    let bench = Bench::prompt("table");
    let name = "/acme/shop/database-password";
    let cipher = told(&bench, name).await.0;
    assert_ne!(cipher, "not for you");
    let read = bench.ssm.get_parameter().name(name).with_decryption(true);
    let read = read.send().await.unwrap().parameter.unwrap();
    assert_eq!(read.value(), Some("not for you"));
}

#[tokio::test(start_paused = true)]
async fn what_is_denied_or_fails_says_so_as_the_service_does() {
    let bench = Bench::prompt("table");
    for (fault, wanted) in [
        (Fault::Throttled, "ThrottlingException"),
        (Fault::ExpiredCredentials, "ExpiredTokenException"),
        (Fault::Unauthorized, "AccessDeniedException"),
    ] {
        bench.aws.faults().inject(On::any().service("SSM"), fault);
        let refused = bench.ssm.get_parameter().name(NAME).send().await;
        assert_eq!(code(refused), wanted);
        assert_eq!(
            bench.aws.calls().pop().unwrap().action(),
            "ssm:GetParameter"
        );
    }
}
