package import Diagnostics
import Prompts
import Support
import Templates
import YAML

/// A job that was read and checked.
package struct LoadedJob: Sendable {
    /// What the job wants; nil when there are errors.
    package let state: DesiredState?
    /// The errors and warnings.
    package let diagnostics: DiagnosticList

    /// Reads a job spec and its templates, and checks all of it.
    ///
    /// - Parameters:
    ///   - path: The spec's path, as the user wrote it; relative ones are relative to the current folder.
    ///   - text: The spec, where it is not in its file yet.
    ///   - inputs: What the run passes besides the spec.
    ///   - readsTemplates: Whether the templates are read; the prompts are empty if not.
    ///   - checksRegistryRules: Whether names and tags are held to the rules of the registry.
    ///   - registry: The registry's address in place of the one that the job names.
    package init(
        path: String, text: String? = nil, inputs: JobInputs, readsTemplates: Bool = true,
        checksRegistryRules: Bool = false, registry: String? = nil
    ) {
        var loader = JobLoader(
            path: FilePath.join("", path), text: text, inputs: inputs, readsTemplates: readsTemplates,
            checksRegistryRules: checksRegistryRules, passedRegistry: registry)
        let state = loader.load()
        loader.diagnostics.removeRepeats()
        self.state = loader.diagnostics.hasErrors ? nil : state
        self.diagnostics = loader.diagnostics
    }
}

extension Diagnostic.Code {
    static let unreadable = Self(rawValue: "unreadable")
    static let noPrompts = Self(rawValue: "no-prompts")
    static let tooMuchText = Self(rawValue: "too-much-text")
    static let halfName = Self(rawValue: "half-a-name")
    static let longName = Self(rawValue: "name-too-long")
    static let longValue = Self(rawValue: "value-too-long")
    static let protectedAlias = Self(rawValue: "protected-alias")
    static let unknownAlias = Self(rawValue: "unknown-alias")
}

/// Turns a spec into the desired state, step by step: read, parse, choose the target, interpolate, check, decode.
private struct JobLoader {
    /// The largest spec that is read, in bytes.
    static let sizeLimit = 8 << 20
    /// How many bytes the prompts may have in all: a small file may be the text of very many of them, or a part of it.
    static let textLimit = 128 << 20

    let path: String
    let text: String?
    let inputs: JobInputs
    let readsTemplates: Bool
    let checksRegistryRules: Bool
    let passedRegistry: String?
    var diagnostics = DiagnosticList()

    mutating func load() -> DesiredState? {
        guard let (text, parsed) = parse() else { return nil }
        let later = parsed["version"].flatMap { Double($0.scalarText ?? "") ?? 0 > 1 ? $0.location : nil }
        defer { if let later { keepWhatCounts(in: later) } }
        var correction = KeyCorrection()
        let root = later == nil ? correction.correct(parsed, .object(JobShape.job)) : parsed
        diagnostics.add(contentsOf: correction.diagnostics)
        let variables = VariableValues(of: root, inputs: inputs)
        diagnostics.add(contentsOf: variables.diagnostics)
        var interpolation = Interpolation(values: variables.values)
        let spec = interpolation.resolveJob(root)
        diagnostics.add(contentsOf: interpolation.diagnostics)
        // A text that could not be interpolated is not reported a second time for its form.
        let reported = Set(interpolation.diagnostics.compactMap(\.location))
        var checker = ShapeChecker()
        checker.check(spec, .object(JobShape.job), key: "the job spec")
        diagnostics.add(
            contentsOf: checker.diagnostics.filter { !($0.location.map(reported.contains) ?? false) })
        var state = decode(spec, target: variables.target, values: variables.values)
        let target = variables.target.flatMap { root["targets"]?[$0] }
        state?.registryHasVariables = (target?["registry"] ?? root["registry"])?.text?.contains("${") == true
        let (warnings, ignored) = (WarningSettings(spec["warnings"]), IgnoredWarnings(in: text, path: path))
        diagnostics.add(contentsOf: ignored.slips)
        // Those of templates were looked at with the settings of their prompts.
        diagnostics = diagnostics.filter {
            ($0.location?.file ?? path) != path || warnings.report($0) && !ignored.contain($0)
        }
        return state
    }

    /// Leaves what is told of a spec of a later version: that first, and no key that the version may have.
    private mutating func keepWhatCounts(in version: SourceLocation) {
        diagnostics = diagnostics.filter { finding in
            guard let place = finding.location, place.file == path else { return true }
            return place.line >= version.line && finding.code != .unknownKey
        }
    }

