import Foundation

/// A program that a test suite runs while its tests do.
package final class ServerProcess: Sendable {
    private let group: pid_t
    /// A folder of its own, which goes with it.
    package let folder: String

    package struct CannotStart: Error {
        let reason: String

        /// An error with what the program wrote.
        package init(reason: String) { self.reason = reason }
    }

    /// Starts a program in a new folder, in a process group of its own.
    ///
    /// - Parameters:
    ///   - arguments: The program's path and its arguments, given the folder.
    ///   - environment: What to add to the environment.
    /// - Throws: `CannotStart`.
    package init(_ arguments: (String) -> [String], environment: [String: String] = [:]) throws {
        folder = NSTemporaryDirectory() + "promptreg-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var attributes = posix_spawnattr_t()
        var actions = posix_spawn_file_actions_t()
        posix_spawnattr_init(&attributes)
        posix_spawn_file_actions_init(&actions)
        defer {
            posix_spawnattr_destroy(&attributes)
            posix_spawn_file_actions_destroy(&actions)
        }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        let log = folder + "/log"
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var variables = ProcessInfo.processInfo.environment
        variables.merge(environment) { _, new in new }
        func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
            texts.map { strdup($0) } + [nil]
        }
        var words = cStrings(["/usr/bin/env", "-C", folder] + arguments(folder))
        var settings = cStrings(variables.map { "\($0)=\($1)" })
        defer { for word in words + settings { free(word) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, "/usr/bin/env", &actions, &attributes, &words, &settings)
        guard result == 0 else { throw CannotStart(reason: "posix_spawn: \(result)") }
        group = pid
    }

    /// What it has written so far.
    package var output: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }

    /// Ends it and all that it started.
    package func stop() {
        kill(-group, SIGKILL)
        var status: CInt = 0
        waitpid(group, &status, 0)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The repository's folder.
    package static let repository = String(
        #filePath.dropLast("/Tests/ServerFixtures/ServerProcess.swift".count))

    /// A port that nothing uses just now.
    ///
    /// - Returns: The port.
    /// - Throws: When there is no socket to be had.
    package static func freePort() throws -> Int { try LoopbackServer { _, _ in .close }.port }
}
