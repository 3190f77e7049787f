import Diagnostics
import Support
import YAML

/// Reads a misspelt key as the one that was meant, so that a slip is reported once and not by all that follows from it.
struct KeyCorrection {
    /// The slips found.
    private(set) var diagnostics: [Diagnostic] = []
    private var hints = NameHints()

    /// Corrects the keys of a spec.
    ///
    /// - Parameters:
    ///   - node: The spec, or a part of it.
    ///   - shape: What it may be.
    /// - Returns: It, with known keys in place of those that resemble one that is not there.
    mutating func correct(_ node: YAMLNode, _ shape: Shape) -> YAMLNode {
        guard let entries = node.entries else { return node }
        var result: [YAMLEntry] = []
        switch shape {
        case .map(_, let value):
            for var entry in entries {
                entry.value = correct(entry.value, value)
                result.append(entry)
            }
        case .patternMap(_, let value, let patternValue):
            for var entry in entries {
                entry.value = correct(
                    entry.value, FilePattern.isPattern(entry.key) ? patternValue : value)
                result.append(entry)
            }
        case .object(let object) where !object.isOpen:
            // Most mappings have known keys alone.
            var absent: [String]?
            for var entry in entries {
                if object.field(entry.key) == nil {
                    var names =
                        absent
                        ?? object.fields.map(\.key).filter { key in !entries.contains { $0.key == key } }
                    if let meant = hints.nearest(to: entry.key, in: names) {
                        diagnostics.append(entry.unknownKey(in: object, help: "did you mean '\(meant)'?"))
                        names.removeAll { $0 == meant }
                        entry.key = meant
                    }
                    absent = names
                }
                if let field = object.field(entry.key) {
                    entry.value = corrected(entry.value, entry.key, field.shape)
                }
                result.append(entry)
            }
        default: return node
        }
        return YAMLNode(value: .mapping(result), location: node.location, length: node.length)
    }

    /// A value at a key; one of a few words for one that resembles it.
    private mutating func corrected(_ node: YAMLNode, _ key: String, _ shape: Shape) -> YAMLNode {
        guard case .choice(let words) = shape, let text = node.text, !words.contains(text),
            let meant = hints.nearest(to: text, in: words)
        else { return correct(node, shape) }
        diagnostics.append(node.noChoice(key, of: words, help: "did you mean '\(meant)'?"))
        return YAMLNode(value: .string(meant), location: node.location, length: node.length)
    }
}

extension YAMLNode {
    /// The finding that the value is none of a few words.
    func noChoice(_ key: String, of words: [String], help: String? = nil) -> Diagnostic {
        error(.badValue, "\(key) must be one of \(words.joined(separator: ", "))", help: help)
    }
}

extension YAMLEntry {
    /// The finding that the key is none of a mapping's.
    func unknownKey(in object: ObjectShape, help: String) -> Diagnostic {
        keyError(.unknownKey, "unknown key '\(key)' in \(object.what)", help: help)
    }
}
