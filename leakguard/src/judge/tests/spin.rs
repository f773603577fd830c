//! Tasks that busy-loop on a closed channel, and tasks that only used one.

use super::fixture::*;
use crate::fact::id::{TaskId, TaskKind};
use crate::fact::kind::{ResourceKind, Side};
use crate::fact::resource::{Detail, EndpointFacts, ResourceFacts};
use crate::fact::subject::Subject;
use crate::fact::task::{ProbeOutcome, TaskFacts, TaskState};
use crate::judge::leak;
use crate::vocabulary::Code;

/// When the facts are judged, in milliseconds. The tasks of the fixture responded at 1,000.
const NOW: u64 = 1_010;

/// A task that responded and woke itself in that poll.
fn runs(id: u64) -> TaskFacts {
    let mut task = task(id, 1);
    if let ProbeOutcome::Pending(answer) = &mut task.answer {
        answer.woke_itself = 1;
    }
    task
}

/// A task that has been inside one poll for a second.
fn busy(id: u64) -> TaskFacts {
    TaskFacts {
        answer: ProbeOutcome::NoResponse,
        state: TaskState::Polling { since: at(10) },
        ..task(id, 0)
    }
}

/// An endpoint of `task` that was refused `times` times, the last time at `last`.
fn refused(side: Side, task: u64, times: u64, last: u64) -> EndpointFacts {
    EndpointFacts { refused: times, refused_at: at(last), ..endpoint(side, task) }
}

fn closed(kind: ResourceKind, endpoint: EndpointFacts) -> ResourceFacts {
    let waits = wait(0, crate::fact::kind::Operation::Receive);
    let mut closed = channel(kind, 0, Vec::new(), waits);
    closed.waits.clear();
    if let Detail::Channel(channel) = &mut closed.detail {
        channel.receivers.clear();
        match endpoint.side {
            Side::Sender => channel.senders.push(endpoint),
            _ => channel.receivers.push(endpoint),
        }
    }
    closed
}

/// The codes of the leaked tasks.
fn codes(tasks: Vec<TaskFacts>, resource: ResourceFacts) -> Vec<Code> {
    let world = World::new(tasks.clone(), vec![resource]);
    let leaks = world.judge(|graph| leak::leaks(&world.scope, &tasks, graph, at(NOW)));
    leaks.iter().map(|f| f.code()).collect()
}

fn code(task: TaskFacts, resource: ResourceFacts) -> Code {
    codes(vec![task], resource)[0]
}

#[test]
fn spin_needs_a_hundred_refusals_up_to_the_last_poll() {
    let mpsc = |times, last| closed(ResourceKind::Mpsc, refused(Side::Receiver, 2, times, last));
    assert_eq!(code(runs(2), mpsc(100, 1_005)), Code::SpinOnClosed);
    assert_eq!(code(runs(2), mpsc(99, 1_005)), Code::LeakedTask);
    // It yields and no longer uses the channel.
    assert_eq!(code(runs(2), mpsc(100, 900)), Code::LeakedTask);
}

#[test]
fn waiting_task_does_not_spin() {
    let mpsc = closed(ResourceKind::Mpsc, refused(Side::Receiver, 2, 5_000, 1_005));
    assert_eq!(code(task(2, 1), mpsc), Code::LeakedTask);
}

#[test]
fn spin_inside_one_poll_needs_a_recent_refusal() {
    let mpsc = |last| closed(ResourceKind::Mpsc, refused(Side::Receiver, 2, 5_000, last));
    assert_eq!(code(busy(2), mpsc(1_005)), Code::SpinOnClosed);
    // Its thread may have been descheduled for 200 ms, but not for longer.
    assert_eq!(code(busy(2), mpsc(800)), Code::SpinOnClosed);
    assert_eq!(code(busy(2), mpsc(500)), Code::BusyExecutor);
    let thread = |last| {
        let thread = TaskFacts { kind: TaskKind::Thread, ..busy(2) };
        code(thread, mpsc(last))
    };
    assert_eq!(thread(1_005), Code::SpinOnClosed);
    assert_eq!(thread(500), Code::LeakedThread);
}

/// An open channel from which the task has received.
fn served(by: u64) -> ResourceFacts {
    let receiver = EndpointFacts { refused: 0, ..endpoint(Side::Receiver, by) };
    let mut open = closed(ResourceKind::Mpsc, receiver);
    if let Detail::Channel(channel) = &mut open.detail {
        channel.received = 5;
    }
    open
}

