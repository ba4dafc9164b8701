//! One operation over HTTP, after the GraphQL-over-HTTP specification.

use std::collections::HashMap;

use async_graphql::{
    Request, Response as Answer, ServerError, Value, Variables,
    parser::types::{OperationDefinition, OperationType},
};
use axum::{
    Extension,
    body::{Body, Bytes, to_bytes},
    extract::{FromRequestParts, Query, State, WebSocketUpgrade},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use serde::Deserialize;

use super::{
    Server,
    accept::{self, MediaType},
    same_origin, socket,
};
use crate::{
    access::Caller,
    graphql::{self, Moment, admit::admit, finish_for, guard},
    identity::Known,
    limits,
};

/// The parameters of an operation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    pub query: String,
    #[serde(default)]
    pub operation_name: Option<String>,
    #[serde(default)]
    pub variables: Option<serde_json::Map<String, serde_json::Value>>,
    #[serde(default)]
    extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

impl Parameters {
    /// The request, if its document is worth parsing, and then worth validating. One that cannot be
    /// parsed is left to the execution, which says why. A query is wholly of the moment `at`; a
    /// mutation's answer is of the moment after it, a subscription's of many.
    pub(super) async fn request(
        self,
        server: &Server,
        caller: &Caller,
        at: Option<Moment>,
    ) -> Result<Request, ServerError> {
        let too_much =
            |too_much: guard::TooMuch| request_error("TOO_COMPLEX", &too_much.to_string());
        guard::check(&self.query).map_err(too_much)?;
        let mut request = Request::new(self.query).data(graphql::ContentAsked::default());
        if let Some(name) = self.operation_name {
            request = request.operation_name(name);
        }
        if let Some(variables) = self.variables {
            request = request.variables(Variables::from_json(serde_json::Value::Object(variables)));
        }
        if let Some(extensions) = self.extensions {
            let known = extensions
                .into_iter()
                .filter_map(|(name, value)| Some((name, Value::from_json(value).ok()?)));
            request.extensions = async_graphql::Extensions(known.collect());
        }
        if let Ok(document) = request.parsed_query() {
            guard::check_expanded(document).map_err(too_much)?;
        }
        if let Some(name) = missing_variable(&mut request) {
            let message = format!("La variable « ${name} » est obligatoire et n'est pas donnée.");
            return Err(request_error("BAD_USER_INPUT", &message));
        }
        if let Some(at) = at
            && !may_be(OperationType::Mutation, &mut request)
            && !may_be(OperationType::Subscription, &mut request)
        {
            request = request.data(at);
        }
        admit(&server.schema, request, caller).await
    }
}

/// Why a request is not even an operation.
struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refused {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }
}

/// `/graphql`, whatever the method.
pub(super) async fn handle(
    State(server): State<Server>,
    Extension(known): Extension<Known>,
    request: axum::extract::Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    if parts.headers.contains_key(header::UPGRADE) {
        return upgrade(server, known, &mut parts).await;
    }
    let Some(media_type) = accept::media_type(&parts.headers) else {
        return refuse(
            StatusCode::NOT_ACCEPTABLE,
            "NOT_ACCEPTABLE",
            "Les réponses sont en application/graphql-response+json ou application/json.",
        );
    };
    let parameters = match parts.method {
        Method::GET => from_query(&parts),
        Method::POST => from_body(&parts, body).await,
        _ => {
            let mut response = refuse(
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "Une opération vient par GET ou par POST.",
            );
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
            return response;
        }
    };
    match parameters {
        Ok(parameters) => {
            let asked = (parameters, &parts.method);
            execute(&server, &known.caller, asked, media_type).await
        }
        Err(refused) => refuse(refused.status, refused.code, &refused.message),
    }
}

