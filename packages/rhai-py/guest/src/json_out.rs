//! Rhai values on their way out, as JSON.
//!
//! What JSON cannot say (bytes, ranges, NaN) is a tagged object or a bare word for Python's reader,
//! or an error that names the path for a reader of strict JSON.

use crate::path::{too_deep, Misfit, MAX_DEPTH};
use rhai::{Array, Blob, Dynamic, Map};
use std::ops::{Range, RangeInclusive};

/// The key of tagged objects; a script's own map that has it is wrapped, so that nothing is mistaken.
pub const TAG: &str = "\0";

pub struct Writer {
    pub out: Vec<u8>,
    /// Refuse what JSON cannot say.
    strict: bool,
    /// Something tagged was written: the reader must look for it.
    pub tagged: bool,
}

impl Writer {
    pub fn new(strict: bool) -> Self {
        Self { out: Vec::with_capacity(1024), strict, tagged: false }
    }

    pub fn value(&mut self, value: &Dynamic) -> Result<(), Misfit> {
        self.at_depth(value, 0)
    }

    pub fn text(&mut self, text: &str) {
        self.out.push(b'"');
        let mut from = 0;
        let raw = text.as_bytes();
        for (index, byte) in raw.iter().enumerate() {
            if !matches!(byte, b'"' | b'\\' | 0..=0x1f) {
                continue;
            }
            self.out.extend_from_slice(&raw[from..index]);
            self.escaped(*byte);
            from = index + 1;
        }
        self.out.extend_from_slice(&raw[from..]);
        self.out.push(b'"');
    }

    pub fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    pub fn whole(&mut self, number: i64) {
        self.raw(itoa::Buffer::new().format(number));
    }

    fn escaped(&mut self, byte: u8) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        match byte {
            b'"' | b'\\' => self.out.extend_from_slice(&[b'\\', byte]),
            b'\n' => self.raw("\\n"),
            b'\r' => self.raw("\\r"),
            b'\t' => self.raw("\\t"),
            _ => {
                self.raw("\\u00");
                self.out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
        }
    }

    fn at_depth(&mut self, value: &Dynamic, depth: usize) -> Result<(), Misfit> {
        if depth > MAX_DEPTH {
            return Err(too_deep());
        }
        if value.is_shared() {
            // Somebody may hold it for writing only while a script runs; by now none does.
            let read = value.read_lock::<Dynamic>().ok_or_else(|| Misfit::new("a value in use"))?;
            return self.at_depth(&read, depth + 1);
        }
        if let Ok(text) = value.as_immutable_string_ref() {
            self.text(&text);
            return Ok(());
        }
        if let Ok(map) = value.as_map_ref() {
            return self.map(&map, depth);
        }
        if let Ok(array) = value.as_array_ref() {
            return self.array(&array, depth);
        }
        self.plain(value)
    }

    fn plain(&mut self, value: &Dynamic) -> Result<(), Misfit> {
        if let Ok(number) = value.as_int() {
            self.whole(number);
        } else if let Ok(number) = value.as_float() {
            return self.float(number);
        } else if let Ok(truth) = value.as_bool() {
            self.raw(if truth { "true" } else { "false" });
        } else if value.is_unit() {
            self.raw("null");
        } else if let Ok(letter) = value.as_char() {
            self.text(letter.encode_utf8(&mut [0; 4]));
        } else {
            return self.rare(value);
        }
        Ok(())
    }

    fn rare(&mut self, value: &Dynamic) -> Result<(), Misfit> {
        if let Ok(blob) = value.as_blob_ref() {
            self.blob(&blob)
        } else if let Some(range) = value.read_lock::<Range<i64>>() {
            self.range(range.start, range.end, "range")
        } else if let Some(range) = value.read_lock::<RangeInclusive<i64>>() {
            self.range(*range.start(), *range.end(), "range=")
        } else if value.is_fnptr() {
            Err(Misfit::new("a function pointer or closure cannot leave the script: call it there"))
        } else {
            Err(Misfit::new(format!("a value of type {} cannot leave the script", value.type_name())))
        }
    }

    fn array(&mut self, array: &Array, depth: usize) -> Result<(), Misfit> {
        self.out.push(b'[');
        for (index, item) in array.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.at_depth(item, depth + 1).map_err(|misfit| misfit.at_index(index))?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn map(&mut self, map: &Map, depth: usize) -> Result<(), Misfit> {
        let wrapped = !self.strict && map.contains_key(TAG);
        if wrapped {
            self.open("map");
        }
        self.out.push(b'{');
        for (index, (key, held)) in map.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.text(key);
            self.out.push(b':');
            self.at_depth(held, depth + 1).map_err(|misfit| misfit.at_key(key))?;
        }
        self.out.push(b'}');
        if wrapped {
            self.out.push(b'}');
        }
        Ok(())
    }

    fn float(&mut self, number: f64) -> Result<(), Misfit> {
        if number.is_finite() {
            // The shortest text that reads back as the same float, always with a point or an exponent.
            self.raw(ryu::Buffer::new().format_finite(number));
            return Ok(());
        }
        let word = if number.is_nan() {
            "NaN"
        } else if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        };
        if self.strict {
            return Err(Misfit::new(format!("{word} has no place in JSON")));
        }
        self.raw(word);
        Ok(())
    }

    fn open(&mut self, kind: &str) {
        self.tagged = true;
        self.raw("{\"\\u0000\":");
        self.text(kind);
        self.raw(",\"v\":");
    }

    fn blob(&mut self, blob: &Blob) -> Result<(), Misfit> {
        if self.strict {
            return Err(Misfit::new("a blob has no place in JSON: send an array or a string"));
        }
        self.open("bytes");
        self.out.push(b'"');
        for byte in blob {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            self.out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
        self.raw("\"}");
        Ok(())
    }

    fn range(&mut self, from: i64, to: i64, kind: &str) -> Result<(), Misfit> {
        if self.strict {
            return Err(Misfit::new("a range has no place in JSON: send an array"));
        }
        self.open(kind);
        self.raw(&format!("[{from},{to}]}}"));
        Ok(())
    }
}
