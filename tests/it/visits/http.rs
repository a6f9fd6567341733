//! Visits through the site alone, as an employer, a county and a city see them: trips over New Year and
//! over the policy's last day, papers used twice, days granted twice, limits that run out.

use axum::http::StatusCode;
use juncai::domain::authority::Role;
use juncai::domain::lifecycle::Evidence;
use juncai::domain::registry::Code;
use juncai::service::calendar::{self, NewYear};
use juncai::service::notification;

use super::ground::{Ground, claim, ground, plan};
use crate::browser_like::{Seen, Visitor};
use crate::on_both;
use crate::world::World;

on_both! {
    days_over_new_year_count_to_their_own_years_whoever_invites => new_year;
    after_the_last_day_of_the_policy_no_day_counts => last_day;
    a_paper_is_used_once_and_only_by_the_traveller => papers;
    what_a_carrier_gave_back_is_not_claimed => refunds;
    two_offices_that_approve_at_once_grant_a_day_once => at_once;
    somebody_on_the_roster_is_not_invited => roster;
    what_is_late_is_shown_and_told => late;
}

/// Somebody's browser at the time of the place.
async fn browser(ground: &Ground, login: &str) -> Visitor {
    Visitor::signed_in(ground.year.app(), login).await
}

/// An act on a file through its page, with everything that any act asks for.
async fn step(visitor: &mut Visitor, no: &str, act: &str, more: &[(&str, &str)]) -> Seen {
    visitor.get(&format!("/cases/{no}")).await;
    let evidence = Evidence::ALL.iter().map(|one| (one.code(), "附卷"));
    let mut fields: Vec<(&str, &str)> = vec![("act", act)];
    fields.extend(evidence);
    fields.extend(more);
    visitor.post(&format!("/cases/{no}/steps"), &fields).await
}

/// The same, done; the page of the file then shows the state.
async fn must(visitor: &mut Visitor, no: &str, act: &str, more: &[(&str, &str)], state: &str) {
    let seen = step(visitor, no, act, more).await;
    assert_eq!(seen.status, StatusCode::OK, "{act}: {}", seen.text());
    assert!(visitor.get(&format!("/visits/{no}")).await.text().contains(state), "{act}");
}

const PLAN: [(&str, &str); 9] = [
    ("name", "SMITH ANNA"),
    ("country", "USA"),
    ("passport", "A12345678"),
    ("birth", "1990-05-01"),
    ("origin", "US"),
    ("purpose", "多模态大模型联合研究"),
    ("basis", "post"),
    ("detail", "某大学 助理教授"),
    ("budget", "25000"),
];

/// Planned, filed and agreed to through pages; the number of the file.
async fn invited(ground: &Ground, (clerk, county): (&str, &str), days: (&str, &str)) -> String {
    let mut clerk = browser(ground, clerk).await;
    clerk.get("/visits/new").await;
    let mut fields = PLAN.to_vec();
    fields.extend([("arrival", days.0), ("exit", days.1)]);
    let seen = clerk.post("/visits", &fields).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.text());
    let no = clerk.at.trim_start_matches("/visits/").to_owned();
    must(&mut clerk, &no, "file", &[], "邀请待审").await;
    must(&mut browser(ground, county).await, &no, "agree", &[], "同意邀请").await;
    no
}

/// A claim of the days, through the page.
async fn claimed(visitor: &mut Visitor, no: &str, fields: &[(&str, &str)]) -> Seen {
    visitor.get(&format!("/visits/{no}/claim")).await;
    visitor.post(&format!("/visits/{no}/claim"), fields).await
}

const TICKET: [(&str, &str); 8] = [
    ("expense-1", "fare"),
    ("class-1", "economy"),
    ("route-1", "2027-02-28 波士顿—香港 CX811\n2027-03-01 香港—福州 MF382"),
    ("passenger-1", "SMITH/ANNA"),
    ("amount-1", "1850"),
    ("currency-1", "USD"),
    ("paid-1", "2027-02-20"),
    ("document-1", "781-2400123456"),
];

fn of_days<'a>(exit: &'a str, days: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("origin", "US"), ("exit", exit), ("work_days", days), ("costs_by", "employer")]
}

