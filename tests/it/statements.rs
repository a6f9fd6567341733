//! What a page asks of the database does not grow with its rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use juncai::domain::registry::{LegalForm, PilotAuthorisation, RecognitionStandard, TalentClass};
use juncai::store::case::{self, NewCase};
use juncai::store::notice::{self, NewNotice, NewPeriod};
use juncai::store::recognition::{self, RecognitionFile};

use crate::browser_like::Visitor;
use crate::on_both;
use crate::town::{Town, day};
use crate::world::World;

on_both! {
    lists_ask_as_often_for_many_rows_as_for_few => constant;
}

/// Pages with lists that the province opens.
const LISTS: [&str; 17] = [
    "/enterprises",
    "/enterprises?q=%E4%BC%81%E4%B8%9A",
    "/engineers",
    "/engineers?q=%E5%B7%A5%E7%A8%8B",
    "/entitlements",
    "/cases?show=all",
    "/pilots",
    "/notices",
    "/notices/new",
    "/public/notices",
    "/overview",
    "/overview/roster",
    "/overview/cases",
    "/lists/enterprises",
    "/lists/roster",
    "/imports",
    "/duplicates",
];

/// One more of everything: an engineer, an enterprise in the pilot, a file, a notice.
async fn more(town: &Town, number: i64) {
    town.full_year(number, 1).await;
    let id = 10 + number;
    town.enterprise(id, &format!("9135010000000001{number:02}"), Some(("350102", "350100"))).await;
    let pilot =
        PilotAuthorisation { legal_form: LegalForm::Filing, quota_a: 1, quota_b: 1, quota_c: 1 };
    town.state(id, "2026-01-01", None, pilot).await;
    let standard = RecognitionStandard {
        title: "标准".to_owned(),
        standard_no: format!("Q/{number}"),
        content: "条件".to_owned(),
    };
    town.state(id, "2026-01-01", None, standard).await;
    let at = town.world.app.clock.now();
    let tx = town.world.app.db.begin().await.unwrap();
    let new = NewCase {
        case_no: &format!("RD2026-{number:05}"),
        kind: "recognition",
        enterprise_id: Some(id),
        person_id: Some(number),
        about: "工程师，C类",
        state: "prov_check",
        since: day("2026-01-05"),
        due_on: None,
        opened_by: town.hr.account_id,
        opened_at: at,
    };
    let case_id = case::open(&tx, &new).await.unwrap();
    let file = RecognitionFile {
        class: TalentClass::C,
        grounds: "理由".to_owned(),
        form: LegalForm::Filing,
    };
    recognition::insert(&tx, case_id, &file).await.unwrap();
    let public = NewNotice {
        notice_no: &format!("GS2026-{number:04}"),
        kind: "recognition",
        title: "公示",
        basis: "文件",
        contact: "电话",
        published_by: town.hr.account_id,
        published_at: at,
    };
    let period = NewPeriod {
        seq: 1,
        starts_on: day("2026-01-05"),
        ends_on: day("2026-01-12"),
        working_days: 5,
        count_first_day: false,
        reason: "",
        recorded_by: town.hr.account_id,
        recorded_at: at,
    };
    notice::publish(&tx, &public, &period, vec![]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn constant(world: World) {
    let mut town = Town::new(world).await;
    more(&town, 1).await;
    town.compute(2026).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let db = town.world.app.db.clone();
    town.world.app.db = db.observed(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let mut officer = Visitor::signed_in(&town.world.app, "hr").await;
    let mut count = async || {
        let mut counts = Vec::new();
        for path in LISTS {
            let before = asked.load(Ordering::Relaxed);
            let seen = officer.get(path).await;
            assert!(seen.status.is_success(), "{path}: {}", seen.status);
            counts.push((path, asked.load(Ordering::Relaxed) - before));
        }
        counts
    };
    count().await;
    let few = count().await;
    for number in 2..=7 {
        more(&town, number).await;
    }
    town.compute(2026).await;
    let many = count().await;
    assert!(few.iter().all(|(_, statements)| *statements > 0), "they are counted: {few:?}");
    let grown: Vec<_> = few.iter().zip(&many).filter(|(few, many)| many.1 > few.1).collect();
    assert!(grown.is_empty(), "{grown:?}");
}
