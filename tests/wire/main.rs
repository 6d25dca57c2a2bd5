//! Wire tests: the real binary against a third-party AWS server that nobody here wrote.
//!
//! `server` starts that server (a Python one; it is installed once under `target/`), `account`,
//! `estate` and `world` seed and read it with the AWS SDK directly, `home` runs `defib` in a home
//! of its own, and `stage` puts them together. Each test has its own account, so they run in
//! parallel on one server. The other modules are the tests, one file per theme.

mod account;
mod dead_end;
mod durable;
mod estate;
mod full_disk;
mod home;
mod process;
mod reconcile;
mod refusal;
mod served;
mod server;
mod stage;
mod swap;
mod venv;
mod world;

#[path = "../ui/window.rs"]
#[expect(dead_code, reason = "journeys use more of a window")]
mod window;

#[path = "../hostile/strings.rs"]
mod strings;

mod backups;
mod bad_input;
mod bad_state;
mod consent;
mod console;
mod credentials;
mod details;
mod fill;
mod harness;
mod hostile;
mod identity;
mod judge;
mod kill;
mod line;
mod matrix;
mod mfa;
mod offline;
mod places;
mod points;
mod relaunch;
mod rollback;
mod seeded;
mod shell_export;
mod tables;
mod terminal;
mod volume_swap;
