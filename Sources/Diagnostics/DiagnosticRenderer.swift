import Support

/// Renders findings as `file:line:column: severity: message`, with the source line and a caret under the place.
package struct DiagnosticRenderer: Sendable {
    private let color: Bool
    private let limit: Int
    /// The widest excerpt of a source line, in Unicode scalars.
    private static let excerptWidth = 120

    /// A renderer.
    ///
    /// - Parameters:
    ///   - color: Whether to use ANSI colours.
    ///   - limit: How many findings are rendered; the others are only counted.
    package init(color: Bool, limit: Int = 100) {
        self.color = color
        self.limit = limit
    }

    /// How many errors and warnings there are, as a line; empty without any.
    package func counts(of list: DiagnosticList) -> String {
        let (errors, warnings) = (list.count(.error), list.count(.warning))
        guard errors + warnings > 0 else { return "" }
        func phrase(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
        return "\(phrase(errors, "error")), \(phrase(warnings, "warning"))\n"
    }

    /// The findings as text, errors first and then by file and place, each ended by a newline.
    package func render(_ list: DiagnosticList) -> String {
        var lines: [String: [String]] = [:]
        let sorted = list.sorted
        var result = ""
        for diagnostic in sorted.prefix(limit) {
            var sourceLine: String?
            if let location = diagnostic.location, let text = list.sources[location.file] {
                let fileLines = lines[location.file] ?? Self.lines(of: text)
                lines[location.file] = fileLines
                if fileLines.indices.contains(location.line - 1) { sourceLine = fileLines[location.line - 1] }
            }
            result += render(diagnostic, sourceLine: sourceLine)
        }
        if sorted.count > limit { result += "… and \(sorted.count - limit) more\n" }
        return result
    }

    private func render(_ diagnostic: Diagnostic, sourceLine: String?) -> String {
        let tint =
            switch diagnostic.severity {
            case .error: "1;31"
            case .warning: "1;33"
            case .note: "1;36"
            }
        var result = ""
        if let location = diagnostic.location {
            let place = "\(location.text):"
            result += styled(place, "1") + " "
        }
        result += styled("\(diagnostic.severity.rawValue):", tint) + " "
        result += styled(diagnostic.message.escapedForTerminal, "1") + " [\(diagnostic.code.rawValue)]\n"
        if let location = diagnostic.location, let sourceLine {
            result += excerpt(of: sourceLine, at: location, length: diagnostic.length, tint: tint)
        }
        if let help = diagnostic.help {
            result += "    " + styled("help:", "1;36") + " \(help.escapedForTerminal)\n"
        }
        return result
    }

    /// The source line with its number, and the caret line below it.
    private func excerpt(
        of line: String, at location: SourceLocation, length: Int, tint: String
    ) -> String {
        let scalars = Self.hidingCredentials(Array(line.unicodeScalars))
        let column = min(max(location.column - 1, 0), scalars.count)
        let start = column > Self.excerptWidth - 40 ? column - 40 : 0
        let end = min(scalars.count, start + Self.excerptWidth)
        let before = Self.shown(scalars[start..<column])
        let marked = Self.shown(scalars[column..<min(end, column + max(1, length))])
        let after = Self.shown(scalars[min(end, column + max(1, length))..<end])
        let number = String(location.line)
        let gutter = String(repeating: " ", count: number.count)
        let text = (start > 0 ? "…" : "") + before + marked + after + (end < scalars.count ? "…" : "")
        let indent = String(repeating: " ", count: before.unicodeScalars.count + (start > 0 ? 1 : 0))
        let underline = "^" + String(repeating: "~", count: max(0, marked.unicodeScalars.count - 1))
        return "  \(number) | \(text)\n  \(gutter) | \(indent)\(styled(underline, tint))\n"
    }

    /// The lines of a file as the findings count them: a byte order mark is no column, and a carriage return before
    /// a newline, which with it is one Character, ends no other line.
    private static func lines(of text: String) -> [String] {
        var scalars = text.unicodeScalars[...]
        if scalars.first == "\u{FEFF}" { scalars = scalars.dropFirst() }
        return scalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }

    /// A line without the credentials of addresses such as `https://USER:PASSWORD@HOST`, whose scheme may be missing, as
    /// wide as before.
    private static func hidingCredentials(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard scalars.contains("@") else { return scalars }
        var shown = scalars
        for word in scalars.split(whereSeparator: \.properties.isWhitespace) {
            guard let end = word.lastIndex(of: "@") else { continue }
            let scheme = word.indices.first { word[$0...].starts(with: "://".unicodeScalars) }
            let password = word.indices.first {
                word[$0] == ":" && $0 < end - 1 && !["/", " "].contains(word[$0 + 1])
            }
            guard let start = scheme.map({ $0 + 3 }) ?? password.map({ $0 + 1 }), start < end,
                scheme != nil || !String(String.UnicodeScalarView(word)).contains("file:")
            else { continue }
            for index in start..<end { shown[index] = "•" }
        }
        return shown
    }

    private static func shown(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.map { $0 == "\t" || $0 == "\r" ? " " : $0 })
        return String(text).escapedForTerminal
    }

    private func styled(_ text: String, _ code: String) -> String {
        color ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
