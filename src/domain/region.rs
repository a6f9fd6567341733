//! Divisions of Fujian (GB/T 2260) and the offices they report to. Filled by its own commit.

/// The province.
pub const PROVINCE: &str = "350000";

/// The city-level unit of a division.
pub fn city_unit(division: &str) -> String {
    if division == "350128" { division.to_owned() } else { format!("{}00", &division[..4]) }
}
