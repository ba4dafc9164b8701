//! The sheets of a document as XLSX.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, FormatUnderline, Url,
    Workbook, Worksheet, XlsxError,
};

use super::{
    RenderError,
    sheets::{Entry, Row, Sheet, Style, sheets},
};
use crate::report::document::Document;

/// How high a line is, in points.
const LINE: u16 = 15;
/// How high a line of a title is.
const TITLE_LINE: u16 = 22;
/// The most characters of what is printed above and below; Excel takes 255 with their marks.
const MARGIN_CHARS_MAX: usize = 100;
/// A4, as Excel counts paper.
const A4: u8 = 9;
/// What headings stand on: light enough for black letters.
const GREY: Color = Color::RGB(0xE6_E6_E6);

/// The workbook of a document.
pub(super) fn xlsx(document: &Document) -> Result<Vec<u8>, RenderError> {
    let mut workbook = Workbook::new();
    let dated = day(document.dated)?;
    let properties = DocProperties::new()
        .set_title(&document.title)
        .set_subject(&document.subtitle)
        .set_author("Carnet")
        .set_comment(document.synthetic.as_deref().unwrap_or_default())
        .set_creation_datetime(&dated);
    workbook.set_properties(&properties);
    for sheet in sheets(document) {
        write(workbook.add_worksheet(), &sheet, document)?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn write(worksheet: &mut Worksheet, sheet: &Sheet, document: &Document) -> Result<(), RenderError> {
    worksheet.set_name(&sheet.name)?;
    worksheet.set_paper_size(A4);
    worksheet.set_landscape();
    worksheet.set_print_fit_to_pages(1, 0);
    if let Some(notice) = &document.synthetic {
        worksheet.set_header(format!("&C&B{}", printed(notice)));
    }
    let title = printed(&document.title);
    worksheet.set_footer(format!("&L{title}&RPage &P / &N"));
    if let Some(last) = sheet.frozen.checked_sub(1) {
        worksheet.set_freeze_panes(sheet.frozen, 0)?;
        worksheet.set_repeat_rows(0, last)?;
    }
    for (place, width) in (0_u16..).zip(&sheet.widths) {
        worksheet.set_column_width(place, *width)?;
    }
    for (at, row) in (0_u32..).zip(&sheet.rows) {
        match row {
            Row::Cells(entries) => {
                for (place, entry) in (0_u16..).zip(entries) {
                    cell(worksheet, at, place, entry)?;
                }
                let lines = sheet.lines(entries);
                if lines > 1 {
                    worksheet.set_row_height(at, LINE.saturating_mul(lines))?;
                }
            }
            Row::Across {
                style,
                words,
                columns,
                lines,
            } => {
                let last = columns.saturating_sub(1);
                worksheet.merge_range(at, 0, at, last, words, &said(*style))?;
                let line = if *style == Style::Title {
                    TITLE_LINE
                } else {
                    LINE
                };
                worksheet.set_row_height(at, line.saturating_mul(*lines))?;
            }
        }
    }
    Ok(())
}

fn cell(sheet: &mut Worksheet, row: u32, column: u16, entry: &Entry) -> Result<(), RenderError> {
    let format = format(entry);
    match entry {
        Entry::Blank => {}
        Entry::Said(_, words) | Entry::Without(words) => {
            sheet.write_string_with_format(row, column, words, &format)?;
        }
        Entry::Suppressed => {
            sheet.write_string_with_format(row, column, entry.words(), &format)?;
        }
        Entry::Link(name) => {
            let link = Url::new(format!("internal:'{name}'!A1")).set_text(name);
            sheet.write_url_with_format(row, column, link, &format)?;
        }
        Entry::Number(value, _) | Entry::Share(value, _) => {
            sheet.write_number_with_format(row, column, nearest(*value), &format)?;
        }
        Entry::Date(day) => {
            sheet.write_date_with_format(row, column, self::day(*day)?, &format)?;
        }
    }
    Ok(())
}

fn format(entry: &Entry) -> Format {
    let format = Format::new().set_align(FormatAlign::Top);
    match entry {
        Entry::Blank => format,
        Entry::Said(style, _) => said(*style),
        Entry::Link(_) => format
            .set_underline(FormatUnderline::Single)
            .set_text_wrap(),
        Entry::Number(_, digits) => format.set_num_format(format!("#,##0{}", places(*digits))),
        Entry::Share(_, digits) => format.set_num_format(format!("0{} %", places(*digits))),
        Entry::Date(_) => format.set_num_format("dd/mm/yyyy"),
        Entry::Suppressed | Entry::Without(_) => format
            .set_italic()
            .set_align(FormatAlign::Right)
            .set_text_wrap(),
    }
}

fn said(style: Style) -> Format {
    let format = Format::new().set_align(FormatAlign::Top).set_text_wrap();
    match style {
        Style::Title => format.set_bold().set_font_size(14),
        Style::Notice => format.set_bold().set_border(FormatBorder::Medium),
        Style::Head => indented(heading(format)),
        Style::HeadOfValues => heading(format).set_align(FormatAlign::Right),
        Style::Label => indented(format.set_bold()),
        Style::Text => indented(format),
        Style::Note => format.set_italic(),
    }
}

/// A little off what stands before it: numbers end where the next column begins.
fn indented(format: Format) -> Format {
    format.set_align(FormatAlign::Left).set_indent(1)
}

fn heading(format: Format) -> Format {
    format
        .set_bold()
        .set_background_color(GREY)
        .set_border_bottom(FormatBorder::Thin)
}

/// The number of a spreadsheet that is nearest: what its decimals read as.
fn nearest(value: Decimal) -> f64 {
    value.to_string().parse().unwrap_or(f64::NAN)
}

fn day(day: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    // What does not fit is no date of a spreadsheet, which is what the error says.
    ExcelDateTime::from_ymd(
        u16::try_from(day.year()).unwrap_or_default(),
        u8::try_from(day.month()).unwrap_or_default(),
        u8::try_from(day.day()).unwrap_or_default(),
    )
}

/// The places after the comma, in a format of numbers.
fn places(digits: u32) -> String {
    if digits == 0 {
        return String::new();
    }
    let zeros = usize::try_from(digits).unwrap_or_default();
    format!(".{}", "0".repeat(zeros))
}

/// What is printed above or below: in one line, its own marks doubled.
fn printed(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut: String = line.chars().take(MARGIN_CHARS_MAX).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut.replace('&', "&&")
}
