package import Support

/// The job spec's JSON Schema (draft 2020-12), for editors.
package enum JobSpecSchema {
    /// The schema's text, ended by a newline.
    package static var json: String { value.document }

    /// The schema.
    package static var value: JSONValue {
        var members: [JSONValue.Member] = [
            .init("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            .init("title", .string("promptreg job spec")),
        ]
        if case .object(let rest) = schema(of: .object(JobShape.job)) { members += rest }
        return .object(members)
    }

    /// The JSON Schema of a file with cases, for editors; its text is ended by a newline.
    package static var cases: String {
        let item = schema(of: .object(CasesShape.item))
        let members: JSONValue = [
            "$schema": .string("https://json-schema.org/draft/2020-12/schema"),
            "title": .string("promptreg cases"), "type": .string("array"), "minItems": JSONValue(1),
            "items": item,
        ]
        return members.document
    }

    private static func schema(of shape: Shape) -> JSONValue {
        switch shape {
        case .text: return type("string")
        case .filledText: return type("string", [.init("minLength", JSONValue(1))])
        case .pattern(let pattern): return text(matching: pattern.expression)
        case .choice(let words):
            return ["anyOf": .array([["enum": JSONValue(words)], text(matching: nil)])]
        case .identifier:
            return [
                "anyOf": .array([text(matching: TextPattern.identifier.expression), type("integer")])
            ]
        case .constant(let number): return ["const": JSONValue(number)]
        case .boolean: return type("boolean")
        case .toggle: return ["anyOf": .array([schema(of: .choice(["on", "off"])), schema(of: .boolean)])]
        case .number(let range): return schema(of: range)
        case .scalarText: return ["type": JSONValue(["string", "integer", "boolean"])]
        case .list(let element):
            return type("array", [.init("items", schema(of: element)), .init("uniqueItems", .bool(true))])
        case .oneOrList(let element):
            return ["anyOf": .array([schema(of: element), schema(of: .list(element))])]
        case .oneOrMany(let element):
            var list = schema(of: .list(element))
            list["minItems"] = JSONValue(1)
            return ["anyOf": .array([schema(of: element), list])]
        case .map(let key, let value):
            return type(
                "object",
                [
                    .init("propertyNames", ["pattern": .string(key.expression)]),
                    .init("additionalProperties", schema(of: value)),
                ])
        case .patternMap(let key, let value, let patternValue):
            return type(
                "object",
                [
                    .init("propertyNames", ["pattern": .string(key.expression)]),
                    .init("patternProperties", ["[*?\\[]": schema(of: patternValue)]),
                    .init("additionalProperties", schema(of: value)),
                ])
        case .object(let object): return schema(of: object)
        case .pathOrObjects:
            return ["type": JSONValue(["string", "array"]), "items": ["type": .string("object")]]
        case .keyPath:
            let items = type(
                "array", [.init("items", schema(of: .scalarText)), .init("minItems", JSONValue(1))])
            return ["anyOf": .array([text(matching: TextPattern.keyPath.expression), items])]
        case .pathOrObject: return ["type": JSONValue(["string", "object"])]
        }
    }

    /// A text of a form, or with a variable in it: such a text is checked once the variable is known.
    private static func text(matching expression: String?) -> JSONValue {
        let pattern = [expression, "\\$\\{var\\."].compactMap(\.self).joined(separator: "|")
        return type("string", [.init("pattern", .string(pattern))])
    }

    private static func schema(of object: ObjectShape) -> JSONValue {
        let properties = object.fields.map { field in
            var value = schema(of: field.shape)
            value["description"] = .string(field.description)
            return JSONValue.Member(field.key, value)
        }
        let required = object.fields.filter(\.isRequired).map(\.key)
        var value = type(
            "object",
            [.init("properties", .object(properties)), .init("additionalProperties", .bool(object.isOpen))])
        if !required.isEmpty { value["required"] = JSONValue(required) }
        if object.isFilled { value["minProperties"] = JSONValue(1) }
        return value
    }

    private static func schema(of range: NumberRange) -> JSONValue {
        var value = type(range.isWhole ? "integer" : "number")
        if let minimum = range.minimum {
            value[range.excludesMinimum ? "exclusiveMinimum" : "minimum"] = JSONValue(minimum)
        }
        if let maximum = range.maximum { value["maximum"] = JSONValue(maximum) }
        return value
    }

    private static func type(_ name: String, _ more: [JSONValue.Member] = []) -> JSONValue {
        .object([.init("type", .string(name))] + more)
    }
}
