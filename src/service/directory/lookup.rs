//! Finding a person by an identity document, exactly and without a trace of the number.

use crate::vault::kind;
use serde_json::json;

use crate::app::App;
use crate::domain::authority::Act;
use crate::domain::identity::{DocumentType, IdentityDocument, compact};
use crate::service::{Actor, Error, log};
use crate::store::directory as store;

/// Official number of the person in the actor's scope who holds this document, whoever registered
/// it. The number may belong to any kind of document; it is compared by keyed hash only. Every
/// search is logged, without the number.
///
/// # Errors
/// [`Error::Forbidden`] without [`Act::ReadRegistry`]; [`Error::Invalid`] for field `document_no`
/// when the text is no document number.
pub async fn lookup(app: &App, actor: &Actor, text: &str) -> Result<Option<String>, Error> {
    actor.must(Act::ReadRegistry)?;
    let countries = store::passport_countries(app.db.read(), DocumentType::Passport.code()).await?;
    let keys = identity_keys(text, &countries)
        .map_err(|message| Error::Invalid(vec![("document_no".to_owned(), message)]))?;
    let indexes: Vec<String> =
        keys.iter().map(|key| app.vault.index(kind::DOCUMENT, key)).collect();
    let tx = app.db.begin().await?;
    let found = store::person_by_document(&tx, &actor.scope, &indexes).await?;
    let no = found.as_ref().map_or("", |person| person.no.as_str());
    let detail = json!({ "found": found.is_some() });
    log(app, &tx, actor, "engineer.looked_up", ("engineer", no), &detail).await?;
    tx.commit().await?;
    Ok(found.map(|person| person.no))
}

/// What the number would be kept under, for every kind of document that it can belong to.
pub(in crate::service) fn identity_keys(
    text: &str,
    countries: &[String],
) -> Result<Vec<String>, String> {
    if text.trim().is_empty() {
        return Err("请输入证件号码".to_owned());
    }
    let mut keys = Vec::new();
    // Passports may be nearly anything: a mistyped resident number would pass for one.
    let resident = is_resident_shaped(text);
    for kind in DocumentType::ALL {
        if resident && kind == DocumentType::Passport {
            continue;
        }
        let Ok(document) = IdentityDocument::parse(kind, text) else { continue };
        let document = document.value;
        if kind == DocumentType::Passport {
            let issued = countries.iter().filter_map(|c| document.clone().issued_by(c).ok());
            keys.extend(issued.map(|document| document.identity_key()));
        }
        keys.push(document.identity_key());
    }
    if !keys.is_empty() {
        return Ok(keys);
    }
    match IdentityDocument::parse(DocumentType::ResidentId, text) {
        Err(error) if resident => Err(error.to_string()),
        _ => Err("这不是可识别的证件号码，请核对后重新输入".to_owned()),
    }
}

/// Seventeen digits and a digit or an X, which no passport has.
fn is_resident_shaped(text: &str) -> bool {
    let text = compact(text);
    let (body, last) = text.split_at_checked(17).unwrap_or((&text, ""));
    body.len() == 17
        && body.bytes().all(|b| b.is_ascii_digit())
        && last.len() == 1
        && last.bytes().all(|b| b.is_ascii_digit() || b == b'X')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passport_is_looked_for_under_every_country_on_record() {
        let keys = identity_keys("C01X00T47", &["DEU".into(), "USA".into()]).unwrap();
        for key in ["passport:DEU:C01X00T47", "passport:USA:C01X00T47", "passport:XXX:C01X00T47"] {
            assert!(keys.iter().any(|known| known == key), "{key} is missing in {keys:?}");
        }
    }

    #[test]
    fn a_mistyped_resident_number_is_told_what_is_wrong_and_a_name_is_no_number() {
        let wrong = identity_keys("350102199001011230", &[]);
        assert!(wrong.is_err_and(|text| !text.contains("350102")));
        assert!(identity_keys("张三", &[]).is_err());
        assert!(identity_keys(" ", &[]).is_err());
    }
}
