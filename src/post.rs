//! The way out for mail: a server by its address, or none.

use std::sync::Arc;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// The configured mail server, if one is. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Post {
    server: Option<Arc<Server>>,
}

#[derive(Debug)]
struct Server {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    site: String,
}

/// Why mail cannot go out.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// There is no server.
    #[error("no mail server is configured")]
    Nowhere,
    /// The configuration cannot be used.
    #[error("mail configuration: {0}")]
    Settings(String),
    /// A mail cannot be written.
    #[error("a mail could not be written")]
    Letter,
    /// The server did not take it. Its answer is not kept: it may repeat the address.
    #[error("the mail server did not take a mail")]
    Refused,
}

impl Post {
    /// A server by its address (`smtp://user:password@host:port`, `smtps://…`, `?tls=required`),
    /// the sender, and the address of this site that mails lead to.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn to(server: &str, from: &str, site: &str) -> Result<Self, PostError> {
        // The address holds a password: it is not repeated in the error.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(server)
            .map_err(|_| PostError::Settings("the server's address is wrong".to_owned()))?
            .timeout(Some(std::time::Duration::from_secs(20)))
            .build();
        let from = from.parse().map_err(|_| PostError::Settings(format!("sender {from:?}")))?;
        let site = site.trim_end_matches('/').to_owned();
        Ok(Self { server: Some(Arc::new(Server { transport, from, site })) })
    }

    /// Whether there is a server.
    pub const fn is_on(&self) -> bool {
        self.server.is_some()
    }

    /// The address of this site, without a slash at its end; empty without a server.
    pub fn site(&self) -> &str {
        self.server.as_ref().map_or("", |server| server.site.as_str())
    }

    /// Sends a mail of plain text.
    ///
    /// # Errors
    /// When the server does not take it.
    pub async fn send(&self, to: &str, subject: &str, body: &str) -> Result<(), PostError> {
        let server = self.server.as_ref().ok_or(PostError::Nowhere)?;
        let letter = Message::builder()
            .from(server.from.clone())
            .to(to.parse().map_err(|_| PostError::Letter)?)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body.to_owned())
            .map_err(|_| PostError::Letter)?;
        server.transport.send(letter).await.map(|_| ()).map_err(|_| PostError::Refused)
    }
}
