package import Diagnostics
import Prompts
import Support
import YAML

/// A job that was read: what it wants, and what was found wrong with it.
package struct LoadedJob: Sendable {
    /// What the job wants; nil when anything is wrong with it.
    package let state: DesiredState?
    /// All that was found, warnings too.
    package let diagnostics: DiagnosticList

    /// Reads a job spec and its templates, and checks all of it.
    ///
    /// - Parameters:
    ///   - path: The spec's path, as the user wrote it; relative ones are relative to the current folder.
    ///   - inputs: What the run passes besides the spec.
    package init(path: String, inputs: JobInputs) {
        var loader = JobLoader(path: FilePath.join("", path), inputs: inputs)
        let state = loader.load()
        self.state = loader.diagnostics.hasErrors ? nil : state
        self.diagnostics = loader.diagnostics
    }
}

extension Diagnostic.Code {
    static let unreadable = Self(rawValue: "unreadable")
    static let noPrompts = Self(rawValue: "no-prompts")
    static let halfName = Self(rawValue: "half-a-name")
    static let longName = Self(rawValue: "name-too-long")
    static let longValue = Self(rawValue: "value-too-long")
}

/// Turns a spec into the desired state, step by step: read, parse, choose the target, interpolate, check, decode.
private struct JobLoader {
    /// The largest spec that is read, in bytes.
    static let sizeLimit = 8 << 20

    let path: String
    let inputs: JobInputs
    var diagnostics = DiagnosticList()

    init(path: String, inputs: JobInputs) {
        self.path = path
        self.inputs = inputs
    }

    mutating func load() -> DesiredState? {
        guard let root = parse() else { return nil }
        let variables = VariableValues(of: root, inputs: inputs)
        diagnostics.add(contentsOf: variables.diagnostics)
        var interpolation = Interpolation(values: variables.values)
        let spec = interpolation.resolveJob(root)
        diagnostics.add(contentsOf: interpolation.diagnostics)
        // A text that could not be interpolated would only be reported a second time for its form.
        let reported = Set(interpolation.diagnostics.compactMap(\.location))
        var checker = ShapeChecker()
        checker.check(spec, .object(JobShape.job), key: "the job spec")
        diagnostics.add(
            contentsOf: checker.diagnostics.filter { !($0.location.map(reported.contains) ?? false) })
        return decode(spec, target: variables.target, values: variables.values)
    }

    private mutating func parse() -> YAMLNode? {
        do {
            let bytes = try TextFile.bytes(of: path, limit: Self.sizeLimit)
            let parsed = parseYAML(bytes, file: path)
            diagnostics.addSource(String(decoding: bytes, as: UTF8.self), path: path)
            diagnostics.add(contentsOf: parsed.diagnostics)
            if parsed.root == nil, parsed.diagnostics.isEmpty {
                diagnostics.add(.error(.missingKey, "the job spec is empty", at: SourceLocation(file: path)))
            }
            return parsed.root
        } catch {
            diagnostics.add(
                .error(.unreadable, "the job spec \(error.reason)", at: SourceLocation(file: path)))
            return nil
        }
    }

    private mutating func decode(
        _ spec: YAMLNode, target name: String?, values: [String: String?]
    ) -> DesiredState? {
        guard spec.entries != nil else { return nil }
        let target = name.flatMap { spec["targets"]?[$0] }
        let setting = { (key: String) in target?[key] ?? spec[key] }
        let folder = FilePath.folder(of: path)
        var templates = TemplateLoader(
            folder: FilePath.join(folder, spec["prompts_dir"]?.text ?? "."), specFolder: folder)
        let folderNode = spec["prompts_dir"]
        templates.checkFolder(at: folderNode?.location ?? spec.location, length: folderNode?.length ?? 1)
        let entries = promptEntries(spec, &templates)
        let schema = schema(spec, setting)
        let prefix = spec["name_prefix"]?.text ?? "prompt_"
        let aliases = inputs.aliases.isEmpty ? nil : inputs.aliases
        let jobAliases = setting("aliases")?.items?.compactMap(\.text) ?? []
        let experiments = setting("experiment")?.oneOrMany.compactMap(\.scalarText) ?? []
        let syntax = spec["syntax"]?.text
        var prompts: [DesiredPrompt] = []
        for entry in entries {
            let fullName = QualifiedName(schema: schema, name: prefix + entry.name).description
            if fullName.utf8.count > NameRules.longestName {
                let problem = "has more than \(NameRules.longestName) characters"
                diagnostics.add(.error(.longName, "the name '\(fullName)' \(problem)", at: entry.location))
            }
            let format = templates.responseFormat(of: entry)
            checkLengths(of: entry, format?.json)
            guard let template = templates.load(entry, jobSyntax: syntax) else { continue }
            prompts.append(
                DesiredPrompt(
                    name: entry.name, fullName: fullName, specLine: entry.location.line, template: template,
                    modelConfig: entry.node?["model_config"].flatMap(\.jsonObject),
                    responseFormat: format?.json, responseFormatPath: format?.path,
                    description: entry.node?["description"]?.text,
                    tags: entry.node?["tags"]?.textByKey ?? [:],
                    aliases: aliases ?? entry.node?["aliases"]?.items?.compactMap(\.text) ?? jobAliases,
                    experiments: experiments))
        }
        diagnostics.merge(templates.diagnostics)
        return DesiredState(
            job: spec["job"]?.text ?? "", description: spec["description"]?.text, specPath: path,
            target: name, registry: setting("registry")?.text, specFolder: folder,
            onError: setting("on_error")?.text.flatMap(OnError.init(rawValue:)) ?? .hold,
            provenance: spec["provenance"]?.flag ?? true, variables: values.compactMapValues(\.self),
            prompts: prompts)
    }

