//! New accounts and organisations.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::request::{Asked, initial_password, take_out_of_use_and_ask};
use super::role_of;
use crate::app::App;
use crate::domain::authority::{Act, Role};
use crate::domain::duty::{OrganisationKind, clashes, fits};
use crate::domain::identity::Uscc;
use crate::domain::region;
use crate::domain::registry::Code;
use crate::service::{Actor, Error, log, password};
use crate::store::account::{self, NewAccount, NewOrganisation, Organisation};
use crate::store::account_list;
use crate::store::db::Tx;
use crate::store::registry;
use crate::vault::{VaultError, random_token};

/// Digits and letters that nobody mixes up when reading them aloud: 32 of them.
const PASSWORD_LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";

/// An account as typed.
#[derive(Debug, Clone, Copy)]
pub struct AccountForm<'a> {
    /// Sign-in name.
    pub login: &'a str,
    /// Name of the person.
    pub name: &'a str,
    /// Role code.
    pub role: &'a str,
    /// Identity of the organisation, as text.
    pub organisation: &'a str,
    /// Staff number of the person: the same for all accounts of one natural person.
    pub person_key: &'a str,
}

/// An account just made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Identity.
    pub id: i64,
    /// Sign-in name.
    pub login: String,
    /// Password for the first sign-in; it is told once and kept nowhere.
    pub first_password: String,
}

/// Makes an account that nobody can use before it is authorised, with a one-time initial password in
/// two halves.
///
/// # Errors
/// [`Error::Invalid`] for each field that is wrong, for instance a role that the natural person
/// must not hold beside another, or that does not belong to the organisation.
pub async fn ask_for_account(
    app: &App,
    actor: &Actor,
    form: &AccountForm<'_>,
) -> Result<Asked, Error> {
    actor.must(Act::ManageAccounts)?;
    let mut wrong = check_person(form.login, form.name, form.person_key);
    let role = Role::from_code(form.role).filter(|role| !role.is_system());
    if role.is_none() {
        wrong.push(("role".into(), "请选择角色".into()));
    }
    let office = find_office(app, form.organisation).await?;
    if office.is_none() {
        wrong.push(("organisation".into(), "请选择机构".into()));
    }
    let (Some(role), Some(office), true) = (role, office, wrong.is_empty()) else {
        return Err(Error::Invalid(wrong));
    };
    check_office(role, &office)?;
    let initial = initial_password().await?;
    let tx = app.db.begin().await?;
    let person = Person { login: form.login, name: form.name, staff_no: form.person_key };
    let unknown = (password::NOBODY, true);
    let id = add_account(&tx, &person, role, office.id, unknown, app.clock.now()).await?;
    take_out_of_use_and_ask(app, &tx, actor, id, Some(&initial)).await?;
    let detail = json!({
        "role": role.label(),
        "organisation": office.name,
        "name": form.name.trim(),
    });
    log(app, &tx, actor, "account.created", ("account", form.login.trim()), &detail).await?;
    tx.commit().await?;
    Ok(Asked { id, login: form.login.trim().to_owned(), first_half: initial.first })
}

/// Whose account it is.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// Sign-in name.
    pub login: &'a str,
    /// Name of the person.
    pub name: &'a str,
    /// Staff number of the person.
    pub staff_no: &'a str,
}

/// What is wrong with the fields about the person.
pub fn check_person(login: &str, name: &str, staff_no: &str) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    let mut must = |holds: bool, field: &str, text: &str| {
        if !holds {
            wrong.push((field.to_owned(), text.to_owned()));
        }
    };
    let login = login.trim();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let starts = login.starts_with(|c: char| c.is_ascii_lowercase());
    must(
        starts && login.chars().all(plain) && (3..=32).contains(&login.len()),
        "login",
        "账号以小写字母开头，只用小写字母、数字和连字符，3 至 32 个字符，例如 wu-zhiqiang",
    );
    let letters = name.trim().chars().count();
    must((2..=50).contains(&letters), "name", "请填写真实姓名，2 至 50 个字符");
    let staff_no = staff_no.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    must(
        staff_no.chars().all(plain) && (2..=40).contains(&staff_no.len()),
        "person_key",
        "自然人标识只用字母、数字和连字符，2 至 40 个字符，例如工号；不要填身份证号",
    );
    must(
        !(staff_no.len() == 18 && staff_no.chars().take(17).all(|c| c.is_ascii_digit())),
        "person_key",
        "自然人标识不能是身份证号，请填工号或内部人员编号",
    );
    wrong
}

/// Adds an account for a natural person, after making sure that no duty of theirs clashes.
/// `password` is the hash and whether it must be changed at the first sign-in.
///
/// # Errors
/// [`Error::Invalid`] when the name is taken, the person is known by another name, or duties
/// clash.
pub async fn add_account(
    tx: &Tx,
    person: &Person<'_>,
    role: Role,
    organisation_id: i64,
    password: (&str, bool),
    at: DateTime<Utc>,
) -> Result<i64, Error> {
    let (login, name) = (person.login.trim(), person.name.trim());
    let staff_no = person.staff_no.trim().to_uppercase();
    if account::by_login(tx, login).await?.is_some() {
        return invalid("login", format!("账号 {login} 已被使用，请换一个"));
    }
    let holder_id = account::ensure_holder(tx, &staff_no, name, at).await?;
    let holder = account::lock_holder(tx, holder_id).await?;
    if holder.name != name {
        let text = format!("标识 {staff_no} 已登记为“{}”，与姓名不一致，请核对", holder.name);
        return invalid("person_key", text);
    }
    refuse_clash(tx, holder_id, &holder.name, role, None).await?;
    let new = NewAccount {
        login,
        holder_id,
        organisation_id,
        role: role.code(),
        password_hash: password.0,
        must_change_password: password.1,
    };
    Ok(account::create(tx, &new, at).await?)
}

