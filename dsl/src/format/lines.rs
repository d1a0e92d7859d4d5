//! Shapes to lines: what each pair of braces holds, line by line, and which lines go on a statement.

use crate::shape::{Shape, ShapeKind};

use super::gaps;

/// A token with what its author put before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'s> {
    pub(super) text: &'s str,
    pub(super) sort: Sort,
    pub(super) before: Before,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Word,
    Text,
    Number,
    Date,
    Mark,
    /// A bracket that opens.
    Open,
    /// A bracket that closes.
    Close,
    /// A rule's body on one line.
    Body,
    Comment,
    Stray,
}

/// What stands before a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    Nothing,
    Blank,
    /// Two blanks or more, or a tab.
    Wide,
    Line,
}

/// A part of a line.
#[derive(Debug)]
pub(super) enum Piece<'s> {
    Token(Token<'s>),
    /// Braces over several lines.
    Block(Block<'s>),
    /// A rule's body over several lines, with its braces.
    Body(Token<'s>),
}

/// Braces over several lines.
#[derive(Debug)]
pub(super) struct Block<'s> {
    /// The opening brace.
    pub(super) open: Token<'s>,
    /// A comment on the line of the opening brace.
    pub(super) comment: Option<Token<'s>>,
    pub(super) lines: Vec<Line<'s>>,
}

/// A line as its author broke it; a pair of braces in it may go over many more.
#[derive(Debug)]
pub(super) struct Line<'s> {
    pub(super) place: Standing,
    /// Whether a blank line stands above it.
    pub(super) above: Above,
    pub(super) pieces: Vec<Piece<'s>>,
    /// How far its author indented it; nothing where it had no line of its own.
    indent: Option<usize>,
}

/// What a line is to the statements of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It begins one.
    Begins,
    /// It goes on the one before, so many levels deep.
    GoesOn(usize),
    /// It stands in so many brackets that other lines opened.
    Within(usize),
    /// It goes on with a label: `"Name" zh "名称"`.
    Label,
    /// It goes on with the Chinese half of a label, whose English half ends the line before.
    Chinese,
    /// It is a comment about the next line.
    Remark,
}

/// Whether a blank line stands above a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Above {
    Empty,
    Line,
}

/// The lines of a file.
pub(super) fn of_file<'s>(source: &'s str, shapes: &[Shape]) -> Vec<Line<'s>> {
    let mut cutter = Cutter { source, seen: 0, bracket: 0 };
    cutter.lines(shapes)
}

impl<'s> Line<'s> {
    /// Its tokens up to the first that is not plain.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &Token<'s>> {
        self.pieces.iter().map_while(|piece| match piece {
            Piece::Token(token) => Some(token),
            Piece::Block(_) | Piece::Body(_) => None,
        })
    }

    pub(super) fn first(&self) -> Option<&Token<'s>> {
        self.tokens().next()
    }

    /// Its last token, comments left out; nothing after braces.
    fn last(&self) -> Option<&Token<'s>> {
        let last = self.pieces.iter().rev().find(|piece| !piece.is_comment());
        match last {
            Some(Piece::Token(token)) => Some(token),
            Some(Piece::Block(_) | Piece::Body(_)) | None => None,
        }
    }

    /// Whether it begins with a closing bracket.
    fn closes(&self) -> bool {
        self.first().is_some_and(|first| first.sort == Sort::Close)
    }

    fn is_remark(&self) -> bool {
        self.pieces.first().is_some_and(Piece::is_comment)
    }
}

impl Piece<'_> {
    /// How many lines its braces hold.
    pub(super) fn height(&self) -> usize {
        match self {
            Piece::Token(_) => 0,
            Piece::Block(block) => {
                let pieces = block.lines.iter().flat_map(|line| &line.pieces);
                block.lines.len() + pieces.map(Piece::height).sum::<usize>()
            }
            Piece::Body(token) => token.text.lines().count(),
        }
    }

    fn is_comment(&self) -> bool {
        matches!(self, Piece::Token(token) if token.sort == Sort::Comment)
    }
}

/// Cuts shapes into lines.
struct Cutter<'s> {
    source: &'s str,
    /// How far the text was taken.
    seen: usize,
    /// How many round and square brackets are open.
    bracket: usize,
}

impl<'s> Cutter<'s> {
    fn lines(&mut self, shapes: &[Shape]) -> Vec<Line<'s>> {
        let mut lines: Vec<(Line<'s>, usize)> = Vec::new();
        let outer = std::mem::take(&mut self.bracket);
        for shape in shapes {
            self.shape(shape, &mut lines);
        }
        self.bracket = outer;
        placed(lines)
    }

