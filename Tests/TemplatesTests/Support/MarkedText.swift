import Diagnostics
import Testing

@testable import Templates

/// A template whose expected findings are marked where they belong: `‹code›…‹/›` for a warning, `‹!code›…‹/›` for
/// an error.
struct MarkedText {
    var text = ""
    var expected: [String] = []

    init(_ marked: String) {
        var open: [(code: String, line: Int, column: Int, length: Int)] = []
        var found: [(order: Int, line: String)] = []
        var order: [Int] = []
        var line = 1
        var column = 1
        var rest = marked[...]
        while let character = rest.first {
            if character == "‹", let end = rest.firstIndex(of: "›") {
                let tag = rest[rest.index(after: rest.startIndex)..<end]
                rest = rest[rest.index(after: end)...]
                if tag == "/" {
                    let mark = open.removeLast()
                    let severity = mark.code.hasPrefix("!") ? "error" : "warning"
                    let code = mark.code.drop { $0 == "!" }
                    found.append(
                        (order.removeLast(), "\(mark.line):\(mark.column)+\(mark.length) \(severity) \(code)")
                    )
                } else {
                    order.append(found.count + open.count)
                    open.append((String(tag), line, column, 0))
                }
                continue
            }
            rest = rest.dropFirst()
            text.append(character)
            for index in open.indices { open[index].length += character.unicodeScalars.count }
            column += character.unicodeScalars.count
            if character == "\n" { (line, column) = (line + 1, 1) }
        }
        expected = found.sorted { $0.order < $1.order }.map(\.line)
    }
}

/// A finding as one line: place, length, severity and code.
func summary(_ diagnostic: Diagnostic) -> String {
    let place = diagnostic.location.map { "\($0.line):\($0.column)" } ?? "-"
    return "\(place)+\(diagnostic.length) \(diagnostic.severity.rawValue) \(diagnostic.code.rawValue)"
}

extension TemplateSyntax {
    /// The analysis of one text that begins a file.
    func analyze(_ text: String) -> TemplateAnalysis {
        analyze([TemplateText(text, start: SourceLocation(file: "t.md"))])
    }

    /// Expects the findings that are marked in a text, and no others.
    @discardableResult
    func expectFindings(
        _ marked: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) -> TemplateAnalysis {
        let marked = MarkedText(marked)
        let analysis = analyze(marked.text)
        #expect(analysis.diagnostics.map(summary) == marked.expected, sourceLocation: sourceLocation)
        return analysis
    }
}

extension TemplateAnalysis {
    /// The names of the variables, in order.
    var names: [String] { variables.map(\.name) }

    /// Whether anything found is an error.
    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}
