//! Calls inside other calls and tasks, which the judge of the inner scope has not probed.

use super::fixture::*;
use crate::fact::cause::Prospect;
use crate::fact::id::TaskId;
use crate::fact::kind::{Operation, ResourceKind, Side};
use crate::fact::subject::{CallProblem, Subject};
use crate::fact::task::TaskFacts;
use crate::judge::leak;
use crate::vocabulary::Cause;
use std::time::Duration;

/// The call of a scope, awaited by the call of a test.
fn inner(wakers: usize) -> TaskFacts {
    TaskFacts { id: TaskId::new(3).unwrap(), parent: TaskId::new(2), ..call(wakers) }
}

fn outer() -> TaskFacts {
    TaskFacts { id: TaskId::new(2).unwrap(), ..call(1) }
}

#[test]
fn call_inside_a_test_is_judged_as_alone() {
    let locks = || vec![mutex(3, &[3])];
    let alone = World::new(vec![inner(1)], locks());
    let nested = World::new(vec![inner(1)], locks()).within([outer()]);
    for world in [alone, nested] {
        assert_eq!(world.cycle(3), [3]);
        assert_eq!(world.blockage(3).cause, Some(Cause::HeldByItself));
    }
    let sender = || vec![endpoint(Side::Sender, 3)];
    let receives = || channel(ResourceKind::Mpsc, 3, sender(), wait(3, Operation::Receive));
    let nested = World::new(vec![inner(1)], vec![receives()]).within([outer()]);
    let blockage = nested.blockage(3);
    assert_eq!((blockage.prospect, blockage.own), (Prospect::NoKnownWaker, true));
}

#[test]
fn what_the_outer_call_holds_is_held_outside() {
    let world = World::new(vec![inner(1)], vec![mutex(2, &[3])]).within([outer()]);
    assert_eq!(world.blockage(3).cause, Some(Cause::HeldOutside));
    assert_eq!(world.cycle(3), []);
}

#[test]
fn probed_outer_call_stands_for_the_inner_one() {
    let mut world = World::new(vec![outer(), inner(1)], vec![mutex(2, &[3])]);
    world.scope.id = crate::fact::id::ScopeId(TaskId::new(2).unwrap());
    assert_eq!(world.cycle(3), [2]);
}

#[test]
fn late_call_ran_until_it_returned() {
    let world = World::new(vec![task(2, 1)], Vec::new());
    let finding = leak::late(&world.scope, at(500));
    let Subject::Call(call) = &finding.subject else { panic!("{finding:?}") };
    assert!(matches!(call.problem, CallProblem::Late(time) if time == Duration::from_millis(30)));
}
