import Execution
import Glibc
import Testing

@testable import promptreg

@Suite("Git")
struct GitRepositoryTests {
    /// Runs with a git that takes a while, and leaves a file when it starts and one when it ends by itself.
    private func withSlowGit(
        _ body: (_ ask: @escaping @Sendable () async -> Provenance, _ exists: (String) -> Bool) async throws
            -> Void
    ) async throws {
        let folder = "/tmp/promptreg-git-\(getpid())-\(UInt32.random(in: 0...(.max)))"
        let files = ["git", "started", "ended"].map { "\(folder)/\($0)" }
        mkdir(folder, 0o700)
        defer {
            for file in files { unlink(file) }
            rmdir(folder)
        }
        // Another process writes it: the programs that other tests start meanwhile would hold it open for writing.
        let script = "#!/bin/sh\\n: >\(files[1])\\nsleep 5\\n: >\(files[2])\\n"
        try #require(system("printf '\(script)' >\(files[0]) && chmod 700 \(files[0])") == 0)
        let ask: @Sendable () async -> Provenance = {
            let git = GitRepository(
                environment: ["PATH": "\(folder):/usr/bin:/bin"], console: Console(environment: [:]),
                timeLimit: .seconds(10))
            return await git.provenanceOfCurrentFolder()
        }
        try await body(ask) { access("\(folder)/\($0)", F_OK) == 0 }
    }

    @Test("A command that is cancelled before git was started starts none")
    func cancelledBefore() async throws {
        try await withSlowGit { ask, exists in
            let interruption = Interruption()
            interruption.request(SIGINT)
            let provenance = await interruption.cancelling {
                while !Task.isCancelled { await Task.yield() }
                return await ask()
            }
            #expect(provenance == .none)
            #expect(!exists("started"))
        }
    }

    @Test("A command that is cancelled while git starts ends git")
    func cancelledDuring() async throws {
        try await withSlowGit { ask, exists in
            let interruption = Interruption()
            async let provenance = interruption.cancelling(ask)
            interruption.request(SIGINT)
            #expect(await provenance == .none)
            #expect(!exists("ended"))
        }
    }
}
