//! The account of an enterprise: put down by one person, confirmed by another, masked, rested after a
//! change, and kept from those who have no business with it.

use axum::http::StatusCode;
use chrono::NaiveDate;
use juncai::domain::authority::Role;
use juncai::domain::payment::Ineligible;
use juncai::domain::registry::{EnterpriseDivision, EnterpriseName};
use juncai::service::directory::enterprise_accounts;
use juncai::service::payment::{self, Preview};
use juncai::service::roster::{NewAccount, decide_account, file_enterprise_account as file};
use juncai::service::{Actor, Error};
use juncai::store::account::NewOrganisation;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;

use crate::browser_like::Visitor;
use crate::fixture_payment::criteria;
use crate::on_both;
use crate::town::{FUZHOU, day};
use crate::world::{World, employ};
use crate::yearly::{Year, year};

on_both! {
    two_people_put_an_account_down_and_until_then_nothing_is_paid => two_people;
    wrong_numbers_and_names_are_told_by_field => faults;
    a_changed_account_rests_and_the_one_before_stays_readable => cooling;
    another_enterprise_sees_nothing_and_finance_reads_it_masked => scope;
    an_employer_that_was_never_listed_has_one_too => unlisted;
    whoever_had_a_hand_in_an_account_pays_no_batch_to_it => insider;
}

const NUMBER: &str = "350101010010012345";
const OTHER: &str = "350101010990054321";
const HERE: &str = "/enterprises/913501000000000001/account";

fn account(number: &str, from: NaiveDate) -> NewAccount {
    NewAccount {
        account_name: " 企业1".to_owned(),
        account_number: number.to_owned(),
        bank_name: "兴业银行福州五一支行".to_owned(),
        cnaps: "309391000011".to_owned(),
        from,
        reason: String::new(),
        document_no: "基本存款账户信息3910000123".to_owned(),
    }
}

/// A year with an amount that is owed to enterprise 1 for what it advanced.
async fn owed(world: World) -> Year {
    let year = year(world).await;
    let at = year.app().clock.now();
    let policy: i64 =
        year.offices.town.texts("SELECT CAST(MIN(id) AS TEXT) FROM policy_document").await[0]
            .parse()
            .unwrap();
    let (amount, subject) = (500_000, "CL2027-00001".to_owned());
    let row = entity::entitlement::ActiveModel {
        person_id: Set(1),
        programme: Set("core-engineer".to_owned()),
        award_year: Set(2026),
        version_no: Set(99),
        status: Set("eligible".to_owned()),
        eligible_days: Set(0),
        counted_months: Set(0),
        gross_fen: Set(amount),
        offset_fen: Set(0),
        net_fen: Set(amount),
        reasons: Set("[]".to_owned()),
        determination: Set("{}".to_owned()),
        trace: Set("[]".to_owned()),
        fingerprint: Set("x".to_owned()),
        policy_document_id: Set(policy),
        facts_known_at: Set(at),
        run_id: Set(None),
        recorded_at: Set(at),
        superseded_at: Set(None),
        subject_no: Set(subject.clone()),
        ..Default::default()
    };
    let conn = year.app().db.read();
    let id = entity::entitlement::Entity::insert(row).exec(conn).await.unwrap().last_insert_id;
    let share = entity::entitlement_share::ActiveModel {
        entitlement_id: Set(id),
        enterprise_id: Set(1),
        division: Set("350102".to_owned()),
        city_unit: Set("350100".to_owned()),
        source: Set("province".to_owned()),
        payer_division: Set("350000".to_owned()),
        amount_fen: Set(amount),
        payee_enterprise_id: Set(Some(1)),
        ..Default::default()
    };
    entity::entitlement_share::Entity::insert(share).exec(conn).await.unwrap();
    let line = entity::payment_line::ActiveModel {
        line_no: Set("L90000001".to_owned()),
        person_id: Set(1),
        programme: Set("core-engineer".to_owned()),
        award_year: Set(2026),
        source: Set("province".to_owned()),
        payer_division: Set("350000".to_owned()),
        component_no: Set(1),
        kind: Set("grant".to_owned()),
        amount_fen: Set(amount),
        entitlement_id: Set(id),
        state: Set("payable".to_owned()),
        recorded_at: Set(at),
        voided_at: Set(None),
        subject_no: Set(subject),
        payee_enterprise_id: Set(Some(1)),
        ..Default::default()
    };
    entity::payment_line::Entity::insert(line).exec(conn).await.unwrap();
    year
}

