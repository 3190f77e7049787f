import Diagnostics
import Support
import YAML

/// What dotprompt, Prompty, GitHub Models and OpenAI's API call the settings of a prompt.
extension FileSettings {
    /// The names of a model's settings in those formats.
    private static let modelNames = [
        "maxTokens": "max_tokens", "maxOutputTokens": "max_tokens", "maxCompletionTokens": "max_tokens",
        "max_completion_tokens": "max_tokens", "max_output_tokens": "max_tokens", "topP": "top_p",
        "topK": "top_k",
        "frequencyPenalty": "frequency_penalty", "presencePenalty": "presence_penalty",
        "stopSequences": "stop_sequences", "stop": "stop_sequences",
    ]

    /// Takes a key of one of those formats.
    ///
    /// - Parameter entry: The key and its value.
    /// - Returns: Whether it is one.
    mutating func addForeign(_ entry: YAMLEntry) -> Bool {
        switch entry.key {
        case "model" where entry.value.text != nil: addModel("model_name", entry, ["model"])
        case "model" where entry.value.entries != nil: addPromptyModel(entry)
        case "config", "modelParameters": addParameters(entry, [entry.key])
        case "input": addInput(entry)
        case "inputs", "sample": addInputs(entry)
        case "output": addOutput(entry)
        case "outputs": addOutputs(entry)
        case "template": addTemplate(entry)
        case "jsonSchema": addJSONSchema(entry)
        case "responseFormat":
            if !["text", "json_schema"].contains(entry.value.text) { leaveOut(entry) }
        case "response_format" where entry.value["type"]?.text != "object": return addResponseFormat(entry)
        case "tools": addTools(entry)
        default:
            guard let name = Self.modelNames[entry.key] else { return false }
            addModel(name, entry, [entry.key])
        }
        return true
    }

    // MARK: Models

    private mutating func addModel(_ name: String, _ entry: YAMLEntry, _ path: FileOrigins.Path) {
        origins.model[name] = origins.model[name] ?? path
        var value = entry.value
        if name == "stop_sequences", value.items == nil {
            value = YAMLNode(value: .sequence([value]), location: value.location, length: value.length)
        }
        modelConfig.append(entry.with(key: name, value: value))
    }

    private mutating func addParameters(_ entry: YAMLEntry, _ path: FileOrigins.Path) {
        guard let entries = entry.value.entries else {
            return leaveOut(entry, path.joined(separator: "."))
        }
        origins.modelPlace = origins.modelPlace ?? path
        for inner in entries where inner.value.value != .null {
            let path = path + [inner.key]
            let shown = path.joined(separator: ".")
            switch inner.key {
            case "response_format": if !addResponseFormat(inner, path) { leaveOut(inner, shown) }
            case "additionalProperties": addParameters(inner, path)
            case "tools", "tool_choice": leaveOut(inner, shown)
            default: addModel(Self.modelNames[inner.key] ?? inner.key, inner, path)
            }
        }
    }

    private mutating func addPromptyModel(_ entry: YAMLEntry) {
        for inner in entry.value.entries ?? [] where inner.value.value != .null {
            let path = "model.\(inner.key)"
            switch inner.key {
            case "id", "name": addModel("model_name", inner, ["model", inner.key])
            case "provider": addModel("provider", inner, ["model", inner.key])
            case "parameters", "options": addParameters(inner, ["model", inner.key])
            case "configuration": addConfiguration(inner)
            case "api", "apiType":
                isCompletion = inner.value.text == "completion"
                if !["chat", "completion"].contains(inner.value.text) { leaveOut(inner, path) }
            default: leaveOut(inner, path)
            }
        }
    }

    private mutating func addConfiguration(_ entry: YAMLEntry) {
        guard let entries = entry.value.entries else { return leaveOut(entry, "model.configuration") }
        let model = ["azure_deployment", "name", "model"].first { entry.value[$0]?.text != nil }
        for inner in entries {
            switch inner.key {
            case model: addModel("model_name", inner, ["model", "configuration", inner.key])
            case "type" where inner.value.text != nil:
                addModel("provider", inner, ["model", "configuration", "type"])
            default: leaveOut(inner, "model.configuration.\(inner.key)")
            }
        }
    }

