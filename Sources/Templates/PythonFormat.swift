import Diagnostics

extension Source {
    /// Analyzes a template written for Python's `str.format`, and converts it to MLflow's form.
    ///
    /// The rules are those of `MarkupIterator_next` and `parse_field` in CPython's `unicode_format.h`.
    func analyzePython() -> PartAnalysis {
        var reader = PythonFormatReader(source: self)
        reader.read()
        return reader.result
    }
}

/// Reads a format string from left to right, writing what is registered as it goes.
private struct PythonFormatReader {
    let source: Source
    var result = PartAnalysis(registered: "")
    private var output: [UInt8] = []
    /// Where the offsets of output and source drift apart: after each escape and each variable.
    private var steps: [(output: Int, source: Int)] = []
    /// Where variables begin in the output.
    private var variableOutputs: Set<Int> = []
    private var offset = 0

    private static let open = UInt8(ascii: "{")
    private static let close = UInt8(ascii: "}")

    init(source: Source) { self.source = source }

    mutating func read() {
        output.reserveCapacity(source.bytes.count + 64)
        while result.isComplete, offset < source.bytes.count {
            let byte = source[offset]
            if byte != Self.open, byte != Self.close {
                output.append(byte)
                offset += 1
            } else if source[offset + 1] == byte {
                output.append(byte)
                offset += 2
                steps.append((output.count, offset))
            } else if byte == Self.close {
                stop(
                    "'}' closes nothing", at: offset..<(offset + 1), help: "write '}}' for a literal brace")
            } else {
                readField()
            }
        }
        if result.isComplete { checkLiterals() }
        result.registered = String(decoding: output, as: UTF8.self)
    }

    /// Reads `{…}`.
    private mutating func readField() {
        let start = offset
        guard let nameEnd = fieldNameEnd(from: start + 1) else { return }
        let isNamed = noteName((start + 1)..<nameEnd)
        var end = nameEnd
        if source[end] == UInt8(ascii: "!") {
            guard let next = readConversion(at: end, field: start, isNamed: isNamed) else { return }
            end = next
        }
        if source[end] == UInt8(ascii: ":") {
            guard let next = readSpec(at: end, field: start, isNamed: isNamed) else { return }
            end = next
        }
        offset = end + 1
        steps.append((output.count, offset))
    }

    /// The offset of the `!`, `:` or `}` that ends a field's name.
    private mutating func fieldNameEnd(from start: Int) -> Int? {
        var end = start
        while end < source.bytes.count {
            switch source[end] {
            case UInt8(ascii: "!"), UInt8(ascii: ":"), Self.close: return end
            case Self.open:
                stop(
                    "'{' opens a field within another", at: end..<(end + 1), help: Self.literalHelp)
                return nil
            case UInt8(ascii: "["):
                while end < source.bytes.count, source[end] != UInt8(ascii: "]") { end += 1 }
            default: break
            }
            end += 1
        }
        stopUnclosed(field: start - 1)
        return nil
    }

    /// Reads `!r`; returns the offset of the `:` or `}` after it.
    private mutating func readConversion(at mark: Int, field: Int, isNamed: Bool) -> Int? {
        var end = mark + 1
        guard end < source.bytes.count else {
            stopUnclosed(field: field)
            return nil
        }
        end += 1
        while source[end].isUTF8Continuation { end += 1 }
        // CPython takes any character, even a brace, as the conversion's letter.
        let letter = source.text((mark + 1)..<end)
        guard end < source.bytes.count else {
            stopUnclosed(field: field)
            return nil
        }
        guard source[end] == Self.close || source[end] == UInt8(ascii: ":") else {
            stop("'!' is followed by one letter, then ':' or '}'", at: mark..<end, help: Self.literalHelp)
            return nil
        }
        // What MLflow does to a value is `!s`.
        if isNamed, letter != "s" {
            result.findings.append(
                .error(
                    .formatConversion, "MLflow cannot convert a value with '!\(letter)'", at: mark..<end,
                    help: "leave it out, and pass the value as it is to be shown"))
        }
        return end
    }

