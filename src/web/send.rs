//! Forms coming in, and the answers that are no pages.

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::ops::Deref;

use crate::service::Error;

use super::csrf;
use super::errors::pages::Trouble;
use super::failure::Failure;
use super::form::FormState;
use super::frame::Flash;
use super::session::{SignedIn, visit_secret};
use super::site::Site;

/// What a workbook is called on the wire.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Largest body of a form without a file.
const FORM_LIMIT: usize = 1 << 20;
/// Largest uploaded file.
pub const FILE_LIMIT: usize = 20 << 20;
/// More fields than any page has.
const MAX_FIELDS: usize = 5_000;
const TOKEN: &str = "csrf_token";
const KEY: &str = "idempotency_key";

/// A form that came from one of our pages: its token was verified.
#[derive(Debug, Clone, Default)]
pub struct Filed {
    fields: Vec<(String, String)>,
}

impl Filed {
    /// The text of a field without the space around it; empty when it is missing.
    pub fn text(&self, field: &str) -> &str {
        self.secret(field).trim()
    }

    /// The text of a field exactly as it was typed: passwords.
    pub fn secret(&self, field: &str) -> &str {
        self.fields.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value)
    }

    /// All texts of a field that may occur often.
    pub fn all(&self, field: &str) -> Vec<&str> {
        let same = self.fields.iter().filter(|(name, _)| name == field);
        same.map(|(_, value)| value.trim()).collect()
    }

    /// All fields, in the order of the form.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Key under which sending the form a second time does nothing.
    pub fn key(&self) -> &str {
        self.text(KEY)
    }

    /// The form without some of its fields.
    #[must_use]
    pub(super) fn without(mut self, names: &[&str]) -> Self {
        self.fields.retain(|(name, _)| !names.contains(&name.as_str()));
        self
    }

    /// What another page carries along of it, to send it again: all but its token and passwords.
    pub(super) fn carried(&self) -> Vec<(String, String)> {
        let is_kept = |name: &str| name != TOKEN && name != "current" && !name.contains("password");
        self.fields.iter().filter(|(name, _)| is_kept(name)).cloned().collect()
    }

    /// The form as it was typed, to show it again. Holds no password.
    pub fn state(&self, prefix: &str) -> FormState {
        let mut state = FormState::new(prefix);
        for (name, value) in &self.fields {
            let hidden = name == TOKEN || name == KEY || name.contains("password");
            if !hidden && name != "current" {
                state.values.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        state
    }

    /// Takes a field in. Characters that no text holds are dropped: a database would refuse them.
    fn push(&mut self, name: String, value: &str) -> Result<(), Failure> {
        if self.fields.len() >= MAX_FIELDS {
            return Err(Failure::from(Trouble::of(422)));
        }
        let kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
        self.fields.push((name, value.chars().filter(kept).collect()));
        Ok(())
    }

    fn verified(self, site: &Site, secret: &str) -> Result<Self, Failure> {
        let token = self.text(TOKEN);
        if csrf::matches(&site.app.vault, secret, token) {
            Ok(self)
        } else {
            Err(csrf::stale_form())
        }
    }
}

impl FromRequest<Site> for Filed {
    type Rejection = Failure;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let secret = match SignedIn::known(site, &mut parts).await? {
            Some(who) => Some(who.form_secret),
            None => visit_secret(site, &parts),
        };
        Self::read(site, &parts, body, secret).await
    }
}

impl Filed {
    /// The form in a body whose token must have been made for `secret`.
    pub(super) async fn read(
        site: &Site,
        parts: &Parts,
        body: Body,
        secret: Option<String>,
    ) -> Result<Self, Failure> {
        let secret = secret.ok_or_else(csrf::stale_form)?;
        if !has_kind(&parts.headers, "application/x-www-form-urlencoded") {
            return Err(Failure::from(Trouble::of(415)));
        }
        let body = axum::body::to_bytes(body, FORM_LIMIT).await.map_err(|error| {
            let limit =
                std::error::Error::source(&error).is_some_and(|e| e.to_string().contains("limit"));
            Failure::from(Trouble::of(if limit { 413 } else { 400 }))
        })?;
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(&body).map_err(|_| Failure::from(Trouble::of(400)))?;
        let mut filed = Self::default();
        for (name, value) in pairs {
            filed.push(name, &value)?;
        }
        filed.verified(site, &secret)
    }
}

