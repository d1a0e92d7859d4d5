//! Views of the inbox that people keep under a name, for themselves or for a role or team.

use engine::event::Principal;
use engine::ids::Name;

use crate::dispatch::{read, write};
use crate::{Store, StoreError};

/// The most views that one person keeps.
pub const SAVED_VIEWS_MAX: usize = 30;

/// Which view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SavedViewId(pub i64);

/// A view to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewView {
    /// Whose it is.
    pub owner: Name,
    /// What it is called.
    pub name: String,
    /// The query of its address.
    pub query: String,
    /// Who else sees it: a role or a team.
    pub shared_with: Option<Principal>,
}

/// A view as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Its identity.
    pub id: SavedViewId,
    /// Whose it is.
    pub owner: Name,
    /// What it is called.
    pub name: String,
    /// The query of its address.
    pub query: String,
    /// Whether others see it too.
    pub is_shared: bool,
}

impl Store {
    /// The views of a person, and those that are shared with one of these groups, in the order in which they were made.
    ///
    /// # Errors
    /// The database failed.
    pub fn saved_views(&self, person: &Name, groups: &[Principal]) -> Result<Vec<SavedView>, StoreError> {
        read!(self, saved_views::visible(person, groups))
    }

    /// Keeps a view; nothing where its owner has as many as anybody may.
    ///
    /// # Errors
    /// The database failed.
    pub fn save_view(&self, view: &NewView) -> Result<Option<SavedViewId>, StoreError> {
        let view = view.clone();
        write!(self, saved_views::add(&view))
    }

    /// Gives a view another name. Says whether the person has such a view.
    ///
    /// # Errors
    /// The database failed.
    pub fn rename_view(&self, id: SavedViewId, owner: &Name, name: &str) -> Result<bool, StoreError> {
        let (owner, name) = (owner.clone(), name.to_owned());
        write!(self, saved_views::rename(id, &owner, &name))
    }

    /// Removes a view. Says whether the person had such a view.
    ///
    /// # Errors
    /// The database failed.
    pub fn delete_view(&self, id: SavedViewId, owner: &Name) -> Result<bool, StoreError> {
        let owner = owner.clone();
        write!(self, saved_views::delete(id, &owner))
    }
}
