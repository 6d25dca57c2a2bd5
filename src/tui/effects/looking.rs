//! Reads how an instance is while somebody looks at it, by the viewer's own clients and never by a runner.
//!
//! What the calls tell goes to the screen alone: a console may tell secrets, so nothing of it is kept or logged here.

use crate::aws::connect::Clients;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::ids::{InstanceId, VolumeId};
use crate::domain::instance_now::Target;
use crate::report::Report;
use crate::restore::observations::{ec2_now, ec2_volume};
use crate::tui::msg::{Looked, Msg};

use super::Effects;

impl Effects {
    /// Begins to look at an instance.
    pub(super) fn look_now(self, number: u64, target: Target) {
        tokio::spawn(async move { Box::pin(self.look_at(number, &target)).await });
    }

    /// Reads everything side by side; what came of each call is told as soon as it is there.
    async fn look_at(&self, number: u64, target: &Target) {
        let clients = match self.clients(&target.place).await {
            Ok(clients) => clients,
            Err(report) => return self.looked(number, Looked::Unreached(report)).await,
        };
        let id = &target.instance;
        let checks = async {
            let told = ec2_now::checks(&clients, id).await;
            let told = told.map_err(|failure| refused(&failure, &clients));
            self.looked(number, Looked::Checks(told)).await;
        };
        let console = async {
            let told = ec2_now::console(&clients, id).await;
            let told = told.map_err(|failure| refused(&failure, &clients));
            self.looked(number, Looked::Console(told)).await;
        };
        tokio::join!(checks, self.volumes(number, &clients, id), console);
    }

    /// How far volumes are initialized is asked by their ids, so it comes second.
    async fn volumes(&self, number: u64, clients: &Clients, id: &InstanceId) {
        let told = ec2_volume::volumes_of(clients, id).await;
        let told = told.map_err(|failure| refused(&failure, clients));
        let ids: Option<Vec<VolumeId>> = told
            .as_ref()
            .ok()
            .map(|volumes| volumes.iter().map(|volume| volume.id.clone()).collect());
        self.looked(number, Looked::Volumes(told)).await;
        if let Some(ids) = ids {
            let told = ec2_now::initialization(clients, &ids).await;
            let told = told.map_err(|failure| refused(&failure, clients));
            self.looked(number, Looked::Initialization(told)).await;
        }
    }

    async fn looked(&self, number: u64, looked: Looked) {
        self.tell(Msg::Looked { number, looked }).await;
    }
}

/// Says why a read was not answered, in the words of a line: of what is denied, what to allow.
fn refused(failure: &Failure, clients: &Clients) -> Report {
    let profile = clients.place.profile.as_deref();
    if failure.class == FailureClass::Denied {
        return Report::of_question(failure, profile);
    }
    Report::of_failure(failure, profile)
}
