import Diagnostics
import Support

/// Reads a Jinja2 template in one pass by the grammar of `jinja2.parser` 3.1: checks what it says, and keeps the
/// names that it looks up and binds.
struct JinjaReader {
    let source: Source
    let tokens: [JinjaToken]
    private let failure: JinjaError?
    private(set) var index = 0
    /// The innermost scope.
    var scope = JinjaScope(binding: ["self"])
    /// The scopes around it, outermost first.
    private var outerScopes: [JinjaScope] = []
    /// The names that come from outside the template; complete once all of it is read.
    private(set) var found: [FoundName] = []
    /// Filters and tests that do not exist, and tags that MLflow cannot serve.
    var findings: [Finding] = []
    /// The blocks that are not closed yet, outermost first.
    private var openBlocks: [(word: FoundName, hasElse: Bool)] = []
    /// Whether a block is open.
    var isInBlock: Bool { !openBlocks.isEmpty }
    /// The operators so far that may lead around operands, and those before the tag that is being read.
    var operators = OperatorCount()
    private(set) var operatorsBeforeTag = OperatorCount()

    init(_ source: Source, _ lexer: JinjaLexer) {
        self.source = source
        tokens = lexer.tokens
        failure = lexer.failure
    }

    /// Reads the whole template.
    mutating func read() throws(JinjaError) {
        while !skip(.end) {
            operatorsBeforeTag = operators
            if skip("{{") {
                try readTuple()
                try expect("}}")
            } else if !skip("{#") {
                try expect("{%")
                try readTag()
                _ = skip(":")
                try expect("%}")
            }
        }
        if let failure { throw failure }
        if let open = openBlocks.last?.word {
            throw JinjaError(
                message: "'\(open.name)' is never closed", range: open.range,
                help: "close it with '{% end\(open.name) %}'")
        }
        found += scope.close().values
    }

    private mutating func readTag() throws(JinjaError) {
        let word = try expectName("a tag's name")
        // Its condition stands before the block.
        if word.name == "if" { try readFirstCondition() }
        if JinjaBuiltins.blockTags.contains(word.name) { openBlocks.append((word, hasElse: false)) }
        switch word.name {
        case "if": scope.openBranches()
        case "for": try readFor()
        case "elif", "else": try readBranch(word)
        case "set": try readSet(word)
        case "with": try readWith()
        case "macro", "call": try readMacro(word)
        case "filter", "autoescape":
            if word.name == "filter" { try readFilters() }
            openScope()
            if word.name == "autoescape" { try readExpression() }
        case "block":
            _ = try expectName()
            _ = skip("scoped")
            _ = skip("required")
            // Other templates may fill a block, so it sees no names of this one.
            openScope(binding: ["self", "super"], isIsolated: true)
        case "print": if !isAt("%}") { try readTuple() }
        case "include", "extends", "import", "from": try readLoader(word)
        default: try readEnd(word)
        }
    }
}

// MARK: - Tags

extension JinjaReader {
    private mutating func readBranch(_ word: FoundName) throws(JinjaError) {
        let isElse = word.name == "else"
        guard let open = openBlocks.last, !open.hasElse,
            open.word.name == "if" || isElse && open.word.name == "for"
        else { throw misplaced(word) }
        openBlocks[openBlocks.count - 1].hasElse = isElse
        if open.word.name == "for" {
            closeScope()
            openScope()
        } else {
            scope.nextBranch()
            if !isElse { try readTuple(allowsCondition: false) }
        }
    }

    /// Reads the condition of an `if`. Jinja2 notices an unknown filter or test in it only when it renders, which fails
    /// each time where nothing leads around the condition.
    private mutating func readFirstCondition() throws(JinjaError) {
        let mark = findings.count
        try readTuple(allowsCondition: false)
        if isInBlock || operators.mayStopEarly(since: operatorsBeforeTag) { soften(mark..<findings.count) }
    }

    private mutating func readEnd(_ word: FoundName) throws(JinjaError) {
        guard let open = openBlocks.last, word.name == "end" + open.word.name else { throw misplaced(word) }
        openBlocks.removeLast()
        if open.word.name == "if" { scope.closeBranches() } else { closeScope() }
        if open.word.name == "block" { _ = skip(.name) }
    }

    private mutating func readFor() throws(JinjaError) {
        let targets = try readTargets()
        try expect("in")
        try readTuple(allowsCondition: false)
        let names = Set(targets.map(\.name))
        if skip("if") {
            openScope(binding: names)
            try readExpression()
            closeScope()
        }
        _ = skip("recursive")
        openScope(binding: names.union(["loop"]))
    }

    private mutating func readSet(_ word: FoundName) throws(JinjaError) {
        let targets = try readTargets(allowsAttribute: true)
        let isBlock = !skip("=")
        if !isBlock { try readTuple() }
        for target in targets { scope.store(target) }
        guard isBlock else { return }
        openBlocks.append((word, hasElse: false))
        openScope()
        if skip("|") { try readFilters() }
    }

    private mutating func readWith() throws(JinjaError) {
        var targets: [FoundName] = []
        if !isAt("%}") {
            repeat {
                targets += try readTargets()
                try expect("=")
                try readExpression()
            } while skip(",")
        }
        openScope(binding: Set(targets.map(\.name)))
    }

