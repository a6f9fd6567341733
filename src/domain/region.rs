//! Administrative divisions of Fujian: names, history and who reports to whom (domain.md 4.7).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The code of the province itself.
pub const PROVINCE: &str = "350000";

/// One division for one span of years; a code can be reused, so it may have several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// Six digits.
    pub code: String,
    /// Its own name: 鼓楼区.
    pub name: String,
    /// The name to show alone: 福州市鼓楼区, 平潭综合实验区.
    pub full_name: String,
    /// First year in force, where known.
    pub from: Option<i32>,
    /// First year no longer in force; `None` for a division in use.
    pub until: Option<i32>,
    /// The code that took over, where it is one.
    pub successor: Option<String>,
    /// The city-level unit it reports to: `350100`..., `350128`, or `350000`.
    pub unit: String,
    /// Whether selection lists offer it.
    pub pickable: bool,
}

struct Table {
    /// By code; the division in use, if any, comes first.
    by_code: BTreeMap<String, Vec<Division>>,
    city_units: Vec<(String, String)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let text: TableText = toml::from_str(include_str!("../../policies/divisions.toml"))
        .expect("the shipped divisions are read by a test");
    Table::from(text)
});

/// The division that uses `code` now, or else the last one that did.
pub fn division(code: &str) -> Option<&'static Division> {
    TABLE.by_code.get(code)?.first()
}

/// Whether `code` is or was a division of Fujian, the province and its cities included.
pub fn is_known(code: &str) -> bool {
    division(code).is_some()
}

/// Whether `code` is a division in use today.
pub fn is_current(code: &str) -> bool {
    division(code).is_some_and(|division| division.until.is_none())
}

/// The division's own name (鼓楼区, 福州市, 平潭县), also of an abolished one.
pub fn division_name(code: &str) -> Option<&'static str> {
    division(code).map(|division| division.name.as_str())
}

/// The name to show alone: 福州市鼓楼区, 厦门市, 平潭综合实验区.
pub fn full_name(code: &str) -> Option<&'static str> {
    division(code).map(|division| division.full_name.as_str())
}

/// The name that `code` had in `year`: a reused code named another place before.
pub fn name_in_year(code: &str, year: i32) -> Option<&'static str> {
    let in_force = |division: &&Division| {
        division.from.is_none_or(|from| from <= year)
            && division.until.is_none_or(|until| year < until)
    };
    TABLE.by_code.get(code)?.iter().find(in_force).map(|division| division.full_name.as_str())
}

/// The city-level unit that a division reports to; Pingtan (350128) reports as itself, not through
/// Fuzhou, so never derive this from the first digits.
///
/// An unknown code answers itself: in a roll-up it then stands out instead of swelling a city.
pub fn city_unit(code: &str) -> String {
    division(code).map_or_else(|| code.to_owned(), |division| division.unit.clone())
}

/// Whether one office takes the steps of county and city together: a division that reports to the
/// province itself and has no county under it, as Pingtan (domain.md 1.3).
pub fn takes_both_steps(code: &str) -> bool {
    division(code).is_some_and(|division| division.pickable && division.unit == code)
}

/// The ten city-level units (code, name): nine cities, then 平潭综合实验区.
pub fn city_units() -> &'static [(String, String)] {
    &TABLE.city_units
}

/// County-level divisions in use that selection lists offer, optionally of one city-level unit,
/// ascending by code.
pub fn pickable(unit: Option<&str>) -> impl Iterator<Item = &'static Division> {
    TABLE.by_code.values().filter_map(|spans| spans.first()).filter(move |division| {
        division.pickable
            && division.until.is_none()
            && unit.is_none_or(|unit| division.unit == unit)
    })
}

