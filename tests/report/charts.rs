//! Charts as SVG.

use carnet::report::{
    document::{Chart, Document, Mark, Point},
    french,
    render::{Format, Framing, render, svg},
};
use quick_xml::{Reader, events::Event};
use rust_decimal::Decimal;

use super::sample::{HOSTILE, comparison, decimal, estimate, sample, week_series};

/// An element: its name, its attributes, its text.
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Element {
    fn number(&self, name: &str) -> f64 {
        let value = self.attributes.iter().find(|(known, _)| known == name);
        value.unwrap().1.parse().unwrap()
    }

    fn says(&self, name: &str) -> Option<&str> {
        let value = self.attributes.iter().find(|(known, _)| known == name);
        value.map(|(_, value)| value.as_str())
    }
}

/// The elements of a picture, which is read to its end.
fn elements(svg: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(svg);
    reader.config_mut().expand_empty_elements = true;
    let (mut all, mut open): (Vec<Element>, Vec<usize>) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let attributes = start.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
                    (
                        attribute.key.as_ref().to_owned(),
                        value.unwrap().into_owned(),
                    )
                });
                let element = Element {
                    name: start.name().as_ref().to_owned(),
                    attributes: attributes.collect(),
                    text: String::new(),
                };
                open.push(all.len());
                all.push(element);
            }
            Event::Text(text) => {
                if let Some(at) = open.last() {
                    all[*at].text.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().unwrap().map_or_else(
                    || {
                        quick_xml::escape::resolve_xml_entity(&reference)
                            .unwrap()
                            .to_owned()
                    },
                    String::from,
                );
                all[*open.last().unwrap()].text.push_str(&character);
            }
            Event::End(_) => {
                open.pop().unwrap();
            }
            Event::Eof => break,
            Event::Decl(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(open.is_empty());
    all
}

fn texts(elements: &[Element], name: &str) -> Vec<String> {
    let named = elements.iter().filter(|element| element.name == name);
    named.map(|element| element.text.clone()).collect()
}

fn picture(document: &Document, chart: &Chart) -> String {
    let bytes = render(document, &Format::Svg(chart.code.clone())).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Would catch: markup that is not well formed, a label or a value that is not said, an alternative
/// text or a notice that is left out, text that becomes an element.
#[test]
fn every_chart_says_all_that_it_is_of() {
    let document = sample();
    for chart in document.charts() {
        let elements = elements(&picture(&document, chart));
        let known = [
            "svg", "title", "desc", "defs", "pattern", "path", "rect", "line", "circle", "g",
            "text",
        ];
        for element in &elements {
            assert!(known.contains(&element.name.as_str()), "{}", element.name);
        }
        let root = &elements[0];
        assert_eq!(root.says("role"), Some("img"));
        let titles = texts(&elements, "title");
        assert_eq!(titles[0], chart.title);
        let notice = document.synthetic.as_deref().unwrap();
        assert_eq!(
            texts(&elements, "desc"),
            [format!("{notice} {}", chart.alt)]
        );
        let drawn = texts(&elements, "text").join(" ");
        assert!(drawn.contains(notice), "{drawn}");
        assert!(drawn.contains(&chart.title), "{drawn}");
        for point in &chart.points {
            let mark = french::mark(&chart.unit, &point.mark, chart.digits);
            let said = format!("{}\u{a0}: {mark}", point.label);
            let title = titles
                .iter()
                .find(|title| title.starts_with(&said))
                .unwrap();
            let note = point.note.as_deref().unwrap_or_default();
            assert!(title.contains(note), "{title}");
            assert!(drawn.contains(note), "{note}");
        }
        for threshold in &chart.thresholds {
            let value = french::threshold(&chart.unit, threshold.value);
            assert!(drawn.contains(&value), "{drawn}");
            assert!(drawn.contains(&threshold.label), "{drawn}");
        }
    }
}

/// Would catch: a row whose words are not drawn but only in its title.
#[test]
fn every_row_is_drawn_with_its_value() {
    let drawn = texts(
        &elements(&svg(&comparison(), Framing::Within, None)),
        "text",
    )
    .join(" ");
    for words in [
        "Permanences de Lorraine",
        "Itinérance en Bresse (1)",
        "90,0\u{a0}% (69,9 à 97,2)",
        "34,2 à 96,2\u{a0}%",
        "Trop peu de réponses s ",
        "non mesuré : ouverture en",
        "s\u{a0}: secret statistique",
        "<script>alert(1)</script> &",
        "(1) Itinérance en Bresse\u{a0}: la commune a fermé sa salle en août",
    ] {
        assert!(drawn.contains(words), "{words} : {drawn}");
    }
    // The page says them.
    assert!(
        !drawn.contains("Satisfaction des personnes reçues"),
        "{drawn}"
    );
    assert!(!drawn.contains("Wilson"), "{drawn}");
}

/// Would catch: a label that runs out of the picture, and a script, a font or an address in it.
#[test]
fn hostile_words_are_words_within_the_picture() {
    let mut chart = comparison();
    chart.points = HOSTILE
        .iter()
        .map(|words| Point {
            label: words.repeat(40),
            mark: Mark::Missing(words.repeat(9)),
            note: Some(words.repeat(30)),
        })
        .collect();
    chart.title = HOSTILE.join(" ");
    chart.alt = HOSTILE.concat();
    let svg = svg(&chart, Framing::Alone, Some("&<>"));
    let elements = elements(&svg);
    assert_eq!(texts(&elements, "desc"), [format!("&<> {}", chart.alt)]);
    assert!(!svg.contains("<script"));
    for (name, value) in elements.iter().flat_map(|element| &element.attributes) {
        assert!(!name.starts_with("on") && !name.contains("href"), "{name}");
        let elsewhere = value.contains("http") || value.contains("url(");
        let known = name == "xmlns" || value == "url(#satisfaction-hatch)";
        assert!(!elsewhere || known, "{name} {value}");
    }
    for text in elements.iter().filter(|element| element.name == "text") {
        assert!(text.text.chars().count() < 140, "{}", text.text);
    }
}

/// Would catch: a control character, which no XML can say, in a label.
#[test]
fn what_xml_cannot_say_is_replaced() {
    let mut chart = comparison();
    chart.points[0].label = "a\u{0}b\u{1b}c\u{ffff}d".to_owned();
    let titles = texts(&elements(&svg(&chart, Framing::Alone, None)), "title");
    let replaced = "a\u{fffd}b\u{fffd}c\u{fffd}d";
    assert!(
        titles.iter().any(|title| title.starts_with(replaced)),
        "{titles:?}"
    );
}

/// Would catch: a value that stands elsewhere than its axis says, an interval upside down.
#[test]
fn values_stand_where_the_axis_says() {
    let mut chart = comparison();
    chart.thresholds.clear();
    chart.points.truncate(2);
    let elements = elements(&svg(&chart, Framing::Within, None));
    let tick = |words: &str| {
        let of = |element: &&Element| element.name == "text" && element.text == words;
        elements.iter().find(of).unwrap().number("x")
    };
    let (zero, all) = (tick("0\u{a0}%"), tick("100\u{a0}%"));
    let dots = elements.iter().filter(|element| element.name == "circle");
    let dots: Vec<f64> = dots.map(|dot| dot.number("cx")).collect();
    for (dot, value) in dots.iter().zip([0.9, 0.75]) {
        let wanted = zero + (all - zero) * value;
        assert!((dot - wanted).abs() < 0.2, "{dot} {wanted}");
    }
    let whisker = elements.iter().find(|element| {
        element.says("stroke-width") == Some("2") && element.says("y1") == element.says("y2")
    });
    for (end, value) in [("x1", 0.699), ("x2", 0.972)] {
        let wanted = zero + (all - zero) * value;
        assert!((whisker.unwrap().number(end) - wanted).abs() < 0.2);
    }
}

/// Would catch: words over words, in any of the charts, beside each other on one base line.
#[test]
fn no_words_stand_over_others() {
    let document = sample();
    let wide = week_series("large", 160, |week| match week % 7 {
        0 => Mark::Suppressed,
        1 => Mark::Missing("férié".to_owned()),
        _ => Mark::Value(Decimal::from(week) * decimal("123456.5")),
    });
    for chart in document.charts().chain([&wide]) {
        let elements = elements(&svg(chart, Framing::Alone, Some("Données synthétiques")));
        let texts = elements.iter().filter(|element| element.name == "text");
        let boxes: Vec<_> = texts
            .map(|text| {
                // Letters are hardly ever wider than that on average.
                let size = text.number("font-size");
                let wide = letters(&text.text) * size * 0.55;
                let (x, y) = (text.number("x"), text.number("y"));
                let left = match text.says("text-anchor").unwrap() {
                    "start" => x,
                    "middle" => x - wide / 2.0,
                    _ => x - wide,
                };
                (left, left + wide, y - size * 0.7, y, &text.text)
            })
            .collect();
        let (width, height) = (elements[0].number("width"), elements[0].number("height"));
        for (place, a) in boxes.iter().enumerate() {
            assert!(
                a.0 >= 0.0 && a.1 <= width && a.2 >= 0.0 && a.3 <= height,
                "{a:?}"
            );
            for b in &boxes[place + 1..] {
                let apart = a.1 <= b.0 || b.1 <= a.0 || a.3 <= b.2 || b.3 <= a.2;
                assert!(apart, "{} : {a:?} {b:?}", chart.code);
            }
        }
    }
}

fn letters(words: &str) -> f64 {
    f64::from(u32::try_from(words.chars().count()).unwrap())
}

/// Would catch: a division by nothing, an axis without end or without a label.
#[test]
fn the_largest_and_the_smallest_values_have_an_axis() {
    let cases = [
        ("0", "0", "0"),
        ("0.000001", "0", "0.000001"),
        ("-5", "-7", "-3"),
        ("999999999999999", "-999999999999999", "999999999999999"),
        ("0.0000000000000000000001", "0", "0.0000000000000000000002"),
        ("0.5", "0.4999999999", "0.5000000001"),
    ];
    for (value, lower, upper) in cases {
        for chart in [comparison(), week_series("serie", 3, |_| Mark::Suppressed)] {
            let mut chart = chart;
            chart.thresholds.clear();
            for point in &mut chart.points {
                point.mark = estimate(value, lower, upper);
            }
            let svg = svg(&chart, Framing::Alone, None);
            assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{svg}");
            let elements = elements(&svg);
            let ticks = elements
                .iter()
                .filter(|element| element.says("stroke-width") == Some("0.5"));
            assert!((1..=9).contains(&ticks.count()), "{value}");
        }
    }
}

/// Would catch: steps that are finer than the values, written as if they were none: 0, 0, 1, 1.
#[test]
fn an_axis_has_no_finer_steps_than_its_values() {
    let chart = week_series("serie", 3, |_| Mark::Value(Decimal::ONE));
    let drawn = texts(&elements(&svg(&chart, Framing::Within, None)), "text");
    let numbers = drawn.iter().filter(|words| words.parse::<u32>().is_ok());
    // Two along the axis, three above the bars.
    assert_eq!(numbers.count(), 2 + 3, "{drawn:?}");
    assert!(
        drawn.iter().all(|words| !words.starts_with("0,")),
        "{drawn:?}"
    );
}

/// Would catch: an axis drawn where nothing stands on it, and nothing said where there is nothing.
#[test]
fn a_chart_without_values_says_so() {
    let mut chart = comparison();
    chart.points.clear();
    let drawn = texts(&elements(&svg(&chart, Framing::Within, None)), "text");
    assert_eq!(drawn, ["aucune valeur"]);
    chart = comparison();
    chart.thresholds.clear();
    for point in &mut chart.points {
        point.mark = Mark::Suppressed;
    }
    let elements = elements(&svg(&chart, Framing::Within, None));
    assert!(elements.iter().all(|element| element.name != "line"));
    let suppressed = texts(&elements, "text")
        .into_iter()
        .filter(|words| words == "s");
    assert_eq!(suppressed.count(), chart.points.len());
}
