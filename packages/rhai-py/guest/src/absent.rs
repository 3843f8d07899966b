//! What is left out because it cannot be safe or repeatable, and the words that say so.

use rhai::{Dynamic, Engine, EvalAltResult};

/// Names with the reason; a script may define its own function of such a name.
pub const ABSENT: [(&str, &str); 3] = [
    ("eval", "text that becomes code cannot be analysed"),
    ("sleep", "waiting is the host's"),
    ("timestamp", "the clock is the host's: pass the time in"),
];

type Refused = Result<Dynamic, Box<EvalAltResult>>;

pub fn refusal(name: &str) -> Option<String> {
    let (_, why) = ABSENT.iter().find(|(absent, _)| *absent == name)?;
    Some(format!("`{name}` does not exist here: {why}"))
}

/// Plain calls are refused when a script is compiled; a function pointer is only known when it is called.
pub fn register(engine: &mut Engine) {
    engine
        .register_fn("sleep", |_: i64| -> Refused { refused("sleep") })
        .register_fn("sleep", |_: f64| -> Refused { refused("sleep") })
        .register_fn("timestamp", || -> Refused { refused("timestamp") });
}

fn refused(name: &str) -> Refused {
    Err(refusal(name).unwrap_or_default().into())
}
