//! `OpenDocument` workbooks, as `LibreOffice` writes them.
//!
//! They are read here and not by `calamine`, which spreads repeated cells out up to a hundred
//! million of them, and does not tell which cells are merged. The tests hold this reader against it.

use quick_xml::events::BytesStart;

use super::{
    Sheet, Sheets,
    package::Package,
    xlsx::iso,
    xml::{Next, Xml},
};
use crate::import::{
    fault::Fault,
    table::{Area, Cell, Table},
};

const CONTENT: &str = "content.xml";
const MANIFEST: &str = "META-INF/manifest.xml";

/// A workbook.
pub(super) struct Book {
    content: String,
    sheets: Vec<Sheet>,
}

impl Book {
    /// Reads all of the workbook but its sheets.
    pub(super) fn open(package: &mut Package<'_>) -> Result<Self, Fault> {
        if let Some(manifest) = package.text_of(MANIFEST)? {
            let mut xml = Xml::new(&manifest, MANIFEST);
            loop {
                match xml.next()? {
                    Next::Start(start) if start.local_name().as_ref() == "encryption-data" => {
                        return Err(Fault::Password);
                    }
                    Next::End_ => break,
                    Next::Start(_) | Next::End(_) | Next::Text(_) => {}
                }
            }
        }
        // Newer versions of the format encrypt the whole package in another.
        if package.has("encrypted-package") {
            return Err(Fault::Password);
        }
        let content = package.required(CONTENT)?;
        let sheets = sheets(&content)?;
        Ok(Self { content, sheets })
    }
}

/// The sheets, and which of them are shown.
fn sheets(content: &str) -> Result<Vec<Sheet>, Fault> {
    let mut xml = Xml::new(content, CONTENT);
    let mut style = None;
    let mut hidden: Vec<String> = Vec::new();
    let mut sheets = Vec::new();
    let mut depth = 0_usize;
    loop {
        match xml.next()? {
            Next::Start(start) => match start.name().as_ref() {
                "style:style" => style = xml.attribute(&start, "style:name")?,
                "style:table-properties" => {
                    let shown = xml.attribute(&start, "table:display")?;
                    if shown.as_deref() == Some("false") {
                        hidden.extend(style.clone());
                    }
                }
                "table:table" => {
                    if depth == 0 {
                        let style = xml.attribute(&start, "table:style-name")?;
                        sheets.push(Sheet {
                            name: xml.attribute(&start, "table:name")?.unwrap_or_default(),
                            visible: !style.is_some_and(|style| hidden.contains(&style)),
                        });
                    }
                    depth = depth.saturating_add(1);
                }
                _ => {}
            },
            Next::End(name) if name == "table:table" => depth = depth.saturating_sub(1),
            Next::End_ => return Ok(sheets),
            Next::End(_) | Next::Text(_) => {}
        }
    }
}

impl Sheets for Book {
    fn sheets(&self) -> Vec<Sheet> {
        self.sheets.clone()
    }

    fn table(&mut self, place: usize) -> Result<Table, Fault> {
        let mut xml = Xml::new(&self.content, CONTENT);
        let mut depth = 0_usize;
        let mut seen = 0_usize;
        let mut table = Table::default();
        let mut row = 0_u32;
        loop {
            match xml.next()? {
                Next::Start(start) => match start.name().as_ref() {
                    "table:table" => {
                        if depth == 0 {
                            seen = seen.saturating_add(1);
                        }
                        depth = depth.saturating_add(1);
                    }
                    "table:table-row" if depth == 1 && seen == place.saturating_add(1) => {
                        let times = times(&xml, &start, "table:number-rows-repeated")?;
                        let cells = cells(&mut xml, row, &mut table)?;
                        if !cells.is_empty() {
                            for again in 0..times {
                                push(&mut table, row.saturating_add(again), &cells)?;
                            }
                        }
                        row = row.saturating_add(times);
                    }
                    // What is drawn over a sheet may hold tables of its own.
                    "table:shapes" | "table:tracked-changes" | "office:forms" => {
                        xml.skip(&start)?;
                    }
                    _ => {}
                },
                Next::End(name) if name == "table:table" => depth = depth.saturating_sub(1),
                Next::End_ => return Ok(table),
                Next::End(_) | Next::Text(_) => {}
            }
        }
    }
}

/// Cells that follow one another and hold the same.
struct Run {
    column: u32,
    times: u32,
    cell: Cell,
}

fn push(table: &mut Table, row: u32, runs: &[Run]) -> Result<(), Fault> {
    for run in runs {
        for again in 0..run.times {
            table.push(row, run.column.saturating_add(again), run.cell.clone())?;
        }
    }
    Ok(())
}

fn times(xml: &Xml<'_>, start: &BytesStart<'_>, name: &str) -> Result<u32, Fault> {
    match xml.attribute(start, name)? {
        Some(times) => times.parse().map_err(|_| xml.damaged()),
        None => Ok(1),
    }
}

