//! The decisions, as tables.

use chrono::{DateTime, NaiveDate};

use super::*;
use crate::domain::period::Period;
use crate::domain::registry::{
    BankAccount, Code, Employment, EvidenceKind, EvidenceMonth, Exclusion, Listing, RosterEntry,
    RosterStatus, Stated, Suspension,
};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// A live fact about person or enterprise 1: `2026-01-01..2026-06-30` or `2026-01-01..`.
fn stated<T>(id: i64, span: &str, fact: T) -> Stated<T> {
    let (from, through) = span.split_once("..").expect("two days");
    let through = (!through.is_empty()).then(|| day(through));
    Stated {
        id,
        about: 1,
        period: Period::new(day(from), through).expect("a period"),
        fact,
        recorded_at: DateTime::UNIX_EPOCH,
        recorded_by: 1,
        source_id: 1,
        reason: String::new(),
        supersedes: None,
        superseded_at: None,
    }
}

fn superseded<T>(fact: Stated<T>) -> Stated<T> {
    Stated { superseded_at: Some(DateTime::UNIX_EPOCH), ..fact }
}

fn entry(id: i64, enterprise_id: i64, span: &str) -> Stated<RosterEntry> {
    stated(id, span, RosterEntry { enterprise_id, status: RosterStatus::Declared })
}

fn confirmed(id: i64, enterprise_id: i64, span: &str) -> Stated<RosterEntry> {
    stated(id, span, RosterEntry { enterprise_id, status: RosterStatus::Confirmed })
}

fn employment(id: i64, enterprise_id: i64, span: &str) -> Stated<Employment> {
    let fact = Employment {
        enterprise_id,
        full_time: true,
        post: "算法".into(),
        professional_title: String::new(),
        education: String::new(),
    };
    stated(id, span, fact)
}

fn listing(id: i64, span: &str) -> Stated<Listing> {
    let fact = Listing { list_batch: "首批".into(), recognition_quota: 0, engineer_quota: 9 };
    stated(id, span, fact)
}

#[test]
fn each_role_may_do_its_own_things_to_an_entry_as_it_stands() {
    use Role::*;
    // A program of the enterprise reports departures over the interface.
    const FILING: &[Role] = &[EnterpriseClerk, EnterpriseHead, EnterpriseSystem];
    const OFFICES: &[Role] = &[HrCounty, HrCity, HrProvince];
    // Action; roles; declared, active, suspended, ended.
    let table: [(Action, Vec<Role>, [bool; 4]); 6] = [
        (Action::Confirm, vec![HrProvince], [true, false, false, false]),
        (Action::Depart, [FILING, OFFICES].concat(), [true, true, true, true]),
        (Action::Correct, OFFICES.to_vec(), [true, true, true, true]),
        (Action::ChangeAccount, [FILING, OFFICES].concat(), [true, true, true, true]),
        (Action::Suspend, vec![HrProvince], [false, true, true, true]),
        (Action::Exclude, vec![HrProvince], [true, true, true, true]),
    ];
    assert_eq!(table.len(), Action::ALL.len());
    for (action, roles, possible) in table {
        for role in Role::ALL {
            assert_eq!(action.is_open_to(*role), roles.contains(role), "{action:?} by {role:?}");
        }
        for (standing, expected) in Standing::ALL.iter().zip(possible) {
            assert_eq!(action.is_possible(*standing), expected, "{action:?} of {standing:?}");
        }
    }
}

#[test]
fn an_entry_stands_as_its_status_its_end_and_its_suspensions_say() {
    let pause = [stated(7, "2026-03-01..2026-03-31", Suspension {})];
    for (entry, on, expected) in [
        (entry(1, 1, "2026-01-01.."), "2026-02-01", Standing::Declared),
        (confirmed(1, 1, "2026-01-01.."), "2026-02-01", Standing::Active),
        (confirmed(1, 1, "2026-01-01.."), "2026-03-31", Standing::Suspended),
        (confirmed(1, 1, "2026-01-01.."), "2026-04-01", Standing::Active),
        (confirmed(1, 1, "2026-01-01..2026-03-15"), "2026-03-15", Standing::Suspended),
        (confirmed(1, 1, "2026-01-01..2026-03-15"), "2026-03-16", Standing::Ended),
    ] {
        assert_eq!(Standing::of(&entry, &pause, day(on)), expected, "{entry:?} on {on}");
    }
    let lifted = [superseded(pause[0].clone())];
    let active = Standing::of(&confirmed(1, 1, "2026-01-01.."), &lifted, day("2026-03-31"));
    assert_eq!(active, Standing::Active);
}

