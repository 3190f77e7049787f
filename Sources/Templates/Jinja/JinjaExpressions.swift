import Diagnostics
import Support

/// Expressions. What one means does not matter here, so it is read as one flat row of operands and operators,
/// whatever their precedence.
extension JinjaReader {
    private static let operators = [
        "+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in",
    ]

    private static let comparisons = ["==", "!=", "<", "<=", ">", ">=", "in"]

    /// How many operators there were so far after which Jinja2 may leave out operands.
    struct OperatorCount {
        /// `and` and `or`.
        var logical = 0
        /// Comparisons, which may stop where they are chained.
        var comparisons = 0

        /// Whether Jinja2 may leave out what comes after the operators since an earlier count.
        func mayStopEarly(since earlier: OperatorCount) -> Bool {
            logical > earlier.logical || comparisons > earlier.comparisons + 1
        }
    }

    /// Reads one or more expressions with commas between them.
    mutating func readTuple(allowsCondition: Bool = true) throws(JinjaError) {
        repeat { try readExpression(allowsCondition: allowsCondition) } while skip(",") && !isAtTupleEnd
    }

    /// Reads operands and the operators between them.
    mutating func readExpression(allowsCondition: Bool = true) throws(JinjaError) {
        let (before, mark) = (operators, findings.count)
        var allowsNot = true
        var awaitsElse = false
        // Where each condition begins and ends: after its 'if', and at its 'else' or the end.
        var bounds: [(operators: OperatorCount, finding: Int)] = []
        while true {
            while allowsNot, skip("not") {}
            while skip("+") || skip("-") {}
            try readPrimary()
            try readPostfix()
            // Elsewhere Jinja2 takes 'not' for a name.
            allowsNot = ["and", "or", "if", "else"].contains { isAt($0) }
            if skipOperator() { continue }
            if allowsCondition, skip("if") {
                awaitsElse = true
                bounds.append((operators, findings.count))
            } else if awaitsElse, skip("else") {
                awaitsElse = false
                bounds.append((operators, findings.count))
            } else {
                break
            }
        }
        guard let condition = bounds.first else { return }
        // Within a condition, Jinja2 notices an unknown filter or test only when it gets there: always in the first one,
        // unless something before leads around it.
        let end = bounds.dropFirst().first ?? (operators, findings.count)
        let isReached =
            !isInBlock && !before.mayStopEarly(since: operatorsBeforeTag)
            && !end.operators.mayStopEarly(since: condition.operators)
        let reached = isReached ? condition.finding..<end.finding : mark..<mark
        soften(mark..<reached.lowerBound)
        soften(reached.upperBound..<findings.count)
    }

    /// Makes warnings of the unknown filters and tests among some findings, as Jinja2 may never get there.
    mutating func soften(_ range: Range<Int>) {
        for index in range where findings[index].diagnostic.code == .jinjaUnknownName {
            findings[index].diagnostic.severity = .warning
        }
    }

    /// Passes over an operator between two operands, if it is there.
    private mutating func skipOperator() -> Bool {
        let isNegated = isAt("not") && isAt("in", ahead: 1)
        guard isNegated || Self.operators.contains(where: { isAt($0) }) else { return false }
        if isAt("and") || isAt("or") { operators.logical += 1 }
        if isNegated || Self.comparisons.contains(where: { isAt($0) }) { operators.comparisons += 1 }
        advance(by: isNegated ? 2 : 1)
        return true
    }

    private mutating func readPrimary() throws(JinjaError) {
        if current.kind == .name {
            let name = try expectName()
            if !JinjaBuiltins.constants.contains(name.name) { scope.load(name) }
        } else if skip(.string) {
            while skip(.string) {}
        } else if skip("(") {
            if !isAt(")") { try readTuple() }
            try expect(")")
        } else if isAt("[") || isAt("{") {
            let isList = isAt("[")
            let close = isList ? "]" : "}"
            advance()
            while !skip(close) {
                try readExpression()
                if !isList {
                    try expect(":")
                    try readExpression()
                }
                if !isAt(close) { try expect(",") }
            }
        } else if !skip(.number) {
            throw unexpected(expected: "an expression")
        }
    }

