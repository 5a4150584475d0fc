//! The envelope around every stored value, and what is inside.
//!
//! ```text
//! byte  0      schema version, 1
//! byte  1      packing: 0 as it is, 1 zstd
//! bytes 2..6   CRC-32, little-endian, of key, bytes 0..2 and bytes 6.., so that a value also proves its key
//! bytes 6..    the postcard encoding; with packing 1 its length (u32, little-endian), then a zstd frame
//! ```
//!
//! A value that was written is read back equal; any other bytes give an error, never a panic.

pub(crate) mod article;
pub(crate) mod ledger;
pub(crate) mod overrides;
#[cfg(test)]
mod sample;

use std::borrow::Cow;
use std::cell::RefCell;
use std::io;

use serde::{Deserialize, Serialize};
use zstd::bulk::{Compressor, Decompressor};

use crate::key::{Key, describe};
use crate::{SCHEMA_VERSION, StoreError};

const HEADER_BYTES: usize = 6;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
/// Below this a zstd frame saves nothing.
const PACKED_BYTES_MIN: usize = 128;
/// Addresses repeat words more than structure: higher levels cost time and save little.
const ZSTD_LEVEL: i32 = 1;

/// The bytes to store under a key.
pub(crate) fn seal<T: Serialize>(key: &Key, value: &T) -> Result<Vec<u8>, StoreError> {
    let unencodable = |detail: String| StoreError::Unencodable {
        key: key.to_string(),
        detail,
    };
    let payload = encode(value).map_err(|error| unencodable(error.to_string()))?;
    let mut sealed = vec![SCHEMA_VERSION, PLAIN, 0, 0, 0, 0];
    let length = u32::try_from(payload.len()).map_err(|_| unencodable("longer than 4 GiB".to_owned()))?;
    if payload.len() < PACKED_BYTES_MIN {
        sealed.extend_from_slice(&payload);
    } else {
        let frame = pack(&payload).map_err(|error| unencodable(error.to_string()))?;
        sealed[1] = ZSTD;
        sealed.extend_from_slice(&length.to_le_bytes());
        sealed.extend_from_slice(&frame);
    }
    let sum = checksum(&key.encode(), &sealed).to_le_bytes();
    sealed[2..HEADER_BYTES].copy_from_slice(&sum);
    Ok(sealed)
}

/// The postcard encoding of a value.
pub(crate) fn encode<T: Serialize>(value: &T) -> postcard::Result<Vec<u8>> {
    // Most articles fit, so that the buffer grows rarely.
    postcard::to_extend(value, Vec::with_capacity(4096))
}

/// Checks a value and takes it out of its envelope.
pub(crate) fn unseal<'a>(key: &[u8], sealed: &'a [u8]) -> Result<Cow<'a, [u8]>, StoreError> {
    check(key, sealed)?;
    let body = &sealed[HEADER_BYTES..];
    match sealed[1] {
        PLAIN => Ok(Cow::Borrowed(body)),
        ZSTD => {
            let (length, frame) = body
                .split_first_chunk()
                .ok_or_else(|| damaged(key, "it is cut short"))?;
            let payload = unpack(frame, u32::from_le_bytes(*length) as usize);
            payload
                .map(Cow::Owned)
                .map_err(|error| damaged(key, &error.to_string()))
        }
        _ => Err(damaged(key, "its packing is unknown")),
    }
}

thread_local! {
    // A context is larger than most values and costs more to make than to use.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn pack(payload: &[u8]) -> io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|kept| {
        let context = kept.take().map_or_else(|| Compressor::new(ZSTD_LEVEL), Ok)?;
        kept.insert(context).compress(payload)
    })
}

fn unpack(frame: &[u8], length: usize) -> io::Result<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|kept| {
        let context = kept.take().map_or_else(Decompressor::new, Ok)?;
        kept.insert(context).decompress(frame, length)
    })
}

/// Checks version and checksum alone, without unpacking.
pub(crate) fn check(key: &[u8], sealed: &[u8]) -> Result<(), StoreError> {
    let found = *sealed.first().ok_or_else(|| damaged(key, "it is empty"))?;
    if found > SCHEMA_VERSION {
        let (found, supported) = (u32::from(found), u32::from(SCHEMA_VERSION));
        return Err(StoreError::NewerSchema {
            what: describe(key),
            found,
            supported,
        });
    }
    let sum = stored_checksum(sealed).ok_or_else(|| damaged(key, "it is cut short"))?;
    if found == 0 || sum != checksum(key, sealed) {
        return Err(damaged(key, "its checksum differs"));
    }
    Ok(())
}

/// Reads a payload.
pub(crate) fn decode<'a, T: Deserialize<'a>>(key: &[u8], payload: &'a [u8]) -> Result<T, StoreError> {
    match postcard::take_from_bytes(payload) {
        Ok((value, [])) => Ok(value),
        Ok(_) => Err(damaged(key, "bytes follow its end")),
        Err(error) => Err(damaged(key, &error.to_string())),
    }
}

/// What a key and its value add to the fingerprint of the store: a sum over all of them shows whether
/// any is missing, old or foreign, whatever the order.
pub(crate) fn fingerprint(key: &[u8], sealed: &[u8]) -> u64 {
    let value = stored_checksum(sealed).unwrap_or_default();
    // Without mixing, two changes of a sum of CRCs could cancel each other.
    let mixed =
        (u64::from(crc32fast::hash(key)) << 32 | u64::from(value)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

pub(crate) fn damaged(key: &[u8], detail: &str) -> StoreError {
    StoreError::Damaged {
        key: describe(key),
        detail: detail.to_owned(),
    }
}

fn stored_checksum(sealed: &[u8]) -> Option<u32> {
    let sum = sealed.get(2..HEADER_BYTES)?.try_into().ok()?;
    Some(u32::from_le_bytes(sum))
}

fn checksum(key: &[u8], sealed: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(&sealed[..2]);
    hasher.update(&sealed[HEADER_BYTES..]);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_flipped_bit_and_any_other_key_is_noticed() {
        for value in ["short".to_owned(), "long ".repeat(100)] {
            let sealed = seal(&Key::Versions(7), &value).unwrap();
            let key = Key::Versions(7).encode();
            let payload = unseal(&key, &sealed).unwrap();
            assert_eq!(decode::<String>(&key, &payload).unwrap(), value);
            assert!(matches!(
                unseal(&Key::Versions(8).encode(), &sealed),
                Err(StoreError::Damaged { .. })
            ));
            for bit in 0..sealed.len() * 8 {
                let mut flipped = sealed.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert!(unseal(&key, &flipped).is_err(), "bit {bit}");
            }
            for length in 0..sealed.len() {
                assert!(unseal(&key, &sealed[..length]).is_err(), "{length} bytes");
            }
        }
    }

    #[test]
    fn a_value_of_a_newer_schema_says_so() {
        let mut sealed = seal(&Key::Versions(7), &1_u8).unwrap();
        sealed[0] = SCHEMA_VERSION + 1;
        let error = unseal(&Key::Versions(7).encode(), &sealed).unwrap_err();
        assert!(
            matches!(
                error,
                StoreError::NewerSchema {
                    found: 2,
                    supported: 1,
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(
            error.to_string(),
            "resolver versions 7 was written by a newer whence (schema 2, this one reads up to 1); upgrade whence"
        );
    }
}
