//! The page of what is held of persons.
#![expect(missing_docs, reason = "view fields carry the words of their template")]

use askama::Template;

use crate::web::frame::PublicFrame;

/// A kind of personal information.
#[derive(Debug, Clone)]
pub struct KindRow {
    pub what: String,
    pub class: String,
    pub purpose: String,
    pub basis: String,
    pub kept: String,
    pub retention: String,
    pub tables: usize,
}

/// `/public/privacy`.
#[derive(Debug, Clone, Template)]
#[template(path = "privacy/inventory.html")]
pub struct Privacy {
    pub frame: PublicFrame,
    pub rows: Vec<KindRow>,
}

impl Privacy {
    /// The only form it has.
    pub fn samples() -> Vec<Self> {
        vec![Self { frame: PublicFrame::sample(), rows: super::rows() }]
    }
}
