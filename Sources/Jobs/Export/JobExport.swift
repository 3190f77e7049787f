package import Diagnostics
package import Prompts
import Support
import Templates
import YAML

/// A job and its templates, exported from a registry: a plan of the job changes nothing there.
package struct JobExport: Sendable {
    /// A prompt of the job.
    package struct Entry: Sendable {
        /// The name within the job.
        package let name: String
        /// The prompt as the registry holds it.
        package let prompt: RegisteredPrompt
        /// The template's file, relative to the folder of the templates.
        let file: String
        let template: ExportedTemplate
        let modelConfig: JSONValue?
        let responseFormat: JSONValue?
        /// The warnings that its text would give, which are turned off: it is registered so.
        var silenced: Set<String> = []

        /// The template's file, relative to the export's folder.
        package var path: String { "\(JobExport.promptsFolder)/\(file)" }
    }

    /// A prompt that cannot be expressed as a job.
    package struct LeftOutPrompt: Hashable, Sendable {
        /// The full name.
        package let fullName: String
        /// Why, as a sentence without its full stop.
        package let reason: String
    }

    /// The job's name: that of the job that registered all prompts, so that no run takes them from it.
    package var job: String {
        if let givenName { return givenName }
        let jobs = Set(entries.compactMap(\.prompt.job))
        guard let job = jobs.first, jobs.count == 1, TextPattern.jobName.problem(job) == nil else {
            return name
        }
        return job
    }
    /// The name of the spec.
    package var name: String { givenName ?? Self.name(in: schema) }
    /// The spec, relative to the export's folder.
    package var specPath: String { "jobs/\(name).yaml" }
    /// The prompts, by their names.
    package private(set) var entries: [Entry] = []
    /// The prompts that cannot be expressed as a job.
    package private(set) var leftOut: [LeftOutPrompt] = []

    /// Whether the settings of prompts are written into their files, where these can have front matter.
    package var usesFrontMatter = false

    static let promptsFolder = "prompts"
    private let registry: String
    private let schema: QualifiedName.Schema?
    private let givenName: String?
    private let prefix: String

    /// Exports prompts.
    ///
    /// - Parameters:
    ///   - prompts: The prompts of one schema.
    ///   - registry: The registry, as the job names it.
    ///   - schema: The schema; nil where names have none.
    ///   - name: The job's name; nil takes that of the job that registered all prompts, else the schema's.
    package init(
        of prompts: [RegisteredPrompt], registry: String, schema: QualifiedName.Schema?, name: String? = nil
    ) {
        givenName = name
        self.registry = registry
        self.schema = schema
        let sorted = prompts.sorted { $0.fullName < $1.fullName }
        let names = sorted.map { schema == nil ? $0.fullName : QualifiedName($0.fullName).name }
        prefix = Self.prefix(of: names)
        let keys = names.map { String($0.dropFirst(prefix.count)) }
        let templates = sorted.map { prompt in
            Result { () throws(ExportProblem) in try ExportedTemplate(of: prompt.content) }
        }
        let files = ExportFileNames.names(
            for: zip(keys, zip(sorted, templates)).map { key, prompt in
                let isJinja = (try? prompt.1.get())?.syntax == .jinja2
                return (key, prompt.0.content.kind == .chat ? ".chat.yaml" : isJinja ? ".j2" : ".md")
            })
        for (index, prompt) in sorted.enumerated() {
            do throws(ExportProblem) {
                if let problem = TextPattern.promptName.problem(keys[index]) {
                    throw ExportProblem(reason: problem)
                }
                entries.append(
                    Entry(
                        name: keys[index], prompt: prompt, file: files[index],
                        template: try templates[index].get(),
                        modelConfig: try Self.object(prompt.content.modelConfig, "model_config"),
                        responseFormat: try Self.object(prompt.content.responseFormat, "response_format")))
            } catch {
                leaveOut(prompt.fullName, error.reason)
            }
        }
    }

    /// What a job of the prompts of a schema is called.
    package static func name(in schema: QualifiedName.Schema?) -> String { schema?.name ?? "prompts" }

    /// Why a job cannot have a name; nil when it can.
    package static func problem(withName name: String) -> String? { TextPattern.jobName.problem(name) }

    /// Why a tag cannot be set by a job, as the rest of a sentence that begins with the tag; nil when it can.
    package static func problem(withTag key: String, value: String) -> String? {
        if NameRules.problem(withJobTagKey: key) != nil { return "has a key that a job cannot name" }
        let limit = TemplateLoader.characterLimit
        return value.unicodeScalars.count > limit ? "has more than \(limit) characters" : nil
    }

    /// The default prefix if all names have it and are valid without it, else none.
    private static func prefix(of names: [String]) -> String {
        let usual = NameRules.usualPrefix
        let fits = names.allSatisfy {
            $0.hasPrefix(usual) && TextPattern.promptName.problem(String($0.dropFirst(usual.count))) == nil
        }
        return fits ? usual : ""
    }

    /// JSON that a registry stores, for the spec.
    private static func object(_ json: String?, _ what: String) throws(ExportProblem) -> JSONValue? {
        guard let json else { return nil }
        // The spec has four levels above it.
        let limits = DocumentLimits(maxDepth: DocumentLimits().maxDepth - 4)
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: json, limits: limits)
        } catch {
            throw ExportProblem(reason: "its \(what) is not JSON that a job can hold: \(error.message)")
        }
        guard case .object(let members) = value else {
            throw ExportProblem(reason: "its \(what) is not a JSON object")
        }
        if members.isEmpty { throw ExportProblem(reason: "its \(what) is empty, which in a job means none") }
        return value
    }

    // MARK: Files

    /// A file, relative to the export's folder.
    package struct File: Hashable, Sendable {
        /// The path.
        package let path: String
        /// What it holds.
        package let text: String
    }

    /// The files: the templates, then the spec.
    package var files: [File] {
        let withAliases = shared(\.aliases) == nil
        return entries.map { entry in
            let header = usesFrontMatter ? entry.frontMatter(withAliases: withAliases) : ""
            return File(path: entry.path, text: header + entry.template.text)
        } + [File(path: specPath, text: specText)]
    }

    private var specText: String {
        let aliases = shared(\.aliases)
        var spec: JSONValue = [
            "version": JSONValue(1), "job": .text(job), "registry": .text(registry),
        ]
        spec["catalog"] = schema.map { .string($0.catalog) }
        spec["schema"] = schema.map { .string($0.name) }
        if prefix.isEmpty { spec["name_prefix"] = .string("") }
        spec["aliases"] = aliases.map(JSONValue.texts)
        spec["prompts_dir"] = .string("../\(Self.promptsFolder)")
        if let experiments = shared(\.experiments),
            experiments.allSatisfy({ TextPattern.identifier.problem($0) == nil })
        {
            spec["experiment"] = .texts(experiments)
        }
        let job = job
        spec["prompts"] = .object(
            entries.map { entry in
                let isInFile = usesFrontMatter && entry.mayHaveFrontMatter
                // What is another job's is this one's once it has run.
                let isAdopted = ![nil, job].contains(entry.prompt.job)
                return .init(
                    entry.name,
                    entry.value(withAliases: aliases == nil, isInFile: isInFile, isAdopted: isAdopted))
            })
        return spec.readableYAMLText
    }

    /// A list that all prompts have; nil when they differ, or have none.
    private func shared(_ list: KeyPath<RegisteredPrompt, [String]>) -> [String]? {
        guard let first = entries.first?.prompt[keyPath: list], !first.isEmpty else { return nil }
        return entries.allSatisfy { $0.prompt[keyPath: list] == first } ? first : nil
    }

    // MARK: Leaving out

    /// Leaves out the prompts that the loader rejects once they are written.
    ///
    /// - Parameters:
    ///   - found: The loader's diagnostics.
    ///   - folder: The folder that the files were written to.
    /// - Returns: The errors that concern no prompt.
    package mutating func leaveOut(_ found: DiagnosticList, writtenTo folder: String) -> [Diagnostic] {
        var others: [Diagnostic] = []
        var reasons: [String: String] = [:]
        let names = PromptPlaces(of: self, specText: specText, folder: folder)
        for diagnostic in found.sorted where diagnostic.severity == .error {
            guard let name = names.prompt(at: diagnostic.location) else {
                others.append(diagnostic)
                continue
            }
            let message = diagnostic.message.replacing(folder + "/", with: "")
            if reasons[name] == nil { reasons[name] = message }
        }
        for (name, reason) in reasons.sorted(by: { $0.key < $1.key }) { leaveOut(name, reason) }
        entries.removeAll { reasons[$0.prompt.fullName] != nil }
        return others
    }

    /// Turns off the warnings that the loader gives for prompts once they are written, as these are what is registered.
    ///
    /// - Parameters:
    ///   - found: The loader's diagnostics.
    ///   - folder: The folder that the files were written to.
    /// - Returns: Whether there were any that were not.
    package mutating func silence(_ found: DiagnosticList, writtenTo folder: String) -> Bool {
        let names = PromptPlaces(of: self, specText: specText, folder: folder)
        var codes: [String: Set<String>] = [:]
        for warning in found.diagnostics where WarningSettings.codes.contains(warning.code.rawValue) {
            guard warning.severity == .warning, let name = names.prompt(at: warning.location) else {
                continue
            }
            codes[name, default: []].insert(warning.code.rawValue)
        }
        let before = entries.map(\.silenced)
        for index in entries.indices {
            entries[index].silenced.formUnion(codes[entries[index].prompt.fullName] ?? [])
        }
        return entries.map(\.silenced) != before
    }

    /// Records a prompt that is not in the job.
    ///
    /// - Parameters:
    ///   - fullName: The full name.
    ///   - reason: Why, as a sentence without its full stop.
    package mutating func leaveOut(_ fullName: String, _ reason: String) {
        leftOut.append(LeftOutPrompt(fullName: fullName, reason: reason))
    }
}

