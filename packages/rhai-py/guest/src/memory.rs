//! Buffers that the host fills: `alloc` gives one away, `take_back` frees it.

/// A buffer of `length` bytes; it stays the host's until it is taken back.
pub fn give(length: u32) -> u32 {
    let buffer = vec![0u8; length as usize].into_boxed_slice();
    Box::into_raw(buffer) as *mut u8 as u32
}

/// Own the buffer again that `give` gave. The host answers only with what it got from there.
///
/// # Safety
/// `packed` must be an address and the whole length that `give` was asked for, used once.
pub unsafe fn take_back(packed: u64) -> Box<[u8]> {
    let (at, length) = ((packed >> 32) as usize, packed as u32 as usize);
    if length == 0 {
        return Box::default();
    }
    Box::from_raw(std::ptr::slice_from_raw_parts_mut(at as *mut u8, length))
}

/// See bytes that the host wrote.
///
/// # Safety
/// The host promises that it wrote `length` bytes at `at`.
pub unsafe fn view<'a>(at: u32, length: u32) -> &'a [u8] {
    if length == 0 {
        &[]
    } else {
        std::slice::from_raw_parts(at as *const u8, length as usize)
    }
}
