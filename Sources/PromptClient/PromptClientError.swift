import Prompts

/// Why a prompt could not be loaded or rendered.
///
/// ```swift
/// do {
///     return try await client.load("cost_worker@production")
/// } catch let error where error.code == .notFound {
///     print(error)  // what happened, and in brackets what to do
/// }
/// ```
public struct PromptClientError: Error, Hashable, Sendable {
    /// The kinds of failure, by what an agent can do about them.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The prompt, version or alias does not exist.
        case notFound
        /// The name, the registry's address or a setting is invalid.
        case invalid
        /// The registry cannot be reached, or something else is there.
        case unreachable
        /// The credentials are missing or wrong, or do not allow it.
        case notPermitted
        /// A variable has no value, or a value no variable.
        case values
        /// What the registry holds is damaged, or the registry failed in another way.
        case failed
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, as a sentence without its full stop; it holds no secret.
    public let message: String
    /// What to do about it.
    public let hint: String?

    init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    init(_ error: RegistryError) {
        let code: Code =
            switch error.code {
            case .notFound, .nameTaken: .notFound
            case .invalidAddress, .invalidValue: .invalid
            case .unreachable, .notARegistry: .unreachable
            case .unauthenticated, .permissionDenied, .refusedByPolicy: .notPermitted
            case .conflict, .stalePlan, .neverMoved, .variablesChanged, .gateFailed, .storageFull, .corrupt,
                .failed, .foreignVersion, .otherJob, .warnings:
                .failed
            }
        self.init(code, error.message, hint: error.hint)
    }
}

extension PromptClientError: CustomStringConvertible {
    /// The message, with the hint in brackets.
    public var description: String { hint.map { "\(message) (\($0))" } ?? message }
}
