//! What the journal's own triggers forbid, done to its file all the same.

use std::path::Path;

use rusqlite::Connection;

/// Makes one event of the only run in a journal unreadable.
pub fn event(home: &Path, seq: u64) {
    let harm = Connection::open(home.join("journal.db")).unwrap();
    let triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'";
    let names: Vec<String> = {
        let mut read = harm.prepare(triggers).unwrap();
        let names = read.query_map([], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    };
    for name in names {
        harm.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    let write = format!("UPDATE events SET event = replace(event, '{{', '[') WHERE seq = {seq}");
    assert_eq!(harm.execute(&write, []).unwrap(), 1);
}
