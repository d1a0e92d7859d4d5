//! How much memory a process holds.

/// The resident memory of this process in megabytes, where the system tells.
pub(super) fn resident_mb() -> Option<f64> {
    resident_mb_of("self")
}

/// That of another, by its id.
pub(super) fn resident_mb_of(process: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<f64>().ok()? / 1_024.0)
}
