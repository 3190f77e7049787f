/// One thing that was looked at to find out whether a registry can be used, and what came of it.
package struct RegistryFinding: Hashable, Sendable {
    /// What can be looked at, by the names that reports have for it.
    package enum Check: String, Sendable, Codable, CaseIterable {
        /// Which registry it is, and who named it.
        case registry
        /// Whether something is there, or answers.
        case reachability
        /// The server's time against this machine's.
        case clock
        /// What the server is, and its version.
        case server
        /// What a registry on disk is laid out as.
        case layout
        /// Which credentials were found, and where.
        case credentials
        /// Whether the server takes them.
        case authentication
        /// Whether the schema exists.
        case schema
        /// Whether the registry may be read.
        case reading
        /// Whether it may be written to.
        case writing
        /// How much room is left.
        case space
        /// Whether a run would have to wait for another one.
        case lock
    }

    /// What came of it.
    package enum Status: String, Sendable, Codable, CaseIterable {
        /// It is as it has to be.
        case ok
        /// A run may work, and may not.
        case warn
        /// No run can work.
        case fail
        /// It could not be looked at, or there is nothing to look at.
        case skip
    }

    /// What was looked at.
    package var check: Check
    /// What came of it.
    package var status: Status
    /// What was found, without a full stop and without any secret.
    package var message: String
    /// What to do about it.
    package var hint: String?
    /// The kind of failure; nil where nothing failed. It is no part of a report.
    package var code: RegistryError.Code?

    /// Something that is as it has to be.
    package static func ok(_ check: Check, _ message: String) -> RegistryFinding {
        RegistryFinding(check: check, status: .ok, message: message)
    }

    /// Something that a run may fail of.
    package static func warn(_ check: Check, _ message: String, hint: String? = nil) -> RegistryFinding {
        RegistryFinding(check: check, status: .warn, message: message, hint: hint)
    }

    /// Something that every run fails of.
    ///
    /// - Parameters:
    ///   - check: What was looked at.
    ///   - error: What is wrong.
    ///   - hint: What to do about it, where the error does not say.
    /// - Returns: The finding.
    package static func fail(_ check: Check, _ error: RegistryError, hint: String? = nil) -> RegistryFinding {
        RegistryFinding(
            check: check, status: .fail, message: error.message, hint: error.hint ?? hint, code: error.code)
    }

    /// Something that was not looked at.
    package static func skip(_ check: Check, _ reason: String, hint: String? = nil) -> RegistryFinding {
        RegistryFinding(check: check, status: .skip, message: reason, hint: hint)
    }
}
