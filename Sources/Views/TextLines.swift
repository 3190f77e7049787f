/// The first lines of a text, as many as a diff may need, and how many more there are.
struct TextLines {
    /// The most lines of a text that a diff shows.
    static let limit = 5_000
    /// The most bytes of a text that a diff shows: more than the characters of any prompt.
    static let byteLimit = 1 << 20
    /// The most lines of a text that are compared with those of another.
    static let searchLimit = 100_001

    /// The first lines.
    private(set) var lines: [String] = []
    /// How many lines follow.
    private(set) var omitted = 0

    /// Splits a text. Bytes are looked at, as a carriage return and its newline are one Character.
    init(_ text: ArraySlice<UInt8>) {
        var rest = text
        while lines.count < Self.searchLimit {
            let end = rest.firstIndex(of: Self.newline) ?? rest.endIndex
            lines.append(String(decoding: rest[..<end], as: UTF8.self))
            if end == rest.endIndex { return }
            rest = rest[(end + 1)...]
        }
        omitted = 1 + rest.count { $0 == Self.newline }
    }

    /// No lines at all: those of a text that is not there.
    init() {}

    /// How many lines there are.
    var count: Int { lines.count + omitted }

    static let newline = UInt8(ascii: "\n")
}

/// The lines of two texts between those that both begin and end with.
struct ChangedLines {
    /// The last lines before them, which are in both texts.
    let before: ArraySlice<String>
    /// The number of the first line in there, from 1.
    let firstLine: Int
    /// The lines of the old text.
    let old: TextLines
    /// The lines of the new text.
    let new: TextLines
    /// The first lines after them, which are in both texts.
    let after: ArraySlice<String>

    /// Compares two texts, and keeps so many lines on either side. Most of a long text is often in both, and is not
    /// split.
    init(_ old: String, _ new: String, context: Int) {
        let (oldBytes, newBytes) = (Array(old.utf8), Array(new.utf8))
        let shorter = min(oldBytes.count, newBytes.count)
        // Both begin with whole lines up to here.
        var (start, lineCount) = (0, 0)
        for index in 0..<shorter
        where oldBytes[index] == TextLines.newline || oldBytes[index] != newBytes[index] {
            guard oldBytes[index] == newBytes[index] else { break }
            (start, lineCount) = (index + 1, lineCount + 1)
        }
        // Both end with a newline and so many bytes.
        var (end, length) = (-1, 0)
        while length < shorter - start,
            oldBytes[oldBytes.count - 1 - length] == newBytes[newBytes.count - 1 - length]
        {
            if oldBytes[oldBytes.count - 1 - length] == TextLines.newline { end = length }
            length += 1
        }
        self.old = TextLines(oldBytes[start..<(oldBytes.count - end - 1)])
        self.new = TextLines(newBytes[start..<(newBytes.count - end - 1)])
        before = TextLines.last(context, of: oldBytes[..<start])
        firstLine = lineCount - before.count + 1
        after = end < 0 ? [] : TextLines(oldBytes.suffix(end)).lines.prefix(context)
    }
}

extension TextLines {
    /// The last lines of a text that ends in a newline.
    fileprivate static func last(_ count: Int, of text: ArraySlice<UInt8>) -> ArraySlice<String> {
        var (start, found) = (text.endIndex, 0)
        while start > text.startIndex, found <= count {
            if text[start - 1] == newline { found += 1 }
            if found <= count { start -= 1 }
        }
        return text.isEmpty ? [] : TextLines(text[start...].dropLast()).lines.suffix(count)
    }
}
