package import Support

extension YAMLNode {
    var isCollection: Bool {
        switch value {
        case .sequence, .mapping: true
        default: false
        }
    }
}

extension JSONValue {
    /// Whether it is a list or an object that has something in it.
    var isFilled: Bool {
        switch self {
        case .array(let items): !items.isEmpty
        case .object(let members): !members.isEmpty
        default: false
        }
    }

    /// The value on one line, as every reader of YAML reads it.
    package var flowYAML: String {
        switch self {
        case .array(let items): "[\(items.map(\.flowYAML).joined(separator: ", "))]"
        case .object(let members):
            "{\(members.map { "\(JSONValue.string($0.key).flowYAML): \($0.value.flowYAML)" }.joined(separator: ", "))}"
        default: String(yamlText.dropLast())
        }
    }

    /// The value on lines of its own, of which the first is already indented.
    func blockYAML(indentation: Int) -> String {
        readableYAMLText.dropLast().split(separator: "\n", omittingEmptySubsequences: false).enumerated().map
        {
            $0.offset == 0 || $0.element.isEmpty
                ? "\($0.element)" : String(repeating: " ", count: indentation) + $0.element
        }.joined(separator: "\n")
    }
}
