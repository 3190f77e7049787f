import Glibc
import Testing

@testable import Support

@Suite("Child processes")
struct ChildProcessTests {
    private func shell(
        _ script: String, environment: [String: String] = ["PATH": "/usr/bin:/bin"],
        timeLimit: Duration = .seconds(60), outputLimit: Int = 1 << 20
    ) -> ChildProcess {
        ChildProcess(
            "sh", ["-c", script, "sh", "a b", ""], environment: environment, deadline: .now + timeLimit,
            outputLimit: outputLimit)
    }

    /// A program that ignores SIGTERM, as does its child; it writes the numbers of both to a file.
    private func stubborn(_ file: String, timeLimit: Duration = .seconds(60)) -> ChildProcess {
        shell(
            "trap '' TERM; sleep 300 & echo $$ $! >\(file).new; mv \(file).new \(file); wait; sleep 300",
            timeLimit: timeLimit)
    }

    private func withFile(_ body: (String) async throws -> Void) async throws {
        let path = "/tmp/promptreg-child-\(getpid())-\(UInt32.random(in: 0...(.max)))"
        defer { unlink(path) }
        try await body(path)
    }

    /// The words of a file's first line; none while there is no file.
    private func words(in file: String) -> [Substring] {
        guard let stream = fopen(file, "r") else { return [] }
        defer { fclose(stream) }
        var buffer = [CChar](repeating: 0, count: 512)
        return fgets(&buffer, 512, stream).map { String(cString: $0).split(whereSeparator: \.isWhitespace) }
            ?? []
    }

    /// The processes named in a file that still run, once those that were killed had the time to be gone.
    private func running(_ file: String) async throws -> [Substring] {
        var processes = words(in: file)
        for _ in 0..<1_000 where !processes.isEmpty {
            // A zombie does not run, but waits for whoever adopted it.
            processes.removeAll { process in
                let fields = words(in: "/proc/\(process)/stat")
                return fields.isEmpty || fields.contains("Z")
            }
            if !processes.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        }
        return processes
    }

    @Test("Both outputs and the exit code arrive, and the arguments as they are")
    func output() async throws {
        let output = try await shell("printf '%s|' \"$@\"; echo no >&2; exit 3").run()
        #expect(output == .init(exitCode: 3, standardOutput: "a b||", standardError: "no\n"))
    }

    @Test("What a signal ended has the exit code that a shell gives it")
    func signals() async throws {
        #expect(try await shell("kill -KILL $$").run().exitCode == 137)
    }

    @Test("Large outputs are read at once, and many programs run at a time")
    func largeOutputs() async throws {
        let script = "head -c 300000 /dev/zero | tee /dev/stderr"
        let sizes = try await concurrentMap(Array(0..<16), limit: 16) { _ async throws(ChildProcessError) in
            let output = try await shell(script).run()
            return [output.standardOutput.utf8.count, output.standardError.utf8.count]
        }
        #expect(sizes == Array(repeating: [300_000, 300_000], count: 16))
    }

