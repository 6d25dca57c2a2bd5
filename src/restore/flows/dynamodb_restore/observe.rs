//! Reads what a restore of a table needs to know, as much at once as can be.
//!
//! Backup and table lead; from there on everything is read side by side. Only what no plan can do without is an error;
//! the rest becomes a fact without a value.

use tokio::join;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::dynamodb::{Backup, Parameter, Table};
use crate::domain::facts::Fact;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::form::Choices;
use crate::domain::identity::Identities;
use crate::domain::place::Place;
use crate::domain::text::shown;
use crate::domain::trigger::Trigger;
use crate::restore::flow::FlowError;
use crate::restore::flows::command;
use crate::restore::observations::kms::{self, Key};
use crate::restore::observations::{
    alarms, dynamodb_backup, dynamodb_table, identities, observed, parameter, table_scaling,
    table_triggers,
};

use super::chosen::{self, Subject, TO_REGION, Way};
use super::facts::TableFacts;
use super::identity;
use super::preflight::remains;
use super::{saved, settings};

/// Reads the facts.
///
/// # Errors
/// [`FlowError`]: the backup, or the table whose window is meant, is not there or cannot be read.
pub(super) async fn observe(
    clients: &Clients,
    choices: &Choices,
    clock: &Clock,
) -> Result<TableFacts, FlowError> {
    let subject = chosen::subject(choices)?;
    let way = chosen::way(choices, &clients.place)?;
    // What is restored from is read where it is; what the new table meets, where that is to be.
    let (clients, there) = (&clients.in_region(&way.from), &clients.in_region(&way.to));
    let observed_at = clock.now();
    let (name, backup) = match subject {
        Subject::Table(name) => (name, None),
        Subject::Backup { arn, .. } => {
            let backup = backup(clients, &arn).await?;
            stays(&backup, &way)?;
            (backup.table.clone(), Some(backup))
        }
    };
    let (source, backups) = join!(
        dynamodb_table::table(clients, &name),
        dynamodb_backup::backups_of(clients, &name),
    );
    let source = source.map_err(FlowError::Read)?;
    let backups = observed(backups, clock);
    if source.is_none() && backup.is_none() {
        let what = format!(
            "there is no table {} in {}: {}",
            shown(&name),
            clients.place.region,
            remains(&backups)
        );
        return Err(FlowError::Missing { what });
    }
    let mut facts = TableFacts::of(clients, observed_at, name);
    facts.source = source;
    facts.backup = backup;
    facts.backups = backups;
    saved::given(clients, choices, &mut facts).await?;
    let (around, (), found) = {
        let mut led = facts.clone();
        led.led_to(&there.place);
        let name = facts.name.clone();
        join!(
            Box::pin(around(there, clock, &led, choices)),
            Box::pin(settings(clients, clock, &mut facts)),
            Box::pin(alarms::alarms(clients, &name)),
        )
    };
    let (target, rest) = around;
    facts.target = target.map_err(|failure| no_region(&failure, &there.place))?;
    (facts.parameter, facts.key, facts.identities) = rest;
    super::alarms::found(&mut facts, observed(found, clock));
    facts.led_to(&there.place);
    facts.taken = taken(there, clock, &facts, choices).await;
    Ok(facts)
}

/// AWS Backup restores where its vault is, and nowhere else.
fn stays(backup: &Backup, way: &Way) -> Result<(), FlowError> {
    if backup.kind != "AWS_BACKUP" || way.from == way.to {
        return Ok(());
    }
    let why = format!(
        "it is of AWS Backup, which restores in {} alone: copy it to a vault in {} first, and restore the copy",
        way.from, way.to
    );
    Err(chosen::choice("backup", why))
}

async fn backup(clients: &Clients, arn: &str) -> Result<Backup, FlowError> {
    let found = dynamodb_backup::backup(clients, arn).await;
    let found = found.map_err(FlowError::Read)?;
    found.ok_or_else(|| FlowError::Missing {
        what: format!(
            "there is no backup {} in {}",
            shown(arn),
            clients.place.region
        ),
    })
}

/// Reads every setting of the table, while it is there.
pub(super) async fn settings(clients: &Clients, clock: &Clock, facts: &mut TableFacts) {
    let Some(source) = facts.source.clone() else {
        return;
    };
    let (name, arn) = (source.name.as_str(), source.arn.as_str());
    let global = source.indexes.iter().filter(|index| !index.local);
    let indexes: Vec<String> = global.map(|index| index.name.clone()).collect();
    let (recovery, tags, ttl, policy, scaling, kinesis, insights, triggers) = join!(
        dynamodb_table::recovery(clients, name),
        dynamodb_table::tags(clients, arn),
        dynamodb_table::time_to_live(clients, name),
        dynamodb_table::policy(clients, arn),
        table_scaling::scaling(clients, name, &indexes),
        dynamodb_table::kinesis(clients, name),
        dynamodb_table::insights(clients, name, &indexes),
        triggers(clients, &source),
    );
    facts.recovery = observed(recovery, clock);
    facts.tags = observed(tags, clock);
    facts.ttl = observed(ttl, clock);
    facts.policy = observed(policy, clock);
    facts.scaling = observed(scaling, clock);
    facts.kinesis = observed(kinesis, clock);
    facts.insights = observed(insights, clock);
    facts.triggers = observed(triggers, clock);
}

