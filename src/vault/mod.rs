//! Keys and what they protect: identity and account numbers are stored encrypted and found by a
//! keyed hash, so that a copy of the database alone shows no number.

mod keyring;
mod suite;

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use keyring::{Keyring, random_secret};
use ring::signature::KeyPair;
use suite::{SECRET_LEN, Secret};
use zeroize::Zeroizing;

pub use keyring::{KeyPurpose, NewKey, WrappedKey};
pub use suite::{Algorithms, Suite};

/// Where sealed numbers stand (`table.column`); a value opens nowhere else.
pub mod place {
    /// Number of an identity document.
    pub const DOCUMENT: &str = "person_document.number_cipher";
    /// Mobile number.
    pub const MOBILE: &str = "person_contact.mobile_cipher";
    /// Name of whoever objects.
    pub const OBJECTOR: &str = "objection_file.objector_cipher";
    /// Where to reach whoever objects.
    pub const OBJECTOR_CONTACT: &str = "objection_file.contact_cipher";
    /// Name of whoever gives a tip.
    pub const INFORMANT: &str = "tip.informant_cipher";
    /// Where to reach them.
    pub const INFORMANT_CONTACT: &str = "tip.contact_cipher";
    /// Where somebody is sent mail.
    pub const MAIL: &str = "mail_preference.address_cipher";
    /// Number of a bank account.
    pub const ACCOUNT: &str = "bank_account.account_cipher";
    /// Number of an account that waits for confirmation; the name is that of the table when it held
    /// those of enterprises only, and what was sealed then must still open.
    pub const ACCOUNT_FILING: &str = "enterprise_account_filing.account_cipher";
    /// The half of a secret that waits for the security administrator.
    pub const REQUEST_HALF: &str = "account_request.half_cipher";
    /// Secret with which events for an endpoint are signed.
    pub const WEBHOOK: &str = "webhook_endpoint.secret_cipher";
    /// Secret of a second factor.
    pub const SECOND_FACTOR: &str = "second_factor.secret_cipher";
    /// A secret of a second factor on its way to a device and back; never in a table.
    pub const OFFERED_FACTOR: &str = "page.second_factor";
    /// Whose password was right, until the code is typed; never in a table.
    pub const PENDING_SIGN_IN: &str = "cookie.sign_in";
    /// An uploaded table as it came.
    pub const UPLOAD: &str = "import.content";
    /// Numbers that were looked up, on their way from a page back to us; never in a table.
    pub const LOOKUP: &str = "page.lookup";
}

/// What keyed hashes are about; equal values of one kind have equal hashes.
pub mod kind {
    /// Identity documents.
    pub const DOCUMENT: &str = "document";
    /// Bank accounts.
    pub const ACCOUNT: &str = "account";
    /// A normalised name with a birth date.
    pub const NAME_AND_BIRTH: &str = "name-and-birth";
    /// A normalised name with a nationality.
    pub const NAME_AND_COUNTRY: &str = "name-and-country";
    /// Mobile numbers.
    pub const MOBILE: &str = "mobile";
    /// What is printed on certificates.
    pub const CERTIFICATE: &str = "certificate";
    /// Receipts of objections.
    pub const RECEIPT: &str = "receipt";
    /// What approvers of batches sign.
    pub const APPROVAL: &str = "approval";
    /// Recovery codes of second factors.
    pub const RECOVERY_CODE: &str = "recovery-code";
    /// By which key a database is sealed.
    pub const KEY_CHECK: &str = "key-check";
}

/// Hexadecimal digits of a short mark.
const MARK_LEN: usize = 20;

/// Why a key or a protected value cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key file cannot be read, made or has the wrong form.
    #[error("the master key cannot be used: {0}")]
    Key(String),
    /// The value was changed, moved to another column, or sealed with another key.
    #[error("a protected value does not open with this key")]
    Sealed,
}

/// Seals values, indexes them and signs (Ed25519), with the algorithms of a [`Suite`]. The keys of a
/// database stand in it, wrapped by the master key; before they are known, three are derived from the
/// master key, so that none reveals another. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Vault {
    master: Arc<Secret>,
    suite: Suite,
    keyring: Arc<RwLock<Arc<Keyring>>>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(..)")
    }
}

