import Support

/// Why a registry operation failed.
package struct RegistryError: Error, Hashable, Sendable, Codable {
    /// The kinds of failure, by what the user can do about them.
    package enum Code: String, Sendable, Codable, CaseIterable {
        /// The registry's address is invalid.
        case invalidAddress = "invalid-address"
        /// Nothing answers there.
        case unreachable
        /// Something other than a registry is there.
        case notARegistry = "not-a-registry"
        /// No credentials, or wrong ones.
        case unauthenticated
        /// The credentials, or the file's permissions, do not allow it.
        case permissionDenied = "permission-denied"
        /// The prompt, version or alias does not exist.
        case notFound = "not-found"
        /// The name belongs to a model that is not a prompt.
        case nameTaken = "name-taken"
        /// Something else wrote at the same time.
        case conflict
        /// The job's own policy does not allow it here.
        case refusedByPolicy = "refused-by-policy"
        /// A run would replace a version that something else made.
        case foreignVersion = "foreign-version"
        /// The prompt belongs to another job.
        case otherJob = "other-job"
        /// The registry or the job changed since the plan was made.
        case stalePlan = "stale-plan"
        /// The journal of alias moves has no earlier place of the alias.
        case neverMoved = "never-moved"
        /// A promotion would change the variables that an agent has to pass.
        case variablesChanged = "variables-changed"
        /// What the version has shown does not suffice for a promotion.
        case gateFailed = "gate-failed"
        /// There are warnings, and none are allowed.
        case warnings
        /// The registry refuses the value.
        case invalidValue = "invalid-value"
        /// There is no space left.
        case storageFull = "storage-full"
        /// What is stored is damaged.
        case corrupt
        /// The registry failed in another way.
        case failed
    }

    /// The kind of failure.
    package var code: Code
    /// What happened, as a sentence without its full stop.
    package var message: String
    /// What to do about it.
    package var hint: String?
    /// The full name of the prompt that it is about, where several were read; not part of a report.
    package var prompt: String?
    /// Whether a write may have taken effect although it failed, as its answer was lost; no part of a report.
    package var outcomeIsUnknown = false
    /// Whether reading again a moment later may succeed, as something else was just writing; no part of a report.
    package var mayPass = false

    /// An error.
    package init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message.hidingTokens
        self.hint = hint?.hidingTokens
    }

    /// A prompt that does not exist.
    package static func notFound(prompt name: String) -> RegistryError {
        RegistryError(.notFound, "there is no prompt '\(name)'")
    }

    /// A version that does not exist.
    package static func notFound(version number: Int, of name: String) -> RegistryError {
        RegistryError(.notFound, "the prompt '\(name)' has no version \(number)")
    }

    /// A version that does not exist, with a hint to the newest one; nil where the prompt has none.
    package static func notFound(version number: Int, of name: String, newest: Int?) -> RegistryError {
        var error = notFound(version: number, of: name)
        error.hint = newest.map { "its newest version is \($0)" } ?? "it has no version yet"
        return error
    }

    /// An answer that is about something else than was asked for.
    package static func mixedUp(_ answered: String, insteadOf asked: String) -> RegistryError {
        RegistryError(
            .failed, "the registry answered with \(answered) when asked for \(asked)",
            hint: "check what is between this machine and the registry, such as a cache")
    }

    /// The same error, about one prompt of several that were read.
    package func about(_ prompt: String) -> RegistryError {
        var error = self
        error.prompt = prompt
        return error
    }

    /// Throws when the task is cancelled; what only reads may stop at any time.
    package static func checkCancellation() throws(RegistryError) {
        if Task.isCancelled { throw RegistryError(.failed, "stopped while reading the registry") }
    }

    private enum CodingKeys: String, CodingKey {
        case code, message, hint
    }
}
