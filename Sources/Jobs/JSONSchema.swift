package import YAML

/// The job spec's JSON Schema (draft 2020-12), for editors.
package enum JobSpecSchema {
    /// The schema's text, ended by a newline.
    package static var json: String { value.indentedJSONText + "\n" }

    /// The schema.
    package static var value: YAMLValue {
        var pairs: [YAMLPair] = [
            YAMLPair(key: "$schema", value: .string("https://json-schema.org/draft/2020-12/schema")),
            YAMLPair(key: "title", value: .string("promptreg job spec")),
        ]
        if case .mapping(let rest) = schema(of: .object(JobShape.job)) { pairs += rest }
        return .mapping(pairs)
    }

    /// A text that holds a variable is checked once the variable is known.
    private static let variable = "\\$\\{var\\."

    private static func schema(of shape: Shape) -> YAMLValue {
        switch shape {
        case .text: return type("string")
        case .pattern(let pattern):
            return type("string", ("pattern", .string("\(pattern.expression)|\(variable)")))
        case .choice(let words):
            let word = mapping(("enum", .sequence(words.map { .string($0) })))
            return mapping(("anyOf", .sequence([word, type("string", ("pattern", .string(variable)))])))
        case .identifier:
            let text = type(
                "string", ("pattern", .string("\(TextPattern.identifier.expression)|\(variable)")))
            return mapping(("anyOf", .sequence([text, type("integer")])))
        case .constant(let number): return mapping(("const", .int(number)))
        case .boolean: return type("boolean")
        case .number(let range): return schema(of: range)
        case .scalarText:
            return mapping(
                ("type", .sequence([.string("string"), .string("integer"), .string("boolean")])))
        case .list(let element):
            return type("array", ("items", schema(of: element)), ("uniqueItems", .bool(true)))
        case .oneOrList(let element):
            return mapping(("anyOf", .sequence([schema(of: element), schema(of: .list(element))])))
        case .map(let key, let value):
            return type(
                "object", ("propertyNames", mapping(("pattern", .string(key.expression)))),
                ("additionalProperties", schema(of: value)))
        case .object(let object): return schema(of: object)
        case .pathOrObject: return mapping(("type", .sequence([.string("string"), .string("object")])))
        }
    }

    private static func schema(of object: ObjectShape) -> YAMLValue {
        let properties = object.fields.map { field in
            var value = schema(of: field.shape)
            value["description"] = .string(field.description)
            return YAMLPair(key: field.key, value: value)
        }
        let required = object.fields.filter(\.isRequired).map { YAMLValue.string($0.key) }
        var value = type(
            "object", ("properties", .mapping(properties)), ("additionalProperties", .bool(object.isOpen)))
        if !required.isEmpty { value["required"] = .sequence(required) }
        return value
    }

    private static func schema(of range: NumberRange) -> YAMLValue {
        var value = type(range.isWhole ? "integer" : "number")
        if let minimum = range.minimum {
            value[range.excludesMinimum ? "exclusiveMinimum" : "minimum"] = .float(minimum)
        }
        if let maximum = range.maximum { value["maximum"] = .float(maximum) }
        return value
    }

    private static func type(_ name: String, _ more: (String, YAMLValue)...) -> YAMLValue {
        .mapping(
            [YAMLPair(key: "type", value: .string(name))] + more.map { YAMLPair(key: $0.0, value: $0.1) })
    }

    private static func mapping(_ pairs: (String, YAMLValue)...) -> YAMLValue {
        .mapping(pairs.map { YAMLPair(key: $0.0, value: $0.1) })
    }
}

extension YAMLValue {
    /// JSON over several lines, indented by two blanks.
    fileprivate var indentedJSONText: String {
        var text = ""
        write(to: &text, indent: "")
        return text
    }

    private func write(to text: inout String, indent: String) {
        let inner = indent + "  "
        switch self {
        case .sequence(let items) where !items.isEmpty:
            text += "["
            for (index, item) in items.enumerated() {
                text += (index == 0 ? "\n" : ",\n") + inner
                item.write(to: &text, indent: inner)
            }
            text += "\n\(indent)]"
        case .mapping(let pairs) where !pairs.isEmpty:
            text += "{"
            for (index, pair) in pairs.enumerated() {
                text += (index == 0 ? "\n" : ",\n") + inner + YAMLValue.string(pair.key).jsonText + ": "
                pair.value.write(to: &text, indent: inner)
            }
            text += "\n\(indent)}"
        default: text += jsonText
        }
    }
}