struct Case {
    entry: Stated<RosterEntry>,
    entries: Vec<Stated<RosterEntry>>,
    employments: Vec<Stated<Employment>>,
    listings: Vec<Stated<Listing>>,
    exclusions: Vec<Stated<Exclusion>>,
    suspensions: Vec<Stated<Suspension>>,
    declared_by: Vec<Author>,
    born_on: Option<NaiveDate>,
    has_account: bool,
}

const CLERK: Author = Author { account_id: 1, holder_id: 10 };
const OFFICER: Author = Author { account_id: 2, holder_id: 20 };

fn sound() -> Case {
    Case {
        entry: entry(5, 1, "2026-02-01.."),
        entries: vec![],
        employments: vec![employment(3, 1, "2024-05-01..")],
        listings: vec![listing(4, "2025-11-04..")],
        exclusions: vec![],
        suspensions: vec![],
        declared_by: vec![CLERK],
        born_on: Some(day("1990-02-01")),
        has_account: true,
    }
}

fn found(case: &Case) -> Vec<Finding> {
    let mut entries = case.entries.clone();
    entries.push(case.entry.clone());
    let candidate = Candidate {
        entry: &case.entry,
        declared_by: &case.declared_by,
        listings: &case.listings,
        employments: &case.employments,
        entries: &entries,
        exclusions: &case.exclusions,
        suspensions: &case.suspensions,
        born_on: case.born_on,
        has_account: case.has_account,
    };
    review(&candidate, OFFICER)
}

#[test]
fn a_sound_declaration_raises_nothing() {
    assert_eq!(found(&sound()), vec![]);
}

#[test]
fn what_breaks_a_guard_blocks_and_says_why() {
    let first = day("2026-02-01");
    let part_time = {
        let mut part = employment(3, 1, "2024-05-01..");
        part.fact.full_time = false;
        part
    };
    let same_person = Author { account_id: 3, holder_id: OFFICER.holder_id };
    let ground = Exclusion { ground: "持股5%以上".into() };
    let not_employed = Finding::Against(Refusal::NotEmployed(first));
    let not_listed = Finding::Against(Refusal::NotListed(first));
    let other = Period::new(day("2026-05-01"), None).expect("a period");
    let cases: Vec<(Case, Finding)> = vec![
        (Case { entry: confirmed(5, 1, "2026-02-01.."), ..sound() }, Finding::NotWaiting),
        (Case { entry: superseded(entry(5, 1, "2026-02-01..")), ..sound() }, Finding::NotWaiting),
        (Case { declared_by: vec![same_person], ..sound() }, Finding::OwnDeclaration),
        (Case { declared_by: vec![CLERK, OFFICER], ..sound() }, Finding::OwnDeclaration),
        (Case { listings: vec![listing(4, "2026-02-02..")], ..sound() }, not_listed.clone()),
        (Case { listings: vec![listing(4, "2025-11-04..2026-01-31")], ..sound() }, not_listed),
        (Case { employments: vec![part_time], ..sound() }, not_employed.clone()),
        (Case { employments: vec![employment(3, 2, "2024-05-01..")], ..sound() }, not_employed),
        (
            Case { entries: vec![confirmed(6, 2, "2026-05-01..")], ..sound() },
            Finding::Against(Refusal::RosterOverlap(other)),
        ),
        (
            Case { exclusions: vec![stated(8, "2026-01-01..", ground)], ..sound() },
            Finding::Excluded(day("2026-01-01"), "持股5%以上".into()),
        ),
    ];
    for (case, expected) in cases {
        let found = found(&case);
        assert!(found.contains(&expected), "{expected:?} in {found:?}");
        assert!(expected.blocks() && !expected.to_string().is_empty());
    }
}

#[test]
fn what_only_deserves_a_look_does_not_block() {
    let pause = stated(7, "2026-01-15..2026-02-15", Suspension {});
    let cases: Vec<(Case, &str)> = vec![
        (
            Case { suspensions: vec![pause], ..sound() },
            "入册首日处于暂停期间（2026-01-15至2026-02-15），暂停期间不计入",
        ),
        (
            Case { employments: vec![employment(3, 1, "2024-05-01..2026-12-31")], ..sound() },
            "任职于2026-12-31结束，名册未注明末日",
        ),
        (
            Case { listings: vec![listing(4, "2025-11-04..2026-12-31")], ..sound() },
            "企业清单有效期至2026-12-31，其后不计入",
        ),
        (
            Case { born_on: Some(day("1966-02-01")), ..sound() },
            "入册时已满60周岁，请核对是否仍为全职",
        ),
        (Case { born_on: Some(day("2008-02-02")), ..sound() }, "入册时未满18周岁，请核对出生日期"),
        (Case { has_account: false, ..sound() }, "未登记收款账户，登记后才能发放"),
    ];
    for (case, expected) in cases {
        let found = found(&case);
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), vec![expected]);
        assert!(!found[0].blocks(), "{expected}");
    }
    assert_eq!(found(&Case { born_on: Some(day("1966-02-02")), ..sound() }), vec![]);
}

