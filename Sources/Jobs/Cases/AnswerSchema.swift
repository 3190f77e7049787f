package import Support

/// Checks JSON against a JSON Schema, of which the common part is known.
package enum AnswerSchema {
    private static let annotations: Set<String> = [
        "$schema", "$id", "$comment", "title", "description", "default", "examples", "format", "deprecated",
    ]
    /// What the value of a keyword has to be, as messages say it.
    private enum ValueKind: String {
        case anything, list = "a list", mapping = "a mapping", text = "a text", flag = "true or false"
        case number = "a number", names = "a text or a list of texts"
    }
    private static let known: [String: ValueKind] = [
        "type": .names, "enum": .list, "const": .anything, "properties": .mapping, "required": .list,
        "additionalProperties": .anything, "items": .anything, "minItems": .number, "maxItems": .number,
        "uniqueItems": .flag, "minLength": .number, "maxLength": .number, "pattern": .text,
        "minimum": .number, "maximum": .number, "exclusiveMinimum": .number, "exclusiveMaximum": .number,
        "anyOf": .list, "allOf": .list, "oneOf": .list, "not": .anything, "minProperties": .number,
        "maxProperties": .number,
    ]
    private static let types = ["array", "boolean", "integer", "null", "number", "object", "string"]

    /// What keeps a schema from being checked by: a keyword that is not known would pass whatever it forbids.
    ///
    /// - Parameter schema: The schema.
    /// - Returns: The problem, and what to do about it; nil where there is none.
    package static func problem(with schema: JSONValue) -> (message: String, help: String?)? {
        switch schema {
        case .bool: return nil
        case .object(let members):
            for member in members {
                guard known[member.key] != nil || annotations.contains(member.key) else {
                    return (
                        "the keyword '\(member.key)' of a JSON Schema is not known here",
                        didYouMean(member.key, in: known.keys.sorted())
                            ?? "the known ones are \(known.keys.sorted().joined(separator: ", "))"
                    )
                }
                if let problem = problem(withValueOf: member) { return problem }
                if member.key == "pattern", case .string(let text) = member.value, (try? Regex(text)) == nil {
                    return ("the pattern '\(text)' is no regular expression", nil)
                }
                for inner in schemas(in: member) {
                    if let problem = problem(with: inner) { return problem }
                }
            }
            return nil
        default: return ("a JSON Schema is an object, or true or false", nil)
        }
    }

    /// What is wrong with the value of a keyword: one of a wrong kind would never be compared with anything.
    private static func problem(withValueOf member: JSONValue.Member) -> (message: String, help: String?)? {
        guard let kind = known[member.key] else { return nil }
        switch (kind, member.value) {
        case (.names, .string), (.names, .array):
            let names = member.value.texts
            guard let unknown = names.first(where: { !types.contains($0) }) else {
                return names.isEmpty ? ("'type' of a JSON Schema names no type", nil) : nil
            }
            return (
                "the type '\(unknown)' of a JSON Schema is not known",
                didYouMean(unknown, in: types) ?? "the types are \(types.joined(separator: ", "))"
            )
        case (.anything, _), (.list, .array), (.mapping, .object), (.text, .string), (.flag, .bool),
            (.number, .number):
            return nil
        default: return ("'\(member.key)' of a JSON Schema must be \(kind.rawValue)", nil)
        }
    }

    /// The schemas in a keyword.
    private static func schemas(in member: JSONValue.Member) -> [JSONValue] {
        switch (member.key, member.value) {
        case ("properties", .object(let members)): members.map(\.value)
        case ("items", _), ("additionalProperties", _), ("not", _): [member.value]
        case ("anyOf", .array(let schemas)), ("allOf", .array(let schemas)), ("oneOf", .array(let schemas)):
            schemas
        default: []
        }
    }

    /// Why a value does not fit a schema.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - schema: A schema without a problem.
    ///   - place: Where the value is.
    /// - Returns: The first reason; nil where it fits.
    package static func mismatch(_ value: JSONValue, _ schema: JSONValue, at place: String = "the answer")
        -> String?
    {
        guard case .object(let members) = schema else {
            return schema == .bool(false) ? "\(place) may not be there" : nil
        }
        for member in members {
            if let reason = mismatch(value, member, of: schema, place) { return reason }
        }
        return nil
    }

    private static func mismatch(
        _ value: JSONValue, _ keyword: JSONValue.Member, of schema: JSONValue, _ place: String
    ) -> String? {
        switch (keyword.key, keyword.value) {
        case ("type", let types):
            let names = types.texts
            return names.contains { fits(value, $0) }
                ? nil : "\(place) is not of type \(names.joined(separator: " or "))"
        case ("enum", .array(let values)):
            return values.contains(value) ? nil : "\(place) is none of the values"
        case ("const", let constant):
            return value == constant ? nil : "\(place) is not \(constant.serialized)"
        case ("anyOf", .array(let schemas)):
            return schemas.contains { mismatch(value, $0, at: place) == nil }
                ? nil : "\(place) fits no schema of anyOf"
        case ("oneOf", .array(let schemas)):
            let count = schemas.count { mismatch(value, $0, at: place) == nil }
            return count == 1 ? nil : "\(place) fits \(count) schemas of oneOf"
        case ("allOf", .array(let schemas)):
            return schemas.lazy.compactMap { mismatch(value, $0, at: place) }.first
        case ("not", let schema):
            return mismatch(value, schema, at: place) == nil ? "\(place) fits the schema of not" : nil
        default: break
        }
        switch value {
        case .object(let members): return mismatch(members, keyword, of: schema, place)
        case .array(let items): return mismatch(items, keyword, place)
        case .string(let text): return mismatch(text, keyword, place)
        case .number(let digits): return mismatch(Double(digits) ?? .nan, digits, keyword, place)
        case .null, .bool: return nil
        }
    }

    private static func mismatch(
        _ members: [JSONValue.Member], _ keyword: JSONValue.Member, of schema: JSONValue, _ place: String
    ) -> String? {
        switch (keyword.key, keyword.value) {
        case ("required", let names):
            return names.texts.first { name in !members.contains { $0.key == name } }.map {
                "\(place) has no '\($0)'"
            }
        case ("properties", .object(let properties)):
            for property in properties {
                guard let member = members.first(where: { $0.key == property.key }) else { continue }
                let inner = "\(place)'s '\(member.key)'"
                if let reason = mismatch(member.value, property.value, at: inner) { return reason }
            }
            return nil
        case ("additionalProperties", let rest):
            var named: Set<String> = []
            if case .object(let properties)? = schema["properties"] { named = Set(properties.map(\.key)) }
            for member in members where !named.contains(member.key) {
                let inner = "\(place)'s '\(member.key)'"
                if let reason = mismatch(member.value, rest, at: inner) { return reason }
            }
            return nil
        case ("minProperties", .number(let limit)):
            return isBelow(members.count, limit) ? "\(place) has fewer than \(limit) members" : nil
        case ("maxProperties", .number(let limit)):
            return isAbove(members.count, limit) ? "\(place) has more than \(limit) members" : nil
        default: return nil
        }
    }

    private static func mismatch(_ items: [JSONValue], _ keyword: JSONValue.Member, _ place: String)
        -> String?
    {
        switch (keyword.key, keyword.value) {
        case ("items", let schema):
            return items.enumerated().lazy.compactMap {
                mismatch($1, schema, at: "\(place)'s item \($0 + 1)")
            }.first
        case ("minItems", .number(let limit)):
            return isBelow(items.count, limit) ? "\(place) has fewer than \(limit) items" : nil
        case ("maxItems", .number(let limit)):
            return isAbove(items.count, limit) ? "\(place) has more than \(limit) items" : nil
        case ("uniqueItems", .bool(true)):
            return Set(items).count < items.count ? "\(place) has an item twice" : nil
        default: return nil
        }
    }

    private static func mismatch(_ text: String, _ keyword: JSONValue.Member, _ place: String) -> String? {
        let length = text.unicodeScalars.count
        switch (keyword.key, keyword.value) {
        case ("minLength", .number(let limit)):
            return isBelow(length, limit) ? "\(place) has fewer than \(limit) characters" : nil
        case ("maxLength", .number(let limit)):
            return isAbove(length, limit) ? "\(place) has more than \(limit) characters" : nil
        case ("pattern", .string(let pattern)):
            guard let regex = try? Regex(pattern) else { return nil }
            return text.contains(regex) ? nil : "\(place) does not match \(pattern)"
        default: return nil
        }
    }

    private static func mismatch(
        _ number: Double, _ digits: String, _ keyword: JSONValue.Member, _ place: String
    ) -> String? {
        guard case .number(let text) = keyword.value, let limit = Double(text) else { return nil }
        let fits: Bool
        switch keyword.key {
        case "minimum": fits = number >= limit
        case "maximum": fits = number <= limit
        case "exclusiveMinimum": fits = number > limit
        case "exclusiveMaximum": fits = number < limit
        default: fits = true
        }
        return fits ? nil : "\(place) is \(digits), against \(keyword.key) \(text)"
    }

    /// Whether a count is below a limit, which may be written as 2.0.
    private static func isBelow(_ count: Int, _ limit: String) -> Bool { Double(count) < Double(limit) ?? 0 }

    /// Whether a count is above a limit.
    private static func isAbove(_ count: Int, _ limit: String) -> Bool {
        Double(count) > Double(limit) ?? .infinity
    }

    private static func fits(_ value: JSONValue, _ type: String) -> Bool {
        switch (value, type) {
        case (.null, "null"), (.bool, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"),
            (.object, "object"):
            return true
        case (.number(let digits), "integer"): return Double(digits).map { $0 == $0.rounded() } ?? false
        default: return false
        }
    }
}

extension JSONValue {
    /// A text, or the texts of a list.
    fileprivate var texts: [String] {
        switch self {
        case .string(let text): [text]
        case .array(let items): items.flatMap(\.texts)
        default: []
        }
    }
}
