//! How fast the hot path is beside the ceiling: `cargo run --release -p store --example rate -- FOLDER [SECONDS]`.

#[path = "../tests/common/mod.rs"]
mod common;

use std::path::Path;
use std::time::Instant;

use common::{NOW, World1, open};

fn engine(folder: &Path, callers: usize, instances: u64) -> (f64, u64, u64) {
    let store = open(folder);
    let world = World1::new();
    let began = Instant::now();
    let mut waits: Vec<u64> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..callers)
            .map(|caller| {
                let (store, world) = (store.clone(), &world);
                scope.spawn(move || {
                    let mut waits = Vec::new();
                    for round in 0..instances {
                        let serial = round * callers as u64 + caller as u64;
                        let id = i64::try_from(serial).unwrap_or(0) * 4_000_000 + 1;
                        let at = NOW.plus_ms(i64::try_from(round).unwrap_or(0));
                        let begin = world.started(id, &format!("INC-2026-{serial:06}"), "p2", at);
                        let mut loaded = begin.after();
                        store.commit(begin).expect("a start wins");
                        while !loaded.instance.is_ended() {
                            let asked = Instant::now();
                            let next = world.completed(&loaded, at);
                            loaded = next.after();
                            store.commit(next).expect("nobody else commits");
                            waits.push(u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX));
                        }
                    }
                    waits
                })
            })
            .collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("a caller does not panic")).collect()
    });
    let elapsed = began.elapsed().as_secs_f64();
    waits.sort_unstable();
    (waits.len() as f64 / elapsed, waits[waits.len() / 2], waits[waits.len() * 99 / 100])
}

fn main() {
    {
        let world = World1::new();
        let began = Instant::now();
        let mut bytes = 0;
        for id in 0..5_000 {
            let begin = world.started(id, "INC-1", "p2", NOW);
            let mut loaded = begin.after();
            while !loaded.instance.is_ended() {
                let next = world.completed(&loaded, NOW);
                loaded = next.after();
            }
            bytes += serde_json::to_string(&loaded.instance).map(|t| t.len()).unwrap_or(0);
        }
        println!(
            "a step and its commit: {:.1} us; final document {} bytes",
            began.elapsed().as_secs_f64() * 1e6 / 20_000.0,
            bytes / 5000
        );
    }
    let base = std::env::args().nth(1).expect("a folder to work in");
    let base = Path::new(&base);
    for round in 0..1 {
        for callers in [1, 16] {
            let total = if callers == 1 { 9_000 } else { 48_000 };
            let folder = base.join(format!("raw-{round}-{callers}"));
            let raw = store::ceiling::run(&folder, callers, total).expect("the ceiling runs");
            let _ = std::fs::remove_dir_all(&folder);
            let folder = base.join(format!("engine-{round}-{callers}"));
            std::fs::create_dir_all(&folder).expect("a folder can be made");
            let (per_s, p50, p99) = engine(&folder, callers, total / 3 / callers as u64);
            let size = std::fs::metadata(folder.join("tiaoli.sqlite")).map(|meta| meta.len()).unwrap_or(0);
            let _ = std::fs::remove_dir_all(&folder);
            println!(
                "callers {callers:2}: raw {:.0}/s p50 {} p99 {} | engine {per_s:.0}/s p50 {p50} p99 {p99} | ratio {:.2} | {size} bytes",
                raw.per_s,
                raw.p50_us,
                raw.p99_us,
                per_s / raw.per_s
            );
        }
    }
}
