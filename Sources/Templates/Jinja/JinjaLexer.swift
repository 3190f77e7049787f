/// Splits a Jinja2 template into tokens, by the rules of `jinja2.lexer` 3.1 with its default marks.
struct JinjaLexer {
    /// The tokens; the last is `end` or `failure`.
    private(set) var tokens: [JinjaToken] = []
    /// What a `failure` token stands for.
    private(set) var failure: JinjaError?
    /// Where the first comment begins.
    private(set) var firstComment: Int?

    let source: Source
    /// Where the template ends.
    let end: Int
    /// Where reading stands.
    private(set) var offset = 0
    /// The brackets open within the current tag.
    private var brackets: [(closer: UInt8, offset: Int)] = []

    init(_ source: Source) {
        self.source = source
        // Jinja2 drops one final newline before it looks at anything.
        end = source.bytes.last == UInt8(ascii: "\n") ? source.bytes.count - 1 : source.bytes.count
    }

    /// Reads the whole template.
    mutating func tokenize() {
        do throws(JinjaError) {
            while offset < end { try readData() }
            tokens.append(JinjaToken(kind: .end, range: end..<end))
        } catch {
            failure = error
            tokens.append(JinjaToken(kind: .failure, range: error.range))
        }
    }

    /// Reads text up to a tag, and the tag.
    private mutating func readData() throws(JinjaError) {
        let start = offset
        var mark: UInt8 = 0
        while offset < end {
            mark = source[offset + 1]
            if source[offset] == UInt8(ascii: "{"), offset + 1 < end,
                mark == UInt8(ascii: "{") || mark == UInt8(ascii: "%") || mark == UInt8(ascii: "#")
            {
                break
            }
            offset += 1
        }
        if offset > start { tokens.append(JinjaToken(kind: .text, range: start..<offset)) }
        guard offset < end else { return }
        let opening = offset
        offset += 2
        if source[offset] == UInt8(ascii: "-") || source[offset] == UInt8(ascii: "+") { offset += 1 }
        switch mark {
        case UInt8(ascii: "#"): try skipComment(from: opening)
        case UInt8(ascii: "{"): try readTag(from: opening, .variableBegin, .variableEnd)
        case _ where isRaw(): try readRaw(from: opening)
        default: try readTag(from: opening, .blockBegin, .blockEnd)
        }
    }

    private mutating func skipComment(from opening: Int) throws(JinjaError) {
        firstComment = firstComment ?? opening
        if offset >= end { return }
        guard let close = source.find("#}", from: offset), close < end else {
            throw JinjaError(
                message: "the comment is never closed", range: opening..<(opening + 2),
                help: "close it with '#}'")
        }
        offset = close + 2
    }

    /// Whether the tag after `{%` is `raw`.
    private func isRaw() -> Bool {
        let word = source.skipSpaces(from: offset)
        guard source.has("raw", at: word) else { return false }
        let close = source.skipSpaces(from: word + 3)
        return source.has("%}", at: close) || source.has("-%}", at: close)
    }

    private mutating func readRaw(from opening: Int) throws(JinjaError) {
        guard let close = source.find("%}", from: offset) else { return }
        offset = close + 2
        if offset >= end { return }
        let start = offset
        var search = offset
        while let mark = source.find("{%", from: search) {
            var word = mark + 2
            if source[word] == UInt8(ascii: "-") || source[word] == UInt8(ascii: "+") { word += 1 }
            word = source.skipSpaces(from: word)
            if source.has("endraw", at: word) {
                var close = source.skipSpaces(from: word + 6)
                if source[close] == UInt8(ascii: "-") || source[close] == UInt8(ascii: "+") { close += 1 }
                if source.has("%}", at: close) {
                    if mark > start { tokens.append(JinjaToken(kind: .text, range: start..<mark)) }
                    offset = close + 2
                    return
                }
            }
            search = mark + 2
        }
        throw JinjaError(
            message: "'raw' is never closed", range: opening..<(close + 2),
            help: "close it with '{% endraw %}'")
    }

