//! One frame of a stack, as a report shows it; knows nothing of the frames around it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::name::FunctionName;
use super::origin::FrameOrigin;
use super::source;

/// One function of a [`Stack`](super::Stack), and the line of it that was being executed.
///
/// Cloning is cheap: the texts are shared with the process-wide cache.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    function: Arc<str>,
    file: Option<Arc<Path>>,
    line: Option<u32>,
    column: Option<u32>,
    origin: FrameOrigin,
    is_guessed: bool,
}

impl Frame {
    pub(super) fn new(
        symbol: &str,
        file: Option<&Path>,
        line: Option<u32>,
        column: Option<u32>,
    ) -> Self {
        let name = FunctionName::new(symbol, file);
        Self {
            origin: FrameOrigin::of(&name, file),
            is_guessed: name.is_guessed,
            function: name.shown.into(),
            file: file.map(Arc::from),
            line,
            column,
        }
    }

    /// The function's path, such as `pool::worker`, without hash and generic arguments.
    ///
    /// The body of an async function has the function's own name. A closure or async block inside a function adds
    /// `::{closure}`, except that the compiler's names do not distinguish an async function's body from the first such
    /// block of a plain function, which is therefore shown as that function. With `debug = "line-tables-only"` the paths
    /// of functions that were inlined are guessed from the file, and an async function is only `{async_fn}`.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// The source file: relative to the workspace (or to the current directory) if it lies in it, as `file!()` is.
    ///
    /// `None` if the program has no debug information for this function.
    pub fn file(&self) -> Option<&Path> {
        self.source().map(source::relative)
    }

    /// The source file as the compiler recorded it, mostly an absolute path.
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

    /// The origin of its code.
    pub fn origin(&self) -> FrameOrigin {
        self.origin
    }

    /// Whether the build lacks the path of the function.
    pub(super) fn is_guessed(&self) -> bool {
        self.is_guessed
    }

    /// Whether this frame is of no interest even among the frames of the runtime.
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
