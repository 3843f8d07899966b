//! The place where a run was last seen: kept by the diagnosing build at every step and read after a trap.

use rhai::{ImmutableString, Position};
use std::cell::{Cell, RefCell};

/// The last step before the run ended.
pub struct LastStep {
    pub place: Position,
    pub function: Option<ImmutableString>,
    pub source: Option<ImmutableString>,
}

/// Single-threaded by construction: a core module has one thread.
///
/// The place is a cell of its own, and the names are touched only when they change: a run is most often
/// stopped in the middle of keeping its step, and what is being written then cannot be read.
pub struct Steps {
    place: Cell<Position>,
    names: RefCell<(Option<ImmutableString>, Option<ImmutableString>)>,
}

unsafe impl Sync for Steps {}

pub static STEPS: Steps = Steps { place: Cell::new(Position::NONE), names: RefCell::new((None, None)) };

impl Steps {
    pub fn last(&self) -> LastStep {
        let (function, source) = self.names.try_borrow().map(|names| names.clone()).unwrap_or_default();
        LastStep { place: self.place.get(), function, source }
    }

    /// The parser has come this far; only the diagnosing build keeps it.
    pub fn parsing(&self, place: Position) {
        if cfg!(feature = "diagnose") {
            self.place.set(place);
        }
    }

    pub fn forget(&self) {
        self.at(Position::NONE, None, None);
    }

    fn at(&self, place: Position, function: Option<&ImmutableString>, source: Option<&str>) {
        self.place.set(place);
        let known = self.names.try_borrow();
        if known.is_ok_and(|names| names.0.as_ref() == function && names.1.as_deref() == source) {
            return;
        }
        if let Ok(mut names) = self.names.try_borrow_mut() {
            *names = (function.cloned(), source.map(Into::into));
        }
    }
}

/// Watch every step of the engine; in the ordinary build there is nothing to watch.
#[cfg(feature = "diagnose")]
pub fn watch(engine: &mut rhai::Engine) {
    use rhai::debugger::{DebuggerCommand, DebuggerEvent};
    #[allow(deprecated)]
    engine.register_debugger(
        |_, debugger| debugger,
        |context, event, _, source, place| {
            let entering = !matches!(
                event,
                DebuggerEvent::End
                    | DebuggerEvent::FunctionExitWithValue(_)
                    | DebuggerEvent::FunctionExitWithError(_)
            );
            if entering && !place.is_none() {
                let frame = context.global_runtime_state().debugger().call_stack().last();
                STEPS.at(place, frame.map(|frame| &frame.fn_name), source);
            }
            Ok(DebuggerCommand::StepInto)
        },
    );
}

#[cfg(not(feature = "diagnose"))]
pub fn watch(_: &mut rhai::Engine) {}
