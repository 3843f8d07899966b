//! One engine with one script in it, as the host's requests see it.

use crate::analysis::{Analysis, Libraries};
use crate::bytes::Bytes;
use crate::diagnose;
use crate::faults::Refusal;
use crate::host::{self, Door, Offer};
use crate::json_out::Writer;
use crate::limits::Limits;
use crate::path::Misfit;
use crate::talk::Talk;
use crate::{absent, json_in, names, python};
use rhai::module_resolvers::StaticModuleResolver;
use rhai::{
    is_valid_identifier, CallFnOptions, Dynamic, Engine, EvalAltResult, Map, Module, Position, Scope, Shared,
    AST,
};
use std::cell::Cell;

/// Why a request has no value.
pub enum Fault {
    Script(Box<EvalAltResult>),
    Refused(Refusal),
    Misfit(&'static str, Misfit),
}

impl From<Box<EvalAltResult>> for Fault {
    fn from(error: Box<EvalAltResult>) -> Self {
        Self::Script(error)
    }
}

fn inwards(misfit: Misfit) -> Fault {
    Fault::Misfit("in", misfit)
}

pub struct World {
    engine: Engine,
    ast: AST,
    scope: Scope<'static>,
    /// What functions see as `this`: the top-level variables of the script.
    state: Dynamic,
    door: Door,
    libraries: Libraries,
    pub talk: Talk,
}

/// The bits of a request's first word.
const AS_JSON: u32 = 1;
const PLAIN_ONLY: u32 = 2;

impl World {
    pub fn new() -> Self {
        let mut engine = Engine::new();
        let talk = Talk::default();
        let (printed, debugged) = (talk.clone(), talk.clone());
        engine
            .disable_symbol("eval")
            .on_print(move |text| printed.say("print", text))
            .on_debug(move |text, source, place| debugged.say("debug", &placed(text, source, place)))
            .on_progress(|_| OPERATIONS.step());
        engine.set_module_resolver(StaticModuleResolver::new());
        absent::register(&mut engine);
        names::allow_reserved_words_in_modules(&mut engine);
        diagnose::watch(&mut engine);
        Self {
            engine,
            ast: AST::empty(),
            scope: Scope::new(),
            state: Map::new().into(),
            door: Door::default(),
            libraries: Libraries::new(),
            talk,
        }
    }

    pub fn operations(&self) -> u64 {
        OPERATIONS.done.get()
    }

    fn begin(&mut self, limits: &Limits, open: bool) {
        limits.apply(&mut self.engine);
        self.talk.begin(limits.log_size);
        OPERATIONS.begin(limits.operations);
        self.door.set_open(open);
        diagnose::STEPS.forget();
    }

    /// Say why a request failed: a refused host call is told by the door, which knows its place.
    pub fn explained(&self, fault: Fault) -> Fault {
        match self.door.refused() {
            Some(refusal) => Fault::Refused(refusal),
            None => fault,
        }
    }

    /// Limits, host functions, libraries and constants: once for each world, before its script.
    pub fn equip(&mut self, input: &mut Bytes) -> Result<(), Fault> {
        let limits = Limits::read(input).map_err(inwards)?;
        self.begin(&limits, false);
        let mut offers = Vec::new();
        for _ in 0..input.u32().map_err(inwards)? {
            offers.push(Offer::read(input).map_err(inwards)?);
        }
        let mut resolver = StaticModuleResolver::new();
        for (name, module) in host::register(&mut self.engine, &offers, &self.door) {
            resolver.insert(name, module);
        }
        for _ in 0..input.u32().map_err(inwards)? {
            let (name, source) = (input.text().map_err(inwards)?, input.text().map_err(inwards)?);
            let module = self.library(name, source)?;
            resolver.insert(name, module);
            self.engine.set_module_resolver(resolver.clone());
        }
        self.engine.set_module_resolver(resolver);
        let constants = python::read(input).map_err(inwards)?;
        for (name, value) in constants.cast::<Map>() {
            self.scope.push_constant_dynamic(name, value);
        }
        Ok(())
    }

