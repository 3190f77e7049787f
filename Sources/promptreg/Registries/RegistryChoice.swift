import FileRegistry
import FoundationEssentials
import Jobs
import PromptClient
import Prompts

/// Which registry is worked on, and who named it.
struct RegistryChoice: Sendable {
    /// Where an address comes from.
    enum Origin: Hashable {
        /// The flag.
        case flag
        /// The job, or its target.
        case job(String, target: String?)
        /// A lock file.
        case lock(String)
        /// An environment variable.
        case variable(String)
        /// Nobody: it is the embedded one.
        case none
    }

    /// Where the registry is.
    let address: RegistryAddress
    /// Who says so.
    let origin: Origin

    /// The registry of a lock file.
    init(_ address: RegistryAddress, lockedBy path: String) {
        self.address = address
        origin = .lock(path)
    }

    /// Takes what the flag says, the target or job, the environment, else the embedded default.
    ///
    /// - Parameters:
    ///   - passed: The address that was passed.
    ///   - job: The job, where there is one.
    ///   - environment: The environment variables.
    /// - Throws: `RegistryError` with `.invalidAddress`.
    init(passed: String?, job: DesiredState?, environment: [String: String]) throws(RegistryError) {
        var folder = ProcessEnvironment.currentFolder
        let text: String
        if let passed {
            (text, origin) = (passed, .flag)
        } else if let job, let named = job.registry {
            (text, origin) = (named, .job(job.specPath, target: job.target))
            folder = Self.folder(of: job)
        } else {
            let variable: String?
            (text, variable) = RegistryAddress.configured(in: environment)
            origin = variable.map { .variable($0) } ?? .none
            // A job's prompts are in one place, whatever the current folder is.
            if variable == nil, let job { folder = Self.folder(of: job, holding: "jobs") }
        }
        do throws(RegistryError) {
            address = try RegistryAddress(text, relativeTo: folder) { path in
                (try? FileRegistryInspection(path: path))?.exists == true
            }
        } catch {
            var error = error
            if case .variable(let name) = origin { error.message += " (from \(name))" }
            throw error
        }
    }

    /// The folder of a job's spec, or the one that holds it where it has that name. It is resolved, so that '..' in an
    /// address means what it means to the file system.
    private static func folder(of job: DesiredState, holding name: String? = nil) -> String {
        let url = URL(filePath: job.specFolder.isEmpty ? "." : job.specFolder).resolvingSymlinksInPath()
        return (url.lastPathComponent == name ? url.deletingLastPathComponent() : url).path
    }

    /// Which registry it is, and who says so.
    var description: String {
        let named =
            switch origin {
            case .flag: "named by --registry"
            case .job(let path, target: nil): "named by the job \(path)"
            case .job(let path, let target?): "named by the job \(path) for its target \(target)"
            case .lock(let path): "named by the lock file \(path)"
            case .variable(let name): "named by \(name)"
            case .none: "the default, as no other registry is configured"
            }
        return "\(address.description), \(named)"
    }
}

extension RegistryAddress {
    /// Whether it is a folder.
    var isFolder: Bool { if case .file = self { true } else { false } }

    /// Whether it is a folder in which there is no registry yet.
    var isAbsentFolder: Bool {
        guard case .file(let path) = self else { return false }
        return (try? FileRegistryInspection(path: path))?.exists == false
    }

    /// Refuses a folder in which there is no registry, where one is read that something else made.
    ///
    /// - Throws: `RegistryError`.
    func checkPresence() throws(RegistryError) {
        guard isAbsentFolder else { return }
        throw RegistryError(
            .notARegistry, "there is no registry in \(description)",
            hint: "the first run of a job makes one; if there is one elsewhere, name it with --registry")
    }
}
