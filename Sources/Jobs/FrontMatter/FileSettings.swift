import Diagnostics
import Support
import YAML

/// What a template file says of its own prompt, as the keys of a job's entry for it.
struct FileSettings {
    /// The settings, at their places in the file.
    var entries: [YAMLEntry] = []
    /// What is wrong with them, and which keys have no place in a job.
    private(set) var diagnostics: [Diagnostic] = []

    /// The keys of a job's prompt that a file may have too.
    private static let fields = [
        "description", "variables", "tags", "model_config", "response_format", "tools", "aliases", "syntax",
    ].compactMap(JobShape.prompt.field)

    /// The keys under which the settings of a model may stand without `model_config`.
    private static let modelKeys = JobShape.modelConfig.fields.map(\.key)

    /// What the settings stand in.
    enum Kind {
        /// The front matter of a file.
        case frontMatter(TemplateDialect)
        /// A file, beside its messages.
        case document

        var name: String { if case .document = self { "the file" } else { "the front matter" } }

        /// The keys that say what the file is, and nothing of what is sent: a prompt has no place for them, nor need for one.
        var descriptions: [String] {
            switch self {
            // https://google.github.io/dotprompt/reference/frontmatter
            case .frontMatter(.dotprompt): ["name", "variant", "version"]
            // https://github.com/microsoft/prompty/blob/main/Prompty.yaml, and the model of its second version
            case .frontMatter(.prompty): ["$schema", "name", "displayName", "version", "authors", "metadata"]
            case .frontMatter(.plain): []
            // GitHub Models has a prompt's tests in its file
            case .document: ["$schema", "name", "version", "metadata", "testData", "evaluators"]
            }
        }

        /// The keys with which files of Markdown often describe themselves. Some of them might be meant for the prompt, so
        /// that it is told that they are left out.
        var metadata: [String] {
            guard case .frontMatter = self else { return [] }
            return [
                "$schema", "author", "authors", "created", "date", "id", "lang", "language", "lastmod",
                "license",
                "name", "status", "title", "updated", "version",
            ]
        }

        /// Whether a key is one with which dotprompt has more than prompts do; extensions have a name space in theirs.
        func isExtension(_ key: String) -> Bool {
            guard case .frontMatter(.dotprompt) = self else { return false }
            return key == "metadata" || key == "ext" || key.contains(".")
        }
    }

    /// Whether a file may have a key of a job's prompt.
    static func isSetting(_ key: String) -> Bool { fields.contains { $0.key == key } }

    /// Whether a file may have a key, of its own or of one of the formats.
    static func isKnown(_ key: String) -> Bool {
        let formats = ["config", "input", "inputs", "output", "outputs", "model", "sample", "authors"]
        return (fields.map(\.key) + modelKeys + formats).contains(key)
    }

    private let kind: Kind
    /// The keys that say nothing of the prompt, and those that are like none that is known.
    private var (metadata, unknown): ([YAMLEntry], [YAMLEntry]) = ([], [])
    private let shape: ObjectShape
    /// The settings of the model that do not stand under `model_config`.
    var modelConfig: [YAMLEntry] = []
    /// The variables that a template need not use.
    var optionalVariables: Set<String> = []
    /// Whether the variables are values that may have members, so that `user` stands for `user.name`, too.
    var declaresRoots = false
    /// Whether the variables are those that a sample has values for.
    var isSampled = false
    /// Where the file says what, for whoever writes it back.
    var origins = FileOrigins()
    /// Whether the text is for a model that completes text, so that it has no roles.
    var isCompletion = false

    /// Reads the settings of a file.
    ///
    /// - Parameters:
    ///   - root: The file's mapping.
    ///   - kind: What that is.
    init(of root: YAMLNode, as kind: Kind = .frontMatter(.plain)) {
        self.kind = kind
        shape = ObjectShape(what: kind.name, fields: Self.fields)
        for entry in root.entries ?? [] where entry.value.value != .null { add(entry) }
        reportUnknown()
        if let first = modelConfig.first {
            let own = entries.firstIndex { $0.key == "model_config" }
            let value = YAMLNode(value: .mapping(modelConfig), location: first.keyLocation)
            if let own {
                for entry in entries[own].value.entries ?? [] {
                    origins.model[entry.key] = ["model_config", entry.key]
                }
                entries[own].value = entries[own].value.filled(from: value)
            } else {
                entries.append(first.with(key: "model_config", value: value))
            }
        }
        check(at: root.location)
    }

    /// Checks the settings against what a job's prompt may have. A slip is reported once, and not by all that follows
    /// from it.
    private mutating func check(at location: SourceLocation) {
        var findings = mismatches(at: location)
        if !findings.isEmpty {
            var correction = KeyCorrection()
            entries = correction.correct(node(at: location), .object(shape)).entries ?? []
            findings = correction.diagnostics + mismatches(at: location)
        }
        diagnostics += findings
    }

