import Support

/// Parses a Jinja2 template by the grammar of `jinja2.parser` 3.1, keeping the names that it looks up and binds.
struct JinjaParser {
    /// How deep blocks may be nested; Python cannot compile what Jinja2 makes of deeper ones.
    static let blockLimit = 96

    var stream: JinjaTokenStream
    /// The bodies of the `block`s.
    private(set) var blocks: [JinjaBlock] = []
    /// Filters and tests that do not exist, and tags that MLflow cannot serve.
    var findings: [Finding] = []
    /// The names looked up by what is being read.
    var names: [JinjaName] = []
    /// How deep the expression being read is nested.
    var expressionDepth = 0
    /// How many `if` blocks are open.
    private(set) var conditionDepth = 0
    private var loopDepth = 0
    private var scopedBlockCount = 0
    /// The words of the open blocks, outermost first.
    private var openBlocks: [JinjaToken] = []

    init(_ source: Source, _ lexer: JinjaLexer) { stream = JinjaTokenStream(source, lexer) }

    /// Parses the whole template.
    mutating func parse() throws(JinjaError) -> [JinjaNode] { try parseBody(until: []) }

    /// Reads statements up to a tag that begins with one of `words`, and that word's tag's opening.
    private mutating func parseBody(until words: [StaticString]) throws(JinjaError) -> [JinjaNode] {
        var body: [JinjaNode] = []
        while true {
            switch stream.current.kind {
            case .text: stream.advance()
            case .variableBegin:
                stream.advance()
                try parseTuple()
                try stream.expect(.variableEnd, "'}}'")
                body.append(.lookups(takeNames()))
            case .blockBegin:
                stream.advance()
                if words.contains(where: { stream.isAt($0) }) { return body }
                body.append(try parseStatement())
                try stream.expect(.blockEnd, "'%}'")
            case .end where words.isEmpty: return body
            case .end:
                throw unclosedBlock()
            default: throw stream.unexpected(expected: "text")
            }
        }
    }

    /// Reads the rest of a block's opening tag and what follows up to a tag of `words`; the tag's word is current.
    private mutating func parseBlockBody(until words: [StaticString]) throws(JinjaError) -> [JinjaNode] {
        _ = stream.skip(.colon)
        try stream.expect(.blockEnd, "'%}'")
        return try parseBody(until: words)
    }

    /// Reads a block's body and the word that closes it.
    private mutating func parseBlockBody(closedBy word: StaticString) throws(JinjaError) -> [JinjaNode] {
        let body = try parseBlockBody(until: [word])
        stream.advance()
        return body
    }

    private mutating func parseStatement() throws(JinjaError) -> JinjaNode {
        let token = stream.current
        guard token.kind == .name else { throw stream.unexpected(expected: "a tag's name") }
        openBlocks.append(token)
        defer { openBlocks.removeLast() }
        guard openBlocks.count <= Self.blockLimit else {
            throw JinjaError(
                message: "blocks are nested more than \(Self.blockLimit) deep", range: token.range)
        }
        stream.advance()
        switch stream.source.text(token.range) {
        case "if": return .conditional(try parseConditional())
        case "for": return .loop(try parseLoop())
        case "set": return try parseSet()
        case "with": return try parseWith()
        case "macro": return try parseMacro()
        case "call": return try parseCall(at: token)
        case "filter": return try parseFilterBlock()
        case "block": return try parseBlock()
        case "autoescape": return try parseAutoescape()
        case "print": return try parsePrint()
        case "include": return try parseInclude(at: token)
        case "extends": return try parseExtends(at: token)
        case "import": return try parseImport(at: token)
        case "from": return try parseFrom(at: token)
        case let word: throw unknownTag(word, token)
        }
    }
}

// MARK: - Blocks

extension JinjaParser {
    private mutating func parseConditional() throws(JinjaError) -> JinjaConditional {
        conditionDepth += 1
        defer { conditionDepth -= 1 }
        var result = JinjaConditional()
        try parseBranch(of: &result)
        while stream.skip("elif") {
            var alternative = JinjaConditional()
            try parseBranch(of: &alternative)
            result.alternatives.append(alternative)
        }
        if stream.skip("else") {
            result.otherwise = try parseBlockBody(closedBy: "endif")
        } else {
            stream.advance()
        }
        return result
    }

