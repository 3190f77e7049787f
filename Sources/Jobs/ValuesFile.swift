package import Diagnostics
package import Templates
import YAML

extension Diagnostic.Code {
    static let badValues = Self(rawValue: "bad-values")
}

/// A file with values for the variables of a template: a mapping of names to texts, numbers, true, false or null.
package struct ValuesFile: Sendable {
    /// The values that can be used, in the file's order.
    package private(set) var values: [TemplateValue] = []
    /// What is wrong with the file.
    package private(set) var diagnostics = DiagnosticList()

    /// The largest file that is read, in bytes.
    private static let sizeLimit = 8 << 20

    /// Reads a file.
    ///
    /// - Parameter path: The path, as the user wrote it; one that ends in `.json` is JSON, all others are YAML.
    package init(path: String) {
        do throws(TextFileError) {
            let text = try TextFile.text(of: path, limit: Self.sizeLimit)
            diagnostics.addSource(text, path: path)
            read(text, path: path)
        } catch {
            let place = SourceLocation(file: path, line: error.line, column: error.column)
            if let text = error.text { diagnostics.addSource(text, path: path) }
            diagnostics.add(.error(.unreadable, "the file of values '\(path)' \(error.reason)", at: place))
        }
    }

    private mutating func read(_ text: String, path: String) {
        let bytes = Array(text.utf8)
        let isJSON = path.lowercased().hasSuffix(".json")
        let parsed = isJSON ? parseJSON(bytes, file: path) : parseYAML(bytes, file: path)
        diagnostics.add(contentsOf: parsed.diagnostics)
        guard let root = parsed.root, root.value != .null else { return }
        guard let entries = root.entries else {
            diagnostics.add(
                .error(
                    .badValues, "the values are a mapping of names, and this is \(root.kindName)",
                    at: root.location, length: root.length, help: "write 'name: value', one a line"))
            return
        }
        for entry in entries {
            guard let text = Self.text(of: entry.value) else {
                diagnostics.add(Self.refusal(of: entry))
                continue
            }
            values.append(TemplateValue(name: entry.key, text: text, location: entry.keyLocation))
        }
    }

    /// A value as Python's `str` would print it, but for numbers, which stay as they are written.
    private static func text(of node: YAMLNode) -> String? {
        switch node.value {
        case .string(let text): text
        case .bool(let flag): flag ? "True" : "False"
        case .null: "None"
        case .number(let text): text
        case .sequence, .mapping: nil
        }
    }

    private static func refusal(of entry: YAMLEntry) -> Diagnostic {
        let help =
            if let first = entry.value.entries?.first {
                "MLflow's variables are whole names: write '\(entry.key).\(first.key): …' if that is one"
            } else {
                "put it in quotes, as the text that the prompt is to show"
            }
        return .error(
            .badValues, "the value of '\(entry.key)' has to be text, and this is \(entry.value.kindName)",
            at: entry.value.location, length: entry.value.length, help: help)
    }
}
