//! Files to fill in: the headings of a kind, an example that is passed over when it is read, and in
//! a workbook the words that are taken, and what each column is for.

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format,
    FormatAlign, Formula, Workbook, Worksheet, XlsxError,
};

use super::{Column, Kind, Shape, table::letters};

/// A template could not be written.
pub type TemplateError = XlsxError;

/// So many rows of the workbook are made ready to be filled in.
const ROWS: u32 = 5_000;
const INSTRUCTIONS: &str = "Mode d'emploi";
const LISTS: &str = "Listes";

/// The template of a kind in CSV: UTF-8 with its mark, semicolons, as French Excel opens it.
#[must_use]
pub fn csv(kind: Kind) -> Vec<u8> {
    let columns = kind.columns();
    let mut text = String::from('\u{feff}');
    let mut line = |cells: &mut dyn Iterator<Item = &'static str>| {
        let cells: Vec<String> = cells.map(field).collect();
        text.push_str(&cells.join(";"));
        text.push_str("\r\n");
    };
    line(&mut columns.iter().map(|column| column.heading));
    line(&mut columns.iter().map(|column| column.examples[0]));
    line(&mut columns.iter().map(|column| column.examples[1]));
    text.into_bytes()
}

fn field(cell: &'static str) -> String {
    if cell.contains([';', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// The template of a kind in XLSX. The same kind always gives the same bytes.
///
/// # Errors
/// [`TemplateError`], if the workbook cannot be put together; the tests exclude it.
pub fn xlsx(kind: Kind) -> Result<Vec<u8>, TemplateError> {
    let mut workbook = Workbook::new();
    let written = ExcelDateTime::from_ymd(2021, 5, 4)?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title(format!("Carnet : {}", kind.in_french()))
            .set_creation_datetime(&written),
    );
    sheet(workbook.add_worksheet(), kind)?;
    instructions(workbook.add_worksheet(), kind)?;
    lists(workbook.add_worksheet(), kind)?;
    workbook.save_to_buffer()
}

fn sheet(sheet: &mut Worksheet, kind: Kind) -> Result<(), TemplateError> {
    let heading = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x00_00_91))
        .set_font_color(Color::White)
        .set_text_wrap();
    let example = Format::new()
        .set_italic()
        .set_font_color(Color::RGB(0x66_66_66));
    sheet.set_name(kind.title())?;
    for (place, column) in (0_u16..).zip(kind.columns()) {
        // Cells are texts where codes would lose their zeros, and where what is read is what is
        // seen; dates and times have their formats.
        let cells = match column.shape {
            Shape::Date => Format::new().set_num_format("dd/mm/yyyy"),
            Shape::Time => Format::new().set_num_format("hh:mm"),
            Shape::Number => Format::new().set_num_format("0"),
            Shape::Text | Shape::Words(_) => Format::new().set_num_format("@"),
        };
        sheet.set_column_width(place, 22)?;
        sheet.set_column_format(place, &cells)?;
        sheet.write_string_with_format(0, place, column.heading, &heading)?;
        for (row, text) in (1_u32..).zip(column.examples) {
            if !text.is_empty() {
                sheet.write_string_with_format(row, place, text, &example)?;
            }
        }
        if let Some(validation) = validation(place, column)? {
            sheet.add_data_validation(3, place, ROWS, place, &validation)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// The drop-down list of a column of words, which lies in the sheet of lists.
fn validation(place: u16, column: &Column) -> Result<Option<DataValidation>, TemplateError> {
    let Shape::Words(words) = column.shape else {
        return Ok(None);
    };
    let letter = letters(u32::from(place));
    let last = words().len().saturating_add(1);
    let listed = Formula::new(format!("={LISTS}!${letter}$2:${letter}${last}"));
    let validation = DataValidation::new()
        .allow_list_formula(listed)
        // What is taken is more than what is listed.
        .set_error_style(DataValidationErrorStyle::Warning)
        .set_error_title("Mot inhabituel")?
        .set_error_message("Ce mot n'est pas dans la liste : il sera peut-être rejeté.")?;
    Ok(Some(validation))
}

fn instructions(sheet: &mut Worksheet, kind: Kind) -> Result<(), TemplateError> {
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.set_name(INSTRUCTIONS)?;
    for (place, width) in (0_u16..).zip([26, 14, 70, 60]) {
        sheet.set_column_width(place, width)?;
    }
    let words = ["Colonne", "Obligatoire", "Ce qui s'y écrit", "Mots admis"];
    for (place, word) in (0_u16..).zip(words) {
        sheet.write_string_with_format(0, place, word, &bold)?;
    }
    for (row, column) in (1_u32..).zip(kind.columns()) {
        sheet.write_string_with_format(row, 0, column.heading, &wrapped)?;
        let required = if column.required { "oui" } else { "non" };
        sheet.write_string_with_format(row, 1, required, &wrapped)?;
        sheet.write_string_with_format(row, 2, column.help, &wrapped)?;
        if let Shape::Words(words) = column.shape {
            sheet.write_string_with_format(row, 3, words().join(", "), &wrapped)?;
        }
    }
    Ok(())
}

fn lists(sheet: &mut Worksheet, kind: Kind) -> Result<(), TemplateError> {
    sheet.set_name(LISTS)?;
    for (place, column) in (0_u16..).zip(kind.columns()) {
        sheet.write_string(0, place, column.heading)?;
        if let Shape::Words(words) = column.shape {
            for (row, word) in (1_u32..).zip(words()) {
                sheet.write_string(row, place, word)?;
            }
        }
    }
    Ok(())
}
