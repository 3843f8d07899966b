//! Calls one function of a script, native and without any limit, and prints what each call took.
//!
//!     rhai-native-bench SCRIPT FUNCTION ARGUMENTS CALLS
//!
//! ARGUMENTS is a JSON array. Prints a JSON array of nanoseconds, one for each call: JSON in, call, JSON out.

use rhai::{CallFnOptions, Dynamic, Engine, Scope, AST};
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [script, function, arguments, calls] = given.as_slice() else {
        return Err("wanted: SCRIPT FUNCTION ARGUMENTS CALLS".into());
    };
    let engine = Engine::new();
    let ast = engine.compile_file(script.into())?;
    let mut took = Vec::new();
    for _ in 0..calls.parse::<usize>()? {
        let start = Instant::now();
        black_box(answer(&engine, &ast, function, black_box(arguments))?);
        took.push(start.elapsed().as_nanos().to_string());
    }
    println!("[{}]", took.join(","));
    Ok(())
}

fn answer(engine: &Engine, ast: &AST, function: &str, arguments: &str) -> Result<String, Box<dyn Error>> {
    let arguments: Vec<Dynamic> = serde_json::from_str(arguments)?;
    let options = CallFnOptions::new().eval_ast(false);
    let value: Dynamic = engine.call_fn_with_options(options, &mut Scope::new(), ast, function, arguments)?;
    Ok(serde_json::to_string(&value)?)
}
