import Execution
import Glibc
import Health
import Prompts

/// How the program ends; the numbers follow sysexits(3) if it has one.
enum ExitCode: Int32, CaseIterable, Error {
    case done = 0
    case failed = 1
    case changesPending = 2
    case usage = 64
    case invalidInput = 65
    case unreachable = 69
    case stale = 75
    case notPermitted = 77
    case interrupted = 130
    case terminated = 143

    /// How a command ends that failed with an error of the registry.
    init(_ error: RegistryError) {
        self =
            switch error.code {
            case .invalidAddress: .usage
            case .corrupt where error.prompt == nil: .unreachable
            case .unreachable, .notARegistry, .storageFull, .failed: .unreachable
            case .unauthenticated, .permissionDenied, .refusedByPolicy: .notPermitted
            case .stalePlan: .stale
            case .warnings: .invalidInput
            case .corrupt, .notFound, .variablesChanged, .gateFailed, .neverMoved, .nameTaken, .conflict,
                .invalidValue, .foreignVersion, .otherJob:
                .failed
            }
    }

    /// How a run ends.
    init(_ verdict: RunVerdict) {
        self =
            switch verdict {
            case .ok: .done
            case .failed: .failed
            case .invalidInput: .invalidInput
            case .error(let error): ExitCode(error)
            case .interrupted(let signal): ExitCode(signal: signal)
            }
    }

    /// How a command ends that a signal interrupted.
    init(signal: Int32) { self = signal == SIGTERM ? .terminated : .interrupted }

    /// How `doctor` ends. Where the registry cannot be reached, no other failure matters.
    init(_ results: [HealthCheckResult]) {
        let failed = results.filter { $0.status == .fail }
        let codes = failed.map { result -> ExitCode in
            switch result.code {
            case .unreachable, .notARegistry, .corrupt: .unreachable
            case .unauthenticated, .permissionDenied: .notPermitted
            case .invalidAddress: .usage
            default: .failed
            }
        }
        self = [.unreachable, .usage, .notPermitted].first(where: codes.contains) ?? .failed
        if failed.isEmpty { self = .done }
    }

    /// What it means, for the help and the man page.
    var meaning: String {
        switch self {
        case .done: "Done, or there was nothing to do"
        case .failed: "Some prompts failed or do not exist; the report says which"
        case .changesPending: "Changes are pending (only with --detailed-exitcode)"
        case .usage: "The command line is wrong"
        case .invalidInput: "A spec or template is wrong; nothing was written"
        case .unreachable: "The registry cannot be reached, or is not a registry; or a model does not answer"
        case .stale: "The saved plan is stale; nothing was written"
        case .notPermitted: "Not authenticated, not permitted, or refused by the job's policy"
        case .interrupted: "Interrupted; the report was still written"
        case .terminated: "Terminated; the report was still written"
        }
    }
}
