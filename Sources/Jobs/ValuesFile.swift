package import Diagnostics
package import Templates
import YAML

extension Diagnostic.Code {
    static let badValues = Self(rawValue: "bad-values")
}

/// A file with values for a template's variables: a mapping of names to texts, numbers, booleans or null.
package struct ValuesFile: Sendable {
    /// The values that can be used, in the file's order.
    package private(set) var values: [TemplateValue] = []
    /// The problems found in the file.
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
            diagnostics.add(error, .unreadable, "the values file '\(path)'", path: path)
        }
    }

    private mutating func read(_ text: String, path: String) {
        let parsed = parseDocument(text, file: path)
        diagnostics.add(contentsOf: parsed.diagnostics)
        guard let root = parsed.root, root.value != .null else { return }
        guard let entries = root.entries else {
            diagnostics.add(
                root.error(
                    .badValues, "the values must be a mapping of names, not \(root.kindName)",
                    help: "write one 'name: value' a line"))
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

    /// A value as Python's `str` prints it, except for numbers, which stay as they are written.
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
                "for a variable with a dotted name, write '\(entry.key).\(first.key): …'"
            } else {
                "put the text that the prompt should show in quotes"
            }
        return entry.value.error(
            .badValues, "the value of '\(entry.key)' must be text, not \(entry.value.kindName)", help: help)
    }
}
