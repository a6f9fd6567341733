//! Identifiers of people, enterprises and accounts (domain.md 4): parse once, then trust the type.
//!
//! Every `parse` normalises first (full width to half width, spaces and hyphens dropped, upper
//! case) and answers the normalised value together with what should be looked at but does not
//! stop anybody. `Debug` of a value that identifies a person prints its public mask only, so that
//! no log line can leak a number; the full text is asked for by `as_str`.

mod account;
mod check_digit;
mod country;
mod disclosure;
mod document;
mod error;
mod mask;
mod mobile;
mod name;
mod normalise;
mod passport;
mod permanent_residence;
mod resident;
mod travel_permit;
mod uscc;

pub use account::{BankAccountNo, Cnaps};
pub use disclosure::{Disclosure, disclosure};
pub use document::{DocumentType, IdentityDocument, UNKNOWN_COUNTRY};
pub use error::{IdentityError, Warning};
pub use mask::{mask_mobile, mask_name, mask_number};
pub use mobile::Mobile;
pub use name::PersonName;
pub use normalise::{compact, half_width};
pub use passport::Passport;
pub use permanent_residence::PermanentResidence;
pub use resident::{ResidencePermit, ResidentId};
pub use travel_permit::TravelPermit;
pub use uscc::Uscc;

/// A value that passed its checks, with what a person should still look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked<T> {
    /// The normalised value.
    pub value: T,
    /// Never a reason to refuse the value.
    pub warning: Option<Warning>,
}

impl<T> Checked<T> {
    /// A value about which there is nothing to say.
    const fn clean(value: T) -> Self {
        Self { value, warning: None }
    }

    /// The same finding about a value derived from this one.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Checked<U> {
        Checked { value: convert(self.value), warning: self.warning }
    }
}

/// Declares a checked text whose `Debug` prints only what `$mask` leaves.
macro_rules! masked_text {
    ($(#[$doc:meta])* $name:ident, $mask:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The full normalised text. Personal data: never log it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// What the public may see of it.
            pub fn masked(&self) -> String {
                $mask(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.masked())
            }
        }
    };
}
use masked_text;
