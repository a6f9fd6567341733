//! The payments of a frozen batch that the checker compares with their papers, one by one
//! (domain.md 7.9: accounts, totals, capitals). Which ones they are follows from the hash of what
//! was frozen: the maker cannot choose them, and anybody can draw them again.

use std::collections::{BTreeMap, BTreeSet};

use crate::code_list;
use crate::domain::money::Fen;
use crate::domain::spot_check::draw;

code_list! {
    /// Why a payment is looked at.
    SampleReason {
        /// The payee's account is another one than before, and new.
        ChangedAccount = "changed_account", "账户近期变更";
        /// Somebody else of the batch is paid to the same account.
        SharedAccount = "shared_account", "与他人同一账户";
        /// No payment is larger.
        Largest = "largest", "金额最大";
        /// Drawn by lot.
        Random = "random", "随机抽取";
        /// The checker wanted to see it.
        Chosen = "chosen", "复核人加查";
    }
}

code_list! {
    /// What the checker found.
    SampleFinding {
        /// Name, account and amount are those of the papers.
        Matches = "matches", "相符";
        /// Something is not.
        Differs = "differs", "不符";
    }
}

/// Days during which a changed account counts as new (default assumption, to be set by the
/// competent department, like the other numbers here).
pub const NEW_ACCOUNT_DAYS: i64 = 90;
/// Of a hundred payments, how many are drawn by lot, rounded up.
const PERCENT: usize = 5;
/// Fewest and most that are drawn by lot.
const BY_LOT: (usize, usize) = (5, 30);
/// Most that are looked at for their account.
const MOST_ACCOUNTS: usize = 20;

/// A payment of a frozen batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleLine<'a> {
    /// Position in the batch.
    pub seq: i64,
    /// Who is paid.
    pub person_id: i64,
    /// Keyed hash of the account.
    pub account: &'a str,
    /// Amount.
    pub amount: Fen,
    /// Whether the account replaced another one within [`NEW_ACCOUNT_DAYS`].
    pub is_changed: bool,
}

/// The payments to look at, by position, each with the first reason that applies. The same hash
/// and payments give the same sample.
pub fn sample(content_hash: &str, lines: &[SampleLine<'_>]) -> BTreeMap<i64, SampleReason> {
    let seed = seed(content_hash);
    let mut found = BTreeMap::new();
    let mut add = |of: &[SampleLine<'_>], most: usize, reason| {
        let fresh: Vec<i64> =
            of.iter().map(|line| line.seq).filter(|seq| !found.contains_key(seq)).collect();
        for index in draw(seed, &vec![1; fresh.len()], most) {
            found.insert(fresh[index], reason);
        }
    };
    let only = |wanted: &dyn Fn(&SampleLine<'_>) -> bool| -> Vec<SampleLine<'_>> {
        lines.iter().filter(|line| wanted(line)).copied().collect()
    };
    let shared = shared(lines);
    let largest = lines.iter().map(|line| line.amount).max();
    add(&only(&|line| line.is_changed), MOST_ACCOUNTS, SampleReason::ChangedAccount);
    add(&only(&|line| shared.contains(line.account)), MOST_ACCOUNTS, SampleReason::SharedAccount);
    add(&only(&|line| Some(line.amount) == largest), 1, SampleReason::Largest);
    let (fewest, most) = BY_LOT;
    let by_lot = (lines.len() * PERCENT).div_ceil(100).clamp(fewest, most);
    add(lines, by_lot, SampleReason::Random);
    found
}

/// The accounts to which several persons are paid.
fn shared<'a>(lines: &[SampleLine<'a>]) -> BTreeSet<&'a str> {
    let mut owners: BTreeMap<&str, i64> = BTreeMap::new();
    let mut shared = BTreeSet::new();
    for line in lines {
        let owner = *owners.entry(line.account).or_insert(line.person_id);
        if owner != line.person_id {
            shared.insert(line.account);
        }
    }
    shared
}

/// The first sixteen digits of a hash as a number; of anything else, its length.
fn seed(content_hash: &str) -> i64 {
    let digits = content_hash.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    i64::from_ne_bytes(digits.unwrap_or(content_hash.len() as u64).to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: i64) -> Vec<SampleLine<'static>> {
        let line = |seq| SampleLine {
            seq,
            person_id: seq,
            account: Box::leak(format!("account {seq}").into_boxed_str()),
            amount: Fen::new(20_000_000 - seq),
            is_changed: false,
        };
        (1..=count).map(line).collect()
    }

    const HASH: &str = "00c0ffee00c0ffee5f";

    fn by_reason(found: &BTreeMap<i64, SampleReason>, reason: SampleReason) -> Vec<i64> {
        found.iter().filter(|(_, why)| **why == reason).map(|(seq, _)| *seq).collect()
    }

    #[test]
    fn what_was_frozen_decides_what_is_looked_at() {
        let lines = lines(1_000);
        let found = sample(HASH, &lines);
        assert_eq!(found, sample(HASH, &lines));
        assert_ne!(found, sample("10c0ffee00c0ffee5f", &lines));
        assert_eq!(by_reason(&found, SampleReason::Largest), [1]);
        assert_eq!(by_reason(&found, SampleReason::Random).len(), 30, "thirty at most");
        assert_eq!(by_reason(&sample(HASH, &lines[..200]), SampleReason::Random).len(), 10);
        assert_eq!(by_reason(&sample(HASH, &lines[..20]), SampleReason::Random).len(), 5);
    }

    #[test]
    fn a_small_batch_is_looked_at_whole() {
        assert_eq!(sample(HASH, &lines(3)).into_keys().collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(sample(HASH, &[]), BTreeMap::new());
        assert_eq!(sample("编制中", &lines(1)).len(), 1);
    }

    #[test]
    fn accounts_that_changed_or_that_several_persons_share_are_always_in_it() {
        let mut lines = lines(400);
        lines[7].is_changed = true;
        lines[300].account = lines[20].account;
        // The same person twice, with a supplement, shares with nobody.
        lines[350].account = lines[351].account;
        lines[350].person_id = lines[351].person_id;
        let found = sample(HASH, &lines);
        assert_eq!(by_reason(&found, SampleReason::ChangedAccount), [8]);
        assert_eq!(by_reason(&found, SampleReason::SharedAccount), [21, 301]);
        for line in &mut lines {
            line.is_changed = true;
        }
        assert_eq!(by_reason(&sample(HASH, &lines), SampleReason::ChangedAccount).len(), 20);
    }
}
