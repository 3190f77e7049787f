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
        var corrected: [YAMLEntry] = []
        switch shape {
        case .map(_, let value):
            for var entry in entries {
                entry.value = correct(entry.value, value)
                corrected.append(entry)
            }
        case .patternMap(_, let value, let patternValue):
            for var entry in entries {
                entry.value = correct(
                    entry.value, FilePattern.isPattern(entry.key) ? patternValue : value)
                corrected.append(entry)
            }
        case .object(let object) where !object.isOpen:
            var absent = object.fields.map(\.key).filter { key in !entries.contains { $0.key == key } }
            for var entry in entries {
                if object.field(entry.key) == nil, let meant = hints.nearest(to: entry.key, in: absent) {
                    diagnostics.append(entry.unknownKey(in: object, help: "did you mean '\(meant)'?"))
                    absent.removeAll { $0 == meant }
                    entry.key = meant
                }
                if let field = object.field(entry.key) { entry.value = correct(entry.value, field.shape) }
                corrected.append(entry)
            }
        default: return node
        }
        return YAMLNode(value: .mapping(corrected), location: node.location, length: node.length)
    }
}

extension YAMLEntry {
    /// The finding that the key is none of a mapping's.
    func unknownKey(in object: ObjectShape, help: String) -> Diagnostic {
        keyError(.unknownKey, "unknown key '\(key)' in \(object.what)", help: help)
    }
}
