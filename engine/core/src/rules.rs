//! Named rules in rhai: pure, bounded, without clock, file or network. The one file that names rhai.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use rhai::{
    AST, ASTNode, Dynamic, Engine, EvalAltResult, Expr, ImmutableString, Map, OptimizationLevel, Position, Stmt,
};
use serde::{Deserialize, Serialize};

use crate::definition::Field;
use crate::ids::Name;
use crate::value::{FieldType, Fields, Misfit, Money, Value};

/// The most operations that one call of a rule may take. It decides the outcome, so it is the same everywhere; a clock
/// would not be. Together with the sizes below it keeps the worst rule under a second: an operation may go through
/// everything in the longest list or text.
pub const OPERATIONS_MAX: u64 = 10_000;
/// The longest source of one rule, in bytes.
pub const SOURCE_MAX: usize = 16 * 1024;
/// The most elements in an array or map of a rule.
pub const CONTAINER_MAX: usize = 500;
/// The longest text in a rule, in bytes.
pub const TEXT_MAX: usize = 64 * 1024;
/// How deep the functions of a rule may call one another.
pub const CALLS_MAX: usize = 16;
/// The most variables of a rule at one time.
pub const VARIABLES_MAX: usize = 64;
/// The most functions that a rule may define.
pub const FUNCTIONS_MAX: usize = 32;
/// How deep the expressions of a rule, and those of its functions, may be nested.
const NESTING_MAX: (usize, usize) = (64, 32);
/// The most characters of a value that an error shows.
const SHOWN_MAX: usize = 80;

/// An input of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name in the rule's body.
    pub name: Name,
    /// What it holds.
    pub holds: FieldType,
}

/// A rule as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name.
    pub name: Name,
    /// Its inputs.
    pub inputs: Vec<Parameter>,
    /// What it gives.
    pub gives: FieldType,
    /// The body, in rhai.
    pub body: String,
    /// The line in the source where the body begins, from 1.
    pub line: u32,
    /// The column of that line in which it begins, in characters, from 1.
    pub column: u32,
}

/// What is wrong with a rule, and where in its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("rule {rule}, line {line}{}: {message}{}", in_column(*.column), seen(.saw))]
pub struct RuleError {
    /// The rule.
    pub rule: Name,
    /// The line in the definition's file, from 1.
    pub line: u32,
    /// The column in characters, from 1; 0 where it is not known.
    pub column: u32,
    /// What happened.
    pub message: String,
    /// The inputs that it saw.
    pub saw: String,
}

fn in_column(column: u32) -> String {
    if column == 0 { String::new() } else { format!(", column {column}") }
}

fn seen(saw: &str) -> String {
    if saw.is_empty() { String::new() } else { format!(" (it saw {saw})") }
}

/// The compiled rules of one definition.
#[derive(Default)]
pub struct RuleBook {
    compiled: BTreeMap<Name, (Rule, AST)>,
}

impl std::fmt::Debug for RuleBook {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.compiled.keys()).finish()
    }
}

impl RuleBook {
    /// Compiles the rules of a definition.
    ///
    /// # Errors
    /// The first rule that does not compile.
    pub fn compile(rules: &[Rule]) -> Result<RuleBook, RuleError> {
        let mut compiled = BTreeMap::new();
        for rule in rules {
            compiled.insert(rule.name.clone(), (rule.clone(), compile(rule)?));
        }
        Ok(RuleBook { compiled })
    }

    /// Computes a rule.
    ///
    /// # Errors
    /// The rule failed, took too many operations, or gave a value of another type than it declares.
    pub fn call(&self, name: &Name, inputs: &[Value]) -> Result<Value, RuleError> {
        let Some((rule, ast)) = self.compiled.get(name) else {
            return Err(RuleError {
                rule: name.clone(),
                line: 0,
                column: 0,
                message: "there is no such rule".into(),
                saw: String::new(),
            });
        };
        let mut scope = rhai::Scope::new();
        for (parameter, value) in rule.inputs.iter().zip(inputs) {
            scope.push_constant_dynamic(parameter.name.as_str(), to_dynamic(value));
        }
        TAKEN.with(|taken| taken.set(0));
        let result = sandbox()
            .engine
            .eval_ast_with_scope::<Dynamic>(&mut scope, ast)
            .map_err(|error| failed(rule, inputs, &error))?;
        from_dynamic(&result, &rule.gives).map_err(|misfit| {
            let given = shortened(&result.to_string());
            let message = match misfit {
                Misfit::WrongType => format!("gave {given} where it declares {}", rule.gives.word()),
                other => format!("gave {given}, which {other}"),
            };
            RuleError { message, saw: saw(rule, inputs), ..rule.wrong_at(Position::NONE) }
        })
    }
}

