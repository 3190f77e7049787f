import HTTP
import Health
import MLflowServer
import Prompts
import Synchronization
import UnityCatalog

/// What is needed to reach a registry, besides its address.
struct RegistryAccess {
    let environment: [String: String]
    /// How requests are sent to a remote one.
    let settings: HTTPSettings

    /// The shortest wait that is told of: on a terminal, and in a log.
    private static let (shortWait, longWait) = (Duration.milliseconds(900), Duration.seconds(5))
    /// How long nothing more is said of waits after one.
    private static let silence = Duration.seconds(5)

    /// What it takes to reach a registry.
    ///
    /// - Parameters:
    ///   - options: What the command line says.
    ///   - deadline: Until when to retry.
    ///   - context: The command's environment and console.
    init(_ options: RegistryOptions, deadline: RunDeadline, _ context: CommandContext) {
        ReadingTime.end()
        environment = context.environment
        var settings = HTTPSettings(deadline: deadline, allowsInsecure: options.allowsInsecureHTTP)
        settings.insecureFlag = "--insecure-http"
        let console = context.console
        if console.isVerbose {
            settings.onAttempt = { attempt in
                let milliseconds = Int(attempt.duration / .milliseconds(1))
                let status = attempt.status.map { "\($0)" } ?? "no answer"
                let subject = attempt.subject.map { " \($0)" } ?? ""
                console.detail("\(attempt.method) \(attempt.path)\(subject): \(status), \(milliseconds) ms")
            }
        }
        if !console.isQuiet {
            let shortest = console.isInteractive ? Self.shortWait : Self.longWait
            let last = Mutex<ContinuousClock.Instant?>(nil)
            settings.onWait = { reason, delay in
                // Many requests may wait for the same.
                let isTold = last.withLock { last in
                    let now = ContinuousClock.now
                    guard delay >= shortest, last.map({ now - $0 >= Self.silence }) ?? true else {
                        return false
                    }
                    last = now
                    return true
                }
                if isTold {
                    console.note("waiting \(max(1, delay.components.seconds)) s to try again: \(reason)")
                }
            }
        }
        self.settings = settings
    }
}

extension RegistryAddress {
    /// The check of whether the registry at this address can be used.
    ///
    /// - Parameter access: What to reach it with.
    /// - Returns: The check; nothing is sent yet.
    /// - Throws: `RegistryError` when the address cannot be used.
    func healthCheck(_ access: RegistryAccess) throws(RegistryError) -> any HealthCheck {
        switch self {
        case .file(let path): FileRegistryCheck(path: path)
        case .server(let url):
            try MLflowServerCheck(url: url, environment: access.environment, settings: access.settings)
        case .unityCatalog(let profile):
            try UnityCatalogCheck(
                profile: profile, environment: access.environment, settings: access.settings)
        }
    }
}
