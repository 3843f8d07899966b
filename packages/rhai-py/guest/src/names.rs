//! Words that Rhai keeps for itself are ordinary names behind `::`, so that the host may offer `functions::call`.

use crate::diagnose::STEPS;
use rhai::{Engine, Token};
use std::cell::Cell;

pub fn allow_reserved_words_in_modules(engine: &mut Engine) {
    let behind_colons = Cell::new(false);
    #[allow(deprecated)] // It is only called unstable.
    engine.on_parse_token(move |token, place, _| {
        STEPS.parsing(place);
        let qualified = behind_colons.replace(token == Token::DoubleColon);
        match token {
            Token::Reserved(word) if qualified => Token::Identifier(word),
            other => other,
        }
    });
}
