//! JSON on its way in, straight into Rhai values.
//!
//! By hand because integers must stay exact or be refused (a general reader turns big ones into floats),
//! a name given twice must be refused, and errors must name the path.

use crate::bytes::Bytes;
use crate::path::{too_deep, Misfit, MAX_DEPTH};
use rhai::{Array, Dynamic, Identifier, Map};

/// Read one document; nothing but blanks may follow it.
pub fn read(data: &[u8]) -> Result<Dynamic, Misfit> {
    let mut input = Bytes::new(data);
    let found = value(&mut input, 0)?;
    match blank(&mut input) {
        None => Ok(found),
        Some(_) => Err(unexpected(&input)),
    }
}

fn value(input: &mut Bytes, depth: usize) -> Result<Dynamic, Misfit> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    match blank(input) {
        Some(b'"') => Ok(string(input)?.into()),
        Some(b'{') => map(input, depth).map(Dynamic::from_map),
        Some(b'[') => array(input, depth).map(Dynamic::from_array),
        Some(b'-' | b'0'..=b'9') => number(input),
        Some(b't') => word(input, "true", true.into()),
        Some(b'f') => word(input, "false", false.into()),
        Some(b'n') => word(input, "null", Dynamic::UNIT),
        _ => Err(unexpected(input)),
    }
}

/// Skip blanks and show the byte that follows, without taking it.
fn blank(input: &mut Bytes) -> Option<u8> {
    while let Some(byte) = input.data.get(input.at) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => input.at += 1,
            other => return Some(*other),
        }
    }
    None
}

fn unexpected(input: &Bytes) -> Misfit {
    match input.data.get(input.at) {
        None => Misfit::new("the JSON ends too early"),
        Some(_) => Misfit::new(format!("the JSON is broken at byte {}", input.at)),
    }
}

fn word(input: &mut Bytes, expected: &str, meant: Dynamic) -> Result<Dynamic, Misfit> {
    if !input.rest().starts_with(expected.as_bytes()) {
        return Err(unexpected(input));
    }
    input.at += expected.len();
    Ok(meant)
}

fn digits(input: &mut Bytes) -> Result<usize, Misfit> {
    let count = input.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
    input.at += count;
    if count == 0 {
        Err(unexpected(input))
    } else {
        Ok(count)
    }
}

fn eat(input: &mut Bytes, wanted: &[u8]) -> bool {
    let found = input.rest().first().is_some_and(|byte| wanted.contains(byte));
    input.at += usize::from(found);
    found
}

fn number(input: &mut Bytes) -> Result<Dynamic, Misfit> {
    let start = input.at;
    eat(input, b"-");
    let zero = input.rest().first() == Some(&b'0');
    if digits(input)? > 1 && zero {
        return Err(Misfit::new(format!("a number with a leading zero at byte {start}")));
    }
    let mut whole = true;
    if eat(input, b".") {
        digits(input)?;
        whole = false;
    }
    if eat(input, b"eE") {
        eat(input, b"+-");
        digits(input)?;
        whole = false;
    }
    // Only ASCII was taken.
    let text = std::str::from_utf8(&input.data[start..input.at]).unwrap();
    if whole {
        let exact = text.parse::<i64>();
        return exact.map(Dynamic::from).map_err(|_| Misfit::new("an integer outside the 64 bits of Rhai"));
    }
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() => Ok(float.into()),
        _ => Err(Misfit::new("a number too large for a float")),
    }
}

fn string(input: &mut Bytes) -> Result<String, Misfit> {
    input.at += 1;
    let mut text = Vec::new();
    loop {
        let rest = input.rest();
        let plain = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)).count();
        text.extend_from_slice(&rest[..plain]);
        input.at += plain;
        match input.rest().first() {
            Some(b'"') => break,
            Some(b'\\') => escape(input, &mut text)?,
            _ => return Err(unexpected(input)),
        }
    }
    input.at += 1;
    String::from_utf8(text).map_err(|_| Misfit::new("text that is not UTF-8"))
}

fn escape(input: &mut Bytes, text: &mut Vec<u8>) -> Result<(), Misfit> {
    input.at += 1;
    let meant = match input.u8()? {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'u' => unicode(input)?,
        plain @ (b'"' | b'\\' | b'/') => plain as char,
        _ => return Err(unexpected(input)),
    };
    text.extend_from_slice(meant.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(())
}

fn unicode(input: &mut Bytes) -> Result<char, Misfit> {
    let lone = || Misfit::new("text with a lone surrogate: it is no Unicode text");
    let first = hex(input)?;
    if !(0xd800..0xe000).contains(&first) {
        return Ok(char::from_u32(first).unwrap());
    }
    if first >= 0xdc00 || !input.rest().starts_with(b"\\u") {
        return Err(lone());
    }
    input.at += 2;
    let second = hex(input)?;
    if !(0xdc00..0xe000).contains(&second) {
        return Err(lone());
    }
    Ok(char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).unwrap())
}

fn hex(input: &mut Bytes) -> Result<u32, Misfit> {
    let mut code = 0;
    for _ in 0..4 {
        let digit = (input.u8()? as char).to_digit(16).ok_or_else(|| unexpected(input))?;
        code = code * 16 + digit;
    }
    Ok(code)
}

fn array(input: &mut Bytes, depth: usize) -> Result<Array, Misfit> {
    input.at += 1;
    let mut items = Array::new();
    if blank(input) == Some(b']') {
        input.at += 1;
        return Ok(items);
    }
    loop {
        items.push(value(input, depth + 1).map_err(|misfit| misfit.at_index(items.len()))?);
        match blank(input) {
            Some(b',') => input.at += 1,
            Some(b']') => break,
            _ => return Err(unexpected(input)),
        }
    }
    input.at += 1;
    Ok(items)
}

fn map(input: &mut Bytes, depth: usize) -> Result<Map, Misfit> {
    input.at += 1;
    let mut entries = Map::new();
    if blank(input) == Some(b'}') {
        input.at += 1;
        return Ok(entries);
    }
    loop {
        if blank(input) != Some(b'"') {
            return Err(unexpected(input));
        }
        let key = Identifier::from(string(input)?);
        if blank(input) != Some(b':') {
            return Err(unexpected(input));
        }
        input.at += 1;
        let held = value(input, depth + 1).map_err(|misfit| misfit.at_key(&key))?;
        if entries.contains_key(&key) {
            return Err(Misfit::new("the name stands twice in one object").at_key(&key));
        }
        entries.insert(key, held);
        match blank(input) {
            Some(b',') => input.at += 1,
            Some(b'}') => break,
            _ => return Err(unexpected(input)),
        }
    }
    input.at += 1;
    Ok(entries)
}
