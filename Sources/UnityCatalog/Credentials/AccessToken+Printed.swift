import HTTP
import Support

extension AccessToken {
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
        guard !value.isEmpty, !value.hasControlCharacter, !type.isEmpty, !type.hasControlCharacter else {
            throw HTTPError(
                .unauthenticated, "the token that \(program.name) printed cannot be sent in a header",
                hint: program.remedy)
        }
        guard let expiry else {
            throw HTTPError(
                .unauthenticated, "\(program.name) does not say when its token expires", hint: program.remedy)
        }
        let rest = expiry - Double(clock.secondsSince1970())
        guard rest > 0 else {
            throw HTTPError(
                .unauthenticated, "the token that \(program.name) printed has expired",
                hint: "\(program.remedy), and check this machine's clock")
        }
        self.init(
            value: Secret(value), type: type, lifetime: .seconds(min(rest, 1e9)),
            workspaceID: settings[.workspaceID])
    }
}