/// The cells of a row that hold something, up to its end.
fn cells(xml: &mut Xml<'_>, row: u32, table: &mut Table) -> Result<Vec<Run>, Fault> {
    let mut runs = Vec::new();
    let mut column = 0_u32;
    loop {
        match xml.next()? {
            Next::Start(start) => match start.name().as_ref() {
                "table:table-cell" | "table:covered-table-cell" => {
                    let repeated = times(xml, &start, "table:number-columns-repeated")?;
                    let down = times(xml, &start, "table:number-rows-spanned")?;
                    let across = times(xml, &start, "table:number-columns-spanned")?;
                    if down > 1 || across > 1 {
                        table.merged.push(Area {
                            top: row,
                            left: column,
                            bottom: row.saturating_add(down.saturating_sub(1)),
                            right: column.saturating_add(across.saturating_sub(1)),
                        });
                    }
                    if let Some(cell) = cell(xml, &start)? {
                        runs.push(Run {
                            column,
                            times: repeated,
                            cell,
                        });
                    }
                    column = column.saturating_add(repeated);
                }
                _ => xml.skip(&start)?,
            },
            Next::End(_) => return Ok(runs),
            Next::Text(_) => {}
            Next::End_ => return Err(xml.damaged()),
        }
    }
}

/// Reads a cell to its end.
fn cell(xml: &mut Xml<'_>, start: &BytesStart<'_>) -> Result<Option<Cell>, Fault> {
    let kind = xml.attribute(start, "office:value-type")?;
    let is_error = xml.attribute(start, "calcext:value-type")?.as_deref() == Some("error");
    let formula = xml.attribute(start, "table:formula")?.is_some();
    let value = match kind.as_deref() {
        Some("date") => xml.attribute(start, "office:date-value")?,
        Some("time") => xml.attribute(start, "office:time-value")?,
        Some("boolean") => xml.attribute(start, "office:boolean-value")?,
        Some("string") => xml.attribute(start, "office:string-value")?,
        Some(_) => xml.attribute(start, "office:value")?,
        None => None,
    };
    let shown = paragraphs(xml)?;
    if is_error {
        return Ok(Some(Cell::Error(shown)));
    }
    let Some(kind) = kind else {
        let text = (!shown.trim().is_empty()).then_some(Cell::Text(shown));
        return Ok(text.or_else(|| formula.then_some(Cell::Uncomputed)));
    };
    let text = || Cell::Text(shown.clone());
    let value = value.unwrap_or_default();
    Ok(Some(match kind.as_str() {
        "date" => iso(&value).unwrap_or_else(text),
        "time" => duration(&value).map_or_else(text, Cell::Duration),
        "boolean" => Cell::Bool(value == "true"),
        "string" if value.is_empty() => text(),
        "string" => Cell::Text(value),
        _ => value
            .parse()
            .or_else(|_| rust_decimal::Decimal::from_scientific(&value))
            .map_or_else(|_| text(), Cell::Number),
    }))
}

/// The paragraphs of a cell, up to its end; notes and drawings are left out.
fn paragraphs(xml: &mut Xml<'_>) -> Result<String, Fault> {
    let mut text = String::new();
    let mut depth = 0_usize;
    let mut some = false;
    loop {
        match xml.next()? {
            Next::Start(start) => match start.name().as_ref() {
                "text:p" => {
                    if some {
                        text.push('\n');
                    }
                    some = true;
                    depth = depth.saturating_add(1);
                }
                "text:s" => {
                    // Several spaces are written as their number; one is enough here.
                    text.push(' ');
                    xml.skip(&start)?;
                }
                "text:tab" => {
                    text.push('\t');
                    xml.skip(&start)?;
                }
                "text:line-break" => {
                    text.push('\n');
                    xml.skip(&start)?;
                }
                "text:span" | "text:a" | "text:ruby" | "text:ruby-base" => {
                    depth = depth.saturating_add(1);
                }
                name if name.starts_with("text:") && depth > 0 => depth = depth.saturating_add(1),
                _ => xml.skip(&start)?,
            },
            Next::End(_) => match depth.checked_sub(1) {
                Some(rest) => depth = rest,
                None => return Ok(text),
            },
            Next::Text(more) if depth > 0 => text.push_str(&more),
            Next::Text(_) => {}
            Next::End_ => return Err(xml.damaged()),
        }
    }
}

/// The seconds of a duration such as `PT09H30M00S`.
fn duration(text: &str) -> Option<u32> {
    let mut rest = text.strip_prefix("PT")?;
    let mut seconds = 0_u32;
    for (unit, length) in [('H', 3600_u32), ('M', 60), ('S', 1)] {
        if let Some((number, after)) = rest.split_once(unit) {
            let whole = number.split(['.', ',']).next()?;
            seconds = seconds.checked_add(whole.parse::<u32>().ok()?.checked_mul(length)?)?;
            rest = after;
        }
    }
    rest.is_empty().then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        assert_eq!(duration("PT09H30M00S"), Some(34_200));
        assert_eq!(duration("PT00H25M00.000000000S"), Some(1_500));
        assert_eq!(duration("PT26H"), Some(93_600));
        assert_eq!(duration("-PT1H"), None);
        assert_eq!(duration("P1D"), None);
    }
}
