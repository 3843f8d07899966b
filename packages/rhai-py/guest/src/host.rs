//! The one door outwards: functions of the host, seen by scripts as `module::name`.

use crate::bytes::Bytes;
use crate::faults::Refusal;
use crate::json_out::Writer;
use crate::path::Misfit;
use crate::python;
use rhai::{
    Dynamic, Engine, EvalAltResult, FuncRegistration, Map, Module, NativeCallContext, ParseErrorType,
    Position, RhaiFunc, Shared,
};
use std::any::TypeId;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

#[link(wasm_import_module = "env")]
extern "C" {
    /// Name and arguments in, the packed place of an answer out; the host makes room through `alloc`.
    fn host_call(at: u32, length: u32) -> u64;
}

/// A function the host offers, with the numbers of arguments that it takes.
pub struct Offer {
    pub module: String,
    pub name: String,
    pub arities: std::ops::RangeInclusive<usize>,
}

impl Offer {
    pub fn read(input: &mut Bytes) -> Result<Self, Misfit> {
        let (module, name) = (input.text()?.to_owned(), input.text()?.to_owned());
        let (least, most) = (usize::from(input.u16()?), usize::from(input.u16()?));
        Ok(Self { module, name, arities: least..=most })
    }
}

/// Whether calls may leave now; at compile time they may not.
#[derive(Default)]
struct State {
    open: Cell<bool>,
    calls: Cell<i64>,
    /// The first call that was refused: Rhai moves such an error to the place of the outermost call.
    refused: RefCell<Option<Refusal>>,
}

#[derive(Clone, Default)]
pub struct Door(Rc<State>);

impl Door {
    pub fn set_open(&self, open: bool) {
        self.0.open.set(open);
        self.0.calls.set(0);
        self.0.refused.take();
    }

    pub fn refused(&self) -> Option<Refusal> {
        self.0.refused.take()
    }

    /// Number the next call, as the host numbers it.
    fn next(&self) -> i64 {
        self.0.calls.replace(self.0.calls.get() + 1)
    }

    fn refuse(&self, name: &str, source: &str, place: Position) -> Box<EvalAltResult> {
        let why =
            format!("{name} is a function of the host: it cannot be called while the script is compiled");
        let refusal = Refusal { why, place, source: source.to_owned() };
        self.0.refused.borrow_mut().get_or_insert(refusal);
        // A syntax error cannot be caught by the script.
        EvalAltResult::ErrorParsing(ParseErrorType::UnexpectedEOF, place).into()
    }
}

/// Register the offers as static modules; answers the modules, so that `import` finds them too.
pub fn register(engine: &mut Engine, offers: &[Offer], door: &Door) -> Vec<(String, Module)> {
    let mut modules: BTreeMap<&str, Module> = BTreeMap::new();
    for offer in offers {
        let module = modules.entry(&offer.module).or_default();
        for arity in offer.arities.clone() {
            add(module, offer, arity, door);
        }
    }
    let mut named = Vec::new();
    for (name, module) in modules {
        engine.register_static_module(name, Shared::new(module.clone()));
        named.push((name.to_owned(), module));
    }
    named
}

fn add(module: &mut Module, offer: &Offer, arity: usize, door: &Door) {
    let name = format!("{}::{}", offer.module, offer.name);
    let door = door.clone();
    let bridge = move |context: Option<NativeCallContext>, args: &mut [&mut Dynamic]| {
        let place = context.as_ref().map_or(Position::NONE, NativeCallContext::call_position);
        if !door.0.open.get() {
            let source = context.as_ref().and_then(|context| context.global_runtime_state().source());
            return Err(door.refuse(&name, source.unwrap_or(""), place));
        }
        call(&name, args, place, &door)
    };
    let func =
        RhaiFunc::Pure { func: Shared::new(bridge), has_context: true, is_pure: false, is_volatile: true };
    FuncRegistration::new(&*offer.name).set_into_module_raw(
        module,
        vec![TypeId::of::<Dynamic>(); arity],
        func,
    );
}

fn call(
    name: &str,
    args: &mut [&mut Dynamic],
    position: Position,
    door: &Door,
) -> Result<Dynamic, Box<EvalAltResult>> {
    let mut message = Writer::new(false);
    message.out.extend_from_slice(&(name.len() as u32).to_le_bytes());
    message.raw(name);
    message.out.push(0);
    let flag = message.out.len() - 1;
    message.raw("[");
    for (index, arg) in args.iter().enumerate() {
        if index > 0 {
            message.raw(",");
        }
        message.value(arg).map_err(|misfit| unfit(name, misfit.at_index(index), position))?;
    }
    message.raw("]");
    message.out[flag] = u8::from(message.tagged);
    let packed = unsafe { host_call(message.out.as_ptr() as u32, message.out.len() as u32) };
    let answer = unsafe { crate::memory::take_back(packed) };
    let number = door.next();
    let mut input = Bytes::new(&answer);
    let read = input.u8().and_then(|kind| Ok((kind, python::read(&mut input)?)));
    let (kind, value) = read.map_err(|misfit| failed(name, &misfit, number, position))?;
    if kind == 0 {
        Ok(value)
    } else {
        Err(EvalAltResult::ErrorRuntime(value, position).into())
    }
}

/// The host answered with what no script can hold: told as its other failures are.
fn failed(name: &str, misfit: &Misfit, number: i64, position: Position) -> Box<EvalAltResult> {
    let told = [
        ("error", "host".into()),
        ("function", name.into()),
        ("message", format!("{} (at result{})", misfit.why, misfit.path()).into()),
        ("call", number.into()),
    ];
    let told: Map = told.into_iter().map(|(key, value): (&str, Dynamic)| (key.into(), value)).collect();
    EvalAltResult::ErrorRuntime(told.into(), position).into()
}

fn unfit(name: &str, misfit: Misfit, position: Position) -> Box<EvalAltResult> {
    let text = format!("{name}: {} (at {})", misfit.why, misfit.path());
    EvalAltResult::ErrorRuntime(text.into(), position).into()
}