    // MARK: Variables

    private static let noValues = "a prompt's variables have no values"

    private mutating func addInput(_ entry: YAMLEntry) {
        guard let entries = entry.value.entries else { return leaveOut(entry) }
        for inner in entries {
            if inner.key == "schema", inner.value.entries != nil {
                origins.variables = (["input", "schema"], .picoschema)
                declare(Picoschema.properties(inner.value), at: inner)
            } else {
                let reason =
                    inner.key == "schema"
                    ? "the schema that it names is not in the file" : Self.noValues
                leaveOut(inner, "input.\(inner.key)", reason)
            }
        }
    }

    private mutating func addInputs(_ entry: YAMLEntry) {
        let isSample = entry.key == "sample"
        if !isSample || origins.variables == nil {
            origins.variables = ([entry.key], isSample ? .sample : .inputs)
        }
        if isSample, entry.value.entries?.contains(where: { $0.value.value != .null }) == true {
            leaveOutValues(of: entry, Self.noValues)
        }
        if let items = entry.value.items, !isSample {
            let named = items.compactMap { item in
                item["name"].flatMap { name in
                    name.text.map {
                        (
                            YAMLEntry(
                                key: $0, keyLocation: name.location, keyLength: name.length, value: item),
                            Self.isOptional(item)
                        )
                    }
                }
            }
            return declare(named, at: entry)
        }
        guard entry.value.entries != nil else {
            return leaveOut(entry, nil, "its names of variables are not here")
        }
        let isSchema = entry.value["type"]?.text == "object" && entry.value["properties"]?.entries != nil
        let properties = (isSchema ? entry.value["properties"] : entry.value)?.entries ?? []
        declare(properties.map { ($0, isSample || Self.isOptional($0.value)) }, at: entry)
    }

    private static func isOptional(_ input: YAMLNode) -> Bool {
        (input["required"] ?? input["is_required"])?.flag == false
    }

    private mutating func declare(_ variables: [(entry: YAMLEntry, isOptional: Bool)], at entry: YAMLEntry) {
        // What 'inputs' says counts more than the values of 'sample', wherever they stand.
        let isSample = entry.key == "sample"
        if entries.contains(where: { $0.key == "variables" }) {
            if isSample || !isSampled { return }
            entries.removeAll { $0.key == "variables" }
            optionalVariables = []
        }
        isSampled = isSample
        if entry.key == "inputs" {
            for (variable, _) in variables {
                guard let value = variable.value.entries?.first(where: { $0.key == "default" }) else {
                    continue
                }
                leaveOut(value, "inputs.\(variable.key).default", Self.noValues)
            }
        }
        declaresRoots = true
        optionalVariables.formUnion(variables.filter(\.isOptional).map(\.entry.key))
        let names = variables.map {
            YAMLNode(value: .string($0.entry.key), location: $0.entry.keyLocation, length: $0.entry.keyLength)
        }
        let list = YAMLNode(value: .sequence(names), location: entry.value.location)
        entries.append(entry.with(key: "variables", value: list))
    }

    // MARK: Answers

    private mutating func addOutput(_ entry: YAMLEntry) {
        guard let entries = entry.value.entries else { return leaveOut(entry) }
        for inner in entries {
            switch inner.key {
            case "format" where inner.value.text == "text" || entry.value["schema"] != nil: break
            case "schema":
                let schema = Picoschema.jsonSchema(inner.value)
                if let schema, case .object = schema {
                    setResponseFormat(schema, at: inner, ["output", "schema"], .picoschema)
                } else {
                    leaveOut(inner, "output.schema", "the schema that it names is not here")
                }
            default: leaveOut(inner, "output.\(inner.key)")
            }
        }
    }

    private mutating func addOutputs(_ entry: YAMLEntry) {
        if entry.value["type"]?.text == "object", entry.value["properties"] != nil {
            return setResponseFormat(entry.value.plain, at: entry, ["outputs"], .outputs)
        }
        let named = Self.named(entry.value)
        if named.isEmpty { return leaveOut(entry) }
        setResponseFormat(Self.schema(named), at: entry, ["outputs"], .outputs)
    }

