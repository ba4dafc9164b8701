//! Excel workbooks, from 2007 on.
//!
//! They are read here and not by `calamine`, which reads them too and reads more: it makes room for
//! as many shared strings as a file *says* it has, so that a small file stops the program, and it
//! refuses a whole workbook for one error value that it does not know. The tests hold this reader
//! against it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use quick_xml::events::BytesStart;
use rust_decimal::Decimal;

use super::{
    Sheet, Sheets,
    package::Package,
    xml::{Next, Xml},
};
use crate::{
    import::{
        fault::Fault,
        table::{Area, Cell, Epoch, Table, seconds},
    },
    limits,
};

/// A workbook.
pub(super) struct Book<'a> {
    package: Package<'a>,
    sheets: Vec<(Sheet, String)>,
    strings: Vec<String>,
    formats: Vec<Format>,
    epoch: Epoch,
}

/// How a number is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Number,
    Date,
    Time,
    Elapsed,
}

impl<'a> Book<'a> {
    /// Reads all of the workbook but its sheets.
    pub(super) fn open(mut package: Package<'a>) -> Result<Self, Fault> {
        let main = relations(&mut package, "")?
            .into_values()
            .find(|relation| relation.is("officeDocument"))
            .map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.target);
        let related = relations(&mut package, &main)?;
        let of_kind = |kind: &str| {
            related
                .values()
                .find(|relation| relation.is(kind))
                .map(|relation| relation.target.clone())
        };
        let strings = match of_kind("sharedStrings") {
            Some(part) => strings(&package.required(&part)?, &part)?,
            None => Vec::new(),
        };
        let formats = match of_kind("styles") {
            Some(part) => formats(&package.required(&part)?, &part)?,
            None => Vec::new(),
        };
        let text = package.required(&main)?;
        let mut xml = Xml::new(&text, &main);
        let mut sheets = Vec::new();
        let mut epoch = Epoch::From1900;
        loop {
            match xml.next()? {
                Next::Start(start) if start.local_name().as_ref() == "workbookPr" => {
                    let said = xml.attribute(&start, "date1904")?;
                    if matches!(said.as_deref(), Some("1" | "true")) {
                        epoch = Epoch::From1904;
                    }
                }
                Next::Start(start) if start.local_name().as_ref() == "sheet" => {
                    let id = xml.local_attribute(&start, "id")?.unwrap_or_default();
                    let Some(relation) = related.get(&id).filter(|one| one.is("worksheet")) else {
                        continue;
                    };
                    let state = xml.attribute(&start, "state")?;
                    let sheet = Sheet {
                        name: xml.attribute(&start, "name")?.unwrap_or_default(),
                        visible: matches!(state.as_deref(), None | Some("visible")),
                    };
                    sheets.push((sheet, relation.target.clone()));
                }
                Next::End_ => break,
                Next::Start(_) | Next::End(_) | Next::Text(_) => {}
            }
        }
        Ok(Self {
            package,
            sheets,
            strings,
            formats,
            epoch,
        })
    }
}

impl Sheets for Book<'_> {
    fn sheets(&self) -> Vec<Sheet> {
        self.sheets.iter().map(|(sheet, _)| sheet.clone()).collect()
    }

    fn table(&mut self, place: usize) -> Result<Table, Fault> {
        let Some((_, part)) = self.sheets.get(place) else {
            return Err(Fault::NoSheet);
        };
        let part = part.clone();
        let text = self.package.required(&part)?;
        let mut table = Table::counting_from(self.epoch);
        let mut xml = Xml::new(&text, &part);
        let mut row = 0_u32;
        let mut column = 0_u32;
        loop {
            match xml.next()? {
                Next::Start(start) => match start.local_name().as_ref() {
                    "row" => {
                        row = match xml.attribute(&start, "r")? {
                            Some(number) => number.parse().map_err(|_| xml.damaged())?,
                            None => row.saturating_add(1),
                        };
                        column = 0;
                    }
                    "c" => {
                        let at = xml.attribute(&start, "r")?;
                        if let Some(at) = at {
                            let (told_row, told_column) =
                                place_of(&at).ok_or_else(|| xml.damaged())?;
                            row = told_row.saturating_add(1);
                            column = told_column;
                        }
                        if let Some(cell) = self.cell(&mut xml, &start)? {
                            table.push(row.saturating_sub(1), column, cell)?;
                        }
                        column = column.saturating_add(1);
                    }
                    "mergeCell" => {
                        let area = xml.attribute(&start, "ref")?.unwrap_or_default();
                        table.merged.extend(area_of(&area));
                    }
                    _ => {}
                },
                Next::End_ => return Ok(table),
                Next::End(_) | Next::Text(_) => {}
            }
        }
    }
}