/// The code whose full name is `text`, with or without 福建省 in front; only divisions in use.
pub fn code_of_full_name(text: &str) -> Option<&'static str> {
    let text = text.strip_prefix("福建省").filter(|rest| !rest.is_empty()).unwrap_or(text);
    TABLE
        .by_code
        .values()
        .filter_map(|spans| spans.first())
        .find(|division| division.until.is_none() && division.full_name == text)
        .map(|division| division.code.as_str())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableText {
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "loaded")]
    _loaded: toml::value::Datetime,
    province: ProvinceText,
    city: Vec<CityText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvinceText {
    code: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CityText {
    code: String,
    name: String,
    divisions: Vec<DivisionText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DivisionText {
    code: String,
    name: String,
    from: Option<i32>,
    until: Option<i32>,
    successor: Option<String>,
    unit: Option<String>,
    full: Option<String>,
    #[serde(default = "yes")]
    picker: bool,
}

const fn yes() -> bool {
    true
}

impl From<TableText> for Table {
    fn from(text: TableText) -> Self {
        let whole = |code: &str, name: &str| Division {
            code: code.to_owned(),
            name: name.to_owned(),
            full_name: name.to_owned(),
            from: None,
            until: None,
            successor: None,
            unit: code.to_owned(),
            pickable: false,
        };
        let mut all = vec![whole(&text.province.code, &text.province.name)];
        let mut city_units = Vec::new();
        let mut own_units = Vec::new();
        for city in text.city {
            all.push(whole(&city.code, &city.name));
            city_units.push((city.code.clone(), city.name.clone()));
            for raw in city.divisions {
                let division = raw.in_city(&city.code, &city.name);
                if division.unit == division.code {
                    own_units.push((division.code.clone(), division.full_name.clone()));
                }
                all.push(division);
            }
        }
        city_units.extend(own_units);
        let mut by_code: BTreeMap<String, Vec<Division>> = BTreeMap::new();
        for division in all {
            by_code.entry(division.code.clone()).or_default().push(division);
        }
        for spans in by_code.values_mut() {
            spans.sort_by_key(|division| std::cmp::Reverse(division.until.unwrap_or(i32::MAX)));
        }
        Self { by_code, city_units }
    }
}

impl DivisionText {
    fn in_city(self, city_code: &str, city_name: &str) -> Division {
        Division {
            full_name: self.full.unwrap_or_else(|| format!("{city_name}{}", self.name)),
            unit: self.unit.unwrap_or_else(|| city_code.to_owned()),
            code: self.code,
            name: self.name,
            from: self.from,
            until: self.until,
            successor: self.successor,
            pickable: self.picker,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_the_84_divisions_in_use() {
        let in_use = TABLE.by_code.values().flatten().filter(|d| d.until.is_none());
        assert_eq!(in_use.filter(|d| !d.code.ends_with("00")).count(), 84);
        for spans in TABLE.by_code.values() {
            let open = spans.iter().filter(|division| division.until.is_none()).count();
            assert!(open <= 1, "{}: two divisions in use", spans[0].code);
            assert!(spans[0].code.len() == 6 && spans[0].code.starts_with("35"));
        }
        let successors = TABLE.by_code.values().flatten().filter_map(|d| d.successor.as_ref());
        assert!(successors.clone().count() > 10);
        for code in successors {
            assert!(is_current(code), "successor {code} is in use");
        }
    }

    #[test]
    fn pingtan_reports_to_the_province_and_not_through_fuzhou() {
        assert_eq!(city_unit("350128"), "350128");
        let joint: Vec<&str> = TABLE.by_code.keys().map(String::as_str).collect();
        let joint: Vec<&str> = joint.into_iter().filter(|code| takes_both_steps(code)).collect();
        assert_eq!(joint, ["350128"], "no county and no city but Pingtan");
        assert_eq!(city_unit("350102"), "350100");
        assert_eq!(city_unit("350402"), "350400");
        assert_eq!(city_unit("350100"), "350100");
        assert_eq!(city_unit(PROVINCE), PROVINCE);
        assert_eq!(city_unit("359999"), "359999");
        assert_eq!(city_units().len(), 10);
        let last = city_units().last().expect("ten units");
        assert_eq!((last.0.as_str(), last.1.as_str()), ("350128", "平潭综合实验区"));
        assert!(pickable(Some("350100")).all(|division| division.code != "350128"));
        assert_eq!(pickable(Some("350128")).count(), 1);
    }

    #[test]
    fn names_are_those_that_lists_show() {
        assert_eq!(full_name("350102"), Some("福州市鼓楼区"));
        assert_eq!(full_name("350128"), Some("平潭综合实验区"));
        assert_eq!(division_name("350128"), Some("平潭县"));
        assert_eq!(full_name("350200"), Some("厦门市"));
        assert_eq!(code_of_full_name("福建省厦门市思明区"), Some("350203"));
        assert_eq!(code_of_full_name("平潭综合实验区"), Some("350128"));
        assert_eq!(code_of_full_name("三明市梅列区"), None, "abolished");
        assert_eq!(division_name("110101"), None);
    }

    #[test]
    fn a_reused_code_names_another_place_in_other_years() {
        assert_eq!(full_name("350205"), Some("厦门市海沧区"));
        assert_eq!(name_in_year("350205", 2002), Some("厦门市杏林区"));
        assert_eq!(name_in_year("350205", 2003), Some("厦门市海沧区"));
        assert_eq!(name_in_year("350402", 2020), Some("三明市梅列区"));
        assert_eq!(name_in_year("350402", 2021), None);
        assert!(is_known("350402") && !is_current("350402"));
    }

    #[test]
    fn kinmen_is_valid_but_never_offered() {
        assert!(is_current("350527"));
        assert!(pickable(None).all(|division| division.code != "350527"));
        assert_eq!(pickable(None).count(), 83);
    }
}