/// A visit that was granted before, by the services.
async fn granted(
    ground: &mut Ground,
    of_other: bool,
    (from, exit): (&str, &str),
    claimed_on: &str,
) {
    let clerk = if of_other { ground.other.clone() } else { ground.clerk().clone() };
    let no = ground.invited(&clerk, &plan(from, exit)).await;
    ground.at(from);
    ground.must(&clerk, &no, "arrive", "已入境").await;
    ground.at(claimed_on);
    let days = format!("{from} 至 {exit}");
    ground.checked(&clerk, &no, &claim(exit, &days, vec![])).await;
    ground.must(ground.approver(&no).await, &no, "approve", "待发放").await;
}

async fn new_year(world: World) {
    let mut ground = ground(world).await;
    // Thirty days by one employer and twenty-seven by another: three of sixty are left of 2027.
    granted(&mut ground, false, ("2027-03-01", "2027-03-30"), "2027-04-06").await;
    granted(&mut ground, true, ("2027-06-01", "2027-06-27"), "2027-07-05").await;
    ground.at("2027-11-22");
    let no = invited(&ground, ("clerk", "gulou"), ("2027-12-28", "2028-01-03")).await;
    ground.at("2027-12-28");
    let mut clerk = browser(&ground, "clerk").await;
    must(&mut clerk, &no, "arrive", &[("arrived_on", "2027-12-28")], "已入境").await;
    ground.at("2028-01-20");
    let mut clerk = browser(&ground, "clerk").await;
    let fields = of_days("2028-01-03", "2027-12-28 至 2028-01-03");
    let seen = claimed(&mut clerk, &no, &fields).await;
    assert!(seen.text().contains("4,800.00 元（6 天"), "three of each year: {}", seen.text());
    must(&mut clerk, &no, "claim", &[], "申报待核").await;
    must(&mut browser(&ground, "gulou").await, &no, "check", &[], "已核验").await;
    must(&mut browser(&ground, "fuzhou2").await, &no, "approve", &[], "待发放").await;
    let days = "SELECT CAST(day AS TEXT) FROM visit_day WHERE released_at IS NULL AND day > '2027-12-01' \
                ORDER BY day";
    let days = ground.year.offices.town.texts(days).await;
    let expected = ["12-28", "12-29", "12-30", "01-01", "01-02", "01-03"];
    let years = ["2027", "2027", "2027", "2028", "2028", "2028"];
    let expected = years.iter().zip(expected).map(|(year, day)| format!("{year}-{day}"));
    assert_eq!(days, expected.collect::<Vec<_>>(), "31 December found no room");
}

async fn last_day(world: World) {
    let mut ground = ground(world).await;
    let next = NewYear {
        year: "2028".to_owned(),
        title: "关于2028年部分节假日安排的通知（虚构）".to_owned(),
        document_no: "国办发明电〔2027〕0号".to_owned(),
        announced_on: "2027-01-10".to_owned(),
        days: "日期,类别\n2028-01-01,休\n2028-10-01至2028-10-07,休\n".to_owned(),
    };
    let app = ground.year.app().clone();
    calendar::propose(&app, &ground.year.offices.town.hr, &next).await.unwrap();
    calendar::decide(&app, &ground.year.offices.approver, (2028, 1), true, "").await.unwrap();
    ground.at("2028-11-20");
    let no = invited(&ground, ("clerk", "gulou"), ("2028-12-20", "2029-01-05")).await;
    ground.at("2028-12-20");
    let mut clerk = browser(&ground, "clerk").await;
    must(&mut clerk, &no, "arrive", &[("arrived_on", "2028-12-20")], "已入境").await;
    ground.at("2029-01-20");
    let mut clerk = browser(&ground, "clerk").await;
    let mut fields = of_days("2029-01-05", "2028-12-20 至 2029-01-05");
    let route = "2028-12-19 波士顿—香港 CX811\n2029-01-05 福州—波士顿 MF849";
    fields.extend(TICKET.map(|(name, value)| match name {
        "route-1" => (name, route),
        "paid-1" => (name, "2028-12-01"),
        _ => (name, value),
    }));
    let seen = claimed(&mut clerk, &no, &fields).await;
    let page = seen.text();
    assert!(page.contains("9,600.00 元（12 天"), "no day of January: {page}");
    assert!(page.contains("13,144.25") && page.contains("22,744.25"), "the fare counts: {page}");
    must(&mut clerk, &no, "claim", &[], "申报待核").await;
    must(&mut browser(&ground, "gulou").await, &no, "check", &[], "已核验").await;
    must(&mut browser(&ground, "fuzhou2").await, &no, "approve", &[], "待发放").await;
    let lines = ground.lines().await;
    assert_eq!(lines.len(), 2, "{lines:?}");
}

