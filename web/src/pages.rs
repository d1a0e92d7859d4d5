//! The page table: every route, who may enter it, and what answers. Adding a page is one Rust file, one template
//! and one line here. The guard reads this table, and so does the test that asks every page as nobody, as the
//! wrong person and as the right one.

mod absence;
pub mod admin;
pub mod ballot;
pub mod board;
pub mod change_calendar;
pub mod comment;
pub mod edit;
pub mod files;
pub mod first_run;
pub mod hand;
pub mod home;
pub mod inbox;
pub mod link;
pub mod list;
pub mod mention;
pub mod notifications;
pub mod pack;
pub mod portal;
pub mod profile;
pub mod record;
pub mod registers;
pub mod report;
pub mod requests;
pub mod search;
pub mod sign_in;
pub mod task;
pub mod trace;
pub mod watch;

use crate::answer::{Answer, Refusal};
use crate::guard::Guard;
use crate::visit::Visit;

/// How a page is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// To read. Changes nothing.
    #[default]
    Get,
    /// To write. Ends with the way to another page.
    Post,
}

impl Method {
    /// As in HTTP.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// What answers a page. It may block: it never runs on the server's own threads.
pub type Handler = fn(&Visit<'_>) -> Result<Answer, Refusal>;

/// A page.
pub struct Page {
    /// How it is asked for.
    pub method: Method,
    /// Where; `{name}` stands for a part of the path.
    pub path: &'static str,
    /// Who may enter.
    pub guard: Guard,
    /// What answers.
    pub handler: Handler,
}

const fn get(path: &'static str, guard: Guard, handler: Handler) -> Page {
    Page { method: Method::Get, path, guard, handler }
}

const fn post(path: &'static str, guard: Guard, handler: Handler) -> Page {
    Page { method: Method::Post, path, guard, handler }
}

use Guard::{Administrator, FirstRun, Keeper, Manager, Monitor, Open, Overseer, SignedIn, Staff};

/// Every page.
pub static PAGES: &[Page] = &[
    get("/healthz", Open, home::health),
    get("/metrics", Monitor, home::metrics),
    post("/language", Open, home::language),
    get("/first-run", FirstRun, first_run::show),
    post("/first-run", FirstRun, first_run::make),
    get("/sign-in", Open, sign_in::show),
    post("/sign-in", Open, sign_in::enter),
    post("/sign-out", SignedIn, sign_in::leave),
    get("/", SignedIn, home::home),
    get("/inbox", Staff, inbox::show),
    post("/inbox/columns", Staff, inbox::choose_columns),
    get("/inbox/bulk", Staff, inbox::bulk::preview),
    post("/inbox/bulk", Staff, inbox::bulk::carry_out),
    post("/inbox/bulk/undo", Staff, inbox::undo::carry_out),
    get("/inbox/snoozed", Staff, inbox::snooze::list),
    post("/inbox/views", Staff, inbox::views::save),
    post("/inbox/views/{view}", Staff, inbox::views::change),
    get("/tasks/{task}", SignedIn, task::show),
    post("/tasks/{task}", SignedIn, task::complete),
    get("/tasks/{task}/peek", SignedIn, inbox::peek::show),
    get("/tasks/{task}/snooze", SignedIn, inbox::snooze::show),
    post("/tasks/{task}/snooze", SignedIn, inbox::snooze::put_off),
    post("/tasks/{task}/wake", SignedIn, inbox::snooze::wake),
    post("/tasks/{task}/claim", SignedIn, task::claim),
    post("/tasks/{task}/release", SignedIn, task::release),
    post("/tasks/{task}/assign", SignedIn, hand::assign),
    post("/tasks/{task}/delegate", SignedIn, hand::delegate),
    post("/tasks/{task}/resolve", SignedIn, hand::resolve),
    get("/records", SignedIn, record::go),
    get("/records/list", Manager, list::show),
    get("/records/{number}", SignedIn, record::show),
    get("/records/{number}/trace", SignedIn, trace::show),
    get("/records/{number}/trace/print", SignedIn, pack::show),
    post("/records/{number}/comment", SignedIn, comment::comment),
    get("/records/{number}/readers", SignedIn, mention::show),
    post("/records/{number}/files", SignedIn, files::attach),
    get("/records/{number}/files/{file}", SignedIn, files::keep),
    post("/records/{number}/files/{file}/remove", SignedIn, files::detach),
    post("/records/{number}/watch", SignedIn, watch::begin),
    post("/records/{number}/unwatch", SignedIn, watch::end),
    post("/records/{number}/reply", SignedIn, comment::reply),
    post("/records/{number}/add", SignedIn, comment::add),
    post("/records/{number}/edit", SignedIn, edit::edit),
    post("/records/{number}/link", SignedIn, link::link),
    post("/records/{number}/unlink", SignedIn, link::unlink),
    get("/watched", SignedIn, watch::list),
    get("/search", SignedIn, search::show),
    get("/board", Manager, board::show),
    get("/changes/calendar", Staff, change_calendar::show),
    get("/portal", SignedIn, portal::show),
    get("/portal/report", SignedIn, report::show),
    post("/portal/report", SignedIn, report::start),
    get("/portal/report/solutions", SignedIn, report::solutions),
    post("/portal/report/solved", SignedIn, report::solved),
    get("/portal/requests", SignedIn, requests::show),
    get("/notifications", SignedIn, notifications::show),
    post("/notifications", SignedIn, notifications::read),
    get("/profile", SignedIn, profile::show),
    post("/profile/password", SignedIn, profile::password),
    post("/profile/keys", SignedIn, profile::keys),
    get("/keys", SignedIn, profile::sheet),
    post("/profile/absence", SignedIn, profile::away),
    get("/admin/definitions", Overseer, admin::definitions::show),
    post("/admin/definitions/four-eyes", Administrator, admin::definitions::switch),
    get("/admin/definitions/{process}/{version}", Overseer, admin::definition::show),
    get("/admin/instances", Overseer, admin::instances::show),
    get("/admin/instances/{number}", Overseer, admin::operate::show),
    post("/admin/instances/{number}", Administrator, admin::operate::operate),
    get("/admin/batches", Overseer, admin::batches::show),
    post("/admin/batches", Administrator, admin::batches::give),
    get("/admin/batches/{batch}", Overseer, admin::batch::show),
    post("/admin/batches/{batch}", Administrator, admin::batch::turn),
    post("/admin/instances/{number}/retry", Administrator, admin::instances::retry),
    get("/admin/undelivered", Overseer, admin::undelivered::show),
    post("/admin/undelivered", Administrator, admin::undelivered::order),
    get("/admin/audit", Overseer, admin::audit::show),
    get("/admin/calendars", Administrator, admin::calendars::list),
    get("/admin/calendars/{calendar}", Administrator, admin::calendars::show),
    get("/admin/people", Overseer, admin::people::show),
    post("/admin/people", Administrator, admin::people::add),
    get("/admin/people/{person}", Administrator, admin::person::show),
    post("/admin/people/{person}", Administrator, admin::person::save),
    post("/admin/people/{person}/absence", Administrator, admin::person::away),
    post("/admin/people/{person}/standing", Administrator, admin::person::stand),
    get("/admin/people/{person}/erase", Administrator, admin::erase::show),
    post("/admin/people/{person}/erase", Administrator, admin::erase::erase),
    post("/admin/people/{person}/password", Administrator, admin::person::reset),
    get("/admin/retention", Overseer, admin::retention::show),
    post("/admin/retention", Administrator, admin::retention::place),
    post("/admin/retention/{hold}/release", Administrator, admin::retention::release),
    get("/admin/tokens", Administrator, admin::tokens::show),
    post("/admin/tokens", Administrator, admin::tokens::make),
    post("/admin/tokens/{token}/revoke", Administrator, admin::tokens::revoke),
    get("/registers", Staff, registers::show),
    get("/registers/{register}", Staff, registers::list::show),
    get("/registers/{register}/-/add", Keeper, registers::change::new),
    post("/registers/{register}/-/add", Keeper, registers::change::add),
    get("/registers/{register}/-/import", Keeper, registers::import::show),
    post("/registers/{register}/-/import", Keeper, registers::import::import),
    get("/registers/{register}/-/export/{format}", Staff, registers::export::keep),
    post("/registers/{register}/-/bulk", Keeper, registers::bulk::edit),
    get("/registers/{register}/-/changes", Staff, registers::changes::list),
    get("/registers/{register}/-/changes/{at}", Staff, registers::changes::show),
    post("/registers/{register}/-/changes/{at}", Keeper, registers::changes::undo),
    get("/registers/{register}/{key}", Staff, registers::entry::show),
    get("/registers/{register}/{key}/impact", Staff, registers::impact::show),
    get("/registers/{register}/{key}/edit", Keeper, registers::change::edit),
    post("/registers/{register}/{key}/edit", Keeper, registers::change::save),
];