/// Finds the prompt that a place in an exported job belongs to.
private struct PromptPlaces {
    private let spec: String
    /// The line on which each prompt begins in the spec, from the top down.
    private var lines: [(line: Int, name: String)] = []
    private var files: [String: String] = [:]

    init(of export: JobExport, specText: String, folder: String) {
        spec = "\(folder)/\(export.specPath)"
        let keys = parseYAML(Array(specText.utf8), file: spec).root?["prompts"]?.entries ?? []
        for (entry, key) in zip(export.entries, keys) {
            lines.append((key.keyLocation.line, entry.prompt.fullName))
            files["\(folder)/\(entry.path)"] = entry.prompt.fullName
        }
    }

    /// The full name of the prompt; nil if the place belongs to none.
    func prompt(at location: SourceLocation?) -> String? {
        guard let location else { return nil }
        if location.file != spec { return files[location.file] }
        return lines.last { $0.line <= location.line }?.name
    }
}

extension JSONValue {
    /// A text that a spec leaves as it is.
    static func text(_ text: String) -> JSONValue { JSONValue.string(text).withoutInterpolation }

    /// Texts that a spec leaves as they are.
    fileprivate static func texts(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.text)) }

    /// The value with its texts escaped, so that nothing in them is interpolated.
    var withoutInterpolation: JSONValue {
        switch self {
        case .string(let text): .string(Interpolation.escaped(text))
        case .array(let items): .array(items.map(\.withoutInterpolation))
        case .object(let members): .object(members.map { .init($0.key, $0.value.withoutInterpolation) })
        default: self
        }
    }
}
