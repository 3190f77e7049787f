import ArgumentParsing
import Jobs
import Testing
@testable import promptreg


@Suite struct CommandTableTests {
    @Test func theTableIsSound() {
        #expect(Program.promptreg.problems() == [])
    }

    @Test func everyExitCodeOfTheContractIsDocumented() {
        #expect(
            Program.promptreg.exitCodes.map(\.code) == [0, 1, 2, 64, 65, 69, 75, 77, 130, 143])
    }
}

@Suite struct RunSettingsTests {
    private func settings(_ line: String) throws -> RunSettings {
        let words = line.split(separator: " ").map(String.init)
        guard case .run(let parsed) = try Program.promptreg.parse(words) else {
            throw UsageError(.missingCommand, program: "promptreg")
        }
        return try RunSettings(parsed, environment: [:])
    }

    @Test func flagsArriveWhereTheyBelong() throws {
        let settings = try settings(
            "run jobs/a.yaml -t prod --registry file:x --catalog c --schema s --var a=1 --var b=x=y --select a,b "
                + "--select c* --alias dev --alias qa --force -m Why --concurrency 3 --fail-fast --report a.json "
                + "--report b.MD --report c.xml --format json --no-progress "
                + "--timeout 10m --insecure-http")
        #expect(
            settings.specPath == "jobs/a.yaml" && settings.batch.registry.address == "file:x"
                && settings.force)
        #expect(settings.inputs.target == "prod" && settings.inputs.variables == ["a": "1", "b": "x=y"])
        #expect(settings.inputs.catalog == "c" && settings.inputs.schema == "s")
        #expect(settings.inputs.aliases == ["dev", "qa"] && settings.batch.select == ["a", "b", "c*"])
        #expect(settings.message == "Why" && settings.batch.concurrency == 3 && settings.batch.failFast)
        #expect(settings.batch.reports.map(\.format) == [.json, .markdown, .junit])
        #expect(settings.batch.format == .json && !settings.batch.showsProgress)
        #expect(
            settings.batch.registry.timeout == .seconds(600) && settings.batch.registry.allowsInsecureHTTP)
    }

    @Test func defaultsAreTheDocumentedOnes() throws {
        let settings = try settings("plan a.yaml")
        #expect(
            settings.batch.concurrency == 8 && settings.batch.format == .text && settings.batch.showsProgress)
        #expect(
            !settings.force && !settings.batch.isDryRun && settings.batch.reports.isEmpty
                && settings.batch.select.isEmpty)
        #expect(
            settings.batch.registry.timeout == .seconds(300) && !settings.batch.registry.allowsInsecureHTTP)
    }

    @Test(arguments: [
        "run", "run a.yaml --var x", "run a.yaml --var =x", "run a.yaml --var a=1 --var a=2",
        "run a.yaml --concurrency 0", "run a.yaml --concurrency x", "run a.yaml --concurrency 1000",
        "run a.yaml --timeout soon", "plan a.yaml --timeout=", "plan a.yaml --timeout 0s",
        "run a.yaml --report x.txt", "run a.yaml --report json", "run --plan p --target x",
        "run --plan p --force",
        "run a.yaml --plan p --select x", "run a.yaml --select=", "run a.yaml --select a --select ,",
    ])
    func whatCannotBeMeantIsRefused(line: String) {
        #expect(throws: UsageError.self) { try settings(line) }
    }

    @Test func aSavedPlanIsCarriedOutWithinAnyTime() throws {
        let settings = try settings("run --plan p --timeout 90 --insecure-http")
        #expect(settings.batch.registry.timeout == .seconds(90) && settings.batch.registry.allowsInsecureHTTP)
    }

    @Test func aSavedPlanNeedsNoJob() throws {
        #expect(try settings("run --plan p").planFile == "p")
    }
}
