//! The detail of a point as a whole frame, in both sizes: all of it known, while it is asked, denied, where nobody can be
//! asked, and with hostile strings. And the lists that show what was answered.

use crossterm::event::KeyCode;

use super::details::questions;
use super::fixtures::{denied, home, model, now, press, scanned, snapshot, vault, volume};
use super::looks::looks;
use super::model::Model;
use super::msg::{Msg, Scanned};
use super::screens::Screen;
use super::screenshots::drawn;
use super::update::update;
use crate::domain::architecture::Architecture;
use crate::domain::detail::{Answer, BackupPoint, FastRestore, Question, Sharing, TierStatus};
use crate::domain::recovery_point::{Origin, PointKind, RecoveryPoint, Tier};
use crate::domain::resource::ResourceKind;
use crate::report::Report;

/// Holds a frame of the model against its snapshot, in both sizes.
fn hold(name: &str, make: impl Fn(u16, u16) -> Model) {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let buffer = drawn(&mut make(columns, rows));
        insta::assert_snapshot!(format!("{name}_{columns}"), looks(&buffer));
    }
}

fn archived() -> RecoveryPoint {
    RecoveryPoint {
        tier: Tier::Archive,
        ..snapshot("snap-015aa0c7e1f94663c", "vol-0a5d3c9e71b2f4608", 90 * 1440)
    }
}

fn image() -> RecoveryPoint {
    RecoveryPoint {
        kind: PointKind::Ami,
        resource: Some((ResourceKind::Instance, "i-0c4e8f1a2b3d5e607".into())),
        name: Some("web golden 2025-11".into()),
        state: "available".into(),
        origin: Origin::ByHand,
        architecture: Some(Architecture::Arm),
        ..snapshot("ami-0f1e2d3c4b5a69788", "", 118 * 1440)
    }
}

fn stored() -> RecoveryPoint {
    let id = "7C41D0E2-3B5A-4F6E-9D10-2A8B7C6D5E4F";
    let id = format!("arn:aws:backup:eu-west-1:111122223333:recovery-point:{id}");
    RecoveryPoint {
        kind: PointKind::BackupPoint,
        resource: Some((ResourceKind::FileSystem, "fs-0a9b8c7d6e5f40312".into())),
        state: "COMPLETED".into(),
        origin: Origin::AwsBackup,
        vault: Some("acme-prod-locked".into()),
        tier: Tier::Archive,
        ..snapshot(&id, "", 9 * 1440)
    }
}

/// An estate of one point, in the list of points.
fn listed(point: RecoveryPoint, columns: u16, rows: u16) -> Model {
    let mut model = model(columns, rows);
    let resources = vec![volume("vol-0a5d3c9e71b2f4608", "orders-db-data")];
    let points = vec![point];
    scanned(&mut model, Scanned::Found { points, resources });
    scanned(&mut model, Scanned::Vaults(vec![vault("acme-prod-locked")]));
    press(&mut model, KeyCode::Char('2'));
    model
}

/// The detail of that point, about which everything was asked.
fn asked(point: RecoveryPoint, columns: u16, rows: u16) -> Model {
    let mut model = listed(point, columns, rows);
    press(&mut model, KeyCode::Char('d'));
    let all = all(&model);
    model.known.catalog.answers.asks(&home(), &all);
    model
}

fn all(model: &Model) -> Vec<Question> {
    match model.screens.last() {
        Some(Screen::Point(screen)) => questions(&screen.point, &model.known),
        other => panic!("{other:?}"),
    }
}

/// Answers everything that was asked.
fn told(mut model: Model, answer: impl Fn(&Question) -> Result<Answer, Report>) -> Model {
    let answered = |question: Question| {
        let answer = answer(&question);
        (question, answer)
    };
    let told = all(&model).into_iter().map(answered).collect();
    update(
        &mut model,
        Msg::PointsDescribed {
            place: home(),
            told,
        },
    );
    model
}

