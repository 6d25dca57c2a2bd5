//! The kinds of settings, by the words in which they can be left out.
//! Some stand for several settings of a table.

/// A kind of setting, which can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Kind {
    Recovery,
    Tags,
    DeletionProtection,
    Class,
    Capacity,
    AutoScaling,
    Policy,
    Stream,
    Kinesis,
    Insights,
    Triggers,
    Alarms,
    TimeToLive,
}

impl Kind {
    pub(in super::super) const ALL: [Self; 13] = [
        Self::Recovery,
        Self::Tags,
        Self::DeletionProtection,
        Self::Class,
        Self::Capacity,
        Self::AutoScaling,
        Self::Policy,
        Self::Stream,
        Self::Kinesis,
        Self::Insights,
        Self::Triggers,
        Self::Alarms,
        Self::TimeToLive,
    ];

    pub(in super::super) fn as_str(self) -> &'static str {
        match self {
            Self::Recovery => "recovery",
            Self::Tags => "tags",
            Self::DeletionProtection => "deletion-protection",
            Self::Class => "class",
            Self::Capacity => "capacity",
            Self::AutoScaling => "auto-scaling",
            Self::Policy => "policy",
            Self::Stream => "stream",
            Self::Kinesis => "kinesis",
            Self::Insights => "insights",
            Self::Triggers => "triggers",
            Self::Alarms => "alarms",
            Self::TimeToLive => "time-to-live",
        }
    }
}
