//! Imports of spreadsheets over HTTP, and the templates to fill in.
//!
//! A browser can be made to send forms and plain texts from another site's page, and neither is
//! taken here: the body is the file itself, under the media type of a spreadsheet.

use std::sync::Arc;

use axum::{
    Extension,
    body::{Body, to_bytes},
    extract::{FromRequestParts, Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::{Server, answer::refuse, parameters::drain, same_origin};
use crate::{
    access::{Caller, policy::Capability},
    domain::terms::Label,
    identity::Known,
    import::{self, Done, Kind, Reading, Report, csv_template, xlsx_template},
    limits,
};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";
const CSV: &str = "text/csv";
const BYTES: &str = "application/octet-stream";

/// A file that was read, and what is asked of it.
#[derive(Debug)]
pub struct Asked {
    /// What was read.
    pub reading: Reading,
    /// Who asks.
    pub caller: Caller,
    /// On what source it is recorded, if one is said.
    pub source: Option<Label>,
    /// Whether it was invented.
    pub synthetic: bool,
    /// Whether nothing is to be written.
    pub dry_run: bool,
}

/// Why an import could not be carried out.
#[derive(Debug)]
pub enum Failed {
    /// It may be sent again later.
    Later(String),
    /// Something else went wrong, and is logged.
    Internal,
}

type CarryOut = dyn Fn(Asked) -> BoxFuture<'static, Result<(Reading, Done), Failed>> + Send + Sync;

/// Carries imports out, a few at once.
#[derive(Clone)]
pub struct Import {
    carry_out: Arc<CarryOut>,
    turns: Arc<Semaphore>,
}

impl Import {
    /// Imports, as `carry_out` carries them out.
    #[must_use]
    pub fn new(carry_out: Arc<CarryOut>) -> Self {
        Self {
            carry_out,
            turns: Arc::new(Semaphore::new(limits::IMPORTS_AT_ONCE)),
        }
    }
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    dry_run: bool,
    synthetic: bool,
    file_name: Option<String>,
    source: Option<String>,
}

/// `POST /import/{kind}`.
pub(super) async fn handle(
    State(server): State<Arc<Server>>,
    Extension(known): Extension<Known>,
    Path(kind): Path<String>,
    request: axum::extract::Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    if !same_origin(&parts.headers) {
        return refuse(
            StatusCode::FORBIDDEN,
            "FORBIDDEN_ORIGIN",
            "Cette demande vient de la page d'un autre site.",
        );
    }
    if !known.caller.capabilities().has(Capability::Record) {
        return refuse(
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "Vos habilitations ne donnent pas accès à l'import de fichiers.",
        );
    }
    let Some(kind) = Kind::of(&kind) else {
        return refuse(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "On importe des seances, des accompagnements ou des retours.",
        );
    };
    if !is_spreadsheet(&parts.headers) {
        return refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "Le corps est le fichier lui-même, en text/csv, en XLSX, en ODS ou en \
             application/octet-stream.",
        );
    }
    let Ok(Query(parameters)) = Query::<Parameters>::from_request_parts(&mut parts, &server).await
    else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "BAD_REQUEST",
            "Les paramètres sont dryRun, synthetic (true ou false), fileName et source.",
        );
    };
    let Ok(_turn) = Arc::clone(&server.import.turns).try_acquire_owned() else {
        return later("D'autres imports sont en cours ; réessayez dans un moment.");
    };
    match bytes(&parts.headers, body).await {
        Ok(bytes) => carry_out(&server, known.caller, kind, (parameters, bytes)).await,
        Err(response) => response,
    }
}

fn is_spreadsheet(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().to_ascii_lowercase();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    [CSV, XLSX, ODS, BYTES].contains(&media_type)
}

fn later(message: &str) -> Response {
    let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
    response
}

