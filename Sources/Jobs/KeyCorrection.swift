import Diagnostics
import Support
import YAML

/// Reads a misspelt key as the one that was meant, so that a slip is reported once and not by all that follows from it.
struct KeyCorrection {
    /// The slips found.
    private(set) var diagnostics: [Diagnostic] = []

    /// Corrects the keys of a spec.
    ///
    /// - Parameters:
    ///   - node: The spec, or a part of it.
    ///   - shape: What it may be.
    /// - Returns: It, with known keys in place of those that resemble one that is not there.
    mutating func correct(_ node: YAMLNode, _ shape: Shape) -> YAMLNode {
        guard let entries = node.entries else { return node }
        var node = node
        switch shape {
        case .map(_, let value):
            node.value = .mapping(
                entries.map { entry in with(entry) { $0.value = correct($0.value, value) } })
        case .object(let object) where !object.isOpen:
            var absent = object.fields.map(\.key).filter { key in !entries.contains { $0.key == key } }
            node.value = .mapping(
                entries.map { entry in
                    with(entry) { entry in
                        if object.field(entry.key) == nil, let meant = nearestName(to: entry.key, in: absent)
                        {
                            diagnostics.append(
                                entry.keyError(
                                    .unknownKey, "unknown key '\(entry.key)' in \(object.what)",
                                    help: "did you mean '\(meant)'?"))
                            absent.removeAll { $0 == meant }
                            entry.key = meant
                        }
                        guard let field = object.field(entry.key) else { return }
                        entry.value = correct(entry.value, field.shape)
                    }
                })
        default: break
        }
        return node
    }

    private func with(_ entry: YAMLEntry, _ change: (inout YAMLEntry) -> Void) -> YAMLEntry {
        var entry = entry
        change(&entry)
        return entry
    }
}
