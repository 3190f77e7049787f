import Diagnostics
import Support

/// Expressions. What one means does not matter here, so it is read as one flat row of operands and operators; the
/// rows that this accepts are those that Jinja2's precedence levels accept.
extension JinjaParser {
    /// How deep expressions may be nested; Jinja2 itself fails a little later.
    static let expressionLimit = 64

    /// What an expression is, as far as the grammar asks.
    enum Shape {
        /// Names, or tuples of names, which can be assigned to.
        case targets([JinjaTarget])
        case call
        case other
    }

    /// How a list of expressions without brackets is read.
    struct TupleRules {
        var isSimple = false
        var allowsCondition = true
        var allowsAttributes = false
        var isParenthesised = false
        var endWord: StaticString?
    }

    @discardableResult
    mutating func parseTuple(_ rules: TupleRules = TupleRules()) throws(JinjaError) -> Shape {
        var targets: [JinjaTarget]? = []
        var first: Shape?
        var isTuple = false
        while true {
            if first != nil { try stream.expect(.comma, "','") }
            if isTupleEnd(rules) { break }
            let shape =
                if rules.isSimple {
                    try parsePrimary(allowsAttribute: rules.allowsAttributes)
                } else {
                    try parseExpression(allowsCondition: rules.allowsCondition)
                }
            if case .targets(let more) = shape { targets?.append(contentsOf: more) } else { targets = nil }
            first = first ?? shape
            if stream.current.kind != .comma { break }
            isTuple = true
        }
        if !isTuple, let first { return first }
        if !isTuple, !rules.isParenthesised { throw stream.unexpected(expected: "an expression") }
        return targets.map(Shape.targets) ?? .other
    }

    private func isTupleEnd(_ rules: TupleRules) -> Bool {
        switch stream.current.kind {
        case .variableEnd, .blockEnd, .rightParenthesis: true
        default: rules.endWord.map { stream.isAt($0) } ?? false
        }
    }

    /// Reads operands and the operators between them.
    @discardableResult
    mutating func parseExpression(allowsCondition: Bool = true) throws(JinjaError) -> Shape {
        expressionDepth += 1
        defer { expressionDepth -= 1 }
        guard expressionDepth <= Self.expressionLimit else {
            throw JinjaError(
                message: "the expression is nested more than \(Self.expressionLimit) deep",
                range: stream.current.range)
        }
        let mark = findings.count
        var shape = try parseOperand(allowsNot: true)
        var awaitsElse = false
        var isConditional = false
        while true {
            if stream.current.kind.isInfix {
                stream.advance()
                try parseOperand(allowsNot: false)
            } else if stream.skip("and") || stream.skip("or") {
                try parseOperand(allowsNot: true)
            } else if stream.isAt("in") || (stream.isAt("not") && stream.isNext("in")) {
                stream.advance(by: stream.isAt("in") ? 1 : 2)
                try parseOperand(allowsNot: false)
            } else if allowsCondition, stream.skip("if") {
                awaitsElse = true
                isConditional = true
                try parseOperand(allowsNot: true)
            } else if awaitsElse, stream.skip("else") {
                awaitsElse = false
                try parseOperand(allowsNot: true)
            } else {
                if isConditional { softenFindings(from: mark) }
                return shape
            }
            shape = .other
        }
    }

    @discardableResult
    private mutating func parseOperand(allowsNot: Bool) throws(JinjaError) -> Shape {
        var isPlain = true
        while allowsNot, stream.skip("not") { isPlain = false }
        while stream.skip(.plus) || stream.skip(.minus) { isPlain = false }
        var shape = try parsePrimary()
        shape = try parsePostfix(shape)
        shape = try parseFilters(shape)
        return isPlain ? shape : .other
    }

    private mutating func parsePrimary(allowsAttribute: Bool = false) throws(JinjaError) -> Shape {
        let token = stream.current
        switch token.kind {
        case .name: return try parseName(allowsAttribute: allowsAttribute)
        case .string:
            while stream.skip(.string) {}
        case .integer, .float: stream.advance()
        case .leftParenthesis:
            stream.advance()
            let shape = try parseTuple(TupleRules(isParenthesised: true))
            try stream.expect(.rightParenthesis, "')'")
            return shape
        case .leftBracket:
            stream.advance()
            try parseItems(until: .rightBracket) { parser throws(JinjaError) in try parser.parseExpression() }
        case .leftBrace:
            stream.advance()
            try parseItems(until: .rightBrace) { parser throws(JinjaError) in
                try parser.parseExpression()
                try parser.stream.expect(.colon, "':'")
                try parser.parseExpression()
            }
        default: throw stream.unexpected(expected: "an expression")
        }
        return .other
    }

    private mutating func parseName(allowsAttribute: Bool) throws(JinjaError) -> Shape {
        let name = try stream.expectName()
        if JinjaBuiltins.constants.contains(name.name) { return .other }
        if allowsAttribute, stream.skip(.dot) {
            _ = try stream.expectName()
            return .targets([JinjaTarget(name: name, isAttribute: true)])
        }
        names.append(name)
        return .targets([JinjaTarget(name: name)])
    }

