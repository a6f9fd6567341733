//! What every handler is given, and who is at the other end of the connection.

use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{Extensions, HeaderMap};

use super::room::Room;
use crate::app::App;
use crate::domain::machine::Gate;

/// State of the router. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Site {
    /// The open installation.
    pub app: App,
    /// Reverse proxies whose word about the client's address is believed.
    trusted_proxies: Arc<[IpAddr]>,
    gate: Arc<Mutex<Gate>>,
    /// How many requests are worked on at a time.
    pub(super) room: Room,
    /// The folder whose disk must have room.
    pub(super) data: Option<Arc<Path>>,
}

/// Address of the peer of a connection; the server puts it beside each request.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// Number of a request, to quote when asking for help.
#[derive(Debug, Clone, Default)]
pub struct RequestId(pub String);

impl Site {
    /// A site that believes no proxy.
    pub fn new(app: App) -> Self {
        Self {
            app,
            trusted_proxies: Arc::new([]),
            gate: Arc::default(),
            room: Room::default(),
            data: None,
        }
    }

    /// The same site with this room for requests.
    #[must_use]
    pub fn with_room(mut self, room: Room) -> Self {
        self.room = room;
        self
    }

    /// The same site, which keeps an eye on the disk of its data folder.
    #[must_use]
    pub fn keeping(mut self, data: &Path) -> Self {
        self.data = Some(data.into());
        self
    }

    /// Lets one more request of a token through.
    ///
    /// # Errors
    /// The seconds after which the next one will pass.
    pub fn pass(&self, token: i64, per_minute: i64) -> Result<(), i64> {
        let second = self.app.clock.machine_now().timestamp();
        // A count is whole whoever panicked beside it.
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        gate.pass(token, second, per_minute)
    }

    /// The same site behind reverse proxies at these addresses.
    #[must_use]
    pub fn behind(mut self, proxies: &[IpAddr]) -> Self {
        self.trusted_proxies = proxies.into();
        self
    }

    /// Name of a cookie. Over HTTPS the prefix makes browsers refuse it from anywhere else.
    pub fn cookie_name(&self, name: &str) -> String {
        if self.app.secure_cookies { format!("__Host-{name}") } else { name.to_owned() }
    }

    /// Address a request came from. `X-Forwarded-For` counts only when the peer is a trusted
    /// proxy, and then only its last entry that no trusted proxy wrote about another.
    pub fn address(&self, headers: &HeaderMap, extensions: &Extensions) -> String {
        let Some(Peer(peer)) = extensions.get::<Peer>() else { return "unknown".to_owned() };
        if !self.trusted_proxies.contains(peer) {
            return peer.to_string();
        }
        let named = headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok());
        let hops: Vec<&str> = named.flat_map(|v| v.split(',')).map(str::trim).collect();
        let client = hops
            .iter()
            .rev()
            .map_while(|hop| hop.parse::<IpAddr>().ok())
            .find(|hop| !self.trusted_proxies.contains(hop));
        client.unwrap_or(*peer).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::vault::Vault;

    #[tokio::test]
    async fn only_a_trusted_proxy_is_believed_about_the_client() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let app = App::open(&url, Vault::new(&[7; 32]), Clock::system()).await.unwrap();
        let proxy = IpAddr::from([10, 0, 0, 1]);
        let site = Site::new(app).behind(&[proxy]);
        let seen = |peer: IpAddr, forwarded: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            let mut extensions = Extensions::new();
            extensions.insert(Peer(peer));
            site.address(&headers, &extensions)
        };

        assert_eq!(seen(IpAddr::from([192, 0, 2, 9]), "198.51.100.7"), "192.0.2.9");
        assert_eq!(seen(proxy, "198.51.100.7"), "198.51.100.7");
        assert_eq!(seen(proxy, "203.0.113.5, 198.51.100.7, 10.0.0.1"), "198.51.100.7");
        assert_eq!(seen(proxy, "198.51.100.7, nonsense"), "10.0.0.1");
    }
}
