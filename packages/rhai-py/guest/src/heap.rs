//! The allocator, with a mark for the host: `unreachable` after a refused growth means "memory", not "bug".

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

static EXHAUSTED: AtomicBool = AtomicBool::new(false);

pub struct Heap;

impl Heap {
    pub fn exhausted() -> bool {
        EXHAUSTED.load(Ordering::Relaxed)
    }

    fn checked(pointer: *mut u8) -> *mut u8 {
        if pointer.is_null() {
            EXHAUSTED.store(true, Ordering::Relaxed);
        }
        pointer
    }
}

unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::checked(System.alloc(layout))
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::checked(System.alloc_zeroed(layout))
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::checked(System.realloc(pointer, layout, size))
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        System.dealloc(pointer, layout);
    }
}
