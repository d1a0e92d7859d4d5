//! A table of which not every case can be looked at.

/// Three of its fifty inputs at a time are odd, or even, by chance: no order of the inputs untangles that.
pub fn table() -> String {
    let inputs: Vec<String> = (0..50).map(|input| format!("i{input}: boolean")).collect();
    let mut rows = String::new();
    let mut dice: usize = 0x2026_0918;
    let mut below = |most: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % most
    };
    for _ in 0..60 {
        let (one, odd) = (below(50), below(2));
        let (two, three) = ((one + 1 + below(24)) % 50, (one + 25 + below(25)) % 50);
        for case in (0..8usize).filter(|case| case.count_ones() % 2 == u32::from(odd == 1)) {
            let mut cells = vec!["-"; 50];
            for (bit, input) in [one, two, three].into_iter().enumerate() {
                cells[input] = if case & (1 << bit) == 0 { "no" } else { "yes" };
            }
            rows += &format!("    {} => 1\n", cells.join(" "));
        }
    }
    format!("  decide fee({}) -> number any {{\n{rows}  }}", inputs.join(", "))
}