    @Test("Only what is passed reaches a program: no variable, no descriptor, no input, no ignored signal")
    func isolation() async throws {
        let descriptor = open("/dev/null", O_RDONLY)
        defer { close(descriptor) }
        #expect(fcntl(descriptor, F_GETFD) == 0)
        let previous = signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, previous) }
        let environment = ["PATH": "/usr/bin:/bin", "GIVEN": "x"]
        let names = try await shell("env | grep -Ev '^(PWD|SHLVL|_|OLDPWD)='", environment: environment).run()
        #expect(Set(names.standardOutput.split(separator: "\n")) == ["PATH=/usr/bin:/bin", "GIVEN=x"])
        // `ls` itself has the fourth one open.
        #expect(try await shell("ls /proc/self/fd").run().standardOutput == "0\n1\n2\n3\n")
        #expect(try await shell("cat").run() == .init(exitCode: 0, standardOutput: "", standardError: ""))
        // Two signals are the C library's own business.
        let masks = try await shell("grep -E 'Sig(Blk|Ign)' /proc/self/status").run().standardOutput
        #expect(masks == "SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n")
    }

    @Test(
        "A program is only looked for in absolute folders of PATH",
        arguments: [".", "", ":", "bin", "/nowhere"])
    func lookUp(path: String) async throws {
        await #expect(throws: ChildProcessError.notFound) {
            try await shell("true", environment: ["PATH": path]).run()
        }
    }

    @Test("A program runs in the folder that is said, and not at all where there is none")
    func folder() async throws {
        func pwd(_ folder: String?) -> ChildProcess {
            ChildProcess("pwd", [], environment: [:], folder: folder, deadline: .now + .seconds(20))
        }
        #expect(try await pwd("/").run().standardOutput == "/\n")
        #expect(try await pwd("/usr").run().standardOutput == "/usr\n")
        #expect(try await pwd(nil).run().standardOutput.hasPrefix("/"))
        await #expect(throws: ChildProcessError.self) { try await pwd("/no/such/folder").run() }
    }

    @Test("Programs are found in the order of PATH, in absolute folders alone")
    func executables() {
        let found = ChildProcess.executables(named: "sh", path: ".::/usr/bin:bin:/nowhere:/bin")
        #expect(found == ["/usr/bin/sh", "/bin/sh"])
        for name in ["../bin/sh", "./sh", "/bin/sh", "no-such-program"] {
            #expect(ChildProcess.executables(named: name, path: "/usr/bin").isEmpty)
        }
        #expect(!ChildProcess.isExecutable("/usr/bin") && !ChildProcess.isExecutable("/etc/passwd"))
    }

    @Test("A name is no relative path, and a folder is no program")
    func names() async throws {
        for name in ["./sh", "bin/sh", "../bin/sh", "bin", "no-such-program"] {
            let process = ChildProcess(
                name, [], environment: ["PATH": "/usr:/usr/bin:/"], deadline: .now + .seconds(20))
            await #expect(throws: ChildProcessError.notFound) { try await process.run() }
        }
    }

    @Test("Why a program cannot be started is told")
    func refusal() async throws {
        let process = ChildProcess("/etc/passwd", [], environment: [:], deadline: .now + .seconds(20))
        await #expect(throws: ChildProcessError.notStarted(reason: "Permission denied")) {
            try await process.run()
        }
    }

    @Test("At the deadline a program is ended with all that it started")
    func timeLimit() async throws {
        try await withFile { file in
            let process = stubborn(file, timeLimit: .seconds(1))
            await #expect(throws: ChildProcessError.timedOut) { try await process.run() }
            #expect(words(in: file).count == 2)
            let left = try await running(file)
            #expect(left.isEmpty)
        }
    }

    @Test("A program that prints more than it may is ended", arguments: ["", ">&2"])
    func outputLimit(redirection: String) async throws {
        let process = shell("yes \(redirection)", outputLimit: 100_000)
        await #expect(throws: ChildProcessError.tooMuchOutput(limit: 100_000)) { try await process.run() }
    }

    @Test("What is cancelled before it starts is never started")
    func cancellationBefore() async throws {
        try await withFile { file in
            let task = Task {
                // The cancellation is there before the program is.
                while !Task.isCancelled { await Task.yield() }
                return try await stubborn(file).run()
            }
            task.cancel()
            #expect(await task.result.failure == .cancelled)
            #expect(words(in: file).isEmpty)
        }
    }

    @Test(
        "What is cancelled while it starts, or soon after, is ended", arguments: [0, 100, 500, 1_000, 3_000])
    func cancellationDuring(microseconds: Int) async throws {
        for _ in 0..<5 {
            try await withFile { file in
                let task = Task { try await stubborn(file).run() }
                try await Task.sleep(for: .microseconds(microseconds))
                task.cancel()
                #expect(await task.result.failure == .cancelled)
                let left = try await running(file)
                #expect(left.isEmpty)
            }
        }
    }

    @Test("What is cancelled while it runs is ended with all that it started")
    func cancellationAfter() async throws {
        try await withFile { file in
            let task = Task { try await stubborn(file).run() }
            for _ in 0..<10_000 where words(in: file).isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            task.cancel()
            #expect(await task.result.failure == .cancelled)
            #expect(words(in: file).count == 2)
            let left = try await running(file)
            #expect(left.isEmpty)
        }
    }

    @Test("A program that ends while what it started holds its outputs is not waited for")
    func outliving() async throws {
        try await withFile { file in
            let output = try await shell("sleep 300 & echo $! >\(file); echo done").run()
            #expect(output == .init(exitCode: 0, standardOutput: "done\n", standardError: ""))
            let sleeping = try #require(words(in: file).first.flatMap { pid_t($0) })
            #expect(kill(sleeping, SIGKILL) == 0)
        }
    }

    @Test("A program that closes its outputs is waited for")
    func closedOutputs() async throws {
        #expect(try await shell("exec >&- 2>&-; sleep 0.2; exit 7").run().exitCode == 7)
    }
}

extension Result {
    fileprivate var failure: ChildProcessError? {
        if case .failure(let error) = self { error as? ChildProcessError } else { nil }
    }
}
