//! What a real, headless Chromium shows and does.

mod incident;
mod pages;
