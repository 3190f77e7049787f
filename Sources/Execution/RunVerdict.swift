package import Planning
package import Prompts

/// How a run ended. The report's status and the program's exit code both follow from it.
package enum RunVerdict: Hashable, Sendable {
    /// Everything was done, or there was nothing to do.
    case ok
    /// Something was not done; the report says what.
    case failed
    /// Nothing was done, because the registry would never accept what the job says.
    case invalidInput
    /// Nothing was done, because of this error.
    case error(RegistryError)
    /// A signal ended it.
    case interrupted(signal: Int32)

    /// The verdict on a run, or on a plan that is not carried out.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - outcome: What the run did; nil if the plan is not carried out.
    ///   - signal: The signal that interrupted the run.
    package init(_ plan: Plan, _ outcome: RunOutcome? = nil, signal: Int32? = nil) {
        if let signal {
            self = .interrupted(signal: signal)
        } else if plan.isRefused {
            // What a copy finds in a registry is nobody's input.
            let isInput = plan.operation != .copy
            let problems = plan.prompts.compactMap(\.problem)
            self = isInput && problems.allSatisfy { $0.code == .invalidValue } ? .invalidInput : .failed
        } else {
            self = outcome.map(Self.init) ?? .ok
        }
    }

    /// The verdict on a run that ended before there was a plan.
    ///
    /// - Parameters:
    ///   - error: Why it ended.
    ///   - signal: The signal that interrupted it.
    package init(_ error: RegistryError, signal: Int32?) {
        self = signal.map { .interrupted(signal: $0) } ?? .error(error)
    }

    private init(_ outcome: RunOutcome) {
        let failures = outcome.prompts.compactMap(\.error) + [outcome.error].compactMap(\.self)
        // If access to the registry alone kept everything from being written, the prompts did not fail.
        let access: [Set<RegistryError.Code>] = [[.unreachable], [.unauthenticated, .permissionDenied]]
        if failures.isEmpty, outcome.prompts.allSatisfy(\.isComplete) {
            self = .ok
        } else if let first = failures.first, !outcome.prompts.contains(where: \.hasWritten),
            access.contains(where: { codes in failures.allSatisfy { codes.contains($0.code) } })
        {
            self = .error(first)
        } else {
            self = .failed
        }
    }

    /// The status of the report.
    package var status: RunReport.Status {
        switch self {
        case .ok: .ok
        case .failed, .invalidInput, .error: .failed
        case .interrupted: .interrupted
        }
    }
}

extension PromptOutcome {
    /// Whether everything that the plan asks of the prompt was done.
    fileprivate var isComplete: Bool { status == .ok && aliases.allSatisfy { $0 == .ok } }

    /// Whether the registry has something of the prompt that it did not have before.
    fileprivate var hasWritten: Bool {
        (status == .ok && planned.action != .unchanged)
            || zip(planned.aliases, aliases).contains { alias, status in
                alias.action != .unchanged && status != .held && status != .failed
            }
    }
}
