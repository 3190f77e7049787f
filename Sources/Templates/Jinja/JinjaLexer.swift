/// Splits a Jinja2 template into tokens, by the rules of `jinja2.lexer` 3.1 with its default delimiters.
struct JinjaLexer {
    /// How deep brackets may be nested; Jinja2 itself fails a little later.
    static let bracketLimit = 64

    /// The tokens; the last is `end`.
    private(set) var tokens: [JinjaToken] = []
    /// Why the lexer gave up.
    private(set) var failure: JinjaError?

    private let source: Source
    /// Where the template ends.
    private let end: Int
    private var offset = 0

    /// Reads a template.
    init(_ source: Source) {
        self.source = source
        // Jinja2 drops one final newline before it looks at anything.
        end = source.bytes.last == UInt8(ascii: "\n") ? source.bytes.count - 1 : source.bytes.count
        do throws(JinjaError) {
            while offset < end { try readUpToTag() }
        } catch {
            failure = error
        }
        tokens.append(JinjaToken(kind: .end, range: end..<end))
    }

    /// Passes over text, and reads the tag or the comment that follows it.
    private mutating func readUpToTag() throws(JinjaError) {
        guard let start = source.offset(of: UInt8(ascii: "{"), from: offset), start + 1 < end else {
            offset = end
            return
        }
        let opening = start..<(start + 2)
        offset = skipSign(from: opening.upperBound)
        switch source[start + 1] {
        case UInt8(ascii: "{"): try readTag(opening, closing: "}}")
        case UInt8(ascii: "#"): try skipComment(opening)
        case UInt8(ascii: "%"):
            if let content = end(of: "raw", at: offset) {
                try skipRaw(opening.lowerBound..<content)
            } else {
                try readTag(opening, closing: "%}")
            }
        default: offset = start + 1
        }
    }

    /// The offset past a sign that controls the white space around a tag, if there is one.
    private func skipSign(from start: Int) -> Int {
        source[start] == UInt8(ascii: "-") || source[start] == UInt8(ascii: "+") ? start + 1 : start
    }

    private mutating func skipComment(_ opening: Range<Int>) throws(JinjaError) {
        tokens.append(JinjaToken(kind: .symbol, range: opening))
        // Jinja2 accepts a comment that opens at the very end.
        if offset >= end { return }
        guard let close = source.find("#}", from: offset), close < end else {
            throw JinjaError(
                message: "the comment is never closed", range: opening, help: "close it with '#}'")
        }
        offset = close + 2
    }

    /// The offset past a tag that is one word, when it stands at an offset past the tag's opening.
    private func end(of word: StaticString, at start: Int) -> Int? {
        let offset = source.skipSpaces(from: start)
        guard source.has(word, at: offset) else { return nil }
        let close = skipSign(from: source.skipSpaces(from: offset + word.utf8CodeUnitCount))
        return source.has("%}", at: close) ? close + 2 : nil
    }

    private mutating func skipRaw(_ tag: Range<Int>) throws(JinjaError) {
        offset = tag.upperBound
        if offset >= end { return }
        while let mark = source.find("{%", from: offset) {
            offset = mark + 2
            guard let close = end(of: "endraw", at: skipSign(from: offset)) else { continue }
            offset = close
            return
        }
        throw JinjaError(
            message: "'raw' is never closed", range: tag, help: "close it with '{% endraw %}'")
    }
}

// MARK: - Within a tag

extension JinjaLexer {
    private mutating func readTag(_ opening: Range<Int>, closing: StaticString) throws(JinjaError) {
        tokens.append(JinjaToken(kind: .symbol, range: opening))
        var brackets: [Range<Int>] = []
        while true {
            offset = source.skipSpaces(from: offset)
            guard offset < end else {
                let open = brackets.last ?? opening
                throw JinjaError(message: "'\(source.text(open))' is never closed", range: open)
            }
            if brackets.isEmpty, source.has(closing, at: skipSign(from: offset)) {
                offset = skipSign(from: offset)
                return add(.symbol, length: 2)
            }
            if "([{".utf8.contains(source[offset]) { brackets.append(offset..<(offset + 1)) }
            guard brackets.count <= Self.bracketLimit else {
                throw JinjaError(
                    message: "brackets are nested more than \(Self.bracketLimit) deep",
                    range: offset..<(offset + 1))
            }
            if ")]}".utf8.contains(source[offset]) { try checkCloses(brackets.popLast()) }
            try readToken()
        }
    }

