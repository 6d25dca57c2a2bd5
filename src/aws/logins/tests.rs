//! Sessions: who is asked, how often, and what is handed over. The answers of STS come from a listener that is
//! no network at all.

use std::collections::VecDeque;
use std::sync::Mutex;

use aws_config::BehaviorVersion;
use aws_config::profile::ProfileFileLoadError;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::region::Region;

use super::*;
use crate::aws::role_chain::with_mfa;

const CONFIG: &str = "
[profile base]
aws_access_key_id = AKIABASE
aws_secret_access_key = base
[profile ops]
role_arn = arn:aws:iam::111122223333:role/ops
source_profile = base
mfa_serial = arn:aws:iam::111122223333:mfa/ada
duration_seconds = 900
[profile inner]
role_arn = arn:aws:iam::111122223333:role/inner
source_profile = ops
";

/// Gives these answers, and notes what it was asked.
#[derive(Default)]
struct Person {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<CodeWanted>>,
    again: bool,
}

#[async_trait]
impl AskForCode for Person {
    async fn ask(&self, wanted: &CodeWanted) -> Answer {
        self.asked.lock().unwrap().push(wanted.clone());
        // Others come to wait for the same answer.
        tokio::task::yield_now().await;
        let answer = self.answers.lock().unwrap().pop_front();
        answer.expect("an answer for every question")
    }

    fn asks_again(&self) -> bool {
        self.again
    }
}

fn person(again: bool, answers: &[Answer]) -> Arc<Person> {
    Arc::new(Person {
        answers: Mutex::new(answers.iter().cloned().collect()),
        again,
        ..Person::default()
    })
}

fn given(code: &str) -> Answer {
    Answer::Given(Code::new(code).unwrap())
}

/// An STS that refuses so many codes, and then gives a session of this length.
#[derive(Clone, Debug)]
struct Sts {
    refuses: Arc<Mutex<u32>>,
    seconds: i64,
    got: Arc<Mutex<Vec<String>>>,
}

impl Sts {
    fn new(refuses: u32, seconds: i64) -> Self {
        Self {
            refuses: Arc::new(Mutex::new(refuses)),
            seconds,
            got: Arc::default(),
        }
    }

    fn got(&self) -> Vec<String> {
        self.got.lock().unwrap().clone()
    }
}

impl HttpConnector for Sts {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        self.got
            .lock()
            .unwrap()
            .push(String::from_utf8_lossy(body).into_owned());
        let mut refuses = self.refuses.lock().unwrap();
        let (status, text) = if *refuses > 0 {
            *refuses -= 1;
            let message = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
            let error = format!("<Code>AccessDenied</Code><Message>{message}</Message>");
            (
                403,
                format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>"),
            )
        } else {
            let end = Clock::real().now() + SignedDuration::from_secs(self.seconds);
            let session = format!(
                "<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>hush</SecretAccessKey>\
                 <SessionToken>token</SessionToken><Expiration>{end}</Expiration></Credentials>"
            );
            let result = format!("<AssumeRoleResult>{session}</AssumeRoleResult>");
            (
                200,
                format!("<AssumeRoleResponse>{result}</AssumeRoleResponse>"),
            )
        };
        let status = u16::try_from(status).unwrap().try_into().unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(text))))
    }
}

impl HttpClient for Sts {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

async fn profiles() -> Result<ProfileSet, ProfileFileLoadError> {
    let files = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, CONFIG);
    aws_config::profile::load(
        &Fs::from_slice(&[]),
        &Env::from_slice(&[]),
        &files.build(),
        None,
    )
    .await
}

/// Logs a profile in.
async fn log_in(logins: &Logins, profile: &str, sts: &Sts) -> Result<Credentials, LoginError> {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .http_client(sts.clone())
        .build();
    let profiles = profiles().await.unwrap();
    let chain = with_mfa(&Files(&profiles), profile).unwrap().unwrap();
    logins
        .credentials(profile, &chain, &profiles, &config)
        .await
}

#[tokio::test]
async fn a_code_is_asked_for_once_and_sent_with_its_device() {
    let (person, sts) = (person(false, &[given("123456")]), Sts::new(0, 900));
    let logins = Logins::asking(person.clone());
    for _place in 0..3 {
        let session = log_in(&logins, "ops", &sts).await.unwrap();
        assert_eq!(session.access_key_id(), "ASIA");
    }
    let wanted = CodeWanted {
        profile: "ops".into(),
        serial: "arn:aws:iam::111122223333:mfa/ada".into(),
        refused: false,
    };
    assert_eq!(*person.asked.lock().unwrap(), [wanted]);
    let got = sts.got();
    assert_eq!(got.len(), 1, "{got:?}");
    for field in [
        "Action=AssumeRole",
        "TokenCode=123456",
        "SerialNumber=arn%3Aaws%3Aiam%3A%3A111122223333%3Amfa%2Fada",
        "DurationSeconds=900",
        "RoleSessionName=defib-",
    ] {
        assert!(got[0].contains(field), "{field} in {got:?}");
    }
}

