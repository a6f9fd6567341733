//! A receiver that keeps what it is sent and answers as it is told to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Taken {
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// A receiver on loopback.
pub struct Receiver {
    pub url: String,
    pub status: Arc<AtomicU16>,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (status, taken) = (Arc::new(AtomicU16::new(204)), Arc::default());
        let receiver = Self { url, status: Arc::clone(&status), taken: Arc::clone(&taken) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, Arc::clone(&status), Arc::clone(&taken)));
            }
        });
        receiver
    }

    pub async fn taken(&self) -> Vec<Taken> {
        self.taken.lock().await.clone()
    }
}

async fn take(
    stream: TcpStream,
    status: Arc<AtomicU16>,
    taken: Arc<Mutex<Vec<Taken>>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    assert!(line.starts_with("POST /hook HTTP/1.1"), "{line}");
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers["content-length"].parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    taken.lock().await.push(Taken { headers, body: String::from_utf8(body).unwrap() });
    let status = status.load(Ordering::SeqCst);
    let answer = format!(
        "HTTP/1.1 {status} said\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
    );
    stream.get_mut().write_all(answer.as_bytes()).await
}

/// Whether a request was signed with this secret, by the book of Standard Webhooks.
pub fn is_signed(taken: &Taken, secret: &str) -> bool {
    let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let said = |name: &str| taken.headers[name].as_str();
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).unwrap();
    mac.update(
        format!("{}.{}.{}", said("webhook-id"), said("webhook-timestamp"), taken.body).as_bytes(),
    );
    let expected = format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()));
    assert_eq!(said("content-type"), "application/json");
    said("webhook-signature").split(' ').any(|signature| signature == expected)
}
