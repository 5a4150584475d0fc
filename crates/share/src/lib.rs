//! The methodology of counting: articles divided into exact parts, and what is asked of them.
//!
//! Each article with a personal author is worth exactly 1 = 10¹² units. Three authors at P; at P and Q; at
//! R make 333333333333 + (166666666667 + 166666666667) + 333333333333. From the address to the answer:
//!
//! 1. `authorship`: which institutions, addresses and places each author is linked to;
//! 2. `divide`: those links into parts, by largest remainder (`allocate`);
//! 3. `hierarchy`, `sector`, `rollup`: from the institution credited to the one ranked;
//! 4. `counting`: the rules in force, and an article's slices under them;
//! 5. `table`: the slices of all articles, ready for queries;
//! 6. `selection` → `filter` → `tally`: what a query chooses and what it adds up to;
//! 7. one file a question: `rank`, `explain`, `contributions`, `index`.
//!
//! Pure: no I/O, no clock, no floating point, no order that depends on a hash.

#![deny(clippy::float_arithmetic)]

mod allocate;
mod article_type;
mod authorship;
mod canonical;
mod contributions;
mod counting;
mod csv_table;
mod dated;
mod divide;
mod error;
mod explain;
mod filter;
mod hierarchy;
mod holder;
mod index;
mod interner;
mod journal_set;
mod known;
mod rank;
mod rollup;
mod sector;
mod selection;
mod table;
mod tally;
mod territory;

pub use article_type::{ArticleTypes, Verdict, type_slug};
pub use authorship::{Authorship, Link, Named};
pub use canonical::{METHODOLOGY_VERSION, record_digest, resolved_digest};
pub use contributions::{ArticleContributions, Contribution};
pub use counting::Counting;
pub use divide::{Method, Part, divide, total};
pub use error::{DataError, QueryError};
pub use explain::{ArticleContribution, ExplainedPart};
pub use holder::NamedEntity;
pub use index::IndexSummary;
pub use journal_set::{Journal, JournalSet};
pub use rank::{EntityShare, Ranking, RankingRow};
pub use selection::{FieldCode, Selection, TypeFilter};
pub use table::ContributionTable;
pub use tally::Coverage;
pub use territory::Territories;
