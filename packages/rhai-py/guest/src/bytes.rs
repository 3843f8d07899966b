//! A cursor over the host's bytes: every read is checked, nothing is trusted.

use crate::path::Misfit;

pub struct Bytes<'a> {
    pub data: &'a [u8],
    pub at: usize,
}

impl<'a> Bytes<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0 }
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Misfit> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.data.len());
        let end = end.ok_or_else(|| Misfit::new("the input ends too early"))?;
        let taken = &self.data[self.at..end];
        self.at = end;
        Ok(taken)
    }

    pub fn u8(&mut self) -> Result<u8, Misfit> {
        Ok(self.take(1)?[0])
    }

    pub fn u16(&mut self) -> Result<u16, Misfit> {
        Ok(u16::from_le_bytes(self.take(2)?.try_into().unwrap()))
    }

    pub fn u32(&mut self) -> Result<u32, Misfit> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().unwrap()))
    }

    pub fn u64(&mut self) -> Result<u64, Misfit> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into().unwrap()))
    }

    /// A length in 32 bits, then that many bytes of UTF-8.
    pub fn text(&mut self) -> Result<&'a str, Misfit> {
        let length = self.u32()? as usize;
        let raw = self.take(length)?;
        std::str::from_utf8(raw).map_err(|_| Misfit::new("text with a lone surrogate: it is no Unicode text"))
    }

    pub fn rest(&self) -> &'a [u8] {
        &self.data[self.at..]
    }
}