    private mutating func parse() -> (String, YAMLNode)? {
        do throws(TextFileError) {
            let bytes =
                if let text { Array(text.utf8) } else { try TextFile.bytes(of: path, limit: Self.sizeLimit) }
            let text = String(decoding: bytes, as: UTF8.self)
            diagnostics.addSource(text, path: path)
            let conflict = Diagnostic.conflict(in: text, path: path)
            diagnostics.add(contentsOf: [conflict].compactMap(\.self))
            if conflict != nil { return nil }
            let parsed = parseYAML(bytes, file: path)
            diagnostics.add(contentsOf: parsed.diagnostics)
            if parsed.root == nil, parsed.diagnostics.isEmpty {
                diagnostics.add(.error(.missingKey, "the job spec is empty", at: SourceLocation(file: path)))
            }
            return parsed.root.map { (text, $0) }
        } catch {
            diagnostics.add(error, .unreadable, "the job spec", path: path, help: JobSpecs.hint(for: path))
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
            folder: FilePath.join(folder, spec["prompts_dir"]?.text ?? "."), specFolder: folder, spec: spec)
        if readsTemplates { templates.checkFolder(namedBy: spec["prompts_dir"] ?? spec) }
        let found = PromptEntries(spec, folder: templates.folder)
        diagnostics.merge(found.diagnostics)
        let schema = schema(spec, setting)
        var rules =
            checksRegistryRules
            ? UnityCatalogRules(
                spec, passed: passedRegistry, named: setting("registry"), environment: inputs.environment,
                isQualified: [inputs.catalog, inputs.schema].contains { $0 != nil }
                    || setting("catalog") != nil || setting("schema") != nil) : nil
        let prefix = spec["name_prefix"]?.text ?? NameRules.usualPrefix
        let aliases = inputs.aliases.isEmpty ? nil : inputs.aliases
        let jobAliases = setting("aliases")?.items?.compactMap(\.text) ?? []
        let policy = Policy(setting)
        checkProtected(policy, setting("aliases"))
        for alias in inputs.aliases where policy.protectedAliases.contains(alias) {
            diagnostics.add(
                .error(
                    .protectedAlias, "--alias '\(alias)': it is protected", at: nil,
                    help: "leave it out here, and move it with promote and rollback")
            )
        }
        let targets = spec["targets"]?.entries?.map { $0.value["aliases"] } ?? []
        let lists = [spec["aliases"]] + targets + found.entries.map { $0.node?["aliases"] }
        checkSpelling(spec, knowing: lists.flatMap { $0?.items ?? [] }.compactMap(\.text))
        let experiments = setting("experiment")?.oneOrMany.compactMap(\.scalarText) ?? []
        let (syntax, frontMatter) = (spec["syntax"]?.text, spec["front_matter"]?.text)
        let jobGates = gates(setting("gates"))
        var prompts: [DesiredPrompt] = []
        let moves = PromptMoves(setting("moved"), names: found.entries.map(\.name))
        diagnostics.add(contentsOf: moves.diagnostics)
        var bytes = 0
        for var entry in found.entries {
            let fullName = QualifiedName(schema: schema, name: prefix + entry.name).description
            if fullName.utf8.count > NameRules.longestName {
                let problem = "has more than \(NameRules.longestName) characters"
                diagnostics.add(.error(.longName, "the name '\(fullName)' \(problem)", at: entry.location))
            }
            let source = readsTemplates ? templates.read(entry, jobMode: frontMatter) : nil
            entry.add(source?.settings)
            rules?.check(entry)
            checkProtected(policy, entry.node?["aliases"])
            let aliases = aliases ?? entry.node?["aliases"]?.items?.compactMap(\.text) ?? jobAliases
            let gates = jobGates + gates(entry.node?["gates"])
            if !readsTemplates {
                var prompt = DesiredPrompt(named: entry.name, fullName, at: entry, aliases: aliases)
                (prompt.experiments, prompt.gates) = (experiments, gates)
                prompts.append(prompt)
                continue
            }
            let format = templates.responseFormat(of: entry)
            let config = templates.modelConfig(of: entry)
            checkLengths(of: entry, config.json, format?.json)
            guard let source else { continue }
            guard let template = templates.load(source, entry, jobSyntax: syntax) else { continue }
            let texts = [template.text, config.json ?? "", format?.json ?? ""]
            bytes += texts.reduce(0) { $0 + $1.utf8.count }
            if bytes > Self.textLimit {
                let problem = "the prompts have more than \(Self.textLimit >> 20) MiB in all"
                diagnostics.add(.error(.tooMuchText, problem, at: entry.location, help: "make several jobs"))
                break
            }
            prompts.append(
                DesiredPrompt(
                    name: entry.name, fullName: fullName, specLine: entry.location.line, template: template,
                    modelConfig: config.json, toolsPath: config.path,
                    responseFormat: format?.json, responseFormatPath: format?.path,
                    description: entry.node?["description"]?.text,
                    tags: entry.node?["tags"]?.textByKey ?? [:],
                    aliases: aliases,
                    experiments: experiments,
                    isAdopted: (entry.node?["adopt"] ?? spec["adopt"])?.flag ?? false,
                    movedFrom: moves.oldName(of: entry.name).map {
                        QualifiedName(schema: schema, name: prefix + $0).description
                    },
                    unknownOldName: moves.unknownOldName(of: entry.name), gates: gates))
        }
        diagnostics.merge(templates.diagnostics)
        diagnostics.add(contentsOf: rules?.diagnostics ?? [])
        templates.addSources(to: &diagnostics)
        var pulled = PulledVersions(beside: path)
        if readsTemplates, text == nil { pulled.read(&diagnostics) }
        let used = Set(prompts.flatMap(\.files) + [path, pulled.path])
        if let note = found.note(without: used) { diagnostics.add(note) }
        return DesiredState(
            job: spec["job"]?.text ?? "", description: spec["description"]?.text, specPath: path,
            target: name, targets: spec["targets"]?.entries?.map(\.key) ?? [],
            registry: setting("registry")?.text,
            discoveredFolder: spec["prompts"] == nil ? templates.folder : nil,
            searchedFolder: found.areDiscovered ? templates.folder : nil,
            resolvedFolder: templates.resolvedFolder, specFolder: folder,
            onError: setting("on_error")?.text.flatMap(OnError.init(rawValue:)) ?? .hold,
            provenance: spec["provenance"]?.flag ?? true,
            onForeign: setting("on_foreign")?.text.flatMap(OnForeign.init(rawValue:)),
            pulled: pulled, policy: policy, variables: values.compactMapValues(\.self), prompts: prompts,
            skipped: templates.skipped.map { QualifiedName(schema: schema, name: prefix + $0).description })
    }