    private mutating func readTag(
        from opening: Int, _ begin: JinjaToken.Kind, _ finish: JinjaToken.Kind
    ) throws(JinjaError) {
        tokens.append(JinjaToken(kind: begin, range: opening..<(opening + 2)))
        brackets = []
        while true {
            offset = source.skipSpaces(from: offset)
            if offset >= end {
                let open = brackets.last?.offset ?? opening
                let length = brackets.isEmpty ? 2 : 1
                let range = open..<(open + length)
                throw JinjaError(message: "'\(source.text(range))' is never closed", range: range)
            }
            if brackets.isEmpty, let length = tagEndLength(finish) {
                tokens.append(JinjaToken(kind: finish, range: offset..<(offset + length)))
                offset += length
                return
            }
            try readToken()
        }
    }

    /// How long the mark is that ends the tag at the current offset; nil when there is none.
    private func tagEndLength(_ finish: JinjaToken.Kind) -> Int? {
        if finish == .variableEnd {
            if source.has("}}", at: offset) { return 2 }
            return source.has("-}}", at: offset) ? 3 : nil
        }
        if source.has("%}", at: offset) { return 2 }
        return source.has("-%}", at: offset) || source.has("+%}", at: offset) ? 3 : nil
    }

    private mutating func readToken() throws(JinjaError) {
        let byte = source[offset]
        switch byte {
        case _ where byte.isDigit: readNumber()
        case _ where byte.isIdentifierStart || byte >= 0x80: try readName()
        case UInt8(ascii: "'"), UInt8(ascii: "\""): try readString(quote: byte)
        default: try readOperator(byte)
        }
    }

    /// Adds the token that begins at the current offset.
    mutating func add(_ kind: JinjaToken.Kind, length: Int) {
        tokens.append(JinjaToken(kind: kind, range: offset..<(offset + length)))
        offset += length
    }
}

// MARK: - Operators

extension JinjaLexer {
    private mutating func readOperator(_ byte: UInt8) throws(JinjaError) {
        let next = source[offset + 1]
        switch byte {
        case UInt8(ascii: "("): open(.leftParenthesis, closer: UInt8(ascii: ")"))
        case UInt8(ascii: "["): open(.leftBracket, closer: UInt8(ascii: "]"))
        case UInt8(ascii: "{"): open(.leftBrace, closer: UInt8(ascii: "}"))
        case UInt8(ascii: ")"): try close(.rightParenthesis, byte)
        case UInt8(ascii: "]"): try close(.rightBracket, byte)
        case UInt8(ascii: "}"): try close(.rightBrace, byte)
        case UInt8(ascii: "+"): add(.plus, length: 1)
        case UInt8(ascii: "-"): add(.minus, length: 1)
        case UInt8(ascii: "*"): next == byte ? add(.power, length: 2) : add(.star, length: 1)
        case UInt8(ascii: "/"): add(.infix, length: next == byte ? 2 : 1)
        case UInt8(ascii: "%"), UInt8(ascii: "~"): add(.infix, length: 1)
        case UInt8(ascii: "<"), UInt8(ascii: ">"):
            add(.infix, length: next == UInt8(ascii: "=") ? 2 : 1)
        case UInt8(ascii: "="):
            next == byte ? add(.infix, length: 2) : add(.assign, length: 1)
        case UInt8(ascii: "!") where next == UInt8(ascii: "="): add(.infix, length: 2)
        case UInt8(ascii: "."): add(.dot, length: 1)
        case UInt8(ascii: ":"): add(.colon, length: 1)
        case UInt8(ascii: "|"): add(.pipe, length: 1)
        case UInt8(ascii: ","): add(.comma, length: 1)
        case UInt8(ascii: ";"): add(.semicolon, length: 1)
        default:
            throw JinjaError(
                message: "'\(source.text(offset..<(offset + 1)))' cannot stand in a tag",
                range: offset..<(offset + 1))
        }
    }

    private mutating func open(_ kind: JinjaToken.Kind, closer: UInt8) {
        brackets.append((closer, offset))
        add(kind, length: 1)
    }

    private mutating func close(_ kind: JinjaToken.Kind, _ byte: UInt8) throws(JinjaError) {
        guard let last = brackets.popLast() else {
            throw JinjaError(
                message: "'\(source.text(offset..<(offset + 1)))' closes nothing",
                range: offset..<(offset + 1))
        }
        guard last.closer == byte else {
            let range = last.offset..<(last.offset + 1)
            throw JinjaError(
                message: "'\(source.text(range))' is never closed", range: range,
                help:
                    "'\(Character(Unicode.Scalar(last.closer)))' is missing before '\(source.text(offset..<(offset + 1)))'"
            )
        }
        add(kind, length: 1)
    }
}
