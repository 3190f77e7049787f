import Support
import YAML

/// The schemas of dotprompt files: JSON Schema, or Picoschema, in which `name?: string, what it is` is a property.
struct Picoschema {
    private static let types = ["string", "number", "integer", "boolean", "null", "object", "array"]

    /// A schema as JSON Schema; nil where it is the name of one that is elsewhere.
    static func jsonSchema(_ node: YAMLNode) -> JSONValue? {
        if let text = node.text { return scalar(text) }
        guard let entries = node.entries else { return nil }
        if node["type"]?.text.map(types.contains) == true || node["properties"]?.entries != nil
            || node["$ref"] != nil
        {
            let isTyped = node["type"] != nil || node["$ref"] != nil
            return isTyped ? node.plain : node.plain.adding("type", .string("object"))
        }
        return object(entries)
    }

    /// The name of a property that a key such as `name?(array)` declares.
    static func name(of key: String) -> String { Property(key).name }

    /// The properties of a schema, with whether each may be left out.
    static func properties(_ node: YAMLNode) -> [(entry: YAMLEntry, isOptional: Bool)] {
        if let properties = node["properties"]?.entries {
            let required = node["required"]?.items?.compactMap(\.text)
            return properties.map { property in
                (property, required.map { !$0.contains(property.key) } ?? false)
            }
        }
        return (node.entries ?? []).compactMap { entry in
            let property = Property(entry.key)
            return property.name == "(*)"
                ? nil : (entry.with(key: property.name, value: entry.value), property.isOptional)
        }
    }

    private static func object(_ entries: [YAMLEntry]) -> JSONValue? {
        var properties: [JSONValue.Member] = []
        var required: [String] = []
        var others = JSONValue.bool(false)
        for entry in entries {
            let property = Property(entry.key)
            guard let schema = schema(of: property, entry.value) else { return nil }
            if property.name == "(*)" {
                others = schema
                continue
            }
            properties.append(.init(property.name, schema))
            if !property.isOptional { required.append(property.name) }
        }
        var members: [JSONValue.Member] = [
            .init("type", .string("object")), .init("properties", .object(properties)),
        ]
        if !required.isEmpty { members.append(.init("required", JSONValue(required))) }
        return .object(members + [.init("additionalProperties", others)])
    }

    private static func schema(of property: Property, _ value: YAMLNode) -> JSONValue? {
        let schema: JSONValue?
        switch property.kind {
        case "array":
            schema = jsonSchema(value).map { .object([.init("type", .string("array")), .init("items", $0)]) }
        case "enum": schema = value.items.map { .object([.init("enum", .array($0.map(\.plain)))]) }
        default: schema = jsonSchema(value)
        }
        guard let description = property.description else { return schema }
        return schema?.adding("description", .string(description))
    }

    private static func scalar(_ text: String) -> JSONValue? {
        let (type, description) = split(text)
        guard types.contains(type) || type == "any" else { return nil }
        var members: [JSONValue.Member] = type == "any" ? [] : [.init("type", .string(type))]
        if let description { members.append(.init("description", .string(description))) }
        return .object(members)
    }

    /// What stands before the first comma, and after it.
    private static func split(_ text: String) -> (String, String?) {
        let parts = text.split(separator: ",", maxSplits: 1).map { part in
            String(part.drop { $0 == " " }).trimmingEnd
        }
        return (parts.first ?? "", parts.count > 1 ? parts[1] : nil)
    }

    /// A key such as `name?(array, what it is)`.
    private struct Property {
        var name: String
        var isOptional = false
        var kind: String?
        var description: String?

        init(_ key: String) {
            name = key
            if key == "(*)" { return }
            if key.hasSuffix(")"), let open = key.firstIndex(of: "(") {
                (kind, description) =
                    Picoschema.split(String(key[key.index(after: open)...].dropLast()))
                    as (String?, String?)
                name = String(key[..<open])
            }
            if name.hasSuffix("?") {
                name.removeLast()
                isOptional = true
            }
        }
    }
}

extension JSONValue {
    /// An object with one more member.
    fileprivate func adding(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members + [.init(key, value)])
    }
}

extension String {
    fileprivate var trimmingEnd: String {
        var rest = self
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