impl Book<'_> {
    /// Reads a cell to its end.
    fn cell(&self, xml: &mut Xml<'_>, start: &BytesStart<'_>) -> Result<Option<Cell>, Fault> {
        let kind = xml.attribute(start, "t")?;
        let style = xml.attribute(start, "s")?;
        let mut formula = false;
        let mut value: Option<String> = None;
        loop {
            match xml.next()? {
                Next::Start(inner) => match inner.local_name().as_ref() {
                    "v" => value = Some(characters(xml, "v")?),
                    "is" => value = Some(string(xml, "is")?),
                    "f" => {
                        formula = true;
                        xml.skip(&inner)?;
                    }
                    _ => xml.skip(&inner)?,
                },
                Next::End(_) => break,
                Next::Text(_) => {}
                Next::End_ => return Err(xml.damaged()),
            }
        }
        let Some(value) = value else {
            return Ok(formula.then_some(Cell::Uncomputed));
        };
        let cell = match kind.as_deref() {
            Some("s") => {
                let place: usize = value.trim().parse().map_err(|_| xml.damaged())?;
                let shared = self.strings.get(place).ok_or_else(|| xml.damaged())?;
                Cell::Text(shared.clone())
            }
            Some("str") => Cell::Text(unescaped(&value)),
            Some("inlineStr") => Cell::Text(value),
            Some("b") => match value.trim() {
                "0" | "false" => Cell::Bool(false),
                "1" | "true" => Cell::Bool(true),
                _ => Cell::Text(value),
            },
            Some("e") => Cell::Error(value),
            Some("d") => iso(&value).unwrap_or(Cell::Text(value)),
            Some(_) | None => self.number(value, style.as_deref()),
        };
        Ok(Some(cell))
    }

    fn number(&self, value: String, style: Option<&str>) -> Cell {
        let trimmed = value.trim();
        let number = Decimal::from_str_exact(trimmed)
            .or_else(|_| trimmed.parse())
            .or_else(|_| Decimal::from_scientific(trimmed));
        let Ok(number) = number else {
            return Cell::Text(value);
        };
        let format = style
            .and_then(|style| style.parse::<usize>().ok())
            .and_then(|style| self.formats.get(style))
            .copied()
            .unwrap_or(Format::Number);
        let of_day = || {
            let seconds = seconds(number)?;
            u32::try_from(seconds).ok().map(Cell::Duration)
        };
        let cell = match format {
            Format::Number => None,
            Format::Elapsed => of_day(),
            Format::Date | Format::Time if number < Decimal::ONE => of_day(),
            Format::Date | Format::Time => self.epoch.moment(number).map(|(date, time)| {
                Cell::Date(date, Some(time).filter(|time| !is_midnight(*time)))
            }),
        };
        cell.unwrap_or(Cell::Number(number))
    }
}

fn is_midnight(time: chrono::NaiveTime) -> bool {
    time == chrono::NaiveTime::MIN
}

/// A date in the form of ISO 8601.
pub(super) fn iso(text: &str) -> Option<Cell> {
    let text = text.trim().trim_end_matches('Z');
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(Cell::Date(date, None));
    }
    let moment = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    Some(Cell::Date(
        moment.date(),
        Some(moment.time()).filter(|time| !is_midnight(*time)),
    ))
}

/// A part that another one refers to.
struct Relation {
    kind: String,
    target: String,
}

impl Relation {
    fn is(&self, kind: &str) -> bool {
        self.kind.rsplit('/').next() == Some(kind)
    }
}

