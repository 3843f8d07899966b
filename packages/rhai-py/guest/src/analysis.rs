//! What a script says about itself: read from its syntax tree, nothing is run.

use crate::absent::refusal;
use crate::json_out::Writer;
use rhai::{ASTNode, Expr, FnCallExpr, Position, Stmt, AST};
use std::collections::{BTreeMap, BTreeSet};

/// The scripts that can be imported, each with the host functions that it reaches.
pub type Libraries = BTreeMap<String, BTreeSet<String>>;

#[derive(Default)]
pub struct Analysis {
    /// Qualified calls that lead out of the script, with the places they stand at.
    pub host_calls: BTreeMap<String, Vec<Position>>,
    pub imports: Vec<(String, Position)>,
    /// The first thing that forbids the script.
    pub refusal: Option<(String, Position)>,
    aliases: BTreeMap<String, String>,
    own: BTreeSet<(String, usize)>,
}

impl Analysis {
    /// Read one tree; `libraries` are the scripts that `import` may find.
    ///
    /// `earlier` holds the functions that texts before this one have left.
    pub fn of(ast: &AST, earlier: &AST, libraries: &Libraries) -> Self {
        let functions = ast.iter_functions().chain(earlier.iter_functions());
        let own = functions.map(|f| (f.name.to_string(), f.params.len())).collect();
        let mut analysis = Self { own, ..Self::default() };
        ast.walk(&mut |path: &[ASTNode]| {
            if let Some(ASTNode::Stmt(Stmt::Import(import, position))) = path.last() {
                analysis.import(&import.0, import.1.as_str(), *position, libraries);
            }
            true
        });
        ast.walk(&mut |path: &[ASTNode]| {
            analysis.node(path, libraries);
            true
        });
        analysis
    }

    fn node(&mut self, path: &[ASTNode], libraries: &Libraries) {
        match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position))) => {
                self.call(call, *position, libraries);
            }
            Some(ASTNode::Stmt(Stmt::FnCall(call, position))) => self.call(call, *position, libraries),
            _ => {}
        }
    }

    fn import(&mut self, path: &Expr, alias: &str, position: Position, libraries: &Libraries) {
        let Expr::StringConstant(path, _) = path else {
            self.refuse(
                "an import takes its path as literal text here: a computed one cannot be analysed",
                position,
            );
            return;
        };
        self.imports.push((path.to_string(), position));
        // What a library reaches, its importers reach; the lines belong to another text.
        for name in libraries.get(path.as_str()).into_iter().flatten() {
            self.host_calls.entry(name.clone()).or_default();
        }
        if alias.is_empty() {
            return;
        }
        let known = self.aliases.insert(alias.to_owned(), path.to_string());
        if known.is_some_and(|known| known != path.as_str()) {
            self.refuse(&format!("two imports are called '{alias}': give each its own name"), position);
        }
    }

    fn call(&mut self, call: &FnCallExpr, position: Position, libraries: &Libraries) {
        if call.namespace.is_empty() {
            self.plain(call, position);
            return;
        }
        let mut names: Vec<&str> = call.namespace.path.iter().map(rhai::Ident::as_str).collect();
        let root = self.aliases.get(names[0]).cloned();
        if root.as_ref().is_some_and(|path| libraries.contains_key(path)) {
            return;
        }
        if let Some(path) = &root {
            names[0] = path;
        }
        let name = format!("{}::{}", names.join("::"), call.name);
        self.host_calls.entry(name).or_default().push(position);
    }

    fn plain(&mut self, call: &FnCallExpr, position: Position) {
        let name = call.name.as_str();
        let Some(why) = refusal(name) else { return };
        let arity = call.args.len();
        if !self.own.iter().any(|(own, params)| own == name && *params == arity) {
            self.refuse(&why, position);
        }
    }

    fn refuse(&mut self, why: &str, position: Position) {
        self.refusal.get_or_insert_with(|| (why.to_owned(), position));
    }

    pub fn write(&self, ast: &AST, into: &mut Writer) {
        into.raw("{\"functions\":[");
        let mut first = true;
        for function in ast.iter_fn_def() {
            if function.name.starts_with("anon$") {
                continue;
            }
            into.raw(if first { "[" } else { ",[" });
            first = false;
            into.text(&function.name);
            into.raw(if function.access == rhai::FnAccess::Private { ",true," } else { ",false," });
            write_place(function.body.position(), into);
            for parameter in &function.params {
                into.raw(",");
                into.text(parameter);
            }
            into.raw("]");
        }
        into.raw("],\"host_calls\":{");
        for (index, (name, places)) in self.host_calls.iter().enumerate() {
            into.raw(if index > 0 { "," } else { "" });
            into.text(name);
            into.raw(":[");
            for (count, place) in places.iter().enumerate() {
                into.raw(if count > 0 { "," } else { "" });
                write_place(*place, into);
            }
            into.raw("]");
        }
        into.raw("},\"imports\":[");
        for (index, (path, place)) in self.imports.iter().enumerate() {
            into.raw(if index > 0 { ",[" } else { "[" });
            into.text(path);
            into.raw(",");
            write_place(*place, into);
            into.raw("]");
        }
        into.raw("]}");
    }
}

fn write_place(place: Position, into: &mut Writer) {
    into.raw("[");
    into.whole(place.line().map_or(0, |line| line as i64));
    into.raw(",");
    into.whole(place.position().map_or(0, |column| column as i64));
    into.raw("]");
}
