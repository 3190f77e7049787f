import FileRegistry
import HTTP
import Health
import MLflowServer
import Prompts
import UnityCatalog

/// What is needed to reach a registry, besides its address.
struct RegistryAccess {
    let environment: [String: String]
    /// Until when a run retries.
    let deadline: RunDeadline
    /// Whether credentials may cross a network in plain text.
    let allowsInsecureHTTP: Bool
    let console: Console

    /// Called after every request; nil without --verbose.
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
    /// - Returns: The registry; nothing is sent yet.
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

    /// The check of whether the registry at this address can be used.
    ///
    /// - Parameter access: What to reach it with.
    /// - Returns: The check; nothing is sent yet.
    /// - Throws: `RegistryError` when the address cannot be used.
    func healthCheck(_ access: RegistryAccess) throws(RegistryError) -> any HealthCheck {
        switch self {
        case .file(let path):
            return FileRegistryCheck(path: path)
        case .server(let url):
            return try MLflowServerCheck(
                url: url, environment: access.environment, deadline: access.deadline,
                allowsInsecure: access.allowsInsecureHTTP, onAttempt: access.onAttempt)
        case .unityCatalog(let profile):
            return try UnityCatalogCheck(
                profile: profile, environment: access.environment, deadline: access.deadline,
                allowsInsecure: access.allowsInsecureHTTP, onAttempt: access.onAttempt)
        }
    }
}
