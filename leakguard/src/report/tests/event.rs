//! What a `tracing` subscriber gets.

use super::*;
use crate::report::emit;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes each event down as `field=value;`.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<String>>);

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?};").unwrap();
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut text = self.0.lock().unwrap();
        write!(text, "{} {}: ", event.metadata().level(), event.metadata().target()).unwrap();
        event.record(&mut Fields(&mut text));
        text.push('\n');
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn a_subscriber_gets_one_event_for_each_finding() {
    let recorder = Recorder::default();
    let report = Report::new(vec![workers("src/pool.rs", 49)], 1);
    tracing::subscriber::with_default(recorder.clone(), || emit::send(&report));
    let text = recorder.0.lock().unwrap().clone();
    for part in [
        "ERROR leakguard: ",
        "code=LG002;",
        "function=\"process_records\";",
        "count=8;",
        &format!("spawn_line={};", SPAWN.location().line()),
        "wait_file=\"src/pool.rs\";",
        "wait_line=41;",
        "leak[LG002]: 8 tasks",
        "unseen=1;",
        // What follows the message does not stand in its last line.
        "\n;",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
