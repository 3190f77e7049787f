import ArgumentParsing
import Jobs
import Prompts
import RemoteRegistry

/// What the command line says of the registry to work on.
struct RegistrySettings: Sendable {
    /// The address that was passed; nil leaves it to the job and the environment.
    let address: String?
    /// How long the work may take on a remote registry.
    let timeout: Duration
    /// Whether credentials may cross a network in plain text.
    let allowsInsecureHTTP: Bool

    /// Reads the flags.
    ///
    /// - Parameters:
    ///   - parsed: The command line.
    ///   - usualTimeout: How long the work may take where nothing is said.
    /// - Throws: `UsageError`.
    init(_ parsed: ParsedArguments, usualTimeout: Duration = .seconds(300)) throws(UsageError) {
        address = parsed.value(of: Flags.registry)
        timeout = try parsed.timeout(usual: usualTimeout)
        allowsInsecureHTTP = parsed.has(Flags.insecureHTTP)
    }

    /// Opens a registry, and says which one when more is wanted.
    ///
    /// - Parameters:
    ///   - address: Where it is.
    ///   - console: Told of the registry, and of every request.
    ///   - environment: The settings and credentials for it.
    /// - Returns: The registry, which is not asked anything yet, and until when it goes on trying.
    /// - Throws: `RegistryError` when the environment's settings cannot be used.
    func open(
        _ address: RegistryAddress, console: Console, environment: [String: String]
    ) throws(RegistryError) -> (registry: any PromptRegistry, deadline: RunDeadline) {
        let deadline = RunDeadline(total: timeout)
        let registry = try address.open(
            RegistryAccess(
                environment: environment, deadline: deadline, allowsInsecureHTTP: allowsInsecureHTTP,
                console: console))
        console.detail("registry \(registry.location)")
        return (registry, deadline)
    }
}

extension RegistryAddress {
    /// Where a registry is: as the flag says, the target or job, the environment, else the embedded default.
    ///
    /// - Parameters:
    ///   - passed: The address that was passed.
    ///   - job: The job, where there is one.
    ///   - environment: The environment variables.
    /// - Throws: `RegistryError` with `.invalidAddress`.
    init(passed: String?, job: DesiredState?, environment: [String: String]) throws(RegistryError) {
        self = try RegistryChoice(passed: passed, job: job, environment: environment).address
    }
}
