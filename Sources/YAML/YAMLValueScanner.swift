import Diagnostics

/// Finds where values of a YAML text end, which its parser does not tell.
struct YAMLValueScanner {
    let bytes: [UInt8]
    /// How the text's lines end.
    let lineEnd: String
    private let lines: [Int]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // A byte order mark is in no column.
        var lines = [bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0]
        for (index, byte) in bytes.enumerated() where byte == 0x0A { lines.append(index + 1) }
        self.lines = lines
        let first = bytes.firstIndex(of: 0x0A)
        lineEnd = first.map { $0 > 0 && bytes[$0 - 1] == 0x0D } == true ? "\r\n" : "\n"
    }

    /// The offset of a place.
    func offset(of location: SourceLocation) -> Int {
        guard lines.indices.contains(location.line - 1) else { return bytes.count }
        return skip(location.column - 1, from: lines[location.line - 1])
    }

    /// The offset of so many characters behind another one.
    private func skip(_ scalars: Int, from start: Int) -> Int {
        var (offset, left) = (start, scalars)
        while offset < bytes.count, left > 0 {
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
            left -= 1
        }
        return offset
    }

    /// The offset of the colon behind a key.
    func colon(of entry: YAMLEntry?) throws(YAMLEditProblem) -> Int {
        guard let entry else { return 0 }
        var place = skip(entry.keyLength, from: offset(of: entry.keyLocation))
        while place < bytes.count, bytes[place] == 0x20 { place += 1 }
        guard place < bytes.count, bytes[place] == UInt8(ascii: ":") else {
            throw YAMLEditProblem(reason: "the key '\(entry.key)' is written in a way that is left alone")
        }
        return place
    }

    func lineStart(before offset: Int) -> Int { lines.last { $0 <= offset } ?? 0 }

    /// The end of a line, before its line end.
    func lineEnd(after offset: Int) -> Int {
        let end = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
        return end > offset && bytes[end - 1] == 0x0D ? end - 1 : end
    }

    func nextLine(after offset: Int) -> Int { (bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count - 1) + 1 }

    /// How many characters are before a place on its line.
    func column(of offset: Int) -> Int {
        bytes[lineStart(before: offset)..<offset].count { $0 & 0xC0 != 0x80 }
    }

    /// How far the line of a place is indented.
    func indentation(at offset: Int) -> Int {
        bytes[lineStart(before: offset)...].prefix { $0 == 0x20 }.count
    }

    /// The dash of a list's item, where that is on the item's line.
    func dash(before offset: Int) -> Int? {
        let before = bytes[..<offset].lastIndex { $0 != 0x20 && $0 != 0x09 }
        return before.flatMap { bytes[$0] == UInt8(ascii: "-") && $0 < offset - 1 ? $0 : nil }
    }

    func isFlow(at offset: Int) -> Bool {
        offset < bytes.count && (bytes[offset] == UInt8(ascii: "{") || bytes[offset] == UInt8(ascii: "["))
    }

    /// Whether something other than a comment stands at a place.
    func hasText(at offset: Int) -> Bool {
        offset < bytes.count && ![0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "#")].contains(bytes[offset])
            && (bytes[offset] == UInt8(ascii: "~") || bytes[offset...].starts(with: "null".utf8)
                || bytes[offset...].starts(with: "Null".utf8) || bytes[offset...].starts(with: "NULL".utf8))
    }

    /// Whether anything, be it a comment, follows on the line.
    func hasText(after offset: Int) -> Bool {
        bytes[offset..<max(offset, lineEnd(after: offset))].contains { $0 != 0x20 && $0 != 0x09 }
    }

    /// Whether the line that begins at a place is there and has nothing but white space on it.
    func isBlankLine(at offset: Int) -> Bool { offset < bytes.count && !hasText(after: offset) }

    /// The first comma between two items of a flow collection, outside of comments.
    func comma(in range: Range<Int>) -> Int? {
        var place = range.lowerBound
        while place < range.upperBound {
            switch bytes[place] {
            case UInt8(ascii: ","): return place
            case UInt8(ascii: "#"): place = lineEnd(after: place)
            default: place += 1
            }
        }
        return nil
    }

    /// Whether a place is inside of a flow collection: an opening one before it on its line is still open.
    func isInsideFlow(_ offset: Int) -> Bool {
        // A collection of several lines is rare: a text in it is written in quotes, which is right everywhere.
        var depth = 0
        for byte in bytes[..<offset] {
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = max(0, depth - 1)
            default: break
            }
        }
        return depth > 0
    }

    /// Where a value that begins at a place ends.
    func end(of node: YAMLNode, at start: Int, indentation: Int, limit: Int) -> Int {
        switch bytes[start] {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return flowEnd(start)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return quoteEnd(start)
        case UInt8(ascii: "|"), UInt8(ascii: ">"):
            return indentedEnd(lineEnd(after: start), indentation, limit)
        default: return plainEnd(skip(node.length, from: start), indentation, limit)
        }
    }

    private func quoteEnd(_ start: Int) -> Int {
        let quote = bytes[start]
        var place = start + 1
        while place < bytes.count {
            if quote == UInt8(ascii: "\""), bytes[place] == UInt8(ascii: "\\") {
                place += 2
                continue
            }
            if bytes[place] == quote {
                guard quote == UInt8(ascii: "'"), place + 1 < bytes.count, bytes[place + 1] == quote else {
                    return place + 1
                }
                place += 1
            }
            place += 1
        }
        return bytes.count
    }

    private func flowEnd(_ start: Int) -> Int {
        var (place, depth) = (start, 0)
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return place + 1 }
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if isTokenStart(place) {
                    place = quoteEnd(place)
                    continue
                }
            case UInt8(ascii: "#") where [0x20, 0x09, 0x0A].contains(bytes[place - 1]):
                place = lineEnd(after: place)
                continue
            default: break
            }
            place += 1
        }
        return bytes.count
    }

    /// Whether a quote opens a text, and is not a part of a plain one.
    private func isTokenStart(_ place: Int) -> Bool {
        let before = bytes[..<place].last { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        return before.map {
            [UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ","), UInt8(ascii: ":")].contains($0)
        }
            ?? true
    }

    /// The end of the last line, from a place on, that is indented further and not blank.
    private func indentedEnd(_ start: Int, _ indentation: Int, _ limit: Int) -> Int {
        var (end, line) = (start, nextLine(after: start))
        while line < limit, line < bytes.count {
            let text = bytes[line..<max(line, lineEnd(after: line))]
            let blanks = text.prefix { $0 == 0x20 }.count
            if blanks < text.count {
                if blanks <= indentation { break }
                end = lineEnd(after: line)
            }
            line = nextLine(after: line)
        }
        return end
    }

    /// The end of a plain text, which may go on over further indented lines.
    private func plainEnd(_ end: Int, _ indentation: Int, _ limit: Int) -> Int {
        if hasText(after: end) { return end }
        var (end, line) = (end, nextLine(after: end))
        while line < limit, line < bytes.count {
            let stop = max(line, lineEnd(after: line))
            let text = bytes[line..<stop]
            let blanks = text.prefix { $0 == 0x20 }.count
            guard blanks < text.count, blanks > indentation, text[line + blanks] != UInt8(ascii: "#"),
                stop <= limit
            else { break }
            end = stop
            line = nextLine(after: line)
        }
        return end
    }

    /// How far the lines of a block are indented; nil for what is none.
    func blockIndentation(in range: Range<Int>) -> Int? {
        guard range.lowerBound < bytes.count,
            bytes[range.lowerBound] == UInt8(ascii: "|") || bytes[range.lowerBound] == UInt8(ascii: ">")
        else { return nil }
        let header = bytes[range].prefix { $0 != 0x0A && $0 != UInt8(ascii: "#") }
        var line = nextLine(after: range.lowerBound)
        while line < range.upperBound {
            let blanks = bytes[line..<range.upperBound].prefix { $0 == 0x20 }.count
            if hasText(after: line) {
                // Where the header says how far, the first line may be indented further.
                return header.contains { (0x31...0x39).contains($0) } ? nil : blanks
            }
            line = nextLine(after: line)
        }
        return nil
    }

    /// A text as a literal block, for the end of its key's line.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - indentation: How far its lines are indented; nil takes two more than what it belongs to.
    ///   - parent: How far what it belongs to is indented.
    /// - Returns: The block.
    func block(_ text: String, indentation: Int?, below parent: Int) -> String {
        let usual = parent + 2
        let indentation = indentation.map { (1...9).contains($0 - parent) ? $0 : usual } ?? usual
        let margin = String(repeating: " ", count: indentation)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var header = "|"
        if let first = text.utf8.first, [0x20, 0x09, 0x0A].contains(first) {
            header += "\(indentation - parent)"
        }
        if lines.last?.isEmpty == true {
            lines.removeLast()
            if lines.last?.isEmpty == true { header += "+" }
        } else {
            header += "-"
        }
        return header + lines.map { $0.isEmpty ? "\n" : "\n\(margin)\($0)" }.joined()
    }
}
