//! The one door outwards: functions of the host, seen by scripts as `module::name`.

use crate::bytes::Bytes;
use crate::json_out::Writer;
use crate::path::Misfit;
use crate::python;
use rhai::{
    Dynamic, Engine, EvalAltResult, FuncRegistration, Map, Module, NativeCallContext, Position, RhaiFunc,
    Shared,
};
use std::any::TypeId;
use std::cell::Cell;
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

/// Whether calls may leave now (at compile time they may not), and how many have left.
#[derive(Clone, Default)]
pub struct Door(Rc<(Cell<bool>, Cell<i64>)>);

impl Door {
    pub fn set_open(&self, open: bool) {
        self.0 .0.set(open);
        self.0 .1.set(0);
    }

    fn is_open(&self) -> bool {
        self.0 .0.get()
    }

    /// Number the next call, as the host numbers it.
    fn next(&self) -> i64 {
        self.0 .1.replace(self.0 .1.get() + 1)
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
        let position = context.map_or(Position::NONE, |context| context.call_position());
        if !door.is_open() {
            return Err(closed(&name, position));
        }
        call(&name, args, position, &door)
    };
    let func =
        RhaiFunc::Pure { func: Shared::new(bridge), has_context: true, is_pure: false, is_volatile: true };
    FuncRegistration::new(&*offer.name).set_into_module_raw(
        module,
        vec![TypeId::of::<Dynamic>(); arity],
        func,
    );
}

fn closed(name: &str, position: Position) -> Box<EvalAltResult> {
    let why = format!("{name} is a function of the host: it cannot be called while the script is compiled");
    // A syntax error cannot be caught by the script.
    EvalAltResult::ErrorParsing(rhai::ParseErrorType::BadInput(rhai::LexError::Runtime(why)), position).into()
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
