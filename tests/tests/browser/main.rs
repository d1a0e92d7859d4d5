//! What a real, headless Chromium shows and does.

mod incident;
mod no_script;
mod pages;
mod talk;
