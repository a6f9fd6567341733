//! Signatures that anybody checks with a public key.

use ring::signature::{ED25519, UnparsedPublicKey};

/// Whether `signature` over `message` was made with the private key of `public_key`, both in
/// lower-case hexadecimal (Ed25519).
pub fn is_signed(public_key: &str, message: &[u8], signature: &str) -> bool {
    let (Some(key), Some(signature)) = (unhex(public_key), unhex(signature)) else { return false };
    UnparsedPublicKey::new(&ED25519, key).verify(message, &signature).is_ok()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let is_plain = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !is_plain {
        return None;
    }
    let byte = |at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(byte).collect()
}