impl Rule {
    /// An error at a position of the body.
    fn wrong_at(&self, position: Position) -> RuleError {
        let (line, column) = match (position.line(), position.position()) {
            (None, _) => (self.line, 0),
            (Some(line), None) => (self.line.saturating_add(small(line) - 1), 0),
            (Some(1), Some(column)) => (self.line, self.column.saturating_add(small(column) - 1)),
            (Some(line), Some(column)) => (self.line.saturating_add(small(line) - 1), small(column)),
        };
        RuleError { rule: self.name.clone(), line, column, message: String::new(), saw: String::new() }
    }
}

/// Lines and columns of a rule; both are from 1, and no source is long enough for more.
fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).max(1)
}

fn compile(rule: &Rule) -> Result<AST, RuleError> {
    let problem = |message: String, position: Position| RuleError { message, ..rule.wrong_at(position) };
    if rule.body.len() > SOURCE_MAX {
        return Err(problem(format!("is longer than {SOURCE_MAX} bytes"), Position::NONE));
    }
    // Variables, not constants: rhai would write the value of a constant into the compiled rule.
    let mut scope = rhai::Scope::new();
    for parameter in &rule.inputs {
        scope.push_dynamic(parameter.name.as_str(), Dynamic::UNIT);
    }
    let ast = sandbox()
        .engine
        .compile_with_scope(&scope, &rule.body)
        .map_err(|error| problem(error.err_type().to_string(), error.position()))?;
    match unknown_function(&ast, &rule.body) {
        Some((name, position)) => Err(problem(format!("there is no function `{name}`"), position)),
        None => Ok(ast),
    }
}

/// A function that is called and that nobody defines. A name that occurs otherwise than called may hold one.
fn unknown_function(ast: &AST, body: &str) -> Option<(String, Position)> {
    let own: Vec<&str> = ast.iter_functions().map(|function| function.name).collect();
    let held = |name: &str| {
        body.match_indices(name).any(|(at, _)| {
            let (before, after) = (&body[..at], &body[at + name.len()..]);
            let word = |c: char| c.is_alphanumeric() || c == '_';
            !before.ends_with(word) && !after.starts_with(word) && !after.trim_start().starts_with('(')
        })
    };
    let is_known =
        |name: &str| own.contains(&name) || sandbox().functions.contains(name) || name.contains('$') || held(name);
    let mut found = None;
    ast.walk(&mut |path| {
        let (call, position) = match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position)))
            | Some(ASTNode::Stmt(Stmt::FnCall(call, position))) => (call, position),
            _ => return true,
        };
        if !call.is_operator_call() && !is_known(&call.name) {
            found = Some((call.name.to_string(), *position));
        }
        found.is_none()
    });
    found
}

/// The names of the functions that every rule can call.
pub fn functions() -> impl Iterator<Item = &'static str> {
    sandbox().functions.iter().map(String::as_str)
}

fn failed(rule: &Rule, inputs: &[Value], error: &EvalAltResult) -> RuleError {
    // Where a function of the rule failed, its own place says more than that of its call. Of a limit that was reached
    // inside of it, rhai knows the call alone.
    let inner = error.unwrap_inner();
    let position = if inner.position().is_none() { error.position() } else { inner.position() };
    let mut bare = match inner {
        EvalAltResult::ErrorTerminated(_, _) => format!("takes more than {OPERATIONS_MAX} operations"),
        other => other.to_string(),
    };
    if let Some(cut) = bare.rfind(" (line ") {
        bare.truncate(cut);
    }
    RuleError { message: bare, saw: saw(rule, inputs), ..rule.wrong_at(position) }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

fn saw(rule: &Rule, inputs: &[Value]) -> String {
    rule.inputs
        .iter()
        .zip(inputs)
        .map(|(parameter, value)| format!("{} = {}", parameter.name, shortened(&value.plain())))
        .collect::<Vec<_>>()
        .join(", ")
}

thread_local! {
    /// The operations that the rule on this thread has taken; set to zero when it begins. rhai's own count forgets what
    /// a function took that was handed to `map` and its like, so that three of them in one another would go on for days.
    static TAKEN: Cell<u64> = const { Cell::new(0) };
}

/// What all rules run in.
struct Sandbox {
    engine: Engine,
    /// The names of everything that a rule can call without defining it.
    functions: BTreeSet<String>,
}

/// One engine for the whole process: making one costs half a millisecond, and it keeps no state between calls.
fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let engine = hardened();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let named = engine.collect_fn_metadata(None, |found| Some(found.metadata.name.to_string()), true);
        // Part of rhai's language core, which it does not list.
        let core = ["type_of", "Fn", "call", "curry", "is_shared", "is_def_var", "is_def_fn"].map(str::to_owned);
        let functions = named.into_iter().filter(|name| name.chars().all(plain)).chain(core).collect();
        Sandbox { engine, functions }
    })
}