#[test]
fn a_departure_ends_the_entry_and_the_employment_on_the_last_day_in_post() {
    let entries = [confirmed(1, 1, "2026-01-01..2026-12-31")];
    let employments = [employment(2, 1, "2024-05-01..")];
    let left = depart(&entries, &employments, |_| true, day("2026-06-30"), day("2026-07-03"));
    let until = |from: &str| Period::new(day(from), Some(day("2026-06-30")));
    assert_eq!(
        left,
        Ok(Departure {
            enterprise_id: 1,
            entry: Some(Shortened { id: 1, period: until("2026-01-01") }),
            employment: Some(Shortened { id: 2, period: until("2024-05-01") }),
        })
    );
    let other_clerk = |enterprise| enterprise == 2;
    let refused = depart(&entries, &employments, other_clerk, day("2026-06-30"), day("2026-07-03"));
    assert_eq!(refused, Err(Refusal::NotInPost(day("2026-06-30"))));
}

#[test]
fn a_departure_that_makes_no_sense_is_refused() {
    let today = day("2026-07-03");
    let entries = [confirmed(1, 1, "2026-01-01..2026-03-31"), entry(3, 1, "2026-08-01..")];
    let open = [employment(2, 1, "2026-01-01..")];
    let ended = [employment(2, 1, "2026-01-01..2026-03-31")];
    for (employments, last_day, expected) in [
        (&open, "2025-12-31", Refusal::NotInPost(day("2025-12-31"))),
        (&open, "2026-10-02", Refusal::TooFarAhead(day("2026-10-02"))),
        (&open, "2026-06-30", Refusal::LaterEntry(day("2026-08-01"))),
        (&ended, "2026-03-31", Refusal::AlreadyEnded(day("2026-03-31"))),
    ] {
        let refused = depart(&entries, employments, |_| true, day(last_day), today);
        assert_eq!(refused, Err(expected), "{last_day}");
    }
    let earlier = depart(&entries, &ended, |_| true, day("2026-02-28"), today).expect("shorter");
    assert!(earlier.entry.is_some() && earlier.employment.is_some());
}

#[test]
fn a_removal_from_the_list_ends_what_runs_and_drops_what_was_to_come() {
    let listings = [
        listing(1, "2025-01-01..2025-12-31"),
        listing(2, "2026-01-01..2026-12-31"),
        listing(3, "2027-01-01.."),
    ];
    let today = day("2026-07-01");
    let shortened = delist(&listings, day("2026-06-30"), today).expect("a removal");
    let left = Period::new(day("2026-01-01"), Some(day("2026-06-30")));
    let expected = vec![Shortened { id: 2, period: left }, Shortened { id: 3, period: None }];
    assert_eq!(shortened, expected);
    let none = delist(&listings[..1], day("2026-06-30"), today);
    assert_eq!(none, Err(Refusal::NotOnList(day("2026-06-30"))));
    let known = delist(&listings[..2], day("2026-12-31"), day("2026-12-31"));
    assert_eq!(known, Err(Refusal::AlreadyEnded(day("2026-12-31"))));
}

#[test]
fn a_correction_changes_something_and_keeps_neighbours_apart() {
    let old = Period::new(day("2026-01-01"), None).expect("a period");
    assert_eq!(new_period(old, day("2026-01-01"), None), Err(Refusal::Unchanged));
    assert_eq!(new_period(old, day("2026-02-01"), Some(day("2026-01-31"))), Err(Refusal::Reversed));

    let listings = [listing(1, "2025-11-04..2025-12-31"), listing(2, "2026-01-01..")];
    let longer = Period::new(day("2025-11-04"), Some(day("2026-01-01"))).expect("a period");
    assert_eq!(listing_fits(1, longer, &listings), Err(Refusal::ListingOverlap(old)));
    assert_eq!(listing_fits(2, longer, &listings[1..]), Ok(()), "its own old days do not count");

    let full = [employment(1, 1, "2026-01-01.."), employment(2, 2, "2025-01-01..2025-12-31")];
    let clash = employment_fits(2, &full[1].fact, longer, &full);
    assert_eq!(clash, Err(Refusal::EmploymentOverlap(old)));
    let mut part = full[1].fact.clone();
    part.full_time = false;
    assert_eq!(employment_fits(2, &part, longer, &full), Ok(()), "part-time beside full-time");
}

