/// Where single braces are literal text whatever is in them: in code of Markdown, after a `$`, and in TeX.
struct LiteralBraces {
    private let source: Source
    /// The ranges of fenced code and code spans, in the order of the text.
    private let code: [Range<Int>]
    /// The braces that open an argument of a TeX command, or stand in one.
    private let tex: Set<Int>

    /// Looks through a text, once.
    init(_ source: Source) {
        self.source = source
        code = source.markdownCode()
        tex = source.texBraces()
    }

    /// Whether the opening brace at an offset belongs to what is before it: a `$`, a `\`, or a TeX command.
    func isArgument(_ open: Int) -> Bool {
        let before = open > 0 ? source[open - 1] : 0
        return before == UInt8(ascii: "$") || before == UInt8(ascii: "\\") || tex.contains(open)
    }

    /// Whether the opening brace at an offset is literal.
    func contains(_ open: Int) -> Bool {
        isArgument(open) || code.holds(open)
    }
}

extension [Range<Int>] {
    /// Whether one of the ranges, which are in order, has an offset in it.
    func holds(_ offset: Int) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].contains(offset)
    }
}

// MARK: - TeX

extension Source {
    /// The braces of arguments such as those of `\frac{a}{b}`, `\sqrt[3]{x}`, `x^{n}` and `x_{i}`, and of what they hold.
    fileprivate func texBraces() -> Set<Int> {
        var found: Set<Int> = []
        /// The brackets that are open, with whether they are an argument.
        var open: [(bracket: UInt8, isArgument: Bool)] = []
        /// Where an argument may begin.
        var next = -1
        var offset = 0
        while offset < bytes.count {
            let byte = self[offset]
            switch byte {
            case UInt8(ascii: "\\"):
                if let end = texCommandEnd(from: offset) {
                    next = end
                    offset = end
                } else {
                    offset += 2
                }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let isInArgument = byte == UInt8(ascii: "{") && open.last?.isArgument == true
                let isArgument = offset == next || isInArgument || isTeXScript(at: offset)
                if isArgument, byte == UInt8(ascii: "{") { found.insert(offset) }
                open.append((byte, isArgument))
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard let last = open.last, last.bracket == (byte == UInt8(ascii: "}") ? 0x7B : 0x5B) else {
                    break
                }
                if last.isArgument { next = offset + 1 }
                open.removeLast()
            case UInt8(ascii: "^"), UInt8(ascii: "_"): if offset == next { next += 1 }
            case UInt8(ascii: "\n"):
                // What a paragraph leaves open is no argument of the next one.
                if self[offset + 1] == byte { open.removeAll() }
            default: break
            }
            offset += 1
        }
        return found
    }

    /// The end of a command's name and its star; nil for `\n`, `\r` and `\t`, which are more often escapes.
    private func texCommandEnd(from start: Int) -> Int? {
        var end = start + 1
        while self[end].isASCIILetter { end += 1 }
        guard end > start + 1 else { return nil }
        if end == start + 2, "nrt".utf8.contains(self[start + 1]) { return nil }
        return self[end] == UInt8(ascii: "*") ? end + 1 : end
    }

    /// Whether a brace opens a script: after `^`, or after `_` behind a symbol of one letter.
    private func isTeXScript(at open: Int) -> Bool {
        guard open > 1, self[open] == UInt8(ascii: "{") else { return false }
        if self[open - 1] == UInt8(ascii: "^") { return true }
        guard self[open - 1] == UInt8(ascii: "_"), self[open - 2].isASCIILetter else { return false }
        return open == 2 || !(self[open - 3].isIdentifierStart || self[open - 3].isDigit)
    }
}

// MARK: - Markdown

extension Source {
    /// The ranges of fenced code and code spans, as CommonMark reads them; in block quotes and list items too.
    func markdownCode() -> [Range<Int>] {
        var found: [Range<Int>] = []
        var fence: (start: Int, mark: UInt8, length: Int)?
        var paragraph = 0
        var line = 0
        while line < bytes.count {
            let end = offset(of: UInt8(ascii: "\n"), from: line) ?? bytes.count
            let start = markdownBlockStart(line..<end)
            let mark = self[start]
            let length = fenceLength(start..<end)
            if let open = fence {
                if length >= open.length, mark == open.mark, skipSpaces(from: start + length) >= end {
                    found.append(open.start..<end)
                    fence = nil
                    paragraph = end
                }
            } else if length > 0 {
                found += codeSpans(paragraph..<line)
                fence = (line, mark, length)
            } else if start >= end {
                found += codeSpans(paragraph..<line)
                paragraph = end
            }
            line = end + 1
        }
        if let fence { return found + [fence.start..<bytes.count] }
        return found + codeSpans(min(paragraph, bytes.count)..<bytes.count)
    }

    /// The offset past the blanks, marks of block quotes and marks of list items that a line begins with.
    private func markdownBlockStart(_ line: Range<Int>) -> Int {
        var start = line.lowerBound
        while start < line.upperBound {
            switch self[start] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: ">"): start += 1
            case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+"):
                guard self[start + 1] == UInt8(ascii: " ") else { return start }
                start += 2
            case let byte where byte.isDigit:
                var mark = start + 1
                while self[mark].isDigit { mark += 1 }
                guard [UInt8(ascii: "."), UInt8(ascii: ")")].contains(self[mark]),
                    self[mark + 1] == UInt8(ascii: " ")
                else { return start }
                start = mark + 2
            default: return start
            }
        }
        return start
    }

    /// How many marks open or close fenced code; 0 when they do neither.
    private func fenceLength(_ range: Range<Int>) -> Int {
        let mark = self[range.lowerBound]
        guard mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~") else { return 0 }
        let rest = bytes[range].drop { $0 == mark }
        let length = rest.startIndex - range.lowerBound
        // Behind '`', a '`' in the same line makes it a code span.
        return length < 3 || mark == UInt8(ascii: "`") && rest.contains(mark) ? 0 : length
    }

    /// The code spans of a paragraph: from a run of '`' to the next run that is as long.
    private func codeSpans(_ paragraph: Range<Int>) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start = paragraph.lowerBound
        while let open = offset(of: UInt8(ascii: "`"), from: start), open < paragraph.upperBound {
            var end = open + 1
            while end < paragraph.upperBound, self[end] == UInt8(ascii: "`") { end += 1 }
            runs.append(open..<end)
            start = end
        }
        var nextOfLength: [Int: Int] = [:]
        var closing = [Int?](repeating: nil, count: runs.count)
        for index in runs.indices.reversed() {
            closing[index] = nextOfLength.updateValue(index, forKey: runs[index].count)
        }
        var found: [Range<Int>] = []
        var index = 0
        while index < runs.count {
            if let close = closing[index] {
                found.append(runs[index].lowerBound..<runs[close].upperBound)
                index = close
            }
            index += 1
        }
        return found
    }
}
