//! The keys of a database: wrapped by the master key, several at a time while values pass from one
//! to the next.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use ring::signature::Ed25519KeyPair;
use zeroize::Zeroizing;

use super::suite::{Algorithms, NONCE_LEN, SECRET_LEN, Secret, Suite, hmac_sha256};
use super::{Vault, VaultError, random_bytes};
use crate::code_list;
use crate::domain::registry::Code;

/// What a sealed value begins with: by the key that is derived from the master key.
const FIRST: u8 = 1;
/// By the key whose number follows, four bytes, the highest first.
const NUMBERED: u8 = 2;
/// Bytes of a number.
const NUMBER_LEN: usize = 4;

code_list! {
    /// What a key of the database is for.
    KeyPurpose {
        /// Sealing values; the newest one that has begun is in force.
        Seal = "seal", "加密";
        /// Finding values by keyed hashes; for good.
        Index = "index", "检索";
        /// Signing heads of the log and evidence; for good.
        Sign = "sign", "签名";
    }
}

/// A key as the database keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Its number; values sealed with it name it.
    pub id: u32,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Its algorithms; a key that signs has none but Ed25519.
    pub suite: Suite,
    /// Whether values sealed with it name no key: the one that was derived from a master key.
    pub is_first: bool,
    /// The secret, sealed by the master key.
    pub wrapped: Vec<u8>,
    /// From when on it seals.
    pub starts_at: DateTime<Utc>,
}

/// A key to be kept.
pub type NewKey = WrappedKey;

/// Keys that are open.
pub(super) struct Keyring {
    /// The key that seals: its number, none for the first.
    sealing: Option<u32>,
    first: Option<Arc<dyn Algorithms>>,
    numbered: BTreeMap<u32, Arc<dyn Algorithms>>,
    pub(super) index: Arc<dyn Algorithms>,
    seed: Secret,
}

fn derive(master: &Secret, label: &str) -> Secret {
    Zeroizing::new(hmac_sha256(master, &[label.as_bytes()]))
}

fn derived(master: &Secret, purpose: KeyPurpose) -> Secret {
    derive(
        master,
        match purpose {
            KeyPurpose::Seal => "juncai/encryption/1",
            KeyPurpose::Index => "juncai/index/1",
            KeyPurpose::Sign => "juncai/signing/1",
        },
    )
}

impl Keyring {
    /// The keys that follow from the master key alone.
    pub(super) fn derived(master: &Secret) -> Self {
        Self {
            sealing: None,
            first: Some(Suite::Intl.over(&derived(master, KeyPurpose::Seal))),
            numbered: BTreeMap::new(),
            index: Suite::Intl.over(&derived(master, KeyPurpose::Index)),
            seed: derived(master, KeyPurpose::Sign),
        }
    }

    pub(super) fn signer(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(self.seed.as_ref())
            .expect("a seed of Ed25519 is any 32 bytes")
    }

    /// What values begin with that are sealed now.
    fn head(&self) -> Vec<u8> {
        match self.sealing {
            None => vec![FIRST],
            Some(number) => [&[NUMBERED], number.to_be_bytes().as_slice()].concat(),
        }
    }

    pub(super) fn is_in_force(&self, sealed: &[u8]) -> bool {
        sealed.starts_with(&self.head())
    }

    pub(super) fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let key = match self.sealing {
            None => self.first.as_ref(),
            Some(number) => self.numbered.get(&number),
        };
        let nonce = random_bytes::<NONCE_LEN>()?;
        let head = self.head();
        let sealed = key.ok_or(VaultError::Sealed)?.seal(&nonce, &bound(&head, place), plain)?;
        Ok([head.as_slice(), &nonce, &sealed].concat())
    }

    pub(super) fn open(
        &self,
        place: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let head_len = match sealed.first() {
            Some(&FIRST) => 1,
            Some(&NUMBERED) => 1 + NUMBER_LEN,
            _ => return Err(VaultError::Sealed),
        };
        let (head, rest) = sealed.split_at_checked(head_len).ok_or(VaultError::Sealed)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(VaultError::Sealed)?;
        let key = match head.last_chunk::<NUMBER_LEN>() {
            Some(number) => self.numbered.get(&u32::from_be_bytes(*number)),
            None => self.first.as_ref(),
        };
        let key = key.ok_or(VaultError::Sealed)?;
        key.open(nonce, &bound(head, place), body).map(Zeroizing::new)
    }
}

/// What a value is bound to: its place, and the number of its key when it names one.
fn bound(head: &[u8], place: &str) -> Vec<u8> {
    match head {
        [FIRST] => place.as_bytes().to_vec(),
        numbered => [numbered, place.as_bytes()].concat(),
    }
}

fn wrapped_in(id: u32, purpose: KeyPurpose) -> String {
    format!("data_key.{}.{id}", purpose.code())
}

