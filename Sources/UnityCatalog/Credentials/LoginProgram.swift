import FoundationEssentials
import HTTP
import Support

/// A program of a vendor that somebody logged in with, such as the Databricks CLI, and that prints tokens.
///
/// Nothing that it prints is shown: it may be a token. It runs in the root folder, so that nothing in the current one
/// has a part in it: neither a `databricks.yml`, which the Databricks CLI reads, nor a Python package called `azure`.
struct LoginProgram: Sendable {
    /// What people call it.
    let name: String
    /// Its file.
    let path: String
    /// What to do where it has no token.
    let remedy: String

    private let environment: [String: String]
    private let deadline: RunDeadline

    /// How long it may take: a token is fetched over the network, and the Azure CLI takes seconds to start.
    static let timeLimit = Duration.seconds(30)
    private static let outputLimit = 1 << 20

    /// A program.
    ///
    /// - Parameters:
    ///   - name: What people call it.
    ///   - path: Its file.
    ///   - remedy: What to do where it has no token.
    ///   - variables: The environment variables of its own.
    ///   - settings: The configuration, with the environment that the program gets a part of.
    ///   - deadline: Until when the run goes on.
    init(
        name: String, path: String, remedy: String, variables: Set<String>, _ settings: DatabricksSettings,
        deadline: RunDeadline
    ) {
        self.name = name
        self.path = path
        self.remedy = remedy
        self.deadline = deadline
        environment = Self.environment(settings, variables)
    }

    /// Runs it, and reads what it prints.
    ///
    /// - Parameters:
    ///   - arguments: Its arguments.
    ///   - type: What the JSON holds that it prints.
    ///   - timeLimit: How long it may take.
    /// - Returns: The answer; nil where it ended with another code than 0.
    /// - Throws: `HTTPError` when it prints something else, or does not end.
    func answer<Answer: Decodable & Sendable>(
        _ arguments: [String], as type: Answer.Type, timeLimit: Duration = timeLimit
    ) async throws(HTTPError) -> Answer? {
        let output = try await run(arguments, timeLimit)
        guard output.exitCode == 0 else { return nil }
        guard let answer = try? JSONDecoder().decode(type, from: Data(output.standardOutput.utf8)) else {
            let size = output.standardOutput.utf8.count
            throw HTTPError(
                .unauthenticated,
                "\(name) printed no token that can be understood, but \(size) bytes, not shown as they may be a secret",
                hint: remedy)
        }
        return answer
    }

    private func run(
        _ arguments: [String], _ timeLimit: Duration
    ) async throws(HTTPError) -> ChildProcess.Output {
        let limit = min(timeLimit, deadline.remaining)
        let result = await deadline.cuttingOff {
            // Its time begins here: on a busy machine, this may be long after the task was made.
            let process = ChildProcess(
                path, arguments, environment: environment, folder: "/", deadline: .now + limit,
                outputLimit: Self.outputLimit)
            return await Result(of: process.run)
        }
        do throws(ChildProcessError) {
            return try result.get()
        } catch {
            throw failure(error, limit, isAtDeadline: limit < timeLimit)
        }
    }

    private func failure(
        _ error: ChildProcessError, _ limit: Duration, isAtDeadline: Bool
    ) -> HTTPError {
        switch error {
        case .timedOut where isAtDeadline:
            return HTTPError(
                .unreachable, "the run has exceeded its time limit while it waited for \(name)",
                hint: deadline.hint)
        case .timedOut:
            return HTTPError(
                .unauthenticated, "\(name) was ended: it took longer than \(limit.components.seconds) s",
                hint: "run it by hand to see what it waits for")
        case .tooMuchOutput(let limit):
            return HTTPError(
                .unauthenticated, "\(name) was ended: it printed more than \(limit >> 20) MiB", hint: remedy)
        case .cancelled:
            return HTTPError(.failed, "\(name) was interrupted before it printed a token")
        case .notFound:
            return HTTPError(.unauthenticated, "there is no program \(path)", hint: remedy)
        case .notStarted(let reason):
            return HTTPError(.unauthenticated, "\(path) cannot be started: \(reason)", hint: remedy)
        }
    }
}

// MARK: - The environment

extension LoginProgram {
    /// What such a program needs: where its user's files are, the keyring of the desktop, the language and the time
    /// zone of what it prints, and how to reach the network. Everything else stays here: other tokens and secrets are
    /// not for it, and what the Databricks CLI is asked for stands in its arguments.
    private static let passed: Set = [
        "HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "DBUS_SESSION_BUS_ADDRESS",
        "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "http_proxy", "HTTP_PROXY",
        "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
    ]

    /// What it needs besides that names files, which may be relative to the current folder.
    private static let passedPaths: Set = [
        "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "DATABRICKS_CONFIG_FILE",
        "AZURE_CONFIG_DIR", "AZURE_EXTENSION_DIR",
    ]

    private static func environment(
        _ settings: DatabricksSettings, _ variables: Set<String>
    ) -> [String: String] {
        var environment: [String: String] = [:]
        for name in passed.union(variables) { environment[name] = settings.variable(name) }
        for name in passedPaths {
            guard let path = settings.variable(name), !path.isEmpty else { continue }
            let isAbsolute = path.hasPrefix("/") || path.hasPrefix("~")
            environment[name] = isAbsolute ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
        }
        // The program may start others, such as Python: from no folder that is relative.
        let folders = (settings.variable("PATH") ?? "/usr/bin:/bin").split(separator: ":")
        environment["PATH"] = folders.filter { $0.hasPrefix("/") }.joined(separator: ":")
        return environment
    }
}
