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

    /// A port that nothing uses just now, and that no other socket is given before the program binds to it: it is below
    /// those that Linux gives by itself.
    ///
    /// - Returns: The port.
    /// - Throws: `CannotStart` when there is none to be had.
    package static func freePort() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 20_000..<32_000)
            let probe = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            defer { close(probe) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            address.sin_port = in_port_t(port).bigEndian
            let isFree = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    bind(probe, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isFree { return port }
        }
        throw CannotStart(reason: "there is no free port")
    }
}
