import ArgumentParsing
import Jobs
import Planning
import Testing

@testable import promptreg

@Suite struct CommandTableTests {
    @Test func everyExitCodeOfTheContractIsDocumented() {
        #expect(
            Program.promptreg.exitCodes.map(\.name).joined(separator: " ") == "0 1 2 64 65 69 75 77 130 143")
    }

    /// The limit counts from the beginning, while files are read.
    @Test func everyCommandWithATimeLimitReachesARegistry() {
        for (type, command) in zip(Tool.commands, Program.promptreg.commands) {
            let hasLimit = command.flags.contains { $0.name == "timeout" }
            #expect(!hasLimit || type is any RegistryCommand.Type, "\(type.name)")
        }
    }
}

extension ToolCommand {
    /// Reads a command line, split at blanks.
    static func read(_ line: String) throws -> Self {
        let words = line.split(separator: " ").map(String.init)
        return try read(words)
    }

    /// Reads the words of a command line.
    static func read(_ words: [String]) throws -> Self {
        guard case .run(let parsed) = try Program.promptreg.parse(words) else {
            throw UsageError(.missingCommand, program: "promptreg")
        }
        return try read(parsed)
    }
}

@Suite struct RunOptionsTests {
    @Test func flagsArriveWhereTheyBelong() throws {
        let job = try RunCommand.read(
            "run jobs/a.yaml -t prod --registry file:x --catalog c --schema s --var a=1 --var b=x=y --select a,b "
                + "--select c* --alias dev --alias qa --force -m Why --concurrency 3 --fail-fast --report a.json "
                + "--report b.MD --report c.xml --format json --no-progress "
                + "--timeout 10m --insecure-http"
        ).job
        let request = job.request
        #expect(request.specPath == "jobs/a.yaml" && request.registry == "file:x" && request.force)
        #expect(request.inputs.target == "prod" && request.inputs.variables == ["a": "1", "b": "x=y"])
        #expect(request.inputs.catalog == "c" && request.inputs.schema == "s")
        #expect(request.inputs.aliases == ["dev", "qa"] && request.select == ["a", "b", "c*"])
        #expect(request.message == "Why" && job.batch.concurrency == 3 && job.batch.failFast)
        #expect(job.batch.reports.map(\.format) == [.json, .markdown, .junit])
        #expect(job.batch.format == .json && job.batch.hidesProgress)
        #expect(job.remote.timeout == .seconds(600) && job.remote.allowsInsecureHTTP)
    }

    @Test func defaultsAreTheDocumentedOnes() throws {
        let job = try PlanCommand.read("plan a.yaml").job
        #expect(job.batch == BatchOptions() && job.remote == RegistryOptions())
        #expect(job.batch.concurrency == 8 && job.batch.format == .text && !job.batch.hidesProgress)
        #expect(job.remote.timeout == .seconds(300) && !job.remote.allowsInsecureHTTP)
        #expect(!job.request.force && job.request.select.isEmpty)
    }

    @Test(arguments: ["a,   b", " a , b ", "a,\tb,,"])
    func blanksAroundSelectedNamesDoNotCount(names: String) throws {
        #expect(try RunCommand.read(["run", "a.yaml", "--select", names]).job.request.select == ["a", "b"])
    }

    @Test(arguments: [
        "run a.yaml --var x", "run a.yaml --var =x", "run a.yaml --var a=1 --var a=2",
        "run a.yaml --concurrency 0", "run a.yaml --concurrency x", "run a.yaml --concurrency 1000",
        "run a.yaml --timeout soon", "run a.yaml --timeout=", "run a.yaml --timeout 0s",
        "run a.yaml --report x.txt", "run a.yaml --report json", "run --plan p --catalog x",
        "run --plan p --force", "run --plan p --prune",
        "run a.yaml --plan p --select x", "run a.yaml --select=", "run a.yaml --select a --select ,",
        "run a.yaml --prune --select a",
    ])
    func whatCannotBeMeantIsRefused(line: String) {
        #expect(throws: UsageError.self) { try RunCommand.read(line) }
    }

    @Test func aSavedPlanIsCarriedOutWithinAnyTime() throws {
        let job = try RunCommand.read("run --plan p --timeout 90 --insecure-http").job
        #expect(job.remote.timeout == .seconds(90) && job.remote.allowsInsecureHTTP)
    }

    @Test func aSavedPlanNeedsNoJob() throws {
        #expect(try RunCommand.read("run --plan p").planFile == "p")
    }
}

@Suite struct RollbackOptionsTests {
    @Test(arguments: [
        "rollback --from-report a.json --report b.json", "rollback --report a.json --report-to b.json",
        "rollback --report-to b.json --report a.json", "rollback --from-report a.json --select x",
        "rollback a.yaml --alias production --report b.json", "rollback --alias production",
        "rollback c.s.a c.s.b --alias x --to 3",
    ])
    func reportsAreReadAndWritten(line: String) throws { _ = try RollbackCommand.read(line) }

    @Test(arguments: [
        "rollback", "rollback a.yaml", "rollback --to 3", "rollback c.s.a --alias latest",
        "rollback --from-report a.json b.yaml", "rollback --from-report a.json --alias x",
        "rollback --from-report a.json --target x", "rollback --report a.json --to 3",
        "rollback a.yaml b.yaml --alias x", "rollback c.s.a --alias x --select y",
        "rollback c.s.a/3 --alias x", "rollback c.s.a --alias x --to 0",
    ])
    func whatCannotBeMeantIsRefused(line: String) {
        #expect(throws: UsageError.self) { try RollbackCommand.read(line) }
    }
}
