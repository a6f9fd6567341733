//! Whose treasury pays a share: the policy names a source, the registry a division
//! (domain.md 1.3, RS-1 A10).

use super::region;

/// The division of the finance office that pays the share of `source` for an enterprise in
/// `division`; `None` for a source that no office answers for.
///
/// - `province`: the province itself.
/// - `city`: the city-level unit that the division reports to. Xiamen pays its own. Pingtan is
///   such a unit, so a city share there is Pingtan's and never Fuzhou's.
/// - `county`: the division itself; an abolished one is answered for by the one that took over.
/// - `pingtan`: the Pingtan unit.
pub fn payer_division(source: &str, division: &str) -> Option<String> {
    match source {
        "province" => Some(region::PROVINCE.to_owned()),
        "city" => Some(region::city_unit(division)),
        "county" => Some(in_use(division).to_owned()),
        "pingtan" => Some(PINGTAN.to_owned()),
        _ => None,
    }
}

const PINGTAN: &str = "350128";

/// The division that took over, or the division itself. Bounded: a successor chain is short.
fn in_use(division: &str) -> &str {
    let mut code = division;
    for _ in 0..8 {
        let next = region::division(code)
            .filter(|division| division.until.is_some())
            .and_then(|division| division.successor.as_deref());
        match next {
            Some(successor) if successor != code => code = successor,
            _ => break,
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_is_paid_by_the_office_that_answers_for_it() {
        for (source, division, payer) in [
            ("province", "350102", Some("350000")),
            ("province", "350128", Some("350000")),
            ("city", "350102", Some("350100")),
            ("city", "350203", Some("350200")),
            ("city", "350128", Some("350128")),
            ("county", "350102", Some("350102")),
            ("county", "350128", Some("350128")),
            ("county", "350402", Some("350404")),
            ("pingtan", "350128", Some("350128")),
            ("nation", "350102", None),
        ] {
            assert_eq!(payer_division(source, division).as_deref(), payer, "{source} {division}");
        }
    }
}
