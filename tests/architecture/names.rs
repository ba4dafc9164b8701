//! What a file names: every path in its tokens, those in macro bodies and attributes included,
//! resolved to a module of this crate or to another crate.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Words that stand where a path could begin, and begin none.
const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "dyn", "else", "enum", "fn", "for", "if",
    "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "static",
    "struct", "trait", "type", "unsafe", "where", "while", "yield",
];

/// Something a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// Its whole path: `crate::log::Head`, `std::fs`.
    pub(crate) path: Vec<String>,
    /// Whether all that is in it is named: `use crate::log::*`.
    pub(crate) glob: bool,
    /// Whether it is handed on under this module's name: `pub use`.
    pub(crate) handed_on: bool,
    /// The line it stands on.
    pub(crate) line: usize,
}

/// What the source of the module at `module` (`["graphql", "types"]`) names. `crates` are the
/// crates there are.
pub(crate) fn names(source: &str, module: &[&str], crates: &BTreeSet<String>) -> Vec<Name> {
    let tokens = TokenStream::from_str(source).unwrap();
    let mut file = File::default();
    let module: Vec<String> = module.iter().map(|&name| name.to_owned()).collect();
    file.walk(tokens, &module, false);
    let mut names = Vec::new();
    for said in &file.said {
        for path in file.resolve(&said.path, said.absolute, &said.module, crates, 0) {
            let name = Name {
                path,
                glob: said.glob,
                handed_on: said.handed_on,
                line: said.line,
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// A path as it is written.
struct Said {
    path: Vec<String>,
    /// Whether it begins with `::`.
    absolute: bool,
    glob: bool,
    handed_on: bool,
    module: Vec<String>,
    line: usize,
}

#[derive(Default)]
struct File {
    said: Vec<Said>,
    /// What `use` and `extern crate` bind: for each name, what it stands for.
    bound: BTreeMap<String, Vec<usize>>,
    /// The modules that are declared, with the module they are declared in.
    declared: BTreeSet<Vec<String>>,
}

impl File {
    fn walk(&mut self, tokens: TokenStream, module: &[String], visibility: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            let word = word(&tokens[at]);
            match (&tokens[at], word.as_deref()) {
                // `use<'a>` captures lifetimes and imports nothing.
                (_, Some("use")) if !is(tokens.get(at + 1), '<') => {
                    let end = end_of(&tokens, at);
                    let handed_on = is_public(&tokens[..at]);
                    self.import(&tokens[at + 1..end], module, handed_on);
                    at = end;
                }
                (_, Some("extern")) if word_at(&tokens, at + 1).as_deref() == Some("crate") => {
                    let end = end_of(&tokens, at);
                    let mut tree = tokens[at + 2..end].to_vec();
                    // `extern crate self` is the crate itself.
                    if word_at(&tree, 0).as_deref() == Some("self") {
                        tree[0] = proc_macro2::Ident::new("crate", tree[0].span()).into();
                    }
                    self.import(&tree, module, false);
                    at = end;
                }
                (_, Some("mod")) if word_at(&tokens, at + 1).is_some() => {
                    let mut inner = module.to_vec();
                    inner.extend(word_at(&tokens, at + 1));
                    self.declared.insert(inner.clone());
                    at += 2;
                    if let Some(TokenTree::Group(body)) = tokens.get(at) {
                        self.walk(body.stream(), &inner, false);
                        at += 1;
                    }
                }
                (_, Some("include")) if is(tokens.get(at + 1), '!') => {
                    self.say(vec!["include!".to_owned()], false, module, &tokens[at]);
                    at += 1;
                }
                (TokenTree::Group(group), _) => {
                    let in_attribute = group.delimiter() == Delimiter::Bracket
                        && (is_hash(&tokens[..at]) || is_hash_bang(&tokens[..at]));
                    if in_attribute {
                        self.attribute(group, module);
                    } else {
                        let visibility = group.delimiter() == Delimiter::Parenthesis
                            && word_before(&tokens, at).as_deref() == Some("pub");
                        self.walk(group.stream(), module, visibility);
                    }
                    at += 1;
                }
                (_, Some(first)) if !KEYWORDS.contains(&first) => {
                    at = self.path(&tokens, at, module, visibility);
                }
                _ if is_colons(&tokens, at) && word_at(&tokens, at + 2).is_some() => {
                    at = self.path(&tokens, at, module, visibility);
                }
                _ => at += 1,
            }
        }
    }

    /// A path that begins at `at`; answers where it ends.
    fn path(
        &mut self,
        tokens: &[TokenTree],
        mut at: usize,
        module: &[String],
        visibility: bool,
    ) -> usize {
        let first = at;
        let absolute = is_colons(tokens, at);
        if absolute {
            at += 2;
        }
        let mut path = Vec::new();
        path.extend(word_at(tokens, at));
        at += 1;
        while is_colons(tokens, at)
            && let Some(next) = word_at(tokens, at + 2)
        {
            path.push(next);
            at += 3;
        }
        // A word alone is bound by an import, which is seen there; but the bare `crate` outside of
        // `pub(crate)` is handed to a macro that may build any path from it.
        let alone = path.len() == 1 && !absolute;
        if !alone || (path[0] == "crate" && !visibility) {
            self.say(path, absolute, module, &tokens[first]);
        }
        at
    }

    fn say(&mut self, path: Vec<String>, absolute: bool, module: &[String], token: &TokenTree) {
        self.said.push(Said {
            path,
            absolute,
            glob: false,
            handed_on: false,
            module: module.to_vec(),
            line: token.span().start().line,
        });
    }

    /// The paths of an attribute, those in its strings included: `#[serde(with = "...")]`.
    fn attribute(&mut self, group: &Group, module: &[String]) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        if word_at(&tokens, 0).as_deref() == Some("doc") {
            return;
        }
        for (at, token) in tokens.iter().enumerate() {
            match token {
                // The file of a module is elsewhere than its name says.
                TokenTree::Ident(name) if name == "path" && is(tokens.get(at + 1), '=') => {
                    self.say(vec!["#[path]".to_owned()], false, module, token);
                }
                TokenTree::Group(inner) => self.attribute(inner, module),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    let text = text.trim_matches(|c| matches!(c, 'r' | '#' | '"'));
                    if let Ok(inner) = TokenStream::from_str(text) {
                        self.walk(inner, module, false);
                    }
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
        let flat = tokens
            .into_iter()
            .filter(|token| matches!(token, TokenTree::Ident(_) | TokenTree::Punct(_)));
        self.walk(flat.collect(), module, false);
    }

    /// The tree of a `use`.
    fn import(&mut self, tokens: &[TokenTree], module: &[String], handed_on: bool) {
        self.tree(tokens, &[], None, module, handed_on);
    }

    fn tree(
        &mut self,
        tokens: &[TokenTree],
        before: &[String],
        absolute: Option<bool>,
        module: &[String],
        handed_on: bool,
    ) {
        let absolute = absolute.unwrap_or_else(|| is_colons(tokens, 0));
        let mut path = before.to_vec();
        let mut glob = false;
        let mut renamed = None;
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for tree in inner.split(|token| is(Some(token), ',')) {
                        if !tree.is_empty() {
                            let absolute = (!path.is_empty()).then_some(absolute);
                            self.tree(tree, &path, absolute, module, handed_on);
                        }
                    }
                    return;
                }
                TokenTree::Ident(name) if name == "as" => {
                    renamed = word_at(tokens, at + 1);
                    at += 1;
                }
                // In a group, `self` is what stands before it.
                TokenTree::Ident(name) if name == "self" && !path.is_empty() => {}
                TokenTree::Ident(_) => path.extend(word(&tokens[at])),
                TokenTree::Punct(punct) => glob |= punct.as_char() == '*',
                TokenTree::Literal(_) => {}
            }
            at += 1;
        }
        let Some(last) = path.last().cloned() else {
            return;
        };
        if !glob {
            let bound = self.bound.entry(renamed.unwrap_or(last)).or_default();
            bound.push(self.said.len());
        }
        self.said.push(Said {
            path,
            absolute,
            glob,
            handed_on,
            module: module.to_vec(),
            line: tokens[0].span().start().line,
        });
    }

    /// What a path stands for: nothing where it begins with a name of no module and no crate.
    fn resolve(
        &self,
        path: &[String],
        absolute: bool,
        module: &[String],
        crates: &BTreeSet<String>,
        depth: usize,
    ) -> Vec<Vec<String>> {
        let root = || vec!["crate".to_owned()];
        let (first, rest) = (path[0].as_str(), &path[1..]);
        let from = |module: &[String]| [root(), module.to_vec()].concat();
        if first.ends_with(['!', ']']) {
            return vec![path.to_vec()];
        }
        match first {
            _ if absolute => {}
            "crate" => return vec![[root(), rest.to_vec()].concat()],
            "self" | "super" => {
                let mut module = module;
                let mut rest = path;
                while let Some((step, after)) = rest.split_first() {
                    match step.as_str() {
                        "self" => {}
                        "super" => module = &module[..module.len().saturating_sub(1)],
                        _ => break,
                    }
                    rest = after;
                }
                return vec![[from(module), rest.to_vec()].concat()];
            }
            _ => {
                let child = [module.to_vec(), vec![first.to_owned()]].concat();
                if self.declared.contains(&child) {
                    return vec![[from(&child), rest.to_vec()].concat()];
                }
                let meant = self.bound.get(first).filter(|_| depth < 8);
                let targets = meant.into_iter().flatten().map(|index| &self.said[*index]);
                let found: Vec<_> = targets
                    // `use sqlx;` binds the name to itself.
                    .filter(|target| target.path.as_slice() != &path[..1])
                    .flat_map(|target| {
                        let whole = [target.path.as_slice(), rest].concat();
                        self.resolve(&whole, target.absolute, &target.module, crates, depth + 1)
                    })
                    .collect();
                if !found.is_empty() {
                    return found;
                }
            }
        }
        match first {
            "carnet" => vec![[root(), rest.to_vec()].concat()],
            known if crates.contains(known) => vec![path.to_vec()],
            _ => Vec::new(),
        }
    }
}

/// An identifier, raw or not.
fn word(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(name) => Some(name.to_string().trim_start_matches("r#").to_owned()),
        TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    }
}

