import Support

/// Why a request failed.
package struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure, by what the user can do about them.
    package enum Code: String, Sendable, CaseIterable {
        /// The address, or a setting of the connection, cannot be used.
        case invalidAddress = "invalid-address"
        /// Nothing answers there, or not now.
        case unreachable
        /// What answers is a different service.
        case wrongService = "wrong-service"
        /// No credentials, or wrong ones.
        case unauthenticated
        /// The credentials do not allow it.
        case permissionDenied = "permission-denied"
        /// What was asked for does not exist.
        case notFound = "not-found"
        /// It exists already, or something else changed it at the same time.
        case conflict
        /// The server refuses a value.
        case invalidValue = "invalid-value"
        /// Anything else.
        case failed
    }

    /// Whether the same request may succeed later.
    package enum Retry: Sendable {
        /// It would fail again.
        case never
        /// After a moment, a few times.
        case soon
        /// As `soon`, but fewer times: nothing may ever listen there.
        case ifListening
        /// As often as time allows: the server asks to wait.
        case whenAllowed
    }

    /// The kind of failure.
    package var code: Code
    /// What happened, as a sentence without its full stop.
    package var message: String
    /// What to do about it.
    package var hint: String?
    /// The answer's status; nil when none came.
    package var status: Int?
    /// What the API calls the failure, such as `RESOURCE_DOES_NOT_EXIST`.
    package var apiCode: String?
    /// What the API says about it, in its own words; empty when it says nothing.
    package var apiMessage = ""
    /// Whether a write may have taken effect although it failed, as its answer was lost.
    package var outcomeIsUnknown = false
    /// Whether the server may still be working on it: only the caller stopped waiting, or something in between answered.
    package var mayStillComplete = false
    /// Whether the same request may succeed later.
    package var retry = Retry.never
    /// How long the server asks to wait.
    package var retryAfter: Duration?
    /// How long the last attempt took, without the waits before it; nil where none was made, or nobody measured it.
    package var elapsed: Duration?

    /// An error that no retry would help.
    package init(_ code: Code, _ message: String, hint: String? = nil, elapsed: Duration? = nil) {
        self.code = code
        self.message = message.hidingTokens
        self.hint = hint
        self.elapsed = elapsed
    }

    package var description: String { message }
}
