import Diagnostics
package import Prompts
import Support
import YAML

/// The versions that something else made and that a job's files are based on: `pull` notes them beside the spec.
///
/// A run may replace just these. It is committed with the files, so that what was pulled, changed and committed at once
/// is told from what was written without a look at the registry.
package struct PulledVersions: Hashable, Sendable {
    /// A version whose content was taken into the files.
    package struct Version: Hashable, Sendable {
        /// The prompt's full name.
        package var prompt: String
        /// The job's target, each of which has versions of its own; nil for a job without one.
        package var target: String?
        /// The version's number.
        package var number: Int
        /// The digest of its content.
        package var contentHash: String

        /// A version.
        package init(_ version: PromptVersion, of prompt: String, target: String?) {
            self.prompt = prompt
            self.target = target
            number = version.number
            contentHash = version.content.hash
        }

        fileprivate init?(_ node: YAMLNode) {
            guard let name = node["name"]?.text,
                let number = node["version"]?.wholeNumber.flatMap({ Int($0) }),
                let hash = node["content_hash"]?.text
            else { return nil }
            (prompt, target, self.number, contentHash) = (name, node["target"]?.text, number, hash)
        }

        /// Whether a version is this one.
        func isVersion(_ version: PromptVersion, number: Int) -> Bool {
            self.number == number && contentHash == version.content.hash
        }
    }

    /// The file, as it is shown to the user.
    package private(set) var path: String
    /// What the file holds; nil where there is none.
    package private(set) var text: String?
    private(set) var versions: [Version] = []

    /// The file's path beside a spec: `jobs/on_call.pulled.json` for `jobs/on_call.yaml`.
    static func path(beside spec: String) -> String {
        let name = spec.split(separator: "/").last ?? ""
        let ending = name.lastIndex(of: ".").map { name[$0...].utf8.count } ?? 0
        return spec.dropLast(ending) + ".pulled.json"
    }

    /// No versions.
    package init(beside spec: String) { path = Self.path(beside: spec) }

    /// Whether the files are based on a version.
    package func holds(_ number: Int, of prompt: String, target: String?) -> Bool {
        versions.contains { ($0.number, $0.prompt, $0.target) == (number, prompt, target) }
    }

    /// The file of these versions and of those that were taken now.
    ///
    /// - Parameter taken: The versions; each replaces the last one of its prompt and target.
    /// - Returns: The file; nil where it stays as it is.
    package func file(adding taken: [Version]) -> PulledFile? {
        guard !taken.allSatisfy(versions.contains) else { return nil }
        let kept = versions.filter { version in
            !taken.contains { $0.prompt == version.prompt && $0.target == version.target }
        }
        let all = (kept + taken).sorted { ($0.prompt, $0.target ?? "") < ($1.prompt, $1.target ?? "") }
        let entries = all.map { version in
            JSONValue.object(
                [
                    .init("name", .string(version.prompt)),
                    version.target.map { .init("target", .string($0)) },
                    .init("version", .number("\(version.number)")),
                    .init("content_hash", .string(version.contentHash)),
                ].compactMap(\.self))
        }
        let value = JSONValue.object([
            .init("schema_version", .number("1")), .init("prompts", .array(entries)),
        ])
        return PulledFile(path: path, old: text, new: value.document)
    }
}

extension PulledVersions {
    /// Reads the file, if there is one.
    ///
    /// - Parameter diagnostics: Gets what is wrong with it.
    mutating func read(_ diagnostics: inout DiagnosticList) {
        let remedy = "pull wrote it: delete it, and pull again"
        let folder = FilePath.folder(of: path)
        let name = path.split(separator: "/").last ?? ""
        let place = TextFile.resolved(folder.isEmpty ? "." : folder).map { $0 + "/" + name }
        do throws(TextFileError) {
            let text = try TextFile.text(of: path, limit: 8 << 20)
            // Pull would write through a link, and an error would show what is behind it.
            guard TextFile.resolved(path) == place else { throw TextFileError(reason: "is a symbolic link") }
            self.text = text
            diagnostics.addSource(text, path: path)
            let parsed = parseYAML(Array(text.utf8), file: path)
            var checker = ShapeChecker()
            let root = parsed.root ?? YAMLNode(value: .null, location: SourceLocation(file: path))
            if parsed.diagnostics.isEmpty { checker.check(root, .object(Self.shape), key: "the file") }
            for var problem in parsed.diagnostics + checker.diagnostics {
                problem.help = remedy
                diagnostics.add(problem)
            }
            versions = root["prompts"]?.items?.compactMap(Version.init) ?? []
        } catch {
            if error.isMissing { return }
            diagnostics.add(
                .error(
                    .unreadable, "'\(path)' \(error.reason)",
                    at: SourceLocation(file: path, at: error.position),
                    help: remedy))
        }
    }

    private static let shape = ObjectShape(
        what: "the file",
        fields: [
            Field("schema_version", .constant(1), "The version of this format.", isRequired: true),
            Field("prompts", .list(.object(version)), "The versions.", isRequired: true),
        ])

    private static let version = ObjectShape(
        what: "a version",
        fields: [
            Field("name", .text, "The prompt's full name.", isRequired: true),
            Field("target", .text, "The job's target."),
            Field(
                "version", .number(NumberRange(isWhole: true, minimum: 1)), "Its number.", isRequired: true),
            Field("content_hash", .text, "The digest of its content.", isRequired: true),
        ])
}

extension DesiredState {
    /// The files that the job is read from.
    package var files: [String] {
        [specPath] + (pulled.text == nil ? [] : [pulled.path]) + prompts.flatMap(\.files)
    }

    /// Whether `pull` took a version into the job's files.
    ///
    /// - Parameters:
    ///   - version: The version.
    ///   - prompt: The prompt; it may have had another name when its version was pulled.
    /// - Returns: Whether it did, for the target in use.
    package func hasPulled(_ version: PromptVersion, of prompt: DesiredPrompt) -> Bool {
        pulled.versions.contains { pulled in
            guard pulled.target == target else { return false }
            if pulled.prompt == prompt.fullName { return pulled.isVersion(version, number: version.number) }
            let origin = "\(pulled.prompt)/\(pulled.number)"
            return version.tags[ProvenanceTag.movedFrom] == origin
                && pulled.isVersion(version, number: pulled.number)
        }
    }
}
