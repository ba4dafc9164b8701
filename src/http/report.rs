//! Published reports, as files: `GET /reports/{id}/{name}`, where the name tells the format.
//!
//! A report never changes, so that what was fetched once can be kept for ever.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;

use super::{Server, answer::refuse};
use crate::{
    access::Caller,
    identity::Known,
    limits::REPORTS_AT_ONCE,
    report::{
        content::{Content, hash},
        render::{Format, RenderError, render},
    },
};

/// Finds what the report of an opaque id said, byte for byte; nothing where none is published that the
/// caller sees. A fault is logged.
type Find = dyn Fn(&Caller, &str) -> BoxFuture<'static, Result<Option<Vec<u8>>, ()>> + Send + Sync;

/// Hands out the files of reports, a few at once.
#[derive(Clone)]
pub struct Reports {
    find: Arc<Find>,
    turns: Arc<Semaphore>,
}

impl Reports {
    /// The reports that `find` finds.
    #[must_use]
    pub fn new(find: Arc<Find>) -> Self {
        Self {
            find,
            turns: Arc::new(Semaphore::new(REPORTS_AT_ONCE)),
        }
    }
}

/// What a file is asked for by: a format, or the code of a chart or of a table.
enum Asked {
    /// The frozen content itself.
    Content,
    /// A file made of its document.
    File(Format),
}

fn asked(name: &str) -> Option<Asked> {
    let (stem, extension) = name.rsplit_once('.')?;
    let format = match (stem, extension) {
        ("contenu", "json") => return Some(Asked::Content),
        ("rapport", "pdf") => Format::Pdf,
        ("rapport", "xlsx") => Format::Xlsx,
        ("rapport", "ods") => Format::Ods,
        ("rapport", "csv") => Format::Csv,
        ("rapport", "json") => Format::Json,
        (chart, "svg") => Format::Svg(chart.to_owned()),
        (table, "csv") => Format::Table(table.to_owned()),
        _ => return None,
    };
    Some(Asked::File(format))
}

/// `GET /reports/{id}/{name}`.
pub(super) async fn handle(
    State(server): State<Arc<Server>>,
    Extension(known): Extension<Known>,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let not_found = || {
        refuse(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "Ce rapport n'est pas publié, ou n'a pas ce fichier : rapport.pdf, rapport.xlsx, \
             rapport.ods, rapport.csv, rapport.json, contenu.json, ou le code d'un graphique \
             (.svg) ou d'un tableau (.csv).",
        )
    };
    let internal = || {
        refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL",
            "Une erreur interne est survenue.",
        )
    };
    let Some(asked) = asked(&name) else {
        return not_found();
    };
    let content = match (server.reports.find)(&known.caller, &id).await {
        Ok(Some(content)) => content,
        Ok(None) => return not_found(),
        Err(()) => return internal(),
    };
    let tag = format!("\"{}-{name}\"", hash(&content));
    let known = headers.get(header::IF_NONE_MATCH);
    if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, kept(&tag)).into_response();
    }
    let Ok(_turn) = server.reports.turns.acquire().await else {
        return internal();
    };
    let made = tokio::task::spawn_blocking(move || make(content, &asked)).await;
    match made {
        Ok(Ok((bytes, media_type, file_name))) => {
            let mut answer = (kept(&tag), bytes).into_response();
            let told = answer.headers_mut();
            told.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            let disposition = format!("inline; filename=\"{file_name}\"");
            if let Ok(disposition) = HeaderValue::from_str(&disposition) {
                told.insert(header::CONTENT_DISPOSITION, disposition);
            }
            answer
        }
        Ok(Err(Unmade::Render(RenderError::NotInIt(_)))) => not_found(),
        Ok(Err(Unmade::Render(error @ RenderError::NotBuilt(_)))) => refuse(
            StatusCode::NOT_IMPLEMENTED,
            "FORMAT_NOT_BUILT",
            &format!("Format indisponible : {error}."),
        ),
        Ok(Err(error)) => {
            tracing::error!(%error, "the file of a report could not be made");
            internal()
        }
        Err(error) => {
            tracing::error!(%error, "the file of a report could not be made");
            internal()
        }
    }
}

/// What a report is, is for ever; only its sender's own cache may keep it.
fn kept(tag: &str) -> [(header::HeaderName, String); 2] {
    [
        (header::ETAG, tag.to_owned()),
        (
            header::CACHE_CONTROL,
            "private, max-age=31536000, immutable".to_owned(),
        ),
    ]
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
enum Unmade {
    /// What was published cannot be read.
    #[error("what was published cannot be read: {0}")]
    Content(#[from] serde_json::Error),
    /// It cannot be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
}

fn make(content: Vec<u8>, asked: &Asked) -> Result<(Vec<u8>, &'static str, String), Unmade> {
    let read = Content::from_canonical(&content)?;
    let document = read.document;
    match asked {
        Asked::Content => Ok((
            content,
            Format::Json.media_type(),
            format!("{}-contenu.json", document.code),
        )),
        Asked::File(format) => {
            let bytes = render(&document, format)?;
            Ok((bytes, format.media_type(), format.file_name(&document)))
        }
    }
}
