//! Which duties fit an organisation, and which two no natural person may hold at once
//! (domain.md 7.1, 7.2; GB/T 22239-2019 8.1.4.2 on separated rights).

use super::authority::Role;
use super::region;
use crate::code_list;

code_list! {
    /// What an organisation is.
    OrganisationKind {
        /// Where the three administrators work.
        Administration = "administration", "系统管理机构";
        /// Human-resources office of a county, a city or the province.
        HrOffice = "hr_office", "人社部门";
        /// Industry office of a county, a city or the province.
        IndustryOffice = "industry_office", "工信部门";
        /// Finance office, which pays for its division.
        FinanceOffice = "finance_office", "财政部门";
        /// Audit office.
        AuditOffice = "audit_office", "审计部门";
        /// An enterprise of the registry.
        Enterprise = "enterprise", "企业";
    }
}

/// The kind of organisation that a role belongs to.
pub const fn kind_of(role: Role) -> OrganisationKind {
    match role {
        Role::EnterpriseClerk
        | Role::EnterpriseHead
        | Role::EnterpriseSignatory
        | Role::EnterpriseSystem => OrganisationKind::Enterprise,
        Role::HrCounty
        | Role::HrCity
        | Role::HrCityApprover
        | Role::HrProvince
        | Role::HrProvinceApprover
        | Role::OfficeSystem => OrganisationKind::HrOffice,
        Role::IndustryCounty
        | Role::IndustryCity
        | Role::IndustryProvince
        | Role::IndustryProvinceApprover => OrganisationKind::IndustryOffice,
        Role::FinanceMaker | Role::FinanceChecker | Role::FinanceApprover => {
            OrganisationKind::FinanceOffice
        }
        Role::Auditor => OrganisationKind::AuditOffice,
        Role::Administrator | Role::SecurityAdministrator | Role::SecurityAuditor => {
            OrganisationKind::Administration
        }
    }
}

/// Whether an organisation of this kind, working for `division`, can have accounts of this role.
pub fn fits(role: Role, kind: OrganisationKind, division: &str) -> bool {
    let of_province = division == region::PROVINCE;
    let of_city = !of_province && region::city_unit(division) == division;
    let at_its_level = match role {
        Role::HrProvince
        | Role::HrProvinceApprover
        | Role::IndustryProvince
        | Role::IndustryProvinceApprover => of_province,
        Role::HrCity | Role::HrCityApprover | Role::IndustryCity => of_city,
        Role::HrCounty | Role::IndustryCounty => !of_province && !of_city,
        _ => true,
    };
    kind_of(role) == kind && at_its_level
}

/// Whether one natural person must not hold both duties. Every pair of different duties clashes:
/// makers, checkers and approvers exclude each other, as do the steps of the HR line, officials
/// and enterprises, and auditors or administrators and anything else. The same duty at several
/// organisations is allowed. For the three administrators the database refuses it as well.
pub fn clashes(held: Role, wanted: Role) -> bool {
    held != wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_fits_only_an_office_of_its_kind_and_level() {
        let hr = OrganisationKind::HrOffice;
        assert!(fits(Role::HrProvince, hr, "350000"));
        assert!(fits(Role::HrCity, hr, "350100"));
        assert!(fits(Role::HrCity, hr, &region::city_unit("350128")), "Pingtan is a city unit");
        assert!(fits(Role::HrCounty, hr, "350102"));
        assert!(!fits(Role::HrProvince, hr, "350100"));
        assert!(!fits(Role::HrCity, hr, "350000"));
        assert!(!fits(Role::HrCounty, hr, "350100"));
        assert!(!fits(Role::FinanceMaker, hr, "350000"));
        assert!(fits(Role::FinanceMaker, OrganisationKind::FinanceOffice, "350200"));
    }

    #[test]
    fn nobody_holds_two_different_duties() {
        assert!(clashes(Role::FinanceMaker, Role::FinanceChecker));
        assert!(clashes(Role::Auditor, Role::Administrator));
        assert!(!clashes(Role::EnterpriseClerk, Role::EnterpriseClerk));
    }
}
