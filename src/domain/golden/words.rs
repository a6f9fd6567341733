//! Cases in words.

use super::Expected;
use super::written::{STANDARD, WrittenCase, pair, period};
use crate::domain::determine::Determination;
use crate::domain::edition::source_label;
use crate::domain::money::Fen;
use crate::domain::region;

/// `E1 5 83333.33` as people say it.
pub(super) fn portions(list: &[String]) -> String {
    let said = |text: &String| match text.split(' ').collect::<Vec<_>>()[..] {
        [uscc, months, amount] => format!("{uscc} {months} 个月 {}", yuan(amount)),
        _ => text.clone(),
    };
    list.iter().map(said).collect::<Vec<_>>().join("、")
}

/// `province 66666.67` as people say it.
pub(super) fn sources(list: &[String]) -> String {
    let said = |text: &String| match pair(text) {
        Some((source, amount)) => format!("{} {}", source_label(source), yuan(amount)),
        None => text.clone(),
    };
    list.iter().map(said).collect::<Vec<_>>().join("、")
}

pub(super) fn lines(case: &WrittenCase) -> Vec<String> {
    let mut all = Vec::new();
    let mut add = |what: &str, list: Vec<String>| {
        if !list.is_empty() {
            all.push(format!("{what}：{}", list.join("；")));
        }
    };
    let placed = |list: &[String]| list.iter().map(|text| at_enterprise(case, text)).collect();
    add("全职在岗并在册", placed(&case.work));
    add("全职在岗", placed(&case.employed));
    add("非全职任职", placed(&case.part_time));
    add("在册", placed(&case.rostered));
    add("企业在清单内", placed(&case.listed));
    add("人才认定", case.recognised.iter().map(|text| classed(text)).collect());
    if case.no_evidence.len() >= 12 {
        add("社保个税佐证", vec!["全年没有".to_owned()]);
    } else {
        add("无社保个税佐证的月份", case.no_evidence.clone());
    }
    let spans = |list: &[String]| list.iter().map(|text| days(text)).collect();
    add("名册暂停", spans(&case.suspended));
    add("排除情形", spans(&case.excluded));
    add("同年其他奖补", case.awards.iter().map(|text| award(text)).collect());
    add("此前已核定", case.before.iter().map(|text| yuan(text)).collect());
    all
}

fn at_enterprise(case: &WrittenCase, text: &str) -> String {
    let Some((uscc, rest)) = pair(text) else { return text.to_owned() };
    let other = case.place.iter().filter_map(|text| pair(text)).find(|(u, _)| *u == uscc);
    let standard = || STANDARD.iter().find(|(name, ..)| *name == uscc).map(|(_, place, _)| *place);
    let division = other.map(|(_, division)| division).or_else(standard).unwrap_or_default();
    let place = region::full_name(division).unwrap_or(division);
    let rest = if rest == "void" { "自始无效".to_owned() } else { days(rest) };
    format!("{uscc}（{place}）{rest}")
}

fn classed(text: &str) -> String {
    pair(text).map_or_else(|| text.to_owned(), |(class, rest)| format!("{class}类 {}", days(rest)))
}

fn days(text: &str) -> String {
    match period(text) {
        Some(found) => match found.through {
            Some(last) => format!("{} 至 {last}", found.from),
            None => format!("{} 起", found.from),
        },
        None => text.to_owned(),
    }
}

fn yuan(text: &str) -> String {
    text.parse::<Fen>().map_or_else(|_| text.to_owned(), |fen| format!("{} 元", fen.grouped()))
}

fn award(text: &str) -> String {
    pair(text).map_or_else(|| text.to_owned(), |(group, rest)| format!("{group} {}", yuan(rest)))
}

pub(super) fn expectation(expected: &Expected) -> String {
    let mut parts = vec![format!("{} 元", expected.amount.grouped())];
    if let Some(months) = expected.months {
        parts.push(format!("计入 {months} 个月"));
    }
    if let Some(days) = expected.days {
        parts.push(format!("合格 {days} 天"));
    }
    let mut fen = |what: &str, amount: Option<Fen>| {
        if let Some(amount) = amount {
            parts.push(format!("{what} {} 元", amount.grouped()));
        }
    };
    fen("应计", expected.gross);
    fen("差额", expected.adjustment);
    let reasons = expected.reasons.iter().flatten().map(|reason| reason.label().to_owned());
    parts.extend(reasons);
    parts.extend(expected.portions.as_deref().map(|list| format!("分摊 {}", portions(list))));
    parts.extend(expected.sources.as_deref().map(|list| format!("来源 {}", sources(list))));
    parts.join("；")
}

/// What came out.
pub(super) fn outcome(found: &Determination) -> String {
    let mut text = format!("{} 元；计入 {} 个月", found.net.grouped(), found.counted_months);
    for reason in &found.reasons {
        text.push('；');
        text.push_str(reason.label());
    }
    text
}
