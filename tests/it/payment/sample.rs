//! The checker compares a sample with the papers before the batch goes on; the maker cannot choose
//! what is in it.

use axum::http::StatusCode;
use juncai::domain::payment::{SampleFinding, State};
use juncai::service::batch_pages;
use juncai::service::payment::{self, Check, Looked};

use super::{assert_sound, invalid, number, refusal};
use crate::browser_like::Visitor;
use crate::fixture_payment::Office;
use crate::on_both;
use crate::world::World;

on_both! {
    nothing_of_the_sample_is_passed_over => whole;
    what_differs_sends_the_batch_back => differing;
    the_checker_sees_the_accounts_on_one_page_and_it_is_logged => page;
}

/// Forty payments of which the third goes to an account that replaced another one, and the ninth
/// and tenth to the same.
async fn frozen(world: World) -> (Office, String) {
    let mut office = Office::new(world).await;
    office.payees(1, &[20_000_000; 40]).await;
    office.allot(800_000_000).await;
    let hr = &office.hr;
    office.account(3, "工程师3", "6217000000000009003", hr).await;
    office.account(9, "工程师9", "6217000000000009009", hr).await;
    office.account(10, "工程师10", "6217000000000009009", hr).await;
    // Past the days in which a new account is not paid to.
    office.world.set_time("2027-03-20T09:00:00+08:00");
    let no = office.draft().await;
    office.freeze(&no).await.unwrap();
    (office, no)
}

fn matching(positions: impl IntoIterator<Item = i64>) -> Vec<Looked> {
    let looked = |seq| Looked { seq, finding: Some(SampleFinding::Matches), note: String::new() };
    positions.into_iter().map(looked).collect()
}

async fn positions(office: &Office, no: &str) -> Vec<i64> {
    let page = batch_pages::sample(&office.world.app, &office.checker, no, &[]).await.unwrap();
    page.rows.iter().map(|row| row.line.seq).collect()
}

async fn whole(world: World) {
    let (office, no) = frozen(world).await;
    let app = &office.world.app;
    let batch = office.batch(&no).await;
    let sample = positions(&office, &no).await;
    assert_eq!(sample, positions(&office, &no).await, "the hash decides, not the moment");
    assert!([3, 9, 10].iter().all(|seq| sample.contains(seq)), "{sample:?}");
    assert!(sample.len() < 15, "{sample:?}");

    for left_out in &sample {
        let looked = matching(sample.iter().copied().filter(|seq| seq != left_out));
        let sent = Check { hash: &batch.content_hash, looked: &looked };
        let refused = payment::check(app, &office.checker, &no, batch.version, &sent).await;
        let text = invalid(refused, &format!("finding-{left_out}"));
        assert!(text.contains(&format!("第 {left_out} 笔")), "{text}");
    }
    assert_eq!(number(&office, "SELECT COUNT(*) FROM batch_sample").await, 0);

    let more = (1..=40).find(|seq| !sample.contains(seq)).unwrap();
    let looked = matching(sample.iter().copied().chain([more]));
    let sent = Check { hash: &batch.content_hash, looked: &looked };
    let checked = payment::check(app, &office.checker, &no, batch.version, &sent).await.unwrap();
    assert_eq!(checked.state, State::Checked);
    let kept = "SELECT COUNT(*) FROM batch_sample WHERE finding = 'matches'";
    assert_eq!(number(&office, kept).await, i64::try_from(sample.len()).unwrap() + 1);
    let chosen =
        format!("SELECT COUNT(*) FROM batch_sample WHERE reason = 'chosen' AND seq = {more}");
    assert_eq!(number(&office, &chosen).await, 1);
    assert_sound(&office).await;
}

async fn differing(world: World) {
    let (office, no) = frozen(world).await;
    let app = &office.world.app;
    let batch = office.batch(&no).await;
    let mut looked = matching(positions(&office, &no).await);
    let third = looked.iter_mut().find(|found| found.seq == 3).unwrap();
    third.finding = Some(SampleFinding::Differs);
    let sent = Check { hash: &batch.content_hash, looked: &looked };
    let silent = payment::check(app, &office.checker, &no, batch.version, &sent).await;
    assert!(invalid(silent, "note-3").contains("哪里不符"));

    looked.iter_mut().find(|found| found.seq == 3).unwrap().note = "承诺书上是另一账号".to_owned();
    let sent = Check { hash: &batch.content_hash, looked: &looked };
    let back = payment::check(app, &office.checker, &no, batch.version, &sent).await.unwrap();
    assert_eq!((back.state, back.revision), (State::Draft, 2));
    assert_eq!(office.batch(&no).await.checked_by, None);
    assert!(office.states().await.iter().all(|state| state == "payable"));
    let why = "SELECT COUNT(*) FROM batch_step WHERE action = 'send_back' \
               AND reason LIKE '%第 3 笔 工程师3（承诺书上是另一账号）%'";
    assert_eq!(number(&office, why).await, 1);
    // Frozen anew it is looked at anew, and what was found before stays on the page.
    office.freeze(&no).await.unwrap();
    office.check(&no).await.unwrap();
    let mut maker = Visitor::signed_in(app, "maker").await;
    let page = maker.get(&format!("/batches/{no}")).await;
    assert!(page.text().contains("承诺书上是另一账号"), "{}", page.text());
    assert_sound(&office).await;
}

async fn page(world: World) {
    let (office, no) = frozen(world).await;
    let app = &office.world.app;
    let at = format!("/batches/{no}/check");
    for (login, answer) in [
        ("maker", StatusCode::FORBIDDEN),
        ("approver", StatusCode::FORBIDDEN),
        ("checker", StatusCode::OK),
    ] {
        let mut visitor = Visitor::signed_in(app, login).await;
        assert_eq!(visitor.get(&at).await.status, answer, "{login}");
    }
    let events = "SELECT COUNT(*) FROM audit_event WHERE action = 'batch.accounts_seen'";
    assert_eq!(number(&office, events).await, 1, "only who saw them is logged");

    let mut checker = Visitor::signed_in(app, "checker").await;
    let seen = checker.get(&format!("{at}?also=21，22")).await;
    for text in ["6217 0000 0000 0009 003", "账户近期变更", "与他人同一账户", "复核人加查"]
    {
        assert!(seen.text().contains(text), "{text}: {}", seen.text());
    }
    let fields = seen.form(&at).unwrap();
    let open: Vec<&str> = fields
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| name.starts_with("finding-"))
        .collect();
    assert!(open.contains(&"finding-21") && open.contains(&"finding-22"), "{open:?}");
    let all: Vec<(&str, &str)> = open.iter().map(|name| (*name, "matches")).collect();
    let page = checker.post(&at, &all[1..]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().contains("选择相符或不符"), "{}", page.text());
    let page = checker.post(&at, &all).await;
    assert!(page.text().contains("已复核"), "{}", page.text());
    // It waits for no check any more.
    let gone = checker.get(&at).await;
    assert_eq!(gone.status, StatusCode::CONFLICT);
    let refused = batch_pages::sample(app, &office.checker, &no, &[]).await;
    assert!(refusal(refused).contains("待审批"));
    assert_sound(&office).await;
}
