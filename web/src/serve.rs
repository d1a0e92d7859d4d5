//! Serving the pages: the routes of the page table, the assets, the server.

use std::net::SocketAddr;

use actix_web::http::header;
use actix_web::middleware::Compress;
use actix_web::{App as Routes, HttpRequest, HttpResponse, HttpServer, Route, guard, web};
use runtime::Runtime;

use crate::api::{self, Endpoint};
use crate::app::{App, AppError};
use crate::assets::{Asset, assets};
use crate::door;
use crate::live;
use crate::pages::{Method, PAGES, Page};
use crate::settings::Settings;

/// Why the pages could not be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Templates or settings are wrong.
    #[error(transparent)]
    App(#[from] AppError),
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {cause}")]
    CannotListen {
        /// Where.
        address: SocketAddr,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// Timers and outbox ended before the server did.
    #[error(transparent)]
    Background(#[from] runtime::BackgroundError),
    /// The server failed while it ran.
    #[error("the server stopped: {0}")]
    Stopped(std::io::Error),
}

/// Gives a server (or a test's service) every page and asset.
pub fn configure(app: web::Data<App>) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        config.app_data(app);
        for of_one_path in PAGES.chunk_by(|one, next| one.path == next.path) {
            let path = of_one_path.first().map_or("", |page| page.path);
            let resource = of_one_path.iter().fold(web::resource(path), |resource, page| resource.route(route(page)));
            config.service(resource.default_service(web::to(door::nowhere)));
        }
        config.route("/live", web::get().to(live::follow));
        for endpoint in Endpoint::ALL {
            let answer = move |app, request, body| api::door::enter(endpoint, app, request, body);
            let resource = web::resource(endpoint.path()).route(web::post().to(answer));
            config.service(resource.default_service(web::to(api::door::nowhere)));
        }
        config.service(web::scope(api::PREFIX).default_service(web::to(api::door::nowhere)));
        for asset in assets().all() {
            config.route(&asset.path, web::get().to(move |request: HttpRequest| async move { send(asset, &request) }));
        }
        config.default_service(web::to(door::nowhere));
    }
}

fn route(page: &'static Page) -> Route {
    let answer = move |app, request, body| door::enter(page, app, request, body);
    match page.method {
        // Whoever asks for the head of a page gets what reading it would say.
        Method::Get => web::route().guard(guard::Any(guard::Get()).or(guard::Head())).to(answer),
        Method::Post => web::post().to(answer),
    }
}

/// Serves the pages, fires timers and performs what is owed until the process is told to stop; `ready` is called with the address once it listens.
///
/// # Errors
/// The address cannot be listened at, or the server failed.
pub fn serve(runtime: Runtime, settings: Settings, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    serve_until(runtime, settings, ready, std::future::pending())
}

/// The same, which ends also when this does; everything that was given is closed then.
///
/// # Errors
/// As [`serve`].
pub fn serve_until(
    runtime: Runtime,
    settings: Settings,
    ready: impl FnOnce(SocketAddr),
    end: impl Future<Output = ()> + 'static,
) -> Result<(), ServeError> {
    let (wanted, workers) = (settings.address, settings.workers);
    let app = web::Data::new(App::new(runtime.clone(), settings)?);
    actix_web::rt::System::new().block_on(async move {
        let cannot = |cause| ServeError::CannotListen { address: wanted, cause };
        let server = HttpServer::new(move || Routes::new().wrap(Compress::default()).configure(configure(app.clone())))
            .workers(workers)
            .shutdown_timeout(5)
            // A page goes out in pieces; none of them waits until the one before was acknowledged.
            .tcp_nodelay(true)
            .bind(wanted)
            .map_err(cannot)?;
        let address = server.addrs().first().copied().unwrap_or(wanted);
        let running = server.run();
        let handle = running.handle();
        actix_web::rt::spawn(async move {
            end.await;
            handle.stop(true).await;
        });
        let background = runtime.spawn_background();
        ready(address);
        let served = running.await.map_err(ServeError::Stopped);
        background.stop().await?;
        served
    })
}

fn send(asset: &'static Asset, request: &HttpRequest) -> HttpResponse {
    let known = request.headers().get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == asset.tag.as_bytes());
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
    response.insert_header((header::ETAG, asset.tag.as_str()));
    door::secure(&mut response);
    if known {
        return response.finish();
    }
    response.content_type(asset.media).body(asset.bytes.as_slice())
}
