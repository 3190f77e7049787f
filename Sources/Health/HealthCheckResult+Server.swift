import HTTP
import Prompts

extension HealthCheckResult {
    /// A server that answers.
    static func reachable(_ url: HTTPURL, _ probe: HTTPClient.Probe) -> HealthCheckResult {
        .ok(.reachability, "\(url.origin) answered in \(Int(probe.elapsed / .milliseconds(1))) ms")
    }

    /// A server that does not answer.
    static func unreachable(_ error: RegistryError) -> HealthCheckResult {
        .fail(.reachability, error, hint: ServiceDescription.connectionHint)
    }

    /// Why nothing is checked that takes an answer.
    static func reason(_ error: HTTPError) -> String {
        error.mayStillComplete ? "the server did not answer" : "no request could be sent"
    }

    /// A failure of the server that nothing explains.
    static func unexpected(_ check: Check, _ error: RegistryError) -> HealthCheckResult {
        .fail(check, error, hint: "see the server's log; --verbose shows the requests that were sent")
    }

    /// The server's clock against this machine's. OAuth tokens are refused when they differ much.
    static func clock(_ probe: HTTPClient.Probe) -> HealthCheckResult {
        guard let date = probe.response.header("Date").flatMap(HTTPDate.secondsSince1970) else {
            return .skip(.clock, "the server's answer has no date")
        }
        // An answer from a cache has the time at which it was put there.
        let age = probe.response.header("Age").flatMap { Int($0) } ?? 0
        let ahead = probe.receivedAt - date - max(0, min(age, 1 << 30))
        let text = duration(abs(ahead))
        guard abs(ahead) > 60 else {
            return .ok(.clock, "this machine's clock and the server's differ by \(text)")
        }
        let message = "this machine's clock is \(text) \(ahead > 0 ? "ahead of" : "behind") the server's"
        let hint =
            "set this machine's clock, as with timedatectl set-ntp true: tokens are valid for a limited time"
        if abs(ahead) <= 300 { return .warn(.clock, message, hint: hint) }
        return .fail(.clock, RegistryError(.failed, message, hint: hint))
    }

    private static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ...300: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}

extension HTTPSettings {
    /// With fewer retries, so that a server that is not there is reported soon.
    var probing: HTTPSettings {
        var settings = self
        settings.policy.attempts = 3
        settings.policy.attemptsToConnect = 2
        settings.policy.attemptTimeout = .seconds(15)
        return settings
    }
}