    /// The values of a list or a mapping of Prompty, by their names.
    static func named(_ node: YAMLNode) -> [(String, YAMLNode)] {
        node.entries?.map { ($0.key, $0.value) }
            ?? node.items?.compactMap { item in item["name"]?.text.map { ($0, item) } } ?? []
    }

    /// The JSON Schema of an object with values as Prompty describes them.
    static func schema(_ named: [(String, YAMLNode)]) -> JSONValue {
        let properties = named.map { name, value -> JSONValue.Member in
            var members: [JSONValue.Member] = []
            for inner in value.entries ?? [] where !["name", "required", "is_required"].contains(inner.key) {
                let key = ["kind": "type", "enumValues": "enum"][inner.key] ?? inner.key
                let json =
                    key == "type" ? inner.value.text.map { JSONValue.string(types[$0] ?? $0) } : nil
                members.append(.init(key, json ?? inner.value.plain))
            }
            if let type = value.text { members = [.init("type", .string(types[type] ?? type))] }
            return .init(name, .object(members))
        }
        let required = named.filter { !isOptional($0.1) }.map(\.0)
        return .object([
            .init("type", .string("object")), .init("properties", .object(properties)),
            .init("required", JSONValue(required)),
        ])
    }

    /// What Prompty calls the types of JSON Schema.
    private static let types = ["float": "number", "int": "integer", "bool": "boolean", "list": "array"]

    private mutating func addJSONSchema(_ entry: YAMLEntry) {
        guard let text = entry.value.text, let value = try? JSONValue(parsing: text) else {
            return leaveOut(entry)
        }
        let schema = value["schema"] ?? value
        guard case .object = schema else { return leaveOut(entry) }
        setResponseFormat(schema, at: entry, ["jsonSchema"], .text)
    }

    /// Takes the `response_format` of OpenAI's API; false where it is another one.
    private mutating func addResponseFormat(
        _ entry: YAMLEntry, _ path: FileOrigins.Path = ["response_format"]
    ) -> Bool {
        guard let type = entry.value["type"]?.text, ["json_schema", "json_object", "text"].contains(type)
        else {
            return false
        }
        if let schema = entry.value["json_schema"]?["schema"], schema.entries != nil {
            setResponseFormat(schema.plain, at: entry, path + ["json_schema", "schema"], .plain)
        } else if type != "text" {
            leaveOut(entry, path.joined(separator: "."), "it has no schema")
        }
        return true
    }

    private mutating func setResponseFormat(
        _ schema: JSONValue, at entry: YAMLEntry, _ path: FileOrigins.Path, _ form: FileOrigins.SchemaForm
    ) {
        origins.responseFormat = (path, form)
        entries.append(
            entry.with(key: "response_format", value: YAMLNode(schema, at: entry.value.location)))
    }

    // MARK: Others

    private mutating func addTemplate(_ entry: YAMLEntry) {
        let format = entry.value["format"] ?? entry.value["type"] ?? entry.value
        guard let text = format.text, ["jinja2", "mustache"].contains(text) else { return leaveOut(entry) }
        entries.append(entry.with(key: "syntax", value: format))
        for inner in entry.value.entries ?? [] where !["format", "type"].contains(inner.key) {
            if inner.key != "parser" || inner.value.text != "prompty" {
                leaveOut(inner, "template.\(inner.key)")
            }
        }
    }
}

extension YAMLNode {
    /// A JSON value at a place.
    init(_ json: JSONValue, at place: SourceLocation) {
        let value: Value =
            switch json {
            case .null: .null
            case .bool(let flag): .bool(flag)
            case .number(let text): .number(text)
            case .string(let text): .string(text)
            case .array(let items): .sequence(items.map { YAMLNode($0, at: place) })
            case .object(let members):
                .mapping(
                    members.map {
                        YAMLEntry(
                            key: $0.key, keyLocation: place, keyLength: 1,
                            value: YAMLNode($0.value, at: place))
                    })
            }
        self.init(value: value, location: place)
    }
}