/// Refuses a duty that clashes with another active account of the person. `except` is the account
/// that changes.
pub(super) async fn refuse_clash(
    tx: &Tx,
    holder_id: i64,
    name: &str,
    wanted: Role,
    except: Option<i64>,
) -> Result<(), Error> {
    for other in account::active_of_holder(tx, holder_id).await? {
        let held = role_of(&other)?;
        if Some(other.id) != except && clashes(held, wanted) {
            let (held, wanted) = (held.label(), wanted.label());
            return invalid("role", format!("{name}已是{held}，同一自然人不能再任{wanted}"));
        }
    }
    Ok(())
}

pub(super) fn invalid<T>(field: &str, text: String) -> Result<T, Error> {
    Err(Error::Invalid(vec![(field.to_owned(), text)]))
}

pub(super) async fn find_office(app: &App, id: &str) -> Result<Option<Organisation>, Error> {
    let Ok(id) = id.trim().parse() else { return Ok(None) };
    Ok(account_list::organisation(app.db.read(), id).await?)
}

pub(super) fn check_office(role: Role, office: &Organisation) -> Result<(), Error> {
    let kind = OrganisationKind::from_code(&office.kind);
    if kind.is_some_and(|kind| fits(role, kind, &office.division)) {
        return Ok(());
    }
    invalid(
        "organisation",
        format!("“{}”不能设置{}，请选择相应层级和类别的机构", office.name, role.label()),
    )
}

/// Sixteen characters in groups of four, 80 bits.
pub(in crate::service) fn first_password() -> Result<String, VaultError> {
    let random = random_token::<16>()?;
    let letter = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).unwrap_or("0");
        let number = usize::from_str_radix(text, 16).unwrap_or(0);
        char::from(PASSWORD_LETTERS[number % PASSWORD_LETTERS.len()])
    };
    let letters: Vec<char> = random.as_bytes().chunks(2).map(letter).collect();
    Ok(letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-"))
}

/// An organisation as typed.
#[derive(Debug, Clone, Copy)]
pub struct OrganisationForm<'a> {
    /// Kind code.
    pub kind: &'a str,
    /// Name.
    pub name: &'a str,
    /// Code of the division it works for.
    pub division: &'a str,
    /// Unified social credit code; an enterprise that is not registered yet is, by this code alone.
    pub uscc: &'a str,
}

/// Makes an organisation; returns its identity.
///
/// # Errors
/// [`Error::Invalid`] for each field that is wrong.
pub async fn create_organisation(
    app: &App,
    actor: &Actor,
    form: &OrganisationForm<'_>,
) -> Result<i64, Error> {
    actor.must(Act::ManageAccounts)?;
    let mut wrong = Vec::new();
    let mut must = |holds: bool, field: &str, text: &str| {
        if !holds {
            wrong.push((field.to_owned(), text.to_owned()));
        }
    };
    let kind = OrganisationKind::from_code(form.kind);
    let uscc = Uscc::parse(form.uscc).ok().map(|checked| checked.value.as_str().to_owned());
    let name = form.name.trim();
    must(kind.is_some(), "kind", "请选择机构类别");
    must((4..=80).contains(&name.chars().count()), "office_name", "请填写机构全称，4 至 80 个字符");
    must(region::is_known(form.division), "division", "请选择机构所在的行政区划");
    must(uscc.is_some(), "uscc", "统一社会信用代码不正确，请核对 18 位代码");
    let (Some(kind), Some(code), true) = (kind, uscc, wrong.is_empty()) else {
        return Err(Error::Invalid(wrong));
    };
    let tx = app.db.begin().await?;
    if account_list::organisation_like(&tx, &code, name).await?.is_some() {
        return invalid(
            "office_name",
            "同名或同代码的机构已存在，可直接在开设账号时选择".to_owned(),
        );
    }
    let enterprise_id = match kind {
        OrganisationKind::Enterprise => Some(enterprise(&tx, &code, app.clock.now()).await?),
        _ => None,
    };
    let new = NewOrganisation {
        code: &code,
        kind: kind.code(),
        name,
        division: form.division,
        enterprise_id,
    };
    let id = account::ensure_organisation(&tx, &new, app.clock.now()).await?;
    let detail = json!({ "name": name, "kind": kind.label(), "division": form.division });
    log(app, &tx, actor, "organisation.created", ("organisation", &code), &detail).await?;
    tx.commit().await?;
    Ok(id)
}

async fn enterprise(tx: &Tx, uscc: &str, at: DateTime<Utc>) -> Result<i64, Error> {
    match account_list::enterprise(tx, uscc).await? {
        Some((id, None)) => Ok(id),
        Some((_, Some(office))) => {
            invalid("uscc", format!("该企业已作为“{}”开设过机构", office.name))
        }
        // It is on no list yet and comes to apply.
        None => {
            let made = registry::create_enterprises(tx, &[uscc], at).await?.remove(uscc);
            made.ok_or_else(|| Error::Internal(format!("enterprise {uscc} was not made")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initial_passwords_are_four_groups_of_clear_letters_and_differ() {
        let (one, two) = (first_password().unwrap(), first_password().unwrap());
        assert_eq!(one.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
        assert!(one.bytes().all(|b| b == b'-' || PASSWORD_LETTERS.contains(&b)));
        assert_ne!(one, two);
    }

    #[test]
    fn an_identity_number_is_no_staff_number() {
        let wrong = check_person("wu-zhiqiang", "吴志强", "35010219900307998X");
        assert_eq!(
            wrong.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(),
            ["person_key"]
        );
        assert_eq!(check_person("wu-zhiqiang", "吴志强", "FJ-0017"), []);
    }
}
