package import Prompts

/// The result of one of the checks of a registry.
package struct HealthCheckResult: Hashable, Sendable {
    /// What is checked, by the names that reports have for it.
    package enum Check: String, Sendable, Codable, CaseIterable {
        /// Which registry it is, and what named it.
        case registry
        /// Whether something is there, or answers.
        case reachability
        /// The server's time against this machine's.
        case clock
        /// What the server is, and its version.
        case server
        /// How a registry on disk is laid out.
        case layout
        /// Which credentials were found, and where.
        case credentials
        /// Whether the server accepts them.
        case authentication
        /// Whether the schema exists.
        case schema
        /// Whether the registry can be read.
        case reading
        /// Whether it can be written to.
        case writing
        /// Whether the experiments that the job names show its prompts.
        case experiments
        /// How much space is left.
        case space
        /// Whether a run would have to wait for another one.
        case lock
    }

    /// How a check ended.
    package enum Status: String, Sendable, Codable, CaseIterable {
        /// All is well.
        case ok
        /// A run may work, or may not.
        case warn
        /// No run can work.
        case fail
        /// It could not be checked, or there is nothing to check.
        case skip
    }

    /// What was checked.
    package var check: Check
    /// How it ended.
    package var status: Status
    /// What was found, without a full stop and without any secret.
    package var message: String
    /// What to do about it.
    package var hint: String?
    /// The kind of failure; nil where nothing failed. It is no part of a report.
    package var code: RegistryError.Code?

    /// All is well.
    package static func ok(_ check: Check, _ message: String) -> HealthCheckResult {
        HealthCheckResult(check: check, status: .ok, message: message)
    }

    /// Something that may make a run fail.
    package static func warn(_ check: Check, _ message: String, hint: String? = nil) -> HealthCheckResult {
        HealthCheckResult(check: check, status: .warn, message: message, hint: hint)
    }

    /// Something that makes every run fail.
    ///
    /// - Parameters:
    ///   - check: What was checked.
    ///   - error: What is wrong.
    ///   - hint: What to do about it, where the error does not say.
    /// - Returns: The result.
    package static func fail(_ check: Check, _ error: RegistryError, hint: String? = nil) -> HealthCheckResult
    {
        HealthCheckResult(
            check: check, status: .fail, message: error.message, hint: error.hint ?? hint, code: error.code)
    }

    /// Something that was not checked.
    package static func skip(_ check: Check, _ reason: String) -> HealthCheckResult {
        HealthCheckResult(check: check, status: .skip, message: reason)
    }

    /// Several things that were not checked, all for the same reason.
    static func skip(_ checks: Check..., because reason: String) -> [HealthCheckResult] {
        checks.map { .skip($0, reason) }
    }
}
