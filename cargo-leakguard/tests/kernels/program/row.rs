//! Runs the forms of a kernel as a user's test does, and describes the kernel for the test that compares.

use crate::kernel::{Form, Kernel};
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;
use tokio::runtime::Builder;

/// When a form that hangs is left alone. The process ends with it.
const LIMIT: Duration = Duration::from_secs(8);

#[derive(Clone, Copy, Debug)]
pub enum Threads {
    One,
    Two,
}

pub struct Row;

/// Runs one form to its end, on a thread and a runtime of its own.
pub fn run(module: &str, form: Form, threads: Threads) {
    let name = format!("{module}::{}::{threads:?}", form.name);
    let (done, ended) = channel();
    let body = move || {
        let mut builder = match threads {
            Threads::One => Builder::new_current_thread(),
            Threads::Two => Builder::new_multi_thread(),
        };
        let runtime = builder.worker_threads(2).enable_all().build().unwrap();
        runtime.block_on((form.run)());
        drop(runtime);
        let _ = done.send(());
    };
    thread::Builder::new().name(name).spawn(body).unwrap();
    let _ = ended.recv_timeout(LIMIT);
}

/// Adds a line on the kernel to the file that was asked for.
pub fn describe(module: &str, file: &str, kernel: &Kernel) {
    let places = kernel.finds.iter().map(|p| {
        let code = p.code.unwrap_or("none");
        format!("{},{code},{},{},{}", p.mark, p.count, p.spawned, p.blocks)
    });
    let (places, silent) = (places.collect::<Vec<_>>(), kernel.silent.iter().map(|form| form.name));
    let line = [
        module.to_owned(),
        kernel.row.to_owned(),
        file.to_owned(),
        kernel.expected.0.to_owned(),
        format!("{:?}", kernel.expected.1),
        places.join(";"),
        silent.collect::<Vec<_>>().join(";"),
    ];
    let path = std::env::var("KERNELS").expect("the file of the descriptions");
    let mut all = OpenOptions::new().append(true).create(true).open(path).unwrap();
    all.write_all((line.join("\t") + "\n").as_bytes()).unwrap();
}

macro_rules! rows {
    ($($module:ident)*) => {
        mod test {
            $(mod $module {
                use super::super::$module::KERNEL;
                use crate::row::{Threads, describe, run};

                #[test]
                fn description() {
                    describe(stringify!($module), file!(), &KERNEL);
                }

                #[test]
                fn leaking_one() {
                    run(stringify!($module), KERNEL.leaking, Threads::One);
                }

                #[test]
                fn leaking_two() {
                    run(stringify!($module), KERNEL.leaking, Threads::Two);
                }

                #[test]
                fn silent_one() {
                    KERNEL.silent.iter().for_each(|form| run(stringify!($module), *form, Threads::One));
                }

                #[test]
                fn silent_two() {
                    KERNEL.silent.iter().for_each(|form| run(stringify!($module), *form, Threads::Two));
                }
            })*
        }
    };
}
pub(crate) use rows;

/// The kernels name it, and their rows are made by [`rows`].
macro_rules! row {
    () => {};
}
pub(crate) use row;
