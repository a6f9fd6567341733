//! Forty invented key enterprises over the nine cities and Pingtan.

use crate::domain::identity::Uscc;
use crate::domain::region;

use super::chance::Chance;

/// An invented enterprise.
#[derive(Debug, Clone)]
pub(super) struct Enterprise {
    pub(super) name: String,
    pub(super) uscc: String,
    pub(super) division: &'static str,
    pub(super) industry: &'static str,
    pub(super) contact: String,
    pub(super) phone: String,
}

/// How many enterprises each division has; 40 in all.
const PLACES: [(&str, usize); 17] = [
    ("350102", 5),
    ("350105", 3),
    ("350121", 2),
    ("350203", 4),
    ("350211", 3),
    ("350304", 2),
    ("350302", 1),
    ("350404", 2),
    ("350503", 4),
    ("350582", 2),
    ("350602", 2),
    ("350681", 0),
    ("350702", 2),
    ("350802", 3),
    ("350902", 2),
    ("350981", 1),
    ("350128", 2),
];

const BRANDS: [&str; 40] = [
    "闽江智行",
    "榕城深思",
    "左海云图",
    "三坊数智",
    "鼓岭视觉",
    "马尾灵犀",
    "罗星机器人",
    "乌龙江芯",
    "旗山大模型",
    "闽都语音",
    "鹭岛智能",
    "筼筜算法",
    "五缘感知",
    "集美星河",
    "杏林数元",
    "环岛无人",
    "白鹭语义",
    "湄洲智造",
    "木兰溪数据",
    "荔城感知",
    "瑞云智能",
    "金溪算力",
    "刺桐智联",
    "清源大脑",
    "洛阳桥科技",
    "丰泽具身",
    "晋水芯片",
    "紫帽智控",
    "芗江视界",
    "九龙江智能",
    "武夷云脑",
    "建溪数科",
    "汀江智能体",
    "冠豸算法",
    "龙津机器人",
    "三都澳智联",
    "霞浦海洋智能",
    "闽东新材智控",
    "岚岛智慧",
    "海坛量子智能",
];

const INDUSTRIES: [&str; 8] =
    ["智能终端", "智能体", "机器视觉", "具身智能", "智能芯片", "大模型", "智能装备", "语音语义"];

/// The list, the same on every run.
pub(super) fn all() -> Vec<Enterprise> {
    let mut chance = Chance::new(2026);
    let divisions = PLACES.iter().flat_map(|(division, n)| std::iter::repeat_n(*division, *n));
    BRANDS
        .iter()
        .zip(divisions)
        .enumerate()
        .map(|(i, (brand, division))| Enterprise {
            name: format!(
                "{brand}{}",
                if i % 3 == 0 { "科技股份有限公司" } else { "科技有限公司" }
            ),
            uscc: uscc(&format!("MADEM{i:03}"), division),
            division,
            industry: INDUSTRIES[i % INDUSTRIES.len()],
            contact: super::people::chinese_name(&mut chance),
            phone: format!("138{}", chance.digits(8)),
        })
        .collect()
}

/// Two more, which are on no list at the beginning and apply during the year.
pub(super) fn applicants() -> Vec<Enterprise> {
    let one = |(number, name, industry, contact): (usize, &str, &'static str, &str)| Enterprise {
        name: name.to_owned(),
        uscc: uscc(&format!("MADEM{number:03}"), "350102"),
        division: "350102",
        industry,
        contact: contact.to_owned(),
        phone: "13800000000".to_owned(),
    };
    [
        (40, "鼓山海洋智能科技有限公司", "大模型", "温海涛"),
        (41, "乌山智能客服科技有限公司", "智能体", "池雅文"),
    ]
    .map(one)
    .into()
}

/// One of as many enterprises as a crowd needs, by its number.
pub(super) fn of_crowd(number: usize) -> Enterprise {
    let (division, _) = PLACES[number % PLACES.len()];
    let (brand, next) = (BRANDS[number % BRANDS.len()], number / BRANDS.len() + 1);
    Enterprise {
        name: format!("{brand}第{next}研究院有限公司"),
        uscc: uscc(&format!("MC{number:06}"), division),
        division,
        industry: INDUSTRIES[number % INDUSTRIES.len()],
        contact: String::new(),
        phone: String::new(),
    }
}

/// A code whose organisation part and whole both carry valid check characters.
fn uscc(number: &str, division: &str) -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91{division}{number}");
    let clean = ALPHABET.chars().chain(['X']).flat_map(|inner| {
        let body = body.clone();
        ALPHABET.chars().map(move |outer| format!("{body}{inner}{outer}"))
    });
    clean
        .into_iter()
        .find(|code| Uscc::parse(code).is_ok_and(|checked| checked.warning.is_none()))
        .expect("some pair of check characters is right")
}

/// 所在地 as the list writes it.
pub(super) fn place(division: &str) -> String {
    region::full_name(division).unwrap_or(division).to_owned()
}