/// A ring that only wraps: one key, derived from the master key.
fn wrapping(master: &Secret, suite: Suite) -> Arc<dyn Algorithms> {
    suite.over(&derive(master, &format!("juncai/wrapping/{}/1", suite.code())))
}

/// `N` random bytes that leave no copy behind.
pub(super) fn random_secret() -> Result<Secret, VaultError> {
    Ok(Zeroizing::new(random_bytes::<SECRET_LEN>()?))
}

impl Vault {
    fn wrap(
        &self,
        (id, purpose, suite): (u32, KeyPurpose, Suite),
        secret: &Secret,
    ) -> Result<Vec<u8>, VaultError> {
        let nonce = random_bytes::<NONCE_LEN>()?;
        let place = wrapped_in(id, purpose);
        let sealed =
            wrapping(&self.master, suite).seal(&nonce, place.as_bytes(), secret.as_ref())?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn unwrap_key(&self, key: &WrappedKey) -> Result<Secret, VaultError> {
        let (nonce, body) =
            key.wrapped.split_first_chunk::<NONCE_LEN>().ok_or(VaultError::Sealed)?;
        let place = wrapped_in(key.id, key.purpose);
        let opened = wrapping(&self.master, key.suite).open(nonce, place.as_bytes(), body)?;
        let opened = Zeroizing::new(opened);
        let secret: [u8; SECRET_LEN] =
            opened.as_slice().try_into().map_err(|_| VaultError::Sealed)?;
        Ok(Zeroizing::new(secret))
    }

    /// The three keys with which a database begins. One that holds sealed values already keeps those
    /// that were derived from its master key; a new one of another suite gets its own.
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn first_keys(&self, is_new: bool, now: DateTime<Utc>) -> Result<Vec<NewKey>, VaultError> {
        let suite = if is_new { self.suite } else { Suite::Intl };
        let is_first = suite == Suite::Intl;
        let purposes = (1..).zip([KeyPurpose::Index, KeyPurpose::Sign, KeyPurpose::Seal]);
        let key = |(id, purpose): (u32, KeyPurpose)| {
            let secret = match is_first {
                true => derived(&self.master, purpose),
                false => random_secret()?,
            };
            let wrapped = self.wrap((id, purpose, suite), &secret)?;
            Ok(NewKey { id, purpose, suite, is_first, wrapped, starts_at: now })
        };
        purposes.map(key).collect()
    }

    /// A new key that seals from a moment on.
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn next_key(
        &self,
        id: u32,
        suite: Suite,
        starts_at: DateTime<Utc>,
    ) -> Result<NewKey, VaultError> {
        let purpose = KeyPurpose::Seal;
        let wrapped = self.wrap((id, purpose, suite), &random_secret()?)?;
        Ok(NewKey { id, purpose, suite, is_first: false, wrapped, starts_at })
    }

    /// The same key wrapped by the master key of another vault.
    ///
    /// # Errors
    /// When it is not wrapped by this one's.
    pub fn rewrapped(&self, key: &WrappedKey, other: &Self) -> Result<Vec<u8>, VaultError> {
        other.wrap((key.id, key.purpose, key.suite), &self.unwrap_key(key)?)
    }

    /// Takes up the keys of the database: they open what they sealed, and the newest that has begun
    /// seals. Nothing changes when one of them does not open.
    ///
    /// # Errors
    /// When the master key is another one, or a key is missing.
    pub fn take_up(&self, keys: &[WrappedKey], now: DateTime<Utc>) -> Result<(), VaultError> {
        let (mut first, mut numbered) = (None, BTreeMap::new());
        let (mut index, mut seed) = (None, None);
        let seals = |key: &&WrappedKey| key.purpose == KeyPurpose::Seal;
        let begun = keys.iter().filter(seals).filter(|key| key.starts_at <= now);
        // A clock that was set back knows none that has begun: then the first is in force.
        let first_of_all = keys.iter().filter(seals).min_by_key(|key| key.id);
        let sealing = begun.max_by_key(|key| key.id).or(first_of_all);
        for key in keys {
            let secret = self.unwrap_key(key)?;
            match key.purpose {
                KeyPurpose::Index => index = Some(key.suite.over(&secret)),
                KeyPurpose::Sign => seed = Some(secret),
                KeyPurpose::Seal if key.is_first => first = Some(key.suite.over(&secret)),
                KeyPurpose::Seal => {
                    numbered.insert(key.id, key.suite.over(&secret));
                }
            }
        }
        let missing = |what: &str| VaultError::Key(format!("the database has no key to {what}"));
        let sealing = sealing.ok_or_else(|| missing("seal"))?;
        let ring = Keyring {
            sealing: (!sealing.is_first).then_some(sealing.id),
            first,
            numbered,
            index: index.ok_or_else(|| missing("find by"))?,
            seed: seed.ok_or_else(|| missing("sign"))?,
        };
        *self.keyring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        Ok(())
    }
}
