//! What pages show of the registry: lists, records, sums. Reads only.
//!
//! Every reader that answers about persons or enterprises carries a scope; `scope` is the one
//! place that turns it into conditions.

mod desk;
mod documents;
mod engineer_filter;
mod engineers;
mod enterprises;
mod figures;
mod found;
mod keyset;
mod money;
pub mod overview;
mod person;
mod registered;
pub(super) mod scope;
mod unconfirmed;
mod versions;

pub use desk::{Declarations, EventRow, count_batches, count_returns_to_confirm, count_suspense};
pub use desk::{count_payable, count_previewed_imports, declarations, recent_events};
pub use documents::{document_holders, passport_countries, person_by_document};
pub use engineer_filter::{AmountFilter, EngineerFilter, Missing};
pub use engineers::{
    Person, Start, count_engineers, engineer, engineers, extent_of_engineers, leading,
    people_in_scope, person_no, person_numbers,
};
pub use enterprises::{
    EnterpriseFile, EnterpriseFilter, EnterpriseKey, ListingFilter, count_enterprises, enterprise,
    enterprise_choices, enterprise_files, enterprises, on_roster_counts, share_sums,
};
pub use figures::{Figures, figures};
pub use found::{enterprises_by_code, enterprises_named, persons_by_certificate, persons_named};
pub use keyset::{engineers_after, enterprises_after};
pub use money::{BankLine, ShareRow, YearRow, bank_lines, bank_lines_of, years};
pub use person::{
    PersonFile, SourceRow, account_names, account_offices, cards, file_as_one, files, sources,
};
pub use scope::own_enterprise;
pub use unconfirmed::Unconfirmed;
pub(in crate::store) use unconfirmed::lasting;
pub use versions::{Places, Point, listed, numbers_and_names, places_that_may_differ, roster_size};
