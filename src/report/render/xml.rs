//! Marked-up text that is well formed whatever it says.

use quick_xml::escape::escape;

/// What stands for a character that XML cannot say.
const REPLACEMENT: char = '\u{fffd}';

/// Marked-up text as it is written. Elements are closed in the order they were opened in.
pub(super) struct Xml {
    text: String,
    open: Vec<&'static str>,
}

impl Xml {
    /// Begins a text.
    pub(super) fn new() -> Self {
        Self {
            text: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"),
            open: Vec::new(),
        }
    }

    /// Opens an element.
    pub(super) fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push('>');
        self.open.push(name);
    }

    /// An element that holds nothing.
    pub(super) fn empty(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str("/>");
    }

    /// An element that holds nothing but text.
    pub(super) fn leaf(&mut self, name: &'static str, attributes: &[(&str, &str)], words: &str) {
        self.open(name, attributes);
        self.words(words);
        self.close();
    }

    /// What the element that is open says.
    pub(super) fn words(&mut self, words: &str) {
        self.text.push_str(&escape(said(words)));
    }

    /// Closes the element that was opened last.
    pub(super) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.text.push_str("</");
            self.text.push_str(name);
            self.text.push('>');
        }
    }

    /// The text, everything closed.
    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }

    fn tag(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.text.push('<');
        self.text.push_str(name);
        for (attribute, value) in attributes {
            self.text.push(' ');
            self.text.push_str(attribute);
            self.text.push_str("=\"");
            // A line break of an attribute would be read as a space.
            let value = said(value).replace('\n', " ");
            self.text.push_str(&escape(&value));
            self.text.push('"');
        }
    }
}

/// What XML can say of a text.
fn said(words: &str) -> String {
    let sayable = |character: char| match character {
        '\t' | '\n' => character,
        '\u{fffe}' | '\u{ffff}' => REPLACEMENT,
        _ if character.is_control() => REPLACEMENT,
        _ => character,
    };
    words.replace("\r\n", "\n").chars().map(sayable).collect()
}
