//! The two tables: who may import whom, and where a library may be named.
//! A key is a module path; it speaks for that module's file and every file below it.

/// All rooms that another room can name.
pub const ROOMS: &[&str] = &[
    "domain", "clock", "config", "report", "aws", "sim", "journal", "catalog", "restore", "runner",
    "tui", "cli",
];

/// Who may import whom. A file may use its own room, and the sum of all lines whose key is a prefix of its module.
/// A target is a prefix too: `catalog::store` grants that module and nothing else of `catalog`.
pub const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("clock", &[]),
    ("config", &["clock", "domain"]),
    ("report", ROOMS), // it knows the error type of every room
    ("aws", &["clock", "config", "domain"]),
    ("aws::connect", &["sim"]),
    ("sim", &["clock", "domain"]),
    ("journal", &["clock", "domain"]),
    ("journal::dynamodb", &["aws"]),
    ("catalog", &["aws", "clock", "domain"]),
    ("restore", &["aws", "clock", "domain", "journal"]),
    ("restore::operations::recorder", &["sim::cbor"]), // it reads and answers CBOR, as the simulation does
    (
        "runner",
        &[
            "aws", "clock", "config", "domain", "journal", "report", "restore",
        ],
    ),
    (
        "tui",
        &[
            "catalog::filter",
            "catalog::store",
            "clock",
            "config",
            "domain",
            "report",
        ],
    ),
    (
        "tui::effects",
        &["aws", "catalog", "journal", "restore", "runner"],
    ),
    ("cli", ROOMS),
    ("main", ROOMS),
];

/// Where a library may be named; libraries that are not listed may be named everywhere.
/// A trailing `*` stands for any ending.
pub const CONFINED: &[(&[&str], &[&str])] = &[
    (
        &["aws_*"],
        &[
            "aws",
            "catalog",
            "journal::dynamodb",
            "restore::observations",
            "restore::operations",
            "sim",
        ],
    ),
    (&["crossterm", "ratatui", "ratatui_*"], &["tui"]),
    (&["rusqlite", "libsqlite3_sys"], &["journal"]),
    (&["clap", "clap_*"], &["cli", "main"]),
];
