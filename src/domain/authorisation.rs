//! What the system administrator proposes and the security administrator authorises: two people
//! for every right (GB/T 22239-2019 8.1.4.2 d; ADR 0023).

use crate::code_list;

code_list! {
    /// What is proposed.
    RequestKind {
        /// A new account, which nobody can use yet.
        Account = "account", "开设账号";
        /// Another role or organisation.
        Duty = "duty", "变更角色或机构";
        /// A new initial password for a forgotten one.
        Password = "password", "重置密码";
        /// A disabled account may be used again.
        Standing = "standing", "启用账号";
        /// A token with which a program asks for data.
        Token = "token", "签发接口令牌";
        /// The second factor of somebody who lost it is taken away.
        SecondFactor = "second_factor", "重置两步验证";
    }
}

code_list! {
    /// What became of it.
    Outcome {
        /// It holds from now on.
        Authorised = "authorised", "已授权";
        /// It never held.
        Refused = "refused", "已退回";
    }
}

/// Longest reason for turning something down, in characters.
pub const LONGEST_REASON: usize = 200;

/// Why a natural person must not authorise a request, `None` when they may. Each argument is the
/// identity of a natural person: who decides, who asked, whose account it is.
pub fn must_not_decide(decider: i64, asker: i64, holder: i64) -> Option<&'static str> {
    if decider == asker {
        return Some("申请人和授权人必须是两个人，请由另一位安全管理员办理");
    }
    (decider == holder).then_some("不能授权自己的账号事项，请由另一位安全管理员办理")
}

/// The two parts of a secret of ASCII characters, of nearly equal length: the system administrator
/// hands over the first, the security administrator the second, so that neither can use it alone.
pub fn halves(secret: &str) -> (&str, &str) {
    secret.split_at_checked(secret.len().div_ceil(2)).unwrap_or((secret, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_authorises_what_they_asked_for_or_what_is_about_themselves() {
        assert!(must_not_decide(1, 1, 2).is_some());
        assert!(must_not_decide(1, 2, 1).is_some());
        assert_eq!(must_not_decide(1, 2, 3), None);
    }

    #[test]
    fn the_two_halves_are_the_whole() {
        assert_eq!(halves("abcd-efghjkmn-pqrs"), ("abcd-efgh", "jkmn-pqrs"));
        assert_eq!(halves("abc"), ("ab", "c"));
    }
}
