//! Decides which part of an argument can be watched without a change of type. In doubt the argument stays as it is.

use syn::{Block, Expr, ExprClosure, ExprPath, Macro, Stmt, UnOp};

use super::borrowed::BorrowedVariables;
use crate::syntax::{bare, last_name, names_from_end};

/// The part of an argument that becomes watched.
pub(super) enum WatchedPart<'a> {
    None,
    /// A closure literal without parameters.
    Closure(&'a mut Expr),
    /// A value whose type decides.
    Value(&'a mut Expr),
}

/// The position of an argument. A value that is alone or last is most likely the task.
pub(super) struct ArgumentPosition {
    pub(super) alone: bool,
    pub(super) last: bool,
}

pub(super) fn part<'a>(
    expr: &'a mut Expr,
    borrowed: &BorrowedVariables,
    position: &ArgumentPosition,
) -> WatchedPart<'a> {
    if closure_within(expr) {
        return closure_part(expr);
    }
    if stays(expr, borrowed, position) { WatchedPart::None } else { WatchedPart::Value(expr) }
}

/// Whether it is a closure literal, or makes one.
pub(super) fn has_closure(expr: &Expr) -> bool {
    closure_within(expr) || loses_closure(expr)
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

fn closure_part(expr: &mut Expr) -> WatchedPart<'_> {
    match expr {
        Expr::Paren(paren) => closure_part(&mut paren.expr),
        Expr::Block(block) => match block.block.stmts.last_mut() {
            Some(Stmt::Expr(tail, None)) => closure_part(tail),
            _ => WatchedPart::None,
        },
        // The closure is wrapped inside its box: its expected type comes through the box.
        Expr::Call(call) => call.args.first_mut().map_or(WatchedPart::None, closure_part),
        Expr::Closure(closure) if is_job(closure) => WatchedPart::Closure(expr),
        _ => WatchedPart::None,
    }
}

/// It has no parameters and does not return a future: a closure that does is a factory, which may run more than once.
fn is_job(closure: &ExprClosure) -> bool {
    closure.inputs.is_empty()
        && closure.asyncness.is_none()
        && closure.constness.is_none()
        && closure.lifetimes.is_none()
        && closure.attrs.is_empty()
        && !returns_future(&closure.body)
}

fn returns_future(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Async(_) => true,
        Expr::Block(block) => tail(&block.block).is_some_and(returns_future),
        Expr::Call(call) => is_box(&call.func) && call.args.first().is_some_and(returns_future),
        Expr::MethodCall(call) => returns_future(&call.receiver),
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
    let mut names = names_from_end(&path.path);
    matches!(names.next().as_deref(), Some("new" | "pin" | "from"))
        && names.next().as_deref() == Some("Box")
}

fn stays(expr: &Expr, borrowed: &BorrowedVariables, position: &ArgumentPosition) -> bool {
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
        Expr::Path(path) => path_stays(path, borrowed, position),
        Expr::Field(field) => !position.alone || borrowed.borrows(&field.base),
        Expr::Index(_) => true,
        other => has_attributes(other) || loses_closure(other),
    }
}

/// A `&mut` variable would be moved instead of reborrowed. A variable of unknown type counts as `&mut` if it is not last.
fn path_stays(path: &ExprPath, borrowed: &BorrowedVariables, position: &ArgumentPosition) -> bool {
    let Some(name) = path.path.get_ident() else {
        return !path.attrs.is_empty();
    };
    name == "self" || borrowed.is_exclusive(name) || (borrowed.is_unknown(name) && !position.last)
}

fn diverges(mac: &Macro) -> bool {
    let name = last_name(&mac.path);
    matches!(name.as_deref(), Some("todo" | "panic" | "unreachable" | "unimplemented"))
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

/// A constructor passes the expected type to a closure inside it; a function has bounds of its own.
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
        Expr::Match(expr) => expr.arms.iter().any(|arm| loses_closure(&arm.body)),
        _ => false,
    }
}

fn is_constructor(function: &Expr) -> bool {
    let Expr::Path(path) = bare(function) else {
        return false;
    };
    // `Some(..)` and `Job(..)`, and also `Box::new(..)` and `Job::new(..)`.
    let mut names = names_from_end(&path.path).take(2);
    names.any(|name| name.starts_with(char::is_uppercase))
}
