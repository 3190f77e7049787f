import Support
import YAML

/// The keys that lead to a value in a YAML or JSON file.
struct DocumentKey: Hashable {
    /// The keys, from the outermost on; a number is also the place of an item in a list, from 0.
    var parts: [String] = []

    /// No keys, which lead to the whole file.
    init() {}

    /// The keys that a job names: a list, or a text of keys with dots between them, in which quotes keep dots.
    init?(_ node: YAMLNode) {
        if let items = node.items {
            parts = items.compactMap(\.scalarText)
            if parts.isEmpty { return nil }
        } else if let text = node.text, let parts = Self.parts(of: text) {
            self.parts = parts
        } else {
            return nil
        }
    }

    /// Why a text names no keys; nil when it does.
    static func problem(_ text: String) -> String? {
        parts(of: text) == nil
            ? "a key is made of names with dots between them; put a name that has dots in quotes" : nil
    }

    /// These keys and another one.
    func appending(_ part: String) -> DocumentKey {
        var path = self
        path.parts.append(part)
        return path
    }

    /// Whether the last keys are those of another path.
    func ends(with other: DocumentKey) -> Bool { parts.suffix(other.parts.count) == other.parts[...] }

    /// The keys as a job can write them in one text.
    var text: String {
        parts.map { part in
            let isPlain = !part.isEmpty && !part.contains { ".\"'".contains($0) }
            return isPlain ? part : part.contains("\"") ? "'\(part)'" : "\"\(part)\""
        }.joined(separator: ".")
    }

    private static func parts(of text: String) -> [String]? {
        var parts: [String] = []
        var rest = text[...]
        while true {
            if let quote = rest.first, quote == "\"" || quote == "'" {
                guard let end = rest.dropFirst().firstIndex(of: quote) else { return nil }
                parts.append(String(rest[rest.index(after: rest.startIndex)..<end]))
                rest = rest[rest.index(after: end)...]
                if let next = rest.first, next != "." { return nil }
            } else {
                let part = rest.prefix { $0 != "." }
                if part.isEmpty { return nil }
                parts.append(String(part))
                rest = rest[part.endIndex...]
            }
            if rest.isEmpty { return parts }
            rest.removeFirst()
        }
    }
}

extension YAMLNode {
    /// The value at a key, or at a place in a list.
    func value(at part: String) -> YAMLNode? {
        if let value = self[part] { return value }
        guard let items, let index = Int(part), String(index) == part, items.indices.contains(index) else {
            return nil
        }
        return items[index]
    }
}
