import Support

/// A tag of Handlebars, as dotprompt files have them.
struct HandlebarsTag {
    /// What the tag does.
    enum Kind: Equatable {
        /// `{{role "user"}}`: a message begins.
        case role(String)
        /// `{{history}}`: the messages so far.
        case history
        /// `{{#if x}}`: a block begins.
        case block(name: String, argument: String)
        /// `{{else}}`, `{{/if}}`: a block goes on or ends.
        case blockPart
        /// `{{! … }}`.
        case comment
        /// `{{name argument}}`: a helper is called.
        case helper(name: String, argument: String)
        /// `{{@index}}`, `{{this}}`: what only a block knows.
        case blockValue
        /// `{{@user.name}}`: what the program that calls the model knows.
        case contextValue(String)
        /// `{{{x}}}`: a variable whose value is not escaped.
        case unescaped(String)
        /// `{{~x~}}`: a variable that takes the white space beside it away.
        case trimming(String)
        /// A variable, a partial, or nothing that Handlebars knows.
        case other
    }

    /// What the tag does.
    var kind: Kind
    /// The tag in the text.
    var range: Range<Int>
}

extension Source {
    /// The tags of Handlebars, in order.
    func handlebarsTags() -> [HandlebarsTag] {
        var tags: [HandlebarsTag] = []
        var start = 0
        while let open = find("{{", from: start) {
            let isTriple = self[open + 2] == UInt8(ascii: "{")
            let isLongComment = has("{{!--", at: open)
            let content = open + (isTriple ? 3 : 2)
            let close =
                isLongComment ? find("--}}", from: content) : find(isTriple ? "}}}" : "}}", from: content)
            guard let close else { break }
            let end = close + (isLongComment ? 4 : isTriple ? 3 : 2)
            tags.append(HandlebarsTag(kind: handlebarsKind(content..<close, isTriple), range: open..<end))
            start = end
        }
        return tags
    }

    /// Whether the content of a tag is that of a role.
    func isRole(_ content: Range<Int>) -> Bool {
        if case .role = handlebarsKind(content, false) { true } else { false }
    }

    private func handlebarsKind(_ range: Range<Int>, _ isTriple: Bool) -> HandlebarsTag.Kind {
        var content = text(range)[...]
        // '~' takes the white space beside the tag away.
        if content.first == "~" { content.removeFirst() }
        if content.last == "~" { content.removeLast() }
        let words = content.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let first = words.first else { return .other }
        let argument =
            words.dropFirst().first.map { $0.split(separator: "=").last.map(String.init) ?? $0 } ?? ""
        switch content.first {
        case "!": return .comment
        case "#":
            let rest = first.count > 1 ? words : Array(words.dropFirst())
            let name = rest.first.map { $0.hasPrefix("#") ? String($0.dropFirst()) : $0 } ?? ""
            return .block(name: name, argument: rest.dropFirst().first ?? "")
        case "/", "^": return .blockPart
        case ">": return .other
        default: break
        }
        if first == "else" { return .blockPart }
        if let name = contextName(first) { return .contextValue(name) }
        if first.hasPrefix("@") || first == "this" || first.hasPrefix("this.") || first.hasPrefix("../") {
            return .blockValue
        }
        if words.count > 1, Source(first).identifierEnd(from: 0) == first.utf8.count {
            let quoted = words[1]
            if first == "role", words.count == 2, quoted.count > 2, let quote = quoted.first,
                "\"'".contains(quote),
                quoted.last == quote
            {
                return .role(String(quoted.dropFirst().dropLast()))
            }
            return .helper(name: first, argument: argument)
        }
        if isTriple { return .unescaped(String(content).trimmed()) }
        if first == "history", words.count == 1 { return .history }
        let isTrimming = words.count == 1 && content.utf8.count < range.count
        return isTrimming ? .trimming(first) : .other
    }

    /// The name behind `@`, where it is none that a block sets.
    private func contextName(_ word: String) -> String? {
        let name = String(word.dropFirst())
        let root = String(name.prefix { $0 != "." })
        guard word.hasPrefix("@"), !["index", "key", "first", "last", "root"].contains(root),
            Source(root).identifierEnd(from: 0) == root.utf8.count
        else { return nil }
        return name
    }
}