    private func mismatches(at location: SourceLocation) -> [Diagnostic] {
        var checker = ShapeChecker()
        checker.check(node(at: location), .object(shape), key: shape.what)
        return checker.diagnostics
    }

    /// The settings as a mapping.
    func node(at location: SourceLocation) -> YAMLNode {
        YAMLNode(value: .mapping(entries), location: location)
    }

    private mutating func add(_ entry: YAMLEntry) {
        switch entry.key {
        case _ where kind.descriptions.contains(entry.key): break
        case _ where kind.isExtension(entry.key): leaveOut(entry)
        case "tags" where entry.value.items != nil:
            leaveOut(
                entry, nil, "a prompt's tags have values", help: "write a mapping, such as {team: platform}")
        case "variables" where entry.value.entries != nil:
            origins.variables = (["variables"], .keys)
            entries.append(entry.with(key: "variables", value: entry.value.keys))
        case _ where addForeign(entry): break
        case _ where shape.field(entry.key) != nil: entries.append(entry)
        case _ where Self.modelKeys.contains(entry.key):
            origins.model[entry.key] = [entry.key]
            modelConfig.append(entry)
        case _ where kind.metadata.contains(entry.key): metadata.append(entry)
        default:
            guard let near = didYouMean(entry.key, in: known) else { return unknown.append(entry) }
            diagnostics.append(
                entry.keyWarning(
                    .unknownKey, "unknown key '\(entry.key)' in \(shape.what), which is left out", help: near)
            )
        }
    }

    private var known: [String] { shape.fields.map(\.key) + Self.modelKeys }

    /// Reports keys that nothing is known to be meant by: once for all of them, as a folder may hold thousands of such files.
    private mutating func reportUnknown() {
        if let first = metadata.first {
            diagnostics.append(
                .note(
                    .unmappedKey, "left out, as it describes the file: \(metadata.quotedKeys)",
                    at: first.keyLocation, length: first.keyLength))
        }
        if let first = unknown.first {
            let (keys, are) = unknown.count == 1 ? ("key", "is") : ("keys", "are")
            diagnostics.append(
                first.keyWarning(
                    .unknownKey,
                    "unknown \(keys) \(unknown.quotedKeys) in \(shape.what), which \(are) left out",
                    help: help))
        }
    }

    private var help: String {
        if case .document = kind { return "the keys are messages, \(known.joined(separator: ", "))" }
        return "front_matter: drop in the job leaves all of it out unread"
    }

    /// Warns of a key that no prompt can hold.
    ///
    /// - Parameters:
    ///   - entry: The key.
    ///   - path: The keys that lead to it, where it is not an outermost one.
    ///   - reason: Why.
    ///   - help: What to do about it.
    mutating func leaveOut(
        _ entry: YAMLEntry, _ path: String? = nil, _ reason: String = "a prompt has no place for it",
        help: String? = nil
    ) {
        diagnostics.append(
            entry.keyWarning(.unmappedKey, "'\(path ?? entry.key)' is left out: \(reason)", help: help))
    }

    /// Says that only the names below a key count. Most files of its format have it, so that this is no warning.
    ///
    /// - Parameters:
    ///   - entry: The key.
    ///   - reason: Why.
    mutating func leaveOutValues(of entry: YAMLEntry, _ reason: String) {
        diagnostics.append(
            .note(
                .unmappedKey, "the values of '\(entry.key)' are left out: \(reason)", at: entry.keyLocation,
                length: entry.keyLength))
    }
}

extension Diagnostic.Code {
    /// A key of a template file that says what no prompt can hold.
    static let unmappedKey = Self(rawValue: "unmapped-key")
}

extension [YAMLEntry] {
    /// The keys in a sentence.
    fileprivate var quotedKeys: String { map { "'\($0.key)'" }.listed(10) }
}

extension YAMLEntry {
    /// The entry under another key, at its own place.
    func with(key: String, value: YAMLNode) -> YAMLEntry {
        YAMLEntry(key: key, keyLocation: keyLocation, keyLength: keyLength, value: value)
    }
}

extension YAMLNode {
    /// The keys of a mapping as a list of texts, at their places.
    var keys: YAMLNode {
        let texts = (entries ?? []).map {
            YAMLNode(value: .string($0.key), location: $0.keyLocation, length: $0.keyLength)
        }
        return YAMLNode(value: .sequence(texts), location: location)
    }

    /// A mapping with what another one has besides; `tags` and `model_config` are filled in key by key.
    func filled(from other: YAMLNode) -> YAMLNode {
        guard case .mapping(var own) = value, let more = other.entries else { return self }
        for entry in more {
            guard let index = own.firstIndex(where: { $0.key == entry.key }) else {
                own.append(entry)
                continue
            }
            if entry.key == "tags" || entry.key == "model_config" {
                own[index].value = own[index].value.filled(from: entry.value)
            }
        }
        return YAMLNode(value: .mapping(own), location: location, length: length)
    }
}
