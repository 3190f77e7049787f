import Prompts
import Support
import YAML

/// A `meta.yaml`, of a prompt or of a version, with all its keys, known or not.
struct MetaFile {
    /// Where it is, for messages.
    let path: String
    private var fields: JSONValue

    init(parsing bytes: ArraySlice<UInt8>, path: String) throws(RegistryError) {
        self.path = path
        do {
            fields = try JSONValue(parsingYAML: Array(bytes))
        } catch {
            throw RegistryError.corrupt(path, "cannot be parsed: line \(error.place.line): \(error.message)")
        }
        guard case .object = fields else { throw RegistryError.corrupt(path, "is not a mapping") }
    }

    /// What MLflow writes for a new prompt.
    init(newPrompt name: String, description: String?, at now: Int) {
        path = ""
        fields = [
            Key.aliases: [:],
            Key.created: JSONValue(now),
            "deployment_job_id": .null,
            "deployment_job_state": .null,
            Key.description: JSONValue(description),
            Key.updated: JSONValue(now),
            Key.name: .string(name),
            "workspace": .string("default"),
        ]
    }

    /// What MLflow writes for a new version of a prompt.
    init(newVersion number: Int, of name: String, description: String?, at now: Int) {
        path = ""
        fields = [
            Key.created: JSONValue(now),
            Key.stage: .string("None"),
            "deployment_job_state": .null,
            Key.description: JSONValue(description),
            Key.updated: JSONValue(now),
            "model_id": .null,
            Key.name: .string(name),
            "run_id": .null,
            "run_link": .null,
            "source": .string("dummy-source"),
            "status": .string("READY"),
            "status_message": .null,
            "storage_location": .string("dummy-source"),
            "user_id": .null,
            Key.version: JSONValue(number),
            "workspace": .string("default"),
        ]
    }

    private enum Key {
        static let aliases = "aliases"
        static let created = "creation_timestamp"
        static let description = "description"
        static let name = "name"
        static let stage = "current_stage"
        static let updated = "last_updated_timestamp"
        static let version = "version"
    }

    var text: String { fields.yamlText }

    /// The description; nil when there is none.
    func description() throws(RegistryError) -> String? {
        switch fields[Key.description] {
        case nil, .null?: nil
        case .string(let text)?: text
        default: throw RegistryError.corrupt(path, "has a description that is not text")
        }
    }

    /// The creation time, in milliseconds since 1970; nil where the file has none before the year 10000.
    var createdAt: Int? {
        guard case .number(let text)? = fields[Key.created], let time = Int(text),
            0..<253_402_300_800_000 ~= time
        else { return nil }
        return time
    }

    /// Who made the version; nil where the file does not say.
    var createdBy: String? {
        guard case .string(let text)? = fields["user_id"], !text.isEmpty else { return nil }
        return text
    }

    /// Whether this is of a deleted version; MLflow keeps its folder, so that the number stays taken.
    var isDeleted: Bool { fields[Key.stage] == Self.deleted }

    /// Marks a version as deleted.
    mutating func setDeleted(at time: Int) {
        fields[Key.stage] = Self.deleted
        setLastUpdated(time)
    }

    private static let deleted = JSONValue.string("Deleted_Internal")

    /// Checks that the file belongs to the folder that it is in: MLflow goes by the file.
    func check(name: String, version: Int? = nil) throws(RegistryError) {
        guard fields[Key.name] == .string(name) else {
            throw RegistryError.corrupt(path, "does not have the name of its folder, '\(name)'")
        }
        guard let version else { return }
        if ![JSONValue(version), .string(String(version))].contains(fields[Key.version]) {
            throw RegistryError.corrupt(path, "does not have the version of its folder, \(version)")
        }
    }

    mutating func setLastUpdated(_ time: Int) { fields[Key.updated] = JSONValue(time) }

    /// Whether the file has a copy of the prompt's aliases. MLflow adds one whenever it writes the file, and reads only
    /// the aliases' own files.
    var hasAliases: Bool {
        guard case .object(let members)? = fields[Key.aliases] else { return false }
        return !members.isEmpty
    }

    /// Updates the copy of the aliases.
    mutating func setAliases(_ aliases: [String: Int]) {
        let sorted = aliases.sorted { $0.key < $1.key }
        fields[Key.aliases] = .object(sorted.map { .init($0.key, .string(String($0.value))) })
    }

    mutating func setDescription(_ description: String) { fields[Key.description] = .string(description) }
}