fn has_kind(headers: &axum::http::HeaderMap, kind: &str) -> bool {
    let stated = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    stated.is_some_and(|stated| stated.split(';').next().is_some_and(|s| s.trim() == kind))
}

/// An uploaded file.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its name, without folders and control characters. Never a path.
    pub name: String,
    /// Its content, at most [`FILE_LIMIT`] bytes.
    pub bytes: Vec<u8>,
}

/// A form with a file, from one of our pages and from somebody signed in.
#[derive(Debug, Clone, Default)]
pub struct FiledWithFile {
    filed: Filed,
    file: Option<Upload>,
}

impl FiledWithFile {
    /// The file, if one was chosen.
    pub fn file(&self) -> Option<&Upload> {
        self.file.as_ref()
    }

    /// Name and content of a table that the form cannot do without.
    ///
    /// # Errors
    /// [`Error::Invalid`] (`file`) when none was chosen, or an empty one.
    pub fn table(&self) -> Result<(&str, &[u8]), Error> {
        let chosen = self.file().filter(|file| !file.bytes.is_empty());
        let missing = || ("file".to_owned(), "请选择要上传的表格".to_owned());
        let file = chosen.ok_or_else(|| Error::Invalid(vec![missing()]))?;
        Ok((&file.name, &file.bytes))
    }
}

impl Deref for FiledWithFile {
    type Target = Filed;

    fn deref(&self) -> &Filed {
        &self.filed
    }
}

impl FromRequest<Site> for FiledWithFile {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let who = SignedIn::from_request_parts(&mut parts, site).await?;
        let request = Request::from_parts(parts, body);
        let refuse = |status| Failure::from(Trouble::of(status)).into_response();
        let form = Multipart::from_request(request, site).await.map_err(|_| refuse(415))?;
        let read = read_multipart(form).await.map_err(IntoResponse::into_response)?;
        let filed = read.filed.verified(site, &who.form_secret);
        Ok(Self { filed: filed.map_err(IntoResponse::into_response)?, file: read.file })
    }
}

async fn read_multipart(mut form: Multipart) -> Result<FiledWithFile, Failure> {
    let mut out = FiledWithFile::default();
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        if let Some(file_name) = field.file_name().map(plain_name) {
            let bytes = read_field(field, FILE_LIMIT).await?;
            if !bytes.is_empty() || !file_name.is_empty() {
                out.file = Some(Upload { name: file_name, bytes });
            }
        } else {
            let bytes = read_field(field, FORM_LIMIT).await?;
            out.filed.push(name, &String::from_utf8_lossy(&bytes))?;
        }
    }
    Ok(out)
}

async fn read_field(mut field: Field<'_>, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
        let chunk: Bytes = chunk;
        if bytes.len() + chunk.len() > limit {
            return Err(Failure::from(Trouble::of(413)));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn unreadable(error: MultipartError) -> Failure {
    Failure::from(Trouble::of(error.status().as_u16()))
}

/// The last part of a path, without control characters, at most 120 characters.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(120).collect()
}

/// After an action: on to `to`, a path of this site, where `text` is shown once.
pub fn done(to: &str, text: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    response.extensions_mut().insert(Flash { kind: "good", text: text.to_owned() });
    response
}

/// A file to save. Never shown in the browser, never kept by it.
pub fn download(name: &str, media_type: &str, bytes: Vec<u8>) -> Response {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' })
        .collect();
    let disposition =
        format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", percent(name));
    let mut response = (StatusCode::OK, bytes).into_response();
    let headers = response.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).ok();
    let kind = value(media_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, kind);
    if let Some(disposition) = value(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    response
}

/// RFC 5987 encoding of a name.
fn percent(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    name.bytes().fold(String::new(), |out, byte| {
        if plain(byte) {
            out + char::from(byte).encode_utf8(&mut [0; 4])
        } else {
            out + &format!("%{byte:02X}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_never_a_path_and_travels_in_any_script() {
        assert_eq!(plain_name("C:\\temp\\..\\名册\r\n.xlsx"), "名册.xlsx");
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        let sent = download("批次 1\".csv", "text/csv", Vec::new());
        let stated = sent.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned();
        let expected =
            "attachment; filename=\"___1_.csv\"; filename*=UTF-8''%E6%89%B9%E6%AC%A1%201%22.csv";
        assert_eq!(stated, expected);
    }
}