impl Vault {
    /// A vault over a 32-byte master key.
    pub fn new(master: &[u8; SECRET_LEN]) -> Self {
        let master = Zeroizing::new(*master);
        let keyring = Arc::new(RwLock::new(Arc::new(Keyring::derived(&master))));
        Self { master: Arc::new(master), suite: Suite::Intl, keyring }
    }

    /// The same vault, which gives a new database keys of this suite.
    #[must_use]
    pub fn preferring(mut self, suite: Suite) -> Self {
        self.suite = suite;
        self
    }

    /// Reads the master key from base64 text, as the environment gives it.
    ///
    /// # Errors
    /// When the text is not 32 bytes in base64.
    pub fn from_base64(text: &str) -> Result<Self, VaultError> {
        let bytes =
            Zeroizing::new(BASE64.decode(text.trim()).map_err(|e| VaultError::Key(e.to_string()))?);
        let master: &[u8; SECRET_LEN] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| VaultError::Key("it must be 32 bytes in base64".to_owned()))?;
        Ok(Self::new(master))
    }

    /// Opens the key file, making one that only its owner can read when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or created, or is open to other users.
    pub fn open_or_create(path: &Path) -> Result<Self, VaultError> {
        let fault = |e: std::io::Error| VaultError::Key(format!("{}: {e}", path.display()));
        if !path.exists() {
            let master = random_secret()?;
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(path).map_err(fault)?;
            writeln!(file, "{}", BASE64.encode(master.as_ref())).map_err(fault)?;
            file.sync_all().map_err(fault)?;
        }
        refuse_open_permissions(path)?;
        Self::from_base64(&Zeroizing::new(std::fs::read_to_string(path).map_err(fault)?))
    }

    fn keys(&self) -> Arc<Keyring> {
        // A ring is put into place whole, whoever panicked beside it.
        Arc::clone(&self.keyring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Seals `plain` for one place (`table.column`); it opens nowhere else.
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.keys().seal(place, plain)
    }

    /// Opens what [`Vault::seal`] made for the same place, with whichever key of the database.
    ///
    /// # Errors
    /// When a bit differs, the place differs or the key is another one.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.keys().open(place, sealed)
    }

    /// [`Vault::open`] for text.
    ///
    /// # Errors
    /// As [`Vault::open`], and when the content is not UTF-8.
    pub fn open_text(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<String>, VaultError> {
        let plain = self.open(place, sealed)?;
        String::from_utf8(plain.to_vec()).map(Zeroizing::new).map_err(|_| VaultError::Sealed)
    }

    /// Seals a value anew with the key in force; `None` when it is already.
    ///
    /// # Errors
    /// When it does not open.
    pub fn resealed(&self, place: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        let ring = self.keys();
        if ring.is_in_force(sealed) {
            return Ok(None);
        }
        ring.seal(place, &ring.open(place, sealed)?).map(Some)
    }

    /// A short keyed mark over a text, in hexadecimal capitals (80 bits): whoever has no key cannot
    /// make the mark of another text.
    pub fn mark(&self, domain: &str, text: &str) -> String {
        let whole = self.index(&format!("mark/{domain}"), text).to_uppercase();
        whole.get(..MARK_LEN).unwrap_or(&whole).to_owned()
    }

    /// Whether `mark` is that of `text`; blanks, hyphens and case do not count, and how far a wrong
    /// one is right cannot be told from the time this takes.
    pub fn is_mark(&self, domain: &str, text: &str, mark: &str) -> bool {
        let given: String =
            mark.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
        self.are_equal(&given, &self.mark(domain, text))
    }

    /// Compares two secrets; how far a wrong one is right cannot be told from the time this takes.
    pub fn are_equal(&self, one: &str, other: &str) -> bool {
        let blinded = |text: &str| self.index("compared", text);
        blinded(one) == blinded(other)
    }

    /// The public key by which anybody checks what [`Vault::sign`] signed
    /// (`file::evidence::is_signed`), in hexadecimal.
    pub fn public_key(&self) -> String {
        hex(self.keys().signer().public_key().as_ref())
    }

    /// An Ed25519 signature over `message`, in hexadecimal.
    pub fn sign(&self, message: &[u8]) -> String {
        hex(self.keys().signer().sign(message).as_ref())
    }

    /// The keyed hash by which a value is found: equal values of one domain have equal indexes.
    pub fn index(&self, domain: &str, value: &str) -> String {
        hex(&self.keys().index.mac(domain.as_bytes(), value.as_bytes()))
    }

    /// A keyed hash that the master key alone decides, whatever keys stand in a database.
    pub fn master_index(&self, domain: &str, value: &str) -> String {
        hex(&Keyring::derived(&self.master).index.mac(domain.as_bytes(), value.as_bytes()))
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        use std::fmt::Write;
        write!(out, "{byte:02x}").expect("writing to a string cannot fail");
        out
    })
}