/// The whole body, within bounds.
async fn bytes(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Response> {
    let too_large = || {
        let mebibytes = limits::IMPORT_FILE_BYTES_MAX / (1024 * 1024);
        refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            "FILE_TOO_LARGE",
            &format!("Un fichier compte au plus {mebibytes} Mio."),
        )
    };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limits::IMPORT_FILE_BYTES_MAX) {
        drain(body).await;
        return Err(too_large());
    }
    let read = to_bytes(body, limits::IMPORT_FILE_BYTES_MAX);
    match tokio::time::timeout(limits::IMPORT_UPLOAD, read).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(error)) => {
            let limited = std::error::Error::source(&error)
                .is_some_and(|cause| cause.to_string().contains("length limit"));
            Err(if limited {
                too_large()
            } else {
                refuse(
                    StatusCode::BAD_REQUEST,
                    "BAD_REQUEST",
                    "Le fichier n'est pas arrivé en entier.",
                )
            })
        }
        Err(_) => Err(refuse(
            StatusCode::REQUEST_TIMEOUT,
            "DEADLINE",
            "Le fichier n'est pas arrivé à temps.",
        )),
    }
}

async fn carry_out(
    server: &Server,
    caller: Caller,
    kind: Kind,
    (parameters, bytes): (Parameters, Vec<u8>),
) -> Response {
    let file_name = parameters.file_name.as_deref();
    let source = parameters.source.as_deref().map(Label::try_new);
    let source = match source.transpose() {
        Ok(source) => source,
        Err(refusal) => {
            return refuse(
                StatusCode::BAD_REQUEST,
                refusal.code(),
                &refusal.to_string(),
            );
        }
    };
    // Reading takes the processor for long: others are answered meanwhile.
    let read = tokio::task::spawn_blocking(move || import::read(&bytes, kind)).await;
    let reading = match read {
        Ok(Ok(reading)) => reading,
        Ok(Err(refused)) => {
            let report = Report {
                file_name,
                read: Err(&refused),
                done: Done::Read,
            };
            return answer(StatusCode::UNPROCESSABLE_ENTITY, &report);
        }
        Err(error) => {
            tracing::error!(%error, "reading a file had panicked");
            return internal();
        }
    };
    let asked = Asked {
        reading,
        caller,
        source,
        synthetic: parameters.synthetic,
        dry_run: parameters.dry_run,
    };
    match (server.import.carry_out)(asked).await {
        Ok((reading, done)) => {
            let report = Report {
                file_name,
                read: Ok(&reading),
                done,
            };
            answer(StatusCode::OK, &report)
        }
        Err(Failed::Later(message)) => later(&message),
        Err(Failed::Internal) => internal(),
    }
}

fn internal() -> Response {
    refuse(
        StatusCode::INTERNAL_SERVER_ERROR,
        "INTERNAL",
        "Une erreur interne est survenue ; ce qui n'est pas inscrit le sera en renvoyant le fichier.",
    )
}

fn answer(status: StatusCode, report: &Report<'_>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, report.to_json().to_string()).into_response()
}

/// `GET /import/modele/{kind}.{csv|xlsx}`.
pub(super) async fn template(Path(name): Path<String>) -> Response {
    let (kind, format) = name.split_once('.').unwrap_or((&name, ""));
    let made = Kind::of(kind).and_then(|kind| match format {
        "csv" => Some((CSV, Ok(csv_template(kind)))),
        "xlsx" => Some((XLSX, xlsx_template(kind))),
        _ => None,
    });
    match made {
        Some((media_type, Ok(bytes))) => {
            let disposition = format!("attachment; filename=\"{kind}.{format}\"");
            let headers = [
                (header::CONTENT_TYPE, media_type.to_owned()),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            (headers, bytes).into_response()
        }
        Some((_, Err(error))) => {
            tracing::error!(%error, "a template could not be made");
            internal()
        }
        None => refuse(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "Les modèles sont seances, accompagnements et retours, en .csv ou en .xlsx.",
        ),
    }
}