    /// Reports what MLflow would refuse for its length, before anything is registered.
    private mutating func checkLengths(of entry: PromptEntry, _ responseFormat: String?) {
        let limit = TemplateLoader.characterLimit
        func check(_ text: String?, _ what: String, _ node: YAMLNode?) {
            guard let text, text.utf8.count > limit, text.unicodeScalars.count > limit else { return }
            diagnostics.add(
                .error(
                    .longValue, "\(what) has more than \(limit) characters, which MLflow does not take",
                    at: node?.location ?? entry.location, length: node?.length ?? 1))
        }
        let config = entry.node?["model_config"]
        check(config?.jsonObject, "the model_config", config)
        check(responseFormat, "the response_format", entry.node?["response_format"])
        for tag in entry.node?["tags"]?.entries ?? [] {
            check(tag.value.scalarText, "the tag '\(tag.key)'", tag.value)
        }
    }

    /// The entries of `prompts`, or those that the folder's files make.
    private mutating func promptEntries(_ spec: YAMLNode, _ templates: inout TemplateLoader) -> [PromptEntry]
    {
        guard let prompts = spec.entries?.first(where: { $0.key == "prompts" }) else {
            let place = spec.entries?.first { $0.key == "prompts_dir" }
            return templates.discover(at: place?.value.location ?? spec.location)
        }
        let entries = prompts.value.entries ?? []
        if entries.isEmpty, prompts.value.entries != nil || prompts.value.value == .null {
            diagnostics.add(
                .error(
                    .noPrompts, "the job has no prompts", at: prompts.keyLocation, length: prompts.keyLength,
                    help: "leave 'prompts' out to take every template file of prompts_dir"))
        }
        return entries.compactMap { entry in
            guard entry.value.entries != nil, let file = entry.value["file"] else { return nil }
            guard let fileName = file.text else { return nil }
            return PromptEntry(
                name: entry.key, file: fileName, location: entry.keyLocation, filePlace: SpecPlace(file),
                node: entry.value)
        }
    }

    /// The schema of the prompts; nil where the job gives none.
    private mutating func schema(
        _ spec: YAMLNode, _ setting: (String) -> YAMLNode?
    ) -> QualifiedName.Schema? {
        let catalog = inputs.catalog ?? setting("catalog")?.text
        let schema = inputs.schema ?? setting("schema")?.text
        for (flag, value) in [("--catalog", inputs.catalog), ("--schema", inputs.schema)] {
            if let value, let problem = NameRules.problem(withLevel: value) {
                diagnostics.add(.error(.badName, "\(flag) '\(value)': \(problem)", at: nil))
            }
        }
        for alias in inputs.aliases {
            if let problem = NameRules.problem(withAlias: alias) {
                diagnostics.add(.error(.badName, "--alias '\(alias)': \(problem)", at: nil))
            }
        }
        switch (catalog, schema) {
        case (let catalog?, let schema?): return .init(catalog: catalog, name: schema)
        case (nil, nil): return nil
        default:
            let given = catalog == nil ? "schema" : "catalog"
            let missing = catalog == nil ? "catalog" : "schema"
            diagnostics.add(
                .error(
                    .halfName, "the job gives a \(given) but no \(missing)",
                    at: setting(given)?.location ?? spec.location, length: setting(given)?.length ?? 1,
                    help: "give both, or neither for names without them"))
            return nil
        }
    }
}

extension YAMLNode {
    /// A mapping as JSON; nil for an empty one, which MLflow treats as none.
    var jsonObject: String? {
        guard let entries, !entries.isEmpty else { return nil }
        return plain.serialized
    }

    /// The texts of a mapping.
    fileprivate var textByKey: [String: String] {
        var result: [String: String] = [:]
        for entry in entries ?? [] { result[entry.key] = entry.value.scalarText }
        return result
    }
}
