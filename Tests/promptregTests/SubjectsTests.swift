import Prompts
import Testing

@testable import promptreg

@Suite struct SubjectsTests {
    @Test(arguments: [
        "jobs/a.yaml", "a.yml", "A.YAML", "./a", "../a", "/srv/a", "/dev/null", "Package.swift",
        "jobs/health", "job/health_monitor", "jobs/",
    ])
    func jobsAreFiles(text: String) { #expect(Subjects.isPath(text)) }

    @Test(arguments: [
        "prompts:/a.yaml", "a", "c.s.prompt_a", "Sources", "c.s.prompt_a/3", "c.s.prompt_a@staging", "jobs/3",
        "jobs",
    ])
    func promptsAreNames(text: String) { #expect(!Subjects.isPath(text)) }

    @Test(arguments: ["", "none/a", "a b", "prompts:/jobs/a.yaml", "sqlite:x"])
    func theRestIsAMistake(text: String) {
        #expect(!Subjects.isPath(text))
        let failure = #expect(throws: CommandFailure.self) { try PromptURI(argument: text) }
        #expect(failure?.exitCode == .usage)
    }
}

@Suite struct RegistryPrecedenceTests {
    private func address(_ passed: String?, _ environment: [String: String]) throws -> String {
        try RegistryChoice(passed: passed, job: nil, environment: environment).address.description
    }

    @Test func theFlagThenTheEnvironmentThenTheFolder() throws {
        let both = ["MLFLOW_REGISTRY_URI": "http://one", "MLFLOW_TRACKING_URI": "http://two"]
        #expect(try address("http://flag", both) == "http://flag")
        #expect(try address(nil, both) == "http://one")
        #expect(
            try address(nil, ["MLFLOW_REGISTRY_URI": "", "MLFLOW_TRACKING_URI": "http://two"]) == "http://two"
        )
        #expect(try address(nil, [:]) == "file:\(ProcessEnvironment.currentFolder)/mlruns")
    }
}
