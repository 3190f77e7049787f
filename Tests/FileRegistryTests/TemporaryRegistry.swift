import Foundation
import Prompts
import Synchronization
import Testing

@testable import FileRegistry

/// A folder for one test, removed with all that is in it when the test is done with it.
final class TemporaryFolder: Sendable {
    let path: String

    /// A folder in memory where that is possible: the tests make and remove thousands of files.
    convenience init() throws {
        let memory = "/dev/shm"
        let isThere = access(memory, W_OK | X_OK) == 0
        try self.init(in: isThere ? memory : FileManager.default.temporaryDirectory.path)
    }

    init(in parent: String) throws {
        let template = parent + "/promptreg-test-XXXXXX"
        var bytes = Array(template.utf8CString)
        path = String(cString: try #require(mkdtemp(&bytes)))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A registry's folder, which does not exist at first, and the files in it.
final class TemporaryRegistry: Sendable {
    let folder: TemporaryFolder
    let root: String

    init() throws {
        folder = try TemporaryFolder()
        root = folder.path + "/mlruns"
    }

    /// The registry, opened anew.
    func open(fault: FileSystem.Fault? = nil) -> FileRegistry {
        FileRegistry(path: root, fileSystem: FileSystem(fault: fault))
    }

    /// Does something in a run of its own.
    @discardableResult
    func run<Value>(_ body: (FileRegistry) async throws -> Value) async throws -> Value {
        let registry = open()
        try await registry.beginRun(onWait: {})
        let value = try await body(registry)
        try await registry.endRun()
        return value
    }

    /// What a newly opened registry has of a prompt.
    func observe(_ name: String) async throws -> ObservedPrompt? { try await open().observe([name])[name] }

    /// The path of a file in the registry.
    func path(_ relative: String) -> String { root + "/" + relative }

    func read(_ relative: String) throws -> String {
        try String(contentsOfFile: path(relative), encoding: .utf8)
    }

    /// Writes a file, and the folders above it.
    func write(_ text: String, to relative: String) throws { try write(Array(text.utf8), to: relative) }

    func write(_ bytes: [UInt8], to relative: String) throws {
        let file = URL(fileURLWithPath: path(relative))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    func makeFolder(_ relative: String) throws {
        try FileManager.default.createDirectory(atPath: path(relative), withIntermediateDirectories: true)
    }

    func remove(_ relative: String) throws { try FileManager.default.removeItem(atPath: path(relative)) }

    func exists(_ relative: String) -> Bool { FileManager.default.fileExists(atPath: path(relative)) }

    /// The paths of all that is in a folder of the registry, sorted.
    func tree(_ relative: String = "") -> [String] {
        (FileManager.default.enumerator(atPath: path(relative))?.allObjects as? [String] ?? []).sorted()
    }

    /// Writes a prompt as MLflow does, with versions that were left, deleted, and left again.
    func writeMLflowPrompt(_ name: String = "m.s.prompt_old") throws {
        let model = "models/" + name
        try write(
            """
            aliases:
              production: '1'
            creation_timestamp: 1795255882160
            deployment_job_id: job-7
            deployment_job_state: null
            description: 'first

              line'
            last_updated_timestamp: 1795255882239
            name: \(name)
            owner_of_the_future: someone
            workspace: default

            """, to: model + "/meta.yaml")
        try write("true", to: model + "/tags/mlflow.prompt.is_prompt")
        try write(",0,", to: model + "/tags/_mlflow_experiment_ids")
        try write("1", to: model + "/aliases/production")
        for (number, stage) in [(1, "None"), (2, "None"), (3, "Deleted_Internal")] {
            let version = "\(model)/version-\(number)"
            try write(
                """
                creation_timestamp: \(1_795_255_882_160 + number)
                current_stage: \(stage)
                description: null
                last_updated_timestamp: 1795255882164
                name: \(name)
                source: dummy-source
                status: READY
                version: \(number)

                """, to: version + "/meta.yaml")
            try write("true", to: version + "/tags/mlflow.prompt.is_prompt")
            try write("text", to: version + "/tags/_mlflow_prompt_type")
            try write("Text \(number)\r\n", to: version + "/tags/mlflow.prompt.text")
            try write("v", to: version + "/tags/k/n")
        }
    }
}

extension VersionDraft {
    /// A version that has all that a version can have.
    static func full(_ text: String) -> VersionDraft {
        VersionDraft(
            content: PromptContent(
                kind: .text, template: text, modelConfig: #"{"temperature": 0.2}"#,
                responseFormat: #"{"type": "object"}"#),
            description: "why: 'it' \"changed\"\nat last", tags: ["team": "platform", "nested/key": "ü\r\n"])
    }

    static func text(_ text: String) -> VersionDraft {
        VersionDraft(content: PromptContent(kind: .text, template: text))
    }
}

/// The code of the `RegistryError` that `body` throws; nil when it throws none.
func errorCode(_ body: () async throws -> Void) async -> RegistryError.Code? {
    await error(body)?.code
}

/// The `RegistryError` that `body` throws; nil when it throws none.
func error(_ body: () async throws -> Void) async -> RegistryError? {
    do {
        try await body()
        return nil
    } catch let error as RegistryError {
        return error
    } catch {
        Issue.record("no RegistryError: \(error)")
        return nil
    }
}

/// A flag that closures of any task set.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    /// Counts on.
    ///
    /// - Returns: The new count.
    @discardableResult
    func add() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}

/// Paths that closures of any task collect.
final class Paths: Sendable {
    private let paths = Mutex<[String]>([])

    var all: [String] { paths.withLock { $0 } }

    func add(_ path: String) { paths.withLock { $0.append(path) } }
}