#[tokio::test]
async fn places_that_wait_together_share_an_answer_and_a_no() {
    let sts = Sts::new(0, 900);
    for answer in [given("123456"), Answer::Declined] {
        let person = person(false, std::slice::from_ref(&answer));
        let logins = Logins::asking(person.clone());
        let three = [(); 3].map(|()| log_in(&logins, "ops", &sts));
        let outcomes = futures_util::future::join_all(three).await;
        for outcome in outcomes {
            let given = matches!(answer, Answer::Given(_));
            assert_eq!(outcome.is_ok(), given, "{outcome:?}");
            let no = matches!(outcome, Err(LoginError::NoCode { asked: true, .. }));
            assert_eq!(no, !given);
        }
        assert_eq!(person.asked.lock().unwrap().len(), 1);
    }
    assert_eq!(sts.got().len(), 1, "who declines has nothing sent");
}

#[tokio::test]
async fn a_no_counts_until_somebody_asks_again() {
    let (person, sts) = (
        person(false, &[Answer::Declined, given("123456")]),
        Sts::new(0, 900),
    );
    let logins = Logins::asking(person);
    assert!(log_in(&logins, "ops", &sts).await.is_err());
    assert!(log_in(&logins, "ops", &sts).await.is_ok());
}

#[tokio::test]
async fn a_refused_code_is_asked_for_again_where_a_person_stays_and_else_an_error() {
    for again in [true, false] {
        let answers = [given("111111"), given("222222")];
        let (person, sts) = (person(again, &answers), Sts::new(1, 900));
        let outcome = log_in(&Logins::asking(person.clone()), "ops", &sts).await;
        let asked = person.asked.lock().unwrap();
        let refused: Vec<bool> = asked.iter().map(|wanted| wanted.refused).collect();
        if again {
            assert!(outcome.is_ok(), "{outcome:?}");
            assert_eq!(refused, [false, true]);
        } else {
            let error = outcome.unwrap_err();
            assert!(matches!(error, LoginError::WrongCode { .. }), "{error:?}");
            assert!(error.to_string().contains("was refused"), "{error}");
            assert_eq!((refused, sts.got().len()), (vec![false], 1));
        }
        for text in sts.got() {
            assert_eq!(text.matches("TokenCode").count(), 1);
        }
    }
}

#[tokio::test]
async fn a_role_behind_one_that_asks_for_a_code_is_assumed_with_its_session() {
    let (person, sts) = (person(false, &[given("123456")]), Sts::new(0, 900));
    log_in(&Logins::asking(person), "inner", &sts)
        .await
        .unwrap();
    let got = sts.got();
    let roles: Vec<bool> = got
        .iter()
        .map(|body| body.contains("role%2Finner"))
        .collect();
    assert_eq!(roles, [false, true]);
    assert!(got[0].contains("TokenCode") && !got[1].contains("TokenCode"));
}

#[tokio::test]
async fn a_session_that_is_over_is_asked_for_anew() {
    let answers = [given("111111"), given("222222")];
    let (person, sts) = (person(false, &answers), Sts::new(0, 30));
    let logins = Logins::asking(person.clone());
    for _time in 0..2 {
        log_in(&logins, "ops", &sts).await.unwrap();
    }
    assert_eq!(person.asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn who_asks_nobody_uses_the_sessions_that_there_are_and_sends_nothing_else() {
    let (person, sts) = (person(false, &[given("123456")]), Sts::new(0, 900));
    let logins = Logins::asking(person);
    let silent = logins.asking_nobody();
    let error = log_in(&silent, "ops", &sts).await.unwrap_err();
    assert!(
        matches!(error, LoginError::NoCode { asked: false, .. }),
        "{error:?}"
    );
    assert_eq!(sts.got().len(), 0);
    log_in(&logins, "ops", &sts).await.unwrap();
    assert!(log_in(&silent, "ops", &sts).await.is_ok());
}

#[test]
fn a_session_is_handed_over_whole_and_only_while_it_lasts() {
    let now = Clock::real().now();
    let session = |seconds: i64| Session {
        profile: "ops".into(),
        access_key_id: "ASIA".into(),
        secret_access_key: "hush".into(),
        token: Some("token".into()),
        ends_at: Some(now + SignedDuration::from_secs(seconds)),
    };
    let json = serde_json::to_string(&session(3600)).unwrap();
    let logins = Logins::holding(serde_json::from_str(&json).unwrap());
    let handed = logins.session("ops").expect("it lasts");
    assert_eq!(serde_json::to_string(&handed).unwrap(), json);
    assert!(logins.session("other").is_none());
    assert!(Logins::holding(session(30)).session("ops").is_none());
    let told = format!("{logins:?}");
    assert!(!told.contains("hush") && !told.contains("token"), "{told}");
}

#[test]
fn who_gives_up_a_session_keeps_the_one_that_has_come_since() {
    let logins = Logins::default();
    let session = |key: &str| Credentials::new(key, "secret", None, None, "test");
    logins.keep("ops", session("NEWER"));
    logins.forget("ops", "OLDER");
    let kept = logins.lasting("ops").expect("nobody gave it up");
    assert_eq!(kept.access_key_id(), "NEWER");
    logins.forget("ops", "NEWER");
    assert!(logins.lasting("ops").is_none());
}
