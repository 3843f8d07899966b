//! Errors on their way out: kind, words and place of the innermost cause, and the calls that led there.

use crate::absent::refusal;
use crate::diagnose::STEPS;
use crate::json_out::Writer;
use crate::path::Misfit;
use rhai::{EvalAltResult, LexError, ParseErrorType, Position};

/// Bytes of a thrown value that travel; a larger one is only named by its type.
const MAX_THROWN: usize = 16 * 1024;

/// Write an error of an evaluation.
pub fn write(error: EvalAltResult, into: &mut Writer) {
    let mut trace = Vec::new();
    let mut cause = error;
    loop {
        cause = match cause {
            EvalAltResult::ErrorInFunctionCall(name, source, inner, at) => {
                trace.push((name, source, at));
                *inner
            }
            EvalAltResult::ErrorInModule(name, inner, at) => {
                trace.push((String::new(), name, at));
                *inner
            }
            other => {
                cause = other;
                break;
            }
        };
    }
    // A place of an outer call is not the cause's: the host looks further, or says that it is only near.
    let mut source = trace.iter().rev().map(|(_, source, _)| source.clone()).find(|name| !name.is_empty());
    let mut place = cause.take_position();
    if place.is_none() {
        let step = STEPS.last();
        place = step.place;
        source = step.source.map(|name| name.to_string()).or(source);
    }
    let (kind, limit) = kind(&cause);
    head(kind, limit, &words(&cause), place, into);
    write_source(source.as_deref().unwrap_or(""), into);
    write_value(&cause, into);
    write_trace(&trace, into);
    into.raw("}");
}

/// Why a text is no script here, though Rhai itself would take it.
#[derive(Clone)]
pub struct Refusal {
    pub why: String,
    pub place: Position,
    /// The library in which it stands; empty for the script itself.
    pub source: String,
}

/// Write that a text is refused.
pub fn write_refusal(refusal: &Refusal, into: &mut Writer) {
    head("syntax", "", &refusal.why, refusal.place, into);
    write_source(&refusal.source, into);
    into.raw("}");
}

/// Write that a value cannot cross.
pub fn write_misfit(direction: &str, misfit: &Misfit, into: &mut Writer) {
    head("conversion", "", &misfit.why, Position::NONE, into);
    into.raw(",\"direction\":");
    into.text(direction);
    into.raw(",\"path\":");
    into.text(misfit.path());
    into.raw("}");
}

fn write_source(source: &str, into: &mut Writer) {
    into.raw(",\"source\":");
    into.text(source);
}

fn head(kind: &str, limit: &str, words: &str, place: Position, into: &mut Writer) {
    into.raw("{\"kind\":");
    into.text(kind);
    into.raw(",\"limit\":");
    into.text(limit);
    into.raw(",\"message\":");
    let cut: String = words.chars().take(4096).collect();
    into.text(&cut);
    into.raw(",\"line\":");
    into.whole(place.line().map_or(0, |line| line as i64));
    into.raw(",\"column\":");
    into.whole(place.position().map_or(0, |column| column as i64));
}

fn words(cause: &EvalAltResult) -> String {
    match cause {
        EvalAltResult::ErrorRuntime(value, _) if value.is_string() => value.to_string(),
        EvalAltResult::ErrorRuntime(value, _) if value.is_unit() => "the script threw an error".to_owned(),
        // A thrown map or array may be huge: its own text goes with the value.
        EvalAltResult::ErrorRuntime(value, _) => {
            format!("the script threw a value of type {}", value.type_name())
        }
        EvalAltResult::ErrorParsing(ParseErrorType::BadInput(LexError::ImproperSymbol(name, _)), _)
            if refusal(name).is_some() =>
        {
            refusal(name).unwrap_or_default()
        }
        EvalAltResult::ErrorParsing(kind, _) => kind.to_string(),
        EvalAltResult::ErrorTooManyOperations(..) | EvalAltResult::ErrorTerminated(..) => {
            "the script did more operations than it may".to_owned()
        }
        other => other.to_string(),
    }
}

fn kind(cause: &EvalAltResult) -> (&'static str, &'static str) {
    match cause {
        EvalAltResult::ErrorParsing(kind, _) => match kind {
            ParseErrorType::ExprTooDeep => ("limit", "expr_depth"),
            ParseErrorType::TooManyFunctions => ("limit", "functions"),
            ParseErrorType::LiteralTooLarge(what, _) => ("limit", size_limit(what)),
            ParseErrorType::BadInput(LexError::StringTooLong(_)) => ("limit", "string_size"),
            _ => ("syntax", ""),
        },
        EvalAltResult::ErrorTooManyOperations(..) | EvalAltResult::ErrorTerminated(..) => {
            ("limit", "operations")
        }
        EvalAltResult::ErrorTooManyVariables(..) => ("limit", "variables"),
        EvalAltResult::ErrorTooManyModules(..) => ("limit", "modules"),
        EvalAltResult::ErrorStackOverflow(..) => ("limit", "call_depth"),
        EvalAltResult::ErrorDataTooLarge(what, _) => ("limit", size_limit(what)),
        EvalAltResult::ErrorRuntime(..) => ("thrown", ""),
        _ => ("runtime", ""),
    }
}

fn size_limit(what: &str) -> &'static str {
    let what = what.to_ascii_lowercase();
    if what.contains("string") {
        "string_size"
    } else if what.contains("map") || what.contains("propert") {
        "map_size"
    } else {
        "array_size"
    }
}

fn write_value(cause: &EvalAltResult, into: &mut Writer) {
    let EvalAltResult::ErrorRuntime(value, _) = cause else { return };
    let mut thrown = Writer::new(false);
    if thrown.value(value).is_ok() && thrown.out.len() <= MAX_THROWN {
        into.raw(if thrown.tagged { ",\"tagged\":true,\"value\":" } else { ",\"value\":" });
        into.out.extend_from_slice(&thrown.out);
    }
}

fn write_trace(trace: &[(String, String, Position)], into: &mut Writer) {
    into.raw(",\"trace\":[");
    // The outermost and innermost are telling; a recursion of thousands in between is not.
    for (index, (name, source, at)) in trace.iter().take(32).enumerate() {
        into.raw(if index > 0 { ",[" } else { "[" });
        into.text(name);
        into.raw(",");
        into.text(source);
        into.raw(",");
        into.whole(at.line().map_or(0, |line| line as i64));
        into.raw(",");
        into.whole(at.position().map_or(0, |column| column as i64));
        into.raw("]");
    }
    into.raw("]");
    if let Some((name, ..)) = trace.last() {
        into.raw(",\"function\":");
        into.text(name);
    }
}
