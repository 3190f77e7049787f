import Diagnostics
import Support
import YAML

/// What happens to the front matter of template files.
enum FrontMatterMode: String, CaseIterable {
    /// It says what a job's entry for the prompt could say, and is no part of the prompt.
    case read
    /// It is left out, and not read.
    case drop
    /// It is a part of the prompt.
    case keep
}

/// The front matter of a template file: a YAML mapping between lines of `---` at its top.
struct FrontMatter {
    /// The mapping; nil where it is empty, or cannot be read.
    let root: YAMLNode?
    /// What is wrong with it as YAML.
    let diagnostics: [Diagnostic]
    /// The offset of what comes after it.
    let end: Int
    /// The line that what comes after it begins on.
    let endLine: Int

    /// A header is small; what it expands to is bounded, since a folder may hold thousands of them.
    private static var limits: DocumentLimits {
        var limits = DocumentLimits(maxDepth: 32)
        limits.maxValues = 20_000
        limits.maxTextBytes = 1 << 20
        return limits
    }

    /// Reads the front matter that a text begins with; nil where there is none.
    ///
    /// A line of `---` that no other one follows, and lines of it around something that is no mapping, such as rules
    /// in Markdown, are text.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - path: The file, as it is shown to the user.
    init?(of bytes: borrowing [UInt8], path: String) {
        let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        // Most files have none: three bytes tell.
        guard bytes.count > mark + 3, bytes[mark...].starts(with: "---".utf8),
            let range = Self.range(in: bytes, from: mark)
        else { return nil }
        // With the opening line, which begins a YAML document, places are those of the file.
        let parsed = parseYAML(Array(bytes[mark..<range.closing]), file: path, limits: Self.limits)
        if parsed.diagnostics.isEmpty, let root = parsed.root, root.entries == nil, root.value != .null {
            return nil
        }
        if parsed.root?.entries == nil, !parsed.diagnostics.isEmpty,
            !Self.beginsWithKey(bytes[range.opening..<range.closing])
        {
            return nil
        }
        root = parsed.root?.entries == nil ? nil : parsed.root
        diagnostics = parsed.diagnostics
        (end, endLine) = Self.skippingBlankLine(in: bytes, range)
    }

    /// The line of the first key of what begins like front matter and has no end; nil where a text does not.
    ///
    /// - Parameter bytes: The text.
    /// - Returns: The number of the line.
    static func unclosedLine(_ bytes: borrowing [UInt8]) -> Int? {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        guard range(in: bytes, from: start) == nil else { return nil }
        let lines = bytes[start...].split(
            separator: UInt8(ascii: "\n"), maxSplits: 200, omittingEmptySubsequences: false)
        guard let rule = lines.first, isRule(rule) else { return nil }
        let comments = lines.dropFirst().prefix { $0.first == UInt8(ascii: "#") }.count
        let rest = lines.dropFirst(1 + comments)
        return rest.first.map(beginsWithKey) == true ? comments + 2 : nil
    }

    /// Whether a text would begin with front matter but for blank lines before it.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - path: The file, as it is shown to the user.
    /// - Returns: Whether it would.
    static func isBelowBlankLines(_ text: String, path: String) -> Bool {
        let rest = text.utf8.drop(while: \.isBlankOrBreak)
        guard rest.startIndex > text.startIndex, rest.starts(with: "---".utf8),
            text.utf8[text.utf8.index(before: rest.startIndex)] == UInt8(ascii: "\n")
        else { return false }
        let entries = FrontMatter(of: Array(rest), path: path)?.root?.entries ?? []
        return entries.contains { FileSettings.isKnown($0.key) }
    }

    /// Where the header begins and ends, after the opening line and before the closing one, and what follows that.
    private struct Extent {
        var opening: Int
        var closing: Int
        var end: Int
        /// The line that `end` is on.
        var line: Int
    }

    private static func range(in bytes: borrowing [UInt8], from start: Int) -> Extent? {
        var (line, number, opening) = (start, 1, 0)
        while line < bytes.count {
            let next = bytes[line...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
            let isRule = isRule(bytes[line..<next])
            if number == 1 {
                guard isRule else { return nil }
                opening = next
            } else if isRule {
                return Extent(opening: opening, closing: line, end: next, line: number + 1)
            }
            (line, number) = (next, number + 1)
        }
        return nil
    }

    /// Whether a line is `---`, but for white space at its end.
    private static func isRule(_ line: ArraySlice<UInt8>) -> Bool {
        line.starts(with: "---".utf8) && line.dropFirst(3).allSatisfy(\.isBlankOrBreak)
    }

    /// Whether the first line that is neither blank nor a comment reads like `key:`.
    ///
    /// That tells a header with a mistake in it from a text between rules.
    private static func beginsWithKey(_ header: ArraySlice<UInt8>) -> Bool {
        let lines = header.split(separator: UInt8(ascii: "\n"))
        let first = lines.first { line in
            let start = line.first { !$0.isBlankOrBreak }
            return start != nil && start != UInt8(ascii: "#")
        }
        guard let first, let colon = first.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let key = first[..<colon]
        let isWord = key.allSatisfy { byte in
            byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
                || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
                || "_-.$\"'".utf8.contains(byte)
        }
        return !key.isEmpty && isWord
            && (colon + 1 == first.endIndex || first[colon + 1].isBlankOrBreak)
    }

    /// One blank line below the header belongs to it, as one newline at the end of a file does to the file.
    private static func skippingBlankLine(
        in bytes: borrowing [UInt8], _ extent: Extent
    ) -> (end: Int, line: Int) {
        let rest = bytes[extent.end...]
        let length = rest.starts(with: "\n".utf8) ? 1 : rest.starts(with: "\r\n".utf8) ? 2 : 0
        return (extent.end + length, extent.line + (length > 0 ? 1 : 0))
    }
}

extension Diagnostic.Code {
    /// A file that begins like front matter and is taken for text.
    static let unclosedFrontMatter = Self(rawValue: "unclosed-front-matter")
    /// Characters that have no shape.
    static let invisibleText = Self(rawValue: "invisible-text")
}

extension UInt8 {
    fileprivate var isBlankOrBreak: Bool {
        self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == UInt8(ascii: "\r")
            || self == UInt8(ascii: "\n")
    }
}