/// The bytes of a text in hexadecimal; `None` when it is none.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

/// `N` random bytes.
///
/// # Errors
/// When the machine gives no randomness.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(|e| VaultError::Key(e.to_string()))?;
    Ok(bytes)
}

/// `N` random bytes in hexadecimal, for tokens.
///
/// # Errors
/// When the machine gives no randomness.
pub fn random_token<const N: usize>() -> Result<String, VaultError> {
    Ok(hex(&random_bytes::<N>()?))
}

#[cfg(unix)]
fn refuse_open_permissions(path: &Path) -> Result<(), VaultError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)
        .map_err(|e| VaultError::Key(format!("{}: {e}", path.display())))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(VaultError::Key(format!(
            "{} can be read by other users; run chmod 600 on it",
            path.display()
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_open_permissions(_path: &Path) -> Result<(), VaultError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::evidence::is_signed;

    #[test]
    fn a_sealed_value_opens_only_unchanged_in_its_place_with_its_key() {
        let vault = Vault::new(&[7; 32]);
        let sealed = vault.seal("person_document.number", b"350102199003079981").unwrap();
        assert_eq!(
            vault.open("person_document.number", &sealed).unwrap().as_slice(),
            b"350102199003079981"
        );
        assert!(vault.open("bank_account.account", &sealed).is_err());
        assert!(Vault::new(&[8; 32]).open("person_document.number", &sealed).is_err());
        for i in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[i] ^= 1;
            assert!(vault.open("person_document.number", &flipped).is_err(), "byte {i}");
        }
    }

    #[test]
    fn equal_values_share_an_index_and_other_keys_or_domains_do_not() {
        let vault = Vault::new(&[7; 32]);
        assert_eq!(vault.index("document", "X1"), vault.index("document", "X1"));
        assert_ne!(vault.index("document", "X1"), vault.index("account", "X1"));
        assert_ne!(vault.index("document", "X1"), Vault::new(&[8; 32]).index("document", "X1"));
    }

    #[test]
    fn bytes_come_back_from_their_digits() {
        assert_eq!(unhex(&hex(&[0, 1, 0xaf, 0xff])).unwrap(), [0, 1, 0xaf, 0xff]);
        assert_eq!([unhex("abc"), unhex("zz"), unhex("+1")], [None, None, None]);
    }

    #[test]
    fn a_mark_belongs_to_one_text_and_one_key() {
        let vault = Vault::new(&[7; 32]);
        let mark = vault.mark("certificate", "A");
        let typed = format!("{}-{}", &mark[..4].to_lowercase(), &mark[4..]);
        assert!(vault.is_mark("certificate", "A", &typed));
        assert!(!vault.is_mark("certificate", "B", &mark));
        assert!(!vault.is_mark("receipt", "A", &mark));
        assert!(!vault.is_mark("certificate", "A", &mark[..19]));
        assert!(!Vault::new(&[8; 32]).is_mark("certificate", "A", &mark));
    }

    #[test]
    fn a_signature_is_checked_with_the_public_key_alone() {
        let vault = Vault::new(&[7; 32]);
        let (key, signature) = (vault.public_key(), vault.sign(b"told"));
        assert!(is_signed(&key, b"told", &signature));
        assert!(!is_signed(&key, b"tolt", &signature));
        assert!(!is_signed(&Vault::new(&[8; 32]).public_key(), b"told", &signature));
        assert!(!is_signed("no key", b"told", &signature));
        assert!(!is_signed(&key, b"told", &signature[1..]));
    }

    #[cfg(unix)]
    #[test]
    fn the_key_file_is_made_once_and_refused_when_others_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let first = Vault::open_or_create(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let second = Vault::open_or_create(&path).unwrap();
        assert_eq!(first.index("d", "v"), second.index("d", "v"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Vault::open_or_create(&path).is_err());
    }
}
