import Prompts

/// What a gate found about the version that is promoted.
package struct GateFinding: Hashable, Sendable, Codable {
    /// Whether the version passes.
    package enum Status: String, Hashable, Sendable, Codable, CaseIterable {
        /// It passes.
        case passed
        /// It does not.
        case failed
        /// There is nothing to go by, so that it does not pass.
        case noData = "no_data"
    }

    /// The gate as it is written.
    package var gate: String
    /// Whether the version passes.
    package var status: Status
    /// What was found, such as `2.5 % of 120 traces`.
    package var evidence: String

    /// A finding.
    package init(gate: String, status: Status, evidence: String) {
        (self.gate, self.status, self.evidence) = (gate, status, evidence)
    }

    /// The finding as a line.
    package var line: String { "\(gate): \(evidence)" }
}

extension Plan {
    /// Takes what gates found. Those that fail refuse the plan, unless a reason is given why they do not count.
    ///
    /// - Parameters:
    ///   - findings: What they found, by the full name of the prompt.
    ///   - reason: Why those that fail do not count; nil where they do.
    package mutating func add(_ findings: [String: [GateFinding]], allowedToFail reason: String?) {
        for index in prompts.indices {
            guard let found = findings[prompts[index].prompt.name], !found.isEmpty else { continue }
            prompts[index].gates = found
            let failed = found.filter { $0.status != .passed }
            if failed.isEmpty { continue }
            if let reason {
                gateOverride = reason
            } else if prompts[index].problem == nil {
                prompts[index].problem = .gatesFailed(failed)
            }
        }
    }
}

extension RegistryError {
    /// A promotion that gates keep back.
    fileprivate static func gatesFailed(_ findings: [GateFinding]) -> RegistryError {
        let count = findings.count == 1 ? "a gate fails" : "\(findings.count) gates fail"
        return RegistryError(
            .gateFailed, "\(count): \(findings.map(\.line).joined(separator: "; "))",
            hint: "--allow-failed-gates REASON promotes all the same, and records why")
    }
}
