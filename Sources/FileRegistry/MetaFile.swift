import Prompts
import Support
import YAML

/// A `meta.yaml`, of a prompt or of a version, with all the keys that anybody put in it.
struct MetaFile {
    /// Where it is, for messages.
    let path: String
    private var fields: JSONValue

    /// Reads a file's bytes.
    init(parsing bytes: ArraySlice<UInt8>, path: String) throws(RegistryError) {
        self.path = path
        do {
            fields = try JSONValue(parsingYAML: Array(bytes))
        } catch {
            throw Corruption.meta(path, "line \(error.place.line): \(error.message)")
        }
        guard case .object = fields else { throw Corruption.meta(path, "it holds no keys") }
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

    /// The file's content.
    var text: String { fields.yamlText }

    /// The description; nil when there is none.
    func description() throws(RegistryError) -> String? {
        switch fields[Key.description] {
        case nil, .null?: nil
        case .string(let text)?: text
        default: throw Corruption.meta(path, "its description is no text")
        }
    }

    /// When the thing was made, in milliseconds since 1970; nil when the file does not say.
    var createdAt: Int? {
        guard case .number(let text)? = fields[Key.created], let time = Int(text), 0...Self.latestTime ~= time
        else { return nil }
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
            throw Corruption.meta(path, "its name is not '\(name)', as its folder says")
        }
        if let version, fields[Key.version] != JSONValue(version),
            fields[Key.version] != .string(String(version))
        {
            throw Corruption.meta(path, "its version is not \(version), as its folder says")
        }
    }

    /// Notes when a prompt changed, as MLflow does after each change.
    mutating func noteChange(at now: Int) { fields[Key.updated] = JSONValue(now) }

    /// Whether there is a copy of the prompt's aliases in the file. MLflow makes one whenever it writes the file,
    /// though it reads only the aliases' own files.
    var hasAliases: Bool {
        guard case .object(let members)? = fields[Key.aliases] else { return false }
        return !members.isEmpty
    }

    /// Brings the copy of the aliases up to date.
    mutating func setAliases(_ aliases: [String: Int]) {
        let sorted = aliases.sorted { $0.key < $1.key }
        fields[Key.aliases] = .object(sorted.map { .init($0.key, .string(String($0.value))) })
    }

    /// Sets the description.
    mutating func setDescription(_ description: String) { fields[Key.description] = .string(description) }
}
