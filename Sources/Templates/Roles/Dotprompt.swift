package import Diagnostics

extension Diagnostic.Code {
    /// A tag of Handlebars, which MLflow does not fill in.
    package static let handlebars = Diagnostic.Code(rawValue: "handlebars")
}

extension TemplateText {
    /// Whether a text marks a message as dotprompt does.
    package var hasDotpromptRoles: Bool {
        let source = Source(text)
        return source.mayHaveRoles && source.handlebarsTags().contains(where: \.isRole)
    }

    /// The messages of a dotprompt file: each begins with `{{role "user"}}`; nil where nothing marks one.
    package func dotpromptMessages() -> [MarkedMessage]? {
        let source = Source(text)
        guard source.mayHaveRoles else { return nil }
        let marks = source.handlebarsTags().compactMap { tag -> RoleMark? in
            guard case .role(let role) = tag.kind else { return nil }
            return RoleMark(role: chatRole(role), range: tag.range)
        }
        return marks.isEmpty ? nil : messages(at: marks, first: "user")
    }

    /// What of a text with Handlebars in it MLflow cannot fill in, with what to write instead. Marks of messages were
    /// taken out of it, but for those that mark none, such as one in a part.
    ///
    /// - Parameter variables: The names that are variables, whatever Handlebars makes of them.
    /// - Returns: An error for each tag.
    package func handlebarsErrors(variables: Set<String>) -> [Diagnostic] {
        let source = Source(text)
        var places = PlaceFinder(source, of: self)
        return source.handlebarsTags().compactMap { tag in
            if tag.kind == .history, variables.contains("history") { return nil }
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
                "mark messages in the prompt's own file: '{{role \"user\"}}' in a .prompt file, the line 'user:' in Prompty's"
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

extension HandlebarsTag {
    fileprivate var isRole: Bool { if case .role = kind { true } else { false } }
}

extension Source {
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
