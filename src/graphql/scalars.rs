//! Our own scalars. Positions and decimals travel as strings: a JSON number would lose them in
//! clients that only know doubles.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value, Variables};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, SecondsFormat};

use crate::domain::terms::{self, time::check_date};

/// What a scalar was given and what it expected, said in French.
fn expected<T: async_graphql::InputType>(given: &Value, what: &str) -> InputValueError<T> {
    let given: String = given.to_string().chars().take(GIVEN_CHARS_MAX).collect();
    let given = given.trim_matches('"');
    InputValueError::custom(format!("« {given} » : {what}."))
        .with_extension("code", "BAD_USER_INPUT")
}

/// How much of a wrong value is said again.
const GIVEN_CHARS_MAX: usize = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date(pub NaiveDate);

/// A civil date, `YYYY-MM-DD`, from 1990 to 2199.
#[Scalar(
    name = "Date",
    specified_by_url = "https://scalars.graphql.org/andimarek/local-date"
)]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let wrong = || {
            expected(
                &value,
                "une date s'écrit AAAA-MM-JJ et existe au calendrier, de 1990 à 2199",
            )
        };
        let Value::String(text) = &value else {
            return Err(wrong());
        };
        // The parser below would take signs, and days and months of one digit.
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shaped {
            return Err(wrong());
        }
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong())?;
        check_date(date).map(Self).map_err(|_| wrong())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instant(pub DateTime<FixedOffset>);

impl<Tz: chrono::TimeZone> From<DateTime<Tz>> for Instant {
    fn from(instant: DateTime<Tz>) -> Self {
        Self(instant.fixed_offset())
    }
}

/// An instant in RFC 3339, with its offset: `2021-05-04T09:00:00+02:00`.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://scalars.graphql.org/andimarek/date-time"
)]
impl ScalarType for Instant {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(expected(&value, "un instant s'écrit selon la RFC 3339"));
        };
        DateTime::parse_from_rfc3339(text)
            .map(Self)
            .map_err(|_| expected(&value, "un instant s'écrit selon la RFC 3339"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LocalTime(pub NaiveTime);

/// A local time, to the minute, on a clock of 24 hours: `09:05`.
#[Scalar(
    name = "LocalTime",
    specified_by_url = "https://html.spec.whatwg.org/multipage/common-microsyntaxes.html#valid-time-string"
)]
impl ScalarType for LocalTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let wrong = || expected(&value, "une heure s'écrit HH:MM, de 00:00 à 23:59");
        let Value::String(text) = &value else {
            return Err(wrong());
        };
        // The parser below would take signs, and numbers of one digit.
        let shaped = text.len() == 5
            && text.bytes().enumerate().all(|(place, byte)| match place {
                2 => byte == b':',
                _ => byte.is_ascii_digit(),
            });
        if !shaped {
            return Err(wrong());
        }
        let time = NaiveTime::parse_from_str(text, "%H:%M");
        time.map(Self).map_err(|_| wrong())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format("%H:%M").to_string())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position(pub terms::Position);

/// A position in the log: a whole number from 0, as a string. 0 stands before the first event.
#[Scalar(
    name = "Position",
    specified_by_url = "https://www.w3.org/TR/xmlschema11-2/#nonNegativeInteger"
)]
impl ScalarType for Position {
    fn parse(value: Value) -> InputValueResult<Self> {
        let wrong = || {
            expected(
                &value,
                "une position est un entier à partir de 0, écrit en chaîne",
            )
        };
        whole(&value)
            .map(|number| Self(terms::Position(number)))
            .ok_or_else(wrong)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cents(pub u64);

impl From<terms::Cents> for Cents {
    fn from(amount: terms::Cents) -> Self {
        Self(amount.get())
    }
}

/// An amount of euros, in cents: a whole number from 0, as a string. `"30000000"` is 300 000 EUR.
#[Scalar(
    name = "Cents",
    specified_by_url = "https://www.w3.org/TR/xmlschema11-2/#nonNegativeInteger"
)]
impl ScalarType for Cents {
    fn parse(value: Value) -> InputValueResult<Self> {
        whole(&value).map(Self).ok_or_else(|| {
            expected(
                &value,
                "un montant est un nombre entier de centimes à partir de 0, écrit en chaîne",
            )
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A whole number from 0, as a string or as a number.
fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) if text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit()) => {
            text.parse().ok()
        }
        Value::Number(number) => number.as_u64(),
        Value::Null
        | Value::String(_)
        | Value::Boolean(_)
        | Value::Binary(_)
        | Value::Enum(_)
        | Value::List(_)
        | Value::Object(_) => None,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal(pub rust_decimal::Decimal);

/// An exact decimal number, as a string: `"0.75"`.
#[Scalar(
    name = "Decimal",
    specified_by_url = "https://www.w3.org/TR/xmlschema11-2/#decimal"
)]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(expected(
                &value,
                "un nombre décimal s'écrit en chaîne, comme \"0.75\"",
            ));
        };
        rust_decimal::Decimal::from_str_exact(text)
            .map(Self)
            .map_err(|_| {
                expected(
                    &value,
                    "un nombre décimal s'écrit en chaîne, comme \"0.75\"",
                )
            })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

macro_rules! text_scalar {
    ($(#[$doc:meta])* $name:ident, $graphql:literal, $url:literal) => {
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(super) struct $name(pub String);

        $(#[$doc])*
        #[Scalar(name = $graphql, specified_by_url = $url)]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                if let Value::String(text) = value {
                    Ok(Self(text))
                } else {
                    Err(expected(&value, "une chaîne est attendue"))
                }
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }
        }
    };
}

text_scalar! {
    /// A commune's code in France's official geographic code: five characters, such as `95658`.
    InseeCode, "InseeCode", "https://www.insee.fr/fr/information/2560452"
}
text_scalar! {
    /// Hours in OpenStreetMap's `opening_hours` syntax, such as `Tu 09:00-12:00`.
    OpeningHours, "OpeningHours",
    "https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification"
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Uuid(pub uuid::Uuid);

/// A UUID, as RFC 9562 writes it. Version 7, which is ordered in time, is kindest to the log.
#[Scalar(
    name = "UUID",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc9562"
)]
impl ScalarType for Uuid {
    fn parse(value: Value) -> InputValueResult<Self> {
        let wrong = || {
            expected(
                &value,
                "un UUID s'écrit 00000000-0000-0000-0000-000000000000",
            )
        };
        let Value::String(text) = &value else {
            return Err(wrong());
        };
        if text.len() != 36 {
            return Err(wrong());
        }
        uuid::Uuid::try_parse(text).map(Self).map_err(|_| wrong())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

#[derive(Debug, Clone)]
pub(super) struct JsonObject(pub Variables);

/// A JSON object: the values of variables, by their names.
#[Scalar(
    name = "JSONObject",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259"
)]
impl ScalarType for JsonObject {
    fn parse(value: Value) -> InputValueResult<Self> {
        if matches!(value, Value::Object(_)) {
            Ok(Self(Variables::from_value(value)))
        } else {
            Err(expected(
                &value,
                "les variables sont un objet, par leurs noms",
            ))
        }
    }

    fn to_value(&self) -> Value {
        let fields = self.0.iter();
        Value::Object(
            fields
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    }
}
