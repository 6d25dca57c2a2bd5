//! Every fault, seen through the SDK: what the caller gets and what the world became.
//!
//! Each test asks both sides: the error that the SDK made of it, and whether the effect is there.

use std::time::Duration;

use aws_sdk_ec2::config::timeout::TimeoutConfig;
use aws_sdk_ec2::error::SdkError;
use aws_sdk_ec2::operation::create_volume::{CreateVolumeError, CreateVolumeOutput};

use super::support::{ACCOUNT, Bench, REGION, code, filter, tag};
use crate::sim::{Fault, Lag, On, Refusal};

type Created = Result<CreateVolumeOutput, SdkError<CreateVolumeError>>;

async fn create(bench: &Bench) -> Created {
    create_with(&bench.ec2).await
}

async fn create_with(ec2: &aws_sdk_ec2::Client) -> Created {
    let create = ec2.create_volume().availability_zone("eu-west-1a");
    create.size(1).client_token("t").send().await
}

fn volumes(bench: &Bench) -> usize {
    let picture = bench.aws.picture();
    picture["111122223333/eu-west-1"]["volumes"]
        .as_object()
        .unwrap()
        .len()
}

/// One faulty creation: what the caller got, how many volumes there are, what the record says.
async fn meet(fault: Fault) -> (Created, usize, String) {
    let bench = Bench::scenario("empty");
    let id = bench
        .aws
        .faults()
        .inject(On::operation("CreateVolume"), fault);
    let created = create(&bench).await;
    assert_eq!(bench.aws.faults().fired(id), 1);
    let call = bench.aws.calls().pop().unwrap();
    assert_eq!(call.took_effect, volumes(&bench) == 1);
    (created, volumes(&bench), call.outcome)
}

#[tokio::test(start_paused = true)]
async fn refusals_on_the_wire_have_no_effect() {
    let other = Refusal::client("VolumeLimitExceeded", "too many");
    for (fault, expected, status) in [
        (Fault::Throttled, "RequestLimitExceeded", 503),
        (Fault::ServerErrorBeforeEffect, "Unavailable", 503),
        (Fault::ExpiredCredentials, "RequestExpired", 400),
        (Fault::Unauthorized, "UnauthorizedOperation", 403),
        (Fault::Refused(other), "VolumeLimitExceeded", 400),
    ] {
        let (created, volumes, outcome) = meet(fault).await;
        let error = created.unwrap_err();
        assert_eq!(error.raw_response().unwrap().status().as_u16(), status);
        assert_eq!(code::<(), _, _>(Err(error)), expected);
        assert_eq!((volumes, outcome.as_str()), (0, expected));
    }
}

#[tokio::test(start_paused = true)]
async fn a_503_after_the_effect_leaves_the_volume() {
    let (created, volumes, _) = meet(Fault::ServerErrorAfterEffect).await;
    assert_eq!((code(created).as_str(), volumes), ("Unavailable", 1));
}

