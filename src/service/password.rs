//! Hashing passwords: slow on purpose, so never on the threads that answer requests, and never
//! too many at once.

use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::{Semaphore, SemaphorePermit};
use zeroize::Zeroizing;

use super::Error;

/// Hashes computed at the same time; each takes 19 MiB.
static PLACES: Semaphore = Semaphore::const_new(4);
/// Longest wait for a place.
const PATIENCE: Duration = Duration::from_secs(10);
/// A hash with the usual parameters that no password has: a sign-in name that does not exist
/// must take as long as one that does, and so must an account that waits to be authorised.
pub(super) const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The argon2id hash of a password, as a PHC string.
///
/// # Errors
/// [`Error::Refused`] when too many people wait.
pub async fn hash(password: &str) -> Result<String, Error> {
    let password = Zeroizing::new(password.to_owned());
    in_place(move || {
        let hash = Argon2::default().hash_password(password.as_bytes());
        hash.map(|hash| hash.to_string()).map_err(|e| Error::Internal(format!("argon2: {e}")))
    })
    .await?
}

/// Whether a password is the stored one. Without a stored one it takes as long and is wrong.
///
/// # Errors
/// [`Error::Refused`] when too many people wait.
pub async fn verify(password: &str, stored: Option<&str>) -> Result<bool, Error> {
    let password = Zeroizing::new(password.to_owned());
    let exists = stored.is_some();
    let stored = stored.unwrap_or(NOBODY).to_owned();
    let same = in_place(move || {
        Argon2::default().verify_password(password.as_bytes(), stored.as_str()).is_ok()
    })
    .await?;
    Ok(exists && same)
}

async fn in_place<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let fault = |e: &dyn std::fmt::Display| Error::Internal(format!("password hashing: {e}"));
    let place: SemaphorePermit<'static> = tokio::time::timeout(PATIENCE, PLACES.acquire())
        .await
        .map_err(|_| Error::Refused("同时登录的人较多，请稍后再试".to_owned()))?
        .map_err(|e| fault(&e))?;
    let work = move || {
        let _place = place;
        work()
    };
    tokio::task::spawn_blocking(work).await.map_err(|e| fault(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_same_password_is_right_and_nobody_has_none() {
        let stored = hash("武夷山的茶比去年更香").await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("武夷山的茶比去年更香", Some(&stored)).await.unwrap());
        assert!(!verify("武夷山的茶比去年更苦", Some(&stored)).await.unwrap());
        assert!(!verify("", None).await.unwrap());
    }

    #[test]
    fn the_hash_of_nobody_costs_what_a_hash_costs() {
        let nobody = argon2::password_hash::phc::PasswordHash::new(NOBODY).unwrap();
        let usual = Argon2::default().hash_password(b"x").unwrap();
        assert_eq!(nobody.params, usual.params);
        assert_eq!(nobody.salt.unwrap().len(), usual.salt.unwrap().len());
        assert_eq!(nobody.hash.unwrap().len(), usual.hash.unwrap().len());
    }
}
