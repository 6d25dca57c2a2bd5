//! Every action of the console, in one table: its name, its sentence, and where it applies.
//!
//! The parser of keymaps, the palette, the help and the table in the README are made from it. What an
//! action does is decided in `update`.

/// Where keys are pressed. A section of a keymap file each; the nearest one outranks the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Everywhere, unless a nearer context says otherwise.
    Global,
    /// Anything with a cursor: resources, points, runs.
    List,
    /// The timeline of one resource.
    Timeline,
    /// The form of a restore. Text fields take characters before the keymap does.
    Form,
    /// Checks and plan of a restore.
    Plan,
    /// One run.
    Run,
    /// The list of runs.
    Runs,
    /// Text to read: help, report, log, calls.
    Text,
}

impl Context {
    /// Every context, in the order in which a keymap file lists them.
    pub const ALL: [Self; 8] = [
        Self::Global,
        Self::List,
        Self::Timeline,
        Self::Form,
        Self::Plan,
        Self::Run,
        Self::Runs,
        Self::Text,
    ];

    /// Returns the name of its section.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::List => "list",
            Self::Timeline => "timeline",
            Self::Form => "form",
            Self::Plan => "plan",
            Self::Run => "run",
            Self::Runs => "runs",
            Self::Text => "text",
        }
    }
}

/// Declares the enum and its table together, so that neither can lack what the other has.
macro_rules! actions {
    ($($action:ident $name:literal $sentence:literal [$($context:ident)+];)+) => {
        /// Something a person can ask for by a key or by its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $(
                #[doc = $sentence]
                $action,
            )+
        }

        impl Action {
            /// Every action, in the order of the help.
            pub const ALL: &'static [Self] = &[$(Self::$action,)+];

            /// Returns its name in keymap files and in the palette.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$action => $name,)+ }
            }

            /// Returns what it does, as one sentence.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$action => $sentence,)+ }
            }

            /// Returns where it applies.
            #[must_use]
            pub const fn contexts(self) -> &'static [Context] {
                match self { $(Self::$action => &[$(Context::$context,)+],)+ }
            }
        }
    };
}

actions! {
    Incident "incident" "Sets the incident clock: when it went wrong." [Global];
    ViewResources "resources" "Shows every resource with its best recovery point." [Global];
    ViewSnapshots "snapshots" "Shows every recovery point." [Global];
    ViewAmis "amis" "Shows every Amazon Machine Image." [Global];
    ViewWindows "windows" "Shows every point-in-time window: back to any second of it." [Global];
    ViewVaults "vaults" "Shows every vault of AWS Backup." [Global];
    ViewRuns "runs" "Shows every run of this journal." [Global];
    Help "help" "Shows what every key does here." [Global];
    Palette "palette" "Runs any action by its name." [Global];
    Log "log" "Shows what happened, with the request ids of AWS." [Global Run];
    Back "back" "Clears the filter, or goes back; says so before what was typed is lost." [Global];
    Leave "leave" "Leaves this screen, and at the first screen defib; a run goes on." [Global];
    Quit "quit" "Leaves defib at once; a run goes on." [Global];
    Suspend "suspend" "Puts defib in the background of the shell." [Global];
    Redraw "redraw" "Draws the whole screen again." [Global];
    Copy "copy" "Copies the id under the cursor, and shows it." [Global];
    MoveDown "move-down" "Moves down." [List Plan Run Text];
    MoveUp "move-up" "Moves up." [List Plan Run Text];
    PageDown "page-down" "Moves a page down." [List Plan Run Text];
    PageUp "page-up" "Moves a page up." [List Plan Run Text];
    First "first" "Moves to the first line." [List Plan Run Text];
    Last "last" "Moves to the last line." [List Plan Run Text];
    Open "open" "Opens what is under the cursor." [List];
    Details "details" "Shows everything that is known of what is under the cursor." [List];
    Filter "filter" "Filters the list as you type." [List];
    Sort "sort" "Sorts by the next column." [List];
    SortReverse "sort-reverse" "Turns the order around." [List];
    Restore "restore" "Starts a restore from the point under the cursor." [List];
    Retry "retry" "Asks again for what failed." [List Text];
    Profiles "profiles" "Picks the profiles and Regions that are listed." [List];
    ZoomIn "zoom-in" "Shows a shorter time in more detail." [Timeline];
    ZoomOut "zoom-out" "Shows a longer time." [Timeline];
    ScrollLeft "scroll-left" "Moves the timeline to earlier." [Timeline];
    ScrollRight "scroll-right" "Moves the timeline to later." [Timeline];
    NextField "next-field" "Goes to the next field." [Form];
    PreviousField "previous-field" "Goes to the field before." [Form];
    NextValue "next-value" "Takes the next value of a field that has a choice." [Form];
    PreviousValue "previous-value" "Takes the value before." [Form];
    ClearField "clear-field" "Empties the field: back to what was proposed." [Form];
    Submit "submit" "Goes on to the next page." [Form Plan];
    Calls "calls" "Shows the AWS call of each step." [Plan Run];
    Export "export" "Writes what is shown to a file." [Plan Text];
    Answer "answer" "Answers the open gate, or opens the report of a run that is over." [Run];
    Decline "decline" "Leaves the asked step out, where the plan says that it may be." [Run];
    Pause "pause" "Sends nothing more for now." [Run];
    Resume "resume" "Goes on, and tries again what failed." [Run Runs];
    Abort "abort" "Finishes what is under way and goes no further." [Run];
    Undo "undo" "Rolls the run back, after a yes." [Run Runs];
    Report "report" "Opens the report of the run." [Run Runs];
    Instance "instance" "Looks at the run's instance now: checks, volumes, console output." [Run Runs];
    KillRunner "kill-runner" "Kills the runner of the demo, to see what happens." [Run];
}

impl Action {
    /// Finds an action by its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|action| action.name() == name)
    }
}