fn hardened() -> Engine {
    let mut engine = Engine::new();
    engine
        .set_optimization_level(OptimizationLevel::Simple)
        .set_max_call_levels(CALLS_MAX)
        .set_max_expr_depths(NESTING_MAX.0, NESTING_MAX.1)
        .set_max_string_size(TEXT_MAX)
        .set_max_array_size(CONTAINER_MAX)
        .set_max_map_size(CONTAINER_MAX)
        .set_max_variables(VARIABLES_MAX)
        .set_max_functions(FUNCTIONS_MAX)
        .set_max_modules(0)
        .set_strict_variables(true)
        .set_fail_on_invalid_map_property(true)
        .disable_symbol("eval")
        .disable_symbol("print")
        .disable_symbol("debug");
    engine.on_progress(|_| {
        let taken = TAKEN.with(|taken| taken.replace(taken.get() + 1));
        (taken >= OPERATIONS_MAX).then_some(Dynamic::UNIT)
    });
    // `sleep` is part of rhai's language core and would block the thread whatever the limits say.
    engine.register_fn("sleep", |_: i64| -> Result<(), Box<EvalAltResult>> {
        Err("sleep is not available in rules".into())
    });
    engine.register_fn("sleep", |_: f64| -> Result<(), Box<EvalAltResult>> {
        Err("sleep is not available in rules".into())
    });
    engine.register_fn("is_empty", |value: Dynamic| value.is_unit());
    engine
}

/// Texts, choices, references and the names of files are strings in a rule, numbers decimals, nothing is `()`.
fn to_dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Nothing => Dynamic::UNIT,
        Value::Text(text) | Value::Date(text) => Dynamic::from(ImmutableString::from(text.as_str())),
        Value::Choice(name) | Value::Ref(name) => Dynamic::from(ImmutableString::from(name.as_str())),
        Value::Number(number) => Dynamic::from_decimal(*number),
        Value::Bool(yes) => Dynamic::from_bool(*yes),
        Value::Instant(instant) => Dynamic::from_int(instant.0),
        Value::Duration(length_ms) => Dynamic::from_int(*length_ms),
        Value::Money(money) => Dynamic::from(ImmutableString::from(money.to_string())),
        Value::File(file) => Dynamic::from(ImmutableString::from(file.name.as_str())),
        Value::List(list) => Dynamic::from_array(list.iter().map(to_dynamic).collect()),
        Value::Row(row) => {
            Dynamic::from_map(row.iter().map(|(name, value)| (name.as_str().into(), to_dynamic(value))).collect())
        }
    }
}

fn from_dynamic(result: &Dynamic, declared: &FieldType) -> Result<Value, Misfit> {
    if result.is_unit() {
        return Ok(Value::Nothing);
    }
    let unfit = |_| Misfit::WrongType;
    let text = || result.clone().into_string().map_err(unfit);
    let value = match declared {
        FieldType::Text { .. } | FieldType::Markdown => Value::Text(text()?),
        FieldType::Number => match result.as_decimal() {
            Ok(number) => Value::Number(number),
            Err(_) => Value::Number(result.as_int().map_err(unfit)?.into()),
        },
        FieldType::Bool => Value::Bool(result.as_bool().map_err(unfit)?),
        FieldType::Date => Value::Date(text()?),
        FieldType::Instant => Value::Instant(crate::time::Timestamp(result.as_int().map_err(unfit)?)),
        FieldType::Duration => Value::Duration(result.as_int().map_err(unfit)?),
        FieldType::Money => Value::Money(Money::read(&text()?).ok_or_else(|| unfit(""))?),
        FieldType::File => return Err(unfit("")),
        FieldType::Rows(columns) => {
            let array = result.clone().into_array().map_err(unfit)?;
            Value::List(array.iter().map(|row| row_from(row, columns)).collect::<Result<_, _>>()?)
        }
        FieldType::Choice(_) => Value::Choice(Name::from(text()?)),
        FieldType::Ref(_) | FieldType::Role => Value::Ref(Name::from(text()?)),
        FieldType::Many(inner) => {
            let array = result.clone().into_array().map_err(unfit)?;
            Value::List(array.iter().map(|item| from_dynamic(item, inner)).collect::<Result<_, _>>()?)
        }
    };
    declared.admits(&value)?;
    Ok(value)
}

/// A row from a map; what it says besides its columns is left out.
fn row_from(row: &Dynamic, columns: &[Field]) -> Result<Value, Misfit> {
    let map = row.read_lock::<Map>().ok_or(Misfit::WrongType)?;
    let mut fields = Fields::new();
    for column in columns {
        let value =
            map.get(column.name.as_str()).map_or(Ok(Value::Nothing), |held| from_dynamic(held, &column.holds))?;
        if !value.is_empty() {
            fields.insert(column.name.clone(), value);
        }
    }
    Ok(Value::Row(fields))
}