async fn upgrade(server: Server, known: Known, parts: &mut Parts) -> Response {
    if !same_origin(&parts.headers) {
        return refuse(
            StatusCode::FORBIDDEN,
            "FORBIDDEN_ORIGIN",
            "Cette connexion vient de la page d'un autre site.",
        );
    }
    match WebSocketUpgrade::from_request_parts(parts, &server).await {
        Ok(upgrade) => socket::accept(upgrade, server, known),
        Err(rejection) => refuse(
            rejection.status(),
            "BAD_UPGRADE",
            "Cette demande de WebSocket est mal formée.",
        ),
    }
}

fn from_query(parts: &Parts) -> Result<Parameters, Refused> {
    let Query(mut fields) = Query::<HashMap<String, String>>::try_from_uri(&parts.uri)
        .map_err(|_| Refused::bad("Les paramètres de l'adresse ne se lisent pas."))?;
    let query = fields
        .remove("query")
        .ok_or_else(|| Refused::bad("Le paramètre « query » manque."))?;
    let mut json = |name: &str| {
        fields
            .remove(name)
            .filter(|text| !text.is_empty())
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|_| Refused::bad(format!("Le paramètre « {name} » n'est pas un objet JSON.")))
    };
    Ok(Parameters {
        query,
        variables: json("variables")?,
        extensions: json("extensions")?,
        operation_name: fields
            .remove("operationName")
            .filter(|name| !name.is_empty()),
    })
}

async fn from_body(parts: &Parts, body: Body) -> Result<Parameters, Refused> {
    let content_type = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut pieces = content_type.split(';').map(str::trim);
    let is_json = pieces.next() == Some("application/json");
    let is_utf8 = pieces.all(|piece| match piece.split_once('=') {
        Some(("charset", charset)) => charset.trim_matches('"') == "utf-8",
        _ => true,
    });
    if !is_json || !is_utf8 {
        return Err(Refused::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "Le corps d'une opération est en application/json, UTF-8.",
        ));
    }
    let announced = parts
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    let too_large = || {
        Refused::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "PAYLOAD_TOO_LARGE",
            format!(
                "Le corps d'une opération compte au plus {} octets.",
                limits::BODY_BYTES_MAX
            ),
        )
    };
    if announced.is_some_and(|length| length > limits::BODY_BYTES_MAX) {
        drain(body).await;
        return Err(too_large());
    }
    let bytes = to_bytes(body, limits::BODY_BYTES_MAX)
        .await
        .map_err(|error| {
            let limited = std::error::Error::source(&error)
                .is_some_and(|cause| cause.to_string().contains("length limit"));
            if limited {
                too_large()
            } else {
                Refused::bad("Le corps n'est pas arrivé en entier.")
            }
        })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Refused::bad(format!(
            "Le corps n'est pas une opération GraphQL en JSON (un objet avec « query ») : {error}."
        ))
    })
}

/// Takes in and forgets a body that is refused, within bounds: a client that is still writing when
/// the connection is closed would never see why.
pub(super) async fn drain(body: Body) {
    let mut rest = limits::REFUSED_BODY_BYTES_MAX;
    let mut body = body.into_data_stream();
    let drained = async {
        while let Some(Ok(chunk)) = body.next().await {
            match rest.checked_sub(chunk.len()) {
                Some(left) => rest = left,
                None => break,
            }
        }
    };
    if tokio::time::timeout(limits::REFUSED_BODY, drained)
        .await
        .is_err()
    {
        tracing::debug!("a refused body did not end in time");
    }
}