/// A second cost beside the ticket: a ride with this number.
fn ride(number: &str) -> [(&str, &str); 5] {
    [
        ("expense-2", "ground"),
        ("amount-2", "200"),
        ("currency-2", "CNY"),
        ("paid-2", "2027-03-01"),
        ("document-2", number),
    ]
}

/// The ticket with one field typed over.
fn ticket<'a>(field: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    TICKET.map(|(name, old)| (name, if name == field { value } else { old })).to_vec()
}

/// Two visits at once, of two employers, until both visitors are here.
async fn both_here(ground: &mut Ground) -> [String; 2] {
    let one = invited(ground, ("clerk", "gulou"), ("2027-03-01", "2027-03-12")).await;
    let two = invited(ground, ("other", "siming"), ("2027-03-01", "2027-03-12")).await;
    ground.at("2027-03-01");
    for (login, no) in [("clerk", &one), ("other", &two)] {
        let mut clerk = browser(ground, login).await;
        must(&mut clerk, no, "arrive", &[("arrived_on", "2027-03-01")], "已入境").await;
    }
    ground.at("2027-03-20");
    [one, two]
}

async fn papers(world: World) {
    let mut ground = ground(world).await;
    let [one, two] = both_here(&mut ground).await;
    let mut clerk = browser(&ground, "clerk").await;
    let with = |costs: Vec<(&'static str, &'static str)>| {
        let mut fields = of_days("2027-03-12", "2027-03-01");
        fields.extend(costs);
        fields
    };
    // Every fault at its field: another traveller, no legs, an original of a ride.
    let mut wrong = ticket("passenger-1", "LI/NA");
    wrong.retain(|(name, _)| *name != "route-1");
    wrong.extend(ride("闽出租 00012345"));
    wrong.extend([("route-1", "波士顿到福州"), ("original-2", "781-2400120000")]);
    let seen = claimed(&mut clerk, &one, &with(wrong)).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = seen.texts(".field-error").join("\n");
    for said in ["乘机人不是来访人（SMITH ANNA）", "读不出航段", "只有改签的客票"]
    {
        assert!(told.contains(said), "{said}: {told}");
    }
    // One number for two papers of a claim.
    let same = [TICKET.to_vec(), ride("7812400123456").to_vec()].concat();
    let seen = claimed(&mut clerk, &one, &with(same)).await;
    assert_eq!(seen.texts(".field-error").len(), 1, "{}", seen.text());
    assert!(seen.text().contains("已在前面填写"), "{}", seen.text());
    let mut good = with([TICKET.to_vec(), ride("闽出租 00012345").to_vec()].concat());
    good.push(("original-2", ""));
    let seen = claimed(&mut clerk, &one, &good).await;
    assert!(seen.text().contains("已保存申报"), "{}", seen.text());
    assert!(seen.text().contains("乘机人 SMITH/ANNA"), "{}", seen.text());
    assert!(seen.text().contains("客票没有 2027-03-12 前后的离境航段"), "{}", seen.text());

    // The other employer has neither the ticket, however spelled, nor the receipt, nor a ticket that
    // took the place of the first.
    let mut other = browser(&ground, "other").await;
    let taken =
        [ticket("document-1", "７８１2400 123456"), ride("闽出租00012345").to_vec()].concat();
    let seen = claimed(&mut other, &two, &with(taken)).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = seen.texts(".field-error").join("\n");
    assert!(told.contains("同一客票只能申报一次"), "{told}");
    assert!(told.contains("同一张票据只能申报一次"), "{told}");
    let mut rebooked = ticket("document-1", "781-2400199999");
    rebooked.push(("original-1", "781-2400123456"));
    let seen = claimed(&mut other, &two, &with(rebooked)).await;
    assert_eq!(seen.texts(".field-error").len(), 1, "{}", seen.text());
    let forced = "INSERT INTO visit_number (line_id, number_key) SELECT line_id, number_key \
                  FROM visit_number WHERE released_at IS NULL";
    assert!(ground.year.offices.town.try_sql(forced).await.is_err(), "nor by hand");

    // What the first employer leaves out is free.
    let mut less = with(TICKET.to_vec());
    less.extend([("expense-2", ""), ("amount-2", ""), ("document-2", "")]);
    let seen = claimed(&mut clerk, &one, &less).await;
    assert!(seen.text().contains("已保存申报"), "{}", seen.text());
    let ride_alone = with(ride("闽出租00012345").to_vec());
    let seen = claimed(&mut other, &two, &ride_alone).await;
    assert!(seen.text().contains("已保存申报"), "{}", seen.text());
}

