//! HR institutions (S7): licences with their term, services, and placements into listed
//! enterprises, for statistics by year and city. No money.

mod view;
mod write;

pub use view::{
    CityYear, Detail, Filter, InstitutionLine, Institutions, PlacementLine, detail, list, sheet,
};
pub use write::{NewLicence, NewPlacement, import, place, set_licence};