    fn library(&mut self, name: &str, source: &str) -> Result<Module, Fault> {
        let in_library =
            |error| Box::new(EvalAltResult::ErrorInModule(name.to_owned(), error, Position::NONE));
        let mut ast = self.engine.compile(source).map_err(|error| in_library(Box::new(error.into())))?;
        ast.set_source(name);
        let analysis = Analysis::of(&ast, &AST::empty(), &self.libraries);
        if let Some((why, place)) = analysis.refusal {
            return Err(Fault::Refused(Refusal { why, place, source: name.to_owned() }));
        }
        self.libraries.insert(name.to_owned(), analysis.host_calls.into_keys().collect());
        Ok(Module::eval_ast_as_new(Scope::new(), &ast, &self.engine).map_err(in_library)?)
    }

    /// Compile a script and run its top level once, with the door shut. Answers what the script says of itself.
    pub fn compile(&mut self, input: &mut Bytes, answer: &mut Writer) -> Result<(), Fault> {
        let limits = Limits::read(input).map_err(inwards)?;
        self.begin(&limits, false);
        let (name, source) = (input.text().map_err(inwards)?, input.text().map_err(inwards)?);
        let ast = self.parsed(name, source)?;
        let analysis = self.analysed(&ast)?;
        let last = self.engine.eval_ast_with_scope::<Dynamic>(&mut self.scope, &ast)?;
        drop(OPERATIONS.kept(last)?);
        self.keep_imports(&ast)?;
        self.keep_constants();
        self.keep_variables();
        analysis.write(&ast, answer);
        self.ast = ast.clone_functions_only();
        self.ast.set_source(name);
        Ok(())
    }

    /// Run a text from top to bottom with the door open; variables and functions stay for the next one.
    pub fn evaluate(&mut self, input: &mut Bytes, answer: &mut Writer) -> Result<(), Fault> {
        let limits = Limits::read(input).map_err(inwards)?;
        self.begin(&limits, false);
        let (name, source) = (input.text().map_err(inwards)?, input.text().map_err(inwards)?);
        for (name, value) in python::read(input).map_err(inwards)?.cast::<Map>() {
            self.scope.set_or_push(name, value);
        }
        let ast = self.parsed(name, source)?;
        self.analysed(&ast)?;
        self.door.set_open(true);
        let whole = self.visible_constants(source).merge(&self.ast).merge(&ast);
        let value = self.engine.eval_ast_with_scope::<Dynamic>(&mut self.scope, &whole)?;
        let value = OPERATIONS.kept(value)?;
        self.ast = whole.clone_functions_only();
        answer.value(&value).map_err(|misfit| Fault::Misfit("out", misfit))
    }

    /// Call one function of the script.
    pub fn call(&mut self, input: &mut Bytes, answer: &mut Option<Writer>) -> Result<(), Fault> {
        let flags = input.u32().map_err(inwards)?;
        let limits = Limits::read(input).map_err(inwards)?;
        let name = input.text().map_err(inwards)?;
        self.begin(&limits, true);
        let read = if flags & AS_JSON == 0 { python::read(input) } else { json_in::read(input.rest()) };
        let args = match read.map_err(inwards)?.into_array() {
            Ok(args) => args,
            Err(_) => return Err(inwards(Misfit::new("the arguments are no array"))),
        };
        let options = CallFnOptions::new().eval_ast(false).bind_this_ptr(&mut self.state);
        let scope = &mut Scope::new();
        let value = self
            .engine
            .call_fn_with_options::<Dynamic>(options, scope, &self.ast, name, args)
            .and_then(|value| OPERATIONS.kept(value))
            .map_err(|error| entered(name, error))?;
        let mut writer = Writer::new(flags & PLAIN_ONLY != 0);
        writer.value(&value).map_err(|misfit| Fault::Misfit("out", misfit))?;
        *answer = Some(writer);
        Ok(())
    }

