//! What an operation consists of: read from an address or from a body, and admitted before it is
//! executed.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use async_graphql::{
    Request, ServerError, Value, Variables,
    parser::types::{ExecutableDocument, OperationDefinition, OperationType},
};
use axum::{
    body::{Body, to_bytes},
    extract::Query,
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use futures_util::StreamExt;

use super::{
    Server,
    rate::{Purse, Wait},
    traced::Traced,
    trusted::{Hash, Raw, Sent},
};
use crate::{
    access::Caller,
    domain::terms::Position,
    graphql::{
        self, Consistency, Moment, Parsed,
        admit::admit,
        cost::{Cost, cost},
        is_of_positions,
    },
    limits::{self, COST_BUDGET, REQUEST_COST},
};

/// By which extension, and by which header, a request asks to be answered of a position at least.
const AT_LEAST: &str = "atLeast";
const AT_LEAST_HEADER: &str = "carnet-at-least";
/// By which it names the log that its positions are of.
const LOG: &str = "log";
const LOG_HEADER: &str = "carnet-log";

/// The parameters of an operation, its document found.
#[derive(Debug)]
pub(super) struct Parameters {
    pub query: String,
    /// The hash of that.
    pub hash: Hash,
    pub operation_name: Option<String>,
    pub variables: Option<serde_json::Map<String, serde_json::Value>>,
    pub extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// A request that may be executed.
pub(super) struct Admitted {
    pub request: Request,
    /// What it costs, and that is paid.
    pub cost: Cost,
    pub kind: Kind,
    /// Whether its answer is wholly of positions that it names.
    pub lasting: bool,
    /// Its document.
    pub parsed: Option<Arc<Parsed>>,
    /// The hash of its text.
    pub hash: Hash,
}

/// What may be executed of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Kind {
    pub mutates: bool,
    pub follows: bool,
}

/// Why a request is not executed.
pub(super) enum Unadmitted {
    /// For what it is.
    Error(ServerError),
    /// Because its caller has spent too much.
    Spent(Wait),
}

impl From<ServerError> for Unadmitted {
    fn from(error: ServerError) -> Self {
        Self::Error(error)
    }
}

impl From<Wait> for Unadmitted {
    fn from(wait: Wait) -> Self {
        Self::Spent(wait)
    }
}

impl From<Unadmitted> for ServerError {
    fn from(unadmitted: Unadmitted) -> Self {
        match unadmitted {
            Unadmitted::Error(error) => error,
            Unadmitted::Spent(wait) => {
                let mut error = request_error("RATE_LIMITED", &spent(wait));
                let extensions = error.extensions.get_or_insert_default();
                extensions.set("retryAfter", wait.seconds());
                error
            }
        }
    }
}

/// That a caller has spent too much.
pub(super) fn spent(wait: Wait) -> String {
    format!(
        "Vos demandes ont dépassé ce que l'on accorde par minute ; réessayez dans {} s (voir « \
         rateLimit »).",
        wait.seconds()
    )
}

impl Parameters {
    /// The request, if its document is worth parsing, then worth validating, and no dearer than one
    /// operation may be, nor than its caller may spend. One that cannot be parsed is left to the
    /// execution, which says why. A query is wholly of the moment `at`; a mutation's answer is of the
    /// moment after it, a subscription's of many.
    pub(super) async fn admit(
        self,
        server: &Server,
        caller: &Caller,
        purse: &Purse,
        (mut at, traced): (Option<Moment>, &Traced),
    ) -> Result<Admitted, Unadmitted> {
        let consistency = self.consistency()?;
        if consistency != Consistency::default() {
            consistency.reach(&server.schema).await?;
            // Not that of before it was reached.
            at = graphql::now(&server.schema, caller);
        }
        let too_much =
            |too_much: graphql::guard::TooMuch| request_error("TOO_COMPLEX", &too_much.to_string());
        let parsing = traced.step("parse");
        let parsed = server.documents.parse(&self.query).map_err(too_much)?;
        drop(parsing);
        let mut request = Request::new(self.query).data(graphql::ContentAsked::default());
        if let Some(variables) = self.variables {
            request = request.variables(Variables::from_json(serde_json::Value::Object(variables)));
        }
        if let Some(extensions) = self.extensions {
            let known = extensions
                .into_iter()
                .filter_map(|(name, value)| Some((name, Value::from_json(value).ok()?)));
            request.extensions = async_graphql::Extensions(known.collect());
        }
        let mut kind = Kind::default();
        let mut lasting = false;
        let mut paid = Cost {
            requested: REQUEST_COST,
            of_now: false,
        };
        if let Some(parsed) = &parsed {
            let document = &parsed.document;
            let name = self.operation_name.as_deref();
            let meant = meant(document, name);
            traced.meant(document, &meant, name);
            let is = |kind: OperationType| meant.iter().any(|operation| operation.ty == kind);
            kind.mutates = is(OperationType::Mutation);
            kind.follows = is(OperationType::Subscription);
            if let Some(name) = missing_variable(&meant, &request.variables) {
                let message =
                    format!("La variable « ${name} » est obligatoire et n'est pas donnée.");
                return Err(request_error("BAD_USER_INPUT", &message).into());
            }
            lasting = meant
                .iter()
                .all(|operation| is_of_positions(operation, &request.variables));
            paid = cost(document, name, &request.variables);
            traced.cost(paid);
            if paid.is_too_much() {
                return Err(too_dear(paid).into());
            }
            // What every request costs is paid already.
            let rest = paid.requested.saturating_sub(REQUEST_COST);
            if let Some(allowance) = purse.spend(rest)? {
                request = request.data(allowance);
            }
            request.set_parsed_query(document.clone());
        }
        if let Some(name) = self.operation_name {
            request = request.operation_name(name);
        }
        if let Some(at) = at
            && kind == Kind::default()
        {
            request = request.data(at);
        }
        let request = admit(&server.schema, request, caller).await?;
        // After what a caller may ask for at all: who may not is told nothing of its types.
        if let Some(invalid) = parsed.as_ref().and_then(|it| it.valid.as_ref().err()) {
            return Err(ServerError::from(invalid).into());
        }
        Ok(Admitted {
            request,
            cost: paid,
            kind,
            lasting,
            parsed,
            hash: self.hash,
        })
    }

    /// Notes what the headers of a request say of the positions in it, where its extensions do not.
    pub(super) fn note(&mut self, headers: &HeaderMap) {
        for (header, name) in [(AT_LEAST_HEADER, AT_LEAST), (LOG_HEADER, LOG)] {
            // Not as text, it is none of what is understood, and refused as such.
            let Some(value) = headers.get(header) else {
                continue;
            };
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            let extensions = self.extensions.get_or_insert_default();
            extensions.entry(name).or_insert(value.into());
        }
    }

    /// What is said of the positions in it.
    pub(super) fn consistency(&self) -> Result<Consistency, ServerError> {
        let said = |name: &str| self.extensions.as_ref().and_then(|said| said.get(name));
        let at_least = said(AT_LEAST).filter(|it| !it.is_null()).map(|said| {
            let position = match said {
                serde_json::Value::String(text) => text.parse().ok(),
                serde_json::Value::Number(number) => number.as_u64(),
                serde_json::Value::Null
                | serde_json::Value::Bool(_)
                | serde_json::Value::Array(_)
                | serde_json::Value::Object(_) => None,
            };
            position.map(Position).ok_or_else(|| {
                let message = "« atLeast » est une position : un entier à partir de 0, écrit en \
                               chaîne.";
                request_error("BAD_USER_INPUT", message)
            })
        });
        let log = said(LOG).filter(|it| !it.is_null()).map(|said| {
            said.as_str().map(str::to_owned).ok_or_else(|| {
                let message = "« log » est l'identité d'un journal, écrite en chaîne.";
                request_error("BAD_USER_INPUT", message)
            })
        });
        Ok(Consistency {
            at_least: at_least.transpose()?,
            log: log.transpose()?,
        })
    }

    /// The name of the operation, where it is one that may be logged.
    pub(super) fn name(&self) -> Option<&str> {
        Self::loggable(self.operation_name.as_deref()?)
    }

    /// A name of an operation, where it may be logged.
    pub(super) fn loggable(name: &str) -> Option<&str> {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        (name.len() <= limits::OPERATION_NAME_BYTES_MAX && name.bytes().all(is_name))
            .then_some(name)
    }
}

fn too_dear(cost: Cost) -> ServerError {
    let requested = cost.requested;
    let message = format!(
        "Cette opération coûterait {requested}, et une opération coûte au plus {COST_BUDGET} : \
         demandez moins d'éléments par page, ou moins de champs sous les listes (voir « \
         explainCost »)."
    );
    let mut error = request_error("COST_EXCEEDED", &message);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("requested", requested);
    extensions.set("budget", COST_BUDGET);
    error
}

/// A variable that the operation to be executed insists on, and that is not given. The library
/// takes it for null, and so for an argument left out.
fn missing_variable(meant: &[&OperationDefinition], given: &Variables) -> Option<String> {
    let mut declared = meant
        .iter()
        .flat_map(|operation| &operation.variable_definitions)
        .map(|definition| &definition.node)
        .filter(|variable| !variable.var_type.node.nullable && variable.default_value.is_none());
    declared
        .find(|variable| matches!(given.get(&variable.name.node), None | Some(Value::Null)))
        .map(|variable| variable.name.node.to_string())
}

/// The operation to be executed; none where the document has none of that name, all of them where it
/// has several and none is named.
fn meant<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Vec<&'a OperationDefinition> {
    let operations = document.operations.iter();
    operations
        .filter(|(known, _)| match (name, known) {
            (Some(name), Some(known)) => known.as_str() == name,
            (Some(_), None) => false,
            (None, _) => true,
        })
        .map(|(_, operation)| &operation.node)
        .collect()
}

