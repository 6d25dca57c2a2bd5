//! Which columns a list of points has, in their order, and how wide each is.
//! A column with a higher number goes first when it gets narrow; what those hold is told beside.

use crate::tui::widgets::windowed_table::Column;
use crate::tui::width::{Align, Cut};

use super::Kind;

/// What a column tells of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Its id.
    Id,
    /// The resource it is of.
    Of,
    /// The kind of its resource, or the service whose window it is.
    Kind,
    /// The instant of its data.
    From,
    /// The first second of a window.
    Earliest,
    /// The last second of a window.
    Latest,
    /// What is lost by going back to it, or its age.
    Lost,
    /// Its size.
    Size,
    /// Its state.
    State,
    /// Whether the source of a window is still there.
    Source,
    /// Who made it.
    Origin,
    /// What keeps it from being deleted beside the lock of its vault.
    Kept,
    /// Its name.
    Name,
    /// Its Region.
    Region,
    /// Its account.
    Account,
}

/// Returns what the columns of a list of points tell, in their order; of resources nothing.
pub(super) fn told(kind: Kind) -> &'static [Told] {
    use Told::{
        Account, Earliest, From, Id, Kept, Latest, Lost, Name, Of, Origin, Region, Size, Source,
        State,
    };
    match kind {
        Kind::Resources => &[],
        Kind::Snapshots => &[
            Id, Of, From, Lost, Size, State, Origin, Name, Region, Account,
        ],
        Kind::Amis => &[
            Id, Of, From, Lost, State, Name, Size, Origin, Region, Account,
        ],
        Kind::Windows => &[
            Of,
            Told::Kind,
            Earliest,
            Latest,
            Lost,
            Source,
            Region,
            Account,
            Name,
            Id,
        ],
        Kind::Vault(_) => &[Of, Told::Kind, Id, From, Lost, State, Size, Kept, Name],
    }
}

/// Returns the number of the column that tells something.
pub(super) fn at(kind: Kind, what: Told) -> Option<usize> {
    told(kind).iter().position(|one| *one == what)
}

/// Returns a column of a list of points.
pub(super) fn column(kind: Kind, what: Told, has_incident: bool) -> Column {
    let left = |title, widths, priority| text(title, Cut::End, widths, priority);
    match (what, kind) {
        (Told::Id, Kind::Amis) => text("AMI", Cut::Never, (13, 21), 0),
        (Told::Id, Kind::Windows) => text("ID", Cut::Middle, (13, 30), 8),
        (Told::Id, Kind::Vault(_)) => text("POINT", Cut::Never, (13, 36), 0),
        (Told::Id, _) => text("POINT", Cut::Never, (13, 22), 0),
        (Told::Of, Kind::Amis) => left("OF, OR NAME", (14, 30), 0),
        (Told::Of, Kind::Windows | Kind::Vault(_)) => left("RESOURCE", (16, 30), 0),
        (Told::Of, _) => left("OF", (16, 30), 0),
        (Told::Kind, Kind::Windows) => left("KIND", (8, 10), 2),
        (Told::Kind, _) => left("KIND", (9, 12), 5),
        (Told::From, _) => left("DATA FROM", (14, 14), 0),
        (Told::Earliest, _) => left("EARLIEST", (12, 14), 1),
        (Told::Latest, _) => left("LATEST", (14, 14), 0),
        (Told::Lost, _) => Column {
            align: Align::Right,
            ..left(lost(has_incident), (10, 11), 0)
        },
        (Told::Size, _) => Column {
            align: Align::Right,
            ..left("SIZE", (7, 9), 4)
        },
        (Told::State, Kind::Amis) => left("STATE", (11, 12), 1),
        (Told::State, _) => left("STATE", (9, 10), 2),
        (Told::Source, _) => left("SOURCE", (8, 12), 1),
        (Told::Origin, _) => left("ORIGIN", (8, 10), 5),
        (Told::Kept, _) => left("HELD BY", (10, 28), 3),
        (Told::Name, Kind::Amis) => left("NAME", (14, 40), 2),
        (Told::Name, Kind::Vault(_)) => left("NAME", (20, 30), 8),
        (Told::Name, _) => left("NAME", (10, 30), 6),
        (Told::Region, _) => left("REGION", (11, 14), 3),
        (Told::Account, _) => left("ACCOUNT", (12, 12), 7),
    }
}

/// Returns the title of the column that tells what is lost, or how old it is.
pub(super) fn lost(has_incident: bool) -> &'static str {
    if has_incident { "DATA LOST" } else { "AGE" }
}

/// Makes a column whose text begins at its left. Widths: the least, and that at which nothing usual is cut.
pub(super) const fn text(
    title: &'static str,
    cut: Cut,
    (min, wanted): (u16, u16),
    priority: u8,
) -> Column {
    Column {
        title,
        align: Align::Left,
        cut,
        min,
        wanted,
        flex: false,
        priority,
    }
}
