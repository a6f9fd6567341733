//! A thousand invented engineers.

use chrono::{Datelike, Days, NaiveDate};

use crate::domain::identity::{
    BankAccountNo, Cnaps, PermanentResidence, ResidencePermit, ResidentId,
};
use crate::domain::registry::Employment;

use super::chance::Chance;

/// An invented engineer, as their first enterprise files them.
#[derive(Debug, Clone)]
pub(super) struct Engineer {
    pub(super) name: String,
    pub(super) document_type: &'static str,
    pub(super) document_no: String,
    pub(super) mobile: String,
    pub(super) post: &'static str,
    pub(super) professional_title: &'static str,
    pub(super) education: &'static str,
    pub(super) employed_from: NaiveDate,
    pub(super) rostered_from: NaiveDate,
    pub(super) bank: Bank,
    pub(super) account_no: String,
}

/// A bank and its twelve-digit code.
#[derive(Debug, Clone)]
pub(super) struct Bank {
    pub(super) name: &'static str,
    pub(super) cnaps: String,
    card_prefix: &'static str,
}

const SURNAMES: [&str; 40] = [
    "林", "陈", "黄", "郑", "吴", "李", "张", "王", "刘", "杨", "许", "蔡", "郭", "谢", "叶", "苏",
    "曾", "何", "江", "罗", "高", "邱", "洪", "游", "翁", "卢", "魏", "潘", "薛", "丁", "沈", "方",
    "傅", "施", "柯", "庄", "池", "危", "官", "欧阳",
];
const GIVEN: [&str; 60] = [
    "子涵", "雨桐", "浩然", "思远", "梓轩", "嘉禾", "明哲", "若溪", "俊杰", "诗涵", "志强", "建国",
    "晓东", "丽华", "秀英", "海燕", "文博", "雅婷", "振宇", "佳怡", "鹏飞", "静怡", "宏伟", "玉兰",
    "国栋", "慧敏", "立新", "春梅", "永康", "淑芬", "伟", "敏", "静", "磊", "洋", "艳", "勇", "军",
    "杰", "娟", "涛", "超", "明", "霞", "平", "刚", "桂兰", "琳", "睿", "堃", "喆", "玥", "翀",
    "旻", "昊天", "一诺", "𬱖", "欣妍", "博文", "致远",
];
const POSTS: [&str; 8] = [
    "算法工程师",
    "大模型训练工程师",
    "机器视觉工程师",
    "机器人控制工程师",
    "芯片架构师",
    "数据工程师",
    "语音算法工程师",
    "智能体开发工程师",
];
const TITLES: [&str; 4] = ["无", "工程师", "高级工程师", "正高级工程师"];
const EDUCATION: [&str; 3] = ["大学本科", "硕士研究生", "博士研究生"];
const BIRTHPLACES: [&str; 9] =
    ["350102", "350203", "350502", "350602", "350302", "330106", "440305", "420106", "110105"];

/// A plain Chinese name.
pub(super) fn chinese_name(chance: &mut Chance) -> String {
    format!("{}{}", chance.pick(&SURNAMES), chance.pick(&GIVEN))
}

/// `count` engineers of the enterprise with this number; the same on every run.
pub(super) fn of_enterprise(enterprise: usize, count: usize) -> Vec<Engineer> {
    let seed = u64::try_from(enterprise).expect("a small number");
    let mut chance = Chance::new(0x6A75_6E63_6169 + seed);
    (0..count).map(|i| engineer(&mut chance, enterprise * count + i)).collect()
}

/// Two engineers of different enterprises who share a telephone: a likely duplicate to look at.
const SHARE_A_TELEPHONE: [usize; 2] = [30, 61];