    /// Reads items with commas between them, and perhaps one after the last, and the closing bracket.
    private mutating func parseItems(
        until close: JinjaToken.Kind, _ item: (inout JinjaParser) throws(JinjaError) -> Void
    ) throws(JinjaError) {
        var isFirst = true
        while stream.current.kind != close {
            if !isFirst { try stream.expect(.comma, "','") }
            if stream.current.kind == close { break }
            try item(&self)
            isFirst = false
        }
        stream.advance()
    }

    private mutating func parsePostfix(_ start: Shape) throws(JinjaError) -> Shape {
        var shape = start
        while true {
            switch stream.current.kind {
            case .dot:
                stream.advance()
                guard stream.skip(.name) || stream.skip(.integer) else {
                    throw stream.unexpected(expected: "a name or a number")
                }
                shape = .other
            case .leftBracket:
                stream.advance()
                try parseSubscript()
                shape = .other
            case .leftParenthesis:
                try parseArguments()
                shape = .call
            default: return shape
            }
        }
    }

    private mutating func parseSubscript() throws(JinjaError) {
        var isFirst = true
        while stream.current.kind != .rightBracket {
            if !isFirst { try stream.expect(.comma, "','") }
            isFirst = false
            if stream.current.kind != .colon { try parseExpression() }
            var colons = 0
            while colons < 2, stream.skip(.colon) {
                colons += 1
                switch stream.current.kind {
                case .colon, .rightBracket, .comma: break
                default: try parseExpression()
                }
            }
        }
        stream.advance()
    }

    /// Reads filters, tests, and calls of what they give.
    private mutating func parseFilters(_ start: Shape) throws(JinjaError) -> Shape {
        var shape = start
        while true {
            if stream.current.kind == .pipe {
                try parseFilterChain()
                shape = .other
            } else if stream.isAt("is") {
                try parseTest()
                shape = .other
            } else if stream.current.kind == .leftParenthesis {
                try parseArguments()
                shape = .call
            } else {
                return shape
            }
        }
    }

    /// Reads `| name(…)` as often as it occurs.
    mutating func parseFilterChain() throws(JinjaError) {
        while stream.skip(.pipe) { try parseFilter() }
    }

    mutating func parseFilter() throws(JinjaError) {
        try parseDottedName(of: "filter", in: JinjaBuiltins.filters)
        if stream.current.kind == .leftParenthesis { try parseArguments() }
    }

    private mutating func parseTest() throws(JinjaError) {
        stream.advance()
        _ = stream.skip("not")
        try parseDottedName(of: "test", in: JinjaBuiltins.tests)
        switch stream.current.kind {
        case .leftParenthesis: try parseArguments()
        case .name where stream.isAt("else") || stream.isAt("or") || stream.isAt("and"): break
        case .name where stream.isAt("is"):
            throw JinjaError(message: "tests cannot be chained with 'is'", range: stream.current.range)
        case .name, .string, .integer, .float, .leftBracket, .leftBrace:
            _ = try parsePostfix(try parsePrimary())
        default: break
        }
    }

    private mutating func parseDottedName(of kind: String, in known: Set<String>) throws(JinjaError) {
        let first = try stream.expectName()
        var name = first.name
        while stream.skip(.dot) { name += "." + (try stream.expectName()).name }
        if known.contains(name) { return }
        let near = nearestName(to: name, in: known.sorted())
        var finding = Finding.error(
            .jinjaUnknownName, "Jinja2 has no \(kind) '\(name)'",
            at: first.offset..<(first.offset + name.utf8.count), help: near.map { "did you mean '\($0)'?" })
        if conditionDepth > 0 { finding.diagnostic.severity = .warning }
        findings.append(finding)
    }

    /// Lets unknown filters and tests pass as warnings: in a condition, Jinja2 misses them only when it gets there.
    private mutating func softenFindings(from mark: Int) {
        for index in findings.indices.dropFirst(mark)
        where findings[index].diagnostic.code == .jinjaUnknownName {
            findings[index].diagnostic.severity = .warning
        }
    }

    private mutating func parseArguments() throws(JinjaError) {
        let opening = stream.current.range
        stream.advance()
        var isFirst = true
        var hasKeyword = false
        var hasList = false
        var hasDictionary = false
        while stream.current.kind != .rightParenthesis {
            if !isFirst { try stream.expect(.comma, "','") }
            if stream.current.kind == .rightParenthesis { break }
            isFirst = false
            var isOrdered = !hasDictionary
            if stream.skip(.star) {
                isOrdered = isOrdered && !hasList
                hasList = true
            } else if stream.skip(.power) {
                hasDictionary = true
            } else if stream.current.kind == .name, stream.next.kind == .assign {
                stream.advance(by: 2)
                hasKeyword = true
            } else {
                isOrdered = isOrdered && !hasList && !hasKeyword
            }
            guard isOrdered else {
                throw JinjaError(message: "the arguments of the call are in the wrong order", range: opening)
            }
            try parseExpression()
        }
        stream.advance()
    }
}

extension JinjaToken.Kind {
    /// Whether this stands between two operands.
    fileprivate var isInfix: Bool {
        switch self {
        case .infix, .plus, .minus, .star, .power: true
        default: false
        }
    }
}
