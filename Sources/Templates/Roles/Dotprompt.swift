package import Diagnostics

extension Diagnostic.Code {
    /// A tag of Handlebars, which MLflow does not fill in.
    package static let handlebars = Diagnostic.Code(rawValue: "handlebars")
}

extension TemplateText {
    /// The messages that a text marks as dotprompt does: each begins with `{{role "user"}}`; nil where nothing marks one.
    ///
    /// - Parameter isDotprompt: Whether the file is dotprompt's, which takes a role anywhere. In another one a role that is
    ///   no mark may be told of: it is one at the beginning of a line, outside of Markdown's code.
    /// - Returns: The messages.
    package func dotpromptMessages(isDotprompt: Bool) -> [MarkedMessage]? {
        let source = Source(text)
        guard source.mayHaveRoles else { return nil }
        let code = isDotprompt ? [] : source.markdownCode()
        let marks = source.handlebarsTags().compactMap { tag -> RoleMark? in
            let start = tag.range.lowerBound
            guard case .role(let role) = tag.kind,
                isDotprompt || source.beginsLine(start) && !code.holds(start)
            else { return nil }
            return RoleMark(role: chatRole(role), range: tag.range)
        }
        return marks.isEmpty ? nil : messages(at: marks, first: "user")
    }

    /// What of a text with Handlebars in it MLflow cannot fill in, with what to write instead. Marks of messages were
    /// taken out of it, but for those that mark none, such as one in a part.
    ///
    /// - Parameters:
    ///   - variables: The names that are variables, whatever Handlebars makes of them.
    ///   - isDotprompt: Whether the file is dotprompt's; in another one a role in code is quoted.
    /// - Returns: An error for each tag.
    package func handlebarsErrors(variables: Set<String>, isDotprompt: Bool) -> [Diagnostic] {
        let source = Source(text)
        let code = isDotprompt || !source.mayHaveRoles ? [] : source.markdownCode()
        var places = PlaceFinder(source, of: self)
        return source.handlebarsTags().compactMap { tag in
            if tag.kind == .history, variables.contains("history") { return nil }
            if case .role = tag.kind, code.holds(tag.range.lowerBound) { return nil }
            guard let help = Self.help(tag.kind) else { return nil }
            return .error(
                .handlebars, "MLflow cannot fill in '\(source.excerpt(tag.range))'",
                at: places.place(at: tag.range.lowerBound),
                length: source.bytes[tag.range].prefix { $0 != UInt8(ascii: "\n") }
                    .count { !$0.isUTF8Continuation }, help: help)
        }
    }

    private static func help(_ kind: HandlebarsTag.Kind) -> String? {
        let jinja = "set 'syntax: jinja2' and write"
        switch kind {
        case .other: return nil
        case .role:
            return
                "mark messages in the prompt's own file: '{{role \"user\"}}' at the beginning of a line, the line 'user:' in Prompty's"
        case .history:
            return
                "the agent adds the messages so far to those of the prompt; declare 'history' if it is a variable"
        case .block("if", let argument): return "\(jinja) {% if \(argument) %} … {% else %} … {% endif %}"
        case .block("unless", let argument): return "\(jinja) {% if not \(argument) %} … {% endif %}"
        case .block("each", let argument):
            return "\(jinja) {% for item in \(argument) %} … {{ item }} … {% endfor %}"
        case .block(let name, _):
            return "MLflow has no block '\(name)'; conditions and loops need 'syntax: jinja2'"
        case .blockPart: return "\(jinja) {% else %} and {% endif %} or {% endfor %}"
        case .comment: return "take the comment out; MLflow would register it as text"
        case .helper("media", let argument):
            return
                "in a .chat.yaml, write a part of the content: {type: image_url, image_url: {url: \"{{\(argument)}}\"}}"
        case .helper(let name, let argument):
            if name == "role" { return "write {{role \"\(argument)\"}}: a role is in quotes" }
            let variable = Source(argument).identifierEnd(from: 0) == argument.utf8.count ? argument : "text"
            return "MLflow has no helper '\(name)': pass the finished text, such as {{\(variable)}}"
        case .blockValue: return "the item of a loop has a name in Jinja2: \(jinja) {{ item }}"
        case .contextValue(let name): return "write {{\(name)}}, and let the agent pass it"
        case .trimming(let name): return "write {{\(name)}}; MLflow takes no white space away"
        case .unescaped(let name): return "write {{\(name)}}; MLflow escapes nothing"
        }
    }
}

extension Source {
    /// Whether nothing but a few blanks is before an offset in its line; more of them would be code in Markdown.
    fileprivate func beginsLine(_ offset: Int) -> Bool {
        var start = offset
        while start > 0, self[start - 1] == UInt8(ascii: " ") { start -= 1 }
        return offset - start < 4 && (start == 0 || self[start - 1] == UInt8(ascii: "\n"))
    }

    /// Whether a tag begins with the word `role`; most texts have none, and to read all tags takes long.
    fileprivate var mayHaveRoles: Bool {
        var start = 0
        while let open = find("{{", from: start) {
            start = open + 2
            let content = self[start] == UInt8(ascii: "~") ? start + 1 : start
            if has("role", at: skipSpaces(from: content)) { return true }
        }
        return false
    }
}