async fn preview(year: &Year) -> Preview {
    payment::preview(year.app(), &year.finance[0], &criteria()).await.unwrap()
}

/// Lines that a batch would take, and why it leaves the rest out.
async fn offered(year: &Year) -> (i64, Vec<Ineligible>) {
    let preview = preview(year).await;
    (preview.lines, preview.excluded.iter().map(|left| left.reason).collect())
}

async fn decide(year: &Year, who: &Actor, no: &str, accept: bool) -> Result<(), Error> {
    decide_account(year.app(), who, no, (accept, "")).await
}

/// Put down by the clerk, confirmed by the head.
async fn held(year: &Year, number: &str, no: &str) {
    let new = account(number, year.app().clock.today());
    file(year.app(), &year.offices.clerk, FUZHOU, &new).await.unwrap();
    decide(year, &year.offices.head, no, true).await.unwrap();
}

async fn two_people(world: World) {
    let year = owed(world).await;
    let (app, offices) = (year.app(), &year.offices);
    let today = app.clock.today();
    assert_eq!(offered(&year).await, (0, vec![Ineligible::NoAccount]));
    let filed = file(app, &offices.clerk, FUZHOU, &account(NUMBER, today)).await.unwrap();
    assert_eq!(filed.last_four, "2345");
    assert_eq!(offered(&year).await, (0, vec![Ineligible::NoAccount]), "one person is not enough");
    let second = file(app, &offices.head, FUZHOU, &account(OTHER, today)).await;
    assert!(matches!(second, Err(Error::Refused(_))), "{second:?}");

    // Neither who put it down, nor who confirms no accounts, nor a number that does not wait.
    let own = decide(&year, &offices.clerk, "DZ000001", true).await.unwrap_err().to_string();
    assert!(own.contains("须由另一人确认"), "{own}");
    for who in [&offices.signatory, &year.finance[0]] {
        let refused = decide(&year, who, "DZ000001", true).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let none = decide(&year, &offices.head, "DZ000009", true).await;
    assert!(matches!(none, Err(Error::NotFound(_))), "{none:?}");
    let silent = decide(&year, &offices.head, "DZ000001", false).await;
    assert!(matches!(silent, Err(Error::Invalid(_))), "{silent:?}");

    // Who put it down may take it back; the next one is confirmed and paid to at once.
    decide_account(app, &offices.clerk, "DZ000001", (false, "填错账号")).await.unwrap();
    held(&year, NUMBER, "DZ000002").await;
    let late = decide(&year, &offices.head, "DZ000002", true).await;
    assert!(matches!(late, Err(Error::Stale(_))), "{late:?}");
    assert_eq!(offered(&year).await, (1, vec![]), "a first account is used at once");
    let same = file(app, &offices.clerk, FUZHOU, &account(NUMBER, today)).await;
    assert!(matches!(same, Err(Error::Refused(_))), "{same:?}");

    // The database keeps both rules by itself, and nobody rewrites what was put down.
    for (statement, rule) in [
        (
            "INSERT INTO account_filing (filing_no, enterprise_id, account_name, \
             account_index, account_cipher, last_four, bank_name, cnaps, from_day, document_no, \
             reason, filed_by, filed_holder, filed_at, decided_by, decided_holder, decided_at, \
             accepted, note) SELECT 'X', enterprise_id, account_name, account_index, \
             account_cipher, last_four, bank_name, cnaps, from_day, document_no, reason, filed_by, \
             filed_holder, filed_at, filed_by, filed_holder, decided_at, accepted, note \
             FROM account_filing WHERE filing_no = 'DZ000002'",
            "account_filing_two_people",
        ),
        ("UPDATE account_filing SET bank_name = 'X'", "append_only"),
        ("UPDATE account_filing SET note = 'X'", "append_only"),
        ("DELETE FROM account_filing", "append_only"),
    ] {
        let refused = offices.town.try_sql(statement).await.unwrap_err();
        assert!(refused.contains(rule), "{refused}");
    }
}

async fn faults(world: World) {
    let year = owed(world).await;
    let (app, clerk) = (year.app(), &year.offices.clerk);
    let today = app.clock.today();
    let fields = async |new: &NewAccount| match file(app, clerk, FUZHOU, new).await {
        Err(Error::Invalid(faults)) => {
            faults.into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let good = || account(NUMBER, today);
    let wrong = NewAccount {
        account_number: "3501/0101".to_owned(),
        bank_name: " ".to_owned(),
        cnaps: "309391000012".to_owned(),
        from: today.succ_opt().unwrap(),
        document_no: String::new(),
        ..good()
    };
    let all = ["account_number", "bank_name", "cnaps", "from", "document_no"];
    assert_eq!(fields(&wrong).await, all);
    let short = NewAccount { account_number: "12345678901".to_owned(), ..good() };
    assert_eq!(fields(&short).await, ["account_number"]);
    for name in ["企业2", "企业1福州分公司", "工程师1"] {
        let other = NewAccount { account_name: name.to_owned(), ..good() };
        assert_eq!(fields(&other).await, ["account_name"], "{name}");
    }
    // A number that a person is paid to is not the enterprise's without a reason.
    let person = NewAccount { account_number: crate::fixture_payment::account_number(1), ..good() };
    assert_eq!(fields(&person).await, ["account_number"]);
    assert!(enterprise_accounts(app, clerk, FUZHOU).await.unwrap().open.is_none());

    // The page keeps what was typed, but for the number.
    let mut visitor = Visitor::signed_in(app, "clerk").await;
    visitor.get(HERE).await;
    let typed = [
        ("account_name", "企业1"),
        ("account_number", NUMBER),
        ("account_number_again", OTHER),
        ("bank_name", "兴业银行"),
        ("cnaps", "1"),
        ("from", "2027-01-15"),
    ];
    let back = visitor.post(HERE, &typed).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = back.texts("[data-errors] li").join("；");
    for part in ["两次输入的账号不一致", "12位联行号", "请填写依据文件编号"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(back.attributes("#account-bank_name", "value"), ["兴业银行"]);
    assert!(!back.body().contains(NUMBER) && !back.body().contains(OTHER));
}

async fn cooling(world: World) {
    let mut year = owed(world).await;
    held(&year, NUMBER, "DZ000001").await;
    year.offices.town.at("2027-01-18T09:00:00+08:00");
    let new = account(OTHER, day("2027-01-16"));
    file(year.app(), &year.offices.clerk, FUZHOU, &new).await.unwrap();
    assert_eq!(offered(&year).await, (1, vec![]), "the old one is paid until another confirms");
    decide(&year, &year.offices.county.clone(), "DZ000002", true).await.unwrap();
    for (at, expected) in [
        ("2027-01-18T10:00:00+08:00", (0, vec![Ineligible::AccountChanged])),
        ("2027-01-22T18:00:00+08:00", (0, vec![Ineligible::AccountChanged])),
        ("2027-01-25T09:00:00+08:00", (1, vec![])),
    ] {
        year.offices.town.at(at);
        assert_eq!(offered(&year).await, expected, "{at}");
    }
    let kept = enterprise_accounts(year.app(), &year.offices.head, FUZHOU).await.unwrap();
    let versions: Vec<String> = kept
        .versions
        .iter()
        .map(|line| {
            let through = line.period.through.map(|day| day.to_string()).unwrap_or_default();
            let live = if line.superseded_at.is_none() { "held" } else { "corrected" };
            format!("{} {} {through} {live}", line.content, line.period.from)
        })
        .collect();
    let bank = "兴业银行福州五一支行 · 尾号";
    assert_eq!(
        versions,
        [
            format!("{bank} 4321 2027-01-16  held"),
            format!("{bank} 2345 2027-01-15 2027-01-15 held"),
            format!("{bank} 2345 2027-01-15  corrected"),
        ]
    );
    let now = kept.account.unwrap();
    assert_eq!((now.0.last_four.as_str(), now.1), ("4321", None));
    assert_eq!(kept.decided.len(), 2);
}

async fn scope(world: World) {
    let year = owed(world).await;
    let app = year.app();
    let mut clerk = Visitor::signed_in(app, "clerk").await;
    clerk.get(HERE).await;
    let typed = [
        ("account_name", "企业1"),
        ("account_number", NUMBER),
        ("account_number_again", NUMBER),
        ("bank_name", "兴业银行福州五一支行"),
        ("cnaps", "309391000011"),
        ("from", "2027-01-15"),
        ("document_no", "基本存款账户信息3910000123"),
    ];
    let filed = clerk.post(HERE, &typed).await;
    assert!(filed.text().contains("已填报（尾号2345）"), "{}", filed.text());
    assert!(filed.texts("button[value=accept]").is_empty(), "one's own is confirmed by another");

    let mut stranger = Visitor::of_enterprise(app, "stranger", Role::EnterpriseHead, 2).await;
    assert_eq!(stranger.get(HERE).await.status, StatusCode::NOT_FOUND);
    stranger.get("/account").await;
    let decision = format!("{HERE}/DZ000001/decisions");
    for (at, fields) in [(HERE, &typed[..]), (&decision, &[("verdict", "accept")])] {
        assert_eq!(stranger.post(at, fields).await.status, StatusCode::NOT_FOUND, "{at}");
    }
    let mut xiamen = Visitor::with_role(app, "xiamen", Role::FinanceMaker, "350200").await;
    assert_eq!(xiamen.get(HERE).await.status, StatusCode::NOT_FOUND);

    // The head is told, finds it in the list, and confirms.
    let mut head = Visitor::signed_in(app, "head").await;
    assert!(head.get("/").await.text().contains("收款账户待确认"));
    let list = head.get("/enterprises?account=waiting").await;
    assert!(list.links().contains(&format!("/enterprises/{FUZHOU}")), "{}", list.text());
    head.get(HERE).await;
    let done = head.post(&decision, &[("verdict", "accept")]).await;
    assert!(done.text().contains("已确认"), "{}", done.text());
    assert!(!head.get("/").await.text().contains("收款账户待确认"));

    // Finance and audit read it masked and change nothing.
    let mut fuzhou = Visitor::with_role(app, "fz-fin", Role::FinanceChecker, "350100").await;
    for reader in [&mut fuzhou, &mut Visitor::signed_in(app, "maker").await] {
        let seen = reader.get(HERE).await;
        assert!(seen.text().contains("尾号 2345"), "{}", seen.text());
        assert!(!seen.body().contains(NUMBER) && !seen.body().contains("0012345"));
        assert!(seen.texts("form[action$=account]").is_empty());
        let panel = reader.get(&format!("/enterprises/{FUZHOU}")).await;
        assert!(panel.links().contains(&HERE.to_owned()) && panel.text().contains("尾号 2345"));
        assert_eq!(reader.post(HERE, &typed).await.status, StatusCode::FORBIDDEN);
    }
    let stored = "SELECT detail FROM audit_event WHERE action LIKE 'enterprise_account.%'";
    let told = year.offices.town.texts(stored).await;
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|detail| !detail.contains("12345")), "{told:?}");
}

async fn unlisted(world: World) {
    let year = owed(world).await;
    let (app, town) = (year.app(), &year.offices.town);
    let uscc = "913501020000000099";
    let row = entity::enterprise::ActiveModel {
        id: Set(9),
        uscc: Set(uscc.to_owned()),
        created_at: Set(app.clock.now()),
    };
    entity::enterprise::Entity::insert(row).exec_without_returning(app.db.read()).await.unwrap();
    town.state(9, "2026-01-01", None, EnterpriseName { name: "某高校".to_owned() }).await;
    let place =
        EnterpriseDivision { division: "350102".to_owned(), city_unit: "350100".to_owned() };
    town.state(9, "2026-01-01", None, place).await;

    // It has no people of its own in the system: two offices do it.
    let new =
        NewAccount { account_name: "某高校".to_owned(), ..account(OTHER, app.clock.today()) };
    file(app, &year.offices.county, uscc, &new).await.unwrap();
    let own = decide_account(app, &year.offices.county, "DZ000001", (true, "")).await;
    assert!(matches!(own, Err(Error::Refused(_))), "{own:?}");
    decide_account(app, &town.hr, "DZ000001", (true, "")).await.unwrap();
    let page = Visitor::signed_in(app, "maker").await.get(&format!("/enterprises/{uscc}")).await;
    assert!(page.text().contains("尾号 4321"), "{}", page.text());
}

async fn insider(world: World) {
    let year = owed(world).await;
    held(&year, NUMBER, "DZ000001").await;
    let app = year.app();
    // The clerk and the head are also employed by the finance office.
    for (staff, login) in [("clerk", "clerk-too"), ("head", "head-too")] {
        let office = NewOrganisation {
            code: "ORG-maker",
            kind: "hr_office",
            name: "maker",
            division: "350000",
            enterprise_id: None,
        };
        let tx = app.db.begin().await.unwrap();
        let now = app.clock.now();
        let maker = employ(&tx, &office, (staff, staff), (login, "finance_maker"), now).await;
        tx.commit().await.unwrap();
        let no = payment::create(app, &maker, criteria()).await.unwrap();
        let refused = payment::freeze(app, &maker, &no, 1).await.unwrap_err().to_string();
        assert!(refused.contains("登记或变更过其中的收款账户"), "{refused}");
    }
    let no = payment::create(app, &year.finance[0], criteria()).await.unwrap();
    assert_eq!(payment::freeze(app, &year.finance[0], &no, 1).await.unwrap().line_count, 1);
}
