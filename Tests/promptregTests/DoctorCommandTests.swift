import ArgumentParsing
import Health
import Jobs
import Prompts
import Testing

@testable import promptreg

@Suite struct DoctorCommandTests {
    private func command(_ line: String) throws -> DoctorCommand { try DoctorCommand.read(line) }

    @Test func flagsArriveWhereTheyBelong() throws {
        let command = try command(
            "doctor jobs/a.yaml -t prod --registry file:x --catalog c --var a=1 --timeout 5m --insecure-http "
                + "--format json")
        #expect(command.specPath == "jobs/a.yaml" && command.view.job.inputs.target == "prod")
        #expect(command.view.job.inputs.catalog == "c" && command.view.job.inputs.variables == ["a": "1"])
        #expect(command.view.job.registry == "file:x" && command.view.remote.allowsInsecureHTTP)
        #expect(command.view.remote.timeout == .seconds(300) && command.view.format == .json)
    }

    @Test func checksTakeHalfAMinuteAtMost() throws {
        #expect(try command("doctor").view.remote.timeout == .seconds(30))
    }

    @Test(arguments: ["doctor", "doctor --registry file:x", "doctor --catalog main --schema my-agents"])
    func noJobIsNeeded(line: String) throws {
        #expect(try command(line).specPath == nil)
    }

    @Test(arguments: [
        "doctor --job a.yaml b.yaml", "doctor --catalog main", "doctor --schema agents",
        "doctor --catalog a.b --schema c", "doctor --catalog a --schema ä", "doctor a.yaml b.yaml",
        "doctor --timeout never",
    ])
    func whatCannotBeMeantIsRefused(line: String) {
        #expect(throws: UsageError.self) { try command(line) }
    }
}

@Suite struct HealthExitCodeTests {
    private func code(_ codes: RegistryError.Code...) -> ExitCode {
        let failures = codes.map { HealthCheckResult.fail(.reading, RegistryError($0, "x")) }
        return ExitCode([.ok(.registry, "x"), .warn(.clock, "x"), .skip(.server, "x")] + failures)
    }

    @Test func nothingThatFailedIsDone() { #expect(code() == .done) }

    @Test(arguments: [
        (RegistryError.Code.unreachable, ExitCode.unreachable), (.notARegistry, .unreachable),
        (.corrupt, .unreachable), (.unauthenticated, .notPermitted), (.permissionDenied, .notPermitted),
        (.invalidAddress, .usage), (.notFound, .failed), (.storageFull, .failed), (.failed, .failed),
        (.invalidValue, .failed),
    ])
    func everyFailureHasACode(failure: RegistryError.Code, exit: ExitCode) { #expect(code(failure) == exit) }

    @Test func theWayToTheRegistryComesFirst() {
        #expect(code(.failed, .permissionDenied, .unreachable) == .unreachable)
        #expect(code(.notFound, .unauthenticated) == .notPermitted)
    }
}

@Suite struct RegistryChoiceTests {
    @Test func whoNamesARegistryIsKnown() throws {
        func origin(_ passed: String?, _ environment: [String: String]) throws -> RegistryChoice.Origin {
            try RegistryChoice(passed: passed, job: nil, environment: environment).origin
        }
        let both = ["MLFLOW_REGISTRY_URI": "file:a", "MLFLOW_TRACKING_URI": "file:b"]
        #expect(try origin("file:x", both) == .flag)
        #expect(try origin(nil, both) == .variable("MLFLOW_REGISTRY_URI"))
        #expect(try origin(nil, ["MLFLOW_TRACKING_URI": "file:b"]) == .variable("MLFLOW_TRACKING_URI"))
        #expect(try origin(nil, ["MLFLOW_REGISTRY_URI": ""]) == .none)
    }
}
