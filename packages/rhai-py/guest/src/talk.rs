//! What scripts say through `print` and `debug`: kept up to a quota, then counted and dropped.

use crate::json_out::Writer;
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Default)]
struct Said {
    lines: Vec<(&'static str, String)>,
    bytes: usize,
    quota: usize,
    dropped: u32,
}

#[derive(Clone, Default)]
pub struct Talk(Rc<RefCell<Said>>);

impl Talk {
    pub fn begin(&self, quota: usize) {
        *self.0.borrow_mut() = Said { quota, ..Said::default() };
    }

    pub fn say(&self, kind: &'static str, text: &str) {
        // A trap in the middle of a line leaves the cell borrowed: the report then goes without.
        let Ok(mut said) = self.0.try_borrow_mut() else { return };
        // A line costs its bookkeeping too, or a million empty ones would be free.
        let cost = text.len() + 16;
        if said.dropped > 0 || said.bytes + cost > said.quota {
            said.dropped = said.dropped.saturating_add(1);
            return;
        }
        said.bytes += cost;
        said.lines.push((kind, text.to_owned()));
    }

    /// Write nothing when nothing was said: the common case costs nothing.
    pub fn write(&self, into: &mut Writer) {
        let Ok(said) = self.0.try_borrow() else { return };
        if said.lines.is_empty() && said.dropped == 0 {
            return;
        }
        into.raw("{\"dropped\":");
        into.whole(i64::from(said.dropped));
        into.raw(",\"lines\":[");
        for (index, (kind, text)) in said.lines.iter().enumerate() {
            into.raw(if index > 0 { ",[" } else { "[" });
            into.text(kind);
            into.raw(",");
            into.text(text);
            into.raw("]");
        }
        into.raw("]}");
    }
}
