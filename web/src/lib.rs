//! Pages and sign-in. A request comes in through [`door`], which asks the page table ([`pages`]) who may enter;
//! the handler is a plain function of a [`visit::Visit`]; templates and words are compiled in, in two languages.

pub mod answer;
pub mod api;
pub mod app;
pub mod asked;
pub mod assets;
pub mod clocks;
pub mod door;
pub mod facts;
pub mod flash;
pub mod form;
pub mod guard;
pub mod icon;
pub mod language;
pub mod meant;
mod misfit;
pub mod moment;
pub mod names;
pub mod pages;
pub mod pairs;
pub mod password;
pub mod picture;
pub mod reach;
mod serve;
pub mod session;
mod settings;
pub mod sla;
pub mod templates;
pub mod timeline;
pub mod visit;
pub mod why;
pub mod words;

pub use app::{App, AppError};
pub use language::Language;
pub use serve::{ServeError, configure, serve};
pub use settings::Settings;
