//! Text as nobody would like to find it in a name, and what must not come out again.
//!
//! The table is made of single dangers, of sequences that terminals obey, of what other formats obey, of
//! floods, and of one of each kind in every place of every script. What is dangerous is written out
//! here by Unicode's own properties; the product's list is not asked.

use std::collections::BTreeSet;

/// Escape sequences and controls that terminals obey, whole and broken off.
const SEQUENCES: &[&str] = &[
    "\u{1b}",
    "\u{1b}[",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}[1;1H",
    "\u{1b}[99A\u{1b}[2K",
    "\u{1b}[?1049l",
    "\u{1b}[?25l\u{1b}[?2004l",
    "\u{1b}[?2026h",
    "\u{1b}[6n",
    "\u{1b}[c\u{1b}[>c",
    "\u{1b}[21t",
    "\u{1b}[5i",
    "\u{1b}[8m hidden",
    "\u{1b}[4;1r",
    "\u{1b}[1000D",
    "\u{1b}[38;2;255;0;0m",
    "\u{1b}c",
    "\u{1b}7\u{1b}8",
    "\u{1b}M\u{1b}D\u{1b}E",
    "\u{1b}#8",
    "\u{1b}(0lqqk\u{1b}(B",
    "\u{1b}%G",
    "\u{1b}=\u{1b}>",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]2;title\u{1b}\\",
    "\u{1b}]4;1;#ffffff\u{7}",
    "\u{1b}]8;;http://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\",
    "\u{1b}]10;?\u{7}",
    "\u{1b}]52;c;ZXZpbA==\u{7}",
    "\u{1b}]52;c;?\u{7}",
    "\u{1b}]1337;File=inline=1:AAAA\u{7}",
    "\u{1b}]777;notify;a;b\u{7}",
    "\u{1b}]never ended",
    "\u{1b}Pq#0;2;0;0;0#0~~@@\u{1b}\\",
    "\u{1b}P+q544e\u{1b}\\",
    "\u{1b}P$qm\u{1b}\\",
    "\u{1b}Ptmux;\u{1b}\u{1b}]52;c;ZXZpbA==\u{7}\u{1b}\\",
    "\u{1b}P never ended",
    "\u{1b}_Gf=24;AAAA\u{1b}\\",
    "\u{1b}^privacy\u{1b}\\",
    "\u{1b}Xstring\u{1b}\\",
    "\u{1b}kscreen title\u{1b}\\",
    "\u{9b}31mred\u{9b}0m",
    "\u{9b}2J",
    "\u{9d}0;title\u{9c}",
    "\u{9d}52;c;ZXZpbA==\u{9c}",
    "\u{90}q#0~\u{9c}",
    "\u{9f}G\u{9c}",
    "\u{9e}x\u{9c}",
    "\u{98}x\u{9c}",
    "\u{85}next line",
    "\u{84}\u{8d}index",
    "safe\rEVIL",
    "EVIL\u{8}\u{8}\u{8}\u{8}safe",
    "\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}",
    "a\tb\tc",
    "\t\t\t\t\t\t\t\t",
    "a\u{b}b\u{c}c",
    "a\0b",
    "\u{e}lqqk\u{f}",
    "\u{5}\u{11}\u{13}\u{18}\u{1a}",
    "one\ntwo",
    "one\r\ntwo",
    "\n\n\n\n\n\n",
    "x\n✔ 1 everything is fine",
    "x\n$ aws ec2 delete-volume",
    "\u{7}\u{7}\u{7}bells",
    "\u{7f}\u{7f}deleted",
    "admin\u{202e}txt.exe",
    "\u{202e}\u{202d}\u{202e}reversed",
    "\u{2066}isolate\u{2069}",
    "\u{2067}never closed",
    "\u{2069}\u{202c}closed too often",
    "if (a\u{202e} \u{2066}// check\u{2069} \u{2066}) {",
    "\u{200f}\u{200e}\u{61c}marks",
    "vol\u{200b}ume",
    "pay\u{2060}pal\u{feff}",
    "in\u{ad}vis\u{34f}ible",
    "\u{115f}\u{1160}\u{3164}\u{ffa0}",
    "\u{180b}\u{180c}\u{180d}\u{180e}\u{180f}",
    "line\u{2028}separator",
    "paragraph\u{2029}separator",
    "\u{e0001}\u{e0065}\u{e006e}tags",
    "\u{fff9}a\u{fffa}b\u{fffb}",
    "❤\u{fe0f}☎\u{fe0e}",
    "葛\u{e0100}葛\u{e0101}",
    "\u{1bca0}\u{1bca3}shorthand",
    "\u{1d173}music\u{1d17a}",
    "\u{13430}\u{13437}hieroglyphs",
    "\u{e000}\u{f8ff}private",
    "\u{f0000}\u{10fffd}private planes",
    "\u{fdd0}\u{fffe}\u{ffff}\u{1fffe}\u{10ffff}",
    "\u{600}\u{6dd}\u{8e2}\u{110bd}prepended",
];

