//! The templates, compiled in. Strict: a name that a view lacks is an error, found by a test.

use fluent_bundle::{FluentArgs, FluentValue};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError, RenderErrorReason,
    Renderable,
};
use serde::Serialize;
use serde_json::Value;

use std::sync::Arc;

use crate::icon;
use crate::language::Language;
use crate::words::Words;

/// Every template: its name and its text.
pub const SOURCES: &[(&str, &str)] = &[
    ("ahead", include_str!("../templates/ahead.html")),
    ("audit", include_str!("../templates/audit.html")),
    ("batch", include_str!("../templates/batch.html")),
    ("batches", include_str!("../templates/batches.html")),
    ("board", include_str!("../templates/board.html")),
    ("bulk", include_str!("../templates/bulk.html")),
    ("calendar", include_str!("../templates/calendar.html")),
    ("calendars", include_str!("../templates/calendars.html")),
    ("change_calendar", include_str!("../templates/change_calendar.html")),
    ("clock", include_str!("../templates/clock.html")),
    ("absence", include_str!("../templates/absence.html")),
    ("ballot", include_str!("../templates/ballot.html")),
    ("control", include_str!("../templates/control.html")),
    ("definition", include_str!("../templates/definition.html")),
    ("definitions", include_str!("../templates/definitions.html")),
    ("first_run", include_str!("../templates/first_run.html")),
    ("grid", include_str!("../templates/grid.html")),
    ("groups", include_str!("../templates/groups.html")),
    ("inbox", include_str!("../templates/inbox.html")),
    ("instances", include_str!("../templates/instances.html")),
    ("keys", include_str!("../templates/keys.html")),
    ("keys_page", include_str!("../templates/keys_page.html")),
    ("layout", include_str!("../templates/layout.html")),
    ("live", include_str!("../templates/live.html")),
    ("list", include_str!("../templates/list.html")),
    ("notifications", include_str!("../templates/notifications.html")),
    ("operate", include_str!("../templates/operate.html")),
    ("erase", include_str!("../templates/erase.html")),
    ("retention", include_str!("../templates/retention.html")),
    ("pack", include_str!("../templates/pack.html")),
    ("people", include_str!("../templates/people.html")),
    ("person", include_str!("../templates/person.html")),
    ("peek", include_str!("../templates/peek.html")),
    ("pieces", include_str!("../templates/pieces.html")),
    ("plain", include_str!("../templates/plain.html")),
    ("portal", include_str!("../templates/portal.html")),
    ("problem", include_str!("../templates/problem.html")),
    ("search", include_str!("../templates/search.html")),
    ("session_over", include_str!("../templates/session_over.html")),
    ("profile", include_str!("../templates/profile.html")),
    ("record", include_str!("../templates/record.html")),
    ("cause", include_str!("../templates/cause.html")),
    ("differences", include_str!("../templates/differences.html")),
    ("proposal", include_str!("../templates/proposal.html")),
    ("register", include_str!("../templates/register.html")),
    ("register_bulk", include_str!("../templates/register_bulk.html")),
    ("register_changes", include_str!("../templates/register_changes.html")),
    ("register_impact", include_str!("../templates/register_impact.html")),
    ("reaches", include_str!("../templates/reaches.html")),
    ("register_import", include_str!("../templates/register_import.html")),
    ("register_order", include_str!("../templates/register_order.html")),
    ("register_change", include_str!("../templates/register_change.html")),
    ("register_entry", include_str!("../templates/register_entry.html")),
    ("registers", include_str!("../templates/registers.html")),
    ("repair", include_str!("../templates/repair.html")),
    ("report", include_str!("../templates/report.html")),
    ("requests", include_str!("../templates/requests.html")),
    ("sign_in", include_str!("../templates/sign_in.html")),
    ("snooze", include_str!("../templates/snooze.html")),
    ("watch", include_str!("../templates/watch.html")),
    ("watched", include_str!("../templates/watched.html")),
    ("mention", include_str!("../templates/mention.html")),
    ("insert", include_str!("../templates/insert.html")),
    ("texts", include_str!("../templates/texts.html")),
    ("snoozed", include_str!("../templates/snoozed.html")),
    ("solutions", include_str!("../templates/solutions.html")),
    ("task", include_str!("../templates/task.html")),
    ("task_gone", include_str!("../templates/task_gone.html")),
    ("ties", include_str!("../templates/ties.html")),
    ("task_work", include_str!("../templates/task_work.html")),
    ("waiting", include_str!("../templates/waiting.html")),
    ("token", "<input type=\"hidden\" name=\"_token\" value=\"{{@root.here.token}}\">"),
    ("tokens", include_str!("../templates/tokens.html")),
    ("trace", include_str!("../templates/trace.html")),
    ("undelivered", include_str!("../templates/undelivered.html")),
];

