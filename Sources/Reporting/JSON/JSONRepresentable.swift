import Support

/// A value that has a form in JSON, and a type of which all such forms have a schema.
protocol JSONRepresentable: SendableMetatype {
    /// The JSON Schema of the type.
    static var schema: JSONSchema { get }
    /// The value as JSON.
    var json: JSONValue { get }
}

/// A JSON Schema (draft 2020-12): its keywords, in order.
struct JSONSchema: Sendable, ExpressibleByDictionaryLiteral {
    private var keywords: [JSONValue.Member]

    /// A schema with some keywords; without any, it accepts everything.
    init(dictionaryLiteral keywords: (String, any JSONRepresentable)...) {
        self.keywords = keywords.map { .init($0, $1.json) }
    }

    /// The schema with more keywords, which replace those of the same name.
    func adding(_ others: JSONSchema) -> JSONSchema {
        var result = self
        result.keywords.removeAll { keyword in others.keywords.contains { $0.key == keyword.key } }
        result.keywords += others.keywords
        return result
    }

    /// The schema of the same values or null.
    var orNull: JSONSchema {
        var result = self
        result.keywords = keywords.map { keyword in
            switch (keyword.key, keyword.value) {
            case ("type", .string(let type)): .init("type", JSONValue([type, "null"]))
            case ("enum", .array(let values)): .init("enum", .array(values + [.null]))
            default: keyword
            }
        }
        return result
    }
}

/// One key of a JSON object; the object and its schema are both made of such descriptions.
struct JSONField<Object>: Sendable {
    /// The key.
    let key: String
    /// What its value may be and means.
    let schema: JSONSchema
    /// The value for an object.
    let json: @Sendable (Object) -> JSONValue

    /// A key.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - description: What it means, in one sentence.
    ///   - value: Gives the value for an object.
    ///   - keywords: What the schema says besides the type of the value.
    init<Value: JSONRepresentable>(
        _ key: String, _ description: String, _ value: @escaping @Sendable (Object) -> Value,
        _ keywords: JSONSchema = [:]
    ) {
        self.key = key
        schema = (["description": description] as JSONSchema).adding(Value.schema).adding(keywords)
        json = { value($0).json }
    }
}

/// A value whose JSON is an object that always has the same keys, null where there is no value.
protocol JSONObject: JSONRepresentable {
    /// The keys, in the order of the schema.
    static var fields: [JSONField<Self>] { get }
}

extension JSONObject {
    static var schema: JSONSchema {
        [
            "type": "object", "required": fields.map(\.key),
            "properties": JSONValue.object(fields.map { .init($0.key, $0.schema.json) }),
        ]
    }

    var json: JSONValue { .object(Self.fields.map { .init($0.key, $0.json(self)) }) }
}

extension JSONRepresentable where Self: CaseIterable & RawRepresentable<String> {
    static var schema: JSONSchema { ["enum": allCases.map(\.rawValue)] }
    var json: JSONValue { .string(rawValue) }
}

// MARK: - The types of JSON

extension JSONValue: JSONRepresentable {
    static let schema: JSONSchema = [:]
    var json: JSONValue { self }

    /// An object whose keys keep their order.
    init(_ members: KeyValuePairs<String, any JSONRepresentable>) {
        self = .object(members.map { Member($0, $1.json) })
    }
}

extension JSONSchema: JSONRepresentable {
    static let schema: JSONSchema = ["type": "object"]
    var json: JSONValue { .object(keywords) }
}

extension String: JSONRepresentable {
    static let schema: JSONSchema = ["type": "string"]
    var json: JSONValue { .string(self) }
}

extension Int: JSONRepresentable {
    static let schema: JSONSchema = ["type": "integer", "minimum": 0]
    var json: JSONValue { JSONValue(self) }
}

extension Double: JSONRepresentable {
    static let schema: JSONSchema = ["type": "number"]
    var json: JSONValue { JSONValue(self) }
}

extension Bool: JSONRepresentable {
    static let schema: JSONSchema = ["type": "boolean"]
    var json: JSONValue { JSONValue(self) }
}

extension Optional: JSONRepresentable where Wrapped: JSONRepresentable {
    static var schema: JSONSchema { Wrapped.schema.orNull }
    var json: JSONValue { self?.json ?? .null }
}

extension Array: JSONRepresentable where Element: JSONRepresentable {
    static var schema: JSONSchema { ["type": "array", "items": Element.schema] }
    var json: JSONValue { .array(map(\.json)) }
}

extension Dictionary: JSONRepresentable where Key == String, Value: JSONRepresentable {
    static var schema: JSONSchema { ["type": "object", "additionalProperties": Value.schema] }
    var json: JSONValue { .object(sorted { $0.key < $1.key }.map { .init($0.key, $0.value.json) }) }
}