async fn refunds(world: World) {
    let mut ground = ground(world).await;
    let no = invited(&ground, ("clerk", "gulou"), ("2027-03-01", "2027-03-12")).await;
    ground.at("2027-03-01");
    let mut clerk = browser(&ground, "clerk").await;
    must(&mut clerk, &no, "arrive", &[("arrived_on", "2027-03-01")], "已入境").await;
    ground.at("2027-03-20");
    let mut clerk = browser(&ground, "clerk").await;
    let with = |refund: &'static str, slip: &'static str| {
        let mut fields = of_days("2027-03-12", "2027-03-01");
        fields.extend(TICKET);
        fields.extend([("refund-1", refund), ("refund_no-1", slip)]);
        fields
    };
    for (refund, slip, said) in [
        ("1850.01", "R-1", "退款不能大于申报金额"),
        ("100", "", "请填写退票单或退款凭证号码"),
        ("", "R-1", "请填写退票金额"),
        ("-1", "R-1", "请填写大于零的金额"),
    ] {
        let seen = claimed(&mut clerk, &no, &with(refund, slip)).await;
        assert!(seen.texts(".field-error").join("").contains(said), "{said}: {}", seen.text());
    }
    // 1,850.00 less 850.00 at 710.50 for a hundred.
    let seen = claimed(&mut clerk, &no, &with("850", "R-20117")).await;
    assert!(seen.text().contains("7,105.00") && seen.text().contains("R-20117"), "{}", seen.text());
    // Given back whole, it was never paid.
    let seen = claimed(&mut clerk, &no, &with("1850", "R-20117")).await;
    assert!(seen.text().contains("合计800.00 元"), "{}", seen.text());
    let seen = claimed(&mut clerk, &no, &with("850", "R-20117")).await;
    assert!(seen.text().contains("7,905.00"), "{}", seen.text());
    must(&mut clerk, &no, "claim", &[], "申报待核").await;
    // Checked: nothing above what was spent can be accepted, and a refund is no cut.
    let mut county = browser(&ground, "gulou").await;
    county.get(&format!("/visits/{no}")).await;
    let cut = [("line", "1"), ("accepted", "1000.01"), ("reason", "退款")];
    let seen = county.post(&format!("/visits/{no}/cuts"), &cut).await;
    assert!(seen.text().contains("减去退款"), "{}", seen.text());
    must(&mut county, &no, "check", &[], "已核验").await;
    must(&mut browser(&ground, "fuzhou2").await, &no, "approve", &[], "待发放").await;
    let lines = ground.lines().await;
    assert_eq!(lines[1], "overseas-visit-travel 710500 payable employer");
}

async fn at_once(world: World) {
    let mut ground = ground(world).await;
    let one = invited(&ground, ("clerk", "gulou"), ("2027-03-01", "2027-03-20")).await;
    let two = invited(&ground, ("other", "siming"), ("2027-03-01", "2027-03-20")).await;
    for (login, county, no) in [("clerk", "gulou", &one), ("other", "siming", &two)] {
        ground.at("2027-03-01");
        let mut clerk = browser(&ground, login).await;
        must(&mut clerk, no, "arrive", &[("arrived_on", "2027-03-01")], "已入境").await;
        ground.at("2027-03-25");
        let mut clerk = browser(&ground, login).await;
        let fields = of_days("2027-03-20", "2027-03-01 至 2027-03-20");
        claimed(&mut clerk, no, &fields).await;
        must(&mut clerk, no, "claim", &[], "申报待核").await;
        must(&mut browser(&ground, county).await, no, "check", &[], "已核验").await;
    }
    let mut fuzhou = browser(&ground, "fuzhou2").await;
    let mut xiamen = browser(&ground, "xiamen2").await;
    let (first, second) = tokio::join!(
        step(&mut fuzhou, &one, "approve", &[]),
        step(&mut xiamen, &two, "approve", &[])
    );
    let done = |seen: &Seen| seen.status == StatusCode::OK;
    assert!(done(&first) != done(&second), "{} {}", first.text(), second.text());
    let days = "SELECT CAST(COUNT(*) AS TEXT) || ' ' || CAST(COUNT(DISTINCT day) AS TEXT) \
                FROM visit_day WHERE released_at IS NULL";
    assert_eq!(ground.year.offices.town.texts(days).await, ["20 20"]);
    let paid = "SELECT CAST(amount_fen AS TEXT) FROM payment_line WHERE kind = 'grant' AND state <> 'void'";
    assert_eq!(ground.year.offices.town.texts(paid).await, ["1600000"]);
}

