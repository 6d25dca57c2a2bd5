//! The processor architecture of an image, which decides on which instance types it boots.
//! A word that is not known here is no architecture: it is left out, never guessed.

use serde::{Deserialize, Serialize};

/// Architecture of an Amazon Machine Image, in AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Architecture {
    /// 32-bit Intel and AMD.
    #[serde(rename = "i386")]
    I386,
    /// 64-bit Intel and AMD.
    #[serde(rename = "x86_64")]
    X86,
    /// 64-bit ARM, Graviton.
    #[serde(rename = "arm64")]
    Arm,
    /// A Mac with an Intel processor.
    #[serde(rename = "x86_64_mac")]
    X86Mac,
    /// A Mac with a processor of Apple's own.
    #[serde(rename = "arm64_mac")]
    ArmMac,
}

impl Architecture {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::I386, Self::X86, Self::Arm, Self::X86Mac, Self::ArmMac];

    /// Returns AWS's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::I386 => "i386",
            Self::X86 => "x86_64",
            Self::Arm => "arm64",
            Self::X86Mac => "x86_64_mac",
            Self::ArmMac => "arm64_mac",
        }
    }

    /// Finds the one that AWS names so.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}
