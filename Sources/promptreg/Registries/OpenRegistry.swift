import FileRegistry
import Prompts
import RemoteRegistry

/// What there is to reach a registry with, besides its address.
struct RegistryAccess {
    let environment: [String: String]
    /// Until when a run goes on trying.
    let deadline: RunDeadline
    /// Whether credentials may cross a network in plain text.
    let allowsInsecureHTTP: Bool
    let console: Console

    /// Tells of every request that was sent; nil when nobody wants to know.
    fileprivate var onAttempt: (@Sendable (HTTPAttempt) -> Void)? {
        guard console.isVerbose else { return nil }
        return { [console] attempt in
            let milliseconds = Int(attempt.duration / .milliseconds(1))
            let status = attempt.status.map { "\($0)" } ?? "no answer"
            let subject = attempt.subject.map { " \($0)" } ?? ""
            console.detail("\(attempt.method) \(attempt.path)\(subject): \(status), \(milliseconds) ms")
        }
    }
}

extension RegistryAddress {
    /// The registry at this address.
    ///
    /// - Parameter access: What to reach it with.
    /// - Returns: The registry; it is not asked anything yet.
    /// - Throws: `RegistryError` when the environment's settings cannot be used.
    func open(_ access: RegistryAccess) throws(RegistryError) -> any PromptRegistry {
        switch self {
        case .file(let path):
            return FileRegistry(path: path)
        case .server(let url):
            return try MLflowServerRegistry(
                url: url, environment: access.environment, deadline: access.deadline,
                allowsInsecure: access.allowsInsecureHTTP, onAttempt: access.onAttempt)
        case .unityCatalog(let profile):
            return try UnityCatalogRegistry(
                profile: profile, environment: access.environment, deadline: access.deadline,
                allowsInsecure: access.allowsInsecureHTTP, onAttempt: access.onAttempt)
        }
    }

    /// What finds out whether the registry at this address can be used.
    ///
    /// - Parameter access: What to reach it with.
    /// - Returns: The examination; nothing is asked yet.
    /// - Throws: `RegistryError` when the address cannot be used.
    func examination(_ access: RegistryAccess) throws(RegistryError) -> any ExaminableRegistry {
        switch self {
        case .file(let path):
            return FileRegistryExamination(path: path)
        case .server(let url):
            return try MLflowServerExamination(
                url: url, environment: access.environment, deadline: access.deadline,
                allowsInsecure: access.allowsInsecureHTTP, onAttempt: access.onAttempt)
        case .unityCatalog(let profile):
            return try UnityCatalogExamination(
                profile: profile, environment: access.environment, deadline: access.deadline,
                allowsInsecure: access.allowsInsecureHTTP, onAttempt: access.onAttempt)
        }
    }
}
