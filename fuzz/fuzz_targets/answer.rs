//! What a document passes before anything of it is executed, fed with what nobody wrote: the guard, the parser,
//! the rules of validation and the cost. None of them panics, each says the same of the same again, and
//! what is refused once is refused from memory too.
#![no_main]

use carnet::graphql::{Documents, cost::cost};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|bytes: &[u8]| {
    // As it comes by HTTP, where it is that; else all of it is the document.
    let body: Option<Map<String, Value>> = serde_json::from_slice(bytes).ok();
    let text = body.as_ref().and_then(|body| body.get("query")?.as_str());
    let Some(text) = text.or_else(|| std::str::from_utf8(bytes).ok()) else {
        return;
    };
    let part = |name: &str| body.as_ref().and_then(|body| body.get(name));
    let variables = part("variables").cloned().unwrap_or_default();
    let variables = serde_json::from_value(variables).unwrap_or_default();
    let operation = part("operationName").and_then(Value::as_str);

    let (documents, others) = (Documents::default(), Documents::default());
    let first = documents.parse(text);
    for again in [documents.parse(text), others.parse(text)] {
        match (&first, &again) {
            (Ok(Some(one)), Ok(Some(other))) => {
                assert_eq!(one.valid, other.valid);
                let [one, other] =
                    [one, other].map(|parsed| cost(&parsed.document, operation, &variables));
                assert_eq!(one, other);
            }
            (Ok(None), Ok(None)) => {}
            (Err(one), Err(other)) => assert_eq!(one, other),
            _ => panic!("{first:?}, and then {again:?}"),
        }
    }
});