/// What formats and shells obey, and what only looks dangerous.
const FORMATS: &[&str] = &[
    "",
    " ",
    "   ",
    " before and after ",
    "-",
    "--yes",
    "--dry-run",
    "-rf /",
    ".",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "~root",
    "$(touch hacked)",
    "`touch hacked`",
    "${HOME}",
    "$IFS$9x",
    "; touch hacked ;",
    "&& touch hacked",
    "| touch hacked",
    "> hacked",
    "'; touch hacked; '",
    "\"; touch hacked; \"",
    "it's",
    "\"quoted\"",
    "'single'",
    "back\\slash\\",
    "\\",
    "!history !!",
    "* ? [a-z]",
    "#comment",
    "a=b,c={d},[e]",
    "file:///etc/hostname",
    "http://127.0.0.1:9/x",
    "100 %d %s %n %%",
    "{} {0} {x:?}",
    "| a | table | row |",
    "# a heading",
    "- [ ] a task",
    "```\nout of the fence\n```",
    "`code`",
    "[link](http://evil.example)",
    "![picture](http://evil.example/x.png)",
    "<script>alert(1)</script>",
    "<!-- comment -->",
    "&lt;&#27;&amp;",
    "*bold* _italic_ ~struck~",
    "---",
    "1. one",
    "EOF",
    "$stamp",
    "{\"$stamp\":\"run\"}",
    "{\"$ref\":\"step\"}",
    "\",\"x\":\"",
    "null",
    "\\u001b[31m",
    "\\x1b[31m",
    "^[[31m",
    "%1b[31m",
    "‹U+001B›",
    "‹U+202E›‹›",
    "\u{fffd}\u{fffd}",
    "ï»¿Ã¢â‚¬Å“",
    "\u{fffc}",
    "\u{2800}\u{2800}braille blanks",
    "\u{a0}\u{2003}\u{3000}\u{202f}blanks",
];

/// Harmless text of many scripts, which has broken columns elsewhere.
const SCRIPTS: &[&str] = &[
    "orders-db-data",
    "größer-als-erwartet",
    "表計算データベース・本番環境・東京リージョン",
    "가각힣 데이터베이스",
    "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}",
    "ｶﾞﾊﾟ half width",
    "ＦＵＬＬ　ＷＩＤＴＨ",
    "قاعدة بيانات الطلبات",
    "לא לגעת בזה",
    "लाइव डेटाबेस नमस्ते",
    "ฐานข้อมูลคำสั่งซื้อ",
    "བོད་སྐད་",
    "မြန်မာဘာသာ",
    "e\u{301}te\u{301} ne\u{301}e",
    "Việt Nam đặt hàng",
    "👩\u{200d}👩\u{200d}👧\u{200d}👦 family",
    "🏳\u{fe0f}\u{200d}🌈 flag",
    "🇩🇪🇫🇷🇯🇵",
    "🇩🇪🇫",
    "👍🏽👍🏿 thumbs",
    "1\u{fe0f}\u{20e3}2\u{20e3} keycaps",
    "🫀🧯🪫 new ones",
    "❤ ☎ ✈ ⚠ ambiguous",
    "─│┌┐└┘├┤ borders",
    "█▓▒░▌▐ blocks",
    "✔ ✘ ▲ ● ◆ our own signs",
    "…………",
    "﷽",
    "𒐫𒈙꧅",
    "𝕺𝖗𝖉𝖊𝖗𝖘 𝔇𝔅",
    "ﬁﬂﬃ ligatures",
    "ⓄⓇⒹⒺⓇⓈ",
    "لا لا لا",
    "क्ष्म्य क्ष्म्य",
];

/// One danger of each kind, to be put into every place of every script.
const DANGERS: &[&str] = &[
    "\u{1b}[2J",
    "\u{1b}]0;t\u{7}",
    "\u{9b}31m",
    "\u{202e}",
    "\u{2067}",
    "\u{200b}",
    "\u{200d}",
    "\u{2028}",
    "\r\n",
    "\t",
    "\u{8}",
    "\u{fe0f}",
    "\u{e0041}",
    "\u{301}",
    "\u{e000}",
    "\u{ffff}",
];

/// What a danger is put into.
const CARRIERS: &[&str] = &[
    "orders-db",
    "注文データ",
    "👩🧯🫀",
    "e\u{301}e\u{301}e\u{301}",
    "قاعدة",
];

/// Returns the whole table, each text once.
pub fn strings() -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for list in [SEQUENCES, FORMATS, SCRIPTS] {
        all.extend(list.iter().map(|text| (*text).to_owned()));
    }
    all.extend(controls());
    all.extend(floods());
    all.extend(placed());
    let mut seen = BTreeSet::new();
    all.retain(|text| seen.insert(text.clone()));
    all
}

/// Every C0, DEL and C1 inside of a word.
fn controls() -> impl Iterator<Item = String> {
    let controls: Vec<char> = ('\0'..='\u{1f}').chain('\u{7f}'..='\u{9f}').collect();
    let word = |three: &[char]| {
        three
            .iter()
            .flat_map(|control| ['a', *control, 'b'])
            .collect()
    };
    controls
        .chunks(3)
        .map(word)
        .collect::<Vec<String>>()
        .into_iter()
}

