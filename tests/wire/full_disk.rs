//! A disk that can be filled and emptied again, for one folder and the programs started with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub struct FullDisk {
    folder: PathBuf,
    workshop: TempDir,
}

impl FullDisk {
    /// Prepares for files below `folder`; nothing is full yet.
    pub fn at(folder: &Path) -> Self {
        let workshop = tempfile::tempdir().expect("a temporary folder");
        preload(workshop.path(), "full_disk");
        Self {
            folder: folder.to_owned(),
            workshop,
        }
    }

    /// Puts a program, and all it starts, on this disk.
    pub fn under(&self, mut command: Command) -> Command {
        command
            .env("LD_PRELOAD", self.workshop.path().join("full_disk.so"))
            .env("FULL_DISK_BELOW", &self.folder)
            .env("FULL_DISK_WHILE", self.mark());
        command
    }

    pub fn fill(&self) {
        fs::write(self.mark(), "").expect("a mark");
    }

    pub fn empty(&self) {
        fs::remove_file(self.mark()).expect("it was full");
    }

    fn mark(&self) -> PathBuf {
        self.workshop.path().join("full")
    }
}

/// Makes `NAME.so` of `NAME.c` in a folder, for `LD_PRELOAD`, and returns its path.
pub fn preload(folder: &Path, name: &str) -> PathBuf {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire");
    let library = folder.join(name).with_extension("so");
    // The linker that made this test is the same program.
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(sources.join(name).with_extension("c"));
    let made = cc
        .status()
        .expect("the tests of disks need a C compiler as `cc`");
    assert!(made.success(), "{cc:?}");
    library
}