    /// Reads what follows an operand: attributes, subscripts, calls, and then filters and tests.
    private mutating func readPostfix(allowsFilters: Bool = true) throws(JinjaError) {
        var isFiltered = false
        while true {
            if !isFiltered, skip(".") {
                checkAttribute()
                guard skip(.name) || skip(.number) else { throw unexpected(expected: "a name or a number") }
            } else if !isFiltered, skip("[") {
                try readSubscript()
            } else if skip("(") {
                try readArguments()
            } else if allowsFilters, skip("|") {
                try readFilter()
                isFiltered = true
            } else if allowsFilters, skip("is") {
                try readTest()
                isFiltered = true
            } else {
                return
            }
        }
    }

    /// Refuses what every value has and the sandbox, in which MLflow renders, shows of none.
    private mutating func checkAttribute() {
        let name = source.text(current.range)
        guard current.kind == .name, name.hasPrefix("__"), name.hasSuffix("__") else { return }
        findings.append(
            .error(
                .jinjaSandbox, "MLflow renders in Jinja2's sandbox, which hides '\(name)'", at: current.range,
                help: "pass what it is for as a variable of its own"))
    }

    private mutating func readSubscript() throws(JinjaError) {
        while !skip("]") {
            if skip(":") || skip(",") { continue }
            try readExpression()
            guard isAt(":") || isAt(",") || isAt("]") else { throw unexpected(expected: "']'") }
        }
    }

    /// Reads the arguments of a call and its closing bracket.
    private mutating func readArguments() throws(JinjaError) {
        var hasKeyword = false
        while !skip(")") {
            if current.kind == .name, isAt("=", ahead: 1) {
                advance(by: 2)
                hasKeyword = true
            } else if !skip("*"), !skip("**"), hasKeyword {
                throw JinjaError(
                    message: "an argument without a name cannot follow one with a name", range: current.range)
            }
            try readExpression()
            if !isAt(")") { try expect(",") }
        }
    }

    // MARK: Filters and tests

    /// Reads a filter and those that follow it.
    mutating func readFilters() throws(JinjaError) {
        repeat { try readFilter() } while skip("|")
    }

    private mutating func readFilter() throws(JinjaError) {
        let name = try readKnownName(of: "filter", in: JinjaBuiltins.filters)
        guard skip("(") else { return }
        checkNamed(by: name)
        try readArguments()
    }

    /// Checks the filter or the test that the arguments of `map`, `select` and their like name in a string.
    private mutating func checkNamed(by filter: String) {
        var ahead = 0
        if ["selectattr", "rejectattr"].contains(filter) {
            guard current.kind == .string, isAt(",", ahead: 1) else { return }
            ahead = 2
        } else if !["map", "select", "reject"].contains(filter) {
            return
        }
        let token = tokens[min(index + ahead, tokens.count - 1)]
        guard token.kind == .string, isAt(",", ahead: ahead + 1) || isAt(")", ahead: ahead + 1) else {
            return
        }
        let range = token.range
        let name = String(source.text(range).dropFirst().dropLast())
        // What an escape stands for is not looked up.
        if name.contains("\\") { return }
        if filter == "map" {
            checkKnown((name, range), "filter", in: JinjaBuiltins.filters)
        } else {
            checkKnown((name, range), "test", in: JinjaBuiltins.tests)
        }
    }

    private mutating func readTest() throws(JinjaError) {
        _ = skip("not")
        _ = try readKnownName(of: "test", in: JinjaBuiltins.tests)
        if skip("(") { return try readArguments() }
        let isOperand = [.name, .string, .number].contains(current.kind) || isAt("[") || isAt("{")
        if isOperand, !isAt("else"), !isAt("or"), !isAt("and") {
            try readPrimary()
            try readPostfix(allowsFilters: false)
        }
    }

    private mutating func readKnownName(of kind: String, in known: Set<String>) throws(JinjaError) -> String {
        var name = try expectName()
        while skip(".") { name.name += "." + (try expectName()).name }
        checkKnown((name.name, name.range), kind, in: known)
        return name.name
    }

    private mutating func checkKnown(
        _ name: (name: String, range: Range<Int>), _ kind: String, in known: Set<String>
    ) {
        if known.contains(name.name) { return }
        let near = nearestName(to: name.name, in: known.sorted())
        var finding = Finding.error(
            .jinjaUnknownName, "Jinja2 has no \(kind) '\(name.name)'", at: name.range,
            help: near.map { "did you mean '\($0)'?" })
        if scope.isInBranch { finding.diagnostic.severity = .warning }
        findings.append(finding)
    }
}
