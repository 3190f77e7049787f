import Prompts
import Support
import Templates
import YAML

/// What the spec and a template's own front matter say of one prompt, changed to what a registry has.
struct PulledSettings {
    /// The prompt's entry in the spec; nil where a pattern or the folder names it.
    private(set) var entry: JSONValue?
    /// The front matter of its file, or what stands beside its messages; nil where it has none.
    private(set) var header: JSONValue?
    /// What patterns of the spec say of the prompt and of others.
    private let shared: JSONValue?
    private let source: TemplateSource
    private let specPath: String

    private static let modelKeys = JobShape.modelConfig.fields.map(\.key)

    /// Settings as they are written.
    ///
    /// - Parameters:
    ///   - entry: The prompt's entry in the spec.
    ///   - shared: That with what patterns of the spec say.
    ///   - header: What its file says.
    ///   - source: The file.
    ///   - specPath: The spec, as it is shown to the user.
    init(
        entry: JSONValue?, shared: JSONValue?, header: JSONValue?, of source: TemplateSource, specPath: String
    ) {
        self.shared = shared?.without(entry)
        self.entry = entry?.isObject == true ? entry : nil
        self.header = header?.isObject == true ? header : nil
        self.source = source
        self.specPath = specPath
    }

    private var origins: FileOrigins { source.origins }

    /// A setting, as the spec or else the file has it.
    func value(_ key: String) -> JSONValue? { entry?[key] ?? shared?[key] ?? header?[key] }

    /// Sets a setting where it is, else in the spec, else in the file; nil removes it.
    mutating func set(_ key: String, to value: JSONValue?) throws(PullProblem) {
        guard let value else {
            if shared?[key] != nil { throw isShared(key, of: key) }
            entry?[key] = nil
            header?[key] = nil
            return
        }
        // What a pattern says counts more than what the file does, and less than the prompt's own entry.
        if entry?[key] != nil || header?[key] == nil || shared?[key] != nil, entry != nil {
            entry?[key] = value.withoutInterpolation
        } else if shared?[key] != nil {
            throw isShared(key, of: key)
        } else if header != nil, FileSettings.isSetting(key) {
            header?[key] = value
        } else {
            throw Self.noPlace(for: key)
        }
    }

    // MARK: Mappings

    /// Sets the members of a mapping, such as `tags`, that differ; the others stay as they are written.
    ///
    /// - Parameters:
    ///   - key: The mapping's key.
    ///   - old: What the job says by now, with variables filled in.
    ///   - new: What it has to say.
    /// - Throws: `PullProblem` where it has no place.
    mutating func merge(_ key: String, from old: [JSONValue.Member], to new: [JSONValue.Member])
        throws(PullProblem)
    {
        let before = Dictionary(old.map { ($0.key, $0.value) }) { first, _ in first }
        let after = Dictionary(new.map { ($0.key, $0.value) }) { first, _ in first }
        for name in before.keys.sorted() where after[name] != before[name] {
            try change(name, of: key, to: after[name])
        }
        for member in new where before[member.key] == nil { try add(member, to: key) }
    }

    /// Changes or removes a member where it is written.
    private mutating func change(_ name: String, of key: String, to value: JSONValue?) throws(PullProblem) {
        if isTools(name, key) { return try setTools(to: value) }
        let isInPattern = shared?[key]?[name] != nil
        let place = isInPattern ? nil : headerPlace(of: name, key)
        let isInEntry = entry?[key]?[name] != nil
        guard let value else {
            guard !isInPattern, isInEntry || place != nil else { throw isShared(name, of: key) }
            entry?[key]?[name] = nil
            if entry?[key]?.isEmptyObject == true { entry?[key] = nil }
            if let place {
                header = header?.setting(place[...], to: nil)
                if header?[key]?.isEmptyObject == true { header?[key] = nil }
            }
            return
        }
        if isInEntry {
            entry?[key]?[name] = value.withoutInterpolation
        } else if let place {
            header = header?.setting(place[...], to: value.written(as: header?.at(place)))
        } else if entry != nil {
            // What the prompt's own entry says counts more than what it shares with others.
            var mapping = entry?[key] ?? [:]
            mapping[name] = value.withoutInterpolation
            entry?[key] = mapping
        } else {
            throw isShared(name, of: key)
        }
    }

