//! The way out for events: signed requests to the addresses that administrators entered, and to
//! no machine of our own network.

use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, header};
use sha2::Sha256;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::domain::webhook::is_public;
use crate::vault::VaultError;

/// A receiver answers within this time, from the look-up of its name to the end of the answer.
const ANSWER_TIME: Duration = Duration::from_secs(10);
/// What is read of an answer; the rest is not waited for.
const MOST_ANSWER_BYTES: usize = 4 << 10;
/// Longest address of an endpoint.
const LONGEST_ADDRESS: usize = 500;
/// Begins every secret, as Standard Webhooks has it.
const SECRET_PREFIX: &str = "whsec_";
/// Bytes of a secret.
const SECRET_LEN: usize = 32;

/// What takes events out. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Courier {
    /// Whether addresses of one's own network are allowed, and http to this machine.
    private: bool,
    client: Arc<OnceLock<Option<Client>>>,
}

/// One event on its way.
#[derive(Debug, Clone, Copy)]
pub struct Parcel<'a> {
    /// Where to.
    pub url: &'a str,
    /// Stays the same in every attempt.
    pub message_id: &'a str,
    /// Second of this attempt, since the epoch.
    pub timestamp: i64,
    /// Signatures, parted by spaces.
    pub signatures: &'a str,
    /// JSON.
    pub body: &'a str,
}

/// Why an event was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The receiver answered with another status than 2xx. Redirects are not followed.
    #[error("对方返回 {0}")]
    Status(u16),
    /// The name leads into a network of our own.
    #[error("地址指向内部网络，已拒绝")]
    Private,
    /// No answer in time.
    #[error("对方 10 秒内没有应答")]
    Late,
    /// No connection.
    #[error("无法连接对方")]
    Unreachable,
    /// The machine cannot send at all.
    #[error("本机无法发送")]
    Broken,
}

impl Courier {
    /// A courier that also goes to addresses of one's own network, and by http to this machine,
    /// when `private`.
    pub fn new(private: bool) -> Self {
        Self { private, ..Self::default() }
    }

    /// The address of an endpoint as typed, in its plain form.
    ///
    /// # Errors
    /// What is wrong with it, for the form.
    pub fn address(&self, text: &str) -> Result<Url, String> {
        let text = text.trim();
        let url = Url::parse(text).ok().filter(|_| text.len() <= LONGEST_ADDRESS);
        let plain = |url: &Url| url.username().is_empty() && url.password().is_none();
        let url = url.filter(|url| plain(url) && url.fragment().is_none());
        let Some((url, host)) = url.and_then(|url| Some((url.clone(), url.host()?.to_owned())))
        else {
            let text = "请填写完整的网址，如 https://hr.example.com/hooks，不含用户名和 #";
            return Err(text.to_owned());
        };
        let here = match &host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        match url.scheme() {
            "https" => {}
            "http" if self.private && here => {}
            _ => return Err("请填写以 https:// 开头的网址".to_owned()),
        }
        if self.may_reach(&host) { Ok(url) } else { Err(Undelivered::Private.to_string()) }
    }

    /// Names are looked at when they are looked up.
    fn may_reach(&self, host: &Host<String>) -> bool {
        self.private
            || match host {
                Host::Domain(name) => name != "localhost" && !name.ends_with(".localhost"),
                Host::Ipv4(address) => is_public((*address).into()),
                Host::Ipv6(address) => is_public((*address).into()),
            }
    }

    /// Hands an event over; gives the status, 200 to 299.
    ///
    /// # Errors
    /// When it was not taken.
    pub async fn deliver(&self, parcel: &Parcel<'_>) -> Result<u16, Undelivered> {
        // What was allowed when it was typed need not be any more.
        let url = self.address(parcel.url).map_err(|_| Undelivered::Private)?;
        let client = self.client.get_or_init(|| client(self.private));
        let client = client.as_ref().ok_or(Undelivered::Broken)?;
        let request = client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", parcel.message_id)
            .header("webhook-timestamp", parcel.timestamp)
            .header("webhook-signature", parcel.signatures)
            .body(parcel.body.to_owned());
        let mut response = request.send().await.map_err(|error| why(&error))?;
        let status = response.status();
        let mut read = 0;
        while read < MOST_ANSWER_BYTES {
            match response.chunk().await {
                Ok(Some(chunk)) => read += chunk.len(),
                // The status was said: what becomes of the rest is the receiver's affair.
                Ok(None) | Err(_) => break,
            }
        }
        if status.is_success() {
            Ok(status.as_u16())
        } else {
            Err(Undelivered::Status(status.as_u16()))
        }
    }
}

