//! A person's identity document of any accepted kind.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::country::is_alpha3;
use super::mask::mask_number;
use super::{
    Checked, IdentityError, Passport, PermanentResidence, ResidencePermit, ResidentId,
    TravelPermit, half_width,
};

/// Country of a passport whose issuer is not known (the reserved code of ICAO 9303).
pub const UNKNOWN_COUNTRY: &str = "XXX";

/// The kinds of identity documents that the registry accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentType {
    /// 居民身份证.
    ResidentId,
    /// 港澳台居民居住证.
    ResidencePermit,
    /// 港澳居民来往内地通行证.
    TravelPermitHkMo,
    /// 台湾居民来往大陆通行证.
    TravelPermitTw,
    /// 护照.
    Passport,
    /// 外国人永久居留身份证.
    PermanentResidence,
}

impl DocumentType {
    /// Every kind, in the order of selection lists.
    pub const ALL: [Self; 6] = [
        Self::ResidentId,
        Self::ResidencePermit,
        Self::TravelPermitHkMo,
        Self::TravelPermitTw,
        Self::Passport,
        Self::PermanentResidence,
    ];

    /// The code that is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ResidentId => "resident_id",
            Self::ResidencePermit => "residence_permit",
            Self::TravelPermitHkMo => "travel_permit_hk_mo",
            Self::TravelPermitTw => "travel_permit_tw",
            Self::Passport => "passport",
            Self::PermanentResidence => "permanent_residence",
        }
    }

    /// The kind of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The words of spreadsheets and pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ResidentId => "居民身份证",
            Self::ResidencePermit => "港澳台居民居住证",
            Self::TravelPermitHkMo => "港澳居民来往内地通行证",
            Self::TravelPermitTw => "台湾居民来往大陆通行证",
            Self::Passport => "护照",
            Self::PermanentResidence => "外国人永久居留身份证",
        }
    }

    const fn synonyms(self) -> &'static [&'static str] {
        match self {
            Self::ResidentId => &["身份证", "中华人民共和国居民身份证", "二代身份证"],
            Self::ResidencePermit => &["港澳台居住证", "港澳居民居住证", "台湾居民居住证"],
            Self::TravelPermitHkMo => &["回乡证", "港澳通行证", "港澳居民通行证"],
            Self::TravelPermitTw => &["台胞证", "台湾通行证", "台湾居民通行证"],
            Self::Passport => &["中国护照", "外国护照", "普通护照"],
            Self::PermanentResidence => {
                &["外国人永久居留证", "外国人永居证", "永久居留身份证", "永居证"]
            }
        }
    }

    /// The kind that a spreadsheet cell names: a label or a common synonym.
    pub fn from_label(text: &str) -> Option<Self> {
        let text: String = text.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
        Self::ALL
            .into_iter()
            .find(|kind| kind.label() == text || kind.synonyms().contains(&text.as_str()))
    }
}

impl fmt::Display for DocumentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// A checked identity document. Documents change (a passport on renewal); persons do not.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdentityDocument {
    kind: DocumentType,
    country: String,
    number: String,
    /// What stays when the same document is issued again.
    holder: String,
    birth_date: Option<NaiveDate>,
}

impl IdentityDocument {
    /// Reads the number of a document of a declared kind.
    ///
    /// The country is `CHN`; of a permanent residence card it is the nationality inside the
    /// number; of a passport that has no Chinese form it is [`UNKNOWN_COUNTRY`].
    pub fn parse(kind: DocumentType, text: &str) -> Result<Checked<Self>, IdentityError> {
        let plain = |number: &str, country: &str, birth_date| Self {
            kind,
            country: country.to_owned(),
            number: number.to_owned(),
            holder: number.to_owned(),
            birth_date,
        };
        Ok(match kind {
            DocumentType::ResidentId => {
                ResidentId::parse(text)?.map(|id| plain(id.as_str(), "CHN", id.birth_date()))
            }
            DocumentType::ResidencePermit => ResidencePermit::parse(text)?
                .map(|permit| plain(permit.as_str(), "CHN", permit.birth_date())),
            DocumentType::TravelPermitHkMo => TravelPermit::parse_hk_mo(text)?.map(|permit| Self {
                holder: permit.holder().to_owned(),
                ..plain(permit.as_str(), "CHN", None)
            }),
            DocumentType::TravelPermitTw => {
                TravelPermit::parse_tw(text)?.map(|permit| plain(permit.as_str(), "CHN", None))
            }
            DocumentType::Passport => Passport::parse(text)?.map(|passport| {
                let country = if passport.is_chinese() { "CHN" } else { UNKNOWN_COUNTRY };
                plain(passport.as_str(), country, None)
            }),
            DocumentType::PermanentResidence => PermanentResidence::parse(text)?.map(|card| {
                let country = card.nationality().unwrap_or(UNKNOWN_COUNTRY);
                plain(card.as_str(), country, card.birth_date())
            }),
        })
    }