fn word_at(tokens: &[TokenTree], at: usize) -> Option<String> {
    tokens.get(at).and_then(word)
}

fn word_before(tokens: &[TokenTree], at: usize) -> Option<String> {
    at.checked_sub(1).and_then(|before| word_at(tokens, before))
}

fn is(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    is(tokens.get(at), ':') && is(tokens.get(at + 1), ':')
}

fn is_hash(before: &[TokenTree]) -> bool {
    is(before.last(), '#')
}

fn is_hash_bang(before: &[TokenTree]) -> bool {
    matches!(before, [.., hash, bang] if is(Some(hash), '#') && is(Some(bang), '!'))
}

/// Whether `pub` or `pub(crate)` stands at the end of `before`.
fn is_public(before: &[TokenTree]) -> bool {
    match before {
        [.., public, TokenTree::Group(scope)] => {
            word(public).as_deref() == Some("pub") && scope.stream().to_string() == "crate"
        }
        [.., last] => word(last).as_deref() == Some("pub"),
        [] => false,
    }
}

/// The semicolon that ends the item which begins at `at`.
fn end_of(tokens: &[TokenTree], at: usize) -> usize {
    let length = tokens[at..].iter().position(|token| is(Some(token), ';'));
    length.map_or(tokens.len(), |length| at + length)
}
