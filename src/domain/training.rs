//! Vocational training in artificial intelligence (S6) and what HR institutions do for listed
//! enterprises (S7): facts for statistics, no money.

/// A training as planned; the fact is about the training, its valid period the training's days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainingPlan {
    /// Who trains.
    pub organiser: String,
    /// Occupation that is trained for.
    pub occupation: String,
    /// Division where it takes place.
    pub division: String,
    /// Planned seats.
    pub seats: i64,
}

/// Who attended; the fact is about the training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainingAttendance {
    /// Enterprise that they come from; `None` for others.
    pub enterprise_id: Option<i64>,
    /// The person, where one is named.
    pub person_id: Option<i64>,
    /// How many; 1 for a named one.
    pub persons: i64,
    /// How many of them passed.
    pub passed: i64,
}

/// The licence of an HR institution; the fact is about the institution, its valid period the term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstitutionLicence {
    /// Name of the institution.
    pub name: String,
    /// Number of the licence.
    pub licence_no: String,
    /// Division of its seat.
    pub division: String,
    /// What it offers.
    pub services: String,
}

/// Persons placed into an enterprise; the fact is about the institution, its valid period the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Enterprise that took them.
    pub enterprise_id: i64,
    /// The person, where one is named.
    pub person_id: Option<i64>,
    /// How many; 1 for a named one.
    pub persons: i64,
}