/// As long as a tag can be, and longer than AWS allows.
fn floods() -> Vec<String> {
    let mut floods = vec![
        format!("e{}", "\u{301}".repeat(254)),
        "\u{301}".repeat(30),
        format!(
            "Z{}a{}",
            "\u{334}\u{35f}\u{489}".repeat(20),
            "\u{300}".repeat(5)
        ),
        format!("{}\u{1b}[31m", "x".repeat(250)),
        format!("{}\u{202e}", "表".repeat(254)),
    ];
    let repeated = [
        ("x", 255),
        ("x", 256),
        ("x", 4000),
        ("x ", 127),
        ("表", 255),
        ("👩\u{200d}", 127),
        ("e\u{301}", 127),
        ("\u{1b}", 255),
        ("\u{202e}", 255),
        ("\u{200d}", 255),
        ("\u{7}", 40),
        ("\n", 255),
        (" ", 255),
        ("\t", 255),
        ("🇩", 127),
        ("\u{1100}", 100),
        ("क्", 100),
        ("\u{e33}", 100),
    ];
    floods.extend(repeated.map(|(text, times)| text.repeat(times)));
    floods
}

/// Each danger once in each script: at its beginning, inside, or at its end by turns.
fn placed() -> impl Iterator<Item = String> {
    let pairs = CARRIERS
        .iter()
        .flat_map(|carrier| DANGERS.iter().map(move |danger| (carrier, danger)));
    pairs.enumerate().map(|(n, (carrier, danger))| {
        let half: String = carrier.chars().take(carrier.chars().count() / 2).collect();
        let rest = &carrier[half.len()..];
        match n % 3 {
            0 => format!("{danger}{carrier}"),
            1 => format!("{half}{danger}{rest}"),
            _ => format!("{carrier}{danger}"),
        }
    })
}

/// Characters that must never reach a terminal, by Unicode's properties: controls (Cc), formats (Cf),
/// private use (Co), line and paragraph separators (Zl, Zp), variation selectors, everything that is
/// ignored where it is not known (`Default_Ignorable_Code_Point`), and what is no character.
const DANGEROUS: &[(u32, u32)] = &[
    (0x00, 0x1f),
    (0x7f, 0x9f),
    (0xad, 0xad),
    (0x34f, 0x34f),
    (0x600, 0x605),
    (0x61c, 0x61c),
    (0x6dd, 0x6dd),
    (0x70f, 0x70f),
    (0x890, 0x891),
    (0x8e2, 0x8e2),
    (0x115f, 0x1160),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x200b, 0x200f),
    (0x2028, 0x202e),
    (0x2060, 0x206f),
    (0x3164, 0x3164),
    (0xe000, 0xf8ff),
    (0xfdd0, 0xfdef),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfffb),
    (0xfffe, 0xffff),
    (0x110bd, 0x110bd),
    (0x110cd, 0x110cd),
    (0x13430, 0x1343f),
    (0x1bca0, 0x1bca3),
    (0x1d173, 0x1d17a),
    (0xe0000, 0xe0fff),
    (0x000f_0000, 0x0010_ffff),
];

/// Tells whether a character must never reach a terminal.
pub fn is_dangerous(c: char) -> bool {
    if matches!(c, ' '..='~') {
        return false;
    }
    let c = u32::from(c);
    let no_character = c & 0xfffe == 0xfffe;
    no_character
        || DANGEROUS
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&c))
}

/// The most marks that may stand on one character.
pub const MARKS: usize = 4;

/// Asserts that a text that is meant for a terminal holds nothing but lines of visible characters.
pub fn assert_harmless(text: &str, what: &str) {
    let found = text.chars().find(|c| *c != '\n' && is_dangerous(*c));
    if let Some(found) = found {
        let line = text
            .lines()
            .find(|line| line.contains(found))
            .unwrap_or(text);
        panic!("{what}: U+{:04X} in {line:?}", u32::from(found));
    }
    let mut marks = 0;
    for c in text.chars() {
        let mark = unicode_width::UnicodeWidthChar::width(c) == Some(0);
        marks = if mark { marks + 1 } else { 0 };
        assert!(marks <= MARKS, "{what}: too many marks in {text:?}");
    }
}

#[test]
fn the_table_has_every_kind_and_nothing_twice() {
    let all = strings();
    println!("{} hostile texts", all.len());
    assert!(all.len() >= 310, "{}", all.len());
    for (name, from, to) in [
        ("C0", '\0', '\u{1f}'),
        ("DEL", '\u{7f}', '\u{7f}'),
        ("C1", '\u{80}', '\u{9f}'),
        ("bidi overrides", '\u{202a}', '\u{202e}'),
        ("bidi isolates", '\u{2066}', '\u{2069}'),
        ("separators", '\u{2028}', '\u{2029}'),
        ("zero width", '\u{200b}', '\u{200d}'),
        ("variation selectors", '\u{fe00}', '\u{fe0f}'),
        ("private use", '\u{e000}', '\u{f8ff}'),
    ] {
        let found = all
            .iter()
            .any(|text| text.contains(|c| (from..=to).contains(&c)));
        assert!(found, "{name}");
    }
}
