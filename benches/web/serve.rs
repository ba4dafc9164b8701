//! What is served by this very program.

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::header,
    middleware::{self, Next},
    routing::post,
};
use carnet::{app::App, clock::SystemClock, config::Config, limits, log::EventLog};

/// Answers bytes that are read once: what stands in each file of a directory, under its name.
pub(crate) fn raw(directory: &Path) {
    let mut router = Router::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let answer = Bytes::from(std::fs::read(path).unwrap());
        let headers = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
        let route = post(move |_: Bytes| async move { (headers, answer) });
        router = router.route(&format!("/{name}"), route);
    }
    runtime().block_on(serve(router));
}

/// The whole program, over read models of which nothing is kept in memory from one request to the
/// next.
pub(crate) fn cold(directory: &Path) {
    runtime().block_on(async {
        let app = open(directory).await;
        let reads = app.reads.clone();
        let forget = middleware::from_fn(move |request: Request, next: Next| {
            reads.forget();
            next.run(request)
        });
        serve(app.router().0.layer(forget)).await;
    });
}

/// The program on a directory, caught up with its log; nobody is kept from spending.
pub(crate) async fn open(directory: &Path) -> App {
    let config = Config {
        data_dir: directory.to_owned(),
        cost_per_minute: 0,
        ..Config::default()
    };
    let app = App::open(&config, Arc::new(SystemClock)).await.unwrap();
    let head = EventLog::head(app.log.as_ref()).position;
    let patience = Duration::from_mins(1);
    app.reads.wait_for(head, patience).await.unwrap();
    app
}

/// Serves until killed; tells its address first.
async fn serve(router: Router) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}/", listener.local_addr().unwrap());
    axum::serve(listener, router).await.unwrap();
}

/// What runs it, as the program itself is run.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(limits::STACK_BYTES)
        .build()
        .unwrap()
}
