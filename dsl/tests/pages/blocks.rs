//! The code blocks of a Markdown page, and the frames that make whole files of them.

/// A block between fences, with the words behind the opening fence.
pub struct Block {
    pub words: Vec<String>,
    pub lines: String,
}

impl Block {
    /// What the block is: the first word behind its fence.
    pub fn kind(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }
}

/// The blocks of a page in their order.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(words), None) => {
                let words = words.split_whitespace().map(str::to_owned).collect();
                open = Some(Block { words, lines: String::new() });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(block)) => block.lines += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is never closed: {page}");
    found
}

/// Where the lines of a page stand in a frame.
const HERE: &str = "// the lines of the page";

/// A process that lacks only what a page shows.
const FRAMES: &[(&str, &str)] = &[
    ("record", include_str!("frames/record.flow")),
    ("head", include_str!("frames/head.flow")),
    ("table", include_str!("frames/table.flow")),
    ("flow", include_str!("frames/flow.flow")),
    ("beside", include_str!("frames/beside.flow")),
    ("example", include_str!("frames/example.flow")),
    ("recipes", include_str!("frames/recipes.flow")),
];

/// The lines in the frame of that name, as a whole file; in the frame `file` they are one already.
pub fn framed(frame: &str, lines: &str) -> String {
    if frame == "file" {
        return lines.to_owned();
    }
    let (_, around) = FRAMES.iter().find(|(name, _)| *name == frame).unwrap_or_else(|| panic!("no frame {frame}"));
    assert_eq!(around.matches(HERE).count(), 1, "frame {frame} has one place for lines");
    around.replace(HERE, lines.trim())
}
