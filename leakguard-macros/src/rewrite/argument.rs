//! Decides which part of an argument can be watched without a change of type; everything in doubt is left alone.

use syn::{Block, Expr, ExprClosure, ExprPath, Macro, Stmt, UnOp};

use super::bare;
use super::borrowed::Borrowed;

/// The part of an argument that is to be watched.
pub(super) enum Part<'a> {
    None,
    /// A closure literal without parameters.
    Closure(&'a mut Expr),
    /// A value whose type decides.
    Value(&'a mut Expr),
}

/// Where an argument stands. A value that is alone or last is most likely the task.
pub(super) struct Position {
    pub(super) alone: bool,
    pub(super) last: bool,
}

pub(super) fn part<'a>(expr: &'a mut Expr, borrowed: &Borrowed, position: &Position) -> Part<'a> {
    if closure_within(expr) {
        return closure_part(expr);
    }
    if leave(expr, borrowed, position) {
        Part::None
    } else {
        Part::Value(expr)
    }
}

/// A closure literal, also at the end of a block or inside `Box::new(..)`.
fn closure_within(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Closure(_) => true,
        Expr::Block(block) if block.attrs.is_empty() => {
            tail(&block.block).is_some_and(closure_within)
        }
        Expr::Call(call) => {
            is_box(&call.func) && call.args.len() == 1 && closure_within(&call.args[0])
        }
        _ => false,
    }
}

fn closure_part(expr: &mut Expr) -> Part<'_> {
    match expr {
        Expr::Paren(paren) => closure_part(&mut paren.expr),
        Expr::Group(group) => closure_part(&mut group.expr),
        Expr::Block(block) => match block.block.stmts.last_mut() {
            Some(Stmt::Expr(tail, None)) => closure_part(tail),
            _ => Part::None,
        },
        // The closure is wrapped inside its box: its expected type comes through the box.
        Expr::Call(call) => call.args.first_mut().map_or(Part::None, closure_part),
        Expr::Closure(closure) if is_job(closure) => Part::Closure(expr),
        _ => Part::None,
    }
}

/// No parameters, and what it returns is not a future: that would make it a factory, which may run more than once.
fn is_job(closure: &ExprClosure) -> bool {
    closure.inputs.is_empty()
        && closure.asyncness.is_none()
        && closure.constness.is_none()
        && closure.lifetimes.is_none()
        && closure.attrs.is_empty()
        && !makes_future(&closure.body)
}

fn makes_future(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Async(_) => true,
        Expr::Block(block) => tail(&block.block).is_some_and(makes_future),
        Expr::Call(call) => is_box(&call.func) && call.args.first().is_some_and(makes_future),
        Expr::MethodCall(call) => makes_future(&call.receiver),
        _ => false,
    }
}

fn tail(block: &Block) -> Option<&Expr> {
    match block.stmts.last()? {
        Stmt::Expr(expr, None) => Some(expr),
        _ => None,
    }
}

fn is_box(function: &Expr) -> bool {
    let Expr::Path(path) = bare(function) else {
        return false;
    };
    let mut names = path
        .path
        .segments
        .iter()
        .rev()
        .map(|segment| segment.ident.to_string());
    matches!(names.next().as_deref(), Some("new" | "pin" | "from"))
        && names.next().as_deref() == Some("Box")
}

fn leave(expr: &Expr, borrowed: &Borrowed, position: &Position) -> bool {
    match bare(expr) {
        Expr::Lit(_)
        | Expr::Reference(_)
        | Expr::RawAddr(_)
        | Expr::Infer(_)
        | Expr::Verbatim(_) => true,
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) | Expr::Assign(_) | Expr::Let(_) => {
            true
        }
        Expr::Closure(_) => true,
        Expr::Unary(unary) => {
            matches!(unary.op, UnOp::Deref(_)) || matches!(*unary.expr, Expr::Lit(_))
        }
        Expr::Macro(expr) => diverges(&expr.mac),
        Expr::Path(path) => leave_path(path, borrowed, position),
        Expr::Field(field) => !position.alone || borrowed.owns(&field.base),
        Expr::Index(_) => true,
        other => has_attributes(other) || loses_closure(other),
    }
}

/// A `&mut` variable would be moved where it is reborrowed today; one of unknown type counts as such if it is not last.
fn leave_path(path: &ExprPath, borrowed: &Borrowed, position: &Position) -> bool {
    let Some(name) = path.path.get_ident() else {
        return !path.attrs.is_empty();
    };
    name == "self" || borrowed.exclusive(name) || (borrowed.unknown(name) && !position.last)
}

fn diverges(mac: &Macro) -> bool {
    let name = mac
        .path
        .segments
        .last()
        .map(|segment| segment.ident.to_string());
    matches!(
        name.as_deref(),
        Some("todo" | "panic" | "unreachable" | "unimplemented")
    )
}

fn has_attributes(expr: &Expr) -> bool {
    let attributes = match expr {
        Expr::Async(expr) => &expr.attrs,
        Expr::Block(expr) => &expr.attrs,
        Expr::Call(expr) => &expr.attrs,
        Expr::MethodCall(expr) => &expr.attrs,
        Expr::If(expr) => &expr.attrs,
        Expr::Match(expr) => &expr.attrs,
        _ => return false,
    };
    !attributes.is_empty()
}

/// A constructor hands the expected type on to a closure inside it; a function has bounds of its own.
fn loses_closure(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Closure(_) => true,
        Expr::Call(call) => is_constructor(&call.func) && call.args.iter().any(loses_closure),
        Expr::Tuple(tuple) => tuple.elems.iter().any(loses_closure),
        Expr::Array(array) => array.elems.iter().any(loses_closure),
        Expr::Struct(expr) => expr.fields.iter().any(|field| loses_closure(&field.expr)),
        Expr::Block(block) => tail(&block.block).is_some_and(loses_closure),
        Expr::If(expr) => {
            expr.else_branch.is_some() && tail(&expr.then_branch).is_some_and(loses_closure)
        }
        Expr::Match(expr) => expr.arms.iter().any(|arm| loses_closure(arm_body(arm))),
        Expr::Cast(_) => false,
        _ => false,
    }
}

fn arm_body(arm: &syn::Arm) -> &Expr {
    &arm.body
}

fn is_constructor(function: &Expr) -> bool {
    let Expr::Path(path) = bare(function) else {
        return false;
    };
    let capital = |name: &str| name.starts_with(char::is_uppercase);
    // `Some(..)` and `Job(..)`, and also `Box::new(..)` and `Job::new(..)`.
    path.path
        .segments
        .iter()
        .rev()
        .take(2)
        .any(|segment| capital(&segment.ident.to_string()))
}
