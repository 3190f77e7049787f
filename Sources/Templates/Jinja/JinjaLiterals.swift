/// Numbers, names and strings.
extension JinjaLexer {
    mutating func readNumber() {
        if offset == 0 || source[offset - 1] != UInt8(ascii: "."), let length = floatLength() {
            add(.float, length: length)
        } else {
            add(.integer, length: integerLength())
        }
    }

    /// The offset past digits that single underscores may part; `start` when there are none.
    private func digitsEnd(from start: Int, _ isDigit: (UInt8) -> Bool = \.isDigit) -> Int {
        var end = start
        while true {
            if isDigit(source[end]) {
                end += 1
            } else if source[end] == UInt8(ascii: "_"), end > start, isDigit(source[end + 1]) {
                end += 2
            } else {
                return end
            }
        }
    }

    private func floatLength() -> Int? {
        var close = digitsEnd(from: offset)
        var isFloat = false
        if source[close] == UInt8(ascii: "."), source[close + 1].isDigit {
            close = digitsEnd(from: close + 1)
            isFloat = true
        }
        if source[close] | 0x20 == UInt8(ascii: "e") {
            var exponent = close + 1
            if source[exponent] == UInt8(ascii: "+") || source[exponent] == UInt8(ascii: "-") {
                exponent += 1
            }
            if source[exponent].isDigit {
                close = digitsEnd(from: exponent)
                isFloat = true
            }
        }
        return isFloat ? close - offset : nil
    }

    private func integerLength() -> Int {
        guard source[offset] == UInt8(ascii: "0") else { return digitsEnd(from: offset) - offset }
        let isDigit: (UInt8) -> Bool
        switch source[offset + 1] | 0x20 {
        case UInt8(ascii: "b"): isDigit = { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") }
        case UInt8(ascii: "o"): isDigit = { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
        case UInt8(ascii: "x"): isDigit = \.isHexDigit
        default: return digitsEnd(from: offset) { $0 == UInt8(ascii: "0") } - offset
        }
        let first = source[offset + 2] == UInt8(ascii: "_") ? offset + 3 : offset + 2
        let close = digitsEnd(from: first, isDigit)
        return close == first ? 1 : close - offset
    }

    /// Reads a name; Jinja2 takes the letters of every script, and refuses what Python would not name so.
    mutating func readName() throws(JinjaError) {
        var close = offset
        var isIdentifier = true
        while close < end {
            if source[close].isIdentifierStart || source[close].isDigit {
                close += 1
                continue
            }
            guard let scalar = source.scalar(at: close), scalar.value >= 0x80 else { break }
            let isPart = close == offset ? scalar.properties.isXIDStart : scalar.properties.isXIDContinue
            guard isPart || scalar.properties.isXIDContinue || scalar.properties.numericType != nil else {
                break
            }
            isIdentifier = isIdentifier && isPart
            close += UTF8.width(scalar)
        }
        if isIdentifier, close > offset { return add(.name, length: close - offset) }
        while close == offset || source[close].isUTF8Continuation { close += 1 }
        throw JinjaError(
            message: "'\(source.excerpt(offset..<close))' cannot stand in a tag", range: offset..<close)
    }

    mutating func readString(quote: UInt8) throws(JinjaError) {
        var close = offset + 1
        while close < end, source[close] != quote {
            if source[close] == UInt8(ascii: "\\") {
                try checkEscape(at: close)
                close += 1
            }
            close += 1
        }
        guard close < end else {
            throw JinjaError(message: "the string is never closed", range: offset..<(offset + 1))
        }
        add(.string, length: close + 1 - offset)
    }

    /// Refuses an escape that Python cannot decode.
    private func checkEscape(at mark: Int) throws(JinjaError) {
        let digits: Int
        switch source[mark + 1] {
        case UInt8(ascii: "x"): digits = 2
        case UInt8(ascii: "u"): digits = 4
        case UInt8(ascii: "U"): digits = 8
        default: return
        }
        let hex = (mark + 2)..<(mark + 2 + digits)
        let isValid = hex.allSatisfy { source[$0].isHexDigit }
        guard isValid, digits < 8 || UInt32(source.text(hex), radix: 16).map({ $0 <= 0x10FFFF }) == true
        else {
            throw JinjaError(
                message: "the escape in the string is cut short or too large", range: mark..<(mark + 2),
                help: "write '\\\\' for a backslash")
        }
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
    }
}