async fn roster(world: World) {
    let ground = ground(world).await;
    let no = invited(&ground, ("clerk", "gulou"), ("2027-03-01", "2027-03-12")).await;
    let person = "SELECT CAST(MAX(person_id) AS TEXT) FROM visit";
    let person = ground.year.offices.town.texts(person).await[0].parse().unwrap();
    // The visitor is hired and put on the roster after the invitation: the next one is refused, and
    // nothing of the first is paid.
    ground.year.offices.town.engineer(person, 2, "2027-02-01", None).await;
    let mut other = browser(&ground, "other").await;
    other.get("/visits/new").await;
    let mut fields = PLAN.to_vec();
    fields.extend([("arrival", "2027-04-01"), ("exit", "2027-04-02")]);
    other.post("/visits", &fields).await;
    let again = other.at.trim_start_matches("/visits/").to_owned();
    let seen = step(&mut other, &again, "file", &[]).await;
    assert!(seen.text().contains("在核心工程师名册内"), "{}", seen.text());
    let mut ground = ground;
    ground.at("2027-03-01");
    let mut clerk = browser(&ground, "clerk").await;
    must(&mut clerk, &no, "arrive", &[("arrived_on", "2027-03-01")], "已入境").await;
    ground.at("2027-03-20");
    let mut clerk = browser(&ground, "clerk").await;
    let fields = of_days("2027-03-12", "2027-03-01 至 2027-03-12");
    let seen = claimed(&mut clerk, &no, &fields).await;
    assert!(seen.text().contains("不符合条件"), "{}", seen.text());
    must(&mut clerk, &no, "claim", &[], "申报待核").await;
    let seen = step(&mut browser(&ground, "gulou").await, &no, "check", &[]).await;
    assert!(seen.text().contains("名册"), "{}", seen.text());
    assert_eq!(ground.lines().await, [""; 0]);
}

async fn late(world: World) {
    let mut ground = ground(world).await;
    let no = invited(&ground, ("clerk", "gulou"), ("2027-03-01", "2027-03-12")).await;
    let mut clerk = browser(&ground, "clerk").await;
    let list = clerk.get("/visits").await;
    assert!(list.text().contains("2027-03-06"), "five days after the entry: {}", list.text());
    ground.at("2027-03-08");
    notification::remind_due(ground.year.app()).await.unwrap();
    let mut clerk = browser(&ground, "clerk").await;
    assert!(clerk.get("/visits").await.text().contains("2027-03-06 已逾期"));
    let told = clerk.get("/notifications").await;
    assert!(told.text().contains(&no), "{}", told.text());
    must(&mut clerk, &no, "arrive", &[("arrived_on", "2027-03-01")], "已入境").await;
    let page = clerk.get(&format!("/visits/{no}")).await;
    let said = "2027-03-08 才报告入境，应在 2027-03-06 前报告";
    assert!(page.text().contains(said), "{}", page.text());
    // Sixty days after the planned exit, then after the one that was claimed.
    assert!(clerk.get("/visits").await.text().contains("2027-05-11"));
    ground.at("2027-03-20");
    let mut clerk = browser(&ground, "clerk").await;
    claimed(&mut clerk, &no, &of_days("2027-03-10", "2027-03-01")).await;
    assert!(clerk.get("/visits").await.text().contains("2027-05-09"));
    // Who has nothing to do with it is told nothing.
    let app = ground.year.app();
    let mut industry = Visitor::with_role(app, "gx", Role::IndustryProvince, "350000").await;
    assert!(!industry.get("/notifications").await.text().contains(&no));
}
