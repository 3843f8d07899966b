//! Runs texts as an ordinary program with Rhai inside would, and tells what came of each, a JSON line for each.

use rhai::module_resolvers::StaticModuleResolver;
use rhai::{Array, Blob, Dynamic, Engine, EvalAltResult, Module, Scope};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::ops::{Range, RangeInclusive};
use std::rc::Rc;

type Failure = Box<EvalAltResult>;

fn main() {
    let mut input = std::io::stdin().lock();
    let mut output = std::io::stdout().lock();
    while let Some(texts) = list(&mut input) {
        let libraries = list(&mut input).expect("libraries follow the texts");
        writeln!(output, "{}", outcome(&texts, &libraries)).expect("somebody reads");
        output.flush().expect("somebody reads");
    }
}

fn number(input: &mut impl Read) -> Option<usize> {
    let mut raw = [0; 4];
    input.read_exact(&mut raw).ok()?;
    Some(u32::from_le_bytes(raw) as usize)
}

fn list(input: &mut impl Read) -> Option<Vec<String>> {
    let count = number(input)?;
    (0..count).map(|_| text(input)).collect()
}

fn text(input: &mut impl Read) -> Option<String> {
    let mut raw = vec![0; number(input)?];
    input.read_exact(&mut raw).ok()?;
    String::from_utf8(raw).ok()
}

fn outcome(texts: &[String], libraries: &[String]) -> String {
    let printed = Rc::new(RefCell::new(Array::new()));
    let mut engine = engine(&printed);
    let ended = run(&mut engine, texts, libraries, &printed);
    let said = written(&printed.borrow().clone().into());
    match ended {
        Ok(value) => format!("{{\"failed\":false,\"value\":{},\"printed\":{said}}}", written(&value)),
        Err(why) => format!("{{\"failed\":true,\"value\":{},\"printed\":{said}}}", quoted(&why.to_string())),
    }
}

/// Bounded only where a runaway example would stop the whole comparison.
fn engine(printed: &Rc<RefCell<Array>>) -> Engine {
    let mut engine = Engine::new();
    let heard = printed.clone();
    engine.on_print(move |text| heard.borrow_mut().push(text.to_owned().into()));
    engine.on_debug(|_, _, _| {});
    engine.set_max_operations(60_000_000);
    engine
}

fn run(
    engine: &mut Engine,
    texts: &[String],
    libraries: &[String],
    printed: &RefCell<Array>,
) -> Result<Dynamic, Failure> {
    let mut resolver = StaticModuleResolver::new();
    for pair in libraries.chunks(2) {
        let ast = engine.compile(&pair[1]).map_err(EvalAltResult::from)?;
        resolver.insert(pair[0].clone(), Module::eval_ast_as_new(Scope::new(), &ast, engine)?);
    }
    engine.set_module_resolver(resolver);
    let (mut scope, mut functions) = (Scope::new(), rhai::AST::empty());
    let mut last = Dynamic::UNIT;
    for text in texts {
        printed.borrow_mut().clear();
        let ast = functions.merge(&engine.compile_with_scope(&scope, text).map_err(EvalAltResult::from)?);
        last = engine.eval_ast_with_scope(&mut scope, &ast)?;
        functions = ast.clone_functions_only();
    }
    Ok(last)
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\0'..='\x1f' => out.push_str(&format!("\\u{:04x}", letter as u32)),
            _ => out.push(letter),
        }
    }
    out + "\""
}

/// The same words as the guest's; what cannot leave is null.
fn written(value: &Dynamic) -> String {
    unshared(&value.clone().flatten())
}

fn unshared(value: &Dynamic) -> String {
    if let Ok(text) = value.as_immutable_string_ref() {
        quoted(&text)
    } else if let Ok(letter) = value.as_char() {
        quoted(&letter.to_string())
    } else if let Ok(map) = value.as_map_ref() {
        let pairs: Vec<_> = map.iter().map(|(key, held)| format!("{}:{}", quoted(key), written(held))).collect();
        format!("{{{}}}", pairs.join(","))
    } else if let Ok(array) = value.as_array_ref() {
        format!("[{}]", array.iter().map(written).collect::<Vec<_>>().join(","))
    } else {
        plain(value)
    }
}

fn plain(value: &Dynamic) -> String {
    if let Ok(number) = value.as_float() {
        return format!("{number:?}").replace("inf", "Infinity");
    }
    if let Ok(truth) = value.as_bool() {
        return truth.to_string();
    }
    if let Some(blob) = value.read_lock::<Blob>() {
        let hex: String = blob.iter().map(|byte| format!("{byte:02x}")).collect();
        return format!("{{\"\\u0000\":\"bytes\",\"v\":\"{hex}\"}}");
    }
    if let Some(range) = value.read_lock::<Range<i64>>() {
        return format!("{{\"\\u0000\":\"range\",\"v\":[{},{}]}}", range.start, range.end);
    }
    if let Some(range) = value.read_lock::<RangeInclusive<i64>>() {
        return format!("{{\"\\u0000\":\"range=\",\"v\":[{},{}]}}", range.start(), range.end());
    }
    value.as_int().map_or_else(|_| "null".to_owned(), |number| number.to_string())
}