#[test]
fn task_that_does_not_respond_and_may_serve_another_channel_does_not_spin() {
    let code = |last, by| {
        let mpsc = closed(ResourceKind::Mpsc, refused(Side::Receiver, 2, 5_000, last));
        let world = World::new(vec![busy(2)], vec![mpsc, served(by)]);
        let leaks = world.judge(|graph| leak::leaks(&world.scope, &[busy(2)], graph, at(NOW)));
        leaks[0].code()
    };
    assert_eq!(code(800, 2), Code::BusyExecutor, "nothing moved since the probe");
    assert_eq!(code(800, 3), Code::SpinOnClosed, "another task serves it");
    assert_eq!(code(1_010, 2), Code::SpinOnClosed, "it was refused since, and received nothing");
}

#[test]
fn sender_spins_only_if_no_receiver_can_be_created() {
    let sender = |kind| closed(kind, refused(Side::Sender, 2, 5_000, 1_005));
    assert_eq!(code(runs(2), sender(ResourceKind::Mpsc)), Code::SpinOnClosed);
    assert_eq!(code(runs(2), sender(ResourceKind::UnboundedMpsc)), Code::SpinOnClosed);
    assert_eq!(code(runs(2), sender(ResourceKind::Broadcast)), Code::LeakedTask);
    assert_eq!(code(runs(2), sender(ResourceKind::Watch)), Code::LeakedTask);
    let receiver = closed(ResourceKind::Watch, refused(Side::Receiver, 2, 5_000, 1_005));
    assert_eq!(code(runs(2), receiver), Code::SpinOnClosed);
}

#[test]
fn spin_is_attributed_to_the_task_that_used_the_channel() {
    let mpsc = closed(ResourceKind::Mpsc, refused(Side::Receiver, 3, 5_000, 1_005));
    assert_eq!(codes(vec![runs(2), runs(3)], mpsc), [Code::LeakedTask, Code::SpinOnClosed]);
}

#[test]
fn call_spins_if_a_call_inside_it_does() {
    let runs_as = |id, parent| TaskFacts { kind: TaskKind::Call, parent, ..runs(id) };
    let inner = runs_as(5, TaskId::new(1));
    let other = runs_as(6, TaskId::new(1));
    let overrun = |user| {
        let tasks = vec![runs_as(1, None), inner.clone(), other.clone()];
        let mpsc = closed(ResourceKind::Mpsc, refused(Side::Receiver, user, 5_000, 1_005));
        let world = World::new(tasks.clone(), vec![mpsc]);
        let finding = world.judge(|graph| leak::overrun(&world.scope, &tasks, graph, at(NOW)));
        finding.unwrap()
    };
    for user in [1, 5] {
        let finding = overrun(user);
        assert_eq!(finding.code(), Code::SpinOnClosed);
        assert!(matches!(finding.subject, Subject::Call(_)));
        assert_eq!(finding.cause(), None);
    }
    let call = |id| {
        let tasks = vec![runs_as(1, None), inner.clone(), other.clone()];
        let mpsc = closed(ResourceKind::Mpsc, refused(Side::Receiver, 5, 5_000, 1_005));
        let world = World::new(tasks.clone(), vec![mpsc]);
        let task = tasks.iter().find(|t| t.id.get() == id).unwrap().clone();
        world.judge(|graph| graph.spin(&task).is_some())
    };
    assert!(call(5) && !call(6));
}

#[test]
fn end_of_unseen_endpoints_is_not_reported() {
    let story = |outside| {
        let mut mpsc = closed(ResourceKind::Mpsc, refused(Side::Receiver, 2, 5_000, 1_005));
        mpsc.outside = outside;
        if let Detail::Channel(channel) = &mut mpsc.detail {
            channel.ended = Some(at(700));
            channel.gone.push(endpoint(Side::Sender, 1));
        }
        let world = World::new(vec![runs(2)], vec![mpsc]);
        let story = world.judge(|graph| graph.spin(&runs(2)));
        story.unwrap()
    };
    let (seen, unseen) = (story(false), story(true));
    assert_eq!((seen.ended, seen.is_gone), (Some(at(700)), true));
    assert!(seen.other.is_some());
    assert!(unseen.ended.is_none() && unseen.other.is_none() && unseen.is_gone);
}