fn engineer(chance: &mut Chance, number: usize) -> Engineer {
    let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).expect("a date in the calendar");
    let add = |from: NaiveDate, days: usize| {
        from + Days::new(u64::try_from(days).expect("a small number"))
    };
    let birth = add(day(1972, 1, 1), chance.below(11_000));
    let (name, document_type, document_no) = document(chance, number, birth);
    let (bank, account_no) = account(chance);
    // Most work there already; every tenth begins during the year, on its roster the month after.
    let begins_in_year = number % 10 == 7;
    let employed_from = if begins_in_year {
        add(day(2026, 1, 20), chance.below(200))
    } else {
        add(day(2018, 1, 1), chance.below(2_850))
    };
    let rostered_from = if begins_in_year {
        let month = employed_from.month() % 12 + 1;
        day(employed_from.year(), month, 1)
    } else {
        day(2026, 1, 1)
    };
    let own =
        format!("1{}{}", chance.pick(&["35", "38", "59", "77", "86", "95"]), chance.digits(8));
    let shared = SHARE_A_TELEPHONE.contains(&number);
    Engineer {
        name,
        document_type,
        document_no,
        mobile: if shared { "13805910061".to_owned() } else { own },
        post: chance.pick(&POSTS),
        professional_title: chance.pick(&TITLES),
        education: chance.pick(&EDUCATION),
        employed_from,
        rostered_from,
        bank,
        account_no,
    }
}

fn document(
    chance: &mut Chance,
    number: usize,
    birth: NaiveDate,
) -> (String, &'static str, String) {
    let date = birth.format("%Y%m%d").to_string();
    let sequence = format!("{:03}", 900 + number % 100);
    match number % 97 {
        13 => {
            let name = chance.pick(&["SMITH JOHN", "MUELLER ANNA", "TANAKA KENJI", "KIM MINJUN"]);
            (
                name.to_owned(),
                "护照",
                format!("{}{:07}", chance.pick(&["X", "C", "K"]), 1_000_000 + number),
            )
        }
        41 => (
            format!("阿里木江·{}", chance.pick(&["买买提", "艾力", "吐尔逊"])),
            "居民身份证",
            checked(&format!("650102{date}{sequence}"), |no| ResidentId::parse(no).is_ok()),
        ),
        59 => (
            chinese_name(chance),
            "港澳台居民居住证",
            checked(&format!("810000{date}{sequence}"), |no| ResidencePermit::parse(no).is_ok()),
        ),
        83 => (
            chance.pick(&["JOHNSON EMILY", "SCHMIDT PETER"]).to_owned(),
            "外国人永久居留身份证",
            checked(&format!("935840{date}{sequence}"), |no| PermanentResidence::parse(no).is_ok()),
        ),
        _ => {
            let place = chance.pick(&BIRTHPLACES);
            (
                chinese_name(chance),
                "居民身份证",
                checked(&format!("{place}{date}{sequence}"), |no| ResidentId::parse(no).is_ok()),
            )
        }
    }
}

fn bank(chance: &mut Chance) -> Bank {
    let (name, code, card_prefix) = *[
        ("中国工商银行", "102391", "622202"),
        ("中国建设银行", "105391", "621700"),
        ("招商银行", "308391", "621483"),
        ("兴业银行", "309391", "622909"),
        ("中国农业银行", "103391", "622848"),
    ]
    .get(chance.below(5))
    .expect("one of five");
    let cnaps =
        checked(&format!("{code}00001"), |no| Cnaps::parse(no).is_ok_and(|c| c.warning.is_none()));
    Bank { name, cnaps, card_prefix }
}

/// An account at one of the banks.
pub(super) fn account(chance: &mut Chance) -> (Bank, String) {
    let bank = bank(chance);
    let number = card(chance, bank.card_prefix);
    (bank, number)
}

/// What somebody does, at an enterprise that is not said yet.
pub(super) fn post(chance: &mut Chance) -> Employment {
    Employment {
        enterprise_id: 0,
        full_time: true,
        post: chance.pick(&POSTS).to_owned(),
        professional_title: chance.pick(&TITLES).to_owned(),
        education: chance.pick(&EDUCATION).to_owned(),
    }
}

/// Another card of a bank, for an account that is replaced.
pub(super) fn card(chance: &mut Chance, prefix: &str) -> String {
    let body = format!("{prefix}{}", chance.digits(12));
    checked(&body, |no| BankAccountNo::parse(no).is_ok_and(|c| c.warning.is_none()))
}

/// `body` with the check character that makes it valid: the rules are asked, not repeated.
pub(super) fn checked(body: &str, valid: impl Fn(&str) -> bool) -> String {
    "0123456789X"
        .chars()
        .map(|check| format!("{body}{check}"))
        .find(|number| valid(number))
        .expect("one check character is right")
}
