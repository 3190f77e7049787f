import FoundationEssentials
import Glibc
import HTTP
import Support

/// Tokens of the Databricks CLI, for who logged in with `databricks auth login`.
struct DatabricksCLI: Sendable {
    private let program: LoginProgram
    private let settings: DatabricksSettings
    private let host: HTTPURL
    private let clock: WaitingClock

    /// What to do where there is no token: nil as long as no workspace is known.
    static func remedy(_ host: HTTPURL?) -> String {
        "run `databricks auth login --host \(host?.text ?? "https://HOST")`"
    }

    /// The CLI.
    ///
    /// - Parameters:
    ///   - path: Its file.
    ///   - credentials: The workspace and its configuration.
    ///   - deadline: Until when the run goes on.
    ///   - clock: The time.
    init(_ path: String, _ credentials: ResolvedCredentials, deadline: RunDeadline, clock: WaitingClock) {
        settings = credentials.settings
        host = credentials.host
        self.clock = clock
        program = LoginProgram(
            name: "the Databricks CLI", path: path, remedy: Self.remedy(credentials.host),
            variables: ["DATABRICKS_AUTH_STORAGE"], settings, deadline: deadline)
    }

    /// Asks for a token as the Databricks SDK does: for a profile where one is named and the CLI knows that flag, else
    /// for the host, and for a fresh one where it can be asked for.
    ///
    /// - Returns: The token.
    /// - Throws: `HTTPError` when there is none.
    func token() async throws(HTTPError) -> AccessToken {
        let version = await version()
        var arguments = ["auth", "token"]
        if let profile = settings.chosenProfile, version >= Self.firstWithProfile {
            arguments += ["--profile", profile]
        } else {
            arguments += ["--host", host.text]
        }
        if version >= Self.firstWithRefresh { arguments.append("--force-refresh") }
        guard let printed = try await program.answer(arguments, as: Printed.self) else {
            throw HTTPError(
                .unauthenticated, "the Databricks CLI has no token for \(host.origin)", hint: program.remedy)
        }
        let token = try AccessToken(
            printedBy: program, printed.access_token, printed.token_type,
            expiry: Date(timestamp: printed.expiry)?.timeIntervalSince1970, settings, clock)
        try checkScopes(of: token)
        return token
    }

    private struct Printed: Decodable {
        let access_token: String
        let token_type: String
        let expiry: String
    }

    /// The CLI gives the token of its last login, whatever scopes are configured here.
    private func checkScopes(of token: AccessToken) throws(HTTPError) {
        // Not an ability, but whether a login can be renewed.
        let ignored: Set = ["offline_access"]
        let wanted = settings.scopes.subtracting(ignored)
        guard !wanted.isEmpty, let scopes = TokenClaims(token.value)?.scopes?.subtracting(ignored),
            scopes != wanted
        else { return }
        throw HTTPError(
            .unauthenticated,
            "the Databricks CLI's token has the scopes \(scopes.sorted().joined(separator: " ")), and the profile asks for "
                + wanted.sorted().joined(separator: " "),
            hint: program.remedy + " with `--scopes`")
    }
}

// MARK: - The program

extension DatabricksCLI {
    /// The file of the CLI: what `DATABRICKS_CLI_PATH` names, or the first one in `PATH`.
    ///
    /// - Parameter settings: The configuration.
    /// - Returns: The path; nil where there is none, or only the legacy CLI, which has no logins.
    static func path(_ settings: DatabricksSettings) -> String? {
        let named = settings[.databricksCLIPath] ?? "databricks"
        if named.hasPrefix("/") { return ChildProcess.isExecutable(named) ? named : nil }
        return ChildProcess.executables(named: named, path: settings.variable("PATH")).first { !isLegacy($0) }
    }

    /// Whether a program is the CLI in Python that was there before version 0.100: a small script.
    private static func isLegacy(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size < 1 << 20,
            let data = FileManager.default.contents(atPath: path)
        else { return false }
        return data.firstRange(of: Data("from databricks_cli.cli import ".utf8)) != nil
    }

    private static let firstWithProfile = [0, 207, 1]
    private static let firstWithRefresh = [0, 296, 0]

    /// The CLI's version; lower than every other where it does not say.
    private func version() async -> [Int] {
        let told = try? await program.answer(
            ["version", "--output", "json"], as: Version.self, timeLimit: .seconds(5))
        return told.map { [$0.Major, $0.Minor, $0.Patch] } ?? [-1]
    }

    private struct Version: Decodable {
        let Major: Int
        let Minor: Int
        let Patch: Int
    }
}

private func >= (one: [Int], other: [Int]) -> Bool { !one.lexicographicallyPrecedes(other) }
