//! Amounts of a version as a reader may see them: an office sees all of them, an enterprise its own
//! part of a year that another employer shares.

use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};

use entity::entitlement::{Column, Entity};
use entity::entitlement_share::{Column as Share, Entity as Shares};

use crate::store::db::sum_fen;

/// Who reads: the enterprise, or an office.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// The one enterprise whose part is seen of a shared year.
    pub own: Option<i64>,
}

impl Seen {
    /// Whether others share the year; `None` when that does not matter to the reader.
    pub(super) fn others_share(self) -> Option<SimpleExpr> {
        let others = shares().and_where(Share::EnterpriseId.ne(self.own?)).to_owned();
        Some(Expr::exists(others.clone()))
    }

    /// An amount, or the reader's part of the net amount.
    pub(super) fn part_or(self, column: Column) -> SimpleExpr {
        let mine = self.own.map(|own| {
            let sum = sum_fen(Expr::col((Shares, Share::AmountFen)));
            let mine = shares()
                .clear_selects()
                .expr(sum)
                .and_where(Share::EnterpriseId.eq(own))
                .to_owned();
            SimpleExpr::from(mine)
        });
        self.in_shared(column, mine.unwrap_or_else(zero))
    }

    /// An amount, or nothing of it.
    pub(super) fn zero_or(self, column: Column) -> SimpleExpr {
        self.in_shared(column, zero())
    }

    /// 1 when only a part is seen, else 0.
    pub(super) fn is_part(self) -> SimpleExpr {
        self.others_share()
            .map_or_else(zero, |shared| Expr::case(shared, 1_i64).finally(0_i64).into())
    }

    /// A value of a year that is seen whole, or nothing.
    pub(super) fn whole_or_zero(self, whole: SimpleExpr) -> SimpleExpr {
        match self.others_share() {
            Some(shared) => Expr::case(shared, zero()).finally(whole).into(),
            None => whole,
        }
    }

    fn in_shared(self, column: Column, instead: SimpleExpr) -> SimpleExpr {
        let whole = Expr::col((Entity, column));
        match self.others_share() {
            Some(shared) => Expr::case(shared, instead).finally(whole).into(),
            None => whole,
        }
    }
}

fn zero() -> SimpleExpr {
    Expr::val(0_i64)
}

/// The shares of the version of the outer query.
fn shares() -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(Shares)
        .and_where(Expr::col((Shares, Share::EntitlementId)).equals((Entity, Column::Id)))
        .to_owned()
}
