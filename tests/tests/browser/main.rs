//! What a real, headless Chromium shows and does.

mod chain;
mod incident;
mod no_script;
mod pages;
mod talk;
