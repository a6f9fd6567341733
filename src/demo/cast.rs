//! The people who work with the system in the demonstration: one printed account per role, and a
//! clerk for every enterprise.

use crate::domain::authority::Role;
use crate::domain::region;
use crate::domain::registry::Code;

use super::chance::Chance;
use super::enterprises::Enterprise;
use super::people::chinese_name;

/// Everybody's password. It exists in demonstrations only.
pub(super) const PASSWORD: &str = "Juncai-Demo-2026";

/// An account of the demonstration.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) login: String,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) office: Office,
}

/// Where somebody works.
#[derive(Debug, Clone)]
pub(super) struct Office {
    pub(super) code: String,
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) division: String,
    /// The enterprise's code, for its own staff.
    pub(super) uscc: Option<String>,
}

const OFFICES: [(&str, &str, &str, &str); 11] = [
    ("FJ-RST", "hr_office", "福建省人力资源和社会保障厅", "350000"),
    ("FZ-RSJ", "hr_office", "福州市人力资源和社会保障局", "350100"),
    ("GL-RSJ", "hr_office", "鼓楼区人力资源和社会保障局", "350102"),
    ("FJ-CZT", "finance_office", "福建省财政厅", "350000"),
    ("XM-CZJ", "finance_office", "厦门市财政局", "350200"),
    ("FJ-SJT", "audit_office", "福建省审计厅", "350000"),
    ("FJ-SJZX", "administration", "福建省数据管理中心", "350000"),
    ("XM-RSJ", "hr_office", "厦门市人力资源和社会保障局", "350200"),
    ("FJ-GXT", "industry_office", "福建省工业和信息化厅", "350000"),
    ("FZ-GXJ", "industry_office", "福州市工业和信息化局", "350100"),
    ("GL-GXJ", "industry_office", "鼓楼区工业和信息化局", "350102"),
];

const OFFICERS: [(&str, &str, Role, &str); 22] = [
    ("hr-province", "林晓岚", Role::HrProvince, "FJ-RST"),
    ("hr-fuzhou", "郑明远", Role::HrCity, "FZ-RSJ"),
    ("hr-gulou", "黄雅琴", Role::HrCounty, "GL-RSJ"),
    ("finance-maker", "陈国栋", Role::FinanceMaker, "FJ-CZT"),
    ("finance-checker", "吴思敏", Role::FinanceChecker, "FJ-CZT"),
    ("finance-approver", "许建华", Role::FinanceApprover, "FJ-CZT"),
    ("xiamen-maker", "叶清扬", Role::FinanceMaker, "XM-CZJ"),
    ("xiamen-checker", "苏文博", Role::FinanceChecker, "XM-CZJ"),
    ("xiamen-approver", "洪立新", Role::FinanceApprover, "XM-CZJ"),
    ("auditor", "周敏", Role::Auditor, "FJ-SJT"),
    ("admin", "吴志强", Role::Administrator, "FJ-SJZX"),
    ("security-admin", "钱安", Role::SecurityAdministrator, "FJ-SJZX"),
    ("security-auditor", "沈静", Role::SecurityAuditor, "FJ-SJZX"),
    ("hr-xiamen", "施玉兰", Role::HrCity, "XM-RSJ"),
    ("hr-province-2", "高振宇", Role::HrProvince, "FJ-RST"),
    ("hr-fuzhou-2", "方志远", Role::HrCityApprover, "FZ-RSJ"),
    ("hr-province-3", "谢文静", Role::HrProvinceApprover, "FJ-RST"),
    ("hr-province-4", "汪立新", Role::HrProvinceApprover, "FJ-RST"),
    ("gx-gulou", "邱晓东", Role::IndustryCounty, "GL-GXJ"),
    ("gx-fuzhou", "赖志强", Role::IndustryCity, "FZ-GXJ"),
    ("gx-province", "江慧敏", Role::IndustryProvince, "FJ-GXT"),
    ("gx-province-2", "卓远航", Role::IndustryProvinceApprover, "FJ-GXT"),
];

/// Accounts that the program prints, in the order of the work.
pub(super) const PRINTED: [&str; 25] = [
    "clerk-01",
    "head-01",
    "sign-01",
    "clerk-11",
    "sign-42",
    "gx-gulou",
    "gx-fuzhou",
    "gx-province",
    "gx-province-2",
    "hr-gulou",
    "hr-fuzhou",
    "hr-fuzhou-2",
    "hr-province",
    "hr-province-3",
    "hr-province-4",
    "finance-maker",
    "finance-checker",
    "finance-approver",
    "xiamen-maker",
    "xiamen-checker",
    "xiamen-approver",
    "auditor",
    "admin",
    "security-admin",
    "security-auditor",
];