    private mutating func parseBranch(of conditional: inout JinjaConditional) throws(JinjaError) {
        try parseTuple(TupleRules(allowsCondition: false))
        conditional.test = takeNames()
        conditional.body = try parseBlockBody(until: ["elif", "else", "endif"])
    }

    private mutating func parseLoop() throws(JinjaError) -> JinjaLoop {
        loopDepth += 1
        defer { loopDepth -= 1 }
        let targets = try parseTargets(TupleRules(isSimple: true, endWord: "in"))
        try stream.expect("in")
        try parseTuple(TupleRules(allowsCondition: false, endWord: "recursive"))
        var result = JinjaLoop(targets: targets, iterated: takeNames())
        if stream.skip("if") {
            try parseExpression()
            result.test = takeNames()
        }
        result.bindsLoop = stream.skip("recursive")
        let scopedBlocks = scopedBlockCount
        result.body = try parseBlockBody(until: ["endfor", "else"])
        if stream.skip("else") {
            result.otherwise = try parseBlockBody(closedBy: "endfor")
        } else {
            stream.advance()
        }
        // A scoped block sees the variables around it, so Jinja2 keeps `loop` for it.
        if scopedBlockCount > scopedBlocks { result.bindsLoop = true }
        return result
    }

    private mutating func parseSet() throws(JinjaError) -> JinjaNode {
        let targets = try parseTargets(TupleRules(isSimple: true, allowsAttributes: true))
        if stream.skip(.assign) {
            try parseTuple()
            return .assign(targets, value: takeNames())
        }
        try parseFilterChain()
        let filter = takeNames()
        return .assignBlock(targets, filter: filter, body: try parseBlockBody(closedBy: "endset"))
    }

    private mutating func parseWith() throws(JinjaError) -> JinjaNode {
        var targets: [JinjaTarget] = []
        var values: [JinjaName] = []
        var isFirst = true
        while stream.current.kind != .blockEnd {
            if !isFirst { try stream.expect(.comma, "','") }
            isFirst = false
            targets += try parseTargets(TupleRules(isSimple: true), areParameters: true)
            try stream.expect(.assign, "'='")
            try parseExpression()
            values += takeNames()
        }
        return .with(targets, values: values, body: try parseBlockBody(closedBy: "endwith"))
    }

    private mutating func parseMacro() throws(JinjaError) -> JinjaNode {
        let name = try parseBoundName()
        let signature = try parseSignature()
        return .macro(name: name, signature, body: try parseBlockBody(closedBy: "endmacro"))
    }

    private mutating func parseCall(at token: JinjaToken) throws(JinjaError) -> JinjaNode {
        var signature = JinjaSignature(range: token.range)
        if stream.current.kind == .leftParenthesis { signature = try parseSignature() }
        guard case .call = try parseExpression() else {
            throw JinjaError(message: "'call' needs a call of a macro", range: token.range)
        }
        let callee = takeNames()
        return .call(callee, signature, body: try parseBlockBody(closedBy: "endcall"))
    }

    private mutating func parseSignature() throws(JinjaError) -> JinjaSignature {
        var result = JinjaSignature(range: stream.current.range)
        try stream.expect(.leftParenthesis, "'('")
        while stream.current.kind != .rightParenthesis {
            if !result.parameters.isEmpty { try stream.expect(.comma, "','") }
            let parameter = try parseBoundName()
            if stream.skip(.assign) {
                try parseExpression()
                result.defaults += takeNames()
                result.defaultCount += 1
            } else if result.defaultCount > 0 {
                throw JinjaError(
                    message: "'\(parameter.name)' needs a default, as the parameters before it have one",
                    range: parameter.range)
            }
            result.parameters.append(parameter)
        }
        stream.advance()
        return result
    }