    /// Adds a member where the others are written.
    private mutating func add(_ member: JSONValue.Member, to key: String) throws(PullProblem) {
        if isTools(member.key, key) { return try setTools(to: member.value) }
        if entry?[key] == nil, let place = newHeaderPlace(of: member.key, key) {
            header = header?.setting(place[...], to: member.value)
        } else if entry != nil {
            var mapping = entry?[key] ?? [:]
            mapping[member.key] = member.value.withoutInterpolation
            entry?[key] = mapping
        } else if let list = header?[key], !list.isObject {
            throw PullProblem(
                reason:
                    "'\(key)' of '\(source.path)' is no mapping, in which '\(member.key)' could stand: make it one by hand, "
                    + "then pull again")
        } else if header != nil {
            var mapping = header?[key] ?? [:]
            mapping[member.key] = member.value
            header?[key] = mapping
        } else {
            throw Self.noPlace(for: key)
        }
    }

    /// Where the file says a member of a mapping.
    private func headerPlace(of name: String, _ key: String) -> FileOrigins.Path? {
        let place = key == "model_config" ? origins.model[name] : nil
        let candidates = [place, [key, name]].compactMap(\.self)
        return candidates.first { header?.at($0) != nil }
    }

    /// Where a member that the file does not have yet stands beside the others of the mapping.
    private func newHeaderPlace(of name: String, _ key: String) -> FileOrigins.Path? {
        guard let header else { return nil }
        if header[key]?.isObject == true { return [key, name] }
        guard key == "model_config" else { return nil }
        if let place = origins.newPlace(ofModelSetting: name, in: header) { return place }
        // Where the model is named by the front matter itself, so are its settings.
        let isFlat = origins.model.contains { $1.count == 1 && header[$1[0]] != nil }
        if isFlat, source.dialect != .dotprompt, Self.modelKeys.contains(name) { return [name] }
        return isFlat || entry == nil && source.dialect == .dotprompt && !header.isEmptyObject
            ? FileOrigins.dotprompt.newPlace(ofModelSetting: name, in: header) : nil
    }

    private static func noPlace(for key: String) -> PullProblem {
        PullProblem(
            reason:
                "the job has no entry of its own for it, in which its \(key) could stand; add one below 'prompts:', "
                + "with the file's path as its 'file:', then pull again")
    }

    private func isShared(_ name: String, of key: String) -> PullProblem {
        PullProblem(
            reason:
                "its \(key) cannot be written there: a pattern below 'prompts:' of '\(specPath)' says '\(name)', for other "
                + "prompts too; change it there by hand")
    }

    // MARK: Tools

    private func isTools(_ name: String, _ key: String) -> Bool {
        let isApart = value(ToolDefinition.key) != nil || headerPlace(of: name, key) == nil
        return key == "model_config" && name == ToolDefinition.key
            && entry?[key]?[name] == nil && isApart
    }

    /// Changes the list of tools; those that stayed are left as they are written.
    private mutating func setTools(to value: JSONValue?) throws(PullProblem) {
        let key = ToolDefinition.key
        guard let value, case .array(let items) = value else { return try set(key, to: nil) }
        switch self.value(key) {
        case .string(let file)?:
            throw PullProblem(
                reason:
                    "its tools stand in '\(file)', which is left alone: change them there by hand, then pull again"
            )
        case .array(let own)?:
            let written = items.map { item in own.first { ToolList.definition($0) == item } ?? item }
            try set(key, to: .array(written))
        default: try set(key, to: value)
        }
    }

    // MARK: Schemas

    /// Sets the schema of the answer; nil removes it.
    mutating func setResponseFormat(_ schema: JSONValue?) throws(PullProblem) {
        let key = "response_format"
        guard let (path, form) = origins.responseFormat, header?.at(path) != nil,
            entry?[key] == nil || schema == nil, shared?[key] == nil
        else { return try set(key, to: schema) }
        entry?[key] = nil
        guard let schema else {
            header = header?.setting((form == .plain ? [path[0]] : path)[...], to: nil)
            return
        }
        guard let written = Self.written(schema, as: form, like: header?.at(path)) else {
            throw PullProblem(
                reason:
                    "its response_format has no form in which '\(path.joined(separator: "."))' of '\(source.path)' could say it; "
                    + "put it into 'response_format' of the prompt in '\(specPath)', and take it out there")
        }
        header = header?.setting(path[...], to: written)
    }

