//! CBOR, which `CloudWatch` speaks (Smithy RPC v2): its documents as JSON, there and back.
//!
//! What was sent is read without knowing its shape, and answers are written by hand, so JSON is enough: numbers with a
//! point are floating, others are not, and an instant becomes its seconds since 1970.

use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::DeserializeError;
use aws_smithy_cbor::{Decoder, Encoder};
use serde_json::{Map, Value};

/// How deep a document may be.
const DEEPEST: u8 = 64;

/// Reads a document; `None` for anything that is none, or that JSON cannot say.
#[must_use]
pub fn to_json(bytes: &[u8]) -> Option<Value> {
    let mut decoder = Decoder::new(bytes);
    let value = read(&mut decoder, 0)?;
    (decoder.position() == bytes.len()).then_some(value)
}

/// Writes a document.
#[must_use]
pub fn of_json(value: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    write(&mut encoder, value);
    encoder.into_writer()
}

fn read(decoder: &mut Decoder<'_>, depth: u8) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    match decoder.datatype().ok()? {
        Type::Bool => decoder.boolean().ok().map(Value::from),
        Type::Null => decoder.null().ok().map(|()| Value::Null),
        Type::U8
        | Type::U16
        | Type::U32
        | Type::U64
        | Type::I8
        | Type::I16
        | Type::I32
        | Type::I64
        | Type::Int => decoder.long().ok().map(Value::from),
        Type::F16 | Type::F32 | Type::F64 => decoder.double().ok().map(Value::from),
        Type::String | Type::StringIndef => decoder.string().ok().map(Value::from),
        Type::Tag => {
            let at = decoder.timestamp().ok()?;
            Some(Value::from(at.as_secs_f64()))
        }
        Type::Array | Type::ArrayIndef => {
            let length = decoder.list().ok()?;
            let mut all = Vec::new();
            items(decoder, length, |decoder| {
                all.push(read(decoder, depth + 1)?);
                Some(())
            })?;
            Some(Value::Array(all))
        }
        Type::Map | Type::MapIndef => {
            let length = decoder.map().ok()?;
            let mut all = Map::new();
            items(decoder, length, |decoder| {
                let name = decoder.string().ok()?;
                all.insert(name, read(decoder, depth + 1)?);
                Some(())
            })?;
            Some(Value::Object(all))
        }
        Type::Bytes
        | Type::BytesIndef
        | Type::Undefined
        | Type::Simple
        | Type::Break
        | Type::Unknown(_) => None,
    }
}

/// Reads so many items, or until they end.
fn items(
    decoder: &mut Decoder<'_>,
    length: Option<u64>,
    mut one: impl FnMut(&mut Decoder<'_>) -> Option<()>,
) -> Option<()> {
    let mut left = length;
    loop {
        match &mut left {
            Some(0) => return Some(()),
            Some(left) => *left -= 1,
            None if ends(decoder).ok()? => return Some(()),
            None => {}
        }
        one(decoder)?;
    }
}

fn ends(decoder: &mut Decoder<'_>) -> Result<bool, DeserializeError> {
    let ends = decoder.datatype()? == Type::Break;
    if ends {
        decoder.skip()?;
    }
    Ok(ends)
}

fn write(encoder: &mut Encoder, value: &Value) {
    match value {
        Value::Null => {
            encoder.null();
        }
        Value::Bool(on) => {
            encoder.boolean(*on);
        }
        Value::Number(number) => match number.as_i64() {
            Some(whole) => {
                encoder.long(whole);
            }
            None => {
                encoder.double(number.as_f64().unwrap_or(f64::NAN));
            }
        },
        Value::String(text) => {
            encoder.str(text);
        }
        Value::Array(all) => {
            encoder.array(all.len());
            for one in all {
                write(encoder, one);
            }
        }
        Value::Object(fields) => {
            encoder.map(fields.len());
            for (name, one) in fields {
                encoder.str(name);
                write(encoder, one);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_read_back_as_it_was_written() {
        let document = json!({"Threshold": 70.0, "Period": 300, "Least": -5, "On": true, "No": null,
            "Metrics": [{"Id": "m1"}, {"Id": "größer"}], "None": [], "Nothing": {}});
        assert_eq!(to_json(&of_json(&document)), Some(document));
    }

    #[test]
    fn what_ends_by_itself_is_read_and_what_does_not_end_is_not() {
        assert_eq!(to_json(b"\xbf\xff"), Some(json!({})));
        assert_eq!(
            to_json(b"\xbf\x61a\x9f\x01\xff\xff"),
            Some(json!({"a": [1]}))
        );
        for broken in [&b"\xbf"[..], b"", b"\xa0\xa0", b"<html>", b"\x82\x01"] {
            assert_eq!(to_json(broken), None, "{broken:?}");
        }
        assert_eq!(to_json(&[0x81; 100]), None);
    }

    #[test]
    fn an_instant_is_its_seconds() {
        assert_eq!(
            to_json(b"\xc1\x1a\x67\xce\xf8\xe0"),
            Some(json!(1_741_617_376.0))
        );
    }
}
