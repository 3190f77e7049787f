import Diagnostics
import Support
import YAML

// Schemas in the words of dotprompt and Prompty, for whoever writes them back.

extension Picoschema {
    /// A JSON Schema as dotprompt's files write it: as Picoschema where the file does so and can, else as it is.
    ///
    /// - Parameters:
    ///   - schema: The schema.
    ///   - old: What the file has by now; the properties that stayed are left as they are written.
    /// - Returns: The value; nil where the file would be read as another schema.
    static func written(_ schema: JSONValue, like old: JSONValue?) -> JSONValue? {
        let isPicoschema =
            old.map { old in !["type", "properties", "$ref"].contains { old[$0] != nil } } ?? false
        let candidates = [isPicoschema ? picoschema(schema, like: old) : nil, schema]
        return candidates.compactMap(\.self).first { read($0) == schema }
    }

    private static func read(_ value: JSONValue) -> JSONValue? {
        jsonSchema(YAMLNode(value, at: SourceLocation(file: "")))
    }

    /// An object as Picoschema; nil where that has no words for it.
    private static func picoschema(_ schema: JSONValue, like old: JSONValue?) -> JSONValue? {
        guard case .object(let properties)? = schema["properties"] else { return nil }
        var required: Set<String> = []
        if case .array(let items)? = schema["required"] {
            required = Set(items.compactMap { if case .string(let name) = $0 { name } else { nil } })
        }
        var own: [JSONValue.Member] = []
        if case .object(let members)? = old { own = members }
        var result: [JSONValue.Member] = []
        for property in properties {
            let isOptional = !required.contains(property.key)
            let kept = own.first { member in
                guard let read = read(.object([member])) else { return false }
                return read["properties"]?[property.key] == property.value
                    && (read["required"] == nil) == isOptional
            }
            guard let member = kept ?? member(property, isOptional: isOptional) else { return nil }
            result.append(member)
        }
        switch schema["additionalProperties"] {
        case nil, .bool(false)?: break
        case let others?:
            let kept = own.first { $0.key == "(*)" && read(.object([$0]))?["additionalProperties"] == others }
            guard let value = kept?.value ?? value(others) else { return nil }
            result.append(.init("(*)", value))
        }
        return .object(result)
    }

    private static func member(_ property: JSONValue.Member, isOptional: Bool) -> JSONValue.Member? {
        let name = property.key + (isOptional ? "?" : "")
        if let value = value(property.value) { return .init(name, value) }
        var description = ""
        if case .string(let text)? = property.value["description"] { description = ", \(text)" }
        if case .array? = property.value["enum"], let values = property.value["enum"] {
            return .init("\(name)(enum\(description))", values)
        }
        if property.value["type"] == .string("array"), let items = property.value["items"],
            let value = value(items)
        {
            return .init("\(name)(array\(description))", value)
        }
        guard let value = picoschema(property.value, like: nil) else { return nil }
        return .init("\(name)(object\(description))", value)
    }

    /// A schema that needs no more than a value: a type with what it is for, or an object.
    private static func value(_ schema: JSONValue) -> JSONValue? {
        if let object = picoschema(schema, like: nil), read(object) == schema { return object }
        var type = "any"
        if case .string(let text)? = schema["type"] { type = text }
        if case .string(let text)? = schema["description"] { type += ", \(text)" }
        return read(.string(type)) == schema ? .string(type) : nil
    }
}

extension FileSettings {
    /// A JSON Schema as Prompty's `outputs`: properties where the file has these and it can, else as it is.
    ///
    /// - Parameters:
    ///   - schema: The schema.
    ///   - old: What the file has by now; the properties that stayed are left as they are written.
    /// - Returns: The value; nil where the file would be read as another schema.
    static func outputs(_ schema: JSONValue, like old: JSONValue?) -> JSONValue? {
        let isSchema = old?["type"] == .string("object") && old?["properties"] != nil
        return [isSchema ? nil : properties(schema, like: old), schema].compactMap(\.self).first { value in
            let node = YAMLNode(["outputs": value], at: SourceLocation(file: ""))
            let found = FileSettings(of: node)
            return found.diagnostics.isEmpty
                && found.entries.first { $0.key == "response_format" }?.value.plain == schema
        }
    }

    private static func properties(_ schema: JSONValue, like old: JSONValue?) -> JSONValue? {
        guard case .object(let properties)? = schema["properties"] else { return nil }
        var required: [JSONValue] = []
        if case .array(let items)? = schema["required"] { required = items }
        var named: [(name: String, value: JSONValue)] = []
        var isList = false
        switch old {
        case .object(let members)?: named = members.map { ($0.key, $0.value) }
        case .array(let items)?:
            isList = true
            for item in items { if case .string(let name)? = item["name"] { named.append((name, item)) } }
        default: return nil
        }
        let written = properties.map { property -> JSONValue.Member in
            let isOptional = !required.contains(.string(property.key))
            let own = named.first { $0.name == property.key }?.value
            if let own, let read = outputs(own, named: property.key), read == (property.value, isOptional) {
                return .init(property.key, own)
            }
            var members: [JSONValue.Member] = isList ? [.init("name", .string(property.key))] : []
            if case .object(let own) = property.value {
                members += own.map { member in
                    let key = isList ? ["type": "kind", "enum": "enumValues"][member.key] : nil
                    return .init(key ?? member.key, member.value)
                }
            }
            if isOptional { members.append(.init("required", .bool(false))) }
            return .init(property.key, .object(members))
        }
        return isList ? .array(written.map(\.value)) : .object(written)
    }

    /// What a property says, and whether it may be left out.
    private static func outputs(_ value: JSONValue, named name: String) -> (JSONValue, Bool)? {
        let node = YAMLNode(["outputs": .object([.init(name, value)])], at: SourceLocation(file: ""))
        guard
            let schema = FileSettings(of: node).entries.first(where: { $0.key == "response_format" })?.value
                .plain,
            let property = schema["properties"]?[name]
        else { return nil }
        return (property, schema["required"] == .array([]))
    }
}

extension JSONValue {
    /// What declares variables, with others of them.
    ///
    /// - Parameters:
    ///   - new: The names to add.
    ///   - gone: The names to take out.
    ///   - form: How the variables are written.
    /// - Returns: The value.
    func declaring(_ new: [String], without gone: [String], as form: FileOrigins.VariableForm) -> JSONValue {
        switch self {
        case .array(let items):
            let kept = items.filter { item in !gone.contains { item["name"] == .string($0) } }
            return .array(kept + new.map { ["name": .string($0), "kind": .string("string")] })
        case .object(let members):
            if form != .keys, case .object? = self["properties"], let properties = self["properties"] {
                var schema = self
                schema["properties"] = properties.declaring(new, without: gone, as: .inputs)
                if case .array(let required)? = self["required"] {
                    let kept = required.filter { item in !gone.contains { item == .string($0) } }
                    schema["required"] = .array(kept + new.map(JSONValue.string))
                }
                return schema
            }
            let kept = members.filter { member in
                !gone.contains(form == .picoschema ? Picoschema.name(of: member.key) : member.key)
            }
            let value: JSONValue =
                switch form {
                case .keys, .sample: .string("")
                case .picoschema: .string("string")
                case .inputs: ["type": .string("string")]
                }
            return .object(kept + new.map { Member($0, value) })
        default: return self
        }
    }
}