    fn shape(&mut self, shape: &Shape, lines: &mut Vec<(Line<'s>, usize)>) {
        let span = shape.span.start..shape.span.end;
        let text = self.source.get(span.clone()).unwrap_or_default();
        let one_line = !text.contains('\n');
        let sort = match &shape.kind {
            ShapeKind::Word => Sort::Word,
            ShapeKind::Text => Sort::Text,
            ShapeKind::Number => Sort::Number,
            ShapeKind::Date | ShapeKind::Instant => Sort::Date,
            ShapeKind::Mark => Sort::Mark,
            ShapeKind::Comment => Sort::Comment,
            ShapeKind::Stray => Sort::Stray,
            ShapeKind::Body if one_line => Sort::Body,
            ShapeKind::Body => {
                let token = self.token(span.start, text, Sort::Body, lines);
                return self.put(lines, Piece::Body(token));
            }
            ShapeKind::Braces(inner) if !one_line && !inner.is_empty() => {
                let open = self.token(span.start, "{", Sort::Open, lines);
                let block = self.block(open, inner);
                self.seen = span.end;
                return self.put(lines, Piece::Block(block));
            }
            ShapeKind::Braces(inner) => return self.bracket(shape, inner, lines),
            ShapeKind::Parens(inner) | ShapeKind::Squares(inner) => {
                return self.bracket(shape, inner, lines);
            }
        };
        let text = if sort == Sort::Comment { text.trim_end() } else { text };
        let token = self.token(span.start, text, sort, lines);
        self.seen = span.end;
        self.put(lines, Piece::Token(token));
    }

    /// A bracket whose content stands in the line.
    fn bracket(&mut self, shape: &Shape, inner: &[Shape], lines: &mut Vec<(Line<'s>, usize)>) {
        let (start, end) = (shape.span.start, shape.span.end);
        let open = self.token(start, self.source.get(start..start + 1).unwrap_or_default(), Sort::Open, lines);
        self.put(lines, Piece::Token(open));
        self.bracket += 1;
        for shape in inner {
            self.shape(shape, lines);
        }
        let close = self.token(end - 1, self.source.get(end - 1..end).unwrap_or_default(), Sort::Close, lines);
        // A break in empty braces is none.
        let empty = inner.is_empty() && open.text == "{";
        let close = if empty { Token { before: Before::Blank, ..close } } else { close };
        self.bracket -= 1;
        self.put(lines, Piece::Token(close));
    }

    fn block(&mut self, open: Token<'s>, inner: &[Shape]) -> Block<'s> {
        let (comment, rest) = match inner.split_first() {
            Some((first, rest)) if matches!(first.kind, ShapeKind::Comment) && !self.breaks(first.span.start) => {
                let text = self.source.get(first.span.start..first.span.end).unwrap_or_default().trim_end();
                self.seen = first.span.end;
                (Some(Token { text, sort: Sort::Comment, before: Before::Wide }), rest)
            }
            _ => (None, inner),
        };
        let mut lines = self.lines(rest);
        if let Some(first) = lines.first_mut() {
            first.above = Above::Line;
        }
        Block { open, comment, lines }
    }

    /// The token at a place; a line is begun where it is the first of one.
    fn token(&mut self, start: usize, text: &'s str, sort: Sort, lines: &mut Vec<(Line<'s>, usize)>) -> Token<'s> {
        let between = self.source.get(self.seen..start).unwrap_or_default();
        let breaks = between.bytes().filter(|byte| *byte == b'\n').count();
        let own = breaks > 0 || self.seen == 0;
        let before = match (own, between.chars().count()) {
            (true, _) => Before::Line,
            (false, 0) => Before::Nothing,
            (false, 1) if between != "\t" => Before::Blank,
            (false, _) => Before::Wide,
        };
        // What stands right behind an opening brace begins a line all the same.
        if own || lines.is_empty() {
            let indent = own.then(|| indented(between));
            let above = if breaks > 1 && self.seen > 0 { Above::Empty } else { Above::Line };
            let line = Line { place: Standing::Begins, above, pieces: Vec::new(), indent };
            lines.push((line, self.bracket));
        }
        self.seen = start + text.len();
        Token { text, sort, before }
    }

    fn put(&self, lines: &mut [(Line<'s>, usize)], piece: Piece<'s>) {
        if let Some((line, _)) = lines.last_mut() {
            line.pieces.push(piece);
        }
    }

    /// Whether a line break stands before a place.
    fn breaks(&self, start: usize) -> bool {
        self.source.get(self.seen..start).unwrap_or_default().contains('\n')
    }
}

/// How far blanks reach after their last line break; a tab reaches over two columns.
fn indented(blanks: &str) -> usize {
    let last = blanks.rsplit('\n').next().unwrap_or_default();
    last.chars().map(|blank| if blank == '\t' { 2 } else { 1 }).sum()
}

/// Says of every line whether it begins a statement. A line goes on the one before where a bracket is open, where it
/// could not stand alone, or where it is indented deeper than the first line of the block.
fn placed(lines: Vec<(Line<'_>, usize)>) -> Vec<Line<'_>> {
    let listed = is_list(&lines);
    let depth: Vec<usize> = lines.iter().map(|(_, bracket)| *bracket).collect();
    let mut lines: Vec<Line<'_>> = lines.into_iter().map(|(line, _)| line).collect();
    let mut base = None;
    let mut levels: Vec<usize> = Vec::new();
    let mut before: Option<usize> = None;
    for index in 0..lines.len() {
        let Some(line) = lines.get(index) else { break };
        if line.above == Above::Empty {
            levels.clear();
        }
        let place = match before.and_then(|before| lines.get(before)) {
            _ if line.is_remark() => Standing::Remark,
            None => Standing::Begins,
            Some(last) => {
                let deeper = match (line.indent, base) {
                    (Some(own), Some(base)) => own > base,
                    _ => false,
                };
                let depth = depth.get(index).copied().unwrap_or(0);
                let goes_on = gaps::needs_one_before(line) || (!listed && (deeper || ends_open(last)));
                match goes_on {
                    _ if depth > 0 => Standing::Within(depth - usize::from(line.closes())),
                    false => Standing::Begins,
                    true if is_chinese(line) && ends_in_text(last) => Standing::Chinese,
                    true if is_label(line, lines.get(index + 1)) => Standing::Label,
                    true => Standing::GoesOn(level(&mut levels, line.indent.unwrap_or(0))),
                }
            }
        };
        if place == Standing::Begins {
            levels.clear();
            base = base.or(line.indent);
        }
        if place != Standing::Remark {
            before = Some(index);
        }
        if let Some(line) = lines.get_mut(index) {
            line.place = place;
        }
    }
    lines
}

/// Whether the lines are parts of one list, with a comma between any two.
fn is_list(lines: &[(Line<'_>, usize)]) -> bool {
    let told: Vec<&(Line<'_>, usize)> = lines.iter().filter(|(line, _)| !line.is_remark()).collect();
    let mut pairs = told.windows(2).filter(|pair| matches!(pair, [_, (_, 0)])).peekable();
    let comma = |pair: &[&(Line<'_>, usize)]| match pair {
        [(before, _), _] => before.last().is_some_and(|last| last.text == ","),
        _ => false,
    };
    pairs.peek().is_some() && pairs.all(comma)
}

/// Whether a line cannot be the last of its statement.
fn ends_open(line: &Line<'_>) -> bool {
    line.last().is_some_and(|last| last.sort == Sort::Mark && !["-", "%", ">", "<"].contains(&last.text))
}

fn ends_in_text(line: &Line<'_>) -> bool {
    line.last().is_some_and(|last| last.sort == Sort::Text)
}

fn is_chinese(line: &Line<'_>) -> bool {
    let mut tokens = line.tokens();
    tokens.next().is_some_and(|word| word.text == "zh") && tokens.next().is_some_and(|text| text.sort == Sort::Text)
}

fn is_label(line: &Line<'_>, next: Option<&Line<'_>>) -> bool {
    let mut tokens = line.tokens().filter(|token| token.sort != Sort::Comment);
    let text = tokens.next().is_some_and(|text| text.sort == Sort::Text);
    match tokens.next() {
        Some(zh) => text && zh.text == "zh",
        None => text && next.is_some_and(is_chinese),
    }
}

/// How many lines, each indented less than the next, a line hangs below within its statement.
fn level(levels: &mut Vec<usize>, indent: usize) -> usize {
    while levels.last().is_some_and(|held| *held > indent) {
        levels.pop();
    }
    if levels.last() != Some(&indent) {
        levels.push(indent);
    }
    levels.len() - 1
}