    private mutating func parseFilterBlock() throws(JinjaError) -> JinjaNode {
        try parseFilter()
        try parseFilterChain()
        let filter = takeNames()
        return .filter(filter, body: try parseBlockBody(closedBy: "endfilter"))
    }

    private mutating func parseAutoescape() throws(JinjaError) -> JinjaNode {
        try parseExpression()
        let option = takeNames()
        return .autoescape(option, body: try parseBlockBody(closedBy: "endautoescape"))
    }

    private mutating func parseBlock() throws(JinjaError) -> JinjaNode {
        let name = try stream.expectName()
        if stream.skip("scoped") { scopedBlockCount += 1 }
        let isRequired = stream.skip("required")
        if stream.current.kind == .minus {
            throw JinjaError(
                message: "a block's name has no hyphen", range: stream.current.range, help: "use '_' instead")
        }
        // The body begins after the tag's `%}`.
        let start = stream.position + (stream.current.kind == .colon ? 2 : 1)
        // A block's name is known before its body's, so that the first of two is the outer one.
        let index = blocks.count
        blocks.append(JinjaBlock(name: name, body: []))
        blocks[index].body = try parseBlockBody(closedBy: "endblock")
        if isRequired, stream.textTokens(from: start)?.allSatisfy({ stream.source.isBlank($0.range) }) != true
        {
            throw JinjaError(message: "a required block has no content", range: name.range)
        }
        if stream.current.kind == .name, stream.source.text(stream.current.range) == name.name {
            stream.advance()
        }
        return .block
    }
}

// MARK: - Names that are bound

extension JinjaParser {
    /// Reads what an assignment, a loop or `with` binds.
    private mutating func parseTargets(
        _ rules: TupleRules, areParameters: Bool = false
    ) throws(JinjaError) -> [JinjaTarget] {
        let start = stream.current.range
        guard case .targets(let targets) = try parseTuple(rules) else {
            throw JinjaError(
                message: "'\(stream.source.excerpt(start))' cannot be assigned to", range: start)
        }
        names.removeAll()
        if loopDepth > 0, !areParameters,
            let loop = targets.first(where: { $0.name.name == "loop" && !$0.isAttribute })
        {
            throw JinjaError(message: "'loop' cannot be assigned to within a loop", range: loop.name.range)
        }
        return targets
    }

    /// Reads the name of a macro, a parameter or an import.
    mutating func parseBoundName() throws(JinjaError) -> JinjaName {
        let name = try stream.expectName()
        if JinjaBuiltins.constants.contains(name.name) {
            throw JinjaError(message: "'\(name.name)' cannot be assigned to", range: name.range)
        }
        return name
    }

    /// The names looked up since they were last taken.
    mutating func takeNames() -> [JinjaName] {
        defer { names.removeAll() }
        return names
    }
}

// MARK: - Errors

extension JinjaParser {
    private func unclosedBlock() -> JinjaError {
        guard let open = openBlocks.last else { return stream.unexpected(expected: "a closing tag") }
        let word = stream.source.text(open.range)
        return JinjaError(
            message: "'\(word)' is never closed", range: open.range, help: "close it with '{% end\(word) %}'")
    }

    private func unknownTag(_ word: String, _ token: JinjaToken) -> JinjaError {
        let open = openBlocks.dropLast().last.map { stream.source.text($0.range) }
        if word.hasPrefix("end") || word == "else" || word == "elif" {
            return JinjaError(
                message: open.map { "'\(word)' does not fit into '\($0)'" } ?? "'\(word)' closes nothing",
                range: token.range, help: open.map { "close it with '{% end\($0) %}' first" })
        }
        if JinjaBuiltins.extensionTags.contains(word) {
            return JinjaError(
                message: "'\(word)' needs an extension of Jinja2, and MLflow loads none", range: token.range)
        }
        let near = nearestName(to: word, in: JinjaBuiltins.tags)
        return JinjaError(
            message: "Jinja2 has no tag '\(word)'", range: token.range,
            help: near.map { "did you mean '\($0)'?" })
    }
}
