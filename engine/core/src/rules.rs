//! Named rules in rhai: pure, bounded, without clock, file or network. The one file that names rhai.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rhai::{AST, Dynamic, Engine, EvalAltResult, ImmutableString, OptimizationLevel, Position};
use serde::{Deserialize, Serialize};

use crate::ids::Name;
use crate::value::{FieldType, Value};

/// The most operations that one call of a rule may take. It decides the outcome, so it is the same everywhere.
pub const OPERATIONS_MAX: u64 = 100_000;
/// The longest source of one rule, in bytes.
pub const SOURCE_MAX: usize = 16 * 1024;
/// The most elements in an array or map of a rule.
pub const CONTAINER_MAX: usize = 2_000;
/// The longest text in a rule, in bytes.
pub const TEXT_MAX: usize = 64 * 1024;

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
}

/// What is wrong with a rule, and where in its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("rule {rule}, line {line}: {message}{}", shown(.saw))]
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

fn shown(saw: &str) -> String {
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
        let result =
            sandbox().eval_ast_with_scope::<Dynamic>(&mut scope, ast).map_err(|error| failed(rule, inputs, &error))?;
        from_dynamic(&result, &rule.gives).ok_or_else(|| RuleError {
            rule: rule.name.clone(),
            line: rule.line,
            column: 0,
            message: format!("gave {} where it declares another type", result.type_name()),
            saw: saw(rule, inputs),
        })
    }
}

fn compile(rule: &Rule) -> Result<AST, RuleError> {
    let problem = |message: String, position: Position| RuleError {
        rule: rule.name.clone(),
        line: line_in_file(rule, position),
        column: position.position().map_or(0, |column| u32::try_from(column).unwrap_or(0)),
        message,
        saw: String::new(),
    };
    if rule.body.len() > SOURCE_MAX {
        return Err(problem(format!("is longer than {SOURCE_MAX} bytes"), Position::NONE));
    }
    // Variables, not constants: rhai would write the value of a constant into the compiled rule.
    let mut scope = rhai::Scope::new();
    for parameter in &rule.inputs {
        scope.push_dynamic(parameter.name.as_str(), Dynamic::UNIT);
    }
    sandbox()
        .compile_with_scope(&scope, &rule.body)
        .map_err(|error| problem(error.err_type().to_string(), error.position()))
}

fn line_in_file(rule: &Rule, position: Position) -> u32 {
    let inside = position.line().map_or(0, |line| u32::try_from(line).unwrap_or(1).saturating_sub(1));
    rule.line + inside
}

fn failed(rule: &Rule, inputs: &[Value], error: &EvalAltResult) -> RuleError {
    let position = error.position();
    let mut bare = error.unwrap_inner().to_string();
    if let Some(cut) = bare.rfind(" (line ") {
        bare.truncate(cut);
    }
    RuleError {
        rule: rule.name.clone(),
        line: line_in_file(rule, position),
        column: position.position().map_or(0, |column| u32::try_from(column).unwrap_or(0)),
        message: bare,
        saw: saw(rule, inputs),
    }
}

fn saw(rule: &Rule, inputs: &[Value]) -> String {
    rule.inputs
        .iter()
        .zip(inputs)
        .map(|(parameter, value)| format!("{} = {}", parameter.name, value.plain()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// One engine for the whole process: making one costs half a millisecond, and it keeps no state between calls.
fn sandbox() -> &'static Engine {
    static SANDBOX: OnceLock<Arc<Engine>> = OnceLock::new();
    SANDBOX.get_or_init(|| Arc::new(hardened()))
}

fn hardened() -> Engine {
    let mut engine = Engine::new();
    engine
        .set_optimization_level(OptimizationLevel::Simple)
        .set_max_operations(OPERATIONS_MAX)
        .set_max_call_levels(16)
        .set_max_expr_depths(64, 32)
        .set_max_string_size(TEXT_MAX)
        .set_max_array_size(CONTAINER_MAX)
        .set_max_map_size(CONTAINER_MAX)
        .set_max_variables(64)
        .set_max_functions(32)
        .set_max_modules(0)
        .set_strict_variables(true)
        .set_fail_on_invalid_map_property(true)
        .disable_symbol("eval")
        .disable_symbol("print")
        .disable_symbol("debug");
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

/// Texts, choices and references are strings in a rule, numbers decimals, nothing is `()`.
fn to_dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Nothing => Dynamic::UNIT,
        Value::Text(text) | Value::Date(text) => Dynamic::from(ImmutableString::from(text.as_str())),
        Value::Choice(name) | Value::Ref(name) => Dynamic::from(ImmutableString::from(name.as_str())),
        Value::Number(number) => Dynamic::from_decimal(*number),
        Value::Bool(yes) => Dynamic::from_bool(*yes),
        Value::Instant(instant) => Dynamic::from_int(instant.0),
        Value::Duration(length_ms) => Dynamic::from_int(*length_ms),
        Value::List(list) => Dynamic::from_array(list.iter().map(to_dynamic).collect()),
        Value::Row(row) => {
            Dynamic::from_map(row.iter().map(|(name, value)| (name.as_str().into(), to_dynamic(value))).collect())
        }
    }
}

fn from_dynamic(result: &Dynamic, declared: &FieldType) -> Option<Value> {
    if result.is_unit() {
        return Some(Value::Nothing);
    }
    let text = || result.clone().into_string().ok();
    let value = match declared {
        FieldType::Text { .. } | FieldType::Markdown => Value::Text(text()?),
        FieldType::Number => match result.as_decimal() {
            Ok(number) => Value::Number(number),
            Err(_) => Value::Number(result.as_int().ok()?.into()),
        },
        FieldType::Bool => Value::Bool(result.as_bool().ok()?),
        FieldType::Date => Value::Date(text()?),
        FieldType::Instant => Value::Instant(crate::time::Timestamp(result.as_int().ok()?)),
        FieldType::Duration => Value::Duration(result.as_int().ok()?),
        FieldType::Choice(_) => Value::Choice(Name::from(text()?)),
        FieldType::Ref(_) => Value::Ref(Name::from(text()?)),
        FieldType::Many(inner) => {
            let array = result.clone().into_array().ok()?;
            Value::List(array.iter().map(|item| from_dynamic(item, inner)).collect::<Option<_>>()?)
        }
    };
    declared.admits(&value).ok()?;
    Some(value)
}