/// Without a stream there is nothing to be read.
async fn triggers(clients: &Clients, source: &Table) -> Result<Vec<Trigger>, Failure> {
    let stream = source.stream_arn.as_ref();
    match stream.filter(|_| source.stream.is_some()) {
        Some(stream) => table_triggers::triggers(clients, stream).await,
        None => Ok(Vec::new()),
    }
}

/// What has the name of the new table; and the parameter, the key, and who is allowed what.
type Around = (
    Result<Fact<Option<Table>>, Failure>,
    (
        Option<Fact<Option<Parameter>>>,
        Option<Fact<Key>>,
        Fact<Identities>,
    ),
);

/// Another Region that does not answer, or takes keys for wrong that are right elsewhere, is none, or not enabled.
fn is_none_or_disabled(class: FailureClass) -> bool {
    class == FailureClass::Unanswered || class.wants_login()
}

fn no_region(failure: &Failure, there: &Place) -> FlowError {
    let profile = there.profile.as_deref();
    let profile = profile.map(|name| command::flag("--profile", name, "PROFILE"));
    let why = format!(
        "{} cannot be asked: {}; whether there is such a Region, and whether it is enabled, tells: aws ec2 \
         describe-regions --all-regions {}",
        there.region,
        failure.line(),
        profile.unwrap_or_default()
    );
    chosen::choice(TO_REGION, why.trim_end())
}

/// Reads what the new table meets. What does not fit is told by the plan.
async fn around(clients: &Clients, clock: &Clock, facts: &TableFacts, choices: &Choices) -> Around {
    let target = async {
        match target(facts, choices) {
            Some(name) => match dynamodb_table::table(clients, &name).await {
                Err(failure) if facts.from.is_some() && is_none_or_disabled(failure.class) => {
                    Err(failure)
                }
                read => Ok(observed(read, clock)),
            },
            None => Ok(Fact::Unknown("its name is not known yet".to_owned())),
        }
    };
    let pointer = async {
        let pointer = chosen::parameter(choices).ok().flatten()?;
        let arn = facts.old_arn();
        let found = parameter::parameter(clients, &pointer, &facts.name, &arn).await;
        Some(observed(found, clock))
    };
    let key = async {
        let key = key(facts, choices)?;
        Some(observed(kms::key(clients, &key).await, clock))
    };
    let policies = policies(clients, clock, facts, choices);
    let (target, pointer, key, policies) = join!(target, pointer, key, policies);
    (target, (pointer, key, policies))
}

/// Under the name that it had, nobody has to know another table.
async fn policies(
    clients: &Clients,
    clock: &Clock,
    facts: &TableFacts,
    choices: &Choices,
) -> Fact<Identities> {
    let Some(new) = target(facts, choices) else {
        return facts.identities.clone();
    };
    if facts.from.is_some() {
        return Fact::Unknown("policies are compared within one Region only".to_owned());
    }
    if new == facts.name {
        return Fact::Unknown("the new table has the name of the old one".to_owned());
    }
    let found = identities::identities(clients).await;
    let found = found.map(|found| identity::compared(&found, facts, &new));
    observed(found, clock)
}

/// Reads which of the names that copies of the alarms would get another alarm has.
async fn taken(
    clients: &Clients,
    clock: &Clock,
    facts: &TableFacts,
    choices: &Choices,
) -> Fact<Vec<String>> {
    let Some(new) = target(facts, choices) else {
        return Fact::Unknown("the name of the new table is not known yet".to_owned());
    };
    let copies = super::alarms::copies(facts, &new);
    let names: Vec<String> = copies.into_iter().map(|copy| copy.name).collect();
    let found = alarms::named(clients, &names).await;
    let names = found.map(|all| all.iter().map(|one| one.name().to_owned()).collect());
    observed(names, clock)
}

fn target(facts: &TableFacts, choices: &Choices) -> Option<String> {
    if let Some(name) = chosen::target(choices).ok()? {
        return Some(name);
    }
    let of_backup = facts.backup.as_ref().map(|backup| backup.taken_at);
    let asked = || chosen::instant(choices, facts.observed_at).ok().flatten();
    let at = of_backup.or_else(asked)?;
    Some(chosen::proposed(&facts.name, facts.source.is_none(), at))
}

/// The key that was chosen, or else the one that what is restored is encrypted with.
fn key(facts: &TableFacts, choices: &Choices) -> Option<String> {
    let chosen = choices.one("sse-key").map(str::trim);
    let chosen = chosen.filter(|key| !key.is_empty()).map(str::to_owned);
    if facts.from.is_some() {
        // A key is of one Region.
        return chosen;
    }
    chosen.or_else(|| settings::key(facts).map(str::to_owned))
}
