import Glibc
package import Prompts
import Support
import YAML

extension TraceFolders {
    /// What traces can belong to in a file store.
    package enum Owner: Hashable, Sendable {
        /// A run, by its id.
        case run(String)
        /// A logged model, by its id.
        case model(String)

        fileprivate var id: String {
            switch self {
            case .run(let id), .model(let id): id
            }
        }

        fileprivate var noun: String {
            switch self {
            case .run: "run"
            case .model: "logged model"
            }
        }
    }

    /// Changes a tag of a run or a logged model as MLflow's own store would, and sets params that are not set.
    ///
    /// - Parameters:
    ///   - key: The tag's key.
    ///   - owner: The run or the logged model.
    ///   - params: Params of a run; those of a run that has the first are left as they are.
    ///   - change: Gives the new value for the old one; nil leaves it.
    /// - Throws: `RegistryError`, with `.notFound` where there is no such run or model.
    package func changeTag(
        _ key: String, of owner: Owner, params: [(String, String)] = [],
        _ change: (String?) -> String?
    ) async throws(RegistryError) {
        let lock = try await takeLock()
        defer { lock.release() }
        // MLflow's ids are letters and digits; anything else may be a way to another folder.
        let isName = owner.id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isName, !owner.id.isEmpty, let folder = try folder(of: owner) else {
            throw RegistryError(.notFound, "there is no \(owner.noun) '\(owner.id)' in '\(layout.root)'")
        }
        let tags = try fileSystem.makeAndOpenFolder(RegistryLayout.tagsFolder, in: folder)
        var buffer = FileBuffer()
        let hasTag = try fileSystem.read(key, in: tags, into: &buffer) == .file
        if let value = change(hasTag ? String(decoding: buffer.bytes, as: UTF8.self) : nil) {
            try replace(key, in: tags, with: value)
        }
        guard case .run = owner, let first = params.first else { return }
        let files = try fileSystem.makeAndOpenFolder("params", in: folder)
        guard try !fileSystem.exists(first.0, in: files) else { return }
        for (key, value) in params where try !fileSystem.exists(key, in: files) {
            try fileSystem.write(value, to: key, in: files)
        }
    }

    /// The folder of an owner that was not deleted, wherever its experiment is; nil where there is none.
    private func folder(of owner: Owner) throws(RegistryError) -> Folder? {
        let root = try openRoot()
        for id in try fileSystem.entries(of: root).map(\.name) where Self.isID(id) {
            guard let experiment = try fileSystem.folder(id, in: root) else { continue }
            var found: Folder?
            switch owner {
            case .run(let id): found = try fileSystem.folder(id, in: experiment)
            case .model(let id):
                if let models = try fileSystem.folder(RegistryLayout.modelsFolder, in: experiment) {
                    found = try fileSystem.folder(id, in: models)
                }
            }
            guard let found else { continue }
            var buffer = FileBuffer()
            guard try fileSystem.read(RegistryLayout.metaFile, in: found, into: &buffer) == .file,
                let meta = try? JSONValue(parsingYAML: Array(buffer.bytes)),
                meta["lifecycle_stage"] ?? .string("active") == .string("active")
            else { continue }
            return found
        }
        return nil
    }

    /// Writes a file whole, in place of the one that is there.
    private func replace(_ name: String, in folder: borrowing Folder, with text: String) throws(RegistryError)
    {
        let staging = try fileSystem.makeAndOpenFolder(layout.staging)
        let staged = RegistryLayout.stagedPrefix + String(UInt64.random(in: .min ... .max), radix: 36)
        do throws(RegistryError) {
            try fileSystem.write(text, to: staged, in: staging)
            try fileSystem.replace(name, in: folder, with: staged, from: staging)
        } catch {
            _ = try? fileSystem.removeFile(staged, in: staging)
            throw error
        }
        // What a run that died left in it stays for the next one.
        _ = rmdir(layout.staging)
    }
}
