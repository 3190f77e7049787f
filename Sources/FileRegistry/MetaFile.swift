import Prompts
import YAML

/// A `meta.yaml`, of a prompt or of a version, with all the keys that anybody put in it.
struct MetaFile {
    /// Where it is, for messages.
    let path: String
    private var fields: YAMLValue

    /// Reads a file's bytes.
    init(parsing bytes: ArraySlice<UInt8>, path: String) throws(RegistryError) {
        self.path = path
        do {
            fields = try YAMLValue(parsing: Array(bytes))
        } catch {
            throw RegistryError.corrupt(path, "cannot be parsed: line \(error.line): \(error.message)")
        }
        guard case .mapping = fields else { throw RegistryError.corrupt(path, "is not a mapping") }
    }

    /// What MLflow writes for a new prompt.
    init(newPrompt name: String, description: String?, at now: Int) {
        path = ""
        fields = .mapping([
            YAMLPair(key: Key.aliases, value: .mapping([])),
            YAMLPair(key: Key.created, value: .int(now)),
            YAMLPair(key: "deployment_job_id", value: .null),
            YAMLPair(key: "deployment_job_state", value: .null),
            YAMLPair(key: Key.description, value: Self.text(description)),
            YAMLPair(key: Key.updated, value: .int(now)),
            YAMLPair(key: Key.name, value: .string(name)),
            YAMLPair(key: "workspace", value: .string("default")),
        ])
    }

    /// What MLflow writes for a new version of a prompt.
    init(newVersion number: Int, of name: String, description: String?, at now: Int) {
        path = ""
        fields = .mapping([
            YAMLPair(key: Key.created, value: .int(now)),
            YAMLPair(key: Key.stage, value: .string("None")),
            YAMLPair(key: "deployment_job_state", value: .null),
            YAMLPair(key: Key.description, value: Self.text(description)),
            YAMLPair(key: Key.updated, value: .int(now)),
            YAMLPair(key: "model_id", value: .null),
            YAMLPair(key: Key.name, value: .string(name)),
            YAMLPair(key: "run_id", value: .null),
            YAMLPair(key: "run_link", value: .null),
            YAMLPair(key: "source", value: .string("dummy-source")),
            YAMLPair(key: "status", value: .string("READY")),
            YAMLPair(key: "status_message", value: .null),
            YAMLPair(key: "storage_location", value: .string("dummy-source")),
            YAMLPair(key: "user_id", value: .null),
            YAMLPair(key: Key.version, value: .int(number)),
            YAMLPair(key: "workspace", value: .string("default")),
        ])
    }

    /// The end of the year 9999.
    private static let latestTime = 253_402_300_799_999

    private enum Key {
        static let aliases = "aliases"
        static let created = "creation_timestamp"
        static let description = "description"
        static let name = "name"
        static let stage = "current_stage"
        static let updated = "last_updated_timestamp"
        static let version = "version"
    }

    private static func text(_ text: String?) -> YAMLValue { text.map(YAMLValue.string) ?? .null }

    /// The file's content.
    var text: String { fields.yamlText }

    /// The description; nil when there is none.
    func description() throws(RegistryError) -> String? {
        switch fields[Key.description] {
        case nil, .null?: nil
        case .string(let text)?: text
        default: throw RegistryError.corrupt(path, "has a description that is not text")
        }
    }

    /// When the thing was made, in milliseconds since 1970; nil when the file does not say.
    var createdAt: Int? {
        guard case .int(let time)? = fields[Key.created], 0...Self.latestTime ~= time else { return nil }
        return time
    }

    /// Whether this is of a version that was deleted; MLflow keeps its folder, so that the number stays taken.
    var isDeleted: Bool { fields[Key.stage] == .string("Deleted_Internal") }

    /// Checks that the file is of the thing that its folder is named after.
    ///
    /// - Parameters:
    ///   - name: The prompt's name.
    ///   - version: The version's number; nil for the prompt itself.
    /// - Throws: `RegistryError` with `.corrupt`.
    func check(name: String, version: Int? = nil) throws(RegistryError) {
        // MLflow goes by these, not by the folders.
        guard fields[Key.name] == .string(name) else {
            throw RegistryError.corrupt(path, "does not have the name of its folder, '\(name)'")
        }
        if let version, fields[Key.version] != .int(version), fields[Key.version] != .string(String(version))
        {
            throw RegistryError.corrupt(path, "does not have the version of its folder, \(version)")
        }
    }

    /// Notes when a prompt changed, as MLflow does after each change.
    mutating func setLastUpdated(_ time: Int) { fields[Key.updated] = .int(time) }

    /// Whether there is a copy of the prompt's aliases in the file. MLflow makes one whenever it writes the file,
    /// though it reads only the aliases' own files.
    var hasAliases: Bool {
        guard case .mapping(let pairs)? = fields[Key.aliases] else { return false }
        return !pairs.isEmpty
    }

    /// Brings the copy of the aliases up to date.
    mutating func setAliases(_ aliases: [String: Int]) {
        let pairs = aliases.sorted { $0.key < $1.key }.map {
            YAMLPair(key: $0.key, value: .string(String($0.value)))
        }
        fields[Key.aliases] = .mapping(pairs)
    }

    /// Sets the description.
    mutating func setDescription(_ description: String) { fields[Key.description] = .string(description) }
}