    private mutating func readMacro(_ word: FoundName) throws(JinjaError) {
        let isCall = word.name == "call"
        if !isCall { scope.store(try expectBindableName()) }
        openScope(binding: ["caller", "kwargs", "varargs"])
        if !isCall || isAt("(") { try readSignature() }
        if isCall {
            // The macro that is called is looked up outside of the block.
            let inner = scope
            scope = outerScopes.removeLast()
            try readExpression()
            outerScopes.append(scope)
            scope = inner
        }
    }

    private mutating func readSignature() throws(JinjaError) {
        try expect("(")
        while !skip(")") {
            scope.store(try expectBindableName())
            if skip("=") { try readExpression() }
            if !isAt(")") { try expect(",") }
        }
    }

    /// Reads a tag that needs another template.
    private mutating func readLoader(_ word: FoundName) throws(JinjaError) {
        let help =
            word.name == "include"
            ? "write {% include \"NAME\" %}: which file is put in has to be known when it is registered"
            : "put in the text of the other file with {% include \"NAME\" %}, or write it here"
        findings.append(
            .error(
                .jinjaLoader, "MLflow renders a prompt on its own, so '\(word.name)' finds no other template",
                at: word.range, help: help))
        try readExpression()
        let keywords = ["as", "context", "ignore", "import", "missing", "with", "without"]
        while !isAt("%}") {
            let name = try expectBindableName()
            if !keywords.contains(name.name), !isAt("as") { scope.store(name) }
            _ = skip(",")
        }
    }

    private func misplaced(_ word: FoundName) -> JinjaError {
        let open = openBlocks.last?.word.name
        if word.name.hasPrefix("end") || word.name == "else" || word.name == "elif" {
            return JinjaError(
                message: open.map { "'\(word.name)' does not match '\($0)'" }
                    ?? "'\(word.name)' closes nothing",
                range: word.range, help: open.map { "close it with '{% end\($0) %}' first" })
        }
        let near = nearestName(to: word.name, in: JinjaBuiltins.tags)
        return JinjaError(
            message: "Jinja2 has no tag '\(word.name)'", range: word.range,
            help: near.map { "did you mean '\($0)'?" })
    }
}

// MARK: - Names

extension JinjaReader {
    private mutating func openScope(binding names: Set<String> = [], isIsolated: Bool = false) {
        outerScopes.append(scope)
        scope = JinjaScope(binding: names, isIsolated: isIsolated)
    }

    private mutating func closeScope() {
        let inner = scope
        scope = outerScopes.removeLast()
        if inner.isIsolated { found += inner.close().values } else { scope.need(inner.close()) }
    }

    /// Reads what an assignment binds: names, and tuples of names. `ns.x` changes a namespace and binds nothing.
    private mutating func readTargets(allowsAttribute: Bool = false) throws(JinjaError) -> [FoundName] {
        var targets: [FoundName] = []
        repeat {
            if isAt(")") || !targets.isEmpty && isAtTupleEnd { break }
            if skip("(") {
                targets += try readTargets()
                try expect(")")
                continue
            }
            let name = try expectBindableName()
            if allowsAttribute, skip(".") {
                _ = try expectName()
                scope.load(name)
            } else {
                targets.append(name)
            }
        } while skip(",")
        return targets
    }

    /// Passes over a name that can be assigned to.
    private mutating func expectBindableName() throws(JinjaError) -> FoundName {
        let name = try expectName()
        if JinjaBuiltins.constants.contains(name.name) {
            throw JinjaError(message: "'\(name.name)' cannot be assigned to", range: name.range)
        }
        return name
    }
}

// MARK: - Tokens

extension JinjaReader {
    /// The token to be read.
    var current: JinjaToken { tokens[min(index, tokens.count - 1)] }

    /// Whether expressions without brackets around them end here.
    var isAtTupleEnd: Bool { isAt("}}") || isAt("%}") || isAt(")") }

    mutating func advance(by count: Int = 1) { index += count }

    /// Whether a token is a certain word or symbol: the current one, or one ahead of it.
    func isAt(_ text: String, ahead: Int = 0) -> Bool {
        let token = tokens[min(index + ahead, tokens.count - 1)]
        return [.name, .symbol].contains(token.kind) && source.bytes[token.range].elementsEqual(text.utf8)
    }

    /// Passes over a word or a symbol, if it is there.
    mutating func skip(_ text: String) -> Bool {
        guard isAt(text) else { return false }
        index += 1
        return true
    }

    /// Passes over a token of a kind, if it is there.
    mutating func skip(_ kind: JinjaToken.Kind) -> Bool {
        guard current.kind == kind else { return false }
        index += 1
        return true
    }

    /// Passes over a word or a symbol that has to be there.
    mutating func expect(_ text: String) throws(JinjaError) {
        guard skip(text) else { throw unexpected(expected: "'\(text)'") }
    }

    /// Passes over a name that has to be there.
    mutating func expectName(_ description: String = "a name") throws(JinjaError) -> FoundName {
        let token = current
        guard skip(.name) else { throw unexpected(expected: description) }
        return FoundName(name: source.text(token.range), offset: token.range.lowerBound)
    }

    /// What is wrong with the current token.
    func unexpected(expected: String) -> JinjaError {
        let token = current
        if token.kind == .end, let failure { return failure }
        let message =
            token.kind == .end
            ? "the template ends where \(expected) is expected"
            : "expected \(expected), found '\(source.excerpt(token.range))'"
        return JinjaError(message: message, range: token.range)
    }
}
