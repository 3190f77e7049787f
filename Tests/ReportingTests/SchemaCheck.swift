import Foundation

/// Checks values against as much of JSON Schema as the report's schema uses.
struct SchemaCheck {
    private typealias Object = [String: Any]

    private let root: Object

    private static let known: Set<String> = [
        "$schema", "title", "description", "type", "required", "properties", "const", "enum", "minimum",
        "format", "items", "additionalProperties",
    ]

    init(_ text: String) throws {
        root = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    /// What is wrong with a value, by its place; empty when it is as the schema says.
    func problems(with value: Any) -> [String] { problems(with: value, root, "") }

    /// The keys of a value that the schema does not describe.
    func undescribed(in value: Any) -> [String] {
        described(by: value).sorted().filter { !described(by: root).contains($0) }
    }

    /// The keys of the schema that a value does not have.
    func unused(by value: Any) -> [String] {
        described(by: root).sorted().filter { !described(by: value).contains($0) }
    }

    /// The values that the schema lists at a place.
    func enumeration(at path: [String]) -> [String] {
        let schema = path.reduce(root) { $0[$1] as? Object ?? [:] }
        return (schema["enum"] as? [Any] ?? []).map { $0 as? String ?? "null" }
    }

    // MARK: Values

    private func problems(with value: Any, _ schema: Object, _ place: String) -> [String] {
        var problems = schema.keys.filter { !Self.known.contains($0) }.map {
            "\(place): unknown keyword \($0)"
        }
        if let types = schema["type"] as? [String] ?? (schema["type"] as? String).map({ [$0] }),
            !types.contains(where: { Self.has(value, type: $0) })
        {
            return problems + ["\(place): not \(types)"]
        }
        if let choices = schema["enum"] as? [NSObject], let value = value as? NSObject,
            !choices.contains(value)
        {
            problems.append("\(place): not one of \(choices)")
        }
        if let constant = schema["const"] as? NSObject, constant != value as? NSObject {
            problems.append("\(place): not \(constant)")
        }
        if let minimum = schema["minimum"] as? Int, let number = value as? Int, number < minimum {
            problems.append("\(place): below \(minimum)")
        }
        if let object = value as? Object { problems += self.problems(withMembersOf: object, schema, place) }
        if let items = value as? [Any], let schema = schema["items"] as? Object {
            for (index, item) in items.enumerated() {
                problems += self.problems(with: item, schema, "\(place)/\(index)")
            }
        }
        return problems
    }

    private func problems(withMembersOf object: Object, _ schema: Object, _ place: String) -> [String] {
        let required = schema["required"] as? [String] ?? []
        var problems = required.filter { object[$0] == nil }.map { "\(place): no \($0)" }
        let properties = schema["properties"] as? [String: Object] ?? [:]
        for (key, value) in object {
            let property = properties[key] ?? schema["additionalProperties"] as? Object
            if let property { problems += self.problems(with: value, property, "\(place)/\(key)") }
        }
        return problems
    }

    private static func has(_ value: Any, type: String) -> Bool {
        switch type {
        case "null": value is NSNull
        case "string": value is String
        case "object": value is Object
        case "array": value is [Any]
        case "boolean": value is Bool
        case "integer": value is Int && !(value is String)
        default: false
        }
    }

    // MARK: Keys

    /// The places of all keys in a value, or that a schema describes, with list items all at the same place.
    private func described(by value: Any) -> Set<String> {
        var places: Set<String> = []
        if let schema = value as? Object, schema["$schema"] != nil {
            collect(schema: schema, "", &places)
        } else {
            collect(value: value, "", &places)
        }
        return places
    }

    private func collect(value: Any, _ place: String, _ places: inout Set<String>) {
        for (key, member) in value as? Object ?? [:] {
            places.insert("\(place)/\(key)")
            collect(value: member, "\(place)/\(key)", &places)
        }
        for item in value as? [Any] ?? [] { collect(value: item, place, &places) }
    }

    private func collect(schema: Object, _ place: String, _ places: inout Set<String>) {
        for (key, property) in schema["properties"] as? [String: Object] ?? [:] {
            places.insert("\(place)/\(key)")
            collect(schema: property, "\(place)/\(key)", &places)
        }
        if let items = schema["items"] as? Object { collect(schema: items, place, &places) }
    }
}
