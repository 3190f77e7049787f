import Execution
import Glibc
import Health
import Planning
import Prompts

/// How the program ends; the numbers follow sysexits(3) where it has one.
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

    /// How a run ends that a registry kept from being done.
    init(_ error: RegistryError) {
        self =
            switch error.code {
            case .invalidAddress: .usage
            case .corrupt where error.prompt == nil: .unreachable
            case .unreachable, .notARegistry, .storageFull, .failed: .unreachable
            case .unauthenticated, .permissionDenied: .notPermitted
            case .stalePlan: .stale
            case .corrupt, .notFound, .variablesChanged, .neverMoved, .nameTaken, .conflict, .invalidValue:
                .failed
            }
    }

    /// How a run ends that was carried out. Where nothing could be written for one reason, and that is the way to the
    /// registry or the right to write there, it is not the prompts that failed.
    init(_ outcome: RunOutcome) {
        let failures = outcome.prompts.compactMap(\.error) + [outcome.error].compactMap(\.self)
        let isWhole = outcome.prompts.allSatisfy { $0.status == .ok && !$0.aliases.contains { $0 != .ok } }
        let wroteNothing = outcome.prompts.allSatisfy { prompt in
            (prompt.status != .ok || prompt.planned.action == .unchanged)
                && zip(prompt.planned.aliases, prompt.aliases).allSatisfy { alias, status in
                    alias.action == .unchanged || status == .held || status == .failed
                }
        }
        let access: Set<RegistryError.Code> = [.unreachable, .unauthenticated, .permissionDenied]
        let codes = Set(failures.map { access.contains($0.code) ? ExitCode($0) : .failed })
        if failures.isEmpty, isWhole {
            self = .done
        } else if wroteNothing, codes.count == 1, let code = codes.first {
            self = code
        } else {
            self = .failed
        }
    }

    /// How a run ends that did nothing, because its plan cannot be carried out; nil where it can.
    ///
    /// - Parameter plan: The plan.
    init?(refusalOf plan: Plan) {
        guard plan.isRefused else { return nil }
        let problems = plan.prompts.compactMap(\.problem)
        // What a registry would never take is wrong in the spec or the template.
        self = problems.allSatisfy { $0.code == .invalidValue } ? .invalidInput : .failed
    }

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

    /// How a run ends that a signal ended.
    init(signal: Int32) { self = signal == SIGTERM ? .terminated : .interrupted }

    /// What it means, for the help and the man page.
    var meaning: String {
        switch self {
        case .done: "Done; that there was nothing to do counts as done"
        case .failed: "Some prompts failed, or are not there; the report says which"
        case .changesPending: "Changes are pending (only with --detailed-exitcode)"
        case .usage: "The command line is wrong"
        case .invalidInput: "A spec or template is wrong; nothing was written"
        case .unreachable: "The registry cannot be reached or is none"
        case .stale: "The saved plan is stale; nothing was written"
        case .notPermitted: "Not authenticated or not permitted"
        case .interrupted: "Interrupted; the report was still written"
        case .terminated: "Terminated; the report was still written"
        }
    }
}