/// The parts that a part refers to, by the names it gives them.
fn relations(package: &mut Package<'_>, of: &str) -> Result<BTreeMap<String, Relation>, Fault> {
    let (directory, name) = of.rsplit_once('/').unwrap_or(("", of));
    let within = |name: &str| match directory {
        "" => name.to_owned(),
        directory => format!("{directory}/{name}"),
    };
    let part = within(&format!("_rels/{name}.rels"));
    let text = package.required(&part)?;
    let mut xml = Xml::new(&text, &part);
    let mut relations = BTreeMap::new();
    loop {
        match xml.next()? {
            Next::Start(start) if start.local_name().as_ref() == "Relationship" => {
                let target = xml.attribute(&start, "Target")?.unwrap_or_default();
                let target = match target.strip_prefix('/') {
                    Some(absolute) => absolute.to_owned(),
                    None => straightened(&within(&target)),
                };
                relations.insert(
                    xml.attribute(&start, "Id")?.unwrap_or_default(),
                    Relation {
                        kind: xml.attribute(&start, "Type")?.unwrap_or_default(),
                        target,
                    },
                );
            }
            Next::End_ => return Ok(relations),
            Next::Start(_) | Next::End(_) | Next::Text(_) => {}
        }
    }
}

/// A path without `.` and `..`.
fn straightened(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The strings that cells share.
fn strings(text: &str, part: &str) -> Result<Vec<String>, Fault> {
    let mut xml = Xml::new(text, part);
    let mut strings = Vec::new();
    let mut bytes = 0_usize;
    loop {
        match xml.next()? {
            Next::Start(start) if start.local_name().as_ref() == "si" => {
                let string = string(&mut xml, "si")?;
                bytes = bytes.saturating_add(string.len());
                if bytes > limits::IMPORT_TEXT_BYTES_MAX {
                    return Err(Fault::TooMuchText {
                        max: limits::IMPORT_TEXT_BYTES_MAX,
                    });
                }
                if strings.len() >= limits::IMPORT_CELLS_MAX {
                    return Err(Fault::TooManyCells {
                        max: limits::IMPORT_CELLS_MAX,
                    });
                }
                strings.push(string);
            }
            Next::End_ => return Ok(strings),
            Next::Start(_) | Next::End(_) | Next::Text(_) => {}
        }
    }
}

/// The text of a rich string, up to its end; how it is pronounced is left out.
fn string(xml: &mut Xml<'_>, element: &str) -> Result<String, Fault> {
    let mut text = String::new();
    loop {
        match xml.next()? {
            Next::Start(start) => match start.local_name().as_ref() {
                "t" => text.push_str(&characters(xml, "t")?),
                "rPh" => xml.skip(&start)?,
                _ => {}
            },
            Next::End(name) if local(&name) == element => return Ok(unescaped(&text)),
            Next::End(_) | Next::Text(_) => {}
            Next::End_ => return Err(xml.damaged()),
        }
    }
}

/// The characters up to the end of an element.
fn characters(xml: &mut Xml<'_>, element: &str) -> Result<String, Fault> {
    let mut text = String::new();
    loop {
        match xml.next()? {
            Next::Text(more) => text.push_str(&more),
            Next::End(name) if local(&name) == element => return Ok(text),
            Next::Start(_) | Next::End(_) => {}
            Next::End_ => return Err(xml.damaged()),
        }
    }
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// `text` with what Excel writes as `_x000D_` put back.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("_x") {
        let (before, escape) = rest.split_at(start);
        out.push_str(before);
        let unit = escape
            .get(2..6)
            .filter(|_| escape.get(6..7) == Some("_"))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32);
        let taken = match unit {
            Some('\r') => 7,
            Some(unit) => {
                out.push(unit);
                7
            }
            None => {
                out.push_str("_x");
                2
            }
        };
        rest = escape.get(taken..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// How the cell styles show numbers, by their place.
fn formats(text: &str, part: &str) -> Result<Vec<Format>, Fault> {
    let mut xml = Xml::new(text, part);
    let mut custom: BTreeMap<String, Format> = BTreeMap::new();
    let mut formats = Vec::new();
    let mut within = false;
    loop {
        match xml.next()? {
            Next::Start(start) => match start.local_name().as_ref() {
                "numFmt" => {
                    let id = xml.attribute(&start, "numFmtId")?.unwrap_or_default();
                    let code = xml.attribute(&start, "formatCode")?.unwrap_or_default();
                    custom.insert(id, format_of(&code));
                }
                "cellXfs" => within = true,
                "xf" if within => {
                    let id = xml.attribute(&start, "numFmtId")?.unwrap_or_default();
                    let known = custom.get(&id).copied();
                    formats.push(known.unwrap_or_else(|| builtin(&id)));
                }
                _ => {}
            },
            Next::End(name) if local(&name) == "cellXfs" => within = false,
            Next::End_ => return Ok(formats),
            Next::End(_) | Next::Text(_) => {}
        }
    }
}

fn builtin(id: &str) -> Format {
    match id.parse::<u32>() {
        Ok(14..=17 | 22 | 27..=31 | 34..=36 | 50..=54 | 57 | 58) => Format::Date,
        Ok(18..=21 | 32 | 33 | 45 | 47 | 55 | 56) => Format::Time,
        Ok(46) => Format::Elapsed,
        Ok(_) | Err(_) => Format::Number,
    }
}

/// What a format's code shows: the letters of dates and times in it, those quoted left aside.
fn format_of(code: &str) -> Format {
    let mut letters = String::new();
    let mut rest = code.chars();
    while let Some(c) = rest.next() {
        match c {
            // Only the first section: the others are for negative numbers and texts.
            ';' => break,
            '"' => {
                rest.by_ref().find(|c| *c == '"');
            }
            '\\' | '_' | '*' => {
                rest.next();
            }
            '[' => {
                let bracket: String = rest.by_ref().take_while(|c| *c != ']').collect();
                let bracket = bracket.to_ascii_lowercase();
                if !bracket.is_empty() && bracket.chars().all(|c| matches!(c, 'h' | 'm' | 's')) {
                    return Format::Elapsed;
                }
            }
            c => letters.push(c.to_ascii_lowercase()),
        }
    }
    if letters == "general"
        || letters.contains(['0', '#']) && !letters.contains(['d', 'y', 'h', 's'])
    {
        return Format::Number;
    }
    if letters.contains(['d', 'y']) {
        Format::Date
    } else if letters.contains(['h', 's']) {
        Format::Time
    } else if letters.contains('m') {
        Format::Date
    } else {
        Format::Number
    }
}

/// The row and column, from 0, of a reference such as `B12`.
fn place_of(reference: &str) -> Option<(u32, u32)> {
    let reference = reference.trim_start_matches('$');
    let digits = reference.find(|c: char| !c.is_ascii_alphabetic())?;
    let (letters, number) = reference.split_at_checked(digits)?;
    if letters.is_empty() || letters.len() > 4 {
        return None;
    }
    let column = letters.bytes().try_fold(0_u32, |sum, letter| {
        let letter = u32::from(letter.to_ascii_uppercase().checked_sub(b'A')?);
        sum.checked_mul(26)?.checked_add(letter)?.checked_add(1)
    })?;
    let row: u32 = number.trim_start_matches('$').parse().ok()?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}

fn area_of(reference: &str) -> Option<Area> {
    let (first, last) = reference.split_once(':')?;
    let (top, left) = place_of(first)?;
    let (bottom, right) = place_of(last)?;
    Some(Area {
        top,
        left,
        bottom,
        right,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_letters() {
        for (code, format) in [
            ("General", Format::Number),
            ("0.00", Format::Number),
            ("0\" mn d'attente\"", Format::Number),
            ("[Red]0.00", Format::Number),
            ("#,##0.00\\ \"€\"", Format::Number),
            ("dd/mm/yyyy", Format::Date),
            ("[$-40C]dddd d mmmm yyyy;@", Format::Date),
            ("mmm", Format::Date),
            ("dd/mm/yyyy hh:mm", Format::Date),
            ("hh:mm", Format::Time),
            ("h\"h\"mm", Format::Time),
            ("mm:ss.0", Format::Time),
            ("[h]:mm", Format::Elapsed),
            ("@", Format::Number),
        ] {
            assert_eq!(format_of(code), format, "{code}");
        }
    }

    #[test]
    fn references_are_places() {
        assert_eq!(place_of("A1"), Some((0, 0)));
        assert_eq!(place_of("$AA$10"), Some((9, 26)));
        assert_eq!(place_of("A0"), None);
        assert_eq!(place_of("12"), None);
        assert_eq!(place_of("ABCDEF1"), None);
    }

    #[test]
    fn escapes_are_put_back() {
        assert_eq!(
            unescaped("a_x000D_\nb_x0041_ _x_ _xZZZZ_"),
            "a\nbA _x_ _xZZZZ_"
        );
    }
}
