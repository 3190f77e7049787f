import Execution
import Glibc
import Testing

@testable import promptreg

/// A git that is waited for would keep a test until its time limit.
@Suite("Git", .timeLimit(.minutes(4)))
struct GitRepositoryTests {
    /// Runs with a git that leaves a file, and then sleeps.
    private func withHangingGit(
        _ body: (_ git: GitRepository, _ file: String) async throws -> Void
    ) async throws {
        let folder = "/tmp/promptreg-git-\(getpid())-\(UInt32.random(in: 0...(.max)))"
        let (program, file) = ("\(folder)/git", "\(folder)/started")
        mkdir(folder, 0o700)
        defer {
            for path in [program, file] { unlink(path) }
            rmdir(folder)
        }
        let stream = try #require(fopen(program, "w"))
        fputs("#!/bin/sh\n: >\(file)\nsleep 300\n", stream)
        fclose(stream)
        chmod(program, 0o700)
        let environment = ["PATH": "\(folder):/usr/bin:/bin"]
        let console = Console(environment: [:])
        try await body(
            GitRepository(environment: environment, console: console, timeLimit: .seconds(3600)), file)
    }

    @Test("A command that is cancelled before git was started starts none")
    func cancelledBefore() async throws {
        try await withHangingGit { git, file in
            let interruption = Interruption()
            interruption.request(SIGINT)
            let provenance = await interruption.cancelling {
                while !Task.isCancelled { await Task.yield() }
                return await git.provenanceOfCurrentFolder()
            }
            #expect(provenance == .none)
            #expect(access(file, F_OK) != 0)
        }
    }

    @Test("A command that is cancelled while git starts does not wait for it")
    func cancelledDuring() async throws {
        try await withHangingGit { git, _ in
            let interruption = Interruption()
            async let provenance = interruption.cancelling { await git.provenanceOfCurrentFolder() }
            interruption.request(SIGINT)
            #expect(await provenance == .none)
        }
    }
}
