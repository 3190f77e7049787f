import ArgumentParsing
import FoundationEssentials
import Glibc
import Jobs
import Prompts
import Reporting

/// A lock file that the command line names.
struct LockFile: Sendable {
    /// Its path.
    let path: String
    /// What it says.
    let lock: PromptLock

    /// The largest file of a bundle that is read, in bytes.
    private static let sizeLimit = 8 << 20

    /// The folder that its registry and files are relative to.
    private var folder: String { Self.folder(of: path) }

    private static func folder(of path: String) -> String {
        URL(filePath: path).resolvingSymlinksInPath().deletingLastPathComponent().path
    }

    /// Reads a lock file.
    ///
    /// - Parameter path: Its path.
    /// - Throws: `CommandFailure`.
    init(contentsOf path: String) throws(CommandFailure) {
        self.path = path
        lock = try PromptLock(
            contentsOf: path, "lock file", remedy: "write one with promptreg run --lock FILE")
        if let contradiction = lock.contradiction {
            throw CommandFailure(.invalidInput, "the lock file '\(path)' is damaged: \(contradiction)")
        }
    }

    /// The text of a lock file.
    ///
    /// - Parameters:
    ///   - lock: What it says, with the registry's address as it is.
    ///   - path: Where it will be; nil: in the current folder.
    ///   - address: The registry.
    /// - Returns: The text.
    static func text(_ lock: PromptLock, at path: String?, _ address: RegistryAddress) -> String {
        var lock = lock
        lock.registry = address.named(in: folder(of: path ?? ProcessEnvironment.currentFolder + "/-"))
        return LockFileJSON.render(lock)
    }

    /// Where the registry is: where the command line says, else where the lock file does.
    ///
    /// - Parameters:
    ///   - options: What the command line says.
    ///   - context: The command's context.
    /// - Returns: The place.
    /// - Throws: `CommandFailure`, also where only the lock file names a registry on another machine.
    func place(_ options: JobOptions, _ context: CommandContext) throws(CommandFailure) -> Place {
        if options.registry != nil || options.path != nil || options.needsJob {
            return try context.place(options)
        }
        let address: RegistryAddress
        do throws(RegistryError) {
            address = try RegistryAddress(lock.registry, relativeTo: folder)
        } catch {
            throw CommandFailure(error, .invalidInput)
        }
        if !address.isWorkspaceOfEnvironment {
            try context.checkNamed(address, in: path) { () throws(CommandFailure) in
                context.job(named: lock.job, target: lock.target)
            }
        }
        let place = Place(RegistryChoice(address, lockedBy: path))
        context.console.note("registry \(place.choice.description)")
        return place
    }

    /// The version of a prompt that lies in a bundle, beside the lock file.
    ///
    /// - Parameter prompt: The prompt.
    /// - Returns: The version; nil where the lock file is not that of a bundle.
    /// - Throws: `CommandFailure`, also where the files are not what was locked.
    func bundledVersion(of prompt: LockedPrompt) throws(CommandFailure) -> PromptVersion? {
        do throws(RegistryError) {
            return try prompt.bundledVersion { relative throws(RegistryError) in
                let file = "\(folder)/\(relative)"
                do throws(TextFileError) {
                    let bytes = try TextFile.bytes(of: file, limit: Self.sizeLimit)
                    return String(decoding: bytes, as: UTF8.self)
                } catch {
                    throw RegistryError(
                        .corrupt, "'\(file)' of the bundle \(error.reason)", hint: "bundle it again")
                }
            }
        } catch {
            throw CommandFailure(error, .invalidInput)
        }
    }
}

extension JobOptions {
    /// The lock file of a command that needs one.
    static func lock<Settings>(_ setting: Option<Settings>.Setting<String>) -> Option<Settings> {
        Option(
            Flag("lock", value: .file("FILE"), help: "The lock file, as run --lock or lock writes it"),
            setting, isRequired: true
        ) { $0 }
    }
}
