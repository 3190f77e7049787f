import Diagnostics
import Support
import YAML

extension YAMLNode {
    /// The text, when this is text.
    var text: String? {
        if case .string(let text) = value { text } else { nil }
    }

    /// The digits of a whole number, in decimal.
    var wholeNumber: String? {
        guard case .number(let text) = plain else { return nil }
        return text.utf8.allSatisfy { $0 != UInt8(ascii: ".") && $0 | 0x20 != UInt8(ascii: "e") } ? text : nil
    }

    /// The text of a text, a whole number, true or false. A number with a fraction, such as `1.10`, has none: it
    /// must be quoted, as it would lose digits in other readers.
    var scalarText: String? {
        if case .bool(let flag) = value { return flag ? "true" : "false" }
        return text ?? wholeNumber
    }

    /// The flag, when this is true or false.
    var flag: Bool? {
        if case .bool(let flag) = value { flag } else { nil }
    }

    /// The elements, when this is a list.
    var items: [YAMLNode]? {
        if case .sequence(let items) = value { items } else { nil }
    }

    /// The entries, when this is a mapping.
    var entries: [YAMLEntry]? {
        if case .mapping(let entries) = value { entries } else { nil }
    }

    /// The elements of a list, or this value alone.
    var oneOrMany: [YAMLNode] { items ?? [self] }

    /// A mapping as JSON; nil for an empty one, which MLflow treats as none.
    var jsonObject: String? { entries?.isEmpty == false ? plain.serialized : nil }

    /// The mapping with other values at its keys; any other value unchanged.
    func mapValues(_ transform: (YAMLEntry) -> YAMLNode) -> YAMLNode {
        guard case .mapping(var entries) = value else { return self }
        for index in entries.indices { entries[index].value = transform(entries[index]) }
        return YAMLNode(value: .mapping(entries), location: location, length: length)
    }

    /// An error about this value.
    func error(_ code: Diagnostic.Code, _ message: String, help: String? = nil) -> Diagnostic {
        .error(code, message, at: location, length: length, help: help)
    }
}

extension YAMLEntry {
    /// An error about the key.
    func keyError(_ code: Diagnostic.Code, _ message: String, help: String? = nil) -> Diagnostic {
        .error(code, message, at: keyLocation, length: keyLength, help: help)
    }

    /// A warning about the key.
    func keyWarning(_ code: Diagnostic.Code, _ message: String, help: String? = nil) -> Diagnostic {
        .warning(code, message, at: keyLocation, length: keyLength, help: help)
    }
}
