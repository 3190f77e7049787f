import Diagnostics

/// A variable in MLflow's form: its whole range, braces included, and its name's.
struct MustacheMatch {
    var range: Range<Int>
    var name: Range<Int>
}

extension Source {
    /// The variables that MLflow sees, leftmost first and without overlap.
    ///
    /// This is `PROMPT_TEMPLATE_VARIABLE_PATTERN` of MLflow 3.17:
    /// `\{\{\s*([a-zA-Z_][a-zA-Z0-9_]*(?:\.[a-zA-Z_][a-zA-Z0-9_]*)*)\s*\}\}`.
    func mustacheMatches() -> [MustacheMatch] {
        var result: [MustacheMatch] = []
        var start = 0
        while let open = offset(of: UInt8(ascii: "{"), from: start) {
            let match = mustacheMatch(at: open)
            if let match { result.append(match) }
            start = match?.range.upperBound ?? open + 1
        }
        return result
    }

    private func mustacheMatch(at start: Int) -> MustacheMatch? {
        guard has("{{", at: start) else { return nil }
        let nameStart = skipSpaces(from: start + 2)
        guard var nameEnd = identifierEnd(from: nameStart) else { return nil }
        while self[nameEnd] == UInt8(ascii: "."), let next = identifierEnd(from: nameEnd + 1) {
            nameEnd = next
        }
        let end = skipSpaces(from: nameEnd)
        guard has("}}", at: end) else { return nil }
        return MustacheMatch(range: start..<(end + 2), name: nameStart..<nameEnd)
    }

    /// Analyzes a template in MLflow's own form.
    ///
    /// - Parameter rendersAsJinja: Whether MLflow renders the prompt with Jinja2.
    /// - Returns: The variables, and warnings about text that looks like a variable but is not one.
    func analyzeMustache(rendersAsJinja: Bool) -> PartAnalysis {
        let matches = mustacheMatches()
        var result = PartAnalysis(registered: String(decoding: bytes, as: UTF8.self))
        result.variables = matches.map { FoundName(name: text($0.name), offset: $0.name.lowerBound) }
        var lookalikes = MustacheLookalikes(source: self, matches: matches)
        lookalikes.scan()
        // Jinja2 understands double braces that do not match MLflow's pattern.
        result.findings = lookalikes.findings.filter { !rendersAsJinja || $0.diagnostic.code == .singleBrace }
        if looksLikeJinja, let start = find("{%", from: 0) {
            result.findings.append(
                .warning(
                    .rendersAsJinja, "MLflow renders a text that has '{%' and '%}' with Jinja2",
                    at: start..<(start + 2), help: "set 'syntax: jinja2' if that is meant"))
        }
        return result
    }
}

/// Finds braces that look like a variable but are plain text to MLflow.
private struct MustacheLookalikes {
    let source: Source
    let matches: [MustacheMatch]
    var findings: [Finding] = []
    private var seen: Set<String> = []
    private var nextMatch = 0
    /// Read only for a text that has a name in single braces.
    private lazy var literals = LiteralBraces(source)
    /// Whether the text has `{0}`, without which a number in braces is none of `str.format`.
    private lazy var hasPositionalFields = source.hasPositionalFields

    init(source: Source, matches: [MustacheMatch]) {
        self.source = source
        self.matches = matches
    }

    mutating func scan() {
        var start = 0
        while let open = source.offset(of: UInt8(ascii: "{"), from: start) {
            if nextMatch < matches.count, open == matches[nextMatch].range.lowerBound {
                noteTripleBrace(around: matches[nextMatch])
                start = matches[nextMatch].range.upperBound
                nextMatch += 1
            } else {
                start = scanBraces(from: open)
            }
        }
    }

    /// Looks at a run of opening braces; returns where to go on.
    private mutating func scanBraces(from start: Int) -> Int {
        let limit = nextMatch < matches.count ? matches[nextMatch].range.lowerBound : source.bytes.count
        var end = start
        while end < limit, source[end] == UInt8(ascii: "{") { end += 1 }
        if end == limit { return end }
        if end - start == 1 {
            noteSingleBrace(at: start)
            return end
        }
        // The last two braces of a run are the opening; its content ends before the next opening.
        var close = end
        while close < limit, !source.has("}}", at: close), !source.has("{{", at: close) { close += 1 }
        if source.has("}}", at: close) {
            noteUnrecognized(open: end - 2, content: end..<close)
            return close + 2
        }
        noteUnclosed(open: end - 2, nameFrom: end)
        return close
    }