    /// Checks that the bracket at the current offset closes another one.
    private func checkCloses(_ opening: Range<Int>?) throws(JinjaError) {
        let closing = offset..<(offset + 1)
        guard let opening else {
            throw JinjaError(message: "'\(source.text(closing))' closes nothing", range: closing)
        }
        if ["()", "[]", "{}"].contains(source.text(opening) + source.text(closing)) { return }
        throw JinjaError(
            message: "'\(source.text(opening))' is never closed", range: opening,
            help: "it has to be closed before '\(source.text(closing))'")
    }

    private mutating func readToken() throws(JinjaError) {
        let byte = source[offset]
        let pairs: [StaticString] = ["**", "//", "==", "!=", "<=", ">="]
        if byte.isDigit {
            add(.number, length: numberEnd(from: offset) - offset)
        } else if let close = nameEnd(from: offset) {
            add(.name, length: close - offset)
        } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
            try readString(quote: byte)
        } else if pairs.contains(where: { source.has($0, at: offset) }) {
            add(.symbol, length: 2)
        } else if "()[]{}+-*/%~<>=.:|,;".utf8.contains(byte) {
            add(.symbol, length: 1)
        } else {
            let length = source.scalar(at: offset).map { UTF8.width($0) } ?? 1
            let range = offset..<(offset + length)
            throw JinjaError(message: "'\(source.text(range))' is not allowed in a tag", range: range)
        }
    }

    /// Adds the token that begins at the current offset.
    private mutating func add(_ kind: JinjaToken.Kind, length: Int) {
        tokens.append(JinjaToken(kind: kind, range: offset..<(offset + length)))
        offset += length
    }
}

// MARK: - Literals

extension JinjaLexer {
    /// The offset past a name; Jinja2 takes the letters of every script.
    private func nameEnd(from start: Int) -> Int? {
        var close = start
        while close < end, let scalar = source.scalar(at: close) {
            let isStart = scalar == "_" || scalar.properties.isXIDStart
            guard isStart || close > start && scalar.properties.isXIDContinue else { break }
            close += UTF8.width(scalar)
        }
        return close > start ? close : nil
    }

    /// The offset past a number. Digits are not looked at closely; `1a` is a number and a name.
    private func numberEnd(from start: Int) -> Int {
        func digitsEnd(from start: Int) -> Int {
            var close = start
            while source[close].isDigit || source[close] == UInt8(ascii: "_") { close += 1 }
            return close
        }
        if source[start] == UInt8(ascii: "0"), "bBoOxX".utf8.contains(source[start + 1]) {
            return source.identifierEnd(from: start + 1) ?? start + 1
        }
        var close = digitsEnd(from: start)
        // In `a.0.1` there are two whole numbers.
        let followsDot = start > 0 && source[start - 1] == UInt8(ascii: ".")
        if !followsDot, source[close] == UInt8(ascii: "."), source[close + 1].isDigit {
            close = digitsEnd(from: close + 1)
        }
        if !followsDot, source[close] | 0x20 == UInt8(ascii: "e") {
            let exponent = skipSign(from: close + 1)
            if source[exponent].isDigit { close = digitsEnd(from: exponent) }
        }
        return close
    }

    private mutating func readString(quote: UInt8) throws(JinjaError) {
        var close = offset + 1
        while close < end, source[close] != quote {
            close += source[close] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard close < end else {
            throw JinjaError(message: "the string is never closed", range: offset..<(offset + 1))
        }
        add(.string, length: close + 1 - offset)
    }
}
