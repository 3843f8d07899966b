//! Python values on their way in: the bytes of `marshal.dumps(value, 2)`.
//!
//! Chosen because Python writes it in a quarter of the time of JSON, with exact integers and floats.
//! Only this direction: the host never unmarshals anything that comes from here.

use crate::bytes::Bytes;
use crate::path::{too_deep, Misfit, MAX_DEPTH};
use rhai::{Array, Dynamic, Identifier, Map};

pub fn read(input: &mut Bytes) -> Result<Dynamic, Misfit> {
    value(input, 0)
}

fn value(input: &mut Bytes, depth: usize) -> Result<Dynamic, Misfit> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    Ok(match input.u8()? {
        b'N' => Dynamic::UNIT,
        b'T' => true.into(),
        b'F' => false.into(),
        b'i' => i64::from(input.u32()? as i32).into(),
        b'l' => whole(input)?.into(),
        b'g' => f64::from_bits(input.u64()?).into(),
        b'u' | b't' => input.text()?.into(),
        b's' => Dynamic::from_blob(blob(input)?),
        b'[' | b'(' => Dynamic::from_array(array(input, depth)?),
        b'{' => Dynamic::from_map(map(input, depth)?),
        b'x' | b'y' => return Err(Misfit::new("complex numbers have no counterpart in Rhai")),
        b'<' | b'>' => return Err(Misfit::new("a set has no counterpart in Rhai: send a list")),
        b'.' => return Err(Misfit::new("Ellipsis has no counterpart in Rhai")),
        _ => return Err(Misfit::new("this Python value has no counterpart in Rhai")),
    })
}

/// Digits of 15 bits, least first; the sign is in the count.
fn whole(input: &mut Bytes) -> Result<i64, Misfit> {
    let count = i64::from(input.u32()? as i32);
    let mut total: i128 = 0;
    for place in 0..count.unsigned_abs() as u32 {
        let digit = i128::from(input.u16()?);
        if place > 4 {
            return Err(beyond());
        }
        total |= digit << (15 * place);
    }
    let signed = if count < 0 { -total } else { total };
    i64::try_from(signed).map_err(|_| beyond())
}

fn beyond() -> Misfit {
    Misfit::new("an integer outside the 64 bits of Rhai")
}

fn blob(input: &mut Bytes) -> Result<Vec<u8>, Misfit> {
    let length = input.u32()? as usize;
    Ok(input.take(length)?.to_vec())
}

fn array(input: &mut Bytes, depth: usize) -> Result<Array, Misfit> {
    let count = input.u32()? as usize;
    // Each element takes a byte at least: a lying count cannot reserve more than the input's size.
    let mut items = Array::with_capacity(count.min(input.rest().len()));
    for index in 0..count {
        items.push(value(input, depth + 1).map_err(|misfit| misfit.at_index(index))?);
    }
    Ok(items)
}

fn map(input: &mut Bytes, depth: usize) -> Result<Map, Misfit> {
    let mut entries = Map::new();
    loop {
        let key = match input.u8()? {
            b'0' => return Ok(entries),
            b'u' | b't' => Identifier::from(input.text()?),
            _ => return Err(Misfit::new("a key that is no string: Rhai's maps have only string keys")),
        };
        let held = value(input, depth + 1).map_err(|misfit| misfit.at_key(&key))?;
        entries.insert(key, held);
    }
}
