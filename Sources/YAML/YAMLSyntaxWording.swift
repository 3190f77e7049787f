import CYAML
import Support

extension YAMLProblem {
    /// What libyaml found wrong, in words that say what to do about it.
    init(_ error: YAMLReadError, in source: inout YAMLSource) {
        let end = source.endOfContent(ifAt: source.place(error.mark))
        let place = end ?? source.place(error.mark)
        let start = source.place(error.contextMark)
        self.init(code: .yamlSyntax, message: error.problem, place: place)
        switch error.problem {
        case "mapping values are not allowed in this context":
            message = "unexpected ':' inside a value"
            help =
                source.line(before: place).contains(": ")
                ? "put the value in quotes if ': ' belongs to its text"
                : "check this line's indentation, and that the ':' of the line above has a space after it"
        case "could not find expected ':'":
            self.place = start
            length = max(1, source.restOfLine(from: start).count)
            message = "expected 'key: value', and there is no ':' after this text"
            help = "check the indentation; text of several lines begins with '|' or '>'"
        case "did not find expected key":
            if source.line(before: place).allSatisfy({ $0 == " " || $0 == "\t" }) {
                message = "expected a key of the mapping that begins on line \(start.line)"
                help = "keys of one mapping begin in the same column"
            } else {
                message = "unexpected text after a value"
                help = "put the whole value in quotes; a ' inside single quotes is written ''"
            }
        case "did not find expected '-' indicator":
            message = "expected '- ', as in the list that begins on line \(start.line)"
            help = "items of one list begin in the same column"
        case "block sequence entries are not allowed in this context":
            message = "a list item cannot begin here"
            help = "put each item on a line of its own below the key, or quote text that begins with '- '"
        case "mapping keys are not allowed in this context":
            message = "a key cannot begin here"
            help = "put text that begins with '? ' in quotes"
        case "did not find expected node content":
            message = end == nil ? "expected a value here" : "the document ends where a value is expected"
        case "did not find expected comment or line break":
            message = "only a comment may follow '|' or '>' on its line"
            help = "put the text on the lines below, or in quotes"
        case "did not find expected <document start>":
            message = "unexpected text after the end of the document's value"
            help = "put the whole value in quotes, if that is one text"
        case "found undefined tag handle":
            code = .yamlTag
            message = "unknown tag: its handle is not declared"
        case "did not find expected ',' or ']'":
            describeUnclosed("list", "]", from: start, isAtEnd: end != nil, in: &source)
        case "did not find expected ',' or '}'":
            describeUnclosed("mapping", "}", from: start, isAtEnd: end != nil, in: &source)
        default: describeCharacter(error, start: start, in: &source)
        }
        describeTab(error, in: &source)
    }

    /// The wording of a bracket that is not closed where the next item would begin.
    private mutating func describeUnclosed(
        _ kind: String, _ close: String, from start: TextPosition, isAtEnd: Bool, in source: inout YAMLSource
    ) {
        if isAtEnd {
            place = start
            message = "this \(kind) has no closing '\(close)'"
        } else {
            message = "expected ',' or '\(close)' in the \(kind) that begins at \(start.line):\(start.column)"
            help =
                source.restOfLine(from: place).first == "{"
                ? "put text with '{' in quotes"
                : "close it with '\(close)', or put text with ',' or ':' in quotes"
        }
    }

    /// The wording of problems with single characters and with quotes.
    private mutating func describeCharacter(
        _ error: YAMLReadError, start: TextPosition, in source: inout YAMLSource
    ) {
        let found = source.restOfLine(from: place).first
        switch (error.problem, error.context) {
        case ("found character that cannot start any token", _):
            message = "'\(found.map { String($0) } ?? "")' cannot begin a value"
            help = "put the text in quotes"
        case ("found unexpected end of stream", "while scanning a quoted scalar"):
            place = start
            length = max(1, source.restOfLine(from: start).count)
            message = "this quoted text has no closing quote"
        case ("found unknown escape character", _):
            let escape = String(String.UnicodeScalarView(source.restOfLine(from: place).prefix(2)))
            length = 2
            message = "unknown escape '\(escape)' in double quotes"
            help = "write '\\\\' for a backslash, or use single quotes"
        case ("did not find expected alphabetic or numeric character", let context):
            let (sign, name) = context == "while scanning an alias" ? ("*", "alias") : ("&", "anchor")
            place = start
            message = "'\(sign)' begins an \(name) here, and what follows is no name"
            help = "put text that begins with '\(sign)' in quotes"
        case (_, let context) where !context.isEmpty: message += " \(context)"
        default: break
        }
    }

    /// Tabs lead to many different problems, and the cause is always the same.
    private mutating func describeTab(_ error: YAMLReadError, in source: inout YAMLSource) {
        let line = source.place(error.mark).line
        if error.problem.hasPrefix("found a tab character") || source.isIndentedByTab(line: line) {
            place = source.place(error.mark)
            length = 1
            message = "a tab cannot indent a line"
            help = "indent with spaces"
        }
    }
}
