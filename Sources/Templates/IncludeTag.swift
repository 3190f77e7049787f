package import Diagnostics

/// A tag in whose place the text of another file is registered: `{{> NAME}}`, in Jinja2 `{% include "NAME" %}`.
package struct IncludeTag: Sendable {
    /// The name of the file, as it is written; nil when it cannot be known.
    package var name: String?
    /// Why the tag cannot be used; nil when it can.
    package var problem: Diagnostic?
    /// The place of the name.
    package var location: SourceLocation
    /// The length of the name in Unicode scalars.
    package var length: Int
    /// The tag in the text.
    var range: Range<Int>
    /// Whether white space before the tag goes away.
    var trimsBefore = false
    /// Whether white space after the tag goes away.
    var trimsAfter = false
}

extension TemplateText {
    /// The tags that ask for the text of another file, in order.
    ///
    /// - Parameter syntax: How the text writes variables.
    /// - Returns: The tags; none in plain text.
    package func includeTags(_ syntax: TemplateSyntax) -> [IncludeTag] {
        let source = Source(text)
        var found: [FoundInclude] = []
        if syntax != .none, syntax != .jinja2 {
            found = source.mustacheIncludes() + source.trimmingIncludes()
        }
        if syntax == .jinja2 || syntax == .mustache && source.looksLikeJinja {
            found += source.jinjaIncludes()
        }
        if found.isEmpty { return [] }
        var places = PlaceFinder(source, of: self)
        return found.sorted { $0.tag.lowerBound < $1.tag.lowerBound }.map { include in
            let location = places.place(at: include.name.lowerBound)
            let length = max(1, source.bytes[include.name].count { !$0.isUTF8Continuation })
            return IncludeTag(
                name: include.problem == nil ? source.text(include.name) : nil,
                problem: include.problem.map {
                    .error(.unusableInclude, $0.message, at: location, length: length, help: $0.help)
                },
                location: location, length: length, range: include.tag,
                trimsBefore: source[include.tag.lowerBound + 2] == UInt8(ascii: "-") && include.isJinja,
                trimsAfter: source[include.tag.upperBound - 3] == UInt8(ascii: "-") && include.isJinja)
        }
    }

    /// The text with others in the place of tags.
    ///
    /// - Parameters:
    ///   - tags: The tags of this text, in order.
    ///   - texts: What is put in for each.
    ///   - limit: The most bytes.
    /// - Returns: The text; nil where it would be longer.
    package func replacing(_ tags: [IncludeTag], with texts: [TemplateText], limit: Int) -> TemplateText? {
        var reader = StretchReader(self)
        var result = TextAssembly()
        var start = 0
        for (tag, replacement) in zip(tags, texts) {
            let mark = result.count
            result.append(start..<tag.range.lowerBound, of: &reader)
            if tag.trimsBefore { result.trimEnd(to: mark) }
            result.append(replacement)
            start = tag.range.upperBound
            if tag.trimsAfter { start = reader.source.skipSpaces(from: start) }
            if result.count > limit { return nil }
        }
        result.append(start..<reader.source.bytes.count, of: &reader)
        return result.count > limit ? nil : result.text(from: self)
    }
}

/// A tag before its place is known.
private struct FoundInclude {
    var tag: Range<Int>
    var name: Range<Int>
    var problem: (message: String, help: String)?
    var isJinja = false
}

extension Source {
    /// The tags of the form `{{> NAME}}`.
    fileprivate func mustacheIncludes() -> [FoundInclude] {
        var found: [FoundInclude] = []
        var start = 0
        // The next end of a tag and of a line, which are looked for once, however many tags begin before them.
        var (close, line) = (-1, -1)
        while let open = find("{{>", from: start) {
            start = open + 3
            if open > 0, self[open - 1] == UInt8(ascii: "{") { continue }
            if line < start { line = offset(of: UInt8(ascii: "\n"), from: start) ?? bytes.count }
            if close < start { close = find("}}", from: start) ?? bytes.count }
            guard close < line else {
                found.append(
                    FoundInclude(
                        tag: open..<start, name: open..<start,
                        problem: ("'{{>' is not closed", "write {{> NAME}} for the text of another file")))
                continue
            }
            found.append(mustacheInclude(open..<(close + 2)))
            start = close + 2
        }
        return found
    }

    /// The tags of the form `{{~> NAME}}`, with which Handlebars takes white space away.
    fileprivate func trimmingIncludes() -> [FoundInclude] {
        var found: [FoundInclude] = []
        var start = 0
        while let open = find("{{~", from: start) {
            start = open + 3
            guard self[skipSpaces(from: start)] == UInt8(ascii: ">"), let close = find("}}", from: start)
            else {
                continue
            }
            start = close + 2
            found.append(
                FoundInclude(
                    tag: open..<start, name: open..<start,
                    problem: (
                        "'{{~' takes no white space away here",
                        "write {{> NAME}} for the text of another file"
                    )))
        }
        return found
    }

    private func mustacheInclude(_ tag: Range<Int>) -> FoundInclude {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        var name = (tag.lowerBound + 3)..<(tag.upperBound - 2)
        while let first = bytes[name].first, isBlank(first) {
            name = (name.lowerBound + 1)..<name.upperBound
        }
        while let last = bytes[name].last, isBlank(last) {
            name = name.lowerBound..<(name.upperBound - 1)
        }
        if let quote = bytes[name].first, "\"'".utf8.contains(quote), name.count > 2,
            bytes[name].last == quote
        {
            name = (name.lowerBound + 1)..<(name.upperBound - 1)
        }
        var found = FoundInclude(tag: tag, name: name)
        if name.isEmpty {
            found.name = tag
            found.problem = ("'{{>' names no file", "write {{> NAME}} for the text of another file")
        } else if bytes[name].contains(where: { isBlank($0) || "(){}*=\"'|".utf8.contains($0) }) {
            found.problem = (
                "'\(excerpt(tag))' is not the name of a file alone",
                "write {{> NAME}}: a part takes no parameters, and its name is known when it is registered"
            )
        }
        return found
    }

    /// The tags of the form `{% include "NAME" %}`; others are left for the reader of Jinja2 to refuse.
    fileprivate func jinjaIncludes() -> [FoundInclude] {
        guard find("include", from: 0) != nil else { return [] }
        let tokens = JinjaLexer(self).tokens
        var found: [FoundInclude] = []
        for index in tokens.indices.dropLast(3)
        where text(tokens[index].range) == "{%" && text(tokens[index + 1].range) == "include" {
            let (name, rest) = (tokens[index + 2], tokens[(index + 3)...])
            guard name.kind == .string, !bytes[name.range].contains(UInt8(ascii: "\\")),
                let end = rest.firstIndex(where: { $0.kind == .symbol && text($0.range) == "%}" })
            else { continue }
            let words = rest[..<end].map { text($0.range) }
            var include = FoundInclude(
                tag: tokens[index].range.lowerBound..<tokens[end].range.upperBound,
                name: (name.range.lowerBound + 1)..<(name.range.upperBound - 1), isJinja: true)
            switch words {
            case [], ["ignore", "missing"], ["with", "context"], ["ignore", "missing", "with", "context"]:
                if include.name.isEmpty {
                    include.name = name.range
                    include.problem = ("'include' names no file", "write {% include \"NAME\" %}")
                }
            case ["without", "context"], ["ignore", "missing", "without", "context"]:
                include.problem = (
                    "a part is put in where its tag stands, so it cannot be 'without context'",
                    "leave out 'without context'"
                )
            default: continue
            }
            found.append(include)
        }
        return found
    }
}
