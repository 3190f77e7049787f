package import Diagnostics
import Glibc

/// The warnings that comments such as `<!-- promptreg-ignore: single-brace -->` silence, by file and line.
package struct IgnoredWarnings: Sendable {
    private struct Line: Hashable {
        var file: String
        var number: Int
    }

    /// A name in a comment.
    package struct Mention: Sendable {
        /// The name.
        package let name: String
        /// Where it is.
        package let location: SourceLocation
    }

    /// The names of the warnings of each line; empty for all.
    private var names: [Line: Set<String>] = [:]
    /// The names that each comment has.
    package private(set) var mentions: [[Mention]] = []

    /// None.
    package init() {}

    /// Those of the comments in a whole file.
    package init(in text: String, path: String) {
        guard Self.mayHaveComments(text) else { return }
        _ = takeComments(out: TemplateText(text, start: SourceLocation(file: path)))
    }

    /// Whether a text has the word of such comments, which few have; no template has a NUL.
    private static func mayHaveComments(_ text: String) -> Bool {
        text.withCString { strstr($0, "promptreg-ignore") != nil }
    }

    /// Whether a text has such comments.
    package static func hasComments(_ text: String) -> Bool { !Source(text).ignoreComments().isEmpty }

    /// Whether a finding is silenced. No error is.
    package func contain(_ diagnostic: Diagnostic) -> Bool {
        guard diagnostic.severity != .error, let place = diagnostic.location,
            let names = names[Line(file: place.file, number: place.line)]
        else { return false }
        return names.isEmpty || names.contains(diagnostic.code.rawValue)
    }

    /// Takes the comments out of a text, with their lines where they stand alone.
    ///
    /// - Parameter text: The text.
    /// - Returns: The text to register.
    package mutating func takeComments(out text: TemplateText) -> TemplateText {
        guard Self.mayHaveComments(text.text) else { return text }
        var reader = StretchReader(text)
        let comments = reader.source.ignoreComments()
        guard !comments.isEmpty else { return text }
        var result = TextAssembly()
        var start = 0
        for comment in comments {
            result.append(start..<max(start, comment.range.lowerBound), of: &reader)
            let place = reader.place(at: max(start, comment.range.lowerBound))
            let line = Line(file: place.file, number: place.line + comment.lineAfter)
            let mentioned = comment.names.map {
                Mention(name: reader.source.text($0), location: reader.place(at: $0.lowerBound))
            }
            if !mentioned.isEmpty { mentions.append(mentioned) }
            // One comment for all warnings outweighs those for some.
            let isForAll = mentioned.isEmpty || names[line]?.isEmpty == true
            names[line] = isForAll ? [] : names[line, default: []].union(mentioned.map(\.name))
            start = max(start, comment.range.upperBound)
        }
        result.append(start..<reader.source.bytes.count, of: &reader)
        return result.text(from: text)
    }
}

/// A comment that silences warnings.
private struct IgnoreComment {
    /// What is not registered: the comment with the blanks before it, or its whole line.
    var range: Range<Int>
    /// The line that it is about, counted from the one at the beginning of the range.
    var lineAfter: Int
    /// Where the names of the warnings are; none for all.
    var names: [Range<Int>]
}

extension Source {
    fileprivate func ignoreComments() -> [IgnoreComment] {
        let dash = UInt8(ascii: "-")
        var found: [IgnoreComment] = []
        var start = 0
        while let word = find("promptreg-ignore", from: start) {
            start = word + 16
            guard let comment = comment(around: word..<start) else { continue }
            // What follows on a dash is the reason, or the end of the comment.
            let words = bytes[comment.names].split { !($0.isIdentifierStart || $0.isDigit || $0 == dash) }
            let names = words.prefix { $0.contains { $0 != dash } }
            found.append(ignoreComment(comment.range, names.map { $0.startIndex..<$0.endIndex }))
            start = comment.range.upperBound
        }
        return found
    }

    /// The comment that begins with a word, in the form of HTML, Jinja2, Mustache or YAML, and what follows the word.
    private func comment(around word: Range<Int>) -> (range: Range<Int>, names: Range<Int>)? {
        let next = self[word.upperBound]
        guard !next.isIdentifierStart, !next.isDigit,
            next != UInt8(ascii: "-") || has("-->", at: word.upperBound)
        else { return nil }
        var open = word.lowerBound
        while open > 0, self[open - 1] == UInt8(ascii: " ") || self[open - 1] == UInt8(ascii: "\t") {
            open -= 1
        }
        let lineEnd = offset(of: UInt8(ascii: "\n"), from: word.upperBound) ?? bytes.count
        let forms: [(open: StaticString, close: StaticString)] = [
            ("<!--", "-->"), ("{#-", "#}"), ("{#", "#}"), ("{{!--", "}}"), ("{{!", "}}"),
        ]
        for form in forms {
            let start = open - form.open.utf8CodeUnitCount
            guard start >= 0, has(form.open, at: start) else { continue }
            guard let close = find(form.close, from: word.upperBound), close < lineEnd else { return nil }
            return (start..<(close + form.close.utf8CodeUnitCount), word.upperBound..<close)
        }
        guard open > 0, self[open - 1] == UInt8(ascii: "#") else { return nil }
        let before = open > 1 ? self[open - 2] : UInt8(ascii: "\n")
        guard [0x20, 0x09, 0x0A].contains(before) else { return nil }
        let end = lineEnd > word.upperBound && self[lineEnd - 1] == UInt8(ascii: "\r") ? lineEnd - 1 : lineEnd
        return ((open - 1)..<end, word.upperBound..<end)
    }

    private func ignoreComment(_ comment: Range<Int>, _ names: [Range<Int>]) -> IgnoreComment {
        var (start, end) = (comment.lowerBound, comment.upperBound)
        while start > 0, self[start - 1] == UInt8(ascii: " ") || self[start - 1] == UInt8(ascii: "\t") {
            start -= 1
        }
        while [0x20, 0x09, 0x0D].contains(self[end]) { end += 1 }
        guard start == 0 || self[start - 1] == UInt8(ascii: "\n"),
            end >= bytes.count || self[end] == UInt8(ascii: "\n")
        else {
            return IgnoreComment(range: start..<comment.upperBound, lineAfter: 0, names: names)
        }
        if end < bytes.count { return IgnoreComment(range: start..<(end + 1), lineAfter: 1, names: names) }
        // The newline before a last line goes with it.
        if start > 0 { start -= 1 }
        if start > 0, self[start - 1] == UInt8(ascii: "\r") { start -= 1 }
        return IgnoreComment(range: start..<end, lineAfter: 1, names: names)
    }
}
