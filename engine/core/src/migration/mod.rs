//! How the records of one version of a process come to another: the plan, what is wrong with a plan, and what keeps a
//! record from following it.

mod fault;
mod obstacle;
mod pairing;
mod plan;

pub use self::fault::PlanFault;
pub use self::obstacle::Obstacle;
pub use self::pairing::{Pairing, Passage};
pub use self::plan::{Migrated, MigrationPlan};
