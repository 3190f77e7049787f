import Diagnostics
import Prompts
import Support
import YAML

extension Diagnostic.Code {
    static let badTools = Self(rawValue: "bad-tools")
}

/// The functions that a prompt's `tools` defines, checked as models' APIs take them.
struct ToolList {
    /// The problems found.
    private(set) var diagnostics: [Diagnostic] = []
    /// The definitions, each in the form `{type: function, function: {…}}`.
    private(set) var json: [JSONValue] = []
    private var names: [String: SourceLocation] = [:]
    private var hints = NameHints()

    /// Reads a list.
    ///
    /// - Parameters:
    ///   - root: The list.
    ///   - isFile: Whether it is a file of its own; the shape of a spec was checked.
    init(_ root: YAMLNode, isFile: Bool) {
        guard let items = root.items else {
            if !isFile { return }
            report("tools must be a list of function definitions, not \(root.kindName)", root)
            return
        }
        for item in items where isFile || item.entries != nil { read(item) }
    }

    /// A definition in the form in which it is registered.
    static func definition(_ item: JSONValue) -> JSONValue? {
        ToolList(YAMLNode(.array([item]), at: SourceLocation(file: "")), isFile: true).json.first
    }

    private mutating func read(_ item: YAMLNode) {
        guard item.entries != nil else {
            return report("a tool must be a mapping, not \(item.kindName)", item)
        }
        // A definition may also stand alone.
        let isBare = item["function"] == nil && item["name"] != nil
        if let type = item["type"], type.text != "function" {
            return report("the type of a tool must be function", type)
        }
        guard let function = isBare ? item : item["function"], let entries = function.entries else {
            return report(
                "a tool needs a function", item["function"] ?? item,
                help: "write {type: function, function: {name: …, description: …, parameters: {…}}}")
        }
        check(function)
        let members = entries.filter { !(isBare && $0.key == "type") }
        let definition = JSONValue.object(members.map { .init($0.key, $0.value.plain) })
        json.append(isBare ? ["type": .string("function"), "function": definition] : item.plain)
    }

    private mutating func check(_ function: YAMLNode) {
        guard let name = function["name"] else { return report("a function needs a name", function) }
        // https://platform.openai.com/docs/api-reference/chat/create
        let isName = name.text.map { text in
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy { byte in
                    byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                }
        }
        if isName != true {
            report("a function's name has up to 64 letters, digits, '_' and '-'", name)
        } else if let text = name.text, names.updateValue(name.location, forKey: text) != nil {
            report("two functions are called '\(text)'", name)
        }
        if let text = function["description"], text.text == nil { report("description must be text", text) }
        if let strict = function["strict"], strict.flag == nil {
            report("strict must be true or false", strict)
        }
        for entry in function.entries ?? []
        where !["name", "description", "parameters", "strict", "type"].contains(entry.key) {
            let near = nearestName(to: entry.key, in: ["name", "description", "parameters", "strict"])
            guard let near, function[near] == nil else { continue }
            diagnostics.append(
                entry.keyError(
                    .unknownKey, "unknown key '\(entry.key)' in a function", help: "did you mean '\(near)'?"))
        }
        if let parameters = function["parameters"] { check(parameters: parameters) }
    }

    private mutating func check(parameters: YAMLNode) {
        guard parameters.entries != nil else {
            return report("parameters must be a JSON Schema, not \(parameters.kindName)", parameters)
        }
        if let type = parameters["type"], type.text != "object" {
            report("the type of parameters must be object", type)
        }
        if let properties = parameters["properties"], properties.entries == nil {
            report("properties must be a mapping, not \(properties.kindName)", properties)
        }
        guard let required = parameters["required"] else { return }
        guard let items = required.items else { return report("required must be a list", required) }
        let known = parameters["properties"]?.entries?.map(\.key) ?? []
        let names = Set(known)
        for item in items {
            guard let name = item.text else {
                report("required must name parameters", item)
                continue
            }
            if !names.contains(name) {
                report("there is no parameter '\(name)'", item, help: hints.didYouMean(name, in: known))
            }
        }
    }

    private mutating func report(_ message: String, _ node: YAMLNode, help: String? = nil) {
        diagnostics.append(node.error(.badTools, message, help: help))
    }
}

extension TemplateLoader {
    /// A prompt's settings of the model with its tools in them, and the file that defines these.
    mutating func modelConfig(of entry: PromptEntry) -> (json: String?, path: String?) {
        let config = entry.node?["model_config"]
        guard let node = entry.node?["tools"] else { return (config.flatMap(\.jsonObject), nil) }
        if let own = config?.entries?.first(where: { $0.key == ToolDefinition.key }) {
            add(own.keyError(.badTools, "the prompt has 'tools' beside its model_config already"))
        }
        let (root, path) = root(of: node)
        guard let root else { return (config.flatMap(\.jsonObject), path) }
        let tools = ToolList(root, isFile: node.text != nil)
        for finding in tools.diagnostics { add(finding) }
        var members = config?.entries?.map { JSONValue.Member($0.key, $0.value.plain) } ?? []
        if !tools.json.isEmpty { members.append(.init(ToolDefinition.key, .array(tools.json))) }
        return (members.isEmpty ? nil : JSONValue.object(members).serialized, path)
    }

    /// The list in the spec, or in the file that it names.
    private mutating func root(of node: YAMLNode) -> (YAMLNode?, path: String?) {
        guard let file = node.text else { return (node, nil) }
        guard let path = settingsFile(file, node) else { return (nil, nil) }
        do throws(TextFileError) {
            let text = try TextFile.text(of: path, limit: Self.sizeLimit)
            let parsed = parseDocument(text, file: path)
            add(source: text, path: path)
            for finding in parsed.diagnostics { add(finding) }
            return (parsed.root, path)
        } catch {
            add(error, .badTools, "the file of tools '\(path)'", path: path, namedBy: node)
            return (nil, path)
        }
    }
}
