//! When the database can do nothing at all, whatever it is asked.

use sea_orm::{DbErr, RuntimeErr, SqlxError};

/// Why nothing can be done at the moment. None of it is the fault of what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// No connection is to be had, or it broke. A commit under way may have arrived or not.
    Unreachable,
    /// There is no room left. Nothing was saved.
    Full,
    /// The disk reports errors. A commit under way may have arrived or not.
    Disk,
}

/// The outage that an error tells of; `None` for errors of any other kind.
pub fn outage(error: &DbErr) -> Option<Outage> {
    let inner = match error {
        DbErr::ConnectionAcquire(_) => return Some(Outage::Unreachable),
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => inner,
        _ => return None,
    };
    match inner.as_ref() {
        SqlxError::Io(_)
        | SqlxError::Tls(_)
        | SqlxError::PoolTimedOut
        | SqlxError::PoolClosed
        | SqlxError::WorkerCrashed => Some(Outage::Unreachable),
        SqlxError::Database(told) => by_code(&told.code()?),
        _ => None,
    }
}

/// The codes of PostgreSQL have five places (appendix A of its manual); those of SQLite are numbers
/// of at most four, whose lowest byte is the kind of the error (sqlite.org/rescode.html).
fn by_code(code: &str) -> Option<Outage> {
    if code.len() == 5 {
        return match code {
            "53100" => Some(Outage::Full),
            "58030" => Some(Outage::Disk),
            "53300" | "57P01" | "57P02" | "57P03" => Some(Outage::Unreachable),
            _ if code.starts_with("08") => Some(Outage::Unreachable),
            _ => None,
        };
    }
    match code.parse::<i32>().ok()? & 0xff {
        13 => Some(Outage::Full),
        10 | 14 => Some(Outage::Disk),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Outage, by_code};

    #[test]
    fn outages_are_told_from_refusals_by_their_codes() {
        for (code, kind) in [
            ("13", Some(Outage::Full)),
            ("10", Some(Outage::Disk)),
            ("1034", Some(Outage::Disk)),
            ("14", Some(Outage::Disk)),
            ("53100", Some(Outage::Full)),
            ("58030", Some(Outage::Disk)),
            ("57P01", Some(Outage::Unreachable)),
            ("08006", Some(Outage::Unreachable)),
            ("2067", None),
            ("1811", None),
            ("5", None),
            ("23505", None),
            ("P0001", None),
        ] {
            assert_eq!(by_code(code), kind, "{code}");
        }
    }
}
