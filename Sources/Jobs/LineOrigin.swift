import Diagnostics
import Templates

/// From which line of which file on the lines of a registered text come.
package struct LineOrigin: Hashable, Sendable, Codable {
    /// The message of a chat prompt, from 1; 1 for a text.
    package var message: Int
    /// The first of the lines, from 1.
    package var line: Int
    /// The file, as it is shown to the user.
    package var file: String
    /// The line of the file, from 1.
    package var fileLine: Int

    /// Where the lines of a text come from; empty for one that has no parts.
    static func list(of text: TemplateText, inMessage message: Int, path: String) -> [LineOrigin] {
        guard text.start.file != path || text.stretches.contains(where: { $0.start.file != path }) else {
            return []
        }
        var origins = [
            LineOrigin(message: message, line: 1, file: text.start.file, fileLine: text.start.line)
        ]
        for (stretch, (line, isInLine)) in zip(text.stretches, text.stretchLines) {
            // A line that comes from several files is the first part's; the file around it goes on with the next line.
            while let last = origins.last, last.line > line { origins.removeLast() }
            let isTaken = isInLine && origins.last.map { $0.file != path } ?? false
            if !isTaken, origins.last?.line == line { origins.removeLast() }
            let skipped = isTaken ? 1 : 0
            origins.append(
                LineOrigin(
                    message: message, line: line + skipped, file: stretch.start.file,
                    fileLine: stretch.start.line + skipped))
        }
        return origins
    }
}

/// The files whose texts are parts of a template.
package struct TemplateParts: Hashable, Sendable, Codable {
    /// The files, by path.
    package var files: [TemplatePart]
    /// Where the lines come from.
    package var origins: [LineOrigin]

    /// The parts of a template; nil where it has none.
    ///
    /// - Parameters:
    ///   - files: The files.
    ///   - texts: The text, or the texts of a chat prompt.
    ///   - numbers: The message of each text, from 1; nil where it is not its whole content.
    ///   - path: The file of the template.
    init?(_ files: Set<TemplatePart>, of texts: [TemplateText], _ numbers: [Int?], path: String) {
        if files.isEmpty { return nil }
        self.files = files.sorted { $0.path < $1.path }
        origins = zip(texts, numbers).flatMap { text, number in
            number.map { LineOrigin.list(of: text, inMessage: $0, path: path) } ?? []
        }
    }

    /// The file and the line that a line of the registered text comes from; nil where the text has no parts.
    package func place(ofLine line: Int, inMessage message: Int) -> (file: String, line: Int)? {
        guard let origin = origins.last(where: { $0.message == message && $0.line <= line }) else {
            return nil
        }
        return (origin.file, origin.fileLine + line - origin.line)
    }
}
