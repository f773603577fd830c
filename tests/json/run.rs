//! Runs a test of this binary as a child, and reads what it has written.

use serde_json::Value;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A directory that is removed at the end.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new(name: &str) -> Directory {
        let path = env::temp_dir().join(format!("leakguard-json-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Directory(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The files in it.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.0).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// The lines of its only file.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        let text = fs::read_to_string(&files[0]).unwrap();
        assert!(text.ends_with('\n'));
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Those of one type.
    pub(crate) fn of_type(&self, name: &str) -> Vec<Value> {
        let mut lines = self.lines();
        lines.retain(|line| line["type"] == name);
        lines
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A child that runs tests with these arguments, and has none of the variables of this process.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--ignored", "--exact"]).args(arguments);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    // On a loaded machine a printed backtrace takes long enough for another finding.
    command.env("RUST_BACKTRACE", "0");
    let ours = |name: &str| name.starts_with("LEAKGUARD") || name.starts_with("NEXTEST");
    for (name, _) in env::vars_os() {
        if ours(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs the child `name` with its findings in `directory`, and with `variables`.
pub(crate) fn run(directory: &Directory, name: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = command(&[&format!("child::{name}")]);
    command.env("LEAKGUARD_JSON", directory.path()).envs(variables.iter().copied());
    command.output().unwrap()
}

/// What the child `name` writes where nothing else is done.
pub(crate) fn written(name: &str) -> Directory {
    let directory = Directory::new(name);
    let output = run(&directory, name, &[("LEAKGUARD", "json")]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{name} fails:\n{text}");
    assert!(text.contains("1 passed"), "{name} is not run:\n{text}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{name}");
    directory
}