    /// Make the constants of the scope `global::NAME` for the functions of a text, as compiling does.
    fn visible_constants(&self, source: &str) -> AST {
        if !source.contains("global") {
            return AST::empty();
        }
        let constants =
            self.scope.iter().filter(|(name, constant, _)| *constant && is_valid_identifier(name));
        let text: String = constants.map(|(name, ..)| format!("const {name} = {name};")).collect();
        self.engine.compile_with_scope(&self.scope, text).unwrap_or_default()
    }

    fn parsed(&mut self, name: &str, source: &str) -> Result<AST, Fault> {
        let parsed = self.engine.compile_with_scope(&self.scope, source);
        let mut ast = parsed.map_err(|error| Box::new(EvalAltResult::from(error)))?;
        ast.set_source(name);
        diagnose::STEPS.forget();
        Ok(ast)
    }

    fn analysed(&self, ast: &AST) -> Result<Analysis, Fault> {
        let analysis = Analysis::of(ast, &self.ast, &self.libraries);
        match analysis.refusal {
            Some((why, place)) => Err(Fault::Refused(Refusal { why, place, source: String::new() })),
            None => Ok(analysis),
        }
    }

    /// Functions run later in a fresh scope: what the top level imported stays theirs by name.
    fn keep_imports(&mut self, ast: &AST) -> Result<(), Fault> {
        for statement in ast.statements() {
            let rhai::Stmt::Import(import, place) = statement else { continue };
            let rhai::Expr::StringConstant(path, _) = &import.0 else { continue };
            if !import.1.as_str().is_empty() {
                let module = self.engine.module_resolver().resolve(&self.engine, None, path, *place)?;
                self.engine.register_static_module(import.1.as_str(), module);
            }
        }
        Ok(())
    }

    /// `global::NAME` in functions.
    fn keep_constants(&mut self) {
        let mut constants = Module::new();
        for (name, constant, value) in self.scope.iter() {
            if constant {
                constants.set_var(name, value.flatten());
            }
        }
        self.engine.register_static_module("global", Shared::new(constants));
    }

    fn keep_variables(&mut self) {
        let variables = self.scope.iter().filter(|(_, constant, _)| !constant);
        let state: Map = variables.map(|(name, _, value)| (name.into(), value.flatten())).collect();
        self.state = state.into();
    }
}

/// Rhai takes the function that the host called out of the story; a reader wants to know it.
fn entered(name: &str, error: Box<EvalAltResult>) -> Box<EvalAltResult> {
    EvalAltResult::ErrorInFunctionCall(name.to_owned(), String::new(), error, Position::NONE).into()
}

/// The operations of one request, counted over every engine call in it. At a fixed place, because it is asked for
/// at each of them.
struct Counter {
    done: Cell<u64>,
    most: Cell<u64>,
}

/// A core module has one thread.
unsafe impl Sync for Counter {}

static OPERATIONS: Counter = Counter { done: Cell::new(0), most: Cell::new(u64::MAX) };

impl Counter {
    fn begin(&self, most: u64) {
        self.done.set(0);
        self.most.set(if most == 0 { u64::MAX } else { most });
    }

    #[inline(always)]
    fn step(&self) -> Option<Dynamic> {
        let done = self.done.get() + 1;
        self.done.set(done);
        if done > self.most.get() {
            return Some(Dynamic::UNIT);
        }
        None
    }

    /// A limit cannot be swallowed: whoever went beyond it has no value.
    fn kept<T>(&self, value: T) -> Result<T, Box<EvalAltResult>> {
        if self.done.get() > self.most.get() {
            return Err(EvalAltResult::ErrorTooManyOperations(Position::NONE).into());
        }
        Ok(value)
    }
}

fn placed(text: &str, source: Option<&str>, place: Position) -> String {
    match (source, place.is_none()) {
        (_, true) => text.to_owned(),
        (None, false) => format!("{place:?} {text}"),
        (Some(source), false) => format!("{source} {place:?} {text}"),
    }
}
