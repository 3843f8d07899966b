//! Rhai as a guest. Exports are bytes in, bytes out: `(address, length) -> address << 32 | length`.
//!
//! An answer is a head of 24 bytes (kind, flags, operations, length of the value, length of the talk) and
//! then the value and the talk as JSON. What a run leaves behind is undone by the host, which puts this
//! whole memory back before the next one; nothing here has to clean up after a script.

mod absent;
mod analysis;
mod bytes;
mod diagnose;
mod faults;
mod heap;
mod host;
mod json_in;
mod json_out;
mod limits;
mod memory;
mod names;
mod path;
mod python;
mod talk;
mod world;

use bytes::Bytes;
use heap::Heap;
use json_out::Writer;
use std::cell::UnsafeCell;
use world::{Fault, World};

#[global_allocator]
static HEAP: Heap = Heap;

/// The one world of this instance. A core module has one thread, and the host enters it one call at a time.
struct Only<T>(UnsafeCell<T>);

unsafe impl<T> Sync for Only<T> {}

static WORLD: Only<Option<World>> = Only(UnsafeCell::new(None));
static OUT: Only<Vec<u8>> = Only(UnsafeCell::new(Vec::new()));
/// Given back when a run has used up its memory: telling of it takes some.
static LAST_BREATH: Only<Vec<u8>> = Only(UnsafeCell::new(Vec::new()));
static PANIC: Only<String> = Only(UnsafeCell::new(String::new()));

const HEAD: usize = 24;
const BREATH: usize = 16 * 1024;
/// Freed again at once: ordinary calls find their memory here and never grow the module.
const SPARE: usize = 128 * 1024;

fn world() -> &'static mut World {
    unsafe { (*WORLD.0.get()).as_mut().expect("init was not called") }
}

#[no_mangle]
pub extern "C" fn init() {
    std::panic::set_hook(Box::new(|info| {
        let said = info.payload_as_str().unwrap_or("a panic");
        unsafe { *PANIC.0.get() = said.chars().take(200).collect() };
    }));
    unsafe { *WORLD.0.get() = Some(World::new()) };
    unsafe { *LAST_BREATH.0.get() = Vec::with_capacity(BREATH) };
    drop(std::hint::black_box(Vec::<u8>::with_capacity(SPARE)));
}

#[no_mangle]
pub extern "C" fn alloc(length: u32) -> u32 {
    memory::give(length)
}

#[no_mangle]
pub extern "C" fn equip(at: u32, length: u32) -> u64 {
    answered(at, length, |input, answer| {
        world().equip(input)?;
        answer.raw("null");
        Ok(())
    })
}

#[no_mangle]
pub extern "C" fn compile(at: u32, length: u32) -> u64 {
    answered(at, length, |input, answer| world().compile(input, answer))
}

#[no_mangle]
pub extern "C" fn evaluate(at: u32, length: u32) -> u64 {
    answered(at, length, |input, answer| world().evaluate(input, answer))
}

#[no_mangle]
pub extern "C" fn call(at: u32, length: u32) -> u64 {
    answered(at, length, |input, answer| {
        let mut written = None;
        world().call(input, &mut written)?;
        if let Some(written) = written {
            *answer = written;
        }
        Ok(())
    })
}

fn answered(at: u32, length: u32, work: impl FnOnce(&mut Bytes, &mut Writer) -> Result<(), Fault>) -> u64 {
    let mut input = Bytes::new(unsafe { memory::view(at, length) });
    let mut answer = Writer::new(false);
    let failed = work(&mut input, &mut answer).err();
    let kind = u32::from(failed.is_some());
    if let Some(fault) = failed {
        answer = Writer::new(false);
        write_fault(world().explained(fault), &mut answer);
    }
    let mut talk = Writer::new(false);
    world().talk.write(&mut talk);
    // What was said now is not said again by a request that is stopped before it begins.
    world().talk.begin(0);
    packed(kind, &answer, &talk)
}

fn write_fault(fault: Fault, into: &mut Writer) {
    match fault {
        Fault::Script(error) => faults::write(*error, into),
        Fault::Refused(refusal) => faults::write_refusal(&refusal, into),
        Fault::Misfit(direction, misfit) => faults::write_misfit(direction, &misfit, into),
    }
}

fn packed(kind: u32, answer: &Writer, talk: &Writer) -> u64 {
    let out = unsafe { &mut *OUT.0.get() };
    out.clear();
    out.reserve(HEAD + answer.out.len() + talk.out.len());
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&u32::from(answer.tagged).to_le_bytes());
    out.extend_from_slice(&world().operations().to_le_bytes());
    out.extend_from_slice(&(answer.out.len() as u32).to_le_bytes());
    out.extend_from_slice(&(talk.out.len() as u32).to_le_bytes());
    out.extend_from_slice(&answer.out);
    out.extend_from_slice(&talk.out);
    place_of(out)
}

fn place_of(bytes: &[u8]) -> u64 {
    (bytes.as_ptr() as u64) << 32 | bytes.len() as u64
}

/// Called by the host after a trap, in the instance that stopped: what is known of its end.
#[no_mangle]
pub extern "C" fn autopsy() -> u64 {
    unsafe { *LAST_BREATH.0.get() = Vec::new() };
    let mut answer = Writer::new(false);
    let step = diagnose::STEPS.last();
    answer.raw("{\"exhausted\":");
    answer.raw(if Heap::exhausted() { "true" } else { "false" });
    answer.raw(",\"panic\":");
    answer.text(unsafe { &*PANIC.0.get() });
    answer.raw(",\"line\":");
    answer.whole(step.place.line().map_or(0, |line| line as i64));
    answer.raw(",\"column\":");
    answer.whole(step.place.position().map_or(0, |column| column as i64));
    answer.raw(",\"function\":");
    answer.text(step.function.as_deref().unwrap_or(""));
    answer.raw(",\"source\":");
    answer.text(step.source.as_deref().unwrap_or(""));
    answer.raw("}");
    let mut talk = Writer::new(false);
    if !Heap::exhausted() {
        world().talk.write(&mut talk);
    }
    packed(2, &answer, &talk)
}
