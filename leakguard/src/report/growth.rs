//! Live tasks of one spawn whose number only grows.

use crate::fact::finding::Finding;
use crate::fact::subject::GrowthSubject;
use crate::report::block::Block;
use crate::report::case::Case;
use crate::report::note::Note;
use crate::report::remedy::Remedy;
use crate::time::readable;

pub(crate) fn block(finding: &Finding, subject: &GrowthSubject, found: &[Finding]) -> Block {
    let case = Case {
        count: finding.count(),
        ..Case::new(finding, &subject.tasks.first, subject.condition)
    };
    Block {
        word: "growth",
        code: finding.code(),
        title: title(case, subject),
        marks: Block::one_mark(case.anchor(), case.label()),
        label_note: Some("now"),
        notes: notes(case, subject),
        help: limit_spawns(&Remedy::new(case, found)),
    }
}

fn title(case: Case<'_>, subject: &GrowthSubject) -> String {
    let shared = subject.tasks.iter().all(|t| t.name == case.task.name);
    let (before, window) = (subject.story.counts[0], readable(subject.story.window));
    format!("{} are alive, {before} a window of {window} ago", case.subject(shared))
}

fn notes(case: Case<'_>, subject: &GrowthSubject) -> Vec<Note> {
    let mut all = vec![case.spawned(subject.tasks.iter())];
    all.extend(case.through());
    let counts = subject.story.counts.iter();
    let counts: Vec<_> = counts.map(u64::to_string).collect();
    let site = case.task.site;
    let text = format!(
        "{}; {} spawned and {} ended since the program began",
        counts.join(", "),
        site.started(),
        site.ended()
    );
    all.push(("alive", vec![text]));
    all.extend(case.wait_notes());
    all.push(("verdict", vec![case.verdict()]));
    all
}

fn limit_spawns(remedy: &Remedy<'_>) -> String {
    let deadline = match remedy.knows_wait {
        true => format!("put a deadline around {}, or ", remedy.wait),
        false => String::new(),
    };
    format!(
        "{deadline}acquire a permit of a `Semaphore` before {}, so that no more tasks are spawned than can end",
        remedy.spawn
    )
}
