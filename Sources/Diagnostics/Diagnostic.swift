/// A finding about the user's input: what is wrong, where, and what to do about it.
package struct Diagnostic: Hashable, Sendable, Error {
    /// The severity of a finding.
    package enum Severity: String, Sendable, CaseIterable {
        /// The input cannot be used.
        case error
        /// The input can be used, and is probably not what was meant.
        case warning
        /// Something to know that is as it was asked for.
        case note
    }

    /// A stable name for a kind of finding, in kebab case; modules add their own as static members.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// The name as it is printed, such as `unknown-key`.
        package let rawValue: String

        /// A code with the name `rawValue`.
        package init(rawValue: String) { self.rawValue = rawValue }
    }

    /// The severity.
    package var severity: Severity
    /// The kind of finding.
    package var code: Code
    /// What is wrong, as a sentence without its full stop.
    package var message: String
    /// Where; nil when the finding is about no place in a file.
    package var location: SourceLocation?
    /// How many Unicode scalars from `location` on the finding is about; at least 1.
    package var length: Int
    /// What to do about it, where that is not plain from the message.
    package var help: String?

    /// A finding that makes the input unusable.
    package static func error(
        _ code: Code, _ message: String, at location: SourceLocation?, length: Int = 1, help: String? = nil
    ) -> Self {
        Self(severity: .error, code: code, message: message, location: location, length: length, help: help)
    }

    /// A finding that does not make the input unusable.
    package static func warning(
        _ code: Code, _ message: String, at location: SourceLocation?, length: Int = 1, help: String? = nil
    ) -> Self {
        Self(severity: .warning, code: code, message: message, location: location, length: length, help: help)
    }

    /// Something to know that is as it was asked for.
    package static func note(
        _ code: Code, _ message: String, at location: SourceLocation?, length: Int = 1, help: String? = nil
    ) -> Self {
        Self(severity: .note, code: code, message: message, location: location, length: length, help: help)
    }
}