/// The officers.
pub(super) fn officers() -> Vec<Member> {
    OFFICERS
        .iter()
        .filter_map(|(login, name, role, office)| {
            let (code, kind, title, division) = OFFICES.iter().find(|o| o.0 == *office)?;
            let office = Office {
                code: (*code).to_owned(),
                kind,
                name: (*title).to_owned(),
                division: (*division).to_owned(),
                uscc: None,
            };
            let (login, name) = ((*login).to_owned(), (*name).to_owned());
            Some(Member { login, name, role: *role, office })
        })
        .collect()
}

/// The HR officers of all other divisions and cities that have an enterprise.
pub(super) fn local_officers(enterprises: &[Enterprise]) -> Vec<Member> {
    let mut chance = Chance::new(0x5248);
    let mut desks: Vec<(String, Role, String)> = Vec::new();
    for enterprise in enterprises {
        let city = region::city_unit(enterprise.division);
        let county = enterprise.division.to_owned();
        for desk in [
            (county_officer(&county), Role::HrCounty, county),
            (city_officer(&city), Role::HrCity, city),
        ] {
            let known = OFFICERS.iter().any(|(login, ..)| *login == desk.0);
            if !known && !desks.contains(&desk) {
                desks.push(desk);
            }
        }
    }
    let member = |(login, role, division): (String, Role, String)| {
        let place = region::full_name(&division).unwrap_or_default();
        let office = Office {
            code: format!("RSJ-{division}"),
            kind: "hr_office",
            name: format!("{place}人力资源和社会保障局"),
            division,
            uscc: None,
        };
        Member { login, name: chinese_name(&mut chance), role, office }
    };
    desks.into_iter().map(member).collect()
}

/// Sign-in name of the HR officer of a county.
pub(super) fn county_officer(division: &str) -> String {
    match division {
        "350102" => "hr-gulou".to_owned(),
        other => format!("hr-county-{other}"),
    }
}

/// Sign-in name of the HR officer of a city, or of Pingtan.
pub(super) fn city_officer(unit: &str) -> String {
    match unit {
        "350100" => "hr-fuzhou".to_owned(),
        "350200" => "hr-xiamen".to_owned(),
        other => format!("hr-city-{other}"),
    }
}

/// The clerk, the head and the signatory of every enterprise.
pub(super) fn enterprise_staff(enterprises: &[Enterprise]) -> Vec<Member> {
    let mut chance = Chance::new(0x5151);
    let mut staff = Vec::new();
    for (number, enterprise) in enterprises.iter().enumerate() {
        let office = Office {
            code: enterprise.uscc.clone(),
            kind: "enterprise",
            name: enterprise.name.clone(),
            division: enterprise.division.to_owned(),
            uscc: Some(enterprise.uscc.clone()),
        };
        for (login, name, role) in [
            (clerk(number), enterprise.contact.clone(), Role::EnterpriseClerk),
            (head(number), chinese_name(&mut chance), Role::EnterpriseHead),
            (signatory(number), chinese_name(&mut chance), Role::EnterpriseSignatory),
        ] {
            staff.push(Member { login, name, role, office: office.clone() });
        }
    }
    staff
}

/// Sign-in name of the head of the enterprise with this number, counted from 0.
pub(super) fn head(enterprise: usize) -> String {
    format!("head-{:02}", enterprise + 1)
}

/// Sign-in name of the signatory of the enterprise with this number, counted from 0.
pub(super) fn signatory(enterprise: usize) -> String {
    format!("sign-{:02}", enterprise + 1)
}

/// The signatory of each enterprise that applies and is on no list yet.
pub(super) fn applicant_staff(applicants: &[Enterprise]) -> Vec<Member> {
    let staff = applicants.iter().zip(["sign-41", "sign-42"]);
    staff
        .map(|(e, login)| Member {
            login: login.to_owned(),
            name: e.contact.clone(),
            role: Role::EnterpriseSignatory,
            office: Office {
                code: e.uscc.clone(),
                kind: "enterprise",
                name: e.name.clone(),
                division: e.division.to_owned(),
                uscc: Some(e.uscc.clone()),
            },
        })
        .collect()
}

/// Sign-in name of the clerk of the enterprise with this number, counted from 0.
pub(super) fn clerk(enterprise: usize) -> String {
    format!("clerk-{:02}", enterprise + 1)
}

/// What each printed account is, and its sign-in name.
pub(super) fn printed() -> Vec<(String, &'static str)> {
    let enterprises = super::enterprises::all();
    let mut everybody = officers();
    everybody.extend(enterprise_staff(&enterprises));
    everybody.extend(applicant_staff(&super::enterprises::applicants()));
    PRINTED
        .into_iter()
        .filter_map(|login| {
            let member = everybody.iter().find(|member| member.login == login)?;
            Some((format!("{} {}", member.office.name, member.role.label()), login))
        })
        .collect()
}
