//! Where a value stands inside the whole: `[0].points[3].x`. Built only while an error travels outwards.

use std::fmt::Write;

/// Why a value cannot cross, and the way to it from the outside in.
pub struct Misfit {
    pub why: String,
    path: String,
}

impl Misfit {
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), path: String::new() }
    }

    /// The value was the element `index` of an array.
    pub fn at_index(mut self, index: usize) -> Self {
        let mut step = String::new();
        let _ = write!(step, "[{index}]");
        self.path.insert_str(0, &step);
        self
    }

    /// The value was the property `key` of a map.
    pub fn at_key(mut self, key: &str) -> Self {
        let shown: String = key.chars().take(60).collect();
        let plain = !shown.is_empty() && shown.chars().all(|c| c.is_alphanumeric() || c == '_');
        let step = if plain { format!(".{shown}") } else { format!("[{shown:?}]") };
        self.path.insert_str(0, &step);
        self
    }

    pub fn path(&self) -> &str {
        &self.path
    }
}

/// How deep values may nest on their way in and out: Python's own JSON reader recurses, and so do drops.
pub const MAX_DEPTH: usize = 128;

pub fn too_deep() -> Misfit {
    Misfit::new(format!("nested deeper than {MAX_DEPTH} levels (or contains itself)"))
}
