//! The XML of workbooks: elements, their attributes, their texts. Entities that a document defines
//! itself are refused, so that none can be made of others without end.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
};

use super::package::damaged;
use crate::import::fault::Fault;

/// A part that is read event by event.
pub(super) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    name: &'a str,
}

/// What comes next.
pub(super) enum Next<'a> {
    /// An element begins.
    Start(BytesStart<'a>),
    /// An element ends; its name with its prefix.
    End(String),
    /// Characters.
    Text(String),
    /// The part ends.
    End_,
}

impl<'a> Xml<'a> {
    /// Reads `text`, the part of that name.
    pub(super) fn new(text: &'a str, name: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, name }
    }

    /// What comes next; comments, processing instructions and declarations are passed over.
    ///
    /// # Errors
    /// [`Fault::Unreadable`] for what is not well formed.
    pub(super) fn next(&mut self) -> Result<Next<'a>, Fault> {
        loop {
            let event = self.reader.read_event().map_err(|_| damaged(self.name))?;
            return Ok(match event {
                Event::Start(start) | Event::Empty(start) => Next::Start(start),
                Event::End(end) => Next::End(end.name().as_ref().to_owned()),
                Event::Text(text) => Next::Text(text.xml10_content().into_owned()),
                Event::CData(text) => Next::Text(text.xml10_content().into_owned()),
                Event::GeneralRef(reference) => Next::Text(self.resolved(&reference)?),
                Event::Eof => Next::End_,
                Event::DocType(_) => return Err(damaged(self.name)),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
            });
        }
    }

    fn resolved(&self, reference: &BytesRef<'_>) -> Result<String, Fault> {
        let character = reference
            .resolve_char_ref()
            .map_err(|_| damaged(self.name))?;
        if let Some(character) = character {
            return Ok(character.to_string());
        }
        quick_xml::escape::resolve_xml_entity(reference)
            .map(str::to_owned)
            .ok_or_else(|| damaged(self.name))
    }

    /// Passes over the rest of the element that began.
    ///
    /// # Errors
    /// [`Fault::Unreadable`].
    pub(super) fn skip(&mut self, start: &BytesStart<'_>) -> Result<(), Fault> {
        let end = start.to_end().into_owned();
        self.reader
            .read_to_end(end.name())
            .map(|_| ())
            .map_err(|_| damaged(self.name))
    }

    /// An attribute, by its name with its prefix.
    ///
    /// # Errors
    /// [`Fault::Unreadable`].
    pub(super) fn attribute(
        &self,
        start: &BytesStart<'_>,
        name: &str,
    ) -> Result<Option<String>, Fault> {
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| damaged(self.name))?;
            if attribute.key.as_ref() == name {
                return attribute
                    .normalized_value(XmlVersion::Implicit1_0)
                    .map(|value| Some(value.into_owned()))
                    .map_err(|_| damaged(self.name));
            }
        }
        Ok(None)
    }

    /// An attribute whose prefix is the writer's to choose, by its name without it.
    ///
    /// # Errors
    /// [`Fault::Unreadable`].
    pub(super) fn local_attribute(
        &self,
        start: &BytesStart<'_>,
        name: &str,
    ) -> Result<Option<String>, Fault> {
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| damaged(self.name))?;
            if attribute.key.prefix().is_some() && attribute.key.local_name().as_ref() == name {
                return attribute
                    .normalized_value(XmlVersion::Implicit1_0)
                    .map(|value| Some(value.into_owned()))
                    .map_err(|_| damaged(self.name));
            }
        }
        Ok(None)
    }

    /// That the part is damaged.
    pub(super) fn damaged(&self) -> Fault {
        damaged(self.name)
    }
}
