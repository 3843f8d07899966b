//! Rhai's own limits: manners that give soft, placed errors. The wall is the sandbox around this module.

use crate::bytes::Bytes;
use crate::path::Misfit;
use rhai::Engine;

/// What the host asks for; zero switches a limit off.
#[derive(Clone)]
pub struct Limits {
    /// Kept by the world itself: native functions swallow the error of a comparer that was stopped.
    pub operations: u64,
    call_depth: usize,
    string_size: usize,
    array_size: usize,
    map_size: usize,
    expr_depth: usize,
    modules: usize,
    variables: usize,
    /// Bytes of what `print` and `debug` say.
    pub log_size: usize,
}

impl Limits {
    pub fn read(input: &mut Bytes) -> Result<Self, Misfit> {
        let mut size = || input.u32().map(|number| number as usize);
        let (call_depth, string_size, array_size, map_size) = (size()?, size()?, size()?, size()?);
        let (expr_depth, modules, variables, log_size) = (size()?, size()?, size()?, size()?);
        let operations = input.u64()?;
        Ok(Self {
            operations,
            call_depth,
            string_size,
            array_size,
            map_size,
            expr_depth,
            modules,
            variables,
            log_size,
        })
    }

    pub fn apply(&self, engine: &mut Engine) {
        engine
            .set_max_call_levels(if self.call_depth == 0 { usize::MAX } else { self.call_depth })
            .set_max_string_size(self.string_size)
            .set_max_array_size(self.array_size)
            .set_max_map_size(self.map_size)
            .set_max_expr_depths(self.expr_depth, self.expr_depth)
            .set_max_modules(self.modules)
            .set_max_variables(if self.variables == 0 { usize::MAX } else { self.variables });
    }
}