#[test]
fn the_version_that_counts_now_is_found_through_every_correction() {
    let first = superseded(confirmed(1, 1, "2026-01-01.."));
    let second =
        superseded(Stated { supersedes: Some(1), ..confirmed(2, 1, "2026-01-01..2026-06-30") });
    let third = Stated { supersedes: Some(2), ..confirmed(4, 1, "2026-01-01..2026-05-31") };
    let versions = [first.clone(), second.clone(), third];
    assert_eq!(latest(&versions, 1).map(|version| version.id), Some(4));
    assert_eq!(latest(&[first, second], 1), None, "withdrawn");
}

#[test]
fn a_new_account_takes_over_and_the_old_one_stays_known_until_the_day_before() {
    let account = |index: &str| BankAccount {
        account_name: "张三".into(),
        account_index: index.into(),
        account_cipher: vec![],
        last_four: "0001".into(),
        bank_name: "工商银行".into(),
        cnaps: "102391099995".into(),
    };
    let accounts = [
        stated(1, "2026-01-01..2026-08-31", account("a")),
        stated(2, "2026-09-01..", account("b")),
    ];
    let change = replace_from(&accounts, &account("c"), day("2026-06-01")).expect("a change");
    let kept = Period::new(day("2026-01-01"), Some(day("2026-05-31")));
    let replaced = vec![Shortened { id: 1, period: kept }, Shortened { id: 2, period: None }];
    assert_eq!(change, AccountChange { replaced, corrects: Some(1) });
    let same = replace_from(&accounts, &account("b"), day("2026-10-01"));
    assert_eq!(same, Err(Refusal::SameAccount));
    assert!(holder_matches("阿卜杜拉•艾力", "阿卜杜拉·艾力"));
    assert!(!holder_matches("李四", "张三"));
}

#[test]
fn the_holder_of_a_corporate_account_is_the_enterprise_however_brackets_are_typed() {
    let registered = "福建闽江智能（集团）有限公司";
    for same in ["福建闽江智能(集团)有限公司", " 福建闽江智能（集团） 有限公司 "]
    {
        assert!(enterprise_holder_matches(same, registered), "{same}");
    }
    for other in ["福建闽江智能有限公司", "福建闽江智能（集团）有限公司福州分公司", "", " "]
    {
        assert!(!enterprise_holder_matches(other, registered), "{other}");
    }
}

#[test]
fn imported_months_tell_who_paid_for_the_person() {
    let paid = |id: i64, month: &str, payer: &str| {
        let fact = EvidenceMonth {
            month: month.to_owned(),
            payer_uscc: payer.to_owned(),
            evidence_kind: EvidenceKind::SocialInsurance,
            paid_late: false,
        };
        stated(id, &format!("{month}-01..{month}-28"), fact)
    };
    let posts = [employment(1, 1, "2026-02-10..")];
    let told = |months: &[Stated<EvidenceMonth>]| {
        proof(months, &posts, (1, "OURS"), day("2026-03-01")).to_string()
    };
    let all = |payers: [&str; 3]| {
        let months = ["2026-03", "2026-04", "2026-05"].iter().zip(payers).zip(1..);
        let months = months.filter(|((_, payer), _)| !payer.is_empty());
        months.map(|((month, payer), id)| paid(id, month, payer)).collect::<Vec<_>>()
    };
    let table = [
        (vec![], "任职以来没有导入过社保、个税记录"),
        (vec![paid(1, "2026-01", "OTHER")], "任职以来没有导入过社保、个税记录"),
        (vec![paid(1, "2026-02", "OTHER")], "任职以来没有导入过社保、个税记录"),
        (all(["OURS", "OURS", "OURS"]), "2026-03 至 2026-05 均由本企业缴纳"),
        (all(["OURS", "", ""]), "2026-03 由本企业缴纳"),
        (all(["OURS", "OTHER", "OURS"]), "2026-04 由 OTHER 缴纳"),
        (all(["", "OTHER", "OURS"]), "2026-03 没有社保、个税记录；2026-04 由 OTHER 缴纳"),
        (vec![superseded(paid(1, "2026-03", "OURS"))], "任职以来没有导入过社保、个税记录"),
    ];
    for (months, expected) in table {
        assert_eq!(told(&months), expected);
    }
    let elsewhere = proof(&all(["OURS"; 3]), &[], (1, "OURS"), day("2026-03-01"));
    assert_eq!(elsewhere, Proof::Unknown, "no post at the enterprise");
}
