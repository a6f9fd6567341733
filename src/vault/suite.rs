//! Two suites of algorithms behind one trait: the international one and that of the Chinese
//! standards. A cryptographic module or a key management service would be a third.

use std::sync::Arc;

use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U12;
use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use sm3::Sm3;
use sm4::Sm4;
use zeroize::Zeroizing;

use super::VaultError;
use crate::code_list;

/// Bytes of the secret that a suite is made of.
pub(super) const SECRET_LEN: usize = 32;
/// Bytes of a nonce.
pub(super) const NONCE_LEN: usize = 12;
/// Bytes of a key of SM4.
const SM4_KEY_LEN: usize = 16;

/// A secret; it leaves no copy behind.
pub(super) type Secret = Zeroizing<[u8; SECRET_LEN]>;
/// SM4 in Galois counter mode (RFC 8998, 2).
type Sm4Gcm = AesGcm<Sm4, U12>;

code_list! {
    /// Which algorithms.
    Suite {
        /// AES-256-GCM-SIV (RFC 8452) and HMAC-SHA-256.
        Intl = "intl", "国际算法";
        /// SM4-GCM (GB/T 32907-2016, RFC 8998) and HMAC-SM3 (GB/T 32905-2016).
        Gm = "gm", "国密算法";
    }
}

/// What seals values and makes keyed hashes.
pub trait Algorithms: Send + Sync {
    /// Seals `plain` for a place; with the same nonce and secret only once.
    ///
    /// # Errors
    /// When it is too long for the algorithm.
    fn seal(
        &self,
        nonce: &[u8; NONCE_LEN],
        place: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError>;

    /// Opens what was sealed for the same place with the same nonce.
    ///
    /// # Errors
    /// When a bit differs, or the place, the nonce or the secret.
    fn open(
        &self,
        nonce: &[u8; NONCE_LEN],
        place: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, VaultError>;

    /// A keyed hash over a text of a domain, 32 bytes; the domain holds no zero byte.
    fn mac(&self, domain: &[u8], text: &[u8]) -> [u8; 32];
}

impl Suite {
    /// The algorithms of this suite over a secret.
    pub(super) fn over(self, secret: &Secret) -> Arc<dyn Algorithms> {
        match self {
            Self::Intl => Arc::new(Intl {
                cipher: Aes256GcmSiv::new(&(**secret).into()),
                secret: secret.clone(),
            }),
            Self::Gm => {
                let whole = Zeroizing::new(hmac_sm3(secret, &[b"juncai/sm4/1"]));
                let mut key = Zeroizing::new([0_u8; SM4_KEY_LEN]);
                key.iter_mut().zip(whole.iter()).for_each(|(to, from)| *to = *from);
                Arc::new(Gm { cipher: Sm4Gcm::new(&(*key).into()), secret: secret.clone() })
            }
        }
    }
}

struct Intl {
    cipher: Aes256GcmSiv,
    secret: Secret,
}

struct Gm {
    cipher: Sm4Gcm,
    secret: Secret,
}

macro_rules! algorithms {
    ($suite:ident, $hmac:ident) => {
        impl Algorithms for $suite {
            fn seal(
                &self,
                nonce: &[u8; NONCE_LEN],
                place: &[u8],
                plain: &[u8],
            ) -> Result<Vec<u8>, VaultError> {
                let payload = Payload { msg: plain, aad: place };
                self.cipher.encrypt(&Nonce::from(*nonce), payload).map_err(|_| VaultError::Sealed)
            }

            fn open(
                &self,
                nonce: &[u8; NONCE_LEN],
                place: &[u8],
                sealed: &[u8],
            ) -> Result<Vec<u8>, VaultError> {
                let payload = Payload { msg: sealed, aad: place };
                self.cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| VaultError::Sealed)
            }

            fn mac(&self, domain: &[u8], text: &[u8]) -> [u8; 32] {
                $hmac(&self.secret, &[domain, &[0], text])
            }
        }
    };
}

algorithms!(Intl, hmac_sha256);
algorithms!(Gm, hmac_sm3);

macro_rules! keyed_hash {
    ($(#[$says:meta])* $name:ident, $hash:ty) => {
        $(#[$says])*
        pub(super) fn $name(secret: &[u8; SECRET_LEN], parts: &[&[u8]]) -> [u8; 32] {
            let mut mac = <Hmac<$hash> as KeyInit>::new_from_slice(secret)
                .expect("HMAC takes a key of any length");
            parts.iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes().into()
        }
    };
}

keyed_hash! {
    /// HMAC-SHA-256 (RFC 2104).
    hmac_sha256, Sha256
}
keyed_hash! {
    /// HMAC-SM3.
    hmac_sm3, Sm3
}

#[cfg(test)]
mod tests {
    use super::super::{hex, unhex};
    use super::*;
    use crate::domain::registry::Code;

    #[test]
    fn sm4_gcm_gives_the_vector_of_rfc_8998() {
        let bytes = |text: &str| unhex(text).unwrap();
        let key: [u8; 16] = bytes("0123456789abcdeffedcba9876543210").try_into().unwrap();
        let nonce: [u8; 12] = bytes("00001234567800000000abcd").try_into().unwrap();
        let plain = bytes(
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd\
             eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        );
        let aad = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let payload = Payload { msg: &plain, aad: &aad };
        let sealed = Sm4Gcm::new(&key.into()).encrypt(&Nonce::from(nonce), payload).unwrap();
        let expected = "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735\
                        d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d\
                        83de3541e4c2b58177e065a9bf7b62ec";
        assert_eq!(hex(&sealed), expected);
    }

    #[test]
    fn hmac_sm3_agrees_with_openssl() {
        // printf juncai | openssl dgst -sm3 -mac HMAC -macopt hexkey:0707…07
        let made = hex(&hmac_sm3(&[7; 32], &[b"jun", b"cai"]));
        assert_eq!(made, "f03789e0f73b9c0f53f4e96963d4b710727bf81b2ff2ebc2ab3d7dbac7e63d41");
    }

    #[test]
    fn what_one_suite_seals_opens_in_it_alone_unchanged_and_in_its_place() {
        let secret = Zeroizing::new([7; SECRET_LEN]);
        for suite in Suite::ALL {
            let algorithms = suite.over(&secret);
            let sealed = algorithms.seal(&[1; NONCE_LEN], b"a.b", b"350102").unwrap();
            assert_eq!(algorithms.open(&[1; NONCE_LEN], b"a.b", &sealed).unwrap(), b"350102");
            assert!(algorithms.open(&[1; NONCE_LEN], b"a.c", &sealed).is_err());
            assert!(algorithms.open(&[2; NONCE_LEN], b"a.b", &sealed).is_err());
            for i in 0..sealed.len() {
                let mut flipped = sealed.clone();
                flipped[i] ^= 1;
                assert!(algorithms.open(&[1; NONCE_LEN], b"a.b", &flipped).is_err(), "byte {i}");
            }
            for other in Suite::ALL.iter().filter(|other| *other != suite) {
                let other = other.over(&secret);
                assert!(other.open(&[1; NONCE_LEN], b"a.b", &sealed).is_err());
                assert_ne!(other.mac(b"d", b"t"), algorithms.mac(b"d", b"t"));
            }
        }
    }
}