/// The templates of one language, ready to be filled.
pub struct Templates(Handlebars<'static>);

impl Templates {
    /// Compiles every template for a language.
    ///
    /// # Errors
    /// Names the template that cannot be read.
    pub fn new(words: &Arc<Words>) -> Result<Templates, Box<handlebars::TemplateError>> {
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        for (name, source) in SOURCES {
            registry.register_template_string(name, source).map_err(Box::new)?;
        }
        let held = words.clone();
        let say = move |helper: &Helper<'_>,
                        _: &Handlebars<'_>,
                        _: &Context,
                        _: &mut RenderContext<'_, '_>,
                        out: &mut dyn Output|
              -> HelperResult {
            out.write(&handlebars::html_escape(&said(&held, helper)?)).map_err(Into::into)
        };
        registry.register_helper("t", Box::new(say));
        registry.register_helper("icon", Box::new(draw_icon));
        registry.register_helper("part", Box::new(Part));
        registry.register_helper("uploads", Box::new(say_uploads));
        Ok(Templates(registry))
    }

    /// Fills a template.
    ///
    /// # Errors
    /// The view lacks a name that the template uses.
    pub fn fill<V: Serialize>(&self, template: &str, view: &V) -> Result<String, RenderError> {
        self.0.render(template, view)
    }
}

/// `{{t "key" name=value}}`: a sentence of the locale file.
fn said(words: &Words, helper: &Helper<'_>) -> Result<String, RenderError> {
    let problem = |text: String| RenderError::from(RenderErrorReason::Other(text));
    let key = helper
        .param(0)
        .and_then(|parameter| parameter.value().as_str())
        .ok_or_else(|| problem("`t` needs the key of a sentence".to_owned()))?;
    let mut arguments = FluentArgs::new();
    for (name, parameter) in helper.hash() {
        arguments.set((*name).to_owned(), fluent(parameter.value()));
    }
    words.try_say(key, &arguments).ok_or_else(|| {
        problem(format!("there is no sentence \"{key}\" in {}, or it needs more", words.language().tag()))
    })
}

fn fluent(value: &Value) -> FluentValue<'static> {
    match value {
        Value::Number(number) => {
            number.as_i64().map_or_else(|| FluentValue::from(number.to_string()), FluentValue::from)
        }
        Value::String(text) => FluentValue::from(text.clone()),
        Value::Null => FluentValue::from(""),
        other @ (Value::Bool(_) | Value::Array(_) | Value::Object(_)) => FluentValue::from(other.to_string()),
    }
}

/// `{{icon "name"}}`: a picture of our own set, hidden from screen readers since words stand beside it.
fn draw_icon(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let name = helper.param(0).and_then(|parameter| parameter.value().as_str()).unwrap_or_default();
    let drawn = icon::svg(name)
        .ok_or_else(|| RenderError::from(RenderErrorReason::Other(format!("there is no icon \"{name}\""))))?;
    out.write(&drawn).map_err(Into::into)
}

/// `{{part "name"}}`: another template, filled with what is known where it stands. A partial (`{{> name}}`) is filled with a
/// copy of that, which on a page of many rows takes longer than the rest of it.
struct Part;

impl HelperDef for Part {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let name = helper.param(0).and_then(|parameter| parameter.value().as_str()).unwrap_or_default();
        let part = registry
            .get_template(name)
            .ok_or_else(|| RenderError::from(RenderErrorReason::TemplateNotFound(name.to_owned())))?;
        let around = render.get_current_template_name();
        let put = part.render(registry, context, render, out);
        render.set_current_template_name(around);
        put
    }
}

/// `{{uploads view}}` within a form's tag: how it is sent where a control of the view brings files.
fn say_uploads(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    if helper.param(0).is_some_and(|view| brings_files(view.value())) {
        out.write(r#" enctype="multipart/form-data""#)?;
    }
    Ok(())
}

/// Whether a control that brings files is in a view, at any depth.
fn brings_files(view: &Value) -> bool {
    match view {
        Value::Object(held) => {
            let kind = held.get("kind").and_then(Value::as_str);
            matches!(kind, Some("file" | "files")) || held.values().any(brings_files)
        }
        Value::Array(held) => held.iter().any(brings_files),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Words and templates of every language.
pub struct Speech {
    zh: (Arc<Words>, Templates),
    en: (Arc<Words>, Templates),
}

impl Speech {
    /// Reads everything that is compiled in.
    ///
    /// # Errors
    /// Names the template that cannot be read.
    pub fn new() -> Result<Speech, Box<handlebars::TemplateError>> {
        let of = |language| {
            let words = Arc::new(Words::new(language));
            Templates::new(&words).map(|templates| (words, templates))
        };
        Ok(Speech { zh: of(Language::Zh)?, en: of(Language::En)? })
    }

    /// The words of a language.
    pub fn words(&self, language: Language) -> &Words {
        match language {
            Language::Zh => &self.zh.0,
            Language::En => &self.en.0,
        }
    }

    /// The templates of a language.
    pub fn templates(&self, language: Language) -> &Templates {
        match language {
            Language::Zh => &self.zh.1,
            Language::En => &self.en.1,
        }
    }
}