fn client(private: bool) -> Option<Client> {
    let built = Client::builder()
        .user_agent(concat!("juncai/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .no_proxy()
        .timeout(ANSWER_TIME)
        // A connection that was kept would not be looked up again.
        .pool_max_idle_per_host(0)
        .https_only(!private)
        .dns_resolver(Checked { private })
        .build();
    built.inspect_err(|error| tracing::error!(%error, "no events can be sent")).ok()
}

fn why(error: &reqwest::Error) -> Undelivered {
    let mut inner: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(cause) = inner {
        if cause.downcast_ref::<PrivateAddress>().is_some() {
            return Undelivered::Private;
        }
        inner = cause.source();
    }
    if error.is_timeout() { Undelivered::Late } else { Undelivered::Unreachable }
}

/// Looks names up once, and lets the connection go to what was looked at only.
struct Checked {
    private: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not public")]
struct PrivateAddress;

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            if !private && found.iter().any(|address| !is_public(address.ip())) {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// A new secret, as its receiver is told it.
///
/// # Errors
/// When the machine gives no randomness.
pub fn new_secret() -> Result<Zeroizing<String>, VaultError> {
    let mut bytes = Zeroizing::new([0u8; SECRET_LEN]);
    getrandom::fill(bytes.as_mut()).map_err(|e| VaultError::Key(e.to_string()))?;
    Ok(Zeroizing::new(format!("{SECRET_PREFIX}{}", BASE64.encode(bytes.as_ref()))))
}

/// The signature over number, second and body, as Standard Webhooks writes it (`v1,…`): HMAC-SHA-256
/// under the bytes of the secret.
///
/// # Errors
/// When the secret is none of [`new_secret`].
pub fn sign(
    secret: &str,
    message_id: &str,
    timestamp: i64,
    body: &str,
) -> Result<String, VaultError> {
    let packed = secret.strip_prefix(SECRET_PREFIX).ok_or(VaultError::Sealed)?;
    let key = Zeroizing::new(BASE64.decode(packed).map_err(|_| VaultError::Sealed)?);
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(&key).map_err(|_| VaultError::Sealed)?;
    mac.update(format!("{message_id}.{timestamp}.{body}").as_bytes());
    Ok(format!("v1,{}", BASE64.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standard() {
        // The example of the specification.
        let signed = sign(
            "whsec_plJ3nmyCDGBKInavdOK15jsl",
            "msg_loFOjxBNrRLzqYUf",
            1_731_705_121,
            r#"{"event_type":"ping","data":{"success":true}}"#,
        );
        assert_eq!(signed.unwrap(), "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
        assert!(sign("jc_1234", "m", 1, "").is_err());
    }

    #[test]
    fn an_address_is_https_without_a_user_and_not_ours() {
        let outside = Courier::default();
        assert!(outside.address(" https://hr.example.com/hooks?k=1 ").is_ok());
        for bad in [
            "",
            "hr.example.com/hooks",
            "http://hr.example.com/hooks",
            "ftp://hr.example.com",
            "https://user:pw@hr.example.com/",
            "https://hr.example.com/#x",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://10.0.0.8/",
            "https://localhost/",
            "http://127.0.0.1/",
        ] {
            assert!(outside.address(bad).is_err(), "{bad}");
        }
        let inside = Courier::new(true);
        for good in ["http://127.0.0.1:9/", "http://localhost:9/", "https://10.0.0.8/"] {
            assert!(inside.address(good).is_ok(), "{good}");
        }
        assert!(inside.address("http://10.0.0.8/").is_err(), "plain http stays on this machine");
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_refused_before_any_connection() {
        let checked = Checked { private: false };
        let refused = checked.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert!(refused.downcast_ref::<PrivateAddress>().is_some());
        let allowed = Checked { private: true }.resolve("localhost".parse().unwrap()).await;
        assert!(allowed.unwrap().all(|address| address.ip().is_loopback()));
    }

    #[tokio::test]
    async fn without_a_receiver_nothing_is_taken_and_the_machine_is_able_to_speak_tls() {
        let parcel = Parcel {
            url: "https://127.0.0.1:1/",
            message_id: "msg_1",
            timestamp: 1,
            signatures: "v1,x",
            body: "{}",
        };
        let inside = Courier::new(true).deliver(&parcel).await;
        assert_eq!(inside, Err(Undelivered::Unreachable));
        assert_eq!(Courier::default().deliver(&parcel).await, Err(Undelivered::Private));
    }
}