/// What the demo answers, or what somebody writes who means harm.
fn answer(question: &Question, hostile: Option<&str>) -> Answer {
    let or = |text: &str| hostile.unwrap_or(text).to_owned();
    let days = |days: i64| Some(now() + jiff::SignedDuration::from_hours(24 * days));
    match question {
        Question::FastRestores { .. } => Answer::FastRestores(vec![
            FastRestore {
                zone: or("eu-west-1a"),
                state: "enabled".into(),
            },
            FastRestore {
                zone: "eu-west-1b".into(),
                state: or("optimizing"),
            },
        ]),
        Question::TierStatus { .. } => Answer::TierStatus(Some(TierStatus {
            tier: Some(Tier::Archive),
            operation: Some("temporary-restore-in-progress".into()),
            message: hostile.map(str::to_owned),
            progress: Some(40),
            archived_at: days(-60),
            expires_at: days(7),
        })),
        Question::VolumePermission { .. } => Answer::Shared(Sharing {
            public: false,
            accounts: vec![or("777766665555"), "444455556666".into()],
            organizations: Vec::new(),
        }),
        Question::LaunchPermission { .. } => Answer::Shared(Sharing {
            public: true,
            accounts: vec!["444455556666".into()],
            organizations: vec![or(
                "arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5",
            )],
        }),
        Question::BackupPoint { .. } => Answer::BackupPoint(Box::new(BackupPoint {
            storage_class: Some("COLD".into()),
            cold_at: days(-1),
            delete_at: days(111),
            is_parent: false,
            parent: hostile.map(str::to_owned),
            index: Some("ACTIVE".into()),
            index_message: hostile.map(str::to_owned),
            vault_type: Some(or("BACKUP_VAULT")),
            status_message: hostile.map(str::to_owned),
            restored_at: days(-20),
        })),
    }
}

fn refused(question: &Question) -> Result<Answer, Report> {
    let call = match question {
        Question::FastRestores { .. } => "ec2:DescribeFastSnapshotRestores",
        Question::TierStatus { .. } => "ec2:DescribeSnapshotTierStatus",
        Question::VolumePermission { .. } => "ec2:DescribeSnapshotAttribute",
        Question::LaunchPermission { .. } => "ec2:DescribeImageAttribute",
        Question::BackupPoint { .. } => "backup:DescribeRecoveryPoint",
    };
    Err(Report::of_question(&denied(call), Some("acme-prod")))
}

#[test]
fn everything_that_was_answered_stands_in_the_detail() {
    for (name, point) in [
        ("point_snapshot", archived as fn() -> RecoveryPoint),
        ("point_image", image),
        ("point_stored", stored),
    ] {
        hold(name, |columns, rows| {
            let model = asked(point(), columns, rows);
            told(model, |question| Ok(answer(question, None)))
        });
    }
}

#[test]
fn what_is_being_asked_says_so_and_what_nobody_can_be_asked_is_not_known() {
    hold("point_asking", |columns, rows| {
        asked(archived(), columns, rows)
    });
    hold("point_unreached", |columns, rows| {
        let mut model = listed(archived(), columns, rows);
        model.known.catalog.places.clear();
        press(&mut model, KeyCode::Char('d'));
        model
    });
}

#[test]
fn what_was_denied_is_a_line_that_says_what_to_allow() {
    hold("point_denied", |columns, rows| {
        told(asked(archived(), columns, rows), refused)
    });
}

#[test]
fn hostile_answers_are_shown_in_their_harmless_form() {
    const HOSTILE: &str = "a\u{1b}[31mred\u{202e}txt\u{7}\nnew 表計算";
    for (name, point) in [
        ("point_hostile", archived as fn() -> RecoveryPoint),
        ("point_stored_hostile", stored),
    ] {
        hold(name, |columns, rows| {
            let model = asked(point(), columns, rows);
            told(model, |question| Ok(answer(question, Some(HOSTILE))))
        });
    }
}

#[test]
fn a_list_shows_how_far_a_snapshot_is_on_its_way_back() {
    hold("point_coming_back", |columns, rows| {
        let model = asked(archived(), columns, rows);
        let mut model = told(model, |question| Ok(answer(question, None)));
        press(&mut model, KeyCode::Esc);
        model
    });
}
