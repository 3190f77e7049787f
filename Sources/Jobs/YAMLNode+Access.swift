import YAML

extension YAMLNode {
    /// The text, when this is text.
    var text: String? {
        if case .string(let text) = value { text } else { nil }
    }

    /// The text of a value that reads the same whichever way it is taken: text, a whole number, true or false. A
    /// number with a fraction does not (`1.10`), so it has to be quoted.
    var scalarText: String? {
        switch value {
        case .string(let text): text
        case .int(let number): String(number)
        case .bool(let flag): flag ? "true" : "false"
        default: nil
        }
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
}
