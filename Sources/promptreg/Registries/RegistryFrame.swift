import Execution
import Prompts
import RemoteRegistry

/// What commands have in common that work on a registry and need no report of a job: the registry is found and
/// opened, signals are taken, and what goes wrong is told and becomes an exit code.
struct RegistryFrame: Sendable {
    let settings: RegistrySettings
    let console: Console
    let environment: [String: String]

    /// What there is to work with.
    struct Context: Sendable {
        /// The registry.
        let registry: any PromptRegistry
        /// Until when to go on trying.
        let deadline: RunDeadline
        /// Whether somebody asked to stop.
        let interruption: Interruption
    }

    /// Where the registry is: the flag's, the environment's, else the embedded default.
    ///
    /// - Returns: The address.
    /// - Throws: `ExitCode`, after the reason was reported.
    func address() throws(ExitCode) -> RegistryAddress {
        try JobPreparation(console: console, environment: environment)
            .address(of: nil, passed: settings.address)
    }

    /// Reads a registry. There is nothing to finish, so a signal ends the program at once.
    ///
    /// - Parameters:
    ///   - address: Where the registry is; a job's commands pass their job's.
    ///   - work: What to do.
    /// - Returns: What the work returned.
    /// - Throws: `ExitCode`, after the reason was reported.
    func read<Value>(
        at address: RegistryAddress, _ work: (any PromptRegistry) async throws(RegistryError) -> Value
    ) async throws(ExitCode) -> Value {
        let signals = SignalWatch { _ in false }
        defer { signals.cancel() }
        do throws(RegistryError) {
            let (registry, _) = try settings.open(address, console: console, environment: environment)
            return try await work(registry)
        } catch {
            console.error(error.message, hint: error.hint)
            throw ExitCode(error)
        }
    }

    /// Works on a registry. After a signal, what has begun is finished, as far as the work heeds the interruption.
    ///
    /// - Parameters:
    ///   - address: Where the registry is; a job's commands pass their job's.
    ///   - work: What to do; an error that it throws has kept everything from being done.
    /// - Returns: What the work returned.
    /// - Throws: `ExitCode`, after the reason was reported; a signal's once the work has returned.
    func write<Value>(
        at address: RegistryAddress, _ work: (Context) async throws(RegistryError) -> Value
    ) async throws(ExitCode) -> Value {
        let interruption = Interruption()
        let signals = SignalWatch(interruption, console)
        defer { signals.cancel() }
        let value: Value
        do throws(RegistryError) {
            let (registry, deadline) = try settings.open(address, console: console, environment: environment)
            value = try await work(
                Context(registry: registry, deadline: deadline, interruption: interruption))
        } catch {
            console.error(error.message, hint: error.hint)
            throw interruption.signal.map(ExitCode.init(signal:)) ?? ExitCode(error)
        }
        if let signal = interruption.signal { throw ExitCode(signal: signal) }
        return value
    }
}