async fn execute(
    server: &Server,
    caller: &Caller,
    (parameters, method): (Parameters, &Method),
    media_type: MediaType,
) -> Response {
    let at = graphql::now(&server.schema, caller);
    let asked = at.map(|at| server.answers.asked(at, caller, &parameters));
    if let Some(body) = asked.and_then(|asked| server.answers.get(&asked)) {
        return respond(StatusCode::OK, body, media_type);
    }
    let mut request = match parameters.request(server, caller, at).await {
        Ok(request) => request,
        Err(error) => return answer(&Answer::from_errors(vec![error]), media_type),
    };
    if *method == Method::GET && may_be(OperationType::Mutation, &mut request) {
        let mut response = refuse(
            StatusCode::METHOD_NOT_ALLOWED,
            "METHOD_NOT_ALLOWED",
            "Par GET on ne fait que lire ; une mutation vient par POST.",
        );
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let reads = !may_be(OperationType::Mutation, &mut request);
    let executed = tokio::time::timeout(limits::OPERATION, server.schema.execute(request)).await;
    let response = executed.unwrap_or_else(|_| {
        Answer::from_errors(vec![request_error(
            "DEADLINE",
            "L'opération a dépassé le temps qui lui est donné.",
        )])
    });
    if let Some(asked) = asked
        && reads
        && response.errors.is_empty()
        && let Ok(body) = serde_json::to_vec(&response)
    {
        let body = Bytes::from(body);
        server.answers.keep(asked, body.clone());
        return respond(StatusCode::OK, body, media_type);
    }
    answer(&finish_for(response, caller), media_type)
}

fn respond(status: StatusCode, body: Bytes, media_type: MediaType) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.header()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::VARY, HeaderValue::from_static("accept")),
    ];
    (status, headers, body).into_response()
}

/// Whether the operation to be executed may be of that kind; one that cannot be told is left to
/// the execution, which refuses it.
pub(super) fn may_be(kind: OperationType, request: &mut Request) -> bool {
    meant(request).iter().any(|operation| operation.ty == kind)
}

/// A variable that the operation to be executed insists on, and that is not given. The library
/// takes it for null, and so for an argument left out.
fn missing_variable(request: &mut Request) -> Option<String> {
    let given = std::mem::take(&mut request.variables);
    let missing = meant(request)
        .iter()
        .flat_map(|operation| &operation.variable_definitions)
        .map(|definition| &definition.node)
        .filter(|variable| !variable.var_type.node.nullable && variable.default_value.is_none())
        .find(|variable| matches!(given.get(&variable.name.node), None | Some(Value::Null)))
        .map(|variable| variable.name.node.to_string());
    request.variables = given;
    missing
}

/// The operation to be executed; none where the document cannot be parsed or has none of that
/// name, all of them where it has several and none is named.
fn meant(request: &mut Request) -> Vec<&OperationDefinition> {
    let name = request.operation_name.clone();
    let Ok(document) = request.parsed_query() else {
        return Vec::new();
    };
    let operations = document.operations.iter();
    operations
        .filter(|(known, _)| match (&name, known) {
            (Some(name), Some(known)) => known.as_str() == name,
            (Some(_), None) => false,
            (None, _) => true,
        })
        .map(|(_, operation)| &operation.node)
        .collect()
}

fn request_error(code: &str, message: &str) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code);
    error
}

/// Whether nothing was executed at all: then there is no `data`.
pub(super) fn is_request_error(answer: &Answer) -> bool {
    answer.data == Value::Null
        && !answer.errors.is_empty()
        && answer.errors.iter().all(|error| error.path.is_empty())
}

fn answer(answer: &Answer, media_type: MediaType) -> Response {
    let request_error = is_request_error(answer);
    let status = if request_error && media_type == MediaType::GraphqlResponse {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let body = if request_error {
        serde_json::to_vec(&serde_json::json!({ "errors": answer.errors }))
    } else {
        serde_json::to_vec(answer)
    };
    match body {
        Ok(body) => respond(status, body.into(), media_type),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A refusal before any operation: an `errors` list like any other.
pub(super) fn refuse(status: StatusCode, code: &'static str, message: &str) -> Response {
    let body = serde_json::json!({
        "errors": [{ "message": message, "extensions": { "code": code } }]
    });
    (
        status,
        [(header::CONTENT_TYPE, MediaType::Json.header())],
        body.to_string(),
    )
        .into_response()
}
