//! One type on its page.

use std::fmt::{Result, Write};

use async_graphql::parser::types::{
    ConstDirective, FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind,
};
use async_graphql::{Positioned, Value};

use super::{Book, line};
use crate::{
    access::{
        Role,
        policy::{COLUMNS, Capability},
        table::{SEALED, asked_for},
    },
    graphql::cost::told,
};

/// Writes a type: the fields of a root each under a heading of its own, all others in a table.
pub(super) fn write(page: &mut String, book: &Book, name: &str, of: &TypeDefinition) -> Result {
    let description = of.description.as_ref().map(|text| text.node.as_str());
    if matches!(name, "Query" | "Mutation" | "Subscription") {
        if let TypeKind::Object(object) = &of.kind {
            for field in &object.fields {
                root(page, book, name, &field.node)?;
            }
        }
        return Ok(());
    }
    write!(page, "\n## {name}\n\n{}\n\n", text(description))?;
    match &of.kind {
        TypeKind::Scalar => specified(page, &of.directives),
        TypeKind::Object(object) => {
            let interfaces = object.implements.iter();
            let interfaces: Vec<&str> = interfaces.map(|it| it.node.as_str()).collect();
            if !interfaces.is_empty() {
                write!(page, "Is a `{}`.\n\n", interfaces.join("`, `"))?;
            }
            table(page, book, name, &object.fields)
        }
        TypeKind::Interface(interface) => table(page, book, name, &interface.fields),
        TypeKind::Union(union) => {
            let members = union.members.iter();
            let members: Vec<&str> = members.map(|it| it.node.as_str()).collect();
            writeln!(page, "One of `{}`.", members.join("`, `"))
        }
        TypeKind::Enum(values) => {
            writeln!(page, "| Value | Meaning |\n|---|---|")?;
            for value in &values.values {
                let value = &value.node;
                let about = value.description.as_ref().map(|text| text.node.as_str());
                let about = line(about.unwrap_or_default());
                let gone = deprecated(&value.directives);
                writeln!(page, "| `{}` | {about}{gone} |", value.value.node)?;
            }
            Ok(())
        }
        TypeKind::InputObject(input) => inputs(page, book, &input.fields),
    }
}

/// The names of the fields of a type.
pub(super) fn fields(book: &Book, name: &str) -> Vec<String> {
    let kind = book.0.get(name).map(|of| &of.kind);
    let Some(TypeKind::Object(object)) = kind else {
        return vec![name.to_owned()];
    };
    let fields = object.fields.iter();
    fields.map(|it| it.node.name.node.to_string()).collect()
}

/// A description in its own lines.
fn text(description: Option<&str>) -> String {
    description.unwrap_or_default().trim().to_owned()
}

fn root(page: &mut String, book: &Book, of: &str, field: &FieldDefinition) -> Result {
    let name = field.name.node.as_str();
    let description = field.description.as_ref().map(|text| text.node.as_str());
    let asks = asked_for(of, name);
    let who = asks.map_or_else(String::new, roles);
    write!(
        page,
        "\n## {name}\n\n{}{}\n\n| Answers | Asks for | Cost |\n|---|---|---|\n| {} | {}: {who} | {} |\n",
        text(description),
        deprecated(&field.directives),
        book.link(&field.ty.node),
        asks.map_or("", Capability::name),
        told(of, name),
    )?;
    if field.arguments.is_empty() {
        return Ok(());
    }
    writeln!(page)?;
    inputs(page, book, &field.arguments)
}

/// Who has a capability.
fn roles(capability: Capability) -> String {
    if capability == Capability::Open {
        return "everybody".to_owned();
    }
    let having = COLUMNS.into_iter().filter(|role| role.may(capability));
    let names: Vec<&str> = having.map(Role::name).collect();
    names.join(", ")
}

fn table(
    page: &mut String,
    book: &Book,
    of: &str,
    fields: &[Positioned<FieldDefinition>],
) -> Result {
    writeln!(
        page,
        "| Field | Type | Asks for | Cost | Meaning |\n|---|---|---|---|---|"
    )?;
    for field in fields {
        let field = &field.node;
        let name = field.name.node.as_str();
        let about = field.description.as_ref().map(|text| text.node.as_str());
        let mut about = line(about.unwrap_or_default());
        about.push_str(&deprecated(&field.directives));
        if SEALED.contains(&(of, name)) {
            about.push_str(" Null for whoever lacks `Personal`.");
        }
        for argument in &field.arguments {
            let argument = &argument.node;
            let said = argument.description.as_ref().map(|text| text.node.as_str());
            let said = line(said.unwrap_or_default());
            let default = default(argument);
            let ty = book.link(&argument.ty.node);
            write!(about, "<br>`{}` {ty}{default}: {said}", argument.name.node)?;
        }
        writeln!(
            page,
            "| `{name}` | {} | {} | {} | {about} |",
            book.link(&field.ty.node),
            asked_for(of, name).map_or("", Capability::name),
            told(of, name),
        )?;
    }
    Ok(())
}

fn inputs(page: &mut String, book: &Book, fields: &[Positioned<InputValueDefinition>]) -> Result {
    writeln!(page, "| Argument | Type | Meaning |\n|---|---|---|")?;
    for field in fields {
        let field = &field.node;
        let about = field.description.as_ref().map(|text| text.node.as_str());
        writeln!(
            page,
            "| `{}` | {}{} | {}{} |",
            field.name.node,
            book.link(&field.ty.node),
            default(field),
            line(about.unwrap_or_default()),
            deprecated(&field.directives),
        )?;
    }
    Ok(())
}

fn default(of: &InputValueDefinition) -> String {
    let default = of.default_value.as_ref();
    default.map_or_else(String::new, |value| format!(" = `{}`", value.node))
}

/// The argument of a directive, as text.
fn said<'a>(
    directives: &'a [Positioned<ConstDirective>],
    name: &str,
    argument: &str,
) -> Option<&'a str> {
    let mut directives = directives.iter().map(|directive| &directive.node);
    let found = directives.find(|directive| directive.name.node.as_str() == name)?;
    match &found.get_argument(argument)?.node {
        Value::String(text) => Some(text),
        Value::Null
        | Value::Number(_)
        | Value::Boolean(_)
        | Value::Binary(_)
        | Value::Enum(_)
        | Value::List(_)
        | Value::Object(_) => None,
    }
}

fn deprecated(directives: &[Positioned<ConstDirective>]) -> String {
    let reason = said(directives, "deprecated", "reason");
    reason.map_or_else(String::new, |why| format!(" **Deprecated:** {}", line(why)))
}

fn specified(page: &mut String, directives: &[Positioned<ConstDirective>]) -> Result {
    match said(directives, "specifiedBy", "url") {
        Some(url) => writeln!(page, "Specified by <{url}>."),
        None => Ok(()),
    }
}
