import CYAML
import Support

/// The checked bytes of a document, and where things are in them.
///
/// Lines end at `\n`, as editors and the printed findings have it. libyaml also ends them at a lone `\r`, NEL,
/// U+2028 and U+2029; in a text that has such characters places are counted anew from libyaml's scalar index.
struct YAMLSource {
    /// The text, without a byte order mark.
    let text: UnsafeBufferPointer<UInt8>
    /// The scalar index of each line's start; empty where libyaml counts the same lines.
    private var lineStarts: [Int] = []
    /// A line and its first byte, so that looking up lines in order reads the text once.
    private var cursor = (line: 1, offset: 0)

    /// More lines that begin with `%` than any document has: libyaml takes quadratic time over directives.
    private static let maxDirectives = 100

    /// A document's text, once it is sure that libyaml can read it.
    ///
    /// - Parameters:
    ///   - bytes: The document, which must outlive this value.
    ///   - invalidByte: The first byte that is not UTF-8.
    /// - Throws: What keeps it from being read: its encoding or a character that YAML does not allow.
    init(_ bytes: UnsafeBufferPointer<UInt8>, invalidByte: Int?) throws(YAMLProblem) {
        if let encoding = wideEncoding(of: bytes) {
            throw YAMLProblem(
                code: .yamlEncoding, message: "the file is \(encoding), not UTF-8",
                place: TextPosition(line: 1, column: 1), help: "save it as UTF-8")
        }
        let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        text = UnsafeBufferPointer(rebasing: bytes[mark...])
        if let invalidByte {
            let byte = String(bytes[invalidByte], radix: 16, uppercase: true)
            throw YAMLProblem(
                code: .yamlEncoding, message: "the byte 0x\(byte) is not UTF-8 here",
                place: place(ofByte: invalidByte - mark), help: "save the file as UTF-8")
        }
        let isPlain = text.allSatisfy { byte in
            byte >= 0x20 ? byte <= 0x7E && byte != UInt8(ascii: "%") : byte == 0x0A || byte == 0x09
        }
        if !isPlain { try checkCharacters() }
    }

    /// The place of a mark of libyaml's.
    func place(_ mark: yaml_mark_t) -> TextPosition {
        if lineStarts.isEmpty { return TextPosition(line: Int(mark.line) + 1, column: Int(mark.column) + 1) }
        let index = Int(mark.index)
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= index { low = middle } else { high = middle }
        }
        return TextPosition(line: low + 1, column: index - lineStarts[low] + 1)
    }

    /// The rest of a line from a place on, without its end and without trailing blanks.
    mutating func restOfLine(from place: TextPosition) -> Substring.UnicodeScalarView {
        let line = String(decoding: bytes(ofLine: place.line), as: UTF8.self).unicodeScalars
        var rest = line.dropFirst(place.column - 1)
        while let last = rest.last, last == " " || last == "\t" || last == "\r" { rest.removeLast() }
        return rest
    }

    /// What a line holds before a place.
    mutating func line(before place: TextPosition) -> String {
        let line = String(decoding: bytes(ofLine: place.line), as: UTF8.self).unicodeScalars
        return String(line.prefix(place.column - 1))
    }

    /// The end of the last line that is not blank, when nothing but blanks is behind a place.
    ///
    /// libyaml reports what is missing at the end on a line that may not even be there.
    func endOfContent(ifAt place: TextPosition) -> TextPosition? {
        let last = text.lastIndex { $0 > 0x20 }
        let end = self.place(ofByte: last.map { $0 + 1 } ?? 0)
        return place >= end ? end : nil
    }

    /// Whether a tab is among the blanks that a line begins with.
    mutating func isIndentedByTab(line: Int) -> Bool {
        bytes(ofLine: line).prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            .contains(UInt8(ascii: "\t"))
    }

    private mutating func bytes(ofLine line: Int) -> Slice<UnsafeBufferPointer<UInt8>> {
        if line < cursor.line { cursor = (1, 0) }
        while cursor.line < line, let end = text[cursor.offset...].firstIndex(of: UInt8(ascii: "\n")) {
            cursor = (cursor.line + 1, end + 1)
        }
        guard cursor.line == line else { return text[text.endIndex...] }
        return text[cursor.offset...].prefix { $0 != UInt8(ascii: "\n") }
    }

    /// Looks for what libyaml would refuse, or would take unbounded time over.
    private mutating func checkCharacters() throws(YAMLProblem) {
        var (offset, directives, hasOddBreaks) = (0, 0, false)
        var last: Unicode.Scalar = "\n"
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            if last == "\r", scalar != "\n" { hasOddBreaks = true }
            switch scalar.value {
            case 0x9, 0xA, 0xD: break
            case 0x85, 0x2028, 0x2029: hasOddBreaks = true
            case 0..<0x20, 0x7F..<0xA0, 0xFFFE, 0xFFFF: throw forbidden(scalar, at: offset)
            case 0x25 where last == "\n" || last == "\r" || last.value > 0x7E:
                directives += 1
                if directives > Self.maxDirectives {
                    throw YAMLProblem(
                        code: .yamlLimit, message: "more than \(Self.maxDirectives) lines begin with '%'",
                        place: place(ofByte: offset))
                }
            default: break
            }
            offset += UTF8.width(scalar)
            last = scalar
        }
        if hasOddBreaks || last == "\r" { indexLines() }
    }

    private mutating func indexLines() {
        lineStarts = [0]
        var scalars = 0
        for byte in text where byte & 0xC0 != 0x80 {
            scalars += 1
            if byte == UInt8(ascii: "\n") { lineStarts.append(scalars) }
        }
    }

    private func forbidden(_ scalar: Unicode.Scalar, at offset: Int) -> YAMLProblem {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let name = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return YAMLProblem(
            code: .yamlEncoding, message: "the control character \(name) is not allowed in YAML",
            place: place(ofByte: offset),
            help: scalar.value == 0
                ? "a file with NUL characters is often UTF-16; save it as UTF-8"
                : "remove it, or write it as an escape inside double quotes")
    }

    private func place(ofByte offset: Int) -> TextPosition { TextPosition(ofByte: offset, in: text) }
}