pub(super) fn request_error(code: &str, message: &str) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code);
    error
}

/// Why a request is not even an operation.
pub(super) struct Refused {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: Cow<'static, str>,
}

impl Refused {
    fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    fn bad(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }
}

/// The parameters that stand in an address.
pub(super) fn from_query(parts: &Parts) -> Result<Sent, Refused> {
    let Query(mut fields) = Query::<HashMap<String, String>>::try_from_uri(&parts.uri)
        .map_err(|_| Refused::bad("Les paramètres de l'adresse ne se lisent pas."))?;
    let mut json = |name: &str| {
        fields
            .remove(name)
            .filter(|text| !text.is_empty())
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|_| Refused::bad(format!("Le paramètre « {name} » n'est pas un objet JSON.")))
    };
    let (variables, extensions) = (json("variables")?, json("extensions")?);
    let mut named = |name: &str| fields.remove(name).filter(|text| !text.is_empty());
    let raw = Raw {
        document_id: named("documentId"),
        operation_name: named("operationName"),
        query: fields.remove("query"),
        variables,
        extensions,
    };
    Sent::try_from(raw).map_err(|why| Refused::bad(format!("Les paramètres de l'adresse : {why}.")))
}

/// The parameters that a body is.
pub(super) async fn from_body(parts: &Parts, body: Body) -> Result<Sent, Refused> {
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
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(Refused::new(
            StatusCode::BAD_REQUEST,
            "BATCHING_OFF",
            "Les opérations viennent une par une, non par liste.",
        ));
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        Refused::bad(format!(
            "Le corps n'est pas une opération GraphQL en JSON (un objet avec « query », ou \
             « documentId ») : {error}."
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
