/// The names that Jinja2 3.1 provides; MLflow adds none.
enum JinjaBuiltins {
    /// The global functions, for which a template needs no variable.
    static let globals: Set<String> = [
        "cycler", "dict", "joiner", "lipsum", "namespace", "range",
    ]

    /// The constants.
    static let constants: Set<String> = ["False", "None", "True", "false", "none", "true"]

    /// The filters.
    static let filters: Set<String> = [
        "abs", "attr", "batch", "capitalize", "center", "count", "d", "default", "dictsort", "e",
        "escape", "filesizeformat", "first", "float", "forceescape", "format", "groupby", "indent",
        "int", "items", "join", "last", "length", "list", "lower", "map", "max", "min", "pprint",
        "random", "reject", "rejectattr", "replace", "reverse", "round", "safe", "select",
        "selectattr", "slice", "sort", "string", "striptags", "sum", "title", "tojson", "trim",
        "truncate", "unique", "upper", "urlencode", "urlize", "wordcount", "wordwrap", "xmlattr",
    ]

    /// The tests; the operators among them serve `select("==", …)`.
    static let tests: Set<String> = [
        "!=", "<", "<=", "==", ">", ">=", "boolean", "callable", "defined", "divisibleby", "eq",
        "equalto", "escaped", "even", "false", "filter", "float", "ge", "greaterthan", "gt", "in",
        "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne", "none", "number",
        "odd", "sameas", "sequence", "string", "test", "true", "undefined", "upper",
    ]

    /// The tags that a tag with `end` before their name closes; so is `set` when it has no `=`.
    static let blockTags = ["autoescape", "block", "call", "filter", "for", "if", "macro", "with"]

    /// All tags that begin a statement.
    static let tags = blockTags + ["extends", "from", "import", "include", "print", "raw", "set"]
}
