import HTTP
import Support

/// Why a token that something else gave out cannot be used.
enum AccessTokenFault: Error {
    /// No header can hold it.
    case unsendable
    /// It does not say when it expires.
    case timeless
    /// It has expired.
    case expired
}

extension AccessToken {
    /// A token that something else gave out, and that says when it expires.
    ///
    /// - Parameters:
    ///   - value: The token.
    ///   - type: Its scheme.
    ///   - expiry: When it expires, in seconds since 1970; nil where what it says is no time.
    ///   - settings: The configuration.
    ///   - clock: The time.
    /// - Throws: `AccessTokenFault`.
    init(
        _ value: String, _ type: String, expiry: Double?, _ settings: DatabricksSettings,
        _ clock: WaitingClock
    ) throws(AccessTokenFault) {
        guard !value.isEmpty, !value.hasControlCharacter, !type.isEmpty, !type.hasControlCharacter else {
            throw .unsendable
        }
        guard let expiry, expiry.isFinite else { throw .timeless }
        let rest = expiry - Double(clock.secondsSince1970())
        guard rest > 0 else { throw .expired }
        self.init(
            value: Secret(value), type: type, lifetime: .seconds(min(rest, 1e9)),
            workspaceID: settings[.workspaceID])
    }

    /// A token that a program printed.
    ///
    /// - Parameters:
    ///   - program: The program.
    ///   - value: The token.
    ///   - type: Its scheme.
    ///   - expiry: When it expires, in seconds since 1970; nil where what it printed is no time.
    ///   - settings: The configuration.
    ///   - clock: The time.
    /// - Throws: `HTTPError` when the token cannot be sent, or has expired.
    init(
        printedBy program: LoginProgram, _ value: String, _ type: String, expiry: Double?,
        _ settings: DatabricksSettings, _ clock: WaitingClock
    ) throws(HTTPError) {
        do throws(AccessTokenFault) {
            try self.init(value, type, expiry: expiry, settings, clock)
        } catch {
            let name = program.name
            let (message, hint) =
                switch error {
                case .unsendable: ("the token that \(name) printed cannot be sent in a header", "")
                case .timeless: ("\(name) does not say when its token expires", "")
                case .expired:
                    ("the token that \(name) printed has expired", ", and check this machine's clock")
                }
            throw HTTPError(.unauthenticated, message, hint: program.remedy + hint)
        }
    }
}