    /// The same passport with its issuing country (ISO 3166 alpha-3) as a person declared it; the
    /// country of other documents is fixed by their kind and left as it is.
    pub fn issued_by(mut self, country: &str) -> Result<Self, IdentityError> {
        let country = super::compact(country);
        if !is_alpha3(&country) {
            return Err(IdentityError::Country);
        }
        if self.kind == DocumentType::Passport {
            self.country = country;
        }
        Ok(self)
    }

    /// The kind of document.
    pub const fn kind(&self) -> DocumentType {
        self.kind
    }

    /// ISO 3166 alpha-3, or [`UNKNOWN_COUNTRY`].
    pub fn country(&self) -> &str {
        &self.country
    }

    /// The full normalised number. Personal data: never log it.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Equal for two documents of one holder and kind, different otherwise: `kind:country:number`,
    /// without the issue counter of a travel permit. Personal data: store its keyed hash only.
    pub fn identity_key(&self) -> String {
        format!("{}:{}:{}", self.kind.code(), self.country, self.holder)
    }

    /// The number as the public may see it.
    pub fn masked(&self) -> String {
        mask_number(&self.number)
    }

    /// The birth date, for the documents whose number holds it.
    pub const fn birth_date(&self) -> Option<NaiveDate> {
        self.birth_date
    }
}

impl fmt::Debug for IdentityDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityDocument({} {} {})", self.kind.code(), self.country, self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: DocumentType, text: &str) -> IdentityDocument {
        IdentityDocument::parse(kind, text).expect(text).value
    }

    #[test]
    fn codes_and_labels_name_each_kind_once() {
        for kind in DocumentType::ALL {
            assert_eq!(DocumentType::from_code(kind.code()), Some(kind));
            assert_eq!(DocumentType::from_label(kind.label()), Some(kind));
            let written = serde_json::to_string(&kind).expect("serialises");
            assert_eq!(written, format!("\"{}\"", kind.code()));
        }
        for (text, kind) in [
            (" 身份证 ", DocumentType::ResidentId),
            ("外国人永居证", DocumentType::PermanentResidence),
            ("港澳台居住证", DocumentType::ResidencePermit),
            ("回乡证", DocumentType::TravelPermitHkMo),
            ("台胞证", DocumentType::TravelPermitTw),
        ] {
            assert_eq!(DocumentType::from_label(text), Some(kind), "{text}");
        }
        assert_eq!(DocumentType::from_label("军官证X"), None);
    }

    #[test]
    fn a_permit_issued_again_is_the_same_holders() {
        let kind = DocumentType::TravelPermitHkMo;
        let (first, again) = (read(kind, "H12345678"), read(kind, "H1234567801"));
        assert_eq!(first.identity_key(), again.identity_key());
        assert_ne!(first.identity_key(), read(kind, "M12345678").identity_key());
        assert_eq!(again.number(), "H1234567801");
    }

    #[test]
    fn a_passport_belongs_to_its_country() {
        let chinese = read(DocumentType::Passport, "E99999991");
        assert_eq!(chinese.country(), "CHN");
        let unknown = read(DocumentType::Passport, "L898902C3");
        assert_eq!(unknown.country(), UNKNOWN_COUNTRY);
        let declared = unknown.clone().issued_by("usa").expect("a country");
        assert_eq!(declared.country(), "USA");
        assert_ne!(declared.identity_key(), unknown.identity_key());
        assert_eq!(unknown.issued_by("XYZ"), Err(IdentityError::Country));
        let card = read(DocumentType::PermanentResidence, "935840199007049981");
        assert_eq!(card.country(), "USA");
        assert_eq!(card.issued_by("DEU").expect("a country").country(), "USA");
    }

    #[test]
    fn debug_and_mask_never_show_the_number() {
        for (kind, number, masked) in [
            (DocumentType::ResidentId, "350102199003079981", "35*************981"),
            (DocumentType::ResidencePermit, "810000199001019988", "81*************988"),
            (DocumentType::PermanentResidence, "USA350190070403", "US**********403"),
            (DocumentType::Passport, "E99999991", "E******91"),
            (DocumentType::TravelPermitTw, "12345678", "1*****78"),
        ] {
            let document = read(kind, number);
            assert_eq!(document.masked(), masked);
            assert!(!format!("{document:?}").contains(number));
            assert!(document.identity_key().contains(number));
        }
    }

    #[test]
    fn only_some_numbers_hold_a_birth_date() {
        let born = |kind, text| read(kind, text).birth_date().map(|date| date.to_string());
        let of_resident = born(DocumentType::ResidentId, "35090219880808981x");
        assert_eq!(of_resident.as_deref(), Some("1988-08-08"));
        let of_card = born(DocumentType::PermanentResidence, "KAZ110090123105");
        assert_eq!(of_card.as_deref(), Some("1990-12-31"));
        assert_eq!(born(DocumentType::Passport, "E99999991"), None);
    }
}