    /// Reads `:>10`; returns the offset of the closing brace.
    private mutating func readSpec(at mark: Int, field: Int, isNamed: Bool) -> Int? {
        var depth = 1
        var end = mark + 1
        while end < source.bytes.count {
            if source[end] == Self.open { depth += 1 }
            if source[end] == Self.close { depth -= 1 }
            if depth == 0 { break }
            end += 1
        }
        guard end < source.bytes.count else {
            stopUnclosed(field: field)
            return nil
        }
        if isNamed, end > mark + 1 {
            result.findings.append(
                .error(
                    .formatSpec, "MLflow cannot format a value with '\(source.excerpt(mark..<end))'",
                    at: mark..<end, help: "leave it out, and pass the value formatted"))
        }
        return end
    }

    /// Notes a field's name as a variable, or why it cannot be one; returns whether it begins with a name.
    private mutating func noteName(_ name: Range<Int>) -> Bool {
        let end = source.identifierEnd(from: name.lowerBound) ?? name.lowerBound
        let isAccess = source[end] == UInt8(ascii: ".") || source[end] == UInt8(ascii: "[")
        guard end > name.lowerBound, end == name.upperBound || isAccess else {
            noteBadName(name)
            return false
        }
        let variable = source.text(name.lowerBound..<end)
        result.variables.append(FoundName(name: variable, offset: name.lowerBound))
        if end == name.upperBound {
            variableOutputs.insert(output.count)
            output.append(contentsOf: "{{\(variable)}}".utf8)
        } else {
            result.findings.append(
                .error(
                    .formatAccess,
                    "MLflow cannot look up '\(source.excerpt(end..<name.upperBound))' in a value",
                    at: end..<name.upperBound, help: "pass that part as a variable of its own"))
        }
        return true
    }

    private mutating func noteBadName(_ name: Range<Int>) {
        let field = (name.lowerBound - 1)..<min(source.bytes.count, name.upperBound + 1)
        if source.bytes[name].allSatisfy(\.isDigit) {
            result.findings.append(
                .error(
                    .formatPositional, "MLflow's variables have names, not positions", at: field,
                    help: name.isEmpty ? "write {name}, or '{{}}' for literal braces" : "write {name}"))
            return
        }
        result.findings.append(
            .error(
                .variableName, "'\(source.excerpt(name))' cannot be the name of a variable in MLflow",
                at: field,
                help: source.repairedName(name).map { "write {\($0)}" } ?? Self.nameHelp))
    }

    /// Refuses literal text that MLflow would not leave alone.
    private mutating func checkLiterals() {
        let registered = Source(String(decoding: output, as: UTF8.self))
        for match in registered.mustacheMatches() where !variableOutputs.contains(match.range.lowerBound) {
            let place = sourceOffset(of: match.range.lowerBound)..<sourceOffset(of: match.range.upperBound)
            result.findings.append(
                .error(
                    .literalIsLive,
                    "the literal text '\(registered.excerpt(match.range))' would be a variable in MLflow",
                    at: place, help: "MLflow has no escape for it: use one brace, or reword the text"))
        }
        if registered.looksLikeJinja, let mark = registered.find("{%", from: 0) {
            let place = sourceOffset(of: mark)
            result.findings.append(
                .error(
                    .literalIsLive, "MLflow renders a text that has '{%' and '%}' with Jinja2",
                    at: place..<min(source.bytes.count, place + 3),
                    help: "write the template for Jinja2 and set 'syntax: jinja2', or reword the text"))
        }
    }

    /// The source's offset for an offset of the output.
    private func sourceOffset(of target: Int) -> Int {
        var low = 0
        var high = steps.count
        while low < high {
            let middle = (low + high) / 2
            if steps[middle].output <= target { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return target }
        return steps[low - 1].source + target - steps[low - 1].output
    }

    private static let nameHelp = "use ASCII letters, digits and '_'; write '{{' and '}}' for literal braces"
    private static let literalHelp = "write '{{' and '}}' for literal braces"

    private mutating func stopUnclosed(field: Int) {
        stop("'{' is never closed", at: field..<(field + 1), help: Self.literalHelp)
    }

    private mutating func stop(_ message: String, at range: Range<Int>, help: String) {
        result.findings.append(.error(.formatBrace, message, at: range, help: help))
        result.isComplete = false
    }
}
