//! Codes of a second factor (MFA): six digits that a device shows, and what they are asked for.
//!
//! A code is of use once and for half a minute, and still nobody's to read: it is never written or logged.

use std::fmt;

/// How many digits a code has.
pub const DIGITS: usize = 6;

/// A code.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// Takes a code as it was typed; `None` if it has not six digits. Blanks do not count.
    #[must_use]
    pub fn new(typed: &str) -> Option<Self> {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let all = digits.bytes().all(|byte| byte.is_ascii_digit());
        (all && digits.len() == DIGITS).then_some(Self(digits))
    }

    /// Returns the digits, for the request alone.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code")
    }
}

/// What a code is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeWanted {
    /// The profile that is logged in.
    pub profile: String,
    /// The device.
    pub serial: String,
    /// Whether the code before this one was refused.
    pub refused: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_digits_and_is_not_told() {
        for right in ["123456", " 123 456\n"] {
            assert_eq!(Code::new(right).unwrap().digits(), "123456");
        }
        for wrong in ["", "12345", "1234567", "12345a", "１２３４５６", "12-456"] {
            assert!(Code::new(wrong).is_none(), "{wrong}");
        }
        assert_eq!(format!("{:?}", Code::new("123456")), "Some(Code)");
    }
}