#[tokio::test(start_paused = true)]
async fn broken_connections_are_dispatch_failures() {
    for (fault, effect, timeout) in [
        (Fault::NotConnected, 0, false),
        (Fault::ResetBeforeEffect, 0, false),
        (Fault::ResetAfterEffect, 1, false),
        (Fault::TimeoutBeforeEffect, 0, true),
        (Fault::TimeoutAfterEffect, 1, true),
    ] {
        let name = format!("{fault:?}");
        let (created, volumes, _) = meet(fault).await;
        let SdkError::DispatchFailure(failure) = created.unwrap_err() else {
            panic!("{name} is a dispatch failure");
        };
        assert_eq!(
            (failure.is_io(), failure.is_timeout()),
            (!timeout, timeout),
            "{name}"
        );
        assert_eq!(volumes, effect, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_body_hides_an_effect() {
    let (created, volumes, _) = meet(Fault::UnreadableBody).await;
    let error = created.unwrap_err();
    assert!(code::<(), _, _>(Err(error)) == "no code");
    assert_eq!(volumes, 1);
}

#[tokio::test(start_paused = true)]
async fn silence_lasts_until_the_caller_s_own_time_out() {
    for (fault, effect) in [
        (Fault::NeverAnswersBeforeEffect, 0),
        (Fault::NeverAnswersAfterEffect, 1),
    ] {
        let bench = Bench::scenario("empty");
        bench
            .aws
            .faults()
            .inject(On::operation("CreateVolume"), fault);
        let limit = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(30));
        let config = bench
            .ec2
            .config()
            .to_builder()
            .timeout_config(limit.build());
        let begun = bench.clock.now();
        let created = create_with(&aws_sdk_ec2::Client::from_conf(config.build())).await;
        assert!(
            matches!(created, Err(SdkError::TimeoutError(_))),
            "{created:?}"
        );
        assert_eq!(bench.clock.now().duration_since(begun).as_secs(), 30);
        assert_eq!(volumes(&bench), effect);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_time_out_silence_lasts_for_ever() {
    let bench = Bench::scenario("empty");
    bench
        .aws
        .faults()
        .inject(On::any(), Fault::NeverAnswersAfterEffect);
    let patience = tokio::time::timeout(Duration::from_mins(10), create(&bench));
    assert!(patience.await.is_err());
    assert_eq!(volumes(&bench), 1);
}

#[tokio::test(start_paused = true)]
async fn the_sdk_s_retries_survive_two_throttles_and_repeat_a_lost_effect() {
    let bench = Bench::scenario("empty");
    let faults = bench.aws.faults();
    faults.inject(On::operation("CreateVolume").times(2), Fault::Throttled);
    create_with(&bench.retrying()).await.unwrap();
    assert_eq!(bench.aws.calls().len(), 3);

    let bench = Bench::scenario("empty");
    let on = On::operation("CreateSnapshot");
    bench.aws.faults().inject(on, Fault::ResetAfterEffect);
    let volume = create(&bench).await.unwrap().volume_id.unwrap();
    bench.wait(15).await;
    let snapshot = bench.retrying().create_snapshot().volume_id(volume);
    snapshot.send().await.unwrap();
    let read = bench.ec2.describe_snapshots().send().await.unwrap();
    assert_eq!(
        read.snapshots().len(),
        2,
        "a resend without a token makes a second one"
    );
}

#[tokio::test(start_paused = true)]
async fn throttling_for_ever_never_relents() {
    let bench = Bench::scenario("empty");
    let on = On::mutations().for_ever();
    let id = bench.aws.faults().inject(on, Fault::Throttled);
    for _ in 0..5 {
        assert_eq!(code(create(&bench).await), "RequestLimitExceeded");
    }
    bench.ec2.describe_volumes().send().await.unwrap();
    assert_eq!(bench.aws.faults().lift(id), 5);
    create(&bench).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_fault_can_wait_for_the_nth_call_of_one_account() {
    let bench = Bench::scenario("empty");
    let faults = bench.aws.faults();
    let elsewhere = On::operation("DescribeVolumes").account("999999999999");
    let missed = faults.inject(elsewhere, Fault::Throttled);
    faults.inject(On::operation("DescribeVolumes").nth(3), Fault::Throttled);
    let mut outcomes = Vec::new();
    for _ in 0..4 {
        outcomes.push(bench.ec2.describe_volumes().send().await.is_ok());
    }
    assert_eq!(outcomes, [true, true, false, true]);
    assert_eq!(faults.fired(missed), 0);
}

#[tokio::test(start_paused = true)]
async fn rehearsals_meet_no_fault_unless_asked() {
    let bench = Bench::scenario("empty");
    let faults = bench.aws.faults();
    let id = faults.inject(On::operation("CreateVolume"), Fault::Throttled);
    let rehearse = || {
        let create = bench.ec2.create_volume().availability_zone("eu-west-1a");
        create.size(1).dry_run(true).send()
    };
    assert_eq!(code(rehearse().await), "DryRunOperation");
    assert_eq!(faults.fired(id), 0);
    faults.lift(id);
    let too = On::operation("CreateVolume").dry_runs_too();
    faults.inject(too, Fault::Throttled);
    assert_eq!(code(rehearse().await), "RequestLimitExceeded");
}

#[tokio::test(start_paused = true)]
async fn a_late_arrival_takes_effect_after_a_probe_said_absent() {
    let bench = Bench::scenario("empty");
    let late = Fault::LateArrival(Duration::from_secs(90));
    bench
        .aws
        .faults()
        .inject(On::operation("CreateVolume"), late);
    assert!(matches!(
        create(&bench).await,
        Err(SdkError::DispatchFailure(_))
    ));
    bench.wait(89).await;
    assert_eq!(volumes(&bench), 0);
    bench.wait(2).await;
    assert_eq!(volumes(&bench), 1);
    let call = &bench.aws.calls()[0];
    assert!(call.took_effect);
    let picture = bench.aws.picture();
    let made = picture["111122223333/eu-west-1"]["volumes"]
        .as_object()
        .unwrap();
    let created: jiff::Timestamp = made.values().next().unwrap()["created"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(created.duration_since(call.at).as_secs(), 90);
}

#[tokio::test(start_paused = true)]
async fn a_late_arrival_finds_that_its_token_was_used_again() {
    let bench = Bench::scenario("empty");
    let late = Fault::LateArrival(Duration::from_secs(90));
    bench
        .aws
        .faults()
        .inject(On::operation("CreateVolume"), late);
    create(&bench).await.unwrap_err();
    create(&bench).await.unwrap();
    bench.wait(91).await;
    assert_eq!(volumes(&bench), 1);
    assert!(!bench.aws.calls()[0].took_effect);
}

#[tokio::test(start_paused = true)]
async fn reads_by_id_may_not_know_a_new_volume_yet() {
    let bench = Bench::scenario("empty");
    bench.aws.faults().set_lag(Lag {
        unknown_reads: 2,
        ..Lag::default()
    });
    let id = create(&bench).await.unwrap().volume_id.unwrap();
    let read = || bench.ec2.describe_volumes().volume_ids(&id).send();
    assert_eq!(code(read().await), "InvalidVolume.NotFound");
    assert_eq!(code(read().await), "InvalidVolume.NotFound");
    read().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn listings_lag_by_reads_or_by_time() {
    let bench = Bench::scenario("empty");
    let listed = || async {
        let read = bench.ec2.describe_volumes().filters(filter("size", &["1"]));
        read.send().await.unwrap().volumes().len()
    };
    bench.aws.faults().set_lag(Lag {
        unlisted_reads: 1,
        ..Lag::default()
    });
    create(&bench).await.unwrap();
    assert_eq!((listed().await, listed().await), (0, 1));
    let minute = Duration::from_mins(1);
    bench.aws.faults().set_lag(Lag {
        unlisted_for: minute,
        ..Lag::default()
    });
    let create = bench.ec2.create_volume().availability_zone("eu-west-1a");
    create.size(1).send().await.unwrap();
    bench.wait(59).await;
    assert_eq!(listed().await, 1);
    bench.wait(2).await;
    assert_eq!(listed().await, 2);
}

#[tokio::test(start_paused = true)]
async fn somebody_else_edits_just_before_the_nth_call() {
    let bench = Bench::scenario("refusals");
    let (volume, twin) = (bench.id("plain-data"), bench.id("plain-data"));
    let edit = Fault::edit(move |hands| {
        hands.set_tag(&twin, "owner", Some("kim"));
        hands.set_key_state("alias/good", "Disabled");
    });
    bench
        .aws
        .faults()
        .inject(On::operation("DescribeVolumes").nth(2), edit);
    let owned = || async {
        let tags = bench.volume(&volume).await.tags.unwrap();
        tags.contains(&tag("owner", "kim"))
    };
    assert!(!owned().await);
    assert!(owned().await);
    let key = bench
        .kms
        .describe_key()
        .key_id("alias/good")
        .send()
        .await
        .unwrap();
    assert!(!key.key_metadata.unwrap().enabled);
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_panics_does_not_poison_the_world() {
    let bench = Bench::scenario("empty");
    let edit = Fault::edit(|_| panic!("a bug in a test"));
    bench.aws.faults().inject(On::any(), edit);
    let ec2 = bench.ec2.clone();
    let task = tokio::spawn(async move { ec2.describe_volumes().send().await.is_ok() });
    assert!(task.await.is_err());
    bench.ec2.describe_volumes().send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn hands_can_make_a_second_candidate() {
    let bench = Bench::scenario("refusals");
    let volume = bench.id("raid-data-0");
    let twin = bench
        .aws
        .third_party(ACCOUNT, REGION, |hands| hands.duplicate_volume(&volume))
        .unwrap();
    assert_eq!(bench.volume_state(&twin).await, "available");
    assert_eq!(
        bench.volume(&twin).await.tags,
        bench.volume(&volume).await.tags
    );
}

#[tokio::test(start_paused = true)]
async fn expiry_and_throttling_speak_each_service_s_language() {
    let bench = Bench::scenario("refusals");
    let on = |service| On::any().service(service);
    let faults = bench.aws.faults();
    faults.inject(on("KMS"), Fault::ExpiredCredentials);
    faults.inject(on("STS"), Fault::ExpiredCredentials);
    faults.inject(on("Auto Scaling"), Fault::Throttled);
    let key = bench.kms.describe_key().key_id("alias/good").send().await;
    assert_eq!(code(key), "ExpiredTokenException");
    let who = bench.sts.get_caller_identity().send().await;
    assert_eq!(code(who), "ExpiredToken");
    let groups = bench
        .autoscaling
        .describe_auto_scaling_instances()
        .send()
        .await;
    assert_eq!(code(groups), "Throttling");
}
