//! What an installation asks of those who sign in. The operator sets it; a rule of the office, not of
//! the policy.

use super::password::Profile;
use super::second_factor::SecondFactorRule;

/// The settings that guard accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessRules {
    /// Who must have a second factor.
    pub second_factor: SecondFactorRule,
    /// What a password must be.
    pub passwords: Profile,
    /// Days after which a password has to be changed; 0 is never. Counts with
    /// [`Profile::Dengbao3`] only.
    pub password_days: u32,
    /// Days without a sign-in after which an account is disabled; 0 is never.
    pub idle_days: u32,
    /// Full numbers that one account may be shown in a day.
    pub reveals_a_day: u32,
}

impl AccessRules {
    /// What a server asks unless it is told otherwise (GB/T 22239-2019 8.1.4.1, 8.1.4.2 c).
    pub const STRICT: Self = Self {
        second_factor: SecondFactorRule::Required,
        passwords: Profile::Dengbao3,
        password_days: 90,
        idle_days: 90,
        reveals_a_day: 30,
    };

    /// What a demonstration asks, whose passwords are printed and whose clock goes its own way.
    pub const EASY: Self = Self {
        second_factor: SecondFactorRule::Offered,
        passwords: Profile::Asvs,
        password_days: 0,
        idle_days: 0,
        reveals_a_day: 30,
    };
}