    /// The gates of a list; those that are none were reported.
    private func gates(_ list: YAMLNode?) -> [Gate] {
        list?.items?.compactMap(\.text).compactMap { try? Gate($0) } ?? []
    }

    /// Reports aliases that a run would set though they are protected.
    private mutating func checkProtected(_ policy: Policy, _ list: YAMLNode?) {
        for node in list?.items ?? [] {
            guard let alias = node.text, policy.protectedAliases.contains(alias) else { continue }
            diagnostics.add(
                node.error(
                    .protectedAlias, "'\(alias)' is protected, so no run may set it",
                    help: "take it off 'aliases', and move it with promote and rollback"))
        }
    }

    /// Warns of aliases of the command line that are nearly one of the job's, or one of its targets.
    private mutating func checkSpelling(_ spec: YAMLNode, knowing aliases: [String]) {
        for alias in inputs.aliases where !aliases.contains(alias) {
            let target = spec["targets"]?[alias].map { _ in "it is a target: --target \(alias)" }
            guard let hint = target ?? didYouMean(alias, in: aliases) else { continue }
            diagnostics.add(
                .warning(
                    .unknownAlias, "--alias '\(alias)': the job names no such alias", at: nil, help: hint))
        }
    }

    /// Reports values that exceed MLflow's length limits, before anything is registered.
    private mutating func checkLengths(
        of entry: PromptEntry, _ modelConfig: String?, _ responseFormat: String?
    ) {
        let limit = TemplateLoader.characterLimit
        func check(_ text: String?, _ what: String, _ node: YAMLNode?) {
            guard let text, let node, text.scalarCount > limit else { return }
            diagnostics.add(
                node.error(.longValue, "\(what) has more than \(limit) characters, MLflow's limit"))
        }
        check(modelConfig, "the model_config", entry.node?["tools"] ?? entry.node?["model_config"])
        check(responseFormat, "the response_format", entry.node?["response_format"])
        for tag in entry.node?["tags"]?.entries ?? [] {
            check(tag.value.scalarText, "the tag '\(tag.key)'", tag.value)
        }
    }

    /// The schema of the prompts; nil where the job has none.
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
                (setting(given) ?? spec).error(
                    .halfName, "the job has a \(given) but no \(missing)",
                    help: "set both, or neither for names without them"))
            return nil
        }
    }
}

extension DesiredPrompt {
    /// A prompt whose template was not read.
    fileprivate init(named name: String, _ fullName: String, at entry: PromptEntry, aliases: [String]) {
        self.init(
            name: name, fullName: fullName, specLine: entry.location.line,
            template: LoadedTemplate(path: entry.file, isChat: false, text: ""), aliases: aliases)
    }
}

extension YAMLNode {
    /// The texts of a mapping.
    fileprivate var textByKey: [String: String] {
        var result: [String: String] = [:]
        for entry in entries ?? [] { result[entry.key] = entry.value.scalarText }
        return result
    }
}