    private static func written(
        _ schema: JSONValue, as form: FileOrigins.SchemaForm, like old: JSONValue?
    ) -> JSONValue? {
        switch form {
        case .plain: return schema
        case .picoschema: return Picoschema.written(schema, like: old)
        case .outputs: return FileSettings.outputs(schema, like: old)
        case .text:
            guard case .string(let text)? = old, var value = try? JSONValue(parsing: text) else { return nil }
            if value["schema"] == nil { value = schema } else { value["schema"] = schema }
            return .string(text.utf8.contains(0x0A) ? value.document : value.serialized)
        }
    }

    // MARK: Variables

    /// Changes the contract to the variables of other texts.
    ///
    /// - Parameters:
    ///   - texts: The texts as they are registered.
    ///   - others: The other texts of messages.
    /// - Throws: `PullProblem` where the file declares its variables in a way that cannot be changed.
    mutating func setVariables(of texts: [String], _ others: [String]) throws(PullProblem) {
        let used = TemplateSyntax.analyze(registered: texts, others: others).variables
        if case .array(let items)? = value("variables") {
            let declared = items.compactMap { if case .string(let name) = $0 { name } else { nil } }
            let names = Set(used.map(\.name))
            let contract =
                declared.filter(names.contains)
                + used.filter { !$0.isOptional && !declared.contains($0.name) }.map(\.name)
            if contract != declared { try set("variables", to: .array(contract.map(JSONValue.string))) }
            return
        }
        guard entry?["variables"] == nil, let (path, form) = origins.variables, let old = header?.at(path)
        else {
            return
        }
        let declared = source.settings?["variables"]?.items?.compactMap(\.text) ?? []
        let name = { (variable: TemplateVariable) -> String in
            let root = String(variable.name.prefix { $0 != "." })
            return source.declaresRoots && (form != .keys || declared.contains(root)) ? root : variable.name
        }
        let names = Set(used.map(name))
        let gone = declared.filter { !names.contains($0) && !source.optionalVariables.contains($0) }
        var new: [String] = []
        for variable in used.filter({ !$0.isOptional }).map(name)
        where !declared.contains(variable) && !new.contains(variable) {
            new.append(variable)
        }
        if gone.isEmpty, new.isEmpty { return }
        let key = path.joined(separator: ".")
        guard form != .sample else {
            throw PullProblem(
                reason:
                    "the text has the variable '\(new.first ?? "")', for which '\(key)' of '\(source.path)' has no value: add one "
                    + "by hand, then pull again")
        }
        header = header?.setting(path[...], to: old.declaring(new, without: gone, as: form))
    }
}

extension JSONValue {
    fileprivate var isObject: Bool {
        if case .object = self { true } else { false }
    }

    fileprivate var isEmptyObject: Bool {
        if case .object(let members) = self { members.isEmpty } else { false }
    }

    /// What of settings others say: those that a prompt's own do not have.
    fileprivate func without(_ own: JSONValue?) -> JSONValue {
        guard case .object(let members) = self, let own else { return self }
        return .object(
            members.compactMap { member in
                guard let mine = own[member.key] else { return member }
                guard case .object(let inner) = member.value, ["tags", "model_config"].contains(member.key)
                else { return nil }
                return .init(member.key, .object(inner.filter { mine[$0.key] == nil }))
            })
    }

    /// The value at a path of keys.
    fileprivate func at(_ path: FileOrigins.Path) -> JSONValue? {
        path.reduce(Optional(self)) { $0?[$1] }
    }

    /// The value in the form of another one: a text alone for a list of one.
    fileprivate func written(as old: JSONValue?) -> JSONValue {
        if case .array(let items) = self, items.count == 1, case .string = items[0], case .string? = old {
            return items[0]
        }
        return self
    }

    /// The members of an object that a text holds; none where it is no object.
    static func members(of json: String?) -> [Member] {
        guard let json, case .object(let members)? = try? JSONValue(parsing: json) else { return [] }
        return members
    }
}
