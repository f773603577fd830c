//! One call of a stack, as a report shows it; knows nothing of the calls around it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use backtrace::Symbol;

use super::name::Name;
use super::origin::FrameOrigin;
use super::source;

/// One function of a [`Stack`](super::Stack), and the place in it that was being executed.
///
/// Cheap to clone: the texts are shared with the process-wide cache.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    function: Arc<str>,
    file: Option<Arc<Path>>,
    line: Option<u32>,
    column: Option<u32>,
    origin: FrameOrigin,
}

impl Frame {
    pub(super) fn of(symbol: &Symbol) -> Self {
        let name = symbol.name().map(|name| format!("{name:#}"));
        let name = name.as_deref().unwrap_or("?");
        Self::new(name, symbol.filename(), symbol.lineno(), symbol.colno())
    }

    pub(super) fn new(
        symbol: &str,
        file: Option<&Path>,
        line: Option<u32>,
        column: Option<u32>,
    ) -> Self {
        let name = Name::new(symbol, file);
        Self {
            origin: FrameOrigin::of(&name, file),
            function: name.shown.into(),
            file: file.map(Arc::from),
            line,
            column,
        }
    }

    /// The function's path, such as `pool::worker`, without hash and generic arguments.
    ///
    /// The body of an async function bears the function's own name; a closure or async block inside a function adds
    /// `::{closure}`, except that the compiler's names do not tell an async function's body from the first such block
    /// of a plain function, which therefore shows as that function. With `debug = "line-tables-only"` paths are
    /// guessed from the file, and an async function is only `{async_fn}`.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// The source file: relative to the workspace (or to the current directory) if it lies in it, as `file!()` is.
    ///
    /// `None` if the program has no debug information for this function.
    pub fn file(&self) -> Option<&Path> {
        self.source().map(source::relative)
    }

    /// The source file as the compiler recorded it, mostly an absolute path, for those who want to open it.
    pub fn source(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The line in the file, counted from 1.
    pub fn line(&self) -> Option<u32> {
        self.line
    }

    /// The column in the line, counted from 1.
    pub fn column(&self) -> Option<u32> {
        self.column
    }

    /// Whose code this is.
    pub fn origin(&self) -> FrameOrigin {
        self.origin
    }

    /// Whether this frame tells nothing even to those who want to see the runtime.
    pub(super) fn is_glue(&self) -> bool {
        const GLUE: &[&str] = &["leakguard::", "core::", "std::", "alloc::"];
        let path = self.function.trim_start_matches(['<', '&']);
        self.origin == FrameOrigin::Runtime
            && (GLUE.iter().any(|glue| path.starts_with(glue)) || !path.contains("::"))
    }
}

/// `function file:line:column`, as far as known.
impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function)?;
        let Some(file) = self.file() else {
            return Ok(());
        };
        write!(f, " {}", file.display())?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        Ok(())
    }
}
