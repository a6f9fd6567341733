//! A year in the browser, by role: the list and the engineers are registered by import, one of them
//! is recognised through county, city and province, published and certified; all go onto the roster;
//! the year is computed, declared by enterprise and person, verified, published and released.
//!
//! The story is a list of steps, each somebody's, each on its day.

use std::path::{Path, PathBuf};

use juncai::service::password;
use juncai::store::account::{self, NewAccount, NewOrganisation};
use juncai::store::registry::enterprises_by_uscc;
use sea_orm::EntityTrait;
use tokio::task::JoinHandle;

use super::window::{arrive, said, send};
use super::{close, *};

const PASSWORD: &str = "spring tide over the min river";
pub(super) const USCC: &str = "91350302MAEMA1Y145";

/// The installation in a year, and a browser in it.
pub(super) struct Year {
    pub(super) world: World,
    pub(super) driver: Driver,
    hash: String,
    site: String,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Year {
    async fn begin() -> Self {
        let world = World::new(Backend::Sqlite).await;
        let hash = password::hash(PASSWORD).await.unwrap();
        let (site, serving) = open(&world).await;
        Self { world, driver: Driver::start().await, hash, site, serving }
    }

    /// Goes on to another day: the program is started anew.
    pub(super) async fn on(&mut self, day: &str) {
        self.serving.abort();
        self.world.set_time(&format!("{day}T09:00:00+08:00"));
        (self.site, self.serving) = open(&self.world).await;
    }

    /// Gives somebody an account.
    async fn employ(
        &self,
        login: &str,
        role: &str,
        office: (&'static str, &'static str, &'static str, Option<i64>),
    ) {
        let (code, kind, division, enterprise_id) = office;
        let now = self.world.app.clock.now();
        let tx = self.world.app.db.begin().await.unwrap();
        let office = NewOrganisation { code, kind, name: code, division, enterprise_id };
        let organisation_id = account::ensure_organisation(&tx, &office, now).await.unwrap();
        let holder_id = account::ensure_holder(&tx, login, login, now).await.unwrap();
        let new = NewAccount {
            login,
            holder_id,
            organisation_id,
            role,
            password_hash: &self.hash,
            must_change_password: false,
        };
        account::create(&tx, &new, now).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Somebody's browser, signed in.
    pub(super) async fn visit(&self, login: &str) -> Client {
        let browser = self.driver.browser().await;
        browser.goto(&format!("{}/sign-in", self.site)).await.unwrap();
        send(&browser, "main form", &[("login", login), ("password", PASSWORD)]).await;
        browser
    }

    pub(super) async fn goto(&self, browser: &Client, path: &str) {
        browser.goto(&format!("{}{path}", self.site)).await.unwrap();
    }

    /// A step of the story: somebody does one thing with one form and reads the answer.
    pub(super) async fn step(
        &self,
        login: &str,
        (path, form): (&str, &str),
        fields: &[(&str, &str)],
    ) -> Told {
        let browser = self.visit(login).await;
        self.goto(&browser, path).await;
        send(&browser, form, fields).await;
        self.leave(login, browser).await
    }

    /// Closes a browser that has met no fault.
    pub(super) async fn leave(&self, login: &str, browser: Client) -> Told {
        let told = Told {
            text: said(&browser).await,
            path: browser.current_url().await.unwrap().path().to_owned(),
        };
        let heard = complaints(&browser).await;
        assert!(heard.is_empty(), "{login} at {}: {heard:?}\n{}", told.path, told.text);
        browser.close().await.unwrap();
        told
    }

    /// Uploads a file and confirms what the preview shows.
    pub(super) async fn import(&self, login: &str, kind: &str, file: &Path) -> Told {
        let path = file.canonicalize().expect("a file").display().to_string();
        let browser = self.visit(login).await;
        self.goto(&browser, "/imports/new").await;
        let field = browser.find(Locator::Css("input[type=file]")).await.unwrap();
        field.send_keys(&path).await.unwrap();
        send(&browser, "main form", &[("kind", kind)]).await;
        let preview = said(&browser).await;
        assert!(preview.contains("确认"), "{preview}");
        send(&browser, "form[action$='/confirmation']", &[]).await;
        self.leave(login, browser).await
    }

    /// One act on every file of a kind that waits for somebody.
    pub(super) async fn many(&self, login: &str, kind: &str, act: &str) {
        let fields = [
            ("extent", "all"),
            ("act", act),
            ("contract", "见所附材料"),
            ("person_consent", "见所附材料"),
            ("evidence_check", "见所附材料"),
            ("industry_consent", "见所附材料"),
            ("finance_consent", "见所附材料"),
            ("cross_check", "见所附材料"),
            ("tax_treatment", "见所附材料"),
            ("award_declaration", "见所附材料"),
            ("undertaking", "见所附材料"),
            ("decision_document", "闽人社名册〔2026〕1号"),
        ];
        let list = format!("/cases?show=mine&kind={kind}");
        let told = self.step(login, (&list, "form[action='/cases/bulk']"), &fields).await;
        assert!(told.text.contains("未办成 0 件"), "{login} {act}: {}", told.text);
    }

    /// The province publishes everything of a kind that waits for it, for five working days.
    pub(super) async fn publish(&self, kind: &str, title: &str) {
        let notice = [
            ("case", "*"),
            ("title", title),
            ("basis", "闽人才〔2026〕1号"),
            ("contact", "福建省人力资源和社会保障厅人才处"),
            ("working_days", "5"),
            ("count_first_day", ""),
            ("sample_audit", "SC000001，均属实"),
        ];
        let page = format!("/notices/new?kind={kind}");
        let told = self.step("province", (&page, "form[action='/notices']"), &notice).await;
        assert!(told.text.contains("公示"), "{}", told.text);
    }

    /// A tenth of the enterprise's people is drawn, and each found as filed.
    async fn sample(&self) {
        let drawing = [("drawing", "random"), ("percent", "10"), ("uscc", USCC), ("seed", "1")];
        let told = self.step("province", ("/checks", "form[action='/checks']"), &drawing).await;
        assert!(told.path.ends_with("SC000001"), "{}: {}", told.path, told.text);
        let read = self.world.app.db.read();
        for item in entity::check_item::Entity::find().all(read).await.unwrap() {
            let form = format!("form[action$='/items/{}']", item.seq);
            self.step("province", (&told.path, &form), &[]).await;
        }
    }

    /// An act on a file.
    async fn act(&self, login: &str, case: &str, act: &str, after: &str) {
        let form = format!("form:has(input[name=act][value={act}])");
        let fields = [
            ("members", "7"),
            ("present", "7"),
            ("in_favour", "6"),
            ("recused", "无"),
            ("major_shareholder", "no"),
            ("notice_from", "2026-06-02"),
            ("notice_through", "2026-06-08"),
            ("objection_open", "no"),
        ];
        let told = self.step(login, (case, &form), &fields).await;
        assert!(told.text.contains(after), "{login} {act}: {}", told.text);
    }
}

/// What the last page of a step said, and where it was.
pub(super) struct Told {
    pub(super) text: String,
    pub(super) path: String,
}

/// A file of the samples.
pub(super) fn sample(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "shared", "samples", name].iter().collect()
}

async fn open(world: &World) -> (String, JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let router = router(Site::new(world.app.clone()));
    (site, tokio::spawn(server::serve(listener, router, &[], std::future::pending())))
}

/// Register: the province lists the enterprises, the enterprise declares its engineers.
async fn register(year: &mut Year) -> String {
    year.on("2026-03-02").await;
    year.employ("province", "hr_province", ("FJ-RST", "hr_office", "350000", None)).await;
    let told = year.import("province", "enterprises", &sample("骨干企业清单.xlsx")).await;
    assert!(told.text.contains("已导入 40 行"), "{}", told.text);
    let read = year.world.app.db.read();
    let known = enterprises_by_uscc(read, &[USCC]).await.unwrap();
    let id = *known.values().next().expect("a listed enterprise");
    let (own, place) = (Some(id), "350302");
    for (login, role) in [
        ("clerk", "enterprise_clerk"),
        ("head", "enterprise_head"),
        ("signatory", "enterprise_signatory"),
    ] {
        year.employ(login, role, ("ENT", "enterprise", place, own)).await;
    }
    for (login, role, code, division) in [
        ("county", "hr_county", "COUNTY", "350302"),
        ("city", "hr_city", "CITY", "350300"),
        ("city2", "hr_city_approver", "CITY", "350300"),
        ("province2", "hr_province_approver", "FJ-RST", "350000"),
    ] {
        year.employ(login, role, (code, "hr_office", division, None)).await;
    }
    let told =
        year.import("clerk", "engineers", &sample(&format!("核心工程师申报-{USCC}.xlsx"))).await;
    assert!(told.text.contains("已导入"), "{}", told.text);
    entity::person::Entity::find().one(read).await.unwrap().expect("a person").person_no
}

/// Recognise: the pilot, the standard, the file through the enterprise and the three offices.
async fn recognise(year: &mut Year, person_no: &str) -> String {
    year.on("2026-06-01").await;
    let pilot = [
        ("uscc", USCC),
        ("legal_form", "filing"),
        ("quota_a", "0"),
        ("quota_b", "1"),
        ("quota_c", "1"),
        ("from", "2026-01-01"),
        ("through", "2028-12-31"),
        ("document_no", "闽人才〔2026〕1号"),
    ];
    year.step("province", ("/pilots", "form[action='/pilots']"), &pilot).await;
    let standard = [
        ("title", "高层次人才认定标准"),
        ("standard_no", "Q/MJ 001"),
        ("content", "C类：主持完成省级以上人工智能项目一项，或者同等业绩。"),
    ];
    let told = year.step("head", ("/pilots", "form[action='/pilots/standards']"), &standard).await;
    assert!(told.text.contains("Q/MJ 001"), "{}", told.text);
    let file = [
        ("person_no", person_no),
        ("class", "C"),
        ("grounds", "主持省级重点研发项目，符合标准第三条"),
    ];
    let told = year.step("clerk", ("/recognitions/new", "main form"), &file).await;
    let case = told.path;
    assert!(case.starts_with("/cases/"), "{case}: {}", told.text);
    year.act("clerk", &case, "submit", "企业评审中").await;
    year.act("head", &case, "decide", "企业公示中").await;
    year.on("2026-06-09").await;
    year.act("signatory", &case, "file", "已提交").await;
    year.act("county", &case, "accept", "县区审核中").await;
    year.act("county", &case, "pass_county", "市级审核中").await;
    year.act("city", &case, "give_opinion", "市级审核中").await;
    year.act("city2", &case, "pass_city", "省级审核中").await;
    case
}

/// Notice and certificate: published for five working days, then certified by somebody else.
async fn certify(year: &mut Year, case: &str, person_no: &str) {
    year.on("2026-06-10").await;
    year.sample().await;
    year.publish("recognition", "2026年第一批自主认定公示").await;
    let passer_by = year.driver.browser().await;
    year.goto(&passer_by, "/public/notices").await;
    let link = passer_by.find(Locator::Css("main a[href^='/public/notices/']")).await.unwrap();
    passer_by.execute("window.thisPage = true", vec![]).await.unwrap();
    link.click().await.unwrap();
    arrive(&passer_by).await;
    let public = year.leave("passer-by", passer_by).await;
    assert!(public.text.contains("2026年第一批自主认定公示"), "{}", public.text);
    year.on("2026-06-25").await;
    year.act("province2", case, "recognise", "已认定").await;
    let browser = year.visit("clerk").await;
    year.goto(&browser, &format!("/engineers/{person_no}")).await;
    let told = year.leave("clerk", browser).await;
    assert!(told.text.contains("FJ-AI-2026"), "the certificate has a number: {}", told.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_goes_from_the_import_to_the_money_by_role() {
    let mut year = Year::begin().await;
    let person_no = register(&mut year).await;
    close::roster(&mut year).await;
    let case = recognise(&mut year, &person_no).await;
    certify(&mut year, &case, &person_no).await;
    close::compute(&mut year).await;
    close::declare(&mut year).await;
    close::verify(&mut year).await;
    year.serving.abort();
}
