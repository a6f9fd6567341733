//! An enterprise's way onto the list and off it: the application, the check of the year, the
//! suspension, the end.

mod life;
mod pages;

use std::collections::BTreeMap;

use juncai::domain::lifecycle::Evidence;
use juncai::domain::registry::Code;
use juncai::service::case::{self, Submitted};
use juncai::service::key_enterprise::{self, NewApplication, NewCall};
use juncai::service::notice::{self, Draft};
use juncai::service::{Actor, Error};
use juncai::store::account::NewOrganisation;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;

use crate::town::{Town, actor};
use crate::world::{World, employ};

/// An enterprise that has an account and is on no list; its code is valid.
const APPLICANT: (i64, &str, &str) = (9, "91350100MAFAKE000K", "海峡智算科技有限公司");

struct Offices {
    town: Town,
    clerk: Actor,
    signatory: Actor,
    county: Actor,
    city: Actor,
    province: Actor,
    approver: Actor,
}

async fn enterprise_account(
    world: &World,
    (id, uscc, name): (i64, &str, &str),
    division: &str,
    (login, role): (&str, &str),
) -> Actor {
    let office =
        NewOrganisation { code: uscc, kind: "enterprise", name, division, enterprise_id: Some(id) };
    let tx = world.app.db.begin().await.unwrap();
    let now = world.app.clock.now();
    let made = employ(&tx, &office, (login, login), (login, role), now).await;
    tx.commit().await.unwrap();
    made
}

async fn offices(world: World) -> Offices {
    let mut town = Town::new(world).await;
    town.at("2026-06-01T09:00:00+08:00");
    let row = entity::enterprise::ActiveModel {
        id: Set(APPLICANT.0),
        uscc: Set(APPLICANT.1.to_owned()),
        created_at: Set(town.world.app.clock.now()),
    };
    let conn = town.world.app.db.read();
    entity::enterprise::Entity::insert(row).exec_without_returning(conn).await.unwrap();
    let world = &town.world;
    let of_applicant =
        async |login, role| enterprise_account(world, APPLICANT, "350102", (login, role)).await;
    let (clerk, signatory) = (
        of_applicant("clerk", "enterprise_clerk").await,
        of_applicant("sign", "enterprise_signatory").await,
    );
    let (county, city, province, approver) = (
        actor(world, "gx-gulou", "industry_county", "350102", None).await,
        actor(world, "gx-fuzhou", "industry_city", "350100", None).await,
        actor(world, "gx-province", "industry_province", "350000", None).await,
        actor(world, "gx-approver", "industry_province_approver", "350000", None).await,
    );
    Offices { town, clerk, signatory, county, city, province, approver }
}

impl Offices {
    fn app(&self) -> &juncai::app::App {
        &self.town.world.app
    }

    async fn call(&self) -> String {
        let new = NewCall {
            title: "申报通知".to_owned(),
            document_no: "闽工信〔2026〕21号".to_owned(),
            opens_on: "2026-06-01".to_owned(),
            closes_on: "2026-06-30".to_owned(),
        };
        key_enterprise::publish_call(self.app(), &self.province, &new).await.unwrap()
    }

    async fn apply(&self, who: &Actor) -> Result<String, Error> {
        let new = NewApplication {
            industry: "智能体".to_owned(),
            main_business: "面向政务和制造的智能体平台，收入占比超过八成。".to_owned(),
            staff: "120".to_owned(),
            research_staff: "80".to_owned(),
        };
        key_enterprise::apply(self.app(), who, &new).await
    }

    /// Does an act with everything that any act asks for, and what is given besides.
    async fn act(
        &self,
        who: &Actor,
        no: &str,
        act: &str,
        given: &[(&str, &str)],
    ) -> Result<&'static str, Error> {
        let seen_steps = case::case_view(self.app(), who, no).await?.steps_seen;
        let mut fields: BTreeMap<String, String> = Evidence::ALL
            .iter()
            .map(|evidence| (evidence.code().to_owned(), "有".to_owned()))
            .collect();
        let usual = [
            ("experts", "7"),
            ("sheets", "7"),
            ("in_favour", "6"),
            ("recused", "无"),
            ("list_document", "闽工信〔2026〕30号"),
            ("list_batch", "2026年第二批"),
            ("listed_from", "2026-07-01"),
            ("listed_through", "2028-12-31"),
            ("recognition_quota", "3"),
            ("engineer_quota", "20"),
        ];
        for (field, text) in usual.iter().chain(given) {
            fields.insert((*field).to_owned(), (*text).to_owned());
        }
        let sent = Submitted { act: act.to_owned(), remark: String::new(), seen_steps, fields };
        case::act(self.app(), who, no, &sent).await
    }

    /// From the draft to the experts' list.
    async fn through_review(&self) -> String {
        self.call().await;
        let no = self.apply(&self.clerk).await.unwrap();
        for (who, act, state) in [
            (&self.signatory, "submit", "已提交"),
            (&self.county, "accept", "县区审核中"),
            (&self.county, "pass_county", "市级审核中"),
            (&self.city, "pass_city", "专家评审中"),
            (&self.province, "propose", "拟入选"),
        ] {
            assert_eq!(self.act(who, &no, act, &[]).await.unwrap(), state, "{act}");
        }
        no
    }

    async fn publish(&self, no: &str) -> String {
        let evidence = ["joint_check", "hr_consent", "finance_consent"];
        let draft = Draft {
            kind: "key_enterprise".to_owned(),
            title: "骨干企业拟入选名单公示".to_owned(),
            basis: "闽工信〔2026〕21号".to_owned(),
            contact: "0591-00000000".to_owned(),
            working_days: "5".to_owned(),
            count_first_day: false,
            case_nos: vec![no.to_owned()],
            evidence: evidence.map(|code| (code.to_owned(), "无异议".to_owned())).into(),
        };
        notice::publish(self.app(), &self.approver, &draft).await.unwrap()
    }
}

fn told<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    outcome.expect_err("a refusal").to_string()
}
