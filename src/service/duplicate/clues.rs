//! Clues: keyed hashes of what persons have in common, made of facts when somebody looks for
//! duplicates. They tell equal from different and nothing else.

use crate::app::App;
use crate::domain::duplicate::{Reason, name_key};
use crate::domain::identity::{DocumentType, IdentityDocument};
use crate::domain::registry::Code;
use crate::service::Error;
use crate::store::duplicate::{self as store, NewClue, UnreadIdentity, UnreadMobile};
use crate::vault::{kind, place};

/// Facts read in one transaction.
const CHUNK: i64 = 2_000;

/// Makes clues of the facts that have none yet. Facts never change, so neither do clues.
///
/// # Errors
/// When the database fails or a sealed number does not open.
pub(in crate::service) async fn read_new_facts(app: &App) -> Result<(), Error> {
    let (mut document, mut foreign, mut contact) = (0, 0, 0);
    loop {
        let read = app.db.read();
        let identities = store::unread_identities(read, Reason::Identity, document, CHUNK).await?;
        let foreigners = store::unread_identities(read, Reason::Namesake, foreign, CHUNK).await?;
        let mobiles = store::unread_mobiles(read, contact, CHUNK).await?;
        if identities.is_empty() && foreigners.is_empty() && mobiles.is_empty() {
            return Ok(());
        }
        document = identities.last().map_or(document, |unread| unread.document_id);
        foreign = foreigners.last().map_or(foreign, |unread| unread.document_id);
        contact = mobiles.last().map_or(contact, |unread| unread.contact_id);
        let mut clues: Vec<NewClue> = foreigners.iter().map(|one| of_foreigner(app, one)).collect();
        for unread in &identities {
            clues.push(of_identity(app, unread)?);
        }
        for unread in &mobiles {
            clues.push(of_mobile(app, unread)?);
        }
        let tx = app.db.begin().await?;
        store::add_clues(&tx, clues).await?;
        tx.commit().await?;
    }
}

/// Many documents hold no birth date; then a name alone says nothing.
fn of_identity(app: &App, unread: &UnreadIdentity) -> Result<NewClue, Error> {
    let number = app.vault.open_text(place::DOCUMENT, &unread.number_cipher)?;
    let document = DocumentType::from_code(&unread.document_type)
        .and_then(|kind| IdentityDocument::parse(kind, &number).ok());
    let born = document.and_then(|checked| checked.value.birth_date());
    let clue = born.map_or_else(String::new, |day| {
        let text = format!("{} {day}", name_key(&unread.name));
        app.vault.index(kind::NAME_AND_BIRTH, &text)
    });
    let facts = (unread.document_id, unread.name_id);
    Ok(NewClue { person_id: unread.person_id, kind: Reason::Identity.code(), facts, clue })
}

fn of_foreigner(app: &App, unread: &UnreadIdentity) -> NewClue {
    let text = format!("{} {}", name_key(&unread.name), unread.country);
    let clue = app.vault.index(kind::NAME_AND_COUNTRY, &text);
    let facts = (unread.document_id, unread.name_id);
    NewClue { person_id: unread.person_id, kind: Reason::Namesake.code(), facts, clue }
}

fn of_mobile(app: &App, unread: &UnreadMobile) -> Result<NewClue, Error> {
    let number = app.vault.open_text(place::MOBILE, &unread.mobile_cipher)?;
    let clue = app.vault.index(kind::MOBILE, &number);
    let facts = (unread.contact_id, 0);
    Ok(NewClue { person_id: unread.person_id, kind: Reason::Mobile.code(), facts, clue })
}