    private mutating func noteSingleBrace(at open: Int) {
        guard let field = source.formatField(from: open + 1) else { return }
        if field.isPositional, !hasPositionalFields || source.isQuantifier(open) { return }
        let text = source.text((open + 1)..<field.end)
        guard !literals.contains(open), seen.insert("{\(text)}").inserted else { return }
        let way =
            switch (field.variable, field.hasFormat) {
            case (nil, _): "write a name in double braces, such as {{value}}, and pass what it stands for"
            case (let name?, true): "write {{\(name)}} and pass it as it is to be shown"
            case (let name?, false) where name.contains("."): "write {{\(name)}}"
            case (let name?, false): "write {{\(name)}}, or set 'syntax: python' for a file for str.format"
            }
        findings.append(
            .warning(
                .singleBrace, "'{\(text)}' is plain text to MLflow, not a variable",
                at: open..<(field.end + 1),
                help: "\(way); if the braces are meant, 'warnings: {single-brace: off}'"))
    }

    /// Notes `{{{name}}}` and more braces, which in Mustache is the value alone.
    private mutating func noteTripleBrace(around match: MustacheMatch) {
        var (start, end) = (match.range.lowerBound, match.range.upperBound)
        let brace = (open: UInt8(ascii: "{"), close: UInt8(ascii: "}"))
        while start > 0, source[start - 1] == brace.open, source[end] == brace.close {
            (start, end) = (start - 1, end + 1)
        }
        guard start < match.range.lowerBound, start == 0 || source[start - 1] != brace.open,
            source[end] != brace.close, !literals.isArgument(start)
        else { return }
        let name = source.text(match.name)
        guard seen.insert("{{{\(name)").inserted else { return }
        findings.append(
            .warning(
                .tripleBrace, "MLflow puts the value of '\(name)' in braces", at: start..<end,
                help:
                    "write {{\(name)}}, as MLflow escapes nothing; if the braces are meant, 'warnings: {triple-brace: off}'"
            ))
    }

    private mutating func noteUnrecognized(open: Int, content: Range<Int>) {
        guard seen.insert(source.text(content)).inserted else { return }
        let first = source.skipSpaces(from: content.lowerBound)
        let isEmpty = first >= content.upperBound
        let help =
            switch source[first] {
            case _ where isEmpty: "put a name between the braces"
            case UInt8(ascii: ">") where first > content.lowerBound:
                "write {{\(source.text(first..<content.upperBound))}}, without a blank, to put that file in"
            case UInt8(ascii: "#"), UInt8(ascii: "^"), UInt8(ascii: "/"), UInt8(ascii: ">"),
                UInt8(ascii: "!"),
                UInt8(ascii: "&"):
                "MLflow has no sections, partials or comments of Mustache; conditions and loops need 'syntax: jinja2'"
            case _ where source.bytes[content].contains(where: Self.isExpressionByte):
                "filters and expressions need 'syntax: jinja2'"
            case _ where source.isRole(content):
                "it begins a message at the beginning of a line, outside of code, or in a .prompt file"
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                "doubled braces stay doubled; set 'syntax: python' if the file is written for str.format"
            case UInt8(ascii: "$") where source.identifierEnd(from: first + 1) != nil:
                source.identifierEnd(from: first + 1).map {
                    "write {{\(source.text((first + 1)..<$0))}}; the '$' is Semantic Kernel's"
                }
            default:
                source.repairedName(content).map { "write {{\($0)}}" }
                    ?? "a name has letters, digits and '_', does not begin with a digit, and may have dots between its parts"
            }
        let range = open..<(content.upperBound + 2)
        findings.append(
            .warning(
                .notAVariable, "'\(source.excerpt(range))' is not a variable to MLflow and stays as text",
                at: range, help: help))
    }

    private mutating func noteUnclosed(open: Int, nameFrom start: Int) {
        let name = source.skipSpaces(from: start)
        guard let end = source.identifierEnd(from: name), seen.insert("{{").inserted else { return }
        findings.append(
            .warning(
                .unclosedVariable, "'{{' is not closed and stays as text", at: open..<end,
                help: "write {{\(source.text(name..<end))}}"))
    }

    private static func isExpressionByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "|") || byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[")
    }
}
