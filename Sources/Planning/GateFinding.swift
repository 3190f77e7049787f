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
    /// What that is in numbers; nil where there are none, as of a tag, and in a plan of an earlier program.
    package var figures: Figures?
    /// The ids of the experiments whose traces were looked for; nil where it asks for none.
    package var experiments: [String]?

    /// What was measured, in the units of traces: milliseconds, dollars, and shares of 1.
    package struct Figures: Hashable, Sendable, Codable {
        /// What was measured of the version that is promoted.
        package var value: Double
        /// What was measured of the version that the alias has now; nil where it does not count.
        package var base: Double?
        /// What the value is compared with; nil where there is nothing to take a percentage of.
        package var limit: Double?
        /// How many values were measured; nil where the value is a count itself, or a metric of a run.
        package var count: Int?

        /// Figures.
        package init(value: Double, base: Double? = nil, limit: Double? = nil, count: Int? = nil) {
            (self.value, self.base, self.limit, self.count) = (value, base, limit, count)
        }
    }

    /// A finding.
    package init(gate: String, status: Status, evidence: String, figures: Figures? = nil) {
        (self.gate, self.status, self.evidence, self.figures) = (gate, status, evidence, figures)
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
