//! Migrations are compiled in; a changed one compiles the crate anew.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations/sqlite");
}
